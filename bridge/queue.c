/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/queue.c - waiting frames, in chunks that exist only while something waits.
 *
 * Not here: a choice between flows (CoDel, fair queueing).  Frames leave in order of arrival.
 */
#include "bridge/queue.h"

#include <stdalign.h>
#include <stdlib.h>

#define CHUNK_BYTES (32 * 1024) /* a larger frame gets a chunk of its own size */

/* One frame; its bytes follow. */
struct record {
	uint64_t queued_ms;
	size_t len;
	struct offload offload;
};

struct chunk {
	struct chunk *next;
	size_t cap, written, read; /* bytes of data */
	alignas(struct record) uint8_t data[];
};

struct frame_queue {
	struct chunk *oldest, *newest;
	size_t bytes; /* of all records, as they lie in chunks */
};

static size_t record_size(size_t len)
{
	size_t size = sizeof(struct record) + len;

	return (size + alignof(struct record) - 1) & ~(alignof(struct record) - 1);
}

struct frame_queue *frame_queue_new(void)
{
	return calloc(1, sizeof(struct frame_queue));
}

void frame_queue_free(struct frame_queue *queue)
{
	if (!queue)
		return;
	for (struct chunk *chunk = queue->oldest, *next; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(queue);
}

/* The newest chunk with room for a record of `size` bytes. */
static struct chunk *chunk_with_room(struct frame_queue *queue, size_t size)
{
	struct chunk *newest = queue->newest;

	if (newest && size <= newest->cap - newest->written)
		return newest;

	size_t cap = size > CHUNK_BYTES ? size : CHUNK_BYTES;
	struct chunk *chunk = malloc(sizeof(*chunk) + cap);

	if (!chunk)
		return NULL;
	*chunk = (struct chunk) { .cap = cap };
	if (newest)
		newest->next = chunk;
	else
		queue->oldest = chunk;
	queue->newest = chunk;
	return chunk;
}

enum drop_reason frame_queue_push(struct frame_queue *queue, const struct frame *frame,
				  uint64_t now_ms)
{
	size_t size = record_size(frame->bytes.len);

	if (size > QUEUE_MAX_BYTES - queue->bytes)
		return DROP_QUEUE_FULL;

	struct chunk *chunk = chunk_with_room(queue, size);

	if (!chunk)
		return DROP_QUEUE_FULL;

	struct record *record = (void *)(chunk->data + chunk->written);

	*record = (struct record) { now_ms, frame->bytes.len, frame->offload };
	if (frame->bytes.len > 0)
		memcpy(record + 1, frame->bytes.data, frame->bytes.len);
	chunk->written += size;
	queue->bytes += size;
	return DROP_NONE;
}

static struct record *oldest_record(const struct frame_queue *queue)
{
	return queue->oldest ? (void *)(queue->oldest->data + queue->oldest->read) : NULL;
}

bool frame_queue_peek(struct frame_queue *queue, uint64_t now_ms, struct frame *frame,
		      uint64_t *too_old)
{
	struct record *record;

	while ((record = oldest_record(queue))) {
		if (now_ms <= record->queued_ms || now_ms - record->queued_ms <= QUEUE_MAX_MS) {
			frame->bytes =
				(struct bytes) { (const uint8_t *)(record + 1), record->len };
			frame->offload = record->offload;
			return true;
		}
		frame_queue_pop(queue);
		++*too_old;
	}
	return false;
}

void frame_queue_pop(struct frame_queue *queue)
{
	struct record *record = oldest_record(queue);
	struct chunk *chunk = queue->oldest;

	if (!record)
		return;

	size_t size = record_size(record->len);

	chunk->read += size;
	queue->bytes -= size;
	if (chunk->read < chunk->written)
		return;
	queue->oldest = chunk->next;
	if (!queue->oldest)
		queue->newest = NULL;
	free(chunk);
}

bool frame_queue_empty(const struct frame_queue *queue)
{
	return !queue->oldest;
}

size_t frame_queue_bytes(const struct frame_queue *queue)
{
	return queue->bytes;
}
