/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_distrust.c - a CA that is to be trusted no more before it ends, since somebody else may
 * have its key.
 *
 * So are those before it: the last of them has signed its key (tls/pki_cross.c), and that certificate
 * was shown to everybody, so whoever trusts one of them believes whoever has the key.
 *
 * Its row stays until it would have ended: clients that come later have to hear of it.
 */
#include <string.h>
#include <strings.h>

#include "server/state_authorities.h"
#include "server/state_private.h"

struct search {
	const char *digits; /* of its fingerprint, the first ones */
	unsigned seen, found;
	unsigned older; /* that go with it */
	bool newest;	/* it is the one that signs */
	int64_t id;
	uint8_t fingerprint[PKI_FINGERPRINT_LEN];
};

static int look(void *owner, const struct state_authority_row *row, struct err *err)
{
	struct search *search = owner;
	char text[PKI_FINGERPRINT_TEXT];
	bool first = search->seen++ == 0;

	if (row->distrusted_s != 0)
		return 0;
	if (strncasecmp(pki_fingerprint_text(row->is.fingerprint, text), search->digits,
			strlen(search->digits)) != 0) {
		search->older += search->found;
		return 0;
	}
	search->found++;
	search->newest = first;
	search->id = row->id;
	memcpy(search->fingerprint, row->is.fingerprint, sizeof(search->fingerprint));
	return 0;
}

static int find(struct state *state, const char *text, struct search *search, struct err *err)
{
	char digits[PKI_FINGERPRINT_TEXT];

	*search = (struct search) { .digits = digits };
	if (state_fingerprint_digits(text, digits, err) < 0 ||
	    state_authorities_visit(state, look, search, err) < 0)
		return -1;
	if (search->found == 0)
		return err_kind(err, ERR_NO_OBJECT, "no CA '%.64s' is trusted", text);
	if (search->found > 1)
		return err_kind(err, ERR_USAGE, "'%.64s' is the beginning of more than one", text);
	if (search->newest) /* it may be the only one, too */
		return err_set(err, "this CA signs now; make another one first, with 'lanyard cert"
				    " rotate'");
	return 0;
}

static int note(struct state *state, int64_t id, int64_t now_s, struct err *err)
{
	sqlite3_stmt *statement = state_prepare(state,
						"UPDATE authority SET distrusted_s = ?"
						" WHERE id <= ? AND distrusted_s = 0",
						err);

	if (!statement)
		return -1;
	state_bind_number(state, statement, 1, now_s);
	state_bind_number(state, statement, 2, id);
	return state_finish(state, statement, "write to it", err);
}

/* What it has signed counts no more, and nobody is shown it: neither the next CA under its name,
 * nor a server's certificate. */
static int take_away(struct state *state, int64_t id, int64_t now_s, struct err *err)
{
	static const char *const statements[] = {
		"UPDATE authority SET key = '', cross_certificate = '' WHERE id <= ?",
		("UPDATE authority SET cross_certificate = ''"
		 " WHERE id = (SELECT min(id) FROM authority WHERE id > ?)"),
		"DELETE FROM server_certificate WHERE authority <= ?",
	};

	for (size_t i = 0; i < ARRAY_LEN(statements); i++)
		if (state_run_with_id(state, statements[i], id, err) < 0)
			return -1;
	if (note(state, id, now_s, err) < 0)
		return -1;
	/* clients are told of so many */
	return state_run_with_id(state,
				 "DELETE FROM authority WHERE distrusted_s > 0 AND id NOT IN"
				 " (SELECT id FROM authority WHERE distrusted_s > 0"
				 " ORDER BY distrusted_s DESC, id DESC LIMIT ?)",
				 STATE_DISTRUSTED_MAX, err);
}

int state_authority_distrust(struct state *state, const char *fingerprint, int64_t now_s,
			     const char *who, uint8_t found[static PKI_FINGERPRINT_LEN],
			     struct err *err)
{
	char text[PKI_FINGERPRINT_TEXT];
	struct search search;

	if (state_begin(state, err) < 0)
		return -1;
	int failed = find(state, fingerprint, &search, err);
	if (failed == 0)
		failed = take_away(state, search.id, now_s, err);
	if (failed == 0) {
		memcpy(found, search.fingerprint, PKI_FINGERPRINT_LEN);
		failed = state_audit(state, now_s, who, err, "authority distrust %s%s",
				     pki_fingerprint_text(search.fingerprint, text),
				     search.older > 0 ? ", and those before it" : "");
	}
	return state_end(state, failed, err);
}
