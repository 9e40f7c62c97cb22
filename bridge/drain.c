/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/drain.c - a rate from windows of some round trips, halfway to each new one. */
#include "bridge/drain.h"

#define US_PER_S 1000000

void drain_init(struct drain *drain)
{
	*drain = (struct drain) {
		.bytes_per_s = (uint64_t)DRAIN_LIMIT_START * US_PER_S / DRAIN_DELAY_US,
	};
}

static void begin_window(struct drain *drain, uint64_t now_us, bool waiting)
{
	drain->window_us = now_us;
	drain->left = 0;
	drain->busy = waiting;
}

static void end_window(struct drain *drain, uint64_t now_us)
{
	uint64_t rate = drain->left * US_PER_S / (now_us - drain->window_us);

	if (drain->busy)
		drain->bytes_per_s = (drain->bytes_per_s + rate) / 2;
	else if (rate > drain->bytes_per_s)
		drain->bytes_per_s = rate;
}

bool drain_note(struct drain *drain, uint64_t now_us, size_t taken, size_t unsent, bool waiting)
{
	uint64_t had = drain->unsent + taken;
	bool measured = false;

	drain->left += had > unsent ? had - unsent : 0;
	drain->unsent = unsent;
	drain->busy = drain->busy && waiting;
	if (drain->window_us == 0 || now_us < drain->window_us) {
		begin_window(drain, now_us, waiting);
	} else if (now_us - drain->window_us >= DRAIN_WINDOW_US) {
		end_window(drain, now_us);
		measured = drain->busy;
		begin_window(drain, now_us, waiting);
	}
	return measured;
}

void drain_pacing(struct drain *drain, uint64_t bytes_per_s)
{
	drain->searching = bytes_per_s / 2 > drain->bytes_per_s;
}

size_t drain_limit(const struct drain *drain)
{
	uint64_t delay_us = drain->searching ? DRAIN_DELAY_SEARCHING_US : DRAIN_DELAY_US;
	uint64_t limit = drain->bytes_per_s * delay_us / US_PER_S;

	if (limit < DRAIN_LIMIT_MIN)
		return DRAIN_LIMIT_MIN;
	return limit < DRAIN_LIMIT_MAX ? (size_t)limit : DRAIN_LIMIT_MAX;
}

bool drain_is_slow(const struct drain *drain)
{
	return drain->bytes_per_s < DRAIN_SLOW_BYTES_PER_S;
}
