/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_guard_chain.c - what hides behind extension headers and fragments.
 *
 * The ways of RFC 7113 section 2, of thc-ipv6's fake_router26 -E (hop-by-hop, one-shot fragment,
 * large destination options, overlapping fragments), and of the bypasses found in other
 * switches.  Packets called "scapy's" were made with scapy.
 */
#include "guard_rows.h"

#define HEADER256(next) next " 1f 01 fe 00*252 " /* one header of the whole chain's limit */
#define SEVEN_HEADERS \
	HEADER("3c") HEADER("3c") HEADER("3c") HEADER("3c") HEADER("3c") HEADER("3c") HEADER("3c")

static const struct guard_row chain_rows[] = {
	{ "an RA behind a hop-by-hop header", IP6("00") HEADER("3a") RA, DROP_RA },
	{ "an RA behind destination options", IP6("3c") HEADER("3a") RA, DROP_RA },
	{ "an RA behind a routing header", IP6("2b") ROUTING("3a") RA, DROP_RA },
	{ "an RA behind a mobility header", IP6("87") HEADER("3a") RA, DROP_RA },
	{ "an RA behind a HIP header", IP6("8b") HEADER("3a") RA, DROP_RA },
	{ "an RA behind a shim6 header", IP6("8c") HEADER("3a") RA, DROP_RA },
	{ "an RA behind AH", IP6("33") AH("3a") RA, DROP_RA },
	{ "an RA behind the smallest AH", IP6("33") "3a 00 0000 00000001 " RA, DROP_RA },
	{ "an RA behind one of each",
	  IP6("00") HEADER("3c") HEADER("2b") ROUTING("33") AH("3c") HEADER("3a") RA, DROP_RA },
	{ "a Redirect behind two headers", IP6("00") HEADER("3c") HEADER("3a") REDIRECT,
	  DROP_REDIRECT },
	{ "an NA for the router behind a header", IP6("3c") HEADER("3a") NA(ROUTER_LL),
	  DROP_ROUTER_ADDRESS },
	{ "a DHCPv6 Reply behind a header", IP6("3c") HEADER("11") UDP("0223", "0222") "07",
	  DROP_DHCP6_SERVER },
	{ "an RA behind eight headers", IP6("3c") SEVEN_HEADERS HEADER("3a") RA, DROP_RA },
	{ "an echo behind eight headers", IP6("3c") SEVEN_HEADERS HEADER("3a") ECHO, DROP_NONE },
	{ "an echo behind nine headers", IP6("3c") SEVEN_HEADERS HEADER("3c") HEADER("3a") ECHO,
	  DROP_HEADER_CHAIN },
	{ "an RA behind 256 bytes of header", IP6("3c") HEADER256("3a") RA, DROP_RA },
	{ "an echo behind 256 bytes of header", IP6("3c") HEADER256("3a") ECHO, DROP_NONE },
	{ "an echo behind 264 bytes of headers", IP6("3c") HEADER256("3c") HEADER("3a") ECHO,
	  DROP_HEADER_CHAIN },
	{ "an RA behind a header of 2048 bytes", IP6("3c") "3a ff 00*2046 " RA, DROP_HEADER_CHAIN },
	{ "a hop-by-hop header that is not the first", IP6("3c") HEADER("00") HEADER("3a") ECHO,
	  DROP_HEADER_CHAIN },
	{ "two hop-by-hop headers", IP6("00") HEADER("00") HEADER("3a") ECHO, DROP_HEADER_CHAIN },
	{ "an unassigned protocol", IP6("c8") RA, DROP_NONE },
	{ "an unassigned header behind a header", IP6("3c") HEADER("c8") HEADER("3a") RA,
	  DROP_HEADER_CHAIN },
	{ "the last unassigned one behind a header", IP6("3c") HEADER("fc") "00*8",
	  DROP_HEADER_CHAIN },
	{ "an experiment's header", IP6("fd") HEADER("3a") RA, DROP_HEADER_CHAIN },
	{ "the other experiment's, behind a header", IP6("3c") HEADER("fe") HEADER("3a") RA,
	  DROP_HEADER_CHAIN },
	{ "an assigned protocol behind a header", IP6("3c") HEADER("59") "00*24", DROP_NONE },
	{ "SCTP behind a header", IP6("3c") HEADER("84") "00*12", DROP_NONE },
	{ "ESP", IP6("32") "00000001 00000001 00*16", DROP_NONE },
	{ "no next header", IP6("3b"), DROP_NONE },
	{ "no next header, then an RA's bytes", IP6("3b") RA, DROP_NONE },
	{ "a header that ends behind the packet", IP6("3c") "3a 03 0104 00000000 " RA,
	  DROP_TOO_SHORT },
	{ "a header that only padding completes", IP6("3c") "3a 03 0104 00000000 | 00*24 " RA,
	  DROP_TOO_SHORT },
	{ "half a header", IP6("3c") "3a 00 0104", DROP_TOO_SHORT },
	{ "a header of one byte", IP6("3c") "3a", DROP_TOO_SHORT },
	{ "a chain without upper layer", IP6("3c") HEADER("3a"), DROP_TOO_SHORT },
	{ "AH longer than the packet", IP6("33") "3a 10 0000 00000001 00000002", DROP_TOO_SHORT },
	{ "MLD behind a router alert",
	  IP6("00") "3a 00 0502 0000 0100 8f00 0000 0000 0001 04000000 ff02 00*9 01 ff000002",
	  DROP_NONE },
};

