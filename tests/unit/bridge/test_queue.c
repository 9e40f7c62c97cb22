/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_queue.c - order within a flow, bounds in bytes and time, and memory
 * that goes.  Between flows, and CoDel: test_queue_flows.c. */
#include "queue_scene.h"

#include <malloc.h>

#define TEND_US (QUEUE_MAX_US / 2)

static void expect(const char *what, const struct frame *frame, size_t len, uint8_t fill)
{
	if (frame->bytes.len != len)
		fail_msg("%s: %zu bytes, not %zu", what, frame->bytes.len, len);
	for (size_t i = ETHER_HEADER_LEN; i < len; i++)
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
		{ "one small frame", 60, 1 }, { "small frames", 61, 100 },
		{ "full frames", 1514, 200 }, { "superframes", FRAME_MAX, 7 },
		{ "an empty frame", 0, 3 },
	};
	struct queue_scene *scene = scene_new();

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct frame frame;

		assert_true(frame_queue_empty(scene->queue));
		for (unsigned n = 0; n < rows[i].count; n++)
			scene_push(scene, rows[i].len, (uint8_t)n, 1000);
		for (unsigned n = 0; n < rows[i].count; n++) {
			assert_false(frame_queue_empty(scene->queue));
			if (!scene_take(scene, 1000, &frame))
				fail_msg("%s: frame %u is missing", rows[i].what, n);
			expect(rows[i].what, &frame, rows[i].len, (uint8_t)n);
		}
		assert_false(scene_take(scene, 1000, &frame));
		assert_int_equal(scene_lost(scene), 0);
	}
	scene_free(scene);
}

static void what_is_left_to_do_is_kept(void **state)
{
	struct queue_scene *scene = scene_new();
	struct frame in = scene_plain(scene, 3000, 1), out;

	in.offload = (struct offload) { .gso = GSO_TCP6,
					.gso_ecn = true,
					.needs_csum = true,
					.gso_size = 1440,
					.header_len = 74,
					.csum_start = 54,
					.csum_offset = 16 };
	frame_queue_push(scene->queue, &in, 0, &scene->losses);
	assert_true(scene_take(scene, 0, &out));
	assert_int_equal(out.offload.gso, GSO_TCP6);
	assert_true(out.offload.gso_ecn && out.offload.needs_csum);
	assert_int_equal(out.offload.gso_size, 1440);
	assert_int_equal(out.offload.header_len, 74);
	assert_int_equal(out.offload.csum_start, 54);
	assert_int_equal(out.offload.csum_offset, 16);
	scene_push(scene, 60, 1, 0);
	scene_free(scene); /* with one that is borrowed and one that waits */
}

static void a_borrowed_frame_stays_while_others_come(void **state)
{
	struct queue_scene *scene = scene_new();
	struct frame frame;

	scene_push(scene, 100, 0xaa, 0);
	assert_true(scene_take(scene, 0, &frame));
	while (scene->losses.full < 10)
		scene_push(scene, 100, 0xbb, 0);
	expect("the borrowed frame", &frame, 100, 0xaa);
	scene_free(scene);
}

static void bytes_are_bounded(void **state)
{
	static const size_t lens[] = { 0, 14, 60, 1514, 17000, FRAME_MAX };

	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		struct queue_scene *scene = scene_new();
		size_t count = 0, cost;
		struct frame frame;

		scene_push(scene, lens[i], 1, 0);
		cost = frame_queue_bytes(scene->queue);
		assert_true(cost >= lens[i] + 16); /* a small frame costs more than its bytes */
		while (scene_push(scene, lens[i], 1, 0), scene->losses.full == 0)
			count++;
		count++;
		assert_int_equal(count, QUEUE_MAX_BYTES / cost);
		assert_true(frame_pool_used(scene->pool) <= QUEUE_MAX_BYTES + FRAME_POOL_BLOCK_MAX);
		/* the oldest goes for each that comes */
		scene_push(scene, lens[i], 1, 0);
		assert_int_equal(scene->losses.full, 2);
		assert_true(scene_take(scene, 0, &frame));
		scene_push(scene, lens[i], 1, 0);
		assert_int_equal(scene->losses.full, 2);
		scene_free(scene);
	}
}

