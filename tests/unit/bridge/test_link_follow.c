/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's routes through all interfaces, and its addresses with their lifetimes: what a
 * server's advertisements follow. */
#include "tests/unit/bridge/link_bench.h"

#define KEEP 8

struct kept {
	unsigned count;
	struct link_route route[KEEP];
};

/* As a server does it: what is in fd00::/16, and no more than there is room for. */
static void keep(void *owner, const struct link_route *route)
{
	struct kept *kept = owner;

	if (route->prefix.len >= 16 && route->prefix.address.octet[0] == 0xfd && kept->count < KEEP)
		kept->route[kept->count++] = *route;
}

static unsigned count_of(const struct kept *kept, const char *text, uint8_t len, int index)
{
	struct prefix6 wanted = prefix(text, len);
	unsigned count = 0;

	for (unsigned i = 0; i < kept->count; i++)
		count += prefix6_equal(&kept->route[i].prefix, &wanted) &&
			 (index == 0 || kept->route[i].index == index);
	return count;
}

static void collect(struct link *link, struct kept *kept)
{
	struct err err = { 0 };

	if (link_each_route(link, keep, kept, &kept->count, &err) < 0)
		fail_msg("%s", err.text);
}

/* Two interfaces with a carrier, d1 and d2, and one without, e1. */
static void make_interfaces(void)
{
	namespace_enter();
	run_command("for i in d1 d2; do ip link add $i type bridge && ip link add p$i type veth "
		    "peer name q$i && ip link set p$i master $i && ip link set p$i up && "
		    "ip link set q$i up && ip link set $i up; done && "
		    "ip link add e1 type veth peer name f1 && ip link set e1 up");
}

static void routes_of_all_interfaces_are_visited(void **state)
{
	static const struct {
		const char *what, *command, *prefix;
		uint8_t len;
		unsigned count;
	} cases[] = {
		{ "one on the link", "ip address add fd00:1::1/64 dev d1 nodad", "fd00:1::", 64,
		  1 },
		{ "one by a gateway", "ip route add fd00:2::/48 via fe80::1 dev d2", "fd00:2::", 48,
		  1 },
		{ "two next hops",
		  "ip -6 route add fd00:3::/48 nexthop via fe80::1 dev d1 nexthop via fe80::2 dev "
		  "d2",
		  "fd00:3::", 48, 2 },
		{ "no carrier", "ip route add fd00:4::/48 via fe80::1 dev e1", "fd00:4::", 48, 0 },
		{ "another table's", "ip route add fd00:5::/48 dev d1 table 7", "fd00:5::", 48, 0 },
		{ "one that refuses", "ip route add unreachable fd00:6::/48", "fd00:6::", 48, 0 },
		{ "one that has gone", "ip route del fd00:2::/48", "fd00:2::", 48, 0 },
		{ "an interface that is down", "ip link set d1 down", "fd00:1::", 64, 0 },
		{ "the next hop that is left", "true", "fd00:3::", 48, 1 },
	};
	struct kept kept = { 0 };

	make_interfaces();
	struct link *link = open_link();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		run_command("%s", cases[i].command);
		collect(link, &kept);
		if (count_of(&kept, cases[i].prefix, cases[i].len, 0) != cases[i].count)
			fail_msg("%s: %u times", cases[i].what,
				 count_of(&kept, cases[i].prefix, cases[i].len, 0));
	}
	assert_int_equal(count_of(&kept, "fd00:3::", 48, (int)if_nametoindex("d2")), 1);
	link_close(link);
}

static void a_route_is_described(void **state)
{
	struct kept kept = { 0 };

	make_interfaces();
	run_command("ip address add fd00:1::1/64 dev d1 nodad && "
		    "ip route add fd00:2::/48 via fe80::1 dev d2 metric 77 expires 100");
	struct link *link = open_link();
	collect(link, &kept);
	assert_int_equal(kept.count, 2);
	unsigned far = kept.route[0].has_gateway ? 0 : 1;
	const struct link_route *route = &kept.route[far], *on_link = &kept.route[1 - far];
	assert_int_equal(route->index, if_nametoindex("d2"));
	assert_int_equal(route->metric, 77);
	assert_in_range(route->lifetime_s, 90, 100);
	assert_int_equal(on_link->index, if_nametoindex("d1"));
	assert_false(on_link->has_gateway);
	assert_int_equal(on_link->lifetime_s, UINT32_MAX);
	link_close(link);
}

