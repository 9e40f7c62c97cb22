/* SPDX-License-Identifier: Apache-2.0 */
/* base/conf_notes.c - a list of notes for each section.  A section is there once (conf.c sees to
 * it), so that its notes stand together. */
#include "base/conf_notes.h"

#include <stdio.h>
#include <stdlib.h>

int conf_notes_begin(struct conf_notes *notes, const char *section, const char *argument)
{
	size_t len = strlen(section) + strlen(argument) + 2;
	struct conf_noted_section *more =
		realloc(notes->section, (notes->section_count + 1) * sizeof(*more));
	char *title = malloc(len);

	if (more)
		notes->section = more;
	if (!more || !title) {
		free(title);
		return -1;
	}
	snprintf(title, len, "%s%s%s", section, *argument ? " " : "", argument);
	more[notes->section_count++] =
		(struct conf_noted_section) { .title = title, .first = notes->count };
	return 0;
}

/* Key and value in one piece of memory, which begins with the key. */
static char *copy_of(const struct conf_note *note, const char **value)
{
	size_t key_len = strlen(note->key) + 1, value_len = note->secret ? 0 : strlen(note->value);
	char *copy = malloc(key_len + value_len + 1);

	if (!copy)
		return NULL;
	memcpy(copy, note->key, key_len);
	memcpy(copy + key_len, note->value, value_len);
	copy[key_len + value_len] = '\0';
	*value = copy + key_len;
	return copy;
}

int conf_notes_add(struct conf_notes *notes, const struct conf_note *note)
{
	struct conf_note *to = notes->note;

	if (notes->count == notes->cap) {
		unsigned cap = notes->cap ? 2 * notes->cap : 32;

		to = realloc(notes->note, cap * sizeof(*to));
		if (!to)
			return -1;
		notes->note = to;
		notes->cap = cap;
	}
	to += notes->count;
	*to = *note;
	to->key = copy_of(note, &to->value);
	if (!to->key)
		return -1;
	notes->count++;
	notes->section[notes->section_count - 1].count++;
	return 0;
}

const struct conf_noted_section *conf_notes_section(const struct conf_notes *notes,
						    const char *title)
{
	for (unsigned i = 0; i < notes->section_count; i++)
		if (strcmp(notes->section[i].title, title) == 0)
			return &notes->section[i];
	return NULL;
}

const struct conf_note *conf_notes_next(const struct conf_notes *notes,
					const struct conf_noted_section *section, const char *key,
					const struct conf_note *after)
{
	if (!section)
		return NULL;
	const struct conf_note *note = after ? after + 1 : notes->note + section->first;
	const struct conf_note *end = notes->note + section->first + section->count;

	while (note < end && strcmp(note->key, key) != 0)
		note++;
	return note < end ? note : NULL;
}

const struct conf_note *conf_notes_last(const struct conf_notes *notes,
					const struct conf_noted_section *section, const char *key)
{
	for (unsigned i = section ? section->count : 0; i > 0; i--)
		if (strcmp(notes->note[section->first + i - 1].key, key) == 0)
			return &notes->note[section->first + i - 1];
	return NULL;
}

const struct conf_note *conf_notes_last_of_all(const struct conf_notes *notes, const char *key,
					       const char **title)
{
	for (unsigned i = notes->section_count; i > 0; i--) {
		const struct conf_note *note = conf_notes_last(notes, &notes->section[i - 1], key);

		*title = notes->section[i - 1].title;
		if (note)
			return note;
	}
	return NULL;
}

void conf_notes_free(struct conf_notes *notes)
{
	for (unsigned i = 0; i < notes->section_count; i++)
		free(notes->section[i].title);
	for (unsigned i = 0; i < notes->count; i++)
		free((char *)notes->note[i].key); /* with its value */
	free(notes->section);
	free(notes->note);
	*notes = (struct conf_notes) { 0 };
}
