/* SPDX-License-Identifier: Apache-2.0 */
/* admin/path.h
 *
 * The path of a request, taken apart: /api/v1/users/alice?x=y is four segments.  Percent-encoding
 * (RFC 3986 2.1) is taken off within a segment, so that an encoded slash is part of a name.
 */
#ifndef ADMIN_PATH_H
#define ADMIN_PATH_H

#include <stdbool.h>

#define PATH_MAX_LEN 512 /* of the text, without its query */
#define PATH_SEGMENTS 8

struct path {
	unsigned count;
	const char *segment[PATH_SEGMENTS]; /* in `text` */
	char text[PATH_MAX_LEN];
};

/* False for what is no path from the root, is too long or too deep, has an empty segment or one of
 * dots ("/" alone has none), a broken encoding, a control character, or is no UTF-8. */
bool path_read(const char *target, struct path *path);

#endif