/* A large table costs no memory: the visitor decides. */
static void a_large_table_is_visited_in_whole(void **state)
{
	struct kept kept = { 0 };

	make_interfaces();
	run_command("for i in $(seq 1 3000); do echo route add 2001:db8:$(printf %%x $i)::/48 dev "
		    "d1; done > /tmp/lanyard-routes.$$ && ip -6 -batch /tmp/lanyard-routes.$$; "
		    "status=$?; rm -f /tmp/lanyard-routes.$$; exit $status");
	run_command("ip route add fdff::/48 dev d2");
	struct link *link = open_link();
	collect(link, &kept);
	assert_int_equal(kept.count, 1);
	assert_int_equal(count_of(&kept, "fdff::", 48, 0), 1);
	link_close(link);
}

static void lifetimes_of_addresses_are_told_and_change(void **state)
{
	static const struct {
		const char *what, *command;
		uint32_t valid_s, preferred_s;
		bool deprecated;
	} cases[] = {
		{ "for ever", "ip address add fd00:1::1/64 dev d1 nodad", UINT32_MAX, UINT32_MAX,
		  false },
		{ "for a while",
		  "ip address change fd00:1::1/64 dev d1 valid_lft 600 preferred_lft 300", 600, 300,
		  false },
		{ "deprecated",
		  "ip address change fd00:1::1/64 dev d1 valid_lft 500 preferred_lft 0", 500, 0,
		  true },
		{ "for ever again",
		  "ip address change fd00:1::1/64 dev d1 valid_lft forever preferred_lft forever",
		  UINT32_MAX, UINT32_MAX, false },
	};
	struct link_address address;
	struct told told;

	make_interfaces();
	struct link *link = open_link();
	struct link_watch *watch = open_watch(&told);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		read_watch(watch);
		told = (struct told) { 0 };
		run_command("%s", cases[i].command);
		until((read_watch(watch), told.changed_index == (int)if_nametoindex("d1")),
		      "%s: not told", cases[i].what);
		until(has_address(link, "d1", "fd00:1::1", &address) &&
			      address.deprecated == cases[i].deprecated,
		      "%s: deprecated or not", cases[i].what);
		if (cases[i].valid_s - address.valid_s > 5 ||
		    cases[i].preferred_s - address.preferred_s > 5)
			fail_msg("%s: %u %u", cases[i].what, address.valid_s, address.preferred_s);
	}
	link_watch_close(watch);
	link_close(link);
}

/* The same prefix on two interfaces: packets go where the metric is lower, and 0 changes none. */
static void an_address_brings_a_metric(void **state)
{
	struct prefix6 address = prefix("fd00:1::1", 64);
	struct kept kept = { 0 };
	struct err err = { 0 };

	make_interfaces();
	run_command("ip address add fd00:1::5/64 dev d1 nodad");
	struct link *link = open_link();
	assert_int_equal(link_add_address(link, "d2", &address, 128, &err), 0);
	address.address.octet[3] = 2;
	assert_int_equal(link_add_address(link, "d2", &address, 0, &err), 0);
	collect(link, &kept);
	assert_int_equal(kept.count, 3);
	for (unsigned i = 0; i < kept.count; i++)
		assert_int_equal(kept.route[i].metric,
				 kept.route[i].prefix.address.octet[3] == 1 &&
						 kept.route[i].index == (int)if_nametoindex("d2")
					 ? 128
					 : 256);
	link_close(link);
}

static void forwarding_is_told(void **state)
{
	static const struct {
		const char *what, *command;
		unsigned told;
	} cases[] = {
		{ "on", "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding", 1 },
		{ "still on", "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding", 0 },
		{ "one interface's", "echo 0 > /proc/sys/net/ipv6/conf/d1/forwarding", 0 },
		{ "IPv4's", "echo 1 > /proc/sys/net/ipv4/conf/all/forwarding", 0 },
		{ "off", "echo 0 > /proc/sys/net/ipv6/conf/all/forwarding", 1 },
	};
	struct told told;

	make_interfaces();
	struct link_watch *watch = open_watch(&told);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		read_watch(watch);
		told = (struct told) { 0 };
		run_command("%s", cases[i].command);
		read_watch(watch);
		if (told.forwarding != cases[i].told)
			fail_msg("%s: told %u times", cases[i].what, told.forwarding);
	}
	link_watch_close(watch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_of_all_interfaces_are_visited),
		cmocka_unit_test(a_route_is_described),
		cmocka_unit_test(a_large_table_is_visited_in_whole),
		cmocka_unit_test(lifetimes_of_addresses_are_told_and_change),
		cmocka_unit_test(an_address_brings_a_metric),
		cmocka_unit_test(forwarding_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
