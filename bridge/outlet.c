/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/outlet.c - seal now, or wait; and how much to seal ahead. */
#include "bridge/outlet.h"

#include "bridge/offload.h"

int outlet_init(struct outlet *outlet, const struct outlet_line *line, void *owner,
		struct frame_pool *pool, const struct siphash_key *key, uint8_t *scratch)
{
	*outlet = (struct outlet) {
		.line = line,
		.owner = owner,
		.queue = frame_queue_new(pool, key),
		.scratch = scratch,
	};
	drain_init(&outlet->drain);
	return outlet->queue ? 0 : -1;
}

void outlet_free(struct outlet *outlet)
{
	frame_queue_free(outlet->queue);
	outlet->queue = NULL;
}

static void end_turn(struct outlet *outlet)
{
	outlet->turn_us = 0;
	outlet->turn_over = false;
}

void outlet_reset(struct outlet *outlet)
{
	frame_queue_clear(outlet->queue);
	drain_init(&outlet->drain);
	outlet->limit = 0;
	outlet->room = 0;
	outlet->taken = 0;
	outlet->unsent = 0;
	end_turn(outlet);
}

/* Noise is no reason for a system call. */
static void adjust_limit(struct outlet *outlet)
{
	size_t limit = drain_limit(&outlet->drain);
	size_t differs = limit > outlet->limit ? limit - outlet->limit : outlet->limit - limit;

	if (differs <= outlet->limit / 4)
		return;
	outlet->limit = limit;
	outlet->line->limit(outlet->owner, limit);
}

/* Writes, and finds out what time it is and how much may be sealed; false if there is room anyhow
 * and nothing waits: what has left meanwhile only makes more of it, so the kernel is not asked. */
static bool look(struct outlet *outlet)
{
	if (outlet->limit == 0)
		adjust_limit(outlet);
	outlet->taken += outlet->line->write(outlet->owner);
	if (outlet->room > 0 && frame_queue_empty(outlet->queue))
		return false;
	outlet->unsent = outlet->line->unsent(outlet->owner);
	outlet->room = (int64_t)outlet->limit -
		       (int64_t)(outlet->unsent + outlet->line->sealed(outlet->owner));
	outlet->now_us = outlet->line->now_us(outlet->owner);
	if (outlet->turn_us == 0)
		outlet->turn_us = outlet->now_us;
	outlet->turn_over = outlet->now_us - outlet->turn_us >= OUTLET_TURN_US;
	return true;
}

static bool seal(struct outlet *outlet, const struct frame *frame)
{
	if (outlet->room <= 0 || outlet->turn_over || !outlet->line->seal(outlet->owner, frame))
		return false;
	outlet->room -= (int64_t)frame->bytes.len;
	return true;
}

static void send_one(void *owner, const struct frame *frame)
{
	struct outlet *outlet = owner;

	if (frame_queue_empty(outlet->queue)) {
		if (seal(outlet, frame))
			return;
		look(outlet);
		if (seal(outlet, frame))
			return;
	}
	frame_queue_push(outlet->queue, frame, outlet->line->now_us(outlet->owner),
			 &outlet->losses);
}

bool outlet_send(struct outlet *outlet, const struct frame *frame)
{
	bool is_super = frame->offload.gso != GSO_NONE;
	bool work = is_super || frame->offload.needs_csum;

	if (work && !outlet->takes_offload)
		return offload_finish(frame, outlet->scratch, send_one, outlet);
	/* what cannot be cut here (IPv6 extension headers) the peer's kernel can */
	if (!is_super || !drain_is_slow(&outlet->drain) ||
	    !offload_finish(frame, outlet->scratch, send_one, outlet))
		send_one(outlet, frame);
	return true;
}

/* True if anything was sealed. */
static bool seal_queued(struct outlet *outlet)
{
	struct frame frame;
	bool any = false;

	while (outlet->room > 0 && outlet->line->has_room(outlet->owner) &&
	       frame_queue_take(outlet->queue, outlet->now_us, &frame, &outlet->losses)) {
		if (!seal(outlet, &frame))
			break; /* the session has just ended */
		any = true;
	}
	return any;
}

/* The line is what keeps frames waiting only if it has no room: else it is our turn's end. */
static bool line_is_full(const struct outlet *outlet)
{
	return outlet_waits(outlet) && outlet->room <= 0;
}

void outlet_flush(struct outlet *outlet)
{
	bool looked = look(outlet);

	if (!looked && frame_queue_due_us(outlet->queue) != QUEUE_NEVER_US)
		outlet->now_us = outlet->line->now_us(outlet->owner);
	while (looked && !outlet->turn_over && seal_queued(outlet))
		look(outlet);
	if (looked) {
		if (drain_note(&outlet->drain, outlet->now_us, outlet->taken, outlet->unsent,
			       line_is_full(outlet)))
			drain_pacing(&outlet->drain, outlet->line->pacing(outlet->owner));
		outlet->taken = 0;
		adjust_limit(outlet);
	}
	frame_queue_tend(outlet->queue, outlet->now_us, &outlet->losses);
	end_turn(outlet);
}

bool outlet_waits(const struct outlet *outlet)
{
	return !frame_queue_empty(outlet->queue);
}

uint64_t outlet_due_us(const struct outlet *outlet)
{
	return frame_queue_due_us(outlet->queue);
}

struct queue_losses outlet_losses(struct outlet *outlet)
{
	struct queue_losses losses = outlet->losses;

	outlet->losses = (struct queue_losses) { 0 };
	return losses;
}
