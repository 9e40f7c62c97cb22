/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_drain.c - a connection's rate from what it took, and what follows. */
#include "bridge/drain.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/bytes.h"

#define MBIT 125000ull /* bytes per second */
#define WINDOW DRAIN_WINDOW_US

/* A connection that drains at a rate for so long, looked at each millisecond. */
static uint64_t drain_at(struct drain *drain, uint64_t now_us, uint64_t bytes_per_s,
			 uint64_t for_us, bool waiting)
{
	for (uint64_t end_us = now_us + for_us; now_us < end_us; now_us += 1000)
		drain_note(drain, now_us, bytes_per_s / 1000, 0, waiting);
	return now_us;
}

static void expect_rate(const char *what, const struct drain *drain, uint64_t rate)
{
	if (drain->bytes_per_s < rate * 9 / 10 || drain->bytes_per_s > rate * 11 / 10)
		fail_msg("%s: %llu bytes/s, not %llu", what, (unsigned long long)drain->bytes_per_s,
			 (unsigned long long)rate);
}

static void a_rate_is_found_and_followed(void **state)
{
	static const struct {
		const char *what;
		uint64_t first, then; /* bytes/s */
		bool first_waits, then_waits;
		uint64_t found;
	} rows[] = {
		{ "a slow line", MBIT, MBIT, true, true, MBIT },
		{ "a fast line", 8000 * MBIT, 8000 * MBIT, true, true, 8000 * MBIT },
		{ "a line that becomes slow", 1000 * MBIT, 10 * MBIT, true, true, 10 * MBIT },
		{ "a line that becomes fast", 10 * MBIT, 1000 * MBIT, true, true, 1000 * MBIT },
		{ "little to send says nothing of the line", 1000 * MBIT, 1 * MBIT, true, false,
		  1000 * MBIT },
		{ "much to send without a wait says it", 10 * MBIT, 1000 * MBIT, true, false,
		  1000 * MBIT },
		{ "a line that stands", 100 * MBIT, 0, true, true, 0 },
		{ "nothing to send", 100 * MBIT, 0, true, false, 100 * MBIT },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct drain drain;
		uint64_t now_us;

		drain_init(&drain);
		now_us = drain_at(&drain, 5, rows[i].first, 2000000, rows[i].first_waits);
		drain_at(&drain, now_us, rows[i].then, 2000000, rows[i].then_waits);
		expect_rate(rows[i].what, &drain, rows[i].found);
	}
}

/* What is taken and lies there has not left: filling a connection's buffer is no rate. */
static void only_what_left_counts(void **state)
{
	struct drain drain;
	uint64_t now_us = 1000;

	drain_init(&drain);
	drain_at(&drain, now_us, 10 * MBIT, 1000000, true);
	now_us += 1000000;
	drain_note(&drain, now_us, 0, 0, true);
	for (unsigned ms = 1; ms <= 200; ms++) /* 1.25 KB leave, 100 KB more are taken each time */
		drain_note(&drain, now_us + ms * 1000, 100000, ms * (100000 - 1250), true);
	expect_rate("a buffer that fills", &drain, 10 * MBIT);
	now_us += 200000;
	for (unsigned ms = 1; ms <= 200; ms++) /* nothing is taken, it only empties */
		drain_note(&drain, now_us + ms * 1000, 0, 200 * (100000 - 1250) - ms * 1250, true);
	expect_rate("a buffer that empties", &drain, 10 * MBIT);
}

/* One moment without anything that waits, and the window says only "at least". */
static void a_moment_of_idleness_counts(void **state)
{
	struct drain drain;
	uint64_t now_us;

	drain_init(&drain);
	now_us = drain_at(&drain, 1, 100 * MBIT, 1000000, true);
	for (unsigned window = 0; window < 20; window++) {
		now_us = drain_at(&drain, now_us, 10 * MBIT, WINDOW / 2, true);
		drain_note(&drain, now_us, 0, 0, false);
		now_us = drain_at(&drain, now_us, 10 * MBIT, WINDOW / 2 - 1000, true);
	}
	expect_rate("with a break in each window", &drain, 100 * MBIT);
}

