/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_authorities.c - CAs and the server's own certificate, in the state file. */
#include "server/state_authorities.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/state_private.h"

#define DAY_S 86400
#define AUTHORITY_NAME "Lanyard CA"
#define AUTHORITY_DAYS 3650
#define SERVER_DAYS \
	AUTHORITY_DAYS	   /* the CA's key lies beside it: a shorter life protects nothing */
#define CLOCK_SLACK_S 3600 /* certificates begin in the past: clients' clocks differ */

/* ---- rows ---- */

/* The newest row of a table with certificate and key: 1 and its id, 0 if there is none, -1. */
static int newest_pair(struct state *state, const char *sql, struct pki_pair *pair, int64_t *id,
		       struct err *err)
{
	sqlite3_stmt *statement = state_prepare(state, sql, err);

	if (!statement)
		return -1;
	int result = state_step(state, statement), found = 0;
	if (result == SQLITE_ROW) {
		state_copy_text(statement, 0, pair->certificate, sizeof(pair->certificate));
		state_copy_text(statement, 1, pair->key, sizeof(pair->key));
		*id = sqlite3_column_int64(statement, 2);
		found = 1;
	} else if (result != SQLITE_DONE) {
		found = state_fail(state, err, "read it");
	}
	sqlite3_finalize(statement);
	return found;
}

#define SELECT_AUTHORITY "SELECT certificate, key, id FROM authority ORDER BY id DESC LIMIT 1"
#define SELECT_SERVER \
	"SELECT certificate, key, authority FROM server_certificate ORDER BY id DESC LIMIT 1"

static int insert_pair(struct state *state, const char *sql, const struct pki_pair *pair,
		       int64_t number, const char *cross, struct err *err)
{
	sqlite3_stmt *statement = state_prepare(state, sql, err);

	if (!statement)
		return -1;
	state_bind_text(state, statement, 1, pair->certificate);
	state_bind_text(state, statement, 2, pair->key);
	state_bind_number(state, statement, 3, number);
	if (cross)
		state_bind_text(state, statement, 4, cross);
	return state_finish(state, statement, "write to it", err);
}

/* ---- the one that signs ---- */

static int make_authority(struct state *state, const struct pki_pair *older, int64_t now_s,
			  struct pki_pair *authority, struct err *err)
{
	char cross[PKI_PEM_MAX] = "";

	if (pki_make_authority(AUTHORITY_NAME, now_s - CLOCK_SLACK_S,
			       now_s + (int64_t)AUTHORITY_DAYS * DAY_S, authority, err) < 0 ||
	    (older &&
	     pki_cross_sign(older, authority->certificate, now_s - CLOCK_SLACK_S, cross, err) < 0))
		return -1;
	return insert_pair(state,
			   "INSERT INTO authority (certificate, key, created_s, cross_certificate)"
			   " VALUES (?, ?, ?, ?)",
			   authority, now_s, cross, err);
}

int state_authority(struct state *state, int64_t now_s, struct pki_pair *authority, struct err *err)
{
	int64_t id;

	/* in one transaction: two processes at first start must agree on one CA */
	if (state_begin(state, err) < 0)
		return -1;
	int found = newest_pair(state, SELECT_AUTHORITY, authority, &id, err);
	if (found == 0)
		found = make_authority(state, NULL, now_s, authority, err);
	return state_end(state, found < 0 ? -1 : 0, err);
}

/* ---- all of them ---- */

int state_authorities_visit(struct state *state, state_authority_visit each, void *owner,
			    struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state,
			      "SELECT id, created_s, certificate, cross_certificate, distrusted_s"
			      " FROM authority ORDER BY id DESC",
			      err);
	struct state_authority_row row;
	int result, failed = 0;

	if (!statement)
		return -1;
	while (!failed && (result = state_step(state, statement)) == SQLITE_ROW) {
		row.id = sqlite3_column_int64(statement, 0);
		row.created_s = sqlite3_column_int64(statement, 1);
		state_copy_text(statement, 2, row.certificate, sizeof(row.certificate));
		state_copy_text(statement, 3, row.cross, sizeof(row.cross));
		row.distrusted_s = sqlite3_column_int64(statement, 4);
		failed = pki_describe(row.certificate, &row.is, err);
		if (!failed)
			failed = each(owner, &row, err);
	}
	if (!failed && result != SQLITE_DONE)
		failed = state_fail(state, err, "read its CAs");
	sqlite3_finalize(statement);
	return failed;
}

