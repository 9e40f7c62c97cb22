/* SPDX-License-Identifier: Apache-2.0 */
/* server/show.h
 *
 * `lanyard show WHAT` on a server: one thing that it knows, in full, as JSON.  status.c has the
 * whole in short.
 */
#ifndef SERVER_SHOW_H
#define SERVER_SHOW_H

#include <jansson.h>

#include "base/err.h"
#include "server/traffic.h"

struct server;

/* NULL: there is nothing of that name; the sentence says whether there will be. */
json_t *show(struct server *server, const char *what, const json_t *request, struct err *err);
/* Other routers in short, for status: how many, and how often which difference was seen. */
json_t *show_conflicts(const struct server *server);
/* Advertisements from the LAN that were not valid, by what is wrong. */
json_t *show_bad_ra(const struct server *server);

/* show_overview.c: what there is in short, and what an admin should look at. */
json_t *show_overview(struct server *server);
/* When a client was advertised to, and will be. */
struct client;
json_t *show_schedule(const struct client *client);
/* show_client.c: one client, by the request's `client` (number, user or device). */
json_t *show_client(struct server *server, const json_t *request, struct err *err);

/* show_groups.c: all groups; those with clients, by name, in short; drops by reason. */
json_t *show_groups(struct server *server, const json_t *request, struct err *err);
json_t *show_groups_in_short(const struct groups *groups);
json_t *show_drops(const struct traffic *traffic);

/* show_history.c: how much went through, of all or of one client. */
json_t *show_history(struct server *server, const json_t *request, struct err *err);

/* show_config.c: the configuration in force. */
json_t *show_config(struct server *server);

/* show_live.c: for who looks on. */
json_t *show_live(struct server *server);

#endif