static const struct guard_row fragment_rows[] = {
	{ "an RA in a one-shot fragment", IP6("2c") FRAGMENT("3a", "0000") RA, DROP_ND_FRAGMENT },
	{ "an RA in a first fragment", IP6("2c") FRAGMENT("3a", "0001") RA, DROP_ND_FRAGMENT },
	{ "an RS in a one-shot fragment", IP6("2c") FRAGMENT("3a", "0000") RS, DROP_ND_FRAGMENT },
	{ "an NS in a one-shot fragment", IP6("2c") FRAGMENT("3a", "0000") NS(CLIENT_LL),
	  DROP_ND_FRAGMENT },
	{ "an NA in a one-shot fragment", IP6("2c") FRAGMENT("3a", "0000") NA(CLIENT_LL),
	  DROP_ND_FRAGMENT },
	{ "a Redirect in a one-shot fragment", IP6("2c") FRAGMENT("3a", "0000") REDIRECT,
	  DROP_ND_FRAGMENT },
	{ "an NS behind a header in a fragment",
	  IP6("2c") FRAGMENT("3c", "0000") HEADER("3a") NS(CLIENT_LL), DROP_ND_FRAGMENT },
	{ "an NS in a fragment behind a header",
	  IP6("3c") HEADER("2c") FRAGMENT("3a", "0000") NS(CLIENT_LL), DROP_ND_FRAGMENT },
	{ "an echo in a one-shot fragment", IP6("2c") FRAGMENT("3a", "0000") ECHO, DROP_NONE },
	{ "an echo in a first fragment", IP6("2c") FRAGMENT("3a", "0001") ECHO, DROP_NONE },
	{ "ICMPv6 type 132 in a fragment", IP6("2c") FRAGMENT("3a", "0000") "8400 0000 00000000",
	  DROP_NONE },
	{ "ICMPv6 type 138 in a fragment", IP6("2c") FRAGMENT("3a", "0000") "8a00 0000 00000000",
	  DROP_NONE },
	{ "a first fragment of nothing but headers", IP6("2c") FRAGMENT("3c", "0001") HEADER("3a"),
	  DROP_HIDDEN_UPPER },
	{ "a first fragment within a header", IP6("2c") FRAGMENT("3c", "0001") "3a 20 0104 00*4",
	  DROP_HIDDEN_UPPER },
	{ "an empty first fragment", IP6("2c") FRAGMENT("3a", "0001"), DROP_HIDDEN_UPPER },
	{ "a first fragment with half a UDP header", IP6("2c") FRAGMENT("11", "0001") "0223 0222",
	  DROP_HIDDEN_UPPER },
	{ "a first fragment with half a TCP header",
	  IP6("2c") FRAGMENT("06", "0001") "1000 0050 00*12", DROP_HIDDEN_UPPER },
	{ "a first fragment with three bytes of ICMPv6", IP6("2c") FRAGMENT("3a", "0001") "860000",
	  DROP_HIDDEN_UPPER },
	{ "a first fragment to port 547 without the type",
	  IP6("2c") FRAGMENT("11", "0001") UDP("0222", "0223"), DROP_HIDDEN_UPPER },
	{ "an atomic fragment that ends too soon", IP6("2c") FRAGMENT("3a", "0000"),
	  DROP_HIDDEN_UPPER },
	{ "a Reply in a first fragment",
	  IP6("2c") FRAGMENT("11", "0001") UDP("0223", "0222") "07*16", DROP_DHCP6_SERVER },
	{ "a first fragment of UDP", IP6("2c") FRAGMENT("11", "0001") UDP("1000", "1000") "00*64",
	  DROP_NONE },
	{ "a later fragment of anything", IP6("2c") FRAGMENT("11", "04d0") "00*64", DROP_NONE },
	{ "a later fragment of ICMPv6 like an RA", IP6("2c") FRAGMENT("3a", "04d0") RA, DROP_NONE },
	{ "the first allowed later fragment", IP6("2c") FRAGMENT("11", "0100") "00*64", DROP_NONE },
	{ "one eight bytes earlier", IP6("2c") FRAGMENT("11", "00f8") "00*64", DROP_HIDDEN_UPPER },
	{ "an RA that overlaps the second header", IP6("2c") FRAGMENT("3c", "0008") RA,
	  DROP_HIDDEN_UPPER },
	{ "an echo that a later fragment turns into an RA, first part",
	  IP6("2c") FRAGMENT("3c", "0001") HEADER("3a") ECHO, DROP_NONE },
	{ "an echo that a later fragment turns into an RA, second part",
	  IP6("2c") FRAGMENT("3c", "0009") RA, DROP_HIDDEN_UPPER },
	{ "an echo first, then an RA in its place", IP6("2c") FRAGMENT("3a", "0001") RA,
	  DROP_ND_FRAGMENT },
	{ "reserved bits in the offset change nothing", IP6("2c") FRAGMENT("3a", "0006") RA,
	  DROP_ND_FRAGMENT },
	{ "two Fragment headers", IP6("2c") FRAGMENT("2c", "0000") FRAGMENT("3a", "0000") ECHO,
	  DROP_HEADER_CHAIN },
	{ "a Fragment header cut short", IP6("2c") "3a 00 0001", DROP_TOO_SHORT },
	{ "ESP in a fragment", IP6("2c") FRAGMENT("32", "0001") "00*32", DROP_NONE },
	{ "an unassigned header in a fragment", IP6("2c") FRAGMENT("c8", "0000") RA,
	  DROP_HEADER_CHAIN },
	{ "a fragment in the router's name",
	  IP6_ENDS("2c", "40", ROUTER_LL, ALL_NODES) FRAGMENT("11", "04d0") "00*8",
	  DROP_ROUTER_ADDRESS },
};