static void a_clock_that_stands_back_is_survived(void **state)
{
	struct drain drain;

	drain_init(&drain);
	drain_at(&drain, 1000000, 10 * MBIT, 1000000, true);
	drain_note(&drain, 5, 1250, 0, true);
	drain_note(&drain, 5, 1250, 0, true);
	drain_at(&drain, 6, 10 * MBIT, 1000000, true);
	expect_rate("after a step back", &drain, 10 * MBIT);
}

static void the_limit_is_time(void **state)
{
	static const struct {
		uint64_t rate;
		size_t limit;
		bool slow;
	} rows[] = {
		{ 0, DRAIN_LIMIT_MIN, true },
		{ 1 * MBIT, DRAIN_LIMIT_MIN, true },
		{ 10 * MBIT, 5000, true },
		{ 99 * MBIT, 49500, true },
		{ 105 * MBIT, 52500, false },
		{ 250 * MBIT, 125000, false },
		{ 1000 * MBIT, DRAIN_LIMIT_MAX, false },
		{ 100000 * MBIT, DRAIN_LIMIT_MAX, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct drain drain = { .bytes_per_s = rows[i].rate };

		assert_int_equal(drain_limit(&drain), rows[i].limit);
		assert_int_equal(drain_is_slow(&drain), rows[i].slow);
	}

	struct drain start;

	drain_init(&start);
	assert_int_equal(drain_limit(&start), DRAIN_LIMIT_START);
}

/* TCP that would send far more than what leaves does not know the rate: it must not run dry. */
static void more_waits_while_tcp_searches(void **state)
{
	static const struct {
		const char *what;
		uint64_t rate, pacing;
		size_t limit;
	} rows[] = {
		{ "no word", 10 * MBIT, 0, 5000 },
		{ "cruising", 10 * MBIT, 10 * MBIT, 5000 },
		{ "probing", 10 * MBIT, 12 * MBIT, 5000 },
		{ "in start-up", 10 * MBIT, 29 * MBIT, 25000 },
		{ "an old estimate", 10 * MBIT, 1400 * MBIT, 25000 },
		{ "a fast line's start-up", 1000 * MBIT, 2900 * MBIT, DRAIN_LIMIT_MAX },
		{ "a slow line's start-up", 1 * MBIT / 10, 1 * MBIT, DRAIN_LIMIT_MIN },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct drain drain = { .bytes_per_s = rows[i].rate };

		drain_pacing(&drain, rows[i].pacing);
		if (drain_limit(&drain) != rows[i].limit)
			fail_msg("%s: %zu", rows[i].what, drain_limit(&drain));
		drain_pacing(&drain, rows[i].rate);
		assert_true(drain_limit(&drain) <= rows[i].limit);
	}
}

/* The pacing is wanted at the end of a window in which the line was what kept frames waiting. */
static void the_pacing_is_wanted_now_and_then(void **state)
{
	struct drain drain;
	unsigned wanted = 0;
	uint64_t now_us = 1000;

	drain_init(&drain);
	for (unsigned ms = 0; ms <= 1000; ms++, now_us += 1000)
		wanted += drain_note(&drain, now_us, 1250, 0, true);
	assert_int_equal(wanted, 1000000 / WINDOW);
	for (unsigned ms = 0; ms <= 1000; ms++, now_us += 1000)
		assert_false(drain_note(&drain, now_us, 1250, 0, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rate_is_found_and_followed),
		cmocka_unit_test(only_what_left_counts),
		cmocka_unit_test(a_moment_of_idleness_counts),
		cmocka_unit_test(a_clock_that_stands_back_is_survived),
		cmocka_unit_test(the_limit_is_time),
		cmocka_unit_test(more_waits_while_tcp_searches),
		cmocka_unit_test(the_pacing_is_wanted_now_and_then),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
