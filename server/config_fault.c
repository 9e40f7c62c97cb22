/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_fault.c - from a broken rule to the line that broke it. */
#include "server/config_fault.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"
#include "server/config.h"

#define QUOTE_LEN 80 /* of a value in a sentence, with the NUL: as base/conf.c has it */

/* ---- what is broken ---- */

__attribute__((format(printf, 5, 0))) static void set(struct config_fault *fault, struct err *err,
						      const char *keys, const char *subject,
						      const char *format, va_list args)
{
	char sentence[sizeof(err->text)];

	vsnprintf(sentence, sizeof(sentence), format, args);
	err_set(err, "%s", sentence);
	if (!fault)
		return;
	fault->of = FAULT_OF_KEY;
	snprintf(fault->keys, sizeof(fault->keys), "%s", keys);
	snprintf(fault->subject, sizeof(fault->subject), "%s", subject);
}

int config_fault(struct config_fault *fault, struct err *err, const char *keys, const char *format,
		 ...)
{
	const char *name = strchr(keys, '/') + 1;
	char subject[64];
	va_list args;

	snprintf(subject, sizeof(subject), "%.*s", (int)strcspn(name, " "), name);
	va_start(args, format);
	set(fault, err, keys, subject, format, args);
	va_end(args);
	return -1;
}

int config_fault_whole(struct config_fault *fault, struct err *err, const char *keys,
		       const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set(fault, err, keys, "", format, args);
	va_end(args);
	return -1;
}

int config_fault_item(struct config_fault *fault, struct err *err, enum ra_list list,
		      const void *item, const char *keys, const char *subject, const char *format,
		      ...)
{
	va_list args;

	va_start(args, format);
	set(fault, err, keys, subject, format, args);
	va_end(args);
	if (fault) {
		fault->of = FAULT_OF_ITEM;
		fault->list = list;
		fault->item = (union ra_item) { 0 };
		memcpy(&fault->item, item, ra_list_kind[list].size);
	}
	return -1;
}

int config_fault_reservation(struct config_fault *fault, struct err *err,
			     const struct prefix6 *what, const char *keys, const char *subject,
			     const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set(fault, err, keys, subject, format, args);
	va_end(args);
	if (fault) {
		fault->of = FAULT_OF_RESERVATION;
		fault->item = (union ra_item) { .reserved = *what };
	}
	return -1;
}

/* ---- where ---- */

const char *config_section_title(const struct ra_section *section,
				 char title[static CONFIG_TITLE_MAX])
{
	snprintf(title, CONFIG_TITLE_MAX, "%s %s", ra_section_kind_name[section->kind],
		 section->name);
	return title;
}

const char *config_section_key(const char *base, const char *key, char name[static 64])
{
	bool also_ra = false;

	for (unsigned i = 0; config_ra_keys[i].name && !also_ra; i++)
		also_ra = strcmp(config_ra_keys[i].name, key) == 0;
	snprintf(name, 64, "%s%s", also_ra && strcmp(base, "dhcp6") == 0 ? "dhcp6-" : "", key);
	return name;
}

const struct conf_note *config_find_item(const struct conf_notes *notes,
					 const struct conf_noted_section *section, const char *key,
					 enum ra_list list, const union ra_item *item)
{
	const struct conf_note *note = NULL;

	while ((note = conf_notes_next(notes, section, key, note))) {
		union ra_item read = { 0 };

		if (ra_list_kind[list].parse(note->value, &read, NULL) == 0 &&
		    ra_list_kind[list].same(&read, item))
			return note;
	}
	return NULL;
}

static const struct conf_note *find_reservation(const struct conf_notes *notes,
						const struct conf_noted_section *section,
						const char *key, const struct prefix6 *what)
{
	const struct conf_note *note = NULL;
	struct config_reservation read;

	while ((note = conf_notes_next(notes, section, key, note)))
		if (config_parse_reservation(note->value, &read, NULL) == 0 &&
		    prefix6_equal(&read.what, what))
			return note;
	return NULL;
}

struct place {
	char title[CONFIG_TITLE_MAX];
	const struct conf_note *note;
	bool subject; /* of the key that the sentence is about */
};

