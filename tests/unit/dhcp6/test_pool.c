/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_pool.c
 *
 * Ranges and prefixes in parts; the walk that finds a client's own again; reservations.
 */
#include "tests/unit/dhcp6/dhcp6_scene.h"

static const struct siphash_key key = { 3, 4 };

static struct dhcp6_pool excluding(uint8_t part_len, uint8_t exclude_len, uint32_t id)
{
	struct dhcp6_pool pool = parts_of("2001:db8::/40", part_len);

	pool.exclude_len = exclude_len;
	pool.exclude_id = id;
	return pool;
}

static void pools_that_cannot_be_are_refused(void **state)
{
	struct dhcp6_pool far = range_of("2001:db8::1", "2001:db8::2");
	struct dhcp6_pool crooked = parts_of("2001:db8::/40", 56);

	far.set = DHCP6_MAX_SETS;
	crooked.prefix.address.octet[15] = 1;
	const struct {
		const char *what;
		struct dhcp6_pool pool;
		bool good;
	} rows[] = {
		{ "a range", range_of("2001:db8::1", "2001:db8::ffff"), true },
		{ "one address", range_of("2001:db8::1", "2001:db8::1"), true },
		{ "the wrong way round", range_of("2001:db8::2", "2001:db8::1"), false },
		{ "multicast", range_of("2001:db8::2", "ff02::1"), false },
		{ "link-local", range_of("fe80::1", "fe80::2"), false },
		{ "up to link-local", range_of("2001:db8::1", "fe80::1"), false },
		{ "a set too many", far, false },
		{ "prefixes", parts_of("2001:db8::/40", 56), true },
		{ "one prefix", parts_of("2001:db8::/56", 56), true },
		{ "longer than its parts", parts_of("2001:db8::/56", 55), false },
		{ "parts of 64 bits", parts_of("2001:db8::/56", 64), true },
		{ "parts of 65 bits", parts_of("2001:db8::/56", 65), false },
		{ "everything", parts_of("::/0", 0), false },
		{ "bits beyond the length", crooked, false },
		{ "RFC 6603: a /64 of each /56", excluding(56, 64, 255), true },
		{ "one that is not in it", excluding(56, 64, 256), false },
		{ "all of it", excluding(56, 56, 0), false },
		{ "32 bits", excluding(56, 88, UINT32_MAX), true },
		{ "33 bits", excluding(56, 89, 0), false },
		{ "beyond 128", excluding(64, 129, 0), false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!dhcp6_pool_fault(&rows[i].pool) != rows[i].good)
			fail_msg("%s: %s", rows[i].what,
				 rows[i].good ? dhcp6_pool_fault(&rows[i].pool) : "accepted");
	}
}

