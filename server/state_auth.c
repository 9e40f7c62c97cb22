/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_auth.c - passwords' hashes and the secrets of one-time codes in the state file. */
#include "server/state_auth.h"

#include <string.h>

#include "server/state_private.h"

/* Runs a change of a user's row, whose name is ?1, and notes it as `what`; the end of the transaction. */
static int change(struct state *state, sqlite3_stmt *statement, const char *user, const char *what,
		  int64_t now_s, const char *who, struct err *err)
{
	state_bind_text(state, statement, 1, user);
	int failed = state_finish(state, statement, "write to it", err);
	if (failed == 0)
		failed = state_changed_user(state, user, err);
	if (failed == 0)
		failed = state_audit(state, now_s, who, err, "%s %s", what, user);
	return state_end(state, failed, err);
}

/* Runs a compare-and-set: 1 it was so and is set, 0 it was not. */
static int compare_and_set(struct state *state, sqlite3_stmt *statement, struct err *err)
{
	/* a single UPDATE is a transaction of its own; who comes second sees what the first wrote */
	if (state_finish(state, statement, "write to it", err) < 0)
		return -1;
	return sqlite3_changes(state->db) > 0;
}

/* ---- passwords ---- */

int state_password_set(struct state *state, const char *user, const char *hash, int64_t now_s,
		       const char *who, struct err *err)
{
	if (state_check_name("user", user, err) < 0 || state_begin(state, err) < 0)
		return -1;
	sqlite3_stmt *statement =
		state_prepare(state, "UPDATE user SET password = ?2 WHERE name = ?1", err);
	if (!statement)
		return state_end(state, -1, err);
	state_bind_text(state, statement, 2, hash);
	return change(state, statement, user, hash ? "password set" : "password remove", now_s, who,
		      err);
}

int state_password_get(struct state *state, const char *user, char hash[static STATE_PASSWORD_MAX],
		       struct err *err)
{
	sqlite3_stmt *statement = state_prepare(
		state, "SELECT password FROM user WHERE name = ? AND password IS NOT NULL", err);

	if (!statement)
		return -1;
	state_bind_text(state, statement, 1, user);
	int result = state_step(state, statement), found = 0;
	if (result == SQLITE_ROW) {
		state_copy_text(statement, 0, hash, STATE_PASSWORD_MAX);
		found = 1;
	} else if (result != SQLITE_DONE) {
		found = state_fail(state, err, "read it");
	}
	sqlite3_finalize(statement);
	return found;
}

int state_password_raise(struct state *state, const char *user, const char *old, const char *hash,
			 struct err *err)
{
	sqlite3_stmt *statement = state_prepare(
		state, "UPDATE user SET password = ?3 WHERE name = ?1 AND password = ?2", err);

	if (!statement)
		return -1;
	state_bind_text(state, statement, 1, user);
	state_bind_text(state, statement, 2, old);
	state_bind_text(state, statement, 3, hash);
	return compare_and_set(state, statement, err);
}

/* ---- one-time codes ---- */

int state_code_set(struct state *state, const char *user, const uint8_t *secret, int64_t now_s,
		   const char *who, struct err *err)
{
	if (state_check_name("user", user, err) < 0 || state_begin(state, err) < 0)
		return -1;
	sqlite3_stmt *statement = state_prepare(
		state, "UPDATE user SET code = ?2, code_step = 0 WHERE name = ?1", err);
	if (!statement)
		return state_end(state, -1, err);
	if (secret)
		state_bind_blob(state, statement, 2, secret, STATE_CODE_SECRET);
	return change(state, statement, user, secret ? "totp set" : "totp remove", now_s, who, err);
}

int state_code_get(struct state *state, const char *user, struct state_code *code, struct err *err)
{
	sqlite3_stmt *statement = state_prepare(state,
						"SELECT code, code_step FROM user"
						" WHERE name = ? AND length(code) = ?",
						err);

	if (!statement)
		return -1;
	*code = (struct state_code) { 0 };
	state_bind_text(state, statement, 1, user);
	state_bind_number(state, statement, 2, STATE_CODE_SECRET);
	int result = state_step(state, statement), found = 0;
	if (result == SQLITE_ROW) {
		memcpy(code->secret, sqlite3_column_blob(statement, 0), STATE_CODE_SECRET);
		code->last_step = sqlite3_column_int64(statement, 1);
		found = 1;
	} else if (result != SQLITE_DONE) {
		found = state_fail(state, err, "read it");
	}
	sqlite3_finalize(statement);
	return found;
}

int state_code_take(struct state *state, const char *user, const struct state_code *code,
		    int64_t step, struct err *err)
{
	/* RFC 6238 5.2: the second attempt of a code that was right must not be accepted */
	sqlite3_stmt *statement = state_prepare(
		state,
		"UPDATE user SET code_step = ?3 WHERE name = ?1 AND code = ?2 AND code_step < ?3",
		err);

	if (!statement)
		return -1;
	state_bind_text(state, statement, 1, user);
	state_bind_blob(state, statement, 2, code->secret, STATE_CODE_SECRET);
	state_bind_number(state, statement, 3, step);
	return compare_and_set(state, statement, err);
}
