/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verb_show.c - `lanyard show WHAT`: one thing that a daemon knows, in full.  Of a server's
 * answers: show_server.c. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/account.h"
#include "cli/show.h"
#include "server/account_actions.h"
#include "server/users.h"

static void print_lifetime(const json_t *entry, const char *name)
{
	char text[32];

	printf(", %s", cli_lifetime(entry, name, text));
}

static void print_flag(const json_t *entry, const char *name, const char *text)
{
	if (json_is_true(json_object_get(entry, name)))
		printf(", %s", text);
}

static void print_prefix(const json_t *entry)
{
	char valid[32], preferred[32];

	printf("%s", cli_text(entry, "prefix"));
	print_flag(entry, "on_link", "on link");
	print_flag(entry, "autonomous", "autonomous");
	print_flag(entry, "pd_preferred", "delegation preferred");
	if (cli_text(entry, "router_address")[0])
		printf(", router %s", cli_text(entry, "router_address"));
	printf(", valid %s, preferred %s", cli_lifetime(entry, "valid_s", valid),
	       cli_lifetime(entry, "preferred_s", preferred));
}

static void print_route(const json_t *entry)
{
	printf("%s %s", cli_text(entry, "prefix"), cli_text(entry, "preference"));
	print_lifetime(entry, "lifetime_s");
}

static void print_dns(const json_t *entry)
{
	printf("%s", cli_text(entry, "address"));
	print_lifetime(entry, "lifetime_s");
}

static void print_search(const json_t *entry)
{
	printf("%s", cli_text(entry, "domain"));
	print_lifetime(entry, "lifetime_s");
}

static void print_nat64(const json_t *entry)
{
	printf("%s", cli_text(entry, "prefix"));
	print_lifetime(entry, "lifetime_s");
}

static void print_dnr(const json_t *entry)
{
	const json_t *address;
	size_t i;

	printf("%s, priority %lld", cli_text(entry, "name"),
	       (long long)json_integer_value(json_object_get(entry, "priority")));
	json_array_foreach(json_object_get(entry, "addresses"), i, address)
		printf("%s%s", i == 0 ? ", at " : " ", json_string_value(address));
	if (cli_text(entry, "alpn")[0])
		printf(", %s", cli_text(entry, "alpn"));
	if (json_integer_value(json_object_get(entry, "port")) > 0)
		printf(", port %lld",
		       (long long)json_integer_value(json_object_get(entry, "port")));
	if (cli_text(entry, "dohpath")[0])
		printf(", %s", cli_text(entry, "dohpath"));
	print_lifetime(entry, "lifetime_s");
}

static void print_number(const json_t *router, const char *name, const char *label,
			 const char *unit)
{
	int64_t value = json_integer_value(json_object_get(router, name));

	if (value > 0) /* 0 is "unspecified" */
		printf("  %-16s %lld%s\n", label, (long long)value, unit);
}

