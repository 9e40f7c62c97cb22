/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verb_status.c - `lanyard status`, `kick` and `reload`: questions to a running daemon. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/show.h"
#include "cli/watch.h"

static int64_t number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

void cli_print_addresses(const json_t *addresses)
{
	const json_t *address;
	size_t i;

	json_array_foreach(addresses, i, address)
		printf("    %-40s %-10s %s\n", cli_text(address, "address"),
		       cli_text(address, "source"), cli_text(address, "mac"));
}

/* "alice (staff), captured": a person is to see that somebody looks on. */
static const char *user_text(const json_t *client, char text[static 96])
{
	const char *group = cli_text(client, "group");
	bool captured = json_array_size(json_object_get(client, "captures")) > 0;

	snprintf(text, 96, "%.32s%s%.32s%s%s", cli_text(client, "user"), group[0] ? " (" : "",
		 group, group[0] ? ")" : "", captured ? ", captured" : "");
	return text;
}

void cli_print_clients(const json_t *answer)
{
	static const char *const header[] = { "ID",  "USER",	 "DEVICE", "FROM", "SINCE",
					      "RTT", "RECEIVED", "SENT",   NULL };
	const json_t *client;
	struct cli_table *table = cli_table_new(header);
	size_t i;

	json_array_foreach(json_object_get(answer, "clients"), i, client)
	{
		char id[16], since[32], rtt[32], rx[32], tx[32], user[96];

		snprintf(id, sizeof(id), "%lld", (long long)number(client, "id"));
		snprintf(rtt, sizeof(rtt), "%.1f ms", (double)number(client, "rtt_us") / 1000);
		cli_table_add(table, (const char *const[]) {
					     id, user_text(client, user),
					     cli_text(client, "device"), cli_text(client, "remote"),
					     cli_duration(number(client, "connected_s"), since),
					     rtt, cli_bytes(number(client, "rx_bytes"), rx),
					     cli_bytes(number(client, "tx_bytes"), tx), NULL });
	}
	cli_table_print(table);
}

/* Nothing, if there is none. */
static void print_certificate_problem(FILE *to, const json_t *certificate)
{
	const char *problem = cli_text(certificate, "problem");

	if (problem[0])
		fprintf(to, "the server's certificate stays as it was: %s\n", problem);
}

static void print_old_authority(const json_t *certificate)
{
	char left[32];
	int64_t left_s = number(certificate, "old_authority_ends_s") - (int64_t)time(NULL);

	if (json_is_integer(json_object_get(certificate, "old_authority_ends_s")))
		printf("one CA follows another, which ends in %s\n",
		       cli_duration(left_s > 0 ? left_s : 0, left));
}

static void print_server(const json_t *status)
{
	const json_t *client;
	size_t i;

	printf("server %s, %s, %s\n", cli_text(status, "version"), cli_text(status, "interface"),
	       cli_text(status, "mode"));
	print_certificate_problem(stdout, json_object_get(status, "certificate"));
	print_old_authority(json_object_get(status, "certificate"));
	cli_print_suites(status);
	cli_print_clients(status);
	json_array_foreach(json_object_get(status, "clients"), i, client)
	{
		const json_t *addresses = json_object_get(client, "addresses");
		if (json_array_size(addresses) == 0)
			continue;
		printf("\n%s (%lld) has\n", cli_text(client, "user"),
		       (long long)number(client, "id"));
		cli_print_addresses(addresses);
	}
}

/* `by`: who has applied it; empty: nobody. */
static void print_list(const char *label, const json_t *list, const char *by)
{
	const json_t *item;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	printf("%-10s", label);
	json_array_foreach(list, i, item) printf(" %s", json_string_value(item));
	printf("%s%s\n", by[0] ? ", applied by " : "", by);
}

static void print_dns(const json_t *dns)
{
	const char *by = cli_text(dns, "applied_by");

	if (strcmp(by, "none") == 0)
		by = "";
	print_list("dns", json_object_get(dns, "servers"), by);
	print_list("search", json_object_get(dns, "search"), by);
}

static void print_own_addresses(const json_t *addresses)
{
	const json_t *address;
	size_t i;

	json_array_foreach(addresses, i, address)
		printf("%-10s %s %s%s%s\n", i == 0 ? "addresses" : "", cli_text(address, "address"),
		       cli_text(address, "source"),
		       json_is_true(json_object_get(address, "deprecated")) ? ", deprecated" : "",
		       json_is_false(json_object_get(address, "usable")) ? ", not usable" : "");
}

/* The same, of objects' members of that name. */
static void print_named(const char *label, const json_t *list, const char *name)
{
	const json_t *item;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	printf("%-10s", label);
	json_array_foreach(list, i, item) printf(" %s", cli_text(item, name));
	printf("\n");
}

static void print_delegated(const json_t *delegated)
{
	const json_t *item;
	char lifetime[32];
	size_t i;

	json_array_foreach(delegated, i, item)
		printf("%-10s %s on %s, %s\n", i == 0 ? "delegated" : "", cli_text(item, "prefix"),
		       cli_text(item, "interface"), cli_lifetime(item, "valid_s", lifetime));
}

