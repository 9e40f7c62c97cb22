/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/codel.h
 *
 * CoDel for one flow: from how long frames have waited, whether the sender is to be told to slow
 * down now.  It measures a queue that stands, not one that is long: what drains within an interval
 * is a burst, and left alone.  Pure arithmetic on microseconds of one clock.
 *
 * RFC 8289 (the control law, section 4; constants, 4.2 to 4.4).
 */
#ifndef BRIDGE_CODEL_H
#define BRIDGE_CODEL_H

#include <stdbool.h>
#include <stdint.h>

#define CODEL_TARGET_US 5000
#define CODEL_INTERVAL_US 100000

/* All zero: a flow that never waited. */
struct codel {
	bool signalling;
	uint32_t count;	     /* signals since it began to signal */
	uint32_t last_count; /* the count that it last began with */
	uint64_t above_us;   /* when waiting has been long for an interval; 0: it is not long */
	uint64_t next_us;    /* when the next signal is due, of `signalling` */
};

/*
 * A frame leaves now that waited for waited_us.  `stands`: more than one full frame is left behind
 * it, so that the line would be busy without it.  True: signal by this frame, that is mark it,
 * or drop it and ask again with the next one.
 */
bool codel_signals(struct codel *codel, uint64_t now_us, uint64_t waited_us, bool stands);
/* The flow was emptied otherwise: what comes next is not long in waiting.  RFC 8289 5.6. */
static inline void codel_emptied(struct codel *codel)
{
	codel->signalling = false;
	codel->above_us = 0;
}

#endif
