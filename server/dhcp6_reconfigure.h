/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_reconfigure.h
 *
 * Clients that took a lease and said that they take Reconfigure messages hear when it is no longer
 * what they were told: after a reload, a reservation, a release by hand, a change of group.  Who is
 * not connected then hears it after the next login, if it is still so.
 *
 * RFC 9915 18.3.11, 20.3, 20.4.  Control thread only.
 */
#ifndef SERVER_DHCP6_RECONFIGURE_H
#define SERVER_DHCP6_RECONFIGURE_H

#include <jansson.h>

#include "dhcp6/reconfigure.h"
#include "server/clients.h"

struct dhcp6_server;
struct dhcp6_reconfigure;

struct dhcp6_reconfigure *dhcp6_reconfigure_open(struct dhcp6_server *dhcp6, struct err *err);
void dhcp6_reconfigure_close(struct dhcp6_reconfigure *all); /* NULL is fine */

/* The leases behind this client are to be looked at; behind all clients. */
void dhcp6_reconfigure_client(struct dhcp6_reconfigure *all, struct client *client);
void dhcp6_reconfigure_everybody(struct dhcp6_reconfigure *all);
/* It is about to be forgotten: its client is asked to renew, and will hear that there is nothing. */
void dhcp6_reconfigure_released(struct dhcp6_reconfigure *all, const struct dhcp6_lease *lease);
/* A client has asked, and is answered. */
void dhcp6_reconfigure_heard(struct dhcp6_reconfigure *all, const char *user,
			     const struct dhcp6_request *request);

/* 20.3: the last number used for a Reconfigure, before a restart as well. */
uint64_t dhcp6_reconfigure_last(const struct dhcp6_reconfigure *all);
json_t *dhcp6_reconfigure_status(const struct dhcp6_reconfigure *all);

#endif
