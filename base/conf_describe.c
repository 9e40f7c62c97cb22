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

/* What a section's second table adds to its heading: " and [b], which are ... where ...". */
static void describe_also(const struct conf_section *sections, const struct conf_section *section,
			  char *text, size_t cap)
{
	const struct conf_section *also =
		section->also ? described_before(sections, section, section->also) : NULL;

	text[0] = '\0';
	if (also)
		snprintf(text, cap, " and [%s] (%sKEY where both have it)", also->name,
			 section->also_prefix);
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
		if (same)
			continue;
		for (const struct conf_key *key = s->keys; key->name; key++) {
			snprintf(text, sizeof(text), "  %-20s %s%s", key->name, key->accepted,
				 key->once ? "" : "; may be repeated");
			line(text);
		}
	}
}
