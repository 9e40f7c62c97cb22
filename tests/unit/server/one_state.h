/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/one_state.h - for tests that each begin with a new, empty state file. */
#ifndef TESTS_ONE_STATE_H
#define TESTS_ONE_STATE_H

#include "folder.h"

static char folder[FOLDER_PATH];
static struct state *state;

static int one_state_begin(void **unused)
{
	folder_make(folder);
	state = must_open(folder);
	return 0;
}

static int one_state_end(void **unused)
{
	state_close(state);
	folder_remove(folder);
	return 0;
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, one_state_begin, one_state_end)

#endif