static void pools_have_what_is_in_them(void **state)
{
	const struct dhcp6_pool range = range_of("2001:db8::10", "2001:db8::1:20");
	const struct dhcp6_pool over = range_of("2001:db8:0:0:fd00::", "2001:db8:0:1::20");
	const struct dhcp6_pool parts = parts_of("2001:db8:100::/40", 56);
	const struct {
		const char *what;
		const struct dhcp6_pool *pool;
		const char *item;
		bool has;
	} rows[] = {
		{ "the first", &range, "2001:db8::10", true },
		{ "the last", &range, "2001:db8::1:20", true },
		{ "before the first", &range, "2001:db8::f", false },
		{ "after the last", &range, "2001:db8::1:21", false },
		{ "a prefix is no address", &range, "2001:db8::10/127", false },
		{ "RFC 4291 2.6.1: every router's", &over, "2001:db8:0:1::", false },
		{ "the one after it", &over, "2001:db8:0:1::1", true },
		{ "RFC 2526 2: for anycast", &over, "2001:db8::fdff:ffff:ffff:ff80", false },
		{ "the one before those", &over, "2001:db8::fdff:ffff:ffff:ff7f", true },
		{ "the last one for anycast", &over, "2001:db8::fdff:ffff:ffff:ffff", false },
		{ "the one after those", &over, "2001:db8::fe00:0:0:0", true },
		{ "the first part", &parts, "2001:db8:100::/56", true },
		{ "the last part", &parts, "2001:db8:1ff:ff00::/56", true },
		{ "the next pool's", &parts, "2001:db8:200::/56", false },
		{ "of another length", &parts, "2001:db8:100::/57", false },
		{ "half a part further", &parts, "2001:db8:100:80::/56", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct prefix6 what = { .len = 56 };

		if (strstr(rows[i].item, ":80::/56"))
			what.address = address_of("2001:db8:100:80::");
		else
			what = prefix_of(rows[i].item);
		if (dhcp6_pool_has(rows[i].pool, &what) != rows[i].has)
			fail_msg("%s", rows[i].what);
	}
}

static void items_are_counted_through(void **state)
{
	const struct {
		struct dhcp6_pool pool;
		uint64_t size, n;
		const char *item;
	} rows[] = {
		{ range_of("2001:db8::10", "2001:db8::10"), 1, 0, "2001:db8::10/128" },
		{ range_of("2001:db8::fff0", "2001:db8::1:f"), 32, 31, "2001:db8::1:f/128" },
		{ range_of("2001:db8::", "2001:db8::ffff:ffff:ffff:ffff"), UINT64_MAX, 1,
		  "2001:db8::1/128" },
		{ range_of("2001:db8::", "2001:db8::ffff:ffff:ffff:fffd"), UINT64_MAX - 1, 1,
		  "2001:db8::1/128" },
		{ parts_of("2001:db8::/56", 56), 1, 0, "2001:db8::/56" },
		{ parts_of("2001:db8::/40", 56), 65536, 65535, "2001:db8:ff:ff00::/56" },
		{ parts_of("2000::/3", 64), UINT64_C(1) << 61, (UINT64_C(1) << 61) - 1,
		  "3fff:ffff:ffff:ffff::/64" },
	};
	char text[PREFIX6_TEXT];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct prefix6 item = dhcp6_pool_item(&rows[i].pool, rows[i].n);

		assert_true(dhcp6_pool_size(&rows[i].pool) == rows[i].size);
		assert_string_equal(prefix6_text(&item, text), rows[i].item);
	}
}

