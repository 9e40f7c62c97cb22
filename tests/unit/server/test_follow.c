/* SPDX-License-Identifier: Apache-2.0 */
/* What advertisements follow of the kernel: which addresses and routes count, and what is news. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "server/follow.h"

#define INTERVAL_MS 600000
#define FOREVER UINT32_MAX

static struct prefix6 prefix(const char *text)
{
	struct prefix6 result;
	struct err err;

	if (prefix6_parse(text, &result, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return result;
}

static struct link_address address(const char *text, uint32_t valid_s, uint32_t preferred_s)
{
	struct link_address result = { .prefix_len = 64,
				       .valid_s = valid_s,
				       .preferred_s = preferred_s,
				       .deprecated = preferred_s == 0 };

	assert_int_equal(inet_pton(AF_INET6, text, &result.address), 1);
	return result;
}

/* ---- addresses ---- */

static void which_addresses_count(void **state)
{
	static const struct {
		const char *what, *address;
		uint8_t len;
		bool tentative, optimistic, failed;
		uint32_t valid_s;
		const char *prefix; /* NULL: none */
	} cases[] = {
		{ "a global one", "2001:db8:0:1::5", 64, 0, 0, 0, 600, "2001:db8:0:1::/64" },
		{ "a unique local one", "fd00:1::5", 64, 0, 0, 0, 600, "fd00:1::/64" },
		{ "one in a larger prefix", "2001:db8:0:9::5", 48, 0, 0, 0, 600,
		  "2001:db8:0:9::/64" },
		{ "a host's", "2001:db8::5", 128, 0, 0, 0, 600, NULL },
		{ "one in less than a /64", "2001:db8::5", 65, 0, 0, 0, 600, NULL },
		{ "a link-local one", "fe80::5", 64, 0, 0, 0, FOREVER, NULL },
		{ "a tentative one", "2001:db8::5", 64, 1, 0, 0, 600, NULL },
		{ "an optimistic one", "2001:db8::5", 64, 1, 1, 0, 600, "2001:db8::/64" },
		{ "a duplicate", "2001:db8::5", 64, 1, 1, 1, 600, NULL },
		{ "one that is over", "2001:db8::5", 64, 0, 0, 0, 0, NULL },
		{ "one that we put there", "2001:db8:5::1", 64, 0, 0, 0, FOREVER, NULL },
	};
	struct prefix6 own = prefix("2001:db8:5::1/128");

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct followed_interface interface = { .name = "up0" };
		struct link_address is = address(cases[i].address, cases[i].valid_s, 300);

		is.prefix_len = cases[i].len;
		is.tentative = cases[i].tentative;
		is.optimistic = cases[i].optimistic;
		is.failed = cases[i].failed;
		bool news = follow_addresses(&interface, &is, 1, &own, 1, INTERVAL_MS, 1000);
		struct prefix6 wanted = prefix(cases[i].prefix ? cases[i].prefix : "::/0");

		if (news != (cases[i].prefix != NULL) || interface.count != (news ? 1 : 0) ||
		    (news && !prefix6_equal(&interface.prefix[0].prefix, &wanted)))
			fail_msg("%s: %u prefixes, news %d", cases[i].what, interface.count, news);
	}
}

