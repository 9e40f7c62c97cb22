/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/radvd-lite/test_ra_options.c
 *
 * The options and flags of RFC 6275 (R), 9762 (P), 8781 (PREF64) and 8910 (captive portal), both
 * ways, and what is skipped or refused of them.  Resolvers (RFC 9463) are test_ra_dnr's.
 */
#include "tests/unit/radvd-lite/ra_golden.h"

#define GOOD_MTU "0501 0000 000005dc" /* 1500: a good option behind a bad one */
#define NAT64_96 "0064ff9b 0000000000000000"
#define WELL_KNOWN                              \
	{                                       \
		{ { 0, 0x64, 0xff, 0x9b } }, 96 \
	}
#define HTTPS "68747470733a2f2f" /* https:// */

static const struct golden golden[] = {
	{ "R: the router's whole address, RFC 6275 7.2",
	  { .hop_limit = 64,
	    .prefix_count = 1,
	    .prefix = { { .prefix = { DB8(0, 1), 64 },
			  .on_link = true,
			  .autonomous = true,
			  .valid_s = 2,
			  .preferred_s = 1,
			  .has_router_address = true,
			  .router_address = DB8(0, 1, [15] = 1) } } },
	  RA_HEAD "03 04 40"
		  "e0" /* L, A, R */
		  "00000002 00000001 00000000"
		  "20010db8000100000000000000000001" },
	{ "P: delegated prefixes are preferred, RFC 9762 5",
	  { .hop_limit = 64,
	    .prefix_count = 1,
	    .prefix = { { .prefix = { DB8(0, 1), 64 },
			  .valid_s = 2,
			  .preferred_s = 1,
			  .pd_preferred = true } } },
	  RA_HEAD "03 04 40"
		  "10" /* P */
		  "00000002 00000001 00000000"
		  "20010db8000100000000000000000000" },
	{ "PREF64 of 96 bits, the well-known one, RFC 8781 4",
	  { .hop_limit = 64, .pref64_count = 1, .pref64 = { { WELL_KNOWN, 1800 } } },
	  RA_HEAD "26 02" /* type, length */
		  "0708"  /* 225 units of 8 seconds, above the PLC: 0 */
	  NAT64_96 },
	{ "PREF64 of each other length, with the longest and no lifetime",
	  { .hop_limit = 64,
	    .pref64_count = 4,
	    .pref64 = { { { DB8(0, 1, 0, 2), 64 }, RA_PREF64_MAX_S },
			{ { DB8(0, 1, 2), 56 }, 8 },
			{ { DB8(0, 1), 48 }, 0 },
			{ { DB8(1), 40 }, 16 } } },
	  RA_HEAD "2602 fff9 20010db8 00010002 00000000"
		  "2602 000a 20010db8 00010200 00000000"
		  "2602 0003 20010db8 00010000 00000000"
		  "2602 0014 20010db8 01000000 00000000" },
	{ "PREF64 of 32 bits",
	  { .hop_limit = 64, .pref64_count = 1, .pref64 = { { { DB8(), 32 }, 8 } } },
	  RA_HEAD "2602 000d 20010db8 00000000 00000000" },
	{ "a captive portal's API, RFC 8910 2.3",
	  { .hop_limit = 64, .captive_portal = "https://p.example/?a=%2f" },
	  RA_HEAD "25 04" /* type, length */
	  HTTPS "702e6578616d706c652f 3f613d253266"
		  "000000000000" },
	{ "a captive portal that ends with its option, by http",
	  { .hop_limit = 64, .captive_portal = "http://a.example/b+c_d" },
	  RA_HEAD "25 03" /* type, length */
		  "687474703a2f2f 612e6578616d706c652f622b635f64" },
	{ "no captive portal: RFC 8910 2",
	  { .hop_limit = 64, .captive_portal = RA_NO_PORTAL },
	  RA_HEAD "25 05" /* type, length */
		  "75726e3a696574663a706172616d733a636170706f72743a756e72657374726963746564"
		  "0000" },
};

static void both_ways(void **state)
{
	golden_check(golden, ARRAY_LEN(golden));
}

/* What is skipped, with a good option behind it that stands. */
static const struct {
	const char *what;
	const char *options;
} skipped[] = {
	{ "PREF64 with PLC 6, RFC 8781 4", "2602 000e" NAT64_96 },
	{ "PREF64 with PLC 7", "2602 000f" NAT64_96 },
	{ "PREF64 of one unit", "2601 0708 0064ff9b" },
	{ "PREF64 of three units", "2603 0708" NAT64_96 "0000000000000000" },
	{ "a portal that is nothing but NULs", "2501 000000000000" },
	{ "a portal without a scheme", "2502 702e6578616d706c652f00000000" },
	{ "a script", "2503 6a6176617363726970743a616c657274283129000000" },
	{ "https:// and nothing else", "2502" HTTPS "000000000000" },
	{ "http:// and nothing else", "2502 687474703a2f2f 00000000000000" },
	{ "a portal with one digit behind its percent sign", "2502" HTTPS "612532670000" },
	{ "a portal with one digit too late", "2502" HTTPS "612567320000" },
	{ "a portal with bytes behind its NUL", "2502" HTTPS "610000000001" },
	{ "a portal with a space", "2502" HTTPS "612062000000" },
	{ "a portal with an escape for terminals", "2502" HTTPS "611b62000000" },
	{ "a portal in UTF-8", "2502" HTTPS "61c3a9000000" },
	{ "a portal with a quote", "2502" HTTPS "612262000000" },
	{ "a portal with half a percent sign", "2502" HTTPS "61252f000000" },
	{ "a portal with a percent sign at its end", "2502" HTTPS "612500000000" },
	{ "another urn", "2505 75726e3a696574663a706172616d733a636170706f72743a"
			 "756e726573747269637465730000"
			 "2501 75726e3a6100" },
};

