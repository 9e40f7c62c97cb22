/* SPDX-License-Identifier: Apache-2.0 */
/* server/control.c - the control thread's mail. */
#include "server/credentials.h"
#include "server/login.h"
#include "server/server_private.h"

/* ---- clients ---- */

static void on_added(struct server *server, const struct mail_port *port)
{
	struct client *client = client_of(server, port);
	char subject[160], device[3 * MESSAGE_USER_MAX];

	if (!client)
		return;
	if (!client_added(client))
		return;
	log_escape(client->hello.device, strlen(client->hello.device), device, sizeof(device));
	log_info("%s: logged in%s%s", client_text(client, subject), device[0] ? " from " : "",
		 device);
	event_client_came(client, device);
	credentials_tell(server->credentials, client);
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
	event_client_went(client, why);
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
		seen_note(server->seen, &client->neighbours, &seen->found, uv_now(&server->loop));
}

static void deliver(void *owner, unsigned from, enum mail_type type, struct bytes body)
{
	struct server *server = owner;

	switch (type) {
	case MAIL_LOGIN: login_begin(server, (const void *)body.data); break;
	case MAIL_ENROL: enrol_begin(server, (const void *)body.data); break;
	case MAIL_RENEW: enrol_renew(server, (const void *)body.data); break;
	case MAIL_ADDED: on_added(server, (const void *)body.data); break;
	case MAIL_ENDED: on_ended(server, (const void *)body.data); break;
	case MAIL_PUNT: on_punt(server, body); break;
	case MAIL_SEEN: on_seen(server, (const void *)body.data); break;
	case MAIL_STOPPED: server_stopped_thread(server, from); break;
	case MAIL_VERDICT:
	case MAIL_ASK:
	case MAIL_ENROLLED:
	case MAIL_CREDENTIALS:
	case MAIL_ADD:
	case MAIL_DROP:
	case MAIL_FRAME:
	case MAIL_INJECT:
	case MAIL_POLICY:
	case MAIL_SERVED:
	case MAIL_CAPTURE:
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

/* Answers leave when the turn ends.  After a pause thousands of questions may be there: all their
 * answers at once were more than the socket of whoever asked for many others holds. */
const struct mailbox_events control_events = {
	.deliver = deliver,
	.turn_end = turn_end,
	.budget = 32,
};
