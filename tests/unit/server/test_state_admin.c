/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_state_admin.c - who may administer, and how they prove it. */
#include "one_state.h"
#include "server/state_admin.h"

static struct state_admin get(const char *name, int64_t now_s)
{
	struct state_admin admin;
	struct err err = { 0 };

	must(state_admin_get(state, name, now_s, &admin, &err), &err);
	return admin;
}

static void the_administrator_is_always_there(void **unused)
{
	const uint8_t secret[STATE_CODE_SECRET] = { 1, 2, 3 };
	struct err err = { 0 };

	assert_int_equal(get("", NOW_S).role, ADMIN_ALL);
	assert_int_equal(get("", NOW_S).expires_s, 0);
	assert_string_equal(get("", NOW_S).hash, "");
	assert_false(get("", NOW_S).has_code);
	must(state_admin_set_password(state, "$argon2id$x", NOW_S, "test", &err), &err);
	must(state_admin_set_code(state, secret, NOW_S, "test", &err), &err);
	struct state_admin admin = get("", NOW_S);
	assert_string_equal(admin.hash, "$argon2id$x");
	assert_true(admin.has_code);
	assert_memory_equal(admin.code.secret, secret, sizeof(secret));
	must(state_admin_set_password(state, NULL, NOW_S, "test", &err), &err);
	must(state_admin_set_code(state, NULL, NOW_S, "test", &err), &err);
	assert_string_equal(get("", NOW_S).hash, "");
	assert_false(get("", NOW_S).has_code);
}

/* RFC 6238 5.2: a code is good once. */
static void a_code_is_taken_once(void **unused)
{
	const uint8_t secret[STATE_CODE_SECRET] = { 1 };
	struct err err = { 0 };

	must(state_admin_set_code(state, secret, NOW_S, "test", &err), &err);
	struct state_code code = get("", NOW_S).code;
	assert_int_equal(state_admin_take_code(state, "", &code, 7, &err), 1);
	assert_int_equal(state_admin_take_code(state, "", &code, 7, &err), 0);
	assert_int_equal(state_admin_take_code(state, "", &code, 6, &err), 0);
	assert_int_equal(state_admin_take_code(state, "", &code, 8, &err), 1);
	code.secret[0] = 2; /* it was changed meanwhile */
	assert_int_equal(state_admin_take_code(state, "", &code, 9, &err), 0);
}

static void users_have_a_role_or_none(void **unused)
{
	struct err err = { 0 };

	must(state_user_add(state, "a", NULL, 0, NOW_S, "test", &err), &err);
	assert_int_equal(get("a", NOW_S).role, ADMIN_NOBODY);
	must(state_user_set_role(state, "a", ADMIN_READ, NOW_S, "test", &err), &err);
	assert_int_equal(get("a", NOW_S).role, ADMIN_READ);
	assert_int_equal(get("b", NOW_S).role, ADMIN_NOBODY);
	must(state_user_block(state, "a", true, NULL, NOW_S, "test", &err), &err);
	assert_int_equal(get("a", NOW_S).role, ADMIN_NOBODY);
	must(state_user_block(state, "a", false, NULL, NOW_S, "test", &err), &err);
	must(state_user_expire(state, "a", NOW_S + 5, NOW_S, "test", &err), &err);
	assert_int_equal(get("a", NOW_S + 4).role, ADMIN_READ);
	assert_int_equal(get("a", NOW_S + 4).expires_s, NOW_S + 5);
	assert_int_equal(get("a", NOW_S + 5).role, ADMIN_NOBODY);
	assert_int_equal(state_user_set_role(state, "b", ADMIN_ALL, NOW_S, "test", &err), -1);
	assert_int_equal(err.kind, ERR_NO_OBJECT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(the_administrator_is_always_there),
		IN_FOLDER(a_code_is_taken_once),
		IN_FOLDER(users_have_a_role_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
