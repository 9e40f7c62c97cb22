/* SPDX-License-Identifier: Apache-2.0 */
/* server/actions.h - actions of the control socket that are not in actions.c, where their table is.
 * Owner: struct server.  See struct rpc_action. */
#ifndef SERVER_ACTIONS_H
#define SERVER_ACTIONS_H

#include "base/rpc.h"

/* actions_accounts.c */
json_t *actions_account_read(void *owner, const json_t *request, struct err *err);
json_t *actions_user_block(void *owner, const json_t *request, struct err *err);
json_t *actions_user_expire(void *owner, const json_t *request, struct err *err);
json_t *actions_user_passwd(void *owner, const json_t *request, struct err *err);
json_t *actions_user_totp(void *owner, const json_t *request, struct err *err);
json_t *actions_user_sign(void *owner, const json_t *request, struct err *err);
json_t *actions_invite_revoke(void *owner, const json_t *request, struct err *err);
json_t *actions_invite(void *owner, const json_t *request, struct err *err);
json_t *actions_cert_revoke(void *owner, const json_t *request, struct err *err);
json_t *actions_cert_rotate(void *owner, const json_t *request, struct err *err);
json_t *actions_cert_distrust(void *owner, const json_t *request, struct err *err);

/* actions_admin.c */
json_t *actions_token_change(void *owner, const json_t *request, struct err *err);
json_t *actions_admin_change(void *owner, const json_t *request, struct err *err);
struct server;
/* A line in the audit log of what a request did that is not in the state file. */
void actions_note(struct server *server, const json_t *request, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
