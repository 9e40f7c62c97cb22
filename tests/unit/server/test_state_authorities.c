/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_state_authorities.c - CAs that follow each other in time, and what is
 * forgotten of those that were. */
#include <sqlite3.h>

#include "folder.h"
#include "server/state_audit.h"
#include "server/state_authorities.h"

#define CA_DAYS 3650
#define BEGIN_S (NOW_S - 3600)
#define END_S (NOW_S + (int64_t)CA_DAYS * DAY_S)

static char folder[FOLDER_PATH];
static struct state *state;
static struct state_authorities all;

static int begin_test(void **unused)
{
	folder_make(folder);
	state = must_open(folder);
	return pki_init(NULL);
}

static int end_test(void **unused)
{
	state_close(state);
	folder_remove(folder);
	return 0;
}

/* What it did, and what there is then. */
static int keep(bool early, int64_t now_s)
{
	struct err err = { 0 };
	int result = state_authorities_keep(state, early, now_s, "carol", &err);

	must(result, &err);
	must(state_authorities_get(state, now_s, &all, &err), &err);
	return result;
}

static const char *one(const char *sql)
{
	static char text[256];
	char path[FOLDER_PATH + 32];
	sqlite3 *db;
	sqlite3_stmt *statement;

	snprintf(path, sizeof(path), "%s/state.db", folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	snprintf(text, sizeof(text), "%s", (const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return text;
}

static unsigned certificates(const char *pem)
{
	unsigned count = 0;

	while ((pem = strstr(pem, "BEGIN CERTIFICATE"))) {
		count++;
		pem++;
	}
	return count;
}

static void one_follows_the_other(void **unused)
{
	const int64_t due_s = pki_due_s(BEGIN_S, END_S);
	const struct {
		const char *what;
		int64_t at_s;
		int made;
		unsigned count, above;
	} steps[] = {
		{ "the first", NOW_S, 1, 1, 1 },
		{ "it is there", NOW_S, 0, 1, 1 },
		{ "more than a third is left", due_s - 1, 0, 1, 1 },
		{ "a third is left", due_s, 1, 2, 2 },
		{ "once", due_s, 0, 2, 2 },
		{ "both until the end", END_S - 1, 0, 2, 2 },
		{ "the first has ended", END_S, 0, 1, 1 },
		{ "the second's time comes", due_s + due_s - NOW_S + 3600, 1, 2, 2 },
	};
	uint8_t newest[PKI_FINGERPRINT_LEN] = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		int made = keep(false, steps[i].at_s);
		bool is_new = memcmp(newest, all.is[0].fingerprint, sizeof(newest)) != 0;

		if (made != steps[i].made || is_new != (steps[i].made > 0) ||
		    all.count != steps[i].count || certificates(all.trusted) != steps[i].count ||
		    certificates(all.above) != steps[i].above)
			fail_msg("%s: %d, %u, %u, %u", steps[i].what, made, all.count,
				 certificates(all.trusted), certificates(all.above));
		memcpy(newest, all.is[0].fingerprint, sizeof(newest));
	}
	assert_string_equal(one("SELECT count(*) FROM authority"), "2");
	assert_string_equal(
		one("SELECT group_concat(who || ' ' || substr(what, 1, 13)) FROM audit"),
		"lanyard authority add,lanyard authority end,lanyard authority add");
}

static void the_new_one_signs_and_the_old_ones_key_goes(void **unused)
{
	struct pki_pair first, second;
	struct pki_description is;
	struct err err = { 0 };

	keep(false, NOW_S);
	must(state_authority(state, NOW_S, &first, &err), &err);
	keep(true, NOW_S + 5);
	must(state_authority(state, NOW_S, &second, &err), &err);
	assert_string_not_equal(first.certificate, second.certificate);
	assert_string_equal(one("SELECT group_concat(key = '') FROM (SELECT key FROM authority"
				" ORDER BY id)"),
			    "1,0");
	assert_string_equal(one("SELECT who FROM audit"), "carol");
	assert_non_null(strstr(all.trusted, first.certificate));
	assert_memory_equal(all.trusted, second.certificate, strlen(second.certificate));
	/* the new one's key is shown under the old one's name, and then the old one */
	assert_null(strstr(all.above, second.certificate));
	assert_non_null(strstr(all.above, first.certificate));
	must(pki_pair_check(all.above, second.key, &err), &err);
	must(pki_describe(all.above, &is, &err), &err);
	assert_int_equal(is.not_after_s, END_S);
	assert_int_equal(all.is[0].created_s, NOW_S + 5);
	assert_int_equal(all.is[1].not_after_s, END_S);
}

static void one_that_has_ended_has_no_successor(void **unused)
{
	keep(false, NOW_S);
	assert_int_equal(keep(false, END_S + 1), 1);
	assert_int_equal(all.count, 1);
	assert_string_equal(one("SELECT cross_certificate FROM authority ORDER BY id DESC"), "");
	assert_string_equal(one("SELECT count(*) FROM authority"), "1");
}

static void there_are_not_more_and_more(void **unused)
{
	struct err err = { 0 };

	for (unsigned i = 0; i < STATE_AUTHORITIES_MAX; i++)
		assert_int_equal(keep(true, NOW_S + i), 1);
	assert_int_equal(certificates(all.above), STATE_AUTHORITIES_MAX);
	assert_int_equal(state_authorities_keep(state, true, NOW_S + 9, "carol", &err), -1);
	assert_string_equal(err.text,
			    "3 CAs are trusted already; the next one can be made when one "
			    "of them has ended");
	assert_int_equal(keep(false, NOW_S + 9), 0);
	assert_int_equal(all.count, STATE_AUTHORITIES_MAX);
	/* when it is time there is one more, whatever an admin did before */
	assert_int_equal(keep(false, pki_due_s(BEGIN_S, END_S) + 2), 1);
	assert_int_equal(all.count, STATE_AUTHORITIES_MAX + 1);
	assert_int_equal(keep(false, END_S + 1), 0);
	assert_int_equal(all.count, 2);
}

/* Also before anybody has looked what can be forgotten. */
static void one_that_has_ended_is_not_trusted(void **unused)
{
	struct err err = { 0 };

	keep(true, NOW_S);
	keep(true, NOW_S + 5);
	for (int64_t more_s = -1; more_s <= 0; more_s++) {
		/* the second one ends 5 s later */
		must(state_authorities_get(state, END_S + more_s, &all, &err), &err);
		assert_int_equal(all.count, more_s < 0 ? 2 : 1);
		assert_int_equal(certificates(all.trusted), all.count);
		assert_int_equal(all.is[0].created_s, NOW_S + 5);
	}
}

static void the_servers_certificate_follows(void **unused)
{
	const struct pki_request request = { .use = PKI_SERVER,
					     .common_name = "a.example",
					     .name_count = 1,
					     .name = { "a.example" } };
	struct pki_pair first, second, again;
	struct pki_description is;
	struct err err = { 0 };

	must(state_server_certificate(state, &request, NOW_S, &first, &err), &err);
	must(pki_describe(first.certificate, &is, &err), &err);
	assert_int_equal(is.not_after_s, END_S);
	/* it is made anew when a third of its life is left, and not before */
	for (int64_t more_s = -1; more_s <= 0; more_s++) {
		int64_t now_s = pki_due_s(is.not_before_s, is.not_after_s) + more_s;

		must(state_server_certificate(state, &request, now_s, &again, &err), &err);
		assert_int_equal(strcmp(again.certificate, first.certificate) != 0, more_s == 0);
	}
	keep(true, NOW_S + 1);
	must(state_server_certificate(state, &request, NOW_S + 1, &second, &err), &err);
	assert_string_not_equal(first.certificate, second.certificate);
	must(state_server_certificate(state, &request, NOW_S + 2, &again, &err), &err);
	assert_string_equal(again.certificate, second.certificate);
	assert_string_equal(one("SELECT count(*) FROM server_certificate"), "1");
	assert_int_equal(keep(false, END_S), 1); /* a server that was off for long */
	assert_string_equal(one("SELECT count(*) FROM authority"), "2");
}

/* ---- one that is trusted no more ---- */

static int distrust(unsigned place, int64_t now_s, struct err *err)
{
	uint8_t wanted[PKI_FINGERPRINT_LEN], found[PKI_FINGERPRINT_LEN];
	char text[PKI_FINGERPRINT_TEXT];

	memcpy(wanted, all.is[place].fingerprint, sizeof(wanted));
	pki_fingerprint_text(wanted, text);
	text[12] = '\0';
	int result = state_authority_distrust(state, text, now_s, "carol", found, err);
	if (result == 0)
		assert_memory_equal(found, wanted, sizeof(found));
	return result;
}

static void one_that_is_trusted_no_more(void **unused)
{
	static const struct {
		const char *what;
		unsigned made, place, count, above;
		const char *audit;
	} rows[] = {
		{ "the older one", 2, 1, 1, 1, "carol" },
		{ "the oldest of three", 3, 2, 2, 2, "carol" },
		{ "the middle one: whoever trusts the oldest believes whoever has its key", 3, 1, 1,
		  1, ", and those before itcarol" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pki_pair signs;
		struct err err = { 0 };
		uint8_t gone[PKI_FINGERPRINT_LEN], first[PKI_FINGERPRINT_LEN];

		if (i > 0)
			begin_test(NULL);
		for (unsigned n = 0; n < rows[i].made; n++)
			keep(true, NOW_S + n);
		memcpy(gone, all.is[rows[i].place].fingerprint, sizeof(gone));
		memcpy(first, all.is[0].fingerprint, sizeof(first));
		must(distrust(rows[i].place, NOW_S + 9, &err), &err);
		assert_int_equal(keep(false, NOW_S + 9), 0);
		must(state_authority(state, NOW_S + 9, &signs, &err), &err);
		assert_non_null(strstr(all.trusted, signs.certificate));
		if (all.count != rows[i].count || certificates(all.trusted) != rows[i].count ||
		    certificates(all.above) != rows[i].above ||
		    memcmp(all.is[0].fingerprint, first, sizeof(first)) != 0)
			fail_msg("%s: %u, %u, %u", rows[i].what, all.count,
				 certificates(all.trusted), certificates(all.above));
		assert_int_equal(all.distrusted_count, rows[i].made - rows[i].count);
		assert_memory_equal(all.distrusted[0], gone, sizeof(gone));
		for (unsigned n = 0; n < all.count; n++)
			assert_memory_not_equal(all.is[n].fingerprint, gone, sizeof(gone));
		char crosses[16]; /* each but the oldest has one, of the trusted one before it */
		snprintf(crosses, sizeof(crosses), "%u", rows[i].count - 1);
		assert_string_equal(
			one("SELECT count(*) FROM authority WHERE cross_certificate <> ''"),
			crosses);
		assert_string_equal(one("SELECT substr(what, 1, 18) FROM audit ORDER BY id DESC"),
				    "authority distrust");
		assert_string_equal(one("SELECT substr(what, 20 + 64) || who FROM audit"
					" ORDER BY id DESC"),
				    rows[i].audit);
		/* it is not there to be trusted no more once again; and it ends as others do */
		char text[PKI_FINGERPRINT_TEXT];
		assert_int_equal(state_authority_distrust(state, pki_fingerprint_text(gone, text),
							  NOW_S, "carol", first, &err),
				 -1);
		assert_int_equal(err.kind, ERR_NO_OBJECT);
		keep(false, END_S + 9);
		assert_int_equal(all.distrusted_count, 0);
		if (i + 1 < ARRAY_LEN(rows))
			end_test(NULL);
	}
}

static void the_one_that_signs_stays(void **unused)
{
	static const struct {
		const char *digits, *sentence;
		enum err_kind kind;
	} rows[] = {
		{ "0123456789", "no CA '0123456789' is trusted", ERR_NO_OBJECT },
		{ "01234567 ",
		  "a certificate is named by 8 or more hexadecimal digits of its"
		  " fingerprint",
		  ERR_USAGE },
		{ "0123456",
		  "a certificate is named by 8 or more hexadecimal digits of its"
		  " fingerprint",
		  ERR_USAGE },
	};
	uint8_t found[PKI_FINGERPRINT_LEN];
	struct err err = { 0 };

	for (unsigned n = 1; n <= 2; n++) { /* the only one, and one of two */
		assert_int_equal(keep(true, NOW_S + n), 1);
		assert_int_equal(distrust(0, NOW_S + 9, &err), -1);
		assert_string_equal(err.text, "this CA signs now; make another one first, with "
					      "'lanyard cert rotate'");
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		err = (struct err) { 0 };
		assert_int_equal(state_authority_distrust(state, rows[i].digits, NOW_S, "carol",
							  found, &err),
				 -1);
		assert_string_equal(err.text, rows[i].sentence);
		assert_int_equal(err.kind, rows[i].kind);
	}
	keep(false, NOW_S + 9);
	assert_int_equal(all.count, 2);
	assert_int_equal(all.distrusted_count, 0);
}

/* Clients hear of the latest ones. */
static void so_many_are_told(void **unused)
{
	uint8_t latest[PKI_FINGERPRINT_LEN];
	struct err err = { 0 };

	keep(true, NOW_S);
	for (unsigned n = 1; n <= STATE_DISTRUSTED_MAX + 2; n++) {
		assert_int_equal(keep(true, NOW_S + n), 1);
		memcpy(latest, all.is[1].fingerprint, sizeof(latest));
		must(distrust(1, NOW_S + n, &err), &err);
	}
	keep(false, NOW_S + 99);
	assert_int_equal(all.count, 1);
	assert_int_equal(all.distrusted_count, STATE_DISTRUSTED_MAX);
	assert_memory_equal(all.distrusted[0], latest, sizeof(latest));
	assert_string_equal(one("SELECT count(*) FROM authority"), "9");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(one_follows_the_other),
		IN_FOLDER(the_new_one_signs_and_the_old_ones_key_goes),
		IN_FOLDER(one_that_has_ended_has_no_successor),
		IN_FOLDER(there_are_not_more_and_more),
		IN_FOLDER(one_that_has_ended_is_not_trusted),
		IN_FOLDER(the_servers_certificate_follows),
		IN_FOLDER(one_that_is_trusted_no_more),
		IN_FOLDER(the_one_that_signs_stays),
		IN_FOLDER(so_many_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
