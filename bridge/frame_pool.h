/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/frame_pool.h
 *
 * Memory for frames that wait: one pool per thread, shared by all of its queues.  Blocks come in a
 * few sizes, and what comes back is kept for the next frame, so that a steady stream allocates
 * nothing.  Both what is out and what is kept are bounded.
 */
#ifndef BRIDGE_FRAME_POOL_H
#define BRIDGE_FRAME_POOL_H

#include <stddef.h>

#define FRAME_POOL_BLOCK_MAX \
	(66 * 1024) /* the largest block: a superframe and its administration */
#define FRAME_POOL_KEEP_BYTES (4u << 20) /* so much at most is kept while nobody uses it */

struct frame_pool;

/* max_bytes: all that is out at a time.  NULL without memory. */
struct frame_pool *frame_pool_new(size_t max_bytes);
/* After every block came back; NULL is fine. */
void frame_pool_free(struct frame_pool *pool);

/* What a block for `len` bytes (at most FRAME_POOL_BLOCK_MAX) costs: its own size. */
size_t frame_pool_cost(size_t len);
/* Room for `len` bytes, not cleared; NULL if the pool is at its maximum, or without memory. */
void *frame_pool_take(struct frame_pool *pool, size_t len);
/* A block that was taken for `len` bytes; NULL is fine. */
void frame_pool_give(struct frame_pool *pool, void *block, size_t len);

size_t frame_pool_used(const struct frame_pool *pool); /* what is out now costs so much */
size_t frame_pool_left(const struct frame_pool *pool); /* until the maximum */
size_t frame_pool_kept(const struct frame_pool *pool);

#endif
