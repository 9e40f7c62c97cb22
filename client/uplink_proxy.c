/* SPDX-License-Identifier: Apache-2.0 */
/* client/uplink_proxy.c - the uplink asks a proxy for its connection to the server. */
#include <stdio.h>

#include "client/uplink_private.h"

const char *uplink_awaited(const struct uplink *uplink, char text[static PROXY_TEXT + 32])
{
	const struct proxy *proxy = uplink->config.proxy;
	char name[PROXY_TEXT];

	if (proxy->kind != PROXY_NONE && uplink->state <= UPLINK_CONNECTING)
		snprintf(text, PROXY_TEXT + 32, "the proxy %s", proxy_text(proxy, name));
	else
		snprintf(text, PROXY_TEXT + 32, "%s port %u", uplink->config.host,
			 uplink->config.port);
	return text;
}

/* A wrong password that is tried over and over locks its owner out of more than this proxy.  But who
 * was up is in another network now, perhaps, and comes back. */
static void fail(struct uplink *uplink)
{
	struct err why;
	enum proxy_failure failure = proxy_talk_failure(uplink->talk, &why);

	if (failure == PROXY_LOGIN_REFUSED && uplink->up_since_ms == 0)
		why.kind = ERR_LOGIN;
	uplink_fail(uplink, &why);
}

void uplink_advance_proxy(struct uplink *uplink)
{
	struct err why;

	switch (proxy_talk_step(uplink->talk, uplink->connection->fd)) {
	case PROXY_WANT_READ: uplink_watch(uplink, UV_READABLE); break;
	case PROXY_WANT_WRITE: uplink_watch(uplink, UV_WRITABLE); break;
	case PROXY_OVER:
		if (proxy_talk_failure(uplink->talk, &why) != PROXY_FINE) {
			fail(uplink);
			break;
		}
		proxy_talk_free(uplink->talk);
		uplink->talk = NULL;
		uplink_begin_handshake(uplink);
		break;
	}
}

void uplink_ask_proxy(struct uplink *uplink)
{
	struct err err = { 0 };

	uplink->talk =
		proxy_talk_new(uplink->config.proxy, uplink->config.host, uplink->config.port);
	if (uplink->talk) {
		uplink_advance_proxy(uplink);
		return;
	}
	err_set(&err, "out of memory");
	uplink_fail(uplink, &err);
}