static void print_client(const json_t *status)
{
	const json_t *item;
	char lifetime[32];
	size_t i;

	printf("%-10s %s (%s)\n", "server", cli_text(status, "server"), cli_text(status, "state"));
	if (cli_text(status, "proxy")[0])
		printf("%-10s %s\n", "by proxy", cli_text(status, "proxy"));
	printf("%-10s %s, %s\n", "interface", cli_text(status, "interface"),
	       cli_text(status, "mac"));
	if (strcmp(cli_text(status, "managed_by"), "lanyard") != 0)
		printf("%-10s by %s\n", "managed", cli_text(status, "managed_by"));
	if (cli_text(status, "cipher")[0])
		printf("%-10s %s by %s %s, round trip %.1f ms\n", "cipher",
		       cli_text(status, "cipher"), cli_text(status, "aead"),
		       cli_text(status, "aead_detail"), (double)number(status, "rtt_us") / 1000);
	if (json_is_integer(json_object_get(status, "certificate_ends_s")))
		printf("%-10s ends in %s\n", "identity",
		       cli_duration(number(status, "certificate_ends_s"), lifetime));
	print_own_addresses(json_object_get(status, "addresses"));
	json_array_foreach(json_object_get(status, "routes"), i, item) printf(
		"%-10s %s %s, %s, %s\n", i == 0 ? "routes" : "", cli_text(item, "prefix"),
		cli_text(item, "preference"), cli_lifetime(item, "lifetime_s", lifetime),
		json_is_true(json_object_get(item, "installed")) ? "installed" : "not installed");
	print_delegated(json_object_get(status, "delegated"));
	print_dns(json_object_get(status, "dns"));
	print_named("nat64", json_object_get(status, "nat64"), "prefix");
	print_named("dnr", json_object_get(status, "dnr"), "name");
	if (cli_text(status, "captive_portal")[0])
		printf("%-10s %s\n", "portal", cli_text(status, "captive_portal"));
	json_array_foreach(json_object_get(status, "health"), i,
			   item) if (!json_is_true(json_object_get(item, "ok")))
		printf("%-10s %s: %s\n", "problem", cli_text(item, "check"),
		       cli_text(item, "detail"));
}

static int status_options(int argc, char **argv, struct cli_target *target, bool *watches)
{
	static const struct option longs[] = { CLI_TARGET_LONG,
					       { "watch", no_argument, NULL, 'w' },
					       { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, CLI_TARGET_SHORT, longs, NULL)) != -1) {
		if (option == 'w')
			*watches = true;
		else if (cli_target_option(target, option) < 0)
			return -1;
	}
	return 0;
}

int cli_status(int argc, char **argv)
{
	struct cli_target target = { 0 };
	struct err err = { 0 };
	bool watches = false;

	if (status_options(argc, argv, &target, &watches) < 0)
		return cli_usage("status", "wrong option");
	if (optind < argc)
		return cli_usage("status", "'%s' is one argument too many", argv[optind]);
	if (watches)
		return cli_watch(&target);
	json_t *request = json_pack("{s:s}", "verb", "status");
	json_t *status = cli_ask(&target, request, true, &err);
	json_decref(request);
	if (!status)
		return cli_fail(&err);
	if (target.json) {
		cli_print_json(status);
		return 0;
	}
	if (strcmp(cli_text(status, "role"), "server") == 0)
		print_server(status);
	else
		print_client(status);
	json_decref(status);
	return 0;
}

int cli_kick(int argc, char **argv)
{
	struct cli_target target = { 0 };
	struct err err = { 0 };

	if (cli_target_parse(&target, argc, argv) < 0)
		return cli_usage("kick", "wrong option");
	if (optind + 1 != argc)
		return cli_usage("kick", "name one CLIENT, by number, user or device");
	json_t *request = json_pack("{s:s, s:s}", "verb", "kick", "client", argv[optind]);
	json_t *answer = request ? cli_ask(&target, request, false, &err) : NULL;
	if (!request)
		err_kind(&err, ERR_USAGE, "the CLIENT is no UTF-8 text");
	json_decref(request);
	if (!answer)
		return cli_fail(&err);
	fprintf(stderr, "%lld disconnected\n", (long long)number(answer, "kicked"));
	json_decref(answer);
	return 0;
}

int cli_reload(int argc, char **argv)
{
	struct cli_target target = { 0 };
	struct err err = { 0 };
	const json_t *key;
	size_t i;

	if (cli_target_parse(&target, argc, argv) < 0)
		return cli_usage("reload", "wrong option");
	if (optind < argc)
		return cli_usage("reload", "'%s' is one argument too many", argv[optind]);
	json_t *request = json_pack("{s:s}", "verb", "reload");
	json_t *answer = cli_ask(&target, request, false, &err);
	json_decref(request);
	if (!answer)
		return cli_fail(&err);
	if (target.json) {
		cli_print_json(answer);
		return 0;
	}
	fprintf(stderr, "the configuration was read again; clients that are told of it: %lld\n",
		(long long)number(answer, "clients_told"));
	json_array_foreach(json_object_get(answer, "needs_restart"), i, key) fprintf(
		stderr, "%s is another now: that needs a restart\n", json_string_value(key));
	print_certificate_problem(stderr, json_object_get(answer, "certificate"));
	json_decref(answer);
	return 0;
}
