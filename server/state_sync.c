/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_sync.c - a thread that waits for the disk.
 *
 * A commit with synchronous=NORMAL only writes to the log: SQLite syncs that before it moves
 * anything from it into the file, so the file is never damaged; what FULL adds is the one call that
 * is made here.  A log that ends in the middle of a transaction ends before it, and transactions are
 * in order there: what was synced is never lost by what comes after it.
 *
 * https://sqlite.org/wal.html, https://sqlite.org/pragma.html#pragma_synchronous
 */
#include "server/state_sync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/state_private.h"

#define PAGES_MOVED 1000 /* in the log: they go into the file, as SQLite does it by itself */
#define PAGES_MOST 4000	 /* somebody reads an old state for long: as before, in his commit */

enum phase { FREE, BEGUN, OVER };

struct state_sync {
	struct state *beside;
	struct state *mover; /* the thread's own connection */
	int fd;		     /* of the log */
	uv_thread_t thread;
	uv_mutex_t lock;
	uv_cond_t changed;
	uv_async_t wake;
	bool has_lock, has_changed, has_wake, has_thread;
	state_sync_news news;
	void *owner;
	/* the loop's thread only */
	int pages; /* in the log */
	bool doubtful;
	/* under the lock */
	bool ending, move, moving;
	enum phase phase;
	int error; /* errno, or 0 */
};

/* ---- the thread ---- */

static void set_phase(struct state_sync *sync, enum phase phase)
{
	sync->phase = phase;
	uv_cond_broadcast(&sync->changed);
}

/* What cannot be moved now stays in the log, and is as durable there. */
static void move_pages(struct state_sync *sync)
{
	uv_mutex_unlock(&sync->lock);
	(void)sqlite3_wal_checkpoint_v2(sync->mover->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL,
					NULL);
	uv_mutex_lock(&sync->lock);
	sync->moving = false;
	uv_async_send(&sync->wake);
}

static void run(void *argument)
{
	struct state_sync *sync = argument;

	uv_mutex_lock(&sync->lock);
	while (true) {
		while (sync->phase != BEGUN && !sync->ending)
			uv_cond_wait(&sync->changed, &sync->lock);
		if (sync->phase != BEGUN)
			break;
		uv_mutex_unlock(&sync->lock);
		int error = fdatasync(sync->fd) < 0 ? errno : 0;
		uv_mutex_lock(&sync->lock);
		sync->error = error;
		sync->moving = sync->move && error == 0;
		set_phase(sync, OVER);
		uv_async_send(&sync->wake);
		if (sync->moving)
			move_pages(sync);
	}
	uv_mutex_unlock(&sync->lock);
}

/* ---- its owner's side ---- */

static void on_wake(uv_async_t *wake)
{
	struct state_sync *sync = wake->data;

	sync->news(sync->owner);
}

static int on_commit(void *owner, sqlite3 *db, const char *name, int pages)
{
	struct state_sync *sync = owner;

	sync->pages = pages;
	if (pages >= PAGES_MOST) /* what it cannot do now, it does the next time */
		(void)sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return SQLITE_OK;
}

void state_sync_begin(struct state_sync *sync)
{
	uv_mutex_lock(&sync->lock);
	sync->move = sync->pages >= PAGES_MOVED;
	set_phase(sync, BEGUN);
	uv_mutex_unlock(&sync->lock);
}

enum state_synced state_sync_take(struct state_sync *sync, bool wait, struct err *err)
{
	enum state_synced result = STATE_SYNC_NONE;

	uv_mutex_lock(&sync->lock);
	while (wait && sync->phase == BEGUN)
		uv_cond_wait(&sync->changed, &sync->lock);
	if (sync->phase == OVER) {
		result = sync->error == 0 ? STATE_SYNC_DONE : STATE_SYNC_FAILED;
		errno = sync->error;
		set_phase(sync, FREE);
	}
	uv_mutex_unlock(&sync->lock);
	if (result == STATE_SYNC_FAILED) {
		sync->doubtful = true;
		err_errno(err, "%s: cannot write to its log", sync->beside->path);
	}
	return result;
}

