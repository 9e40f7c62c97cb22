/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/test_handover.c - things from one thread to another: all of them, in order, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/handover.h"

#define MOST 4
#define MANY 200

static uv_loop_t loop;
static struct handover *handover;
static uintptr_t taken[MANY], taken_count, dropped;
static bool gives_again;

static void take(void *owner, void *thing)
{
	assert_ptr_equal(owner, &loop);
	taken[taken_count++] = (uintptr_t)thing;
	if (gives_again && taken_count < MANY)
		assert_true(handover_give(handover, thing));
	if (taken_count == MANY)
		uv_stop(&loop);
}

static void drop(void *thing)
{
	dropped++;
}

static int begin_test(void **state)
{
	struct err err;

	taken_count = dropped = 0;
	uv_loop_init(&loop);
	handover = handover_open(&loop, MOST, take, drop, &loop, &err);
	return handover ? 0 : -1;
}

static int end_test(void **state)
{
	handover_close(handover);
	uv_run(&loop, UV_RUN_DEFAULT);
	return uv_loop_close(&loop);
}

static void there_is_a_most(void **state)
{
	for (uintptr_t i = 1; i <= MOST; i++)
		assert_true(handover_give(handover, (void *)i));
	assert_false(handover_give(handover, (void *)9));
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(taken_count, MOST);
	for (uintptr_t i = 0; i < MOST; i++)
		assert_int_equal(taken[i], i + 1);
	assert_true(handover_give(handover, (void *)9));
}

static void what_waits_at_the_end_is_dropped(void **state)
{
	assert_true(handover_give(handover, (void *)1));
	assert_true(handover_give(handover, (void *)2));
	handover_close(handover);
	handover = NULL;
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(taken_count, 0);
	assert_int_equal(dropped, 2);
}

/* Others of the loop have their turn, too. */
static void who_gives_while_it_is_taken_does_not_keep_the_loop(void **state)
{
	gives_again = true;
	assert_true(handover_give(handover, (void *)1));
	for (unsigned turn = 1; turn <= 3; turn++) {
		uv_run(&loop, UV_RUN_NOWAIT);
		assert_int_equal(taken_count, turn * MOST);
	}
	gives_again = false;
}

static void give_many(void *arg)
{
	for (uintptr_t i = 1; i <= MANY; i++)
		while (!handover_give(handover, (void *)i))
			;
}

static void another_thread_gives(void **state)
{
	uv_thread_t thread;

	assert_int_equal(uv_thread_create(&thread, give_many, NULL), 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_thread_join(&thread);
	assert_int_equal(taken_count, MANY);
	for (uintptr_t i = 0; i < MANY; i++)
		assert_int_equal(taken[i], i + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(there_is_a_most),
		TEST(what_waits_at_the_end_is_dropped),
		TEST(who_gives_while_it_is_taken_does_not_keep_the_loop),
		TEST(another_thread_gives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
