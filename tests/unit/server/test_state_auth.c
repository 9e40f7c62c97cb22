/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_state_auth.c - passwords' hashes and one-time codes in the state file. */
#include <pthread.h>

#include "folder.h"
#include "server/state_auth.h"

static char folder[FOLDER_PATH];
static struct state *state;

static int begin_test(void **unused)
{
	struct err err = { 0 };

	folder_make(folder);
	state = must_open(folder);
	must(state_user_add(state, "alice", NULL, 0, NOW_S, "test", &err), &err);
	must(state_user_add(state, "bob", NULL, 0, NOW_S, "test", &err), &err);
	return 0;
}

static int end_test(void **unused)
{
	state_close(state);
	folder_remove(folder);
	return 0;
}

static const char *password_of(const char *user)
{
	static char hash[STATE_PASSWORD_MAX];
	struct err err = { 0 };
	int found = state_password_get(state, user, hash, &err);

	must(found, &err);
	return found ? hash : NULL;
}

static void a_password_is_its_users(void **unused)
{
	struct state_user user;
	struct err err = { 0 };

	assert_null(password_of("alice"));
	assert_null(password_of("nobody"));
	must(state_password_set(state, "alice", "$one", NOW_S, "test", &err), &err);
	assert_string_equal(password_of("alice"), "$one");
	assert_null(password_of("bob"));
	assert_int_equal(state_user_get(state, "alice", NOW_S, &user, &err), 1);
	assert_true(user.has_password && !user.has_code);
	must(state_password_set(state, "alice", NULL, NOW_S, "test", &err), &err);
	assert_null(password_of("alice"));

	assert_int_equal(state_password_set(state, "nobody", "$one", NOW_S, "test", &err), -1);
	assert_string_equal(err.text, "there is no user 'nobody'");
	assert_int_equal(err.kind, ERR_NO_OBJECT);
}

static void a_raise_does_not_undo_a_change(void **unused)
{
	struct err err = { 0 };

	must(state_password_set(state, "alice", "$old", NOW_S, "test", &err), &err);
	must(state_password_set(state, "bob", "$old", NOW_S, "test", &err), &err);
	assert_int_equal(state_password_raise(state, "alice", "$old", "$raised", &err), 1);
	assert_string_equal(password_of("alice"), "$raised");
	assert_string_equal(password_of("bob"), "$old");
	/* somebody changed it while the login hashed the old one anew */
	must(state_password_set(state, "alice", "$other", NOW_S, "test", &err), &err);
	assert_int_equal(state_password_raise(state, "alice", "$raised", "$more", &err), 0);
	assert_string_equal(password_of("alice"), "$other");
	/* nor gives one to who has none */
	must(state_password_set(state, "alice", NULL, NOW_S, "test", &err), &err);
	assert_int_equal(state_password_raise(state, "alice", "$other", "$more", &err), 0);
	assert_null(password_of("alice"));
}

static const uint8_t one[STATE_CODE_SECRET] = { 1 }, other[STATE_CODE_SECRET] = { 2 };

