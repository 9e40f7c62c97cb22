/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_tries.c - how long who fails must wait, and who need not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/tries.h"

static const uint8_t here[] = { 192, 0, 2, 1 }, there[] = { 192, 0, 2, 2 };
#define HERE ((struct bytes) { here, sizeof(here) })
#define THERE ((struct bytes) { there, sizeof(there) })

static struct tries *begin(void)
{
	static const struct siphash_key key = { 1, 2 };
	struct tries *tries = tries_new(&key);

	assert_non_null(tries);
	return tries;
}

static void fails(struct tries *tries, struct bytes source, const char *user, unsigned times,
		  uint64_t now_ms)
{
	for (unsigned i = 0; i < times; i++)
		tries_failed(tries, source, user, now_ms);
}

/* After so many failures of alice from one source, all at 1,000 ms. */
static const struct {
	const char *what;
	unsigned failures;
	bool elsewhere;	  /* asked of the other source */
	const char *user; /* asked of */
	uint64_t now_ms, wait_ms;
} rows[] = {
	{ "nobody has failed", 0, false, "alice", 1000, 0 },
	{ "the free ones", TRIES_FREE_PAIR - 1, false, "alice", 1000, 0 },
	{ "the first that costs", TRIES_FREE_PAIR, false, "alice", 1000, 1000 },
	{ "half of it later", TRIES_FREE_PAIR, false, "alice", 1500, 500 },
	{ "all of it later", TRIES_FREE_PAIR, false, "alice", 2000, 0 },
	{ "the second one", TRIES_FREE_PAIR + 1, false, "alice", 1000, 2000 },
	{ "the tenth one", TRIES_FREE_PAIR + 9, false, "alice", 1000, 512000 },
	{ "the eleventh is the longest", TRIES_FREE_PAIR + 10, false, "alice", 1000,
	  TRIES_LAST_MS },
	{ "and stays so", 5000, false, "alice", 1000, TRIES_LAST_MS },
	{ "another user of that source", TRIES_FREE_SOURCE - 1, false, "bob", 1000, 0 },
	{ "another user of that source, later", TRIES_FREE_SOURCE, false, "bob", 1000, 1000 },
	{ "another source", 5000, true, "alice", 1000, 0 },
	{ "just before it is forgotten", 5000, false, "alice", 1000 + TRIES_FORGET_MS - 1, 0 },
};

static void waits_grow(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tries *tries = begin();

		fails(tries, HERE, "alice", rows[i].failures, 1000);
		uint64_t wait_ms = tries_wait_ms(tries, rows[i].elsewhere ? THERE : HERE,
						 rows[i].user, rows[i].now_ms);
		if (wait_ms != rows[i].wait_ms)
			fail_msg("%s: %llu ms", rows[i].what, (unsigned long long)wait_ms);
		tries_free(tries);
	}
}

static void an_hour_forgives(void **state)
{
	struct tries *tries = begin();

	fails(tries, HERE, "alice", 100, 1000);
	assert_int_equal(tries_failures(tries, HERE, 1000 + TRIES_FORGET_MS - 1), 100);
	assert_int_equal(tries_failures(tries, HERE, 1000 + TRIES_FORGET_MS), 0);
	fails(tries, HERE, "alice", 1, 1000 + TRIES_FORGET_MS);
	assert_int_equal(tries_failures(tries, HERE, 1000 + TRIES_FORGET_MS), 1);
	tries_free(tries);
}

/* Who knows one password may not wash off the guesses at others. */
static void success_forgives_the_user_only(void **state)
{
	struct tries *tries = begin();

	fails(tries, HERE, "alice", 10, 1000);
	fails(tries, HERE, "mallory", 15, 1000);
	tries_succeeded(tries, HERE, "mallory", 1000);
	assert_int_equal(tries_failures(tries, HERE, 1000), 10);
	assert_int_equal(tries_wait_ms(tries, HERE, "mallory", 1000), 0);
	assert_in_range(tries_wait_ms(tries, HERE, "alice", 1000), 1, TRIES_LAST_MS);
	tries_succeeded(tries, THERE, "alice", 1000);
	assert_in_range(tries_wait_ms(tries, HERE, "alice", 1000), 1, TRIES_LAST_MS);
	tries_free(tries);
}

static struct bytes source(unsigned number, uint8_t octet[static 4])
{
	for (unsigned i = 0; i < 4; i++)
		octet[i] = (uint8_t)(number >> 8 * i);
	return (struct bytes) { octet, 4 };
}

/* What is free may be tried at the same time, and no more of it than that. */
static void at_once_is_no_way_around(void **state)
{
	static const struct {
		unsigned failures, at_once;
	} cases[] = { { 0, TRIES_FREE_PAIR },
		      { 1, TRIES_FREE_PAIR - 1 },
		      { TRIES_FREE_PAIR - 1, 1 },
		      { TRIES_FREE_PAIR, 1 },
		      { 5000, 1 } };

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tries *tries = begin();

		fails(tries, HERE, "alice", cases[i].failures, 1000);
		assert_int_equal(tries_at_once(tries, HERE, "alice", 1000), cases[i].at_once);
		assert_int_equal(tries_at_once(tries, THERE, "alice", 1000), TRIES_FREE_PAIR);
		assert_int_equal(tries_at_once(tries, HERE, "bob", 1000), TRIES_FREE_PAIR);
		tries_free(tries);
	}
}

/* From everywhere: the owner is slowed down, by two seconds at most, and never sent away. */
static void nobody_is_locked_out_from_elsewhere(void **state)
{
	struct tries *tries = begin();
	uint8_t octet[4];
	uint64_t last_ms = 0;

	for (unsigned i = 0; i < 10000; i++) {
		tries_failed(tries, source(i % 256 + 1, octet), "alice", 1000);
		uint64_t hold_ms = tries_hold_ms(tries, "alice", 1000);
		assert_in_range(hold_ms, last_ms, TRIES_HOLD_MS);
		last_ms = hold_ms;
		if (i < TRIES_FREE_USER - 1)
			assert_int_equal(hold_ms, 0);
	}
	assert_int_equal(last_ms, TRIES_HOLD_MS);
	assert_int_equal(tries_wait_ms(tries, HERE, "alice", 1000), 0);
	assert_int_equal(tries_failures(tries, HERE, 1000), 0);
	assert_int_equal(tries_hold_ms(tries, "bob", 1000), 0);
	tries_free(tries);
}

/* A source that failed much is not pushed out by many that failed once. */
static void the_worst_are_remembered(void **state)
{
	struct tries *tries = begin();
	uint8_t octet[4];

	fails(tries, HERE, "alice", 100, 1000);
	for (unsigned i = 1; i < 200000; i++)
		tries_failed(tries, source(i, octet), "bob", 2000);
	assert_int_equal(tries_failures(tries, HERE, 2000), 100);
	assert_in_range(tries_wait_ms(tries, HERE, "alice", 2000), 1, TRIES_LAST_MS);
	tries_free(tries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_grow),
		cmocka_unit_test(an_hour_forgives),
		cmocka_unit_test(success_forgives_the_user_only),
		cmocka_unit_test(at_once_is_no_way_around),
		cmocka_unit_test(nobody_is_locked_out_from_elsewhere),
		cmocka_unit_test(the_worst_are_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
