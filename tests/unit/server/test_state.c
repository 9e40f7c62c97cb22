/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_state.c
 *
 * The state file itself: who may read it, its tables from version to version, small values,
 * and certificates of our own.  Users are in test_state_users.c, disasters in
 * test_state_trouble.c.
 */
#include <sqlite3.h>

#include "folder.h"
#include "server/state_auth.h"
#include "server/state_authorities.h"
#include "server/state_leases.h"
#include "server/state_private.h"

static char folder[FOLDER_PATH];

static int begin_test(void **state)
{
	struct err err = { 0 };

	umask(022);
	folder_make(folder);
	return pki_init(&err);
}

static int end_test(void **state)
{
	folder_remove(folder);
	return 0;
}

static mode_t mode_of(const char *base, const char *name)
{
	char path[600];
	struct stat is;

	snprintf(path, sizeof(path), "%s/%s", base, name);
	if (stat(path, &is) < 0)
		fail_msg("%s is not there", path);
	return is.st_mode & 07777;
}

/* ---- the file ---- */

static void only_its_owner_reads_it(void **unused)
{
	static const struct {
		const char *what, *path, *ours, *parent;
	} cases[] = {
		{ "a folder that is not there", "/a", "a", "." },
		{ "a slash at its end", "/b/", "b", "." },
		{ "three folders at once", "/c/d/e", "c/d/e", "c/d" },
		{ "slashes everywhere", "//f//g//", "f/g", "f" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char path[300], ours[300];

		snprintf(path, sizeof(path), "%s%s", folder, cases[i].path);
		snprintf(ours, sizeof(ours), "%s/%s", folder, cases[i].ours);
		struct state *state = must_open(path);

		assert_int_equal(state_set(state, "prefix", "x", NULL), 0);
		if (mode_of(folder, cases[i].ours) != 0700 || mode_of(ours, "state.db") != 0600 ||
		    mode_of(ours, "state.db-wal") != 0600 || mode_of(ours, "state.db-shm") != 0600)
			fail_msg("%s: others can read it", cases[i].what);
		if (strcmp(cases[i].parent, ".") != 0 && mode_of(folder, cases[i].parent) != 0755)
			fail_msg("%s: the folder above is not for all", cases[i].what);
		state_close(state);
	}
	assert_int_equal(umask(022), 022); /* as it was */
}

static void folders_that_cannot_be(void **unused)
{
	static const struct {
		const char *what, *path, *sentence;
	} cases[] = {
		{ "a file has its name", "/file", "Not a directory" },
		{ "a file on the way", "/file/state", "Not a directory" },
	};
	char path[600];

	snprintf(path, sizeof(path), "%s/file", folder);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	fclose(file);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = { 0 };

		snprintf(path, sizeof(path), "%s%s", folder, cases[i].path);
		if (state_open(path, &err) || !strstr(err.text, cases[i].sentence) ||
		    !strstr(err.text, path))
			fail_msg("%s: %s", cases[i].what, err.text);
	}
}

