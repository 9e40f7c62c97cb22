/* SPDX-License-Identifier: Apache-2.0 */
/* server/history.h
 *
 * How many bytes went through in each of the last steps of time: a ring of a fixed size.  Knows no
 * clock: `step` is the number of a step, counted from any beginning.
 *
 * Bytes are kept as float: to the byte up to 16 MiB in a step, else to seven digits.
 */
#ifndef SERVER_HISTORY_H
#define SERVER_HISTORY_H

#include <stdint.h>

#define HISTORY_POINTS 360	     /* of a ring of all clients: an hour, or a day */
#define HISTORY_CLIENT_POINTS 180    /* of one client's: an hour */
#define HISTORY_STEP_MS 10000	     /* of the hour */
#define HISTORY_CLIENT_STEP_MS 20000 /* of one client's */
#define HISTORY_DAY_STEP_MS 240000   /* of the day */

struct history_ring {
	uint32_t points;  /* room for so many */
	uint32_t count;	  /* there are, at most `points` */
	uint64_t next;	  /* the number of the step after the latest */
	float bytes[][2]; /* received and sent, of step number % points */
};

/* NULL when memory is short: 24 bytes and 8 for each point.  free() frees it. */
struct history_ring *history_new(uint32_t points);
/* Adds to a step, the latest or a later one; those between have nothing.  What comes for an earlier
 * one, as a clock may go, is added to the latest. */
void history_add(struct history_ring *ring, uint64_t step, uint64_t rx_bytes, uint64_t tx_bytes);
/* Up to `step`, not included, there was nothing more. */
void history_advance(struct history_ring *ring, uint64_t step);
/* What went through in the step `i`-th from the oldest; the latest is count - 1. */
const float *history_at(const struct history_ring *ring, uint32_t i);

#endif
