/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_audit.c - the audit log, and the transactions that a change shares with its line. */
#include "server/state_audit.h"

#include <stdarg.h>
#include <stdio.h>

#include "server/state_private.h"

int state_begin(struct state *state, struct err *err)
{
	return state_exec(state, "BEGIN IMMEDIATE", "write to it", err);
}

int state_end(struct state *state, int failed, struct err *err)
{
	if (failed == 0 && state_exec(state, "COMMIT", "write to it", err) == 0)
		return 0;
	sqlite3_exec(state->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

/* Ids only grow, as the newest line is never removed: those of a full log are in a row. */
static int forget_oldest(struct state *state, struct err *err)
{
	sqlite3_stmt *statement = state_prepare(state, "DELETE FROM audit WHERE id <= ?", err);

	if (!statement)
		return -1;
	state_bind_number(state, statement, 1,
			  sqlite3_last_insert_rowid(state->db) - STATE_AUDIT_MAX);
	return state_finish(state, statement, "write to its log", err);
}

static int insert(struct state *state, int64_t now_s, const char *who, const char *what,
		  struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state, "INSERT INTO audit (at_s, who, what) VALUES (?, ?, ?)", err);

	if (!statement)
		return -1;
	state_bind_number(state, statement, 1, now_s);
	state_bind_text(state, statement, 2, who);
	state_bind_text(state, statement, 3, what);
	int failed = state_finish(state, statement, "write to its log", err);
	return failed == 0 ? forget_oldest(state, err) : failed;
}

int state_audit(struct state *state, int64_t now_s, const char *who, struct err *err,
		const char *format, ...)
{
	char what[STATE_AUDIT_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return insert(state, now_s, who, what, err);
}

int state_audit_note(struct state *state, int64_t now_s, const char *who, struct err *err,
		     const char *format, ...)
{
	char what[STATE_AUDIT_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (state_begin(state, err) < 0)
		return -1;
	return state_end(state, insert(state, now_s, who, what, err), err);
}

int state_audit_read(struct state *state, unsigned most,
		     void (*each)(void *owner, const struct state_event *event), void *owner,
		     struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state,
			      "SELECT id, at_s, who, what FROM"
			      " (SELECT * FROM audit ORDER BY id DESC LIMIT ?) ORDER BY id",
			      err);
	int result;

	if (!statement)
		return -1;
	state_bind_number(state, statement, 1, most);
	while ((result = state_step(state, statement)) == SQLITE_ROW) {
		struct state_event event = {
			.id = sqlite3_column_int64(statement, 0),
			.at_s = sqlite3_column_int64(statement, 1),
		};
		state_copy_text(statement, 2, event.who, sizeof(event.who));
		state_copy_text(statement, 3, event.what, sizeof(event.what));
		each(owner, &event);
	}
	int failed = result == SQLITE_DONE ? 0 : state_fail(state, err, "read its log");
	sqlite3_finalize(statement);
	return failed;
}
