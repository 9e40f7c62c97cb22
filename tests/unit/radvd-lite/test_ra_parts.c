/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/radvd-lite/test_ra_parts.c
 *
 * An advertisement said in several: what each part must have, where it is cut, and that all
 * parts together say the same as the whole.  RFC 4861 6.2.3.
 */
#include "radvd-lite/ra_parts.h"
#include "tests/unit/radvd-lite/ra_equal.h"
#include "tests/unit/radvd-lite/ra_full.h"

#define HEAD_LEN (16 + 8 + 8) /* header, source address, MTU */
#define LARGEST_OPTION 544    /* a resolver with everything */

/* How often each type of option comes in a message. */
static void count_options(struct bytes message, unsigned seen[256])
{
	for (size_t at = 16; at < message.len; at += message.data[at + 1] * 8u)
		seen[message.data[at]]++;
}

/* Of each part: fits, has the same header, address and MTU, and something else unless it is alone. */
static void check_part(const struct ra *ra, struct bytes message, unsigned number)
{
	unsigned seen[256] = { 0 };
	struct ra part;

	assert_true(ra_parse(message, &part));
	count_options(message, seen);
	if (part.hop_limit != ra->hop_limit || part.managed != ra->managed ||
	    part.lifetime_s != ra->lifetime_s || part.preference != ra->preference)
		fail_msg("part %u has another header", number);
	if (seen[1] != ra->has_source_mac || seen[5] != (ra->mtu > 0) || part.mtu != ra->mtu ||
	    !mac_equal(&part.source_mac, &ra->source_mac))
		fail_msg("part %u has another address or MTU", number);
	if (number > 0 && message.len == HEAD_LEN)
		fail_msg("part %u says nothing", number);
}

/* How many parts it took with `cap` bytes each; 0 if it cannot be said. */
static unsigned say(const struct ra *ra, size_t cap, struct ra *whole)
{
	struct ra_parts parts = ra_parts_of(ra, NULL);
	unsigned count = 0;

	memset(whole, 0, sizeof(*whole));
	for (;; count++) {
		uint8_t *room = malloc(cap); /* of its own, so a sanitizer sees the end */
		struct writer w = writer_over(room, cap);
		struct ra part;

		assert_non_null(room);
		if (!ra_parts_next(&parts, &w)) {
			free(room);
			return count;
		}
		if (w.full) {
			assert_false(ra_parts_next(&parts, &w));
			free(room);
			return 0;
		}
		check_part(ra, writer_bytes(&w), count);
		assert_true(ra_parse(writer_bytes(&w), &part));
		ra_merge(whole, &part);
		free(room);
	}
}

/* At every size that holds the largest option, down to it, and at none below. */
static void everything_in_packets_of_each_size(void **state)
{
	static struct ra ra, whole;
	uint8_t built[16384];
	struct writer w = writer_over(built, sizeof(built));
	unsigned last = 1;

	ra_fill(&ra);
	ra_build(&ra, &w);
	assert_false(w.full);
	for (size_t cap = w.len + 8; cap > 0; cap--) {
		unsigned count = say(&ra, cap, &whole);

		if (cap >= w.len && count != 1)
			fail_msg("%zu bytes: %u parts of a whole of %zu", cap, count, w.len);
		if (cap < HEAD_LEN + LARGEST_OPTION) {
			if (count != 0)
				fail_msg("%zu bytes: said in %u", cap, count);
			continue;
		}
		if (count < last || !ra_equal(&whole, &ra))
			fail_msg("%zu bytes, %u parts: not the same", cap, count);
		last = count;
		/* what the next part begins with had no room: two of them are more than one room */
		if (count > 2 * w.len / (cap - HEAD_LEN - LARGEST_OPTION + 8) + 1)
			fail_msg("%zu bytes: %u parts are too many", cap, count);
	}
	assert_int_equal(last, 16);
}

/* ---- options of another behind them ---- */

/* The parts of `ra` and `behind`, in rooms of `cap` bytes, one after another; how many. */
static unsigned say_both(const struct ra *ra, const struct ra *behind, size_t cap,
			 struct writer *all)
{
	struct ra_parts parts = ra_parts_of(ra, behind);
	unsigned count = 0;

	for (;; count++) {
		uint8_t room[4096];
		struct writer w = writer_over(room, cap);

		if (!ra_parts_next(&parts, &w))
			return count;
		if (w.full) {
			assert_false(ra_parts_next(&parts, &w));
			return 0;
		}
		writer_copy(all, room, w.len);
	}
}