/* What another program sees in it. */
static int pragma(const char *sql)
{
	char path[600];
	sqlite3 *db;
	sqlite3_stmt *statement;
	int value = -1;

	snprintf(path, sizeof(path), "%s/state.db", folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	if (sqlite3_step(statement) == SQLITE_ROW)
		value = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return value;
}

#define FORMAT 10 /* the newest one */

static void tables_come_with_the_first_opening_and_stay(void **unused)
{
	char path[300], value[16];

	/* a file without a byte is a database without tables */
	snprintf(path, sizeof(path), "%s/state.db", folder);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	fclose(file);

	for (unsigned round = 0; round < 3; round++) {
		struct err err = { 0 };
		struct state *state = must_open(folder);

		assert_int_equal(state_get(state, "round", value, sizeof(value), &err), round > 0);
		if (round > 0)
			assert_int_equal(atoi(value), round - 1);
		snprintf(value, sizeof(value), "%u", round);
		must(state_set(state, "round", value, &err), &err);
		state_close(state);
		assert_int_equal(pragma("PRAGMA user_version"), FORMAT);
		assert_int_equal(pragma("SELECT count(*) FROM setting"), 1);
		assert_int_equal(pragma("SELECT count(*) FROM sqlite_schema WHERE type = 'table'"),
				 13);
	}
}

/* What every version before the ninth wrote of CAs. */
#define AUTHORITY_1                                                                  \
	"CREATE TABLE authority (id INTEGER PRIMARY KEY, certificate TEXT NOT NULL," \
	"  key TEXT NOT NULL, created_s INTEGER NOT NULL) STRICT;"

/* What the first version wrote, as far as steps change it. */
static const char format_1[] = AUTHORITY_1
	"CREATE TABLE user (name TEXT PRIMARY KEY, created_s INTEGER NOT NULL) STRICT, WITHOUT "
	"ROWID;"
	"CREATE TABLE certificate (fingerprint BLOB PRIMARY KEY,"
	"  user TEXT NOT NULL REFERENCES user(name) ON DELETE CASCADE,"
	"  created_s INTEGER NOT NULL, not_after_s INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE audit (id INTEGER PRIMARY KEY, at_s INTEGER NOT NULL, who TEXT NOT NULL,"
	"  what TEXT NOT NULL) STRICT;"
	"INSERT INTO user VALUES ('alice', 7);"
	"INSERT INTO certificate VALUES (zeroblob(32), 'alice', 7, 8);"
	"PRAGMA user_version = 1;";

static void an_older_file_is_brought_up_to_date(void **unused)
{
	static const uint8_t fingerprint[PKI_FINGERPRINT_LEN];
	struct err err = { 0 };
	struct state_user user;
	char path[600];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/state.db", folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, format_1, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);

	struct state *state = must_open(folder);

	assert_int_equal(state_user_of(state, fingerprint, &user, &err), 1);
	assert_string_equal(user.name, "alice");
	assert_string_equal(user.group, "");
	must(state_user_set_group(state, "alice", "office", 9, "test", &err), &err);
	state_close(state);
	assert_int_equal(pragma("PRAGMA user_version"), FORMAT);
}

/* Leases as the fourth one knew them: keyed by their address. */
#define LEASES_4                                                                                   \
	"CREATE TABLE lease (what TEXT NOT NULL, registered INTEGER NOT NULL, kind TEXT NOT NULL," \
	"  state TEXT NOT NULL, user TEXT NOT NULL, duid BLOB NOT NULL, iaid INTEGER NOT NULL,"    \
	"  reconfigure INTEGER NOT NULL, mac BLOB, host TEXT NOT NULL, peer BLOB NOT NULL,"        \
	"  since_s INTEGER NOT NULL, renewed_s INTEGER NOT NULL, until_s INTEGER NOT NULL,"        \
	"  preferred_s INTEGER NOT NULL, valid_s INTEGER NOT NULL,"                                \
	"  PRIMARY KEY (what, registered)) STRICT, WITHOUT ROWID;"

/* What the fourth one wrote of users: step 5 adds to it. */
static const char format_4[] = AUTHORITY_1
	"CREATE TABLE user (name TEXT PRIMARY KEY, created_s INTEGER NOT NULL,"
	"  member_of TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;"
	"CREATE TABLE certificate (fingerprint BLOB PRIMARY KEY,"
	"  user TEXT NOT NULL REFERENCES user(name) ON DELETE CASCADE,"
	"  created_s INTEGER NOT NULL, not_after_s INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE INDEX certificate_user ON certificate(user);"
	"CREATE TABLE audit (id INTEGER PRIMARY KEY, at_s INTEGER NOT NULL, who TEXT NOT NULL,"
	"  what TEXT NOT NULL) STRICT;" LEASES_4
	"INSERT INTO lease VALUES ('2001:db8::1/128', 0, 'address', 'active', 'alice', x'00030001',"
	"  7, 0, NULL, '', zeroblob(16), 1, 2, 99, 3, 4);"
	"INSERT INTO user VALUES ('alice', 7, 'office');"
	"INSERT INTO certificate VALUES (zeroblob(32), 'alice', 7, 20);"
	"INSERT INTO audit VALUES (5, 7, 'root', 'user add alice');"
	"PRAGMA user_version = 4;";

static void users_of_the_fourth_format_keep_what_they_have(void **unused)
{
	static const uint8_t fingerprint[PKI_FINGERPRINT_LEN];
	struct err err = { 0 };
	struct state_user user;
	char path[300], hash[STATE_PASSWORD_MAX];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/state.db", folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, format_4, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);

	struct state *state = must_open(folder);

	assert_int_equal(state_user_of(state, fingerprint, &user, &err), 1);
	assert_string_equal(user.group, "office");
	assert_int_equal(user.created_s, 7);
	assert_false(user.has_password || user.has_code);
	assert_true(user.expires_s == 0 && user.blocked_s == 0 && user.revoked_s == 0);
	must(state_password_set(state, "alice", "$hash", 9, "test", &err), &err);
	must(state_user_block(state, "alice", true, "left", 9, "test", &err), &err);
	state_close(state);
	assert_int_equal(pragma("SELECT id FROM audit WHERE at_s = 7"), 5);
	assert_int_equal(pragma("PRAGMA user_version"), FORMAT);

	state = must_open(folder); /* and a second time it changes nothing */
	assert_int_equal(state_user_get(state, "alice", 10, &user, &err), 1);
	assert_int_equal(user.certificates, 1);
	assert_string_equal(user.why, "left");
	assert_int_equal(state_password_get(state, "alice", hash, &err), 1);
	assert_string_equal(hash, "$hash");
	state_close(state);
}

/* What the seventh one wrote of leases. */
static const char format_7[] = AUTHORITY_1 LEASES_4
	"ALTER TABLE lease ADD COLUMN interface_id BLOB NOT NULL DEFAULT x'';"
	"ALTER TABLE lease ADD COLUMN remote_id BLOB NOT NULL DEFAULT x'';"
	"ALTER TABLE lease ADD COLUMN excluded TEXT NOT NULL DEFAULT '';"
	"INSERT INTO lease VALUES ('2001:db8::1/128', 0, 'address', 'active', 'alice',"
	"  x'00030001', 7, 1, x'020000000001', 'laptop', zeroblob(16), 10, 30, 50, 20, "
	"40, x'01', x'02', '::/0');"
	"INSERT INTO lease VALUES ('2001:db8::2/128', 0, 'address', 'active', 'bob',"
	"  x'00030002', 8, 0, NULL, '', zeroblob(16), 10, 20, 50, 20, 40, x'', x'', '');"
	"PRAGMA user_version = 7;";

struct kept {
	unsigned count;
	struct dhcp6_lease row[2];
};

static void keep_lease(void *owner, const struct dhcp6_lease *row)
{
	struct kept *kept = owner;

	assert_in_range(kept->count, 0, 1);
	kept->row[kept->count++] = *row;
}

static void leases_of_the_seventh_format_are_all_there(void **unused)
{
	struct kept kept = { 0 };
	struct err err = { 0 };
	unsigned bad;
	char path[600];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/state.db", folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, format_7, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);

	struct state *state = must_open(folder);

	must(state_leases_read(state, keep_lease, &kept, &bad, &err), &err);
	assert_int_equal(bad, 0);
	assert_int_equal(kept.count, 2);
	/* those that are renewed together are now side by side */
	assert_string_equal(kept.row[0].user, "bob");
	assert_false(kept.row[0].has_mac);
	assert_int_equal(kept.row[1].row, 2);
	assert_string_equal(kept.row[1].user, "alice");
	assert_string_equal(kept.row[1].host, "laptop");
	assert_true(kept.row[1].has_mac && kept.row[1].reconfigure);
	assert_int_equal(kept.row[1].duid.len, 4);
	assert_int_equal(kept.row[1].iaid, 7);
	assert_int_equal(kept.row[1].since_s, 10);
	assert_int_equal(kept.row[1].until_s, 50);
	assert_int_equal(kept.row[1].preferred_s, 20);
	assert_int_equal(kept.row[1].valid_s, 40);
	assert_int_equal(kept.row[1].remote_id.len, 1);
	assert_int_equal(kept.row[1].remote_id.octet[0], 2);
	assert_true(kept.row[1].takes_exclude && !kept.row[0].takes_exclude);
	state_close(state);
}

static void a_newer_version_is_refused(void **unused)
{
	char expected[300];
	struct err err = { 0 };

	state_close(must_open(folder));
	snprintf(expected, sizeof(expected), "PRAGMA user_version = %d", FORMAT + 1);
	pragma(expected);
	snprintf(expected, sizeof(expected),
		 "%s/state.db was written by a newer lanyard (format %d, this one knows %d)",
		 folder, FORMAT + 1, FORMAT);
	assert_null(state_open(folder, &err));
	assert_string_equal(err.text, expected);
	assert_int_equal(pragma("PRAGMA user_version"), FORMAT + 1);
}

/* What was acknowledged is there after a power cut: sqlite.org/pragma.html#pragma_synchronous. */
static void each_commit_waits_for_the_disk(void **unused)
{
	struct state *state = must_open(folder);
	sqlite3_stmt *statement = state_prepare(state, "PRAGMA synchronous", NULL);

	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(statement, 0), 2);
	sqlite3_finalize(statement);
	state_close(state);
}

