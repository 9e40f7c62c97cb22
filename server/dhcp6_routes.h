/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_routes.h
 *
 * Routes of delegated prefixes, to the link-local address of whoever asked for them: there from
 * before the Reply leaves until the lease is over; and which prefixes cannot be delegated,
 * because the kernel has a route of somebody else's inside of them.
 *
 * RFC 9915 6.3, RFC 8987 (what a delegating router does).  Control thread only.
 */
#ifndef SERVER_DHCP6_ROUTES_H
#define SERVER_DHCP6_ROUTES_H

#include "base/packet.h"

struct server;
struct dhcp6_routes;

struct dhcp6_routes *dhcp6_routes_new(struct server *server, struct err *err);
void dhcp6_routes_free(struct dhcp6_routes *routes); /* takes them away; NULL is fine */

/* Wanted from now on, by way of `gateway`, or no longer; done by the next dhcp6_routes_apply. */
int dhcp6_routes_set(struct dhcp6_routes *routes, const struct prefix6 *prefix,
		     const struct ip6 *gateway, struct err *err);
void dhcp6_routes_unset(struct dhcp6_routes *routes, const struct prefix6 *prefix);
/* What was not set since the latest apply is as it was before. */
void dhcp6_routes_forget_changes(struct dhcp6_routes *routes);
/* Tells the kernel; failures are logged, once for each prefix. */
void dhcp6_routes_apply(struct dhcp6_routes *routes);
/* All of them again: the interface was down, and the kernel has dropped them. */
void dhcp6_routes_repair(struct dhcp6_routes *routes);
/* What a server before us has left and nobody wants any more. */
void dhcp6_routes_tidy(struct dhcp6_routes *routes);

/* The kernel has a route of somebody else's that overlaps it.  A sentence is logged, once. */
bool dhcp6_routes_conflict(struct dhcp6_routes *routes, const struct prefix6 *prefix);
/* How many of those routes there was no room for, and so are not looked at. */
unsigned dhcp6_routes_left_out(const struct dhcp6_routes *routes);
/* The kernel's routes have changed. */
void dhcp6_routes_changed(struct dhcp6_routes *routes);

#endif
