/* SPDX-License-Identifier: Apache-2.0 */
/* client/status.c - what the client is and what became of the router's words, as JSON. */
#include <stdio.h>

#include "client/connect_private.h"

const char *const milestone_name[] = {
	[MILESTONE_START] = "start", [MILESTONE_TCP] = "tcp", [MILESTONE_TLS] = "tls",
	[MILESTONE_LOGIN] = "login", [MILESTONE_RA] = "ra",   [MILESTONE_ADDRESS] = "address",
	[MILESTONE_DNS] = "dns",
};
_Static_assert(ARRAY_LEN(milestone_name) == MILESTONES, "name every milestone");

/* On which interface the kernel keeps addresses and routes: the bridge's, in an office. */
static const char *host_interface(const struct client *client)
{
	return client->bridge ? client->bridge : client->profile.interface;
}

static const char *source_of(const struct client *client, const struct link_address *address)
{
	if (ip6_is_link_local(&address->address))
		return "link-local";
	if (address->permanent)
		return "static";
	return address->prefix_len == 128 ? "dhcp6" : "slaac";
}

static json_t *lifetime(uint32_t seconds)
{
	return seconds == UINT32_MAX ? json_null() : json_integer((json_int_t)seconds);
}

static json_t *addresses_of(const struct client *client, bool *usable)
{
	struct link_address address[LINK_MAX_ADDRESSES];
	char text[IP6_TEXT], mac[MAC_TEXT];
	struct err err = { 0 };
	json_t *addresses = json_array();
	int count = link_addresses(client->link, host_interface(client), address,
				   LINK_MAX_ADDRESSES, &err);

	*usable = false;
	for (int i = 0; i < count; i++) {
		const struct link_address *a = &address[i];
		bool works = !a->failed && (!a->tentative || a->optimistic);

		if (works && !ip6_is_link_local(&a->address))
			*usable = true;
		json_array_append_new(
			addresses,
			json_pack("{s:s, s:s, s:s, s:i, s:b, s:b, s:o, s:o}", "address",
				  ip6_text(&a->address, text), "source", source_of(client, a),
				  "mac", mac_text(&client->mac, mac), "prefix_len",
				  (int)a->prefix_len, "usable", works, "deprecated", a->deprecated,
				  "preferred_s", lifetime(a->preferred_s), "valid_s",
				  lifetime(a->valid_s)));
	}
	return addresses;
}

static bool is_installed(const struct ra_route *wanted, const struct link_route *route, int count)
{
	for (int i = 0; i < count; i++)
		if (prefix6_equal(&route[i].prefix, &wanted->prefix) && route[i].has_gateway)
			return true;
	return false;
}

/* What the router advertised, held against what the kernel has. */
static json_t *routes_of(const struct client *client, unsigned *missing)
{
	struct link_route route[LINK_MAX_ROUTES];
	struct err err = { 0 };
	char text[PREFIX6_TEXT];
	json_t *routes = json_array();
	const struct ra *ra = &client->heard.ra;
	int count = link_routes(client->link, host_interface(client), route, LINK_MAX_ROUTES, &err);
	struct ra_route wanted[RA_MAX_ROUTES + 1];
	unsigned wanted_count = ra->route_count;

	memcpy(wanted, ra->route, sizeof(ra->route));
	if (ra->lifetime_s > 0) /* as a default router */
		wanted[wanted_count++] = (struct ra_route) { .preference = ra->preference,
							     .lifetime_s = ra->lifetime_s };
	*missing = 0;
	for (unsigned i = 0; i < wanted_count; i++) {
		bool installed = is_installed(&wanted[i], route, count);

		*missing += !installed && wanted[i].lifetime_s > 0;
		json_array_append_new(
			routes, json_pack("{s:s, s:s, s:o, s:b}", "prefix",
					  prefix6_text(&wanted[i].prefix, text), "preference",
					  ra_preference_name[wanted[i].preference], "lifetime_s",
					  lifetime(wanted[i].lifetime_s), "installed", installed));
	}
	return routes;
}

