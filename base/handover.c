/* SPDX-License-Identifier: Apache-2.0 */
/* base/handover.c - a bounded queue with a mutex, and a wake-up of the loop. */
#include "base/handover.h"

#include <stdlib.h>

struct handover {
	uv_async_t wake;
	uv_mutex_t lock;
	handover_take take;
	handover_drop drop;
	void *owner;
	unsigned most, first, count;
	void *thing[]; /* a ring of `most` */
};

static void *next_of(struct handover *handover)
{
	void *thing = NULL;

	uv_mutex_lock(&handover->lock);
	if (handover->count > 0) {
		thing = handover->thing[handover->first];
		handover->first = (handover->first + 1) % handover->most;
		handover->count--;
	}
	uv_mutex_unlock(&handover->lock);
	return thing;
}

/* One wake-up stands for all that was given before it, and for no more than there is room for: who
 * gives as fast as is taken does not keep the loop from everything else. */
static void on_wake(uv_async_t *wake)
{
	struct handover *handover = wake->data;
	unsigned taken = 0;

	for (void *thing = next_of(handover); thing; thing = next_of(handover)) {
		handover->take(handover->owner, thing);
		if (++taken == handover->most) {
			if (!uv_is_closing((uv_handle_t *)wake)) /* by what was taken */
				uv_async_send(wake);
			break;
		}
	}
}

struct handover *handover_open(uv_loop_t *loop, unsigned most, handover_take take,
			       handover_drop drop, void *owner, struct err *err)
{
	struct handover *handover = calloc(1, sizeof(*handover) + most * sizeof(void *));

	if (!handover) {
		err_set(err, "out of memory");
		return NULL;
	}
	handover->take = take;
	handover->drop = drop;
	handover->owner = owner;
	handover->most = most;
	handover->wake.data = handover;
	if (uv_mutex_init(&handover->lock) < 0) {
		err_set(err, "cannot make a lock");
		free(handover);
		return NULL;
	}
	if (uv_async_init(loop, &handover->wake, on_wake) < 0) {
		err_set(err, "cannot make a wake-up for a thread");
		uv_mutex_destroy(&handover->lock);
		free(handover);
		return NULL;
	}
	return handover;
}

bool handover_give(struct handover *handover, void *thing)
{
	uv_mutex_lock(&handover->lock);
	bool has_room = handover->count < handover->most;
	if (has_room)
		handover->thing[(handover->first + handover->count++) % handover->most] = thing;
	uv_mutex_unlock(&handover->lock);
	if (has_room)
		uv_async_send(&handover->wake);
	return has_room;
}

static void on_closed(uv_handle_t *wake)
{
	struct handover *handover = wake->data;

	uv_mutex_destroy(&handover->lock);
	free(handover);
}

void handover_close(struct handover *handover)
{
	if (!handover)
		return;
	for (void *thing = next_of(handover); thing; thing = next_of(handover))
		handover->drop(thing);
	uv_close((uv_handle_t *)&handover->wake, on_closed);
}