void cli_print_ra(const json_t *router)
{
	static const struct {
		const char *name, *label;
		void (*print)(const json_t *entry);
	} lists[] = {
		{ "prefixes", "prefix", print_prefix },
		{ "routes", "route", print_route },
		{ "dns", "dns", print_dns },
		{ "search", "search", print_search },
		{ "nat64", "nat64", print_nat64 },
		{ "dnr", "encrypted dns", print_dnr },
	};
	const json_t *entry;
	char text[32];
	size_t k;

	printf("  %-16s ", "default router");
	if (json_integer_value(json_object_get(router, "lifetime_s")) == 0)
		printf("no\n");
	else
		printf("%s, %s\n", cli_text(router, "preference"),
		       cli_lifetime(router, "lifetime_s", text));
	print_number(router, "hop_limit", "hop limit", "");
	print_number(router, "mtu", "mtu", "");
	print_number(router, "reachable_ms", "reachable", " ms");
	print_number(router, "retrans_ms", "retransmit", " ms");
	if (json_is_true(json_object_get(router, "managed")))
		printf("  %-16s addresses and more\n", "dhcpv6");
	else if (json_is_true(json_object_get(router, "other")))
		printf("  %-16s all but addresses\n", "dhcpv6");
	for (unsigned i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		json_array_foreach(json_object_get(router, lists[i].name), k, entry)
		{
			printf("  %-16s ", lists[i].label);
			lists[i].print(entry);
			printf("\n");
		}
	if (cli_text(router, "captive_portal")[0])
		printf("  %-16s %s\n", "captive portal", cli_text(router, "captive_portal"));
}

static void print_router(const json_t *router)
{
	char heard[32], text[32];

	printf("%s, heard %s ago", cli_text(router, "from"),
	       cli_duration(json_integer_value(json_object_get(router, "heard_s")), heard));
	if (json_is_integer(json_object_get(router, "next_due_s")))
		printf(", next within %s", cli_lifetime(router, "next_due_s", text));
	printf("\n");
	cli_print_ra(router);
}

static void print_routers(const json_t *answer)
{
	const json_t *routers = json_object_get(answer, "routers"), *router;
	size_t i;

	json_array_foreach(routers, i, router) print_router(router);
	if (json_array_size(routers) == 0)
		printf("no router has said anything on %s\n", cli_text(answer, "interface"));
}

static const struct show_view *find_view(const char *name)
{
	for (const struct show_view *view = cli_views; view->name; view++)
		if (strcmp(view->name, name) == 0 || (view->also && strcmp(view->also, name) == 0))
			return view;
	return NULL;
}

/* What there is, for who has said nothing, or nothing that is. */
static int list_views(const char *wrong)
{
	if (wrong)
		fprintf(stderr, "lanyard show: there is no '%s'; ", wrong);
	else
		fprintf(stderr, "lanyard show: ");
	fprintf(stderr, "say what:\n");
	for (const struct show_view *view = cli_views; view->name; view++) {
		char name[64];

		snprintf(name, sizeof(name), "%s%s%s%s", view->name, view->also ? ", " : "",
			 view->also ? view->also : "", view->argument ? " NAME" : "");
		fprintf(stderr, "  %-22s %s\n", name, view->summary);
	}
	return ERR_USAGE;
}

/* What lies in the state file is there without a server, too; reading makes none. */
static json_t *read_state(const struct cli_target *target, const char *verb, struct err *err)
{
	struct account_options options = { .config_path = target->config_path };
	char path[sizeof(options.config.state) + sizeof("/" STATE_FILE)];
	struct state *state = NULL;
	json_t *answer = NULL;

	if (server_config_read(&options.config, target->config_path, err) < 0)
		return NULL;
	snprintf(path, sizeof(path), "%s/%s", options.config.state, STATE_FILE);
	if (access(path, F_OK) == 0)
		state = state_open(options.config.state, err);
	if (state)
		*err = (struct err) { 0 };
	if (state && strcmp(verb, "user list") == 0) {
		answer = users_list(state, &options.config, time(NULL), err);
	} else if (state) {
		json_t *request = json_pack("{s:s}", "verb", verb);

		answer = account_run(state, &options.config, request, err);
		json_decref(request);
	}
	state_close(state);
	server_config_free(&options.config);
	return answer;
}

static json_t *ask(const struct cli_target *target, const struct show_view *view,
		   const char *argument, struct err *err)
{
	json_t *request = view->verb ? json_pack("{s:s}", "verb", view->verb)
				     : json_pack("{s:s, s:s}", "verb", "show", "what", view->name);
	if (view->argument &&
	    json_object_set_new(request, view->argument, json_string(argument)) < 0) {
		json_decref(request);
		err_kind(err, ERR_USAGE, "the name is no UTF-8 text");
		return NULL;
	}
	json_t *answer = cli_ask(target, request, !view->verb, err);

	json_decref(request);
	if (!answer && view->verb && err->kind == ERR_NO_DAEMON && !target->socket)
		answer = read_state(target, view->verb, err);
	if (answer && !json_object_get(answer, "role"))
		json_object_set_new(answer, "role", json_string("server"));
	return answer;
}

int cli_show(int argc, char **argv)
{
	struct cli_target target = { 0 };
	struct err err = { 0 };

	if (cli_target_parse(&target, argc, argv) < 0)
		return cli_usage("show", "wrong option");
	if (optind == argc)
		return list_views(NULL);
	const struct show_view *view = find_view(argv[optind]);

	if (!view)
		return list_views(argv[optind]);
	if (optind + 1 + (view->argument != NULL) != argc)
		return cli_usage("show", view->argument ? "%s needs one NAME" : "%s is all to say",
				 view->name);
	json_t *answer = ask(&target, view, argv[argc - 1], &err);

	if (!answer)
		return cli_fail(&err);
	if (target.json) {
		cli_print_json(answer);
		return 0;
	}
	if (strcmp(cli_text(answer, "role"), "server") == 0)
		view->print(answer);
	else
		print_routers(answer);
	json_decref(answer);
	return 0;
}