static const struct guard_row form_rows[] = {
	{ "an IPv6 header cut short", ETHER("86dd") "60000000 0000 3b ff " CLIENT_LL,
	  DROP_TOO_SHORT },
	{ "IPv6 without a header", ETHER("86dd"), DROP_TOO_SHORT },
	{ "version 4 in an IPv6 frame", ETHER("86dd") "40000000 LLLL 3a ff " CLIENT_LL ALL_NODES RA,
	  DROP_TOO_SHORT },
	{ "a payload one byte longer than the frame",
	  ETHER("86dd") "60000000 0009 3a ff " CLIENT_LL ALL_NODES ECHO, DROP_TOO_SHORT },
	{ "a payload as long as the frame",
	  ETHER("86dd") "60000000 0008 3a ff " CLIENT_LL ALL_NODES ECHO, DROP_NONE },
	{ "length 0 and an RA behind it",
	  ETHER("86dd") "60000000 0000 3a ff " CLIENT_LL ALL_NODES RA, DROP_TOO_SHORT },
	{ "a jumbogram",
	  ETHER("86dd") "60000000 0000 00 ff " CLIENT_LL ALL_NODES "3a 00 c204 00010008 " RA,
	  DROP_TOO_SHORT },
	{ "an RA in a very long packet", IP6("3a") RA "00*60000", DROP_RA },
	{ "IPv4 with version 6",
	  ETHER("0800") "6500 TTTT 1234 0000 40 11 0000 c0000202 ffffffff 00*8", DROP_TOO_SHORT },
	{ "ICMPv6 in IPv4", IP4("3a", "0000") RA, DROP_NONE },
	{ "IPv4 with a header of 16 bytes",
	  ETHER("0800") "4400 TTTT 1234 0000 40 11 0000 c0000202 ffffffff 00*8", DROP_TOO_SHORT },
	{ "IPv4 cut short", ETHER("0800") "4500 0014 1234 0000 40 11 0000 c0000202 ffffff",
	  DROP_TOO_SHORT },
	{ "IPv4 longer than the frame",
	  ETHER("0800") "4500 0015 1234 0000 40 01 0000 c0000202 ffffffff", DROP_TOO_SHORT },
	{ "IPv4 shorter than its own header (CVE-2016-10377)",
	  ETHER("0800") "4500 0013 1234 0000 40 11 0000 c0000202 ffffffff 0043 0044 00*8",
	  DROP_TOO_SHORT },
	{ "IPv4 of length 0", ETHER("0800") "4500 0000 1234 0000 40 11 0000 c0000202 ffffffff 00*8",
	  DROP_TOO_SHORT },
	{ "IPv4 options longer than the packet",
	  ETHER("0800") "4f00 TTTT 1234 0000 40 11 0000 c0000202 ffffffff 00*8", DROP_TOO_SHORT },
	{ "an Offer in much padding (CVE-2020-35498)",
	  IP4("11", "0000") UDP("0043", "0044") "02 | 00*1000", DROP_DHCP4_SERVER },
	{ "protocol 0 in IPv4 (CVE-2023-1668)", IP4("00", "0000") "3a00010400000000", DROP_NONE },
	{ "protocol 0 from the router in IPv6 (CVE-2023-1668)",
	  IP6_ENDS("00", "ff", ROUTER_LL, ALL_NODES) HEADER("3b"), DROP_ROUTER_ADDRESS },
	{ "an NA for the router with a bad option (CVE-2023-5366)",
	  IP6("3a") NA(ROUTER_LL) "02 ff 020000000002", DROP_ROUTER_ADDRESS },
	{ "an IPv4 first fragment with half a UDP header", IP4("11", "2000") "0043 0044",
	  DROP_HIDDEN_UPPER },
	{ "an Offer in a first fragment", IP4("11", "2000") UDP("0043", "0044") "02*16",
	  DROP_DHCP4_SERVER },
	{ "a first fragment to port 67 without the type", IP4("11", "2000") UDP("1000", "0043"),
	  DROP_HIDDEN_UPPER },
	{ "an IPv4 first fragment of UDP", IP4("11", "2000") UDP("1000", "1000") "00*64",
	  DROP_NONE },
	{ "an IPv4 first fragment with half a TCP header", IP4("06", "2000") "1000 0050 00*12",
	  DROP_HIDDEN_UPPER },
	{ "an IPv4 fragment at byte 8 (RFC 3128)", IP4("06", "0001") "00*16", DROP_HIDDEN_UPPER },
	{ "an IPv4 fragment at byte 16", IP4("11", "0002") "00*16", DROP_NONE },
	{ "don't fragment", IP4("11", "4000") UDP("1000", "1000"), DROP_NONE },
};

