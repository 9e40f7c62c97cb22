/* SPDX-License-Identifier: Apache-2.0 */
/* client/status.c - what the client is and what became of the router's words, as JSON. */
#include <stdio.h>
#include <time.h>

#include "client/connect_private.h"
#include "client/heard_json.h"

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
				  "preferred_s", heard_lifetime_json(a->preferred_s), "valid_s",
				  heard_lifetime_json(a->valid_s)));
	}
	return addresses;
}

/* A route that a router advertised, held against what the kernel has. */
struct wanted_route {
	const struct ip6 *router;
	struct ra_route route;
	struct heard_time time;
};

static bool is_installed(const struct wanted_route *wanted, const struct link_route *route,
			 int count)
{
	for (int i = 0; i < count; i++)
		if (prefix6_equal(&route[i].prefix, &wanted->route.prefix) &&
		    route[i].has_gateway && ip6_equal(&route[i].gateway, wanted->router))
			return true;
	return false;
}

static json_t *route_json(const struct wanted_route *wanted, bool installed, uint64_t now_ms)
{
	char text[PREFIX6_TEXT];

	return json_pack(
		"{s:s, s:s, s:o, s:b}", "prefix", prefix6_text(&wanted->route.prefix, text),
		"preference", ra_preference_name[wanted->route.preference], "lifetime_s",
		heard_lifetime_json(heard_left_s(&wanted->time, now_ms)), "installed", installed);
}

static unsigned wanted_of(const struct heard_router *router, uint64_t now_ms,
			  struct wanted_route wanted[static RA_MAX_ROUTES + 1])
{
	unsigned count = 0;

	for (; count < router->ra.route_count; count++)
		wanted[count] = (struct wanted_route) { &router->from, router->ra.route[count],
							router->route[count] };
	if (heard_left_s(&router->router, now_ms) > 0) /* as a default router */
		wanted[count++] = (struct wanted_route) { &router->from,
							  { .preference = router->ra.preference },
							  router->router };
	return count;
}

static json_t *routes_of(const struct client *client, unsigned *missing)
{
	struct link_route route[LINK_MAX_ROUTES];
	struct err err = { 0 };
	json_t *routes = json_array();
	uint64_t now_ms = uv_now(&client->loop);
	int count = link_routes(client->link, host_interface(client), route, LINK_MAX_ROUTES, &err);

	*missing = 0;
	for (unsigned k = 0; k < client->heard.count; k++) {
		struct wanted_route wanted[RA_MAX_ROUTES + 1];
		unsigned wanted_count = wanted_of(&client->heard.by[k], now_ms, wanted);

		for (unsigned i = 0; i < wanted_count; i++) {
			bool installed = is_installed(&wanted[i], route, count);

			*missing += !installed;
			json_array_append_new(routes, route_json(&wanted[i], installed, now_ms));
		}
	}
	return routes;
}

/* Somebody else told the resolver: what routers said is what he knows. */
static void add_heard_dns(const struct client *client, json_t *servers, json_t *search)
{
	char text[IP6_TEXT];

	for (unsigned k = 0; k < client->heard.count; k++) {
		const struct ra *ra = &client->heard.by[k].ra;

		for (unsigned i = 0; i < ra->dns_count; i++)
			json_array_append_new(servers, json_string(ip6_text(&ra->dns[i], text)));
		for (unsigned i = 0; i < ra->search_count; i++)
			json_array_append_new(search, json_string(ra->search[i]));
	}
}

static json_t *dns_of(const struct client *client)
{
	const struct dns_table *table = dns_current(client->dns);
	json_t *servers = json_array(), *search = json_array();
	char text[IP6_TEXT];

	if (client->manager != MANAGER_NONE)
		add_heard_dns(client, servers, search);
	for (unsigned i = 0; i < table->server_count; i++)
		json_array_append_new(servers,
				      json_string(ip6_text(&table->server[i].address, text)));
	for (unsigned i = 0; i < table->search_count; i++)
		json_array_append_new(search, json_string(table->search[i].domain));
	return json_pack("{s:o, s:o, s:s}", "servers", servers, "search", search, "applied_by",
			 client->manager == MANAGER_NONE ? dns_applied_by(client->dns)
							 : manager_name[client->manager]);
}

