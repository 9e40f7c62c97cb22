/* SPDX-License-Identifier: Apache-2.0 */
/* admin/cookie.c - reading a Cookie header. */
#include "admin/cookie.h"

#include <string.h>

bool cookie_find(const char *header, const char *name, char *value, size_t cap)
{
	size_t name_len = strlen(name);
	unsigned found = 0;
	bool fits = false;

	for (const char *at = header; *at;) {
		at += strspn(at, "; \t");
		size_t len = strcspn(at, ";");

		if (len > name_len && memcmp(at, name, name_len) == 0 && at[name_len] == '=') {
			size_t value_len = len - name_len - 1;

			found++;
			fits = value_len < cap;
			if (fits) {
				memcpy(value, at + name_len + 1, value_len);
				value[value_len] = '\0';
			}
		}
		at += len;
	}
	return found == 1 && fits;
}
