/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_invites.c - invitations in the state file. */
#include "server/state_invites.h"

#include <sodium.h>
#include <string.h>

#include "server/state_private.h"

_Static_assert(STATE_TOKEN_TEXT ==
		       sodium_base64_ENCODED_LEN(STATE_TOKEN_LEN,
						 sodium_base64_VARIANT_URLSAFE_NO_PADDING),
	       "room for a token");

const char *const state_invite_name[STATE_INVITE_VERDICTS] = {
	[STATE_INVITE_GOOD] = "open",	    [STATE_INVITE_UNKNOWN] = "unknown",
	[STATE_INVITE_USED] = "used",	    [STATE_INVITE_EXPIRED] = "expired",
	[STATE_INVITE_REVOKED] = "revoked", [STATE_INVITE_BLOCKED] = "blocked",
};

/* ---- making one ---- */

/* Those that are over and old go; what is left must leave room for one more. */
static int prune(struct state *state, int64_t now_s, struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state,
			      "DELETE FROM invitation WHERE max(used_s, revoked_s, CASE WHEN"
			      " expires_s <= ?1 THEN expires_s ELSE 0 END) BETWEEN 1 AND ?1 - ?2",
			      err);

	if (!statement)
		return -1;
	state_bind_number(state, statement, 1, now_s);
	state_bind_number(state, statement, 2, STATE_INVITE_KEEP_S);
	if (state_finish(state, statement, "remove old invitations", err) < 0)
		return -1;
	statement = state_prepare(state, "SELECT count(*) FROM invitation", err);
	if (!statement)
		return -1;
	int failed = state_step(state, statement) == SQLITE_ROW
			     ? 0
			     : state_fail(state, err, "count invitations");
	if (failed == 0 && sqlite3_column_int(statement, 0) >= STATE_INVITES_MAX)
		failed = err_set(err, "there are %d invitations already", STATE_INVITES_MAX);
	sqlite3_finalize(statement);
	return failed;
}

/* Within the transaction: the user is there, in this group. */
static int ensure_user(struct state *state, const char *name, const char *group, int64_t now_s,
		       const char *who, struct err *err)
{
	struct state_user user;
	int found = state_user_get(state, name, now_s, &user, err);
	const char *wanted = group && strcmp(group, "none") != 0 ? group : "";

	if (found < 0)
		return -1;
	if (found == 0)
		return state_user_insert(state, name, wanted, 0, now_s, who, err);
	if (group && strcmp(user.group, wanted) != 0)
		return err_set(err, "user %s is in %s%s: lanyard user group changes that", name,
			       user.group[0] ? "group " : "no group", user.group);
	return 0;
}

static int insert(struct state *state, const uint8_t *hash, struct state_invite *invite,
		  struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state,
			      "INSERT INTO invitation (token, user, created_s, expires_s)"
			      " VALUES (?, ?, ?, ?)",
			      err);

	if (!statement)
		return -1;
	state_bind_blob(state, statement, 1, hash, crypto_hash_sha256_BYTES);
	state_bind_text(state, statement, 2, invite->user);
	state_bind_number(state, statement, 3, invite->created_s);
	state_bind_number(state, statement, 4, invite->expires_s);
	int failed = state_finish(state, statement, "add an invitation", err);
	invite->id = sqlite3_last_insert_rowid(state->db);
	return failed;
}

int state_invite_add(struct state *state, const char *user, const char *group, int64_t expires_s,
		     int64_t now_s, const char *who, char token[static STATE_TOKEN_TEXT],
		     struct state_invite *invite, struct err *err)
{
	uint8_t secret[STATE_TOKEN_LEN], hash[crypto_hash_sha256_BYTES];

