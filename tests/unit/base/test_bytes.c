/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/test_bytes.c
 *
 * The cursors of base/bytes.h: every width, the exact end, and that a failure sticks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/bytes.h"

static const uint8_t counting[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

static uint64_t read_width(struct reader *r, unsigned width)
{
	switch (width) {
	case 1: return reader_u8(r);
	case 2: return reader_u16(r);
	case 3: return reader_u24(r);
	case 4: return reader_u32(r);
	case 8: return reader_u64(r);
	}
	abort();
}

static void write_width(struct writer *w, unsigned width, uint64_t v)
{
	switch (width) {
	case 1: writer_u8(w, (uint8_t)v); return;
	case 2: writer_u16(w, (uint16_t)v); return;
	case 3: writer_u24(w, (uint32_t)v); return;
	case 4: writer_u32(w, (uint32_t)v); return;
	case 8: writer_u64(w, v); return;
	}
	abort();
}

static const struct {
	unsigned width;
	uint64_t number;
} widths[] = {
	{ 1, 0x01 }, { 2, 0x0102 }, { 3, 0x010203 }, { 4, 0x01020304 }, { 8, 0x0102030405060708 },
};

/* An exact copy on the heap, so that a step too far is seen by the address sanitizer. */
static uint8_t *exact(size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	memcpy(copy, counting, len);
	return copy;
}

static void numbers_are_big_endian_and_end_where_the_bytes_end(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(widths); i++) {
		unsigned width = widths[i].width;

		for (unsigned len = 0; len <= width; len++) {
			uint8_t *data = exact(len);
			struct reader r = reader_over((struct bytes) { data, len });
			uint64_t number = read_width(&r, width);

			if (r.bad != (len < width) || r.left != 0)
				fail_msg("%u of %u bytes: bad=%d left=%zu", len, width, r.bad,
					 r.left);
			if (!r.bad && number != widths[i].number)
				fail_msg("%u bytes read as %llx", width,
					 (unsigned long long)number);
			free(data);
		}
	}
}

static void a_failed_reader_stays_failed(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(widths); i++) {
		struct reader r = reader_over((struct bytes) { counting, sizeof(counting) });
		uint8_t copied[4] = { 9, 9, 9, 9 };

		assert_null(reader_take(&r, sizeof(counting) + 1));
		assert_true(r.bad);
		assert_int_equal(r.left, 0);
		/* What was left before the step too far is not given out any more. */
		assert_int_equal(read_width(&r, widths[i].width), 0);
		reader_copy(&r, copied, sizeof(copied));
		assert_memory_equal(copied, "\0\0\0\0", 4);
		assert_null(reader_take(&r, 0));
		assert_int_equal(reader_rest(&r).len, 0);
		struct reader sub = reader_sub(&r, 0);
		assert_true(sub.bad);
		assert_int_equal(sub.left, 0);
		assert_true(r.bad);
	}
}

static void a_number_of_which_half_is_there_fails(void **state)
{
	struct reader r = reader_over((struct bytes) { counting, 3 });

	reader_u32(&r); /* the high half is there, the low half is not */
	assert_true(r.bad);
	assert_int_equal(reader_u8(&r), 0);
}

static void a_sub_reader_ends_with_its_part(void **state)
{
	struct reader r = reader_over((struct bytes) { counting, 6 });
	struct reader sub = reader_sub(&r, 2);

	assert_int_equal(reader_u16(&sub), 0x0102);
	reader_u8(&sub);
	assert_true(sub.bad); /* and the outer one is not */
	assert_false(r.bad);
	assert_int_equal(reader_u8(&r), 3);

	sub = reader_sub(&r, 4); /* three are left */
	assert_true(sub.bad);
	assert_true(r.bad);
}

static void a_copied_reader_is_look_ahead(void **state)
{
	struct reader r = reader_over((struct bytes) { counting, 2 }), ahead = r;

	reader_u16(&ahead);
	reader_u8(&ahead);
	assert_true(ahead.bad);
	assert_int_equal(reader_u16(&r), 0x0102);
	assert_false(r.bad);
}

