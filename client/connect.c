/* SPDX-License-Identifier: Apache-2.0 */
/* client/connect.c - the running client: one thread, one loop, a TAP on one side and the
 * connection to the server on the other.
 *
 * A frame's way is TAP -> uplink -> server, and back.  The TAP is read also when the connection
 * cannot take more, and frames wait in the uplink's flow queue: a TAP that is not read loses the
 * newest frame when its ring is full, and no queue discipline of the kernel ever sees that.  The
 * TAP and its addresses outlive the connection, so that a reconnection is nothing the host notices.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/priority.h"
#include "bridge/offload.h"
#include "client/bypass.h"
#include "client/connect_private.h"

#define TAP_BUDGET 64 /* frames per readable event */
#define HURRY_MS 1000 /* at most so often */

static void reached(struct client *client, enum milestone milestone)
{
	if (client->milestone_ms[milestone] != 0)
		return;
	uv_update_time(&client->loop);
	client->milestone_ms[milestone] = uv_now(&client->loop);
	log_debug("connect: %s after %llu ms", milestone_name[milestone],
		  (unsigned long long)(client->milestone_ms[milestone] -
				       client->milestone_ms[MILESTONE_START]));
}

/* ---- TAP -> server ---- */

static void on_tap(uv_poll_t *poll, int status, int events);

static void read_tap(struct client *client, bool read)
{
	if (read == client->tap_reading)
		return;
	client->tap_reading = read;
	if (read)
		uv_poll_start(&client->tap_poll, UV_READABLE, on_tap);
	else
		uv_poll_stop(&client->tap_poll);
}

static void fail(struct client *client, const char *sentence)
{
	if (client->why.text[0] == '\0')
		err_set(&client->why, "%s", sentence);
	uplink_stop(client->uplink);
}

static void on_tap(uv_poll_t *poll, int status, int events)
{
	struct client *client = poll->data;
	struct frame frame;

	for (unsigned n = 0; n < TAP_BUDGET; n++) {
		switch (tap_read(client->tap, 0, client->buffer, &frame)) {
		case TAP_AGAIN: return;
		case TAP_DROPPED: client->drops[DROP_TAP]++; continue;
		case TAP_GONE:
			read_tap(client, false);
			fail(client, "the TAP interface was deleted");
			return;
		case TAP_DONE: break;
		}
		if (!uplink_send(client->uplink, &frame))
			client->drops[DROP_OFFLOAD]++;
	}
}

void connect_on_turn_end(uv_prepare_t *prepare)
{
	struct client *client = prepare->data;

	uplink_flush(client->uplink);
}

/* ---- server -> TAP ---- */

static void on_frame(void *owner, const struct frame *frame)
{
	struct client *client = owner;
	struct frame checked = *frame;

	if (!offload_check(&checked)) {
		client->drops[DROP_OFFLOAD]++;
		return;
	}
	if (heard_frame(&client->heard, &checked, uv_now(&client->loop))) {
		reached(client, MILESTONE_RA);
		connect_host_heard(client);
		if (client->delegate)
			delegate_heard(client->delegate);
	}
	if (tap_write(client->tap, 0, &checked) != TAP_DONE)
		client->drops[DROP_TAP]++;
}

/* ---- the connection's state ---- */

static void start_timeline(struct client *client)
{
	memset(client->milestone_ms, 0, sizeof(client->milestone_ms));
	client->milestone_ms[MILESTONE_START] = uv_now(&client->loop);
}

static void note_failure(struct client *client, const char *why)
{
	uint64_t suppressed;
	bool same = strcmp(client->failure, why) == 0;

	snprintf(client->failure, sizeof(client->failure), "%s", why);
	if (!same)
		client->failure_log.next_ms = 0;
	if (log_limit_pass(&client->failure_log, uv_now(&client->loop), &suppressed))
		log_warning("connect: %s; trying again", why);
}

