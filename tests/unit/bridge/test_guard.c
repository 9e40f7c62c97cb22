/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_guard.c - the guard's rules for packets that hide nothing.
 *
 * Extension headers and fragments: test_guard_chain.c.
 */
#include "guard_rows.h"

#define TO(mac) mac " " CLIENT_MAC "9000 00000000 "
#define FROM(mac) "333300000001 " mac " 9000 00000000 "
#define OTHER "2001 0db8 0000 0000 0000 0000 0000 0099 "
#define ROUTER_GLOBAL "2001 0db8 0000 0000 0000 0000 0000 0001 "
#define SNAP(organisation, type) ETHER("0040") "aaaa 03 " organisation " " type " 00*56 "

static const struct guard_row ethernet_rows[] = {
	{ "an empty frame", "", DROP_TOO_SHORT },
	{ "one byte less than an Ethernet header", "333300000001 " CLIENT_MAC "90",
	  DROP_TOO_SHORT },
	{ "an unknown type without payload", ETHER("9000"), DROP_NONE },
	{ "from a multicast address", FROM("030000000002"), DROP_SOURCE_MAC },
	{ "from the broadcast address", FROM("ffffffffffff"), DROP_SOURCE_MAC },
	{ "from address zero", FROM("000000000000"), DROP_SOURCE_MAC },
	{ "from the router's address", FROM("020000000001"), DROP_SOURCE_MAC },
	{ "from the router's neighbour", FROM("020000000003"), DROP_NONE },
	{ "to the spanning tree group", TO("0180c2000000"), DROP_RESERVED_MAC },
	{ "pause", TO("0180c2000001"), DROP_RESERVED_MAC },
	{ "802.1X", TO("0180c2000003"), DROP_RESERVED_MAC },
	{ "LLDP", TO("0180c200000e"), DROP_RESERVED_MAC },
	{ "the last one of the table", TO("0180c200000f"), DROP_RESERVED_MAC },
	{ "behind the last one of the table", TO("0180c2000010"), DROP_NONE },
	{ "before the registration groups", TO("0180c200001f"), DROP_NONE },
	{ "the first registration group", TO("0180c2000020"), DROP_RESERVED_MAC },
	{ "the last registration group", TO("0180c200002f"), DROP_RESERVED_MAC },
	{ "behind the registration groups", TO("0180c2000030"), DROP_NONE },
	{ "Extreme EDP", TO("00e02b000000"), DROP_RESERVED_MAC },
	{ "a card of Extreme's", TO("00e02b000001"), DROP_NONE },
	{ "Extreme EAPS", TO("00e02b000004"), DROP_RESERVED_MAC },
	{ "Extreme EAPS, the other", TO("00e02b000006"), DROP_RESERVED_MAC },
	{ "Cisco ISL", TO("01000c000000"), DROP_RESERVED_MAC },
	{ "Cisco CFM, first", TO("01000cccccc0"), DROP_RESERVED_MAC },
	{ "Cisco CFM, last", TO("01000cccccc7"), DROP_RESERVED_MAC },
	{ "Cisco CDP", TO("01000ccccccc"), DROP_RESERVED_MAC },
	{ "Cisco PVST+", TO("01000ccccccd"), DROP_RESERVED_MAC },
	{ "Cisco uplink fast", TO("01000ccdcdcd"), DROP_RESERVED_MAC },
	{ "multicast DNS", TO("01005e0000fb"), DROP_NONE },
	{ "broadcast", TO("ffffffffffff"), DROP_NONE },
	{ "an ARP question",
	  ETHER("0806") "0001 0800 06 04 0001 " CLIENT_MAC "c0000202 00*6 c0000201", DROP_NONE },
	{ "an 802.1Q tag", ETHER("8100") "0005 0800 00*46", DROP_VLAN },
	{ "a priority tag, VLAN 0", ETHER("8100") "e000 86dd 00*46", DROP_VLAN },
	{ "an 802.1ad tag", ETHER("88a8") "0005 8100 0006 86dd 00*46", DROP_VLAN },
	{ "a pre-standard double tag", ETHER("9100") "0005 86dd 00*46", DROP_VLAN },
	{ "an 802.1BR tag", ETHER("893f") "0000 0000 0000 86dd 00*46", DROP_VLAN },
	{ "a redundancy tag", ETHER("f1c1") "0000 0001 86dd 00*46", DROP_VLAN },
};

