/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/test_packet.c
 *
 * Golden frames (made with scapy, checked by hand), the checksum against a plain one, and
 * the questions that addresses answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/packet.h"
#include "tests/unit/base/hex.h"

#define HEADERS_LEN (ETHER_HEADER_LEN + IP6_HEADER_LEN)

static struct packet_ends ends_between(const char *destination)
{
	struct packet_ends ends = { .mac_source = { { 2, 0, 0x5e, 0x10, 0, 1 } },
				    .mac_destination = { { 2, 0, 0x5e, 0x10, 0, 2 } } };

	assert_int_equal(ip6_parse("fe80::1", &ends.source, NULL), 0);
	assert_int_equal(ip6_parse(destination, &ends.destination, NULL), 0);
	return ends;
}

/* Fails unless the writer holds exactly `golden`. */
static void assert_frame(const char *what, const struct writer *w, const char *golden)
{
	uint8_t buf[256];
	struct bytes wanted = hex(golden, buf, sizeof(buf));

	if (w->full || w->len != wanted.len)
		fail_msg("%s: full=%d, %zu bytes instead of %zu", what, w->full, w->len,
			 wanted.len);
	for (size_t i = 0; i < wanted.len; i++)
		if (w->buf[i] != wanted.data[i])
			fail_msg("%s: byte %zu is %02x instead of %02x", what, i, w->buf[i],
				 wanted.data[i]);
}

static const struct {
	const char *what, *message, *golden;
} icmp6_frames[] = {
	{ "a Router Advertisement to all nodes", "86 00 0000 40 08 0000 00000000 00000000",
	  "333300000001 02005e100001 86dd\n" /* Ethernet */
	  "60000000 0010 3a ff\n"	     /* 16 bytes of ICMPv6, hop limit 255 */
	  "fe800000000000000000000000000001\n"
	  "ff020000000000000000000000000001\n"
	  "86 00 3c27 40 08 0000 00000000 00000000\n" },
	{ "a message of its head alone", "85 00 0000",
	  "333300000001 02005e100001 86dd\n"
	  "60000000 0004 3a ff\n"
	  "fe800000000000000000000000000001\n"
	  "ff020000000000000000000000000001\n"
	  "85 00 7d3b\n" },
	{ "a message of odd length", "85 00 0000 01",
	  "333300000001 02005e100001 86dd\n"
	  "60000000 0005 3a ff\n"
	  "fe800000000000000000000000000001\n"
	  "ff020000000000000000000000000001\n"
	  "85 00 7c3a 01\n" },
};

static void icmp6_frames_are_golden(void **state)
{
	struct packet_ends ends = ends_between("ff02::1");

	ends.mac_destination = mac_of_group(&ends.destination);
	for (size_t i = 0; i < ARRAY_LEN(icmp6_frames); i++) {
		uint8_t message[64], room[256];
		struct writer w = writer_over(room, sizeof(room));

		packet_icmp6(&w, &ends, hex(icmp6_frames[i].message, message, sizeof(message)));
		assert_frame(icmp6_frames[i].what, &w, icmp6_frames[i].golden);
	}
}

static const struct {
	const char *what, *payload, *golden;
} udp6_frames[] = {
	{ "an odd number of bytes", "07 010203 00",
	  "02005e100002 02005e100001 86dd\n"
	  "60000000 000d 11 40\n" /* hop limit 64 */
	  "fe800000000000000000000000000001\n"
	  "fe800000000000000000000000000002\n"
	  "0223 0222 000d f586\n"
	  "07 010203 00\n" },
	{ "no payload", "",
	  "02005e100002 02005e100001 86dd\n"
	  "60000000 0008 11 40\n"
	  "fe800000000000000000000000000001\n"
	  "fe800000000000000000000000000002\n"
	  "0223 0222 0008 fe94\n" },
	{ "a checksum of zero is sent as ffff (RFC 8200 section 8.1)", "fe90",
	  "02005e100002 02005e100001 86dd\n"
	  "60000000 000a 11 40\n"
	  "fe800000000000000000000000000001\n"
	  "fe800000000000000000000000000002\n"
	  "0223 0222 000a ffff\n"
	  "fe90\n" },
};

