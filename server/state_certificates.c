/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_certificates.c - whose certificates there are in the state file. */
#include "server/state_certificates.h"

#include <ctype.h>
#include <string.h>

#include "server/state_private.h"

/* Room for one more: what has ended goes, and beyond the limit revoked ones, then those that end
 * first. */
static int prune(struct state *state, const char *user, int64_t now_s, struct err *err)
{
	sqlite3_stmt *statement = state_prepare(
		state,
		"DELETE FROM certificate WHERE user = ?1 AND (not_after_s <= ?2 OR fingerprint NOT "
		"IN (SELECT fingerprint FROM certificate WHERE user = ?1 ORDER BY revoked_s = 0"
		"  DESC, not_after_s DESC, created_s DESC LIMIT ?3))",
		err);

	if (!statement)
		return -1;
	state_bind_text(state, statement, 1, user);
	state_bind_number(state, statement, 2, now_s);
	state_bind_number(state, statement, 3, STATE_CERTIFICATES_MAX - 1);
	return state_finish(state, statement, "remove old certificates", err);
}

int state_certificate_insert(struct state *state, const char *user,
			     const struct pki_description *certificate, int64_t now_s,
			     struct err *err)
{
	if (prune(state, user, now_s, err) < 0)
		return -1;
	sqlite3_stmt *statement =
		state_prepare(state,
			      "INSERT INTO certificate (fingerprint, user, created_s, not_after_s)"
			      " VALUES (?, ?, ?, ?)",
			      err);
	if (!statement)
		return -1;
	state_bind_blob(state, statement, 1, certificate->fingerprint, PKI_FINGERPRINT_LEN);
	state_bind_text(state, statement, 2, user);
	state_bind_number(state, statement, 3, now_s);
	state_bind_number(state, statement, 4, certificate->not_after_s);
	int result = state_step(state, statement), failed = 0;
	if (result == SQLITE_CONSTRAINT)
		failed = err_kind(err, ERR_NO_OBJECT, "there is no user '%s'", user);
	else if (result != SQLITE_DONE)
		failed = state_fail(state, err, "add a certificate");
	sqlite3_finalize(statement);
	return failed;
}

int state_certificate_add(struct state *state, const char *user,
			  const struct pki_description *certificate, int64_t now_s, const char *who,
			  struct err *err)
{
	if (state_begin(state, err) < 0)
		return -1;
	int failed = state_certificate_insert(state, user, certificate, now_s, err);
	if (failed == 0)
		failed = state_audit(state, now_s, who, err, "certificate add %s", user);
	return state_end(state, failed, err);
}

int state_user_of(struct state *state, const uint8_t fingerprint[static PKI_FINGERPRINT_LEN],
		  struct state_user *user, struct err *err)
{
	sqlite3_stmt *statement =
		state_take_often(state, STATE_OFTEN_CERTIFICATE,
				 "SELECT " STATE_USER_COLUMNS ", revoked_s FROM certificate JOIN"
				 " user ON user = name WHERE fingerprint = ?",
				 err);

	if (!statement)
		return -1;
	*user = (struct state_user) { 0 };
	state_bind_blob(state, statement, 1, fingerprint, PKI_FINGERPRINT_LEN);
	int result = state_step(state, statement), found = 0;
	if (result == SQLITE_ROW) {
		state_read_user(statement, user);
		user->revoked_s = sqlite3_column_int64(statement, STATE_USER_COLUMN_COUNT);
		found = user->revoked_s == 0;
	} else if (result != SQLITE_DONE) {
		found = state_fail(state, err, "read it");
	}
	state_put_back(statement);
	return found;
}

/* ---- listing ---- */

#define COLUMNS "fingerprint, user, created_s, not_after_s, revoked_s"

static void read_row(sqlite3_stmt *statement, struct state_certificate *certificate)
{
	*certificate = (struct state_certificate) {
		.created_s = sqlite3_column_int64(statement, 2),
		.not_after_s = sqlite3_column_int64(statement, 3),
		.revoked_s = sqlite3_column_int64(statement, 4),
	};
	const void *fingerprint = sqlite3_column_blob(statement, 0);
	if (sqlite3_column_bytes(statement, 0) == PKI_FINGERPRINT_LEN)
		memcpy(certificate->fingerprint, fingerprint, PKI_FINGERPRINT_LEN);
	state_copy_text(statement, 1, certificate->user, sizeof(certificate->user));
}

typedef void (*visit)(void *owner, const struct state_certificate *certificate);

/* All rows of a statement, which it finalizes. */
static int each_row(struct state *state, sqlite3_stmt *statement, visit each, void *owner,
		    struct err *err)
{
	int result;

