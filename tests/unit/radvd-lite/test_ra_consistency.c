/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/radvd-lite/test_ra_consistency.c
 *
 * What two routers of one link may not disagree about (RFC 4861 6.2.7), and what they may.
 */
#include "radvd-lite/ra_consistency.h"
#include "tests/unit/radvd-lite/ra_rows.h"

#define F RA_FOREVER
#define P(i, valid, preferred)                                  \
	{                                                       \
		{ DB8(0, i), 64 }, true, true, valid, preferred \
	}

static const struct {
	const char *what;
	struct ra ours, theirs;
	uint32_t skew_s;
	struct ra_difference differences[3];
	unsigned count;
} rows[] = {
	{ "nothing and nothing", { 0 }, { 0 } },
	{ "the same",
	  { .hop_limit = 64, .managed = true, .reachable_ms = 1, .retrans_ms = 2, .mtu = 1500 },
	  { .hop_limit = 64, .managed = true, .reachable_ms = 1, .retrans_ms = 2, .mtu = 1500 } },
	{ "hop limits",
	  { .hop_limit = 64 },
	  { .hop_limit = 255 },
	  .differences = { { RA_CONFLICT_HOP_LIMIT, 64, 255 } },
	  .count = 1 },
	{ "they do not say a hop limit", { .hop_limit = 64 }, { 0 } },
	{ "we do not", { 0 }, { .hop_limit = 64 } },
	{ "M: its absence counts",
	  { .managed = true },
	  { 0 },
	  .differences = { { RA_CONFLICT_MANAGED, 1, 0 } },
	  .count = 1 },
	{ "O, the other way round",
	  { 0 },
	  { .other = true },
	  .differences = { { RA_CONFLICT_OTHER, 0, 1 } },
	  .count = 1 },
	{ "reachable times",
	  { .reachable_ms = 30000 },
	  { .reachable_ms = 30001 },
	  .differences = { { RA_CONFLICT_REACHABLE, 30000, 30001 } },
	  .count = 1 },
	{ "a reachable time that one does not say", { .reachable_ms = 1 }, { 0 } },
	{ "retransmission timers",
	  { .retrans_ms = 1000 },
	  { .retrans_ms = 500 },
	  .differences = { { RA_CONFLICT_RETRANS, 1000, 500 } },
	  .count = 1 },
	{ "a retransmission timer that one does not say", { 0 }, { .retrans_ms = 1 } },
	{ "MTUs",
	  { .mtu = 1500 },
	  { .mtu = 1280 },
	  .differences = { { RA_CONFLICT_MTU, 1500, 1280 } },
	  .count = 1 },
	{ "an MTU that one does not say", { .mtu = 1500 }, { 0 } },
	{ "what routers may have each for themselves",
	  { .lifetime_s = 1800,
	    .preference = RA_HIGH,
	    .has_source_mac = true,
	    .source_mac = LOCAL_MAC,
	    .prefix_count = 1,
	    .prefix = { P(1, 2, 1) },
	    .route_count = 1,
	    .route = { { { DB8(), 48 }, RA_HIGH, 1 } },
	    .dns_count = 1,
	    .dns_lifetime_s = 1,
	    .dns = { DB8(1) },
	    .search_count = 1,
	    .search_lifetime_s = 1,
	    .search = { "a" },
	    .captive_portal = "https://a" },
	  { .prefix_count = 1,
	    .prefix = { P(2, 4, 3) },
	    .route_count = 1,
	    .route = { { { DB8(), 48 }, RA_LOW, 2 } },
	    .dns_count = 1,
	    .dns_lifetime_s = 2,
	    .dns = { DB8(2) },
	    .search_count = 1,
	    .search_lifetime_s = 2,
	    .search = { "b" } } },
	{ "a prefix's lifetimes",
	  { .prefix_count = 2, .prefix = { P(1, 5400, 2700), P(2, 5400, 2700) } },
	  { .prefix_count = 1, .prefix = { P(2, 5401, 2699) } },
	  .differences = { { RA_CONFLICT_VALID, 5400, 5401, { DB8(0, 2), 64 } },
			   { RA_CONFLICT_PREFERRED, 2700, 2699, { DB8(0, 2), 64 } } },
	  .count = 2 },
	{ "zero counts in a prefix",
	  { .prefix_count = 1, .prefix = { P(1, 5400, 0) } },
	  { .prefix_count = 1, .prefix = { P(1, 5400, 2700) } },
	  .differences = { { RA_CONFLICT_PREFERRED, 0, 2700, { DB8(0, 1), 64 } } },
	  .count = 1 },
	{ "a prefix of another length is another prefix",
	  { .prefix_count = 1, .prefix = { P(1, 5400, 0) } },
	  { .prefix_count = 1, .prefix = { { { DB8(0, 1), 65 }, true, true, 9, 9 } } } },
	{ "both count down: their ends are compared, some skew apart",
	  { .prefix_count = 1, .prefix = { P(1, 5400, 2700) } },
	  { .prefix_count = 1, .prefix = { P(1, 5410, 2690) } },
	  .skew_s = 10 },
	{ "further apart than that",
	  { .prefix_count = 1, .prefix = { P(1, 5400, 2700) } },
	  { .prefix_count = 1, .prefix = { P(1, 5411, 2689) } },
	  .skew_s = 10,
	  .differences = { { RA_CONFLICT_VALID, 5400, 5411, { DB8(0, 1), 64 } },
			   { RA_CONFLICT_PREFERRED, 2700, 2689, { DB8(0, 1), 64 } } },
	  .count = 2 },
	{ "no end is not almost an end, either way",
	  { .prefix_count = 2, .prefix = { P(1, F, F), P(2, F - 1, 0) } },
	  { .prefix_count = 2, .prefix = { P(1, F - 1, F), P(2, F, 0) } },
	  .skew_s = 10,
	  .differences = { { RA_CONFLICT_VALID, F, F - 1, { DB8(0, 1), 64 } },
			   { RA_CONFLICT_VALID, F - 1, F, { DB8(0, 2), 64 } } },
	  .count = 2 },
	{ "a server's lifetime, without skew",
	  { .dns_count = 2, .dns_lifetime_s = 1800, .dns = { DB8(1), DB8(2) } },
	  { .dns_count = 1, .dns_lifetime_s = 1801, .dns = { DB8(2) } },
	  .skew_s = 10,
	  .differences = { { RA_CONFLICT_DNS, 1800, 1801, { DB8(2), 128 } } },
	  .count = 1 },
	{ "a server's lifetime that is the same",
	  { .dns_count = 1, .dns_lifetime_s = 1800, .dns = { DB8(2) } },
	  { .dns_count = 1, .dns_lifetime_s = 1800, .dns = { DB8(2) } } },
	{ "the first server and the first domain, without skew",
	  { .dns_count = 1,
	    .dns_lifetime_s = 1,
	    .dns = { DB8(1) },
	    .search_count = 1,
	    .search_lifetime_s = 1,
	    .search = { "a" } },
	  { .dns_count = 1,
	    .dns_lifetime_s = 2,
	    .dns = { DB8(1) },
	    .search_count = 1,
	    .search_lifetime_s = 2,
	    .search = { "a" } },
	  .differences = { { RA_CONFLICT_DNS, 1, 2, { DB8(1), 128 } },
			   { RA_CONFLICT_SEARCH, 1, 2, .domain = "a" } },
	  .count = 2 },
	{ "what is behind the end of our lists does not count",
	  { .prefix = { P(1, 2, 1) },
	    .dns_lifetime_s = 1,
	    .dns = { DB8(1) },
	    .search_lifetime_s = 1,
	    .search = { "a" } },
	  { .prefix_count = 1,
	    .prefix = { P(1, 4, 3) },
	    .dns_count = 1,
	    .dns_lifetime_s = 2,
	    .dns = { DB8(1) },
	    .search_count = 1,
	    .search_lifetime_s = 2,
	    .search = { "a" } } },
	{ "nor behind theirs",
	  { .prefix_count = 1,
	    .prefix = { P(1, 2, 1) },
	    .dns_count = 1,
	    .dns_lifetime_s = 1,
	    .dns = { DB8(1) },
	    .search_count = 1,
	    .search_lifetime_s = 1,
	    .search = { "a" } },
	  { .prefix = { P(1, 4, 3) },
	    .dns_lifetime_s = 2,
	    .dns = { DB8(1) },
	    .search_lifetime_s = 2,
	    .search = { "a" } } },
	{ "a domain's lifetime, whatever its case",
	  { .search_count = 2, .search_lifetime_s = 1800, .search = { "x", "Corp.example" } },
	  { .search_count = 1, .search_lifetime_s = 60, .search = { "corp.Example" } },
	  .differences = { { RA_CONFLICT_SEARCH, 1800, 60, .domain = "Corp.example" } },
	  .count = 1 },
	{ "two captive portals",
	  { .captive_portal = "https://a" },
	  { .captive_portal = "https://b" },
	  .differences = { { RA_CONFLICT_PORTAL } },
	  .count = 1 },
	{ "the same portal", { .captive_portal = "https://a" }, { .captive_portal = "https://a" } },
	{ "a portal that only they have", { 0 }, { .captive_portal = "https://a" } },
};

