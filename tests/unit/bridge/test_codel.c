/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_codel.c - when CoDel signals, against RFC 8289's schedule. */
#include "bridge/codel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/bytes.h"

#define TARGET CODEL_TARGET_US
#define INTERVAL CODEL_INTERVAL_US

/* Asks every microsecond, from *at_us on, until a signal comes: returns when. */
static uint64_t next_signal_us(struct codel *codel, uint64_t at_us, uint64_t waited_us)
{
	uint64_t limit_us = at_us + 2 * INTERVAL;

	for (; at_us < limit_us; at_us++)
		if (codel_signals(codel, at_us, waited_us, true))
			return at_us;
	fail_msg("no signal until %llu us", (unsigned long long)limit_us);
	return 0;
}

/* 3.3: after the first signal the next follow 100 ms / sqrt(1), sqrt(2), ... later. */
static void signals_come_by_the_inverse_square_root(void **state)
{
	static const uint64_t gaps_us[] = {
		100000, 70710, 57735, 50000, 44721, 40824, 37796, 35355,
		33333,	31622, 30151, 28867, 27735, 26726, 25819, 25000
	};
	static const uint64_t starts_us[] = { 1, 5000, 1000000000000 };

	for (size_t i = 0; i < ARRAY_LEN(starts_us); i++) {
		struct codel codel = { 0 };
		uint64_t at_us = next_signal_us(&codel, starts_us[i], TARGET);

		assert_int_equal(at_us, starts_us[i] + INTERVAL);
		for (size_t gap = 0; gap < ARRAY_LEN(gaps_us); gap++) {
			uint64_t next_us = next_signal_us(&codel, at_us + 1, 20 * TARGET);

			if (next_us - at_us != gaps_us[gap])
				fail_msg("gap %zu is %d us, not %d", gap, (int)(next_us - at_us),
					 (int)gaps_us[gap]);
			at_us = next_us;
		}
	}
}

/* A frame that comes late does not move the ones after it. */
static void a_late_frame_keeps_the_schedule(void **state)
{
	struct codel codel = { 0 };
	uint64_t first_us = next_signal_us(&codel, 1, TARGET);

	assert_true(codel_signals(&codel, first_us + 130000, TARGET, true)); /* due at 100000 */
	assert_false(codel_signals(&codel, first_us + 170709, TARGET, true));
	assert_true(codel_signals(&codel, first_us + 170710, TARGET, true));
	/* two are due at once: one each time */
	assert_true(codel_signals(&codel, first_us + 290000, TARGET, true)); /* 228445 */
	assert_true(codel_signals(&codel, first_us + 290000, TARGET, true)); /* 278445 */
	assert_false(codel_signals(&codel, first_us + 290000, TARGET, true));
}

static void what_drains_in_time_is_left_alone(void **state)
{
	static const struct {
		const char *what;
		struct {
			uint64_t at_us, waited_us;
			bool stands;
		} frame[4];   /* at_us 0: no more */
		bool signals; /* by the last one */
	} rows[] = {
		{ "nothing waits long",
		  { { 1, TARGET - 1, true }, { 200001, TARGET - 1, true } },
		  false },
		{ "the target itself is long",
		  { { 1, TARGET, true }, { 100001, TARGET, true } },
		  true },
		{ "long, but not for an interval",
		  { { 1, TARGET, true }, { 100000, TARGET, true } },
		  false },
		{ "long, with a moment in between",
		  { { 1, TARGET, true }, { 50000, TARGET - 1, true }, { 100001, TARGET, true } },
		  false },
		{ "an interval after that moment",
		  { { 1, TARGET, true },
		    { 50000, TARGET - 1, true },
		    { 100001, TARGET, true },
		    { 200001, TARGET, true } },
		  true },
		{ "one frame is no queue",
		  { { 1, TARGET, false }, { 100001, TARGET, false } },
		  false },
		{ "one frame now, a queue before",
		  { { 1, TARGET, true }, { 100001, TARGET, false } },
		  false },
		{ "a queue again, just now",
		  { { 1, TARGET, true }, { 99999, TARGET, false }, { 100001, TARGET, true } },
		  false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct codel codel = { 0 };
		bool signals = false;

		for (unsigned n = 0; n < 4 && rows[i].frame[n].at_us; n++)
			signals =
				codel_signals(&codel, rows[i].frame[n].at_us,
					      rows[i].frame[n].waited_us, rows[i].frame[n].stands);
		if (signals != rows[i].signals)
			fail_msg("%s: %d", rows[i].what, signals);
	}
}

/* 5.4: who has just stopped signalling goes on near the rate that it had. */
static void a_rate_is_remembered_for_a_while(void **state)
{
	static const struct {
		const char *what;
		uint64_t pause_us;
		uint64_t gap_us; /* after the first signal of the second time */
	} rows[] = {
		{ "soon again: of ten signals, nine on top", INTERVAL, 33333 },
		{ "just before it is forgotten", 15 * INTERVAL, 33333 },
		{ "forgotten", 17 * INTERVAL, 100000 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct codel codel = { 0 };
		uint64_t at_us = 1;

		for (unsigned n = 0; n < 10; n++)
			at_us = next_signal_us(&codel, at_us + 1, TARGET);
		assert_false(codel_signals(&codel, at_us + 1, 0, true));
		/* until the second time begins: an interval after waiting is long again */
		at_us = next_signal_us(&codel, at_us + rows[i].pause_us - INTERVAL, TARGET);

		uint64_t next_us = next_signal_us(&codel, at_us + 1, TARGET);

		if (next_us - at_us != rows[i].gap_us)
			fail_msg("%s: %d us", rows[i].what, (int)(next_us - at_us));
	}
}

/* Years of a sender that does not listen. */
static void the_count_does_not_run_over(void **state)
{
	struct codel codel = {
		.signalling = true, .count = UINT32_MAX - 1, .above_us = 1, .next_us = 1000
	};

	for (unsigned n = 0; n < 3; n++)
		assert_true(codel_signals(&codel, 2000, TARGET, true));
	assert_int_equal(codel.count, UINT32_MAX);
	assert_int_equal(codel.next_us, 1000 + 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signals_come_by_the_inverse_square_root),
		cmocka_unit_test(a_late_frame_keeps_the_schedule),
		cmocka_unit_test(what_drains_in_time_is_left_alone),
		cmocka_unit_test(a_rate_is_remembered_for_a_while),
		cmocka_unit_test(the_count_does_not_run_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