static void pools_overlap_where_they_do(void **state)
{
	const struct {
		struct dhcp6_pool a, b;
		bool overlap;
	} rows[] = {
		{ range_of("2001:db8::1", "2001:db8::5"), range_of("2001:db8::6", "2001:db8::9"),
		  false },
		{ range_of("2001:db8::1", "2001:db8::6"), range_of("2001:db8::6", "2001:db8::9"),
		  true },
		{ range_of("2001:db8::1", "2001:db8::9"), range_of("2001:db8::3", "2001:db8::4"),
		  true },
		{ parts_of("2001:db8::/40", 56), range_of("2001:db8:ff::1", "2001:db8:ff::2"),
		  true },
		{ parts_of("2001:db8::/40", 56),
		  range_of("2001:db8:ff:ffff:ffff:ffff:ffff:ffff", "2001:db8:100::1"), true },
		{ parts_of("2001:db8::/40", 56), parts_of("2001:db8:100::/40", 56), false },
		{ parts_of("::/0", 56), parts_of("2001:db8:100::/40", 56), true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(dhcp6_pools_overlap(&rows[i].a, &rows[i].b), rows[i].overlap);
		assert_int_equal(dhcp6_pools_overlap(&rows[i].b, &rows[i].a), rows[i].overlap);
	}
}

static void a_part_may_stay_ours(void **state)
{
	struct prefix6 what = prefix_of("2001:db8:0:4200::/56"), exclude;
	struct dhcp6_pool pool = excluding(56, 64, 0xfe);
	char text[PREFIX6_TEXT];

	assert_true(dhcp6_pool_exclude(&pool, &what, &exclude));
	assert_string_equal(prefix6_text(&exclude, text), "2001:db8:0:42fe::/64");
	pool.exclude_len = 0;
	assert_false(dhcp6_pool_exclude(&pool, &what, &exclude));
}

/* ---- the walk ---- */

static struct dhcp6_identity who(const char *user, const char *duid, uint32_t iaid)
{
	return (struct dhcp6_identity) { .user = user, .duid = duid_of(duid), .iaid = iaid };
}

static void a_walk_comes_everywhere_once(void **state)
{
	const struct dhcp6_pool pools[] = {
		range_of("2001:db8::1", "2001:db8::1"),	 range_of("2001:db8::1", "2001:db8::2"),
		range_of("2001:db8::1", "2001:db8::61"), range_of("2001:db8::1", "2001:db8::1000"),
		parts_of("2001:db8::/52", 56),		 parts_of("2001:db8::/56", 56),
	};

	for (size_t i = 0; i < ARRAY_LEN(pools); i++) {
		for (uint32_t iaid = 0; iaid < 20; iaid++) {
			static bool seen[DHCP6_WALK_MAX + 1];
			struct dhcp6_identity identity = who("alice", "00:03:00:01:0a", iaid);
			struct dhcp6_walk walk = dhcp6_pool_walk(&pools[i], &key, &identity);
			struct prefix6 what;
			unsigned count = 0;

			memset(seen, 0, sizeof(seen));
			while (dhcp6_walk_next(&walk, &pools[i], &what)) {
				unsigned n = what.len == 128
						     ? (unsigned)what.address.octet[14] << 8 |
							       what.address.octet[15]
						     : what.address.octet[6];

				assert_false(seen[n]);
				seen[n] = true;
				assert_true(dhcp6_pool_has(&pools[i], &what));
				count++;
			}
			assert_int_equal(count, dhcp6_pool_size(&pools[i]));
		}
	}
}

static void a_walk_through_a_large_pool_ends(void **state)
{
	const struct dhcp6_pool pools[] = {
		range_of("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff"),
		parts_of("2000::/3", 64),
		range_of("2001:db8::1", "2001:db8::1:0"),
	};

	for (size_t i = 0; i < ARRAY_LEN(pools); i++) {
		struct dhcp6_identity identity = who("alice", "00:03:00:01:0a", 1);
		struct dhcp6_walk walk = dhcp6_pool_walk(&pools[i], &key, &identity);
		struct prefix6 what, first = { 0 };
		unsigned count = 0;

		while (dhcp6_walk_next(&walk, &pools[i], &what)) {
			assert_true(dhcp6_pool_has(&pools[i], &what));
			if (count++ == 0)
				first = what;
			else
				assert_false(prefix6_equal(&what, &first));
		}
		assert_true(count <= DHCP6_WALK_MAX && count > DHCP6_WALK_MAX - 4);
	}
}

/* The start depends on who asks, and on nothing else: not on the time, not on what was before. */
static void a_walk_begins_where_the_identity_says(void **state)
{
	const struct dhcp6_pool pool = range_of("2001:db8::1", "2001:db8::ffff:ffff");
	const struct dhcp6_identity ids[] = {
		who("alice", "00:03:00:01:0a", 1), who("bob", "00:03:00:01:0a", 1),
		who("alice", "00:03:00:01:0b", 1), who("alice", "00:03:00:01:0a", 2),
		who("", "00:03:00:01:0a", 1),	   who("alice", "00:03:00:01:0a:00", 1),
	};
	const struct siphash_key other = { 3, 5 };
	char text[PREFIX6_TEXT];

	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		struct dhcp6_walk walk = dhcp6_pool_walk(&pool, &key, &ids[i]);
		struct dhcp6_walk again = dhcp6_pool_walk(&pool, &key, &ids[i]);

		assert_true(walk.at == again.at && walk.step == again.step);
		assert_true(walk.at != dhcp6_pool_walk(&pool, &other, &ids[i]).at);
		for (size_t j = 0; j < i; j++)
			assert_true(walk.at != dhcp6_pool_walk(&pool, &key, &ids[j]).at);
	}
	/* for good: another value here would move every client of every installation */
	struct dhcp6_walk walk = dhcp6_pool_walk(&pool, &key, &ids[0]);
	struct prefix6 what;
	assert_true(dhcp6_walk_next(&walk, &pool, &what));
	assert_string_equal(prefix6_text(&what, text), "2001:db8::9889:a38f/128");
}

