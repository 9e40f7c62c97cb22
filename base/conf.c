/* SPDX-License-Identifier: Apache-2.0 */
/* base/conf.c
 *
 * From text to the tables' readers.  inih takes lines apart; this file stands on both sides
 * of it.  Before it: take_line hands it one line at a time and refuses what inih would cut or
 * skip in silence (NUL bytes, long lines and names, text after a section's bracket).  Behind
 * it: on_item finds the table's row and collects values over several lines.
 *
 * inih does not tell of a section without keys, so take_line adds a line of its own after
 * each "[section]": the item it makes says that a section begins.
 */
#include "base/conf.h"

#include "base/conf_line.h"
#include "base/conf_notes.h"
#include "base/log.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

_Static_assert(CONF_KEYS_MAX <= 64, "a bit of conf_section.given for each");

#define LINE_LEN_MAX (CONF_VALUE_MAX + 256) /* a longest value, its key and a comment */
#define NAME_LEN_MAX CONF_NAME_LEN_MAX
#define SECTIONS_MAX 4096
#define QUOTE_LEN 80 /* of a value in a sentence, with the NUL */

/* What the line is that inih has in hand. */
enum line {
	LINE_QUIET,   /* empty, or a comment */
	LINE_SECTION, /* "[section]": inih only remembers it */
	LINE_BEGIN,   /* the line we add behind it */
	LINE_KEY,     /* "key = value" */
	LINE_MORE,    /* more of the value above */
};

/* A section that was there already. */
struct seen {
	const struct conf_section *section;
	char argument[NAME_LEN_MAX + 1];
};

struct parse {
	const char *name; /* of the text, for sentences */
	const struct conf_section *sections;
	struct conf_notes *notes; /* or NULL */
	struct err *err;
	bool failed; /* the sentence is written; nothing more is read */

	struct reader text;
	unsigned line_number;
	enum line line;
	bool answered; /* inih made an item of the line */

	struct seen *seen;
	size_t seen_count;

	const struct conf_section *section; /* NULL before the first */
	char title[NAME_LEN_MAX + 1];	    /* what stands in the brackets */
	void *to;			    /* the section's struct */
	/* where each key of its tables was last set; 0: not yet */
	unsigned key_line[(1 + CONF_ALSO_MAX) * CONF_KEYS_MAX];

	const struct conf_key *key; /* whose value is being collected, or NULL */
	char key_name[NAME_LEN_MAX + 1];
	size_t row;		      /* of the key in its table */
	const struct conf_also *also; /* which is this one, or (NULL) the section's first */
	char *value;		      /* CONF_VALUE_MAX + 1 bytes */
	size_t value_len;
};

/* Writes the sentence, with its place in front; only the first one counts. */
__attribute__((format(printf, 3, 4))) static void mistake(struct parse *parse, unsigned line_number,
							  const char *format, ...)
{
	char sentence[sizeof(parse->err->text)];
	va_list args;

	if (parse->failed)
		return;
	parse->failed = true;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	err_kind(parse->err, ERR_CONFIG, "%s:%u: %s", parse->name, line_number, sentence);
}

/* Text as a sentence may show it: the first line, escaped and cut (it may be a secret). */
static const char *quote(const char *text, char out[static QUOTE_LEN])
{
	size_t len = strcspn(text, "\n");

	log_escape(text, len, out, text[len] == '\0' ? QUOTE_LEN : QUOTE_LEN - 3);
	if (text[len] != '\0')
		strcat(out, "...");
	return out;
}

/* The line of the key that is being collected. */
static unsigned *key_line(struct parse *parse)
{
	size_t table = parse->also ? 1 + (size_t)(parse->also - parse->section->also) : 0;

	return &parse->key_line[parse->row + table * CONF_KEYS_MAX];
}

