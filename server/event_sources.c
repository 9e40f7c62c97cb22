/* SPDX-License-Identifier: Apache-2.0 */
/* server/event_sources.c - what becomes an event, in which words. */
#include "server/event_sources.h"

#include <stdarg.h>
#include <stdio.h>

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

/* A person who mistypes, or a device that tries again: not a guesser's thousands. */
static const struct bucket_limit refusal_limit = { .burst = 20, .per_second = 1 };

void event_of_refusal(struct server *server, const char *user, const char *remote, const char *why)
{
	char shown[STATE_USER_MAX], said[EVENT_TEXT];

	if (!bucket_take(&server->refusals, refusal_limit, uv_now(&server->loop))) {
		server->refusals_more++;
		return;
	}
	log_escape(user, strlen(user), shown, sizeof(shown));
	log_escape(why, strlen(why), said, sizeof(said));
	if (server->refusals_more > 0)
		events_add(server->events, EVENT_LOGIN_FAILED, 0, "", "%u more were refused",
			   server->refusals_more);
	server->refusals_more = 0;
	events_add(server->events, EVENT_LOGIN_FAILED, 0, shown, "'%s' from %s: %.160s", shown,
		   remote, said);
}

/* ---- leases ---- */

void event_of_lease(struct server *server, const struct dhcp6_lease *lease)
{
	bool is_new = lease->row > server->newest_lease;
	char what[PREFIX6_TEXT];

	if (is_new)
		server->newest_lease = lease->row;
	/* a renewal is no news */
	if (!is_new && lease->state == DHCP6_ACTIVE)
		return;
	prefix6_text(&lease->what, what);
	events_add(server->events, EVENT_LEASE, 0, lease->user, "%s%s%s: %s", what,
		   lease->user[0] ? " of " : "", lease->user, dhcp6_state_name[lease->state]);
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

		if (now > client->guarded)
			event_of_client(client, EVENT_GUARD,
					"%llu of its frames were dropped, see show guards",
					(unsigned long long)(now - client->guarded));
		client->guarded = now;
	}
}

/* ---- asked for ---- */

json_t *actions_events(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	json_int_t after = json_integer_value(json_object_get(request, "after"));
	json_int_t most = json_integer_value(json_object_get(request, "most"));

	if (after < 0 || most < 0) {
		err_kind(err, ERR_USAGE, "'after' and 'most' are no numbers below 0");
		return NULL;
	}
	json_t *answer = events_after(server->events, (uint64_t)after,
				      most > 0 && most < EVENTS_MAX ? (unsigned)most : EVENTS_MAX);

	json_object_set_new(answer, "schema", json_integer(1));
	json_object_set_new(answer, "role", json_string("server"));
	return answer;
}
