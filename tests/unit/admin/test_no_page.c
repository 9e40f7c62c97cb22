/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/admin/test_no_page.c - a program that was built without the web page: the table here
 * stands for the one that embed.py makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "admin/files.h"
#include "base/bytes.h"

const struct admin_file admin_files[] = { { .url = "/api/v1/openapi.json" } };
const unsigned admin_file_count = ARRAY_LEN(admin_files);

static const struct {
	const char *url;
	bool page; /* is it the page that is missed? */
} cases[] = {
	{ "/", true },		 { "/?a=b", true }, { "/#/clients", true }, { "/page.js", false },
	{ "/api/v1/no", false }, { "", false },	    { "x", false },
};

static void who_asks_for_the_page_is_told_that_there_is_none(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool told = strstr(file_absence(cases[i].url), "without the web page") != NULL;

		if (told != cases[i].page)
			fail_msg("\"%s\": %s", cases[i].url, file_absence(cases[i].url));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_asks_for_the_page_is_told_that_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
