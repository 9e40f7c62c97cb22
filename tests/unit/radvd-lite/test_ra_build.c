/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/radvd-lite/test_ra_build.c
 *
 * What ra_build makes of values at and beyond the edges: lengths of route options, lists that
 * need several options, and what it refuses to say at all.
 */
#include "tests/unit/radvd-lite/ra_equal.h"
#include "tests/unit/radvd-lite/ra_rows.h"

/* Built from what should not be built so, but can be, by saying less. */
static const struct {
	const char *what;
	struct ra ra;
	const char *message;
} tidied[] = {
	{ "without a lifetime the preference is medium, RFC 4191 2.2",
	  { .hop_limit = 64, .preference = RA_HIGH },
	  RA_HEAD },
	{ "the reserved preference is never sent",
	  { .lifetime_s = 1, .preference = 2 },
	  "86000000 00 00 0001 00000000 00000000" },
	{ "nor for a route",
	  { .hop_limit = 64, .route_count = 1, .route = { { { .len = 0 }, 2, 1 } } },
	  RA_HEAD "18 01 00 00 00000001" },
	{ "a prefix's bits beyond its length are zero",
	  { .hop_limit = 64,
	    .prefix_count = 1,
	    .prefix = { { { DB8(0, 1, 0xff, [15] = 1), 47 }, false, false, 1, 1 } } },
	  RA_HEAD "0304 2f 00 00000001 00000001 00000000 20010db8000000000000000000000000" },
	{ "a route's bits beyond its length are zero",
	  { .hop_limit = 64,
	    .route_count = 1,
	    .route = { { { DB8(0, 1, 0xff, 0xff, 0xff), 63 }, RA_MEDIUM, 1 } } },
	  RA_HEAD "1802 3f 00 00000001 20010db80001fffe" },
	{ "lifetimes without servers or domains bring no option",
	  { .hop_limit = 64, .dns_lifetime_s = 1, .search_lifetime_s = 1 },
	  RA_HEAD },
	{ "servers and domains that are withdrawn",
	  { .hop_limit = 64,
	    .dns_count = 1,
	    .dns = { DB8([15] = 1) },
	    .search_count = 1,
	    .search = { "lan" } },
	  RA_HEAD "1903 0000 00000000 20010db8000000000000000000000001"
		  "1f02 0000 00000000 036c616e00000000" },
};

static void little_is_said(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(tidied); i++) {
		uint8_t built[256], wanted[256];
		struct writer w = writer_over(built, sizeof(built));

		ra_build(&tidied[i].ra, &w);
		long at = first_difference(writer_bytes(&w),
					   hex(tidied[i].message, wanted, sizeof(wanted)));
		if (w.full || at >= 0)
			fail_msg("%s: full=%d, byte %ld differs", tidied[i].what, w.full, at);
	}
}

