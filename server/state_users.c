/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_users.c - users, their certificates and the audit log in the state file. */
#include <stdio.h>
#include <string.h>

#include "server/state_private.h"

static int audit(struct state *state, int64_t now_s, const char *who, struct err *err,
		 const char *verb, const char *user, const char *group)
{
	char what[128];
	sqlite3_stmt *statement =
		state_prepare(state, "INSERT INTO audit (at_s, who, what) VALUES (?, ?, ?)", err);

	if (!statement)
		return -1;
	snprintf(what, sizeof(what), "%s %s%s%s", verb, user, group[0] ? " " : "", group);
	sqlite3_bind_int64(statement, 1, now_s);
	sqlite3_bind_text(statement, 2, who, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, what, -1, SQLITE_STATIC);
	return state_finish(state, statement, "write to its log", err);
}

/* A change and its line in the audit log are one transaction. */
static int begin(struct state *state, struct err *err)
{
	return state_exec(state, "BEGIN IMMEDIATE", "write to it", err);
}

static int end(struct state *state, int failed, struct err *err)
{
	if (failed == 0 && state_exec(state, "COMMIT", "write to it", err) == 0)
		return 0;
	sqlite3_exec(state->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

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

int state_user_add(struct state *state, const char *name, const char *group, int64_t now_s,
		   const char *who, struct err *err)
{
	group = group_name(group, err);
	if (!group || state_check_name("user", name, err) < 0 || begin(state, err) < 0)
		return -1;
	sqlite3_stmt *statement =
		state_prepare(state,
			      "INSERT INTO user (name, created_s, member_of) VALUES (?, ?, ?)"
			      " ON CONFLICT DO NOTHING",
			      err);
	if (!statement)
		return end(state, -1, err);
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, now_s);
	sqlite3_bind_text(statement, 3, group, -1, SQLITE_STATIC);
	int failed = state_finish(state, statement, "add a user", err);
	if (failed == 0 && sqlite3_changes(state->db) == 0)
		failed = err_set(err, "there is a user '%s' already", name);
	if (failed == 0)
		failed = audit(state, now_s, who, err, "user add", name, group);
	return end(state, failed, err);
}

int state_user_set_group(struct state *state, const char *name, const char *group, int64_t now_s,
			 const char *who, struct err *err)
{
	group = group_name(group, err);
	if (!group || state_check_name("user", name, err) < 0 || begin(state, err) < 0)
		return -1;
	sqlite3_stmt *statement =
		state_prepare(state, "UPDATE user SET member_of = ? WHERE name = ?", err);
	if (!statement)
		return end(state, -1, err);
	sqlite3_bind_text(statement, 1, group, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, name, -1, SQLITE_STATIC);
	int failed = state_finish(state, statement, "change a user's group", err);
	if (failed == 0 && sqlite3_changes(state->db) == 0)
		failed = err_kind(err, ERR_NO_OBJECT, "there is no user '%s'", name);
	if (failed == 0)
		failed = audit(state, now_s, who, err, "user group", name,
			       group[0] ? group : "none");
	return end(state, failed, err);
}

int state_user_remove(struct state *state, const char *name, int64_t now_s, const char *who,
		      struct err *err)
{
	if (state_check_name("user", name, err) < 0 || begin(state, err) < 0)
		return -1;
	sqlite3_stmt *statement = state_prepare(state, "DELETE FROM user WHERE name = ?", err);
	if (!statement)
		return end(state, -1, err);
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	int failed = state_finish(state, statement, "remove a user", err);
	if (failed == 0 && sqlite3_changes(state->db) == 0)
		failed = err_kind(err, ERR_NO_OBJECT, "there is no user '%s'", name);
	if (failed == 0)
		failed = audit(state, now_s, who, err, "user remove", name, "");
	return end(state, failed, err);
}

int state_user_list(struct state *state, int64_t now_s,
		    void (*each)(void *owner, const struct state_user *user), void *owner,
		    struct err *err)
{
	sqlite3_stmt *statement = state_prepare(
		state,
		"SELECT name, created_s, (SELECT count(*) FROM certificate WHERE user = name AND"
		" not_after_s > ?), member_of FROM user ORDER BY name",
		err);
	int result;

	if (!statement)
		return -1;
	sqlite3_bind_int64(statement, 1, now_s);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		struct state_user user = {
			.created_s = sqlite3_column_int64(statement, 1),
			.certificates = (unsigned)sqlite3_column_int(statement, 2),
		};
		snprintf(user.name, sizeof(user.name), "%s",
			 (const char *)sqlite3_column_text(statement, 0));
		snprintf(user.group, sizeof(user.group), "%s",
			 (const char *)sqlite3_column_text(statement, 3));
		each(owner, &user);
	}
	int failed = result == SQLITE_DONE ? 0 : state_fail(state, err, "list users");
	sqlite3_finalize(statement);
	return failed;
}

