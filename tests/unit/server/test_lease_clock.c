/* SPDX-License-Identifier: Apache-2.0 */
/* What a clock that was set does to leases, by numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "server/lease_clock.h"

#define WALL 1790000000ll

static const struct {
	const char *what;
	bool has_before;
	struct lease_clock before;
	uint64_t newest_s;
	struct lease_clock_reading now;
	int64_t moved_s;
	uint64_t shows_s;
} starts[] = {
	{ "the first start", false, { "", 0 }, 0, { "a", 500, WALL }, 0, WALL },
	{ "a restart",
	  true,
	  { "a", WALL - 500 },
	  WALL - 10,
	  { "a", 600, WALL + 100 },
	  0,
	  WALL + 100 },
	{ "a restart, the time server slewed the clock",
	  true,
	  { "a", WALL - 500 },
	  WALL - 10,
	  { "a", 600, WALL + 107 },
	  0,
	  WALL + 100 },
	{ "a restart, the clock was set ahead while nothing ran",
	  true,
	  { "a", WALL - 500 },
	  WALL - 10,
	  { "a", 600, WALL + 100 + 86400 },
	  86400,
	  WALL + 100 + 86400 },
	{ "a restart, the clock was set back while nothing ran",
	  true,
	  { "a", WALL - 500 },
	  WALL - 10,
	  { "a", 600, WALL + 100 - 86400 },
	  -86400,
	  WALL + 100 - 86400 },
	{ "a reboot", true, { "a", WALL - 500 }, WALL - 10, { "b", 20, WALL + 90 }, 0, WALL + 90 },
	{ "a reboot of a machine whose clock stood still, to the second of the latest lease",
	  true,
	  { "a", WALL - 500 },
	  WALL,
	  { "b", 20, WALL },
	  0,
	  WALL },
	{ "a reboot without a battery: 1970",
	  true,
	  { "a", WALL - 500 },
	  WALL - 10,
	  { "b", 20, 20 },
	  -(WALL - 10 - 20),
	  20 },
	{ "leases but no note of a clock",
	  false,
	  { "", 0 },
	  WALL + 3600,
	  { "b", 20, WALL },
	  -3600,
	  WALL },
	{ "a kernel that does not tell boots apart",
	  true,
	  { "", WALL - 500 },
	  WALL - 10,
	  { "", 600, WALL + 86400 },
	  0,
	  WALL + 86400 },
};

static void what_was_set_before_a_start_is_noticed(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		struct lease_clock clock;
		int64_t moved_s =
			lease_clock_start(&clock, starts[i].has_before ? &starts[i].before : NULL,
					  starts[i].newest_s, &starts[i].now);

		if (moved_s != starts[i].moved_s ||
		    lease_clock_now(&clock, &starts[i].now) != starts[i].shows_s)
			fail_msg("%s: moved %lld s, shows %llu", starts[i].what, (long long)moved_s,
				 (unsigned long long)lease_clock_now(&clock, &starts[i].now));
		assert_string_equal(clock.boot, starts[i].now.boot);
	}
}

static void what_is_set_while_we_run_is_noticed_once(void **state)
{
	struct lease_clock_reading now = { "a", 100, WALL };
	struct lease_clock clock;

	assert_int_equal(lease_clock_start(&clock, NULL, 0, &now), 0);
	now = (struct lease_clock_reading) { "a", 110, WALL + 20 };
	assert_int_equal(lease_clock_check(&clock, &now), 0); /* 10 s of drift are none */
	assert_int_equal(lease_clock_now(&clock, &now), WALL + 10);
	now.wall_s++;
	assert_int_equal(lease_clock_check(&clock, &now), 11);
	assert_int_equal(lease_clock_check(&clock, &now), 0);
	now.wall_s -= 3600;
	assert_int_equal(lease_clock_check(&clock, &now), -3600);
	assert_int_equal(lease_clock_now(&clock, &now), (uint64_t)now.wall_s);
}

static void it_is_kept_as_text(void **state)
{
	struct lease_clock clock = { "2d5f1b3e-0000-4000-8000-000000000001", -12 }, read;
	char text[LEASE_CLOCK_TEXT];

	assert_true(lease_clock_parse(lease_clock_text(&clock, text), &read));
	assert_int_equal(read.offset_s, -12);
	assert_string_equal(read.boot, clock.boot);
	clock.boot[0] = '\0';
	assert_true(lease_clock_parse(lease_clock_text(&clock, text), &read));
	assert_string_equal(read.boot, "");
	assert_false(lease_clock_parse("", &read));
	assert_false(lease_clock_parse("boot", &read));
}

static void the_kernel_is_read(void **state)
{
	struct lease_clock_reading with, without;

	lease_clock_read(&with);
	lease_clock_read_now(&without);
	assert_int_equal(strlen(with.boot), 36);
	assert_string_equal(without.boot, "");
	assert_in_range(without.boot_s - with.boot_s, 0, 10);
	assert_in_range(without.wall_s - with.wall_s, 0, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_set_before_a_start_is_noticed),
		cmocka_unit_test(what_is_set_while_we_run_is_noticed_once),
		cmocka_unit_test(it_is_kept_as_text),
		cmocka_unit_test(the_kernel_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
