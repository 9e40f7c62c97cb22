/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/codel.c - the control law of RFC 8289 section 5, asked once for each frame.
 *
 * The RFC writes it as a loop around its queue; here the queue asks again after a drop, which
 * comes to the same.  Not here: whether to mark or to drop (bridge/queue.c).
 */
#include "bridge/codel.h"

/* RFC 8289 5.4: a flow that has just stopped signalling begins near its former rate again. */
#define REMEMBER_US (16 * (uint64_t)CODEL_INTERVAL_US)

/* The largest integer whose square is at most n. */
static uint64_t square_root(uint64_t n)
{
	uint64_t root = 0;

	for (uint64_t bit = 1ull << 31; bit > 0; bit >>= 1)
		if ((root | bit) * (root | bit) <= n)
			root |= bit;
	return root;
}

/* RFC 8289 3.3: interval / sqrt(count), which makes the signals' rate grow linearly. */
static uint64_t gap_us(uint32_t count)
{
	return square_root((uint64_t)CODEL_INTERVAL_US * CODEL_INTERVAL_US / count);
}

/* Whether waiting has been long for a whole interval (RFC 8289 5.6, dodequeue). */
static bool stands_long(struct codel *codel, uint64_t now_us, uint64_t waited_us, bool stands)
{
	if (waited_us < CODEL_TARGET_US || !stands) {
		codel->above_us = 0;
		return false;
	}
	if (codel->above_us == 0) {
		codel->above_us = now_us + CODEL_INTERVAL_US;
		return false;
	}
	return now_us >= codel->above_us;
}

static void begin(struct codel *codel, uint64_t now_us)
{
	uint32_t grown = codel->count - codel->last_count;
	bool remembered = codel->next_us > now_us || now_us - codel->next_us < REMEMBER_US;

	codel->signalling = true;
	codel->count = grown > 1 && remembered ? grown : 1;
	codel->last_count = codel->count;
	codel->next_us = now_us + gap_us(codel->count);
}

bool codel_signals(struct codel *codel, uint64_t now_us, uint64_t waited_us, bool stands)
{
	if (!stands_long(codel, now_us, waited_us, stands)) {
		codel->signalling = false;
		return false;
	}
	if (!codel->signalling) {
		begin(codel, now_us);
		return true;
	}
	if (now_us < codel->next_us)
		return false;
	if (codel->count < UINT32_MAX)
		codel->count++;
	codel->next_us += gap_us(codel->count);
	return true;
}
