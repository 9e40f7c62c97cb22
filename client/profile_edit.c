/* SPDX-License-Identifier: Apache-2.0 */
/* client/profile_edit.c
 *
 * Line by line, with the rules of base/conf.h: what is indented continues the value above it, also
 * behind comments and empty lines, which belong to nobody and stay.
 */
#include "client/profile_edit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/file.h"

#define BLANK " \t\r\v\f"

/* One line, without its newline. */
struct line {
	const char *at;
	size_t len, indent;
};

static struct line line_at(const char *at)
{
	struct line line = { at, strcspn(at, "\n"), strspn(at, BLANK) };

	return line;
}

static const char *next_line(const char *at)
{
	at += strcspn(at, "\n");
	return *at ? at + 1 : at;
}

static bool is_quiet(struct line line)
{
	return line.indent == line.len || strchr(";#", line.at[line.indent]);
}

static bool is_more(struct line line)
{
	return !is_quiet(line) && line.indent > 0;
}

/* Whether the word that ends before one of `ends` is this one. */
static bool is_word(const char *at, size_t len, const char *ends, const char *word)
{
	size_t used = 0;

	while (used < len && !strchr(ends, at[used]))
		used++;
	if (used == len) /* without its end it is none */
		return false;
	while (used > 0 && strchr(BLANK, at[used - 1]))
		used--;
	return used == strlen(word) && memcmp(at, word, used) == 0;
}

static bool is_section(struct line line, const char *name)
{
	size_t start = 1;

	while (start < line.len && strchr(BLANK, line.at[start]))
		start++;
	return is_word(line.at + start, line.len - start, "]", name);
}

/* Where an edit takes place. */
struct place {
	const char *insert; /* behind the section's last value; NULL: there is no such section */
	const char *key;    /* the key's line; NULL: there is none */
};

static struct place find_place(const char *text, const struct profile_edit *edit)
{
	struct place place = { 0 };
	bool inside = false;

	for (const char *at = text; *at; at = next_line(at)) {
		struct line line = line_at(at);

		if (is_quiet(line))
			continue;
		if (line.indent == 0 && *at == '[')
			inside = is_section(line, edit->section);
		else if (inside && line.indent == 0 && is_word(at, line.len, "=:", edit->key))
			place.key = at;
		if (inside)
			place.insert = next_line(at);
	}
	return place;
}

static void write_value(FILE *out, const struct profile_edit *edit)
{
	const char *value = edit->value;

	if (!value)
		return;
	if (!strchr(value, '\n')) {
		fprintf(out, "%s = %s\n", edit->key, value);
		return;
	}
	fprintf(out, "%s =\n", edit->key);
	for (; *value; value = next_line(value)) {
		struct line line = line_at(value);
		if (line.len > 0)
			fprintf(out, "  %.*s\n", (int)line.len, line.at);
	}
}

/* What stands between `from` and `to`, and a newline behind it if it has none. */
static void write_part(FILE *out, const char *from, const char *to)
{
	fwrite(from, 1, (size_t)(to - from), out);
	if (to > from && to[-1] != '\n')
		fputc('\n', out);
}

/* Steps over a value's lines; what stands between them stays. */
static const char *skip_value(FILE *out, const char *at)
{
	for (at = next_line(at); *at; at = next_line(at)) {
		struct line line = line_at(at);

		if (is_quiet(line))
			write_part(out, at, next_line(at));
		else if (!is_more(line))
			break;
	}
	return at;
}

static void write_edited(FILE *out, const char *text, const struct profile_edit *edit)
{
	struct place place = find_place(text, edit);
	const char *end = text + strlen(text);

	if (place.key) {
		write_part(out, text, place.key);
		write_value(out, edit);
		write_part(out, skip_value(out, place.key), end);
	} else if (place.insert && edit->value) {
		write_part(out, text, place.insert);
		write_value(out, edit);
		write_part(out, place.insert, end);
	} else {
		write_part(out, text, end);
		if (edit->value) {
			fprintf(out, "%s[%s]\n", *text ? "\n" : "", edit->section);
			write_value(out, edit);
		}
	}
}

static size_t size_of(const char *text, const struct profile_edit *edit)
{
	size_t size = strlen(text) + strlen(edit->section) + strlen(edit->key) + 16;

	/* a line may have one byte, which grows by an indent */
	return edit->value ? size + 3 * strlen(edit->value) : size;
}

/* Into memory of our own and unbuffered: nothing of it stays in a buffer of stdio's. */
static char *edit_one(const char *text, const struct profile_edit *edit)
{
	size_t size = size_of(text, edit) + 1;
	char *edited = calloc(1, size);
	FILE *out = edited ? fmemopen(edited, size, "w") : NULL;

	if (!out) {
		free(edited);
		return NULL;
	}
	setvbuf(out, NULL, _IONBF, 0);
	write_edited(out, text, edit);
	bool failed = ferror(out);
	if (fclose(out) != 0 || failed) {
		file_forget(edited, size);
		return NULL;
	}
	return edited;
}

char *profile_edit(const char *text, const struct profile_edit *edit, size_t count)
{
	char *edited = strdup(text);

	for (size_t i = 0; i < count && edited; i++) {
		char *next = edit_one(edited, &edit[i]);

		file_forget(edited, strlen(edited));
		edited = next;
	}
	return edited;
}
