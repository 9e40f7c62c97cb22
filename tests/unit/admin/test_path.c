/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/admin/test_path.c - paths taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "admin/path.h"
#include "base/bytes.h"

static const struct {
	const char *target;
	int count; /* -1: it is no path */
	const char *segment[3];
} paths[] = {
	{ "/", 0, { 0 } },
	{ "/?a=/b", 0, { 0 } },
	{ "/api/v1/users", 3, { "api", "v1", "users" } },
	{ "/a?b/c", 1, { "a" } },
	{ "/a#b", 1, { "a" } },
	{ "/a%20b", 1, { "a b" } },
	{ "/2001:db8::%2f56/x", 2, { "2001:db8::/56", "x" } },
	{ "/%c3%A4", 1, { "\xc3\xa4" } },
	{ "/a%3fb", 1, { "a?b" } },
	{ "/%252e", 1, { "%2e" } },
	{ "/...", 1, { "..." } },
	{ "", -1, { 0 } },
	{ "*", -1, { 0 } },
	{ "http://host/a", -1, { 0 } },
	{ "a/b", -1, { 0 } },
	{ "//a", -1, { 0 } },
	{ "/a/", -1, { 0 } },
	{ "/a//b", -1, { 0 } },
	{ "/a/../b", -1, { 0 } },
	{ "/.", -1, { 0 } },
	{ "/%2e%2e/etc", -1, { 0 } },
	{ "/a%00b", -1, { 0 } },
	{ "/a%0d%0aSet-Cookie", -1, { 0 } },
	{ "/a\tb", -1, { 0 } },
	{ "/%7f", -1, { 0 } },
	{ "/%", -1, { 0 } },
	{ "/%2", -1, { 0 } },
	{ "/%2?", -1, { 0 } },
	{ "/%2/", -1, { 0 } },
	{ "/%zz", -1, { 0 } },
	{ "/%c3", -1, { 0 } },
	{ "/\xff", -1, { 0 } },
	{ "/%c0%af", -1, { 0 } },
	{ "/1/2/3/4/5/6/7/8", 8, { "1", "2", "3" } },
	{ "/1/2/3/4/5/6/7/8/9", -1, { 0 } },
};

static void paths_are_read(void **state)
{
	struct path path;

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		int count = path_read(paths[i].target, &path) ? (int)path.count : -1;

		if (count != paths[i].count)
			fail_msg("'%s' has %d segments", paths[i].target, count);
		for (int k = 0; k < count && k < 3; k++)
			if (strcmp(path.segment[k], paths[i].segment[k]) != 0)
				fail_msg("'%s': '%s'", paths[i].target, path.segment[k]);
	}
}

static void a_long_one_is_none(void **state)
{
	char text[PATH_MAX_LEN + 2];
	struct path path;

	memset(text, 'a', sizeof(text));
	text[0] = '/';
	text[PATH_MAX_LEN] = '\0';
	assert_false(path_read(text, &path));
	text[PATH_MAX_LEN - 1] = '\0';
	assert_true(path_read(text, &path));
	assert_int_equal(strlen(path.segment[0]), PATH_MAX_LEN - 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_read),
		cmocka_unit_test(a_long_one_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