static const struct {
	const char *what;
	unsigned routes, servers;	    /* of the first */
	unsigned more_routes, more_servers; /* of the one behind */
	size_t room;			    /* beside the head */
	unsigned parts, second_at; /* 0: one part; else the options that are before its head */
} behind_rows[] = {
	{ "both in one", 1, 2, 1, 1, 24 + 8 + 32 + 24 + 8 + 16, 1, 0 },
	{ "a byte less: what is last is in a second", 1, 2, 1, 1, 24 + 8 + 32 + 24 + 8 + 15, 2,
	  24 + 8 + 32 + 24 },
	{ "room for the first only", 1, 2, 1, 1, 24 + 8 + 32, 2, 24 + 8 + 32 },
	{ "a first that says nothing", 0, 0, 1, 1, 24 + 8 + 16, 1, 0 },
	{ "one behind that says nothing", 1, 2, 0, 0, 24 + 8 + 32, 1, 0 },
	{ "an option behind that does not fit alone", 0, 0, 0, 1, 8 + 15, 0, 0 },
};

static void options_of_another_follow_in_the_same_packets(void **state)
{
	static struct ra full, ra, behind;

	ra_fill(&full);
	for (size_t i = 0; i < ARRAY_LEN(behind_rows); i++) {
		uint8_t said[4096], wanted[4096], second[2048];
		struct writer all = writer_over(said, sizeof(said));
		struct writer w = writer_over(wanted, sizeof(wanted));
		struct writer more = writer_over(second, sizeof(second));

		ra = (struct ra) { .hop_limit = 64, .mtu = 1500, .has_source_mac = true };
		ra.source_mac = full.source_mac;
		ra.dns_lifetime_s = 1800;
		ra.route_count = behind_rows[i].routes;
		ra.dns_count = behind_rows[i].servers;
		memcpy(ra.route, full.route, sizeof(ra.route));
		memcpy(ra.dns, full.dns, sizeof(ra.dns));
		behind = (struct ra) { .route_count = behind_rows[i].more_routes,
				       .dns_count = behind_rows[i].more_servers };
		memcpy(behind.route, full.route + 8, 8 * sizeof(behind.route[0]));
		memcpy(behind.dns, full.dns + 8, 8 * sizeof(behind.dns[0]));

		unsigned parts = say_both(&ra, &behind, HEAD_LEN + behind_rows[i].room, &all);
		if (parts != behind_rows[i].parts)
			fail_msg("%s: %u parts", behind_rows[i].what, parts);
		if (parts == 0)
			continue;
		ra_build(&ra, &w);
		ra_build(&behind, &more);
		writer_copy(&w, second + 16, more.len - 16);
		if (parts == 2) { /* the same head stands between */
			size_t at = HEAD_LEN + behind_rows[i].second_at;
			memmove(wanted + at + HEAD_LEN, wanted + at, w.len - at);
			memcpy(wanted + at, wanted, HEAD_LEN);
			w.len += HEAD_LEN;
		}
		if (all.len != w.len || memcmp(said, wanted, w.len) != 0)
			fail_msg("%s: other bytes", behind_rows[i].what);
	}
}

static void an_impossible_prefix_behind_is_refused_at_once(void **state)
{
	struct ra ra = { .hop_limit = 64 };
	struct ra behind = { .prefix_count = 1, .prefix = { { .prefix.len = 129 } } };
	uint8_t said[256];
	struct writer all = writer_over(said, sizeof(said));

	assert_int_equal(say_both(&ra, &behind, sizeof(said), &all), 0);
}

static const struct {
	const char *what;
	struct ra ra; /* counts only: the entries are ra_fill's */
	size_t room;  /* beside the head */
	unsigned parts;
} cuts[] = {
	{ "nothing to say is said once", { 0 }, 0, 1 },
	{ "one byte too few for the head", { 0 }, (size_t)-1, 0 },
	{ "two prefixes that fit", { .prefix_count = 2 }, 64, 1 },
	{ "two prefixes that do not", { .prefix_count = 2 }, 63, 2 },
	{ "a prefix that does not fit alone", { .prefix_count = 1 }, 31, 0 },
	{ "16 prefixes, one each", { .prefix_count = 16 }, 32, 16 },
	{ "32 routes, three each", { .route_count = 32 }, 24 * 3 + 23, 11 },
	{ "16 servers in one", { .dns_count = 16 }, 8 + 16 * 16, 1 },
	{ "16 servers in a byte less", { .dns_count = 16 }, 8 + 16 * 16 - 1, 2 },
	{ "16 servers, one each", { .dns_count = 16 }, 8 + 16, 16 },
	{ "a server that does not fit", { .dns_count = 1 }, 8 + 15, 0 },
	{ "16 domains in one", { .search_count = 16 }, 16 * 255 + 3 * 8 + 7 * 2 + 2, 1 },
	{ "two domains", { .search_count = 2 }, 8 + 512, 1 },
	{ "two domains, padding included", { .search_count = 2 }, 8 + 511, 2 },
	{ "16 domains, one each", { .search_count = 16 }, 8 + 256, 16 },
	{ "a domain that does not fit", { .search_count = 1 }, 8 + 255, 0 },
	{ "prefixes fill the first part, a server begins the second",
	  { .prefix_count = 2, .dns_count = 1 },
	  64 + 23,
	  2 },
	{ "a route fits behind them still",
	  { .prefix_count = 2, .route_count = 1, .dns_count = 1 },
	  64 + 24,
	  2 },
};

