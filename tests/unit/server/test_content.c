/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_content.c - which content is news to a client: time alone makes none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "server/advertiser.h"

static struct ra ra_with(uint32_t valid_s, uint32_t preferred_s)
{
	struct ra ra = { .hop_limit = 64, .lifetime_s = 1800, .prefix_count = 1 };
	struct err err;

	prefix6_parse("fd00::/64", &ra.prefix[0].prefix, &err);
	ra.prefix[0].on_link = ra.prefix[0].autonomous = true;
	ra.prefix[0].valid_s = valid_s;
	ra.prefix[0].preferred_s = preferred_s;
	return ra;
}

static void time_alone_is_no_news(void **state)
{
	static const struct {
		const char *what;
		uint32_t valid_s, preferred_s, then_valid_s, then_preferred_s, after_s;
		bool equal;
	} cases[] = {
		{ "nothing at all", 5400, 2700, 5400, 2700, 100, true },
		{ "what counts down", 5400, 2700, 5300, 2600, 100, true },
		{ "one of them counts down", 5400, 0, 5300, 0, 100, true },
		{ "a second of rounding", 5400, 0, 5299, 0, 100, true },
		{ "an end that has come", 50, 0, 0, 0, 100, true },
		{ "less than time took", 5400, 2700, 5200, 2700, 100, false },
		{ "more than time left", 5400, 2700, 5350, 2700, 100, false },
		{ "an hour more", 5400, 2700, 9000, 2700, 100, false },
		{ "deprecated", 5400, 2700, 5300, 0, 100, false },
		{ "preferred again", 5400, 0, 5300, 2700, 100, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ra before = ra_with(cases[i].valid_s, cases[i].preferred_s);
		struct ra now = ra_with(cases[i].then_valid_s, cases[i].then_preferred_s);

		if (content_equal(&before, &now, cases[i].after_s * 1000ull) != cases[i].equal)
			fail_msg("%s", cases[i].what);
	}
}

static void anything_else_is(void **state)
{
	struct ra before = ra_with(5400, 2700), now = before;

	assert_true(content_equal(&before, &now, 0));
	now.hop_limit++;
	assert_false(content_equal(&before, &now, 0));
	now = before;
	now.prefix_count = 0;
	assert_false(content_equal(&before, &now, 0));
	now = before;
	now.route_count = 1;
	assert_false(content_equal(&before, &now, 0));
	now = before;
	now.prefix[0].autonomous = false;
	assert_false(content_equal(&before, &now, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_alone_is_no_news),
		cmocka_unit_test(anything_else_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
