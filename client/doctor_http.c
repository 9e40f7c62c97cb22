/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_http.c - reads the beginning of an HTTP answer (RFC 9112 4, RFC 9110 10.2.2). */
#include "client/doctor_http.h"

#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "client/http_head.h"

/* The host of "http://host:port/path"; empty if it names none (RFC 3986 3.2.2). */
static struct bytes host_of(struct bytes url)
{
	struct bytes host = { url.data, 0 };

	for (size_t i = 0; i + 2 < url.len; i++) {
		if (memcmp(url.data + i, "://", 3) != 0)
			continue;
		host.data = url.data + i + 3;
		size_t left = url.len - i - 3;
		while (host.len < left && !strchr("/:?#", host.data[host.len]))
			host.len++;
		break;
	}
	return host;
}

void http_read(struct bytes answer, const char *host, struct http_facts *facts)
{
	static const char name[] = "location:";
	const size_t name_len = sizeof(name) - 1;

	*facts = (struct http_facts) { 0 };
	facts->status = http_status(http_next_line(&answer));
	while (facts->status && answer.len > 0) {
		struct bytes line = http_next_line(&answer);
		if (line.len == 0)
			break;
		if (line.len < name_len ||
		    strncasecmp((const char *)line.data, name, name_len) != 0)
			continue;
		line.data += name_len;
		line.len -= name_len;
		while (line.len > 0 && *line.data == ' ') {
			line.data++;
			line.len--;
		}
		struct bytes there = host_of(line);
		facts->elsewhere = there.len > 0 &&
				   (there.len != strlen(host) ||
				    strncasecmp((const char *)there.data, host, there.len) != 0);
		log_escape(line.data, line.len, facts->location, sizeof(facts->location));
		break;
	}
}

bool http_is_portal(const struct http_facts *facts)
{
	/* RFC 6585 6: 511, Network Authentication Required */
	return facts->status == 511 ||
	       (facts->status >= 300 && facts->status < 400 && facts->elsewhere);
}
