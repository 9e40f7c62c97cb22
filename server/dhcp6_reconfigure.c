/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_reconfigure.c - Reconfigure messages: to whom, when, and until when.
 *
 * Clients are marked and looked at one after the other, as many at a time as there is room for
 * attempts: a change of the configuration for ten thousand of them is told in turns.
 *
 * RFC 9915 15 (retransmission), 18.3.11, 20.3 (numbers that never repeat, so the state file has one
 * that is ahead of all that were used).
 */
#include "server/dhcp6_reconfigure.h"

#include <inttypes.h>
#include <stdlib.h>

#include "server/dhcp6_private.h"
#include "tls/hmac_md5.h"

#define MAX_ATTEMPTS 512
#define MAX_OF_CLIENT 64	   /* hosts behind one client that are told at a time */
#define TURN_MS 1000		   /* until there may be room for the next ones */
#define AHEAD ((uint64_t)60 << 20) /* a minute's numbers */
#define KEPT "dhcp6-reconfigure-replay"

_Static_assert(MAX_OF_CLIENT <= MAX_ATTEMPTS, "there is room for any client at some time");

/* One host that is to ask. */
struct attempt {
	struct mail_port port;
	enum dhcp6_type ask;
	bool released;		  /* there is no lease any more that could be looked at again */
	struct dhcp6_lease lease; /* as it was: who, and where */
	struct dhcp6_reconfigure_tries tries;
};

struct dhcp6_reconfigure {
	struct dhcp6_server *dhcp6;
	uv_timer_t timer;
	uint64_t last, kept; /* numbers: used, and on disk */
	bool failing;	     /* the latest one could not be made, and that was logged */
	uint64_t sent, unsent, heard, unheard;
	unsigned count;
	struct attempt attempt[MAX_ATTEMPTS];
};

static void on_timer(uv_timer_t *timer);

static void wake(struct dhcp6_reconfigure *all)
{
	uv_timer_start(&all->timer, on_timer, 0, 0);
}

/* ---- one message ---- */

static void log_failure(struct dhcp6_reconfigure *all, const struct err *err)
{
	if (!all->failing)
		log_error("dhcp6: no Reconfigure is sent: %s", err->text);
	all->failing = true;
}

/* 0: it could not be made sure that it will not be used again. */
static uint64_t next_number(struct dhcp6_reconfigure *all)
{
	uint64_t next = dhcp6_reconfigure_replay(all->last, dhcp6_now_s(all->dhcp6));
	struct err err = { 0 };
	char text[24];

	if (next > all->kept) {
		snprintf(text, sizeof(text), "%" PRIu64, next + AHEAD);
		if (state_set(all->dhcp6->server->state, KEPT, text, &err) < 0) {
			log_failure(all, &err);
			return 0;
		}
		all->kept = next + AHEAD;
	}
	return all->last = next;
}

static bool sign(void *owner, const uint8_t key[static 16], struct bytes message,
		 uint8_t digest[static 16])
{
	struct err err = { 0 };

	if (hmac_md5(key, message, digest, &err) == 0)
		return true;
	log_failure(owner, &err);
	return false;
}

static bool send_message(struct dhcp6_reconfigure *all, const struct client *client,
			 const struct attempt *attempt, const struct dhcp6_link *link)
{
	const struct link_identity *identity = &client->server->identity;
	uint8_t payload[DHCP6_MAX_MESSAGE];
	struct writer w = writer_over(payload, sizeof(payload));
	uint64_t number = next_number(all);

	if (number == 0)
		return false;
	dhcp6_reconfigure_write(link, &attempt->lease, attempt->ask, number, sign, all, &w);
	if (w.full)
		return false;
	const struct dhcp6_waiting letter = {
		.port = client->is,
		.worker = client->worker,
		.ends = { identity->mac, attempt->lease.mac, identity->link_local,
			  attempt->lease.peer },
		.source_port = DHCP6_SERVER_PORT,
		.destination_port = DHCP6_CLIENT_PORT,
		.len = (uint32_t)w.len,
	};
	all->failing = false;
	return dhcp6_send(all->dhcp6, &letter, payload);
}

/* ---- attempts ---- */

static struct attempt *find(struct dhcp6_reconfigure *all, const struct client *client,
			    const struct dhcp6_duid *duid)
{
	for (unsigned i = 0; i < all->count; i++) {
		struct attempt *attempt = &all->attempt[i];

		if (client_of(client->server, &attempt->port) == client &&
		    dhcp6_duid_equal(&attempt->lease.duid, duid))
			return attempt;
	}
	return NULL;
}