static void on_state(void *owner, enum uplink_state state, const char *why)
{
	struct client *client = owner;

	notify_status(&client->notify, "%s: %s%s%s", client->profile.server,
		      uplink_state_name[state], why[0] ? ": " : "", why);
	/* also after a failed attempt: whoever waits for us must not wait for a network */
	if (state == UPLINK_UP || state == UPLINK_WAITING)
		notify_ready(&client->notify);
	switch (state) {
	case UPLINK_RESOLVING: start_timeline(client); break;
	case UPLINK_HANDSHAKE: reached(client, MILESTONE_TCP); break;
	case UPLINK_LOGIN:
		reached(client, MILESTONE_TLS);
		answerer_begin(client->answerer, uplink_goodbye(client->uplink));
		break;
	case UPLINK_UP:
		reached(client, MILESTONE_LOGIN);
		if (client->delegate)
			delegate_up(client->delegate);
		break;
	case UPLINK_WAITING:
		read_tap(client, true); /* a cable that is not plugged in loses what is sent */
		if (why[0])		/* not while somebody types */
			note_failure(client, why);
		break;
	case UPLINK_CONNECTING:
	case UPLINK_ENDED:
	case UPLINK_STATES: break;
	}
}

static void on_welcome(void *owner, const struct welcome *welcome)
{
	struct client *client = owner;
	char user[2 * MESSAGE_USER_MAX];
	struct err err = { 0 };

	client->failure[0] = '\0';
	log_info("connect: up, %s at %s as %s, %s", client->profile.name,
		 uplink_remote(client->uplink),
		 log_escape(welcome->user, strlen(welcome->user), user, sizeof(user)),
		 tls_suite_name(session_suite(uplink_session(client->uplink))));
	if (welcome->mtu >= 1280 && welcome->mtu <= 9000 && welcome->mtu != client->mtu) {
		if (link_set_mtu(client->link, client->profile.interface, welcome->mtu, &err) < 0)
			log_warning("connect: %s", err.text);
		else
			client->mtu = welcome->mtu;
	}
	read_tap(client, true);
	renewal_begin(client->renewal, client->uplink);
}

static int on_prepare(void *owner, int fd, const struct sockaddr *to, struct err *err)
{
	struct client *client = owner;

	if (!client->bridge)
		return bypass_tunnel(client->link, client->profile.interface, fd, to, err);
	/* In an office the tunnel's routes are the bridge's; that may also be the only way out. */
	if (bypass_tunnel(client->link, client->bridge, fd, to, err) < 0)
		*err = (struct err) { 0 };
	return 0;
}

static void on_ask(void *owner, const struct ask *ask)
{
	struct client *client = owner;

	answerer_ask(client->answerer, client->uplink, ask);
}

static void on_credentials(void *owner, const struct message_credentials *credentials)
{
	struct client *client = owner;

	renewal_take(client->renewal, credentials);
}

static void on_dns_closed(void *owner)
{
	struct client *client = owner;

	uv_stop(&client->loop);
}

static void on_delegate_stopped(void *owner)
{
	struct client *client = owner;

	dns_close(client->dns, on_dns_closed);
	client->dns = NULL;
}

static void on_ended(void *owner, const struct err *why)
{
	struct client *client = owner;

	if (!client->stopping && client->why.text[0] == '\0')
		client->why = *why;
	client->stopping = true;
	rpc_server_close(client->rpc);
	client->rpc = NULL;
	if (client->delegate)
		delegate_stop(client->delegate, on_delegate_stopped, client);
	else
		on_delegate_stopped(client);
}

const struct uplink_events connect_uplink_events = {
	.state = on_state,
	.welcome = on_welcome,
	.frame = on_frame,
	.ended = on_ended,
	.ask = on_ask,
	.credentials = on_credentials,
	.prepare = on_prepare,
};

/* ---- what the kernel reports ---- */

static void note_addresses(struct client *client)
{
	struct link_address address[LINK_MAX_ADDRESSES];
	const char *name = client->bridge ? client->bridge : client->profile.interface;
	int count = client->milestone_ms[MILESTONE_ADDRESS]
			    ? 0
			    : link_addresses(client->link, name, address, LINK_MAX_ADDRESSES, NULL);

	for (int i = 0; i < count; i++)
		if (!ip6_is_link_local(&address[i].address) && !address[i].failed &&
		    (!address[i].tentative || address[i].optimistic))
			reached(client, MILESTONE_ADDRESS);
}

