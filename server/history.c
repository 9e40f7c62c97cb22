/* SPDX-License-Identifier: Apache-2.0 */
/* server/history.c - a ring of sums; steps without news are zeros. */
#include "server/history.h"

#include <stdlib.h>

struct history_ring *history_new(uint32_t points)
{
	struct history_ring *ring = calloc(1, sizeof(*ring) + points * sizeof(ring->bytes[0]));

	if (ring)
		ring->points = points;
	return ring;
}

void history_advance(struct history_ring *ring, uint64_t step)
{
	if (ring->count == 0) {
		ring->next = step;
		return;
	}
	/* more than all are as good as all */
	if (step > ring->next && step - ring->next > ring->points)
		ring->next = step - ring->points;
	while (ring->next < step) {
		float *bytes = ring->bytes[ring->next++ % ring->points];

		bytes[0] = bytes[1] = 0;
		ring->count += ring->count < ring->points;
	}
}

void history_add(struct history_ring *ring, uint64_t step, uint64_t rx_bytes, uint64_t tx_bytes)
{
	if (ring->count == 0) { /* the first one begins it */
		ring->next = step;
		ring->count = 1;
		ring->bytes[ring->next % ring->points][0] = 0;
		ring->bytes[ring->next++ % ring->points][1] = 0;
	}
	history_advance(ring, step + 1);

	float *bytes = ring->bytes[(ring->next - 1) % ring->points];

	bytes[0] += (float)rx_bytes;
	bytes[1] += (float)tx_bytes;
}

const float *history_at(const struct history_ring *ring, uint32_t i)
{
	return ring->bytes[(ring->next - ring->count + i) % ring->points];
}
