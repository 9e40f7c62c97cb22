/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_state_invites.c - invitations: good once, for one user, until they end. */
#include <pthread.h>
#include <sqlite3.h>

#include "one_state.h"
#include "server/state_invites.h"

struct invited {
	char token[STATE_TOKEN_TEXT];
	struct state_invite invite;
};

static struct invited invite(const char *user, const char *group)
{
	struct invited invited;
	struct err err = { 0 };

	must(state_invite_add(state, user, group, NOW_S + DAY_S, NOW_S, "test", invited.token,
			      &invited.invite, &err),
	     &err);
	return invited;
}

static struct pki_description certificate(unsigned number)
{
	struct pki_description is = { .not_after_s = NOW_S + 100 * DAY_S };

	memcpy(is.fingerprint, &number, sizeof(number));
	return is;
}

static enum state_invite_verdict look(const char *token, int64_t now_s)
{
	enum state_invite_verdict verdict;
	struct state_user user;
	struct err err = { 0 };

	must(state_invite_look(state, token, now_s, &verdict, &user, &err), &err);
	return verdict;
}

static enum state_invite_verdict use(const char *token, unsigned number, int64_t now_s)
{
	struct pki_description is = certificate(number);
	enum state_invite_verdict verdict;
	struct state_user user;
	struct err err = { 0 };

	must(state_invite_use(state, token, &is, now_s, "192.0.2.7", &verdict, &user, &err), &err);
	return verdict;
}

static const char *user_of(unsigned number)
{
	struct pki_description is = certificate(number);
	static struct state_user user;
	struct err err = { 0 };
	int found = state_user_of(state, is.fingerprint, &user, &err);

	must(found, &err);
	return found ? user.name : "";
}

static void one_is_good_once(void **unused)
{
	struct invited alice = invite("alice", "laptops"), bob = invite("bob", NULL);
	enum state_invite_verdict verdict;
	struct state_user user;
	struct err err = { 0 };

	assert_int_equal(strlen(alice.token), STATE_TOKEN_TEXT - 1);
	assert_string_not_equal(alice.token, bob.token);
	must(state_invite_look(state, alice.token, NOW_S, &verdict, &user, &err), &err);
	assert_int_equal(verdict, STATE_INVITE_GOOD);
	assert_string_equal(user.name, "alice");
	assert_string_equal(user.group, "laptops");
	assert_int_equal(look(alice.token, NOW_S), STATE_INVITE_GOOD); /* looking uses nothing */
	assert_int_equal(use(alice.token, 1, NOW_S), STATE_INVITE_GOOD);
	assert_string_equal(user_of(1), "alice");
	assert_int_equal(use(alice.token, 2, NOW_S), STATE_INVITE_USED);
	assert_int_equal(look(alice.token, NOW_S), STATE_INVITE_USED);
	assert_string_equal(user_of(2), "");
	assert_int_equal(use(bob.token, 3, NOW_S), STATE_INVITE_GOOD);
	assert_string_equal(user_of(3), "bob");
}

/* Each breaks one thing of an invitation that is good. */
static void take_back(const struct invited *invited)
{
	struct err err = { 0 };

	must(state_invite_revoke(state, invited->invite.id, NOW_S, "test", &err), &err);
}

static void block(const struct invited *invited)
{
	struct err err = { 0 };

	must(state_user_block(state, "alice", true, NULL, NOW_S, "test", &err), &err);
}

static void end_user(const struct invited *invited)
{
	struct err err = { 0 };

	must(state_user_expire(state, "alice", NOW_S, NOW_S, "test", &err), &err);
}

static void remove_user(const struct invited *invited)
{
	struct err err = { 0 };

	must(state_user_remove(state, "alice", NOW_S, "test", &err), &err);
}

static void remove_and_add_user(const struct invited *invited)
{
	struct err err = { 0 };

	remove_user(invited);
	must(state_user_add(state, "alice", NULL, 0, NOW_S, "test", &err), &err);
}

static void what_is_not_good_says_why(void **unused)
{
	static const struct {
		const char *what;
		void (*spoil)(const struct invited *invited);
		int64_t now_s;
		enum state_invite_verdict verdict;
	} cases[] = {
		{ "in its last second", NULL, NOW_S + DAY_S - 1, STATE_INVITE_GOOD },
		{ "expired", NULL, NOW_S + DAY_S, STATE_INVITE_EXPIRED },
		{ "revoked", take_back, NOW_S, STATE_INVITE_REVOKED },
		{ "its user is blocked", block, NOW_S, STATE_INVITE_BLOCKED },
		{ "its user has expired", end_user, NOW_S, STATE_INVITE_BLOCKED },
		{ "its user was removed", remove_user, NOW_S, STATE_INVITE_REVOKED },
		{ "its user was removed and added", remove_and_add_user, NOW_S,
		  STATE_INVITE_REVOKED },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct invited invited = invite("alice", NULL);

		if (cases[i].spoil)
			cases[i].spoil(&invited);
		if (look(invited.token, cases[i].now_s) != cases[i].verdict ||
		    use(invited.token, 1, cases[i].now_s) != cases[i].verdict)
			fail_msg("%s: %s", cases[i].what,
				 state_invite_name[look(invited.token, cases[i].now_s)]);
		if ((user_of(1)[0] != '\0') != (cases[i].verdict == STATE_INVITE_GOOD))
			fail_msg("%s: its certificate is '%s's", cases[i].what, user_of(1));
		one_state_end(NULL);
		one_state_begin(NULL);
	}
}

