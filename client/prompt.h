/* SPDX-License-Identifier: Apache-2.0 */
/* client/prompt.h
 *
 * Asks a person on the terminal that the process was started from, without echo and without holding
 * up the loop.  The terminal is as before when it is over, however that comes.
 */
#ifndef CLIENT_PROMPT_H
#define CLIENT_PROMPT_H

#include <uv.h>

#include "base/err.h"
#include "client/secret.h"

struct prompt;
/*
 * Once: what was typed, which the callee may take (then leaves it empty); or why it came to
 * nothing.  The prompt is closed by then.
 */
typedef void (*prompt_done)(void *owner, struct secret *typed, const struct err *err);

/* `text` is shown as it is.  NULL and a sentence if there is no terminal, or others are using it. */
struct prompt *prompt_open(uv_loop_t *loop, const char *text, prompt_done done, void *owner,
			   struct err *err);
/* Gives it up; `done` is not called.  The loop must run once more.  NULL is fine. */
void prompt_close(struct prompt *prompt);

#endif