/* It was read: where is kept for who wants to know. */
static void note_value(struct parse *parse, bool secret)
{
	struct conf_note note = { parse->key_name, parse->value, *key_line(parse), secret };

	if (!parse->notes)
		return;
	if (conf_notes_add(parse->notes, &note) < 0)
		mistake(parse, note.line, "out of memory");
}

/* Gives the value that was collected to its key's reader. */
static void finish_value(struct parse *parse)
{
	const struct conf_key *key = parse->key;
	const struct conf_section *section = parse->section;
	struct err reason = { "" };
	char shown[QUOTE_LEN];

	if (!key || parse->failed)
		return;
	parse->key = NULL;
	parse->value[parse->value_len] = '\0';

	size_t given = parse->also ? parse->also->given : section->given;

	bool good = key->read(parse->value, (char *)parse->to + key->offset, key, &reason) == 0;

	if (!good && key->secret)
		mistake(parse, *key_line(parse), "[%s] %s: %s", parse->title, parse->key_name,
			reason.text);
	else if (!good)
		mistake(parse, *key_line(parse), "[%s] %s '%s': %s", parse->title, parse->key_name,
			quote(parse->value, shown), reason.text);
	else if (given > 0)
		*(uint64_t *)((char *)parse->to + given) |= 1ull << parse->row;
	if (good)
		note_value(parse, key->secret);
}

/* Puts `text` behind the value, in a new line if there is one already. */
static void add_to_value(struct parse *parse, const char *text)
{
	size_t len = strlen(text), newline = parse->value_len > 0 ? 1 : 0;

	if (len + newline > CONF_VALUE_MAX - parse->value_len) {
		mistake(parse, *key_line(parse), "[%s] %s: longer than %u bytes", parse->title,
			parse->key_name, CONF_VALUE_MAX);
		return;
	}
	if (newline > 0)
		parse->value[parse->value_len++] = '\n';
	memcpy(parse->value + parse->value_len, text, len);
	parse->value_len += len;
}

/* Refuses a section that was there before: its keys would quietly replace the first one's. */
static int remember_section(struct parse *parse, const struct conf_section *section,
			    const char *argument, struct err *err)
{
	for (size_t i = 0; i < parse->seen_count; i++)
		if (parse->seen[i].section == section &&
		    strcmp(parse->seen[i].argument, argument) == 0)
			return err_set(err, "this section was there before");
	if (parse->seen_count == SECTIONS_MAX)
		return err_set(err, "more than %u sections", SECTIONS_MAX);

	struct seen *seen = &parse->seen[parse->seen_count++];

	seen->section = section;
	strcpy(seen->argument, argument); /* both are parts of a title */
	return 0;
}

/* The table's row for "name" or "name argument". */
static const struct conf_section *find_section(const struct parse *parse, const char *name,
					       bool has_argument, struct err *err)
{
	const struct conf_section *other = NULL;

	for (const struct conf_section *s = parse->sections; s->name; s++) {
		if (strcmp(s->name, name) != 0)
			continue;
		if ((s->begin != NULL) == has_argument)
			return s;
		other = s;
	}
	if (!other)
		err_set(err, "unknown section");
	else if (has_argument)
		err_set(err, "this section has no name of its own: write [%s]", name);
	else
		err_set(err, "this section needs a name of its own: write [%s NAME]", name);
	return NULL;
}

static int begin_section(struct parse *parse, struct err *err)
{
	char name[sizeof(parse->title)], *argument;

	strcpy(name, parse->title);
	argument = name + strcspn(name, " \t");
	if (*argument != '\0')
		*argument++ = '\0';
	argument += strspn(argument, " \t");

	parse->section = find_section(parse, name, *argument != '\0', err);
	if (!parse->section || remember_section(parse, parse->section, argument, err) < 0)
		return -1;
	if (parse->notes && conf_notes_begin(parse->notes, name, argument) < 0)
		return err_set(err, "out of memory");
	memset(parse->key_line, 0, sizeof(parse->key_line));
	parse->to = parse->section->begin
			    ? parse->section->begin(parse->section->base, argument, err)
			    : parse->section->base;
	return parse->to ? 0 : -1;
}