#define SCAPY_RA "8600f4c8 00080708 00*8 0101 020000000002 0304 40c0 ff*8 00*4 20010db80bad 00*10"
#define SCAPY_UP "020000000001 020000000002 86dd "

static const struct guard_row scapy_rows[] = {
	{ "scapy's RA", ETHER("86dd") "6000000000383aff fe80 00*13 02 ff02 00*13 01 " SCAPY_RA,
	  DROP_RA },
	{ "scapy's RA, hop-by-hop",
	  ETHER("86dd") "60000000004000ff fe80 00*13 02 ff02 00*13 01 3a00010400000000 " SCAPY_RA,
	  DROP_RA },
	{ "scapy's RA, one-shot fragment",
	  ETHER("86dd") "6000000000402cff fe80 00*13 02 ff02 00*13 01 3a00000000001234 " SCAPY_RA,
	  DROP_ND_FRAGMENT },
	{ "scapy's RA behind 1624 bytes of options, first fragment",
	  ETHER("86dd") "6000000004d82cff fe80 00*13 02 ff02 00*13 01 3c00000100001235 3aca"
			"01c8 00*200 01c8 00*200 01c8 00*200 01c8 00*200 01c8 00*200 01c8 00*200 "
			"01c8 00*16",
	  DROP_HIDDEN_UPPER },
	{ "the second fragment of it, useless alone",
	  ETHER("86dd") "6000000001c82cff fe80 00*13 02 ff02 00*13 01 3c0004d000001235 00*184 "
			"01c8 00*200 0104 00*4 " SCAPY_RA,
	  DROP_NONE },
	{ "scapy's Redirect",
	  ETHER("86dd") "6000000000283aff fe80 00*13 02 ff02 00*13 01 89004cd500000000"
			"fe80 00*13 02 20010db8 00*11 05",
	  DROP_REDIRECT },
	{ "scapy's Advertise",
	  ETHER("86dd") "6000000000281140 fe80 00*13 02 fe80 00*13 03 0223022200282995"
			"02abcdef 0001000a00030001020000000002 0002000a00030001020000000002",
	  DROP_DHCP6_SERVER },
	{ "scapy's Solicit",
	  ETHER("86dd") "60000000001a1140 fe80 00*13 02 ff02 00*11 010002 02220223001a2c41"
			"01abcdef 0001000a00030001020000000002",
	  DROP_NONE },
	{ "scapy's Offer",
	  ETHER("0800") "45000110000100004011b7dac0000202ffffffff 0043004400fc807a"
			"020106 00*13 c0000209 00*8 020000000002 00*202 63825363 350102ff",
	  DROP_DHCP4_SERVER },
	{ "scapy's Discover",
	  ETHER("0800") "4500011000010000401179dd00000000ffffffff 0044004300fc0687"
			"010106 00*25 020000000002 00*202 63825363 350101ff",
	  DROP_NONE },
	{ "scapy's MLD report",
	  ETHER("86dd") "6000000000240001 fe80 00*13 02 ff02 00*13 16 3a00050200000100"
			"8f007105 00000001 04000000 ff02 00*9 01ff000002",
	  DROP_NONE },
	{ "scapy's NS",
	  SCAPY_UP "6000000000203aff fe80 00*13 02 ff02 00*9 01ff000001 87007a9700000000"
		   "fe80 00*13 01 0101020000000002",
	  DROP_NONE },
	{ "scapy's NA",
	  SCAPY_UP "6000000000203aff fe80 00*13 02 fe80 00*13 01 8800181a60000000"
		   "fe80 00*13 02 0201020000000002",
	  DROP_NONE },
	{ "scapy's echo",
	  SCAPY_UP "60000000000c3a40 fe80 00*13 02 fe80 00*13 01 8000a3db0007000170696e67",
	  DROP_NONE },
	{ "scapy's long UDP, first fragment",
	  SCAPY_UP "6000000005502c40 fe80 00*13 02 20010db8 00*11 05 1100000100000007"
		   "03e807d007d862f0 55*1344",
	  DROP_NONE },
	{ "scapy's long UDP, second fragment",
	  SCAPY_UP "6000000002982c40 fe80 00*13 02 20010db8 00*11 05 1100054800000007 55*656",
	  DROP_NONE },
	{ "scapy's long UDP in IPv4, first fragment",
	  "020000000001 020000000002 0800 4500058c000920004011d154c0000202c0000201"
	  "03e807d007d80b2d 55*1392",
	  DROP_NONE },
	{ "scapy's long UDP in IPv4, second fragment",
	  "020000000001 020000000002 0800 45000274000900af4011f3bdc0000202c0000201 55*608",
	  DROP_NONE },
};