/* Another network came up, perhaps, or ours went. */
static void on_hurry(uv_timer_t *timer)
{
	struct client *client = timer->data;

	client->hurried_ms = uv_now(&client->loop);
	uplink_hurry(client->uplink);
}

/* Changes come in swarms: the first counts at once, the others together a little later. */
static uint64_t hurry_in_ms(const struct client *client)
{
	uint64_t next_ms = client->hurried_ms + HURRY_MS, now_ms = uv_now(&client->loop);

	return client->hurried_ms > 0 && next_ms > now_ms ? next_ms - now_ms : 0;
}

static void on_changed(void *owner, int index)
{
	struct client *client = owner;

	if (index == client->index || client->bridge)
		note_addresses(client);
	if (index == client->index)
		connect_host_look(client);
	if (client->delegate)
		delegate_changed(client->delegate, index);
	if (index != client->index && !uv_is_active((uv_handle_t *)&client->hurry))
		uv_timer_start(&client->hurry, on_hurry, hurry_in_ms(client), 0);
}

static void on_nd_option(void *owner, int index, const struct ip6 *from, struct bytes option)
{
	struct client *client = owner;

	/* no dns: the end has begun, and undoing what was applied */
	if (index == client->index && client->dns && client->host_is_ours &&
	    client->profile.dns == PROFILE_DNS_APPLY)
		dns_option(client->dns, option);
}

static void on_gone(void *owner, int index)
{
	struct client *client = owner;

	if (client->delegate)
		delegate_changed(client->delegate, index);
}

static void on_forwarding(void *owner)
{
	struct client *client = owner;

	if (client->delegate)
		delegate_forwarding(client->delegate);
}

static void on_lost(void *owner)
{
	struct client *client = owner;

	note_addresses(client);
	if (client->delegate)
		delegate_lost(client->delegate);
}

const struct link_events connect_link_events = {
	.changed = on_changed,
	.gone = on_gone,
	.nd_option = on_nd_option,
	.forwarding_changed = on_forwarding,
	.lost = on_lost,
};

void connect_on_watch(uv_poll_t *poll, int status, int events)
{
	struct client *client = poll->data;
	struct err err = { 0 };

	if (link_watch_read(client->watch, &err) < 0)
		log_warning("connect: %s", err.text);
}

/* ---- from outside ---- */

void connect_on_signal(uv_signal_t *handle, int number)
{
	struct client *client = handle->data;

	if (number == SIGHUP) {
		uplink_hurry(client->uplink);
		return;
	}
	log_info("connect: leaving");
	notify_stopping(&client->notify);
	client->stopping = true;
	read_tap(client, false);
	uplink_stop(client->uplink);
}

static void on_dns_changed(void *owner)
{
	struct client *client = owner;
	const struct dns_table *table = dns_current(client->dns);
	const char *problem = dns_problem(client->dns);

	if (table->server_count > 0)
		reached(client, MILESTONE_DNS);
	if (table->server_count + table->search_count == 0 && !problem[0])
		log_info("connect: no DNS server and no search domain is advertised");
	else if (problem[0])
		log_warning("connect: DNS servers (%u) and search domains (%u) are not applied: %s",
			    table->server_count, table->search_count, problem);
	else
		log_info("connect: DNS servers (%u) and search domains (%u) are applied by %s",
			 table->server_count, table->search_count, dns_applied_by(client->dns));
}

const struct dns_events connect_dns_events = { .changed = on_dns_changed };

int client_connect(const struct connect_options *options, struct err *err)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return err_set(err, "out of memory");
	/* the private key is in memory for as long as it may have to connect again */
	int failed = host_no_core_dump(err);
	if (failed == 0)
		failed = connect_set_up(client, options, err);
	if (failed == 0) {
		(void)priority_raise(); /* without the right to it frames wait a little longer */
		uplink_start(client->uplink);
		uv_run(&client->loop, UV_RUN_DEFAULT);
		if (client->why.text[0]) {
			*err = client->why;
			failed = -1;
		}
	}
	connect_tear_down(client);
	return failed;
}
