/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/queue.h
 *
 * Frames that wait, unsealed, for one port that cannot take them now: bounded in bytes and in
 * time, so that a slow receiver neither eats memory nor sees seconds of delay.  Its memory
 * exists only while something waits.  One thread.
 */
#ifndef BRIDGE_QUEUE_H
#define BRIDGE_QUEUE_H

#include "base/frame.h"
#include "bridge/drop.h"

#define QUEUE_MAX_BYTES (512 * 1024)
#define QUEUE_MAX_MS 500 /* a frame that waited longer is worth nothing any more */

struct frame_queue;

struct frame_queue *frame_queue_new(void); /* small; NULL without memory */
void frame_queue_free(struct frame_queue *queue);
/* Copies the frame in; DROP_NONE, or DROP_QUEUE_FULL. */
enum drop_reason frame_queue_push(struct frame_queue *queue, const struct frame *frame,
				  uint64_t now_ms);
/*
 * The oldest frame that is still worth sending, borrowed until frame_queue_pop; false if there
 * is none.  *too_old is increased by the frames thrown away for their age.
 */
bool frame_queue_peek(struct frame_queue *queue, uint64_t now_ms, struct frame *frame,
		      uint64_t *too_old);
void frame_queue_pop(struct frame_queue *queue);
bool frame_queue_empty(const struct frame_queue *queue);
/* What waits, with what it costs to keep it. */
size_t frame_queue_bytes(const struct frame_queue *queue);

#endif
