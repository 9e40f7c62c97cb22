/* SPDX-License-Identifier: Apache-2.0 */
/* base/program.h
 *
 * Runs one program of the system to its end: without a shell, found by its absolute path, with
 * an environment of PATH alone, and not for longer than its limit.
 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include <uv.h>

#include "base/bytes.h"
#include "base/err.h"

#define PROGRAM_PATH 256 /* of its file, with the NUL */
#define PROGRAM_OUTPUT 200
#define PROGRAM_LIMIT_MS 5000

struct program;

/*
 * The first executable file `name` in the folders of `search` (with ':' between them, like
 * PATH); folders that are not absolute are passed over.  False: there is none.
 */
bool program_find(const char *search, const char *name, char file[static PROGRAM_PATH]);

struct program_call {
	char *const
		*argv; /* argv[0]: the file's absolute path; ends with NULL; copied by the kernel */
	const char *input;  /* its standard input; NULL: nothing */
	const char *search; /* its PATH */
	uint32_t limit_ms;  /* then it is killed, with all that it started */
};

/*
 * The program ended: `err` is NULL if it did so with status 0, else it says what went wrong,
 * with the first line that it wrote.  The struct program is then gone.
 */
typedef void (*program_done)(void *owner, const struct err *err);

/* -1 and a sentence if it does not start; `done` is then not called. */
int program_run(uv_loop_t *loop, const struct program_call *call, program_done done, void *owner,
		struct err *err);

#endif
