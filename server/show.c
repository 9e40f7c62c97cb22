/* SPDX-License-Identifier: Apache-2.0 */
/* server/show.c - `lanyard show`: clients, prefixes, neighbours, ra, guards, leases ...;
 * the table of all. */
#include "server/show.h"

#include "server/ra_json.h"
#include "server/server_private.h"

static json_t *counted(const uint64_t *count, const char *const *name, unsigned from, unsigned to)
{
	json_t *all = json_object();

	for (unsigned i = from; i < to; i++)
		if (count[i] > 0)
			json_object_set_new(all, name[i], json_integer((json_int_t)count[i]));
	return all;
}

/* ---- ra ---- */

/* Whom it concerns: null is nobody in particular. */
static void set_scope(json_t *object, const char *user, const char *group)
{
	json_object_set_new(object, "user", user[0] ? json_string(user) : json_null());
	json_object_set_new(object, "group", group[0] ? json_string(group) : json_null());
}

static json_t *scopes_of(struct server *server)
{
	json_t *all = json_array();

	for (struct settings *settings = server->settings; settings; settings = settings->next) {
		if (settings->stale)
			continue;
		settings_compose(server, settings); /* what is left now */
		json_t *one = ra_json(&settings->content, 0);
		set_scope(one, settings->user, settings->group);
		json_object_set_new(one, "enabled", json_boolean(settings->ra.enabled));
		json_object_set_new(one, "clients", json_integer(settings->clients));
		json_array_append_new(all, one);
	}
	return all;
}

json_t *show_schedule(const struct client *client)
{
	const struct ra_schedule *s = &client->advertising;
	uint64_t now_ms = uv_now(&client->server->loop);
	json_t *due = json_null(), *last = json_null();

	if (s->phase != RA_OFF && s->due_ms != RA_NEVER_MS)
		due = json_integer(s->due_ms > now_ms ? (json_int_t)((s->due_ms - now_ms) / 1000)
						      : 0);
	if (s->sent_any)
		last = json_integer((json_int_t)((now_ms - s->last_ms) / 1000));
	return json_pack("{s:i, s:s, s:s, s:o, s:o}", "id", (int)client->id, "user", client->user,
			 "phase", ra_phase_name[s->phase], "next_due_s", due, "last_s", last);
}

static json_t *schedules_of(const struct server *server)
{
	json_t *all = json_array();

	for (const struct client *client = server->clients; client; client = client->next)
		if (client->added && !client->leaving)
			json_array_append_new(all, show_schedule(client));
	return all;
}

static json_t *differences_of(const struct other_router *router)
{
	json_t *all = json_array();
	char text[OTHERS_TEXT];

	for (unsigned i = 0; i < router->difference_count; i++)
		json_array_append_new(all,
				      json_pack("{s:s, s:s}", "what",
						ra_conflict_name[router->difference[i].what],
						"text", others_text(&router->difference[i], text)));
	return all;
}

static json_t *others_of(const struct server *server)
{
	uint64_t now_ms = uv_now(&server->loop);
	json_t *all = json_array();
	char address[IP6_TEXT], mac[MAC_TEXT];

	for (unsigned i = 0; i < server->others.count; i++) {
		const struct other_router *router = &server->others.router[i];
		uint32_t age_s = (uint32_t)((now_ms - router->heard_ms) / 1000);
		json_t *one = ra_json(&router->ra, age_s);

		json_object_set_new(one, "from", json_string(ip6_text(&router->address, address)));
		json_object_set_new(one, "mac", json_string(mac_text(&router->mac, mac)));
		json_object_set_new(one, "heard_s", json_integer(age_s));
		json_object_set_new(one, "received", json_integer((json_int_t)router->received));
		json_object_set_new(one, "differences", differences_of(router));
		json_object_set_new(one, "conflicts",
				    counted(router->conflicts, ra_conflict_name, 0, RA_CONFLICTS));
		json_array_append_new(all, one);
	}
	return all;
}

static json_t *show_ra(struct server *server)
{
	const struct others *others = &server->others;
	char address[IP6_TEXT], mac[MAC_TEXT];
	json_t *counters =
		json_pack("{s:I, s:I, s:o, s:I, s:o, s:o}", "ra_sent", (json_int_t)server->ra_sent,
			  "rs_received", (json_int_t)server->rs_received, "rs_bad",
			  counted(server->rs_bad, rs_verdict_name, 0, RS_VERDICTS), "ra_received",
			  (json_int_t)others->received, "ra_bad", show_bad_ra(server), "conflicts",
			  show_conflicts(server));

	const struct follow *follow = kernel_follow(server->kernel);
	bool follows = kernel_follows_routes(server->kernel);

	return json_pack(
		"{s:s, s:s, s:s, s:o, s:o, s:i, s:o, s:o, s:o, s:o}", "interface",
		server->config.interface, "from", ip6_text(&server->identity.link_local, address),
		"mac", mac_text(&server->identity.mac, mac), "has_default_route",
		follows ? json_boolean(follow->has_default) : json_null(), "forwards",
		follows ? json_boolean(follow->forwards) : json_null(), "routes_left_out",
		(int)follow->routes.left_out, "counters", counters, "scopes", scopes_of(server),
		"clients", schedules_of(server), "routers", others_of(server));
}

