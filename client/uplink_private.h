/* SPDX-License-Identifier: Apache-2.0 */
/* client/uplink_private.h - what uplink.c (the state machine) and uplink_io.c (handshake and
 * session on the socket) share, and nobody else. */
#ifndef CLIENT_UPLINK_PRIVATE_H
#define CLIENT_UPLINK_PRIVATE_H

#include "base/socket.h"
#include "client/proxy_talk.h"
#include "client/uplink.h"

/* A proxy looks the server's name up and connects to it, and may be busy. */
#define UPLINK_PROXY_MS 7000

/* A server that has just started has many to let in. */
#define UPLINK_LOGIN_MS 15000

struct connection; /* one TCP connection: freed when its handles have closed */

struct uplink {
	uv_loop_t *loop;
	struct uplink_config config;
	const struct uplink_events *events;
	void *owner;
	enum uplink_state state;
	bool stopping, held;
	struct err verdict;	     /* of uplink_give_up */
	enum goodbye_reason goodbye; /* the last connection's */
	unsigned open_handles;
	unsigned failures;			 /* since it was up for a while */
	uint64_t failing_since_ms, up_since_ms;	 /* up_since_ms: 0 before the first time */
	struct sockaddr_storage dialled, worked; /* AF_UNSPEC: none yet */
	uv_timer_t limit;			 /* of the state */
	uv_timer_t ticks;			 /* the session's */
	struct dial *dial;
	struct connection *connection;
	struct proxy_talk *talk; /* while a proxy is asked for the connection to the server */
	struct tls_handshake *handshake;
	struct session *session;
	struct session_memory *memory;
	struct frame_pool *pool;
	struct siphash_key flow_key;
	struct outlet outlet;
	struct queue_losses losses; /* since the beginning */
	char remote[SOCKET_TEXT];
	uint8_t scratch[FRAME_MAX]; /* the outlet's: one segment at a time */
};

struct connection {
	struct uplink *uplink; /* NULL: closing */
	int fd, watching;
	uv_poll_t poll;
};

/* uplink.c */
void uplink_enter(struct uplink *uplink, enum uplink_state state); /* with the state's own limit */
void uplink_fail(struct uplink *uplink, const struct err *why);	   /* pause, or the end */
void uplink_begun_up(struct uplink *uplink);			   /* UP: failures end it no more */
void uplink_begin_handshake(struct uplink *uplink); /* the server is at the other end */

/* uplink_login.c */
extern const struct session_login_events uplink_login_events;

/* uplink_io.c */
extern const struct tls_io uplink_io; /* without owner */
extern const struct outlet_line uplink_line;
void uplink_advance(struct uplink *uplink); /* the socket is readable or writable */
void uplink_watch(struct uplink *uplink, int events);

/* uplink_proxy.c */
void uplink_ask_proxy(struct uplink *uplink); /* there is a connection to it */
void uplink_advance_proxy(struct uplink *uplink);
/* Whose answer is awaited, as in "the proxy http://192.0.2.9:3128". */
const char *uplink_awaited(const struct uplink *uplink, char text[static PROXY_TEXT + 32]);

#endif
