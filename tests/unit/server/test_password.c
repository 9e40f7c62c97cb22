/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_password.c - which passwords there can be, and Argon2id's hashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "server/password.h"

#define TEXT(literal) ((struct bytes) { (const uint8_t *)(literal), sizeof(literal) - 1 })

static const struct password_cost cheap = { .memory_kib = 64, .passes = 1 };

static void passwords_are_text(void **unused)
{
	static const struct {
		const char *what;
		struct bytes password;
		bool good;
	} cases[] = {
		{ "eight letters", { (const uint8_t *)"password", 8 }, true },
		{ "blanks within", { (const uint8_t *)"correct horse", 13 }, true },
		{ "two, three and four bytes",
		  { (const uint8_t *)"\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x8e", 9 },
		  true },
		{ "the last code point", { (const uint8_t *)"1234\xf4\x8f\xbf\xbf", 8 }, true },
		{ "seven letters", { (const uint8_t *)"passwor", 7 }, false },
		{ "nothing", { (const uint8_t *)"", 0 }, false },
		{ "a newline", { (const uint8_t *)"password\n", 9 }, false },
		{ "a NUL", { (const uint8_t *)"pass\0word", 9 }, false },
		{ "an escape", { (const uint8_t *)"password\x1b", 9 }, false },
		{ "a delete", { (const uint8_t *)"password\x7f", 9 }, false },
		{ "another control character", { (const uint8_t *)"password\xc2\x85", 10 }, false },
		{ "the first that is none", { (const uint8_t *)"password\xc2\xa0", 10 }, true },
		{ "half a character", { (const uint8_t *)"password\xc3", 9 }, false },
		{ "a stray byte", { (const uint8_t *)"password\x80", 9 }, false },
		{ "Latin-1", { (const uint8_t *)"passw\xf6rd", 8 }, false },
		{ "overlong", { (const uint8_t *)"password\xc0\xaf", 10 }, false },
		{ "overlong, three bytes", { (const uint8_t *)"password\xe0\x80\xaf", 11 }, false },
		{ "a surrogate", { (const uint8_t *)"password\xed\xa0\x80", 11 }, false },
		{ "overlong, four bytes",
		  { (const uint8_t *)"password\xf0\x8f\xbf\xbf", 12 },
		  false },
		{ "beyond the last", { (const uint8_t *)"password\xf4\x90\x80\x80", 12 }, false },
		{ "a third byte that is none",
		  { (const uint8_t *)"password\xe2\x82x", 11 },
		  false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = { 0 };
		bool good = password_check(cases[i].password, &err) == 0;

		if (good != cases[i].good || (!good && err.kind != ERR_USAGE))
			fail_msg("%s: %s", cases[i].what, err.text);
	}
}

static void passwords_have_a_longest(void **unused)
{
	char *text = malloc(PASSWORD_MAX + 1);

	memset(text, 'x', PASSWORD_MAX + 1);
	assert_int_equal(password_check((struct bytes) { (uint8_t *)text, PASSWORD_MAX }, NULL), 0);
	assert_int_equal(password_check((struct bytes) { (uint8_t *)text, PASSWORD_MAX + 1 }, NULL),
			 -1);
	free(text);
}

static void a_hash_is_of_one_password(void **unused)
{
	char hash[PASSWORD_HASH_MAX], other[PASSWORD_HASH_MAX];
	struct err err = { 0 };

	assert_int_equal(password_hash(TEXT("correct horse"), &cheap, hash, &err), 0);
	assert_int_equal(password_hash(TEXT("correct horse"), &cheap, other, &err), 0);
	assert_string_not_equal(hash, other); /* a salt of its own */
	assert_non_null(strstr(hash, "$argon2id$v=19$m=64,t=1,p=1$"));
	assert_true(password_verify(hash, TEXT("correct horse")));
	assert_true(password_verify(other, TEXT("correct horse")));
	assert_false(password_verify(hash, TEXT("correct horsf")));
	assert_false(password_verify(hash, TEXT("correct horse ")));
	assert_false(password_verify(hash, TEXT("correct horse\0")));
	assert_false(password_verify(hash, TEXT("correct hors")));
	assert_false(password_verify(hash, TEXT("")));
	assert_false(password_verify("", TEXT("")));
	assert_false(password_verify("correct horse", TEXT("correct horse")));
	hash[strlen(hash) - 1] = '\0';
	assert_false(password_verify(hash, TEXT("correct horse")));
}

static void a_weaker_hash_is_raised_and_a_stronger_one_stays(void **unused)
{
	static const struct {
		const char *what, *hash;
		bool raise;
	} cases[] = {
		{ "the same", "$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA", false },
		{ "less memory", "$argon2id$v=19$m=65535,t=3,p=1$c2FsdA$aGFzaA", true },
		{ "fewer passes", "$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$aGFzaA", true },
		{ "less memory, more passes", "$argon2id$v=19$m=19456,t=9,p=1$c2FsdA$aGFzaA",
		  true },
		{ "more of both", "$argon2id$v=19$m=131072,t=4,p=1$c2FsdA$aGFzaA", false },
		{ "Argon2i", "$argon2i$v=19$m=131072,t=4,p=1$c2FsdA$aGFzaA", true },
		{ "nothing", "", true },
	};
	const struct password_cost cost = { PASSWORD_MEMORY_KIB, PASSWORD_PASSES };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (password_needs_raise(cases[i].hash, &cost) != cases[i].raise)
			fail_msg("%s", cases[i].what);
}

/* That libsodium computes it at all, and does not leave at once as with text that is no hash. */
static void a_decoy_costs_what_a_hash_costs(void **unused)
{
	char decoy[PASSWORD_HASH_MAX], other[PASSWORD_HASH_MAX], hash[PASSWORD_HASH_MAX];
	const struct password_cost cost = { .memory_kib = 19456, .passes = 2 };

	password_decoy(&cost, decoy);
	password_decoy(&cost, other);
	assert_int_equal(password_hash(TEXT("correct horse"), &cost, hash, NULL), 0);
	assert_string_not_equal(decoy, other);
	assert_int_equal(strlen(decoy), strlen(hash));
	assert_int_equal(
		crypto_pwhash_str_needs_rehash(decoy, cost.passes, (size_t)cost.memory_kib * 1024),
		0);
	assert_false(password_verify(decoy, TEXT("correct horse")));
}

static void a_cost_that_cannot_be_is_said(void **unused)
{
	const struct password_cost cost = { .memory_kib = 1, .passes = 1 };
	char hash[PASSWORD_HASH_MAX];
	struct err err = { 0 };

	assert_int_equal(password_hash(TEXT("correct horse"), &cost, hash, &err), -1);
	assert_string_equal(err.text, "cannot hash a password: that takes 1 KiB of memory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_are_text),
		cmocka_unit_test(passwords_have_a_longest),
		cmocka_unit_test(a_hash_is_of_one_password),
		cmocka_unit_test(a_weaker_hash_is_raised_and_a_stronger_one_stays),
		cmocka_unit_test(a_decoy_costs_what_a_hash_costs),
		cmocka_unit_test(a_cost_that_cannot_be_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