/* One prefix: as clients were told of it, and as it is `after_s` later. */
static void what_is_news_of_a_prefix(void **state)
{
	static const struct {
		const char *what;
		uint32_t valid_s, preferred_s, after_s, now_valid_s, now_preferred_s;
		bool news;
	} cases[] = {
		{ "nothing has changed", FOREVER, FOREVER, 100, FOREVER, FOREVER, false },
		{ "it counts down", 5400, 2700, 100, 5300, 2600, false },
		{ "the kernel's seconds are coarse", 5400, 2700, 100, 5297, 2597, false },
		{ "prolonged in good time", 86400, 43200, 100, 86400, 43200, false },
		{ "prolonged, and clients hear in time anyway", 5400, 2700, 1200, 5400, 2700,
		  false },
		{ "prolonged when it was nearly over", 5400, 2700, 2200, 5400, 2700, true },
		{ "short, and prolonged early", 120, 60, 10, 120, 60, false },
		{ "short, and prolonged late", 120, 60, 40, 120, 60, true },
		{ "shortened", 5400, 2700, 100, 1200, 600, true },
		{ "valid for less", FOREVER, 2700, 100, 5400, 2600, true },
		{ "deprecated", FOREVER, FOREVER, 100, FOREVER, 0, true },
		{ "still deprecated", 5400, 0, 100, 5300, 0, false },
		{ "preferred again", 5400, 0, 100, 5400, 2700, true },
		{ "now for ever", 86400, 43200, 100, FOREVER, FOREVER, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct followed_interface interface = { .name = "up0" };
		struct link_address is =
			address("2001:db8::5", cases[i].valid_s, cases[i].preferred_s);

		assert_true(follow_addresses(&interface, &is, 1, NULL, 0, INTERVAL_MS, 1000));
		is = address("2001:db8::5", cases[i].now_valid_s, cases[i].now_preferred_s);
		uint64_t now_ms = 1000 + cases[i].after_s * 1000ull;
		if (follow_addresses(&interface, &is, 1, NULL, 0, INTERVAL_MS, now_ms) !=
		    cases[i].news)
			fail_msg("%s: %s", cases[i].what, cases[i].news ? "no news" : "news");
		if (follow_addresses(&interface, &is, 1, NULL, 0, INTERVAL_MS, now_ms))
			fail_msg("%s: news twice", cases[i].what);
	}
}

/* Prolonged every 30 s, as some routers do, a short lifetime is told often enough to hold. */
static void a_short_lifetime_never_runs_out_at_clients(void **state)
{
	struct followed_interface interface = { .name = "up0" };
	struct link_address is = address("2001:db8::5", 200, 100);
	uint64_t known_ms = 0;
	unsigned told = 0;

	for (uint64_t now_ms = 0; now_ms < 3600000; now_ms += 30000) {
		if (now_ms > 0)
			assert_true(known_ms > now_ms);
		if (follow_addresses(&interface, &is, 1, NULL, 0, INTERVAL_MS, now_ms)) {
			known_ms = interface.prefix[0].preferred_ms;
			told++;
		}
	}
	assert_in_range(told, 36, 60); /* of 120 */
}

static void prefixes_come_and_go(void **state)
{
	struct followed_interface interface = { .name = "up0" };
	struct link_address is[] = { address("2001:db8::5", 600, 300),
				     address("2001:db8::6", 1200, 100),
				     address("2001:db8:0:1::5", 600, 300) };

	assert_true(follow_addresses(&interface, is, 2, NULL, 0, INTERVAL_MS, 0));
	assert_int_equal(interface.count, 1); /* both are in it, and it lasts as long as either */
	assert_int_equal(interface.prefix[0].valid_ms, 1200000);
	assert_int_equal(interface.prefix[0].preferred_ms, 300000);
	assert_true(follow_addresses(&interface, is, 3, NULL, 0, INTERVAL_MS, 0));
	assert_int_equal(interface.count, 2);
	assert_true(follow_addresses(&interface, is + 2, 1, NULL, 0, INTERVAL_MS, 0));
	assert_int_equal(interface.count, 1);
	assert_true(follow_addresses(&interface, NULL, 0, NULL, 0, INTERVAL_MS, 0));
	assert_false(follow_addresses(&interface, NULL, 0, NULL, 0, INTERVAL_MS, 0));
}

static void the_table_of_prefixes_has_an_end(void **state)
{
	struct followed_interface interface = { .name = "up0" };
	struct link_address is[LINK_MAX_ADDRESSES];

	for (unsigned i = 0; i < LINK_MAX_ADDRESSES; i++) {
		is[i] = address("2001:db8::5", 600, 300);
		is[i].address.octet[7] = (uint8_t)i;
	}
	assert_true(follow_addresses(&interface, is, LINK_MAX_ADDRESSES, NULL, 0, INTERVAL_MS, 0));
	assert_int_equal(interface.count, RA_MAX_PREFIXES);
}

static void lifetimes_count_down(void **state)
{
	static const struct {
		uint64_t end_ms, now_ms;
		uint32_t most_s, left_s;
	} cases[] = {
		{ FOLLOW_NEVER_MS, 1000, 2700, 2700 },
		{ FOLLOW_NEVER_MS, 1000, FOREVER, FOREVER },
		{ 61000, 1000, 2700, 60 },
		{ 61000, 1000, 30, 30 },
		{ 1500, 1000, 2700, 0 },
		{ 1000, 2000, 2700, 0 },
		{ 0, 2000, 2700, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(follow_left_s(cases[i].end_ms, cases[i].now_ms, cases[i].most_s),
				 cases[i].left_s);
}

/* ---- routes ---- */

#define LINK 7 /* the index of the TAP */

static void which_routes_are_wanted(void **state)
{
	static const struct {
		const char *what, *filter, *route;
		int index;
		bool has_gateway, wanted;
	} cases[] = {
		{ "inside", "2001:db8::/32", "2001:db8:1::/48", 1, true, true },
		{ "on another link", "2001:db8::/32", "2001:db8:1::/64", 1, false, true },
		{ "the filter itself", "2001:db8::/32", "2001:db8::/32", 1, true, true },
		{ "larger than the filter", "2001:db8::/32", "2001:d00::/24", 1, true, false },
		{ "beside the filter", "2001:db8::/32", "2001:db9::/48", 1, true, false },
		{ "on the clients' own link", "2001:db8::/32", "2001:db8:1::/64", LINK, false,
		  false },
		{ "behind one of the clients", "2001:db8::/32", "2001:db8:1::/48", LINK, true,
		  true },
		{ "anything in ::/0", "::/0", "2001:db8::/32", 1, true, true },
		{ "the default route is none of them", "::/0", "::/0", 1, true, false },
		{ "link-local", "::/0", "fe80::/64", 1, false, false },
		{ "a group", "::/0", "ff00::/8", 1, false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct prefix6 filter = prefix(cases[i].filter);
		struct link_route route = { .prefix = prefix(cases[i].route),
					    .index = cases[i].index,
					    .has_gateway = cases[i].has_gateway };

		if (follow_wants_route(&filter, &route, LINK) != cases[i].wanted)
			fail_msg("%s", cases[i].what);
	}
}

static void routes_are_sorted_and_the_longest_give_way(void **state)
{
	struct followed_routes routes = { 0 };
	struct prefix6 route = prefix("2001:db8::/48"), large = prefix("fd00::/8");

	for (unsigned i = 0; i < FOLLOW_MAX_ROUTES; i++) {
		route.address.octet[5] = (uint8_t)(i * 77);
		follow_add_route(&routes, &route);
		follow_add_route(&routes, &route); /* another next hop */
	}
	assert_int_equal(routes.count, FOLLOW_MAX_ROUTES);
	assert_int_equal(routes.left_out, 0);
	follow_add_route(&routes, &large);
	route.len = 56;
	follow_add_route(&routes, &route);
	assert_int_equal(routes.count, FOLLOW_MAX_ROUTES);
	assert_int_equal(routes.left_out, 2);
	assert_true(prefix6_equal(&routes.prefix[0], &large));
	for (unsigned i = 1; i + 1 < routes.count; i++)
		assert_true(memcmp(&routes.prefix[i].address, &routes.prefix[i + 1].address, 16) <
			    0);
	routes.count = 0; /* the dump is repeated */
	follow_add_route(&routes, &large);
	assert_int_equal(routes.count, 1);
	assert_int_equal(routes.left_out, 0);
}

static void what_is_news_of_routes(void **state)
{
	struct follow follow = { 0 };
	struct followed_routes now = { 0 };
	struct prefix6 a = prefix("2001:db8:1::/48"), b = prefix("2001:db8:2::/48");

	assert_false(follow_routes(&follow, &now));
	follow_add_route(&now, &b);
	assert_true(follow_routes(&follow, &now));
	assert_false(follow_routes(&follow, &now));
	follow_add_route(&now, &a);
	assert_true(follow_routes(&follow, &now));
	now.count = 0;
	follow_add_route(&now, &a);
	follow_add_route(&now, &b); /* in another order it is the same */
	assert_false(follow_routes(&follow, &now));
	now.count = 0;
	follow_add_route(&now, &a);
	assert_true(follow_routes(&follow, &now));
	now.count = 0;
	follow_add_route(&now, &b);
	assert_true(follow_routes(&follow, &now));
}

/* RFC 4861 6.2.5: a default router is one that has a way out and forwards. */
static void what_is_news_of_the_default_route(void **state)
{
	static const struct {
		bool has_default, forwards, news;
	} steps[] = {
		{ false, false, false }, { true, false, false }, { true, true, true },
		{ true, true, false },	 { true, false, true },	 { false, true, false },
		{ true, true, true },	 { false, true, true },
	};
	struct follow follow = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if (follow_default(&follow, steps[i].has_default, steps[i].forwards) !=
		    steps[i].news)
			fail_msg("step %zu", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_addresses_count),
		cmocka_unit_test(what_is_news_of_a_prefix),
		cmocka_unit_test(a_short_lifetime_never_runs_out_at_clients),
		cmocka_unit_test(prefixes_come_and_go),
		cmocka_unit_test(the_table_of_prefixes_has_an_end),
		cmocka_unit_test(lifetimes_count_down),
		cmocka_unit_test(which_routes_are_wanted),
		cmocka_unit_test(routes_are_sorted_and_the_longest_give_way),
		cmocka_unit_test(what_is_news_of_routes),
		cmocka_unit_test(what_is_news_of_the_default_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
