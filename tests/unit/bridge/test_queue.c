/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_queue.c - order, bounds in bytes and time, and memory that goes. */
#include "bridge/queue.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static uint8_t buffer[FRAME_MAX];

/* A frame of `len` bytes, each `fill`. */
static struct frame frame_of(size_t len, uint8_t fill)
{
	memset(buffer, fill, len);
	return (struct frame) { .bytes = { buffer, len } };
}

static enum drop_reason push(struct frame_queue *queue, size_t len, uint8_t fill, uint64_t now_ms)
{
	struct frame frame = frame_of(len, fill);

	return frame_queue_push(queue, &frame, now_ms);
}

static void expect(const char *what, const struct frame *frame, size_t len, uint8_t fill)
{
	if (frame->bytes.len != len)
		fail_msg("%s: %zu bytes, not %zu", what, frame->bytes.len, len);
	for (size_t i = 0; i < len; i++)
		if (frame->bytes.data[i] != fill)
			fail_msg("%s: byte %zu is %02x", what, i, frame->bytes.data[i]);
}

static void frames_leave_as_they_came(void **state)
{
	static const struct {
		const char *what;
		size_t len;
		unsigned count;
	} rows[] = {
		{ "one small frame", 60, 1 },
		{ "frames that share a chunk", 61, 100 },
		{ "frames that need several chunks", 1514, 200 },
		{ "superframes", FRAME_MAX, 7 },
		{ "an empty frame", 0, 3 },
	};
	struct frame_queue *queue = frame_queue_new();

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t too_old = 0;
		struct frame frame;

		assert_true(frame_queue_empty(queue));
		for (unsigned n = 0; n < rows[i].count; n++)
			if (push(queue, rows[i].len, (uint8_t)n, 1000) != DROP_NONE)
				fail_msg("%s: frame %u was refused", rows[i].what, n);
		for (unsigned n = 0; n < rows[i].count; n++) {
			assert_false(frame_queue_empty(queue));
			if (!frame_queue_peek(queue, 1000, &frame, &too_old))
				fail_msg("%s: frame %u is missing", rows[i].what, n);
			expect(rows[i].what, &frame, rows[i].len, (uint8_t)n);
			frame_queue_pop(queue);
		}
		assert_false(frame_queue_peek(queue, 1000, &frame, &too_old));
		assert_int_equal(too_old, 0);
	}
	frame_queue_free(queue);
}

static void what_is_left_to_do_is_kept(void **state)
{
	struct frame_queue *queue = frame_queue_new();
	struct frame in = frame_of(3000, 1), out;
	uint64_t too_old = 0;

	in.offload = (struct offload) { .gso = GSO_TCP6,
					.gso_ecn = true,
					.needs_csum = true,
					.gso_size = 1440,
					.header_len = 74,
					.csum_start = 54,
					.csum_offset = 16 };
	assert_int_equal(frame_queue_push(queue, &in, 0), DROP_NONE);
	assert_true(frame_queue_peek(queue, 0, &out, &too_old));
	assert_int_equal(out.offload.gso, GSO_TCP6);
	assert_true(out.offload.gso_ecn && out.offload.needs_csum);
	assert_int_equal(out.offload.gso_size, 1440);
	assert_int_equal(out.offload.header_len, 74);
	assert_int_equal(out.offload.csum_start, 54);
	assert_int_equal(out.offload.csum_offset, 16);
	frame_queue_free(queue); /* with a frame in it */
}

static void a_borrowed_frame_stays_while_others_come(void **state)
{
	struct frame_queue *queue = frame_queue_new();
	uint64_t too_old = 0;
	struct frame frame;

	push(queue, 100, 0xaa, 0);
	assert_true(frame_queue_peek(queue, 0, &frame, &too_old));
	for (unsigned n = 0; n < 100; n++)
		push(queue, 1514, 0xbb, 0);
	expect("the borrowed frame", &frame, 100, 0xaa);
	frame_queue_free(queue);
}

static void bytes_are_bounded(void **state)
{
	static const size_t lens[] = { 0, 14, 60, 1514, 17000, FRAME_MAX };
	struct frame frame;

	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		struct frame_queue *queue = frame_queue_new();
		uint64_t too_old = 0;
		size_t count = 0;

		while (push(queue, lens[i], 1, 0) == DROP_NONE)
			count++;
		/* small frames cost more than their bytes, and this counts too */
		assert_true(count * lens[i] <= QUEUE_MAX_BYTES);
		assert_true(count <= QUEUE_MAX_BYTES / 16);
		if (lens[i] >= 1514)
			assert_true((count + 1) * (lens[i] + 64) > QUEUE_MAX_BYTES);
		assert_int_equal(push(queue, lens[i], 1, 0), DROP_QUEUE_FULL);
		assert_true(frame_queue_peek(queue, 0, &frame, &too_old));
		frame_queue_pop(queue);
		assert_int_equal(push(queue, lens[i], 1, 0), DROP_NONE);
		frame_queue_free(queue);
	}
}

