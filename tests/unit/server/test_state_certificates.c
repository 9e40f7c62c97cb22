/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_state_certificates.c - listing certificates and revoking them. */
#include "folder.h"
#include "server/state_certificates.h"

static char folder[FOLDER_PATH];
static struct state *state;

static struct pki_description certificate(uint8_t first, uint8_t last)
{
	struct pki_description is = { .not_after_s = NOW_S + DAY_S };

	memset(is.fingerprint, first, PKI_FINGERPRINT_LEN);
	is.fingerprint[PKI_FINGERPRINT_LEN - 1] = last;
	return is;
}

static void add(const char *user, uint8_t first, uint8_t last, int64_t now_s)
{
	struct pki_description is = certificate(first, last);
	struct err err = { 0 };

	must(state_certificate_add(state, user, &is, now_s, "test", &err), &err);
}

static int begin_test(void **unused)
{
	struct err err = { 0 };

	folder_make(folder);
	state = must_open(folder);
	must(state_user_add(state, "bob", NULL, 0, NOW_S, "test", &err), &err);
	must(state_user_add(state, "alice", NULL, 0, NOW_S, "test", &err), &err);
	add("bob", 0xb0, 1, NOW_S);
	add("alice", 0xa1, 1, NOW_S + 2);
	add("alice", 0xa1, 2, NOW_S + 1);
	return 0;
}

static int end_test(void **unused)
{
	state_close(state);
	folder_remove(folder);
	return 0;
}

static void add_text(void *owner, const struct state_certificate *certificate)
{
	char *text = owner;

	sprintf(text + strlen(text), "%s %02x..%02x +%lld %lld;", certificate->user,
		certificate->fingerprint[0], certificate->fingerprint[PKI_FINGERPRINT_LEN - 1],
		(long long)(certificate->created_s - NOW_S),
		(long long)(certificate->revoked_s ? certificate->revoked_s - NOW_S : 0));
	assert_int_equal(certificate->not_after_s, NOW_S + DAY_S);
}

static const char *list(const char *user)
{
	static char text[8192];
	struct err err = { 0 };

	text[0] = '\0';
	must(state_certificate_list(state, user, add_text, text, &err), &err);
	return text;
}

static void they_are_listed(void **unused)
{
	assert_string_equal(list(NULL), "alice a1..02 +1 0;alice a1..01 +2 0;bob b0..01 +0 0;");
	assert_string_equal(list("bob"), "bob b0..01 +0 0;");
	assert_string_equal(list("nobody"), "");
}

#define A1_30 "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1" /* bytes */

static void which_one_is_meant(void **unused)
{
	static const struct {
		const char *what, *fingerprint;
		int kind; /* 0: revoked */
	} cases[] = {
		{ "seven digits", "b0b0b0b", ERR_USAGE },
		{ "none at all", "", ERR_USAGE },
		{ "not hexadecimal", "b0b0b0bg", ERR_USAGE },
		{ "a wildcard of SQL", "b0b0b0b%", ERR_USAGE },
		{ "a colon first", ":b0b0b0b0", ERR_USAGE },
		{ "66 digits", A1_30 "a101aa", ERR_USAGE },
		{ "of two", "a1a1a1a1", ERR_USAGE },
		{ "nobody's", "c0c0c0c0", ERR_NO_OBJECT },
		{ "what begins otherwise", "0b0b0b0b", ERR_NO_OBJECT },
		{ "eight digits", "b0b0b0b0", 0 },
		{ "in capitals, with colons", "B0:B0:B0:B0", 0 },
		{ "all of it", A1_30 "a101", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct state_certificate revoked;
		struct err err = { 0 };
		int result = state_certificate_revoke(state, cases[i].fingerprint, NOW_S + 9,
						      "test", &revoked, &err);

		if ((result == 0) != (cases[i].kind == 0) ||
		    (result < 0 && (int)err.kind != cases[i].kind))
			fail_msg("%s: %d %s", cases[i].what, (int)err.kind, err.text);
	}
	assert_string_equal(list(NULL), "alice a1..02 +1 0;alice a1..01 +2 9;bob b0..01 +0 9;");
}

static void a_revoked_one_opens_nothing(void **unused)
{
	struct pki_description is = certificate(0xa1, 1), others = certificate(0xa1, 2);
	struct state_certificate revoked;
	struct state_user user;
	struct err err = { 0 };

	assert_int_equal(state_user_of(state, is.fingerprint, &user, &err), 1);
	must(state_certificate_revoke(state, A1_30 "a101", NOW_S + 5, "test", &revoked, &err),
	     &err);
	assert_string_equal(revoked.user, "alice");
	assert_int_equal(revoked.revoked_s, NOW_S + 5);
	assert_int_equal(state_user_of(state, is.fingerprint, &user, &err), 0);
	assert_string_equal(user.name, "alice");
	assert_int_equal(user.revoked_s, NOW_S + 5);
	assert_int_equal(state_user_of(state, others.fingerprint, &user, &err), 1);
	assert_int_equal(state_user_get(state, "alice", NOW_S, &user, &err), 1);
	assert_int_equal(user.certificates, 1);
	/* again: since the first time */
	must(state_certificate_revoke(state, A1_30 "a101", NOW_S + 8, "test", &revoked, &err),
	     &err);
	assert_int_equal(revoked.revoked_s, NOW_S + 5);
}

static void revoked_ones_make_room_first(void **unused)
{
	struct pki_description first = certificate(0xb0, 1);
	struct state_certificate revoked;
	struct state_user user;
	struct err err = { 0 };

	for (unsigned n = 0; n < STATE_CERTIFICATES_MAX - 2; n++)
		add("bob", (uint8_t)n, 7, NOW_S);
	add("bob", 0xbb, 1, NOW_S);
	must(state_certificate_revoke(state, "bbbbbbbb", NOW_S, "test", &revoked, &err), &err);
	add("bob", 0xbc, 1, NOW_S);
	assert_int_equal(state_user_of(state, first.fingerprint, &user, &err), 1);
	assert_int_equal(state_user_get(state, "bob", NOW_S, &user, &err), 1);
	assert_int_equal(user.certificates, STATE_CERTIFICATES_MAX);
	assert_null(strstr(list("bob"), "bb..01"));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(they_are_listed),
		IN_FOLDER(which_one_is_meant),
		IN_FOLDER(a_revoked_one_opens_nothing),
		IN_FOLDER(revoked_ones_make_room_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
