/* SPDX-License-Identifier: Apache-2.0 */
/* base/ring.c
 *
 * Positions are bytes since the beginning and only grow; masked they are places in the
 * buffer.  A record is an 8-byte head (its length) and its bytes, rounded up to 8, so a head
 * always fits before the buffer's end.  Each side has its own cache lines and remembers what
 * it last saw of the other's position: the line in between moves only when that runs out.
 */
#include "base/ring.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#define CACHE_LINE 64
#define HEAD_LEN 8
#define GAP UINT64_MAX /* a head that means: go on at the beginning of the buffer */
#define CAPACITY_MIN 64
#define CAPACITY_MAX ((size_t)1 << 40)

struct ring {
	size_t capacity; /* a power of two; never changes */

	/* the writer's own */
	alignas(CACHE_LINE) size_t reserved; /* the next record begins here */
	size_t last;			     /* the record reserved last began here */
	size_t released_seen;		     /* `released` when last looked at */

	/* written by the writer, read by the reader */
	alignas(CACHE_LINE) atomic_size_t published; /* up to here records may be read */

	/* written by the reader, read by the writer */
	alignas(CACHE_LINE) atomic_size_t released; /* up to here the room is free again */

	/* the reader's own */
	alignas(CACHE_LINE) size_t at; /* the oldest record, or the gap before it */
	size_t next; /* the record after the one peeked at; `at` if there is none */
	size_t published_seen;

	alignas(CACHE_LINE) uint8_t buffer[];
};

static size_t record_size(size_t len)
{
	return HEAD_LEN + ((len + 7) & ~(size_t)7);
}

static size_t place(const struct ring *ring, size_t position)
{
	return position & (ring->capacity - 1);
}

static void put_head(struct ring *ring, size_t position, uint64_t head)
{
	memcpy(ring->buffer + place(ring, position), &head, HEAD_LEN);
}

static uint64_t get_head(const struct ring *ring, size_t position)
{
	uint64_t head;

	memcpy(&head, ring->buffer + place(ring, position), HEAD_LEN);
	return head;
}

struct ring *ring_new(size_t capacity)
{
	size_t rounded = CAPACITY_MIN;

	if (capacity > CAPACITY_MAX)
		return NULL;
	while (rounded < capacity)
		rounded *= 2;

	struct ring *ring = aligned_alloc(CACHE_LINE, sizeof(*ring) + rounded);

	if (!ring)
		return NULL;
	memset(ring, 0, sizeof(*ring));
	ring->capacity = rounded;
	atomic_init(&ring->published, 0);
	atomic_init(&ring->released, 0);
	return ring;
}

void ring_free(struct ring *ring)
{
	free(ring);
}

size_t ring_max_record(const struct ring *ring)
{
	return ring->capacity / 4;
}

void *ring_reserve(struct ring *ring, size_t len)
{
	if (len > ring_max_record(ring))
		return NULL;

	size_t size = record_size(len);
	size_t to_end = ring->capacity - place(ring, ring->reserved);
	size_t gap = size > to_end ? to_end : 0;
	size_t end = ring->reserved + gap + size;

	if (end - ring->released_seen > ring->capacity) {
		/* Acquire: the reader has finished with what it released before we overwrite it. */
		ring->released_seen = atomic_load_explicit(&ring->released, memory_order_acquire);
		if (end - ring->released_seen > ring->capacity)
			return NULL;
	}
	if (gap > 0)
		put_head(ring, ring->reserved, GAP);
	ring->last = ring->reserved + gap;
	ring->reserved = end;
	put_head(ring, ring->last, len);
	return ring->buffer + place(ring, ring->last) + HEAD_LEN;
}

bool ring_half_full(struct ring *ring)
{
	/* Acquire, as in ring_reserve: what is seen here may be overwritten afterwards. */
	ring->released_seen = atomic_load_explicit(&ring->released, memory_order_acquire);
	return ring->reserved - ring->released_seen >= ring->capacity / 2;
}

void ring_trim(struct ring *ring, size_t len)
{
	assert(ring->last != ring->reserved && len <= get_head(ring, ring->last));
	put_head(ring, ring->last, len);
	ring->reserved = ring->last + record_size(len);
}

bool ring_publish(struct ring *ring)
{
	if (atomic_load_explicit(&ring->published, memory_order_relaxed) == ring->reserved)
		return false;
	ring->last = ring->reserved; /* nothing is left to be trimmed */
	/* Release: the records' bytes are there before the position that shows them. */
	atomic_store_explicit(&ring->published, ring->reserved, memory_order_release);
	return true;
}

bool ring_peek(struct ring *ring, struct bytes *record)
{
	if (ring->at == ring->published_seen) {
		ring->published_seen = atomic_load_explicit(&ring->published, memory_order_acquire);
		if (ring->at == ring->published_seen)
			return false;
	}
	/* A gap is published together with the record after it. */
	if (get_head(ring, ring->at) == GAP)
		ring->at += ring->capacity - place(ring, ring->at);

	size_t len = get_head(ring, ring->at);

	*record = (struct bytes) { ring->buffer + place(ring, ring->at) + HEAD_LEN, len };
	ring->next = ring->at + record_size(len);
	return true;
}

void ring_release(struct ring *ring)
{
	assert(ring->next != ring->at); /* only what was peeked at */
	ring->at = ring->next;
	/* Release: our reads of the record are over before the writer sees its room. */
	atomic_store_explicit(&ring->released, ring->at, memory_order_release);
}
