/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/radvd-lite/test_ra_dnr.c
 *
 * Encrypted DNS resolvers, RFC 9463 6.1: both ways, what is skipped, and what may be said.
 */
#include "tests/unit/radvd-lite/ra_golden.h"

#define ADDRESS "20010db8000000000000000000000053"
#define R_EXAMPLE "000b 0172 076578616d706c65 00" /* ADN length and r.example */
#define DOT "0001 0004 03646f74"		  /* alpn: dot */
#define HEAD_R "0001 00000708" R_EXAMPLE	  /* priority, lifetime, name */
#define WITH_DOT HEAD_R "0010" ADDRESS "0008" DOT

static const struct golden golden[] = {
	{ "DNS over TLS",
	  { .hop_limit = 64,
	    .dnr_count = 1,
	    .dnr = { { .priority = 1,
		       .lifetime_s = 1800,
		       .name = "r.example",
		       .address_count = 1,
		       .address = { DB8([15] = 0x53) },
		       .alpn = "dot" } } },
	  RA_HEAD "90 07"			  /* type, length */
		  "0001"			  /* service priority */
		  "00000708"			  /* lifetime */
		  "000b 0172 076578616d706c65 00" /* name's length and name */
		  "0010" ADDRESS		  /* addresses' length and address */
		  "0008"			  /* parameters' length */
		  "0001 0004 03 646f74"		  /* alpn */
		  "00000000000000" },		  /* padding */
	{ "DNS over HTTPS on a port of its own, with two addresses",
	  { .hop_limit = 64,
	    .dnr_count = 1,
	    .dnr = { { .priority = 65535,
		       .lifetime_s = RA_FOREVER,
		       .name = "r.example",
		       .address_count = 2,
		       .address = { DB8([15] = 0x53), { { 0xfe, 0x80, [15] = 1 } } },
		       .alpn = "h2,h3,http/1.1",
		       .port = 8443,
		       .dohpath = "/q{?dns}" } } },
	  RA_HEAD "90 0c ffff ffffffff" R_EXAMPLE "0020" ADDRESS "fe800000000000000000000000000001"
		  "0025"
		  "0001 000f 02 6832 02 6833 08 687474702f312e31" /* alpn */
		  "0003 0002 20fb"				  /* port */
		  "0007 0008 2f717b3f646e737d"			  /* dohpath */
		  "0000" },
	{ "the name alone, withdrawn",
	  { .hop_limit = 64, .dnr_count = 1, .dnr = { { .priority = 2, .name = "r.example" } } },
	  RA_HEAD "90 03 0002 00000000" R_EXAMPLE "000000" },
	{ "the name alone without padding, and with one byte",
	  { .hop_limit = 64,
	    .dnr_count = 2,
	    .dnr = { { .priority = 2, .name = "abcd.example" },
		     { .priority = 2, .name = "abc.example" } } },
	  RA_HEAD "90 03 0002 00000000 000e 04 61626364 07 6578616d706c65 00"
		  "90 03 0002 00000000 000d 03 616263 07 6578616d706c65 00 00" },
};

static void both_ways(void **state)
{
	golden_check(golden, ARRAY_LEN(golden));
}

/* An option's body; type, length and padding are put around it. */
static bool parse_body(const char *body, struct ra *ra)
{
	uint8_t buffer[2048], text[2048];
	struct writer w = writer_over(buffer, sizeof(buffer));
	struct bytes b = hex(body, text, sizeof(text));
	unsigned units = (unsigned)(2 + b.len + 7) / 8;

	writer_u8(&w, 144);
	writer_u8(&w, (uint8_t)units);
	writer_copy(&w, b.data, b.len);
	writer_zero(&w, units * 8 - w.len);
	assert_false(w.full);
	memset(ra, 0, sizeof(*ra));
	return ra_parse_user_option(writer_bytes(&w), ra, NULL);
}

