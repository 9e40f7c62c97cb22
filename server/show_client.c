/* SPDX-License-Identifier: Apache-2.0 */
/* server/show_client.c - one client in full: itself, what it is told, and its leases. */
#include "server/ra_json.h"
#include "server/server_private.h"
#include "server/show.h"

/* Of its user: DHCPv6 knows users, not connections. */
static json_t *leases_of(struct server *server, const char *user)
{
	json_t *all = dhcp6_show_leases(server->dhcp6), *leases = json_array(), *lease;
	size_t i;

	json_array_foreach(json_object_get(all, "leases"), i, lease)
	{
		const char *whose = json_string_value(json_object_get(lease, "user"));

		if (whose && strcmp(whose, user) == 0)
			json_array_append(leases, lease);
	}
	json_decref(all);
	return leases;
}

static json_t *advertised_to(const struct client *client)
{
	struct settings *settings = client->settings;

	if (!settings->ra.enabled)
		return json_null();
	settings_compose(client->server, settings); /* what is left now */
	return ra_json(&settings->content, 0);
}

json_t *show_client(struct server *server, const json_t *request, struct err *err)
{
	const char *who = rpc_string(request, "client", err);

	if (!who)
		return NULL;
	for (const struct client *client = server->clients; client; client = client->next) {
		if (!client->added || client->leaving || !client_is_named(client, who))
			continue;
		json_t *delegated = dhcp6_delegated(server->dhcp6);
		json_t *answer = json_pack("{s:o, s:o, s:o, s:o}", "client",
					   status_client(client, delegated), "ra",
					   advertised_to(client), "schedule", show_schedule(client),
					   "leases", leases_of(server, client->user));
		json_decref(delegated);
		return answer;
	}
	err_kind(err, ERR_NO_OBJECT, "no client is called '%.64s'", who);
	return NULL;
}
