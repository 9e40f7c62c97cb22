/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/disk.h
 *
 * A disk for tests of what must be on it: fdatasync is ours here, for SQLite as well.  It can be held,
 * can fail, and can keep a copy of the state file and its log as they are, which is what would be
 * left if the power failed just then.
 */
#ifndef TESTS_DISK_H
#define TESTS_DISK_H

#include <errno.h>
#include <stdatomic.h>
#include <uv.h>

#include "folder.h"

static char folder[FOLDER_PATH]; /* of the state file */

static struct {
	atomic_bool holds, fails;
	const char *_Atomic copy; /* the folder for copies, or NULL */
	atomic_uint log_syncs;
	uv_sem_t held, goes_on;
} disk;

static inline void disk_begin(void)
{
	disk.holds = disk.fails = false;
	disk.copy = NULL;
	disk.log_syncs = 0;
	uv_sem_init(&disk.held, 0);
	uv_sem_init(&disk.goes_on, 0);
}

static inline void disk_end(void)
{
	uv_sem_destroy(&disk.held);
	uv_sem_destroy(&disk.goes_on);
}

/* Until something waits for the held disk. */
static inline void disk_wait_held(void)
{
	uv_sem_wait(&disk.held);
}

static inline void disk_let_go(void)
{
	disk.holds = false;
	uv_sem_post(&disk.goes_on);
}

static inline void disk_copy_file(const char *name)
{
	char command[600];

	snprintf(command, sizeof(command), "cp %s/%s %s/%s", folder, name, disk.copy, name);
	if (system(command) != 0)
		abort();
}

static inline void disk_count(int fd)
{
	char link[32], path[300] = "";

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t len = readlink(link, path, sizeof(path) - 1);
	if (len > 4 && strcmp(path + len - 4, "-wal") == 0)
		disk.log_syncs++;
}

int fdatasync(int fd)
{
	disk_count(fd);
	if (disk.holds) {
		uv_sem_post(&disk.held);
		uv_sem_wait(&disk.goes_on);
	}
	if (disk.fails) {
		errno = EIO;
		return -1;
	}
	if (disk.copy) {
		disk_copy_file("state.db");
		disk_copy_file("state.db-wal");
	}
	return 0;
}

#endif