static void parts_are_cut_between_options(void **state)
{
	static struct ra full, ra, whole;

	ra_fill(&full);
	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		ra = full;
		ra.prefix_count = cuts[i].ra.prefix_count;
		ra.route_count = cuts[i].ra.route_count;
		ra.dns_count = cuts[i].ra.dns_count;
		ra.search_count = cuts[i].ra.search_count;
		ra.pref64_count = ra.dnr_count = 0;
		ra.captive_portal[0] = '\0';
		ra.dns_lifetime_s = ra.dns_count > 0 ? 7 : 0;
		ra.search_lifetime_s = ra.search_count > 0 ? 8 : 0;
		unsigned parts = say(&ra, HEAD_LEN + cuts[i].room, &whole);
		if (parts != cuts[i].parts)
			fail_msg("%s: %u parts", cuts[i].what, parts);
		if (parts > 0 && !ra_equal(&whole, &ra))
			fail_msg("%s: together they say something else", cuts[i].what);
	}
}

/* What has no form on the wire ends the saying, in whichever part it would have come. */
static void the_impossible_ends_it(void **state)
{
	static struct ra ra, whole;

	ra_fill(&ra);
	strcpy(ra.search[15], "a..b");
	assert_int_equal(say(&ra, 1240, &whole), 0);
	assert_int_equal(whole.search_count, 15);
	ra_fill(&ra);
	ra.route[31].prefix.len = 129; /* seen before anything is said */
	assert_int_equal(say(&ra, 1240, &whole), 0);
	assert_int_equal(whole.prefix_count, 0);
	ra_fill(&ra);
	ra.dnr[3].priority = 0;
	assert_int_equal(say(&ra, 1240, &whole), 0);
	assert_int_equal(whole.dnr_count, 3);
}

/* The link's MTU of 1280 holds any single option there is. */
static void the_smallest_link_is_enough(void **state)
{
	static struct ra ra, whole;

	ra_fill(&ra);
	assert_int_equal(say(&ra, 1280 - IP6_HEADER_LEN, &whole), 8);
	assert_true(ra_equal(&whole, &ra));
}

#define P(i, valid)                                  \
	{                                            \
		{ DB8(i), 40 }, true, true, valid, 1 \
	}