static bool is_same(const struct ra_difference *a, const struct ra_difference *b)
{
	return a->what == b->what && a->ours == b->ours && a->theirs == b->theirs &&
	       prefix6_equal(&a->prefix, &b->prefix) && !a->domain == !b->domain &&
	       (!a->domain || strcmp(a->domain, b->domain) == 0);
}

static void contradictions_are_found(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ra_difference got[4];
		unsigned count = ra_compare(&rows[i].ours, &rows[i].theirs, rows[i].skew_s, got, 4);

		if (count != rows[i].count)
			fail_msg("%s: %u differences", rows[i].what, count);
		for (unsigned k = 0; k < count; k++) {
			if (!is_same(&got[k], &rows[i].differences[k]))
				fail_msg("%s: difference %u is another: %s %u %u", rows[i].what, k,
					 ra_conflict_name[got[k].what], got[k].ours, got[k].theirs);
		}
	}
}

/* All are counted, and no more are written down than there is room for. */
static void a_list_has_its_end(void **state)
{
	static struct ra ours, theirs;
	struct ra_difference got[3] = { [2] = { .what = RA_CONFLICTS } };

	ours.prefix_count = theirs.prefix_count = RA_MAX_PREFIXES;
	for (unsigned i = 0; i < RA_MAX_PREFIXES; i++) {
		ours.prefix[i] = (struct ra_prefix)P((uint8_t)i, 2, 1);
		theirs.prefix[i] = (struct ra_prefix)P((uint8_t)i, 4, 3);
	}
	assert_int_equal(ra_compare(&ours, &theirs, 0, got, 2), 2 * RA_MAX_PREFIXES);
	assert_int_equal(got[1].what, RA_CONFLICT_PREFERRED);
	assert_int_equal(got[2].what, RA_CONFLICTS);
	assert_int_equal(ra_compare(&ours, &theirs, 0, NULL, 0), 2 * RA_MAX_PREFIXES);
}

static void conflicts_have_names(void **state)
{
	static const char *const wanted[] = { "hop_limit", "managed", "other",	       "reachable",
					      "retrans",   "mtu",     "valid",	       "preferred",
					      "dns",	   "search",  "captive_portal" };

	assert_int_equal(ARRAY_LEN(wanted), RA_CONFLICTS);
	for (unsigned i = 0; i < RA_CONFLICTS; i++)
		assert_string_equal(ra_conflict_name[i], wanted[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contradictions_are_found),
		cmocka_unit_test(a_list_has_its_end),
		cmocka_unit_test(conflicts_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
