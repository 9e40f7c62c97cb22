/* SPDX-License-Identifier: Apache-2.0 */
/* server/state.c - the state file: opening, migrations, settings.
 *
 * Users are in state_users.c, our own certificates in state_authorities.c.  A step of `migrations` is never edited once it was released.
 */
#include "server/state_private.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/state_memory.h"

#define BUSY_MS 5000 /* so long another process may hold the file */
#define WAL_AGAIN_MS 5

static const char *const migrations[] = {
	/* 1 */
	"CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE authority (id INTEGER PRIMARY KEY, certificate TEXT NOT NULL,"
	"  key TEXT NOT NULL, created_s INTEGER NOT NULL) STRICT;"
	"CREATE TABLE server_certificate (id INTEGER PRIMARY KEY, certificate TEXT NOT NULL,"
	"  key TEXT NOT NULL, authority INTEGER NOT NULL REFERENCES authority(id)) STRICT;"
	"CREATE TABLE user (name TEXT PRIMARY KEY, created_s INTEGER NOT NULL) STRICT, WITHOUT "
	"ROWID;"
	"CREATE TABLE certificate (fingerprint BLOB PRIMARY KEY,"
	"  user TEXT NOT NULL REFERENCES user(name) ON DELETE CASCADE,"
	"  created_s INTEGER NOT NULL, not_after_s INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE INDEX certificate_user ON certificate(user);"
	"CREATE TABLE audit (id INTEGER PRIMARY KEY, at_s INTEGER NOT NULL, who TEXT NOT NULL,"
	"  what TEXT NOT NULL) STRICT;",
	/* 2: a user is in at most one group; '' is none */
	"ALTER TABLE user ADD COLUMN member_of TEXT NOT NULL DEFAULT '';",
	/* 3: prefixes that hosts were promised, by whom they are told; neither is a user that exists */
	"CREATE TABLE promise (user TEXT NOT NULL, member_of TEXT NOT NULL, prefix TEXT NOT NULL,"
	"  flags INTEGER NOT NULL, router_address TEXT NOT NULL, valid_s INTEGER NOT NULL,"
	"  preferred_s INTEGER NOT NULL, since_s INTEGER NOT NULL, until_s INTEGER NOT NULL,"
	"  PRIMARY KEY (user, member_of, prefix)) STRICT, WITHOUT ROWID;",
	/* 4: DHCPv6; a lease outlives the session that asked for it; `line` as in the configuration */
	"CREATE TABLE lease (what TEXT NOT NULL, registered INTEGER NOT NULL, kind TEXT NOT NULL,"
	"  state TEXT NOT NULL, user TEXT NOT NULL, duid BLOB NOT NULL, iaid INTEGER NOT NULL,"
	"  reconfigure INTEGER NOT NULL, mac BLOB, host TEXT NOT NULL, peer BLOB NOT NULL,"
	"  since_s INTEGER NOT NULL, renewed_s INTEGER NOT NULL, until_s INTEGER NOT NULL,"
	"  preferred_s INTEGER NOT NULL, valid_s INTEGER NOT NULL,"
	"  PRIMARY KEY (what, registered)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE reservation (what TEXT PRIMARY KEY, line TEXT NOT NULL)"
	"  STRICT, WITHOUT ROWID;",
	/* 5: how users prove who they are, and what keeps them out */
	"ALTER TABLE user ADD COLUMN password TEXT;"
	"ALTER TABLE user ADD COLUMN code BLOB;" /* the secret behind one-time codes */
	"ALTER TABLE user ADD COLUMN code_step INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE user ADD COLUMN expires_s INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE user ADD COLUMN blocked_s INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE user ADD COLUMN blocked_why TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE certificate ADD COLUMN revoked_s INTEGER NOT NULL DEFAULT 0;"
	"CREATE TABLE invitation (id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  token BLOB NOT NULL UNIQUE, user TEXT NOT NULL, created_s INTEGER NOT NULL,"
	"  expires_s INTEGER NOT NULL, used_s INTEGER NOT NULL DEFAULT 0,"
	"  revoked_s INTEGER NOT NULL DEFAULT 0) STRICT;"
	"CREATE INDEX invitation_user ON invitation(user);",
	/* 6: by which relay a lease was asked for; '' and x'' as if by none.  `excluded` is '' of a
	 * client that knows no RFC 6603, '::/0' where all is his */
	"ALTER TABLE lease ADD COLUMN interface_id BLOB NOT NULL DEFAULT x'';"
	"ALTER TABLE lease ADD COLUMN remote_id BLOB NOT NULL DEFAULT x'';"
	"ALTER TABLE lease ADD COLUMN excluded TEXT NOT NULL DEFAULT '';",
	/* 7: who may administer: users with a role, the administrator, and scripts by token */
	"ALTER TABLE user ADD COLUMN role TEXT NOT NULL DEFAULT 'none';"
	"CREATE TABLE administrator (id INTEGER PRIMARY KEY CHECK (id = 1), password TEXT,"
	"  code BLOB, code_step INTEGER NOT NULL DEFAULT 0) STRICT;"
	"INSERT INTO administrator (id) VALUES (1);"
	"CREATE TABLE token (name TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, role TEXT NOT NULL,"
	"  created_s INTEGER NOT NULL, expires_s INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
	/* 8: leases in the order in which they were given: those of one transaction share a page.  That
	 * nothing is there twice is the table in memory's to see to, which has them all. */
	"ALTER TABLE lease RENAME TO lease_by_address;"
	"CREATE TABLE lease (id INTEGER PRIMARY KEY, what TEXT NOT NULL,"
	"  registered INTEGER NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,"
	"  user TEXT NOT NULL, duid BLOB NOT NULL, iaid INTEGER NOT NULL,"
	"  reconfigure INTEGER NOT NULL, mac BLOB, host TEXT NOT NULL, peer BLOB NOT NULL,"
	"  since_s INTEGER NOT NULL, renewed_s INTEGER NOT NULL, until_s INTEGER NOT NULL,"
	"  preferred_s INTEGER NOT NULL, valid_s INTEGER NOT NULL,"
	"  interface_id BLOB NOT NULL, remote_id BLOB NOT NULL, excluded TEXT NOT NULL) STRICT;"
	"INSERT INTO lease SELECT NULL, * FROM lease_by_address ORDER BY renewed_s;"
	"DROP TABLE lease_by_address;",
	/* 9: a CA that follows another: its key, signed by that one as well */
	"ALTER TABLE authority ADD COLUMN cross_certificate TEXT NOT NULL DEFAULT '';",
	/* 10: since when a CA that has not ended is trusted no more; 0: it is */
	"ALTER TABLE authority ADD COLUMN distrusted_s INTEGER NOT NULL DEFAULT 0;",
};

