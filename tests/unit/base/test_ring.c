/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/test_ring.c
 *
 * The ring as a table of steps in one thread, then with a writer and a reader for real; the
 * thread sanitizer (b_sanitize=thread) finds nothing in the second.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/ring.h"

enum step { RESERVE, TRIM, PUBLISH, PEEK, RELEASE };

/*
 * On one ring of 64 bytes (records up to 16, each with a head of 8), from top to bottom.
 * RESERVE and TRIM: a record's length; `works`: there was room.  PEEK: the length it is to
 * have.  Each record is filled with its number, so a PEEK also sees whose bytes it gets.
 */
static const struct {
	const char *what;
	enum step step;
	size_t len;
	bool works;
	uint8_t number; /* PEEK: which record, counted from 1 */
} steps[] = {
	{ "a new ring has nothing to read", PEEK, 0, false, 0 },
	{ "and nothing to publish", PUBLISH, 0, false, 0 },
	{ "a record over the limit is refused", RESERVE, 17, false, 0 },
	{ "a record at the limit fits", RESERVE, 16, true, 0 }, /* 0..24 */
	{ "unpublished records are not seen", PEEK, 0, false, 0 },
	{ "a second one", RESERVE, 5, true, 0 }, /* 24..40 */
	{ "both are published at once", PUBLISH, 0, true, 0 },
	{ "and only once", PUBLISH, 0, false, 0 },
	{ "the first is read", PEEK, 16, true, 1 },
	{ "and again until it is released", PEEK, 16, true, 1 },
	{ "an empty record, up to the end minus 16", RESERVE, 0, true, 0 }, /* 40..48 */
	{ "16 bytes do not fit before the end, and the beginning is not free", RESERVE, 16, false,
	  0 },
	{ "a shorter one fits exactly before the end", RESERVE, 8, true, 0 }, /* 48..64 */
	{ "now the ring is full", RESERVE, 0, false, 0 },
	{ "the first one's room is given back", RELEASE, 0, true, 0 },
	{ "and used again, from the beginning", RESERVE, 10, true, 0 }, /* 0..24 */
	{ "full again", RESERVE, 0, false, 0 },
	{ "the second is read", PEEK, 5, true, 2 },
	{ "released", RELEASE, 0, true, 0 },
	{ "the others are not published yet", PEEK, 0, false, 0 },
	{ "now they are", PUBLISH, 0, true, 0 },
	{ "the empty one", PEEK, 0, true, 3 },
	{ "released", RELEASE, 0, true, 0 },
	{ "the one at the very end", PEEK, 8, true, 4 },
	{ "released", RELEASE, 0, true, 0 },
	{ "the one after the turn", PEEK, 10, true, 5 },
	{ "released", RELEASE, 0, true, 0 },
	{ "the ring is empty", PEEK, 0, false, 0 },
	{ "a record is reserved with room to spare", RESERVE, 16, true, 0 }, /* 24..48 */
	{ "and trimmed", TRIM, 3, true, 0 },				     /* 24..40 */
	{ "one more record", RESERVE, 1, true, 0 },			     /* 40..56 */
	{ "published", PUBLISH, 0, true, 0 },
	{ "the trimmed one has its new length", PEEK, 3, true, 6 },
	{ "released", RELEASE, 0, true, 0 },
	{ "a gap is left at the end", RESERVE, 9, true, 0 }, /* 0..24, the gap is 56..64 */
	{ "trimmed to nothing it is still a record", TRIM, 0, true, 0 }, /* 0..8 */
	{ "published", PUBLISH, 0, true, 0 },
	{ "the one before the gap", PEEK, 1, true, 7 },
	{ "released", RELEASE, 0, true, 0 },
	{ "the one behind the gap", PEEK, 0, true, 8 },
	{ "released", RELEASE, 0, true, 0 },
	{ "empty at last", PEEK, 0, false, 0 },
};

static bool take_step(struct ring *ring, size_t i, uint8_t *reserved)
{
	struct bytes record;
	uint8_t *room;

	switch (steps[i].step) {
	case RESERVE:
		room = ring_reserve(ring, steps[i].len);
		if (!room)
			return false;
		assert_int_equal((uintptr_t)room % 8, 0);
		memset(room, ++*reserved, steps[i].len);
		return true;
	case TRIM: ring_trim(ring, steps[i].len); return true;
	case PUBLISH: return ring_publish(ring);
	case PEEK:
		if (!ring_peek(ring, &record))
			return false;
		if (record.len != steps[i].len)
			fail_msg("%s: %zu bytes", steps[i].what, record.len);
		for (size_t n = 0; n < record.len; n++)
			if (record.data[n] != steps[i].number)
				fail_msg("%s: record %u", steps[i].what, record.data[n]);
		return true;
	case RELEASE: ring_release(ring); return true;
	}
	abort();
}

static void records_go_round(void **state)
{
	struct ring *ring = ring_new(50); /* rounded up */
	uint8_t reserved = 0;

	assert_non_null(ring);
	assert_int_equal(ring_max_record(ring), 16);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if (take_step(ring, i, &reserved) != steps[i].works)
			fail_msg("%s: not so", steps[i].what);
	ring_free(ring);
}

