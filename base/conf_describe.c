/* SPDX-License-Identifier: Apache-2.0 */
/* base/conf_describe.c - the tables of configuration text as a person reads them. */
#include "base/conf.h"

#include <stdio.h>

/* The section before `section` that these are the keys of, or NULL. */
static const struct conf_section *described_before(const struct conf_section *sections,
						   const struct conf_section *section,
						   const struct conf_key *keys)
{
	while (sections < section && sections->keys != keys)
		sections++;
	return sections < section ? sections : NULL;
}

/* What a section's other tables add to its heading: " and [b] (b-KEY where both have it)". */
static void describe_also(const struct conf_section *sections, const struct conf_section *section,
			  char *text, size_t cap)
{
	size_t len = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < CONF_ALSO_MAX && section->also[i].keys; i++) {
		const struct conf_also *also = &section->also[i];
		const struct conf_section *same = described_before(sections, section, also->keys);

		if (same && len < cap)
			len += (size_t)snprintf(text + len, cap - len,
						" and [%s] (%sKEY where both have it)", same->name,
						also->prefix ? also->prefix : "");
	}
}

static void describe_keys(const struct conf_key *keys, void (*line)(const char *text))
{
	char text[256];

	for (const struct conf_key *key = keys; key->name; key++) {
		snprintf(text, sizeof(text), "  %-20s %s%s", key->name, key->accepted,
			 key->once ? "" : "; may be repeated");
		line(text);
	}
}

/* Of another table that no section before has described. */
static bool is_new(const struct conf_section *sections, const struct conf_section *section,
		   const struct conf_key *keys)
{
	for (const struct conf_section *s = sections; s < section; s++) {
		if (s->keys == keys)
			return false;
		for (unsigned i = 0; i < CONF_ALSO_MAX; i++)
			if (s->also[i].keys == keys)
				return false;
	}
	return true;
}

void conf_describe(const struct conf_section *sections, void (*line)(const char *text))
{
	char text[256], also[96];

	for (const struct conf_section *s = sections; s->name; s++) {
		const struct conf_section *same = described_before(sections, s, s->keys);

		describe_also(sections, s, also, sizeof(also));
		snprintf(text, sizeof(text), "[%s%s]%s%s%s%s", s->name, s->begin ? " NAME" : "",
			 same ? " with the keys of [" : "", same ? same->name : "", same ? "]" : "",
			 also);
		line(text);
		if (!same)
			describe_keys(s->keys, line);
		for (unsigned i = 0; i < CONF_ALSO_MAX && s->also[i].keys; i++)
			if (is_new(sections, s, s->also[i].keys))
				describe_keys(s->also[i].keys, line);
	}
}