/* ---- small tools, shared with the other files ---- */

int state_fail(struct state *state, struct err *err, const char *doing)
{
	int unbound = state->unbound;
	int result = sqlite3_errcode(state->db);
	bool damaged = result == SQLITE_CORRUPT || result == SQLITE_NOTADB;

	state->unbound = SQLITE_OK;
	if (unbound != SQLITE_OK)
		return err_set(err, "%s: cannot %s: %s", state->path, doing,
			       sqlite3_errstr(unbound));
	/* SQLite's words for these two do not say what the system said */
	errno = sqlite3_system_errno(state->db);
	if ((result == SQLITE_CANTOPEN || result == SQLITE_IOERR) && errno != 0)
		return err_errno(err, "%s: cannot %s: %s", state->path, doing,
				 sqlite3_errmsg(state->db));
	return err_set(err, "%s: cannot %s: %s%s", state->path, doing, sqlite3_errmsg(state->db),
		       damaged ? "; restore it from a copy" : "");
}

int state_exec(struct state *state, const char *sql, const char *doing, struct err *err)
{
	if (sqlite3_exec(state->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return state_fail(state, err, doing);
	return 0;
}

sqlite3_stmt *state_prepare(struct state *state, const char *sql, struct err *err)
{
	sqlite3_stmt *statement = NULL;

	state->unbound = SQLITE_OK;
	if (sqlite3_prepare_v2(state->db, sql, -1, &statement, NULL) != SQLITE_OK)
		state_fail(state, err, "read it");
	return statement;
}

sqlite3_stmt *state_take_often(struct state *state, enum state_often which, const char *sql,
			       struct err *err)
{
	if (!state->often[which])
		state->often[which] = state_prepare(state, sql, err);
	state->unbound = SQLITE_OK;
	return state->often[which];
}

void state_put_back(sqlite3_stmt *statement)
{
	sqlite3_reset(statement); /* the result is that of the step, which was told */
	sqlite3_clear_bindings(statement);
}

int state_finish(struct state *state, sqlite3_stmt *statement, const char *doing, struct err *err)
{
	int result = state_step(state, statement);

	int done =
		result == SQLITE_DONE || result == SQLITE_ROW ? 0 : state_fail(state, err, doing);
	sqlite3_finalize(statement);
	return done;
}

void state_copy_text(sqlite3_stmt *statement, int column, char *to, size_t cap)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	snprintf(to, cap, "%s", text ? (const char *)text : "");
}

/* ---- opening ---- */

static int make_folder(const char *folder, struct err *err)
{
	char path[256];
	size_t len = strlen(folder);

	while (len > 1 && folder[len - 1] == '/')
		len--;
	/* every folder on the way, as mkdir -p does; the last one is ours alone */
	for (size_t end = 1; end <= len; end++) {
		if (end < len && folder[end] != '/')
			continue;
		snprintf(path, sizeof(path), "%.*s", (int)end, folder);
		if (mkdir(path, end < len ? 0755 : 0700) < 0 && errno != EEXIST)
			return err_errno(err, "cannot make the folder %s", path);
	}
	return 0;
}

static int version_of(struct state *state, struct err *err)
{
	sqlite3_stmt *statement = state_prepare(state, "PRAGMA user_version", err);
	int version = -1;

	if (!statement)
		return -1;
	if (state_step(state, statement) == SQLITE_ROW)
		version = sqlite3_column_int(statement, 0);
	else
		state_fail(state, err, "read it");
	sqlite3_finalize(statement);
	return version;
}

static int migrate(struct state *state, struct err *err)
{
	const int newest = (int)(sizeof(migrations) / sizeof(migrations[0]));
	char sql[64];

	/* IMMEDIATE: two processes that open a new file must not both make its tables */
	if (state_exec(state, "BEGIN IMMEDIATE", "write to it", err) < 0)
		return -1;
	int version = version_of(state, err);
	if (version > newest)
		err_set(err, "%s was written by a newer lanyard (format %d, this one knows %d)",
			state->path, version, newest);
	if (version < 0 || version > newest)
		goto fail;
	for (int step = version; step < newest; step++)
		if (state_exec(state, migrations[step], "make its tables", err) < 0)
			goto fail;
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", newest);
	if (version < newest && state_exec(state, sql, "note its format", err) < 0)
		goto fail;
	return state_exec(state, "COMMIT", "write to it", err);

fail:
	sqlite3_exec(state->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

/* A new file becomes a WAL once and for good; SQLite does not wait for its turn to do that. */
static int use_wal(struct state *state, struct err *err)
{
	int result, waited_ms = 0;

	if (sqlite3_db_readonly(state->db, "main") == 1) /* SQLite opens it even so */
		return err_set(err, "%s: cannot write to it: it is read-only", state->path);
	sqlite3_busy_timeout(state->db, BUSY_MS);
	do
		result = sqlite3_exec(state->db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
	while (result == SQLITE_BUSY && (waited_ms += sqlite3_sleep(WAL_AGAIN_MS)) < BUSY_MS);
	return result == SQLITE_OK ? 0 : state_fail(state, err, "use it");
}

static int open_file(struct state *state, struct err *err)
{
	mode_t old_mask =
		umask(0077); /* private keys: nobody else reads it, from its first byte on */
	int result = sqlite3_open_v2(
		state->path, &state->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, NULL);
	int failed = 0;

	if (!state->db)
		failed = err_set(err, "out of memory");
	else if (result != SQLITE_OK)
		failed = state_fail(state, err, "open it");
	else {
		failed = use_wal(state, err);
		if (failed == 0)
			failed = state_exec(state,
					    "PRAGMA synchronous=FULL;"
					    "PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;"
					    "PRAGMA trusted_schema=OFF;",
					    "use it", err);
		if (failed == 0)
			failed = migrate(state, err);
	}
	umask(old_mask);
	return failed;
}

struct state *state_open(const char *folder, struct err *err)
{
	struct state *state = calloc(1, sizeof(*state));

	state_memory_guard();
	if (!state) {
		err_set(err, "out of memory");
		return NULL;
	}
	snprintf(state->path, sizeof(state->path), "%.255s/%s", folder, STATE_FILE);
	if (make_folder(folder, err) < 0 || open_file(state, err) < 0) {
		state_close(state);
		return NULL;
	}
	return state;
}

struct state *state_open_beside(const struct state *state, struct err *err)
{
	struct state *beside = calloc(1, sizeof(*beside));

	if (!beside) {
		err_set(err, "out of memory");
		return NULL;
	}
	strcpy(beside->path, state->path);
	if (sqlite3_open_v2(state->path, &beside->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK)
		state_fail(beside, err, "open it");
	else {
		sqlite3_busy_timeout(beside->db, BUSY_MS);
		/* the last one makes the file known to it: a connection that has read nothing has no
		 * log to move anything from */
		if (state_exec(beside,
			       "PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;"
			       "PRAGMA trusted_schema=OFF; SELECT count(*) FROM sqlite_schema;",
			       "use it", err) == 0)
			return beside;
	}
	state_close(beside);
	return NULL;
}

void state_close(struct state *state)
{
	if (!state)
		return;
	for (unsigned i = 0; i < STATE_OFTEN; i++)
		sqlite3_finalize(state->often[i]);
	sqlite3_close(state->db);
	free(state);
}

/* ---- settings ---- */

int state_get(struct state *state, const char *name, char *value, size_t cap, struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state, "SELECT value FROM setting WHERE name = ?", err);

	if (!statement)
		return -1;
	state_bind_text(state, statement, 1, name);
	int result = state_step(state, statement), found = 0;
	if (result == SQLITE_ROW) {
		state_copy_text(statement, 0, value, cap);
		found = 1;
	} else if (result != SQLITE_DONE) {
		found = state_fail(state, err, "read it");
	}
	sqlite3_finalize(statement);
	return found;
}

int state_set(struct state *state, const char *name, const char *value, struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state,
			      "INSERT INTO setting VALUES (?, ?) ON CONFLICT(name)"
			      " DO UPDATE SET value = excluded.value",
			      err);

	if (!statement)
		return -1;
	state_bind_text(state, statement, 1, name);
	state_bind_text(state, statement, 2, value);
	return state_finish(state, statement, "write to it", err);
}
