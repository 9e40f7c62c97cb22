/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_rest.h
 *
 * What of the prefixes in `delegate` nobody has is unreachable here: without that, a packet to it
 * follows the default route to the router upstream, which sends it back to us.
 *
 * RFC 9915 6.3, RFC 7084 4.3 WPD-5 (of the routers that we give them to).  Control thread only.
 */
#ifndef SERVER_DHCP6_REST_H
#define SERVER_DHCP6_REST_H

#include "base/err.h"

struct server;
struct dhcp6_rest;

/* Installs them; those of a server that was killed and are not asked for any more go. */
struct dhcp6_rest *dhcp6_rest_open(struct server *server, struct err *err);
void dhcp6_rest_free(struct dhcp6_rest *rest); /* takes them away; NULL is fine */
/* The configuration was read again.  Failures are logged. */
void dhcp6_rest_follow(struct dhcp6_rest *rest);

#endif
