/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_sync.h
 *
 * The disk's part of a commit, in a thread of its own, so that its owner's loop never waits for it:
 * the owner commits through a connection that does not sync (state_open_beside), begins, and tells
 * nobody of what it has committed before the result is there.  Now and then that thread also moves
 * what the log (WAL) holds into the file.
 *
 * One at a time: what changes meanwhile is for the next commit, so that commits become larger by
 * themselves where the disk is slow.
 */
#ifndef SERVER_STATE_SYNC_H
#define SERVER_STATE_SYNC_H

#include <uv.h>

#include "server/state.h"

struct state_sync;

/* On the loop's thread: there is a result to be taken, or it is free again. */
typedef void (*state_sync_news)(void *owner);

/* `beside`: of state_open_beside, whose commits are synced; it must outlive this.  NULL and a
 * sentence. */
struct state_sync *state_sync_open(struct state *beside, uv_loop_t *loop, state_sync_news news,
				   void *owner, struct err *err);
/* What was begun is on disk, or never will be, when this returns; the loop must run once more.  NULL
 * is fine. */
void state_sync_close(struct state_sync *sync);

/* All that is committed by now goes to disk.  Not while the result of the one before is not taken. */
void state_sync_begin(struct state_sync *sync);

enum state_synced {
	STATE_SYNC_NONE, /* it is under way, or there was none */
	STATE_SYNC_DONE,
	STATE_SYNC_FAILED, /* and a sentence */
};
/* Once for each.  `wait`: not "under way". */
enum state_synced state_sync_take(struct state_sync *sync, bool wait, struct err *err);

/* Nothing is under way, nor is there a result to be taken. */
bool state_sync_is_free(struct state_sync *sync);

/*
 * After a failure, before anything else is committed: what is in the log may be lost even if a later
 * sync succeeds (the kernel tells of a page that it could not write once, and forgets).  So all of it
 * goes into the file, and the log begins anew.  0 if nothing has failed.
 */
int state_sync_repair(struct state_sync *sync, struct err *err);
bool state_sync_is_doubtful(const struct state_sync *sync);

#endif
