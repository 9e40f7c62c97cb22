/* SPDX-License-Identifier: Apache-2.0 */
/* client/http_head.c - lines of an HTTP answer: RFC 9112 2.2 (their ends), 4 (the first one). */
#include "client/http_head.h"

#define STATUS_LINE_LEN 12 /* "HTTP/1.1 200" */

struct bytes http_next_line(struct bytes *text)
{
	const uint8_t *end = text->len > 0 ? memchr(text->data, '\n', text->len) : NULL;
	struct bytes line = { text->data, end ? (size_t)(end - text->data) : text->len };
	size_t used = end ? line.len + 1 : line.len;

	if (used > 0) {
		text->data += used;
		text->len -= used;
	}
	if (line.len > 0 && line.data[line.len - 1] == '\r')
		line.len--;
	return line;
}

unsigned http_status(struct bytes line)
{
	unsigned status = 0;

	if (line.len < STATUS_LINE_LEN ||
	    memcmp(line.data, HTTP_PREFIX, strlen(HTTP_PREFIX)) != 0 || line.data[8] != ' ' ||
	    (line.len > STATUS_LINE_LEN && line.data[12] != ' '))
		return 0;
	for (unsigned i = 9; i < STATUS_LINE_LEN; i++) {
		if (line.data[i] < '0' || line.data[i] > '9')
			return 0;
		status = status * 10 + (unsigned)(line.data[i] - '0');
	}
	return status;
}
