/* SPDX-License-Identifier: Apache-2.0 */
/* server/account_actions.h
 *
 * What an admin does with passwords, codes, expiry, invitations and certificates, and the audit
 * log: each a request and an answer in JSON, on the state file.  The same code runs in the server
 * (asked through its socket, actions_accounts.c, which then looks at who is connected) and in the
 * command where no server runs.
 */
#ifndef SERVER_ACCOUNT_ACTIONS_H
#define SERVER_ACCOUNT_ACTIONS_H

#include <jansson.h>

#include "server/config.h"
#include "server/state.h"

#define INVITE_URL_MAX 384 /* lanyard://HOST[:PORT]/TOKEN#FINGERPRINT */
#define AUDIT_SHOWN 1000   /* lines: the newest */

/* Who asks, as the audit log has it: the request's `who`, else the control socket. */
const char *account_who(const json_t *request);

/*
 * `verb` of the request is one of "user block", "user unblock", "user expire", "user passwd", "user
 * totp", "invite", "invite list", "invite revoke", "cert list", "cert revoke", "cert
 * rotate", "cert distrust", "audit",
 * "token add", "token list", "token revoke", "admin passwd", "admin totp", "user role".
 * NULL and a sentence.  Answers of "user totp", "admin totp", "invite" and "token add" hold a secret.
 */
json_t *account_run(struct state *state, const struct server_config *config, const json_t *request,
		    struct err *err);

#endif