static void nothing_hides_behind_headers(void **state)
{
	guard_rows_hold(chain_rows, ARRAY_LEN(chain_rows));
}

static void nothing_hides_in_fragments(void **state)
{
	guard_rows_hold(fragment_rows, ARRAY_LEN(fragment_rows));
}

static void packets_are_as_long_as_they_say(void **state)
{
	guard_rows_hold(form_rows, ARRAY_LEN(form_rows));
}

static void scapy_agrees(void **state)
{
	guard_rows_hold(scapy_rows, ARRAY_LEN(scapy_rows));
}

/* What stands in front of an upper layer must not save it. */
static const struct {
	const char *what;
	uint8_t number;
	const char *header; /* its first byte is the next header's number, filled in */
} wrappers[] = {
	{ "an empty hop-by-hop header", 0, HEADER("00") },
	{ "an empty destination options header", 60, HEADER("00") },
	{ "a routing header", 43, ROUTING("00") },
	{ "AH", 51, AH("00") },
	{ "an atomic fragment", 44, FRAGMENT("00", "0000") },
	{ "a first fragment", 44, FRAGMENT("00", "0001") },
};

/* `frame` with one more header behind IPv6's; the payload length grows with it. */
static struct bytes wrapped(struct bytes frame, size_t wrapper, uint8_t *buf, size_t cap)
{
	struct writer w = writer_over(buf, cap);
	uint8_t header[64];
	struct bytes extra = packet(wrappers[wrapper].header, header, sizeof(header));
	unsigned payload_len = (unsigned)(frame.data[18] << 8 | frame.data[19]);