static void what_is_longer_than_a_frame_is_refused(void **state)
{
	static uint8_t bytes[FRAME_MAX + 1];
	struct queue_scene *scene = scene_new();
	struct frame frame = { .bytes = { bytes, sizeof(bytes) } };

	frame_queue_push(scene->queue, &frame, 0, &scene->losses);
	assert_int_equal(scene->losses.full, 1);
	assert_true(frame_queue_empty(scene->queue));
	scene_free(scene);
}

static void waiting_is_bounded(void **state)
{
	static const struct {
		const char *what;
		uint64_t queued_us[3];
		uint64_t now_us;
		unsigned too_old;
		bool left;
	} rows[] = {
		{ "all are fresh", { 1000, 1000, 1000 }, 1001, 0, true },
		{ "as old as it may be", { 1000, 1000, 1000 }, 1000 + QUEUE_MAX_US, 0, true },
		{ "all are too old", { 1000, 1000, 1000 }, 1001 + QUEUE_MAX_US, 3, false },
		{ "the first is too old", { 1000, 1001, 1002 }, 1001 + QUEUE_MAX_US, 1, true },
		{ "the last is left", { 1000, 1001, 1002 }, 1002 + QUEUE_MAX_US, 2, true },
		{ "a clock that stands back is no reason", { 1000, 1000, 1000 }, 990, 0, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct queue_scene *scene = scene_new();
		struct frame frame;

		scene->losses.old = 10; /* is added to */
		for (unsigned n = 0; n < 3; n++)
			scene_push(scene, 60, (uint8_t)n, rows[i].queued_us[n]);
		bool left = scene_take(scene, rows[i].now_us, &frame);

		if (left != rows[i].left || scene->losses.old != 10 + rows[i].too_old)
			fail_msg("%s: left=%d, %d too old", rows[i].what, left,
				 (int)scene->losses.old - 10);
		if (left)
			expect(rows[i].what, &frame, 60, (uint8_t)rows[i].too_old);
		scene_free(scene);
	}
}

/* Nobody takes anything: what is too old goes all the same, and at last all memory. */
static void a_port_that_stands_is_tended(void **state)
{
	struct queue_scene *scene = scene_new();
	uint64_t now_us = 1000, looks = 0;

	assert_true(frame_queue_due_us(scene->queue) == QUEUE_NEVER_US);
	for (unsigned n = 0; n < 100; n++)
		scene_push(scene, 1514, 1, now_us);
	assert_int_equal(frame_queue_due_us(scene->queue), now_us + TEND_US);
	frame_queue_tend(scene->queue, now_us + TEND_US - 1, &scene->losses); /* not yet: nothing */
	assert_int_equal(frame_queue_due_us(scene->queue), now_us + TEND_US);
	while (frame_queue_due_us(scene->queue) != QUEUE_NEVER_US && ++looks < 10) {
		assert_in_range(frame_queue_due_us(scene->queue), now_us + 1, now_us + TEND_US);
		now_us = frame_queue_due_us(scene->queue);
		frame_queue_tend(scene->queue, now_us, &scene->losses);
		if (now_us > 1000 + QUEUE_MAX_US + TEND_US)
			assert_true(frame_queue_empty(scene->queue));
	}
	assert_int_equal(scene->losses.old, 100);
	assert_int_equal(frame_pool_used(scene->pool), 0);
	assert_true(now_us <= 1000 + 2 * QUEUE_MAX_US);
	scene_free(scene);
}

/* A queue that is used again and again keeps what CoDel knows, and no frame's memory. */
static void a_busy_queue_keeps_its_table_only(void **state)
{
	struct queue_scene *scene = scene_new();
	uint64_t now_us = 1000;
	struct frame frame;

	for (unsigned n = 0; n < 100; n++) {
		scene_push(scene, 1514, 1, now_us);
		assert_true(scene_take(scene, now_us, &frame));
		assert_true(frame_queue_empty(scene->queue));
		now_us += TEND_US / 3;
		frame_queue_tend(scene->queue, now_us, &scene->losses);
		assert_in_range(frame_pool_used(scene->pool), 1, 16384);
	}
	for (unsigned n = 0; n < 3; n++)
		frame_queue_tend(scene->queue, now_us += TEND_US, &scene->losses);
	assert_int_equal(frame_pool_used(scene->pool), 0);
	assert_true(frame_queue_due_us(scene->queue) == QUEUE_NEVER_US);
	scene_free(scene);
}

/* What all queues cost must come back to nothing, or the pool refuses for ever. */
static void the_account_is_exact(void **state)
{
	static const size_t lens[] = { 0, 1, 60, 1514, 17000, FRAME_MAX };
	struct queue_scene *scene = scene_new();
	size_t sum = 0;
	struct frame frame;

	assert_int_equal(frame_queue_bytes(scene->queue), 0);
	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		scene_push(scene, lens[i], 1, i < 3 ? 0 : 100);
		size_t cost = frame_queue_bytes(scene->queue) - sum;
		assert_in_range(cost, lens[i] + 16, 4 * lens[i] + 256);
		sum += cost;
	}
	scene_push(scene, FRAME_MAX, 1, 100);
	while (frame_queue_bytes(scene->queue) > 0)
		if (!scene_take(scene, QUEUE_MAX_US + 1, &frame))
			break;
	assert_int_equal(scene->losses.old, 3);
	assert_int_equal(frame_queue_bytes(scene->queue), 0);
	while (scene->losses.full < 100)
		scene_push(scene, 9000, 1, 100);
	assert_in_range(frame_queue_bytes(scene->queue), 1, QUEUE_MAX_BYTES);
	frame_queue_clear(scene->queue);
	assert_int_equal(frame_queue_bytes(scene->queue), 0);
	assert_int_equal(frame_pool_used(scene->pool), 0);
	assert_true(frame_queue_due_us(scene->queue) == QUEUE_NEVER_US);
	assert_false(scene_take(scene, 100, &frame)); /* of nothing */
	assert_int_equal(frame_queue_bytes(scene->queue), 0);
	scene_push(scene, 60, 1, 100);
	assert_true(scene_take(scene, 100, &frame));
	scene_free(scene);
}

