/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_state_audit.c - reading the audit log, and where it ends. */
#include <sqlite3.h>

#include "folder.h"
#include "server/state_audit.h"

static char folder[FOLDER_PATH];

static int begin_test(void **unused)
{
	folder_make(folder);
	return 0;
}

static int end_test(void **unused)
{
	folder_remove(folder);
	return 0;
}

static void add_event(void *owner, const struct state_event *event)
{
	char *text = owner;

	sprintf(text + strlen(text), "%lld %lld %s: %s\n", (long long)event->id,
		(long long)event->at_s, event->who, event->what);
}

static const char *read_log(struct state *state, unsigned most)
{
	static char text[4096];
	struct err err = { 0 };

	text[0] = '\0';
	must(state_audit_read(state, most, add_event, text, &err), &err);
	return text;
}

static void the_newest_lines_are_read_oldest_first(void **unused)
{
	struct state *state = must_open(folder);
	struct err err = { 0 };

	assert_string_equal(read_log(state, 10), "");
	must(state_user_add(state, "alice", "x", 0, 100, "root", &err), &err);
	must(state_user_block(state, "alice", true, "lost her laptop", 200, "carol", &err), &err);
	must(state_user_block(state, "alice", false, "ignored", 300, "root", &err), &err);
	must(state_user_expire(state, "alice", 900, 400, "root", &err), &err);
	must(state_user_expire(state, "alice", 0, 500, "root", &err), &err);
	assert_string_equal(read_log(state, 10), "1 100 root: user add alice x\n"
						 "2 200 carol: user block alice: lost her laptop\n"
						 "3 300 root: user unblock alice\n"
						 "4 400 root: user expire alice 900\n"
						 "5 500 root: user expire alice never\n");
	assert_string_equal(read_log(state, 2), "4 400 root: user expire alice 900\n"
						"5 500 root: user expire alice never\n");
	assert_string_equal(read_log(state, 0), "");
	state_close(state);
}

static int count(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	int value = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return value;
}

static void the_oldest_lines_go(void **unused)
{
	struct state *state = must_open(folder);
	struct err err = { 0 };
	char path[300];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/state.db", folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
				      " FROM n WHERE i < 99999) INSERT INTO audit"
				      " SELECT i, i, 'test', 'line' FROM n",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	must(state_user_add(state, "alice", NULL, 0, 100000, "root", &err), &err);
	assert_int_equal(count(db, "SELECT count(*) FROM audit"), STATE_AUDIT_MAX);
	must(state_user_add(state, "bob", NULL, 0, 100001, "root", &err), &err);
	assert_int_equal(count(db, "SELECT count(*) FROM audit"), STATE_AUDIT_MAX);
	assert_int_equal(count(db, "SELECT min(at_s) FROM audit"), 2);
	assert_int_equal(count(db, "SELECT max(at_s) FROM audit"), 100001);
	sqlite3_close(db);
	state_close(state);
}

/* What cannot be noted does not happen. */
static void no_change_without_its_line(void **unused)
{
	struct state *state = must_open(folder);
	struct state_user user;
	struct err err = { 0 };
	char path[300];
	sqlite3 *db;

	must(state_user_add(state, "alice", NULL, 0, 100, "root", &err), &err);
	snprintf(path, sizeof(path), "%s/state.db", folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "CREATE TRIGGER no BEFORE INSERT ON audit BEGIN"
				      " SELECT RAISE(ABORT, 'the log is full'); END",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(state_user_block(state, "alice", true, "", 200, "root", &err), -1);
	assert_non_null(strstr(err.text, "the log is full"));
	assert_int_equal(state_user_expire(state, "alice", 900, 200, "root", &err), -1);
	assert_int_equal(state_user_remove(state, "alice", 200, "root", &err), -1);
	assert_int_equal(state_user_add(state, "bob", NULL, 0, 200, "root", &err), -1);
	assert_int_equal(state_user_get(state, "bob", 200, &user, &err), 0);
	assert_int_equal(state_user_get(state, "alice", 200, &user, &err), 1);
	assert_true(user.blocked_s == 0 && user.expires_s == 0);
	state_close(state);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(the_newest_lines_are_read_oldest_first),
		IN_FOLDER(the_oldest_lines_go),
		IN_FOLDER(no_change_without_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
