/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_queue_flows.c - turns between flows, who pays for a full queue, and what
 * CoDel does to a flow. */
#include "queue_scene.h"

#include "bridge/codel.h"

#define FULL 1514 /* bytes of a full frame */
#define MS 1000

/* Flows that have buckets of their own with the scene's key; 0 ends them. */
static const uint16_t apart[] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static void a_sparse_frame_passes_a_backlog(void **state)
{
	static const struct {
		const char *what;
		size_t bulk_len, bulk_count;
	} rows[] = {
		{ "full frames", FULL, 1000 },
		{ "superframes", FRAME_MAX, 40 },
		{ "small frames", 100, 5000 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct queue_scene *scene = scene_new();

		for (size_t n = 0; n < rows[i].bulk_count; n++)
			scene_push_flow(scene, 1, rows[i].bulk_len, 0);
		for (unsigned round = 0; round < 10; round++) {
			size_t before = 0; /* bytes */

			scene_push_flow(scene, 2, 98, 0);
			while (scene_take_flow(scene, 0) != 2)
				before += rows[i].bulk_len;
			/* at once, or after what the other has left of its turn */
			if (before >= QUEUE_QUANTUM + rows[i].bulk_len)
				fail_msg("%s: %zu bytes before it", rows[i].what, before);
			assert_int_equal(scene_take_flow(scene, 0), 1);
		}
		scene_free(scene);
	}
}

/* Deficit round robin: over a while each flow gets the same bytes, whatever its frames' lengths. */
static void bytes_are_divided_fairly(void **state)
{
	static const size_t lens[] = { FULL, FULL, 100, 700, 9000, FRAME_MAX };
	size_t left[ARRAY_LEN(lens)] = { 0 }, least = SIZE_MAX, most = 0;
	struct queue_scene *scene = scene_new();
	struct frame frame;

	for (size_t flow = 0; flow < ARRAY_LEN(lens); flow++)
		for (size_t sum = 0; sum < 300000; sum += lens[flow])
			scene_push_flow(scene, apart[flow], lens[flow], 0);
	assert_int_equal(scene_lost(scene), 0);
	for (size_t sum = 0; sum < 200000 * ARRAY_LEN(lens); sum += frame.bytes.len) {
		assert_true(scene_take(scene, 0, &frame));
		left[scene_flow_of(&frame) - 1] += frame.bytes.len;
	}
	for (size_t flow = 0; flow < ARRAY_LEN(lens); flow++) {
		least = left[flow] < least ? left[flow] : least;
		most = left[flow] > most ? left[flow] : most;
	}
	if (most - least > FRAME_MAX + 2 * QUEUE_QUANTUM)
		fail_msg("from %zu to %zu bytes", least, most);
	scene_free(scene);
}

static void order_within_a_flow_is_kept(void **state)
{
	struct queue_scene *scene = scene_new();
	unsigned next[ARRAY_LEN(apart) + 1] = { 0 };
	struct frame frame;

	for (unsigned n = 0; n < 800; n++) {
		uint16_t flow = apart[n * 7 % ARRAY_LEN(apart)];
		struct frame in = scene_udp(scene, flow, 100 + n, 0);

		put(scene->buffer + SCENE_UDP_MIN, n, 2);
		frame_queue_push(scene->queue, &in, 0, &scene->losses);
	}
	for (unsigned n = 0; n < 800; n++) {
		assert_true(scene_take(scene, 0, &frame));
		unsigned number = (unsigned)get(frame.bytes.data + SCENE_UDP_MIN, 2);
		unsigned flow = scene_flow_of(&frame);

		assert_true(number >= next[flow]);
		next[flow] = number + 1;
	}
	scene_free(scene);
}

/* RFC 8290 4.2: a flow that comes back at once is not new again before the old ones had a turn. */
static void new_flows_do_not_starve_old_ones(void **state)
{
	struct queue_scene *scene = scene_new();
	unsigned old = 0, turns;

	for (unsigned n = 0; n < 200; n++)
		scene_push_flow(scene, 1, FULL, 0);
	scene_take_flow(scene, 0);
	for (turns = 0; turns < 200 && old < 50; turns++) {
		scene_push_flow(scene, 2, FULL, 0); /* always one of these */
		scene_push_flow(scene, 3, FULL, 0);
		old += scene_take_flow(scene, 0) == 1;
	}
	assert_in_range(turns, 100, 170); /* a third is its share */
	scene_free(scene);
}

/* RFC 8290 4.2: two flows that come and go by turns, so that there is always a new one.  Each has
 * to wait behind the old ones once before it is new again. */
static void flows_that_come_and_go_do_not_starve_old_ones(void **state)
{
	struct queue_scene *scene = scene_new();
	unsigned old = 0;

	for (unsigned n = 0; n < 200; n++)
		scene_push_flow(scene, 1, FULL, 0);
	scene_take_flow(scene, 0);
	for (unsigned turns = 0; turns < 120; turns++) {
		scene_push_flow(scene, (uint16_t)(2 + turns % 2), FULL, 0);
		old += scene_take_flow(scene, 0) == 1;
	}
	assert_in_range(old, 30, 90);
	scene_free(scene);
}

/* RFC 8290 4.1.3: whoever fills the queue pays, from the head. */
static void the_fattest_flow_pays(void **state)
{
	struct queue_scene *scene = scene_new();
	unsigned left[4] = { 0 }, first_fat = UINT32_MAX;
	struct frame frame;

	for (unsigned n = 0; n < 3000; n++) {
		struct frame fat = scene_udp(scene, 1, FULL, 0);

		put(scene->buffer + SCENE_UDP_MIN, n, 2);
		frame_queue_push(scene->queue, &fat, 0, &scene->losses);
		if (n % 100 == 0)
			scene_push_flow(scene, 2, 98, 0);
		if (n % 50 == 0)
			scene_push_flow(scene, 3, FULL, 0);
	}
	assert_true(scene->losses.full > 500);
	while (scene_take(scene, 0, &frame)) {
		unsigned flow = scene_flow_of(&frame);

		if (flow == 1 && first_fat == UINT32_MAX)
			first_fat = (unsigned)get(frame.bytes.data + SCENE_UDP_MIN, 2);
		left[flow]++;
	}
	assert_int_equal(left[2], 30);
	assert_int_equal(left[3], 60);
	assert_int_equal(left[1] + scene->losses.full, 3000);
	assert_int_equal(first_fat, scene->losses.full); /* the oldest went */
	scene_free(scene);
}

/*
 * A line of one full frame per millisecond, 12 Mbit/s, for two seconds; `flow` sends so many frames
 * per ten milliseconds, and none of them listens to marks or losses.
 */
static void run_line(struct queue_scene *scene, unsigned per_10_ms, size_t len, unsigned ecn,
		     unsigned *sent)
{
	struct frame frame;

	*sent = 0;
	for (uint64_t ms = 0; ms < 2000; ms++) {
		for (unsigned n = 0; ms % 10 == 0 && n < per_10_ms; n++) {
			struct frame in = scene_udp(scene, 1, len, ecn);
			frame_queue_push(scene->queue, &in, ms * MS, &scene->losses);
		}
		*sent += scene_take(scene, ms * MS, &frame);
	}
}

static void a_standing_queue_is_signalled(void **state)
{
	enum { NOT_CAPABLE = 0, ECT1 = 1, ECT0 = 2 };
	static const struct {
		const char *what;
		unsigned per_10_ms;
		unsigned ecn;
		bool dropped, marked;
	} rows[] = {
		{ "half of the line", 5, NOT_CAPABLE, false, false },
		{ "bursts that drain", 9, NOT_CAPABLE, false, false },
		{ "more than the line", 12, NOT_CAPABLE, true, false },
		{ "more than the line, ECT(0)", 12, ECT0, false, true },
		{ "more than the line, ECT(1)", 12, ECT1, false, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct queue_scene *scene = scene_new();
		unsigned sent;

		run_line(scene, rows[i].per_10_ms, FULL, rows[i].ecn, &sent);
		if ((scene->losses.codel > 0) != rows[i].dropped ||
		    (scene->losses.marked > 0) != rows[i].marked)
			fail_msg("%s: %d dropped, %d marked", rows[i].what,
				 (int)scene->losses.codel, (int)scene->losses.marked);
		if (sent < (rows[i].per_10_ms < 10 ? rows[i].per_10_ms * 200 : 1995))
			fail_msg("%s: the line stood idle, %u were sent", rows[i].what, sent);
		scene_free(scene);
	}
}

static void a_mark_is_in_the_packet(void **state)
{
	struct queue_scene *scene = scene_new();
	uint64_t marks = 0;
	struct frame frame;

	for (uint64_t ms = 0; ms < 1000; ms++) {
		for (unsigned n = 0; n < 2; n++) {
			struct frame in = scene_udp(scene, 1, FULL, 2);
			frame_queue_push(scene->queue, &in, ms * MS, &scene->losses);
		}
		if (ms < 500 && scene_take(scene, ms * MS, &frame))
			marks += (frame.bytes.data[15] >> 4 & 3) == 3;
	}
	assert_true(marks > 5);
	assert_int_equal(marks, scene->losses.marked);
	scene_free(scene);
}

/* A superframe and nothing behind it is no queue, however long it takes; several are. */
static void a_superframe_is_no_queue(void **state)
{
	static const struct {
		const char *what;
		unsigned behind; /* superframes that always wait behind the one that leaves */
		bool signalled;
	} rows[] = { { "one", 0, false },
		     { "one and one behind it", 1, false },
		     { "many", 4, true } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct queue_scene *scene = scene_new();
		struct frame frame;

		for (uint64_t n = 0; n < 100; n++) {
			uint64_t now_us = n * 20 * MS;

			while (frame_queue_bytes(scene->queue) <
			       (rows[i].behind + 1) * frame_pool_cost(60000))
				scene_push_flow(scene, 1, 60000, now_us);
			assert_true(scene_take(scene, now_us + 20 * MS, &frame));
		}
		if ((scene->losses.codel > 0) != rows[i].signalled)
			fail_msg("%s: %d dropped", rows[i].what, (int)scene->losses.codel);
		scene_free(scene);
	}
}

/* One superframe long ago does not let a queue of full frames stand. */
static void a_large_frame_is_forgotten(void **state)
{
	struct queue_scene *scene = scene_new();
	struct frame frame;
	uint64_t ms = 0;

	scene_push_flow(scene, 1, FRAME_MAX, 0);
	for (unsigned n = 0; n < 20; n++) /* 30 KB stand for ever */
		scene_push_flow(scene, 1, FULL, 0);
	for (; ms < 1000; ms++) {
		assert_true(scene_take(scene, ms * MS, &frame));
		scene_push_flow(scene, 1, FULL, ms * MS);
	}
	assert_true(scene->losses.codel > 0);
	scene_free(scene);
}

static void one_flow_is_signalled_and_others_not(void **state)
{
	struct queue_scene *scene = scene_new();
	unsigned sparse = 0;
	struct frame frame;

	for (uint64_t ms = 0; ms < 2000; ms++) {
		scene_push_flow(scene, 1, FULL, ms * MS);
		scene_push_flow(scene, 1, FULL, ms * MS);
		if (ms % 20 == 0)
			scene_push_flow(scene, 2, 98, ms * MS);
		if (scene_take(scene, ms * MS, &frame) && scene_flow_of(&frame) == 2)
			sparse++;
	}
	assert_true(scene->losses.codel > 10);
	assert_int_equal(sparse, 100);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sparse_frame_passes_a_backlog),
		cmocka_unit_test(bytes_are_divided_fairly),
		cmocka_unit_test(order_within_a_flow_is_kept),
		cmocka_unit_test(new_flows_do_not_starve_old_ones),
		cmocka_unit_test(flows_that_come_and_go_do_not_starve_old_ones),
		cmocka_unit_test(the_fattest_flow_pays),
		cmocka_unit_test(a_standing_queue_is_signalled),
		cmocka_unit_test(a_mark_is_in_the_packet),
		cmocka_unit_test(a_superframe_is_no_queue),
		cmocka_unit_test(a_large_frame_is_forgotten),
		cmocka_unit_test(one_flow_is_signalled_and_others_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
