/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_bind.c - values into statements, and their steps.
 *
 * What cannot be bound (no memory, longer than SQLite takes, no such parameter) is NULL to SQLite,
 * and NULL has a meaning here: no password, no code.  So the first failure is kept, the statement
 * does not run, and state_fail tells of it as of any other.
 */
#include "server/state_private.h"

static void keep(struct state *state, int result)
{
	if (state->unbound == SQLITE_OK)
		state->unbound = result;
}

void state_bind_text(struct state *state, sqlite3_stmt *statement, int parameter, const char *text)
{
	keep(state, sqlite3_bind_text(statement, parameter, text, -1, SQLITE_STATIC));
}

void state_bind_blob(struct state *state, sqlite3_stmt *statement, int parameter, const void *data,
		     size_t len)
{
	keep(state, sqlite3_bind_blob64(statement, parameter, data, len, SQLITE_STATIC));
}

void state_bind_number(struct state *state, sqlite3_stmt *statement, int parameter, int64_t number)
{
	keep(state, sqlite3_bind_int64(statement, parameter, number));
}

int state_step(struct state *state, sqlite3_stmt *statement)
{
	return state->unbound == SQLITE_OK ? sqlite3_step(statement) : state->unbound;
}
