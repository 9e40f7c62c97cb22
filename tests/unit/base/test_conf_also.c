/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/test_conf_also.c - a section that has the keys of two tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/conf.h"

struct settings {
	uint16_t mtu, also_mtu, also_rate, third_rate;
	uint64_t given, also_given, third_given; /* not at 0, which is nowhere */
};

#define IN(member) offsetof(struct settings, member)

static const struct conf_key first[] = { { "rate-of-first", conf_u16, IN(mtu), "a number",
					   .once = true },
					 { "mtu", conf_u16, IN(mtu), "a number", .once = true },
					 { 0 } };
static const struct conf_key second[] = {
	{ "rate", conf_u16, IN(also_rate), "a number", .once = true },
	{ "mtu", conf_u16, IN(also_mtu), "a number", .once = true },
	{ 0 }
};

static const struct conf_key third[] = {
	{ "third-rate", conf_u16, IN(third_rate), "another number", .once = true },
	{ "mtu", conf_u16, IN(third_rate), "never this one's", .once = true },
	{ 0 }
};

static void *begin(void *base, const char *argument, struct err *err)
{
	return base;
}

static int read_text(const char *text, struct settings *settings, struct err *err)
{
	const struct conf_section sections[] = { { "a", first, settings },
						 { "b", second, settings },
						 { "both",
						   first,
						   settings,
						   begin,
						   IN(given),
						   { { second, "b-", IN(also_given) },
						     { third, NULL, IN(third_given) } } },
						 { 0 } };

	*settings = (struct settings) { 0 };
	*err = (struct err) { 0 };
	return conf_read_text("conf", (struct bytes) { (const uint8_t *)text, strlen(text) },
			      sections, err);
}

static const struct {
	const char *what, *text;
	uint16_t mtu, also_mtu, also_rate;
	uint64_t given, also_given;
	const char *sentence;
} cases[] = {
	{ "a key of the first table", "[both x]\nmtu = 7\n", 7, 0, 0, 2, 0, NULL },
	{ "a key of the second one", "[both x]\nrate = 7\n", 0, 0, 7, 0, 1, NULL },
	{ "the same key of each", "[both x]\nmtu = 7\nb-mtu = 8\n", 7, 8, 0, 2, 2, NULL },
	{ "the prefix where it is not needed", "[both x]\nb-rate = 7\n", 0, 0, 0, 0, 0,
	  "conf:2: [both x] unknown key 'b-rate'" },
	{ "the prefix for the first table's", "[both x]\nb-rate-of-first = 7\n", 0, 0, 0, 0, 0,
	  "conf:2: [both x] unknown key 'b-rate-of-first'" },
	{ "the prefix alone", "[both x]\nb- = 7\n", 0, 0, 0, 0, 0,
	  "conf:2: [both x] unknown key 'b-'" },
	{ "the prefix in a section of one table", "[a]\nb-mtu = 7\n", 0, 0, 0, 0, 0,
	  "conf:2: [a] unknown key 'b-mtu'" },
	{ "a mistake has the name as it was written", "[both x]\nb-mtu = y\n", 0, 0, 0, 0, 0,
	  "conf:2: [both x] b-mtu 'y': must be a number" },
	{ "twice, in the second table", "[both x]\nmtu = 1\nb-mtu = 7\nb-mtu = 8\n", 1, 7, 0, 2, 2,
	  "conf:4: [both x] b-mtu: was set in line 3 already" },
};

static void keys_of_two_tables_are_told_apart(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct settings is;
		struct err err;
		int failed = read_text(cases[i].text, &is, &err);

		if ((failed < 0) != (cases[i].sentence != NULL) ||
		    (failed < 0 &&
		     strncmp(err.text, cases[i].sentence, strlen(cases[i].sentence)) != 0))
			fail_msg("%s: %s", cases[i].what, failed < 0 ? err.text : "accepted");
		if (failed == 0 &&
		    (is.mtu != cases[i].mtu || is.also_mtu != cases[i].also_mtu ||
		     is.also_rate != cases[i].also_rate || is.given != cases[i].given ||
		     is.also_given != cases[i].also_given))
			fail_msg("%s: %u %u %u", cases[i].what, is.mtu, is.also_mtu, is.also_rate);
	}
}

static char described[512];

static void take_line(const char *line)
{
	strcat(strcat(described, line), "\n");
}

static void a_third_table_has_keys_of_its_own(void **state)
{
	struct settings is;
	struct err err;

	assert_int_equal(read_text("[both x]\nthird-rate = 7\nb-mtu = 8\nmtu = 9\n", &is, &err), 0);
	assert_int_equal(is.third_rate, 7);
	assert_true(is.also_mtu == 8 && is.mtu == 9);
	assert_true(is.given == 2 && is.also_given == 2 && is.third_given == 1);
	assert_int_equal(read_text("[both x]\nthird-rate = 7\nthird-rate = 8\n", &is, &err), -1);
	assert_string_equal(err.text, "conf:3: [both x] third-rate: was set in line 2 already");
	assert_int_equal(read_text("[both x]\nb-third-rate = 7\n", &is, &err), -1);
	assert_string_equal(err.text, "conf:2: [both x] unknown key 'b-third-rate'");
}

static void both_tables_are_named(void **state)
{
	struct settings unused;
	const struct conf_section sections[] = {
		{ "a", first, &unused },
		{ "b", second, &unused },
		{ "both",
		  first,
		  &unused,
		  begin,
		  IN(given),
		  { { second, "b-", IN(also_given) }, { third, NULL, IN(third_given) } } },
		{ "again", first, &unused, begin, IN(given), { { third, NULL, IN(third_given) } } },
		{ 0 }
	};

	described[0] = '\0';
	conf_describe(sections, take_line);
	assert_non_null(strstr(described, "\n[both NAME] with the keys of [a] and [b] (b-KEY where "
					  "both have it)\n"
					  "  third-rate           another number\n"));
	/* once is enough */
	assert_null(strstr(strstr(described, "another number") + 1, "another number"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_two_tables_are_told_apart),
		cmocka_unit_test(a_third_table_has_keys_of_its_own),
		cmocka_unit_test(both_tables_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