bool state_sync_is_free(struct state_sync *sync)
{
	uv_mutex_lock(&sync->lock);
	bool is_free = sync->phase == FREE && !sync->moving;
	uv_mutex_unlock(&sync->lock);
	return is_free;
}

int state_sync_repair(struct state_sync *sync, struct err *err)
{
	if (!sync->doubtful)
		return 0;
	if (sqlite3_wal_checkpoint_v2(sync->beside->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL,
				      NULL) != SQLITE_OK)
		return state_fail(sync->beside, err, "write to it");
	sync->doubtful = false;
	return 0;
}

bool state_sync_is_doubtful(const struct state_sync *sync)
{
	return sync->doubtful;
}

/* ---- from start to end ---- */

/* The log may be new: its name is to be there as well. */
static int sync_folder(const char *path, struct err *err)
{
	char folder[300];

	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int failed = fd < 0 || fsync(fd) < 0 ? err_errno(err, "cannot sync %s", folder) : 0;
	if (fd >= 0)
		close(fd);
	return failed;
}

static int start(struct state_sync *sync, uv_loop_t *loop, struct err *err)
{
	sync->mover = state_open_beside(sync->beside, err);
	if (!sync->mover)
		return -1;
	/* a lock of SQLite's on this file would be lost with any descriptor of it; it has none */
	sync->fd = open(sqlite3_filename_wal(sqlite3_db_filename(sync->beside->db, "main")),
			O_RDONLY | O_CLOEXEC);
	if (sync->fd < 0)
		return err_errno(err, "%s: cannot open its log", sync->beside->path);
	if (sync_folder(sync->beside->path, err) < 0)
		return -1;
	sync->has_lock = uv_mutex_init(&sync->lock) == 0;
	sync->has_changed = uv_cond_init(&sync->changed) == 0;
	sync->has_wake = uv_async_init(loop, &sync->wake, on_wake) == 0;
	sync->wake.data = sync;
	if (sync->has_lock && sync->has_changed && sync->has_wake)
		sync->has_thread = uv_thread_create(&sync->thread, run, sync) == 0;
	if (!sync->has_thread)
		return err_set(err, "cannot make a thread for the disk");
	sqlite3_wal_hook(sync->beside->db, on_commit, sync);
	return 0;
}

struct state_sync *state_sync_open(struct state *beside, uv_loop_t *loop, state_sync_news news,
				   void *owner, struct err *err)
{
	struct state_sync *sync = calloc(1, sizeof(*sync));

	if (!sync) {
		err_set(err, "out of memory");
		return NULL;
	}
	sync->beside = beside;
	sync->fd = -1;
	sync->news = news;
	sync->owner = owner;
	if (start(sync, loop, err) == 0)
		return sync;
	state_sync_close(sync);
	return NULL;
}

static void on_closed(uv_handle_t *wake)
{
	free(wake->data);
}

static void end_thread(struct state_sync *sync)
{
	uv_mutex_lock(&sync->lock);
	sync->ending = true;
	uv_cond_broadcast(&sync->changed);
	uv_mutex_unlock(&sync->lock);
	uv_thread_join(&sync->thread);
	sqlite3_wal_hook(sync->beside->db, NULL, NULL);
}

void state_sync_close(struct state_sync *sync)
{
	if (!sync)
		return;
	if (sync->has_thread)
		end_thread(sync);
	if (sync->has_changed)
		uv_cond_destroy(&sync->changed);
	if (sync->has_lock)
		uv_mutex_destroy(&sync->lock);
	if (sync->fd >= 0)
		close(sync->fd);
	state_close(sync->mover);
	if (sync->has_wake)
		uv_close((uv_handle_t *)&sync->wake, on_closed);
	else
		free(sync);
}