static void values_are_kept_by_name(void **unused)
{
	struct state *state = must_open(folder);
	struct err err = { 0 };
	char value[8] = "before";

	assert_int_equal(state_get(state, "a", value, sizeof(value), &err), 0);
	must(state_set(state, "a", "1", &err), &err);
	must(state_set(state, "b", "2", &err), &err);
	must(state_set(state, "a", "it's", &err), &err);
	assert_int_equal(state_get(state, "a", value, sizeof(value), &err), 1);
	assert_string_equal(value, "it's");
	assert_int_equal(state_get(state, "b", value, sizeof(value), &err), 1);
	assert_string_equal(value, "2");
	assert_int_equal(state_get(state, "A", value, sizeof(value), &err), 0);
	must(state_set(state, "long", "0123456789", &err), &err);
	assert_int_equal(state_get(state, "long", value, sizeof(value), &err), 1);
	assert_string_equal(value, "0123456"); /* what fits */
	state_close(state);
	state_close(NULL);
}

/* ---- certificates ---- */

static void the_authority_is_made_once(void **unused)
{
	struct pki_pair first, again;
	struct pki_description is;
	struct err err = { 0 };
	struct state *state = must_open(folder);

	must(state_authority(state, NOW_S, &first, &err), &err);
	must(pki_describe(first.certificate, &is, &err), &err);
	assert_true(is.is_authority);
	assert_true(is.not_before_s <= NOW_S - 3600); /* clients' clocks differ */
	assert_true(is.not_after_s >= NOW_S + 3649 * DAY_S);
	must(pki_pair_check(first.certificate, first.key, &err), &err);
	must(state_authority(state, NOW_S + 400 * DAY_S, &again, &err), &err);
	assert_string_equal(again.certificate, first.certificate);
	state_close(state);

	state = must_open(folder);
	must(state_authority(state, NOW_S + 800 * DAY_S, &again, &err), &err);
	assert_string_equal(again.certificate, first.certificate);
	assert_string_equal(again.key, first.key);
	state_close(state);
	assert_int_equal(pragma("SELECT count(*) FROM authority"), 1);
}

