/* SPDX-License-Identifier: Apache-2.0 */
/* admin/metrics.c - a table of what is counted, and where in `show live` it is.
 *
 * The two formats differ in how a counter's family is called and in the last line:
 * https://prometheus.io/docs/specs/om/open_metrics_spec/ (5.1.2, 4.1) and
 * https://prometheus.io/docs/instrumenting/exposition_formats/.
 */
#include "admin/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

enum metric_kind { GAUGE, COUNTER };

struct metric {
	const char *name; /* without _total */
	enum metric_kind kind;
	const char *help;
	const char *where; /* members, with dots between */
	const char *label; /* of an object with one number per member; NULL: it is a number */
	bool is_us;	   /* there; Prometheus has seconds */
};

/* In `overview`. */
static const struct metric of_server[] = {
	{ "lanyard_start_time_seconds", GAUGE, "When the server was started.", "started_s", NULL },
	{ "lanyard_clients", GAUGE, "Clients that are connected.", "clients", NULL },
	{ "lanyard_receive_bytes", COUNTER, "Bytes of frames from clients.", "rx_bytes", NULL },
	{ "lanyard_transmit_bytes", COUNTER, "Bytes of frames to clients.", "tx_bytes", NULL },
	{ "lanyard_receive_frames", COUNTER, "Frames from clients.", "rx_frames", NULL },
	{ "lanyard_transmit_frames", COUNTER, "Frames to clients.", "tx_frames", NULL },
	{ "lanyard_dropped_frames", COUNTER, "Frames of or to clients that were dropped.", "drops",
	  "reason" },
	{ "lanyard_tap_dropped_frames", COUNTER, "Frames of the TAP that were dropped.",
	  "tap_drops", "reason" },
	{ "lanyard_certificate_expiry_time_seconds", GAUGE, "When the server's certificate ends.",
	  "certificate.ends_s", NULL },
	{ "lanyard_ending_certificates", GAUGE,
	  "Certificates of users that end within 30 days; of more than 20, 20.", "ending", NULL },
	{ "lanyard_strangers", GAUGE, "Connections that are not logged in.", "strangers.now",
	  NULL },
	{ "lanyard_strangers_accepted", COUNTER, "Connections that were accepted.",
	  "strangers.accepted", NULL },
	{ "lanyard_strangers_logged_in", COUNTER, "Connections that logged in.",
	  "strangers.logged_in", NULL },
	{ "lanyard_strangers_refused", COUNTER, "Connections that were refused.",
	  "strangers.refused", "reason" },
	{ "lanyard_handshakes_failed", COUNTER, "TLS handshakes that failed.",
	  "strangers.handshake", "reason" },
	{ "lanyard_ra_sent", COUNTER, "Router Advertisements sent.", "advertiser.ra_sent", NULL },
	{ "lanyard_rs_received", COUNTER, "Router Solicitations received.",
	  "advertiser.rs_received", NULL },
	{ "lanyard_rs_refused", COUNTER, "Router Solicitations that were not valid.",
	  "advertiser.rs_bad", "reason" },
	{ "lanyard_ra_received", COUNTER, "Router Advertisements of others.",
	  "advertiser.ra_received", NULL },
	{ "lanyard_ra_refused", COUNTER, "Router Advertisements of others that were not valid.",
	  "advertiser.ra_bad", "reason" },
	{ "lanyard_other_routers", GAUGE, "Other routers heard.", "advertiser.other_routers",
	  NULL },
	{ "lanyard_router_conflicts", COUNTER, "Advertisements of others that contradict ours.",
	  "advertiser.conflicts", "what" },
	{ "lanyard_dhcp6_received", COUNTER, "DHCPv6 messages received.", "dhcp6.received", NULL },
	{ "lanyard_dhcp6_sent", COUNTER, "DHCPv6 messages sent.", "dhcp6.sent", NULL },
	{ "lanyard_dhcp6_unsent", COUNTER, "DHCPv6 answers that could not be sent.", "dhcp6.unsent",
	  NULL },
	{ "lanyard_dhcp6_results", COUNTER, "DHCPv6 messages by what became of them.",
	  "dhcp6.results", "result" },
	{ "lanyard_dhcp6_messages_received", COUNTER, "DHCPv6 messages received, by type.",
	  "dhcp6.messages.received", "type" },
	{ "lanyard_dhcp6_messages_sent", COUNTER, "DHCPv6 messages sent, by type.",
	  "dhcp6.messages.sent", "type" },
	{ "lanyard_dhcp6_answers", COUNTER,
	  "DHCPv6 answers by the first status in them that is no success.",
	  "dhcp6.messages.answers", "status" },
	{ "lanyard_leases", GAUGE, "DHCPv6 leases.", "dhcp6.leases", "state" },
	{ "lanyard_lease_store_up", GAUGE, "Whether leases can be written to disk.",
	  "dhcp6.durable", NULL },
	{ "lanyard_lease_store_failures", COUNTER, "Commits of leases that failed.",
	  "dhcp6.store.failures", NULL },
	{ "lanyard_captures", GAUGE, "Captures that run.", "captures.running", NULL },
	{ "lanyard_capture_frames", COUNTER, "Frames that captures have written.",
	  "captures.frames", NULL },
	{ "lanyard_capture_bytes", COUNTER, "Bytes of frames that captures have written.",
	  "captures.bytes", NULL },
	{ "lanyard_capture_lost_frames", COUNTER,
	  "Frames that captures have lost as their readers were too slow.", "captures.lost", NULL },
};