static void a_largest_record_fits_into_an_empty_ring_wherever_it_stands(void **state)
{
	for (size_t offset = 0; offset < 1024; offset += 8) {
		struct ring *ring = ring_new(1024);
		struct bytes record;

		for (size_t at = 0; at < offset; at += 8) {
			assert_non_null(ring_reserve(ring, 0));
			assert_true(ring_publish(ring));
			assert_true(ring_peek(ring, &record));
			ring_release(ring);
		}
		uint8_t *room = ring_reserve(ring, 256);
		if (!room)
			fail_msg("no room at %zu", offset);
		memset(room, 1, 256);
		ring_publish(ring);
		assert_true(ring_peek(ring, &record));
		assert_int_equal(record.len, 256);
		assert_ptr_equal(record.data, room);
		ring_free(ring);
	}
}

/* On a ring of 1024 bytes; each record costs 8 bytes more than its length. */
static void half_a_ring_is_told(void **state)
{
	static const struct {
		const char *what;
		size_t before; /* bytes that went through the ring already */
		size_t lens[4];
		unsigned count, released;
		bool half_full;
	} rows[] = {
		{ "a new ring", 0, { 0 }, 0, 0, false },
		{ "8 bytes less than half", 0, { 248, 240 }, 2, 0, false },
		{ "exactly half", 0, { 248, 248 }, 2, 0, true },
		{ "more than half", 0, { 248, 248, 248 }, 3, 0, true },
		{ "all of it", 0, { 248, 248, 248, 248 }, 4, 0, true },
		{ "half, and some is given back", 0, { 248, 248 }, 2, 1, false },
		{ "more than half, and half is left", 0, { 248, 248, 248 }, 3, 1, true },
		{ "all is given back", 0, { 248, 248, 248, 248 }, 4, 4, false },
		{ "8 bytes less than half, round the end", 768, { 248, 240 }, 2, 0, false },
		{ "half, round the end", 768, { 248, 248 }, 2, 0, true },
		{ "the gap before the end counts too", 920, { 248, 152 }, 2, 0, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ring *ring = ring_new(1024);
		struct bytes record;

		for (size_t at = 0; at < rows[i].before; at += 8) {
			assert_non_null(ring_reserve(ring, 0));
			ring_publish(ring);
			assert_true(ring_peek(ring, &record));
			ring_release(ring);
		}
		for (unsigned n = 0; n < rows[i].count; n++)
			assert_non_null(ring_reserve(ring, rows[i].lens[n]));
		ring_publish(ring);
		for (unsigned n = 0; n < rows[i].released; n++) {
			assert_true(ring_peek(ring, &record));
			ring_release(ring);
		}
		if (ring_half_full(ring) != rows[i].half_full)
			fail_msg("%s: half full is %d", rows[i].what, !rows[i].half_full);
		ring_free(ring);
	}
}

static void freeing_nothing_is_fine_and_the_impossible_is_refused(void **state)
{
	ring_free(NULL);
	assert_null(ring_new(SIZE_MAX));
	assert_null(ring_new(SIZE_MAX / 2 + 2));
}

#define STRESS_RECORDS 300000u

/* Lengths and contents follow from the record's number alone, so both threads know them. */
static size_t stress_len(uint32_t number)
{
	uint32_t mixed = number * 2654435761u;

	return number % 97 == 0 ? 1024 : mixed >> 24;
}

static void *stress_write(void *argument)
{
	struct ring *ring = argument;

	for (uint32_t number = 0; number < STRESS_RECORDS; number++) {
		size_t len = stress_len(number), spare = number % 3 == 0 ? 16 : 0;
		uint8_t *room;

		if (len + spare > ring_max_record(ring))
			spare = 0;
		while (!(room = ring_reserve(ring, len + spare))) {
			ring_publish(ring);
			sched_yield();
		}
		memset(room, (int)(number & 0xff), len);
		if (spare > 0)
			ring_trim(ring, len);
		if (number % 7 == 0) /* several records become visible at once */
			ring_publish(ring);
	}
	ring_publish(ring);
	return NULL;
}

static void two_threads_pass_every_record_in_order(void **state)
{
	struct ring *ring = ring_new(4096);
	pthread_t writer;

	assert_int_equal(pthread_create(&writer, NULL, stress_write, ring), 0);
	for (uint32_t number = 0; number < STRESS_RECORDS; number++) {
		struct bytes record;

		while (!ring_peek(ring, &record))
			sched_yield();
		if (record.len != stress_len(number))
			fail_msg("record %u has %zu bytes", number, record.len);
		for (size_t i = 0; i < record.len; i++)
			if (record.data[i] != (number & 0xff))
				fail_msg("record %u: byte %zu is %u", number, i, record.data[i]);
		ring_release(ring);
	}
	pthread_join(writer, NULL);
	struct bytes none;
	assert_false(ring_peek(ring, &none));
	ring_free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_go_round),
		cmocka_unit_test(a_largest_record_fits_into_an_empty_ring_wherever_it_stands),
		cmocka_unit_test(half_a_ring_is_told),
		cmocka_unit_test(freeing_nothing_is_fine_and_the_impossible_is_refused),
		cmocka_unit_test(two_threads_pass_every_record_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
