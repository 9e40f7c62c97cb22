/* SPDX-License-Identifier: Apache-2.0 */
/* server/prover.h
 *
 * Passwords held against their hashes, off the greeter's loop: each takes PASSWORD_MEMORY_KIB and a
 * good part of a second of a core, so only a few run at once, at a low priority, and the others
 * wait, those whose source has failed least in front.  Greeter's thread only.
 *
 * Or a program judges them (auth-command): it gets two lines on its standard input, the user and
 * the password, and ends with status 0 if that is right.
 */
#ifndef SERVER_PROVER_H
#define SERVER_PROVER_H

#include <uv.h>

#include "server/password.h"
#include "tls/message_login.h"

#define PROVER_WAITING_MAX 512
#define PROVER_COMMAND_MAX 256
#define PROVER_COMMANDS_AT_ONCE 16
#define PROVER_COMMAND_MS 10000 /* then it is killed, and the answer is no */

struct prover_question {
	char hash[PASSWORD_HASH_MAX]; /* or password_decoy's */
	char secret[MESSAGE_SECRET_MAX];
	struct password_cost cost; /* what a new hash of it would have */
	unsigned failures;	   /* of its source */
	uint64_t hold_ms;	   /* not before so long */
	/* Not empty: a file's absolute path, and arguments between blanks; no shell. */
	char command[PROVER_COMMAND_MAX];
	char user[MESSAGE_USER_MAX]; /* for the command */
};

/* `raised`: a new hash of the same password, where the old one is too weak by now; or "". */
typedef void (*prover_done)(void *owner, bool right, const char *raised);

struct prover;
struct prover_job;

/* `at_once` is at least 1. */
struct prover *prover_new(uv_loop_t *loop, unsigned at_once, struct err *err);
/* Gives up what waits; what runs ends by itself, its loop must run until then. */
void prover_free(struct prover *prover);
/* Copies the question; wipes its copies.  NULL: too many wait already, or no memory. */
struct prover_job *prover_ask(struct prover *prover, const struct prover_question *question,
			      prover_done done, void *owner);
/* The owner is gone: `done` will not be called. */
void prover_forget(struct prover_job *job);

#endif
