/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_prover.c - passwords held against hashes in libuv's pool: which are right,
 * how many at once, who is served first, and who is gone meanwhile. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "server/prover.h"

static const struct password_cost cheap = { .memory_kib = 64, .passes = 1 };
static const struct password_cost dearer = { .memory_kib = 128, .passes = 2 };

static struct answer_heard {
	int owner;
	bool right;
	char raised[PASSWORD_HASH_MAX];
} heard[PROVER_WAITING_MAX];
static unsigned count;

static uv_loop_t loop;
static struct prover *prover;
static char hash[PASSWORD_HASH_MAX];

static int begin(void **state)
{
	assert_true(sodium_init() >= 0);
	count = 0;
	uv_loop_init(&loop);
	prover = prover_new(&loop, 1, NULL);
	assert_non_null(prover);
	return password_hash((struct bytes) { (const uint8_t *)"correct horse", 13 }, &cheap, hash,
			     NULL);
}

static int end(void **state)
{
	prover_free(prover);
	uv_run(&loop, UV_RUN_DEFAULT);
	return uv_loop_close(&loop); /* nothing is left over */
}

static void on_done(void *owner, bool right, const char *raised)
{
	heard[count] = (struct answer_heard) { .owner = *(int *)owner, .right = right };
	strcpy(heard[count++].raised, raised);
}

static int owners[PROVER_WAITING_MAX + 8];

static struct prover_job *ask(int number, const char *secret, unsigned failures, uint64_t hold_ms)
{
	struct prover_question question = { .cost = cheap,
					    .failures = failures,
					    .hold_ms = hold_ms };

	strcpy(question.hash, hash);
	strcpy(question.secret, secret);
	owners[number] = number;
	return prover_ask(prover, &question, on_done, &owners[number]);
}

static void only_the_right_password_is(void **state)
{
	assert_non_null(ask(0, "correct horse", 0, 0));
	assert_non_null(ask(1, "correct hors", 0, 0));
	assert_non_null(ask(2, "", 0, 0));
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(count, 3);
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(heard[i].right, heard[i].owner == 0);
		assert_string_equal(heard[i].raised, "");
	}
}

static void a_decoy_is_nobodys(void **state)
{
	password_decoy(&cheap, hash);
	assert_non_null(ask(0, "", 0, 0));
	assert_non_null(ask(1, "correct horse", 0, 0));
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_false(heard[0].right || heard[1].right);
}

static void a_weak_hash_is_made_anew_when_the_password_is_right(void **state)
{
	struct prover_question question = { .cost = dearer, .secret = "correct horse" };

	strcpy(question.hash, hash);
	assert_non_null(prover_ask(prover, &question, on_done, &owners[0]));
	strcpy(question.secret, "wrong");
	assert_non_null(prover_ask(prover, &question, on_done, &owners[0]));
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_true(heard[0].right);
	assert_true(password_verify(heard[0].raised,
				    (struct bytes) { (const uint8_t *)"correct horse", 13 }));
	assert_false(password_needs_raise(heard[0].raised, &dearer));
	assert_false(heard[1].right);
	assert_string_equal(heard[1].raised, "");
}

