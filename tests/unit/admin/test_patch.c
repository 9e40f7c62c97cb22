/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/admin/test_patch.c - what has changed, as RFC 7396 has it: the patch applied to what was
 * gives what is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admin/patch.h"
#include "base/bytes.h"

static const struct {
	const char *from, *to, *patch;
} rows[] = {
	{ "{}", "{}", "{}" },
	{ "{\"a\":1}", "{\"a\":1}", "{}" },
	{ "{\"a\":1}", "{\"a\":2}", "{\"a\":2}" },
	{ "{}", "{\"a\":1}", "{\"a\":1}" },
	{ "{\"a\":1}", "{}", "{\"a\":null}" },
	{ "{\"a\":1,\"b\":2}", "{\"b\":3,\"c\":4}", "{\"a\":null,\"b\":3,\"c\":4}" },
	{ "{\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"x\":1,\"y\":3}}", "{\"a\":{\"y\":3}}" },
	{ "{\"a\":{\"x\":1}}", "{\"a\":{\"x\":1}}", "{}" },
	{ "{\"a\":{\"x\":1}}", "{\"a\":{}}", "{\"a\":{\"x\":null}}" },
	{ "{\"a\":{\"x\":1}}", "{\"a\":5}", "{\"a\":5}" },
	{ "{\"a\":5}", "{\"a\":{\"x\":1}}", "{\"a\":{\"x\":1}}" },
	{ "{\"a\":[1,2]}", "{\"a\":[1,2,3]}", "{\"a\":[1,2,3]}" },
	{ "{\"a\":[1,2]}", "{\"a\":[1,2]}", "{}" },
	{ "{\"a\":1}", "{\"a\":\"1\"}", "{\"a\":\"1\"}" },
};

static json_t *load(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);

	assert_non_null(json);
	return json;
}

/* RFC 7396 2 */
static void apply(json_t *to, const json_t *patch)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)patch, name, value)
	{
		json_t *old = json_object_get(to, name);

		if (json_is_null(value)) {
			json_object_del(to, name);
		} else if (json_is_object(value)) {
			if (!json_is_object(old)) {
				old = json_object();
				json_object_set_new(to, name, old);
			}
			apply(old, value);
		} else {
			json_object_set(to, name, value);
		}
	}
}

static void patches_lead_from_one_to_the_other(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		json_t *from = load(rows[i].from), *to = load(rows[i].to);
		json_t *wanted = load(rows[i].patch), *patch = patch_make(from, to);

		if (!json_equal(patch, wanted))
			fail_msg("%s to %s", rows[i].from, rows[i].to);
		apply(from, patch);
		if (!json_equal(from, to))
			fail_msg("%s does not become %s", rows[i].from, rows[i].to);
		json_decref(from);
		json_decref(to);
		json_decref(wanted);
		json_decref(patch);
	}
}

static void nulls_are_taken_out(void **state)
{
	json_t *object = load("{\"a\":null,\"b\":{\"c\":null,\"d\":1},\"e\":[null],\"f\":false}");
	json_t *wanted = load("{\"b\":{\"d\":1},\"e\":[null],\"f\":false}");

	patch_strip(object);
	assert_true(json_equal(object, wanted));
	json_decref(object);
	json_decref(wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patches_lead_from_one_to_the_other),
		cmocka_unit_test(nulls_are_taken_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