static json_t *dns_of(const struct client *client)
{
	const struct dns_table *table = dns_current(client->dns);
	json_t *servers = json_array(), *search = json_array();
	char text[IP6_TEXT];

	for (unsigned i = 0; i < table->server_count; i++)
		json_array_append_new(servers,
				      json_string(ip6_text(&table->server[i].address, text)));
	for (unsigned i = 0; i < table->search_count; i++)
		json_array_append_new(search, json_string(table->search[i].domain));
	return json_pack("{s:o, s:o, s:s}", "servers", servers, "search", search, "applied_by",
			 client->manager == MANAGER_NONE ? dns_applied_by(client->dns)
							 : manager_name[client->manager]);
}

static void add_check(json_t *health, const char *check, bool ok, const char *detail)
{
	json_array_append_new(health, json_pack("{s:s, s:b, s:s}", "check", check, "ok", ok,
						"detail", ok ? "" : detail));
}

/* ok, with a word about what another program keeps changing or has changed */
static void add_settings(json_t *health, const struct client *client)
{
	char detail[sizeof(client->found.wrong) + 64];

	snprintf(detail, sizeof(detail), "another program keeps changing %s: %s",
		 client->profile.interface, client->found.wrong);
	add_check(health, "settings", client->found.wrong[0] == '\0', detail);
}

static json_t *health_of(const struct client *client, bool usable, unsigned missing_routes)
{
	json_t *health = json_array();
	char detail[128];

	add_check(health, "tunnel", uplink_state(client->uplink) == UPLINK_UP, client->failure);
	add_check(health, "advertisement", client->heard.any, "no Router Advertisement was heard");
	add_settings(health, client);
	add_check(health, "address", usable, "no usable address besides the link-local one");
	snprintf(detail, sizeof(detail), "%u of the advertised routes are not in the kernel",
		 missing_routes);
	add_check(health, "routes", missing_routes == 0, detail);
	add_check(health, "dns", dns_problem(client->dns)[0] == '\0', dns_problem(client->dns));
	return health;
}

static json_t *timeline_of(const struct client *client)
{
	json_t *timeline = json_object();

	for (unsigned i = MILESTONE_TCP; i < MILESTONES; i++)
		if (client->milestone_ms[i] > 0)
			json_object_set_new(
				timeline, milestone_name[i],
				json_integer((json_int_t)(client->milestone_ms[i] -
							  client->milestone_ms[MILESTONE_START])));
	return timeline;
}

static json_t *drops_of(const struct client *client)
{
	const struct queue_losses *lost = uplink_losses(client->uplink);
	uint64_t count[DROP_REASONS];
	json_t *drops = json_object();

	memcpy(count, client->drops, sizeof(count));
	count[DROP_QUEUE_FULL] += lost->full;
	count[DROP_QUEUE_OLD] += lost->old;
	count[DROP_CODEL] += lost->codel;
	for (unsigned reason = 1; reason < DROP_REASONS; reason++)
		if (count[reason] > 0)
			json_object_set_new(drops, drop_name[reason],
					    json_integer((json_int_t)count[reason]));
	return drops;
}

static json_t *do_status(void *owner, const json_t *request, struct err *err)
{
	struct client *client = owner;
	const struct session *session = uplink_session(client->uplink);
	bool up = uplink_state(client->uplink) == UPLINK_UP, usable;
	unsigned missing;
	char mac[MAC_TEXT];
	json_t *addresses = addresses_of(client, &usable), *routes = routes_of(client, &missing);

	return json_pack(
		"{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:o, s:o, s:o, s:o, "
		"s:o, s:s, s:o, s:I, s:s, s:i}",
		"schema", 1, "role", "client", "version", LANYARD_VERSION, "server",
		client->profile.server, "state", uplink_state_name[uplink_state(client->uplink)],
		"remote", uplink_remote(client->uplink), "transport", "tls", "cipher",
		up ? tls_suite_name(session_suite(session)) : "", "aead",
		up ? session_aead_name(session) : "", "interface", client->profile.interface, "mac",
		mac_text(&client->mac, mac), "rtt_us", up ? (int)session_rtt_us(session) : 0,
		"addresses", addresses, "routes", routes, "dns", dns_of(client), "health",
		health_of(client, usable, missing), "timeline_ms", timeline_of(client),
		"aead_detail", up ? session_aead_detail(session) : "", "drops", drops_of(client),
		"marked", (json_int_t)uplink_losses(client->uplink)->marked, "managed_by",
		connect_host_managed_by(client), "settings_restored",
		(int)client->settings_restored);
}

const struct rpc_action client_actions[] = { { "status", do_status }, { 0 } };
