/* SPDX-License-Identifier: Apache-2.0 */
/* server/show_live.c - what somebody who looks on is shown each second: the overview and all
 * clients by number.  No age is in it, only moments: what does not change looks the same. */
#include <stdio.h>

#include "server/server_private.h"
#include "server/show.h"

static json_t *live_client(const struct client *client, json_t *object)
{
	const struct server *server = client->server;
	json_t *address;
	size_t i;

	json_object_del(object, "connected_s");
	json_object_set_new(
		object, "since_s",
		json_integer(server->started_s +
			     (json_int_t)((client->since_ms - server->started_ms) / 1000)));
	json_array_foreach(json_object_get(object, "addresses"), i, address)
		json_object_del(address, "seen_s");
	return object;
}

json_t *show_live(struct server *server)
{
	json_t *overview = show_overview(server), *clients = json_object();
	json_t *delegated = dhcp6_delegated(server->dhcp6);
	char id[16];

	for (const struct client *client = server->clients; client; client = client->next) {
		if (!client->added || client->leaving)
			continue;
		snprintf(id, sizeof(id), "%u", client->id);
		json_object_set_new(clients, id,
				    live_client(client, status_client(client, delegated)));
	}
	json_decref(delegated);
	json_object_del(overview, "now_s");
	return json_pack("{s:o, s:o}", "overview", overview, "clients", clients);
}
