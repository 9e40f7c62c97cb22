/* SPDX-License-Identifier: Apache-2.0 */
/* server/promises.h
 *
 * What hosts were promised about prefixes, by whom they are told (user, group), in memory and on
 * disk.  A prefix that disappears, from the configuration or from the kernel, while we run or
 * while we do not, is advertised as deprecated until the last promise is over: RFC 9096 3.5.
 * Control thread only.
 */
#ifndef SERVER_PROMISES_H
#define SERVER_PROMISES_H

#include "radvd-lite/ra_promises.h"
#include "server/state.h"

struct server;
struct promises;

/* Reads the state file; what it holds and the configuration does not is deprecated from now on. */
int promises_open(struct server *server, struct err *err);
void promises_close(struct promises *promises); /* NULL is fine; the loop must run once more */

/*
 * The prefixes of `ra` are what this scope is told from now on: notes that, on disk first if it is
 * news, and adds those that were promised before.
 */
void promises_apply(struct promises *promises, const struct state_scope *scope, struct ra *ra);
/* The same for every scope, whether any client is in it now: after the configuration or the kernel
 * has changed. */
void promises_refresh(struct promises *promises);

/* Whether anybody was promised anything as this user, or as a member of this group. */
bool promises_know_user(const struct promises *promises, const char *user);
bool promises_know_group(const struct promises *promises, const char *group);

/* What a scope is told of prefixes now, as many as the table has; returns how many. */
unsigned promises_left(const struct ra_promises *table,
		       struct ra_prefix prefix[static RA_MAX_PROMISES]);
/* Whether it is offered, and not only called off. */
bool promises_has(const struct ra_promises *table, const struct prefix6 *prefix);

/* Each scope with its table. */
typedef void (*promises_visit)(void *owner, const struct state_scope *scope,
			       const struct ra_promises *table);
void promises_each(const struct promises *promises, promises_visit visit, void *owner);

#endif
