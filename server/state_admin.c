/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_admin.c - the administrator, and users with a role, in the state file. */
#include "server/state_admin.h"

#include <string.h>

#include "server/state_private.h"

static void read_row(sqlite3_stmt *statement, struct state_admin *admin)
{
	char role[16];

	state_copy_text(statement, 0, role, sizeof(role));
	admin->role = admin_role_of(role);
	if (admin->role == ADMIN_ROLES) /* of a newer version */
		admin->role = ADMIN_NOBODY;
	state_copy_text(statement, 1, admin->hash, sizeof(admin->hash));
	admin->has_code = sqlite3_column_bytes(statement, 2) == STATE_CODE_SECRET;
	if (admin->has_code)
		memcpy(admin->code.secret, sqlite3_column_blob(statement, 2), STATE_CODE_SECRET);
	admin->code.last_step = sqlite3_column_int64(statement, 3);
	admin->expires_s = sqlite3_column_int64(statement, 4);
}

int state_admin_get(struct state *state, const char *name, int64_t now_s, struct state_admin *admin,
		    struct err *err)
{
	sqlite3_stmt *statement = state_prepare(
		state,
		name[0] ? "SELECT role, password, code, code_step, expires_s FROM user"
			  " WHERE name = ?1 AND blocked_s = 0 AND (expires_s = 0 OR expires_s > ?2)"
			: "SELECT 'admin', password, code, code_step, 0 FROM administrator",
		err);

	*admin = (struct state_admin) { 0 };
	if (!statement)
		return -1;
	if (name[0]) {
		state_bind_text(state, statement, 1, name);
		state_bind_number(state, statement, 2, now_s);
	}
	int result = state_step(state, statement);
	if (result == SQLITE_ROW)
		read_row(statement, admin);
	int failed = result == SQLITE_ROW || result == SQLITE_DONE
			     ? 0
			     : state_fail(state, err, "read it");
	sqlite3_finalize(statement);
	return failed;
}

int state_admin_take_code(struct state *state, const char *name, const struct state_code *code,
			  int64_t step, struct err *err)
{
	if (name[0])
		return state_code_take(state, name, code, step, err);
	sqlite3_stmt *statement = state_prepare(
		state, "UPDATE administrator SET code_step = ?2 WHERE code = ?1 AND code_step < ?2",
		err);
	if (!statement)
		return -1;
	state_bind_blob(state, statement, 1, code->secret, STATE_CODE_SECRET);
	state_bind_number(state, statement, 2, step);
	if (state_finish(state, statement, "write to it", err) < 0)
		return -1;
	return sqlite3_changes(state->db) > 0;
}

/* Runs a change and notes it; the end of the transaction. */
static int change(struct state *state, sqlite3_stmt *statement, const char *what, int64_t now_s,
		  const char *who, struct err *err)
{
	int failed = state_finish(state, statement, "write to it", err);

	if (failed == 0)
		failed = state_audit(state, now_s, who, err, "admin %s", what);
	return state_end(state, failed, err);
}

int state_admin_set_password(struct state *state, const char *hash, int64_t now_s, const char *who,
			     struct err *err)
{
	if (state_begin(state, err) < 0)
		return -1;
	sqlite3_stmt *statement =
		state_prepare(state, "UPDATE administrator SET password = ?", err);
	if (!statement)
		return state_end(state, -1, err);
	state_bind_text(state, statement, 1, hash);
	return change(state, statement, hash ? "password set" : "password remove", now_s, who, err);
}

int state_admin_set_code(struct state *state, const uint8_t *secret, int64_t now_s, const char *who,
			 struct err *err)
{
	if (state_begin(state, err) < 0)
		return -1;
	sqlite3_stmt *statement =
		state_prepare(state, "UPDATE administrator SET code = ?, code_step = 0", err);
	if (!statement)
		return state_end(state, -1, err);
	if (secret)
		state_bind_blob(state, statement, 1, secret, STATE_CODE_SECRET);
	return change(state, statement, secret ? "totp set" : "totp remove", now_s, who, err);
}

int state_user_set_role(struct state *state, const char *name, enum admin_role role, int64_t now_s,
			const char *who, struct err *err)
{
	if (state_check_name("user", name, err) < 0 || state_begin(state, err) < 0)
		return -1;
	sqlite3_stmt *statement =
		state_prepare(state, "UPDATE user SET role = ?2 WHERE name = ?1", err);
	if (!statement)
		return state_end(state, -1, err);
	state_bind_text(state, statement, 1, name);
	state_bind_text(state, statement, 2, admin_role_name[role]);
	int failed = state_finish(state, statement, "change a user's role", err);
	if (failed == 0)
		failed = state_changed_user(state, name, err);
	if (failed == 0)
		failed = state_audit(state, now_s, who, err, "user role %s %s", name,
				     admin_role_name[role]);
	return state_end(state, failed, err);
}