static void the_rest_may_be_empty(void **state)
{
	struct reader r = reader_over((struct bytes) { counting, 3 });

	reader_u8(&r);
	struct bytes rest = reader_rest(&r);
	assert_ptr_equal(rest.data, counting + 1);
	assert_int_equal(rest.len, 2);
	rest = reader_rest(&r);
	assert_int_equal(rest.len, 0);
	assert_false(r.bad);

	struct reader nothing = reader_over((struct bytes) { NULL, 0 });
	reader_take(&nothing, 0);
	assert_int_equal(reader_rest(&nothing).len, 0);
	assert_false(nothing.bad);
	assert_int_equal(reader_u8(&nothing), 0);
	assert_true(nothing.bad);
}

static void written_numbers_are_big_endian_and_end_at_the_cap(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(widths); i++) {
		unsigned width = widths[i].width;

		for (unsigned cap = 0; cap <= width; cap++) {
			uint8_t *room = malloc(cap > 0 ? cap : 1);
			struct writer w = writer_over(room, cap);

			write_width(&w, width, widths[i].number);
			if (w.full != (cap < width) || w.len != (w.full ? 0 : width))
				fail_msg("%u into %u bytes: full=%d len=%zu", width, cap, w.full,
					 w.len);
			if (!w.full)
				assert_memory_equal(room, counting, width);
			free(room);
		}
	}
}

static void a_full_writer_stays_full(void **state)
{
	uint8_t room[4] = { 9, 9, 9, 9 };
	struct writer w = writer_over(room, sizeof(room));

	writer_u8(&w, 1);
	writer_u32(&w, 2); /* does not fit */
	assert_true(w.full);
	for (size_t i = 0; i < ARRAY_LEN(widths); i++)
		write_width(&w, widths[i].width, 3); /* some would fit, but must not slip in */
	writer_copy(&w, counting, 1);
	writer_zero(&w, 1);
	assert_null(writer_room(&w, 0));
	assert_true(w.full);
	assert_int_equal(writer_bytes(&w).len, 1);
	assert_memory_equal(room, "\1\11\11\11", 4);
}

static void a_length_is_filled_in_afterwards(void **state)
{
	uint8_t room[16];
	struct writer w = writer_over(room, sizeof(room));

	size_t outer = writer_open(&w);
	writer_u8(&w, 7);
	size_t inner = writer_open(&w);
	writer_copy(&w, counting, 3);
	writer_close(&w, inner);
	writer_close(&w, outer);
	assert_false(w.full);
	assert_int_equal(w.len, 8);
	assert_memory_equal(room, "\0\6\7\0\3\1\2\3", 8);
}

static void a_length_that_has_no_room_or_is_too_large_fails(void **state)
{
	static uint8_t room[2 + UINT16_MAX + 1];
	struct writer w = writer_over(room, 1);

	writer_close(&w, writer_open(&w));
	assert_true(w.full);

	w = writer_over(room, sizeof(room));
	size_t start = writer_open(&w);
	writer_zero(&w, UINT16_MAX);
	writer_close(&w, start);
	assert_false(w.full);
	assert_memory_equal(room, "\xff\xff", 2);

	w = writer_over(room, sizeof(room));
	start = writer_open(&w);
	writer_zero(&w, UINT16_MAX + 1);
	writer_close(&w, start);
	assert_true(w.full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_big_endian_and_end_where_the_bytes_end),
		cmocka_unit_test(a_failed_reader_stays_failed),
		cmocka_unit_test(a_number_of_which_half_is_there_fails),
		cmocka_unit_test(a_sub_reader_ends_with_its_part),
		cmocka_unit_test(a_copied_reader_is_look_ahead),
		cmocka_unit_test(the_rest_may_be_empty),
		cmocka_unit_test(written_numbers_are_big_endian_and_end_at_the_cap),
		cmocka_unit_test(a_full_writer_stays_full),
		cmocka_unit_test(a_length_is_filled_in_afterwards),
		cmocka_unit_test(a_length_that_has_no_room_or_is_too_large_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