static const struct {
	const char *what;
	const char *body;
} skipped[] = {
	{ "priority 0: an alias, RFC 9463 3.1.1",
	  "0000 00000708" R_EXAMPLE "0010" ADDRESS "0008" DOT },
	{ "no name", "0001 00000708 0000 0010" ADDRESS "0008" DOT },
	{ "the root as name", "0001 00000708 0001 00" },
	{ "two names", "0001 00000708 0006 01610001620000" },
	{ "an unfinished name", "0001 00000708 0002 0161 00" },
	{ "a name by compression pointer", "0001 00000708 0002 c000 000000" },
	{ "a name longer than the option", "0001 00000708 0101 0161000000" },
	{ "a name of characters that nobody can write down", "0001 00000708 0003 011b00 00" },
	{ "half an address", HEAD_R "0008 20010db800000000 0008" DOT },
	{ "an address and a half", HEAD_R "0018" ADDRESS "0000000000000000 0008" DOT },
	{ "more addresses than the option holds", HEAD_R "0100" ADDRESS "0008" DOT },
	{ "nothing but a multicast address",
	  HEAD_R "0010 ff020000000000000000000000000001 0008" DOT },
	{ "nothing but loopback", HEAD_R "0010 00000000000000000000000000000001 0008" DOT },
	{ "nothing but ::", HEAD_R "0010 00000000000000000000000000000000 0008" DOT },
	{ "parameters without an address", HEAD_R "0000 0008" DOT },
	{ "addresses without parameters", HEAD_R "0010" ADDRESS "0000" },
	{ "parameters longer than the option", HEAD_R "0010" ADDRESS "0100" DOT },
	{ "parameters without alpn", HEAD_R "0010" ADDRESS "0006 0003 0002 0355" },
	{ "alpn without a protocol", HEAD_R "0010" ADDRESS "0004 0001 0000" },
	{ "alpn with an empty protocol", HEAD_R "0010" ADDRESS "0009 0001 0005 00 03646f74" },
	{ "alpn with an empty protocol in the end",
	  HEAD_R "0010" ADDRESS "0009 0001 0005 03646f74 00" },
	{ "alpn with half a protocol behind a whole one",
	  HEAD_R "0010" ADDRESS "000a 0001 0006 03646f74 0561" },
	{ "a byte behind the last parameter", HEAD_R "0010" ADDRESS "0009" DOT "00" },
	{ "two bytes that promise an address",
	  "0001 00000708 000c 026162 076578616d706c65 00 0010" },
	{ "four bytes that promise parameters",
	  "0001 00000708 000a 086578616d706c6531 00 0000 0008" },
	{ "alpn with half a protocol", HEAD_R "0010" ADDRESS "0008 0001 0004 04646f74" },
	{ "alpn with a comma inside: it would read as two",
	  HEAD_R "0010" ADDRESS "0008 0001 0004 03642c74" },
	{ "alpn with an escape for terminals", HEAD_R "0010" ADDRESS "0008 0001 0004 031b5b6d" },
	{ "alpn twice", HEAD_R "0010" ADDRESS "0010" DOT DOT },
	{ "keys out of order: port, then alpn", HEAD_R "0010" ADDRESS "000e 0003 0002 0355" DOT },
	{ "a parameter longer than the list", HEAD_R "0010" ADDRESS "000e" DOT "0003 0003 0355" },
	{ "half a parameter", HEAD_R "0010" ADDRESS "000a" DOT "0003" },
	{ "port 0", HEAD_R "0010" ADDRESS "000e" DOT "0003 0002 0000" },
	{ "a port of one byte", HEAD_R "0010" ADDRESS "000d" DOT "0003 0001 35" },
	{ "a port of three bytes", HEAD_R "0010" ADDRESS "000f" DOT "0003 0003 035500" },
	{ "ipv4hint: must not be there, RFC 9463 3.1.5",
	  HEAD_R "0010" ADDRESS "0010" DOT "0004 0004 c0000201" },
	{ "ipv6hint", HEAD_R "0010" ADDRESS "001c" DOT "0006 0010" ADDRESS },
	{ "an empty dohpath", HEAD_R "0010" ADDRESS "000c" DOT "0007 0000" },
	{ "a dohpath that is not relative",
	  HEAD_R "0010" ADDRESS "0013" DOT "0007 0007 717b3f646e737d" },
	{ "a dohpath without the variable dns",
	  HEAD_R "0010" ADDRESS "0014" DOT "0007 0008 2f717b3f646e787d" },
	{ "a dohpath with a space", HEAD_R "0010" ADDRESS "0014" DOT "0007 0008 2f207b3f646e737d" },
	{ "a dohpath with a NUL", HEAD_R "0010" ADDRESS "0014" DOT "0007 0008 2f007b3f646e737d" },
	{ "a mandatory key that nobody knows, RFC 9460 8",
	  HEAD_R "0010" ADDRESS "0010 0000 0004 0001 fde8" DOT },
	{ "a mandatory list that is empty", HEAD_R "0010" ADDRESS "000c 0000 0000" DOT },
	{ "a mandatory list of a byte and a half of keys",
	  HEAD_R "0010" ADDRESS "000f 0000 0003 000100" DOT },
	{ "nothing at all", "000000000000" },
};

