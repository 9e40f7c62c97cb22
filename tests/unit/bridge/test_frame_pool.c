/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_frame_pool.c - sizes of blocks, bounds, nothing allocated twice. */
#include "bridge/frame_pool.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"

#define MANY 4096
#define MEGABYTE (1u << 20)

static void a_block_holds_what_was_asked_for(void **state)
{
	static const struct {
		size_t len, cost;
	} rows[] = {
		{ 0, 256 },	  { 1, 256 },	    { 256, 256 },     { 257, 2048 },
		{ 2048, 2048 },	  { 2049, 8192 },   { 8192, 8192 },   { 8193, 32768 },
		{ 32768, 32768 }, { 32769, 67584 }, { 67584, 67584 },
	};
	struct frame_pool *pool = frame_pool_new(MEGABYTE);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		void *block = frame_pool_take(pool, rows[i].len);

		assert_non_null(block);
		memset(block, 0xee, rows[i].cost); /* the sanitizer looks on */
		assert_int_equal(frame_pool_cost(rows[i].len), rows[i].cost);
		assert_int_equal(frame_pool_used(pool), rows[i].cost);
		assert_int_equal(frame_pool_left(pool), MEGABYTE - rows[i].cost);
		frame_pool_give(pool, block, rows[i].len);
		assert_int_equal(frame_pool_used(pool), 0);
	}
	assert_null(frame_pool_take(pool, FRAME_POOL_BLOCK_MAX + 1));
	frame_pool_give(pool, NULL, 1);
	assert_int_equal(frame_pool_used(pool), 0);
	frame_pool_free(pool);
	frame_pool_free(NULL);
}

static void what_is_out_is_bounded(void **state)
{
	static const size_t lens[] = { 1, 2000, 5000, 20000, FRAME_POOL_BLOCK_MAX };
	static void *block[MANY];

	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		struct frame_pool *pool = frame_pool_new(MEGABYTE);
		size_t count = 0, cost = frame_pool_cost(lens[i]);

		while (count < MANY && (block[count] = frame_pool_take(pool, lens[i])))
			count++;
		assert_int_equal(count, MEGABYTE / cost);
		assert_true(frame_pool_left(pool) < cost);
		frame_pool_give(pool, block[--count], lens[i]);
		assert_non_null(block[count] = frame_pool_take(pool, lens[i]));
		for (size_t n = 0; n <= count; n++)
			frame_pool_give(pool, block[n], lens[i]);
		assert_int_equal(frame_pool_used(pool), 0);
		frame_pool_free(pool);
	}
}

static void what_comes_back_is_used_again(void **state)
{
	struct frame_pool *pool = frame_pool_new(MEGABYTE);
	void *one = frame_pool_take(pool, 1500), *two = frame_pool_take(pool, 1500);

	assert_ptr_not_equal(one, two);
	frame_pool_give(pool, one, 1500);
	assert_int_equal(frame_pool_kept(pool), 2048);
	assert_ptr_equal(frame_pool_take(pool, 300), one); /* of the same kind */
	assert_int_equal(frame_pool_kept(pool), 0);
	frame_pool_give(pool, one, 300);
	frame_pool_give(pool, two, 1500);
	frame_pool_free(pool);
}

static void take_and_give(struct frame_pool *pool, size_t len, size_t count)
{
	static void *block[MANY * 8];

	for (size_t i = 0; i < count; i++)
		assert_non_null(block[i] = frame_pool_take(pool, len));
	for (size_t i = 0; i < count; i++)
		frame_pool_give(pool, block[i], len);
}

static size_t allocated(void)
{
	return mallinfo2().uordblks + mallinfo2().hblkhd; /* 0 under AddressSanitizer */
}

/* The latest kind is kept, whatever was before. */
static void what_is_kept_is_bounded(void **state)
{
	static const size_t lens[] = { 200, FRAME_POOL_BLOCK_MAX, 2000, 30000, 8000, 200 };
	size_t before = allocated();
	struct frame_pool *pool = frame_pool_new(64 * MEGABYTE);

	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		size_t cost = frame_pool_cost(lens[i]);

		take_and_give(pool, lens[i], 2 * FRAME_POOL_KEEP_BYTES / cost);
		assert_int_equal(frame_pool_used(pool), 0);
		assert_in_range(frame_pool_kept(pool), FRAME_POOL_KEEP_BYTES - cost + 1,
				FRAME_POOL_KEEP_BYTES);
		assert_true(allocated() <= before + FRAME_POOL_KEEP_BYTES * 9 / 8);
	}
	frame_pool_free(pool);
	assert_true(allocated() <= before);
}

/* A second round of the same frames allocates nothing. */
static void a_steady_stream_allocates_nothing(void **state)
{
	struct frame_pool *pool = frame_pool_new(64 * MEGABYTE);
	size_t count = FRAME_POOL_KEEP_BYTES / 4 / FRAME_POOL_BLOCK_MAX;

	take_and_give(pool, FRAME_POOL_BLOCK_MAX, count);
	take_and_give(pool, 1500, 500);

	size_t kept = frame_pool_kept(pool);

	for (unsigned round = 0; round < 10; round++) {
		take_and_give(pool, FRAME_POOL_BLOCK_MAX, count);
		take_and_give(pool, 1500, 500);
		assert_int_equal(frame_pool_kept(pool), kept);
	}
	frame_pool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_holds_what_was_asked_for),
		cmocka_unit_test(what_is_out_is_bounded),
		cmocka_unit_test(what_comes_back_is_used_again),
		cmocka_unit_test(what_is_kept_is_bounded),
		cmocka_unit_test(a_steady_stream_allocates_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
