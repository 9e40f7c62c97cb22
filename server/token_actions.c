/* SPDX-License-Identifier: Apache-2.0 */
/* server/token_actions.c - requests about API tokens, on the state file. */
#include <sodium.h>

#include "base/rpc.h"
#include "server/account_private.h"
#include "server/state_tokens.h"

/* Where a request does not say: a script that only looks is the usual one. */
static int read_role(const json_t *request, enum admin_role *role, struct err *err)
{
	const json_t *is = json_object_get(request, "role");
	const char *name = is ? json_string_value(is) : admin_role_name[ADMIN_READ];

	*role = name ? admin_role_of(name) : ADMIN_ROLES;
	return *role == ADMIN_READ || *role == ADMIN_ALL
		       ? 0
		       : err_kind(err, ERR_USAGE, "a token's role is read-only or admin");
}

json_t *account_token_add(const struct account *account, struct err *err)
{
	const json_t *request = account->request;
	const char *name = rpc_string(request, "name", err);
	json_int_t expires_s = json_integer_value(json_object_get(request, "expires_s"));
	char text[STATE_API_TOKEN_TEXT];
	enum admin_role role;

	if (!name || read_role(request, &role, err) < 0 ||
	    state_token_add(account->state, name, role, expires_s, account->now_s, account->who,
			    text, err) < 0)
		return NULL;
	json_t *answer = json_pack("{s:i, s:s, s:s, s:s, s:I}", "schema", 1, "name", name, "role",
				   admin_role_name[role], "token", text, "expires_s", expires_s);
	sodium_memzero(text, sizeof(text));
	return answer;
}

json_t *account_token_list(const struct account *account, struct err *err)
{
	struct state_token token[ADMIN_MAX_TOKENS];
	int count = state_token_list(account->state, token, err);
	json_t *rows = count < 0 ? NULL : json_array();

	for (int i = 0; i < count; i++) {
		int64_t expires_s = token[i].is.expires_s;

		json_array_append_new(
			rows, json_pack("{s:s, s:s, s:I, s:I, s:b}", "name", token[i].is.name,
					"role", admin_role_name[token[i].is.role], "created_s",
					(json_int_t)token[i].created_s, "expires_s",
					(json_int_t)expires_s, "expired",
					expires_s != 0 && expires_s <= account->now_s));
	}
	return rows ? json_pack("{s:i, s:o}", "schema", 1, "tokens", rows) : NULL;
}

json_t *account_token_revoke(const struct account *account, struct err *err)
{
	const char *name = rpc_string(account->request, "name", err);

	if (!name ||
	    state_token_revoke(account->state, name, account->now_s, account->who, err) < 0)
		return NULL;
	return json_pack("{s:i}", "schema", 1);
}
