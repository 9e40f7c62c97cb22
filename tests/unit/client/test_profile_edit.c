/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_profile_edit.c - a profile's text, edited: what changes, what stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "client/profile_edit.h"

static const struct {
	const char *what, *text, *section, *key, *value, *edited;
} cases[] = {
	{ "a new profile", "", "client", "server", "a.example", "[client]\nserver = a.example\n" },
	{ "a new section", "[client]\nserver = a\n", "trust", "ca", "CA",
	  "[client]\nserver = a\n\n[trust]\nca = CA\n" },
	{ "a new section behind no newline", "[client]\nserver = a", "trust", "ca", "CA",
	  "[client]\nserver = a\n\n[trust]\nca = CA\n" },
	{ "a new key, behind the others", "[client]\nserver = a\n\n# trust\n[trust]\nca = CA\n",
	  "client", "user", "u", "[client]\nserver = a\nuser = u\n\n# trust\n[trust]\nca = CA\n" },
	{ "a new key behind no newline", "[client]\nserver = a", "client", "user", "u",
	  "[client]\nserver = a\nuser = u\n" },
	{ "a new key in an empty section", "[client]\n[trust]\nca = CA\n", "client", "server", "a",
	  "[client]\nserver = a\n[trust]\nca = CA\n" },
	{ "a new key behind many lines", "[trust]\nca =\n  A\n  B\n\n[x]\n", "trust", "system",
	  "yes", "[trust]\nca =\n  A\n  B\nsystem = yes\n\n[x]\n" },
	{ "another value", "[client]\nserver = a ; mine\nuser = u\n", "client", "server", "b",
	  "[client]\nserver = b\nuser = u\n" },
	{ "with a colon", "[client]\nserver:a\n", "client", "server", "b",
	  "[client]\nserver = b\n" },
	{ "without blanks", "[client]\nserver=a\n", "client", "server", "b",
	  "[client]\nserver = b\n" },
	{ "many lines for many", "[identity]\nkey =\n  K1\n  K2\ncertificate = C\n", "identity",
	  "key", "N1\nN2\nN3\n", "[identity]\nkey =\n  N1\n  N2\n  N3\ncertificate = C\n" },
	{ "many lines for one", "[identity]\nkey = K", "identity", "key", "N1\nN2\n",
	  "[identity]\nkey =\n  N1\n  N2\n" },
	{ "comments between a value's lines stay",
	  "[identity]\nkey =\n  K1\n; a comment\n\n\tK2\n  # another\n; last\n[trust]\nca = CA\n",
	  "identity", "key", "N",
	  "[identity]\nkey = N\n; a comment\n\n  # another\n; last\n[trust]\nca = CA\n" },
	{ "a key of that name elsewhere stays", "[a]\nkey = 1\n[identity]\nkey = 2\n[b]\nkey = 3\n",
	  "identity", "key", "N", "[a]\nkey = 1\n[identity]\nkey = N\n[b]\nkey = 3\n" },
	{ "a longer name is another", "[client]\nserver-x = 1\nserve = 2\n", "client", "server",
	  "b", "[client]\nserver-x = 1\nserve = 2\nserver = b\n" },
	{ "a comment is no key", "[client]\n#server = a\n;server = a\n", "client", "server", "b",
	  "[client]\nserver = b\n#server = a\n;server = a\n" },
	{ "an indented line is no key", "[client]\nuser =\n  server = a\n", "client", "server", "b",
	  "[client]\nuser =\n  server = a\nserver = b\n" },
	{ "a bracket in a value is no section", "[client]\nuser =\n  [trust]\n", "client", "server",
	  "b", "[client]\nuser =\n  [trust]\nserver = b\n" },
	{ "blanks in the brackets", "[ client ]\nserver = a\n", "client", "server", "b",
	  "[ client ]\nserver = b\n" },
	{ "a key goes", "[trust]\nfingerprint = x\nsystem = no\n", "trust", "fingerprint", NULL,
	  "[trust]\nsystem = no\n" },
	{ "a value of many lines goes", "[trust]\nca =\n  A\n  B\n[x]\n", "trust", "ca", NULL,
	  "[trust]\n[x]\n" },
	{ "what is not there goes", "[trust]\nca = A\n", "trust", "system", NULL,
	  "[trust]\nca = A\n" },
	{ "nor makes a section", "[trust]\nca = A\n", "client", "mac", NULL, "[trust]\nca = A\n" },
};

static void a_text_is_edited(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct profile_edit edit = { cases[i].section, cases[i].key, cases[i].value };
		char *edited = profile_edit(cases[i].text, &edit, 1);

		assert_non_null(edited);
		if (strcmp(edited, cases[i].edited) != 0)
			fail_msg("%s:\n%s", cases[i].what, edited);
		free(edited);
	}
}

static void several_at_once(void **state)
{
	static const struct profile_edit edits[] = {
		{ "client", "server", "a" },   { "client", "user", "u" },
		{ "trust", "ca", "A\nB\n" },   { "identity", "certificate", "C" },
		{ "identity", "key", "K\nL" },
	};
	char *edited = profile_edit("# mine\n", edits, ARRAY_LEN(edits));

	assert_non_null(edited);
	assert_string_equal(edited, "# mine\n\n[client]\nserver = a\nuser = u\n\n[trust]\nca =\n"
				    "  A\n  B\n\n[identity]\ncertificate = C\nkey =\n  K\n  L\n");
	free(edited);
}

static void values_of_one_letter_lines_fit(void **state)
{
	char value[4001] = "";
	struct profile_edit edit = { "trust", "ca", value };

	for (unsigned i = 0; i < 4000; i++)
		value[i] = i % 2 ? '\n' : 'x';
	char *edited = profile_edit("", &edit, 1);
	assert_non_null(edited);
	assert_int_equal(strlen(edited), strlen("[trust]\nca =\n") + 2000 * strlen("  x\n"));
	free(edited);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_edited),
		cmocka_unit_test(several_at_once),
		cmocka_unit_test(values_of_one_letter_lines_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
