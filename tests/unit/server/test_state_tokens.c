/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_state_tokens.c - API tokens: only their hash stays, and there is a most. */
#include "one_state.h"
#include "server/state_tokens.h"

static void one_is_added_listed_and_revoked(void **unused)
{
	struct state_token token[ADMIN_MAX_TOKENS];
	char text[STATE_API_TOKEN_TEXT], other[STATE_API_TOKEN_TEXT];
	uint8_t hash[ADMIN_TOKEN_HASH];
	struct err err = { 0 };

	must(state_token_add(state, "b", ADMIN_ALL, NOW_S + 5, NOW_S, "test", text, &err), &err);
	must(state_token_add(state, "a", ADMIN_READ, 0, NOW_S, "test", other, &err), &err);
	assert_string_not_equal(text, other);
	assert_int_equal(strncmp(text, ADMIN_TOKEN_PREFIX, strlen(ADMIN_TOKEN_PREFIX)), 0);
	assert_int_equal(strlen(text), STATE_API_TOKEN_TEXT - 1);
	assert_int_equal(state_token_list(state, token, &err), 2);
	assert_string_equal(token[0].is.name, "a");
	assert_int_equal(token[0].is.role, ADMIN_READ);
	assert_int_equal(token[0].is.expires_s, 0);
	assert_int_equal(token[1].is.role, ADMIN_ALL);
	assert_int_equal(token[1].is.expires_s, NOW_S + 5);
	assert_int_equal(token[1].created_s, NOW_S);
	admin_token_hash(text, hash);
	assert_memory_equal(token[1].is.hash, hash, sizeof(hash));
	must(state_token_revoke(state, "b", NOW_S, "test", &err), &err);
	assert_int_equal(state_token_list(state, token, &err), 1);
	assert_int_equal(state_token_revoke(state, "b", NOW_S, "test", &err), -1);
	assert_int_equal(err.kind, ERR_NO_OBJECT);
}

static void a_name_is_one_tokens_alone(void **unused)
{
	struct state_token token[ADMIN_MAX_TOKENS];
	char text[STATE_API_TOKEN_TEXT];
	struct err err = { 0 };

	must(state_token_add(state, "a", ADMIN_READ, 0, NOW_S, "test", text, &err), &err);
	assert_int_equal(state_token_add(state, "a", ADMIN_ALL, 0, NOW_S, "test", text, &err), -1);
	assert_string_equal(err.text, "there is a token 'a' already");
	assert_string_equal(text, ""); /* what was not stored is shown to nobody */
	assert_int_equal(state_token_add(state, "a b", ADMIN_ALL, 0, NOW_S, "test", text, &err),
			 -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(state_token_list(state, token, &err), 1);
	assert_int_equal(token[0].is.role, ADMIN_READ);
}

static void there_is_a_most(void **unused)
{
	struct state_token token[ADMIN_MAX_TOKENS];
	char text[STATE_API_TOKEN_TEXT], name[16];
	struct err err = { 0 };

	for (unsigned i = 0; i < ADMIN_MAX_TOKENS; i++) {
		snprintf(name, sizeof(name), "t%u", i);
		must(state_token_add(state, name, ADMIN_READ, 0, NOW_S, "test", text, &err), &err);
	}
	assert_int_equal(state_token_add(state, "more", ADMIN_READ, 0, NOW_S, "test", text, &err),
			 -1);
	assert_int_equal(state_token_list(state, token, &err), ADMIN_MAX_TOKENS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(one_is_added_listed_and_revoked),
		IN_FOLDER(a_name_is_one_tokens_alone),
		IN_FOLDER(there_is_a_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
