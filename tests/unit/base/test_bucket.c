/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/test_bucket.c - how many tokens a bucket gives at which times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bucket.h"
#include "base/bytes.h"

static const struct {
	const char *what;
	struct bucket_limit limit;
	uint64_t at_ms[3]; /* at each of these moments everything is taken */
	unsigned taken[3];
} cases[] = {
	{ "a new one is full, and then empty", { 10, 5 }, { 1000, 1000, 1000 }, { 10, 0, 0 } },
	{ "one token comes back per interval", { 10, 5 }, { 1000, 1199, 1200 }, { 10, 0, 1 } },
	{ "it never holds more than the burst", { 10, 5 }, { 0, 3600000, 3600000 }, { 10, 10, 0 } },
	{ "a second brings a second's worth", { 100, 50 }, { 5, 1005, 2005 }, { 100, 50, 50 } },
	{ "a burst of one is a plain interval", { 1, 10 }, { 0, 99, 100 }, { 1, 0, 1 } },
};

static void tokens_are_counted(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bucket bucket = { 0 };

		for (unsigned step = 0; step < 3; step++) {
			unsigned taken = 0;
			while (taken < 1000 &&
			       bucket_take(&bucket, cases[i].limit, cases[i].at_ms[step]))
				taken++;
			if (taken != cases[i].taken[step])
				fail_msg("%s: step %u gave %u", cases[i].what, step, taken);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(tokens_are_counted) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