json_t *show_conflicts(const struct server *server)
{
	return counted(server->others.conflicts, ra_conflict_name, 0, RA_CONFLICTS);
}

json_t *show_bad_ra(const struct server *server)
{
	return counted(server->others.bad, ra_verdict_name, 0, RA_VERDICTS);
}

/* ---- prefixes ---- */

static void add_promises(void *owner, const struct state_scope *scope,
			 const struct ra_promises *table)
{
	struct ra_prefix prefix[RA_MAX_PROMISES];
	unsigned count = promises_left(table, prefix);

	for (unsigned i = 0; i < count; i++) {
		json_t *one = ra_prefix_json(&prefix[i], 0);

		set_scope(one, scope->user, scope->group);
		json_object_set_new(one, "state",
				    json_string(promises_has(table, &prefix[i].prefix)
							? "advertised"
							: "deprecated"));
		json_array_append_new(owner, one);
	}
}

static json_t *show_prefixes(struct server *server)
{
	json_t *all = json_array();

	promises_refresh(server->promises); /* what is left now */
	promises_each(server->promises, add_promises, all);
	return json_pack("{s:o}", "prefixes", all);
}

/* ---- views of what status knows ---- */

static json_t *show_clients(struct server *server)
{
	json_t *status = status_server(server);
	json_t *answer = json_pack("{s:O}", "clients", json_object_get(status, "clients"));

	json_decref(status);
	return answer;
}

static json_t *show_neighbours(struct server *server)
{
	json_t *status = status_server(server), *all = json_array(), *client, *address;
	size_t i, k;

	json_array_foreach(json_object_get(status, "clients"), i, client)
		json_array_foreach(json_object_get(client, "addresses"), k, address)
	{
		json_object_set(address, "client", json_object_get(client, "id"));
		json_object_set(address, "user", json_object_get(client, "user"));
		json_array_append(all, address);
	}
	json_decref(status);
	return json_pack("{s:o}", "neighbours", all);
}

static json_t *show_guards(struct server *server)
{
	json_t *status = status_server(server), *all = json_array(), *client;
	size_t i;

	json_array_foreach(json_object_get(status, "clients"), i, client) json_array_append_new(
		all, json_pack("{s:O, s:O, s:O}", "client", json_object_get(client, "id"), "user",
			       json_object_get(client, "user"), "drops",
			       json_object_get(client, "drops")));
	json_t *answer = json_pack("{s:o, s:O}", "guards", all, "tap_drops",
				   json_object_get(status, "tap_drops"));
	struct groups groups;

	groups_now(server, &groups);
	struct traffic sum = groups_sum(&groups);

	json_object_set_new(answer, "drops", show_drops(&sum));
	json_decref(status);
	return answer;
}

static json_t *show_leases(struct server *server)
{
	return dhcp6_show_leases(server->dhcp6);
}

static json_t *show_captures(struct server *server)
{
	return captures_show(server->captures);
}

static json_t *show_events(struct server *server)
{
	return events_after(server->events, NULL, 0, EVENTS_MAX);
}

static const struct {
	const char *what;
	json_t *(*show)(struct server *server);
	/* instead of `show`: of one thing that the request names, or what may fail */
	json_t *(*show_one)(struct server *server, const json_t *request, struct err *err);
} views[] = {
	{ "overview", show_overview, NULL },
	{ "client", NULL, show_client },
	{ "live", show_live, NULL },
	{ "clients", show_clients, NULL },
	{ "config", show_config, NULL },
	{ "history", NULL, show_history },
	{ "prefixes", show_prefixes, NULL },
	{ "neighbours", show_neighbours, NULL },
	{ "ra", show_ra, NULL },
	{ "guards", show_guards, NULL },
	{ "leases", show_leases, NULL },
	{ "groups", NULL, show_groups },
	{ "captures", show_captures, NULL },
	{ "events", show_events, NULL },
};

json_t *show(struct server *server, const char *what, const json_t *request, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(views); i++) {
		if (strcmp(views[i].what, what) != 0)
			continue;
		json_t *answer = views[i].show ? views[i].show(server)
					       : views[i].show_one(server, request, err);
		if (!answer)
			return NULL;
		json_object_set_new(answer, "schema", json_integer(1));
		json_object_set_new(answer, "role", json_string("server"));
		return answer;
	}
	err_kind(err, ERR_NO_OBJECT, "there is no '%.32s' to show", what);
	return NULL;
}
