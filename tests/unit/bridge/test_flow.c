/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_flow.c - which frames are one flow. */
#include "bridge/flow.h"

#include "packets.h"

#define PORTS "1000 2000 "
#define TCP PORTS "00000001 00000002 5010 ffff 0000 0000 "
#define TCP_LATER PORTS "00000fff 000000ff 5018 00ff 1234 0000 aabbccdd "
#define UDP PORTS "000c 0000 01020304 "
#define SCTP PORTS "00000001 00000000 "
#define ECHO "8000 0000 0001 0001 "
#define ECHO_OTHER "8000 0000 0002 0009 "
#define A "fd00 0000 0000 0000 0000 0000 0000 000a "
#define B "fd00 0000 0000 0000 0000 0000 0000 000b "
#define AB(next) IP6_ENDS(next, "40", A, B)
#define BA(next) IP6_ENDS(next, "40", B, A)
#define FRAGMENT(next, offset_more) next " 00 " offset_more " 00000007 "
#define HEADER(next) next " 00 0104 00000000 "
#define ARP(mac, target)                                                 \
	"ffffffffffff " mac "0806 0001 0800 06 04 0001 " mac "c0000202 " \
	"000000000000 " target

static const struct {
	const char *what, *one, *other;
	bool same;
} rows[] = {
	{ "a connection's packets", AB("06") TCP, AB("06") TCP_LATER, true },
	{ "in IPv4", IP4("06", "4000") TCP, IP4("06", "0000") TCP_LATER, true },
	{ "its other direction", AB("06") TCP, BA("06") "2000 1000 00*16 ", false },
	{ "another source port", AB("06") TCP, AB("06") "1001 2000 00*16 ", false },
	{ "another destination port", AB("06") TCP, AB("06") "1000 2001 00*16 ", false },
	{ "another source", AB("06") TCP, BA("06") TCP, false },
	{ "another protocol, same ports", AB("06") TCP, AB("11") UDP, false },
	{ "UDP ports", AB("11") UDP, AB("11") "1000 2001 000c 0000 01020304 ", false },
	{ "UDP-Lite ports", AB("88") UDP, AB("88") "1000 2001 000c 0000 01020304 ", false },
	{ "SCTP ports", AB("84") SCTP, AB("84") "1000 2001 00000001 00000000 ", false },
	{ "DCCP ports", AB("21") UDP, AB("21") "1000 2001 000c 0000 01020304 ", false },
	{ "other bytes where GRE has no ports", AB("2f") PORTS, AB("2f") "1000 2001 ", true },
	{ "a ping and the next", AB("3a") ECHO, AB("3a") ECHO_OTHER, true },
	{ "behind an extension header", AB("00") HEADER("06") TCP, AB("06") TCP, true },
	{ "a packet's fragments", AB("2c") FRAGMENT("11", "0001") UDP,
	  AB("2c") FRAGMENT("11", "0400") "55*64 ", true },
	{ "a fragment and a whole packet", AB("2c") FRAGMENT("11", "0001") UDP, AB("11") UDP,
	  false },
	{ "a packet's fragments in IPv4", IP4("11", "2000") UDP, IP4("11", "0100") "55*64 ", true },
	{ "IPv4 and the IPv6 packet of the mapped addresses", IP4("06", "4000") TCP,
	  IP6_ENDS("06", "40", "0000 0000 0000 0000 0000 ffff c000 0202 ",
		   "0000 0000 0000 0000 0000 ffff ffff ffff ") TCP,
	  false },
	{ "ARP of one host", ARP("020000000001 ", "c0000203 "), ARP("020000000001 ", "c0000204 "),
	  true },
	{ "ARP of two hosts", ARP("020000000001 ", "c0000203 "), ARP("020000000002 ", "c0000203 "),
	  false },
	{ "another type between the same hosts", "020000000001 020000000002 88b5 00*46 ",
	  "020000000001 020000000002 88b6 00*46 ", false },
	{ "an IP header cut short goes by its MACs", "020000000001 020000000002 0800 4500 0014 ",
	  "020000000001 020000000002 0800 4500 0015 ", true },
	{ "less than an Ethernet header", "0200 ", "0200 00 ", true },
	{ "TCP without ports", AB("06") "1000 ", AB("06") "2000 ", true },
};

static void frames_are_told_apart(void **state)
{
	static const struct siphash_key keys[] = { { 1, 2 }, { 0xffffffffffffffff, 0 }, { 3, 4 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t one[256], other[256];
		struct bytes a = packet(rows[i].one, one, sizeof(one));
		struct bytes b = packet(rows[i].other, other, sizeof(other));

		for (size_t k = 0; k < ARRAY_LEN(keys); k++)
			if ((flow_hash(&keys[k], a) == flow_hash(&keys[k], b)) != rows[i].same)
				fail_msg("%s: %s", rows[i].what,
					 rows[i].same ? "told apart" : "taken for one");
	}
}

/* Without the key nobody knows which flows share a place. */
static void the_key_counts(void **state)
{
	uint8_t buf[256];
	struct bytes frame = packet(AB("06") TCP, buf, sizeof(buf));
	struct siphash_key one = { 1, 2 }, k0 = { 9, 2 }, k1 = { 1, 9 };

	assert_true(flow_hash(&one, frame) != flow_hash(&k0, frame));
	assert_true(flow_hash(&one, frame) != flow_hash(&k1, frame));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_told_apart),
		cmocka_unit_test(the_key_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