static void end(struct dhcp6_reconfigure *all, struct attempt *attempt)
{
	*attempt = all->attempt[--all->count];
}

/* False: there is no room. */
static bool begin(struct dhcp6_reconfigure *all, struct client *client,
		  const struct dhcp6_lease *lease, enum dhcp6_type ask, bool released)
{
	struct attempt *attempt = find(all, client, &lease->duid);
	bool renews = attempt && attempt->ask == DHCP6_RENEW;

	released = released || (attempt && attempt->released);
	if (!attempt && all->count == MAX_ATTEMPTS)
		return false;
	if (!attempt)
		attempt = &all->attempt[all->count++];
	*attempt = (struct attempt) {
		.port = client->is,
		.ask = renews ? DHCP6_RENEW : ask,
		.released = released,
		.lease = *lease,
		.tries = dhcp6_reconfigure_begin(uv_now(&client->server->loop)),
	};
	wake(all);
	return true;
}

/* The user has other clients, and it is one of theirs. */
static bool is_elsewhere(const struct client *client, const struct dhcp6_lease *lease)
{
	uint32_t now_s = (uint32_t)(uv_now(&client->server->loop) / 1000);
	uint16_t port = address_table_lookup(client->server->table, &lease->mac, now_s);

	return !lease->has_mac || (port != PORT_NONE && port != client->is.port);
}

static bool is_up(const struct client *client)
{
	return client->added && !client->leaving;
}

/* As if it asked now; nobody who asks through a relay gets here. */
static bool serve(const struct dhcp6_reconfigure *all, const struct client *client,
		  struct dhcp6_link *link, struct dhcp6_handout *handout)
{
	if (!dhcp6_serve_client(all->dhcp6, client, link, handout))
		return false;
	dhcp6_serve_network(&client->settings->ra.dhcp6, NULL, link);
	return true;
}

/* What is to be asked of this host now, 0: nothing; and its lease as it is now. */
static enum dhcp6_type look_again(const struct dhcp6_reconfigure *all,
				  const struct dhcp6_link *link, struct dhcp6_lease *of)
{
	struct dhcp6_leases *leases = all->dhcp6->leases;
	struct dhcp6_lease *lease = NULL, *found = NULL;
	enum dhcp6_type ask = 0;

	while ((lease = dhcp6_leases_of_user(leases, of->user, lease))) {
		enum dhcp6_type wanted = dhcp6_duid_equal(&lease->duid, &of->duid)
						 ? dhcp6_reconfigure_ask(leases, link, lease)
						 : 0;

		if (wanted == 0 || ask == DHCP6_RENEW)
			continue;
		ask = wanted;
		found = lease;
	}
	if (found)
		*of = *found;
	return ask;
}

/* False: the attempt is over. */
static bool try_again(struct dhcp6_reconfigure *all, struct attempt *attempt)
{
	struct client *client = client_of(all->dhcp6->server, &attempt->port);
	uint64_t now_ms = uv_now(&all->dhcp6->server->loop);
	struct dhcp6_handout handout;
	struct dhcp6_link link;

	if (!client || !is_up(client)) /* the next login is looked at anew */
		return false;
	if (attempt->tries.due_ms > now_ms)
		return true;
	if (!serve(all, client, &link, &handout))
		return false;
	if (!attempt->released) {
		attempt->ask = look_again(all, &link, &attempt->lease);
		if (attempt->ask == 0) /* it is as the client was told after all */
			return false;
	}
	if (send_message(all, client, attempt, &link))
		all->sent++;
	else
		all->unsent++;
	dhcp6_reconfigure_sent(&attempt->tries, now_ms);
	if (attempt->tries.due_ms != DHCP6_RECONFIGURE_NEVER_MS)
		return true;
	all->unheard++;
	return false;
}

/* ---- clients ---- */

static void look_at(struct dhcp6_reconfigure *all, struct client *client)
{
	struct dhcp6_leases *leases = all->dhcp6->leases;
	struct dhcp6_lease *lease = NULL;
	struct dhcp6_handout handout;
	struct dhcp6_link link;
	unsigned before = all->count;

	client->reconfigure = false;
	if (!is_up(client) || !serve(all, client, &link, &handout))
		return;
	while (all->count - before < MAX_OF_CLIENT &&
	       (lease = dhcp6_leases_of_user(leases, client->user, lease))) {
		enum dhcp6_type ask = dhcp6_reconfigure_ask(leases, &link, lease);

		if (ask != 0 && !is_elsewhere(client, lease))
			begin(all, client, lease, ask, false);
	}
}