/* ---- reservations ---- */

static void reservations_are_for_whom_they_name(void **state)
{
	struct mac mac = { { 2, 0, 0, 0, 0, 10 } };
	struct dhcp6_reservation list[] = {
		{ .what = prefix_of("2001:db8::5"), .has_mac = true, .mac = mac },
		{ .what = prefix_of("2001:db8::3"), .duid = duid_of("00:03:00:01:0a") },
		{ .what = prefix_of("2001:db8::4"),
		  .duid = duid_of("00:03:00:01:0a"),
		  .has_iaid = true,
		  .iaid = 7 },
		{ .what = prefix_of("2001:db8::1"), .user = "alice" },
		{ .what = prefix_of("2001:db8:1::/48"), .user = "alice" },
		{ .what = prefix_of("2001:db8::6"), .user = "bob", .has_mac = true, .mac = mac },
		{ .what = prefix_of("2001:db8::7") },
	};
	static const struct dhcp6_elsewhere nowhere;
	unsigned count = ARRAY_LEN(list);
	static const struct {
		const char *what, *user, *duid;
		uint32_t iaid;
		bool mac;
		enum dhcp6_kind kind;
		const char *item;
	} rows[] = {
		{ "a user", "alice", "00:03:00:01:0c", 1, false, DHCP6_ADDRESS, "2001:db8::1/128" },
		{ "the user's prefix", "alice", "00:03:00:01:0c", 1, false, DHCP6_PREFIX,
		  "2001:db8:1::/48" },
		{ "a DUID counts more than a user", "alice", "00:03:00:01:0a", 1, false,
		  DHCP6_ADDRESS, "2001:db8::3/128" },
		{ "an IAID still more", "alice", "00:03:00:01:0a", 7, false, DHCP6_ADDRESS,
		  "2001:db8::4/128" },
		{ "a MAC counts more than a user", "alice", "00:03:00:01:0c", 1, true,
		  DHCP6_ADDRESS, "2001:db8::5/128" },
		{ "a DUID more than a MAC", "carol", "00:03:00:01:0a", 1, true, DHCP6_ADDRESS,
		  "2001:db8::3/128" },
		{ "two conditions", "bob", "00:03:00:01:0c", 1, true, DHCP6_ADDRESS,
		  "2001:db8::6/128" },
		{ "one of two is not enough", "bob", "00:03:00:01:0c", 1, false, DHCP6_ADDRESS,
		  NULL },
		{ "nobody's", "carol", "00:03:00:01:0c", 1, false, DHCP6_ADDRESS, NULL },
		{ "no prefix", "carol", "00:03:00:01:0a", 7, true, DHCP6_PREFIX, NULL },
	};

	assert_null(dhcp6_reservations_sort(list, count));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct dhcp6_identity identity = who(rows[i].user, rows[i].duid, rows[i].iaid);
		char text[PREFIX6_TEXT];

		identity.has_mac = rows[i].mac;
		identity.mac = mac;
		const struct dhcp6_reservation *found =
			dhcp6_reservation_of(list, count, rows[i].kind, &identity, &nowhere);
		const char *item = found ? prefix6_text(&found->what, text) : "none";
		if (strcmp(item, rows[i].item ? rows[i].item : "none") != 0)
			fail_msg("%s: %s", rows[i].what, item);
	}
}

