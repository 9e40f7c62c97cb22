/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_state_bind.c - what SQLite does not take as a value is not written as NULL. */
#include "folder.h"
#include "server/state_auth.h"
#include "server/state_leases.h"
#include "server/state_private.h"

#define SQLITE_TAKES 64 /* bytes of one value, once it is limited */

static char folder[FOLDER_PATH];
static char too_long[4 * SQLITE_TAKES];
static struct state *state;

static int begin_test(void **unused)
{
	struct err err = { 0 };

	memset(too_long, 'x', sizeof(too_long) - 1);
	folder_make(folder);
	state = must_open(folder);
	must(state_user_add(state, "alice", NULL, 0, NOW_S, "test", &err), &err);
	return 0;
}

static int end_test(void **unused)
{
	state_close(state);
	folder_remove(folder);
	return 0;
}

static void limit(void)
{
	sqlite3_limit(state->db, SQLITE_LIMIT_LENGTH, SQLITE_TAKES);
}

static void unlimit(void)
{
	sqlite3_limit(state->db, SQLITE_LIMIT_LENGTH, 1000000);
}

/* The last of a row of values is good: only the first failure says what is wrong. */
static int put_setting(int parameter, const char *name, const char *value, struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state, "INSERT INTO setting VALUES (?, coalesce(?, 'null'))", err);

	assert_non_null(statement);
	limit();
	state_bind_text(state, statement, parameter, value);
	state_bind_text(state, statement, 1, name);
	unlimit();
	return state_finish(state, statement, "write to it", err);
}

static void the_first_failure_is_told_and_nothing_is_written(void **unused)
{
	static const struct {
		int parameter;
		const char *value, *why;
	} cases[] = {
		{ 2, too_long, "string or blob too big" },
		{ 3, "short", "column index out of range" },
	};
	char expected[400], value[16];

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = { 0 };

		assert_int_equal(put_setting(cases[i].parameter, "name", cases[i].value, &err), -1);
		snprintf(expected, sizeof(expected), "%s: cannot write to it: %s", state->path,
			 cases[i].why);
		assert_string_equal(err.text, expected);
		must(state_get(state, "name", value, sizeof(value), &err), &err);
		assert_int_equal(state_get(state, "name", value, sizeof(value), &err), 0);
	}
}

static void every_kind_of_value_is_watched(void **unused)
{
	static const char sql[] = "SELECT ?";

	for (unsigned kind = 0; kind < 3; kind++) {
		struct err err = { 0 };
		sqlite3_stmt *statement = state_prepare(state, sql, &err);

		assert_non_null(statement);
		if (kind == 0)
			state_bind_text(state, statement, 2, "x");
		else if (kind == 1)
			state_bind_blob(state, statement, 2, "x", 1);
		else
			state_bind_number(state, statement, 2, 1);
		assert_int_equal(state_step(state, statement), SQLITE_RANGE);
		sqlite3_finalize(statement);
	}
}

static void a_failure_is_told_once(void **unused)
{
	struct err err = { 0 };

	assert_int_equal(put_setting(2, "name", too_long, &err), -1);
	must(put_setting(2, "name", "short", &err), &err);
	/* nor does one that nobody has heard of last longer than its statement */
	sqlite3_stmt *statement = state_prepare(state, "SELECT ?", &err);
	state_bind_number(state, statement, 2, 1);
	sqlite3_finalize(statement);
	must(state_set(state, "name", "other", &err), &err);
}

/* NULL means "no password": who sets one must not have removed it. */
static void a_password_is_not_removed_by_a_longer_one(void **unused)
{
	struct err err = { 0 };
	char hash[STATE_PASSWORD_MAX];

	must(state_password_set(state, "alice", "$one", NOW_S, "test", &err), &err);
	limit();
	assert_int_equal(state_password_set(state, "alice", too_long, NOW_S, "test", &err), -1);
	unlimit();
	assert_int_equal(state_password_get(state, "alice", hash, &err), 1);
	assert_string_equal(hash, "$one");
}

/* What cannot be written is not acknowledged; the next one, by the same statement, is. */
static void a_lease_that_does_not_fit_is_refused(void **unused)
{
	struct dhcp6_lease lease = { .row = 1, .kind = DHCP6_ADDRESS, .state = DHCP6_ACTIVE };
	struct err err = { 0 };
	struct state_leases *leases = state_leases_open(state, &err);

	assert_non_null(leases);
	lease.duid.len = DHCP6_DUID_MAX; /* longer than SQLITE_TAKES */
	limit();
	assert_int_equal(state_leases_put(leases, &lease, &err), -1);
	unlimit();
	assert_non_null(strstr(err.text, "cannot write leases to it: string or blob too big"));
	must(state_leases_put(leases, &lease, &err), &err);
	state_leases_close(leases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test)
		TEST(the_first_failure_is_told_and_nothing_is_written),
		TEST(every_kind_of_value_is_watched),
		TEST(a_failure_is_told_once),
		TEST(a_password_is_not_removed_by_a_longer_one),
		TEST(a_lease_that_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
