/* SPDX-License-Identifier: Apache-2.0 */
/* server/clients.c - the control thread's table of clients, by port and as a list. */
#include <stdio.h>
#include <stdlib.h>

#include "server/server_private.h"

void clients_changed(struct server *server)
{
	notify_status(&server->notify, "%u client%s", server->client_count,
		      server->client_count == 1 ? "" : "s");
}

const char *client_text(const struct client *client, char text[static 160])
{
	snprintf(text, 160, "client %u (%s, %s)", client->id, client->user, client->remote);
	return text;
}

struct client *client_of(struct server *server, const struct mail_port *port)
{
	struct client *client =
		port->port < port_directory_max(server->ports) ? server->by_port[port->port] : NULL;

	return client && client->is.generation == port->generation ? client : NULL;
}

struct client *client_add(struct server *server, const struct mail_login *login,
			  const struct state_user *user, struct mail_port port, uint8_t worker)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->settings = settings_take(server, user->name, user->group);
	if (!client->settings) {
		free(client);
		return NULL;
	}
	client->server = server;
	client->id = ++server->next_id;
	client->is = port;
	client->worker = worker;
	strcpy(client->user, user->name);
	strcpy(client->group, user->group);
	memcpy(client->fingerprint, login->peer.fingerprint, sizeof(client->fingerprint));
	memcpy(client->authority, login->authority, sizeof(client->authority));
	client->hello = login->hello;
	memcpy(client->remote, login->remote, sizeof(client->remote));
	client->suite = login->suite;
	memcpy(client->aead, login->aead, sizeof(client->aead));
	client->since_ms = uv_now(&server->loop);
	uv_timer_init(&server->loop, &client->timer);
	client->timer.data = client;

	client->next = server->clients;
	client->link = &server->clients;
	if (client->next)
		client->next->link = &client->next;
	server->clients = client;
	server->client_count++;
	group_enter(client);
	server->by_port[port.port] = client;
	server->worker_load[worker]++;
	clients_changed(server);
	captures_client_comes(server->captures, client);
	recorder_client_comes(server->recorder);
	return client;
}

bool client_is_named(const struct client *client, const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	return (*text && !*end && number == client->id) || strcmp(text, client->user) == 0 ||
	       strcmp(text, client->hello.device) == 0;
}

static void free_client(uv_handle_t *timer)
{
	struct client *client = timer->data;

	free(client->history);
	free(client);
}

void client_remove(struct client *client)
{
	struct server *server = client->server;

	captures_client_leaves(server->captures, client);
	group_leave(client);
	*client->link = client->next;
	if (client->next)
		client->next->link = client->link;
	server->client_count--;
	server->by_port[client->is.port] = NULL;
	server->worker_load[client->worker]--;
	clients_changed(server);
	settings_release(client->settings);
	seen_forget(server->seen, &client->neighbours);
	farewells_free(&client->farewells);
	settings_release(client->ceased);
	address_table_forget_port(server->table, client->is.port);
	port_directory_remove(server->ports, client->is.port);
	uv_close((uv_handle_t *)&client->timer, free_client);
}

#define DROP_RETRY_MS 20 /* until a worker that is far behind has made room */

static void send_drop(struct client *client);

static void on_drop_retry(uv_timer_t *timer)
{
	send_drop(timer->data);
}

static void send_drop(struct client *client)
{
	struct mail_drop drop = { .port = client->is, .reason = client->leaving_reason };

	memcpy(drop.text, client->leaving_why, sizeof(drop.text));
	if (!mail_send(client->server->box, THREAD_WORKER + client->worker, MAIL_DROP, &drop,
		       sizeof(drop)))
		/* who leaves is not advertised to any more: its timer is free */
		uv_timer_start(&client->timer, on_drop_retry, DROP_RETRY_MS, 0);
}

void client_drop(struct client *client, enum goodbye_reason reason, const char *text)
{
	if (client->leaving)
		return;
	client->leaving = true;
	uv_timer_stop(&client->timer); /* no more advertisements */
	client->leaving_reason = reason;
	snprintf(client->leaving_why, sizeof(client->leaving_why), "%s", text);
	if (client->added) /* else its worker does not know it yet: see client_added */
		send_drop(client);
	/* its addresses are free for its successor at once */
	address_table_forget_port(client->server->table, client->is.port);
}

bool client_added(struct client *client)
{
	client->added = true;
	if (client->leaving)
		send_drop(client);
	return !client->leaving;
}

void client_set_group(struct client *client, const char *group)
{
	struct settings *settings = settings_take(client->server, client->user, group);
	char text[160];

	if (!settings) {
		log_error("%s: out of memory: keeps its group", client_text(client, text));
		return;
	}
	group_leave(client);
	strcpy(client->group, group);
	group_enter(client);
	advertiser_switch(client, settings, 0);
	dhcp6_server_serves(client);
}