/* `title` is what inih found in the brackets, never longer than NAME_LEN_MAX. */
static void on_section(struct parse *parse, const char *title)
{
	struct err reason = { "" };
	char shown[QUOTE_LEN];

	title += strspn(title, " \t");
	snprintf(parse->title, sizeof(parse->title), "%s", title);
	size_t len = strlen(parse->title);
	while (len > 0 && isspace((unsigned char)parse->title[len - 1]))
		parse->title[--len] = '\0';

	if (begin_section(parse, &reason) < 0)
		mistake(parse, parse->line_number, "[%s]: %s", quote(parse->title, shown),
			reason.text);
}

static const struct conf_key *find_row(const struct conf_key *keys, const char *name, size_t *row)
{
	for (*row = 0; keys[*row].name; ++*row)
		if (strcmp(keys[*row].name, name) == 0)
			return &keys[*row];
	return NULL;
}

/* The same of one of the other tables. */
static const struct conf_key *find_also(const struct conf_section *section,
					const struct conf_also *also, const char *name, size_t *row)
{
	const struct conf_key *key = find_row(also->keys, name, row);
	size_t prefix = also->prefix ? strlen(also->prefix) : 0;

	if (key || prefix == 0 || strncmp(name, also->prefix, prefix) != 0)
		return key;
	/* the prefix is for those that the first table has as well, and for no others */
	return find_row(section->keys, name + prefix, row)
		       ? find_row(also->keys, name + prefix, row)
		       : NULL;
}

/* The key of the section's tables, and which row of which one; NULL if there is none. */
static const struct conf_key *find_key(struct parse *parse, const char *name)
{
	const struct conf_section *section = parse->section;
	const struct conf_key *key = find_row(section->keys, name, &parse->row);

	parse->also = NULL;
	for (unsigned i = 0; i < CONF_ALSO_MAX && section->also[i].keys && !key; i++) {
		parse->also = &section->also[i];
		key = find_also(section, parse->also, name, &parse->row);
	}
	return key;
}

static void on_key(struct parse *parse, const char *name, const char *value)
{
	char shown[QUOTE_LEN];

	if (!parse->section) {
		mistake(parse, parse->line_number, "'%s' comes before the first [section]",
			quote(name, shown));
		return;
	}
	const struct conf_key *key = find_key(parse, name);

	if (!key) {
		mistake(parse, parse->line_number, "[%s] unknown key '%s'", parse->title,
			quote(name, shown));
		return;
	}
	if (parse->row >= CONF_KEYS_MAX) { /* the table's fault, not the user's: no overflow */
		mistake(parse, parse->line_number, "[%s] has more than %u keys", parse->title,
			CONF_KEYS_MAX);
		return;
	}
	if (key->once && *key_line(parse) > 0) {
		mistake(parse, parse->line_number, "[%s] %s: was set in line %u already",
			parse->title, name, *key_line(parse));
		return;
	}
	*key_line(parse) = parse->line_number;
	parse->key = key;
	snprintf(parse->key_name, sizeof(parse->key_name), "%s", name);
	parse->value_len = 0;
	add_to_value(parse, value);
}

/* inih's handler: 0 makes it stop. */
static int on_item(void *user, const char *section, const char *name, const char *value)
{
	struct parse *parse = user;

	parse->answered = true;
	switch (parse->line) {
	case LINE_BEGIN:
		finish_value(parse);
		on_section(parse, section);
		break;
	case LINE_KEY:
		finish_value(parse);
		on_key(parse, name, value);
		break;
	case LINE_MORE: add_to_value(parse, value); break;
	case LINE_QUIET:
	case LINE_SECTION: /* inih makes no items of these */
		mistake(parse, parse->line_number, "cannot be understood");
		break;
	}
	return !parse->failed;
}