static void udp6_frames_are_golden(void **state)
{
	struct packet_ends ends = ends_between("fe80::2");

	for (size_t i = 0; i < ARRAY_LEN(udp6_frames); i++) {
		uint8_t payload[64], room[256];
		struct writer w = writer_over(room, sizeof(room));

		packet_udp6(&w, &ends, 547, 546,
			    hex(udp6_frames[i].payload, payload, sizeof(payload)));
		assert_frame(udp6_frames[i].what, &w, udp6_frames[i].golden);
	}
}

static uint8_t much[UINT16_MAX + 1];
static uint8_t wide[HEADERS_LEN + UINT16_MAX + 1];

static const struct {
	const char *what;
	size_t cap, message_len, udp_payload_len;
	bool fits;
} sizes[] = {
	{ "exactly enough room", HEADERS_LEN + 16, 16, 8, true },
	{ "one byte too little room", HEADERS_LEN + 15, 16, 8, false },
	{ "room for the headers only", HEADERS_LEN, 16, 8, false },
	{ "no room", 0, 16, 8, false },
	{ "the longest IPv6 payload", sizeof(wide), UINT16_MAX, UINT16_MAX - 8, true },
	{ "one byte longer", sizeof(wide), UINT16_MAX + 1, UINT16_MAX - 7, false },
};

static void what_does_not_fit_fails(void **state)
{
	struct packet_ends ends = ends_between("fe80::2");

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct writer w = writer_over(wide, sizes[i].cap);

		packet_icmp6(&w, &ends, (struct bytes) { much, sizes[i].message_len });
		if (w.full == sizes[i].fits)
			fail_msg("ICMPv6: %s: full=%d", sizes[i].what, w.full);
		w = writer_over(wide, sizes[i].cap);
		packet_udp6(&w, &ends, 1, 2, (struct bytes) { much, sizes[i].udp_payload_len });
		if (w.full == sizes[i].fits)
			fail_msg("UDP: %s: full=%d", sizes[i].what, w.full);
	}
}

static void an_icmp6_message_without_a_checksum_field_fails(void **state)
{
	struct packet_ends ends = ends_between("fe80::2");

	for (size_t len = 0; len < 4; len++) {
		struct writer w = writer_over(wide, sizeof(wide));

		packet_icmp6(&w, &ends, (struct bytes) { much, len });
		assert_true(w.full);
		writer_u8(&w, 0);
		assert_int_equal(w.len, 0);
	}
}

static void rfc_1071_example(void **state)
{
	static const uint8_t data[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };
	uint32_t sum = checksum_add(0, (struct bytes) { data, sizeof(data) });

	/* section 3: the sum is ddf2 */
	assert_int_equal(checksum_fold(sum), 0xddf2);
	assert_int_equal(checksum_finish(sum), 0x220d);
}

static void tcp_over_ip4_example(void **state)
{
	uint8_t buf[64];
	/* 192.0.2.1:1000 to 198.51.100.7:443, seq 1, ack 2, PSH ACK, "abc" */
	struct bytes segment =
		hex("03e8 01bb 00000001 00000002 5018 2000 d984 0000 616263", buf, sizeof(buf));
	uint32_t sum = checksum_pseudo4(0xc0000201, 0xc6336407, IP_TCP, (uint16_t)segment.len);

	assert_int_equal(checksum_fold(checksum_add(sum, segment)), 0xffff);
	buf[16] = buf[17] = 0;
	assert_int_equal(checksum_finish(checksum_add(sum, segment)), 0xd984);
}