static void what_is_no_token_is_unknown(void **unused)
{
	struct invited invited = invite("alice", NULL);
	char changed[STATE_TOKEN_TEXT], longer[STATE_TOKEN_TEXT + 1];
	const char *const tokens[] = { "",
				       "x",
				       "'; DROP TABLE user; --",
				       "\xff\xfe",
				       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
				       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
				       changed,
				       longer,
				       invited.token + 1 };

	strcpy(changed, invited.token);
	changed[0] = changed[0] == 'A' ? 'B' : 'A';
	snprintf(longer, sizeof(longer), "%sA", invited.token);
	for (size_t i = 0; i < ARRAY_LEN(tokens); i++)
		if (use(tokens[i], 1, NOW_S) != STATE_INVITE_UNKNOWN)
			fail_msg("'%s' is known", tokens[i]);
	assert_string_equal(user_of(1), "");
	assert_int_equal(use(invited.token, 1, NOW_S), STATE_INVITE_GOOD);
}

static void an_invited_user_stays_in_its_group(void **unused)
{
	struct invited invited;
	struct state_user user;
	struct err err = { 0 };

	must(state_user_add(state, "alice", "office", 0, NOW_S, "test", &err), &err);
	invite("alice", NULL);
	invite("alice", "office");
	assert_int_equal(state_invite_add(state, "alice", "laptops", NOW_S + 1, NOW_S, "test",
					  invited.token, &invited.invite, &err),
			 -1);
	assert_string_equal(err.text,
			    "user alice is in group office: lanyard user group changes that");
	assert_string_equal(invited.token, "");
	assert_int_equal(state_invite_add(state, "alice", "none", NOW_S + 1, NOW_S, "test",
					  invited.token, &invited.invite, &err),
			 -1);
	assert_int_equal(state_invite_add(state, "-x", NULL, NOW_S + 1, NOW_S, "test",
					  invited.token, &invited.invite, &err),
			 -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(state_invite_add(state, "carol", "a b", NOW_S + 1, NOW_S, "test",
					  invited.token, &invited.invite, &err),
			 -1);
	assert_int_equal(state_user_get(state, "carol", NOW_S, &user, &err), 0);
}

static void add_text(void *owner, const struct state_invite *invite)
{
	char *text = owner;

	sprintf(text + strlen(text), "%lld %s %d%d;", (long long)invite->id, invite->user,
		invite->used_s != 0, invite->revoked_s != 0);
	assert_true(invite->created_s == NOW_S && invite->expires_s == NOW_S + DAY_S);
}

static void they_are_listed_and_taken_back_by_number(void **unused)
{
	struct invited alice = invite("alice", NULL), bob = invite("bob", NULL);
	char text[256] = "";
	struct err err = { 0 };

	invite("carol", NULL);
	use(alice.token, 1, NOW_S);
	take_back(&bob);
	take_back(&bob);
	must(state_invite_list(state, add_text, text, &err), &err);
	assert_string_equal(text, "1 alice 10;2 bob 01;3 carol 00;");
	assert_int_equal(state_invite_revoke(state, 4, NOW_S, "test", &err), -1);
	assert_int_equal(err.kind, ERR_NO_OBJECT);
	assert_int_equal(state_invite_revoke(state, 1, NOW_S, "test", &err), -1);
	assert_non_null(strstr(err.text, "was used"));
}

/* ---- what is on disk ---- */

static int count(const char *sql)
{
	char path[300];
	sqlite3_stmt *statement;
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/state.db", folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	int value = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : 0;
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return value;
}

static int open_at(int64_t now_s)
{
	struct err err = { 0 };
	int count = state_invites_open(state, now_s, &err);

	must(count, &err);
	return count;
}

static void those_that_can_be_used_are_counted(void **unused)
{
	struct err err = { 0 };

	assert_int_equal(open_at(NOW_S), 0);
	struct invited used = invite("alice", ""), revoked = invite("alice", "");
	assert_int_equal(open_at(NOW_S), 2);
	assert_int_equal(open_at(NOW_S + DAY_S), 0);
	assert_int_equal(use(used.token, 1, NOW_S), STATE_INVITE_GOOD);
	assert_int_equal(open_at(NOW_S), 1);
	must(state_invite_revoke(state, revoked.invite.id, NOW_S, "test", &err), &err);
	assert_int_equal(open_at(NOW_S), 0);
}

static void they_have_a_limit_and_old_ones_go(void **unused)
{
	struct invited invited;
	struct err err = { 0 };
	int64_t later_s = NOW_S + DAY_S + STATE_INVITE_KEEP_S;

	invite("alice", NULL);
	count("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4095)"
	      " INSERT INTO invitation (token, user, created_s, expires_s)"
	      " SELECT randomblob(32), 'alice', 1790000000, 1790086400 FROM n");
	assert_int_equal(count("SELECT count(*) FROM invitation"), STATE_INVITES_MAX);
	assert_int_equal(state_invite_add(state, "alice", NULL, later_s, NOW_S, "test",
					  invited.token, &invited.invite, &err),
			 -1);
	assert_string_equal(err.text, "there are 4096 invitations already");
	/* over, but not long enough */
	assert_int_equal(state_invite_add(state, "alice", NULL, later_s, later_s - 1, "test",
					  invited.token, &invited.invite, &err),
			 -1);
	must(state_invite_add(state, "alice", NULL, later_s + 1, later_s, "test", invited.token,
			      &invited.invite, &err),
	     &err);
	assert_int_equal(count("SELECT count(*) FROM invitation"), 1);
	assert_int_equal(look(invited.token, later_s), STATE_INVITE_GOOD);
}

static void a_token_is_nowhere_in_the_file(void **unused)
{
	struct invited invited = invite("alice", NULL);
	char command[400];

	snprintf(command, sizeof(command), "grep -qF -- '%s' %s/state.db*", invited.token, folder);
	assert_int_not_equal(system(command), 0);
	snprintf(command, sizeof(command), "grep -qF alice %s/state.db*", folder);
	assert_int_equal(system(command), 0); /* it looks where it should */
}

/* ---- two at once ---- */

#define ROUNDS 30

struct racer {
	pthread_t thread;
	pthread_barrier_t *start;
	struct state *state;
	const struct invited *invited;
	unsigned number;
	unsigned won[ROUNDS];
};

static void *race(void *owner)
{
	struct racer *racer = owner;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct pki_description is = certificate(racer->number + i);
		enum state_invite_verdict verdict;
		struct state_user user;
		struct err err = { 0 };

		pthread_barrier_wait(racer->start);
		racer->won[i] = state_invite_use(racer->state, racer->invited[i].token, &is, NOW_S,
						 "test", &verdict, &user, &err) == 0 &&
				verdict == STATE_INVITE_GOOD;
	}
	return NULL;
}

