/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/link_private.h
 *
 * What the files link*.c share: the connection, and asking for a whole table.
 */
#ifndef BRIDGE_LINK_PRIVATE_H
#define BRIDGE_LINK_PRIVATE_H

#include <netlink/netlink.h>

#include "bridge/link.h"

struct rtnl_route;

struct link {
	struct nl_sock *sock;
};

/* The index of an interface; -1 and a sentence, ERR_NO_OBJECT, if there is none. */
int link_index_of(const char *name, struct err *err);

/*
 * Asks for a whole table (RTM_GETADDR, RTM_GETROUTE, RTM_GETRULE) of one family; `row` is called with every
 * entry and returns NL_OK.  `count` is set to 0 at each beginning: a dump during which the
 * table changed is repeated, and its rows do not count.
 */
int link_dump(struct link *link, int type, int family, nl_recvmsg_msg_cb_t row, void *owner,
	      unsigned *count, struct err *err);

/* link_gateway.c: a route of ours; NULL: out of memory. */
struct rtnl_route *link_route_object(int index, const struct prefix6 *prefix,
				     const struct ip6 *gateway);

#endif
