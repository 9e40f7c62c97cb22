/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_state_memory.c - of SQLite's memory that was freed, some is kept for the next
 * piece: not what was in it, and not without end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "base/bytes.h"
#include "server/state_memory.h"

#define MANY 40
#define KEPT 32
#define HEADER 16 /* in front of a piece, which begins with a page */

static void a_page_that_is_kept_is_empty(void **unused)
{
	static const int sizes[] = { 4096, 5000, 8192 - HEADER };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		char *first = sqlite3_malloc(sizes[i]);

		assert_non_null(first);
		memset(first, 'k', (size_t)sizes[i]);
		sqlite3_free(first);
		char *next = sqlite3_malloc(sizes[i]);
		assert_ptr_equal(next, first);
		for (int at = 0; at < sizes[i]; at++)
			if (next[at] != 0)
				fail_msg("%d bytes: byte %d is still there", sizes[i], at);
		sqlite3_free(next);
	}
}

static bool is_mapped(char *memory)
{
	return msync(memory - HEADER, 4096, MS_ASYNC) == 0;
}

static void so_many_are_kept(void **unused)
{
	char *piece[MANY];
	unsigned mapped = 0;

	for (unsigned i = 0; i < MANY; i++) {
		piece[i] = sqlite3_malloc(5000);
		assert_true(piece[i] && is_mapped(piece[i]));
	}
	for (unsigned i = 0; i < MANY; i++)
		sqlite3_free(piece[i]);
	for (unsigned i = 0; i < MANY; i++)
		mapped += is_mapped(piece[i]);
	assert_int_equal(mapped, KEPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_that_is_kept_is_empty),
		cmocka_unit_test(so_many_are_kept),
	};

	state_memory_guard();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
