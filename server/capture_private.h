/* SPDX-License-Identifier: Apache-2.0 */
/* server/capture_private.h - what capture.c and capture_thread.c share, and nobody else. */
#ifndef SERVER_CAPTURE_PRIVATE_H
#define SERVER_CAPTURE_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/ring.h"
#include "server/capture.h"

#define CAPTURE_OUT (256u << 10) /* several frames share a write */

/* Where frames come from: source 0 is the control thread, which has only names to tell. */
struct capture_source {
	struct ring *ring;
	bool put; /* in this turn; the worker's own */
	_Atomic uint64_t matched, lost;
};

/* What lies in a ring: a name, or a frame's head and then its bytes. */
struct capture_record {
	uint64_t time_ns;
	struct mail_port port;
	uint32_t original_len;
	struct offload offload;
	uint8_t direction;
	bool is_name;
	char name[CAPTURE_OF_MAX];
};

/* A frame has no name: it ends before it. */
#define CAPTURE_HEAD offsetof(struct capture_record, name)

/* Of a port: what it is called, and its interface in the stream, 0 before it has one. */
struct capture_port {
	uint32_t generation, interface;
	char name[CAPTURE_OF_MAX];
};

struct capture {
	struct capture_order order;
	_Atomic unsigned references;
	_Atomic int phase;
	_Atomic unsigned joined;
	atomic_bool stopping, sleeping; /* sleeping: it wants to be woken */
	_Atomic uint64_t frames, bytes;
	int wake_fd;
	pthread_t thread;
	pthread_mutex_t lock; /* of `notify` and `failed` */
	void (*notify)(void *owner);
	void *owner;
	struct err failed;
	struct capture_filter *filter;
	unsigned source_count;
	struct capture_source *source;
	/* its thread's own */
	int fd;
	bool lost_reader;
	uint64_t end_ms, give_up_ms; /* by the monotonic clock; 0: never */
	const char *why;
	unsigned interface_count;
	struct capture_port *port; /* [max_ports] */
	struct writer out;
	uint8_t *out_memory, *scratch; /* CAPTURE_OUT, FRAME_MAX */
};

void *capture_run(void *capture); /* capture_thread.c: the thread */
void capture_wake(struct capture *capture);

#endif
