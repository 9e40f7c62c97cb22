/* SPDX-License-Identifier: Apache-2.0 */
/* cli/show_server.c - what `lanyard show` prints of a server's answers, for people. */
#include <stdio.h>
#include <string.h>

#include "cli/account_tables.h"
#include "cli/show.h"

static int64_t number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* "everybody", "group staff", "user alice", "user alice in group staff" */
static const char *scope_text(const json_t *scope, char text[static 128])
{
	const char *user = cli_text(scope, "user"), *group = cli_text(scope, "group");

	if (!user[0] && !group[0])
		snprintf(text, 128, "everybody else");
	else
		snprintf(text, 128, "%s%s%s%s%s", user[0] ? "user " : "", user,
			 user[0] && group[0] ? " in " : "", group[0] ? "group " : "", group);
	return text;
}

/* Names and how often, "hop_limit 3, mtu 1"; nothing if there are none. */
static void print_counts(const char *label, const json_t *counts)
{
	const char *name;
	const json_t *count;
	bool any = false;

	json_object_foreach((json_t *)counts, name, count)
	{
		if (!any)
			printf("  %-16s ", label);
		printf("%s%s %lld", any ? ", " : "", name, (long long)json_integer_value(count));
		any = true;
	}
	if (any)
		printf("\n");
}

/* ---- ra ---- */

static void print_scopes(const json_t *answer)
{
	const json_t *scope;
	char text[128];
	size_t i;

	json_array_foreach(json_object_get(answer, "scopes"), i, scope)
	{
		printf("\n%s, %lld client%s%s\n", scope_text(scope, text),
		       (long long)number(scope, "clients"),
		       number(scope, "clients") == 1 ? "" : "s",
		       json_is_true(json_object_get(scope, "enabled")) ? "" : ", not advertised");
		cli_print_ra(scope);
	}
}

static void print_schedules(const json_t *answer)
{
	static const char *const header[] = { "ID", "USER", "PHASE", "LAST", "NEXT", NULL };
	const json_t *clients = json_object_get(answer, "clients"), *client;
	struct cli_table *table;
	size_t i;

	if (json_array_size(clients) == 0)
		return;
	printf("\n");
	table = cli_table_new(header);
	json_array_foreach(clients, i, client)
	{
		const json_t *last = json_object_get(client, "last_s");
		const json_t *due = json_object_get(client, "next_due_s");
		char id[32], ago[32], in[32];

		snprintf(id, sizeof(id), "%lld", (long long)number(client, "id"));
		cli_table_add(table,
			      (const char *const[]) {
				      id, cli_text(client, "user"), cli_text(client, "phase"),
				      json_is_null(last)
					      ? "never"
					      : cli_duration(json_integer_value(last), ago),
				      json_is_null(due) ? "never"
							: cli_duration(json_integer_value(due), in),
				      NULL });
	}
	cli_table_print(table);
}

static void print_others(const json_t *answer)
{
	const json_t *router, *difference;
	char heard[32];
	size_t i, k;

	json_array_foreach(json_object_get(answer, "routers"), i, router)
	{
		const json_t *differences = json_object_get(router, "differences");

		printf("\nrouter %s (%s) on the LAN, heard %s ago\n", cli_text(router, "from"),
		       cli_text(router, "mac"), cli_duration(number(router, "heard_s"), heard));
		cli_print_ra(router);
		json_array_foreach(differences, k, difference)
			printf("  %-16s %s\n", "contradicts us", cli_text(difference, "text"));
		if (json_array_size(differences) == 0)
			printf("  %-16s %s\n", "contradicts us", "in nothing");
		print_counts("so far", json_object_get(router, "conflicts"));
	}
}

/* Of a host whose clients are to know, or routes of which they are. */
static const char *way_out(const json_t *answer)
{
	if (!json_is_true(json_object_get(answer, "forwards")))
		return "this host does not forward";
	return json_is_true(json_object_get(answer, "has_default_route")) ? "this host has one"
									  : "this host has none";
}

