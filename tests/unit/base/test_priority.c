/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/test_priority.c - a thread's priority, with and without the right to raise it. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/priority.h"

static void assert_child_succeeds(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static int nice_value(void)
{
	errno = 0;
	int value = getpriority(PRIO_PROCESS, 0);

	assert_int_equal(errno, 0);
	return value;
}

/* What a thread of its own saw. */
struct seen {
	int before, raised_to, lowered_to, again;
	bool idle_lowered, first, lowered, second;
};

static void *in_thread(void *arg)
{
	struct seen *seen = arg;

	seen->before = nice_value();
	seen->idle_lowered = priority_lower();
	seen->first = priority_raise();
	seen->raised_to = nice_value();
	seen->lowered = priority_lower();
	seen->lowered_to = nice_value();
	seen->second = priority_raise();
	seen->again = nice_value();
	return NULL;
}

static void only_the_calling_thread_is_raised(void **state)
{
	struct seen seen;
	pthread_t thread;

	if (geteuid() != 0)
		skip();
	int own = nice_value();
	assert_int_equal(pthread_create(&thread, NULL, in_thread, &seen), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(seen.before, own);
	assert_true(seen.first && seen.lowered && seen.second);
	assert_false(seen.idle_lowered); /* there was nothing to lower */
	assert_int_equal(seen.raised_to, PRIORITY_FRAMES);
	assert_int_equal(seen.lowered_to, 0);
	assert_int_equal(seen.again, PRIORITY_FRAMES);
	assert_int_equal(nice_value(), own);
}

static void a_higher_priority_is_kept(void **state)
{
	if (geteuid() != 0)
		skip();
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		bool kept = setpriority(PRIO_PROCESS, 0, -15) == 0 && priority_raise() &&
			    getpriority(PRIO_PROCESS, 0) == -15;
		_exit(kept ? 0 : 1);
	}
	assert_child_succeeds(child);
}

static void who_gives_way_does_so_once_and_for_good(void **state)
{
	static const struct {
		int before, after;
	} rows[] = { { 0, PRIORITY_GIVE_WAY },
		     { PRIORITY_GIVE_WAY, PRIORITY_GIVE_WAY },
		     { PRIORITY_GIVE_WAY + 5, PRIORITY_GIVE_WAY + 5 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			bool ready = setpriority(PRIO_PROCESS, 0, rows[i].before) == 0;

			priority_give_way();
			_exit(ready && getpriority(PRIO_PROCESS, 0) == rows[i].after ? 0 : 1);
		}
		assert_child_succeeds(child);
	}
}

static void without_the_right_nothing_changes(void **state)
{
	struct rlimit none = { 0 };

	if (geteuid() != 0)
		skip();
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		bool same = setrlimit(RLIMIT_NICE, &none) == 0 && setuid(65534) == 0 &&
			    !priority_raise() && getpriority(PRIO_PROCESS, 0) == 0;
		_exit(same ? 0 : 1);
	}
	assert_child_succeeds(child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_calling_thread_is_raised),
		cmocka_unit_test(a_higher_priority_is_kept),
		cmocka_unit_test(who_gives_way_does_so_once_and_for_good),
		cmocka_unit_test(without_the_right_nothing_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
