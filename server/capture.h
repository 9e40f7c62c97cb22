/* SPDX-License-Identifier: Apache-2.0 */
/* server/capture.h
 *
 * One capture: frames that workers saw, on their way to whoever asked for them.
 *
 *   a worker     capture_put: filter, and a copy into that worker's own ring; never waits
 *   its thread   compiles the filter, takes the rings' frames by time, writes pcapng (base/pcapng.h)
 *                to a descriptor, waits for a slow reader
 *   control      captures.c: makes it, names its interfaces, begins it, ends it
 *
 * What does not fit a ring is counted and lost: a reader that is slow costs a worker a filter and a
 * look.  Whoever holds a reference may use it; the last one frees it.
 *
 * On the descriptor comes first a line of JSON, {"schema":1,"capture":3} or {"error":...,"status":2} as
 * on the control socket, and then, until its end, pcapng.
 */
#ifndef SERVER_CAPTURE_H
#define SERVER_CAPTURE_H

#include <sys/types.h>

#include "base/pcapng.h"
#include "bridge/capture_filter.h"
#include "bridge/ports.h"
#include "server/mailbox.h"

#define CAPTURES_MAX 4 /* at once: bits of port_directory_captured */
#define CAPTURE_OF_MAX 64

struct capture_order {
	uint32_t id;
	char of[CAPTURE_OF_MAX]; /* "alice", "lan" or "all": the first interface's name */
	char filter[CAPTURE_FILTER_TEXT];
	uint32_t snaplen;	/* bytes of each frame, at most */
	uint64_t frames, bytes; /* after so many it ends; 0: never */
	uint32_t seconds;
	unsigned workers, max_ports;
};

enum capture_phase {
	CAPTURE_COMPILING, /* its filter */
	CAPTURE_READY, /* to be begun by the control thread; runs when all workers have joined */
	CAPTURE_DONE,  /* its thread ends */
};

/* The TAP, which has no generations. */
#define CAPTURE_TAP ((struct mail_port) { .port = PORT_TAP, .generation = 1 })

struct capture_counts {
	uint64_t frames, bytes; /* written */
	uint64_t lost;
};

struct capture;

/* ---- the control thread ---- */

/* Starts the thread; `fd` is its from now on.  `notify` is called in it when the phase changes by
 * itself.  NULL: `fd` is still the caller's. */
struct capture *capture_new(const struct capture_order *order, int fd, void (*notify)(void *owner),
			    void *owner, struct err *err);
enum capture_phase capture_phase(const struct capture *capture);
/* The port's interface is called so; a port's frames whose name is not told are the first one's. */
void capture_name(struct capture *capture, const struct mail_port *port, const char *name);
/* It is to end; `failed` (or NULL): before it began, and this is what its reader is told. */
void capture_stop(struct capture *capture, const struct err *failed);
/* Waits for the thread, if that ends soon: not while it compiles, where a name may be looked up. */
void capture_leave(struct capture *capture);
struct capture_counts capture_counts(const struct capture *capture);
/* Why it ended, as the end of a sentence.  In phase DONE. */
const char *capture_why(const struct capture *capture);

/* ---- references: capture_new gives one ---- */

void capture_hold(struct capture *capture);
void capture_free(struct capture *capture); /* NULL is fine */

/* ---- workers, by number from 0 ---- */

void capture_join(struct capture *capture); /* this worker puts from now on */
void capture_put(struct capture *capture, unsigned worker, const struct mail_port *port,
		 enum pcapng_direction direction, const struct frame *frame);
/* The end of a loop turn in which it put something, perhaps. */
void capture_turn_end(struct capture *capture, unsigned worker);

#endif