/* In each of `overview.groups`. */
static const struct metric of_group[] = {
	{ "lanyard_group_clients", GAUGE, "Clients of a group that are connected.", "clients",
	  NULL },
	{ "lanyard_group_receive_bytes", COUNTER, "Bytes of frames from clients of a group.",
	  "rx_bytes", NULL },
	{ "lanyard_group_transmit_bytes", COUNTER, "Bytes of frames to clients of a group.",
	  "tx_bytes", NULL },
	{ "lanyard_group_receive_frames", COUNTER, "Frames from clients of a group.", "rx_frames",
	  NULL },
	{ "lanyard_group_transmit_frames", COUNTER, "Frames to clients of a group.", "tx_frames",
	  NULL },
};

/* In each of `overview.per_worker`. */
static const struct metric of_worker[] = {
	{ "lanyard_worker_clients", GAUGE, "Clients of a worker.", "clients", NULL },
	{ "lanyard_worker_tap_receive_frames", COUNTER, "Frames that a worker read from the TAP.",
	  "tap_rx_frames", NULL },
	{ "lanyard_worker_tap_transmit_frames", COUNTER, "Frames that a worker wrote to the TAP.",
	  "tap_tx_frames", NULL },
	{ "lanyard_worker_handed_over_frames", COUNTER, "Frames for clients of other workers.",
	  "handed_over", NULL },
};

/* In each of `clients`. */
static const struct metric of_client[] = {
	{ "lanyard_client_receive_bytes", COUNTER, "Bytes of frames from a client.", "rx_bytes",
	  NULL },
	{ "lanyard_client_transmit_bytes", COUNTER, "Bytes of frames to a client.", "tx_bytes",
	  NULL },
	{ "lanyard_client_receive_frames", COUNTER, "Frames from a client.", "rx_frames", NULL },
	{ "lanyard_client_transmit_frames", COUNTER, "Frames to a client.", "tx_frames", NULL },
	{ "lanyard_client_dropped_frames", COUNTER, "Frames of a client that were dropped.",
	  "drops", "reason" },
	{ "lanyard_client_round_trip_seconds", GAUGE, "Round trip to a client.", "rtt_us", NULL,
	  .is_us = true },
};

/* ---- lines ---- */

/* Backslash, quote and the end of a line are escaped in both formats. */
static void write_label(FILE *to, const char *name, const char *value)
{
	fprintf(to, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			fputc('\\', to);
		if (*value == '\n')
			fputs("\\n", to);
		else
			fputc(*value, to);
	}
	fputc('"', to);
}

