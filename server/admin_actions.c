/* SPDX-License-Identifier: Apache-2.0 */
/* server/admin_actions.c - requests about who may administer, on the state file. */
#include "base/bytes.h"
#include "base/rpc.h"
#include "server/account_private.h"
#include "server/state_admin.h"

static json_t *done(int failed)
{
	return failed < 0 ? NULL : json_pack("{s:i}", "schema", 1);
}

json_t *account_admin_passwd(const struct account *account, struct err *err)
{
	const char *hash;

	if (account_hash(account, &hash, err) < 0)
		return NULL;
	return done(
		state_admin_set_password(account->state, hash, account->now_s, account->who, err));
}

static int set_code(const struct account *account, const char *name, const uint8_t *secret,
		    struct err *err)
{
	return state_admin_set_code(account->state, secret, account->now_s, account->who, err);
}

json_t *account_admin_totp(const struct account *account, struct err *err)
{
	return account_totp(account, "admin", set_code, err);
}

json_t *account_user_role(const struct account *account, struct err *err)
{
	const char *name = rpc_string(account->request, "name", err);
	const char *text = rpc_string(account->request, "role", err);
	enum admin_role role = text ? admin_role_of(text) : ADMIN_ROLES;

	if (!name || !text)
		return NULL;
	if (role == ADMIN_ROLES) {
		err_kind(err, ERR_USAGE, "a user's role is none, read-only or admin");
		return NULL;
	}
	return done(
		state_user_set_role(account->state, name, role, account->now_s, account->who, err));
}