static const struct guard_row llc_rows[] = {
	{ "IPv6 in SNAP (CVE-2021-27853)", SNAP("000000", "86dd"), DROP_HEADER_CHAIN },
	{ "IPv4 in SNAP", SNAP("000000", "0800"), DROP_HEADER_CHAIN },
	{ "ARP in SNAP", SNAP("000000", "0806"), DROP_HEADER_CHAIN },
	{ "a tag in SNAP", SNAP("000000", "8100"), DROP_HEADER_CHAIN },
	{ "IPv6 in 802.1H's SNAP", SNAP("0000f8", "86dd"), DROP_HEADER_CHAIN },
	{ "IPv6 in SNAP, group bits set", ETHER("0040") "abab 03 000000 86dd 00*56",
	  DROP_HEADER_CHAIN },
	{ "IPv6 in SNAP of length 0 (CVE-2021-27861)", ETHER("0000") "aaaa 03 000000 86dd 00*56",
	  DROP_HEADER_CHAIN },
	{ "IPv6 in SNAP, longer than it is", ETHER("05ff") "aaaa 03 000000 86dd 00*56",
	  DROP_TOO_SHORT },
	{ "AppleTalk's address resolution", SNAP("000000", "80f3"), DROP_NONE },
	{ "another organisation's protocol 86dd", SNAP("00000c", "86dd"), DROP_NONE },
	{ "IPv4 straight in LLC (RFC 948)", ETHER("0010") "0606 03 45 00*60", DROP_HEADER_CHAIN },
	{ "NetBIOS in LLC", ETHER("0010") "f0f0 03 00*60", DROP_NONE },
	{ "LLC of two bytes", ETHER("0002") "f0f0", DROP_NONE },
};

static const struct guard_row nd_rows[] = {
	{ "a Router Advertisement", IP6("3a") RA, DROP_RA },
	{ "an RA with hop limit 64", IP6_ENDS("3a", "40", CLIENT_LL, ALL_NODES) RA, DROP_RA },
	{ "an RA from a global address", IP6_ENDS("3a", "ff", OTHER, ALL_NODES) RA, DROP_RA },
	{ "an RA in the router's name", IP6_ENDS("3a", "ff", ROUTER_LL, ALL_NODES) RA, DROP_RA },
	{ "an RA of four bytes", IP6("3a") "8600 0000", DROP_RA },
	{ "an RA with a zero-length option", IP6("3a") RA "01 00 020000000002", DROP_RA },
	{ "an RA with code 1", IP6("3a") "8601 0000 4000 0708 00*8", DROP_RA },
	{ "an RA with bytes behind it", IP6("3a") RA "| 00*60", DROP_RA },
	{ "a Redirect", IP6("3a") REDIRECT, DROP_REDIRECT },
	{ "ICMPv6 without its header", IP6("3a") "860000", DROP_TOO_SHORT },
	{ "ICMPv6 that only padding would complete", IP6("3a") "860000 | 00*60", DROP_TOO_SHORT },
	{ "a Router Solicitation", IP6("3a") RS, DROP_NONE },
	{ "an echo request", IP6("3a") ECHO, DROP_NONE },
	{ "an echo request and an RA as padding", IP6("3a") ECHO "|" RA, DROP_NONE },
	{ "a Neighbour Solicitation for the router", IP6("3a") NS(ROUTER_LL), DROP_NONE },
	{ "a Neighbour Solicitation", IP6("3a") NS(OTHER), DROP_NONE },
	{ "a Neighbour Advertisement", IP6("3a") NA(CLIENT_LL), DROP_NONE },
	{ "an NA for the router's link-local", IP6("3a") NA(ROUTER_LL), DROP_ROUTER_ADDRESS },
	{ "an NA for the router's global address", IP6("3a") NA(ROUTER_GLOBAL),
	  DROP_ROUTER_ADDRESS },
	{ "an NA too short for a target", IP6("3a") "8800 0000 20000000 fe80", DROP_NONE },
	{ "a probe for the router's address",
	  IP6_ENDS("3a", "ff", UNSPECIFIED, ALL_NODES) NS(ROUTER_LL), DROP_ROUTER_ADDRESS },
	{ "a probe for an own address", IP6_ENDS("3a", "ff", UNSPECIFIED, ALL_NODES) NS(OTHER),
	  DROP_NONE },
	{ "UDP from the router's address",
	  IP6_ENDS("11", "40", ROUTER_GLOBAL, ALL_NODES) UDP("1000", "1000"), DROP_ROUTER_ADDRESS },
	{ "an unknown protocol from the router's address",
	  IP6_ENDS("fc", "40", ROUTER_GLOBAL, ALL_NODES), DROP_ROUTER_ADDRESS },
	{ "ESP from the router's address", IP6_ENDS("32", "40", ROUTER_GLOBAL, ALL_NODES) "00*20",
	  DROP_ROUTER_ADDRESS },
	{ "TCP", IP6("06") "1000 0050 00*8 5002 ffff 00*4", DROP_NONE },
	{ "TCP without its whole header", IP6("06") "1000 0050 00*8 5002 ffff 00*3",
	  DROP_TOO_SHORT },
};

