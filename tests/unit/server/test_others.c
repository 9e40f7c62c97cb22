/* SPDX-License-Identifier: Apache-2.0 */
/* Other routers on the clients' link: who they are, and what they contradict us in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "server/others.h"

static struct others others; /* too large for a stack */

static int begin_test(void **state)
{
	others = (struct others) { 0 };
	return 0;
}

static struct prefix6 prefix(const char *text)
{
	struct prefix6 result;
	struct err err;

	assert_int_equal(prefix6_parse(text, &result, &err), 0);
	return result;
}

/* A router's advertisement arrives at now_ms. */
static struct other_router *hear(unsigned number, const struct ra *ra, const struct ra *ours,
				 uint64_t now_ms, bool *is_new)
{
	uint8_t message[1024], bytes[1200];
	struct writer w = writer_over(message, sizeof(message)),
		      out = writer_over(bytes, sizeof(bytes));
	struct packet_ends ends = {
		.mac_source = { { 2, 0, 0, 0, 0, (uint8_t)number } },
		.mac_destination = mac_all_nodes,
		.source = { { 0xfe, 0x80, [15] = (uint8_t)number } },
		.destination = ip6_all_nodes,
	};

	ra_build(ra, &w);
	packet_icmp6(&out, &ends, writer_bytes(&w));
	assert_false(out.full);
	struct frame frame = { .bytes = writer_bytes(&out) };
	return others_note(&others, &frame, ours, 0, now_ms, is_new);
}

static void routers_are_told_apart(void **state)
{
	struct ra ra = { .hop_limit = 64 };
	bool is_new;

	struct other_router *first = hear(1, &ra, NULL, 1000, &is_new);
	assert_true(is_new);
	assert_ptr_not_equal(hear(2, &ra, NULL, 2000, &is_new), first);
	assert_true(is_new);
	assert_ptr_equal(hear(1, &ra, NULL, 10000, &is_new), first);
	assert_false(is_new);
	assert_int_equal(others.count, 2);
	assert_int_equal(first->received, 2);
	assert_int_equal(first->first_ms, 1000);
	assert_int_equal(first->heard_ms, 10000);
	assert_int_equal(first->address.octet[15], 1);
	assert_int_equal(first->mac.octet[5], 1);
	assert_int_equal(others.received, 3);
}

static void the_table_has_an_end(void **state)
{
	struct ra ra = { .hop_limit = 64 };
	bool is_new;

	for (unsigned i = 1; i <= OTHERS_MAX; i++)
		hear(i, &ra, NULL, 1000 + i, &is_new);
	hear(1, &ra, NULL, 5000, &is_new);
	assert_false(is_new);
	hear(99, &ra, NULL, 6000, &is_new); /* takes the place of number 2 */
	assert_true(is_new);
	assert_int_equal(others.count, OTHERS_MAX);
	assert_int_equal(others.forgotten, 1);
	hear(1, &ra, NULL, 7000, &is_new);
	assert_false(is_new);
	hear(2, &ra, NULL, 8000, &is_new);
	assert_true(is_new);
}

/* Who makes up routers must not fill the log: a place's limits stay with it. */
static void a_new_router_has_the_limits_of_its_place(void **state)
{
	struct ra ra = { .hop_limit = 64 };
	bool is_new;
	uint64_t more;

	for (unsigned i = 1; i <= OTHERS_MAX; i++) {
		struct other_router *router = hear(i, &ra, NULL, 1000 + i, &is_new);
		assert_true(log_limit_pass(&router->log[RA_CONFLICT_MTU], 2000, &more));
	}
	struct other_router *invented = hear(99, &ra, NULL, 3000, &is_new);
	assert_true(is_new);
	assert_false(log_limit_pass(&invented->log[RA_CONFLICT_MTU], 3000, &more));
	assert_true(log_limit_pass(&invented->log[RA_CONFLICT_VALID], 3000, &more));
	assert_int_equal(invented->received, 1);
	assert_int_equal(invented->first_ms, 3000);
}

