/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_doctor_inside.c - what the doctor says of interface, addresses, routes. */
#include <stdio.h>

#include "tests/unit/client/findings.h"

#include "client/doctor_judge_inside.h"

/* What lanyard connect sets on its own interface; a row may say otherwise behind it. */
#pragma GCC diagnostic ignored "-Woverride-init"
#define GOOD_HOST                                                                     \
	.interface = "lanyard0", .accept_ra = 2, .autoconf = 1, .accept_ra_pinfo = 1, \
	.accept_ra_defrtr = 1, .route_max_len = 128

static struct ip6 ip6(const char *text)
{
	struct ip6 address;

	assert_int_equal(ip6_parse(text, &address, NULL), 0);
	return address;
}

static struct prefix6 prefix6(const char *text)
{
	struct prefix6 prefix;

	assert_int_equal(prefix6_parse(text, &prefix, NULL), 0);
	return prefix;
}

static void interfaces_are_judged(void **state)
{
	static const struct {
		const char *what;
		struct interface_facts facts;
		enum doctor_state state;
		const char *words;
	} cases[] = {
		{ "well",
		  { .there = true, .up = true, .carrier = true, .mtu = 1500 },
		  DOCTOR_OK,
		  "lanyard0|1500" },
		{ "gone", { .there = false }, DOCTOR_FAILED, "no interface lanyard0" },
		{ "down",
		  { .there = true, .carrier = true },
		  DOCTOR_FAILED,
		  "is down|ip link set lanyard0 up" },
		{ "no carrier", { .there = true, .up = true }, DOCTOR_FAILED, "no carrier" },
		{ "in a bridge that is down",
		  { .there = true, .up = true, .carrier = true, .bridge = "br0" },
		  DOCTOR_FAILED,
		  "br0 is down|ip link set br0 up" },
		{ "in a bridge",
		  { .there = true,
		    .up = true,
		    .carrier = true,
		    .bridge = "br0",
		    .bridge_up = true },
		  DOCTOR_OK,
		  "in bridge br0" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { .check = "interface" };
		struct interface_facts facts = cases[i].facts;

		facts.tap = "lanyard0";
		judge_interface(&findings, &facts);
		expect_finding(cases[i].what, &findings, cases[i].state, cases[i].words);
	}
}

static void link_local_addresses_are_judged(void **state)
{
	static const struct {
		const char *what, *address;
		bool tentative, optimistic, failed;
		int disabled;
		enum doctor_state state;
		const char *words;
	} cases[] = {
		{ "well", "fe80::1", false, false, false, 0, DOCTOR_OK, "fe80::1" },
		{ "optimistic", "fe80::1", true, true, false, 0, DOCTOR_OK, "fe80::1" },
		{ "tentative", "fe80::1", true, false, false, 0, DOCTOR_FAILED, "still tentative" },
		{ "duplicate", "fe80::1", false, false, true, 0, DOCTOR_FAILED,
		  "duplicate|machine-id" },
		{ "duplicate and still so", "fe80::1", true, true, true, 0, DOCTOR_FAILED,
		  "duplicate" },
		{ "none", "2001:db8::1", false, false, false, 0, DOCTOR_FAILED,
		  "no link-local address|connect anew" },
		{ "IPv6 is off", "2001:db8::1", false, false, false, 1, DOCTOR_FAILED,
		  "IPv6 is disabled|disable_ipv6=0" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { .check = "link-local" };
		struct host_facts host = { GOOD_HOST, .disable_ipv6 = cases[i].disabled };
		struct link_address address = {
			.address = ip6(cases[i].address),
			.tentative = cases[i].tentative,
			.optimistic = cases[i].optimistic,
			.failed = cases[i].failed,
		};

		judge_link_local(&findings, &host, &address, 1);
		expect_finding(cases[i].what, &findings, cases[i].state, cases[i].words);
	}
}

static void one_good_link_local_address_is_enough(void **state)
{
	const struct host_facts host = { GOOD_HOST };
	struct link_address address[2] = { { .address = ip6("fe80::1"), .failed = true },
					   { .address = ip6("fe80::2") } };
	struct findings findings = { 0 };

	judge_link_local(&findings, &host, address, 2);
	expect_finding("the second", &findings, DOCTOR_OK, "fe80::2");
}

static void advertisements_are_judged(void **state)
{
	static const struct {
		const char *what;
		bool by_client, by_host;
		uint32_t age_s, left_s; /* left: of its longest lifetime */
		int64_t next_s;
		enum doctor_state state;
		const char *words;
	} cases[] = {
		{ "heard", true, true, 0, 1800, 600, DOCTOR_OK,
		  "fe80::7|1 prefix, 1 route|within 600 s" },
		{ "heard a while ago", true, true, 100, 1700, 500, DOCTOR_OK, "100 s ago|500 s" },
		{ "for ever", true, true, 90000, RA_FOREVER, INT64_MAX, DOCTOR_OK, "fe80::7" },
		{ "a little late", true, true, 700, 1100, 0, DOCTOR_OK, "700 s ago|due now" },
		{ "late by a whole interval", true, true, 1201, 600, 0, DOCTOR_OK, "" },
		{ "overdue", true, true, 1202, 600, 0, DOCTOR_FAILED, "overdue|1202 s ago" },
		{ "silence", false, false, 0, 0, 0, DOCTOR_FAILED,
		  "no Router Advertisement|[ra] enabled" },
		{ "a firewall", true, false, 0, 0, 0, DOCTOR_FAILED,
		  "firewall of this machine|ICMPv6" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { .check = "advertisement" };
		const struct host_facts host = { GOOD_HOST };
		/* the route counts down: that says nothing of the router */
		const struct ra ra = { .prefix_count = 1,
				       .prefix = { { .valid_s = cases[i].left_s } },
				       .route_count = 1,
				       .route = { { .lifetime_s = 1 } } };
		const struct ra forever = { .prefix_count = 1,
					    .prefix = { { .valid_s = RA_FOREVER } } };
		struct ra_facts facts = {
			.heard_by_client = cases[i].by_client,
			.heard_by_host = cases[i].by_host,
			.from = ip6("fe80::7"),
			.ra = cases[i].left_s == RA_FOREVER ? &forever : &ra,
			.age_s = cases[i].age_s,
			.next_s = cases[i].next_s,
		};

		judge_ra(&findings, &host, &facts);
		expect_finding(cases[i].what, &findings, cases[i].state, cases[i].words);
	}
}

static void an_advertisement_must_be_of_use(void **state)
{
	static const struct {
		const char *what;
		struct ra ra;
		enum doctor_state state;
		const char *words;
	} cases[] = {
		{ "all is withdrawn",
		  { .mtu = 1500, .hop_limit = 64 },
		  DOCTOR_FAILED,
		  "fe80::7 advertises nothing|[ra] enabled" },
		{ "a default router", { .lifetime_s = 1800 }, DOCTOR_OK, "1 default route" },
		{ "a prefix", { .prefix_count = 1 }, DOCTOR_OK, "1 prefix" },
		{ "a route", { .route_count = 1 }, DOCTOR_OK, "1 route" },
		{ "a DNS server", { .dns_count = 1 }, DOCTOR_OK, "1 DNS server" },
		{ "a domain", { .search_count = 1 }, DOCTOR_OK, "1 search domain" },
		{ "a NAT64", { .pref64_count = 1 }, DOCTOR_OK, "1 NAT64 prefix" },
		{ "addresses by DHCPv6", { .managed = true }, DOCTOR_OK, "DHCPv6" },
		{ "the rest by DHCPv6", { .other = true }, DOCTOR_OK, "DHCPv6" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { .check = "advertisement" };
		const struct host_facts host = { GOOD_HOST };
		struct ra_facts facts = {
			.heard_by_client = true,
			.heard_by_host = true,
			.from = ip6("fe80::7"),
			.ra = &cases[i].ra,
			.next_s = INT64_MAX,
		};

		judge_ra(&findings, &host, &facts);
		expect_finding(cases[i].what, &findings, cases[i].state, cases[i].words);
	}
}

static void the_next_one_is_due_by_the_shortest_promise(void **state)
{
	static const struct {
		const char *what;
		struct ra ra;
		int64_t next_s;
	} cases[] = {
		{ "as default router", { .lifetime_s = 1800 }, 600 },
		{ "by a route", { .route_count = 1, .route = { { .lifetime_s = 900 } } }, 300 },
		{ "by the shorter",
		  { .lifetime_s = 1800, .route_count = 1, .route = { { .lifetime_s = 900 } } },
		  300 },
		{ "by a prefix", { .prefix_count = 1, .prefix = { { .valid_s = 5400 } } }, 1800 },
		{ "by DNS", { .dns_count = 1, .dns_lifetime_s = 1200 }, 400 },
		{ "a withdrawal promises nothing",
		  { .lifetime_s = 1800, .route_count = 1, .route = { { .lifetime_s = 0 } } },
		  600 },
		{ "no servers, no promise", { .dns_lifetime_s = 30 }, INT64_MAX },
		{ "for ever",
		  { .prefix_count = 1, .prefix = { { .valid_s = RA_FOREVER } } },
		  INT64_MAX },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (ra_next_s(&cases[i].ra) != cases[i].next_s)
			fail_msg("%s: %lld", cases[i].what, (long long)ra_next_s(&cases[i].ra));
}

static void why_a_host_does_not_obey(void **state)
{
	static const struct {
		const char *what;
		struct host_facts host;
		uint8_t prefix_len;
		const char *prefixes, *routes; /* NULL: it obeys */
	} cases[] = {
		{ "as we set it", { GOOD_HOST }, 48, NULL, NULL },
		{ "it forwards, and accepts nevertheless",
		  { GOOD_HOST, .forwarding = 1 },
		  48,
		  NULL,
		  NULL },
		{ "it forwards and is a router",
		  { GOOD_HOST, .forwarding = 1, .accept_ra = 1 },
		  48,
		  "forwarding",
		  "forwarding" },
		{ "it accepts as a host", { GOOD_HOST, .accept_ra = 1 }, 48, NULL, NULL },
		{ "it accepts none",
		  { GOOD_HOST, .accept_ra = 0 },
		  48,
		  "accept_ra is 0",
		  "accept_ra is 0" },
		{ "no IPv6", { GOOD_HOST, .disable_ipv6 = 1 }, 48, "disable_ipv6", "disable_ipv6" },
		{ "no prefixes", { GOOD_HOST, .accept_ra_pinfo = 0 }, 48, "accept_ra_pinfo", NULL },
		{ "no addresses", { GOOD_HOST, .autoconf = 0 }, 48, "autoconf", NULL },
		{ "no routes, as is the default",
		  { GOOD_HOST, .route_max_len = 0 },
		  48,
		  NULL,
		  "accept_ra_rt_info_max_plen is 0" },
		{ "short routes", { GOOD_HOST, .route_max_len = 47 }, 48, NULL, "max_plen" },
		{ "just long enough", { GOOD_HOST, .route_max_len = 48 }, 48, NULL, NULL },
		{ "long routes", { GOOD_HOST, .route_min_len = 49 }, 48, NULL, "min_plen" },
		{ "a kernel without",
		  { GOOD_HOST, .route_max_len = -1 },
		  48,
		  NULL,
		  "CONFIG_IPV6_ROUTE_INFO" },
		{ "no default route",
		  { GOOD_HOST, .accept_ra_defrtr = 0 },
		  0,
		  NULL,
		  "accept_ra_defrtr" },
		{ "a default route needs no other",
		  { GOOD_HOST, .route_max_len = 0 },
		  0,
		  NULL,
		  NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *prefixes = host_refuses_prefixes(&cases[i].host);
		const char *routes = host_refuses_routes(&cases[i].host, cases[i].prefix_len);

		if (!prefixes != !cases[i].prefixes ||
		    (prefixes && !strstr(prefixes, cases[i].prefixes)))
			fail_msg("%s: prefixes: %s", cases[i].what, prefixes ? prefixes : "obeyed");
		if (!routes != !cases[i].routes || (routes && !strstr(routes, cases[i].routes)))
			fail_msg("%s: routes: %s", cases[i].what, routes ? routes : "obeyed");
	}
}

static void addresses_are_judged(void **state)
{
	static const struct {
		const char *what, *address;
		bool tentative, failed, deprecated;
		uint32_t preferred_s; /* as advertised */
		struct host_facts host;
		enum doctor_state state;
		const char *words;
	} cases[] = {
		{ "well",
		  "2001:db8::5",
		  false,
		  false,
		  false,
		  60,
		  { GOOD_HOST },
		  DOCTOR_OK,
		  "2001:db8::5" },
		{ "of another prefix",
		  "2001:db8:1::5",
		  false,
		  false,
		  false,
		  60,
		  { GOOD_HOST },
		  DOCTOR_FAILED,
		  "2001:db8::/64 made no address|settings allow it" },
		{ "why",
		  "2001:db8:1::5",
		  false,
		  false,
		  false,
		  60,
		  { GOOD_HOST, .autoconf = 0 },
		  DOCTOR_FAILED,
		  "autoconf is 0|another program" },
		{ "why, where we change nothing",
		  "2001:db8:1::5",
		  false,
		  false,
		  false,
		  60,
		  { GOOD_HOST, .autoconf = 0, .hands_off = true },
		  DOCTOR_FAILED,
		  "manage = no" },
		{ "an office's box that takes none",
		  "2001:db8:1::5",
		  false,
		  false,
		  false,
		  60,
		  { GOOD_HOST, .autoconf = 0, .office = true },
		  DOCTOR_OK,
		  "for the hosts behind" },
		{ "a manager",
		  "2001:db8:1::5",
		  false,
		  false,
		  false,
		  60,
		  { GOOD_HOST, .accept_ra = 0, .manager = "NetworkManager" },
		  DOCTOR_FAILED,
		  "NetworkManager manages|configuration" },
		{ "tentative",
		  "2001:db8::5",
		  true,
		  false,
		  false,
		  60,
		  { GOOD_HOST },
		  DOCTOR_FAILED,
		  "tentative" },
		{ "duplicate",
		  "2001:db8::5",
		  false,
		  true,
		  false,
		  60,
		  { GOOD_HOST },
		  DOCTOR_FAILED,
		  "duplicate|machine-id" },
		{ "deprecated",
		  "2001:db8::5",
		  false,
		  false,
		  true,
		  60,
		  { GOOD_HOST },
		  DOCTOR_WARNING,
		  "deprecated" },
		{ "deprecated as it shall be",
		  "2001:db8::5",
		  false,
		  false,
		  true,
		  0,
		  { GOOD_HOST },
		  DOCTOR_OK,
		  "deprecated as its prefix" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { .check = "address" };
		const struct ra_prefix prefix = { .prefix = prefix6("2001:db8::/64"),
						  .preferred_s = cases[i].preferred_s };
		struct link_address address = {
			.address = ip6(cases[i].address),
			.tentative = cases[i].tentative,
			.failed = cases[i].failed,
			.deprecated = cases[i].deprecated,
		};

		judge_address(&findings, &cases[i].host, &prefix, &address, 1, NULL);
		expect_finding(cases[i].what, &findings, cases[i].state, cases[i].words);
	}
}

static void the_best_of_several_addresses_counts(void **state)
{
	const struct host_facts host = { GOOD_HOST };
	const struct ra_prefix prefix = { .prefix = prefix6("2001:db8::/64"), .preferred_s = 1 };
	const struct ra_prefix odd = { .prefix = prefix6("2001:db8:7::/56"), .preferred_s = 1 };
	struct link_address address[3] = { { .address = ip6("2001:db8::1"), .failed = true },
					   { .address = ip6("2001:db8::2"), .deprecated = true },
					   { .address = ip6("2001:db8::3") } };
	const struct ip6 answers = ip6("2001:db8::9");
	struct findings findings = { 0 }, none = { 0 }, taken = { 0 }, own = { 0 };

	judge_address(&findings, &host, &prefix, address, 3, NULL);
	expect_finding("the third", &findings, DOCTOR_OK, "2001:db8::3");
	judge_address(&none, &host, &odd, address, 3, NULL);
	expect_finding("no /64", &none, DOCTOR_FAILED, "no /64");
	judge_address(&taken, &host, &prefix, address, 0, &answers);
	expect_finding("a duplicate that the kernel forgot", &taken, DOCTOR_FAILED,
		       "2001:db8::9|duplicate");
	judge_address(&own, &host, &prefix, address, 3, &answers);
	expect_finding("it has another one", &own, DOCTOR_OK, "2001:db8::3");
}

static void routes_are_judged(void **state)
{
	static const struct {
		const char *what, *prefix, *gateway;
		uint8_t preference;
		bool from_ra;
		struct host_facts host;
		enum doctor_state state;
		const char *words;
	} cases[] = {
		{ "well",
		  "2001:db8:100::/48",
		  "fe80::7",
		  RA_HIGH,
		  true,
		  { GOOD_HOST },
		  DOCTOR_OK,
		  "2001:db8:100::/48|preference high" },
		{ "with another preference",
		  "2001:db8:100::/48",
		  "fe80::7",
		  RA_LOW,
		  true,
		  { GOOD_HOST },
		  DOCTOR_FAILED,
		  "preference low, not high" },
		{ "a manager's, which has metrics instead",
		  "2001:db8:100::/48",
		  "fe80::7",
		  RA_MEDIUM,
		  false,
		  { GOOD_HOST },
		  DOCTOR_OK,
		  "" },
		{ "to somebody else",
		  "2001:db8:100::/48",
		  "fe80::8",
		  RA_HIGH,
		  true,
		  { GOOD_HOST },
		  DOCTOR_FAILED,
		  "fe80::8|not the router|ip -6 route del" },
		{ "a longer one is another",
		  "2001:db8:100::/49",
		  "fe80::7",
		  RA_HIGH,
		  true,
		  { GOOD_HOST },
		  DOCTOR_FAILED,
		  "is not installed|who removed it" },
		{ "refused",
		  "2001:db8:9::/48",
		  "fe80::7",
		  RA_HIGH,
		  true,
		  { GOOD_HOST, .route_max_len = 0 },
		  DOCTOR_FAILED,
		  "accept_ra_rt_info_max_plen is 0|another program" },
		{ "an office's box",
		  "2001:db8:9::/48",
		  "fe80::7",
		  RA_HIGH,
		  true,
		  { GOOD_HOST, .route_max_len = 0, .office = true },
		  DOCTOR_OK,
		  "for the hosts behind" },
		{ "an office's box that should have it",
		  "2001:db8:9::/48",
		  "fe80::7",
		  RA_HIGH,
		  true,
		  { GOOD_HOST, .office = true },
		  DOCTOR_FAILED,
		  "is not installed" },
		{ "a manager that took none",
		  "2001:db8:9::/48",
		  "fe80::7",
		  RA_HIGH,
		  true,
		  { GOOD_HOST, .accept_ra = 0, .manager = "systemd-networkd" },
		  DOCTOR_FAILED,
		  "systemd-networkd manages" },
	};
	const struct ra_route wanted = { .prefix = prefix6("2001:db8:100::/48"),
					 .preference = RA_HIGH };
	const struct ip6 router = ip6("fe80::7");

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { .check = "route" };
		struct link_route route = {
			.prefix = prefix6(cases[i].prefix),
			.has_gateway = true,
			.gateway = ip6(cases[i].gateway),
			.preference = cases[i].preference,
			.from_ra = cases[i].from_ra,
		};

		judge_route(&findings, &cases[i].host, &wanted, &router, &route, 1);
		expect_finding(cases[i].what, &findings, cases[i].state, cases[i].words);
	}
}

/* What is only late is waited for; what is refused is not. */
static void only_what_may_come_is_waited_for(void **state)
{
	static const struct {
		const char *what;
		struct host_facts host;
		bool may_settle;
	} cases[] = {
		{ "nothing is in its way", { GOOD_HOST }, true },
		{ "a setting is", { GOOD_HOST, .autoconf = 0, .route_max_len = 0 }, false },
		{ "a manager may be slow",
		  { GOOD_HOST, .accept_ra = 0, .manager = "NetworkManager" },
		  true },
		{ "an office's own choice",
		  { GOOD_HOST, .autoconf = 0, .route_max_len = 0, .office = true },
		  false },
	};
	const struct ra_prefix prefix = { .prefix = prefix6("2001:db8::/64"), .preferred_s = 1 };
	const struct ra_route wanted = { .prefix = prefix6("2001:db8:100::/48") };
	const struct ip6 router = ip6("fe80::7");
	struct link_address late = { .address = ip6("2001:db8::2"), .tentative = true };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings address = { 0 }, route = { 0 };

		judge_address(&address, &cases[i].host, &prefix, NULL, 0, NULL);
		judge_route(&route, &cases[i].host, &wanted, &router, NULL, 0);
		if (address.may_settle != cases[i].may_settle ||
		    route.may_settle != cases[i].may_settle)
			fail_msg("%s: %d %d", cases[i].what, address.may_settle, route.may_settle);
	}
	struct findings tentative = { 0 }, link_local = { 0 }, disabled = { 0 }, fine = { 0 };
	const struct host_facts host = { GOOD_HOST }, off = { GOOD_HOST, .disable_ipv6 = 1 };
	judge_address(&tentative, &host, &prefix, &late, 1, NULL);
	judge_link_local(&link_local, &host, NULL, 0);
	judge_link_local(&disabled, &off, NULL, 0);
	late.tentative = false;
	judge_address(&fine, &host, &prefix, &late, 1, NULL);
	assert_true(tentative.may_settle && link_local.may_settle);
	assert_false(disabled.may_settle || fine.may_settle);
}

static void an_on_link_route_is_none_by_the_router(void **state)
{
	const struct host_facts host = { GOOD_HOST };
	const struct ra_route wanted = { .prefix = prefix6("2001:db8:100::/48") };
	const struct ip6 router = ip6("fe80::7");
	const struct link_route route = { .prefix = wanted.prefix, .gateway = router };
	struct findings findings = { 0 };

	judge_route(&findings, &host, &wanted, &router, &route, 1);
	expect_finding("no gateway", &findings, DOCTOR_FAILED, "is not installed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interfaces_are_judged),
		cmocka_unit_test(link_local_addresses_are_judged),
		cmocka_unit_test(one_good_link_local_address_is_enough),
		cmocka_unit_test(advertisements_are_judged),
		cmocka_unit_test(an_advertisement_must_be_of_use),
		cmocka_unit_test(the_next_one_is_due_by_the_shortest_promise),
		cmocka_unit_test(why_a_host_does_not_obey),
		cmocka_unit_test(addresses_are_judged),
		cmocka_unit_test(the_best_of_several_addresses_counts),
		cmocka_unit_test(routes_are_judged),
		cmocka_unit_test(only_what_may_come_is_waited_for),
		cmocka_unit_test(an_on_link_route_is_none_by_the_router),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