static struct pki_request server_request(const char *name, uint8_t last_octet)
{
	struct pki_request request = { .use = PKI_SERVER, .common_name = name };

	request.name[request.name_count++] = name;
	if (last_octet > 0) {
		request.address[0].len = 4;
		memcpy(request.address[0].octet, (uint8_t[]) { 192, 0, 2, last_octet }, 4);
		request.address_count = 1;
	}
	return request;
}

static void the_server_certificate_is_made_anew_when_it_must(void **unused)
{
	const int64_t due_s = pki_due_s(NOW_S - 3600, NOW_S + 3650ll * DAY_S);
	const struct {
		const char *what, *name;
		uint8_t octet;
		int64_t at_s;
		bool anew;
	} steps[] = {
		{ "the first one", "vpn.example", 1, NOW_S, true },
		{ "at once again", "vpn.example", 1, NOW_S, false },
		{ "fewer addresses", "vpn.example", 0, NOW_S, false },
		{ "another address", "vpn.example", 2, NOW_S, true },
		{ "another name", "vpn2.example", 2, NOW_S, true },
		{ "the name before", "vpn.example", 2, NOW_S, true },
		{ "more than a third is left", "vpn.example", 2, due_s - 1, false },
		{ "a third is left", "vpn.example", 2, due_s, true },
		{ "then it is new for long", "vpn.example", 2, due_s + 1000 * DAY_S, false },
		{ "a clock that was wrong", "vpn.example", 2, NOW_S, true },
	};
	struct state *state = must_open(folder);
	struct pki_pair now, before = { 0 }, authority;
	struct err err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct pki_request request = server_request(steps[i].name, steps[i].octet);
		struct pki_description is;

		must(state_authorities_keep(state, false, steps[i].at_s, "test", &err), &err);
		must(state_server_certificate(state, &request, steps[i].at_s, &now, &err), &err);
		must(pki_pair_check(now.certificate, now.key, &err), &err);
		must(pki_describe(now.certificate, &is, &err), &err);
		if (steps[i].anew != (strcmp(now.certificate, before.certificate) != 0))
			fail_msg("%s: %s", steps[i].what, steps[i].anew ? "the same" : "made anew");
		if (!pki_covers(now.certificate, &request) || is.not_before_s > steps[i].at_s ||
		    is.not_after_s <= steps[i].at_s + 30 * DAY_S)
			fail_msg("%s: does not fit", steps[i].what);
		before = now;
	}
	must(state_authority(state, NOW_S, &authority, &err), &err);
	state_close(state);
	assert_int_equal(pragma("SELECT count(*) FROM authority"), 2);
}