/* A hundred ports that stand still share the pool, and one that does not has room. */
static void queues_share_a_pool(void **state)
{
	struct siphash_key key = { 1, 2 };
	struct frame_pool *pool = frame_pool_new(SCENE_POOL_BYTES);
	struct frame_queue *queue[100];
	struct queue_losses losses = { 0 };
	static uint8_t bytes[1514];
	struct frame frame = { .bytes = { bytes, sizeof(bytes) } };

	for (unsigned i = 0; i < ARRAY_LEN(queue); i++)
		queue[i] = frame_queue_new(pool, &key);
	for (unsigned n = 0; n < 3000; n++) /* 6 MiB for each */
		for (unsigned i = 1; i < ARRAY_LEN(queue); i++)
			frame_queue_push(queue[i], &frame, 0, &losses);
	assert_true(frame_pool_left(pool) > SCENE_POOL_BYTES / 200);
	losses = (struct queue_losses) { 0 };
	for (unsigned n = 0; n < 100; n++)
		frame_queue_push(queue[0], &frame, 0, &losses);
	assert_int_equal(losses.full, 0);
	for (unsigned i = 0; i < ARRAY_LEN(queue); i++)
		frame_queue_free(queue[i]);
	assert_int_equal(frame_pool_used(pool), 0);
	frame_pool_free(pool);
}