static const struct guard_row dhcp_rows[] = {
	{ "a Solicit", IP6("11") UDP("0222", "0223") "01 abcdef", DROP_NONE },
	{ "a Relay-forward", IP6("11") UDP("0223", "0223") "0c 00*33", DROP_NONE },
	{ "an Advertise from port 547 to 546", IP6("11") UDP("0223", "0222") "02 abcdef",
	  DROP_DHCP6_SERVER },
	{ "a Reply", IP6("11") UDP("0223", "0222") "07 abcdef", DROP_DHCP6_SERVER },
	{ "a Reply from another port", IP6("11") UDP("1000", "0222") "07 abcdef",
	  DROP_DHCP6_SERVER },
	{ "a Reconfigure", IP6("11") UDP("1000", "0222") "0a abcdef", DROP_DHCP6_SERVER },
	{ "something unknown to a client", IP6("11") UDP("0223", "0222") "ff abcdef",
	  DROP_DHCP6_SERVER },
	{ "nothing to a client", IP6("11") UDP("0223", "0222"), DROP_DHCP6_SERVER },
	{ "a Relay-reply to a relay", IP6("11") UDP("1000", "0223") "0d 00*33", DROP_DHCP6_SERVER },
	{ "an Advertise to a relay", IP6("11") UDP("0223", "0223") "02 abcdef", DROP_DHCP6_SERVER },
	{ "a Reply to port 547", IP6("11") UDP("0222", "0223") "07 abcdef", DROP_DHCP6_SERVER },
	{ "a Reconfigure to port 547", IP6("11") UDP("0222", "0223") "0a abcdef",
	  DROP_DHCP6_SERVER },
	{ "nothing to port 547", IP6("11") UDP("0222", "0223"), DROP_NONE },
	{ "UDP to another port that begins like a Reply", IP6("11") UDP("0223", "0224") "07",
	  DROP_NONE },
	{ "UDP with half a header", IP6("11") "0223 0222", DROP_TOO_SHORT },
	{ "DHCPv4's ports in IPv6", IP6("11") UDP("0043", "0044") "02", DROP_NONE },
	{ "DHCPv6's ports in IPv4", IP4("11", "0000") UDP("0223", "0222") "02", DROP_NONE },
	{ "a Discover", IP4("11", "0000") UDP("0044", "0043") "01 010600", DROP_NONE },
	{ "an Offer", IP4("11", "0000") UDP("0043", "0044") "02 010600", DROP_DHCP4_SERVER },
	{ "an Offer from another port", IP4("11", "0000") UDP("1000", "0044") "02 010600",
	  DROP_DHCP4_SERVER },
	{ "anything from port 67", IP4("11", "0000") UDP("0043", "1000"), DROP_DHCP4_SERVER },
	{ "a BOOTREPLY to a relay", IP4("11", "0000") UDP("1000", "0043") "02 010600",
	  DROP_DHCP4_SERVER },
	{ "an Offer without a UDP checksum and with padding",
	  IP4("11", "0000") UDP("0043", "0044") "02 | 00*40", DROP_DHCP4_SERVER },
	{ "an Offer behind IPv4 options",
	  ETHER("0800") "4600 TTTT 1234 0000 40 11 0000 c0000202 ffffffff 94040000 " UDP(
		  "0043", "0044") "02",
	  DROP_DHCP4_SERVER },
	{ "an Offer that an option must not hide",
	  ETHER("0800") "4f00 TTTT 1234 0000 40 11 0000 c0000202 ffffffff 01*40 " UDP("0043",
										      "0044") "02",
	  DROP_DHCP4_SERVER },
	{ "the same bytes as TCP", IP4("06", "0000") "0043 0044 00*8 5000 00*6", DROP_NONE },
};

static void frames_are_judged_by_their_ethernet_header(void **state)
{
	guard_rows_hold(ethernet_rows, ARRAY_LEN(ethernet_rows));
}

static void ip_does_not_hide_in_llc(void **state)
{
	guard_rows_hold(llc_rows, ARRAY_LEN(llc_rows));
}

static void clients_are_not_routers(void **state)
{
	guard_rows_hold(nd_rows, ARRAY_LEN(nd_rows));
}

static void clients_are_not_dhcp_servers(void **state)
{
	guard_rows_hold(dhcp_rows, ARRAY_LEN(dhcp_rows));
}

