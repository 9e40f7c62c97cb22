/* SPDX-License-Identifier: Apache-2.0 */
/* client/proxy_talk.c - the talk with a proxy as a state machine; what is said in a state is in
 * proxy_http.c and proxy_socks.c.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "client/proxy_private.h"

static const struct {
	const char *awaited; /* what the proxy owes us */
	size_t (*need)(const struct proxy_talk *talk);
	void (*look)(struct proxy_talk *talk);
} states[] = {
	[TALK_HTTP_REPLY] = { "its answer to CONNECT", http_need, http_look },
	[TALK_SOCKS_METHOD] = { "its choice of a way to log in", socks_pair_need,
				socks_method_look },
	[TALK_SOCKS_LOGIN] = { "its answer to the login", socks_pair_need, socks_login_look },
	[TALK_SOCKS_REPLY] = { "its answer to the connection", socks_reply_need, socks_reply_look },
	[TALK_OPEN] = { "nothing" },
	[TALK_FAILED] = { "nothing" },
};
_Static_assert(ARRAY_LEN(states) == TALK_STATES, "describe every state");

void talk_enter(struct proxy_talk *talk, enum talk_state state)
{
	talk->state = state;
	/* what has been said may have a password in it */
	if (state >= TALK_OPEN)
		explicit_bzero(talk->out_buffer, sizeof(talk->out_buffer));
}

void talk_fail(struct proxy_talk *talk, enum proxy_failure failure, const char *format, ...)
{
	char name[PROXY_TEXT], sentence[sizeof(talk->why.text)];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	err_kind(&talk->why, ERR_CONNECT, "the proxy %s %s", proxy_text(talk->proxy, name),
		 sentence);
	talk->failure = failure;
	talk_enter(talk, TALK_FAILED);
}

void talk_fail_login(struct proxy_talk *talk)
{
	char user[80];

	log_escape(talk->proxy->user, strlen(talk->proxy->user), user, sizeof(user));
	talk_fail(talk, PROXY_LOGIN_REFUSED, "refuses the user '%s' or the password", user);
}

struct writer *talk_say(struct proxy_talk *talk)
{
	explicit_bzero(talk->out_buffer, sizeof(talk->out_buffer));
	talk->out = writer_over(talk->out_buffer, sizeof(talk->out_buffer));
	talk->sent = 0;
	talk->in_len = 0;
	return &talk->out;
}

struct proxy_talk *proxy_talk_new(const struct proxy *proxy, const char *host, uint16_t port)
{
	struct proxy_talk *talk = calloc(1, sizeof(*talk));

	if (!talk)
		return NULL;
	talk->proxy = proxy;
	talk->host = host;
	talk->port = port;
	if (proxy->kind == PROXY_SOCKS5)
		socks_begin(talk);
	else
		http_begin(talk);
	if (talk->out.full)
		talk_fail(talk, PROXY_BROKEN, "cannot be told so long a host name");
	return talk;
}

void proxy_talk_free(struct proxy_talk *talk)
{
	if (talk)
		explicit_bzero(talk, sizeof(*talk));
	free(talk);
}

bool proxy_talk_over(const struct proxy_talk *talk)
{
	return talk->state >= TALK_OPEN;
}

struct bytes proxy_talk_output(const struct proxy_talk *talk)
{
	struct bytes all = writer_bytes(&talk->out);

	if (proxy_talk_over(talk))
		return (struct bytes) { 0 };
	return (struct bytes) { all.data + talk->sent, all.len - talk->sent };
}

void proxy_talk_sent(struct proxy_talk *talk, size_t len)
{
	talk->sent += len;
}

static size_t wanted(const struct proxy_talk *talk)
{
	return states[talk->state].need(talk) - talk->in_len;
}

void *proxy_talk_room(struct proxy_talk *talk, size_t *cap)
{
	bool reads = !proxy_talk_over(talk) && proxy_talk_output(talk).len == 0;

	*cap = reads ? wanted(talk) : 0;
	return talk->in + talk->in_len;
}

void proxy_talk_received(struct proxy_talk *talk, size_t len)
{
	size_t missing = wanted(talk) - len;

	talk->in_len += len;
	if (missing == 0)
		states[talk->state].look(talk);
}

void proxy_talk_lost(struct proxy_talk *talk)
{
	if (!proxy_talk_over(talk))
		talk_fail(talk, PROXY_CLOSED, "closed the connection %s %s",
			  talk->in_len > 0 ? "in the middle of" : "instead of",
			  states[talk->state].awaited);
}

enum proxy_failure proxy_talk_failure(const struct proxy_talk *talk, struct err *err)
{
	*err = talk->why;
	return talk->failure;
}
