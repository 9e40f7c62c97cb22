/* SPDX-License-Identifier: Apache-2.0 */
/* server/show_overview.c - the whole in short: how much, and what an admin should look at. */
#include <time.h>

#include "server/server_private.h"
#include "server/show.h"
#include "server/state_certificates.h"

#define ENDING_S (30 * 86400) /* a client renews its own by then; who is away does not */
#define ENDING_SHOWN 20

/* Since the server was started. */
static void add_traffic(const struct server *server, json_t *overview)
{
	struct groups groups;
	json_int_t clients = 0;

	groups_now(server, &groups);
	struct traffic sum = groups_sum(&groups);

	for (const struct client *client = server->clients; client; client = client->next)
		clients += client->added && !client->leaving;
	json_object_set_new(overview, "clients", json_integer(clients));
	json_object_set_new(overview, "rx_bytes", json_integer((json_int_t)sum.rx_bytes));
	json_object_set_new(overview, "tx_bytes", json_integer((json_int_t)sum.tx_bytes));
	json_object_set_new(overview, "rx_frames", json_integer((json_int_t)sum.rx_frames));
	json_object_set_new(overview, "tx_frames", json_integer((json_int_t)sum.tx_frames));
	json_object_set_new(overview, "drops", show_drops(&sum));
	json_object_set_new(overview, "groups", show_groups_in_short(&groups));
}

static void add_ending(void *owner, const struct state_certificate *certificate)
{
	char text[PKI_FINGERPRINT_TEXT];

	json_array_append_new(owner,
			      json_pack("{s:s, s:s, s:I}", "user", certificate->user, "fingerprint",
					pki_fingerprint_text(certificate->fingerprint, text),
					"not_after_s", (json_int_t)certificate->not_after_s));
}

static json_t *ending_certificates(const struct server *server)
{
	json_t *all = json_array();
	struct err err = { 0 };
	int64_t now_s = time(NULL);

	if (state_certificates_ending(server->state, now_s, now_s + ENDING_S, ENDING_SHOWN,
				      add_ending, all, &err) < 0)
		log_error("state: %s", err.text);
	return all;
}

/* ---- warnings ---- */

static void warn(json_t *warnings, const char *what, const char *text, const char *todo)
{
	json_array_append_new(
		warnings, json_pack("{s:s, s:s, s:s}", "what", what, "text", text, "todo", todo));
}

static json_t *warnings_of(const struct server *server, const json_t *overview)
{
	const json_t *dhcp6 = json_object_get(overview, "dhcp6");
	const json_t *conflicts =
		json_object_get(json_object_get(overview, "advertiser"), "conflicts");
	json_t *warnings = json_array();

	if (server->config.mode == MODE_ROUTED && kernel_follows_routes(server->kernel) &&
	    !kernel_follow(server->kernel)->forwards)
		warn(warnings, "forwarding",
		     "this host does not forward IPv6: clients reach it alone",
		     "sysctl net.ipv6.conf.all.forwarding=1");
	if (json_object_size(conflicts) > 0)
		warn(warnings, "routers", "another router on the LAN contradicts this one",
		     "lanyard show ra says in what");
	if (json_is_false(json_object_get(dhcp6, "durable")))
		warn(warnings, "leases", "the state file takes no leases: nobody gets a new one",
		     "see the log; the disk may be full");
	const char *problem = json_string_value(
		json_object_get(json_object_get(overview, "certificate"), "problem"));
	if (problem)
		warn(warnings, "certificate", problem,
		     "mend the files; the server reads them again by itself");
	if (json_array_size(json_object_get(overview, "ending")) > 0)
		warn(warnings, "certificates", "certificates of users end within 30 days",
		     "clients renew their own when they connect; the others need an invitation");
	return warnings;
}

json_t *show_overview(struct server *server)
{
	json_t *overview = status_without_clients(server);

	json_object_set_new(overview, "now_s", json_integer(time(NULL)));
	add_traffic(server, overview);
	json_object_set_new(overview, "captures", captures_in_short(server->captures));
	json_object_set_new(overview, "ending", ending_certificates(server));
	json_object_set_new(overview, "warnings", warnings_of(server, overview));
	return overview;
}
