/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/link_batch.h
 *
 * Routes of our own (link_add_route, link_delete_route), many of them at once: one message to the
 * kernel, one answer from it, where each alone takes two system calls and a search for the
 * interface.  Blocks for a moment, as link.h.
 */
#ifndef BRIDGE_LINK_BATCH_H
#define BRIDGE_LINK_BATCH_H

#include "base/packet.h"

struct link_batch;

struct link_batch *link_batch_open(struct err *err);
void link_batch_close(struct link_batch *batch); /* NULL is fine */

#define LINK_BATCH_MAX 64

struct link_order {
	bool add; /* else: delete */
	struct prefix6 prefix;
	struct ip6 gateway;
};
/* The order of this number was not done, and why. */
typedef void (*link_order_refused)(void *owner, unsigned number, const struct err *err);

/* At most LINK_BATCH_MAX, done in this order.  0: done but for what was refused; -1: nobody knows
 * which were. */
int link_batch_routes(struct link_batch *batch, const char *name, const struct link_order *order,
		      unsigned count, link_order_refused refused, void *owner, struct err *err);

#endif
