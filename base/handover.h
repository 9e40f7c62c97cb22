/* SPDX-License-Identifier: Apache-2.0 */
/* base/handover.h
 *
 * Things handed from any thread to the thread of one libuv loop, in order, at most so many at a
 * time.  It takes a mutex: for what comes now and then; frames go over rings (base/ring.h).
 */
#ifndef BASE_HANDOVER_H
#define BASE_HANDOVER_H

#include <stdbool.h>
#include <uv.h>

#include "base/err.h"

struct handover;

/* On the loop's thread; the thing is the taker's from then on. */
typedef void (*handover_take)(void *owner, void *thing);
/* Of a thing that nobody takes any more. */
typedef void (*handover_drop)(void *thing);

/* On the loop's thread, or before that runs. */
struct handover *handover_open(uv_loop_t *loop, unsigned most, handover_take take,
			       handover_drop drop, void *owner, struct err *err);
/* From any thread.  False: there is no room, and the thing is still the caller's. */
bool handover_give(struct handover *handover, void *thing);
/* On the loop's thread, when nobody gives any more; the loop must run once more.  Drops what still
 * waits.  NULL is fine. */
void handover_close(struct handover *handover);

#endif