static void bad_ones_are_skipped(void **state)
{
	const struct ra nothing = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(skipped); i++) {
		struct ra ra;

		if (parse_body(skipped[i].body, &ra))
			fail_msg("%s: not skipped", skipped[i].what);
		if (!ra_equal(&ra, &nothing))
			fail_msg("%s: something is left", skipped[i].what);
	}
}

/* The resolver that WITH_DOT is, and others like it. */
#define ONE                      \
	{                        \
		DB8([15] = 0x53) \
	}
#define FOUR                                                                           \
	{                                                                              \
		DB8([15] = 0x53), DB8([15] = 0x53), DB8([15] = 0x53), DB8([15] = 0x53) \
	}
#define GROUP                           \
	{                               \
		{                       \
			{               \
				0xff, 2 \
			}               \
		}                       \
	}
#define R(priority, name, count, addresses, alpn, port, dohpath)            \
	{                                                                   \
		priority, 1800, name, count, addresses, alpn, port, dohpath \
	}
#define R_DOT R(1, "r.example", 1, ONE, "dot", 0, "")

static const struct {
	const char *what;
	const char *body;
	struct ra_dnr dnr;
} kept[] = {
	{ "as it should be", WITH_DOT, R_DOT },
	{ "more padding than needed", WITH_DOT "0000000000000000000000", R_DOT },
	{ "the name alone, with two empty lists",
	  HEAD_R "0000 0000",
	  { .priority = 1, .lifetime_s = 1800, .name = "r.example" } },
	{ "unknown keys are skipped: no-default-alpn, ohttp, a private one",
	  HEAD_R "0010" ADDRESS "0015" DOT "0002 0000 0008 0000 fde8 0001 ff", R_DOT },
	{ "mandatory: alpn, port and dohpath, all of them there",
	  HEAD_R "0010" ADDRESS "0024 0000 0006 0001 0003 0007" DOT "0003 0002 0355"
		 "0007 0008 2f717b3f646e737d",
	  R(1, "r.example", 1, ONE, "dot", 853, "/q{?dns}") },
	{ "mandatory: alpn and port",
	  HEAD_R "0010" ADDRESS "0016 0000 0004 0001 0003" DOT "0003 0002 0355",
	  R(1, "r.example", 1, ONE, "dot", 853, "") },
	{ "the smallest port there is, protocols of one letter",
	  HEAD_R "0010" ADDRESS "000e 0001 0004 0161 0162 0003 0002 0001",
	  R(1, "r.example", 1, ONE, "a,b", 1, "") },
	{ "protocols with characters that have no business there are left out",
	  HEAD_R "0010" ADDRESS "000c 0001 0008 03642c74 03646f74", R_DOT },
	{ "bad addresses are left out, good ones stay",
	  HEAD_R "0030 ff020000000000000000000000000001" ADDRESS
		 "00000000000000000000000000000001 0008" DOT,
	  R_DOT },
	{ "of five addresses four are kept",
	  HEAD_R "0050" ADDRESS ADDRESS ADDRESS ADDRESS ADDRESS "0008" DOT,
	  R(1, "r.example", 4, FOUR, "dot", 0, "") },
};

static void the_rest_is_kept(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		struct ra ra;

		if (!parse_body(kept[i].body, &ra))
			fail_msg("%s: skipped", kept[i].what);
		if (ra.dnr_count != 1 || !ra_equal_dnr(&ra.dnr[0], &kept[i].dnr))
			fail_msg("%s: says something else", kept[i].what);
	}
}