static void write_family(FILE *to, const struct metric *metric, bool open)
{
	const char *total = metric->kind == COUNTER && !open ? "_total" : "";

	fprintf(to, "# HELP %s%s %s\n# TYPE %s%s %s\n", metric->name, total, metric->help,
		metric->name, total, metric->kind == COUNTER ? "counter" : "gauge");
}

static const json_t *look(const json_t *object, const char *where)
{
	char name[32];

	while (object && *where) {
		size_t len = strcspn(where, ".");

		snprintf(name, sizeof(name), "%.*s", (int)len, where);
		object = json_object_get(object, name);
		where += len + (where[len] == '.');
	}
	return object;
}

/* True is 1, and a list is as much as is in it. */
static json_int_t number_of(const json_t *value)
{
	if (json_is_array(value))
		return (json_int_t)json_array_size(value);
	return json_is_boolean(value) ? json_is_true(value) : json_integer_value(value);
}

static void write_seconds(FILE *to, json_int_t us)
{
	fprintf(to, "%lld.%06lld", (long long)us / 1000000, (long long)us % 1000000);
}

static void write_sample(FILE *to, const struct metric *metric, const char *labels,
			 const char *value_of_label, const json_t *value)
{
	json_int_t number = number_of(value);
	bool has_labels = labels[0] || value_of_label;

	fprintf(to, "%s%s%s%s", metric->name, metric->kind == COUNTER ? "_total" : "",
		has_labels ? "{" : "", labels);
	if (value_of_label) {
		fputs(labels[0] ? "," : "", to);
		write_label(to, metric->label, value_of_label);
	}
	fputs(has_labels ? "} " : " ", to);
	if (metric->is_us)
		write_seconds(to, number);
	else
		fprintf(to, "%lld", (long long)number);
	fputc('\n', to);
}

/* `labels`: ready, or "". */
static void write_metric(FILE *to, const struct metric *metric, const char *labels,
			 const json_t *object)
{
	const json_t *value = look(object, metric->where);
	const char *name;
	json_t *one;

	if (!value)
		return;
	if (!metric->label) {
		write_sample(to, metric, labels, NULL, value);
		return;
	}
	json_object_foreach((json_t *)value, name, one) write_sample(to, metric, labels, name, one);
}

/* ---- groups of lines ---- */

