/* SPDX-License-Identifier: Apache-2.0 */
/* server/router.h - the server's TAP and who routes for the clients: router.c, and the addresses
 * that are ours there, tap_addresses.c.  Control thread only. */
#ifndef SERVER_ROUTER_H
#define SERVER_ROUTER_H

#include "server/config.h"

struct server;

/* Makes `prefix = auto` real where any section of `config` has it. */
int router_find_automatic(struct server *server, const struct server_config *config,
			  struct err *err);
int router_set_up(struct server *server, struct err *err);
const char *router_interface(const struct server *server); /* the one that routes */
/* The prefix that a configured one stands for. */
struct prefix6 router_prefix(const struct server *server, const struct config_prefix *from);
/* An address of the router in a prefix; false if it has none there. */
bool router_address_in(const struct server *server, const struct prefix6 *prefix,
		       struct ip6 *address);
void router_send_policy(struct server *server); /* to all workers */
void router_tear_down(struct server *server);

/* Gives the TAP an address in every prefix that is advertised now, and takes the others away. */
int tap_addresses_set(struct server *server, struct err *err);
void tap_addresses_repair(struct server *server); /* somebody may have taken them away */
void tap_addresses_follow(struct server *server); /* the same later on: a failure is logged */

#endif
