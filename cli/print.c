/* SPDX-License-Identifier: Apache-2.0 */
/* cli/print.c - tables for people, JSON for scripts, sentences on stderr. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

int cli_fail(const struct err *err)
{
	fprintf(stderr, "lanyard: %s\n", err->text);
	return err_status(err);
}

int cli_usage(const char *verb, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "lanyard %s: ", verb);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "; see lanyard %s --help\n", verb);
	return ERR_USAGE;
}

void cli_print_suites(const json_t *object)
{
	const json_t *suite;
	size_t i;

	json_array_foreach(json_object_get(object, "suites"), i, suite)
		printf("%s by %s %s\n", cli_text(suite, "cipher"), cli_text(suite, "aead"),
		       cli_text(suite, "detail"));
}

void cli_print_json(json_t *object)
{
	json_dumpf(object, stdout, isatty(STDOUT_FILENO) ? JSON_INDENT(2) : JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

bool cli_use_colour(void)
{
	const char *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && !getenv("NO_COLOR") && terminal &&
	       strcmp(terminal, "dumb") != 0;
}

/* ---- tables ---- */

struct row {
	char *cell[CLI_MAX_COLUMNS];
};

struct cli_table {
	unsigned columns;
	size_t rows, cap;
	struct row *row;
	size_t width[CLI_MAX_COLUMNS];
};

static void out_of_memory(void)
{
	fprintf(stderr, "lanyard: out of memory\n");
	exit(ERR_FAILED);
}

void cli_table_add(struct cli_table *table, const char *const *cell)
{
	if (table->rows == table->cap) {
		table->cap = table->cap ? 2 * table->cap : 16;
		table->row = realloc(table->row, table->cap * sizeof(*table->row));
		if (!table->row)
			out_of_memory();
	}
	struct row *row = &table->row[table->rows++];
	for (unsigned i = 0; i < table->columns; i++) {
		size_t len = strlen(cell[i]);
		row->cell[i] = strdup(cell[i]);
		if (!row->cell[i])
			out_of_memory();
		if (len > table->width[i])
			table->width[i] = len;
	}
}

struct cli_table *cli_table_new(const char *const *header)
{
	struct cli_table *table = calloc(1, sizeof(*table));

	if (!table)
		out_of_memory();
	while (header[table->columns] && table->columns < CLI_MAX_COLUMNS)
		table->columns++;
	cli_table_add(table, header);
	return table;
}

void cli_table_print(struct cli_table *table)
{
	bool colour = cli_use_colour();

	for (size_t r = 0; r < table->rows; r++) {
		if (r == 0 && colour)
			printf("\033[1m");
		for (unsigned i = 0; i < table->columns; i++) {
			int width = i + 1 < table->columns ? (int)table->width[i] + 2 : 0;
			printf("%-*s", width, table->row[r].cell[i]);
		}
		printf(r == 0 && colour ? "\033[0m\n" : "\n");
	}
	for (size_t r = 0; r < table->rows; r++)
		for (unsigned i = 0; i < table->columns; i++)
			free(table->row[r].cell[i]);
	free(table->row);
	free(table);
}

/* ---- values ---- */

const char *cli_duration(int64_t seconds, char text[static 32])
{
	if (seconds < 60)
		snprintf(text, 32, "%llds", (long long)seconds);
	else if (seconds < 3600)
		snprintf(text, 32, "%lldm%llds", (long long)seconds / 60, (long long)seconds % 60);
	else if (seconds < 86400)
		snprintf(text, 32, "%lldh%lldm", (long long)seconds / 3600,
			 (long long)seconds / 60 % 60);
	else
		snprintf(text, 32, "%lldd%lldh", (long long)seconds / 86400,
			 (long long)seconds / 3600 % 24);
	return text;
}

const char *cli_lifetime(const json_t *object, const char *name, char text[static 32])
{
	const json_t *seconds = json_object_get(object, name);

	return json_is_null(seconds) ? "forever" : cli_duration(json_integer_value(seconds), text);
}

const char *cli_bytes(int64_t bytes, char text[static 32])
{
	static const char *const unit[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	double number = (double)bytes;
	unsigned i = 0;

	while (number >= 999.5 && i + 1 < sizeof(unit) / sizeof(unit[0])) { /* no "1000 kB" */
		number /= 1000;
		i++;
	}
	snprintf(text, 32, i == 0 || number >= 99.95 ? "%.0f %s" : "%.1f %s", number, unit[i]);
	return text;
}

const char *cli_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}