/* Seconds until our certificate ends, 0 when it has; null: we have none. */
static json_t *certificate_ends(const struct client *client)
{
	int64_t left_s = renewal_end_s(client->renewal) - (int64_t)time(NULL);

	if (renewal_end_s(client->renewal) == 0)
		return json_null();
	return json_integer(left_s > 0 ? left_s : 0);
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
	add_check(health, "advertisement", client->heard.count > 0,
		  "no Router Advertisement was heard");
	add_settings(health, client);
	add_check(health, "address", usable, "no usable address besides the link-local one");
	snprintf(detail, sizeof(detail), "%u of the advertised routes are not in the kernel",
		 missing_routes);
	add_check(health, "routes", missing_routes == 0, detail);
	if (client->delegate)
		add_check(health, "delegation", delegate_problem(client->delegate)[0] == '\0',
			  delegate_problem(client->delegate));
	add_check(health, "dns", dns_problem(client->dns)[0] == '\0', dns_problem(client->dns));
	add_check(health, "certificate", renewal_problem(client->renewal)[0] == '\0',
		  renewal_problem(client->renewal));
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

/* What the latest router said that is of use beside addresses, routes and DNS. */
static void add_advertised(json_t *status, const struct client *client)
{
	json_t *ra = client->heard.count > 0
			     ? heard_router_json(&client->heard.by[0], uv_now(&client->loop))
			     : json_null();
	static const struct {
		const char *name;
		bool is_list;
	} shown[] = { { "captive_portal", false }, { "nat64", true }, { "dnr", true } };

	for (unsigned i = 0; i < ARRAY_LEN(shown); i++) {
		json_t *value = json_object_get(ra, shown[i].name);

		if (value)
			json_object_set(status, shown[i].name, value);
		else
			json_object_set_new(status, shown[i].name,
					    shown[i].is_list ? json_array() : json_string(""));
	}
	json_object_set_new(status, "ra", ra);
}

static json_t *do_status(void *owner, const json_t *request, struct err *err)
{
	struct client *client = owner;
	const struct session *session = uplink_session(client->uplink);
	bool up = uplink_state(client->uplink) == UPLINK_UP, usable;
	unsigned missing;
	char mac[MAC_TEXT], proxy[PROXY_TEXT];

	heard_expire(&client->heard, uv_now(&client->loop));
	json_t *addresses = addresses_of(client, &usable), *routes = routes_of(client, &missing);
	json_t *status = json_pack(
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

	json_object_set_new(status, "delegated",
			    client->delegate ? delegate_json(client->delegate) : json_array());
	json_object_set_new(status, "proxy", json_string(proxy_text(&client->proxy.proxy, proxy)));
	json_object_set_new(status, "certificate_ends_s", certificate_ends(client));
	add_advertised(status, client);
	return status;
}

static json_t *do_show(void *owner, const json_t *request, struct err *err)
{
	struct client *client = owner;
	const char *what = json_string_value(json_object_get(request, "what"));
	uint64_t now_ms = uv_now(&client->loop);

	if (!what || strcmp(what, "ra") != 0) {
		err_kind(err, ERR_USAGE, "a client shows ra only; the other views are a server's");
		return NULL;
	}
	heard_expire(&client->heard, now_ms);
	return json_pack("{s:i, s:s, s:s, s:o}", "schema", 1, "role", "client", "interface",
			 client->profile.interface, "routers",
			 heard_routers_json(&client->heard, now_ms));
}

const struct rpc_action client_actions[] = { { "status", do_status }, { "show", do_show }, { 0 } };
