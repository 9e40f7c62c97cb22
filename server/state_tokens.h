/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_tokens.h
 *
 * API tokens: whoever has one is the admin's script, with a role, until it expires.  A token is 256
 * random bits and lies here as its hash only.
 */
#ifndef SERVER_STATE_TOKENS_H
#define SERVER_STATE_TOKENS_H

#include "admin/admin.h"
#include "server/state.h"

#define STATE_API_TOKEN_LEN 32
#define STATE_API_TOKEN_TEXT 52 /* ADMIN_TOKEN_PREFIX, base64url without padding, NUL */

struct state_token {
	struct admin_token is;
	int64_t created_s;
};

/* `text` is a secret: wipe it when it has been shown.  ERR_FAILED: there is one of that name, or
 * ADMIN_MAX_TOKENS. */
int state_token_add(struct state *state, const char *name, enum admin_role role, int64_t expires_s,
		    int64_t now_s, const char *who, char text[static STATE_API_TOKEN_TEXT],
		    struct err *err);
/* In order of names; how many; -1. */
int state_token_list(struct state *state, struct state_token token[static ADMIN_MAX_TOKENS],
		     struct err *err);
/* ERR_NO_OBJECT */
int state_token_revoke(struct state *state, const char *name, int64_t now_s, const char *who,
		       struct err *err);

#endif