/* 16 bits at a time, as the RFC has it. */
static uint16_t plain_sum(const uint8_t *data, size_t len)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 == 0 ? (uint64_t)data[i] << 8 : data[i];
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void every_length_and_alignment_has_the_plain_sum(void **state)
{
	uint32_t random = 1;

	for (size_t len = 0; len < 200; len++) {
		for (size_t offset = 0; offset < 8; offset++) {
			uint8_t *data = malloc(offset + len + 1);

			for (size_t i = 0; i < len; i++) {
				random = random * 1664525 + 1013904223;
				/* many ff: carries everywhere */
				data[offset + i] = random >> 31 ? 0xff : (uint8_t)(random >> 16);
			}
			struct bytes bytes = { data + offset, len };
			if (checksum_fold(checksum_add(0, bytes)) != plain_sum(data + offset, len))
				fail_msg("length %zu, offset %zu", len, offset);
			free(data);
		}
	}
}

static void a_superframe_of_ones_keeps_every_carry(void **state)
{
	memset(much, 0xff, sizeof(much));
	for (size_t len = sizeof(much) - 70; len <= sizeof(much); len++) {
		uint32_t sum = checksum_add(0xffffffff, (struct bytes) { much, len });

		/* ffff is one's complement zero: only an odd last byte counts */
		assert_int_equal(checksum_fold(sum), len % 2 == 0 ? 0xffff : 0xff00);
	}
}

static void pieces_add_up_to_the_whole(void **state)
{
	for (size_t i = 0; i < sizeof(much); i++)
		much[i] = (uint8_t)(i * 7 + (i >> 8));
	uint16_t whole = checksum_fold(checksum_add(0, (struct bytes) { much, 1001 }));

	for (size_t cut = 0; cut <= 1001; cut += 2) {
		uint32_t sum = checksum_add(0, (struct bytes) { much, cut });

		sum = checksum_add(sum, (struct bytes) { much + cut, 1001 - cut });
		assert_int_equal(checksum_fold(sum), whole);
	}
}

static void a_long_pseudo_header_counts_its_upper_half(void **state)
{
	struct ip6 zero = ip6_unspecified;

	assert_int_equal(checksum_fold(checksum_pseudo6(&zero, &zero, 6, 0x00020001)), 9);
	assert_int_equal(checksum_fold(checksum_pseudo4(0x00010002, 0x00030004, 6, 5)), 21);
	assert_int_equal(checksum_fold(checksum_pseudo4(0xffffffff, 0xffffffff, 1, 0)), 1);
}

static const struct {
	const char *address;
	bool multicast, link_local, unspecified;
} addresses[] = {
	{ "::", false, false, true },	    { "::1", false, false, false },
	{ "fe80::1", false, true, false },  { "febf:ffff::1", false, true, false },
	{ "fec0::1", false, false, false }, { "fe7f:ffff::1", false, false, false },
	{ "ff02::1", true, false, false },  { "ff00::", true, false, false },
	{ "feff::1", false, false, false }, { "2001:db8::1", false, false, false },
};

static void addresses_know_what_they_are(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		struct ip6 address;

		assert_int_equal(ip6_parse(addresses[i].address, &address, NULL), 0);
		if (ip6_is_multicast(&address) != addresses[i].multicast ||
		    ip6_is_link_local(&address) != addresses[i].link_local ||
		    ip6_is_unspecified(&address) != addresses[i].unspecified)
			fail_msg("%s", addresses[i].address);
	}
}

static const struct {
	const char *what, *prefix, *address;
	bool inside;
} containments[] = {
	{ "the first address", "2001:db8:1::/64", "2001:db8:1::", true },
	{ "the last address", "2001:db8:1::/64", "2001:db8:1:0:ffff:ffff:ffff:ffff", true },
	{ "the address after the last", "2001:db8:1::/64", "2001:db8:1:1::", false },
	{ "a length that cuts a byte, inside", "fe80::/10", "febf::1", true },
	{ "a length that cuts a byte, outside", "fe80::/10", "fec0::1", false },
	{ "a length of 127, inside", "fd00::2/127", "fd00::3", true },
	{ "a length of 127, outside", "fd00::2/127", "fd00::1", false },
	{ "a single address", "fd00::1/128", "fd00::1", true },
	{ "a single address's neighbour", "fd00::1/128", "fd00::", false },
	{ "everything is in ::/0", "::/0", "ffff::ffff", true },
};

