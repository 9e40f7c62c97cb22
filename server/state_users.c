/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_users.c - users in the state file: who there is, in which group, and what keeps them out. */
#include <stdio.h>
#include <string.h>

#include "server/state_private.h"

int state_check_name(const char *kind, const char *name, struct err *err)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@";
	size_t len = strlen(name);

	if (len == 0 || len >= STATE_USER_MAX || strspn(name, allowed) != len || name[0] == '-' ||
	    name[0] == '.')
		return err_kind(
			err, ERR_USAGE,
			"a %s's name has 1 to 32 characters of a-z A-Z 0-9 . _ - @ and does not"
			" begin with . or -",
			kind);
	return 0;
}

/* What a group is called in the table; NULL if no group can be called so. */
static const char *group_name(const char *group, struct err *err)
{
	if (!group || group[0] == '\0' || strcmp(group, "none") == 0)
		return "";
	return state_check_name("group", group, err) < 0 ? NULL : group;
}

int state_user_insert(struct state *state, const char *name, const char *group, int64_t expires_s,
		      int64_t now_s, const char *who, struct err *err)
{
	group = group_name(group, err);
	if (!group || state_check_name("user", name, err) < 0)
		return -1;
	sqlite3_stmt *statement =
		state_prepare(state,
			      "INSERT INTO user (name, created_s, member_of, expires_s)"
			      " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
			      err);
	if (!statement)
		return -1;
	state_bind_text(state, statement, 1, name);
	state_bind_number(state, statement, 2, now_s);
	state_bind_text(state, statement, 3, group);
	state_bind_number(state, statement, 4, expires_s);
	if (state_finish(state, statement, "add a user", err) < 0)
		return -1;
	if (sqlite3_changes(state->db) == 0)
		return err_set(err, "there is a user '%s' already", name);
	return state_audit(state, now_s, who, err, "user add %s%s%s", name, group[0] ? " " : "",
			   group);
}

int state_user_add(struct state *state, const char *name, const char *group, int64_t expires_s,
		   int64_t now_s, const char *who, struct err *err)
{
	if (state_begin(state, err) < 0)
		return -1;
	return state_end(state, state_user_insert(state, name, group, expires_s, now_s, who, err),
			 err);
}

int state_user_set_group(struct state *state, const char *name, const char *group, int64_t now_s,
			 const char *who, struct err *err)
{
	group = group_name(group, err);
	if (!group || state_check_name("user", name, err) < 0 || state_begin(state, err) < 0)
		return -1;
	sqlite3_stmt *statement =
		state_prepare(state, "UPDATE user SET member_of = ? WHERE name = ?", err);
	if (!statement)
		return state_end(state, -1, err);
	state_bind_text(state, statement, 1, group);
	state_bind_text(state, statement, 2, name);
	int failed = state_finish(state, statement, "change a user's group", err);
	if (failed == 0)
		failed = state_changed_user(state, name, err);
	if (failed == 0)
		failed = state_audit(state, now_s, who, err, "user group %s %s", name,
				     group[0] ? group : "none");
	return state_end(state, failed, err);
}

/* Who is removed must not come back by an invitation that is still open. */
static int revoke_invitations(struct state *state, const char *name, int64_t now_s, struct err *err)
{
	sqlite3_stmt *statement = state_prepare(state,
						"UPDATE invitation SET revoked_s = ?"
						" WHERE user = ? AND used_s = 0 AND revoked_s = 0",
						err);

	if (!statement)
		return -1;
	state_bind_number(state, statement, 1, now_s);
	state_bind_text(state, statement, 2, name);
	return state_finish(state, statement, "revoke invitations", err);
}

int state_user_remove(struct state *state, const char *name, int64_t now_s, const char *who,
		      struct err *err)
{
	if (state_check_name("user", name, err) < 0 || state_begin(state, err) < 0)
		return -1;
	sqlite3_stmt *statement = state_prepare(state, "DELETE FROM user WHERE name = ?", err);
	if (!statement)
		return state_end(state, -1, err);
	state_bind_text(state, statement, 1, name);
	int failed = state_finish(state, statement, "remove a user", err);
	if (failed == 0)
		failed = state_changed_user(state, name, err);
	if (failed == 0)
		failed = revoke_invitations(state, name, now_s, err);
	if (failed == 0)
		failed = state_audit(state, now_s, who, err, "user remove %s", name);
	return state_end(state, failed, err);
}

/* ---- what keeps them out ---- */

