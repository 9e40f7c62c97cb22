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
	{ "lanyard_tap_dropped_frames", COUNTER, "Frames of the TAP that were dropped.",
	  "tap_drops", "reason" },
	{ "lanyard_certificate_expiry_time_seconds", GAUGE, "When the server's certificate ends.",
	  "certificate.ends_s", NULL },
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
	{ "lanyard_leases", GAUGE, "DHCPv6 leases.", "dhcp6.leases", "state" },
	{ "lanyard_lease_store_up", GAUGE, "Whether leases can be written to disk.",
	  "dhcp6.durable", NULL },
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

static void write_sample(FILE *to, const struct metric *metric, const char *labels,
			 const char *value_of_label, const json_t *value)
{
	json_int_t number =
		json_is_boolean(value) ? json_is_true(value) : json_integer_value(value);
	bool has_labels = labels[0] || value_of_label;

	fprintf(to, "%s%s%s%s", metric->name, metric->kind == COUNTER ? "_total" : "",
		has_labels ? "{" : "", labels);
	if (value_of_label) {
		fputs(labels[0] ? "," : "", to);
		write_label(to, metric->label, value_of_label);
	}
	if (metric->is_us)
		fprintf(to, "%s %lld.%06lld\n", has_labels ? "}" : "", (long long)number / 1000000,
			(long long)number % 1000000);
	else
		fprintf(to, "%s %lld\n", has_labels ? "}" : "", (long long)number);
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

/* How many are in each. */
static void write_groups(FILE *to, const json_t *clients, bool open)
{
	static const struct metric metric = { "lanyard_group_clients", GAUGE,
					      "Clients of a group that are connected.", "",
					      "group" };
	json_t *counts = json_object(), *client;
	const char *id;

	json_object_foreach((json_t *)clients, id, client)
	{
		const char *group = text_of(client, "group");
		json_int_t count = json_integer_value(json_object_get(counts, group));

		json_object_set_new(counts, group, json_integer(count + 1));
	}
	write_family(to, &metric, open);
	write_metric(to, &metric, "", counts);
	json_decref(counts);
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
	write_groups(to, clients, open);
	if (json_object_size(clients) <= METRICS_CLIENTS)
		write_clients(to, clients, open);
	if (open)
		fputs("# EOF\n", to);
	if (fclose(to) == 0)
		return text;
	free(text);
	return NULL;
}