#define TEXT_31 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
	const char *what;
	struct ra_dnr dnr;
	const char *fault; /* a word of it */
} said[] = {
	{ "as it should be", R_DOT, NULL },
	{ "the name alone", { .priority = 1, .name = "a" }, NULL },
	{ "priority 0", R(0, "r.example", 1, ONE, "dot", 0, ""), "priority" },
	{ "no name", R(1, "", 1, ONE, "dot", 0, ""), "name" },
	{ "a name that is none", R(1, "a..b", 1, ONE, "dot", 0, ""), "name" },
	{ "too many addresses", R(1, "r", 5, ONE, "dot", 0, ""), "too many" },
	{ "an address that is multicast", R(1, "r", 1, GROUP, "dot", 0, ""), "address" },
	{ "an address that is missing", R(1, "r", 2, ONE, "dot", 0, ""), "address" },
	{ "a port without an address", { .priority = 1, .name = "a", .port = 1 }, "beside" },
	{ "alpn without an address", { .priority = 1, .name = "a", .alpn = "dot" }, "beside" },
	{ "dohpath without an address",
	  { .priority = 1, .name = "a", .dohpath = "/q{?dns}" },
	  "beside" },
	{ "no alpn", R(1, "r", 1, ONE, "", 0, ""), "alpn" },
	{ "alpn with a space", R(1, "r", 1, ONE, "dot, h2", 0, ""), "alpn" },
	{ "alpn that ends with a comma", R(1, "r", 1, ONE, "dot,", 0, ""), "alpn" },
	{ "alpn that begins with one", R(1, "r", 1, ONE, ",dot", 0, ""), "alpn" },
	{ "alpn as long as can be", R(1, "r", 1, ONE, TEXT_31 "," TEXT_31, 0, ""), NULL },
	{ "dohpath", R(1, "r", 1, ONE, "h2", 0, "/q{?dns}"), NULL },
	{ "dohpath without a slash", R(1, "r", 1, ONE, "h2", 0, "q{?dns}"), "dohpath" },
	{ "dohpath without dns", R(1, "r", 1, ONE, "h2", 0, "/q"), "dohpath" },
	{ "dohpath with a quote", R(1, "r", 1, ONE, "h2", 0, "/'{?dns}"), "dohpath" },
};

/* ra_dnr_fault names the fault, and what it names is never built. */
static void faults_are_named(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(said); i++) {
		const char *fault = ra_dnr_fault(&said[i].dnr);
		struct ra ra = { .dnr_count = 1, .dnr = { said[i].dnr } };
		uint8_t built[512];
		struct writer w = writer_over(built, sizeof(built));

		if (!fault != !said[i].fault || (fault && !strstr(fault, said[i].fault)))
			fail_msg("%s: %s", said[i].what, fault ? fault : "no fault");
		ra_build(&ra, &w);
		if (w.full != (fault != NULL))
			fail_msg("%s: full=%d", said[i].what, w.full);
	}
}

/* Each character, alone, in a protocol's name and in a path. */
static void texts_are_made_of(void **state)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	for (int c = 1; c < 256; c++) {
		struct ra_dnr dnr = R(1, "r", 1, ONE, "x", 0, "/dns");
		bool is_plain = strchr(plain, c);

		dnr.alpn[0] = (char)c;
		if (!ra_dnr_fault(&dnr) != (is_plain || strchr("-._/", c)))
			fail_msg("alpn: character %d", c);
		dnr = (struct ra_dnr)R(1, "r", 1, ONE, "x", 0, "/xdns");
		dnr.dohpath[1] = (char)c;
		if (!ra_dnr_fault(&dnr) != (is_plain || strchr("-._~/?#&=+;:@!$*(),%{}", c)))
			fail_msg("dohpath: character %d", c);
	}
}

