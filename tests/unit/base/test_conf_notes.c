/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/test_conf_notes.c - where values stand, as the text has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/conf_notes.h"

struct settings {
	char text[64], secret[64];
	uint32_t number;
};

static const struct conf_key keys[] = {
	{ "text", conf_text, offsetof(struct settings, text), "text", 0, 64 },
	{ "secret", conf_text, offsetof(struct settings, secret), "text", 0, 64, .secret = true },
	{ "number", conf_u32, offsetof(struct settings, number), "a number", 0, 9 },
	{ 0 },
};

static void *begin(void *base, const char *argument, struct err *err)
{
	return base;
}

static int read_text(const char *text, struct conf_notes *notes)
{
	static struct settings settings;
	const struct conf_section sections[] = { { "a", keys, &settings },
						 { "b", keys, &settings, begin },
						 { 0 } };
	struct err err = { 0 };

	*notes = (struct conf_notes) { 0 };
	return conf_read_text_noted("x", (struct bytes) { (const uint8_t *)text, strlen(text) },
				    sections, notes, &err);
}

static const char text[] = "[b  two]\n"
			   "text = of two\n"
			   "\n"
			   "[a]\n"
			   "; a comment\n"
			   "text = first ; and a comment\n"
			   "number = 7\n"
			   "text =\n"
			   "  over\n"
			   "  lines\n"
			   "secret = swordfish\n"
			   "[b one]\n"
			   "number = 1\n";

static void every_line_is_noted(void **state)
{
	static const struct {
		const char *title, *key, *value;
		unsigned line;
	} all[] = {
		{ "b two", "text", "of two", 2 }, { "a", "text", "first", 6 },
		{ "a", "number", "7", 7 },	  { "a", "text", "over\nlines", 8 },
		{ "a", "secret", "", 11 },	  { "b one", "number", "1", 13 },
	};
	struct conf_notes notes;

	assert_int_equal(read_text(text, &notes), 0);
	assert_int_equal(notes.count, ARRAY_LEN(all));
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		const struct conf_note *note = NULL;

		do
			note = conf_notes_next(&notes, conf_notes_section(&notes, all[i].title),
					       all[i].key, note);
		while (note && note->line != all[i].line);
		if (!note || strcmp(note->value, all[i].value) != 0 ||
		    note->secret != (strcmp(all[i].key, "secret") == 0))
			fail_msg("[%s] %s: %s", all[i].title, all[i].key,
				 note ? note->value : "none");
	}
	conf_notes_free(&notes);
	assert_int_equal(notes.count, 0);
}

static unsigned line_of(const struct conf_note *note)
{
	return note ? note->line : 0;
}

static void the_last_one_is_found(void **state)
{
	struct conf_notes notes;
	const char *title = NULL;

	assert_int_equal(read_text(text, &notes), 0);
	assert_int_equal(line_of(conf_notes_last(&notes, conf_notes_section(&notes, "a"), "text")),
			 8);
	assert_int_equal(
		line_of(conf_notes_last(&notes, conf_notes_section(&notes, "b two"), "text")), 2);
	assert_null(conf_notes_last(&notes, conf_notes_section(&notes, "b one"), "text"));
	assert_null(conf_notes_last(&notes, conf_notes_section(&notes, "b"), "text"));
	assert_null(conf_notes_next(&notes, conf_notes_section(&notes, "a"), "none", NULL));
	assert_null(conf_notes_next(&notes, conf_notes_section(&notes, "c"), "text", NULL));
	assert_int_equal(line_of(conf_notes_last_of_all(&notes, "number", &title)), 13);
	assert_string_equal(title, "b one");
	assert_int_equal(line_of(conf_notes_last_of_all(&notes, "text", &title)), 8);
	assert_string_equal(title, "a");
	assert_null(conf_notes_last_of_all(&notes, "none", &title));
	conf_notes_free(&notes);
}

/* What a reader refused is no value; what came before it can be freed. */
static void a_mistake_is_not_noted(void **state)
{
	struct conf_notes notes;

	assert_int_equal(read_text("[a]\ntext = x\nnumber = 10\n", &notes), -1);
	assert_int_equal(line_of(conf_notes_last(&notes, conf_notes_section(&notes, "a"), "text")),
			 2);
	assert_null(conf_notes_last(&notes, conf_notes_section(&notes, "a"), "number"));
	conf_notes_free(&notes);
}

static void nothing_has_no_notes(void **state)
{
	struct conf_notes notes;
	const char *title;

	assert_int_equal(read_text("", &notes), 0);
	assert_null(conf_notes_last(&notes, conf_notes_section(&notes, "a"), "text"));
	assert_null(conf_notes_last_of_all(&notes, "text", &title));
	conf_notes_free(&notes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_is_noted),
		cmocka_unit_test(the_last_one_is_found),
		cmocka_unit_test(a_mistake_is_not_noted),
		cmocka_unit_test(nothing_has_no_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