static void print_ra(const json_t *answer)
{
	const json_t *counters = json_object_get(answer, "counters");

	printf("%s is %s, %s\n", cli_text(answer, "interface"), cli_text(answer, "from"),
	       cli_text(answer, "mac"));
	if (!json_is_null(json_object_get(answer, "has_default_route")))
		printf("  %-16s %s\n", "default route", way_out(answer));
	if (number(answer, "routes_left_out") > 0)
		printf("  %-16s %lld of the kernel's, there are too many\n", "left out",
		       (long long)number(answer, "routes_left_out"));
	printf("  %-16s %lld sent, %lld solicited, %lld of other routers\n", "advertisements",
	       (long long)number(counters, "ra_sent"), (long long)number(counters, "rs_received"),
	       (long long)number(counters, "ra_received"));
	print_counts("bad solicited", json_object_get(counters, "rs_bad"));
	print_counts("bad of others", json_object_get(counters, "ra_bad"));
	print_scopes(answer);
	print_schedules(answer);
	print_others(answer);
}

/* ---- tables ---- */

static void print_prefixes(const json_t *answer)
{
	static const char *const header[] = { "PREFIX",	   "STATE",   "VALID",
					      "PREFERRED", "TOLD TO", NULL };
	struct cli_table *table = cli_table_new(header);
	const json_t *prefix;
	size_t i;

	json_array_foreach(json_object_get(answer, "prefixes"), i, prefix)
	{
		char valid[32], preferred[32], scope[128];

		cli_table_add(table, (const char *const[]) {
					     cli_text(prefix, "prefix"), cli_text(prefix, "state"),
					     cli_lifetime(prefix, "valid_s", valid),
					     cli_lifetime(prefix, "preferred_s", preferred),
					     scope_text(prefix, scope), NULL });
	}
	cli_table_print(table);
}

static void print_neighbours(const json_t *answer)
{
	static const char *const header[] = { "ADDRESS", "MAC",	 "SOURCE", "SEEN",
					      "CLIENT",	 "USER", NULL };
	struct cli_table *table = cli_table_new(header);
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(answer, "neighbours"), i, one)
	{
		char seen[32], id[32];

		snprintf(id, sizeof(id), "%lld", (long long)number(one, "client"));
		cli_table_add(table,
			      (const char *const[]) { cli_text(one, "address"),
						      cli_text(one, "mac"), cli_text(one, "source"),
						      cli_duration(number(one, "seen_s"), seen), id,
						      cli_text(one, "user"), NULL });
	}
	cli_table_print(table);
}

static void print_drops(struct cli_table *table, const char *id, const char *user,
			const json_t *drops)
{
	const char *reason;
	const json_t *count;

	json_object_foreach((json_t *)drops, reason, count)
	{
		char text[32];

		snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(count));
		cli_table_add(table, (const char *const[]) { id, user, reason, text, NULL });
	}
}

static void print_guards(const json_t *answer)
{
	static const char *const header[] = { "CLIENT", "USER", "REASON", "DROPPED", NULL };
	struct cli_table *table = cli_table_new(header);
	const json_t *client;
	size_t i;

	json_array_foreach(json_object_get(answer, "guards"), i, client)
	{
		char id[32];

		snprintf(id, sizeof(id), "%lld", (long long)number(client, "client"));
		print_drops(table, id, cli_text(client, "user"), json_object_get(client, "drops"));
	}
	print_drops(table, "tap", "", json_object_get(answer, "tap_drops"));
	print_drops(table, "all", "", json_object_get(answer, "drops"));
	cli_table_print(table);
}

/* ---- leases ---- */

#define RELAY_TEXT 512

/* What relays said of the client's place; "" for who asks without one. */
static const char *relay_text(const json_t *lease, char text[static RELAY_TEXT])
{
	const json_t *remote = json_object_get(lease, "remote_id");
	const char *interface = cli_text(lease, "interface_id");

	if (json_is_object(remote))
		snprintf(text, RELAY_TEXT, "%s%s%lld:%s", interface, interface[0] ? " " : "",
			 (long long)number(remote, "enterprise"), cli_text(remote, "id"));
	else
		snprintf(text, RELAY_TEXT, "%s", interface);
	return text;
}

/* A column that few servers need is there when some lease has it. */
static bool any_has(const json_t *leases, const char *name, const char *or_name)
{
	const json_t *one;
	size_t i;

	json_array_foreach((json_t *)leases, i,
			   one) if (!json_is_null(json_object_get(one, name)) ||
				    !json_is_null(json_object_get(one, or_name))) return true;
	return false;
}

