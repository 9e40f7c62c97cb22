/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_leases.c - DHCPv6 leases and reservations in the state file. */
#include "server/state_leases.h"

#include <stdio.h>
#include <stdlib.h>

#include "server/state_private.h"

struct state_leases {
	struct state *state;
	sqlite3_stmt *put, *remove; /* prepared once: thousands of leases come in a second */
};

#define COLUMNS                                                                                   \
	"what, registered, kind, state, user, duid, iaid, reconfigure, mac, host, peer,"          \
	" since_s, renewed_s, until_s, preferred_s, valid_s, interface_id, remote_id, excluded, " \
	"id"

void state_leases_close(struct state_leases *leases)
{
	if (!leases)
		return;
	sqlite3_finalize(leases->put);
	sqlite3_finalize(leases->remove);
	free(leases);
}

struct state_leases *state_leases_open(struct state *state, struct err *err)
{
	struct state_leases *leases = calloc(1, sizeof(*leases));

	if (!leases) {
		err_set(err, "out of memory");
		return NULL;
	}
	leases->state = state;
	leases->put = state_prepare(state,
				    "INSERT OR REPLACE INTO lease (" COLUMNS ") VALUES"
				    " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
				    err);
	leases->remove = state_prepare(state, "DELETE FROM lease WHERE id = ?", err);
	if (leases->put && leases->remove)
		return leases;
	state_leases_close(leases);
	return NULL;
}

/* ---- writing ---- */

int state_leases_begin(void *owner, struct err *err)
{
	struct state_leases *leases = owner;

	return state_exec(leases->state, "BEGIN IMMEDIATE", "write leases to it", err);
}

int state_leases_commit(void *owner, struct err *err)
{
	struct state_leases *leases = owner;

	return state_exec(leases->state, "COMMIT", "write leases to it", err);
}

void state_leases_rollback(void *owner)
{
	struct state_leases *leases = owner;

	/* of a failed COMMIT SQLite may have done it by itself: then this fails, and is no news */
	sqlite3_exec(leases->state->db, "ROLLBACK", NULL, NULL, NULL);
}

static int step(struct state_leases *leases, sqlite3_stmt *statement, struct err *err)
{
	int result = state_step(leases->state, statement);
	int failed =
		result == SQLITE_DONE ? 0 : state_fail(leases->state, err, "write leases to it");

	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return failed;
}

int state_leases_put(void *owner, const struct dhcp6_lease *lease, struct err *err)
{
	struct state_leases *leases = owner;
	sqlite3_stmt *put = leases->put;
	char what[PREFIX6_TEXT], excluded[PREFIX6_TEXT] = "";

	if (lease->takes_exclude)
		prefix6_text(&lease->excluded, excluded);
	state_bind_text(leases->state, put, 1, prefix6_text(&lease->what, what));
	state_bind_number(leases->state, put, 2, lease->kind == DHCP6_REGISTERED);
	state_bind_text(leases->state, put, 3, dhcp6_kind_name[lease->kind]);
	state_bind_text(leases->state, put, 4, dhcp6_state_name[lease->state]);
	state_bind_text(leases->state, put, 5, lease->user);
	state_bind_blob(leases->state, put, 6, lease->duid.octet, lease->duid.len);
	state_bind_number(leases->state, put, 7, lease->iaid);
	state_bind_number(leases->state, put, 8, lease->reconfigure);
	state_bind_blob(leases->state, put, 9, &lease->mac,
			lease->has_mac ? sizeof(lease->mac) : 0);
	state_bind_text(leases->state, put, 10, lease->host);
	state_bind_blob(leases->state, put, 11, &lease->peer, sizeof(lease->peer));
	state_bind_number(leases->state, put, 12, (int64_t)lease->since_s);
	state_bind_number(leases->state, put, 13, (int64_t)lease->renewed_s);
	state_bind_number(leases->state, put, 14, (int64_t)lease->until_s);
	state_bind_number(leases->state, put, 15, lease->preferred_s);
	state_bind_number(leases->state, put, 16, lease->valid_s);
	state_bind_blob(leases->state, put, 17, lease->interface_id.octet, lease->interface_id.len);
	state_bind_blob(leases->state, put, 18, lease->remote_id.octet, lease->remote_id.len);
	state_bind_text(leases->state, put, 19, excluded);
	state_bind_number(leases->state, put, 20, (int64_t)lease->row);
	return step(leases, put, err);
}

