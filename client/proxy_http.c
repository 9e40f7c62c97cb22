/* SPDX-License-Identifier: Apache-2.0 */
/* client/proxy_http.c - CONNECT, and the head of what is answered to it.
 *
 * The head is read byte by byte: where it ends is where the server's bytes begin, and nobody could
 * put those back.  Of the answer only the status counts, and with 407 the ways to log in.
 */
#include <stdio.h>
#include <strings.h>

#include <sodium.h>

#include "client/http_head.h"
#include "client/proxy_private.h"

static void write_text(struct writer *w, const char *text)
{
	writer_copy(w, text, strlen(text));
}

/* RFC 7617 2 */
static void write_login(struct writer *w, const struct proxy *proxy)
{
	char pair[2 * PROXY_LOGIN_MAX + 2];
	char coded[sodium_base64_ENCODED_LEN(sizeof(pair), sodium_base64_VARIANT_ORIGINAL)];
	int len = snprintf(pair, sizeof(pair), "%s:%s", proxy->user, proxy->password);

	sodium_bin2base64(coded, sizeof(coded), (const unsigned char *)pair, (size_t)len,
			  sodium_base64_VARIANT_ORIGINAL);
	write_text(w, "Proxy-Authorization: Basic ");
	write_text(w, coded);
	write_text(w, "\r\n");
	explicit_bzero(pair, sizeof(pair));
	explicit_bzero(coded, sizeof(coded));
}

void http_begin(struct proxy_talk *talk)
{
	struct writer *w = talk_say(talk);
	bool is6 = strchr(talk->host, ':');
	char where[300];

	snprintf(where, sizeof(where), "%s%s%s:%u", is6 ? "[" : "", talk->host, is6 ? "]" : "",
		 talk->port);
	write_text(w, "CONNECT ");
	write_text(w, where);
	write_text(w, " HTTP/1.1\r\nHost: "); /* RFC 9112 3.2: it must be there */
	write_text(w, where);
	write_text(w, "\r\n");
	if (talk->proxy->has_login)
		write_login(w, talk->proxy);
	write_text(w, "\r\n");
	talk->head = 0;
	talk_enter(talk, TALK_HTTP_REPLY);
}

size_t http_need(const struct proxy_talk *talk)
{
	return talk->in_len + 1;
}

/* ---- which ways to log in it offers ---- */

struct offered {
	bool basic;
	char names[100]; /* "Basic, NTLM" */
};

static bool is_token(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '-' || c == '_' || c == '.';
}

/* Up to the next comma outside of quotes (RFC 9110 5.6.1). */
static struct bytes next_element(struct bytes *list)
{
	struct bytes element = { list->data, 0 };
	bool quoted = false;

	while (element.len < list->len && (quoted || element.data[element.len] != ',')) {
		if (quoted && element.data[element.len] == '\\' && element.len + 1 < list->len)
			element.len++;
		else if (element.data[element.len] == '"')
			quoted = !quoted;
		element.len++;
	}
	size_t used = element.len < list->len ? element.len + 1 : element.len;

	list->data += used;
	list->len -= used;
	return element;
}

static void note_scheme(struct offered *offered, struct bytes name)
{
	size_t used = strlen(offered->names);

	offered->basic = offered->basic ||
			 (name.len == 5 && strncasecmp((const char *)name.data, "Basic", 5) == 0);
	if (name.len + used + sizeof(", ") <= sizeof(offered->names))
		snprintf(offered->names + used, sizeof(offered->names) - used, "%s%.*s",
			 used > 0 ? ", " : "", (int)name.len, (const char *)name.data);
}

/* RFC 9110 11.6.1: challenges and their parameters share one list; a word that has no '=' behind it
 * begins a challenge. */
