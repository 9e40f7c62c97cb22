/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/admin/test_files.c - what is sent of a file, by what the request says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "admin/files.h"
#include "base/bytes.h"

static const struct {
	const char *accept;
	bool gzip;
} accepts[] = {
	{ NULL, false },
	{ "", false },
	{ "gzip", true },
	{ "GZIP", true },
	{ "deflate, gzip", true },
	{ "gzip;q=0.5, br", true },
	{ "gzip;q=0", false },
	{ "gzip;q=0.000, deflate", false },
	{ "gzip ; q=0.001", true },
	{ "br", false },
	{ "xgzip, gzipx", false },
	{ ",,gzip", true },
};

static void gzip_is_for_who_takes_it(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(accepts); i++)
		if (file_takes_gzip(accepts[i].accept) != accepts[i].gzip)
			fail_msg("%s", accepts[i].accept);
}

static const struct {
	const char *match;
	bool known;
} matches[] = {
	{ NULL, false },	  { "", false },       { "\"a\"", true }, { "\"b\"", false },
	{ "\"b\", \"a\"", true }, { "W/\"a\"", true }, { "*", true },	  { "\"a", false },
	{ " \"a\" ,", true },	  { "a", false },
};

static void who_has_it_gets_it_no_more(void **state)
{
	const struct admin_file file = { .tag = "\"a\"" };

	for (size_t i = 0; i < ARRAY_LEN(matches); i++)
		if (file_is_known(&file, matches[i].match) != matches[i].known)
			fail_msg("%s", matches[i].match);
}

static void the_description_is_there(void **state)
{
	const struct admin_file *file = file_find("/api/v1/openapi.json?x=y");

	assert_non_null(file);
	assert_string_equal(file->type, "application/json");
	assert_true(file->packed_len < file->plain_len);
	assert_null(file_find("/api/v1/openapi"));
	assert_null(file_find("/api/v1/openapi.json/"));
	assert_null(file_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gzip_is_for_who_takes_it),
		cmocka_unit_test(who_has_it_gets_it_no_more),
		cmocka_unit_test(the_description_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
