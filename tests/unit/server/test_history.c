/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_history.c - rings of what went through: what a step has, what there is of
 * steps without news, and that a ring never grows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "server/history.h"

/* "next: rx/tx rx/tx ..." */
static const char *tell(const struct history_ring *ring, char *text, size_t cap)
{
	int len = snprintf(text, cap, "%llu:", (unsigned long long)ring->next);

	for (uint32_t i = 0; i < ring->count; i++)
		len += snprintf(text + len, cap - (size_t)len, " %.0f/%.0f",
				(double)history_at(ring, i)[0], (double)history_at(ring, i)[1]);
	return text;
}

/* `a` step:bytes (sent twice of it), `v` step: nothing more before it. */
static void feed(struct history_ring *ring, const char *words)
{
	char copy[256], *rest, *word;

	snprintf(copy, sizeof(copy), "%s", words);
	for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		char *end;
		unsigned long long step = strtoull(word + 1, &end, 10);

		if (*word == 'v') {
			history_advance(ring, step);
		} else {
			unsigned long long bytes = strtoull(end + 1, NULL, 10);

			history_add(ring, step, bytes, 2 * bytes);
		}
	}
}

static void rings_keep_the_latest_steps(void **state)
{
	static const struct {
		const char *what, *words, *is;
	} cases[] = {
		{ "nothing", "", "0:" },
		{ "nothing, for long", "v7", "7:" },
		{ "the first step begins it", "a7:5", "8: 5/10" },
		{ "after nothing", "v7 a9:5", "10: 5/10" },
		{ "twice in a step", "a7:5 a7:1", "8: 6/12" },
		{ "the next one", "a7:5 a8:1", "9: 5/10 1/2" },
		{ "steps without news", "a7:5 a10:1", "11: 5/10 0/0 0/0 1/2" },
		{ "nothing more", "a7:5 v10", "10: 5/10 0/0 0/0" },
		{ "up to what is there", "a7:5 v8 v7 v0", "8: 5/10" },
		{ "for a step that is told as nothing", "a7:5 v10 a9:1", "10: 5/10 0/0 1/2" },
		{ "for an earlier one", "a7:5 a8:1 a7:3", "9: 5/10 4/8" },
		{ "full", "a1:1 a2:2 a3:3 a4:4", "5: 1/2 2/4 3/6 4/8" },
		{ "the oldest goes", "a1:1 a2:2 a3:3 a4:4 a5:5 a6:6", "7: 3/6 4/8 5/10 6/12" },
		{ "a gap that leaves one", "a1:1 a2:2 v6", "6: 2/4 0/0 0/0 0/0" },
		{ "a gap of all", "a1:1 a2:2 v7", "7: 0/0 0/0 0/0 0/0" },
		{ "a gap of ages", "a1:1 a2:2 a99999999999:9", "100000000000: 0/0 0/0 0/0 9/18" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct history_ring *ring = history_new(4);
		char text[256];

		assert_non_null(ring);
		feed(ring, cases[i].words);
		if (strcmp(tell(ring, text, sizeof(text)), cases[i].is) != 0)
			fail_msg("%s: %s", cases[i].what, text);
		free(ring);
	}
}

/* 5 Gbit/s for four minutes, and what is said of it in the manual. */
static void large_numbers_stay_about_right(void **state)
{
	struct history_ring *ring = history_new(1);
	uint64_t bytes = 6250000000ull;

	assert_non_null(ring);
	for (unsigned i = 0; i < 24; i++)
		history_add(ring, 1, bytes, 1);
	assert_true(history_at(ring, 0)[0] > 24 * 6249990000.0f);
	assert_true(history_at(ring, 0)[0] < 24 * 6250010000.0f);
	assert_true(history_at(ring, 0)[1] == 24);
	free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rings_keep_the_latest_steps),
		cmocka_unit_test(large_numbers_stay_about_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
