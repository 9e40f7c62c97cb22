/* SPDX-License-Identifier: Apache-2.0 */
/* base/conf_notes.h
 *
 * Where the values of a configuration stand: of each line that was read its section, key, value
 * and number, in the text's order.  For who shows the configuration, and for sentences about keys
 * that do not go together (conf.h has those about one).  A secret's value is not kept.
 *
 * As large as the text that was read, which has its bounds.
 */
#ifndef BASE_CONF_NOTES_H
#define BASE_CONF_NOTES_H

#include "base/conf.h"

struct conf_note {
	const char *key;   /* as it is written there */
	const char *value; /* of several lines with newlines; "" of a secret */
	unsigned line;
	bool secret;
};

struct conf_notes {
	unsigned section_count, count, cap;
	struct conf_noted_section {
		char *title; /* "ra", "group engineers" */
		unsigned first, count;
	} * section;
	struct conf_note *note;
};

/* As conf_read_file and conf_read_text, and the notes are added to `notes`, which begins as zeros.
 * After a failure they are of no use, but are to be freed all the same. */
int conf_read_file_noted(const char *path, const struct conf_section *sections,
			 struct conf_notes *notes, struct err *err);
int conf_read_text_noted(const char *name, struct bytes text, const struct conf_section *sections,
			 struct conf_notes *notes, struct err *err);

/* NULL: the text has no such section. */
const struct conf_noted_section *conf_notes_section(const struct conf_notes *notes,
						    const char *title);
/* The first note of a key of a section (also NULL) behind `after` (NULL: from the beginning), or
 * NULL. */
const struct conf_note *conf_notes_next(const struct conf_notes *notes,
					const struct conf_noted_section *section, const char *key,
					const struct conf_note *after);
/* The last one. */
const struct conf_note *conf_notes_last(const struct conf_notes *notes,
					const struct conf_noted_section *section, const char *key);
/* The last one of a key in all the text, and in which section it is. */
const struct conf_note *conf_notes_last_of_all(const struct conf_notes *notes, const char *key,
					       const char **title);
void conf_notes_free(struct conf_notes *notes);

/* For conf.c.  -1: out of memory. */
int conf_notes_begin(struct conf_notes *notes, const char *section, const char *argument);
int conf_notes_add(struct conf_notes *notes, const struct conf_note *note);

#endif