/* The first one runs at once; of the rest, who has failed less goes first, then who came first. */
static void who_failed_least_is_served_first(void **state)
{
	static const int order[] = { 0, 3, 4, 2, 1 };

	ask(0, "x", 9, 0);
	ask(1, "x", 5, 0);
	ask(2, "x", 1, 0);
	ask(3, "x", 0, 0);
	ask(4, "x", 0, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(count, 5);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(heard[i].owner, order[i]);
}

static void who_is_held_back_comes_later(void **state)
{
	uint64_t before_ms = uv_now(&loop);

	ask(0, "x", 0, 60);
	ask(1, "x", 7, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(count, 2);
	assert_int_equal(heard[0].owner, 1);
	assert_in_range(uv_now(&loop) - before_ms, 60, 60000);
}

static void who_is_gone_hears_nothing(void **state)
{
	struct prover_job *running = ask(0, "x", 0, 0), *waiting = ask(1, "x", 0, 0);

	ask(2, "x", 0, 0);
	prover_forget(running);
	prover_forget(waiting);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(count, 1);
	assert_int_equal(heard[0].owner, 2);
}

static const struct {
	const char *what, *command, *user, *secret;
	bool right;
} commands[] = {
	{ "status 0", "/bin/true", "alice", "x", true },
	{ "status 1", "/bin/false", "alice", "x", false },
	{ "two lines", "/bin/grep -qx secret", "alice", "secret", true },
	{ "the user's line", "/bin/grep -qx alice", "alice", "secret", true },
	{ "blanks between arguments", "  /bin/grep \t -q  secret", "alice", "secret", true },
	{ "no shell", "/bin/true ; /bin/false", "alice", "x", true },
	{ "a third line in the password", "/bin/true", "alice", "x\ny", false },
	{ "a third line in the user", "/bin/true", "alice\rbob", "x", false },
	{ "no such program", "/nonexistent", "alice", "x", false },
	{ "too many arguments", "/bin/true 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15", "alice", "x",
	  false },
	{ "as many as there can be", "/bin/true 1 2 3 4 5 6 7 8 9 10 11 12 13 14", "alice", "x",
	  true },
};

static void a_program_judges(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		struct prover_question question = { .cost = cheap };

		count = 0;
		strcpy(question.command, commands[i].command);
		strcpy(question.user, commands[i].user);
		strcpy(question.secret, commands[i].secret);
		assert_non_null(prover_ask(prover, &question, on_done, &owners[0]));
		assert_int_equal(count, 0); /* never from within */
		uv_run(&loop, UV_RUN_DEFAULT);
		assert_int_equal(count, 1);
		if (heard[0].right != commands[i].right)
			fail_msg("%s: should be %s", commands[i].what,
				 commands[i].right ? "right" : "wrong");
	}
}

/* The programs that run now; each gets the signal, if there is one. */
static unsigned children(int signal)
{
	char path[64], text[1024] = "", *rest = text;
	unsigned found = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	size_t len = fread(text, 1, sizeof(text) - 1, file);
	assert_true(len < sizeof(text) - 1 && !ferror(file));
	fclose(file);
	for (char *end; *rest; rest = end + strspn(end, " "), found++) {
		pid_t pid = (pid_t)strtol(rest, &end, 10);

		assert_true(pid > 1 && end > rest);
		if (signal)
			kill(pid, signal);
	}
	return found;
}

static void only_so_many_programs_run_at_once(void **state)
{
	struct prover_question question = {
		.cost = cheap, .command = "/bin/sleep 60", .user = "alice", .secret = "x"
	};

	for (int i = 0; i < PROVER_COMMANDS_AT_ONCE + 4; i++)
		assert_non_null(prover_ask(prover, &question, on_done, &owners[i]));
	assert_int_equal(children(0), PROVER_COMMANDS_AT_ONCE);
	while (count < PROVER_COMMANDS_AT_ONCE + 4) { /* the others' turn comes then */
		children(SIGTERM);
		uv_run(&loop, UV_RUN_ONCE);
	}
	assert_false(heard[0].right || heard[count - 1].right);
}

static void the_queue_has_an_end(void **state)
{
	assert_non_null(ask(0, "x", 0, 0)); /* runs */
	for (int i = 1; i <= PROVER_WAITING_MAX; i++)
		assert_non_null(ask(i, "x", 0, 3600000));
	assert_null(ask(PROVER_WAITING_MAX + 1, "x", 0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_the_right_password_is, begin, end),
		cmocka_unit_test_setup_teardown(a_decoy_is_nobodys, begin, end),
		cmocka_unit_test_setup_teardown(a_weak_hash_is_made_anew_when_the_password_is_right,
						begin, end),
		cmocka_unit_test_setup_teardown(who_failed_least_is_served_first, begin, end),
		cmocka_unit_test_setup_teardown(who_is_held_back_comes_later, begin, end),
		cmocka_unit_test_setup_teardown(who_is_gone_hears_nothing, begin, end),
		cmocka_unit_test_setup_teardown(a_program_judges, begin, end),
		cmocka_unit_test_setup_teardown(only_so_many_programs_run_at_once, begin, end),
		cmocka_unit_test_setup_teardown(the_queue_has_an_end, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
