/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_heard.c
 *
 * Which frames the client takes for a Router Advertisement (RFC 4861 6.1.2); each check has a
 * row that only this check refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "client/heard.h"

#define ETHER_TYPE 12
#define IP_LENGTH 18
#define IP_NEXT 20
#define IP_HOP_LIMIT 21
#define IP_SOURCE 22
#define ICMP_TYPE 54
#define ICMP_CODE 55
#define ICMP_CHECKSUM 56
#define ICMP_HOP_LIMIT 58

static uint8_t bytes[1500];

static struct frame make_frame_of(const char *from, uint8_t type, const struct ra *ra)
{
	struct packet_ends ends = { .mac_destination = mac_all_nodes,
				    .destination = ip6_all_nodes };
	struct writer w = writer_over(bytes, sizeof(bytes));
	uint8_t message[1400];
	struct writer body = writer_over(message, sizeof(message));

	assert_int_equal(ip6_parse(from, &ends.source, NULL), 0);
	ra_build(ra, &body);
	assert_false(body.full);
	message[0] = type;
	packet_icmp6(&w, &ends, writer_bytes(&body));
	return (struct frame) { .bytes = writer_bytes(&w) };
}

static struct frame make_frame(const char *from, uint8_t type)
{
	const struct ra ra = { .hop_limit = 64, .mtu = 1400, .lifetime_s = 1800 };

	return make_frame_of(from, type, &ra);
}

