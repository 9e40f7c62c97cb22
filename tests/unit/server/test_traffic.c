/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_traffic.c - sums by group: no more of them than there are places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/traffic.h"

static void what_is_new_is_added(void **state)
{
	const struct traffic before = { .rx_bytes = 5, .tx_frames = 1, .drops = { [DROP_RA] = 2 } };
	const struct traffic now = { .rx_bytes = 12, .tx_frames = 1, .drops = { [DROP_RA] = 9 } };
	struct traffic sum = { .rx_bytes = 100, .tx_frames = 3, .drops = { [DROP_RA] = 1 } };

	traffic_add(&sum, &now, &before);
	assert_int_equal(sum.rx_bytes, 107);
	assert_int_equal(sum.tx_frames, 3);
	assert_int_equal(sum.drops[DROP_RA], 8);
}

static void a_group_keeps_its_place_and_late_ones_share_one(void **state)
{
	struct groups groups = { 0 };
	struct group_traffic *place[GROUPS_COUNTED];
	char name[STATE_USER_MAX];

	assert_ptr_equal(groups_place(&groups, GROUP_OTHER), &groups.other);
	assert_int_equal(groups.count, 0);
	for (unsigned i = 0; i < GROUPS_COUNTED; i++) {
		snprintf(name, sizeof(name), "group%u", i);
		name[i > 0 ? sizeof(name) - 1 : 0] = '\0'; /* the first is "": no group */
		place[i] = groups_place(&groups, name);
		assert_string_equal(place[i]->name, name);
		place[i]->sum.rx_bytes = i;
	}
	assert_ptr_equal(groups_place(&groups, "late"), &groups.other);
	assert_ptr_equal(groups_place(&groups, "later"), &groups.other);
	assert_ptr_equal(groups_place(&groups, ""), place[0]);
	assert_ptr_equal(groups_place(&groups, "group7"), place[7]);
	groups.other.sum.rx_bytes = 1000;
	struct traffic sum = groups_sum(&groups);
	assert_int_equal(sum.rx_bytes, 1000 + GROUPS_COUNTED * (GROUPS_COUNTED - 1) / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_new_is_added),
		cmocka_unit_test(a_group_keeps_its_place_and_late_ones_share_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
