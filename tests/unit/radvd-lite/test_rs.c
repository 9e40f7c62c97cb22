/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/radvd-lite/test_rs.c
 *
 * Which packets are Router Solicitations that deserve an answer: RFC 4861 6.1.1, one row at
 * least for each verdict and for each order of two faults that matters.
 */
#include "radvd-lite/rs.h"
#include "tests/unit/radvd-lite/ra_rows.h"

#define HOST "fe800000000000000000000000000002"
#define NOBODY "00000000000000000000000000000000"
#define ROUTERS "ff020000000000000000000000000002"
#define RS "8500 0000 00000000" /* type, code, checksum, reserved */
#define MAC "0101 02000000000a"

static const struct {
	const char *what;
	const char *packet; /* checksum 0000: the test fills in the right one */
	enum rs_verdict verdict;
	bool has_mac;
} rows[] = {
	{ "a bare RS", "60000000 0008 3a ff" HOST ROUTERS RS, RS_VALID, false },
	{ "an RS with a MAC", "60000000 0010 3a ff" HOST ROUTERS RS MAC, RS_VALID, true },
	{ "an RS from ::", "60000000 0008 3a ff" NOBODY ROUTERS RS, RS_VALID, false },
	{ "an RS to one router", "60000000 0008 3a ff" HOST HOST RS, RS_VALID, false },
	{ "traffic class and flow label do not count", "6fffffff 0008 3a ff" HOST ROUTERS RS,
	  RS_VALID, false },
	{ "the reserved field does not count",
	  "60000000 0008 3a ff" HOST ROUTERS "8500 0000 ffffffff", RS_VALID, false },
	{ "unknown options do not count",
	  "60000000 0018 3a ff" HOST ROUTERS RS "0e01 010203040506" MAC, RS_VALID, true },
	{ "Ethernet's padding does not count",
	  "60000000 0008 3a ff" HOST ROUTERS RS "0000000000000000", RS_VALID, false },
	{ "an option in Ethernet's padding does not count",
	  "60000000 0008 3a ff" HOST ROUTERS RS MAC, RS_VALID, false },
	{ "of two MACs the first counts",
	  "60000000 0018 3a ff" HOST ROUTERS RS MAC "0101 02000000000b", RS_VALID, true },
	{ "a MAC of two units is none of Ethernet's",
	  "60000000 0018 3a ff" HOST ROUTERS RS "0102 02000000000a 0000000000000000", RS_VALID,
	  false },
	{ "a group's MAC is nobody's", "60000000 0010 3a ff" HOST ROUTERS RS "0101 333300000001",
	  RS_VALID, false },
	{ "scapy: with a MAC", "6000000000103aff" HOST ROUTERS "85007a2200000000010102000000000a",
	  RS_VALID, true },
	{ "scapy: from ::", "6000000000083aff" NOBODY ROUTERS "85007bb800000000", RS_VALID, false },

	{ "hop limit 254", "60000000 0008 3a fe" HOST ROUTERS RS, RS_BAD_HOP_LIMIT, false },
	{ "hop limit 0", "60000000 0008 3a 00" HOST ROUTERS RS, RS_BAD_HOP_LIMIT, false },
	{ "scapy: hop limit 254", "6000000000083afe" HOST ROUTERS "85007d3500000000",
	  RS_BAD_HOP_LIMIT, false },
	{ "a checksum that is one too much",
	  "60000000 0008 3a ff" HOST ROUTERS "8500 7d36 00000000", RS_BAD_CHECKSUM, false },
	{ "no checksum, the right one would be another",
	  "60000000 0008 3a ff" HOST ROUTERS "8500 ffff 00000000", RS_BAD_CHECKSUM, false },
	{ "the checksum of another source", "60000000 0008 3a ff" HOST ROUTERS "8500 7bb8 00000000",
	  RS_BAD_CHECKSUM, false },
	{ "code 1", "60000000 0008 3a ff" HOST ROUTERS "8501 0000 00000000", RS_BAD_CODE, false },
	{ "scapy: code 1", "6000000000083aff" HOST ROUTERS "85017d3400000000", RS_BAD_CODE, false },
	{ "a message of 7 bytes", "60000000 0007 3a ff" HOST ROUTERS "8500 0000 000000",
	  RS_TOO_SHORT, false },
	{ "a message of 6 bytes, v6LC.2.2.4 D",
	  "60000000 0006 3a ff" HOST ROUTERS "8500 0000 00000000", RS_TOO_SHORT, false },
	{ "a message of one byte", "60000000 0001 3a ff" HOST ROUTERS "85", RS_TOO_SHORT, false },
	{ "a payload length of 0", "60000000 0000 3a ff" HOST ROUTERS RS, RS_TOO_SHORT, false },
	{ "a payload that is not all there", "60000000 0009 3a ff" HOST ROUTERS RS, RS_TOO_SHORT,
	  false },
	{ "the longest payload length", "60000000 ffff 3a ff" HOST ROUTERS RS MAC, RS_TOO_SHORT,
	  false },
	{ "an option of length 0", "60000000 0010 3a ff" HOST ROUTERS RS "0100 02000000000a",
	  RS_BAD_OPTION, false },
	{ "an option of length 0 behind a good one",
	  "60000000 0018 3a ff" HOST ROUTERS RS MAC "0e00 000000000000", RS_BAD_OPTION, false },
	{ "an option of length 0 at the very end", "60000000 000a 3a ff" HOST ROUTERS RS "0100",
	  RS_BAD_OPTION, false },
	{ "an option longer than the message",
	  "60000000 0010 3a ff" HOST ROUTERS RS "0102 02000000000a", RS_BAD_OPTION, false },
	{ "an option that ends in Ethernet's padding", "60000000 000c 3a ff" HOST ROUTERS RS MAC,
	  RS_BAD_OPTION, false },
	{ "half an option header", "60000000 0009 3a ff" HOST ROUTERS RS "01", RS_BAD_OPTION,
	  false },
	{ "a MAC from ::", "60000000 0010 3a ff" NOBODY ROUTERS RS MAC, RS_UNSPECIFIED_WITH_MAC,
	  false },
	{ "scapy: a MAC from ::",
	  "6000000000103aff" NOBODY ROUTERS "850078a500000000010102000000000a",
	  RS_UNSPECIFIED_WITH_MAC, false },
	{ "a MAC from :: in two units is one all the same",
	  "60000000 0018 3a ff" NOBODY ROUTERS RS "0102 02000000000a 0000000000000000",
	  RS_UNSPECIFIED_WITH_MAC, false },
	{ "from :: with a bad option behind the MAC",
	  "60000000 0012 3a ff" NOBODY ROUTERS RS MAC "0e00", RS_BAD_OPTION, false },
	{ "another option from :: is fine",
	  "60000000 0010 3a ff" NOBODY ROUTERS RS "0e01 010203040506", RS_VALID, false },
	{ "from a group: the answer would go to all of it",
	  "60000000 0008 3a ff ff020000000000000000000000000001" ROUTERS RS, RS_BAD_SOURCE, false },
	{ "a Router Advertisement",
	  "60000000 0010 3a ff" HOST ROUTERS "8600 0000 00000000 00000000 00000000", RS_NOT_RS,
	  false },
	{ "scapy: a Neighbor Solicitation",
	  "6000000000183aff" HOST "ff0200000000000000000001ff000001"
	  "87007da200000000fe800000000000000000000000000001",
	  RS_NOT_RS, false },
	{ "UDP", "60000000 0008 11 ff" HOST ROUTERS RS, RS_NOT_RS, false },
	{ "an RS behind a hop-by-hop header",
	  "60000000 0010 00 ff" HOST ROUTERS "3a00 010400000000" RS, RS_NOT_RS, false },
	{ "IP version 4", "40000000 0008 3a ff" HOST ROUTERS RS, RS_NOT_RS, false },
	{ "39 bytes", "60000000 0008 3a ff" HOST "ff0200000000000000000000000000", RS_NOT_RS,
	  false },
	{ "a header without a message", "60000000 0000 3a ff" HOST ROUTERS, RS_NOT_RS, false },
	{ "no bytes", "", RS_NOT_RS, false },
};

