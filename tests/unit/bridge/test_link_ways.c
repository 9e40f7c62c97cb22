/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_link_ways.c
 *
 * A namespace with two ways out: which of them the kernel names, whatever makes it choose; and
 * which routes and rules are found that could make it choose otherwise.
 */
#include "bridge/link_ways.h"
#include "tests/unit/namespace.h"

static void make_host(void)
{
	namespace_enter();
	run_command("ip link set lo up && ip link add tun0 type veth peer name tun1 && "
		    "ip link add out0 type veth peer name out1");
	run_command("for name in tun0 tun1 out0 out1; do ip link set $name up; done");
	run_command("ip addr add 2001:db8:1::1/64 dev out0 nodad && "
		    "ip addr add fd00::2/64 dev tun0 nodad && "
		    "ip -6 route add 2001:db8:100::/48 via fd00::1 dev tun0");
	await_own_route("fd00::2");
	await_own_route("2001:db8:1::1");
}

static struct link_question question_of(const char *to)
{
	struct link_question question = { 0 };

	assert_int_equal(ip6_parse(to, &question.to, NULL), 0);
	return question;
}

static const char *const kind_name[] = {
	[LINK_WAY_OUT] = "out", [LINK_WAY_HERE] = "here", [LINK_WAY_REFUSED] = "refused"
};

static void the_kernel_tells_the_way(void **state)
{
	static const struct {
		const char *what, *command, *to, *way;
		struct link_rule as;
	} steps[] = {
		{ "by the route", NULL, "2001:db8:100::1", "out tun0 2001:db8:100::/48" },
		{ "a neighbour", NULL, "2001:db8:1::7", "out out0 2001:db8:1::/64" },
		{ "no route at all", NULL, "2001:db8:9::1", "refused" },
		{ "this host", NULL, "fd00::2", "here" },
		{ "a more specific route",
		  "ip -6 route add 2001:db8:100:7::/64 via 2001:db8:1::9 dev out0",
		  "2001:db8:100:7::1", "out out0 2001:db8:100:7::/64" },
		{ "beside it", NULL, "2001:db8:100:8::1", "out tun0 2001:db8:100::/48" },
		{ "a route that refuses", "ip -6 route add unreachable 2001:db8:100:9::/64",
		  "2001:db8:100:9::1", "refused" },
		{ "a better route of the same length",
		  "ip -6 route add 2001:db8:100::/48 via 2001:db8:1::9 dev out0 metric 1",
		  "2001:db8:100::1", "out out0 2001:db8:100::/48" },
		{ "a rule for a mark, of another packet",
		  "ip -6 route del 2001:db8:100::/48 dev out0 metric 1 && "
		  "ip -6 route add default via 2001:db8:1::9 dev out0 table 7 && "
		  "ip -6 rule add fwmark 5 lookup 7 priority 100",
		  "2001:db8:100::1", "out tun0 2001:db8:100::/48" },
		{ "a rule for a mark",
		  NULL,
		  "2001:db8:100::1",
		  "out out0 ::/0",
		  { .has_mark = true, .mark = 5 } },
		{ "a rule for a user",
		  "ip -6 rule add uidrange 1000-1001 lookup 7 priority 101",
		  "2001:db8:100::1",
		  "out out0 ::/0",
		  { .has_uid = true, .uid = 1000 } },
		{ "a rule for a port",
		  "ip -6 rule add ipproto udp dport 53 lookup 7 priority 102",
		  "2001:db8:100::1",
		  "out out0 ::/0",
		  { .protocol = IP_UDP, .destination_port = 53 } },
		{ "another port",
		  NULL,
		  "2001:db8:100::1",
		  "out tun0 2001:db8:100::/48",
		  { .protocol = IP_UDP, .destination_port = 54 } },
	};
	struct err err = { 0 };

	make_host();
	struct link *link = link_open(&err);
	assert_non_null(link);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct link_question question = question_of(steps[i].to);
		char route[PREFIX6_TEXT], text[128];
		struct link_way way;

		if (steps[i].command)
			run_command("%s", steps[i].command);
		question.as = steps[i].as;
		if (link_ask_way(link, &question, &way, &err) < 0)
			fail_msg("%s: %s", steps[i].what, err.text);
		snprintf(text, sizeof(text), way.kind == LINK_WAY_OUT ? "%s %s %s" : "%s",
			 kind_name[way.kind], way.name, prefix6_text(&way.route, route));
		if (strcmp(text, steps[i].way) != 0)
			fail_msg("%s: %s", steps[i].what, text);
	}
	link_close(link);
}