static void bad_ones_are_skipped(void **state)
{
	const struct ra wanted = { .hop_limit = 64, .mtu = 1500 };

	for (size_t i = 0; i < ARRAY_LEN(skipped); i++) {
		uint8_t buffer[256], option[256];
		struct writer w = writer_over(buffer, sizeof(buffer));
		struct bytes piece = hex(RA_HEAD, option, sizeof(option));
		struct ra ra;

		writer_copy(&w, piece.data, piece.len);
		piece = hex(skipped[i].options, option, sizeof(option));
		writer_copy(&w, piece.data, piece.len);
		piece = hex(GOOD_MTU, option, sizeof(option));
		writer_copy(&w, piece.data, piece.len);
		if (!ra_parse(writer_bytes(&w), &ra))
			fail_msg("%s: all is discarded", skipped[i].what);
		if (!ra_equal(&ra, &wanted))
			fail_msg("%s: not skipped", skipped[i].what);
	}
}

static const struct {
	const char *what;
	const char *message;
	struct ra ra;
} kept[] = {
	{ "R in a prefix of 0 bits: any address is in it",
	  RA_HEAD "0304 00 20 00000000 00000000 00000000 fe800000000000000000000000000001",
	  { .hop_limit = 64,
	    .prefix_count = 1,
	    .prefix = { { .has_router_address = true,
			  .router_address = { { 0xfe, 0x80, [15] = 1 } } } } } },
	{ "PREF64's bits beyond its length do not count",
	  RA_HEAD "2602 000d 20010db8 ffffffff ffffffff",
	  { .hop_limit = 64, .pref64_count = 1, .pref64 = { { { DB8(), 32 }, 8 } } } },
	{ "of two portals the first good one counts",
	  RA_HEAD "2502 6674703a2f2f61 00000000000000"
		  "2502" HTTPS "610000000000"
		  "2502" HTTPS "620000000000",
	  { .hop_limit = 64, .captive_portal = "https://a" } },
	{ "of five NAT64 prefixes four are kept",
	  RA_HEAD "2602 000d 20010db0 00000000 00000000"
		  "2602 000d 20010db1 00000000 00000000"
		  "2602 000d 20010db2 00000000 00000000"
		  "2602 000d 20010db3 00000000 00000000"
		  "2602 000d 20010db4 00000000 00000000",
	  { .hop_limit = 64,
	    .pref64_count = 4,
	    .pref64 = { { { { { 0x20, 1, 0xd, 0xb0 } }, 32 }, 8 },
			{ { { { 0x20, 1, 0xd, 0xb1 } }, 32 }, 8 },
			{ { { { 0x20, 1, 0xd, 0xb2 } }, 32 }, 8 },
			{ { { { 0x20, 1, 0xd, 0xb3 } }, 32 }, 8 } } } },
};

static void the_rest_is_kept(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		uint8_t buffer[256];
		struct ra ra;

		if (!ra_parse(hex(kept[i].message, buffer, sizeof(buffer)), &ra))
			fail_msg("%s: discarded", kept[i].what);
		if (!ra_equal(&ra, &kept[i].ra))
			fail_msg("%s: says something else", kept[i].what);
	}
}

/* RFC 8781 4.1: a lifetime that is no multiple of 8 is rounded up; 13 bits hold 65,528. */
static const struct {
	uint32_t asked_s, said_s;
} rounded[] = {
	{ 0, 0 },	  { 1, 8 },	    { 7, 8 },
	{ 8, 8 },	  { 9, 16 },	    { 65521, 65528 },
	{ 65528, 65528 }, { 65529, 65528 }, { RA_FOREVER, 65528 },
};

static void lifetimes_are_rounded(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rounded); i++) {
		struct ra ra = { .pref64_count = 1,
				 .pref64 = { { WELL_KNOWN, rounded[i].asked_s } } };
		uint8_t built[64];
		struct writer w = writer_over(built, sizeof(built));

		ra_build(&ra, &w);
		assert_false(w.full);
		assert_true(ra_parse(writer_bytes(&w), &ra));
		if (ra.pref64[0].lifetime_s != rounded[i].said_s)
			fail_msg("%u s became %u s", rounded[i].asked_s, ra.pref64[0].lifetime_s);
	}
}