static void of_two_at_once_one_gets_it(void **unused)
{
	struct invited invited[ROUNDS];
	pthread_barrier_t start;
	struct racer racer[2] = { 0 };

	for (unsigned i = 0; i < ROUNDS; i++)
		invited[i] = invite("alice", NULL);
	assert_int_equal(pthread_barrier_init(&start, NULL, 2), 0);
	for (unsigned i = 0; i < 2; i++) {
		racer[i] = (struct racer) { .start = &start, .invited = invited };
		racer[i].number = 1 + 1000 * i;
		racer[i].state = must_open(folder);
		assert_int_equal(pthread_create(&racer[i].thread, NULL, race, &racer[i]), 0);
	}
	for (unsigned i = 0; i < 2; i++) {
		pthread_join(racer[i].thread, NULL);
		state_close(racer[i].state);
	}
	for (unsigned i = 0; i < ROUNDS; i++) {
		assert_int_equal(racer[0].won[i] + racer[1].won[i], 1);
		assert_string_equal(user_of(1 + i), racer[0].won[i] ? "alice" : "");
		assert_string_equal(user_of(1001 + i), racer[1].won[i] ? "alice" : "");
	}
	pthread_barrier_destroy(&start);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(one_is_good_once),
		IN_FOLDER(what_is_not_good_says_why),
		IN_FOLDER(what_is_no_token_is_unknown),
		IN_FOLDER(an_invited_user_stays_in_its_group),
		IN_FOLDER(they_are_listed_and_taken_back_by_number),
		IN_FOLDER(they_have_a_limit_and_old_ones_go),
		IN_FOLDER(those_that_can_be_used_are_counted),
		IN_FOLDER(they_have_a_limit_and_old_ones_go),
		IN_FOLDER(a_token_is_nowhere_in_the_file),
		IN_FOLDER(of_two_at_once_one_gets_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
