/* SPDX-License-Identifier: Apache-2.0 */
/* admin/files.h - what is always the same: the API's description, the page.  The table is made by
 * embed.py. */
#ifndef ADMIN_FILES_H
#define ADMIN_FILES_H

#include <stdbool.h>
#include <stddef.h>

struct admin_file {
	const char *url, *type, *tag;
	const unsigned char *plain;
	size_t plain_len;
	const unsigned char *packed; /* gzip */
	size_t packed_len;
};

extern const struct admin_file admin_files[];
extern const unsigned admin_file_count;

const struct admin_file *file_find(const char *url); /* NULL: there is none */
/* What to tell whoever asks for what is not there: a program may be built without its page. */
const char *file_absence(const char *url);
/* Does an Accept-Encoding header take gzip?  NULL: there is none. */
bool file_takes_gzip(const char *accept);
/* Is the tag one of those of an If-None-Match header?  NULL: there is none. */
bool file_is_known(const struct admin_file *file, const char *match);

#endif
