/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_account_actions.c - requests about accounts: what is refused and why, and
 * what an invitation's URL is made of. */
#include <sodium.h>
#include <time.h>

#include "folder.h"
#include "server/account_actions.h"
#include "server/state_auth.h"
#include "server/state_invites.h"
#include "server/users.h"

static char folder[FOLDER_PATH];
static struct state *state;
static struct server_config config;

static int begin_test(void **unused)
{
	struct err err = { 0 };

	folder_make(folder);
	state = must_open(folder);
	server_config_defaults(&config);
	config.listen_count = 1;
	config.listen[0].port = 8443;
	strcpy(config.name, "vpn.example");
	must(pki_init(&err), &err);
	must(state_user_add(state, "alice", "office", 0, NOW_S, "test", &err), &err);
	return 0;
}

static int end_test(void **unused)
{
	state_close(state);
	folder_remove(folder);
	return 0;
}

static json_t *ask(const char *text, struct err *err)
{
	json_t *request = json_loads(text, 0, NULL);

	assert_non_null(request);
	*err = (struct err) { 0 };
	json_t *answer = account_run(state, &config, request, err);
	json_decref(request);
	return answer;
}

static void what_is_wrong_is_refused(void **unused)
{
	static const struct {
		const char *request;
		int kind;
	} cases[] = {
		{ "{}", ERR_USAGE },
		{ "{\"verb\": \"user praise\", \"name\": \"alice\"}", ERR_USAGE },
		{ "{\"verb\": \"user block\"}", ERR_USAGE },
		{ "{\"verb\": \"user block\", \"name\": 7}", ERR_USAGE },
		{ "{\"verb\": \"user block\", \"name\": \"bob\"}", ERR_NO_OBJECT },
		{ "{\"verb\": \"user unblock\", \"name\": \"bob\"}", ERR_NO_OBJECT },
		{ "{\"verb\": \"user expire\", \"name\": \"alice\"}", ERR_USAGE },
		{ "{\"verb\": \"user expire\", \"name\": \"alice\", \"expires_s\": -1}",
		  ERR_USAGE },
		{ "{\"verb\": \"user passwd\", \"name\": \"alice\"}", ERR_USAGE },
		{ "{\"verb\": \"user passwd\", \"name\": \"alice\", \"hash\": \"secret\"}",
		  ERR_USAGE }, /* never a password in the place of a hash */
		{ "{\"verb\": \"user totp\", \"name\": \"bob\"}", ERR_NO_OBJECT },
		{ "{\"verb\": \"invite\", \"name\": \"bob\"}", ERR_USAGE },
		{ "{\"verb\": \"invite\", \"name\": \"bob\", \"lasts_s\": 9, \"server\": \"a/b\"}",
		  ERR_USAGE },
		{ "{\"verb\": \"invite revoke\", \"id\": \"1\"}", ERR_USAGE },
		{ "{\"verb\": \"invite revoke\", \"id\": 1}", ERR_NO_OBJECT },
		{ "{\"verb\": \"cert revoke\"}", ERR_USAGE },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err;
		json_t *answer = ask(cases[i].request, &err);

		if (answer || (int)err.kind != cases[i].kind)
			fail_msg("%s: %d '%s'", cases[i].request, (int)err.kind, err.text);
	}
}

static void a_hash_has_its_length(void **unused)
{
	char digits[STATE_PASSWORD_MAX], request[512];
	struct err err;

	for (int more = 0; more < 2; more++) {
		size_t len = STATE_PASSWORD_MAX - 1 - strlen("$argon2id$v=19$") + (size_t)more;

		memset(digits, 'x', len);
		digits[len] = '\0';
		snprintf(request, sizeof(request),
			 "{\"verb\": \"user passwd\", \"name\": \"alice\","
			 " \"hash\": \"$argon2id$v=19$%s\"}",
			 digits);
		json_t *answer = ask(request, &err);

		assert_int_equal(!answer, more);
		assert_int_equal(err.kind, more ? ERR_USAGE : 0);
		json_decref(answer);
	}
}

static void a_url_has_place_token_and_pin(void **unused)
{
	static const struct {
		const char *request, *place;
	} cases[] = {
		{ "{\"verb\": \"invite\", \"name\": \"bob\", \"lasts_s\": 9}", "vpn.example:8443" },
		{ "{\"verb\": \"invite\", \"name\": \"bob\", \"lasts_s\": 9, \"server\": "
		  "\"[2001:db8::1]:7\"}",
		  "[2001:db8::1]:7" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err;
		json_t *answer = ask(cases[i].request, &err);
		const char *url = json_string_value(json_object_get(answer, "url"));
		char place[64], token[64], pin[64];
		uint8_t wanted[PKI_FINGERPRINT_LEN], is[64];
		size_t len;
		enum state_invite_verdict verdict;
		struct state_user user;

		if (!answer)
			fail_msg("%s", err.text);
		assert_int_equal(sscanf(url, "lanyard://%63[^/]/%63[^#]#%63s", place, token, pin),
				 3);
		assert_string_equal(place, cases[i].place);
		must(state_invite_look(state, token, time(NULL), &verdict, &user, &err), &err);
		assert_int_equal(verdict, STATE_INVITE_GOOD);
		assert_string_equal(user.name, "bob");
		must(users_pin(state, &config, NOW_S, wanted, &err), &err);
		assert_int_equal(sodium_base642bin(is, sizeof(is), pin, strlen(pin), NULL, &len,
						   NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
				 0);
		assert_int_equal(len, sizeof(wanted));
		assert_memory_equal(is, wanted, len);
		json_decref(answer);
	}
}

static void codes_are_enrolled_and_taken_back(void **unused)
{
	struct state_code first, second;
	struct err err;
	json_t *answer = ask("{\"verb\": \"user totp\", \"name\": \"alice\"}", &err);

	assert_non_null(strstr(json_string_value(json_object_get(answer, "uri")),
			       "otpauth://totp/vpn.example:alice?secret="));
	json_decref(answer);
	assert_int_equal(state_code_get(state, "alice", &first, &err), 1);
	json_decref(ask("{\"verb\": \"user totp\", \"name\": \"alice\"}", &err));
	assert_int_equal(state_code_get(state, "alice", &second, &err), 1);
	assert_memory_not_equal(first.secret, second.secret, STATE_CODE_SECRET);
	json_decref(ask("{\"verb\": \"user totp\", \"name\": \"alice\", \"remove\": true}", &err));
	assert_int_equal(state_code_get(state, "alice", &second, &err), 0);
}

/* Whatever an admin, or who calls it, wrote: it is shown escaped, with who asked. */
static void the_audit_log_says_who(void **unused)
{
	struct err err;

	json_decref(ask("{\"verb\": \"user block\", \"name\": \"alice\", \"why\": "
			"\"a\\u001b[31m\", \"who\": \"carol\"}",
			&err));
	json_t *answer = ask("{\"verb\": \"audit\"}", &err);
	const json_t *last = json_array_get(json_object_get(answer, "audit"), 1);

	assert_string_equal(json_string_value(json_object_get(last, "who")), "carol");
	assert_string_equal(json_string_value(json_object_get(last, "what")),
			    "user block alice: a\\x1b[31m");
	json_decref(answer);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(what_is_wrong_is_refused),
		IN_FOLDER(a_hash_has_its_length),
		IN_FOLDER(a_url_has_place_token_and_pin),
		IN_FOLDER(codes_are_enrolled_and_taken_back),
		IN_FOLDER(the_audit_log_says_who),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