#define AGENTS "ff02 0000 0000 0000 0000 0000 0001 0002 "
#define SERVERS "ff05 0000 0000 0000 0000 0000 0001 0003 "
#define OTHER_LL "fe80 0000 0000 0000 0000 0000 0000 0009 "
#define IP6_TO(next, destination) IP6_ENDS(next, "ff", CLIENT_LL, destination)
#define DHCP6_TO(destination) IP6_TO("11", destination) UDP("0222", "0223")

static const struct {
	const char *what;
	const char *packet;
	bool punt_rs, punt_dhcp6;
	enum guard_action action;
} punts[] = {
	{ "an RS, where RS are punted", IP6("3a") RS, true, false, GUARD_PUNT_RS },
	{ "an RS behind a header", IP6("00") HEADER("3a") RS, true, false, GUARD_PUNT_RS },
	{ "an RS, where they are not", IP6("3a") RS, false, true, GUARD_PASS },
	{ "a fragmented RS", IP6("2c") FRAGMENT("3a", "0000") RS, true, false, GUARD_DROP },
	{ "an NS, where RS are punted", IP6("3a") NS(CLIENT_LL), true, true, GUARD_PASS },
	{ "an RA, where RS are punted", IP6("3a") RA, true, true, GUARD_DROP },
	{ "a Solicit, where DHCPv6 is punted", DHCP6_TO(AGENTS) "01", false, true,
	  GUARD_PUNT_DHCP6 },
	{ "a Solicit from any port", IP6_TO("11", AGENTS) UDP("1000", "0223") "01", false, true,
	  GUARD_PUNT_DHCP6 },
	{ "a Solicit to all servers", DHCP6_TO(SERVERS) "01", false, true, GUARD_PUNT_DHCP6 },
	{ "a Relay-forward to the router", DHCP6_TO(ROUTER_LL) "0c", false, true,
	  GUARD_PUNT_DHCP6 },
	{ "a Request to another server", DHCP6_TO(OTHER_LL) "03", false, true, GUARD_PASS },
	{ "a Solicit to all nodes", DHCP6_TO(ALL_NODES) "01", false, true, GUARD_PASS },
	{ "a Solicit to another port", IP6_TO("11", AGENTS) UDP("0222", "0224") "01", false, true,
	  GUARD_PASS },
	{ "a Solicit by TCP", IP6_TO("06", AGENTS) "0222 0223 00*16", false, true, GUARD_PASS },
	{ "a Solicit, where it is not", DHCP6_TO(AGENTS) "01", true, false, GUARD_PASS },
	{ "a Reply, where DHCPv6 is punted", DHCP6_TO(AGENTS) "07", true, true, GUARD_DROP },
	{ "a fragment of a Solicit",
	  IP6_TO("2c", AGENTS) FRAGMENT("11", "0001") UDP("0222", "0223") "01*16", true, true,
	  GUARD_PASS },
	{ "port 547 in IPv4", IP4("11", "0000") UDP("0222", "0223") "01", true, true, GUARD_PASS },
	{ "an RS from the router's address", IP6_ENDS("3a", "ff", ROUTER_LL, ALL_NODES) RS, true,
	  true, GUARD_DROP },
	{ "ARP", ETHER("0806") "0001 0800 06 04 0001 " CLIENT_MAC "c0000202 00*10", true, true,
	  GUARD_PASS },
};

static void solicitations_are_punted(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(punts); i++) {
		struct guard_policy policy = guard_rows_policy();

		policy.punt_rs = punts[i].punt_rs;
		policy.punt_dhcp6 = punts[i].punt_dhcp6;
		struct guard_verdict verdict = guard_row_verdict(&policy, punts[i].packet);

		if (verdict.action != punts[i].action)
			fail_msg("%s: action %d", punts[i].what, (int)verdict.action);
	}
}

static void an_unknown_router_is_nobody(void **state)
{
	struct guard_policy policy = { 0 };

	assert_int_equal(guard_row_verdict(&policy, FROM("020000000001")).action, GUARD_PASS);
	assert_int_equal(guard_row_verdict(&policy, FROM("000000000000")).action, GUARD_DROP);
	assert_int_equal(guard_row_verdict(&policy, IP6("3a") NA(ROUTER_LL)).action, GUARD_PASS);
	assert_int_equal(guard_row_verdict(&policy, IP6("3a") RA).action, GUARD_DROP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_judged_by_their_ethernet_header),
		cmocka_unit_test(ip_does_not_hide_in_llc),
		cmocka_unit_test(clients_are_not_routers),
		cmocka_unit_test(clients_are_not_dhcp_servers),
		cmocka_unit_test(solicitations_are_punted),
		cmocka_unit_test(an_unknown_router_is_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
