/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_private.h - what state.c and state_users.c share, and nobody else. */
#ifndef SERVER_STATE_PRIVATE_H
#define SERVER_STATE_PRIVATE_H

#include <sqlite3.h>

#include "server/state.h"

struct state {
	sqlite3 *db;
	char path[300];
};

/* "PATH: cannot DOING: what SQLite says".  -1. */
int state_fail(struct state *state, struct err *err, const char *doing);
int state_exec(struct state *state, const char *sql, const char *doing, struct err *err);
sqlite3_stmt *state_prepare(struct state *state, const char *sql,
			    struct err *err); /* NULL: failed */
/* Runs a statement that gives no rows, and finalizes it. */
int state_finish(struct state *state, sqlite3_stmt *statement, const char *doing, struct err *err);

#endif
