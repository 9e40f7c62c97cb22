/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/outlet.h
 *
 * What stands between the frames for one peer and the connection to it, at either end of a tunnel.
 * While the connection drains, a frame is sealed at once and nothing is copied.  While it does not,
 * frames wait unsealed in a queue (bridge/queue.h), and only so much is sealed as the connection
 * sends off in a moment (bridge/drain.h).  Superframes are cut for a peer that does not take
 * them, and for a line on which one alone would take too long.
 *
 * No I/O, no clock, no TLS: the line's functions are the owner's.  One thread.
 */
#ifndef BRIDGE_OUTLET_H
#define BRIDGE_OUTLET_H

#include "bridge/drain.h"
#include "bridge/queue.h"

struct outlet_line {
	uint64_t (*now_us)(void *owner);
	/* Seals one frame behind what is sealed; false, and nothing was taken, without room. */
	bool (*seal)(void *owner, const struct frame *frame);
	/* Room for any frame. */
	bool (*has_room)(void *owner);
	/* Gives the connection what is sealed; returns how many bytes it took. */
	size_t (*write)(void *owner);
	/* How many bytes are sealed that the connection did not take. */
	size_t (*sealed)(void *owner);
	/* How many bytes the connection took that have not left. */
	size_t (*unsent)(void *owner);
	/* At how many bytes per second the connection would send; 0: it does not say. */
	uint64_t (*pacing)(void *owner);
	/* From now on the connection is to take more only while less than this is unsent. */
	void (*limit)(void *owner, size_t unsent_max);
};

/*
 * So long we seal before other things have their turn: reading the TAP on, so that a ping can pass
 * what else was read, and the other direction.  Where we are slower than the line, frames otherwise
 * stand in the TAP's own queue, 64 KiB each, where nothing can pass.
 */
#define OUTLET_TURN_US 1000

struct outlet {
	const struct outlet_line *line;
	void *owner;
	struct frame_queue *queue;
	uint8_t *scratch;
	bool takes_offload; /* the peer: for the owner to set */
	struct drain drain;
	size_t limit;	  /* as the connection knows it; 0: not at all yet */
	int64_t room;	  /* bytes that may be sealed before the connection is looked at again */
	size_t taken;	  /* by the connection, not yet noted in `drain` */
	size_t unsent;	  /* when last looked at */
	uint64_t now_us;  /* when last looked at */
	uint64_t turn_us; /* this turn began; 0: it has not */
	bool turn_over;
	struct queue_losses losses;
};

/* scratch: FRAME_MAX bytes that nobody else uses during outlet_send.  -1 without memory.  All
 * pointers outlive the outlet. */
int outlet_init(struct outlet *outlet, const struct outlet_line *line, void *owner,
		struct frame_pool *pool, const struct siphash_key *key, uint8_t *scratch);
void outlet_free(struct outlet *outlet); /* twice or all zero is fine */
/* A new connection: nothing waits, nothing is known of how it drains. */
void outlet_reset(struct outlet *outlet);

/* Takes a frame: it is sealed, queued or counted among the losses.  False: the peer takes no
 * offload, and this frame's makes no sense, so it could not be done here. */
bool outlet_send(struct outlet *outlet, const struct frame *frame);
/*
 * At the end of each loop turn in which frames were sent; while something waits and the connection
 * takes more; and when due: writes what is sealed, then seals what waits and has its turn.
 */
void outlet_flush(struct outlet *outlet);
/* Something waits for the connection to take more, or for our next turn if it would. */
bool outlet_waits(const struct outlet *outlet);
/* When outlet_flush is due although nothing happened; QUEUE_NEVER_US: never. */
uint64_t outlet_due_us(const struct outlet *outlet);
/* What became of frames since the last call. */
struct queue_losses outlet_losses(struct outlet *outlet);

#endif
