/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_state_users.c - users, whose certificate it is, and the audit log. */
#include <sqlite3.h>

#include "one_state.h"

#define BAD_NAME                                                                                   \
	"a user's name has 1 to 32 characters of a-z A-Z 0-9 . _ - @ and does not begin with . or" \
	" -"

static void names_are_checked(void **unused)
{
	static const struct {
		const char *what, *name;
		bool good;
	} cases[] = {
		{ "a name", "alice", true },
		{ "all kinds of characters", "A.b_c-d@e.example9", true },
		{ "one character", "x", true },
		{ "a digit first", "7of9", true },
		{ "an underscore first", "_x", true },
		{ "32 characters", "abcdefghijklmnopqrstuvwxyz012345", true },
		{ "33 characters", "abcdefghijklmnopqrstuvwxyz0123456", false },
		{ "none", "", false },
		{ "a dot first", ".ssh", false },
		{ "a hyphen first: an option", "-rf", false },
		{ "a space", "al ice", false },
		{ "a newline", "alice\n", false },
		{ "a slash", "../x", false },
		{ "a quote", "x'; DROP TABLE user; --", false },
		{ "UTF-8",
		  "z\xc3\xbc"
		  "rich",
		  false },
		{ "a control character", "a\x1b[31m", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = { 0 };
		bool added =
			state_user_add(state, cases[i].name, NULL, 0, NOW_S, "test", &err) == 0;

		if (added != cases[i].good)
			fail_msg("%s: %s", cases[i].what, err.text);
		if (!added && (strcmp(err.text, BAD_NAME) != 0 || err.kind != ERR_USAGE))
			fail_msg("%s: %d '%s'", cases[i].what, (int)err.kind, err.text);
		err = (struct err) { 0 };
		if (!added && (state_user_remove(state, cases[i].name, NOW_S, "test", &err) == 0 ||
			       err.kind != ERR_USAGE))
			fail_msg("%s: removed: %d '%s'", cases[i].what, (int)err.kind, err.text);
	}
}

/* "alice 100 0;bob 200 0;" */
static void add_text(void *owner, const struct state_user *user)
{
	char *text = owner;

	sprintf(text + strlen(text), "%s %lld %u%s%s;", user->name, (long long)user->created_s,
		user->certificates, user->group[0] ? " " : "", user->group);
}

static const char *list_at(int64_t now_s)
{
	static char text[4096];
	struct err err = { 0 };

	text[0] = '\0';
	must(state_user_list(state, now_s, add_text, text, &err), &err);
	return text;
}

static void users_come_and_go(void **unused)
{
	struct err err = { 0 };

	assert_string_equal(list_at(NOW_S), "");
	must(state_user_add(state, "carol", NULL, 0, 300, "test", &err), &err);
	must(state_user_add(state, "alice", NULL, 0, 100, "test", &err), &err);
	must(state_user_add(state, "Alice", NULL, 0, 200, "test", &err), &err); /* somebody else */
	assert_string_equal(list_at(NOW_S), "Alice 200 0;alice 100 0;carol 300 0;");

	assert_int_equal(state_user_add(state, "alice", NULL, 0, 400, "test", &err), -1);
	assert_string_equal(err.text, "there is a user 'alice' already");
	assert_int_equal(err_status(&err), ERR_FAILED);
	assert_string_equal(list_at(NOW_S), "Alice 200 0;alice 100 0;carol 300 0;");

	must(state_user_remove(state, "alice", NOW_S, "test", &err), &err);
	assert_string_equal(list_at(NOW_S), "Alice 200 0;carol 300 0;");
	assert_int_equal(state_user_remove(state, "alice", NOW_S, "test", &err), -1);
	assert_string_equal(err.text, "there is no user 'alice'");
	assert_int_equal(err.kind, ERR_NO_OBJECT);
	must(state_user_add(state, "alice", NULL, 0, 500, "test", &err), &err);
	assert_string_equal(list_at(NOW_S), "Alice 200 0;alice 500 0;carol 300 0;");
}

/* ---- certificates ---- */

static struct pki_description certificate(unsigned number, int64_t not_after_s)
{
	struct pki_description is = { .not_after_s = not_after_s };

	memcpy(is.fingerprint, &number, sizeof(number));
	return is;
}

static void add_certificate(const char *user, unsigned number, int64_t now_s, int64_t not_after_s)
{
	struct pki_description is = certificate(number, not_after_s);
	struct err err = { 0 };

	must(state_certificate_add(state, user, &is, now_s, "test", &err), &err);
}

/* Whose certificate number `number` is; "" if nobody's. */
static const char *user_of(unsigned number)
{
	struct pki_description is = certificate(number, 0);
	static struct state_user user;
	struct err err = { 0 };
	int found = state_user_of(state, is.fingerprint, &user, &err);

	must(found, &err);
	return found ? user.name : "";
}

static void a_certificate_is_its_users(void **unused)
{
	struct pki_description unknown = certificate(9, NOW_S + DAY_S);
	struct err err = { 0 };

	must(state_user_add(state, "alice", NULL, 0, NOW_S, "test", &err), &err);
	must(state_user_add(state, "bob", NULL, 0, NOW_S, "test", &err), &err);
	add_certificate("alice", 1, NOW_S, NOW_S + 10 * DAY_S);
	add_certificate("alice", 2, NOW_S, NOW_S + 20 * DAY_S);
	add_certificate("bob", 3, NOW_S, NOW_S + 20 * DAY_S);
	assert_string_equal(user_of(1), "alice");
	assert_string_equal(user_of(2), "alice");
	assert_string_equal(user_of(3), "bob");
	assert_string_equal(user_of(4), "");

	/* a list counts what is valid at that time */
	assert_non_null(strstr(list_at(NOW_S), "alice 1790000000 2;"));
	assert_non_null(strstr(list_at(NOW_S + 10 * DAY_S), "alice 1790000000 1;"));
	assert_non_null(strstr(list_at(NOW_S + 20 * DAY_S), "alice 1790000000 0;"));

	assert_int_equal(state_certificate_add(state, "carol", &unknown, NOW_S, "test", &err), -1);
	assert_string_equal(err.text, "there is no user 'carol'");
	assert_int_equal(err.kind, ERR_NO_OBJECT);
	assert_string_equal(user_of(9), "");
}

static void a_removed_users_certificates_are_nobodys(void **unused)
{
	struct err err = { 0 };

	must(state_user_add(state, "alice", NULL, 0, NOW_S, "test", &err), &err);
	must(state_user_add(state, "bob", NULL, 0, NOW_S, "test", &err), &err);
	add_certificate("alice", 1, NOW_S, NOW_S + 10 * DAY_S);
	add_certificate("bob", 2, NOW_S, NOW_S + 10 * DAY_S);
	must(state_user_remove(state, "alice", NOW_S, "test", &err), &err);
	assert_string_equal(user_of(1), "");
	assert_string_equal(user_of(2), "bob");
	/* not even a new user of the same name gets them back */
	must(state_user_add(state, "alice", NULL, 0, NOW_S, "test", &err), &err);
	assert_string_equal(user_of(1), "");
}

static void certificates_have_a_limit(void **unused)
{
	struct err err = { 0 };

	must(state_user_add(state, "alice", NULL, 0, NOW_S, "test", &err), &err);
	must(state_user_add(state, "bob", NULL, 0, NOW_S, "test", &err), &err);
	add_certificate("bob", 1000, NOW_S, NOW_S + DAY_S);
	/* the first ones end last: what goes is what ends first, not what is oldest */
	for (unsigned n = 0; n < STATE_CERTIFICATES_MAX; n++)
		add_certificate("alice", n, NOW_S, NOW_S + (1000 - n) * DAY_S);
	assert_non_null(strstr(list_at(NOW_S), "alice 1790000000 64;"));
	add_certificate("alice", 500, NOW_S, NOW_S + 500 * DAY_S);
	assert_non_null(strstr(list_at(NOW_S), "alice 1790000000 64;"));
	assert_string_equal(user_of(STATE_CERTIFICATES_MAX - 1), "");
	assert_string_equal(user_of(STATE_CERTIFICATES_MAX - 2), "alice");
	assert_string_equal(user_of(0), "alice");
	assert_string_equal(user_of(500), "alice");
	assert_string_equal(user_of(1000), "bob");

	/* what has ended makes room first: nothing valid goes for it */
	add_certificate("alice", 501, NOW_S + 945 * DAY_S, NOW_S + 2000 * DAY_S);
	assert_string_equal(user_of(500), "");
	assert_string_equal(user_of(0), "alice");
	assert_non_null(strstr(list_at(NOW_S + 945 * DAY_S), "alice 1790000000 56;"));
}

/* ---- groups ---- */

static const char *group_of(unsigned number)
{
	struct pki_description is = certificate(number, 0);
	static struct state_user user;
	struct err err = { 0 };

	assert_int_equal(state_user_of(state, is.fingerprint, &user, &err), 1);
	return user.group;
}

static void a_user_is_in_one_group_or_in_none(void **unused)
{
	static const char *const none[] = { NULL, "", "none" };
	struct err err = { 0 };

	must(state_user_add(state, "alice", NULL, 0, NOW_S, "test", &err), &err);
	must(state_user_add(state, "bob", "engineers", 0, NOW_S, "test", &err), &err);
	add_certificate("alice", 1, NOW_S, NOW_S + DAY_S);
	add_certificate("bob", 2, NOW_S, NOW_S + DAY_S);
	assert_string_equal(group_of(1), "");
	assert_string_equal(group_of(2), "engineers");
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		must(state_user_set_group(state, "alice", "guests", NOW_S, "test", &err), &err);
		assert_string_equal(group_of(1), "guests");
		assert_string_equal(group_of(2), "engineers");
		must(state_user_set_group(state, "alice", none[i], NOW_S, "test", &err), &err);
		assert_string_equal(group_of(1), "");
	}
	assert_string_equal(list_at(NOW_S), "alice 1790000000 1;bob 1790000000 1 engineers;");

	assert_int_equal(state_user_set_group(state, "carol", "guests", NOW_S, "test", &err), -1);
	assert_string_equal(err.text, "there is no user 'carol'");
	assert_int_equal(err.kind, ERR_NO_OBJECT);
	assert_int_equal(state_user_set_group(state, "bob", "a b", NOW_S, "test", &err), -1);
	assert_non_null(strstr(err.text, "a group's name has 1 to 32 characters"));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(state_user_add(state, "dora", "-x", 0, NOW_S, "test", &err), -1);
	assert_string_equal(group_of(2), "engineers");
	assert_null(strstr(list_at(NOW_S), "dora"));
}

