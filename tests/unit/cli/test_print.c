/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/cli/test_print.c - numbers as people read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "cli/cli.h"

static void durations_have_two_units(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} cases[] = {
		{ 0, "0s" },
		{ 59, "59s" },
		{ 60, "1m0s" },
		{ 192, "3m12s" },
		{ 3599, "59m59s" },
		{ 3600, "1h0m" },
		{ 7325, "2h2m" },
		{ 86399, "23h59m" },
		{ 86400, "1d0h" },
		{ 187200, "2d4h" },
		{ 4294967295, "49710d6h" },
		{ INT64_MAX, "106751991167300d15h" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[32];

		if (strcmp(cli_duration(cases[i].seconds, text), cases[i].text) != 0)
			fail_msg("%lld: %s", (long long)cases[i].seconds, text);
	}
}

static void a_lifetime_may_be_infinite(void **state)
{
	json_t *route = json_pack("{s:n, s:i, s:i}", "never", "soon", 61, "now", 0);
	char text[32];

	assert_string_equal(cli_lifetime(route, "never", text), "forever");
	assert_string_equal(cli_lifetime(route, "soon", text), "1m1s");
	assert_string_equal(cli_lifetime(route, "now", text), "0s");
	json_decref(route);
}

static void bytes_have_three_digits(void **state)
{
	static const struct {
		int64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 B" },
		{ 1, "1 B" },
		{ 999, "999 B" },
		{ 1000, "1.0 kB" },
		{ 1449, "1.4 kB" },
		{ 99949, "99.9 kB" },
		{ 99951, "100 kB" }, /* not 100.0 */
		{ 123456, "123 kB" },
		{ 999499, "999 kB" },
		{ 999501, "1.0 MB" }, /* not 1000 kB */
		{ 1200000000, "1.2 GB" },
		{ 5000000000000, "5.0 TB" },
		{ INT64_MAX, "9.2 EB" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[32];

		if (strcmp(cli_bytes(cases[i].bytes, text), cases[i].text) != 0)
			fail_msg("%lld: %s", (long long)cases[i].bytes, text);
	}
}

static void a_missing_text_is_empty(void **state)
{
	json_t *answer = json_pack("{s:s, s:i, s:n}", "text", "x", "number", 1, "null");

	assert_string_equal(cli_text(answer, "text"), "x");
	assert_string_equal(cli_text(answer, "number"), "");
	assert_string_equal(cli_text(answer, "null"), "");
	assert_string_equal(cli_text(answer, "none"), "");
	assert_string_equal(cli_text(NULL, "text"), "");
	json_decref(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_have_two_units),
		cmocka_unit_test(a_lifetime_may_be_infinite),
		cmocka_unit_test(bytes_have_three_digits),
		cmocka_unit_test(a_missing_text_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