static const struct {
	const char *what;
	struct ra before, part, after;
} merges[] = {
	{ "header fields count as they came last",
	  { .hop_limit = 64,
	    .managed = true,
	    .lifetime_s = 9,
	    .preference = RA_HIGH,
	    .reachable_ms = 1,
	    .retrans_ms = 2 },
	  { .other = true },
	  { .other = true } },
	{ "an address and an MTU stay, if none comes",
	  { .has_source_mac = true, .source_mac = LOCAL_MAC, .mtu = 1500 },
	  { 0 },
	  { .has_source_mac = true, .source_mac = LOCAL_MAC, .mtu = 1500 } },
	{ "and change, if one does",
	  { .has_source_mac = true, .source_mac = { { 2 } }, .mtu = 1500 },
	  { .has_source_mac = true, .source_mac = LOCAL_MAC, .mtu = 1280 },
	  { .has_source_mac = true, .source_mac = LOCAL_MAC, .mtu = 1280 } },
	{ "a prefix is replaced, another added",
	  { .prefix_count = 2, .prefix = { P(1, 10), P(2, 20) } },
	  { .prefix_count = 2, .prefix = { P(2, 30), P(3, 40) } },
	  { .prefix_count = 3, .prefix = { P(1, 10), P(2, 30), P(3, 40) } } },
	{ "prefixes of other lengths are others",
	  { .route_count = 1, .route = { { { DB8(), 32 }, RA_LOW, 1 } } },
	  { .route_count = 1, .route = { { { DB8(), 33 }, RA_LOW, 2 } } },
	  { .route_count = 2,
	    .route = { { { DB8(), 32 }, RA_LOW, 1 }, { { DB8(), 33 }, RA_LOW, 2 } } } },
	{ "servers and domains come once, with the latest lifetime",
	  { .dns_count = 1,
	    .dns = { DB8(1) },
	    .dns_lifetime_s = 5,
	    .search_count = 1,
	    .search = { "A.b" },
	    .search_lifetime_s = 6 },
	  { .dns_count = 2,
	    .dns = { DB8(1), DB8(2) },
	    .dns_lifetime_s = 7,
	    .search_count = 2,
	    .search = { "a.B", "c" },
	    .search_lifetime_s = 8 },
	  { .dns_count = 2,
	    .dns = { DB8(1), DB8(2) },
	    .dns_lifetime_s = 7,
	    .search_count = 2,
	    .search = { "a.B", "c" },
	    .search_lifetime_s = 8 } },
	{ "no servers, no news of their lifetime",
	  { .dns_count = 1, .dns_lifetime_s = 5, .search_count = 1, .search_lifetime_s = 6 },
	  { .dns_lifetime_s = 1, .search_lifetime_s = 1 },
	  { .dns_count = 1, .dns_lifetime_s = 5, .search_count = 1, .search_lifetime_s = 6 } },
	{ "a portal changes",
	  { .captive_portal = "https://abc" },
	  { .captive_portal = "https://d" },
	  { .captive_portal = "https://d" } },
	{ "a portal stays",
	  { .captive_portal = "https://abc" },
	  { 0 },
	  { .captive_portal = "https://abc" } },
	{ "a resolver is its name and priority",
	  { .dnr_count = 2, .dnr = { { 1, 5, "a", 0 }, { 2, 5, "a", 0 } } },
	  { .dnr_count = 3, .dnr = { { 2, 6, "A", 0 }, { 2, 7, "b", 0 }, { 3, 8, "a", 0 } } },
	  { .dnr_count = 4,
	    .dnr = { { 1, 5, "a", 0 }, { 2, 6, "A", 0 }, { 2, 7, "b", 0 }, { 3, 8, "a", 0 } } } },
	{ "a NAT64 prefix gets its last lifetime",
	  { .pref64_count = 1, .pref64 = { { { DB8(), 32 }, 16 } } },
	  { .pref64_count = 1, .pref64 = { { { DB8(), 32 }, 0 } } },
	  { .pref64_count = 1, .pref64 = { { { DB8(), 32 }, 0 } } } },
};

static void later_parts_add_and_replace(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(merges); i++) {
		struct ra ra = merges[i].before;

		ra_merge(&ra, &merges[i].part);
		if (!ra_equal(&ra, &merges[i].after))
			fail_msg("%s", merges[i].what);
	}
}

/* A stranger who always says something new does not grow it. */
static void full_tables_stay_as_they_are(void **state)
{
	static struct ra full, other, whole;

	ra_fill(&full);
	ra_fill(&other);
	for (unsigned i = 0; i < RA_MAX_PREFIXES; i++)
		other.prefix[i].prefix.address.octet[0] = 0x30;
	for (unsigned i = 0; i < RA_MAX_ROUTES; i++)
		other.route[i].prefix.address.octet[0] = 0x30;
	for (unsigned i = 0; i < RA_MAX_DNS; i++)
		other.dns[i].octet[0] = 0x30;
	for (unsigned i = 0; i < RA_MAX_SEARCH; i++)
		other.search[i][1] = 'Z';
	for (unsigned i = 0; i < RA_MAX_PREF64; i++)
		other.pref64[i].prefix.address.octet[0] = 0x30;
	for (unsigned i = 0; i < RA_MAX_DNR; i++)
		other.dnr[i].name[0] = 'Z';
	whole = full;
	ra_merge(&whole, &other);
	assert_true(ra_equal(&whole, &full));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_in_packets_of_each_size),
		cmocka_unit_test(options_of_another_follow_in_the_same_packets),
		cmocka_unit_test(an_impossible_prefix_behind_is_refused_at_once),
		cmocka_unit_test(parts_are_cut_between_options),
		cmocka_unit_test(the_impossible_ends_it),
		cmocka_unit_test(the_smallest_link_is_enough),
		cmocka_unit_test(later_parts_add_and_replace),
		cmocka_unit_test(full_tables_stay_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
