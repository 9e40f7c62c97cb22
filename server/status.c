/* SPDX-License-Identifier: Apache-2.0 */
/* server/status.c - what the server is and who is connected, as JSON (names: INTERFACE). */
#include <arpa/inet.h>
#include <stdio.h>

#include "server/credentials.h"
#include "server/server_private.h"
#include "server/show.h"

#define MAX_MACS 256 /* shown per client */

static uint64_t word(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

/* RFC 7159 wants UTF-8: what a peer says of itself is shown escaped. */
static json_t *peer_text(const char *text)
{
	char safe[4 * MESSAGE_USER_MAX];

	return json_string(log_escape(text, strlen(text), safe, sizeof(safe)));
}

static void set_drops(json_t *drops, unsigned reason, uint64_t count)
{
	if (count > 0)
		json_object_set_new(drops, drop_name[reason], json_integer((json_int_t)count));
}

static json_t *drops_of(const struct port_counters *counters)
{
	json_t *drops = json_object();

	for (unsigned reason = 1; reason < DROP_REASONS; reason++)
		set_drops(drops, reason, word(&counters->drops[reason]));
	return drops;
}

/* Of all workers' queues together. */
static json_t *tap_drops(const struct server *server)
{
	json_t *drops = json_object();

	for (unsigned reason = 1; reason < DROP_REASONS; reason++) {
		uint64_t count = 0;

		for (unsigned i = 0; i < server->worker_count; i++)
			count += word(&worker_counters(server->worker[i])->tap.drops[reason]);
		set_drops(drops, reason, count);
	}
	return drops;
}

static json_t *macs_of(const struct client *client)
{
	struct mac mac[MAX_MACS];
	char text[MAC_TEXT];
	json_t *macs = json_array();
	unsigned count =
		address_table_of_port(client->server->table, client->is.port, mac, MAX_MACS);

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(macs, json_string(mac_text(&mac[i], text)));
	return macs;
}

static const char *source_of(const struct server *server, const struct ip6 *address)
{
	if (ip6_is_link_local(address))
		return "link-local";
	if (dhcp6_has_leased(server->dhcp6, address))
		return "dhcp6";
	for (unsigned i = 0; i < server->prefix_count; i++)
		if (prefix6_contains(&server->prefix[i], address))
			return "slaac";
	return "static";
}

/* IPv4 is kept as ::ffff:a.b.c.d (RFC 4291 2.5.5.2) and shown as a.b.c.d. */
static const char *address_text(const struct ip6 *address, char text[static IP6_TEXT])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (memcmp(address->octet, mapped, sizeof(mapped)) != 0)
		return ip6_text(address, text);
	return inet_ntop(AF_INET, address->octet + 12, text, IP6_TEXT) ? text : "?";
}

static json_t *addresses_of(const struct client *client)
{
	const struct snoop_table *table = &client->neighbours.snooped;
	uint64_t now_ms = uv_now(&client->server->loop);
	char address[IP6_TEXT], mac[MAC_TEXT];
	json_t *addresses = json_array();

	for (unsigned i = 0; i < table->count; i++) {
		const struct snoop_entry *entry = &table->entry[i];
		json_array_append_new(addresses,
				      json_pack("{s:s, s:s, s:s, s:I}", "address",
						address_text(&entry->is.address, address), "source",
						source_of(client->server, &entry->is.address),
						"mac", mac_text(&entry->is.mac, mac), "seen_s",
						(json_int_t)((now_ms - entry->seen_ms) / 1000)));
	}
	return addresses;
}

static json_t *delegated_of(const json_t *delegated, const char *user)
{
	json_t *prefixes = json_object_get(delegated, user);

	return prefixes ? json_incref(prefixes) : json_array();
}

json_t *status_client(const struct client *client, const json_t *delegated)
{
	struct server *server = client->server;
	const struct port_counters *counters =
		port_directory_counters(server->ports, client->is.port);

	return json_pack(
		"{s:i, s:s, s:s?, s:o, s:s, s:s, s:s, s:s, s:I, s:i, s:I, s:I, s:I, s:I, "
		"s:o, s:I, s:o, s:o, s:o, s:o}",
		"id", (int)client->id, "user", client->user, "group",
		client->group[0] ? client->group : NULL, "device", peer_text(client->hello.device),
		"remote", client->remote, "transport", "tls", "cipher",
		tls_suite_name(client->suite), "aead", client->aead, "connected_s",
		(json_int_t)((uv_now(&server->loop) - client->since_ms) / 1000), "rtt_us",
		(int)atomic_load_explicit(&counters->rtt_us, memory_order_relaxed), "rx_bytes",
		(json_int_t)word(&counters->rx_bytes), "tx_bytes",
		(json_int_t)word(&counters->tx_bytes), "rx_frames",
		(json_int_t)word(&counters->rx_frames), "tx_frames",
		(json_int_t)word(&counters->tx_frames), "drops", drops_of(counters), "marked",
		(json_int_t)word(&counters->marked), "macs", macs_of(client), "addresses",
		addresses_of(client), "delegated", delegated_of(delegated, client->user),
		"captures", captures_of(server->captures, client));
}

