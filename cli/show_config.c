/* SPDX-License-Identifier: Apache-2.0 */
/* cli/show_config.c - what `lanyard show config` prints for people. */
#include <stdio.h>
#include <string.h>

#include "cli/account.h"
#include "cli/show.h"

#define VALUE_MAX 4096
#define FROM_MAX 512

static bool is(const json_t *row, const char *name, const char *text)
{
	return strcmp(cli_text(row, name), text) == 0;
}

/* "fd79::/64 (auto)": what it comes to, and what is written. */
static const char *value_text(const json_t *row, char text[static VALUE_MAX])
{
	const char *value = cli_text(row, "value");
	const json_t *in_force = json_object_get(row, "in_force"), *one;
	size_t i, len = 0;

	text[0] = '\0';
	json_array_foreach(in_force, i, one)
	{
		snprintf(text + len, VALUE_MAX - len, "%s%s", i > 0 ? ", " : "",
			 json_string_value(one));
		len = strlen(text);
	}
	if (len == 0)
		snprintf(text, VALUE_MAX, "%s", value[0] ? value : "-");
	else if (value[0])
		snprintf(text + len, VALUE_MAX - len, " (%s)", value);
	return text;
}

/* "[ra], line 12", "default, from the kernel", "as at the start; line 3 after a restart: 9000" */
static const char *from_text(const json_t *row, char text[static FROM_MAX])
{
	static const char *const makers[][2] = {
		{ "server", ", made by the server" },
		{ "kernel", ", from the kernel" },
		{ "other-keys", ", by other keys" },
	};
	const char *made = "", *from = cli_text(row, "inherited");
	char line[40] = "";

	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
		if (is(row, "made_by", makers[i][0]))
			made = makers[i][1];
	if (json_is_integer(json_object_get(row, "line")))
		snprintf(line, sizeof(line), "line %lld",
			 (long long)json_integer_value(json_object_get(row, "line")));
	if (is(row, "origin", "kept") && json_is_string(json_object_get(row, "after_restart")))
		snprintf(text, FROM_MAX, "as at the start; after a restart %s%s%s",
			 cli_text(row, "after_restart"), line[0] ? ", " : "", line);
	else if (is(row, "origin", "file"))
		snprintf(text, FROM_MAX, "%s%s%s%s%s", from[0] ? "[" : "", from,
			 from[0] ? "], " : "", line, made);
	else
		snprintf(text, FROM_MAX, "%s%s",
			 is(row, "origin", "state")  ? "state file"
			 : is(row, "origin", "kept") ? "as at the start"
						     : "default",
			 made);
	return text;
}

void cli_print_config(const json_t *answer)
{
	static const char *const header[] = { "SECTION", "KEY", "VALUE", "FROM", NULL };
	struct cli_table *table = cli_table_new(header);
	const json_t *row;
	char when[32];
	size_t i;

	printf("%s%s, read %s\n", cli_text(answer, "file"),
	       json_is_true(json_object_get(answer, "file_read")) ? "" : " is not there",
	       account_date(json_integer_value(json_object_get(answer, "read_s")), when));
	json_array_foreach(json_object_get(answer, "rows"), i, row)
	{
		char section[64], value[VALUE_MAX], from[FROM_MAX];

		snprintf(section, sizeof(section), "[%.60s]", cli_text(row, "section"));
		cli_table_add(table, (const char *const[]) { section, cli_text(row, "key"),
							     value_text(row, value),
							     from_text(row, from), NULL });
	}
	cli_table_print(table);
}
