/* SPDX-License-Identifier: Apache-2.0 */
/* Which packets are Router Advertisements that a host would believe: RFC 4861 6.1.2, rule by rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "radvd-lite/ra_check.h"

#define PACKET_MAX 256

/* From the IPv6 header on; `message` is without checksum. */
static size_t make(uint8_t packet[static PACKET_MAX], const uint8_t *message, size_t len,
		   const char *source)
{
	struct packet_ends ends = { .mac_source = { { 2 } },
				    .mac_destination = mac_all_nodes,
				    .destination = ip6_all_nodes };
	uint8_t frame[PACKET_MAX + ETHER_HEADER_LEN];
	struct writer w = writer_over(frame, sizeof(frame));
	struct err err;

	assert_int_equal(ip6_parse(source, &ends.source, &err), 0);
	packet_icmp6(&w, &ends, (struct bytes) { message, len });
	assert_false(w.full);
	memcpy(packet, frame + ETHER_HEADER_LEN, w.len - ETHER_HEADER_LEN);
	return w.len - ETHER_HEADER_LEN;
}

static const uint8_t plain[] = { ND_RA, 0, 0, 0, 64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0 };

static void each_rule(void **state)
{
	static const struct {
		const char *what, *source;
		size_t len; /* of the message */
		struct {
			int at; /* in the packet; 0: none */
			uint8_t is;
		} before, after; /* the checksum was made */
		size_t cut;	 /* bytes that are missing at the end */
		enum ra_verdict verdict;
	} cases[] = {
		{ "valid", "fe80::1", 16, { 0 }, { 0 }, 0, RA_VALID },
		{ "forwarded", "fe80::1", 16, { 0 }, { 7, 254 }, 0, RA_BAD_HOP_LIMIT },
		{ "hop limit 0", "fe80::1", 16, { 0 }, { 7, 0 }, 0, RA_BAD_HOP_LIMIT },
		{ "from a global address", "2001:db8::1", 16, { 0 }, { 0 }, 0, RA_BAD_SOURCE },
		{ "from nobody", "::", 16, { 0 }, { 0 }, 0, RA_BAD_SOURCE },
		{ "a wrong checksum", "fe80::1", 16, { 0 }, { 46, 9 }, 0, RA_BAD_CHECKSUM },
		{ "another code", "fe80::1", 16, { 1, 1 }, { 0 }, 0, RA_BAD_MESSAGE },
		{ "too short", "fe80::1", 15, { 0 }, { 0 }, 0, RA_BAD_MESSAGE },
		{ "an option of length 0", "fe80::1", 18, { 0 }, { 0 }, 0, RA_BAD_MESSAGE },
		{ "a Router Solicitation", "fe80::1", 16, { 0, 0 }, { 40, ND_RS }, 0, RA_NOT_RA },
		{ "UDP", "fe80::1", 16, { 0 }, { 6, IP_UDP }, 0, RA_NOT_RA },
		{ "the end is missing", "fe80::1", 16, { 0 }, { 0 }, 1, RA_BAD_MESSAGE },
		{ "the header alone", "fe80::1", 16, { 0 }, { 0 }, 16, RA_NOT_RA },
		{ "half a header", "fe80::1", 16, { 0 }, { 0 }, 40, RA_NOT_RA },
		{ "nothing", "fe80::1", 16, { 0 }, { 0 }, 56, RA_NOT_RA },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t packet[PACKET_MAX], message[32] = { 0 };
		struct ip6 from = { { 0 } };
		struct ra ra;

		memcpy(message, plain, sizeof(plain));
		if (cases[i].len > sizeof(plain))
			message[16] = 200; /* an unknown option */
		if (cases[i].before.at > 0)
			message[cases[i].before.at] = cases[i].before.is;
		size_t len = make(packet, message, cases[i].len, cases[i].source);
		if (cases[i].after.at > 0)
			packet[cases[i].after.at] = cases[i].after.is;
		enum ra_verdict verdict =
			ra_check((struct bytes) { packet, len - cases[i].cut }, &from, &ra);
		if (verdict != cases[i].verdict)
			fail_msg("%s: %s", cases[i].what, ra_verdict_name[verdict]);
		if (verdict == RA_VALID && (ra.lifetime_s != 7 * 256 + 8 || from.octet[15] != 1))
			fail_msg("%s: read wrongly", cases[i].what);
	}
}

static void another_version_is_none(void **state)
{
	uint8_t packet[PACKET_MAX];
	size_t len = make(packet, plain, sizeof(plain), "fe80::1");
	struct ip6 from;
	struct ra ra;

	packet[0] = 0x40;
	assert_int_equal(ra_check((struct bytes) { packet, len }, &from, &ra), RA_NOT_RA);
}

/* Ethernet pads what is short. */
static void bytes_behind_the_payload_do_not_count(void **state)
{
	uint8_t packet[PACKET_MAX] = { 0 };
	size_t len = make(packet, plain, sizeof(plain), "fe80::1");
	struct ip6 from;
	struct ra ra;

	packet[len] = 0xff;
	assert_int_equal(ra_check((struct bytes) { packet, len + 6 }, &from, &ra), RA_VALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule),
		cmocka_unit_test(another_version_is_none),
		cmocka_unit_test(bytes_behind_the_payload_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