/* Says in parse->line what the line is.  What is wrong with it, or NULL. */
static const char *judge_line(struct parse *parse, char *line)
{
	size_t indent = 0;

	while (isspace((unsigned char)line[indent]))
		indent++;
	parse->line = LINE_QUIET;
	if (line[indent] == '\0' || line[indent] == ';' || line[indent] == '#')
		return NULL;
	if (indent > 0) {
		parse->line = LINE_MORE;
		conf_cut_comment(line);
		return parse->key ? NULL : "an indented line, and no value above it to continue";
	}
	parse->line = line[0] == '[' ? LINE_SECTION : LINE_KEY;
	return line[0] == '[' ? conf_check_section(line) : conf_check_key(line);
}

/* Copies the next line out, without its end.  What is wrong with it, or NULL. */
static const char *copy_line(struct parse *parse, char *line, size_t cap)
{
	const char *start = (const char *)parse->text.at;
	const char *end = memchr(start, '\n', parse->text.left);
	size_t len = end ? (size_t)(end - start) : parse->text.left;

	parse->line_number++;
	if (parse->line_number == 1 && len >= 3 && memcmp(start, "\xef\xbb\xbf", 3) == 0)
		return "begins with a byte order mark; save the file without it";
	if (memchr(start, '\0', len))
		return "there is a NUL byte in this line";
	if (len > LINE_LEN_MAX || len + sizeof("\n") > cap)
		return "this line is too long";
	reader_copy(&parse->text, line, len);
	line[len] = '\0';
	if (end)
		reader_take(&parse->text, 1);
	return NULL;
}

/* inih's source of lines, in the manner of fgets. */
static char *take_line(char *to, int cap, void *stream)
{
	struct parse *parse = stream;
	bool wants_item = parse->line != LINE_QUIET && parse->line != LINE_SECTION;

	if (wants_item && !parse->answered)
		mistake(parse, parse->line_number, "cannot be understood");
	if (parse->failed)
		return NULL;
	parse->answered = false;
	if (parse->line == LINE_SECTION) {
		parse->line = LINE_BEGIN;
		return strcpy(to, "section = begins\n");
	}
	parse->line = LINE_QUIET;
	if (parse->text.left == 0)
		return NULL;

	const char *wrong = copy_line(parse, to, (size_t)cap);

	if (!wrong)
		wrong = judge_line(parse, to);
	if (wrong) {
		finish_value(parse); /* its mistake, if any, comes first */
		mistake(parse, parse->line_number, "%s", wrong);
		return NULL;
	}
	return strcat(to, "\n");
}

/*
 * inih's limit is 200 bytes per line, but Debian's library has it as a variable; ours is the
 * only use of it in the process.  take_line refuses what is too long for any limit.
 */
static void prepare_inih(void)
{
	ini_use_stack = false;
	ini_max_line = LINE_LEN_MAX + 3;
	ini_initial_alloc = ini_max_line;
	ini_allow_realloc = false;
}

int conf_read_text_noted(const char *name, struct bytes text, const struct conf_section *sections,
			 struct conf_notes *notes, struct err *err)
{
	struct err unwanted;
	struct parse parse = {
		.name = name, .sections = sections, .notes = notes, .text = reader_over(text)
	};

	parse.err = err ? err : &unwanted;
	parse.value = malloc(CONF_VALUE_MAX + 1);
	parse.seen = calloc(SECTIONS_MAX, sizeof(*parse.seen));
	prepare_inih();

	int result = -2; /* inih's number for memory, too */

	if (parse.value && parse.seen)
		result = ini_parse_stream(take_line, &parse, on_item, &parse);
	finish_value(&parse);
	if (result == -2)
		err_set(parse.err, "%s: out of memory", name);
	else if (result != 0)
		mistake(&parse, parse.line_number, "cannot be understood");
	free(parse.seen);
	if (parse.value)
		explicit_bzero(parse.value, CONF_VALUE_MAX + 1);
	free(parse.value);
	return parse.failed || result != 0 ? -1 : 0;
}
