/* SPDX-License-Identifier: Apache-2.0 */
/* admin/visit.c - where a request comes from.  RFC 9112 3.2 (Host), RFC 6454 7 (Origin). */
#include "admin/visit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *const visit_sentence[] = {
	[VISIT_FINE] = "",
	[VISIT_HOST] = "Host must be this server's address, localhost, or its name",
	[VISIT_ORIGIN] = "the request comes from a page of another origin",
	[VISIT_SITE] = "the request comes from another site",
	[VISIT_TYPE] = "the body must be application/json",
};
_Static_assert(sizeof(visit_sentence) / sizeof(visit_sentence[0]) == VISIT_VERDICTS,
	       "a sentence for every verdict");

static bool is_port(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	unsigned port;

	return digits > 0 && digits <= 5 && !text[digits] && sscanf(text, "%u", &port) == 1 &&
	       port > 0 && port <= 65535;
}

/* What may stand in a name; an address in brackets is held against inet_pton. */
static bool copy_name(const char *text, size_t len, char host[static VISIT_HOST_MAX])
{
	if (len == 0 || len >= VISIT_HOST_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '.' && c != '-')
			return false;
		host[i] = c;
	}
	host[len] = '\0';
	return true;
}

static bool read_six(const char *text, const char *end, char host[static VISIT_HOST_MAX])
{
	struct in6_addr address;

	if (!end || end - text >= INET6_ADDRSTRLEN)
		return false;
	memcpy(host, text, (size_t)(end - text));
	host[end - text] = '\0';
	return inet_pton(AF_INET6, host, &address) == 1;
}

bool visit_read_host(const char *text, char host[static VISIT_HOST_MAX])
{
	const char *end;

	if (*text == '[') {
		end = strchr(text, ']');
		if (!read_six(text + 1, end, host))
			return false;
		end++;
	} else {
		end = text + strcspn(text, ":");
		if (!copy_name(text, (size_t)(end - text), host))
			return false;
	}
	return !*end || (*end == ':' && is_port(end + 1));
}

static bool is_our_host(const struct visit *visit)
{
	char host[VISIT_HOST_MAX];
	struct in6_addr address;

	/* RFC 9112 3.2: a request with none, or more than one, is no request */
	if (visit->host_count != 1 || !visit->host || !visit_read_host(visit->host, host))
		return false;
	return strcmp(host, "localhost") == 0 || inet_pton(AF_INET, host, &address) == 1 ||
	       inet_pton(AF_INET6, host, &address) == 1 ||
	       (visit->name[0] && strcasecmp(host, visit->name) == 0);
}

/* Origin and Host leave a scheme's own port out alike. */
static bool is_our_origin(const struct visit *visit)
{
	const char *scheme = visit->secure ? "https://" : "http://";
	size_t len = strlen(scheme);

	return visit->origin_count == 1 && strncmp(visit->origin, scheme, len) == 0 &&
	       strcasecmp(visit->origin + len, visit->host) == 0;
}

/* "none" is the user's own doing, as in the address line; a link elsewhere may lead to the page. */
static bool is_our_site(const struct visit *visit)
{
	if (visit->site_count != 1)
		return false;
	if (strcmp(visit->site, "same-origin") == 0)
		return true;
	if (visit->changes)
		return false;
	return strcmp(visit->site, "none") == 0 ||
	       (visit->is_page && visit->mode && strcmp(visit->mode, "navigate") == 0);
}

static bool is_json(const char *type)
{
	static const char json[] = "application/json";
	const char *rest = type ? type + strlen(json) : "";

	return type && strncasecmp(type, json, strlen(json)) == 0 &&
	       (!*rest || *rest == ';' || *rest == ' ');
}

enum visit_verdict visit_judge(const struct visit *visit)
{
	if (!is_our_host(visit))
		return VISIT_HOST;
	if (visit->origin_count > 0 && !is_our_origin(visit))
		return VISIT_ORIGIN;
	if (visit->site_count > 0 && !is_our_site(visit))
		return VISIT_SITE;
	/* every browser says one of the two of what it sends with a cookie and not by GET */
	if (visit->changes && visit->has_cookie && !visit->origin_count && !visit->site_count)
		return VISIT_ORIGIN;
	if (visit->changes && visit->has_body && !is_json(visit->type))
		return VISIT_TYPE;
	return VISIT_FINE;
}
