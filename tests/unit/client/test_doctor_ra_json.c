/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_doctor_ra_json.c - what the doctor reads of the client's status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "client/doctor_ra_json.h"

static bool read_text(const char *text, struct ra_said *said)
{
	json_error_t where;
	json_t *json = json_loads(text, JSON_DECODE_ANY, &where);

	if (!json)
		fail_msg("%s: %s", text, where.text);
	bool any = doctor_ra_read(json, said);
	json_decref(json);
	return any;
}

static void everything_is_read(void **state)
{
	struct ra_said said;
	char text[PREFIX6_TEXT], address[IP6_TEXT];

	assert_true(read_text(
		"{\"from\": \"fe80::7\", \"heard_s\": 12, \"next_due_s\": 388, \"lifetime_s\": "
		"1700,"
		"\"preference\": \"high\", \"prefixes\": [{\"prefix\": \"2001:db8:1::/64\","
		"\"on_link\": true, \"autonomous\": true, \"valid_s\": null, \"preferred_s\": 9,"
		"\"router_address\": \"2001:db8:1::1\"}], \"routes\": [{\"prefix\":"
		"\"2001:db8:100::/48\", \"preference\": \"low\", \"lifetime_s\": 77}], \"dns\":"
		"[{\"address\": \"2001:db8::53\", \"lifetime_s\": 60}], \"search\":"
		"[{\"domain\": \"corp.example\", \"lifetime_s\": 60}], \"managed\": true,"
		"\"other\": true, \"nat64\": [{\"prefix\": \"64:ff9b::/96\"}]}",
		&said));
	assert_string_equal(ip6_text(&said.from, address), "fe80::7");
	assert_int_equal(said.age_s, 12);
	assert_int_equal(said.next_s, 388);
	assert_int_equal(said.ra.lifetime_s, 1700);
	assert_int_equal(said.ra.preference, RA_HIGH);
	assert_int_equal(said.ra.prefix_count, 1);
	assert_string_equal(prefix6_text(&said.ra.prefix[0].prefix, text), "2001:db8:1::/64");
	assert_true(said.ra.prefix[0].on_link && said.ra.prefix[0].autonomous);
	assert_int_equal(said.ra.prefix[0].valid_s, RA_FOREVER);
	assert_int_equal(said.ra.prefix[0].preferred_s, 9);
	assert_true(said.ra.prefix[0].has_router_address);
	assert_string_equal(ip6_text(&said.ra.prefix[0].router_address, address), "2001:db8:1::1");
	assert_int_equal(said.ra.route_count, 1);
	assert_string_equal(prefix6_text(&said.ra.route[0].prefix, text), "2001:db8:100::/48");
	assert_int_equal(said.ra.route[0].preference, RA_LOW);
	assert_int_equal(said.ra.route[0].lifetime_s, 77);
	assert_int_equal(said.ra.dns_count, 1);
	assert_string_equal(ip6_text(&said.ra.dns[0], address), "2001:db8::53");
	assert_int_equal(said.ra.pref64_count, 1);
	assert_string_equal(prefix6_text(&said.ra.pref64[0].prefix, text), "64:ff9b::/96");
	assert_true(said.ra.managed && said.ra.other);
	assert_int_equal(said.ra.search_count, 1);
	assert_string_equal(said.ra.search[0], "corp.example");
}

static void what_makes_no_sense_is_left_out(void **state)
{
	static const struct {
		const char *what, *text;
		bool any;
		unsigned prefixes, routes, servers, domains;
	} cases[] = {
		{ "nobody", "null", false, 0, 0, 0, 0 },
		{ "a list", "[1]", false, 0, 0, 0, 0 },
		{ "no address", "{\"from\": \"here\"}", false, 0, 0, 0, 0 },
		{ "only an address", "{\"from\": \"fe80::1\"}", true, 0, 0, 0, 0 },
		{ "other types",
		  "{\"from\": \"fe80::1\", \"prefixes\": 7, \"routes\": {}, \"dns\": \"\", "
		  "\"nat64\": [{\"prefix\": 6}]}",
		  true, 0, 0, 0, 0 },
		{ "entries that are none",
		  "{\"from\": \"fe80::1\", \"prefixes\": [{\"prefix\": \"x/64\"}, {\"prefix\": "
		  "\"fd00::/64\"}], \"routes\": [3, {\"prefix\": \"::/0\"}], \"dns\": "
		  "[{\"address\": 1}], \"search\": [{\"domain\": \"\"}, {\"domain\": \"a\"}]}",
		  true, 1, 1, 0, 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ra_said said;

		if (read_text(cases[i].text, &said) != cases[i].any ||
		    said.ra.prefix_count != cases[i].prefixes ||
		    said.ra.route_count != cases[i].routes ||
		    said.ra.dns_count != cases[i].servers ||
		    said.ra.search_count != cases[i].domains)
			fail_msg("%s: %u %u %u %u", cases[i].what, said.ra.prefix_count,
				 said.ra.route_count, said.ra.dns_count, said.ra.search_count);
	}
}

static void too_many_are_left_out(void **state)
{
	json_t *said = json_pack("{s:s, s:[], s:[], s:[], s:[], s:[]}", "from", "fe80::1",
				 "prefixes", "routes", "dns", "search", "nat64");
	struct ra_said read;
	char text[300];

	for (unsigned i = 0; i < 40; i++) {
		snprintf(text, sizeof(text), "2001:db8:%x::/64", i);
		json_array_append_new(json_object_get(said, "prefixes"),
				      json_pack("{s:s}", "prefix", text));
		json_array_append_new(json_object_get(said, "nat64"),
				      json_pack("{s:s}", "prefix", text));
		json_array_append_new(json_object_get(said, "routes"),
				      json_pack("{s:s}", "prefix", text));
		json_array_append_new(json_object_get(said, "dns"),
				      json_pack("{s:s}", "address", "fd00::1"));
		json_array_append_new(json_object_get(said, "search"),
				      json_pack("{s:s}", "domain", "a.example"));
	}
	assert_true(doctor_ra_read(said, &read));
	assert_int_equal(read.ra.prefix_count, RA_MAX_PREFIXES);
	assert_int_equal(read.ra.route_count, RA_MAX_ROUTES);
	assert_int_equal(read.ra.dns_count, RA_MAX_DNS);
	assert_int_equal(read.ra.search_count, RA_MAX_SEARCH);
	assert_int_equal(read.ra.pref64_count, RA_MAX_PREF64);
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	json_object_set_new(said, "search", json_pack("[{s:s}]", "domain", text));
	assert_true(doctor_ra_read(said, &read));
	assert_int_equal(read.ra.search_count, 0);
	json_decref(said);
}

static void for_ever_is_no_number(void **state)
{
	struct ra_said said;

	assert_true(read_text("{\"from\": \"fe80::1\", \"lifetime_s\": null, \"next_due_s\": null}",
			      &said));
	assert_int_equal(said.ra.lifetime_s, UINT16_MAX);
	assert_true(said.next_s == INT64_MAX);
	assert_true(
		read_text("{\"from\": \"fe80::1\", \"lifetime_s\": -4, \"heard_s\": -1}", &said));
	assert_int_equal(said.ra.lifetime_s, 0);
	assert_int_equal(said.age_s, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_read),
		cmocka_unit_test(what_makes_no_sense_is_left_out),
		cmocka_unit_test(too_many_are_left_out),
		cmocka_unit_test(for_ever_is_no_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
