/* SPDX-License-Identifier: Apache-2.0 */
/* server/lease_clock.h
 *
 * The clock that leases are measured by.  It shows wall-clock seconds, so that what is on disk
 * means something to people and after a reboot, but it runs by the time since boot: a wall clock
 * that is set ends nobody's lease.  That it was set is noticed, while we run and at start, and
 * then all leases are moved by as much.
 *
 * What to do is decided here from numbers; the caller reads the clocks and moves the leases.
 */
#ifndef SERVER_LEASE_CLOCK_H
#define SERVER_LEASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define LEASE_CLOCK_TEXT 96
#define LEASE_CLOCK_SLACK_S 10 /* so far the two may drift apart: time servers slew a clock */

struct lease_clock {
	char boot[40];	  /* which boot: the kernel's boot_id */
	int64_t offset_s; /* what it shows, less the seconds since boot */
};

/* What the kernel's clocks show. */
struct lease_clock_reading {
	char boot[40];
	int64_t boot_s, wall_s;
};

static inline uint64_t lease_clock_now(const struct lease_clock *clock,
				       const struct lease_clock_reading *reading)
{
	int64_t now_s = reading->boot_s + clock->offset_s;

	return now_s > 0 ? (uint64_t)now_s : 0;
}

/* Reads the kernel's; the other one leaves `boot` out, and costs nothing. */
void lease_clock_read(struct lease_clock_reading *reading);
void lease_clock_read_now(struct lease_clock_reading *reading);

/* As text for the state file, and back; false: no such text. */
const char *lease_clock_text(const struct lease_clock *clock, char text[static LEASE_CLOCK_TEXT]);
bool lease_clock_parse(const char *text, struct lease_clock *clock);

/*
 * Starts the clock.  `before`: the clock of the server before us, NULL if there was none;
 * newest_s: when the latest lease was written, by that clock.  Returns by how many seconds all
 * leases have to be moved: not 0 if the wall clock was set since, as far as that can be known (in
 * the same boot by how much; over a reboot only that it shows less than it did).
 */
int64_t lease_clock_start(struct lease_clock *clock, const struct lease_clock *before,
			  uint64_t newest_s, const struct lease_clock_reading *reading);
/* While running: the same, 0 if nobody set it. */
int64_t lease_clock_check(struct lease_clock *clock, const struct lease_clock_reading *reading);

#endif