static void a_source_address_can_choose(void **state)
{
	struct err err = { 0 };
	struct link_way way;

	make_host();
	run_command("ip -6 route add default via 2001:db8:1::9 dev out0 table 7 && "
		    "ip -6 rule add from fd00::2 lookup 7 priority 100");
	struct link *link = link_open(&err);
	struct link_question question = question_of("2001:db8:100::1");
	assert_int_equal(link_ask_way(link, &question, &way, &err), 0);
	assert_string_equal(way.name, "tun0");
	question.has_from = true;
	assert_int_equal(ip6_parse("fd00::2", &question.from, NULL), 0);
	assert_int_equal(link_ask_way(link, &question, &way, &err), 0);
	assert_string_equal(way.name, "out0");
	link_close(link);
}

static void inner_routes_are_found(void **state)
{
	const struct prefix6 prefix = { .address = { { 0x20, 1, 0x0d, 0xb8, 1, 0 } }, .len = 48 };
	struct link_inner inner[8];
	struct err err = { 0 };
	char text[PREFIX6_TEXT];

	make_host();
	run_command("ip -6 route add 2001:db8:100:1::/64 dev tun0 && " /* into the tunnel */
		    "ip -6 route add 2001:db8:100::/48 via 2001:db8:1::9 dev out0 metric 1 && "
		    "ip -6 route add 2001:db8:200:1::/64 dev out0"); /* elsewhere */
	run_command("ip -6 route add 2001:db8:100:2::/64 dev out0 && "
		    "ip -6 route add 2001:db8:100:3::/64 via 2001:db8:1::9 dev out0 table 9 && "
		    "ip -6 route add unreachable 2001:db8:100:4::/64");
	struct link *link = link_open(&err);
	assert_int_equal(link_inner_routes(link, &prefix, "tun0", inner, ARRAY_LEN(inner), &err),
			 3);
	unsigned seen = 0;
	for (unsigned i = 0; i < 3; i++) {
		prefix6_text(&inner[i].prefix, text);
		if (strcmp(text, "2001:db8:100:2::/64") == 0)
			seen |= !inner[i].has_gateway && strcmp(inner[i].name, "out0") == 0;
		else if (strcmp(text, "2001:db8:100:3::/64") == 0)
			seen |= inner[i].has_gateway ? 2 : 0;
		else if (strcmp(text, "2001:db8:100:4::/64") == 0)
			seen |= inner[i].name[0] == '\0' ? 4 : 0;
	}
	assert_int_equal(seen, 7);
	assert_int_equal(link_inner_routes(link, &prefix, "tun0", inner, 2, &err), 2);
	link_close(link);
}

static void rules_are_found(void **state)
{
	struct link_rule rule[4];
	struct err err = { 0 };

	make_host();
	struct link *link = link_open(&err);
	assert_int_equal(link_rules(link, rule, ARRAY_LEN(rule), &err), 0);
	run_command("ip -6 rule add to 2001:db8::/32 lookup 7 priority 99 && "
		    "ip -6 rule add fwmark 5 lookup 7 priority 100 && "
		    "ip -6 rule add uidrange 1000-1001 lookup 7 priority 101 && "
		    "ip -6 rule add ipproto tcp sport 25-26 lookup 7 priority 102");
	assert_int_equal(link_rules(link, rule, ARRAY_LEN(rule), &err), 3);
	assert_true(rule[0].has_mark && rule[0].mark == 5 && rule[0].priority == 100);
	assert_true(rule[1].has_uid && rule[1].uid == 1000 && !rule[1].has_mark);
	assert_true(rule[2].protocol == IP_TCP && rule[2].source_port == 25);
	assert_int_equal(link_rules(link, rule, 2, &err), 2);
	link_close(link);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_tells_the_way),
		cmocka_unit_test(a_source_address_can_choose),
		cmocka_unit_test(inner_routes_are_found),
		cmocka_unit_test(rules_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