	if (sodium_init() < 0)
		return err_set(err, "libsodium cannot run here");
	if (state_check_name("user", user, err) < 0 || state_begin(state, err) < 0)
		return -1;
	*invite = (struct state_invite) { .created_s = now_s, .expires_s = expires_s };
	memcpy(invite->user, user, strlen(user));
	randombytes_buf(secret, sizeof(secret));
	crypto_hash_sha256(hash, secret, sizeof(secret));
	sodium_bin2base64(token, STATE_TOKEN_TEXT, secret, sizeof(secret),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(secret, sizeof(secret));
	int failed = ensure_user(state, user, group, now_s, who, err);
	if (failed == 0)
		failed = prune(state, now_s, err);
	if (failed == 0)
		failed = insert(state, hash, invite, err);
	if (failed == 0)
		failed = state_audit(state, now_s, who, err, "invite add %s %lld", user,
				     (long long)invite->id);
	if (failed < 0)
		sodium_memzero(token, STATE_TOKEN_TEXT);
	return state_end(state, failed, err);
}

/* ---- which there are ---- */

#define COLUMNS "id, user, created_s, expires_s, used_s, revoked_s"

static void read_row(sqlite3_stmt *statement, struct state_invite *invite)
{
	*invite = (struct state_invite) {
		.id = sqlite3_column_int64(statement, 0),
		.created_s = sqlite3_column_int64(statement, 2),
		.expires_s = sqlite3_column_int64(statement, 3),
		.used_s = sqlite3_column_int64(statement, 4),
		.revoked_s = sqlite3_column_int64(statement, 5),
	};
	state_copy_text(statement, 1, invite->user, sizeof(invite->user));
}

int state_invite_list(struct state *state,
		      void (*each)(void *owner, const struct state_invite *invite), void *owner,
		      struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state, "SELECT " COLUMNS " FROM invitation ORDER BY id", err);
	int result;

	if (!statement)
		return -1;
	while ((result = state_step(state, statement)) == SQLITE_ROW) {
		struct state_invite invite;

		read_row(statement, &invite);
		each(owner, &invite);
	}
	int failed = result == SQLITE_DONE ? 0 : state_fail(state, err, "list invitations");
	sqlite3_finalize(statement);
	return failed;
}

/* 1, 0: the statement gives no row; -1.  Finalizes it. */
static int read_one(struct state *state, sqlite3_stmt *statement, struct state_invite *invite,
		    struct err *err)
{
	int result = state_step(state, statement), found = 0;

	if (result == SQLITE_ROW) {
		read_row(statement, invite);
		found = 1;
	} else if (result != SQLITE_DONE) {
		found = state_fail(state, err, "read it");
	}
	sqlite3_finalize(statement);
	return found;
}

/* Writes when one was used or revoked. */
static int mark(struct state *state, const char *sql, int64_t id, int64_t now_s, struct err *err)
{
	sqlite3_stmt *statement = state_prepare(state, sql, err);

	if (!statement)
		return -1;
	state_bind_number(state, statement, 1, id);
	state_bind_number(state, statement, 2, now_s);
	return state_finish(state, statement, "change an invitation", err);
}

static int revoke(struct state *state, int64_t id, int64_t now_s, const char *who, struct err *err)
{
	struct state_invite invite;
	sqlite3_stmt *statement =
		state_prepare(state, "SELECT " COLUMNS " FROM invitation WHERE id = ?", err);

	if (!statement)
		return -1;
	state_bind_number(state, statement, 1, id);
	int found = read_one(state, statement, &invite, err);
	if (found < 0)
		return -1;
	if (found == 0)
		return err_kind(err, ERR_NO_OBJECT, "there is no invitation %lld", (long long)id);
	if (invite.used_s != 0)
		return err_set(err,
			       "invitation %lld was used: lanyard cert revoke takes back what"
			       " it gave",
			       (long long)id);
	if (invite.revoked_s != 0)
		return 0;
	if (mark(state, "UPDATE invitation SET revoked_s = ?2 WHERE id = ?1", id, now_s, err) < 0)
		return -1;
	return state_audit(state, now_s, who, err, "invite revoke %s %lld", invite.user,
			   (long long)id);
}