struct reading {
	struct state_authorities *all;
	int64_t now_s;
	bool at_top;		 /* of what is shown */
	char cross[PKI_PEM_MAX]; /* of the one before, by this one */
	char top[PKI_PEM_MAX];
};

static int append(char text[static PKI_PEM_MAX], const char *more, struct err *err)
{
	size_t len = strlen(text);

	if (len + strlen(more) >= PKI_PEM_MAX)
		return err_set(err, "there are too many CAs");
	strcpy(text + len, more);
	return 0;
}

static int read_above(struct reading *reading, const struct state_authority_row *row,
		      struct err *err)
{
	if (reading->all->count > 0)
		reading->at_top = reading->at_top || !reading->cross[0];
	if (reading->at_top)
		return 0;
	int failed = append(reading->all->above, reading->cross, err);
	memcpy(reading->cross, row->cross, sizeof(reading->cross));
	memcpy(reading->top, row->certificate, sizeof(reading->top));
	return failed;
}

static void read_distrusted(struct state_authorities *all, const struct state_authority_row *row)
{
	if (all->distrusted_count < ARRAY_LEN(all->distrusted))
		memcpy(all->distrusted[all->distrusted_count++], row->is.fingerprint,
		       PKI_FINGERPRINT_LEN);
}

static int read_row(void *owner, const struct state_authority_row *row, struct err *err)
{
	struct reading *reading = owner;
	struct state_authorities *all = reading->all;

	if (row->distrusted_s != 0) {
		read_distrusted(all, row);
		return 0;
	}
	if (all->count > 0 && row->is.not_after_s <= reading->now_s)
		return 0;
	if (all->count == ARRAY_LEN(all->is))
		return err_set(err, "there are too many CAs");
	if (read_above(reading, row, err) < 0)
		return -1;
	struct state_authority_dates *is = &all->is[all->count++];
	memcpy(is->fingerprint, row->is.fingerprint, sizeof(is->fingerprint));
	is->created_s = row->created_s;
	is->not_before_s = row->is.not_before_s;
	is->not_after_s = row->is.not_after_s;
	return append(all->trusted, row->certificate, err);
}

int state_authorities_get(struct state *state, int64_t now_s, struct state_authorities *all,
			  struct err *err)
{
	struct reading reading = { .all = all, .now_s = now_s };

	*all = (struct state_authorities) { 0 };
	return state_authorities_visit(state, read_row, &reading, err) < 0
		       ? -1
		       : append(all->above, reading.top, err);
}

/* ---- one follows the other ---- */

int state_run_with_id(struct state *state, const char *sql, int64_t id, struct err *err)
{
	sqlite3_stmt *statement = state_prepare(state, sql, err);

	if (!statement)
		return -1;
	state_bind_number(state, statement, 1, id);
	return state_finish(state, statement, "write to it", err);
}

struct ending {
	struct state *state;
	int64_t now_s;
	unsigned seen;
	int64_t id[16]; /* the rest goes the next time */
	unsigned count;
};

static int note_ended(void *owner, const struct state_authority_row *row, struct err *err)
{
	struct ending *ending = owner;

	if (ending->seen++ > 0 && row->is.not_after_s <= ending->now_s &&
	    ending->count < ARRAY_LEN(ending->id))
		ending->id[ending->count++] = row->id;
	return 0;
}

static int forget_ended(struct state *state, int64_t now_s, struct err *err)
{
	struct ending ending = { .state = state, .now_s = now_s };
	int failed = state_authorities_visit(state, note_ended, &ending, err);

	for (unsigned i = 0; i < ending.count && failed == 0; i++) {
		failed = state_run_with_id(state,
					   "DELETE FROM server_certificate WHERE authority = ?",
					   ending.id[i], err);
		if (failed == 0)
			failed = state_run_with_id(state, "DELETE FROM authority WHERE id = ?",
						   ending.id[i], err);
	}
	if (failed == 0 && ending.count > 0)
		failed = state_audit(state, now_s, STATE_AUTHORITIES_BY, err,
				     "authority end, %u of them", ending.count);
	return failed;
}

/* Whoever gets hold of an old key later gets nothing for it. */
static int forget_old_keys(struct state *state, int64_t id, struct err *err)
{
	return state_run_with_id(state, "UPDATE authority SET key = '' WHERE id <= ?", id, err);
}