static void a_code_is_taken_once(void **unused)
{
	static const struct {
		const char *what;
		int64_t step;
		int taken;
	} cases[] = {
		{ "the first", 100, 1 },	{ "it again", 100, 0 },
		{ "the one before", 99, 0 },	{ "the next", 101, 1 },
		{ "that again", 101, 0 },	{ "the first once more", 100, 0 },
		{ "much later", 1ll << 40, 1 }, { "and again", 1ll << 40, 0 },
	};
	struct state_code code;
	struct err err = { 0 };

	assert_int_equal(state_code_get(state, "alice", &code, &err), 0);
	must(state_code_set(state, "alice", one, NOW_S, "test", &err), &err);
	must(state_code_set(state, "bob", one, NOW_S, "test", &err), &err);
	assert_int_equal(state_code_get(state, "alice", &code, &err), 1);
	assert_memory_equal(code.secret, one, sizeof(one));
	assert_int_equal(code.last_step, 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (state_code_take(state, "alice", &code, cases[i].step, &err) != cases[i].taken)
			fail_msg("%s", cases[i].what);
	assert_int_equal(state_code_get(state, "alice", &code, &err), 1);
	assert_int_equal(code.last_step, 1ll << 40);
	assert_int_equal(state_code_get(state, "bob", &code, &err), 1);
	assert_int_equal(code.last_step, 0);
	assert_int_equal(state_code_take(state, "nobody", &code, 1, &err), 0);
}

static void a_code_of_a_secret_that_was_replaced_is_not_taken(void **unused)
{
	struct state_code code;
	struct state_user user;
	struct err err = { 0 };

	must(state_code_set(state, "alice", one, NOW_S, "test", &err), &err);
	assert_int_equal(state_code_get(state, "alice", &code, &err), 1);
	assert_int_equal(state_code_take(state, "alice", &code, 7, &err), 1);
	must(state_code_set(state, "alice", other, NOW_S, "test", &err), &err);
	assert_int_equal(state_code_take(state, "alice", &code, 8, &err), 0);
	/* a new secret's codes begin anew */
	assert_int_equal(state_code_get(state, "alice", &code, &err), 1);
	assert_int_equal(code.last_step, 0);
	assert_int_equal(state_user_get(state, "alice", NOW_S, &user, &err), 1);
	assert_true(user.has_code);
	must(state_code_set(state, "alice", NULL, NOW_S, "test", &err), &err);
	assert_int_equal(state_code_take(state, "alice", &code, 9, &err), 0);
	assert_int_equal(state_code_get(state, "alice", &code, &err), 0);
	assert_int_equal(state_code_set(state, "nobody", one, NOW_S, "test", &err), -1);
	assert_int_equal(err.kind, ERR_NO_OBJECT);
}

/* ---- two at once ---- */

#define STEPS 50

struct racer {
	pthread_t thread;
	pthread_barrier_t *start;
	struct state *state; /* a connection of its own, as another process has */
	unsigned taken[STEPS];
};

static void *race(void *owner)
{
	struct racer *racer = owner;
	struct state_code code = { 0 };

	memcpy(code.secret, one, sizeof(one));
	for (unsigned step = 0; step < STEPS; step++) {
		struct err err = { 0 };

		pthread_barrier_wait(racer->start);
		racer->taken[step] =
			state_code_take(racer->state, "alice", &code, 1 + step, &err) == 1;
	}
	return NULL;
}

static void of_two_at_once_one_is_taken(void **unused)
{
	pthread_barrier_t start;
	struct racer racer[2] = { 0 };
	struct err err = { 0 };

	must(state_code_set(state, "alice", one, NOW_S, "test", &err), &err);
	assert_int_equal(pthread_barrier_init(&start, NULL, 2), 0);
	for (unsigned i = 0; i < 2; i++) {
		racer[i].start = &start;
		racer[i].state = must_open(folder);
		assert_int_equal(pthread_create(&racer[i].thread, NULL, race, &racer[i]), 0);
	}
	for (unsigned i = 0; i < 2; i++) {
		pthread_join(racer[i].thread, NULL);
		state_close(racer[i].state);
	}
	for (unsigned step = 0; step < STEPS; step++)
		if (racer[0].taken[step] + racer[1].taken[step] != 1)
			fail_msg("step %u was taken %u times", step,
				 racer[0].taken[step] + racer[1].taken[step]);
	pthread_barrier_destroy(&start);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_password_is_its_users),
		IN_FOLDER(a_raise_does_not_undo_a_change),
		IN_FOLDER(a_code_is_taken_once),
		IN_FOLDER(a_code_of_a_secret_that_was_replaced_is_not_taken),
		IN_FOLDER(of_two_at_once_one_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
