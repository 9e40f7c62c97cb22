/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_private.h - what the files state*.c share, and nobody else. */
#ifndef SERVER_STATE_PRIVATE_H
#define SERVER_STATE_PRIVATE_H

#include <sqlite3.h>

#include "server/state.h"

/* Statements that each login runs; none of them has a secret in its rows. */
enum state_often { STATE_OFTEN_USER, STATE_OFTEN_CERTIFICATE, STATE_OFTEN };

struct state {
	sqlite3 *db;
	sqlite3_stmt *often[STATE_OFTEN]; /* prepared when they are wanted first */
	int unbound; /* why a value could not be bound (state_bind.c), until state_fail tells it */
	char path[300];
};

/* "PATH: cannot DOING: what SQLite says", of the step or what could not be bound for it.  -1. */
int state_fail(struct state *state, struct err *err, const char *doing);
int state_exec(struct state *state, const char *sql, const char *doing, struct err *err);
sqlite3_stmt *state_prepare(struct state *state, const char *sql,
			    struct err *err); /* NULL: failed */
/* Likewise, of one that is kept; it is not for sqlite3_finalize, but for state_put_back. */
sqlite3_stmt *state_take_often(struct state *state, enum state_often which, const char *sql,
			       struct err *err);
/* It holds nothing of the file afterwards, nor of what was bound. */
void state_put_back(sqlite3_stmt *statement);
/* Runs a statement that gives no rows, and finalizes it. */
int state_finish(struct state *state, sqlite3_stmt *statement, const char *doing, struct err *err);
/* state_bind.c.  What is bound is valid until the statement has run; text or data may be NULL. */
void state_bind_text(struct state *state, sqlite3_stmt *statement, int parameter, const char *text);
void state_bind_blob(struct state *state, sqlite3_stmt *statement, int parameter, const void *data,
		     size_t len);
void state_bind_number(struct state *state, sqlite3_stmt *statement, int parameter, int64_t number);
/* What sqlite3_step says; not run, what binding said, if that failed. */
int state_step(struct state *state, sqlite3_stmt *statement);
void state_copy_text(sqlite3_stmt *statement, int column, char *to, size_t cap);

/* state_audit.c: a change and its line in the audit log are one transaction.  state_end: it is on
 * disk, or (failed < 0, or it cannot be) nothing of it is. */
int state_begin(struct state *state, struct err *err);
int state_end(struct state *state, int failed, struct err *err);
int state_audit(struct state *state, int64_t now_s, const char *who, struct err *err,
		const char *format, ...) __attribute__((format(printf, 5, 6)));

/* state_users.c: the columns of a user, and what is in them. */
#define STATE_USER_COLUMNS                                                          \
	"name, member_of, user.created_s, password IS NOT NULL, code IS NOT NULL, " \
	"expires_s, blocked_s, blocked_why, role"
#define STATE_USER_COLUMN_COUNT 9
void state_read_user(sqlite3_stmt *statement, struct state_user *user);
/* Within a transaction: state_user_add. */
int state_user_insert(struct state *state, const char *name, const char *group, int64_t expires_s,
		      int64_t now_s, const char *who, struct err *err);
/* ERR_NO_OBJECT if the statement before changed nothing. */
int state_changed_user(struct state *state, const char *name, struct err *err);

/* state_authorities.c: a CA's row; the newest first, all of them. */
struct state_authority_row {
	int64_t id, created_s, distrusted_s;
	struct pki_description is;
	char certificate[PKI_PEM_MAX], cross[PKI_PEM_MAX];
};
typedef int (*state_authority_visit)(void *owner, const struct state_authority_row *row,
				     struct err *err);
int state_authorities_visit(struct state *state, state_authority_visit each, void *owner,
			    struct err *err);
/* A statement with one parameter. */
int state_run_with_id(struct state *state, const char *sql, int64_t id, struct err *err);

/* state_certificates.c: the digits of a fingerprint, or its beginning, upper-case, without colons. */
int state_fingerprint_digits(const char *text, char digits[static PKI_FINGERPRINT_TEXT],
			     struct err *err);
/* Within a transaction. */
int state_certificate_insert(struct state *state, const char *user,
			     const struct pki_description *certificate, int64_t now_s,
			     struct err *err);

#endif
