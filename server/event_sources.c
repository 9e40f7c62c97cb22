/* SPDX-License-Identifier: Apache-2.0 */
/* server/event_sources.c - what becomes an event, in which words. */
#include "server/event_sources.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/server_private.h"

void event_of_client(const struct client *client, enum event_kind kind, const char *format, ...)
{
	char subject[160], text[EVENT_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	events_add(client->server->events, kind, client->id, client->user, "%s: %s",
		   client_text(client, subject), text);
}

/* ---- who comes and goes ---- */

void event_client_came(struct client *client, const char *device)
{
	int64_t now_s = time(NULL), latest_s = 0;
	unsigned told = events_of_user(client->server->events, EVENT_CLIENT_UP, client->user,
				       now_s - COMINGS_TIME_S, &latest_s);

	client->came_told = told < COMINGS_TOLD || now_s - latest_s >= COMINGS_EACH_S;
	if (client->came_told)
		event_of_client(client, EVENT_CLIENT_UP, "logged in%s%.64s%s",
				device[0] ? " from " : "", device,
				told + 1 < COMINGS_TOLD
					? ""
					: ", as often before: not each time is told now");
}

void event_client_went(const struct client *client, const char *why)
{
	uint64_t here_s = (uv_now(&client->server->loop) - client->since_ms) / 1000;

	if (client->came_told || here_s >= COMINGS_EACH_S)
		event_of_client(client, EVENT_CLIENT_DOWN, "closed: %.160s", why);
}

/* ---- strangers ---- */

/* May it be one?  What was too much before it is said in front of it. */
static bool pass(struct server *server, enum event_kind kind)
{
	unsigned more;

	if (!event_limit_pass(&server->event_limit[kind], uv_now(&server->loop), &more))
		return false;
	if (more > 0)
		events_add(server->events, kind, 0, "", "%u more of this kind, too many to tell",
			   more);
	return true;
}

void event_of_refusal(struct server *server, const char *user, const char *remote, const char *why)
{
	char shown[STATE_USER_MAX], said[EVENT_TEXT];

	if (!pass(server, EVENT_LOGIN_FAILED))
		return;
	log_escape(user, strlen(user), shown, sizeof(shown));
	log_escape(why, strlen(why), said, sizeof(said));
	events_add(server->events, EVENT_LOGIN_FAILED, 0, shown, "'%s' from %s: %.160s", shown,
		   remote, said);
}

/* ---- leases ---- */

void lease_news_add(struct lease_news *news, const struct dhcp6_lease *lease)
{
	/* a renewal is no news, nor that what was over is forgotten */
	if (lease->state == lease->saved ||
	    (lease->state == DHCP6_FORGOTTEN && lease->saved != DHCP6_ACTIVE))
		return;
	if (news->count == LEASE_NEWS) {
		news->more++;
		return;
	}
	struct lease_news_row *row = &news->row[news->count++];

	row->what = lease->what;
	row->state = lease->state;
	snprintf(row->user, sizeof(row->user), "%s", lease->user);
}

void event_leases(struct server *server, const struct lease_news *news)
{
	char what[PREFIX6_TEXT];

	for (unsigned i = 0; i < news->count; i++) {
		const struct lease_news_row *row = &news->row[i];

		if (!pass(server, EVENT_LEASE))
			continue;
		prefix6_text(&row->what, what);
		events_add(server->events, EVENT_LEASE, 0, row->user, "%s%s%s: %s", what,
			   row->user[0] ? " of " : "", row->user, dhcp6_state_name[row->state]);
	}
	server->event_limit[EVENT_LEASE].more += news->more;
}

/* ---- guards ---- */

/* Of those that look at what a client may send: a slow line's queue is no news. */
static uint64_t guarded(const struct port_counters *counters)
{
	uint64_t sum = 0;

	for (unsigned reason = DROP_VLAN; reason <= DROP_HEADER_CHAIN; reason++)
		sum += atomic_load_explicit(&counters->drops[reason], memory_order_relaxed);
	return sum;
}

void event_guards(struct server *server)
{
	for (struct client *client = server->clients; client; client = client->next) {
		uint64_t now = guarded(port_directory_counters(server->ports, client->is.port));

		/* what is not told now is in the next number */
		if (now == client->guarded ||
		    !event_again_pass(&client->guard_events, uv_now(&server->loop)) ||
		    !pass(server, EVENT_GUARD))
			continue;
		event_of_client(client, EVENT_GUARD,
				"%llu of its frames were dropped, see show guards",
				(unsigned long long)(now - client->guarded));
		client->guarded = now;
	}
}

/* ---- routers ---- */

void event_of_router(struct server *server, const char *format, ...)
{
	char text[EVENT_TEXT];
	va_list args;

	if (!pass(server, EVENT_ROUTER))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	events_add(server->events, EVENT_ROUTER, 0, "", "%s", text);
}

/* ---- asked for ---- */

static int read_number(const json_t *request, const char *name, json_int_t *number, struct err *err)
{
	const json_t *value = json_object_get(request, name);

	*number = json_integer_value(value);
	if ((value && !json_is_integer(value)) || *number < 0)
		return err_kind(err, ERR_USAGE, "'%s' must be a number, not below 0", name);
	return 0;
}

/* Who is gone has left events: nobody need be called so now. */
static struct events_of of_client(const struct server *server, const char *named)
{
	struct events_of of = { .user = named };
	char *end;
	unsigned long number = strtoul(named, &end, 10);

	if (*named && !*end && number <= UINT32_MAX)
		of.client = (uint32_t)number;
	for (const struct client *client = server->clients; client; client = client->next)
		if (client->id == of.client)
			of.user = client->user;
	return of;
}

json_t *actions_events(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	const char *client = json_string_value(json_object_get(request, "client"));
	json_int_t after, most, newest;
	struct events_of of = { 0 };

	if (read_number(request, "after", &after, err) < 0 ||
	    read_number(request, "most", &most, err) < 0 ||
	    read_number(request, "newest", &newest, err) < 0)
		return NULL;
	if (client)
		of = of_client(server, client);
	if (newest > 0)
		after = (json_int_t)events_before_newest(server->events, client ? &of : NULL,
							 (unsigned)newest);
	json_t *answer = events_after(server->events, client ? &of : NULL, (uint64_t)after,
				      most > 0 && most < EVENTS_MAX ? (unsigned)most : EVENTS_MAX);

	json_object_set_new(answer, "schema", json_integer(1));
	json_object_set_new(answer, "role", json_string("server"));
	return answer;
}

int actions_events_follow(void *owner, const json_t *request, int fd, struct err *err)
{
	struct server *server = owner;
	json_int_t after;

	if (read_number(request, "after", &after, err) < 0)
		return -1;
	return event_streams_take(server->event_streams, (uint64_t)after, fd, err);
}