static void waiting_is_bounded(void **state)
{
	static const struct {
		const char *what;
		uint64_t queued_ms[3];
		uint64_t now_ms;
		unsigned too_old;
		bool left;
	} rows[] = {
		{ "all are fresh", { 1000, 1000, 1000 }, 1001, 0, true },
		{ "as old as it may be", { 1000, 1000, 1000 }, 1000 + QUEUE_MAX_MS, 0, true },
		{ "all are too old", { 1000, 1000, 1000 }, 1001 + QUEUE_MAX_MS, 3, false },
		{ "the first is too old", { 1000, 1001, 1002 }, 1001 + QUEUE_MAX_MS, 1, true },
		{ "the last is left", { 1000, 1001, 1002 }, 1002 + QUEUE_MAX_MS, 2, true },
		{ "a clock that stands back is no reason", { 1000, 1000, 1000 }, 990, 0, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct frame_queue *queue = frame_queue_new();
		uint64_t too_old = 10; /* is added to */
		struct frame frame;

		for (unsigned n = 0; n < 3; n++)
			push(queue, 60, (uint8_t)n, rows[i].queued_ms[n]);
		bool left = frame_queue_peek(queue, rows[i].now_ms, &frame, &too_old);

		if (left != rows[i].left || too_old != 10 + rows[i].too_old)
			fail_msg("%s: left=%d, %d too old", rows[i].what, left, (int)too_old - 10);
		if (left)
			expect(rows[i].what, &frame, 60, (uint8_t)rows[i].too_old);
		assert_int_equal(frame_queue_empty(queue), !left);
		frame_queue_free(queue);
	}
}

/* What a worker adds up over all queues must come back to nothing, or it refuses for ever. */
static void the_account_is_exact(void **state)
{
	static const size_t lens[] = { 0, 1, 60, 1514, 17000, FRAME_MAX };
	struct frame_queue *queue = frame_queue_new();
	size_t cost[ARRAY_LEN(lens)], sum = 0;
	uint64_t too_old = 0;
	struct frame frame;

	assert_int_equal(frame_queue_bytes(queue), 0);
	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		push(queue, lens[i], 1, i < 3 ? 0 : 100);
		cost[i] = frame_queue_bytes(queue) - sum;
		sum += cost[i];
		/* a frame costs its bytes and what is known about it */
		assert_in_range(cost[i], lens[i] + 16, lens[i] + 64);
	}
	assert_true(frame_queue_peek(queue, 100, &frame, &too_old)); /* takes nothing */
	assert_int_equal(frame_queue_bytes(queue), sum);
	frame_queue_pop(queue);
	assert_int_equal(frame_queue_bytes(queue), sum -= cost[0]);
	/* the second and the third go for their age */
	assert_true(frame_queue_peek(queue, QUEUE_MAX_MS + 1, &frame, &too_old));
	assert_int_equal(too_old, 2);
	assert_int_equal(frame_queue_bytes(queue), sum -= cost[1] + cost[2]);
	while (push(queue, 9000, 1, 100) == DROP_NONE)
		sum = frame_queue_bytes(queue);
	assert_int_equal(frame_queue_bytes(queue), sum); /* a refused one costs nothing */
	assert_in_range(sum, 1, QUEUE_MAX_BYTES);
	while (frame_queue_peek(queue, 100, &frame, &too_old))
		frame_queue_pop(queue);
	assert_int_equal(frame_queue_bytes(queue), 0);
	push(queue, 60, 1, 0);
	assert_false(frame_queue_peek(queue, QUEUE_MAX_MS + 1, &frame, &too_old));
	assert_int_equal(frame_queue_bytes(queue), 0);
	frame_queue_pop(queue); /* of nothing */
	assert_int_equal(frame_queue_bytes(queue), 0);
	frame_queue_free(queue);
}

static void an_empty_queue_holds_no_memory(void **state)
{
	size_t empty = mallinfo2().uordblks + mallinfo2().hblkhd;
	struct frame_queue *queue = frame_queue_new();
	uint64_t too_old = 0;
	struct frame frame;

	for (unsigned round = 0; round < 10; round++) {
		while (push(queue, 9000, 1, 0) == DROP_NONE)
			;
		while (frame_queue_peek(queue, 0, &frame, &too_old))
			frame_queue_pop(queue);
		assert_true(mallinfo2().uordblks + mallinfo2().hblkhd <= empty + 1024);
	}
	frame_queue_pop(queue); /* of nothing: nothing */
	assert_true(frame_queue_empty(queue));
	frame_queue_free(queue);
	frame_queue_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_leave_as_they_came),
		cmocka_unit_test(what_is_left_to_do_is_kept),
		cmocka_unit_test(a_borrowed_frame_stays_while_others_come),
		cmocka_unit_test(bytes_are_bounded),
		cmocka_unit_test(waiting_is_bounded),
		cmocka_unit_test(the_account_is_exact),
		cmocka_unit_test(an_empty_queue_holds_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
