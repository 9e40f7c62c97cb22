/* SPDX-License-Identifier: Apache-2.0 */
/* server/greeter_private.h - what greeter.c and stranger.c share, and nobody else. */
#ifndef SERVER_GREETER_PRIVATE_H
#define SERVER_GREETER_PRIVATE_H

#include <sys/socket.h>

#include "base/log.h"
#include "server/greeter.h"

struct greeter {
	struct greeter_config config;
	uv_loop_t loop;
	uv_thread_t thread;
	bool loop_ready, running, stopping, stopped;
	uv_timer_t pause;   /* until listening goes on */
	unsigned listening; /* open listen_poll handles */
	uv_poll_t listen_poll[GREETER_MAX_LISTEN];
	struct mailbox *box;
	struct session_memory *memory;
	struct stranger *strangers;
	unsigned stranger_count;
	uint32_t next_id;
	struct greeter_counters counters;
	struct log_limit refused_log[REFUSALS];
	struct log_limit handshake_log[TLS_FAILURES];
};

/* A connection's source as limits see it: an IPv4 address, or an IPv6 /64. */
struct source {
	uint8_t len; /* 4 or 8 */
	uint8_t octet[8];
};

/* A connection that is not logged in yet. */
struct stranger {
	struct greeter *greeter;
	uint32_t id; /* what a verdict names */
	int fd;	     /* -1: handed over or closed */
	struct source source;
	char remote[REMOTE_TEXT];
	uint64_t since_ms;
	size_t bytes;		      /* received */
	bool too_many_bytes, asked;   /* asked: the control thread is deciding */
	bool refused, draining, gone; /* draining: only the other end's end is awaited */
	unsigned open_handles;
	int watching; /* uv_poll events */
	uv_poll_t poll;
	uv_timer_t timer;
	struct tls_handshake *handshake; /* until it is done */
	struct pki_description peer;
	struct session *session; /* afterwards */
	struct stranger *next, **link;
};

/* Takes a fresh connection in. */
void stranger_add(struct greeter *greeter, int fd, const struct sockaddr_storage *from);
void stranger_verdict(struct greeter *greeter, const struct mail_verdict *verdict);
/* Ends it without a word. */
void stranger_remove(struct stranger *stranger);
/* Counts and, once a minute, logs why. */
void greeter_refused(struct greeter *greeter, const char *remote, enum refusal why,
		     const char *detail);
/* The same for a handshake, by its own reasons. */
void greeter_handshake_failed(struct greeter *greeter, const char *remote, enum tls_failure failure,
			      const char *detail);
/* True if there is room for one more; when all places are taken, the oldest gives way if it has
 * had ROOM_AFTER_MS already: nobody keeps others out by silence. */
bool stranger_make_room(struct greeter *greeter);

#endif
