/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/admin/test_cookie.c - one value of a Cookie header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "admin/cookie.h"
#include "base/bytes.h"

static const struct {
	const char *header, *value; /* NULL: there is none */
} cookies[] = {
	{ "", NULL },
	{ "id=abc", "abc" },
	{ "a=b; id=abc; c=d", "abc" },
	{ "a=b;id=abc", "abc" },
	{ ";; id=abc;", "abc" },
	{ "id=", "" },
	{ "id=a=b", "a=b" },
	{ "id", NULL },
	{ "xid=abc", NULL },
	{ "ID=abc", NULL },
	{ "idx=abc", NULL },
	{ "a=id=abc", NULL },
	{ "id=1234567", "1234567" },
	{ "id=12345678", NULL },
	{ "id=abc; id=abc", NULL },
	{ "id=abc; id=12345678", NULL },
	{ "id=12345678; id=abc", NULL },
};

static void a_value_is_found(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cookies); i++) {
		char value[8];
		bool found = cookie_find(cookies[i].header, "id", value, sizeof(value));

		if (found != (cookies[i].value != NULL) ||
		    (found && strcmp(value, cookies[i].value) != 0))
			fail_msg("'%s' gives %s", cookies[i].header, found ? value : "nothing");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_value_is_found) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
