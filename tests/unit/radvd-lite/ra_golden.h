/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/radvd-lite/ra_golden.h
 *
 * Messages and what they say, both ways: each row is built and compared byte by byte, parsed and
 * compared field by field, cut at every length, and built into too little room.
 */
#ifndef TESTS_UNIT_RADVD_LITE_RA_GOLDEN_H
#define TESTS_UNIT_RADVD_LITE_RA_GOLDEN_H

#include "tests/unit/radvd-lite/ra_equal.h"
#include "tests/unit/radvd-lite/ra_rows.h"

struct golden {
	const char *what;
	struct ra ra;
	const char *message; /* hex */
};

static inline void golden_built(const struct golden *golden, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t built[4096], wanted[4096];
		struct writer w = writer_over(built, sizeof(built));

		ra_build(&golden[i].ra, &w);
		long at = first_difference(writer_bytes(&w),
					   hex(golden[i].message, wanted, sizeof(wanted)));
		if (w.full || at >= 0)
			fail_msg("%s: full=%d, byte %ld differs", golden[i].what, w.full, at);
	}
}

static inline void golden_parsed(const struct golden *golden, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t buffer[4096];
		struct ra ra;

		if (!ra_parse(hex(golden[i].message, buffer, sizeof(buffer)), &ra))
			fail_msg("%s: refused", golden[i].what);
		if (!ra_equal(&ra, &golden[i].ra))
			fail_msg("%s: says something else", golden[i].what);
	}
}

/* RFC 4861 6.1.2: of a cut message nothing counts, unless the cut is between two options. */
static inline void golden_cut(const struct golden *golden, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t buffer[4096];
		struct bytes whole = hex(golden[i].message, buffer, sizeof(buffer));
		size_t border = 16;

		for (size_t len = 0; len < whole.len; len++) {
			uint8_t *cut =
				malloc(len + 1); /* of its own, so a sanitizer sees the end */
			struct ra ra, nothing = { 0 };

			assert_non_null(cut);
			memcpy(cut, whole.data, len);
			bool ok = ra_parse((struct bytes) { .data = cut, .len = len }, &ra);
			free(cut);
			if (ok != (len == border) || (!ok && !ra_equal(&ra, &nothing)))
				fail_msg("%s: cut to %zu bytes, ok=%d", golden[i].what, len, ok);
			if (len == border)
				border += whole.data[len + 1] * 8u;
		}
	}
}

/* A writer that is too small, by any number of bytes, is full and never overrun. */
static inline void golden_small(const struct golden *golden, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t buffer[4096];
		size_t len = hex(golden[i].message, buffer, sizeof(buffer)).len;

		for (size_t cap = 0; cap <= len; cap++) {
			uint8_t *room = malloc(cap + 1);
			assert_non_null(room);
			struct writer w = writer_over(room, cap);

			ra_build(&golden[i].ra, &w);
			free(room);
			if (w.full != (cap < len))
				fail_msg("%s: full=%d with room for %zu of %zu bytes",
					 golden[i].what, w.full, cap, len);
		}
	}
}

static inline void golden_check(const struct golden *golden, size_t count)
{
	golden_built(golden, count);
	golden_parsed(golden, count);
	golden_cut(golden, count);
	golden_small(golden, count);
}

#endif