int state_invite_revoke(struct state *state, int64_t id, int64_t now_s, const char *who,
			struct err *err)
{
	if (state_begin(state, err) < 0)
		return -1;
	return state_end(state, revoke(state, id, now_s, who, err), err);
}

/* ---- using one ---- */

/* Its hash; false if this is no token. */
static bool hash_token(const char *token, uint8_t hash[static crypto_hash_sha256_BYTES])
{
	uint8_t secret[STATE_TOKEN_LEN];
	size_t len = 0;
	bool good = sodium_base642bin(secret, sizeof(secret), token, strlen(token), NULL, &len,
				      NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
		    len == sizeof(secret);

	if (good)
		crypto_hash_sha256(hash, secret, sizeof(secret));
	sodium_memzero(secret, sizeof(secret));
	return good;
}

static enum state_invite_verdict judge(const struct state_invite *invite,
				       const struct state_user *user, int64_t now_s)
{
	if (invite->used_s != 0)
		return STATE_INVITE_USED;
	if (invite->revoked_s != 0)
		return STATE_INVITE_REVOKED;
	if (invite->expires_s <= now_s)
		return STATE_INVITE_EXPIRED;
	if (user->blocked_s != 0 || (user->expires_s != 0 && user->expires_s <= now_s))
		return STATE_INVITE_BLOCKED;
	return STATE_INVITE_GOOD;
}

static int look(struct state *state, const char *token, int64_t now_s, struct state_invite *invite,
		enum state_invite_verdict *verdict, struct state_user *user, struct err *err)
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	*verdict = STATE_INVITE_UNKNOWN;
	*user = (struct state_user) { 0 };
	if (!hash_token(token, hash))
		return 0;
	sqlite3_stmt *statement =
		state_prepare(state, "SELECT " COLUMNS " FROM invitation WHERE token = ?", err);
	if (!statement)
		return -1;
	state_bind_blob(state, statement, 1, hash, sizeof(hash));
	int found = read_one(state, statement, invite, err);
	if (found <= 0)
		return found;
	found = state_user_get(state, invite->user, now_s, user, err);
	if (found < 0)
		return -1;
	/* who was removed is not there, and so the invitation was revoked */
	*verdict = found ? judge(invite, user, now_s) : STATE_INVITE_REVOKED;
	return 0;
}

int state_invite_look(struct state *state, const char *token, int64_t now_s,
		      enum state_invite_verdict *verdict, struct state_user *user, struct err *err)
{
	struct state_invite invite;

	return look(state, token, now_s, &invite, verdict, user, err);
}

int state_invite_use(struct state *state, const char *token,
		     const struct pki_description *certificate, int64_t now_s, const char *who,
		     enum state_invite_verdict *verdict, struct state_user *user, struct err *err)
{
	struct state_invite invite;

	/* IMMEDIATE: who comes second looks when the first one is done */
	if (state_begin(state, err) < 0)
		return -1;
	int failed = look(state, token, now_s, &invite, verdict, user, err);
	if (failed < 0 || *verdict != STATE_INVITE_GOOD)
		return state_end(state, failed, err);
	failed = mark(state, "UPDATE invitation SET used_s = ?2 WHERE id = ?1", invite.id, now_s,
		      err);
	if (failed == 0)
		failed = state_certificate_insert(state, user->name, certificate, now_s, err);
	if (failed == 0)
		failed = state_audit(state, now_s, who, err, "invite use %s %lld", user->name,
				     (long long)invite.id);
	return state_end(state, failed, err);
}

int state_invites_open(struct state *state, int64_t now_s, struct err *err)
{
	sqlite3_stmt *statement = state_prepare(state,
						"SELECT count(*) FROM invitation WHERE used_s = 0 "
						"AND revoked_s = 0 AND expires_s > ?",
						err);

	if (!statement)
		return -1;
	state_bind_number(state, statement, 1, now_s);
	int count = state_step(state, statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0)
							       : state_fail(state, err, "read it");
	sqlite3_finalize(statement);
	return count;
}
