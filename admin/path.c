/* SPDX-License-Identifier: Apache-2.0 */
/* admin/path.c - segments of a request's path. */
#include "admin/path.h"

#include <jansson.h>
#include <string.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One byte from *at on; -1: a broken encoding, or a byte that stands in no name. */
static int read_byte(const char **at)
{
	int byte = (unsigned char)*(*at)++;

	if (byte == '%') {
		int high = hex_digit((*at)[0]), low = high < 0 ? -1 : hex_digit((*at)[1]);

		if (low < 0)
			return -1;
		byte = high * 16 + low;
		*at += 2;
	}
	return byte < 0x20 || byte == 0x7f ? -1 : byte;
}

static bool is_utf8(const char *text)
{
	json_t *string = json_string(text);

	json_decref(string);
	return string != NULL;
}

/* What walks about in folders is no name in any of our tables. */
static bool is_fine(const char *segment)
{
	return segment[0] && strcmp(segment, ".") != 0 && strcmp(segment, "..") != 0 &&
	       is_utf8(segment);
}

bool path_read(const char *target, struct path *path)
{
	const char *end = target + strcspn(target, "?#");
	char *to = path->text;

	path->count = 0;
	if (*target != '/' || end - target >= PATH_MAX_LEN)
		return false;
	if (end == target + 1)
		return true;
	while (target < end) { /* at a slash */
		if (path->count == PATH_SEGMENTS)
			return false;
		path->segment[path->count] = to;
		for (target++; target < end && *target != '/';) {
			int byte = read_byte(&target);

			if (byte < 0 || target > end)
				return false;
			*to++ = (char)byte;
		}
		*to++ = '\0';
		if (!is_fine(path->segment[path->count++]))
			return false;
	}
	return true;
}
