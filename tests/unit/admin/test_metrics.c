/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/admin/test_metrics.c - the two formats, letter by letter where they differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admin/metrics.h"
#include "base/bytes.h"

static const char live[] =
	"{\"overview\":{\"version\":\"1.2\",\"clients\":2,\"rx_bytes\":10,\"strangers\":{"
	"\"now\":3,\"refused\":{\"slow\":4,\"login\":5}},\"dhcp6\":{\"durable\":true,\"messages\":{"
	"\"sent\":{\"Reply\":3},\"answers\":{\"NoBinding\":2}},\"store\":{\"commits\":9,"
	"\"failures\":1,\"commit_us\":7000001,\"within\":[{\"us\":1000,\"commits\":4},{"
	"\"us\":2500000,\"commits\":8}]}},\"drops\":{\"ra\":6},\"ending\":[{},{}],"
	"\"certificate\":{\"authority_ends_s\":70},\"captures\":{\"lost\":11},"
	"\"groups\":{\"g\":{\"clients\":1,\"rx_bytes\":77},\"a\\\"\\\\\\n\":{\"clients\":2}},"
	"\"per_worker\":[{\"clients\":1},{\"clients\":2}]},\"clients\":{"
	"\"7\":{\"user\":\"a\",\"group\":\"g\",\"device\":\"\\\"x\\\\\\n\",\"rx_bytes\":6,"
	"\"rtt_us\":1002003,"
	"\"drops\":{\"storm\":1}},\"8\":{\"user\":\"b\",\"device\":\"\",\"rx_bytes\":4}}}";

static const struct {
	bool open;
	const char *line; /* whole, with the end of the line before and behind it */
	bool there;
} lines[] = {
	{ false, "\n# TYPE lanyard_receive_bytes_total counter\n", true },
	{ true, "\n# TYPE lanyard_receive_bytes counter\n", true },
	{ false, "\nlanyard_receive_bytes_total 10\n", true },
	{ true, "\nlanyard_receive_bytes_total 10\n", true },
	{ false, "\n# TYPE lanyard_clients gauge\nlanyard_clients 2\n", true },
	{ true, "\nlanyard_strangers_refused_total{reason=\"slow\"} 4\n", true },
	{ true, "\nlanyard_strangers_refused_total{reason=\"login\"} 5\n", true },
	{ true, "\nlanyard_lease_store_up 1\n", true },
	{ true, "\nlanyard_worker_clients{worker=\"1\"} 2\n", true },
	{ true, "\nlanyard_group_clients{group=\"g\"} 1\n", true },
	{ true, "\nlanyard_group_clients{group=\"a\\\"\\\\\\n\"} 2\n", true },
	{ true, "\nlanyard_group_receive_bytes_total{group=\"g\"} 77\n", true },
	{ true, "\nlanyard_dropped_frames_total{reason=\"ra\"} 6\n", true },
	{ true, "\nlanyard_ending_certificates 2\n", true },
	{ true, "\nlanyard_authority_expiry_time_seconds{authority=\"current\"} 70\n", true },
	{ true, "authority=\"previous\"", false }, /* there is none */
	{ true, "\nlanyard_capture_lost_frames_total 11\n", true },
	{ true, "\nlanyard_dhcp6_messages_sent_total{type=\"Reply\"} 3\n", true },
	{ true, "\nlanyard_dhcp6_answers_total{status=\"NoBinding\"} 2\n", true },
	{ true,
	  "\n# TYPE lanyard_lease_store_commit_seconds histogram\n"
	  "lanyard_lease_store_commit_seconds_bucket{le=\"0.001\"} 4\n"
	  "lanyard_lease_store_commit_seconds_bucket{le=\"2.5\"} 8\n"
	  "lanyard_lease_store_commit_seconds_bucket{le=\"+Inf\"} 9\n"
	  "lanyard_lease_store_commit_seconds_sum 7.000001\n"
	  "lanyard_lease_store_commit_seconds_count 9\n",
	  true },
	{ true, "\nlanyard_lease_store_failures_total 1\n", true },
	{ true,
	  "\nlanyard_client_receive_bytes_total{client=\"7\",user=\"a\",group=\"g\","
	  "device=\"\\\"x\\\\\\n\"} 6\n",
	  true },
	{ true,
	  "\nlanyard_client_dropped_frames_total{client=\"7\",user=\"a\",group=\"g\","
	  "device=\"\\\"x\\\\\\n\",reason=\"storm\"} 1\n",
	  true },
	{ true,
	  "\nlanyard_client_round_trip_seconds{client=\"7\",user=\"a\",group=\"g\","
	  "device=\"\\\"x\\\\\\n\"} 1.002003\n",
	  true },
	{ false, "lanyard_build_info{version=\"1.2\"} 1\n", true },
	{ true, "\n# EOF\n", true },
	{ false, "# EOF", false },
	{ true, "lanyard_transmit_bytes_total ", false }, /* what is not there has no sample */
};

static void each_format_has_its_lines(void **state)
{
	json_t *object = json_loads(live, 0, NULL);

	assert_non_null(object);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		size_t len;
		char *text = metrics_text(object, lines[i].open, &len);

		assert_int_equal(strlen(text), len);
		assert_true(text[len - 1] == '\n');
		if ((strstr(text, lines[i].line) != NULL) != lines[i].there)
			fail_msg("%s is %s in\n%s", lines[i].line, lines[i].there ? "not" : "",
				 text);
		free(text);
	}
	json_decref(object);
}

/* More clients than that would be more series than a scraper should be given. */
static void too_many_clients_have_no_series(void **state)
{
	json_t *object = json_object(), *clients = json_object();
	char id[16];
	size_t len;

	json_object_set_new(object, "clients", clients);
	for (unsigned i = 0; i <= METRICS_CLIENTS; i++) {
		char *text = metrics_text(object, true, &len);
		bool has = strstr(text, "client=\"0\"") != NULL;

		free(text);
		assert_int_equal(has, i > 0);
		if (i == 1)
			i = METRICS_CLIENTS - 1;
		while (json_object_size(clients) < i + 1) {
			snprintf(id, sizeof(id), "%zu", json_object_size(clients));
			json_object_set_new(clients, id, json_pack("{s:i}", "rx_bytes", 1));
		}
	}
	char *text = metrics_text(object, true, &len);
	assert_null(strstr(text, "client=\"0\""));
	free(text);
	json_decref(object);
}

static void who_wants_openmetrics_says_so(void **state)
{
	assert_false(metrics_wants_open(NULL));
	assert_false(metrics_wants_open("text/plain, */*"));
	assert_true(metrics_wants_open("application/openmetrics-text;version=1.0.0,*/*;q=0.1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_format_has_its_lines),
		cmocka_unit_test(too_many_clients_have_no_series),
		cmocka_unit_test(who_wants_openmetrics_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
