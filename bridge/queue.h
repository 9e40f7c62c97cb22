/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/queue.h
 *
 * Frames that wait, unsealed, for one port that cannot take them now: FQ-CoDel.  Flows take turns,
 * so that a ping or a key stroke passes a download; a flow that keeps a queue standing is told to
 * slow down, by a mark where it takes marks, else by a loss.  Bounded in bytes and in time whatever
 * the flows do.  Its memory exists only while something waits, or has waited a moment ago. No
 * clock: microseconds of one clock are brought by the caller.  One thread.
 *
 * RFC 8290 (flow queues), 8289 (CoDel, bridge/codel.h), 3168 (marks, bridge/ecn.h).
 */
#ifndef BRIDGE_QUEUE_H
#define BRIDGE_QUEUE_H

#include "base/frame.h"
#include "base/siphash.h"
#include "bridge/frame_pool.h"

#define QUEUE_FLOWS 64
#define QUEUE_QUANTUM 1514 /* bytes per turn, RFC 8290 5.2.1: a full frame */
/* 5 ms, CoDel's target, of 5 Gbit/s and then some; what waits is counted as it lies in memory. */
#define QUEUE_MAX_BYTES (4u << 20)
#define QUEUE_MAX_US 500000 /* a frame that waited longer is worth nothing any more */

/* What did not become of frames; each is added to. */
struct queue_losses {
	uint64_t full;	 /* dropped: too many bytes waited */
	uint64_t old;	 /* dropped: QUEUE_MAX_US */
	uint64_t codel;	 /* dropped by CoDel */
	uint64_t marked; /* marked instead, and sent */
};

struct frame_queue;

/* Small; NULL without memory.  Pool and key outlive it. */
struct frame_queue *frame_queue_new(struct frame_pool *pool, const struct siphash_key *key);
void frame_queue_free(struct frame_queue *queue); /* NULL is fine */

/*
 * Copies a frame (at most FRAME_MAX) in.  When there is no room, frames are dropped from the head
 * of the flow with most bytes; where many queues share a pool that runs low, each has at most as
 * much as is left.
 */
void frame_queue_push(struct frame_queue *queue, const struct frame *frame, uint64_t now_us,
		      struct queue_losses *losses);
/* The frame whose turn it is, taken out; false if there is none.  It is borrowed until the next
 * frame_queue_take, _tend or _free: others may come meanwhile. */
bool frame_queue_take(struct frame_queue *queue, uint64_t now_us, struct frame *frame,
		      struct queue_losses *losses);

/* To be called at that time, for a queue whose port takes nothing: what is too old goes, and at
 * last all memory.  QUEUE_NEVER_US: there is nothing to do. */
#define QUEUE_NEVER_US UINT64_MAX
uint64_t frame_queue_due_us(const struct frame_queue *queue);
void frame_queue_tend(struct frame_queue *queue, uint64_t now_us, struct queue_losses *losses);
/* Everything goes now, uncounted: nobody is there any more. */
void frame_queue_clear(struct frame_queue *queue);

bool frame_queue_empty(const struct frame_queue *queue);
/* What waits, with what it costs to keep it. */
size_t frame_queue_bytes(const struct frame_queue *queue);

#endif