/* RFC 9915 13.1: a host that is on another link now gets what is reserved for it there. */
static void reservations_on_other_links_do_not_count(void **state)
{
	struct dhcp6_reservation list[] = {
		{ .what = prefix_of("2001:db8::1"), .user = "alice" },
		{ .what = prefix_of("2001:db8:0:77::1"), .user = "alice" },
		{ .what = prefix_of("2001:db8:1::/48"), .user = "alice" },
	};
	static const struct {
		const char *elsewhere;
		enum dhcp6_kind kind;
		const char *item;
	} rows[] = {
		{ "2001:db8::/64", DHCP6_ADDRESS, "2001:db8:0:77::1/128" },
		{ "2001:db8:0:77::/64", DHCP6_ADDRESS, "2001:db8::1/128" },
		{ "2001:db8::/32", DHCP6_ADDRESS, NULL },
		{ "2001:db8::/32", DHCP6_PREFIX, "2001:db8:1::/48" }, /* has no link */
	};
	struct dhcp6_identity identity = who("alice", "00:03:00:01:0c", 1);

	assert_null(dhcp6_reservations_sort(list, ARRAY_LEN(list)));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct dhcp6_elsewhere elsewhere = { 1, { prefix_of(rows[i].elsewhere) } };
		char text[PREFIX6_TEXT];
		const struct dhcp6_reservation *found = dhcp6_reservation_of(
			list, ARRAY_LEN(list), rows[i].kind, &identity, &elsewhere);
		const char *item = found ? prefix6_text(&found->what, text) : "none";

		if (strcmp(item, rows[i].item ? rows[i].item : "none") != 0)
			fail_msg("row %zu: %s", i, item);
	}
}

static void what_is_reserved_is_found_by_address(void **state)
{
	struct dhcp6_reservation list[] = {
		{ .what = prefix_of("2001:db8:2::/48"), .user = "a" },
		{ .what = prefix_of("2001:db8::5"), .user = "b" },
		{ .what = prefix_of("2001:db8:1:100::/56"), .user = "c" },
	};
	static const struct {
		const char *what, *user;
	} rows[] = {
		{ "2001:db8::5", "b" },
		{ "2001:db8::4", NULL },
		{ "2001:db8::6", NULL },
		{ "2001:db8:2::/48", "a" },
		{ "2001:db8:2:3::/64", "a" },
		{ "2001:db8:2::1", "a" },
		{ "2001:db8:2:ffff:ffff::", "a" },
		{ "2001:db8:3::/48", NULL },
		{ "2001:db8:1::/48", "c" },
		{ "2001:db8:1:100::/56", "c" },
		{ "2001:db8:1:200::/56", NULL },
		{ "2001:db8:1::/56", NULL },
		{ "2001:db8::/64", "b" },
		{ "::/1", "b" },
	};

	assert_null(dhcp6_reservations_sort(list, ARRAY_LEN(list)));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct prefix6 what = prefix_of(rows[i].what);
		const struct dhcp6_reservation *found =
			dhcp6_reservation_at(list, ARRAY_LEN(list), &what);

		if (strcmp(found ? found->user : "", rows[i].user ? rows[i].user : "") != 0)
			fail_msg("%s: %s", rows[i].what, found ? found->user : "nobody");
		assert_null(dhcp6_reservation_at(list, 0, &what));
	}
}

static void what_is_reserved_twice_is_refused(void **state)
{
	struct dhcp6_reservation list[] = {
		{ .what = prefix_of("2001:db8:2::5") },
		{ .what = prefix_of("2001:db8::5") },
		{ .what = prefix_of("2001:db8:2::/48") },
	};

	assert_ptr_equal(dhcp6_reservations_sort(list, 2), NULL);
	assert_non_null(dhcp6_reservations_sort(list, 3));
	list[1] = list[0];
	assert_non_null(dhcp6_reservations_sort(list, 2));
	assert_null(dhcp6_reservations_sort(list, 1));
	assert_null(dhcp6_reservations_sort(NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pools_that_cannot_be_are_refused),
		cmocka_unit_test(pools_have_what_is_in_them),
		cmocka_unit_test(items_are_counted_through),
		cmocka_unit_test(pools_overlap_where_they_do),
		cmocka_unit_test(a_part_may_stay_ours),
		cmocka_unit_test(a_walk_comes_everywhere_once),
		cmocka_unit_test(a_walk_through_a_large_pool_ends),
		cmocka_unit_test(a_walk_begins_where_the_identity_says),
		cmocka_unit_test(reservations_are_for_whom_they_name),
		cmocka_unit_test(reservations_on_other_links_do_not_count),
		cmocka_unit_test(what_is_reserved_is_found_by_address),
		cmocka_unit_test(what_is_reserved_twice_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
