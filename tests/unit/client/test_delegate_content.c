/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_delegate_content.c
 *
 * A delegated prefix cut into networks, and what the hosts there are told: RFC 7084 L-2 and L-3,
 * RFC 4191, RFC 9096 4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "client/delegate_content.h"

#define NOW_MS 1000000

static struct prefix6 prefix_of(const char *text)
{
	struct prefix6 prefix;
	struct err err;

	if (prefix6_parse(text, &prefix, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return prefix;
}

static void networks_are_counted_from_zero(void **state)
{
	static const struct {
		const char *delegated;
		unsigned number;
		const char *subnet; /* NULL: there is none */
	} rows[] = {
		{ "2001:db8:f000::/56", 0, "2001:db8:f000::/64" },
		{ "2001:db8:f000::/56", 1, "2001:db8:f000:1::/64" },
		{ "2001:db8:f000:ab00::/56", 255, "2001:db8:f000:abff::/64" },
		{ "2001:db8:f000::/56", 256, NULL },
		{ "2001:db8:f000:1234::/64", 0, "2001:db8:f000:1234::/64" },
		{ "2001:db8:f000:1234::/64", 1, NULL },
		{ "2001:db8:f000:1234::/63", 1, "2001:db8:f000:1235::/64" },
		{ "2001:db8:f000:1234::/63", 2, NULL },
		{ "fd00::/32", 0xffffffff, "fd00:0:ffff:ffff::/64" },
		{ "fd00::/33", 0x80000000, NULL },
		{ "fd00::/16", 0x12345678, "fd00:0:1234:5678::/64" },
		{ "2001:db8::/65", 0, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct prefix6 delegated = prefix_of(rows[i].delegated), subnet;
		char text[PREFIX6_TEXT] = "none";

		if (delegate_subnet(&delegated, &(struct prefix6) { 0 }, rows[i].number, &subnet))
			prefix6_text(&subnet, text);
		if (strcmp(text, rows[i].subnet ? rows[i].subnet : "none") != 0)
			fail_msg("%s, %u: %s", rows[i].delegated, rows[i].number, text);
	}
	struct prefix6 address = delegate_address(&(struct prefix6) { { { 0xfd } }, 64 });
	char text[PREFIX6_TEXT];
	assert_string_equal(prefix6_text(&address, text), "fd00::1/64");
}

/* RFC 6603 5.1: "MUST NOT assign the excluded prefix" to an interface of ours; nor a part of it. */
static void networks_that_are_not_ours_are_left_out(void **state)
{
	static const struct {
		const char *delegated, *excluded;
		uint64_t count;
		unsigned number;
		const char *subnet; /* NULL: there is none */
	} rows[] = {
		{ "fd00::/56", "fd00::/64", 255, 0, "fd00:0:0:1::/64" },
		{ "fd00::/56", "fd00::/64", 255, 254, "fd00:0:0:ff::/64" },
		{ "fd00::/56", "fd00::/64", 255, 255, NULL },
		{ "fd00::/56", "fd00:0:0:ff::/64", 255, 254, "fd00:0:0:fe::/64" },
		{ "fd00::/56", "fd00:0:0:ff::/64", 255, 255, NULL },
		{ "fd00::/56", "fd00:0:0:2::/64", 255, 1, "fd00:0:0:1::/64" },
		{ "fd00::/56", "fd00:0:0:2::/64", 255, 2, "fd00:0:0:3::/64" },
		{ "fd00::/56", "fd00:0:0:10::/60", 240, 15, "fd00:0:0:f::/64" },
		{ "fd00::/56", "fd00:0:0:10::/60", 240, 16, "fd00:0:0:20::/64" },
		{ "fd00::/56", "fd00::/57", 128, 0, "fd00:0:0:80::/64" },
		{ "fd00::/56", "fd00::/57", 128, 128, NULL },
		{ "fd00::/56", "fd00:0:0:2::1/128", 255, 2, "fd00:0:0:3::/64" },
		{ "fd00::/63", "fd00::8000:0:0:0/65", 1, 0, "fd00:0:0:1::/64" },
		{ "fd00::/64", "fd00::/65", 0, 0, NULL },
		{ "fd00::/16", "fd00::/17", UINT64_C(1) << 47, 0, "fd00:8000::/64" },
		{ "fd00::/56", "fd00::/56", 256, 0, "fd00::/64" }, /* these are no parts of it */
		{ "fd00::/56", "fd00:0:0:100::/64", 256, 0, "fd00::/64" },
		{ "fd00::/65", "fd00::/66", 0, 0, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct prefix6 delegated = prefix_of(rows[i].delegated), subnet;
		struct prefix6 excluded = prefix_of(rows[i].excluded);
		char text[PREFIX6_TEXT] = "none";
		uint64_t count = delegate_subnet_count(&delegated, &excluded);

		if (delegate_subnet(&delegated, &excluded, rows[i].number, &subnet))
			prefix6_text(&subnet, text);
		if (count != rows[i].count ||
		    strcmp(text, rows[i].subnet ? rows[i].subnet : "none") != 0)
			fail_msg("%s without %s: %ju, number %u is %s", rows[i].delegated,
				 rows[i].excluded, (uintmax_t)count, rows[i].number, text);
	}
}

/* What a router said: its lifetimes, so many seconds ago. */
struct saying {
	uint16_t router_s;
	const char *route, *on_link;
	uint32_t route_s, on_link_s, dns_s, other_s;
	uint32_t ago_s;
	bool off_link;
};

static void router_says(struct heard *heard, const struct saying *saying)
{
	struct heard_router *router = &heard->by[heard->count++];
	uint64_t said_ms = NOW_MS - saying->ago_s * 1000ull;

	router->from.octet[15] = (uint8_t)heard->count;
	router->router = (struct heard_time) { said_ms, saying->router_s };
	router->ra.preference = RA_HIGH;
	if (saying->route) {
		router->ra.route[router->ra.route_count] =
			(struct ra_route) { prefix_of(saying->route), RA_HIGH, 0 };
		router->route[router->ra.route_count++] =
			(struct heard_time) { said_ms, saying->route_s };
	}
	if (saying->on_link) {
		router->ra.prefix[0] = (struct ra_prefix) { .prefix = prefix_of(saying->on_link),
							    .on_link = !saying->off_link };
		router->ra.prefix_count = 1;
		router->prefix[0] = (struct heard_time) { said_ms, saying->on_link_s };
	}
	if (saying->dns_s > 0) {
		router->ra.dns[0].octet[0] = 0xfd;
		router->ra.dns[0].octet[15] = (uint8_t)heard->count;
		router->ra.dns_count = 1;
		router->dns[0] = (struct heard_time) { said_ms, saying->dns_s };
		snprintf(router->ra.search[0], RA_MAX_DOMAIN, "d%u.example", heard->count);
		router->ra.search_count = 1;
		router->search[0] = (struct heard_time) { said_ms, saying->dns_s };
	}
	if (saying->other_s > 0) {
		router->ra.pref64[0] = (struct ra_pref64) { prefix_of("64:ff9b::/96"), 0 };
		router->ra.pref64_count = 1;
		router->pref64[0] = (struct heard_time) { said_ms, saying->other_s };
		router->ra.dnr[0] = (struct ra_dnr) { .priority = 1, .name = "dns.example" };
		router->ra.dnr_count = 1;
		router->dnr[0] = (struct heard_time) { said_ms, saying->other_s };
	}
}

static struct delegate_network network(void)
{
	return (struct delegate_network) {
		.delegated = prefix_of("2001:db8:f000::/56"),
		.subnet = prefix_of("2001:db8:f000:1::/64"),
		.preferred_s = 1000,
		.valid_s = 2000,
		.mac = { { 2, 0, 0, 0, 0, 1 } },
		.mtu = 1400,
	};
}

/* As "p PREFIX preferred/valid r PREFIX lifetime ... d count/lifetime". */
static const char *text_of(const struct ra *ra, char text[static 1024])
{
	char prefix[PREFIX6_TEXT];
	size_t len = 0;

	for (unsigned i = 0; i < ra->prefix_count; i++)
		len += (size_t)snprintf(text + len, 1024 - len, "p %s %u/%u",
					prefix6_text(&ra->prefix[i].prefix, prefix),
					ra->prefix[i].preferred_s, ra->prefix[i].valid_s);
	for (unsigned i = 0; i < ra->route_count; i++)
		len += (size_t)snprintf(text + len, 1024 - len, " r %s %u%s",
					prefix6_text(&ra->route[i].prefix, prefix),
					ra->route[i].lifetime_s,
					ra->route[i].preference == RA_HIGH ? "!" : "");
	if (ra->dns_count > 0)
		len += (size_t)snprintf(text + len, 1024 - len, " d %u/%u s %u/%u", ra->dns_count,
					ra->dns_lifetime_s, ra->search_count,
					ra->search_lifetime_s);
	if (ra->lifetime_s > 0)
		len += (size_t)snprintf(text + len, 1024 - len, " default %u", ra->lifetime_s);
	if (ra->pref64_count > 0)
		len += (size_t)snprintf(text + len, 1024 - len, " n %u x %u",
					ra->pref64[0].lifetime_s, ra->dnr[0].lifetime_s);
	return text;
}

#define OWN "p 2001:db8:f000:1::/64 1000/2000 r 2001:db8:f000::/56 1800"

static void hosts_are_told_what_routers_said(void **state)
{
	static const struct {
		const char *what;
		struct saying first, second;
		const char *told;
	} rows[] = {
		{ "nobody said anything", { 0 }, { 0 }, OWN },
		{ "a route, as long as it lasts",
		  { .route = "2001:db8:100::/48", .route_s = 900, .ago_s = 100 },
		  { 0 },
		  OWN " r 2001:db8:100::/48 800!" },
		{ "but not for ever",
		  { .route = "2001:db8:100::/48", .route_s = RA_FOREVER },
		  { 0 },
		  OWN " r 2001:db8:100::/48 1800!" },
		{ "a route that is over",
		  { .route = "2001:db8:100::/48", .route_s = 100, .ago_s = 100 },
		  { 0 },
		  OWN },
		{ "the server's own link",
		  { .on_link = "fd00::/64", .on_link_s = 600 },
		  { 0 },
		  OWN " r fd00::/64 600" },
		{ "a prefix that is not on it",
		  { .on_link = "fd00::/64", .on_link_s = 600, .off_link = true },
		  { 0 },
		  OWN },
		{ "what is on this very link is no route",
		  { .on_link = "2001:db8:f000:1::/64", .on_link_s = 600 },
		  { 0 },
		  OWN },
		{ "two routers with the same route: the longer counts",
		  { .route = "2001:db8:100::/48", .route_s = 300 },
		  { .route = "2001:db8:100::/48", .route_s = 900, .ago_s = 100 },
		  OWN " r 2001:db8:100::/48 800!" },
		{ "a default router",
		  { .router_s = 1800, .ago_s = 300 },
		  { .router_s = 9000, .ago_s = 8000 },
		  OWN " default 1500" },
		{ "one for longer than we say anything",
		  { .router_s = 9000 },
		  { 0 },
		  OWN " default 1800" },
		{ "one that was", { .router_s = 1800, .ago_s = 1800 }, { 0 }, OWN },
		{ "DNS of both, for as long as all of it is good",
		  { .dns_s = 900 },
		  { .dns_s = 700, .ago_s = 100 },
		  OWN " d 2/600 s 2/600" },
		{ "NAT64 and resolvers", { .other_s = 800 }, { 0 }, OWN " n 800 x 800" },
		{ "those that are over", { .other_s = 800, .ago_s = 800 }, { 0 }, OWN },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		static struct heard heard;
		struct delegate_network here = network();
		char text[1024];
		struct ra ra;

		heard = (struct heard) { 0 };
		router_says(&heard, &rows[i].first);
		router_says(&heard, &rows[i].second);
		delegate_compose(&heard, &here, NOW_MS, &ra);
		if (strcmp(text_of(&ra, text), rows[i].told) != 0)
			fail_msg("%s: %s", rows[i].what, text);
		assert_false(ra.managed || ra.other);
		assert_true(ra.prefix[0].on_link && ra.prefix[0].autonomous);
		assert_int_equal(ra.mtu, 1400);
		assert_true(ra.has_source_mac);
	}
}

static void a_lease_that_is_long_is_not_promised_at_once(void **state)
{
	static const struct {
		uint32_t preferred_s, valid_s;
		const char *told;
	} rows[] = {
		{ 2700, 5400, "p 2001:db8:f000:1::/64 2700/5400 r 2001:db8:f000::/56 1800" },
		{ 86400, 90000, "p 2001:db8:f000:1::/64 2700/5400 r 2001:db8:f000::/56 1800" },
		{ RA_FOREVER, RA_FOREVER,
		  "p 2001:db8:f000:1::/64 2700/5400 r 2001:db8:f000::/56 1800" },
		{ 0, 50, "p 2001:db8:f000:1::/64 0/50 r 2001:db8:f000::/56 50" },
	};
	static const struct heard nobody;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct delegate_network here = network();
		char text[1024];
		struct ra ra;

		here.preferred_s = rows[i].preferred_s;
		here.valid_s = rows[i].valid_s;
		delegate_compose(&nobody, &here, NOW_MS, &ra);
		assert_string_equal(text_of(&ra, text), rows[i].told);
	}
	/* a whole /64 has no way to itself */
	struct delegate_network all = network();
	char text[1024];
	struct ra ra;
	all.delegated = all.subnet;
	delegate_compose(&nobody, &all, NOW_MS, &ra);
	assert_string_equal(text_of(&ra, text), "p 2001:db8:f000:1::/64 1000/2000");
}

static void lists_that_are_full(void **state)
{
	static struct heard heard;
	struct delegate_network here = network();
	struct ra ra;

	heard = (struct heard) { .count = 2 };
	for (unsigned k = 0; k < 2; k++) {
		struct heard_router *router = &heard.by[k];

		router->ra.route_count = RA_MAX_ROUTES;
		router->ra.dns_count = RA_MAX_DNS;
		router->ra.search_count = RA_MAX_SEARCH;
		router->ra.dnr_count = RA_MAX_DNR;
		router->ra.pref64_count = RA_MAX_PREF64;
		for (unsigned i = 0; i < RA_MAX_ROUTES; i++) {
			router->ra.route[i].prefix =
				(struct prefix6) { { .octet = { 0x20, 1, (uint8_t)k, (uint8_t)i } },
						   48 };
			router->route[i] = (struct heard_time) { NOW_MS, 100 };
		}
		for (unsigned i = 0; i < RA_MAX_DNS; i++)
			router->dns[i] = router->search[i] = (struct heard_time) { NOW_MS, 100 };
		for (unsigned i = 0; i < RA_MAX_DNR; i++)
			router->dnr[i] = router->pref64[i] = (struct heard_time) { NOW_MS, 100 };
	}
	delegate_compose(&heard, &here, NOW_MS, &ra);
	assert_int_equal(ra.route_count, RA_MAX_ROUTES);
	assert_int_equal(ra.dns_count, RA_MAX_DNS);
	assert_int_equal(ra.search_count, RA_MAX_SEARCH);
	assert_int_equal(ra.dnr_count, RA_MAX_DNR);
	assert_int_equal(ra.pref64_count, RA_MAX_PREF64);
}

static void only_what_lasts_is_compared(void **state)
{
	static struct heard heard;
	struct delegate_network here = network();
	struct ra a, b;

	heard = (struct heard) { 0 };
	router_says(&heard, &(struct saying) { .router_s = 1800,
					       .route = "2001:db8:100::/48",
					       .route_s = 900,
					       .dns_s = 900,
					       .other_s = 900 });
	delegate_compose(&heard, &here, NOW_MS, &a);
	delegate_compose(&heard, &here, NOW_MS + 100000, &b);
	assert_true(delegate_same(&a, &b));
	assert_int_not_equal(a.route[1].lifetime_s, b.route[1].lifetime_s);
	for (unsigned what = 0; what < 5; what++) {
		b = a;
		b.lifetime_s = what == 0 ? 0 : b.lifetime_s;
		b.prefix[0].preferred_s = what == 1 ? 0 : b.prefix[0].preferred_s;
		b.route_count -= what == 2;
		b.dns[0].octet[1] = what == 3;
		b.mtu -= what == 4;
		if (delegate_same(&a, &b))
			fail_msg("difference %u is not seen", what);
	}
}

static void everything_is_said_three_times(void **state)
{
	static const struct {
		uint32_t valid_s, preferred_s, most_s;
	} rows[] = {
		{ RA_FOREVER, RA_FOREVER, 600 },
		{ 3600, 2700, 600 },
		{ 1200, 600, 200 },
		{ 30, 15, 5 },
		{ 30, 0, 10 },
		{ 3, 1, 4 },
	};
	static const struct heard nobody;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct delegate_network here = network();
		struct ra ra;

		here.valid_s = rows[i].valid_s;
		here.preferred_s = rows[i].preferred_s;
		delegate_compose(&nobody, &here, NOW_MS, &ra);
		assert_int_equal(delegate_interval(&ra).max_ms, rows[i].most_s * 1000);
	}
}

static void the_last_words_take_all_back(void **state)
{
	static struct heard heard;
	struct delegate_network here = network();
	char text[1024];
	struct ra ra;

	heard = (struct heard) { 0 };
	router_says(&heard, &(struct saying) { .router_s = 1800,
					       .route = "2001:db8:100::/48",
					       .route_s = 900,
					       .dns_s = 900,
					       .other_s = 900 });
	delegate_compose(&heard, &here, NOW_MS, &ra);
	delegate_make_final(&ra);
	assert_string_equal(text_of(&ra, text),
			    "p 2001:db8:f000:1::/64 0/2000 r 2001:db8:f000::/56 0 r "
			    "2001:db8:100::/48 0! d 1/0 s 1/0 n 0 x 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_are_counted_from_zero),
		cmocka_unit_test(networks_that_are_not_ours_are_left_out),
		cmocka_unit_test(hosts_are_told_what_routers_said),
		cmocka_unit_test(a_lease_that_is_long_is_not_promised_at_once),
		cmocka_unit_test(lists_that_are_full),
		cmocka_unit_test(only_what_lasts_is_compared),
		cmocka_unit_test(everything_is_said_three_times),
		cmocka_unit_test(the_last_words_take_all_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
