/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_queue.c - two queues that share a pool, under any order of push, take, tend,
 * clear and time.
 *
 * Properties: frames of a flow come out in their order, whole, and none that has waited for longer
 * than QUEUE_MAX_US; every frame that went in came out, was counted as lost, or was cleared; no
 * bound is passed; when nothing waits for long, no memory is held.
 */
#include <stdlib.h>

#include "bridge/queue.h"

#define QUEUES 2
#define FLOWS 8
#define POOL_BYTES (10u << 20) /* each queue's own bound is reached */
#define HEADERS_LEN 62	       /* Ethernet, IPv6, UDP */
#define FRAME_LEN_MIN (HEADERS_LEN + 12)
#define US_MAX (QUEUE_MAX_US / 100)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct siphash_key key = { 1, 2 };

struct side {
	struct frame_queue *queue;
	struct queue_losses losses;
	uint64_t pushed, taken, cleared;
	uint32_t next, last[FLOWS];
};

static void check(bool right)
{
	if (!right)
		abort();
}

static void push(struct side *side, unsigned flow, size_t len, uint64_t now_us)
{
	static uint8_t bytes[FRAME_MAX];
	struct frame frame = { .bytes = { bytes, len } };

	memset(bytes, 0, len);
	bytes[12] = 0x86;
	bytes[13] = 0xdd;
	bytes[14] = 0x60;
	bytes[15] = flow % 2 ? 0x20 : 0; /* every second flow takes marks */
	bytes[18] = (uint8_t)((len - 54) >> 8);
	bytes[19] = (uint8_t)(len - 54);
	bytes[20] = 17;
	bytes[55] = (uint8_t)flow;
	side->next++;
	memcpy(bytes + HEADERS_LEN, &side->next, 4);
	memcpy(bytes + HEADERS_LEN + 4, &now_us, 8);
	frame_queue_push(side->queue, &frame, now_us, &side->losses);
	memset(bytes, 0xff, len); /* it has been copied */
	side->pushed++;
}

static bool take(struct side *side, uint64_t now_us)
{
	struct frame frame;
	uint32_t number;
	uint64_t then_us;

	if (!frame_queue_take(side->queue, now_us, &frame, &side->losses)) {
		check(frame_queue_empty(side->queue));
		return false;
	}
	check(frame.bytes.len >= FRAME_LEN_MIN && frame.bytes.data[20] == 17);

	unsigned flow = frame.bytes.data[55] % FLOWS;

	memcpy(&number, frame.bytes.data + HEADERS_LEN, 4);
	memcpy(&then_us, frame.bytes.data + HEADERS_LEN + 4, 8);
	check(number > side->last[flow] && number <= side->next);
	check(now_us - then_us <= QUEUE_MAX_US);
	side->last[flow] = number;
	side->taken++;
	return true;
}

static uint64_t accounted(const struct side *side)
{
	return side->taken + side->cleared + side->losses.full + side->losses.old +
	       side->losses.codel;
}

/* Everything goes, and is not counted: so what was there is counted by its absence. */
static void clear(struct side *side)
{
	frame_queue_clear(side->queue);
	side->cleared += side->pushed - accounted(side);
	check(frame_queue_empty(side->queue) && frame_queue_bytes(side->queue) == 0);
}

static void act(struct side *side, const uint8_t *step, uint64_t now_us)
{
	size_t len = FRAME_LEN_MIN + (step[1] / 8 % 4 == 0 ? step[2] * 250u : step[2] * 6u);

	switch (step[0] % 8) {
	case 0:
	case 1:
	case 2:
	case 3: push(side, step[1] % FLOWS, len, now_us); break;
	case 4:
	case 5: take(side, now_us); break;
	case 6: frame_queue_tend(side->queue, now_us, &side->losses); break;
	default:
		if (step[1] == 7)
			clear(side);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame_pool *pool = frame_pool_new(POOL_BYTES);
	struct side side[QUEUES] = { 0 };
	uint64_t now_us = 1000000;

	for (unsigned i = 0; i < QUEUES; i++)
		side[i].queue = frame_queue_new(pool, &key);
	for (; size >= 4; data += 4, size -= 4) {
		struct side *one = &side[data[0] / 8 % QUEUES];

		now_us += data[3] * (uint64_t)US_MAX / 255;
		act(one, data, now_us);
		check(frame_pool_used(pool) <= POOL_BYTES);
		check(frame_queue_bytes(one->queue) <= QUEUE_MAX_BYTES);
		check(accounted(one) <= one->pushed);
	}
	while (take(&side[0], now_us))
		;
	check(accounted(&side[0]) == side[0].pushed);
	for (unsigned n = 0; n < 100 && frame_queue_due_us(side[1].queue) != QUEUE_NEVER_US; n++) {
		now_us = frame_queue_due_us(side[1].queue);
		frame_queue_tend(side[1].queue, now_us, &side[1].losses);
	}
	check(frame_queue_due_us(side[1].queue) == QUEUE_NEVER_US);
	check(accounted(&side[1]) == side[1].pushed);
	for (unsigned i = 0; i < QUEUES; i++)
		frame_queue_free(side[i].queue);
	check(frame_pool_used(pool) == 0);
	frame_pool_free(pool);
	return 0;
}
