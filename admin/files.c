/* SPDX-License-Identifier: Apache-2.0 */
/* admin/files.c - finding a file, and how it is to be sent.  RFC 9110 12.5.3, 13.1.2. */
#include "admin/files.h"

#include <string.h>
#include <strings.h>

const struct admin_file *file_find(const char *url)
{
	size_t len = strcspn(url, "?#");

	for (unsigned i = 0; i < admin_file_count; i++)
		if (strlen(admin_files[i].url) == len && memcmp(admin_files[i].url, url, len) == 0)
			return &admin_files[i];
	return NULL;
}

const char *file_absence(const char *url)
{
	bool front = url[0] == '/' && strcspn(url + 1, "?#") == 0;

	return front && !file_find("/")
		       ? "this program was built without the web page (-Dadmin-page=disabled)"
		       : "there is nothing of that name";
}

/* One of the items between commas; moves behind it. */
static size_t next_item(const char **at, const char **item)
{
	*at += strspn(*at, ", \t");
	*item = *at;
	size_t len = strcspn(*at, ",");

	*at += len;
	return len;
}

/* "gzip", "gzip;q=0.8"; not "gzip;q=0" nor "gzip;q=0.000" */
bool file_takes_gzip(const char *accept)
{
	const char *item;
	size_t len;

	while (accept && (len = next_item(&accept, &item)) > 0) {
		size_t name = strcspn(item, "; \t,");

		if (name != 4 || strncasecmp(item, "gzip", 4) != 0)
			continue;
		const char *weight = memchr(item, '=', len);
		return !weight || strspn(weight + 1, "0.") < (size_t)(item + len - weight - 1);
	}
	return false;
}

bool file_is_known(const struct admin_file *file, const char *match)
{
	const char *item;
	size_t len;

	while (match && (len = next_item(&match, &item)) > 0) {
		while (len > 0 && (item[len - 1] == ' ' || item[len - 1] == '\t'))
			len--;
		if (len > 2 && memcmp(item, "W/", 2) == 0) {
			item += 2;
			len -= 2;
		}
		if ((len == 1 && *item == '*') ||
		    (len == strlen(file->tag) && memcmp(item, file->tag, len) == 0))
			return true;
	}
	return false;
}
