/* SPDX-License-Identifier: Apache-2.0 */
/* client/profile_edit.h
 *
 * A profile's text with some values in it replaced, added or gone; comments, order and every other
 * key stay as a person has written them.  The text is INI as base/conf.h reads it.
 */
#ifndef CLIENT_PROFILE_EDIT_H
#define CLIENT_PROFILE_EDIT_H

#include <stddef.h>

struct profile_edit {
	const char *section, *key;
	const char *value; /* several lines (PEM) become indented ones; NULL: the key goes */
};

/* One edit after the other; "" as `text` makes a new profile.  malloc'd; NULL without memory.  It may
 * hold a private key: file_forget. */
char *profile_edit(const char *text, const struct profile_edit *edit, size_t count);

#endif