static const struct {
	const char *what;
	struct ra ra;
} refused[] = {
	{ "a router's address outside its prefix",
	  { .prefix_count = 1,
	    .prefix = { { .prefix = { DB8(0, 1), 64 },
			  .has_router_address = true,
			  .router_address = DB8(0, 2) } } } },
	{ "a NAT64 prefix of 95 bits", { .pref64_count = 1, .pref64 = { { { DB8(), 95 }, 8 } } } },
	{ "a NAT64 prefix of 0 bits", { .pref64_count = 1 } },
	{ "a portal with a space", { .captive_portal = "https://a b" } },
	{ "a portal by ftp", { .captive_portal = "ftp://a" } },
};

static void the_impossible_is_refused(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		uint8_t built[256];
		struct writer w = writer_over(built, sizeof(built));

		ra_build(&refused[i].ra, &w);
		if (!w.full)
			fail_msg("%s: was built", refused[i].what);
	}
}

/* RFC 8910 2: 255 characters, no more; of the wire as of the text. */
static void portals_have_a_longest(void **state)
{
	char uri[RA_MAX_URI + 1] = "https://";

	memset(uri + 8, 'a', RA_MAX_URI - 9);
	assert_int_equal(strlen(uri), RA_MAX_URI - 1);
	assert_true(ra_portal_is_good(uri));
	for (size_t len = RA_MAX_URI - 1; len <= RA_MAX_URI; len++) {
		uint8_t option[264] = { 37, 33 };
		struct ra ra = { 0 };

		memset(option + 2, 'a', len);
		memcpy(option + 2, "https://", 8);
		bool kept_it = ra_parse_user_option(
			(struct bytes) { .data = option, .len = sizeof(option) }, &ra, NULL);
		assert_int_equal(kept_it, len < RA_MAX_URI);
		assert_int_equal(strlen(ra.captive_portal), kept_it ? len : 0);
	}
	uri[RA_MAX_URI - 1] = 'a';
	assert_false(ra_portal_is_good(uri));
}

/* Each character, alone behind the scheme; of hexadecimal digits two behind a percent sign. */
static void uris_are_made_of(void **state)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-._~:/?#[]@!$&'()*+,;=";

	for (int c = 1; c < 256; c++) {
		char uri[] = { 'h', 't', 't', 'p', ':', '/', '/', (char)c, '\0' };
		char escaped[] = "http://%00";
		bool is_hex = strchr("0123456789abcdefABCDEF", c);

		if (ra_portal_is_good(uri) != (strchr(plain, c) != NULL))
			fail_msg("character %d", c);
		escaped[8] = (char)c;
		if (ra_portal_is_good(escaped) != is_hex)
			fail_msg("escaped, first character %d", c);
		escaped[8] = '0';
		escaped[9] = (char)c;
		if (ra_portal_is_good(escaped) != is_hex)
			fail_msg("escaped, second character %d", c);
	}
}

/* As the kernel hands them on; what the kernel does itself is not taken. */
static void single_options(void **state)
{
	static const struct {
		const char *what;
		const char *option;
		bool ok;
		struct ra ra;
	} rows[] = {
		{ "PREF64",
		  "2602 0708" NAT64_96,
		  true,
		  { .pref64_count = 1, .pref64 = { { WELL_KNOWN, 1800 } } } },
		{ "PREF64 withdrawn: it says so itself",
		  "2602 0000" NAT64_96,
		  true,
		  { .pref64_count = 1, .pref64 = { { WELL_KNOWN, 0 } } } },
		{ "PREF64 of one unit", "2601 0708 0064ff9b", false, { 0 } },
		{ "a portal with bytes behind its NUL", "2502" HTTPS "610000000001", false, { 0 } },
		{ "a bad PREF64", "2602 0007" NAT64_96, false, { 0 } },
		{ "a portal",
		  "2502" HTTPS "610000000000",
		  true,
		  { .captive_portal = "https://a" } },
		{ "a bad portal", "2502" HTTPS "612000000000", false, { 0 } },
		{ "an MTU", GOOD_MTU, false, { 0 } },
		{ "more than one option", "2602 0708" NAT64_96 GOOD_MTU, false, { 0 } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buffer[64];
		struct ra ra = { 0 }, withdrawn = { 0 }, nothing = { 0 };
		struct bytes option = hex(rows[i].option, buffer, sizeof(buffer));

		if (ra_parse_user_option(option, &ra, &withdrawn) != rows[i].ok)
			fail_msg("%s: ok=%d", rows[i].what, !rows[i].ok);
		if (!ra_equal(&ra, &rows[i].ra) || !ra_equal(&withdrawn, &nothing))
			fail_msg("%s: says something else", rows[i].what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways),
		cmocka_unit_test(bad_ones_are_skipped),
		cmocka_unit_test(the_rest_is_kept),
		cmocka_unit_test(lifetimes_are_rounded),
		cmocka_unit_test(the_impossible_is_refused),
		cmocka_unit_test(portals_have_a_longest),
		cmocka_unit_test(uris_are_made_of),
		cmocka_unit_test(single_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
