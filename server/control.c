/* SPDX-License-Identifier: Apache-2.0 */
/* server/control.c - the control thread's mail, and the decision who may log in.
 *
 * By the time MAIL_LOGIN arrives, TLS has proven that the peer owns a certificate of our CA, in
 * date and for clients.  Here: does it belong to a user that still exists?
 */
#include <stdio.h>
#include <time.h>

#include "server/admission.h"
#include "server/server_private.h"

/* ---- logins ---- */

static void refuse(struct mail_verdict *verdict, enum goodbye_reason reason, const char *text)
{
	verdict->accepted = false;
	verdict->reason = reason;
	snprintf(verdict->text, sizeof(verdict->text), "%s", text);
}

static uint8_t least_loaded_worker(const struct server *server)
{
	uint8_t best = 0;

	for (uint8_t i = 1; i < server->worker_count; i++)
		if (server->worker_load[i] < server->worker_load[best])
			best = i;
	return best;
}

/* The same device logs in again: its old connection is dead, whether it knows it or not. */
static void replace_old(struct server *server, const struct mail_login *login)
{
	for (struct client *client = server->clients; client; client = client->next)
		if (memcmp(client->fingerprint, login->peer.fingerprint, PKI_FINGERPRINT_LEN) ==
			    0 &&
		    mac_equal(&client->hello.mac, &login->hello.mac) &&
		    !mac_is_zero(&login->hello.mac)) /* one without a MAC is nobody's twin */
			client_drop(client, GOODBYE_REPLACED, "this device logged in again");
}

static unsigned count_clients(const struct server *server, const uint8_t *fingerprint)
{
	unsigned count = 0;

	for (const struct client *client = server->clients; client; client = client->next)
		if (!client->leaving && (!fingerprint || memcmp(client->fingerprint, fingerprint,
								PKI_FINGERPRINT_LEN) == 0))
			count++;
	return count;
}

static void let_in(struct server *server, const struct mail_login *login,
		   const struct state_user *user, struct mail_verdict *verdict)
{
	struct mail_port port;
	struct client *client;
	struct goodbye answer;

	replace_old(server, login);
	if (!admission_allow(server, user, &login->hello, PROOF_CERTIFICATE, &answer)) {
		refuse(verdict, answer.reason, answer.text);
		return;
	}
	if (count_clients(server, login->peer.fingerprint) >= server->config.max_per_profile) {
		refuse(verdict, GOODBYE_FULL, "too many devices use this profile at the same time");
		return;
	}
	verdict->worker = least_loaded_worker(server);
	/* isolated, and with one address, until admission_enter */
	port.port = port_directory_add(server->ports, verdict->worker, PORT_CLIENT | PORT_ISOLATED,
				       &port.generation);
	if (port.port == PORT_NONE || count_clients(server, NULL) >= server->config.max_clients) {
		if (port.port != PORT_NONE)
			port_directory_remove(server->ports, port.port);
		refuse(verdict, GOODBYE_FULL, "the server has no room for another client");
		return;
	}
	client = client_add(server, login, user, port, verdict->worker);
	if (!client) {
		port_directory_remove(server->ports, port.port);
		refuse(verdict, GOODBYE_FULL, "the server is out of memory");
		return;
	}
	admission_enter(client, user, PROOF_CERTIFICATE);
	verdict->accepted = true;
	verdict->port = port;
	verdict->welcome = (struct welcome) { .session_id = client->id, .mtu = server->config.mtu };
	snprintf(verdict->welcome.user, sizeof(verdict->welcome.user), "%s", user->name);
}

