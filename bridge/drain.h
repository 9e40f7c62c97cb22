/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/drain.h
 *
 * How fast a connection drains, and how much may therefore wait in it unsent.  What is sealed or in
 * the kernel can neither be overtaken nor dropped nor marked, so it is to be little; but if it runs
 * out before we are woken, the line stands idle.  Both is time, so the bytes depend on the rate.
 *
 * Measured as TCP's delivery rate is in BBR (draft-cardwell-iccrg-bbr-congestion-control, 4.5.2.3):
 * over times in which something always waited, the rate is what left; over others it is at least
 * that.  Pure arithmetic on microseconds.
 */
#ifndef BRIDGE_DRAIN_H
#define BRIDGE_DRAIN_H

#include "base/frame.h"
#include "bridge/codel.h"

#define DRAIN_DELAY_US 4000 /* so long may take what waits unsent */
/*
 * And so long while TCP paces itself at more than twice of what leaves, so in BBR's start-up or
 * from an old estimate.  It corrects that only by what it measures while it has enough to send;
 * but it sends by a clock, and we are woken by acknowledgments, so the little runs out in between.
 */
#define DRAIN_DELAY_SEARCHING_US 20000
#define DRAIN_WINDOW_US 50000
#define DRAIN_LIMIT_MIN 3072 /* two full frames: one leaves, one is ready */
#define DRAIN_LIMIT_MAX (128 * 1024)
#define DRAIN_LIMIT_START 16384 /* until something was measured: 33 Mbit/s */
/* Below it, some 105 Mbit/s, a superframe takes longer than what CoDel lets stand. */
#define DRAIN_SLOW_BYTES_PER_S (FRAME_MAX * 1000000ull / CODEL_TARGET_US)

struct drain {
	uint64_t bytes_per_s;
	uint64_t window_us; /* it began; 0: none has */
	uint64_t left;	    /* bytes that left since */
	uint64_t unsent;    /* when last told */
	bool busy;	    /* something has waited all of the time */
	bool searching;	    /* TCP does not know the rate yet */
};

void drain_init(struct drain *drain);
/* True at the end of a window in which something has always waited: then tell the pacing.
 * The connection took `taken` bytes since the last call and has `unsent` that have not left.
 * `waiting`: more waits for it. */
bool drain_note(struct drain *drain, uint64_t now_us, size_t taken, size_t unsent, bool waiting);
/* The rate at which TCP would send; 0: it does not say. */
void drain_pacing(struct drain *drain, uint64_t bytes_per_s);
/* How many bytes may wait unsent. */
size_t drain_limit(const struct drain *drain);
/* One superframe would keep all others waiting for too long. */
bool drain_is_slow(const struct drain *drain);

#endif
