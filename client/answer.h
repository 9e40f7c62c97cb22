/* SPDX-License-Identifier: Apache-2.0 */
/* client/answer.h
 *
 * Answers what the server asks of an uplink's login: a password from where the profile says, else
 * what was typed before, else what a person types now; a code always from a person.  While somebody
 * types, the uplink waits with its next attempt.
 */
#ifndef CLIENT_ANSWER_H
#define CLIENT_ANSWER_H

#include "client/profile.h"
#include "client/uplink_login.h"

struct answerer;

/* Both outlive it. */
struct answerer *answerer_new(uv_loop_t *loop, const struct profile *profile, struct err *err);
/* Wipes all it has; the loop must run once more.  NULL is fine. */
void answerer_free(struct answerer *answerer);

/* A login begins: nothing has been answered in it.  What the last one was refused for is forgotten. */
void answerer_begin(struct answerer *answerer, enum goodbye_reason last);
/* The uplink's event.  The answer goes there at once, or later, or it gives up (ERR_LOGIN). */
void answerer_ask(struct answerer *answerer, struct uplink *uplink, const struct ask *ask);

#endif
