/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/portal.c - which URI may name a captive portal's API.
 *
 * RFC 8910 2, RFC 8908 4.1; RFC 3986 2 and appendix A (characters).
 */
#include "radvd-lite/ra.h"

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_of_uri(const char *at)
{
	char c = *at;

	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return true;
	if (c == '%')
		return is_hex(at[1]) && is_hex(at[2]);
	return strchr("-._~:/?#[]@!$&'()*+,;=", c); /* never the final NUL: the caller's loop */
}

bool ra_portal_is_good(const char *uri)
{
	const char *rest = uri;

	if (strcmp(uri, RA_NO_PORTAL) == 0)
		return true;
	if (strncmp(uri, "https://", 8) == 0)
		rest += 8;
	else if (strncmp(uri, "http://", 7) == 0)
		rest += 7;
	if (rest == uri || *rest == '\0' || strlen(uri) >= RA_MAX_URI)
		return false;
	for (; *rest; rest++) {
		if (!is_of_uri(rest))
			return false;
	}
	return true;
}
