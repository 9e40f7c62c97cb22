/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_promises.c - what hosts were promised about prefixes, in the state file.
 *
 * A table of promises is small and changes seldom: it is written as a whole; and a change of the
 * configuration may be one of hundreds of tables, which are then one write to the disk.
 */
#include "server/state_private.h"

#include <stdio.h>

enum { ON_LINK = 1, AUTONOMOUS = 2, PD_PREFERRED = 4, CONFIGURED = 8, COUNTS_DOWN = 16 };

static int64_t flags_of(const struct ra_promise *promise)
{
	return (promise->prefix.on_link ? ON_LINK : 0) |
	       (promise->prefix.autonomous ? AUTONOMOUS : 0) |
	       (promise->prefix.pd_preferred ? PD_PREFERRED : 0) |
	       (promise->configured ? CONFIGURED : 0) | (promise->counts_down ? COUNTS_DOWN : 0);
}

static int insert(struct state *state, const struct state_scope *scope,
		  const struct ra_promise *promise, struct err *err)
{
	char prefix[PREFIX6_TEXT], router[IP6_TEXT] = "";
	sqlite3_stmt *statement =
		state_prepare(state, "INSERT INTO promise VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", err);

	if (!statement)
		return -1;
	if (promise->prefix.has_router_address)
		ip6_text(&promise->prefix.router_address, router);
	state_bind_text(state, statement, 1, scope->user);
	state_bind_text(state, statement, 2, scope->group);
	state_bind_text(state, statement, 3, prefix6_text(&promise->prefix.prefix, prefix));
	state_bind_number(state, statement, 4, flags_of(promise));
	state_bind_text(state, statement, 5, router);
	state_bind_number(state, statement, 6, promise->prefix.valid_s);
	state_bind_number(state, statement, 7, promise->prefix.preferred_s);
	state_bind_number(state, statement, 8, (int64_t)promise->since_s);
	state_bind_number(state, statement, 9, (int64_t)promise->until_s);
	return state_finish(state, statement, "note what was promised", err);
}

static int delete_all(struct state *state, const struct state_scope *scope, struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state, "DELETE FROM promise WHERE user = ? AND member_of = ?", err);

	if (!statement)
		return -1;
	state_bind_text(state, statement, 1, scope->user);
	state_bind_text(state, statement, 2, scope->group);
	return state_finish(state, statement, "note what was promised", err);
}

int state_promises_begin(struct state *state, struct err *err)
{
	return state_exec(state, "BEGIN IMMEDIATE", "write to it", err);
}

int state_promises_end(struct state *state, int failed, struct err *err)
{
	if (failed == 0 && state_exec(state, "COMMIT", "write to it", err) == 0)
		return 0;
	sqlite3_exec(state->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

int state_promises_write(struct state *state, const struct state_scope *scope,
			 const struct ra_promises *promises, struct err *err)
{
	int failed = delete_all(state, scope, err);

	for (unsigned i = 0; i < promises->count && failed == 0; i++)
		failed = insert(state, scope, &promises->promise[i], err);
	return failed;
}

static const char *text_of(sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	return text ? (const char *)text : "";
}

/* False: a hand or a broken disk wrote it. */
static bool read_row(sqlite3_stmt *statement, struct state_scope *scope, struct ra_promise *promise)
{
	struct ra_prefix *prefix = &promise->prefix;
	int64_t flags = sqlite3_column_int64(statement, 3);
	int64_t number[4];
	const char *router = text_of(statement, 4);
	struct err err;

	*promise = (struct ra_promise) { 0 };
	snprintf(scope->user, sizeof(scope->user), "%s", text_of(statement, 0));
	snprintf(scope->group, sizeof(scope->group), "%s", text_of(statement, 1));
	for (int i = 0; i < 4; i++) {
		number[i] = sqlite3_column_int64(statement, 5 + i);
		if (number[i] < 0 || (i < 2 && number[i] > RA_FOREVER))
			return false;
	}
	prefix->on_link = flags & ON_LINK;
	prefix->autonomous = flags & AUTONOMOUS;
	prefix->pd_preferred = flags & PD_PREFERRED;
	prefix->valid_s = (uint32_t)number[0];
	prefix->preferred_s = (uint32_t)number[1];
	prefix->has_router_address = router[0] != '\0';
	promise->configured = flags & CONFIGURED;
	promise->counts_down = flags & COUNTS_DOWN;
	promise->since_s = (uint64_t)number[2];
	promise->until_s = (uint64_t)number[3];
	return prefix6_parse(text_of(statement, 2), &prefix->prefix, &err) == 0 &&
	       (!prefix->has_router_address ||
		ip6_parse(router, &prefix->router_address, &err) == 0);
}

int state_promises_read(struct state *state, state_promise_visit each, void *owner, struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state,
			      "SELECT user, member_of, prefix, flags, router_address, valid_s,"
			      " preferred_s, since_s, until_s FROM promise",
			      err);
	struct state_scope scope;
	struct ra_promise promise;
	int result, failed = 0;

	if (!statement)
		return -1;
	while ((result = state_step(state, statement)) == SQLITE_ROW)
		if (read_row(statement, &scope, &promise))
			each(owner, &scope, &promise);
	if (result != SQLITE_DONE)
		failed = state_fail(state, err, "read what was promised");
	sqlite3_finalize(statement);
	return failed;
}