static void a_new_authority_makes_a_new_server_certificate(void **unused)
{
	struct pki_request request = server_request("vpn.example", 0);
	struct pki_pair first, second;
	struct err err = { 0 };
	struct state *state = must_open(folder);

	must(state_server_certificate(state, &request, NOW_S, &first, &err), &err);
	state_close(state);
	pragma("INSERT INTO authority (certificate, key, created_s)"
	       " SELECT certificate, key, created_s FROM authority");
	state = must_open(folder);
	must(state_server_certificate(state, &request, NOW_S, &second, &err), &err);
	assert_string_not_equal(first.certificate, second.certificate);
	state_close(state);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(only_its_owner_reads_it),
		IN_FOLDER(folders_that_cannot_be),
		IN_FOLDER(tables_come_with_the_first_opening_and_stay),
		IN_FOLDER(an_older_file_is_brought_up_to_date),
		IN_FOLDER(users_of_the_fourth_format_keep_what_they_have),
		IN_FOLDER(leases_of_the_seventh_format_are_all_there),
		IN_FOLDER(a_newer_version_is_refused),
		IN_FOLDER(each_commit_waits_for_the_disk),
		IN_FOLDER(values_are_kept_by_name),
		IN_FOLDER(the_authority_is_made_once),
		IN_FOLDER(the_server_certificate_is_made_anew_when_it_must),
		IN_FOLDER(a_new_authority_makes_a_new_server_certificate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