static void several_parts_are_one_advertisement(void **state)
{
	struct ra one = { .hop_limit = 64,
			  .prefix_count = 1,
			  .prefix = { { .prefix = prefix("2001:db8:1::/64"), .valid_s = 9 } } };
	struct ra two = one;
	bool is_new;

	two.prefix[0].prefix = prefix("2001:db8:2::/64");
	hear(1, &one, NULL, 1000, &is_new);
	assert_int_equal(hear(1, &two, NULL, 1100, &is_new)->ra.prefix_count, 2);
	assert_int_equal(hear(1, &two, NULL, 9000, &is_new)->ra.prefix_count, 1);
}

static void differences_are_counted_and_named(void **state)
{
	struct ra ours = { .hop_limit = 64, .mtu = 1500 },
		  theirs = { .hop_limit = 32, .mtu = 1500 };
	char text[OTHERS_TEXT];
	bool is_new;

	struct other_router *router = hear(1, &theirs, &ours, 1000, &is_new);
	assert_int_equal(router->difference_count, 1);
	assert_string_equal(others_text(&router->difference[0], text), "hop limit 32, ours is 64");
	hear(1, &theirs, &ours, 10000, &is_new);
	assert_int_equal(router->difference_count, 1);
	assert_int_equal(router->conflicts[RA_CONFLICT_HOP_LIMIT], 2);
	theirs.hop_limit = 64;
	theirs.mtu = 1400;
	hear(1, &theirs, &ours, 20000, &is_new);
	assert_int_equal(router->difference_count, 1);
	assert_string_equal(others_text(&router->difference[0], text), "MTU 1400, ours is 1500");
	hear(2, &theirs, &ours, 20000, &is_new);
	assert_int_equal(others.conflicts[RA_CONFLICT_HOP_LIMIT], 2);
	assert_int_equal(others.conflicts[RA_CONFLICT_MTU], 2);
	/* who says nothing contradicts nobody */
	assert_int_equal(hear(1, &theirs, NULL, 30000, &is_new)->difference_count, 0);
}

/* A stranger's advertisement may have more of them than we keep. */
static void many_differences(void **state)
{
	struct ra ours = { .hop_limit = 64 }, theirs = { .hop_limit = 32 };
	bool is_new;

	for (unsigned i = 0; i < RA_MAX_PREFIXES; i++) {
		struct ra_prefix *a = &ours.prefix[ours.prefix_count++];

		*a = (struct ra_prefix) { .prefix = prefix("2001:db8::/64"), .valid_s = 5400 };
		a->prefix.address.octet[7] = (uint8_t)i;
		theirs.prefix[theirs.prefix_count] = *a;
		theirs.prefix[theirs.prefix_count++].valid_s = 600;
	}
	assert_int_equal(hear(1, &theirs, &ours, 1000, &is_new)->difference_count,
			 OTHERS_DIFFERENCES);
	assert_int_equal(hear(1, &theirs, &ours, 1001, &is_new)->difference_count,
			 OTHERS_DIFFERENCES);
}

static void every_difference_has_words(void **state)
{
	static const struct {
		struct ra_difference difference;
		const char *text;
	} cases[] = {
		{ { .what = RA_CONFLICT_HOP_LIMIT, 64, 32 }, "hop limit 32, ours is 64" },
		{ { .what = RA_CONFLICT_MANAGED, 0, 1 }, "managed flag set, ours is not set" },
		{ { .what = RA_CONFLICT_OTHER, 1, 0 }, "other flag not set, ours is set" },
		{ { .what = RA_CONFLICT_REACHABLE, 1, 2 }, "reachable time 2 ms, ours is 1 ms" },
		{ { .what = RA_CONFLICT_RETRANS, 1, 2 }, "retransmit time 2 ms, ours is 1 ms" },
		{ { .what = RA_CONFLICT_MTU, 1500, 1400 }, "MTU 1400, ours is 1500" },
		{ { .what = RA_CONFLICT_VALID, 1, 2, { .len = 64 } },
		  "valid lifetime of ::/64 2 s, ours is 1 s" },
		{ { .what = RA_CONFLICT_PREFERRED, 1, 2, { .len = 64 } },
		  "preferred lifetime of ::/64 2 s, ours is 1 s" },
		{ { .what = RA_CONFLICT_DNS, 1, 2, { .len = 128 } },
		  "lifetime of DNS server :: 2 s, ours is 1 s" },
		{ { .what = RA_CONFLICT_SEARCH, 1, 2, .domain = "a" },
		  "lifetime of search domain 2 s, ours is 1 s" },
		{ { .what = RA_CONFLICT_PORTAL }, "another captive portal" },
	};
	char text[OTHERS_TEXT];

	assert_int_equal(ARRAY_LEN(cases), RA_CONFLICTS);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(cases[i].difference.what, i);
		assert_string_equal(others_text(&cases[i].difference, text), cases[i].text);
	}
}