	header[0] = frame.data[20];
	writer_copy(&w, frame.data, 18);
	writer_u16(&w, (uint16_t)(payload_len + extra.len));
	writer_u8(&w, wrappers[wrapper].number);
	writer_copy(&w, frame.data + 21, 33);
	writer_copy(&w, extra.data, extra.len);
	writer_copy(&w, frame.data + 54, frame.len - 54);
	assert_false(w.full);
	return writer_bytes(&w);
}

static void wrapping_never_saves(const struct guard_row *rows, size_t count)
{
	static uint8_t plain[FRAME_MAX], buf[FRAME_MAX + 64];
	struct guard_policy policy = guard_rows_policy();

	for (size_t i = 0; i < count; i++) {
		struct bytes frame = packet(rows[i].packet, plain, sizeof(plain));

		if (rows[i].reason == DROP_NONE || frame.len < 54 || frame.data[12] != 0x86)
			continue;
		for (size_t j = 0; j < ARRAY_LEN(wrappers); j++) {
			struct frame more = { .bytes = wrapped(frame, j, buf, sizeof(buf)) };

			if (guard_check(&policy, &more).action != GUARD_DROP)
				fail_msg("%s passes behind %s", rows[i].what, wrappers[j].what);
		}
	}
}

static void one_more_header_saves_nobody(void **state)
{
	static const struct guard_row plain_rows[] = {
		{ "an RA", IP6("3a") RA, DROP_RA },
		{ "a Redirect", IP6("3a") REDIRECT, DROP_REDIRECT },
		{ "an NA for the router", IP6("3a") NA(ROUTER_LL), DROP_ROUTER_ADDRESS },
		{ "a Reply", IP6("11") UDP("0223", "0222") "07", DROP_DHCP6_SERVER },
	};

	wrapping_never_saves(plain_rows, ARRAY_LEN(plain_rows));
	wrapping_never_saves(chain_rows, ARRAY_LEN(chain_rows));
	wrapping_never_saves(fragment_rows, ARRAY_LEN(fragment_rows));
	wrapping_never_saves(form_rows, ARRAY_LEN(form_rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_hides_behind_headers),
		cmocka_unit_test(nothing_hides_in_fragments),
		cmocka_unit_test(packets_are_as_long_as_they_say),
		cmocka_unit_test(scapy_agrees),
		cmocka_unit_test(one_more_header_saves_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