static void prefixes_contain_their_addresses(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(containments); i++) {
		struct prefix6 prefix;
		struct ip6 address;

		assert_int_equal(prefix6_parse(containments[i].prefix, &prefix, NULL), 0);
		assert_int_equal(ip6_parse(containments[i].address, &address, NULL), 0);
		if (prefix6_contains(&prefix, &address) != containments[i].inside)
			fail_msg("%s", containments[i].what);
	}
}

static void masking_leaves_the_first_bits(void **state)
{
	struct prefix6 ones = { .len = 0 };

	memset(&ones.address, 0xff, sizeof(ones.address));
	for (unsigned len = 0; len <= 128; len++) {
		ones.len = (uint8_t)len;
		struct prefix6 masked = prefix6_masked(ones);

		for (unsigned bit = 0; bit < 128; bit++) {
			bool set = masked.address.octet[bit / 8] >> (7 - bit % 8) & 1;

			if (set != (bit < len))
				fail_msg("/%u: bit %u is %d", len, bit, set);
		}
		assert_int_equal(masked.len, len);
		assert_int_equal(prefix6_equal(&ones, &masked), len == 128);
	}
	struct prefix6 a = { .len = 64 }, b = { .len = 65 };
	assert_false(prefix6_equal(&a, &b));
}

static void addresses_are_made_from_others(void **state)
{
	char text[IP6_TEXT];
	struct prefix6 prefix;
	struct ip6 group;
	struct mac mac;

	/* RFC 4291 appendix A */
	assert_int_equal(prefix6_parse("fe80::/64", &prefix, NULL), 0);
	assert_int_equal(mac_parse("34-56-78-9a-bc-de", &mac, NULL), 0);
	struct ip6 address = ip6_from_eui64(&prefix, &mac);
	assert_string_equal(ip6_text(&address, text), "fe80::3656:78ff:fe9a:bcde");

	/* RFC 2464 section 7 */
	assert_int_equal(ip6_parse("ff02::1:ffab:cdef", &group, NULL), 0);
	mac = mac_of_group(&group);
	assert_memory_equal(mac.octet, "\x33\x33\xff\xab\xcd\xef", 6);
	mac = mac_of_group(&ip6_all_nodes);
	assert_true(mac_equal(&mac, &mac_all_nodes));
	assert_true(mac_is_multicast(&mac_broadcast));
	assert_true(mac_is_multicast(&mac));
	assert_false(mac_is_zero(&mac));
	assert_true(mac_is_zero(&(struct mac) { { 0 } }));
	assert_false(mac_is_zero(&(struct mac) { { [5] = 1 } }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(icmp6_frames_are_golden),
		cmocka_unit_test(udp6_frames_are_golden),
		cmocka_unit_test(what_does_not_fit_fails),
		cmocka_unit_test(an_icmp6_message_without_a_checksum_field_fails),
		cmocka_unit_test(rfc_1071_example),
		cmocka_unit_test(tcp_over_ip4_example),
		cmocka_unit_test(every_length_and_alignment_has_the_plain_sum),
		cmocka_unit_test(a_superframe_of_ones_keeps_every_carry),
		cmocka_unit_test(pieces_add_up_to_the_whole),
		cmocka_unit_test(a_long_pseudo_header_counts_its_upper_half),
		cmocka_unit_test(addresses_know_what_they_are),
		cmocka_unit_test(prefixes_contain_their_addresses),
		cmocka_unit_test(masking_leaves_the_first_bits),
		cmocka_unit_test(addresses_are_made_from_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