/* False: some are left, for want of room. */
static bool look_at_marked(struct dhcp6_reconfigure *all)
{
	struct client *client;

	for (client = all->dhcp6->server->clients; client; client = client->next) {
		if (!client->reconfigure)
			continue;
		if (MAX_ATTEMPTS - all->count < MAX_OF_CLIENT)
			return false;
		look_at(all, client);
	}
	return true;
}

static void on_timer(uv_timer_t *timer)
{
	struct dhcp6_reconfigure *all = timer->data;
	uint64_t now_ms = uv_now(timer->loop), due_ms = DHCP6_RECONFIGURE_NEVER_MS;

	if (all->dhcp6->server->phase != SERVER_RUNNING)
		return;
	dhcp6_leases_expire(all->dhcp6->leases, dhcp6_now_s(all->dhcp6));
	if (!look_at_marked(all))
		due_ms = now_ms + TURN_MS;
	for (unsigned i = all->count; i > 0; i--) {
		struct attempt *attempt = &all->attempt[i - 1];

		if (!try_again(all, attempt))
			end(all, attempt);
		else if (attempt->tries.due_ms < due_ms)
			due_ms = attempt->tries.due_ms;
	}
	if (due_ms != DHCP6_RECONFIGURE_NEVER_MS)
		uv_timer_start(&all->timer, on_timer, due_ms > now_ms ? due_ms - now_ms : 0, 0);
}

/* ---- for the others ---- */

void dhcp6_reconfigure_client(struct dhcp6_reconfigure *all, struct client *client)
{
	client->reconfigure = true;
	wake(all);
}

void dhcp6_reconfigure_everybody(struct dhcp6_reconfigure *all)
{
	for (struct client *client = all->dhcp6->server->clients; client; client = client->next)
		client->reconfigure = true;
	wake(all);
}

void dhcp6_reconfigure_released(struct dhcp6_reconfigure *all, const struct dhcp6_lease *lease)
{
	struct client *client;

	if (lease->state != DHCP6_ACTIVE || !lease->reconfigure || lease->kind == DHCP6_REGISTERED)
		return;
	for (client = all->dhcp6->server->clients; client; client = client->next)
		if (is_up(client) && strcmp(client->user, lease->user) == 0 &&
		    !is_elsewhere(client, lease) && !begin(all, client, lease, DHCP6_RENEW, true))
			all->unsent++;
}

void dhcp6_reconfigure_heard(struct dhcp6_reconfigure *all, const char *user,
			     const struct dhcp6_request *request)
{
	for (unsigned i = all->count; i > 0; i--) {
		struct attempt *attempt = &all->attempt[i - 1];

		if (strcmp(attempt->lease.user, user) != 0 ||
		    !dhcp6_duid_equal(&attempt->lease.duid, &request->client_id) ||
		    !dhcp6_reconfigure_done(attempt->ask, request->type))
			continue;
		all->heard++;
		end(all, attempt);
	}
}

uint64_t dhcp6_reconfigure_last(const struct dhcp6_reconfigure *all)
{
	return all->last;
}

json_t *dhcp6_reconfigure_status(const struct dhcp6_reconfigure *all)
{
	return json_pack("{s:i, s:I, s:I, s:I, s:I}", "waiting", (int)all->count, "sent",
			 (json_int_t)all->sent, "unsent", (json_int_t)all->unsent, "heard",
			 (json_int_t)all->heard, "unheard", (json_int_t)all->unheard);
}

/* ---- from start to end ---- */

static int read_number(struct dhcp6_reconfigure *all, struct err *err)
{
	char text[24] = "", *rest;
	int found = state_get(all->dhcp6->server->state, KEPT, text, sizeof(text), err);

	if (found < 0)
		return -1;
	all->last = all->kept = strtoull(text, &rest, 10);
	return found == 0 || (text[0] >= '0' && text[0] <= '9' && *rest == '\0')
		       ? 0
		       : err_set(err, "the state file's '%s' is damaged", KEPT);
}

struct dhcp6_reconfigure *dhcp6_reconfigure_open(struct dhcp6_server *dhcp6, struct err *err)
{
	struct dhcp6_reconfigure *all = calloc(1, sizeof(*all));

	if (!all) {
		err_set(err, "out of memory");
		return NULL;
	}
	all->dhcp6 = dhcp6;
	uv_timer_init(&dhcp6->server->loop, &all->timer);
	all->timer.data = all;
	if (read_number(all, err) == 0)
		return all;
	dhcp6_reconfigure_close(all);
	return NULL;
}

static void free_all(uv_handle_t *timer)
{
	free(timer->data);
}

void dhcp6_reconfigure_close(struct dhcp6_reconfigure *all)
{
	if (all)
		uv_close((uv_handle_t *)&all->timer, free_all);
}
