/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_fault.h
 *
 * A rule over several keys that is broken, and whose line is to blame.  The rules know values and
 * no file: they name the key that the sentence is about and those that it does not go together
 * with.  The line is the one in the innermost section that says any of them: only there something
 * new was said.
 *
 *   server.conf:12: [ra] lifetime '5m': must not be shorter than interval
 *   server.conf:20: [group g] interval '1h': lifetime must not be shorter than interval
 */
#ifndef SERVER_CONFIG_FAULT_H
#define SERVER_CONFIG_FAULT_H

#include "base/conf_notes.h"
#include "server/config_ra_private.h"

struct server_config;

struct config_fault {
	char keys[160];	   /* "ra/lifetime ra/interval": the sentence is about the first */
	char subject[160]; /* as it is called beside another one's line; "": the sentence does it */
	enum { FAULT_OF_KEY, FAULT_OF_ITEM, FAULT_OF_RESERVATION } of;
	enum ra_list list; /* of an item: which line of the first key it is */
	union ra_item item;
};

/* Each returns -1, notes the fault if there is one to note it in, and sets the sentence. */
int config_fault(struct config_fault *fault, struct err *err, const char *keys, const char *format,
		 ...) __attribute__((format(printf, 4, 5)));
/* The sentence says all by itself. */
int config_fault_whole(struct config_fault *fault, struct err *err, const char *keys,
		       const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Of an item of a list, as it stands in the settings; `subject` is what it is called. */
int config_fault_item(struct config_fault *fault, struct err *err, enum ra_list list,
		      const void *item, const char *keys, const char *subject, const char *format,
		      ...) __attribute__((format(printf, 7, 8)));
int config_fault_reservation(struct config_fault *fault, struct err *err,
			     const struct prefix6 *what, const char *keys, const char *subject,
			     const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Puts the place in front of the sentence: of [ra] and the like, with a group's section or a
 * user's, or both.  -1. */
int config_blame(const struct server_config *config, const char *name,
		 const struct ra_section *group, const struct ra_section *user,
		 const struct config_fault *fault, struct err *err);
/* The same where the last line of a key in all the file is one too many. */
int config_blame_last(const struct server_config *config, const char *name, const char *key,
		      struct err *err);

/* "ra", or "group engineers": as conf_notes has it. */
#define CONFIG_TITLE_MAX (CONFIG_SECTION_NAME_MAX + 8)
const char *config_section_title(const struct ra_section *section,
				 char title[static CONFIG_TITLE_MAX]);
/* The line of a list's item in a section of that title, or NULL. */
const struct conf_note *config_find_item(const struct conf_notes *notes,
					 const struct conf_noted_section *section, const char *key,
					 enum ra_list list, const union ra_item *item);
/* What a key of [ra] or [dhcp6] is called in [group NAME] and [user NAME]. */
const char *config_section_key(const char *base, const char *key, char name[static 64]);

#endif
