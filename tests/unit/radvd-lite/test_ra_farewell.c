/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/radvd-lite/test_ra_farewell.c - what hosts are told of things that are true no longer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "radvd-lite/ra_farewell.h"

/* "p 2001:db8::/64 r 2001:db8:1::/48 d fe80::1 s a.example" as an RA. */
static struct ra ra_of(const char *text)
{
	struct ra ra = { .hop_limit = 64, .lifetime_s = 1800, .mtu = 1500 };
	char copy[1024], *rest, *kind;
	struct err err;

	snprintf(copy, sizeof(copy), "%s", text);
	for (kind = strtok_r(copy, " ", &rest); kind; kind = strtok_r(NULL, " ", &rest)) {
		const char *value = strtok_r(NULL, " ", &rest);

		if (*kind == 'p') {
			struct ra_prefix *prefix = &ra.prefix[ra.prefix_count++];

			assert_int_equal(prefix6_parse(value, &prefix->prefix, &err), 0);
			prefix->on_link = prefix->autonomous = true;
			prefix->valid_s = 5400;
			prefix->preferred_s = 2700;
		} else if (*kind == 'r') {
			struct ra_route *route = &ra.route[ra.route_count++];

			assert_int_equal(prefix6_parse(value, &route->prefix, &err), 0);
			route->preference = RA_HIGH;
			route->lifetime_s = 1800;
		} else if (*kind == 'd') {
			assert_int_equal(ip6_parse(value, &ra.dns[ra.dns_count++], &err), 0);
		} else {
			strcpy(ra.search[ra.search_count++], value);
		}
	}
	return ra;
}

/* The opposite, with lifetimes: "p 2001:db8::/64 0/5400 r 2001:db8:1::/48 0". */
static const char *text_of(const struct ra *ra)
{
	static char out[4096];
	char text[PREFIX6_TEXT];
	size_t len = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < ra->prefix_count; i++)
		len += (size_t)sprintf(out + len, "p %s %u/%u ",
				       prefix6_text(&ra->prefix[i].prefix, text),
				       ra->prefix[i].preferred_s, ra->prefix[i].valid_s);
	for (unsigned i = 0; i < ra->route_count; i++)
		len += (size_t)sprintf(out + len, "r %s %u ",
				       prefix6_text(&ra->route[i].prefix, text),
				       ra->route[i].lifetime_s);
	for (unsigned i = 0; i < ra->dns_count; i++)
		len += (size_t)sprintf(out + len, "d %s ", ip6_text(&ra->dns[i], text));
	for (unsigned i = 0; i < ra->search_count; i++)
		len += (size_t)sprintf(out + len, "s %s ", ra->search[i]);
	if (len > 0)
		out[len - 1] = '\0';
	return out;
}

#define NOW_MS 1000000