static const struct conf_note *find_line(const struct conf_notes *notes, const char *title,
					 const char *key, bool first,
					 const struct config_fault *fault)
{
	const struct conf_noted_section *section = conf_notes_section(notes, title);

	if (first && fault->of == FAULT_OF_ITEM)
		return config_find_item(notes, section, key, fault->list, &fault->item);
	if (first && fault->of == FAULT_OF_RESERVATION)
		return find_reservation(notes, section, key, &fault->item.reserved);
	return conf_notes_last(notes, section, key);
}

/* In a section, or (NULL) in those without a name of their own. */
static bool find_place(const struct conf_notes *notes, const struct ra_section *section,
		       const struct config_fault *fault, struct place *place)
{
	char keys[sizeof(fault->keys)], name[64], *rest, *base;

	snprintf(keys, sizeof(keys), "%s", fault->keys);
	place->subject = true;
	for (char *word = strtok_r(keys, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		const char *key = strchr(word, '/') + 1;

		base = word;
		base[key - 1 - word] = '\0';
		if (section) {
			config_section_title(section, place->title);
			key = config_section_key(base, key, name);
		} else {
			snprintf(place->title, sizeof(place->title), "%s", base);
		}
		place->note = find_line(notes, place->title, key, place->subject, fault);
		if (place->note)
			return true;
		place->subject = false;
	}
	return false;
}

/* "server.conf:14: [ra] prefix 'fd00::/65'" */
static int put_place(const char *name, const char *title, const struct conf_note *note,
		     struct err *err)
{
	size_t len = strcspn(note->value, "\n");
	char shown[QUOTE_LEN];

	log_escape(note->value, len, shown, sizeof(shown));
	err->kind = ERR_CONFIG;
	if (note->secret)
		return err_context(err, "%s:%u: [%s] %s", name, note->line, title, note->key);
	return err_context(err, "%s:%u: [%s] %s '%s'", name, note->line, title, note->key, shown);
}

/* "[user alice] in [group engineers]" where the line alone does not say it. */
static void whose_text(const struct ra_section *group, const struct ra_section *user,
		       const char *title, char text[static 128])
{
	char own[CONFIG_TITLE_MAX];

	text[0] = '\0';
	if (group && user)
		snprintf(text, 128, " ([user %s] in [group %s])", user->name, group->name);
	else if ((group || user) && strcmp(config_section_title(group ? group : user, own), title))
		snprintf(text, 128, " ([%s])", own);
}

int config_blame(const struct server_config *config, const char *name,
		 const struct ra_section *group, const struct ra_section *user,
		 const struct config_fault *fault, struct err *err)
{
	struct err unwanted = { 0 };
	struct place place;
	char whose[128];

	err = err ? err : &unwanted;
	bool found = (user && find_place(&config->notes, user, fault, &place)) ||
		     (group && find_place(&config->notes, group, fault, &place)) ||
		     find_place(&config->notes, NULL, fault, &place);

	if (!found) /* of no line: between a value that stays until a restart and a default */
		snprintf(place.title, sizeof(place.title), "%.*s", (int)strcspn(fault->keys, "/"),
			 fault->keys);
	whose_text(group, user, place.title, whose);

	const struct err sentence = *err;
	bool with_subject = fault->subject[0] && (!found || !place.subject);
	err_kind(err, ERR_CONFIG, "%s%s%.384s%s", with_subject ? fault->subject : "",
		 with_subject ? " " : "", sentence.text, whose);
	if (found)
		return put_place(name, place.title, place.note, err);

	const struct err whole = *err;
	return err_kind(err, ERR_CONFIG, "%s: [%s] %.384s", name, place.title, whole.text);
}

int config_blame_last(const struct server_config *config, const char *name, const char *key,
		      struct err *err)
{
	struct err unwanted = { 0 };
	const char *title;
	const struct conf_note *note = conf_notes_last_of_all(&config->notes, key, &title);

	err = err ? err : &unwanted;
	err->kind = ERR_CONFIG;
	return note ? put_place(name, title, note, err) : err_context(err, "%s", name);
}
