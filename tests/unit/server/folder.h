/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/folder.h
 *
 * For tests of the state file: a folder under /tmp that goes again with all that is in it.
 */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/state.h"

#define FOLDER_PATH 128
#define NOW_S 1790000000ll /* 2026-09-21 */
#define DAY_S 86400ll

static inline void folder_make(char folder[static FOLDER_PATH])
{
	strcpy(folder, "/tmp/lanyard-state-XXXXXX");
	if (!mkdtemp(folder))
		fail_msg("cannot make %s", folder);
}

static inline int folder_remove_one(const char *path, const struct stat *is, int kind,
				    struct FTW *where)
{
	return remove(path);
}

static inline void folder_remove(const char *folder)
{
	assert_int_equal(nftw(folder, folder_remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static inline void must(int result, const struct err *err)
{
	if (result < 0)
		fail_msg("%s", err->text);
}

static inline struct state *must_open(const char *folder)
{
	struct err err = { 0 };
	struct state *state = state_open(folder, &err);

	if (!state)
		fail_msg("%s", err.text);
	return state;
}

#endif