static void what_is_gone_is_said(void **state)
{
	static const struct {
		const char *what, *before, *now, *in_ra, *in_more;
	} cases[] = {
		{ "nothing changed", "p fd00::/64 r fd01::/48 d fd00::1 s a",
		  "p fd00::/64 r fd01::/48 d fd00::1 s a",
		  "p fd00::/64 2700/5400 r fd01::/48 1800 "
		  "d fd00::1 s a",
		  "" },
		{ "something came", "", "r fd01::/48", "r fd01::/48 1800", "" },
		{ "a route went", "r fd01::/48 r fd02::/48", "r fd02::/48",
		  "r fd02::/48 1800 r fd01::/48 0", "" },
		{ "a prefix went", "p fd00::/64 p fd01::/64", "p fd01::/64",
		  "p fd01::/64 2700/5400 p fd00::/64 0/5400", "" },
		{ "a server went", "d fd00::1 d fd00::2", "d fd00::2", "d fd00::2", "d fd00::1" },
		{ "a domain went", "s a.example s b.example", "s B.example", "s B.example",
		  "s a.example" },
		{ "all went", "p fd00::/64 r fd01::/48 d fd00::1 s a", "",
		  "p fd00::/64 0/5400 r fd01::/48 0", "d fd00::1 s a" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ra before = ra_of(cases[i].before), now = ra_of(cases[i].now), more;
		struct farewells farewells = { 0 };

		assert_true(farewells_note(&farewells, &before, &now, NOW_MS));
		bool has_more = farewells_add(&farewells, NOW_MS, &now, &more);
		if (has_more != (cases[i].in_more[0] != '\0') ||
		    strcmp(text_of(&now), cases[i].in_ra) != 0)
			fail_msg("%s: %s", cases[i].what, text_of(&now));
		if (strcmp(text_of(&more), cases[i].in_more) != 0)
			fail_msg("%s: and %s", cases[i].what, text_of(&more));
		/* withdrawals, all of them */
		assert_int_equal(more.dns_lifetime_s + more.search_lifetime_s, 0);
		farewells_free(&farewells);
	}
}

static void every_kind_has_its_way_to_end(void **state)
{
	struct ra before = { .pref64_count = 1, .dnr_count = 1 }, now = { 0 }, more;
	struct farewells farewells = { 0 };
	struct err err;

	prefix6_parse("64:ff9b::/96", &before.pref64[0].prefix, &err);
	before.pref64[0].lifetime_s = before.dnr[0].lifetime_s = 1800;
	strcpy(before.dnr[0].name, "dns.example");
	before.dnr[0].priority = 1;
	strcpy(before.captive_portal, "https://portal.example/");
	assert_true(farewells_note(&farewells, &before, &now, NOW_MS));
	assert_false(farewells_add(&farewells, NOW_MS, &now, &more));
	assert_int_equal(now.pref64_count, 1);
	assert_true(prefix6_equal(&now.pref64[0].prefix, &before.pref64[0].prefix));
	assert_int_equal(now.pref64[0].lifetime_s, 0);
	assert_int_equal(now.dnr_count, 1);
	assert_string_equal(now.dnr[0].name, "dns.example");
	assert_int_equal(now.dnr[0].lifetime_s, 0);
	assert_string_equal(now.captive_portal, RA_NO_PORTAL);
	/* another portal needs no word on the first, and a full list is none's end */
	now = (struct ra) { .pref64_count = RA_MAX_PREF64, .dnr_count = RA_MAX_DNR };
	strcpy(now.captive_portal, "https://other.example/");
	assert_true(farewells_note(&farewells, &before, &now, NOW_MS));
	assert_true(farewells_add(&farewells, NOW_MS, &now, &more));
	assert_string_equal(now.captive_portal, "https://other.example/");
	assert_int_equal(more.pref64_count, 1);
	assert_int_equal(more.dnr_count, 1);
	farewells_free(&farewells);
}

static void routes_are_said_three_times_and_prefixes_until_they_end(void **state)
{
	struct ra before = ra_of("p fd00::/64 r fd01::/48 d fd00::1"), now = ra_of("");
	struct farewells farewells = { 0 };
	static const struct {
		uint64_t after_s;
		const char *in_ra;
		bool more;
	} then[] = {
		{ 0, "p fd00::/64 0/5400 r fd01::/48 0", true },
		{ 600, "p fd00::/64 0/4800 r fd01::/48 0", true },
		{ 1200, "p fd00::/64 0/4200 r fd01::/48 0", true },
		{ 1800, "p fd00::/64 0/3600", false },
		{ 5399, "p fd00::/64 0/1", false },
		{ 5400, "", false },
	};

	assert_true(farewells_note(&farewells, &before, &now, NOW_MS));
	for (size_t i = 0; i < ARRAY_LEN(then); i++) {
		uint64_t now_ms = NOW_MS + then[i].after_s * 1000;
		struct ra ra = now, more;

		if (farewells_add(&farewells, now_ms, &ra, &more) != then[i].more ||
		    strcmp(text_of(&ra), then[i].in_ra) != 0)
			fail_msg("after %llu s: %s", (unsigned long long)then[i].after_s,
				 text_of(&ra));
		farewells_said(&farewells, now_ms);
	}
	assert_int_equal(farewells.count, 0);
	assert_null(farewells.item);
}

/* A host keeps a deprecated prefix for two hours at least: there is no use in saying for ever. */
static void what_had_no_end_gets_one(void **state)
{
	struct ra before = ra_of("p fd00::/64"), now = ra_of(""), more;
	struct farewells farewells = { 0 };

	before.prefix[0].valid_s = before.prefix[0].preferred_s = RA_FOREVER;
	assert_true(farewells_note(&farewells, &before, &now, NOW_MS));
	farewells_add(&farewells, NOW_MS, &now, &more);
	assert_string_equal(text_of(&now), "p fd00::/64 0/7200");
	farewells_free(&farewells);
}

static void what_is_back_is_no_longer_gone(void **state)
{
	struct ra first = ra_of("p fd00::/64 r fd01::/48"), second = ra_of("r fd02::/48"), more;
	struct farewells farewells = { 0 };

	assert_true(farewells_note(&farewells, &first, &second, NOW_MS));
	assert_true(farewells_note(&farewells, &second, &first, NOW_MS + 1));
	farewells_add(&farewells, NOW_MS + 1, &first, &more);
	assert_string_equal(text_of(&first),
			    "p fd00::/64 2700/5400 r fd01::/48 1800 r fd02::/48 0");
	/* and gone again: as long as was promised the second time */
	first = ra_of("p fd00::/64 r fd01::/48");
	assert_true(farewells_note(&farewells, &first, &second, NOW_MS + 60000));
	farewells_add(&farewells, NOW_MS + 120000, &second, &more);
	assert_string_equal(text_of(&second), "p fd00::/64 0/5340 r fd02::/48 1800 r fd01::/48 0");
	farewells_free(&farewells);
}

static void there_is_an_end_and_no_room_is_no_harm(void **state)
{
	struct ra before = { 0 }, now = { 0 }, more;
	struct farewells farewells = { 0 };
	struct err err;

	for (unsigned round = 0; round < 5; round++) {
		char text[64];

		now = before;
		for (unsigned i = 0; i < RA_MAX_ROUTES; i++) {
			snprintf(text, sizeof(text), "2001:db8:%x:%x::/64", round, i);
			prefix6_parse(text, &now.route[i].prefix, &err);
		}
		now.route_count = RA_MAX_ROUTES;
		assert_true(farewells_note(&farewells, &before, &now, NOW_MS));
		before = now;
	}
	assert_int_equal(farewells.count, FAREWELL_MAX); /* of 128; the oldest gave way */
	assert_true(farewells_add(&farewells, NOW_MS, &now, &more));
	assert_int_equal(now.route_count, RA_MAX_ROUTES);
	assert_int_equal(more.route_count, RA_MAX_ROUTES);
	assert_int_equal(more.route[0].prefix.address.octet[5], 2);
	farewells_free(&farewells);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_gone_is_said),
		cmocka_unit_test(every_kind_has_its_way_to_end),
		cmocka_unit_test(routes_are_said_three_times_and_prefixes_until_they_end),
		cmocka_unit_test(what_had_no_end_gets_one),
		cmocka_unit_test(what_is_back_is_no_longer_gone),
		cmocka_unit_test(there_is_an_end_and_no_room_is_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
