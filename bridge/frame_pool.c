/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/frame_pool.c - a free list per size of block. */
#include "bridge/frame_pool.h"

#include <stdlib.h>

#include "base/bytes.h"

/* An echo or an acknowledgement; a full frame; what TCP sends in one piece on its way to
 * superframes, and a queue's table of flows; superframes.  Close to twice its bytes at most
 * for the frequent lengths. */
static const size_t kind_size[] = { 256, 2048, 8192, 32768, FRAME_POOL_BLOCK_MAX };

struct spare {
	struct spare *next;
};

struct frame_pool {
	size_t max, used, kept; /* bytes */
	struct spare *spare[ARRAY_LEN(kind_size)];
};

static unsigned kind_of(size_t len)
{
	unsigned kind = 0;

	while (kind < ARRAY_LEN(kind_size) - 1 && kind_size[kind] < len)
		kind++;
	return kind;
}

struct frame_pool *frame_pool_new(size_t max_bytes)
{
	struct frame_pool *pool = calloc(1, sizeof(*pool));

	if (pool)
		pool->max = max_bytes;
	return pool;
}

void frame_pool_free(struct frame_pool *pool)
{
	if (!pool)
		return;
	for (unsigned kind = 0; kind < ARRAY_LEN(kind_size); kind++)
		for (struct spare *spare = pool->spare[kind], *next; spare; spare = next) {
			next = spare->next;
			free(spare);
		}
	free(pool);
}

size_t frame_pool_cost(size_t len)
{
	return kind_size[kind_of(len)];
}

void *frame_pool_take(struct frame_pool *pool, size_t len)
{
	unsigned kind = kind_of(len);
	size_t size = kind_size[kind];
	struct spare *block = pool->spare[kind];

	if (len > size || size > pool->max - pool->used)
		return NULL;
	if (block) {
		pool->spare[kind] = block->next;
		pool->kept -= size;
	} else {
		block = malloc(size);
	}
	if (block)
		pool->used += size;
	return block;
}

/* Room among what is kept for `size` bytes of one kind: the other kinds were needed longer ago. */
static void forget_others(struct frame_pool *pool, unsigned kind, size_t size)
{
	for (unsigned other = 0; other < ARRAY_LEN(kind_size); other++)
		while (other != kind && pool->spare[other] &&
		       size > FRAME_POOL_KEEP_BYTES - pool->kept) {
			struct spare *spare = pool->spare[other];

			pool->spare[other] = spare->next;
			pool->kept -= kind_size[other];
			free(spare);
		}
}

void frame_pool_give(struct frame_pool *pool, void *block, size_t len)
{
	unsigned kind = kind_of(len);
	size_t size = kind_size[kind];
	struct spare *spare = block;

	if (!block)
		return;
	pool->used -= size;
	forget_others(pool, kind, size);
	if (size > FRAME_POOL_KEEP_BYTES - pool->kept) {
		free(block);
		return;
	}
	spare->next = pool->spare[kind];
	pool->spare[kind] = spare;
	pool->kept += size;
}

size_t frame_pool_used(const struct frame_pool *pool)
{
	return pool->used;
}

size_t frame_pool_left(const struct frame_pool *pool)
{
	return pool->max - pool->used;
}

size_t frame_pool_kept(const struct frame_pool *pool)
{
	return pool->kept;
}