int state_leases_remove(void *owner, const struct dhcp6_lease *lease, struct err *err)
{
	struct state_leases *leases = owner;

	state_bind_number(leases->state, leases->remove, 1, (int64_t)lease->row);
	return step(leases, leases->remove, err);
}

int state_leases_shift(struct state *state, int64_t by_s, struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state,
			      "UPDATE lease SET since_s = max(0, since_s + ?1),"
			      " renewed_s = max(0, renewed_s + ?1),"
			      /* what has no end has none afterwards either */
			      " until_s = iif(until_s = ?2, until_s, max(0, until_s + ?1))",
			      err);

	if (!statement)
		return -1;
	state_bind_number(state, statement, 1, by_s);
	state_bind_number(state, statement, 2, (int64_t)UINT64_MAX);
	return state_finish(state, statement, "write leases to it", err);
}

/* ---- reading ---- */

static const char *text_of(sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	return text ? (const char *)text : "";
}

static int index_of(const char *text, const char *const *names, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (strcmp(names[i], text) == 0)
			return (int)i;
	return -1;
}

static bool copy_text(sqlite3_stmt *statement, int column, char *to, size_t cap)
{
	return (size_t)snprintf(to, cap, "%s", text_of(statement, column)) < cap;
}

/* False: as in read_row. */
static bool copy_blob(sqlite3_stmt *statement, int column, void *to, int len)
{
	if (sqlite3_column_bytes(statement, column) != len)
		return false;
	memcpy(to, sqlite3_column_blob(statement, column), (size_t)len);
	return true;
}

static bool read_numbers(sqlite3_stmt *statement, struct dhcp6_lease *row)
{
	int64_t id = sqlite3_column_int64(statement, 19);
	int64_t iaid = sqlite3_column_int64(statement, 6);
	int64_t preferred_s = sqlite3_column_int64(statement, 14);
	int64_t valid_s = sqlite3_column_int64(statement, 15);

	if (iaid < 0 || iaid > UINT32_MAX || preferred_s < 0 || preferred_s > UINT32_MAX ||
	    valid_s < 0 || valid_s > UINT32_MAX || id < 1)
		return false;
	row->row = (uint64_t)id;
	row->iaid = (uint32_t)iaid;
	row->preferred_s = (uint32_t)preferred_s;
	row->valid_s = (uint32_t)valid_s;
	row->reconfigure = sqlite3_column_int(statement, 7) != 0;
	row->since_s = (uint64_t)sqlite3_column_int64(statement, 11);
	row->renewed_s = (uint64_t)sqlite3_column_int64(statement, 12);
	row->until_s = (uint64_t)sqlite3_column_int64(statement, 13);
	return true;
}

/* False: as in read_row. */
static bool copy_relay_id(sqlite3_stmt *statement, int column, struct dhcp6_relay_id *id)
{
	int len = sqlite3_column_bytes(statement, column);

	if (len > (int)sizeof(id->octet))
		return false;
	id->len = (uint8_t)len;
	return len == 0 || copy_blob(statement, column, id->octet, len);
}

/* False: as in read_row. */
static bool read_excluded(sqlite3_stmt *statement, struct dhcp6_lease *row)
{
	const char *text = text_of(statement, 18);
	struct err unused;

	row->takes_exclude = text[0] != '\0';
	return !row->takes_exclude || prefix6_parse(text, &row->excluded, &unused) == 0;
}

