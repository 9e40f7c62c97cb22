/* SPDX-License-Identifier: Apache-2.0 */
/* server/token_actions.h - account_run's "token add", "token list" and "token revoke". */
#ifndef SERVER_TOKEN_ACTIONS_H
#define SERVER_TOKEN_ACTIONS_H

#include <jansson.h>

#include "server/state.h"

/* The answer of "token add" holds a secret. */
json_t *token_add(struct state *state, const json_t *request, int64_t now_s, const char *who,
		  struct err *err);
json_t *token_list(struct state *state, int64_t now_s, struct err *err);
json_t *token_revoke(struct state *state, const json_t *request, int64_t now_s, const char *who,
		     struct err *err);

#endif
