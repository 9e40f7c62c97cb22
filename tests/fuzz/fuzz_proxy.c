/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_proxy.c - any bytes as a proxy's answers, and any text as a proxy's URL and as a
 * list of hosts that are exempt.
 *
 * Properties: a talk ends, takes no byte behind an answer's end and no more than it may, says
 * nothing that is not printable and never the password; a URL that is taken names a host and a port
 * and has nothing in its login that could end a header, and one that is not leaves nothing behind.
 */
#include <stdlib.h>

#include "client/proxy_talk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PASSWORD "hunter2 hunter2"

static const struct proxy proxies[] = {
	{ .kind = PROXY_HTTP, .host = "h.example", .port = 1 },
	{ .kind = PROXY_HTTP,
	  .host = "h.example",
	  .port = 1,
	  .has_login = true,
	  .user = "alice",
	  .password = PASSWORD },
	{ .kind = PROXY_SOCKS5, .host = "h.example", .port = 1 },
	{ .kind = PROXY_SOCKS5,
	  .host = "h.example",
	  .port = 1,
	  .has_login = true,
	  .user = "alice",
	  .password = PASSWORD },
};

static void expect_printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			abort();
}

/* How much of the answers is taken. */
static size_t speak(struct proxy_talk *talk, struct bytes answer)
{
	size_t taken = 0;

	while (!proxy_talk_over(talk)) {
		size_t out_len = proxy_talk_output(talk).len, cap;
		uint8_t *room = proxy_talk_room(talk, &cap);

		if ((out_len > 0) == (cap > 0))
			abort();
		if (out_len > 0) {
			proxy_talk_sent(talk, out_len);
			continue;
		}
		size_t len = answer.len - taken < cap ? answer.len - taken : cap;

		if (len == 0) {
			proxy_talk_lost(talk);
			continue;
		}
		memcpy(room, answer.data + taken, len);
		taken += len;
		proxy_talk_received(talk, len);
	}
	return taken;
}

static void try_answers(const struct proxy *proxy, struct bytes answer)
{
	struct proxy_talk *talk = proxy_talk_new(proxy, "vpn.example", 443);
	struct err err = { 0 };

	if (!talk)
		return;
	size_t taken = speak(talk, answer);

	if (taken > PROXY_REPLY_MAX)
		abort();
	if (proxy_talk_failure(talk, &err) == PROXY_FINE) {
		bool http = proxy->kind == PROXY_HTTP;

		if (err.text[0] || taken < 9 || (http && answer.data[taken - 1] != '\n'))
			abort();
		/* what it took is all of it: a byte less is too little, and more changes nothing */
		struct proxy_talk *shorter = proxy_talk_new(proxy, "vpn.example", 443);

		if (shorter) {
			(void)speak(shorter, (struct bytes) { answer.data, taken - 1 });
			if (proxy_talk_failure(shorter, &err) != PROXY_CLOSED)
				abort();
		}
		proxy_talk_free(shorter);
	} else if (!err.text[0] || strstr(err.text, PASSWORD)) {
		abort();
	}
	expect_printable(err.text);
	proxy_talk_free(talk);
}

static void try_text(const char *text)
{
	static const struct proxy nothing;
	char shown[PROXY_TEXT];
	struct proxy proxy;
	struct err err = { 0 };

	(void)proxy_exempt(text, "vpn.example.net");
	(void)proxy_exempt(text, "192.0.2.1");
	(void)proxy_exempt(text, "2001:db8::1");
	if (proxy_parse(&proxy, text, &err) < 0) {
		if (!err.text[0] || memcmp(&proxy, &nothing, sizeof(proxy)) != 0)
			abort();
		expect_printable(err.text);
		return;
	}
	expect_printable(proxy_text(&proxy, shown));
	if (!proxy.host[0] || proxy.port == 0 || proxy.has_login != (proxy.user[0] != '\0') ||
	    strpbrk(proxy.user, "\r\n") || strpbrk(proxy.password, "\r\n"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	char *text = calloc(1, size);

	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	try_text(text);
	free(text);
	try_answers(&proxies[data[0] % ARRAY_LEN(proxies)], (struct bytes) { data + 1, size - 1 });
	return 0;
}
