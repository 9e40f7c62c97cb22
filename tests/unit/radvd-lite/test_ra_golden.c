/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/radvd-lite/test_ra_golden.c
 *
 * The header and the options of RFC 4861, 4191 and 8106, both ways.  The last row is byte by
 * byte what scapy makes of it.
 */
#include "tests/unit/radvd-lite/ra_golden.h"

static const struct golden golden[] = {
	{ "nothing is said",
	  { 0 },
	  "86"		/* type: Router Advertisement */
	  "00"		/* code */
	  "0000"	/* checksum: not yet */
	  "00"		/* hop limit: unspecified */
	  "00"		/* flags */
	  "0000"	/* router lifetime */
	  "00000000"	/* reachable time */
	  "00000000" }, /* retransmission timer */
	{ "the header's numbers at their ends",
	  { .hop_limit = 255,
	    .lifetime_s = UINT16_MAX,
	    .reachable_ms = 3600000,
	    .retrans_ms = UINT32_MAX },
	  "86 00 0000"
	  "ff"		/* hop limit */
	  "00"		/* flags */
	  "ffff"	/* router lifetime */
	  "0036ee80"	/* reachable time: one hour, the most that RFC 4861 6.2.1 allows */
	  "ffffffff" }, /* retransmission timer */
	{ "M: addresses by DHCPv6", { .managed = true }, "86000000 00 80 0000 00000000 00000000" },
	{ "O: other things by DHCPv6", { .other = true }, "86000000 00 40 0000 00000000 00000000" },
	{ "high preference",
	  { .lifetime_s = 1, .preference = RA_HIGH },
	  "86000000 00 08 0001 00000000 00000000" },
	{ "low preference",
	  { .lifetime_s = 1, .preference = RA_LOW },
	  "86000000 00 18 0001 00000000 00000000" },
	{ "source link-layer address",
	  { .hop_limit = 64, .has_source_mac = true, .source_mac = LOCAL_MAC },
	  RA_HEAD "01 01"	    /* type, length */
		  "02000000000a" }, /* address */
	{ "MTU",
	  { .hop_limit = 64, .mtu = 1280 },
	  RA_HEAD "05 01"	/* type, length */
		  "0000"	/* reserved */
		  "00000500" }, /* MTU */
	{ "a prefix for addresses",
	  { .hop_limit = 64,
	    .prefix_count = 1,
	    .prefix = { { { DB8(0, 1), 64 }, true, true, 86400, 14400 } } },
	  RA_HEAD "03 04"    /* type, length */
		  "40"	     /* prefix length */
		  "c0"	     /* L and A */
		  "00015180" /* valid lifetime */
		  "00003840" /* preferred lifetime */
		  "00000000" /* reserved */
		  "20010db8000100000000000000000000" },
	{ "prefixes of length 0, 1 and 128, without flags, on-link only, autonomous only",
	  { .hop_limit = 64,
	    .prefix_count = 3,
	    .prefix = { { { .len = 0 }, false, false, 0, 0 },
			{ { { { 0x80 } }, 1 }, true, false, RA_FOREVER, RA_FOREVER },
			{ { DB8([15] = 1), 128 }, false, true, RA_FOREVER, 0 } } },
	  RA_HEAD "03 04 00 00 00000000 00000000 00000000 00000000000000000000000000000000"
		  "03 04 01 80 ffffffff ffffffff 00000000 80000000000000000000000000000000"
		  "03 04 80 40 ffffffff 00000000 00000000 20010db8000000000000000000000001" },
	{ "a default route by option",
	  { .hop_limit = 64, .route_count = 1, .route = { { { .len = 0 }, RA_LOW, 600 } } },
	  RA_HEAD "18 01"	/* type, length: no prefix bytes */
		  "00"		/* prefix length */
		  "18"		/* preference: low */
		  "00000258" }, /* lifetime */
	{ "routes of 1, 64, 65 and 128 bits",
	  { .hop_limit = 64,
	    .route_count = 4,
	    .route = { { { { { 0x80 } }, 1 }, RA_MEDIUM, 0 },
		       { { DB8(0, 1, 0, 2), 64 }, RA_HIGH, 1 },
		       { { DB8(0, 1, 0, 2, 0x80), 65 }, RA_LOW, RA_FOREVER },
		       { { DB8([15] = 9), 128 }, RA_MEDIUM, 3600 } } },
	  RA_HEAD "18 02 01 00 00000000 8000000000000000"
		  "18 02 40 08 00000001 20010db800010002"
		  "18 03 41 18 ffffffff 20010db8000100028000000000000000"
		  "18 03 80 00 00000e10 20010db8000000000000000000000009" },
	{ "one DNS server",
	  { .hop_limit = 64, .dns_count = 1, .dns_lifetime_s = 1800, .dns = { DB8([15] = 0x53) } },
	  RA_HEAD "19 03"    /* type, length */
		  "0000"     /* reserved */
		  "00000708" /* lifetime */
		  "20010db8000000000000000000000053" },
	{ "a search domain that ends with its option: no padding",
	  { .hop_limit = 64,
	    .search_count = 1,
	    .search_lifetime_s = RA_FOREVER,
	    .search = { "corp.it-is-ok" } },
	  RA_HEAD "1f 03"    /* type, length */
		  "0000"     /* reserved */
		  "ffffffff" /* lifetime */
		  "04 636f7270"
		  "08 69742d69732d6f6b"
		  "00"
		  "00" },
	{ "two search domains of one label, seven bytes of padding",
	  { .hop_limit = 64,
	    .search_count = 2,
	    .search_lifetime_s = 60,
	    .search = { "lan", "_x1" } },
	  RA_HEAD "1f 03 0000 0000003c"
		  "03 6c616e 00" /* lan */
		  "03 5f7831 00" /* _x1 */
		  "000000000000" },
	{ "the longest domain, with labels of 63",
	  { .hop_limit = 64,
	    .search_count = 1,
	    .search_lifetime_s = 60,
	    .search = { LONGEST_TEXT } },
	  RA_HEAD "1f 21 0000 0000003c" LONGEST_WIRE "00" },
	{ "everything, in the order of RFC 4861 4.2",
	  { .hop_limit = 64,
	    .managed = true,
	    .other = true,
	    .preference = RA_HIGH,
	    .lifetime_s = 1800,
	    .reachable_ms = 30000,
	    .retrans_ms = 1000,
	    .has_source_mac = true,
	    .source_mac = LOCAL_MAC,
	    .mtu = 1400,
	    .prefix_count = 2,
	    .prefix = { { { DB8(0, 1), 64 }, true, true, 86400, 14400 },
			{ { { { 0xfd, 0, 0x12, 0x34, 0x56 } }, 56 },
			  true,
			  false,
			  RA_FOREVER,
			  RA_FOREVER } },
	    .route_count = 3,
	    .route = { { { .len = 0 }, RA_LOW, 600 },
		       { { DB8(1, 0), 48 }, RA_HIGH, 3600 },
		       { { DB8([15] = 0x53), 128 }, RA_MEDIUM, RA_FOREVER } },
	    .dns_count = 2,
	    .dns_lifetime_s = 1800,
	    .dns = { DB8([15] = 0x53), { { 0xfe, 0x80, [15] = 1 } } },
	    .search_count = 2,
	    .search_lifetime_s = 900,
	    .search = { "corp.example", "lab.corp.example" } },
	  "86000000 40 c8 0708 00007530 000003e8"
	  "0101 02000000000a"
	  "0501 0000 00000578"
	  "0304 40 c0 00015180 00003840 00000000 20010db8000100000000000000000000"
	  "0304 38 80 ffffffff ffffffff 00000000 fd001234560000000000000000000000"
	  "1801 00 18 00000258"
	  "1802 30 08 00000e10 20010db801000000"
	  "1803 80 00 ffffffff 20010db8000000000000000000000053"
	  "1905 0000 00000708 20010db8000000000000000000000053 fe800000000000000000000000000001"
	  "1f05 0000 00000384 04636f7270076578616d706c6500 036c616204636f7270076578616d706c6500" },
};

static void both_ways(void **state)
{
	golden_check(golden, ARRAY_LEN(golden));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