/* ---- what keeps them out ---- */

static struct state_user user_now(const char *name)
{
	struct state_user user;
	struct err err = { 0 };

	assert_int_equal(state_user_get(state, name, NOW_S, &user, &err), 1);
	return user;
}

static void a_user_is_blocked_since_the_first_time(void **unused)
{
	struct err err = { 0 };

	must(state_user_add(state, "alice", NULL, 0, NOW_S, "test", &err), &err);
	must(state_user_block(state, "alice", true, "lost", NOW_S + 1, "test", &err), &err);
	must(state_user_block(state, "alice", true, "stolen", NOW_S + 2, "test", &err), &err);
	assert_int_equal(user_now("alice").blocked_s, NOW_S + 1);
	assert_string_equal(user_now("alice").why, "stolen");
	must(state_user_block(state, "alice", false, NULL, NOW_S + 3, "test", &err), &err);
	assert_int_equal(user_now("alice").blocked_s, 0);
	must(state_user_block(state, "alice", true, NULL, NOW_S + 4, "test", &err), &err);
	assert_int_equal(user_now("alice").blocked_s, NOW_S + 4);
}

static void a_reason_has_its_length(void **unused)
{
	char why[STATE_WHY_MAX + 1];
	struct err err = { 0 };

	memset(why, 'x', sizeof(why));
	why[STATE_WHY_MAX] = '\0';
	must(state_user_add(state, "alice", NULL, 0, NOW_S, "test", &err), &err);
	assert_int_equal(state_user_block(state, "alice", true, why, NOW_S, "test", &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(user_now("alice").blocked_s, 0);
	must(state_user_block(state, "alice", true, why + 1, NOW_S, "test", &err), &err);
	assert_string_equal(user_now("alice").why, why + 1);
}

/* ---- the log ---- */

static int audit_row(void *owner, int columns, char **value, char **name)
{
	char *text = owner;

	sprintf(text + strlen(text), "%s %s: %s\n", value[0], value[1], value[2]);
	return 0;
}

static void each_change_is_in_the_log(void **unused)
{
	char path[300], text[1024] = "";
	struct err err = { 0 };
	sqlite3 *db;

	must(state_user_add(state, "alice", NULL, 0, 100, "root", &err), &err);
	add_certificate("alice", 1, 200, 300);
	assert_int_equal(state_user_add(state, "alice", NULL, 0, 250, "root", &err), -1);
	assert_int_equal(state_user_remove(state, "bob", 260, "root", &err), -1);
	must(state_user_set_group(state, "alice", "x", 300, "root", &err), &err);
	must(state_user_set_group(state, "alice", NULL, 310, "root", &err), &err);
	assert_int_equal(state_user_set_group(state, "bob", "x", 320, "root", &err), -1);
	must(state_user_remove(state, "alice", 400, "o'brien", &err), &err);
	must(state_user_add(state, "bob", "guests", 0, 500, "root", &err), &err);

	snprintf(path, sizeof(path), "%s/state.db", folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "SELECT at_s, who, what FROM audit ORDER BY id",
				      audit_row, text, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	assert_string_equal(text, "100 root: user add alice\n"
				  "200 test: certificate add alice\n"
				  "300 root: user group alice x\n"
				  "310 root: user group alice none\n"
				  "400 o'brien: user remove alice\n"
				  "500 root: user add bob guests\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(names_are_checked),
		IN_FOLDER(users_come_and_go),
		IN_FOLDER(a_certificate_is_its_users),
		IN_FOLDER(a_removed_users_certificates_are_nobodys),
		IN_FOLDER(certificates_have_a_limit),
		IN_FOLDER(a_user_is_in_one_group_or_in_none),
		IN_FOLDER(a_user_is_blocked_since_the_first_time),
		IN_FOLDER(a_reason_has_its_length),
		IN_FOLDER(each_change_is_in_the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