void cli_print_leases(const json_t *answer)
{
	const json_t *leases = json_object_get(answer, "leases"), *one;
	bool relays = any_has(leases, "interface_id", "remote_id");
	bool excludes = any_has(leases, "excluded", "excluded");
	const char *header[11] = {
		"LEASE", "KIND", "STATE", "LEFT", "USER", "HOST", "MAC", "DUID"
	};
	unsigned columns = 8;
	size_t i;

	if (excludes)
		header[columns++] = "WITHOUT";
	if (relays)
		header[columns++] = "RELAY";
	struct cli_table *table = cli_table_new(header);

	json_array_foreach((json_t *)leases, i, one)
	{
		char left[32], relay[RELAY_TEXT];
		const char *cell[11] = { cli_text(one, "what"),	 cli_text(one, "kind"),
					 cli_text(one, "state"), cli_lifetime(one, "left_s", left),
					 cli_text(one, "user"),	 cli_text(one, "host"),
					 cli_text(one, "mac"),	 cli_text(one, "duid") };

		columns = 8;
		if (excludes)
			cell[columns++] = cli_text(one, "excluded");
		if (relays)
			cell[columns++] = relay_text(one, relay);
		cli_table_add(table, cell);
	}
	cli_table_print(table);
	json_array_foreach(json_object_get(answer, "reservations"), i, one)
		printf("%s is reserved for %s%s%s\n", cli_text(one, "what"), cli_text(one, "user"),
		       cli_text(one, "duid"), cli_text(one, "mac"));
}

static void print_captures(const json_t *answer)
{
	static const char *const header[] = { "ID",	"OF",	 "FILTER", "FOR", "SINCE",
					      "FRAMES", "BYTES", "LOST",   NULL };
	struct cli_table *table = cli_table_new(header);
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(answer, "captures"), i, one)
	{
		char id[32], since[32], frames[32], bytes[32], lost[32];

		snprintf(id, sizeof(id), "%lld", (long long)number(one, "capture"));
		snprintf(frames, sizeof(frames), "%lld", (long long)number(one, "frames"));
		snprintf(lost, sizeof(lost), "%lld", (long long)number(one, "lost"));
		cli_table_add(table, (const char *const[]) {
					     id, cli_text(one, "of"), cli_text(one, "filter"),
					     cli_text(one, "who"),
					     cli_duration(number(one, "running_s"), since), frames,
					     cli_bytes(number(one, "bytes"), bytes), lost, NULL });
	}
	cli_table_print(table);
}

const struct show_view cli_views[] = {
	{ "overview", NULL, "how much, and what somebody should look at", NULL, NULL,
	  cli_print_overview },
	{ "clients", NULL, "who is connected", NULL, NULL, cli_print_clients },
	{ "client", NULL, "one of them in full: by number, user or device", NULL, "client",
	  cli_print_client },
	{ "neighbours", "addresses", "addresses behind the clients", NULL, NULL, print_neighbours },
	{ "leases", NULL, "who has which address or prefix by DHCPv6, and what is reserved", NULL,
	  NULL, cli_print_leases },
	{ "prefixes", NULL, "what clients were promised of which prefix", NULL, NULL,
	  print_prefixes },
	{ "ra", "router", "what is advertised, for how long, and what other routers say", NULL,
	  NULL, print_ra },
	{ "guards", NULL, "what was dropped, and why", NULL, NULL, print_guards },
	{ "captures", NULL, "which run, and for whom", NULL, NULL, print_captures },
	{ "events", NULL, "what happened lately", NULL, NULL, cli_print_events },
	{ "config", "configuration", "the configuration in force, and where each value comes from",
	  NULL, NULL, cli_print_config },
	{ "users", NULL, "who may connect", "user list", NULL, account_print_users },
	{ "groups", NULL, "which there are, with their users, clients and bytes", NULL, NULL,
	  account_print_groups },
	{ "invites", "invitations", "which invitations there are", "invite list", NULL,
	  account_print_invites },
	{ "certs", "certificates", "certificates of users, and the CAs", "cert list", NULL,
	  account_print_certificates },
	{ "tokens", NULL, "scripts that use the HTTP API", "token list", NULL,
	  account_print_tokens },
	{ "audit", NULL, "who changed users, certificates and invitations, and when", "audit", NULL,
	  account_print_audit },
	{ 0 },
};