int state_user_block(struct state *state, const char *name, bool blocked, const char *why,
		     int64_t now_s, const char *who, struct err *err)
{
	const char *words = blocked && why ? why : "";

	if (strlen(words) >= STATE_WHY_MAX)
		return err_kind(err, ERR_USAGE, "the reason is longer than %d bytes",
				STATE_WHY_MAX - 1);
	if (state_check_name("user", name, err) < 0 || state_begin(state, err) < 0)
		return -1;
	/* who is blocked again stays blocked since the first time */
	sqlite3_stmt *statement =
		state_prepare(state,
			      "UPDATE user SET blocked_why = ?3, blocked_s ="
			      " CASE WHEN ?2 = 0 OR blocked_s = 0 THEN ?2 ELSE blocked_s END"
			      " WHERE name = ?1",
			      err);
	if (!statement)
		return state_end(state, -1, err);
	state_bind_text(state, statement, 1, name);
	state_bind_number(state, statement, 2, blocked ? now_s : 0);
	state_bind_text(state, statement, 3, words);
	int failed = state_finish(state, statement, "block a user", err);
	if (failed == 0)
		failed = state_changed_user(state, name, err);
	if (failed == 0)
		failed = state_audit(state, now_s, who, err, "user %s %s%s%s",
				     blocked ? "block" : "unblock", name, words[0] ? ": " : "",
				     words);
	return state_end(state, failed, err);
}

int state_user_expire(struct state *state, const char *name, int64_t expires_s, int64_t now_s,
		      const char *who, struct err *err)
{
	if (state_check_name("user", name, err) < 0 || state_begin(state, err) < 0)
		return -1;
	sqlite3_stmt *statement =
		state_prepare(state, "UPDATE user SET expires_s = ? WHERE name = ?", err);
	if (!statement)
		return state_end(state, -1, err);
	state_bind_number(state, statement, 1, expires_s);
	state_bind_text(state, statement, 2, name);
	int failed = state_finish(state, statement, "change when a user expires", err);
	if (failed == 0)
		failed = state_changed_user(state, name, err);
	if (failed == 0 && expires_s == 0)
		failed = state_audit(state, now_s, who, err, "user expire %s never", name);
	else if (failed == 0)
		failed = state_audit(state, now_s, who, err, "user expire %s %lld", name,
				     (long long)expires_s);
	return state_end(state, failed, err);
}

/* ---- who there is ---- */

int state_changed_user(struct state *state, const char *name, struct err *err)
{
	if (sqlite3_changes(state->db) > 0)
		return 0;
	return err_kind(err, ERR_NO_OBJECT, "there is no user '%s'", name);
}

void state_read_user(sqlite3_stmt *statement, struct state_user *user)
{
	*user = (struct state_user) {
		.created_s = sqlite3_column_int64(statement, 2),
		.has_password = sqlite3_column_int(statement, 3) != 0,
		.has_code = sqlite3_column_int(statement, 4) != 0,
		.expires_s = sqlite3_column_int64(statement, 5),
		.blocked_s = sqlite3_column_int64(statement, 6),
	};
	state_copy_text(statement, 0, user->name, sizeof(user->name));
	state_copy_text(statement, 1, user->group, sizeof(user->group));
	state_copy_text(statement, 7, user->why, sizeof(user->why));
	state_copy_text(statement, 8, user->role, sizeof(user->role));
}

/* All users, or the one of a name, each with its valid certificates counted. */
#define SELECT_USERS                                                             \
	"SELECT " STATE_USER_COLUMNS ", (SELECT count(*) FROM certificate WHERE" \
	" user = name AND not_after_s > ? AND revoked_s = 0) FROM user"

static void read_counted(sqlite3_stmt *statement, struct state_user *user)
{
	state_read_user(statement, user);
	user->certificates = (unsigned)sqlite3_column_int(statement, STATE_USER_COLUMN_COUNT);
}

int state_user_get(struct state *state, const char *name, int64_t now_s, struct state_user *user,
		   struct err *err)
{
	sqlite3_stmt *statement =
		state_take_often(state, STATE_OFTEN_USER, SELECT_USERS " WHERE name = ?", err);

	if (!statement)
		return -1;
	*user = (struct state_user) { 0 };
	state_bind_number(state, statement, 1, now_s);
	state_bind_text(state, statement, 2, name);
	int result = state_step(state, statement), found = 0;
	if (result == SQLITE_ROW) {
		read_counted(statement, user);
		found = 1;
	} else if (result != SQLITE_DONE) {
		found = state_fail(state, err, "read it");
	}
	state_put_back(statement);
	return found;
}

int state_user_list(struct state *state, int64_t now_s,
		    void (*each)(void *owner, const struct state_user *user), void *owner,
		    struct err *err)
{
	sqlite3_stmt *statement = state_prepare(state, SELECT_USERS " ORDER BY name", err);
	int result;

	if (!statement)
		return -1;
	state_bind_number(state, statement, 1, now_s);
	while ((result = state_step(state, statement)) == SQLITE_ROW) {
		struct state_user user;

		read_counted(statement, &user);
		each(owner, &user);
	}
	int failed = result == SQLITE_DONE ? 0 : state_fail(state, err, "list users");
	sqlite3_finalize(statement);
	return failed;
}