static int follow(struct state *state, const struct pki_pair *older, int64_t older_id,
		  bool older_is_good, int64_t now_s, const char *who, struct err *err)
{
	char text[PKI_FINGERPRINT_TEXT];
	struct pki_description is;
	struct pki_pair made;

	if (make_authority(state, older_is_good ? older : NULL, now_s, &made, err) < 0)
		return -1;
	int failed = pki_describe(made.certificate, &is, err);
	pki_pair_wipe(&made);
	if (failed < 0 || forget_old_keys(state, older_id, err) < 0)
		return -1;
	return state_audit(state, now_s, who, err, "authority add %s",
			   pki_fingerprint_text(is.fingerprint, text));
}

static int check_room(struct state *state, int64_t now_s, struct err *err)
{
	struct state_authorities *all = malloc(sizeof(*all));
	int failed =
		all ? state_authorities_get(state, now_s, all, err) : err_set(err, "out of memory");

	if (failed == 0 && all->count >= STATE_AUTHORITIES_MAX)
		failed = err_set(err,
				 "%u CAs are trusted already; the next one can be made when one"
				 " of them has ended",
				 all->count);
	free(all);
	return failed;
}

static int keep(struct state *state, bool early, int64_t now_s, const char *who, struct err *err)
{
	struct pki_pair newest = { 0 };
	struct pki_description is;
	int64_t id;
	int found = newest_pair(state, SELECT_AUTHORITY, &newest, &id, err), result = found;

	if (found == 0)
		result = make_authority(state, NULL, now_s, &newest, err) < 0 ? -1 : 1;
	else if (found > 0)
		result = pki_describe(newest.certificate, &is, err);
	bool due = result == 0 && pki_due_s(is.not_before_s, is.not_after_s) <= now_s;
	if (result == 0 && early && !due)
		result = check_room(state, now_s, err);
	if (result == 0 && (due || early))
		result = follow(state, &newest, id, is.not_after_s > now_s, now_s,
				early ? who : STATE_AUTHORITIES_BY, err) < 0
				 ? -1
				 : 1;
	pki_pair_wipe(&newest);
	if (result >= 0 && forget_ended(state, now_s, err) < 0)
		return -1;
	return result;
}

int state_authorities_keep(struct state *state, bool early, int64_t now_s, const char *who,
			   struct err *err)
{
	if (state_begin(state, err) < 0)
		return -1;
	int result = keep(state, early, now_s, who, err);
	return state_end(state, result < 0 ? -1 : 0, err) < 0 ? -1 : result;
}

/* ---- the server's certificate ---- */

static bool still_good(const struct pki_pair *pair, const struct pki_request *request,
		       int64_t now_s)
{
	struct pki_description is;

	return pki_describe(pair->certificate, &is, NULL) == 0 &&
	       pki_due_s(is.not_before_s, is.not_after_s) > now_s && is.not_before_s <= now_s &&
	       pki_covers(pair->certificate, request);
}

static int make_server(struct state *state, const struct pki_request *request, int64_t now_s,
		       const struct pki_pair *authority, int64_t authority_id,
		       struct pki_pair *pair, struct err *err)
{
	struct pki_request dated = *request;

	dated.not_before_s = now_s - CLOCK_SLACK_S;
	dated.not_after_s = now_s + (int64_t)SERVER_DAYS * DAY_S;
	if (pki_issue(authority, &dated, pair, err) < 0 ||
	    state_exec(state, "DELETE FROM server_certificate", "write to it", err) < 0)
		return -1;
	return insert_pair(state,
			   "INSERT INTO server_certificate (certificate, key, authority)"
			   " VALUES (?, ?, ?)",
			   pair, authority_id, NULL, err);
}

int state_server_certificate(struct state *state, const struct pki_request *request, int64_t now_s,
			     struct pki_pair *pair, struct err *err)
{
	struct pki_pair authority = { 0 };
	int64_t authority_id = 0, signed_by = 0;
	int failed = -1;

	if (state_authority(state, now_s, &authority, err) < 0)
		return -1;
	if (state_begin(state, err) < 0)
		goto wipe;
	if (newest_pair(state, SELECT_AUTHORITY, &authority, &authority_id, err) > 0) {
		int found = newest_pair(state, SELECT_SERVER, pair, &signed_by, err);

		if (found < 0)
			failed = -1;
		else if (found > 0 && signed_by == authority_id && still_good(pair, request, now_s))
			failed = 0;
		else
			failed = make_server(state, request, now_s, &authority, authority_id, pair,
					     err);
	}
	failed = state_end(state, failed, err);
wipe:
	pki_pair_wipe(&authority);
	return failed;
}