static void on_login(struct server *server, const struct mail_login *login)
{
	struct mail_verdict verdict = { .stranger = login->stranger };
	struct state_user user;
	struct err err = { 0 };

	if (server->phase != SERVER_RUNNING) {
		refuse(&verdict, GOODBYE_SHUTDOWN, "the server is shutting down");
	} else {
		switch (state_user_of(server->state, login->peer.fingerprint, &user, &err)) {
		case 1: let_in(server, login, &user, &verdict); break;
		case 0:
			if (user.revoked_s != 0)
				refuse(&verdict, GOODBYE_REVOKED, "this certificate was revoked");
			else
				refuse(&verdict, GOODBYE_UNKNOWN_USER,
				       "this certificate belongs to no user of this server (any "
				       "more)");
			break;
		default:
			log_error("state: %s", err.text);
			refuse(&verdict, GOODBYE_FULL, "the server cannot look up its users now");
		}
	}
	if (!mail_send(server->box, THREAD_GREETER, MAIL_VERDICT, &verdict, sizeof(verdict)) &&
	    verdict.accepted)
		client_remove(client_of(server, &verdict.port));
}

/* ---- clients ---- */

static void on_added(struct server *server, const struct mail_port *port)
{
	struct client *client = client_of(server, port);
	char subject[160], device[3 * MESSAGE_USER_MAX];

	if (!client)
		return;
	if (!client_added(client))
		return;
	log_info("%s: logged in%s%s", client_text(client, subject),
		 client->hello.device[0] ? " from " : "",
		 log_escape(client->hello.device, strlen(client->hello.device), device,
			    sizeof(device)));
	advertiser_start(client);
	dhcp6_server_serves(client);
}

static void on_ended(struct server *server, const struct mail_ended *ended)
{
	struct client *client = client_of(server, &ended->port);
	char subject[160], why[2 * MESSAGE_TEXT_MAX];
	const char *sentence;

	if (!client)
		return;
	sentence = client->leaving ? client->leaving_why : ended->sentence;
	log_info("%s: closed after %llu s: %s", client_text(client, subject),
		 (unsigned long long)(uv_now(&server->loop) - client->since_ms) / 1000,
		 log_escape(sentence, strlen(sentence), why, sizeof(why)));
	client_remove(client);
}

static void on_punt(struct server *server, struct bytes body)
{
	struct mail_frame head;
	struct frame frame;
	struct client *client;

	if (!mail_read_frame(body, &head, &frame))
		return;
	if (head.action == GUARD_PUNT_RA)
		others_heard(server, &frame);
	if (!(client = client_of(server, &head.port)))
		return;
	if (head.action == GUARD_PUNT_RS)
		advertiser_solicited(client, &frame);
	if (head.action == GUARD_PUNT_DHCP6)
		dhcp6_server_input(client, &frame);
}

static void on_seen(struct server *server, const struct mail_seen *seen)
{
	struct client *client = client_of(server, &seen->port);

	if (client)
		snoop_note(&client->neighbours, &seen->found, uv_now(&server->loop), 0);
}

static void deliver(void *owner, unsigned from, enum mail_type type, struct bytes body)
{
	struct server *server = owner;

	switch (type) {
	case MAIL_LOGIN: on_login(server, (const void *)body.data); break;
	case MAIL_ADDED: on_added(server, (const void *)body.data); break;
	case MAIL_ENDED: on_ended(server, (const void *)body.data); break;
	case MAIL_PUNT: on_punt(server, body); break;
	case MAIL_SEEN: on_seen(server, (const void *)body.data); break;
	case MAIL_STOPPED: server_stopped_thread(server, from); break;
	case MAIL_VERDICT:
	case MAIL_ADD:
	case MAIL_DROP:
	case MAIL_FRAME:
	case MAIL_INJECT:
	case MAIL_POLICY:
	case MAIL_LIMITS:
	case MAIL_STOP:
	case MAIL_EXIT: break; /* not for the control thread */
	}
}

static void turn_end(void *owner)
{
	struct server *server = owner;

	if (server->dhcp6)
		dhcp6_server_turn_end(server->dhcp6);
}

const struct mailbox_events control_events = { .deliver = deliver, .turn_end = turn_end };