static json_t *listen_array(const struct server *server)
{
	json_t *listen = json_array();

	for (unsigned i = 0; i < server->config.listen_count; i++) {
		const struct config_listen *at = &server->config.listen[i];
		json_array_append_new(listen,
				      json_sprintf(strchr(at->host, ':') ? "[%s]:%u" : "%s:%u",
						   at->host, at->port));
	}
	return listen;
}

static json_t *strangers_object(const struct server *server)
{
	const struct greeter_counters *counters = greeter_counters(server->greeter);
	json_t *refused = json_object(), *handshake = json_object();

	for (unsigned i = 0; i < REFUSALS; i++)
		if (word(&counters->refused[i]) > 0)
			json_object_set_new(refused, refusal_name[i],
					    json_integer((json_int_t)word(&counters->refused[i])));
	for (unsigned i = 0; i < TLS_FAILURES; i++)
		if (word(&counters->handshake_failed[i]) > 0)
			json_object_set_new(
				handshake, tls_failure_name[i],
				json_integer((json_int_t)word(&counters->handshake_failed[i])));
	return json_pack("{s:i, s:I, s:I, s:o, s:o}", "now",
			 (int)atomic_load_explicit(&counters->strangers, memory_order_relaxed),
			 "accepted", (json_int_t)word(&counters->accepted), "logged_in",
			 (json_int_t)word(&counters->logged_in), "refused", refused, "handshake",
			 handshake);
}

static json_t *advertiser_object(const struct server *server)
{
	char link_local[IP6_TEXT], mac[MAC_TEXT], text[PREFIX6_TEXT];
	json_t *prefixes = json_array(), *rs_bad = json_object();

	for (unsigned i = 0; i < server->prefix_count; i++)
		json_array_append_new(prefixes,
				      json_string(prefix6_text(&server->prefix[i], text)));
	for (unsigned i = 0; i < RS_VERDICTS; i++)
		if (server->rs_bad[i] > 0)
			json_object_set_new(rs_bad, rs_verdict_name[i],
					    json_integer((json_int_t)server->rs_bad[i]));
	return json_pack("{s:b, s:s, s:s, s:o, s:I, s:I, s:o, s:I, s:o, s:i, s:o}", "enabled",
			 server_config_advertises(&server->config), "router",
			 ip6_text(&server->identity.link_local, link_local), "router_mac",
			 mac_text(&server->identity.mac, mac), "prefixes", prefixes, "ra_sent",
			 (json_int_t)server->ra_sent, "rs_received",
			 (json_int_t)server->rs_received, "rs_bad", rs_bad, "ra_received",
			 (json_int_t)server->others.received, "ra_bad", show_bad_ra(server),
			 "other_routers", (int)others_present(&server->others), "conflicts",
			 show_conflicts(server));
}

/* How sessions and frames are spread; few frames are handed over while the kernel keeps a
 * flow's frames on the queue of the worker that answers it. */
static json_t *per_worker(const struct server *server)
{
	json_t *workers = json_array();

	for (unsigned i = 0; i < server->worker_count; i++) {
		const struct worker_counters *counters = worker_counters(server->worker[i]);

		json_array_append_new(
			workers,
			json_pack(
				"{s:i, s:I, s:I, s:I}", "clients",
				(int)atomic_load_explicit(&counters->clients, memory_order_relaxed),
				"tap_rx_frames", (json_int_t)word(&counters->tap.rx_frames),
				"tap_tx_frames", (json_int_t)word(&counters->tap.tx_frames),
				"handed_over", (json_int_t)word(&counters->handed_over)));
	}
	return workers;
}

json_t *status_without_clients(struct server *server)
{
	return json_pack("{s:i, s:s, s:s, s:I, s:o, s:s, s:s, s:o, s:i, s:o, s:o, s:o, s:o, s:o}",
			 "schema", 1, "role", "server", "version", LANYARD_VERSION, "started_s",
			 (json_int_t)server->started_s, "listen", listen_array(server), "interface",
			 server->config.interface, "mode", bridge_mode_name[server->config.mode],
			 "certificate", credentials_status(server->credentials), "workers",
			 (int)server->worker_count, "per_worker", per_worker(server), "tap_drops",
			 tap_drops(server), "advertiser", advertiser_object(server), "dhcp6",
			 dhcp6_status(server->dhcp6), "strangers", strangers_object(server));
}

json_t *status_server(struct server *server)
{
	json_t *clients = json_array(), *delegated = dhcp6_delegated(server->dhcp6);
	json_t *status = status_without_clients(server);

	for (const struct client *client = server->clients; client; client = client->next)
		if (client->added && !client->leaving) /* not those that were replaced */
			json_array_append_new(clients, status_client(client, delegated));
	json_decref(delegated);
	json_object_set_new(status, "clients", clients);
	return status;
}
