/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_ecn.c - who is marked, and that nothing but the mark changes. */
#include "bridge/ecn.h"

#include "packets.h"
#include "plain_sums.h"

#define IP4_TOS(tos) ETHER("0800") "45" tos " TTTT 1234 4000 40 11 0000 c0000202 ffffffff "
#define IP4_OPTIONS(tos) \
	ETHER("0800") "46" tos " TTTT 1234 4000 40 11 0000 c0000202 ffffffff 94040000 "
#define IP6_CLASS(class) ETHER("86dd") "6" class "12345 LLLL 11 40 " CLIENT_LL ALL_NODES
#define UDP "1000 2000 000c 0000 01020304 "
#define SUPER "1000 0050 00000001 00000002 5010 ffff 0000 0000 55*3000 "

static const struct {
	const char *what;
	const char *packet;
	bool marked;
	const char *after; /* NULL: unchanged */
} rows[] = {
	{ "IPv4, ECT(0)", IP4_TOS("02") UDP, true, IP4_TOS("03") UDP },
	{ "IPv4, ECT(1)", IP4_TOS("01") UDP, true, IP4_TOS("03") UDP },
	{ "IPv4, CE before", IP4_TOS("03") UDP, true, NULL },
	{ "IPv4, not capable", IP4_TOS("00") UDP, false, NULL },
	{ "IPv4, not capable, of a class", IP4_TOS("b8") UDP, false, NULL },
	{ "IPv4, of a class, which stays", IP4_TOS("ba") UDP, true, IP4_TOS("bb") UDP },
	{ "IPv4 with options", IP4_OPTIONS("02") UDP, true, IP4_OPTIONS("03") UDP },
	{ "IPv4, padded", IP4_TOS("01") UDP "|00*14", true, IP4_TOS("03") UDP "|00*14" },
	{ "IPv4, a later fragment",
	  ETHER("0800") "4502 TTTT 1234 0100 40 11 0000 c0000202 ffffffff 55*64", true,
	  ETHER("0800") "4503 TTTT 1234 0100 40 11 0000 c0000202 ffffffff 55*64" },
	{ "IPv6, ECT(0)", IP6_CLASS("02") UDP, true, IP6_CLASS("03") UDP },
	{ "IPv6, ECT(1)", IP6_CLASS("01") UDP, true, IP6_CLASS("03") UDP },
	{ "IPv6, CE before", IP6_CLASS("03") UDP, true, NULL },
	{ "IPv6, not capable", IP6_CLASS("00") UDP, false, NULL },
	{ "IPv6, of a class, which stays", IP6_CLASS("ba") UDP, true, IP6_CLASS("bb") UDP },
	{ "IPv6, not capable, of a class", IP6_CLASS("fc") UDP, false, NULL },
	{ "a superframe in IPv4", IP4_TOS("02") SUPER, true, IP4_TOS("03") SUPER },
	{ "a superframe in IPv6", IP6_CLASS("02") SUPER, true, IP6_CLASS("03") SUPER },
	{ "IPv6 with an unknown chain",
	  ETHER("86dd") "60200000 LLLL fd 40 " CLIENT_LL ALL_NODES "00*8", true,
	  ETHER("86dd") "60300000 LLLL fd 40 " CLIENT_LL ALL_NODES "00*8" },
	{ "ARP", ETHER("0806") "0002 0800 06 04 0001 " CLIENT_MAC "c0000202 00*6 c0000203", false,
	  NULL },
	{ "tagged IPv4", ETHER("8100") "0001 0800 4502 0020 1234 4000 4011 0000 00*20", false,
	  NULL },
	{ "IPv4 that says IPv6", ETHER("0800") "6020 TTTT 1234 4000 40 11 0000 00*20", false,
	  NULL },
	{ "IPv6 that says IPv4", ETHER("86dd") "45020000 LLLL 11 40 " CLIENT_LL ALL_NODES, false,
	  NULL },
	{ "IPv4 cut in its header", ETHER("0800") "4502 0014 1234 4000 4011 0000 c0000202 ffffff",
	  false, NULL },
	{ "IPv4 with a header longer than it is",
	  ETHER("0800") "4f02 0014 1234 4000 4011 0000 c0000202 ffffffff", false, NULL },
	{ "IPv4 with a header too short", ETHER("0800") "4402 TTTT 1234 4000 4011 0000 00*20",
	  false, NULL },
	{ "IPv4 that ends before its length",
	  ETHER("0800") "4502 0020 1234 4000 4011 0000 c0000202 ffffffff", false, NULL },
	{ "IPv6 cut in its header", ETHER("86dd") "60200000 0000 11 40 " CLIENT_LL, false, NULL },
	{ "IPv6 that ends before its length",
	  ETHER("86dd") "60200000 0010 11 40 " CLIENT_LL ALL_NODES "00*8", false, NULL },
	{ "an Ethernet header", ETHER("0800"), false, NULL },
	{ "less than an Ethernet header", "333300", false, NULL },
};

/* Fills in the header checksum of IPv4 frames that are long enough to have one. */
static void sum_header(uint8_t *frame, size_t len)
{
	size_t header_len = len > 34 ? (frame[14] & 15u) * 4 : 0;

	if (get(frame + 12, 2) != 0x0800 || header_len < 20 || 14 + header_len > len)
		return;
	put(frame + 24, 0, 2);
	put(frame + 24, ~plain_sum(0, frame + 14, header_len) & 0xffff, 2);
}

static void capable_packets_are_marked(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		static uint8_t frame[4000], expected[4000];
		size_t len = packet(rows[i].packet, frame, sizeof(frame)).len;
		const char *after = rows[i].after ? rows[i].after : rows[i].packet;

		assert_int_equal(packet(after, expected, sizeof(expected)).len, len);
		sum_header(frame, len);
		sum_header(expected, len);
		if (ecn_mark(frame, len) != rows[i].marked)
			fail_msg("%s: marked or not", rows[i].what);
		for (size_t at = 0; at < len; at++)
			if (frame[at] != expected[at])
				fail_msg("%s: byte %zu is %02x, not %02x", rows[i].what, at,
					 frame[at], expected[at]);
	}
}

/* RFC 1624: whatever the checksum, also where the sum folds to 0 or 0xffff. */
static void every_checksum_is_corrected(void **state)
{
	for (unsigned id = 0; id <= 0xffff; id++)
		for (unsigned ect = 1; ect <= 2; ect++) {
			uint8_t frame[64];
			size_t len = packet(IP4_TOS("00") UDP, frame, sizeof(frame)).len;

			frame[15] = (uint8_t)ect;
			put(frame + 18, id, 2);
			sum_header(frame, len);
			assert_true(ecn_mark(frame, len));
			if (plain_sum(0, frame + 14, 20) != 0xffff)
				fail_msg("ECT(%u), identification %04x", ect & 1, id);
		}
}

static void a_wrong_checksum_stays_wrong(void **state)
{
	uint8_t frame[64];
	size_t len = packet(IP4_TOS("02") UDP, frame, sizeof(frame)).len;

	sum_header(frame, len);
	frame[25] ^= 0x10;
	assert_true(ecn_mark(frame, len));
	assert_true(plain_sum(0, frame + 14, 20) != 0xffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capable_packets_are_marked),
		cmocka_unit_test(every_checksum_is_corrected),
		cmocka_unit_test(a_wrong_checksum_stays_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
