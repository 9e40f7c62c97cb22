/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_config_ra.c
 *
 * Keys of [ra] whose values are more than one word.  What they do not take is in test_config.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "server/config.h"

static int read_text(struct server_config *config, const char *text, struct err *err)
{
	*err = (struct err) { 0 };
	return server_config_read_text(config, "server.conf",
				       (struct bytes) { (const uint8_t *)text, strlen(text) }, err);
}

static void routes_are_read(void **state)
{
	static const struct {
		const char *value, *prefix;
		enum ra_preference preference;
		uint32_t lifetime_s;
		bool kernel;
	} cases[] = {
		{ "2001:db8:100::/48", "2001:db8:100::/48", RA_MEDIUM, 0, false },
		{ "2001:db8:200::/48 high", "2001:db8:200::/48", RA_HIGH, 0, false },
		{ "2001:db8:300::/48\tlow   2h", "2001:db8:300::/48", RA_LOW, 7200, false },
		{ "::/0 medium 1s", "::/0", RA_MEDIUM, 1, false },
		{ "2001:db8::1/128 ; one host", "2001:db8::1/128", RA_MEDIUM, 0, false },
		{ "kernel 2001:db8:100::/48", "2001:db8:100::/48", RA_MEDIUM, 0, true },
		{ "kernel \t ::/0 low 1h", "::/0", RA_LOW, 3600, true },
	};
	char text[1024] = "[ra]\n", prefix[PREFIX6_TEXT];
	struct server_config config;
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		sprintf(text + strlen(text), "route = %s\n", cases[i].value);
	if (read_text(&config, text, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(config.ra.route_count, ARRAY_LEN(cases));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct config_route *route = &config.ra.route[i];

		if (strcmp(prefix6_text(&route->prefix, prefix), cases[i].prefix) != 0 ||
		    route->preference != cases[i].preference || route->kernel != cases[i].kernel ||
		    route->lifetime_s != cases[i].lifetime_s)
			fail_msg("%s: %s %s %u", cases[i].value, prefix,
				 ra_preference_name[route->preference], route->lifetime_s);
	}
	server_config_free(&config);
}

static void prefixes_and_dns_are_read(void **state)
{
	struct server_config config;
	char text[PREFIX6_TEXT];
	struct err err;

	if (read_text(&config,
		      "[ra]\nprefix = auto\nprefix = 2001:db8:0:1::/64\nprefix = interface wan0\n"
		      "dns = 2001:db8::53\n"
		      "dns = fe80::1\nsearch = corp.example\nsearch = x\n",
		      &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(config.ra.prefix_count, 3);
	assert_true(config.ra.prefix[0].automatic);
	assert_false(config.ra.prefix[1].automatic);
	assert_string_equal(prefix6_text(&config.ra.prefix[1].prefix, text), "2001:db8:0:1::/64");
	assert_string_equal(config.ra.prefix[1].interface, "");
	assert_string_equal(config.ra.prefix[2].interface, "wan0");
	assert_int_equal(config.ra.dns_count, 2);
	assert_string_equal(ip6_text(&config.ra.dns[1], text), "fe80::1");
	assert_int_equal(config.ra.search_count, 2);
	assert_string_equal(config.ra.search[0], "corp.example");
	assert_string_equal(config.ra.search[1], "x");
	server_config_free(&config);
}

static void what_follows_a_prefix_is_read(void **state)
{
	static const struct {
		const char *value;
		bool on_link, autonomous, router_address, pd_preferred, has_valid, has_preferred;
		uint32_t valid_s, preferred_s;
	} cases[] = {
		{ "auto", true, true },
		{ "2001:db8::/64", true, true },
		{ "2001:db8:0:1::/64 on-link=no", false, true },
		{ "2001:db8:0:2::/64\tautonomous=no  on-link=yes", true, false },
		{ "2001:db8:0:3::/64 router-address", true, true, true },
		{ "2001:db8:0:4::/64 dhcp-pd-preferred", true, true, false, true },
		{ "2001:db8:0:5::/64 valid=1d preferred=4h", true, true, false, false, true, true,
		  86400, 14400 },
		{ "2001:db8:0:6::/64 preferred=0s ; on its way out", true, true, false, false,
		  false, true, 0, 0 },
		{ "2001:db8:0:7::/64 valid=forever", true, true, false, false, true, false,
		  RA_FOREVER, 0 },
	};
	char text[1024] = "[ra]\n";
	struct server_config config;
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		sprintf(text + strlen(text), "prefix = %s\n", cases[i].value);
	if (read_text(&config, text, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(config.ra.prefix_count, ARRAY_LEN(cases));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct config_prefix *is = &config.ra.prefix[i];

		if (is->on_link != cases[i].on_link || is->autonomous != cases[i].autonomous ||
		    is->router_address != cases[i].router_address ||
		    is->pd_preferred != cases[i].pd_preferred ||
		    is->has_valid != cases[i].has_valid || is->valid_s != cases[i].valid_s ||
		    is->has_preferred != cases[i].has_preferred ||
		    is->preferred_s != cases[i].preferred_s)
			fail_msg("%s", cases[i].value);
	}
	server_config_free(&config);
}

static void nat64_portal_and_resolvers_are_read(void **state)
{
	struct server_config config;
	const struct ra_dnr *dnr = config.ra.dnr;
	char text[PREFIX6_TEXT];
	struct err err;

	if (read_text(&config,
		      "[ra]\nnat64 = 64:ff9b::/96\nnat64 = 2001:db8::/32 10m\n"
		      "captive-portal = https://portal.example/api?a=b\n"
		      "dnr = a.example\n"
		      "dnr = b.example 2001:db8::53 2001:db8::54 alpn=dot,h2 port=8853 "
		      "dohpath=/dns-query{?dns} priority=2 lifetime=20m\n",
		      &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(config.ra.nat64_count, 2);
	assert_string_equal(prefix6_text(&config.ra.nat64[0].prefix, text), "64:ff9b::/96");
	assert_int_equal(config.ra.nat64[0].lifetime_s, 0);
	assert_string_equal(prefix6_text(&config.ra.nat64[1].prefix, text), "2001:db8::/32");
	assert_int_equal(config.ra.nat64[1].lifetime_s, 600);
	assert_string_equal(config.ra.captive_portal, "https://portal.example/api?a=b");
	assert_int_equal(config.ra.dnr_count, 2);
	assert_string_equal(dnr[0].name, "a.example");
	assert_int_equal(dnr[0].priority, 1);
	assert_int_equal(dnr[0].address_count, 0);
	assert_string_equal(dnr[1].name, "b.example");
	assert_int_equal(dnr[1].address_count, 2);
	assert_string_equal(ip6_text(&dnr[1].address[1], text), "2001:db8::54");
	assert_string_equal(dnr[1].alpn, "dot,h2");
	assert_string_equal(dnr[1].dohpath, "/dns-query{?dns}");
	assert_int_equal(dnr[1].port, 8853);
	assert_int_equal(dnr[1].priority, 2);
	assert_int_equal(dnr[1].lifetime_s, 1200);
	server_config_free(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_are_read),
		cmocka_unit_test(prefixes_and_dns_are_read),
		cmocka_unit_test(what_follows_a_prefix_is_read),
		cmocka_unit_test(nat64_portal_and_resolvers_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