/* The checksum again, by another way than base/ goes: RFC 4443 2.3, byte by byte. */
static uint16_t checksum_of(const uint8_t *packet, size_t payload_len)
{
	uint64_t sum = payload_len + 58;

	for (size_t i = 8; i < 40 + payload_len; i++)
		sum += i % 2 == 0 ? packet[i] * 256u : packet[i];
	while (sum > 0xffff)
		sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)~sum;
}

/* The packet in memory of its own, so that a sanitizer sees its end. */
static struct bytes packet_of(const char *text)
{
	uint8_t buffer[256];
	struct bytes packet = hex(text, buffer, sizeof(buffer));
	uint8_t *copy = malloc(packet.len + 1);
	size_t payload_len = packet.len >= 44 ? (size_t)(buffer[4] << 8 | buffer[5]) : 0;

	assert_non_null(copy);
	if (payload_len >= 4 && payload_len <= packet.len - 40 && !buffer[42] && !buffer[43]) {
		uint16_t sum = checksum_of(buffer, payload_len);
		buffer[42] = (uint8_t)(sum >> 8);
		buffer[43] = (uint8_t)sum;
	}
	memcpy(copy, buffer, packet.len);
	return (struct bytes) { .data = copy, .len = packet.len };
}

static void packets_are_judged(void **state)
{
	static const struct mac local = LOCAL_MAC, zero = { { 0 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes packet = packet_of(rows[i].packet);
		struct rs rs = { .has_source_mac = true };
		enum rs_verdict verdict = rs_check(packet, &rs);

		free((void *)packet.data);
		if (verdict != rows[i].verdict)
			fail_msg("%s: %s", rows[i].what, rs_verdict_name[verdict]);
		if (rs.has_source_mac != rows[i].has_mac ||
		    !mac_equal(&rs.source_mac, rows[i].has_mac ? &local : &zero))
			fail_msg("%s: another MAC", rows[i].what);
	}
}

/* Every bit but those of traffic class and flow label is under some check. */
static void no_bit_may_flip(void **state)
{
	struct bytes packet = packet_of("60000000 0010 3a ff" HOST ROUTERS RS MAC);
	uint8_t *data = (uint8_t *)packet.data;
	struct rs rs;

	assert_int_equal(rs_check(packet, &rs), RS_VALID);
	for (size_t bit = 0; bit < packet.len * 8; bit++) {
		bool free_bit = bit >= 4 && bit < 32;

		data[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
		if ((rs_check(packet, &rs) == RS_VALID) != free_bit)
			fail_msg("bit %zu of byte %zu can flip unseen", bit % 8, bit / 8);
		data[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
	}
	free(data);
}

static void verdicts_have_names(void **state)
{
	for (unsigned i = 0; i < RS_VERDICTS; i++) {
		assert_non_null(rs_verdict_name[i]);
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(rs_verdict_name[i], rs_verdict_name[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_are_judged),
		cmocka_unit_test(no_bit_may_flip),
		cmocka_unit_test(verdicts_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
