/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_http.c - reads the beginning of an HTTP answer (RFC 9112 4, RFC 9110 10.2.2). */
#include "client/doctor_http.h"

#include <string.h>
#include <strings.h>

#include "base/log.h"

static struct bytes next_line(struct bytes *text)
{
	const uint8_t *end = text->len > 0 ? memchr(text->data, '\n', text->len) : NULL;
	struct bytes line = { text->data, end ? (size_t)(end - text->data) : text->len };
	size_t used = end ? line.len + 1 : line.len;

	text->data += used;
	text->len -= used;
	if (line.len > 0 && line.data[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* "HTTP/1.1 302 Found"; 0 if it is no such line. */
static unsigned status_of(struct bytes line)
{
	unsigned status = 0;

	if (line.len < 12 || memcmp(line.data, "HTTP/1.", 7) != 0 || line.data[8] != ' ')
		return 0;
	for (unsigned i = 9; i < 12; i++) {
		if (line.data[i] < '0' || line.data[i] > '9')
			return 0;
		status = status * 10 + (unsigned)(line.data[i] - '0');
	}
	return status;
}

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
	facts->status = status_of(next_line(&answer));
	while (facts->status && answer.len > 0) {
		struct bytes line = next_line(&answer);
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
