/* SPDX-License-Identifier: Apache-2.0 */
/* server/account_private.h - what account_actions.c and the files it hands its verbs to share. */
#ifndef SERVER_ACCOUNT_PRIVATE_H
#define SERVER_ACCOUNT_PRIVATE_H

#include "server/account_actions.h"

/* What an action has to do with. */
struct account {
	struct state *state;
	const struct server_config *config;
	const json_t *request;
	const char *who;
	int64_t now_s;
};

/* The request's `hash`: text and a result of 0, or null and NULL; -1 and a sentence. */
int account_hash(const struct account *account, const char **hash, struct err *err);
/* New one-time codes for a user or ("") the administrator: the answer that shows their secret. */
json_t *account_totp(const struct account *account, const char *name,
		     int (*set)(const struct account *account, const char *name,
				const uint8_t *secret, struct err *err),
		     struct err *err);

/* admin_actions.c */
json_t *account_admin_passwd(const struct account *account, struct err *err);
json_t *account_admin_totp(const struct account *account, struct err *err);
json_t *account_user_role(const struct account *account, struct err *err);
/* token_actions.c */
json_t *account_token_add(const struct account *account, struct err *err);
json_t *account_token_list(const struct account *account, struct err *err);
json_t *account_token_revoke(const struct account *account, struct err *err);

#endif