	while ((result = state_step(state, statement)) == SQLITE_ROW) {
		struct state_certificate certificate;

		read_row(statement, &certificate);
		each(owner, &certificate);
	}
	int failed = result == SQLITE_DONE ? 0 : state_fail(state, err, "list certificates");
	sqlite3_finalize(statement);
	return failed;
}

int state_certificate_list(struct state *state, const char *user, visit each, void *owner,
			   struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state,
			      "SELECT " COLUMNS " FROM certificate WHERE ?1 IS NULL OR user = ?1"
			      " ORDER BY user, created_s, fingerprint",
			      err);

	if (!statement)
		return -1;
	state_bind_text(state, statement, 1, user);
	return each_row(state, statement, each, owner, err);
}

int state_certificates_ending(struct state *state, int64_t from_s, int64_t until_s, unsigned most,
			      visit each, void *owner, struct err *err)
{
	sqlite3_stmt *statement =
		state_prepare(state,
			      "SELECT " COLUMNS " FROM certificate WHERE revoked_s = 0"
			      " AND not_after_s BETWEEN ?1 AND ?2 ORDER BY not_after_s LIMIT ?3",
			      err);

	if (!statement)
		return -1;
	state_bind_number(state, statement, 1, from_s);
	state_bind_number(state, statement, 2, until_s);
	state_bind_number(state, statement, 3, most);
	return each_row(state, statement, each, owner, err);
}

/* ---- revoking ---- */

/* As SQLite's hex() writes them. */
int state_fingerprint_digits(const char *text, char digits[static PKI_FINGERPRINT_TEXT],
			     struct err *err)
{
	size_t len = 0;

	for (; *text; text++) {
		if (*text == ':' && len > 0)
			continue;
		if (!isxdigit((unsigned char)*text) || len == 2 * PKI_FINGERPRINT_LEN)
			break;
		digits[len++] = (char)toupper((unsigned char)*text);
	}
	digits[len] = '\0';
	if (*text || len < STATE_CERTIFICATE_PREFIX_MIN)
		return err_kind(err, ERR_USAGE,
				"a certificate is named by %d or more hexadecimal digits of its"
				" fingerprint",
				STATE_CERTIFICATE_PREFIX_MIN);
	return 0;
}

/* The one certificate whose fingerprint begins so. */
static int find(struct state *state, const char *text, struct state_certificate *found,
		struct err *err)
{
	char digits[PKI_FINGERPRINT_TEXT];
	int count = 0, result, failed = 0;

	if (state_fingerprint_digits(text, digits, err) < 0)
		return -1;
	sqlite3_stmt *statement =
		state_prepare(state,
			      "SELECT " COLUMNS " FROM certificate"
			      " WHERE substr(hex(fingerprint), 1, ?2) = ?1 LIMIT 2",
			      err);
	if (!statement)
		return -1;
	state_bind_text(state, statement, 1, digits);
	state_bind_number(state, statement, 2, (int)strlen(digits));
	while ((result = state_step(state, statement)) == SQLITE_ROW) {
		count++;
		read_row(statement, found);
	}
	if (result != SQLITE_DONE)
		failed = state_fail(state, err, "list certificates");
	else if (count == 0)
		failed = err_kind(err, ERR_NO_OBJECT, "there is no certificate '%.64s'", text);
	else if (count > 1)
		failed =
			err_kind(err, ERR_USAGE, "'%.64s' is the beginning of more than one", text);
	sqlite3_finalize(statement);
	return failed;
}

static int mark(struct state *state, const uint8_t *fingerprint, int64_t now_s, struct err *err)
{
	sqlite3_stmt *statement = state_prepare(
		state, "UPDATE certificate SET revoked_s = ? WHERE fingerprint = ?", err);

	if (!statement)
		return -1;
	state_bind_number(state, statement, 1, now_s);
	state_bind_blob(state, statement, 2, fingerprint, PKI_FINGERPRINT_LEN);
	return state_finish(state, statement, "revoke a certificate", err);
}

int state_certificate_revoke(struct state *state, const char *fingerprint, int64_t now_s,
			     const char *who, struct state_certificate *revoked, struct err *err)
{
	if (state_begin(state, err) < 0)
		return -1;
	int failed = find(state, fingerprint, revoked, err);
	if (failed == 0 && revoked->revoked_s == 0) {
		char text[PKI_FINGERPRINT_TEXT];

		revoked->revoked_s = now_s;
		failed = mark(state, revoked->fingerprint, now_s, err);
		if (failed == 0)
			failed = state_audit(state, now_s, who, err, "certificate revoke %s %s",
					     revoked->user,
					     pki_fingerprint_text(revoked->fingerprint, text));
	}
	return state_end(state, failed, err);
}
