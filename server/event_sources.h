/* SPDX-License-Identifier: Apache-2.0 */
/* server/event_sources.h - events of what the control thread knows, and what the control socket is told
 * of them. */
#ifndef SERVER_EVENT_SOURCES_H
#define SERVER_EVENT_SOURCES_H

#include <jansson.h>

#include "base/err.h"
#include "dhcp6/leases.h"
#include "server/events.h"

struct server;
struct client;

/* Of a client, "client 3 (alice, 192.0.2.7:51000): " in front of the text. */
void event_of_client(const struct client *client, enum event_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/*
 * It has logged in; it has gone.  Somebody who comes and goes all the time (a bad line, one certificate on
 * two devices) pushes nothing else out: after COMINGS_TOLD logins of a user in an hour one is told each
 * ten minutes, and of a client whose login was not told only that a long connection has ended.
 */
#define COMINGS_TOLD 20
#define COMINGS_TIME_S 3600
#define COMINGS_EACH_S 600
void event_client_came(struct client *client, const char *device);
void event_client_went(const struct client *client, const char *why);
/* A stranger was refused.  Many at once are one event: what strangers do pushes nothing else out. */
void event_of_refusal(struct server *server, const char *user, const char *remote, const char *why);

/* Leases that a transaction gives or ends: events once it is committed, and only then. */
#define LEASE_NEWS 64
struct lease_news {
	unsigned count, more; /* more: of those there was no place for */
	struct lease_news_row {
		struct prefix6 what;
		enum dhcp6_state state;
		char user[DHCP6_USER_MAX];
	} row[LEASE_NEWS];
};
void lease_news_add(struct lease_news *news, const struct dhcp6_lease *lease);
void event_leases(struct server *server, const struct lease_news *news);

/* Of another router. */
void event_of_router(struct server *server, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Every few seconds: whose frames were dropped by a guard since. */
void event_guards(struct server *server);

/* {"verb": "events", "after": 17, "most": 100} */
json_t *actions_events(void *server, const json_t *request, struct err *err);
/* {"verb": "events follow", "after": 17}: a stream, see event_stream.h */
int actions_events_follow(void *server, const json_t *request, int fd, struct err *err);

#endif