static void what_is_no_advertisement_is_counted(void **state)
{
	uint8_t bytes[80] = { [12] = 0x86, 0xdd, 0x60 };
	struct frame frame = { .bytes = { bytes, sizeof(bytes) } };
	bool is_new;

	assert_null(others_note(&others, &frame, NULL, 0, 1000, &is_new));
	frame.bytes.len = 5;
	assert_null(others_note(&others, &frame, NULL, 0, 1000, &is_new));
	assert_int_equal(others.count, 0);
	assert_int_equal(others.bad[RA_NOT_RA], 2);
}

static const struct {
	const char *what;
	uint16_t lifetime_s;
	uint64_t silent_ms;
	bool gone;
} silences[] = {
	{ "a default router, for its lifetime", 9, 9000, false },
	{ "a default router, for longer", 9, 9001, true },
	{ "no default router, for long", 0, OTHERS_SILENT_S * 1000ull, false },
	{ "no default router, for too long", 0, OTHERS_SILENT_S * 1000ull + 1, true },
};

static void who_is_silent_for_too_long_is_gone_once(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(silences); i++) {
		struct ra ra = { .hop_limit = 64, .lifetime_s = silences[i].lifetime_s };
		uint64_t now_ms = 1000 + silences[i].silent_ms;
		bool is_new;

		begin_test(state);
		struct other_router *router = hear(1, &ra, NULL, 1000, &is_new);
		struct other_router *silent = others_silent(&others, now_ms);

		if ((silent == router) != silences[i].gone ||
		    others_present(&others) != (silences[i].gone ? 0 : 1))
			fail_msg("%s: %s", silences[i].what, silent ? "is gone" : "is there");
		assert_null(others_silent(&others, now_ms)); /* not twice */
		hear(1, &ra, NULL, now_ms, &is_new);
		assert_int_equal(is_new, silences[i].gone); /* it is back */
		assert_int_equal(others_present(&others), 1);
	}
}

static void a_router_that_resigns_says_so_once(void **state)
{
	struct ra ra = { .hop_limit = 64, .lifetime_s = 9 };
	bool is_new;

	assert_false(hear(1, &ra, NULL, 1000, &is_new)->resigns);
	assert_false(hear(1, &ra, NULL, 5000, &is_new)->resigns);
	ra.lifetime_s = 0;
	assert_true(hear(1, &ra, NULL, 9000, &is_new)->resigns);
	assert_false(hear(1, &ra, NULL, 13000, &is_new)->resigns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(routers_are_told_apart, begin_test),
		cmocka_unit_test_setup(the_table_has_an_end, begin_test),
		cmocka_unit_test_setup(a_new_router_has_the_limits_of_its_place, begin_test),
		cmocka_unit_test_setup(several_parts_are_one_advertisement, begin_test),
		cmocka_unit_test_setup(differences_are_counted_and_named, begin_test),
		cmocka_unit_test_setup(many_differences, begin_test),
		cmocka_unit_test(every_difference_has_words),
		cmocka_unit_test_setup(what_is_no_advertisement_is_counted, begin_test),
		cmocka_unit_test_setup(who_is_silent_for_too_long_is_gone_once, begin_test),
		cmocka_unit_test_setup(a_router_that_resigns_says_so_once, begin_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
