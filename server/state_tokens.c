/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_tokens.c - API tokens in the state file. */
#include "server/state_tokens.h"

#include <sodium.h>
#include <string.h>

#include "server/state_private.h"

_Static_assert(STATE_API_TOKEN_TEXT ==
		       sizeof(ADMIN_TOKEN_PREFIX) - 1 +
			       sodium_base64_ENCODED_LEN(STATE_API_TOKEN_LEN,
							 sodium_base64_VARIANT_URLSAFE_NO_PADDING),
	       "room for a token");

static int has_room(struct state *state, struct err *err)
{
	sqlite3_stmt *statement = state_prepare(state, "SELECT count(*) FROM token", err);

	if (!statement)
		return -1;
	int failed = state_step(state, statement) == SQLITE_ROW
			     ? 0
			     : state_fail(state, err, "count tokens");
	if (failed == 0 && sqlite3_column_int(statement, 0) >= ADMIN_MAX_TOKENS)
		failed = err_set(err, "there are %d tokens already", ADMIN_MAX_TOKENS);
	sqlite3_finalize(statement);
	return failed;
}

static int insert(struct state *state, const struct state_token *token, struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state,
			      "INSERT INTO token (name, hash, role, created_s, expires_s)"
			      " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			      err);

	if (!statement)
		return -1;
	state_bind_text(state, statement, 1, token->is.name);
	state_bind_blob(state, statement, 2, token->is.hash, ADMIN_TOKEN_HASH);
	state_bind_text(state, statement, 3, admin_role_name[token->is.role]);
	state_bind_number(state, statement, 4, token->created_s);
	state_bind_number(state, statement, 5, token->is.expires_s);
	if (state_finish(state, statement, "add a token", err) < 0)
		return -1;
	return sqlite3_changes(state->db) > 0
		       ? 0
		       : err_set(err, "there is a token '%s' already", token->is.name);
}

int state_token_add(struct state *state, const char *name, enum admin_role role, int64_t expires_s,
		    int64_t now_s, const char *who, char text[static STATE_API_TOKEN_TEXT],
		    struct err *err)
{
	const size_t prefix = strlen(ADMIN_TOKEN_PREFIX);
	struct state_token token = { .is = { .role = role, .expires_s = expires_s },
				     .created_s = now_s };
	uint8_t secret[STATE_API_TOKEN_LEN];

	if (sodium_init() < 0)
		return err_set(err, "libsodium cannot run here");
	if (state_check_name("token", name, err) < 0 || state_begin(state, err) < 0)
		return -1;
	memcpy(token.is.name, name, strlen(name));
	randombytes_buf(secret, sizeof(secret));
	memcpy(text, ADMIN_TOKEN_PREFIX, prefix);
	sodium_bin2base64(text + prefix, STATE_API_TOKEN_TEXT - prefix, secret, sizeof(secret),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(secret, sizeof(secret));
	admin_token_hash(text, token.is.hash);
	int failed = has_room(state, err);
	if (failed == 0)
		failed = insert(state, &token, err);
	if (failed == 0)
		failed = state_audit(state, now_s, who, err, "token add %s %s", name,
				     admin_role_name[role]);
	if (failed < 0)
		sodium_memzero(text, STATE_API_TOKEN_TEXT);
	return state_end(state, failed, err);
}

static void read_row(sqlite3_stmt *statement, struct state_token *token)
{
	char role[16];

	*token = (struct state_token) {
		.created_s = sqlite3_column_int64(statement, 3),
		.is.expires_s = sqlite3_column_int64(statement, 4),
	};
	state_copy_text(statement, 0, token->is.name, sizeof(token->is.name));
	memcpy(token->is.hash, sqlite3_column_blob(statement, 1), ADMIN_TOKEN_HASH);
	state_copy_text(statement, 2, role, sizeof(role));
	token->is.role = admin_role_of(role);
	if (token->is.role == ADMIN_ROLES) /* of a newer version: good for nothing here */
		token->is.role = ADMIN_NOBODY;
}

int state_token_list(struct state *state, struct state_token token[static ADMIN_MAX_TOKENS],
		     struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state,
			      "SELECT name, hash, role, created_s, expires_s FROM token"
			      " WHERE length(hash) = ?1 ORDER BY name LIMIT ?2",
			      err);
	int result, count = 0;

	if (!statement)
		return -1;
	state_bind_number(state, statement, 1, ADMIN_TOKEN_HASH);
	state_bind_number(state, statement, 2, ADMIN_MAX_TOKENS);
	while ((result = state_step(state, statement)) == SQLITE_ROW)
		read_row(statement, &token[count++]);
	if (result != SQLITE_DONE)
		count = state_fail(state, err, "read tokens");
	sqlite3_finalize(statement);
	return count;
}

int state_token_revoke(struct state *state, const char *name, int64_t now_s, const char *who,
		       struct err *err)
{
	if (state_begin(state, err) < 0)
		return -1;
	sqlite3_stmt *statement = state_prepare(state, "DELETE FROM token WHERE name = ?", err);
	if (!statement)
		return state_end(state, -1, err);
	state_bind_text(state, statement, 1, name);
	int failed = state_finish(state, statement, "remove a token", err);
	if (failed == 0 && sqlite3_changes(state->db) == 0)
		failed = err_kind(err, ERR_NO_OBJECT, "there is no token '%.64s'", name);
	if (failed == 0)
		failed = state_audit(state, now_s, who, err, "token revoke %s", name);
	return state_end(state, failed, err);
}
