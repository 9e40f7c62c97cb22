/* SPDX-License-Identifier: Apache-2.0 */
/* server/porter_private.h - what porter.c and carrier.c share, and nobody else. */
#ifndef SERVER_PORTER_PRIVATE_H
#define SERVER_PORTER_PRIVATE_H

#include <stdatomic.h>
#include <uv.h>

#include "base/handover.h"
#include "base/log.h"
#include "base/socket.h"
#include "base/source.h"
#include "server/porter.h"
#include "tls/stream.h"

struct handed_browser;

struct porter {
	uv_loop_t loop;
	bool loop_ready, running, ending;
	uv_thread_t thread;
	struct admin *admin;
	_Atomic unsigned most, per_source;
	struct handover *in;
	uv_mutex_t lock; /* of `closed` */
	bool lock_ready, closed;
	struct handed_browser *last; /* there from the start: its end needs no memory */
	struct carrier *carriers;    /* the newest first */
	struct log_limit refused_log;
};

enum carrier_state {
	CARRIER_OPEN,	  /* both ways, as far as each goes */
	CARRIER_ENDING,	  /* nothing comes from the admin's HTTP any more: the rest is sent */
	CARRIER_DRAINING, /* all is sent: the browser's end is awaited */
	CARRIER_GONE,
	CARRIER_STATES,
};

/* One browser's connection. */
struct carrier {
	struct porter *porter;
	enum carrier_state state;
	struct source source;
	int outer_fd, inner_fd; /* the browser's TCP; our end of the pair; -1: closed */
	struct tls_stream *stream;
	bool said_all;	/* the browser sends nothing more */
	size_t drained; /* bytes since all is sent */
	uv_poll_t outer, inner;
	uv_timer_t timer;
	int outer_events, inner_events; /* that are watched */
	unsigned open_handles;
	struct carrier *next, **link;
};

/* Takes the descriptor, whatever becomes of it. */
void carrier_add(struct porter *porter, int fd, const struct tls_secrets *secrets,
		 const struct sockaddr_storage *from);
void carrier_remove(struct carrier *carrier);

#endif
