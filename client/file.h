/* SPDX-License-Identifier: Apache-2.0 */
/* client/file.h
 *
 * Small files with secrets in them, whole: read with a bound, and written so that a crash at any
 * moment leaves the old one or the new one.
 */
#ifndef CLIENT_FILE_H
#define CLIENT_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * A regular file's bytes, with a NUL behind them; `len` of them may be NUL, too.  NULL and a
 * sentence, also if it has more than `max`.  file_forget when done.
 */
char *file_read(const char *path, size_t max, size_t *len, struct err *err);
void file_forget(char *text, size_t len); /* wipes and frees; NULL is fine */

/* A file in the making, beside the one it is for. */
struct file_draft {
	char path[PATH_MAX], draft[PATH_MAX];
	bool over;
	int fd; /* -1: none */
};

/*
 * Makes an empty draft, mode 0600.  `over`: it will replace what is at `path` then, a symbolic
 * link's target, and keep its owner; else there must be nothing (ERR_FAILED), and its folder is
 * made if only that is missing.
 */
int file_draft_begin(struct file_draft *draft, const char *path, bool over, struct err *err);
/* Writes the text and puts it in place, on the disk.  The draft is over, in any case. */
int file_draft_commit(struct file_draft *draft, const char *text, struct err *err);
void file_draft_drop(struct file_draft *draft); /* also after a failed begin, or a commit */

#endif