/* False: a hand or a broken disk wrote it. */
static bool read_row(sqlite3_stmt *statement, struct dhcp6_lease *row)
{
	int kind = index_of(text_of(statement, 2), dhcp6_kind_name, DHCP6_KINDS);
	int state = index_of(text_of(statement, 3), dhcp6_state_name, DHCP6_STATES);
	int duid_len = sqlite3_column_bytes(statement, 5);
	struct err unused;

	*row = (struct dhcp6_lease) { 0 };
	if (kind < 0 || state < 0 ||
	    (sqlite3_column_int(statement, 1) != 0) != (kind == DHCP6_REGISTERED) ||
	    duid_len < DHCP6_DUID_MIN || duid_len > DHCP6_DUID_MAX)
		return false;
	row->kind = (enum dhcp6_kind)kind;
	row->state = (enum dhcp6_state)state;
	row->duid.len = (uint8_t)duid_len;
	row->has_mac = sqlite3_column_bytes(statement, 8) > 0;
	return prefix6_parse(text_of(statement, 0), &row->what, &unused) == 0 &&
	       copy_text(statement, 4, row->user, sizeof(row->user)) &&
	       copy_blob(statement, 5, row->duid.octet, duid_len) &&
	       (!row->has_mac || copy_blob(statement, 8, &row->mac, sizeof(row->mac))) &&
	       copy_text(statement, 9, row->host, sizeof(row->host)) &&
	       copy_blob(statement, 10, &row->peer, sizeof(row->peer)) &&
	       copy_relay_id(statement, 16, &row->interface_id) &&
	       copy_relay_id(statement, 17, &row->remote_id) && read_excluded(statement, row) &&
	       read_numbers(statement, row);
}

int state_leases_read(struct state *state, state_lease_visit each, void *owner, unsigned *bad,
		      struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state, "SELECT " COLUMNS " FROM lease ORDER BY id", err);
	struct dhcp6_lease row;
	int result, failed = 0;

	*bad = 0;
	if (!statement)
		return -1;
	while ((result = state_step(state, statement)) == SQLITE_ROW) {
		if (read_row(statement, &row))
			each(owner, &row);
		else
			++*bad;
	}
	if (result != SQLITE_DONE)
		failed = state_fail(state, err, "read its leases");
	sqlite3_finalize(statement);
	return failed;
}

int state_leases_newest(struct state *state, uint64_t *at_s, struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state, "SELECT coalesce(max(renewed_s), 0) FROM lease", err);
	int failed = 0;

	if (!statement)
		return -1;
	if (state_step(state, statement) == SQLITE_ROW)
		*at_s = (uint64_t)sqlite3_column_int64(statement, 0);
	else
		failed = state_fail(state, err, "read its leases");
	sqlite3_finalize(statement);
	return failed;
}

/* ---- reservations ---- */

int state_reservations_read(struct state *state, state_reservation_visit each, void *owner,
			    struct err *err)
{
	sqlite3_stmt *statement = state_prepare(state, "SELECT line FROM reservation", err);
	int result, failed = 0;

	if (!statement)
		return -1;
	while ((result = state_step(state, statement)) == SQLITE_ROW)
		each(owner, text_of(statement, 0));
	if (result != SQLITE_DONE)
		failed = state_fail(state, err, "read its reservations");
	sqlite3_finalize(statement);
	return failed;
}

int state_reservation_put(struct state *state, const char *what, const char *line, struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state, "INSERT OR REPLACE INTO reservation VALUES (?, ?)", err);

	if (!statement)
		return -1;
	state_bind_text(state, statement, 1, what);
	state_bind_text(state, statement, 2, line);
	return state_finish(state, statement, "write to it", err);
}

int state_reservation_remove(struct state *state, const char *what, struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state, "DELETE FROM reservation WHERE what = ?", err);

	if (!statement)
		return -1;
	state_bind_text(state, statement, 1, what);
	if (state_finish(state, statement, "write to it", err) < 0)
		return -1;
	if (sqlite3_changes(state->db) == 0)
		return err_kind(err, ERR_NO_OBJECT, "nothing was reserved by hand at %s", what);
	return 0;
}
