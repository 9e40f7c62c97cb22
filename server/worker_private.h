/* SPDX-License-Identifier: Apache-2.0 */
/* server/worker_private.h - what worker.c and client_port.c share, and nobody else. */
#ifndef SERVER_WORKER_PRIVATE_H
#define SERVER_WORKER_PRIVATE_H

#include "base/bucket.h"
#include "bridge/offload.h"
#include "bridge/outlet.h"
#include "server/capture.h"
#include "server/worker.h"

struct worker {
	struct worker_config config;
	uv_loop_t loop;
	uv_thread_t thread;
	bool loop_ready, running, stopping, stopped;
	uv_poll_t tap_poll;
	struct mailbox *box;
	struct eswitch *eswitch;
	struct session_memory *memory;
	struct worker_counters counters;
	unsigned port_count;
	struct frame_pool *pool; /* of all ports' queues */
	struct siphash_key flow_key;
	struct bucket advertisements; /* other routers' that went to the control thread */
	struct client_port *dirty;    /* has something to flush at the end of this turn */
	struct client_port *ports;    /* all of this worker's */
	uint8_t capturing;	      /* a bit for each of `capture` that is there */
	struct capture *capture[CAPTURES_MAX];
	uint8_t tap_buffer[TAP_BUFFER];
	uint8_t scratch[FRAME_MAX]; /* one segment at a time, for who has no offload */
};

/* One client's port: its connection, its session and what waits for it. */
struct client_port {
	struct worker *worker;
	struct mail_port is;
	uint16_t flags;
	int fd;
	bool dirty, watching_write, draining,
		removed;       /* draining: only the other end's end is awaited */
	unsigned open_handles; /* freed when the last one is closed */
	uv_poll_t poll;
	uv_timer_t timer;
	uint64_t timer_due_ms, closing_due_ms;
	struct session *session;
	struct outlet outlet;
	struct port_counters *counters;
	struct snoop_table snooped;
	struct bucket punts, dhcp6, sightings; /* what it may send to the control thread */
	bool announced;			       /* MAIL_ADDED has left */
	struct client_port *next_dirty, *next, **link;
};

/* Takes over a connection from the greeter; closes it if that fails. */
void client_port_add(struct worker *worker, const struct mail_add *add);
/* A frame for this client. */
void client_port_send(struct client_port *port, const struct frame *frame);
void client_port_close(struct client_port *port, enum goodbye_reason reason, const char *text);
void client_port_credentials(struct client_port *port,
			     const struct message_credentials *credentials);
/* The end of a loop turn: seal, write, and end what has ended. */
void client_port_flush(struct client_port *port);

/* worker_capture.c */
void worker_captures(struct worker *worker, const struct mail_capture *mail);
void worker_captured(struct worker *worker, const struct mail_port *port,
		     enum pcapng_direction direction, const struct frame *frame);
void worker_captures_turn_end(struct worker *worker);
void worker_captures_free(struct worker *worker);

/* A frame of a port, as it came or leaves: all that it costs where nobody captures is this look. */
static inline void worker_capture(struct worker *worker, const struct mail_port *port,
				  enum pcapng_direction direction, const struct frame *frame)
{
	if (__builtin_expect(worker->capturing != 0, 0))
		worker_captured(worker, port, direction, frame);
}

static inline uint64_t worker_now_ms(const struct worker *worker)
{
	return uv_now(&worker->loop);
}

#endif