static void advertisements_are_told_from_the_rest(void **state)
{
	static const struct {
		const char *what, *from;
		uint8_t type;
		uint8_t at, value; /* one byte of the frame is another; at 0: none */
		bool heard;
	} cases[] = {
		{ "an advertisement", "fe80::1", ND_RA, 0, 0, true },
		{ "fe80::/10 is link-local", "febf::1", ND_RA, 0, 0, true },
		{ "not from a link-local address", "2001:db8::1", ND_RA, 0, 0, false },
		{ "from nobody", "::", ND_RA, 0, 0, false },
		{ "from a group", "ff02::1", ND_RA, 0, 0, false },
		{ "a solicitation", "fe80::1", ND_RS, 0, 0, false },
		{ "a neighbour's advertisement", "fe80::1", ND_NA, 0, 0, false },
		{ "it was forwarded", "fe80::1", ND_RA, IP_HOP_LIMIT, 254, false },
		{ "not IPv6", "fe80::1", ND_RA, ETHER_TYPE, 0x08, false },
		{ "not ICMPv6", "fe80::1", ND_RA, IP_NEXT, IP_UDP, false },
		{ "a wrong checksum", "fe80::1", ND_RA, ICMP_CHECKSUM, 0x55, false },
		{ "a changed byte", "fe80::1", ND_RA, ICMP_HOP_LIMIT, 65, false },
		{ "a changed source", "fe80::1", ND_RA, IP_SOURCE + 15, 2, false },
		{ "longer than the frame", "fe80::1", ND_RA, IP_LENGTH, 1, false },
		{ "no payload", "fe80::1", ND_RA, IP_LENGTH + 1, 0, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct frame frame = make_frame(cases[i].from, cases[i].type);
		struct heard heard = { 0 };

		if (cases[i].at > 0)
			bytes[cases[i].at] = cases[i].value;
		bool yes = heard_frame(&heard, &frame, 1234);
		if (yes != cases[i].heard || (heard.count > 0) != yes)
			fail_msg("%s: heard=%d", cases[i].what, yes);
	}
}

static void a_code_other_than_0_is_no_advertisement(void **state)
{
	struct frame frame = make_frame("fe80::1", ND_RA);
	struct heard heard = { 0 };

	/* with the checksum that belongs to it: the code counts in its word's low byte */
	bytes[ICMP_CODE] = 1;
	bytes[ICMP_CHECKSUM + 1]--;
	assert_false(heard_frame(&heard, &frame, 1));
}

static void each_router_is_kept_the_latest_first(void **state)
{
	static const struct {
		const char *from;
		unsigned count;
		const char *last; /* the one silent for longest */
	} cases[] = {
		{ "fe80::1", 1, "fe80::1" }, { "fe80::2", 2, "fe80::1" },
		{ "fe80::1", 2, "fe80::2" }, { "fe80::3", 3, "fe80::2" },
		{ "fe80::4", 4, "fe80::2" }, { "fe80::5", 4, "fe80::1" },
	};
	struct heard heard = { 0 };
	char text[IP6_TEXT];

	_Static_assert(HEARD_MAX_ROUTERS == 4, "the fifth router pushes one out");
	for (uint64_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct frame frame = make_frame(cases[i].from, ND_RA);

		assert_true(heard_frame(&heard, &frame, 1000 + i));
		assert_int_equal(heard.count, cases[i].count);
		assert_string_equal(ip6_text(&heard.by[0].from, text), cases[i].from);
		assert_string_equal(ip6_text(&heard.by[heard.count - 1].from, text), cases[i].last);
		assert_int_equal(heard.by[0].at_ms, 1000 + i);
		assert_int_equal(heard.by[0].ra.mtu, 1400);
		assert_int_equal(heard.by[0].router.lifetime_s, 1800);
	}
	/* and they stay when something else comes */
	struct frame frame = make_frame("2001:db8::3", ND_RA);
	assert_false(heard_frame(&heard, &frame, 3000));
	assert_string_equal(ip6_text(&heard.by[0].from, text), "fe80::5");
}

static void hear(struct heard *heard, const struct ra *ra, uint64_t now_ms)
{
	struct frame frame = make_frame_of("fe80::1", ND_RA, ra);

	assert_true(heard_frame(heard, &frame, now_ms));
}

static struct prefix6 network(uint8_t number, uint8_t len)
{
	return (struct prefix6) { { { 0xfd, number } }, len };
}

/* RFC 4861 6.3.4: parts of one advertisement, or several: what is not said again stays. */
static void what_is_not_said_again_stays(void **state)
{
	const struct ra first = {
		.hop_limit = 64,
		.mtu = 1400,
		.reachable_ms = 1000,
		.prefix_count = 1,
		.prefix = { { network(1, 64), .on_link = true, .valid_s = 100,
			      .preferred_s = 50 } },
		.captive_portal = "https://portal.example/api",
		.pref64_count = 1,
		.pref64 = { { network(2, 96), 80 } },
	};
	const struct ra second = {
		.managed = true,
		.lifetime_s = 30,
		.route_count = 1,
		.route = { { network(3, 48), RA_HIGH, RA_FOREVER } },
		.dns_count = 1,
		.dns = { network(4, 0).address },
		.dns_lifetime_s = 60,
		.search_count = 1,
		.search = { "corp.example" },
		.search_lifetime_s = 70,
		.dnr_count = 1,
		.dnr = { { .priority = 1, .lifetime_s = 90, .name = "dns.example" } },
	};
	struct heard heard = { 0 };
	const struct heard_router *router = &heard.by[0];

	hear(&heard, &first, 10000);
	hear(&heard, &second, 20000);
	assert_int_equal(router->ra.hop_limit, 64); /* 0 is "unspecified" */
	assert_int_equal(router->ra.reachable_ms, 1000);
	assert_int_equal(router->ra.mtu, 1400);
	assert_true(router->ra.managed);
	assert_string_equal(router->ra.captive_portal, "https://portal.example/api");
	assert_string_equal(router->ra.search[0], "corp.example");
	assert_string_equal(router->ra.dnr[0].name, "dns.example");
	assert_int_equal(heard_left_s(&router->prefix[0], 20000), 90);
	assert_int_equal(heard_left_s(&router->pref64[0], 20000), 70);
	assert_int_equal(heard_left_s(&router->route[0], 20000), RA_FOREVER);
	assert_int_equal(heard_left_s(&router->dns[0], 20001), 60); /* begun, not over */
	assert_int_equal(heard_left_s(&router->search[0], 20000), 70);
	assert_int_equal(heard_left_s(&router->dnr[0], 20000), 90);

	/* one after the other ends */
	static const struct {
		uint64_t at_ms;
		unsigned prefixes, routes, dns, search, pref64, dnr;
		bool is_default;
	} ends[] = {
		{ 49999, 1, 1, 1, 1, 1, 1, true },   { 50000, 1, 1, 1, 1, 1, 1, false },
		{ 80000, 1, 1, 0, 1, 1, 1, false },  { 90000, 1, 1, 0, 0, 0, 1, false },
		{ 110000, 0, 1, 0, 0, 0, 0, false }, { 1000000000000, 0, 1, 0, 0, 0, 0, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		const struct ra *ra = &router->ra;

		heard_expire(&heard, ends[i].at_ms);
		if (ra->prefix_count != ends[i].prefixes || ra->route_count != ends[i].routes ||
		    ra->dns_count != ends[i].dns || ra->search_count != ends[i].search ||
		    ra->pref64_count != ends[i].pref64 || ra->dnr_count != ends[i].dnr ||
		    heard_default_router(&heard, ends[i].at_ms) != ends[i].is_default)
			fail_msg("at %zu ms", (size_t)ends[i].at_ms);
	}
}

static void what_is_said_again_is_as_it_was_said_last(void **state)
{
	struct ra ra = {
		.route_count = 2,
		.route = { { network(1, 48), RA_HIGH, 100 }, { network(2, 48), RA_LOW, 100 } },
		.dns_count = 2,
		.dns = { network(1, 0).address, network(2, 0).address },
		.dns_lifetime_s = 100,
	};
	struct heard heard = { 0 };
	const struct heard_router *router = &heard.by[0];

	hear(&heard, &ra, 1000);
	ra.route_count = ra.dns_count = 1;
	ra.route[0].preference = RA_LOW;
	ra.route[0].lifetime_s = ra.dns_lifetime_s = 300;
	hear(&heard, &ra, 2000);
	assert_int_equal(router->ra.route_count, 2);
	assert_int_equal(router->ra.route[0].preference, RA_LOW);
	assert_int_equal(heard_left_s(&router->route[0], 2000), 300);
	assert_int_equal(heard_left_s(&router->route[1], 2000), 99);
	assert_int_equal(heard_left_s(&router->dns[0], 2000), 300);
	assert_int_equal(heard_left_s(&router->dns[1], 2000), 99);

	/* 0 withdraws, and only that */
	ra.route[0].lifetime_s = ra.dns_lifetime_s = 0;
	hear(&heard, &ra, 3000);
	assert_int_equal(router->ra.route_count, 1);
	assert_true(prefix6_equal(&router->ra.route[0].prefix, &ra.route[1].prefix));
	assert_int_equal(heard_left_s(&router->route[0], 3000), 98);
	assert_int_equal(router->ra.dns_count, 1);
	assert_true(ip6_equal(&router->ra.dns[0], &ra.dns[1]));
	hear(&heard, &ra, 3000); /* once more is fine */
	assert_int_equal(router->ra.route_count, 1);
}

static void a_full_list_keeps_what_lasts_longest(void **state)
{
	struct ra ra = { .route_count = RA_MAX_ROUTES };
	struct heard heard = { 0 };
	const struct heard_router *router = &heard.by[0];

	for (uint8_t i = 0; i < RA_MAX_ROUTES; i++)
		ra.route[i] = (struct ra_route) { network(i, 48), RA_MEDIUM, i == 5 ? 50 : 100 };
	hear(&heard, &ra, 1000);
	ra.route_count = 1;
	ra.route[0] = (struct ra_route) { network(100, 48), RA_MEDIUM, 40 };
	hear(&heard, &ra, 1000);
	assert_int_equal(router->ra.route_count, RA_MAX_ROUTES);
	assert_int_equal(heard_left_s(&router->route[5], 1000), 50);
	ra.route[0].lifetime_s = 60;
	hear(&heard, &ra, 1000);
	assert_int_equal(router->ra.route_count, RA_MAX_ROUTES);
	for (unsigned i = 0; i < RA_MAX_ROUTES; i++)
		assert_int_not_equal(heard_left_s(&router->route[i], 1000), 50);
	assert_true(
		prefix6_equal(&router->ra.route[RA_MAX_ROUTES - 1].prefix, &ra.route[0].prefix));
}

static void the_next_one_is_expected_in_a_third_of_the_shortest_lifetime(void **state)
{
	static const struct {
		const char *what;
		uint16_t router_s;
		uint32_t route_s, prefix_s;
		uint64_t now_ms;
		bool known;
		uint32_t next_s;
	} cases[] = {
		{ "a default router", 1800, 9000, RA_FOREVER, 1000, true, 600 },
		{ "none, but a route", 0, 900, RA_FOREVER, 1000, true, 300 },
		{ "later", 0, 900, 9000, 101000, true, 200 },
		{ "overdue", 0, 900, 9000, 401000, true, 0 },
		{ "all for ever", 0, RA_FOREVER, RA_FOREVER, 1000, false, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct ra ra = {
			.lifetime_s = cases[i].router_s,
			.route_count = 1,
			.route = { { network(1, 48), RA_MEDIUM, cases[i].route_s } },
			.prefix_count = 1,
			.prefix = { { network(1, 64), .valid_s = cases[i].prefix_s } },
		};
		struct heard heard = { 0 };
		uint32_t next_s = 0;

		hear(&heard, &ra, 1000);
		if (heard_next_s(&heard.by[0], cases[i].now_ms, &next_s) != cases[i].known ||
		    next_s != cases[i].next_s)
			fail_msg("%s: %u", cases[i].what, next_s);
	}
}

static void any_length_is_survived(void **state)
{
	struct frame whole = make_frame("fe80::1", ND_RA);

	for (size_t len = 0; len < whole.bytes.len; len++) {
		uint8_t part[1500];
		struct frame cut = { .bytes = { part, len } };
		struct heard heard = { 0 };

		memcpy(part, bytes, len);
		assert_false(heard_frame(&heard, &cut, 1));
	}
	/* what a short frame was filled up with does not belong to it */
	struct heard heard = { 0 };
	whole.bytes.len += 20;
	assert_true(heard_frame(&heard, &whole, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(advertisements_are_told_from_the_rest),
		cmocka_unit_test(a_code_other_than_0_is_no_advertisement),
		cmocka_unit_test(each_router_is_kept_the_latest_first),
		cmocka_unit_test(what_is_not_said_again_stays),
		cmocka_unit_test(what_is_said_again_is_as_it_was_said_last),
		cmocka_unit_test(a_full_list_keeps_what_lasts_longest),
		cmocka_unit_test(the_next_one_is_expected_in_a_third_of_the_shortest_lifetime),
		cmocka_unit_test(any_length_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