/* One character more than our texts hold: a protocol is left out, a path makes it unusable. */
static void texts_have_a_longest(void **state)
{
	for (size_t len = RA_MAX_ALPN - 1; len <= RA_MAX_ALPN; len++) {
		uint8_t option[128] = { 144, 16, 0, 1, 0, 0, 0, 9, 0, 3, 1, 'r', 0, 0, 16 };
		struct writer w = writer_over(option, sizeof(option));
		struct ra ra = { 0 };

		writer_room(&w, 15);
		writer_copy(&w, ((struct ip6)DB8(1)).octet, 16);
		writer_u16(&w, (uint16_t)(len + 5));
		writer_u16(&w, 1); /* alpn */
		writer_u16(&w, (uint16_t)(len + 1));
		writer_u8(&w, (uint8_t)len);
		memset(writer_room(&w, len), 'a', len);
		assert_false(w.full);
		bool ok = ra_parse_user_option(
			(struct bytes) { .data = option, .len = sizeof(option) }, &ra, NULL);
		assert_int_equal(ok, len < RA_MAX_ALPN);
		assert_int_equal(strlen(ra.dnr[0].alpn), ok ? len : 0);
	}
	for (size_t len = 31; len <= 32; len++) { /* and a comma, and 31 more */
		uint8_t option[128] = { 144, 16, 0, 1, 0, 0, 0, 9, 0, 3, 1, 'r', 0, 0, 16 };
		struct writer w = writer_over(option, sizeof(option));
		struct ra ra = { 0 };

		writer_room(&w, 15);
		writer_copy(&w, ((struct ip6)DB8(1)).octet, 16);
		writer_u16(&w, (uint16_t)(len + 37));
		writer_u16(&w, 1); /* alpn */
		writer_u16(&w, (uint16_t)(len + 33));
		writer_u8(&w, (uint8_t)len);
		memset(writer_room(&w, len), 'a', len);
		writer_u8(&w, 31);
		memset(writer_room(&w, 31), 'b', 31);
		assert_false(w.full);
		assert_true(ra_parse_user_option(
			(struct bytes) { .data = option, .len = sizeof(option) }, &ra, NULL));
		assert_int_equal(strlen(ra.dnr[0].alpn), len == 31 ? 63 : 32);
	}
	for (size_t len = RA_MAX_DOHPATH - 1; len <= RA_MAX_DOHPATH; len++) {
		uint8_t option[192] = { 144, 24, 0, 1, 0, 0, 0, 9, 0, 3, 1, 'r', 0, 0, 16 };
		struct writer w = writer_over(option, sizeof(option));
		struct ra ra = { 0 };

		writer_room(&w, 15);
		writer_copy(&w, ((struct ip6)DB8(1)).octet, 16);
		writer_u16(&w, (uint16_t)(6 + 4 + len));
		writer_copy(&w, "\0\1\0\2\1x\0\7\0", 9);
		writer_u8(&w, (uint8_t)len);
		memset(memcpy(writer_room(&w, len), "/dns", 4) + 4, 'a', len - 4);
		assert_false(w.full);
		bool ok = ra_parse_user_option(
			(struct bytes) { .data = option, .len = sizeof(option) }, &ra, NULL);
		assert_int_equal(ok, len < RA_MAX_DOHPATH);
		assert_int_equal(strlen(ra.dnr[0].dohpath), ok ? len : 0);
	}
}

/* As long as everything can be: it is one option, and comes back. */
static void the_largest_comes_back(void **state)
{
	struct ra ra = { .dnr_count = RA_MAX_DNR }, back;
	uint8_t built[4096];
	struct writer w = writer_over(built, sizeof(built));

	for (unsigned i = 0; i < RA_MAX_DNR; i++) {
		struct ra_dnr *dnr = &ra.dnr[i];

		*dnr = (struct ra_dnr)R(1, LONGEST_TEXT, RA_MAX_DNR_ADDRESSES, FOUR,
					TEXT_31 "," TEXT_31, 853, "/{?dns}");
		for (unsigned j = 0; j < RA_MAX_DNR_ADDRESSES; j++)
			dnr->address[j] = (struct ip6)DB8((uint8_t)i, (uint8_t)j);
		memset(dnr->dohpath + 7, 'a', RA_MAX_DOHPATH - 8);
	}
	ra_build(&ra, &w);
	assert_false(w.full);
	assert_true(ra_parse(writer_bytes(&w), &back));
	assert_true(ra_equal(&ra, &back));
	/* one more is beyond the table */
	memmove(built + w.len, built + 16, 8u * built[17]);
	w.len += 8u * built[17];
	assert_true(ra_parse(writer_bytes(&w), &back));
	assert_true(ra_equal(&ra, &back));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways),
		cmocka_unit_test(bad_ones_are_skipped),
		cmocka_unit_test(the_rest_is_kept),
		cmocka_unit_test(faults_are_named),
		cmocka_unit_test(texts_are_made_of),
		cmocka_unit_test(texts_have_a_longest),
		cmocka_unit_test(the_largest_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