/* What cannot be had although all of one's own were thrown away is no reason to throw it away. */
static void a_frame_that_cannot_fit_costs_no_other(void **state)
{
	struct siphash_key key = { 1, 2 };
	struct frame_pool *pool = frame_pool_new(32 * 1024);
	struct frame_queue *queue = frame_queue_new(pool, &key);
	struct queue_losses losses = { 0 };
	static uint8_t bytes[60000];
	struct frame ping = { .bytes = { bytes, 98 } }, super = { .bytes = { bytes, 60000 } }, out;

	for (unsigned n = 0; n < 3; n++)
		frame_queue_push(queue, &ping, 0, &losses);
	assert_int_equal(losses.full, 0);
	frame_queue_push(queue, &super, 0, &losses);
	assert_int_equal(losses.full, 1);
	for (unsigned n = 0; n < 3; n++)
		assert_true(frame_queue_take(queue, 0, &out, &losses));
	frame_queue_free(queue);
	frame_pool_free(pool);
}

/* A pool without anything left refuses, and nothing breaks. */
static void no_memory_is_a_loss(void **state)
{
	static const size_t pool_bytes[] = { 0, 4096, 10000, 12000 };
	struct siphash_key key = { 1, 2 };
	static uint8_t bytes[1514];
	struct frame frame = { .bytes = { bytes, sizeof(bytes) } };

	for (size_t i = 0; i < ARRAY_LEN(pool_bytes); i++) {
		struct frame_pool *pool = frame_pool_new(pool_bytes[i]);
		struct frame_queue *queue = frame_queue_new(pool, &key);
		struct queue_losses losses = { 0 };
		struct frame out;
		unsigned left = 0;

		for (unsigned n = 0; n < 10; n++)
			frame_queue_push(queue, &frame, 0, &losses);
		while (frame_queue_take(queue, 0, &out, &losses))
			left++;
		assert_int_equal(left + losses.full, 10);
		assert_int_equal(left, i < 3 ? 0 : 1);
		frame_queue_free(queue);
		frame_pool_free(pool);
	}
	frame_queue_free(NULL);
}

/* Nothing is allocated for a frame, and an idle port costs next to nothing. */
static void an_empty_queue_holds_no_memory(void **state)
{
	struct queue_scene *scene = scene_new();
	struct frame frame;
	size_t kept = 0;

	assert_int_equal(frame_pool_used(scene->pool), 0);
	for (unsigned round = 0; round < 10; round++) {
		while (scene->losses.full == round)
			scene_push(scene, 9000, 1, 0);
		while (scene_take(scene, 0, &frame))
			;
		frame_queue_clear(scene->queue);
		assert_int_equal(frame_pool_used(scene->pool), 0);
		assert_true(frame_pool_kept(scene->pool) <= FRAME_POOL_KEEP_BYTES);
		if (round > 0)
			assert_int_equal(frame_pool_kept(scene->pool), kept);
		kept = frame_pool_kept(scene->pool);
	}
	assert_true(frame_queue_empty(scene->queue));

	size_t before = mallinfo2().uordblks;
	struct frame_queue *idle = frame_queue_new(scene->pool, &scene->key);

	assert_true(mallinfo2().uordblks - before <= 256); /* 0 under AddressSanitizer */
	frame_queue_free(idle);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_leave_as_they_came),
		cmocka_unit_test(what_is_left_to_do_is_kept),
		cmocka_unit_test(a_borrowed_frame_stays_while_others_come),
		cmocka_unit_test(bytes_are_bounded),
		cmocka_unit_test(what_is_longer_than_a_frame_is_refused),
		cmocka_unit_test(waiting_is_bounded),
		cmocka_unit_test(a_port_that_stands_is_tended),
		cmocka_unit_test(a_busy_queue_keeps_its_table_only),
		cmocka_unit_test(the_account_is_exact),
		cmocka_unit_test(queues_share_a_pool),
		cmocka_unit_test(a_frame_that_cannot_fit_costs_no_other),
		cmocka_unit_test(no_memory_is_a_loss),
		cmocka_unit_test(an_empty_queue_holds_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