static void note_schemes(struct offered *offered, struct bytes value)
{
	while (value.len > 0) {
		struct bytes element = next_element(&value);
		size_t start = 0, end;

		while (start < element.len && element.data[start] == ' ')
			start++;
		for (end = start; end < element.len && is_token(element.data[end]);)
			end++;
		size_t after = end;

		while (after < element.len && element.data[after] == ' ')
			after++;
		if (end > start && (after == element.len || element.data[after] != '='))
			note_scheme(offered, (struct bytes) { element.data + start, end - start });
	}
}

/* ---- the head ---- */

static void judge_login(struct proxy_talk *talk)
{
	if (talk->proxy->has_login)
		talk_fail_login(talk);
	else
		talk_fail(talk, PROXY_WANTS_LOGIN, "wants a user and a password, and has got none");
}

static void wants_login(struct proxy_talk *talk, struct bytes headers)
{
	static const char name[] = "Proxy-Authenticate:";
	const size_t name_len = sizeof(name) - 1;
	struct offered offered = { 0 };

	while (headers.len > 0) {
		struct bytes line = http_next_line(&headers);

		if (line.len > name_len &&
		    strncasecmp((const char *)line.data, name, name_len) == 0)
			note_schemes(&offered,
				     (struct bytes) { line.data + name_len, line.len - name_len });
	}
	if (!offered.basic)
		talk_fail(talk, PROXY_WANTS_LOGIN,
			  "wants a login by %s, and this client can log in by Basic only",
			  offered.names[0] ? offered.names : "a way that it does not name");
	else
		judge_login(talk);
}

static void settle(struct proxy_talk *talk, unsigned status, struct bytes headers)
{
	const char *host = talk->host;
	unsigned port = talk->port;

	switch (status) {
	case 401: /* a server's word, which tinyproxy has for a login that is wrong */
		judge_login(talk);
		break;
	case 407: wants_login(talk, headers); break;
	case 403:
	case 405:
		talk_fail(talk, PROXY_FORBIDS, "forbids connections to %s port %u (status %u)",
			  host, port, status);
		break;
	case 502:
	case 503:
	case 504:
		talk_fail(talk, PROXY_CANNOT_REACH, "cannot connect to %s port %u (status %u)",
			  host, port, status);
		break;
	default:
		talk_fail(talk, PROXY_BROKEN, "does not connect to %s port %u (status %u)", host,
			  port, status);
	}
}

static void look_at_head(struct proxy_talk *talk)
{
	struct bytes head = { talk->in + talk->head, talk->in_len - talk->head };
	unsigned status = http_status(http_next_line(&head));

	if (status == 0)
		talk_fail(talk, PROXY_NO_PROXY, "does not answer as an HTTP proxy");
	else if (status >= 100 && status < 200)
		talk->head = talk->in_len; /* RFC 9110 15.2: the answer itself is yet to come */
	else if (status >= 200 && status < 300)
		talk_enter(talk, TALK_OPEN); /* RFC 9110 9.3.6: no body, whatever headers say */
	else
		settle(talk, status, head);
}

/* An empty line ends the head; RFC 9112 2.2: a lone LF will do. */
static bool has_ended(const struct proxy_talk *talk)
{
	const uint8_t *end = talk->in + talk->in_len;
	size_t len = talk->in_len - talk->head;

	if (len < 2 || end[-1] != '\n')
		return false;
	return end[-2] == '\n' || (len > 2 && end[-2] == '\r' && end[-3] == '\n');
}

void http_look(struct proxy_talk *talk)
{
	size_t len = talk->in_len - talk->head;
	size_t known = len < strlen(HTTP_PREFIX) ? len : strlen(HTTP_PREFIX);

	if (memcmp(talk->in + talk->head, HTTP_PREFIX, known) != 0)
		talk_fail(talk, PROXY_NO_PROXY, "does not answer as an HTTP proxy");
	else if (has_ended(talk))
		look_at_head(talk);
	if (talk->state == TALK_HTTP_REPLY && talk->in_len == sizeof(talk->in))
		talk_fail(talk, PROXY_BROKEN, "does not come to an end of its answer in %u KiB",
			  PROXY_REPLY_MAX / 1024);
}
