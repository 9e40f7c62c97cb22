/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_state_sync.c
 *
 * What is committed beside the disk is said to be on it when it is, and not before; a disk that
 * fails is told of, and what it may have lost is written again.
 */
#include "disk.h"
#include "server/state_sync.h"

#define PAGE 4096
#define PAGES_OF_ROUND 300
#define ROUNDS 20
#define PAGES_IN_LOG 2000 /* at most: twice of when they are moved */

static char copy[FOLDER_PATH];
static struct state *state, *beside;
static struct state_sync *sync_of_log;
static uv_loop_t loop;
static unsigned news_count;

/* ---- around each test ---- */

static void count_news(void *owner)
{
	news_count++;
}

static int begin_test(void **unused)
{
	struct err err = { 0 };

	folder_make(folder);
	folder_make(copy);
	disk_begin();
	news_count = 0;
	uv_loop_init(&loop);
	state = must_open(folder);
	beside = state_open_beside(state, &err);
	must(beside ? 0 : -1, &err);
	sync_of_log = state_sync_open(beside, &loop, count_news, NULL, &err);
	must(sync_of_log ? 0 : -1, &err);
	disk.log_syncs = 0;
	return 0;
}

static int end_test(void **unused)
{
	state_sync_close(sync_of_log);
	state_close(beside);
	state_close(state);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	disk_end();
	folder_remove(folder);
	folder_remove(copy);
	return 0;
}

static void commit(const char *name, const char *value)
{
	struct err err = { 0 };

	must(state_set(beside, name, value, &err), &err);
}

static void run_until_news(unsigned count)
{
	while (news_count < count)
		uv_run(&loop, UV_RUN_ONCE);
}

static void run_until_free(void)
{
	while (!state_sync_is_free(sync_of_log))
		uv_run(&loop, UV_RUN_ONCE);
}

/* ---- the tests ---- */

static void nothing_is_over_before_the_disk_has_it(void **unused)
{
	struct err err = { 0 };

	assert_true(state_sync_is_free(sync_of_log));
	assert_int_equal(state_sync_take(sync_of_log, true, &err), STATE_SYNC_NONE);
	commit("name", "value");
	assert_int_equal(disk.log_syncs, 0); /* the commit itself has not waited */
	disk.holds = true;
	state_sync_begin(sync_of_log);
	disk_wait_held();
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(news_count, 0);
	assert_int_equal(state_sync_take(sync_of_log, false, &err), STATE_SYNC_NONE);
	assert_false(state_sync_is_free(sync_of_log));

	disk_let_go();
	run_until_news(1);
	assert_false(state_sync_is_free(sync_of_log)); /* nobody has taken the result */
	assert_int_equal(state_sync_take(sync_of_log, false, &err), STATE_SYNC_DONE);
	assert_int_equal(state_sync_take(sync_of_log, false, &err), STATE_SYNC_NONE);
	assert_true(state_sync_is_free(sync_of_log));
	assert_int_equal(disk.log_syncs, 1);
	assert_false(state_sync_is_doubtful(sync_of_log));
}

static void who_waits_gets_the_result_once(void **unused)
{
	struct err err = { 0 };

	for (unsigned round = 0; round < 50; round++) {
		commit("name", "value");
		state_sync_begin(sync_of_log);
		assert_int_equal(state_sync_take(sync_of_log, true, &err), STATE_SYNC_DONE);
		assert_int_equal(state_sync_take(sync_of_log, true, &err), STATE_SYNC_NONE);
		assert_int_equal(disk.log_syncs, round + 1);
	}
}

static void what_was_synced_is_there_after_a_power_cut(void **unused)
{
	struct err err = { 0 };
	char value[32];

	commit("before", "kept");
	disk.copy = copy;
	state_sync_begin(sync_of_log);
	assert_int_equal(state_sync_take(sync_of_log, true, &err), STATE_SYNC_DONE);
	disk.copy = NULL;
	commit("after", "not yet synced");

	struct state *left = must_open(copy);
	assert_int_equal(state_get(left, "before", value, sizeof(value), &err), 1);
	assert_string_equal(value, "kept");
	assert_int_equal(state_get(left, "after", value, sizeof(value), &err), 0);
	state_close(left);
}

static void a_disk_that_fails_is_told_of_and_all_is_written_again(void **unused)
{
	struct err err = { 0 };
	char path[200], value[32];
	struct stat log;

	must(state_sync_repair(sync_of_log, &err), &err); /* of nothing */
	commit("name", "value");
	disk.fails = true;
	state_sync_begin(sync_of_log);
	assert_int_equal(state_sync_take(sync_of_log, true, &err), STATE_SYNC_FAILED);
	if (!strstr(err.text, "/state.db: cannot write to its log: Input/output error"))
		fail_msg("%s", err.text);
	assert_true(state_sync_is_doubtful(sync_of_log));
	assert_int_equal(state_sync_repair(sync_of_log, &err), -1);
	assert_true(state_sync_is_doubtful(sync_of_log));

	/* one that goes again may have forgotten what it could not write: the file has it now */
	disk.fails = false;
	must(state_sync_repair(sync_of_log, &err), &err);
	assert_false(state_sync_is_doubtful(sync_of_log));
	snprintf(path, sizeof(path), "%s/state.db-wal", folder);
	assert_int_equal(stat(path, &log), 0);
	assert_int_equal(log.st_size, 0);
	assert_int_equal(state_get(state, "name", value, sizeof(value), &err), 1);
	commit("name", "another");
	state_sync_begin(sync_of_log);
	assert_int_equal(state_sync_take(sync_of_log, true, &err), STATE_SYNC_DONE);
}

static void the_log_does_not_grow_for_ever(void **unused)
{
	static char value[PAGE * PAGES_OF_ROUND];
	struct err err = { 0 };
	char path[200];
	struct stat log;

	snprintf(path, sizeof(path), "%s/state.db-wal", folder);
	for (unsigned round = 0; round < ROUNDS; round++) {
		/* a page that has not changed is not written */
		memset(value, 'a' + (int)round, sizeof(value) - 1);
		commit("large", value);
		state_sync_begin(sync_of_log);
		assert_int_equal(state_sync_take(sync_of_log, true, &err), STATE_SYNC_DONE);
		run_until_free();
		assert_int_equal(stat(path, &log), 0);
		assert_in_range(log.st_size, 0, PAGES_IN_LOG * (PAGE + 64));
	}
}

static void what_was_begun_is_done_before_the_end(void **unused)
{
	struct err err = { 0 };

	commit("name", "value");
	state_sync_begin(sync_of_log);
	state_sync_close(sync_of_log);
	assert_int_equal(disk.log_syncs, 1);
	sync_of_log = state_sync_open(beside, &loop, count_news, NULL, &err);
	must(sync_of_log ? 0 : -1, &err);
}

#define WITH_DISK(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DISK(nothing_is_over_before_the_disk_has_it),
		WITH_DISK(who_waits_gets_the_result_once),
		WITH_DISK(what_was_synced_is_there_after_a_power_cut),
		WITH_DISK(a_disk_that_fails_is_told_of_and_all_is_written_again),
		WITH_DISK(the_log_does_not_grow_for_ever),
		WITH_DISK(what_was_begun_is_done_before_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