static void write_workers(FILE *to, const json_t *workers, bool open)
{
	for (size_t i = 0; i < ARRAY_LEN(of_worker); i++) {
		const json_t *worker;
		size_t number;

		write_family(to, &of_worker[i], open);
		json_array_foreach(workers, number, worker)
		{
			char labels[32];

			snprintf(labels, sizeof(labels), "worker=\"%zu\"", number);
			write_metric(to, &of_worker[i], labels, worker);
		}
	}
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static char *one_label(const char *name, const char *value)
{
	char *labels = NULL;
	size_t len;
	FILE *to = open_memstream(&labels, &len);

	if (!to)
		return NULL;
	write_label(to, name, value);
	return fclose(to) == 0 ? labels : NULL;
}

/* Its number tells sessions apart: a counter begins anew with each. */
static char *client_labels(const char *id, const json_t *client)
{
	char *labels = NULL;
	size_t len;
	FILE *to = open_memstream(&labels, &len);

	if (!to)
		return NULL;
	write_label(to, "client", id);
	fputc(',', to);
	write_label(to, "user", text_of(client, "user"));
	fputc(',', to);
	write_label(to, "group", text_of(client, "group"));
	fputc(',', to);
	write_label(to, "device", text_of(client, "device"));
	return fclose(to) == 0 ? labels : NULL;
}

static void write_clients(FILE *to, const json_t *clients, bool open)
{
	for (size_t i = 0; i < ARRAY_LEN(of_client); i++) {
		const char *id;
		json_t *client;

		write_family(to, &of_client[i], open);
		json_object_foreach((json_t *)clients, id, client)
		{
			char *labels = client_labels(id, client);

			if (labels)
				write_metric(to, &of_client[i], labels, client);
			free(labels);
		}
	}
}

static void write_groups(FILE *to, const json_t *groups, bool open)
{
	for (size_t i = 0; i < ARRAY_LEN(of_group); i++) {
		const char *name;
		json_t *group;

		write_family(to, &of_group[i], open);
		json_object_foreach((json_t *)groups, name, group)
		{
			char *labels = one_label("group", name);

			if (labels)
				write_metric(to, &of_group[i], labels, group);
			free(labels);
		}
	}
}

/* The one that signs, and, while it is trusted, the one before it. */
static void write_authorities(FILE *to, const json_t *overview, bool open)
{
	static const struct {
		const char *labels;
		struct metric metric;
	} rows[] = {
		{ "authority=\"current\"",
		  { "lanyard_authority_expiry_time_seconds", GAUGE, "When a CA ends.",
		    "certificate.authority_ends_s", NULL } },
		{ "authority=\"previous\"",
		  { "lanyard_authority_expiry_time_seconds", GAUGE, "",
		    "certificate.old_authority_ends_s", NULL } },
	};

	write_family(to, &rows[0].metric, open);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		write_metric(to, &rows[i].metric, rows[i].labels, overview);
}

/* A histogram: OpenMetrics 5.5, the same in both formats. */
static void write_commits(FILE *to, const json_t *overview)
{
	static const char name[] = "lanyard_lease_store_commit_seconds";
	const json_t *store = look(overview, "dhcp6.store"), *one;
	json_int_t commits = json_integer_value(json_object_get(store, "commits"));
	size_t i;

	fprintf(to, "# HELP %s How long leases took to the disk.\n# TYPE %s histogram\n", name,
		name);
	if (!store)
		return;
	json_array_foreach(json_object_get(store, "within"), i, one)
	{
		fprintf(to, "%s_bucket{le=\"%g\"} %lld\n", name,
			(double)json_integer_value(json_object_get(one, "us")) / 1000000,
			(long long)json_integer_value(json_object_get(one, "commits")));
	}
	fprintf(to, "%s_bucket{le=\"+Inf\"} %lld\n%s_sum ", name, (long long)commits, name);
	write_seconds(to, json_integer_value(json_object_get(store, "commit_us")));
	fprintf(to, "\n%s_count %lld\n", name, (long long)commits);
}

static void write_version(FILE *to, const json_t *overview, bool open)
{
	static const struct metric metric = { "lanyard_build_info", GAUGE, "The version that runs.",
					      "", NULL };

	write_family(to, &metric, open);
	fputs("lanyard_build_info{", to);
	write_label(to, "version", text_of(overview, "version"));
	fputs("} 1\n", to);
}

/* ---- all of it ---- */

bool metrics_wants_open(const char *accept)
{
	return accept && strstr(accept, "application/openmetrics-text");
}

char *metrics_text(const json_t *live, bool open, size_t *len)
{
	const json_t *overview = json_object_get(live, "overview");
	const json_t *clients = json_object_get(live, "clients");
	char *text = NULL;
	FILE *to = open_memstream(&text, len);

	if (!to)
		return NULL;
	write_version(to, overview, open);
	for (size_t i = 0; i < ARRAY_LEN(of_server); i++) {
		write_family(to, &of_server[i], open);
		write_metric(to, &of_server[i], "", overview);
	}
	write_workers(to, json_object_get(overview, "per_worker"), open);
	write_groups(to, json_object_get(overview, "groups"), open);
	write_authorities(to, overview, open);
	write_commits(to, overview);
	if (json_object_size(clients) <= METRICS_CLIENTS)
		write_clients(to, clients, open);
	if (open)
		fputs("# EOF\n", to);
	if (fclose(to) == 0)
		return text;
	free(text);
	return NULL;
}
