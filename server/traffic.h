/* SPDX-License-Identifier: Apache-2.0 */
/* server/traffic.h
 *
 * What went through clients' ports since the server began, by group: also of those that have left,
 * so that no sum ever falls.  Control thread only.
 *
 * A group has a place of its own from its first client on, as long as there is one; what all others
 * have is one sum, under the name "other".
 */
#ifndef SERVER_TRAFFIC_H
#define SERVER_TRAFFIC_H

#include <stdint.h>

#include "bridge/drop.h"
#include "server/state.h"

#define GROUPS_COUNTED 32
#define GROUP_OTHER "other"

struct traffic {
	uint64_t rx_bytes, tx_bytes, rx_frames, tx_frames;
	uint64_t drops[DROP_REASONS];
};

/* sum += now - before */
void traffic_add(struct traffic *sum, const struct traffic *now, const struct traffic *before);

struct group_traffic {
	char name[STATE_USER_MAX]; /* "": of those in no group */
	unsigned clients;	   /* only in groups_now */
	struct traffic sum;
};

struct groups {
	unsigned count;
	struct group_traffic group[GROUPS_COUNTED], other;
};

/* Its place; a new one while there is any. */
struct group_traffic *groups_place(struct groups *groups, const char *name);

struct client;
/* Of its port, since it came. */
struct traffic traffic_of(const struct client *client);
/* It comes, or its group is this one from now on: what it had before is its old group's. */
void group_enter(struct client *client);
/* It goes, or its group is about to be another one. */
void group_leave(struct client *client);

struct server;
/* The sums of this moment, with who is connected; and of all of them together. */
void groups_now(const struct server *server, struct groups *groups);
struct traffic groups_sum(const struct groups *groups);

#endif