static const struct {
	const char *what;
	struct ra ra;
} refused[] = {
	{ "a prefix of 129 bits",
	  { .prefix_count = 1, .prefix = { { .prefix = { .len = 129 } } } } },
	{ "a second route of 129 bits",
	  { .route_count = 2, .route = { { .lifetime_s = 1 }, { .prefix = { .len = 129 } } } } },
	{ "an empty domain", { .search_count = 1 } },
	{ "a second domain that is none", { .search_count = 2, .search = { "a.b", "a..b" } } },
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

/* RFC 4191 2.3: 8 bytes for length 0, 16 up to 64, else 24; and it comes back the same. */
static void routes_of_each_length(void **state)
{
	for (unsigned len = 0; len <= 128; len++) {
		struct ra_route route = { .preference = RA_LOW, .lifetime_s = len };
		struct ra ra = { .route_count = 1 }, back;
		uint8_t built[64];
		struct writer w = writer_over(built, sizeof(built));
		unsigned units = len == 0 ? 1 : len <= 64 ? 2 : 3;

		memset(route.prefix.address.octet, 0xff, 16);
		route.prefix.len = (uint8_t)len;
		route.prefix = prefix6_masked(route.prefix);
		ra.route[0] = route;
		ra_build(&ra, &w);
		assert_false(w.full);
		if (w.len != 16 + units * 8u || built[17] != units)
			fail_msg("/%u takes %zu bytes, says %u units", len, w.len - 16, built[17]);
		if (!ra_parse(writer_bytes(&w), &back) || !ra_equal(&back, &ra))
			fail_msg("/%u does not come back", len);
	}
}

/* An advertisement with every table full and every domain as long as can be. */
static void fill(struct ra *ra)
{
	*ra = (struct ra) { .prefix_count = RA_MAX_PREFIXES,
			    .route_count = RA_MAX_ROUTES,
			    .dns_count = RA_MAX_DNS,
			    .dns_lifetime_s = 7,
			    .search_count = RA_MAX_SEARCH,
			    .search_lifetime_s = 8 };
	for (unsigned i = 0; i < RA_MAX_PREFIXES; i++)
		ra->prefix[i].prefix = (struct prefix6) { DB8((uint8_t)i), 40 };
	for (unsigned i = 0; i < RA_MAX_ROUTES; i++)
		ra->route[i].prefix = (struct prefix6) { DB8((uint8_t)i, [15] = 1), 128 };
	for (unsigned i = 0; i < RA_MAX_DNS; i++)
		ra->dns[i] = (struct ip6)DB8((uint8_t)i);
	for (unsigned i = 0; i < RA_MAX_SEARCH; i++) {
		strcpy(ra->search[i], LONGEST_TEXT);
		ra->search[i][0] = (char)('a' + i);
	}
}

/* STYLE's seventh trap is two formulas for one length: here the reader's is the judge. */
static void full_tables_are_split_over_options(void **state)
{
	static struct ra ra, back;
	uint8_t built[8192];
	struct writer w = writer_over(built, sizeof(built));
	unsigned seen[256] = { 0 };

	fill(&ra);
	ra_build(&ra, &w);
	assert_false(w.full);
	size_t at = 16;
	while (at < w.len) {
		assert_int_not_equal(built[at + 1], 0);
		seen[built[at]]++;
		at += built[at + 1] * 8u;
	}
	assert_int_equal(at, w.len);
	assert_int_equal(seen[3], RA_MAX_PREFIXES);
	assert_int_equal(seen[24], RA_MAX_ROUTES);
	assert_int_equal(seen[25], 1);
	assert_int_equal(seen[31], 3); /* 16 names of 255 bytes, 7 of them in 2,032 */
	assert_true(ra_parse(writer_bytes(&w), &back));
	assert_true(ra_equal(&back, &ra));
}

/* 2,032 bytes of names are one option, one byte more is two; of `last` characters the last. */
static size_t build_domains(struct ra *ra, size_t last, uint8_t *built, size_t cap)
{
	struct writer w = writer_over(built, cap);

	fill(ra);
	ra->prefix_count = ra->route_count = ra->dns_count = ra->dns_lifetime_s = 0;
	ra->search_count = 8;
	memset(ra->search[7], 'z', last);
	for (size_t i = 60; i < last; i += 60)
		ra->search[7][i] = '.';
	ra->search[7][last] = '\0';
	ra_build(ra, &w);
	assert_false(w.full);
	return w.len - 16;
}

static void a_full_option_is_followed_by_another(void **state)
{
	static struct ra ra, back;
	uint8_t built[4096];

	/* 7 * 255 + 247 = 2,032 */
	assert_int_equal(build_domains(&ra, 245, built, sizeof(built)), 2040);
	assert_int_equal(built[17], 255);
	assert_true(ra_parse((struct bytes) { .data = built, .len = 16 + 2040 }, &back));
	assert_true(ra_equal(&back, &ra));

	/* 7 * 255 padded, and 248 behind a second header */
	size_t len = build_domains(&ra, 246, built, sizeof(built));
	assert_int_equal(len, 1800 + 256);
	assert_int_equal(built[17], 225);
	assert_int_equal(built[16 + 1800 + 1], 32);
	assert_true(ra_parse((struct bytes) { .data = built, .len = 16 + len }, &back));
	assert_true(ra_equal(&back, &ra));
}

static void preferences_have_names(void **state)
{
	assert_string_equal(ra_preference_name[RA_MEDIUM], "medium");
	assert_string_equal(ra_preference_name[RA_HIGH], "high");
	assert_string_equal(ra_preference_name[2], "reserved");
	assert_string_equal(ra_preference_name[RA_LOW], "low");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(little_is_said),
		cmocka_unit_test(the_impossible_is_refused),
		cmocka_unit_test(routes_of_each_length),
		cmocka_unit_test(full_tables_are_split_over_options),
		cmocka_unit_test(a_full_option_is_followed_by_another),
		cmocka_unit_test(preferences_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
