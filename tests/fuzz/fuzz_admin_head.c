/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_admin_head.c - any text as what we read of a request's head ourselves: its path,
 * Host, Cookie, Accept-Encoding and If-None-Match.
 *
 * Properties: a path's segments are names, none of which walks about; a host is one that a browser
 * could name; a cookie's value fits.
 */
#include <stdlib.h>
#include <string.h>

#include "admin/cookie.h"
#include "admin/files.h"
#include "admin/route.h"
#include "admin/visit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at_path(const char *text)
{
	char allow[ROUTE_ALLOW_MAX];
	struct route_match match;
	struct path path;

	if (!path_read(text, &path))
		return;
	for (unsigned i = 0; i < path.count; i++)
		if (!path.segment[i][0] || strcmp(path.segment[i], "..") == 0 ||
		    strcmp(path.segment[i], ".") == 0 || strpbrk(path.segment[i], "\r\n"))
			abort();
	if (route_find("GET", &path, &match, allow) && match.count > ROUTE_VALUES)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[2 * PATH_MAX_LEN], host[VISIT_HOST_MAX], value[8];

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	look_at_path(text);
	if (visit_read_host(text, host) &&
	    (!host[0] || host[strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-:ABCDEF")]))
		abort();
	if (cookie_find(text, "id", value, sizeof(value)) && strlen(value) >= sizeof(value))
		abort();
	file_takes_gzip(text);
	file_is_known(&admin_files[0], text);
	return 0;
}