/* Room for one more: expired ones go, and beyond the limit those that end first. */
static int prune(struct state *state, const char *user, int64_t now_s, struct err *err)
{
	sqlite3_stmt *statement = state_prepare(
		state,
		"DELETE FROM certificate WHERE user = ?1 AND (not_after_s <= ?2 OR fingerprint NOT "
		"IN"
		" (SELECT fingerprint FROM certificate WHERE user = ?1 ORDER BY not_after_s DESC,"
		"  created_s DESC LIMIT ?3))",
		err);

	if (!statement)
		return -1;
	sqlite3_bind_text(statement, 1, user, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, now_s);
	sqlite3_bind_int(statement, 3, STATE_CERTIFICATES_MAX - 1);
	return state_finish(state, statement, "remove old certificates", err);
}

int state_certificate_add(struct state *state, const char *user,
			  const struct pki_description *certificate, int64_t now_s, const char *who,
			  struct err *err)
{
	if (begin(state, err) < 0)
		return -1;
	int failed = prune(state, user, now_s, err);
	sqlite3_stmt *statement =
		failed < 0
			? NULL
			: state_prepare(state, "INSERT INTO certificate VALUES (?, ?, ?, ?)", err);
	if (!statement)
		return end(state, -1, err);
	sqlite3_bind_blob(statement, 1, certificate->fingerprint, PKI_FINGERPRINT_LEN,
			  SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, user, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 3, now_s);
	sqlite3_bind_int64(statement, 4, certificate->not_after_s);
	int result = sqlite3_step(statement);
	if (result == SQLITE_CONSTRAINT)
		failed = err_kind(err, ERR_NO_OBJECT, "there is no user '%s'", user);
	else if (result != SQLITE_DONE)
		failed = state_fail(state, err, "add a certificate");
	sqlite3_finalize(statement);
	if (failed == 0)
		failed = audit(state, now_s, who, err, "certificate add", user, "");
	return end(state, failed, err);
}

int state_user_of(struct state *state, const uint8_t fingerprint[static PKI_FINGERPRINT_LEN],
		  struct state_user *user, struct err *err)
{
	sqlite3_stmt *statement = state_prepare(state,
						"SELECT name, member_of FROM certificate JOIN user"
						" ON user = name WHERE fingerprint = ?",
						err);

	if (!statement)
		return -1;
	*user = (struct state_user) { 0 };
	sqlite3_bind_blob(statement, 1, fingerprint, PKI_FINGERPRINT_LEN, SQLITE_STATIC);
	int result = sqlite3_step(statement), found = 0;
	if (result == SQLITE_ROW) {
		snprintf(user->name, sizeof(user->name), "%s",
			 (const char *)sqlite3_column_text(statement, 0));
		snprintf(user->group, sizeof(user->group), "%s",
			 (const char *)sqlite3_column_text(statement, 1));
		found = 1;
	} else if (result != SQLITE_DONE) {
		found = state_fail(state, err, "read it");
	}
	sqlite3_finalize(statement);
	return found;
}
