/* SPDX-License-Identifier: Apache-2.0 */
/* What the real kernel makes of a Router Advertisement, and the way around the tunnel. */
#include "bridge/tap.h"
#include "tests/unit/bridge/link_bench.h"

/* A Router Advertisement with everything that the kernel or we must understand. */
static void send_ra(struct tap *tap)
{
	static const uint8_t options[] = {
		/* PIO fd00:1::/64 L A, 3600 s and 1800 s */
		3,
		4,
		64,
		0xc0,
		0,
		0,
		0x0e,
		0x10,
		0,
		0,
		0x07,
		0x08,
		0,
		0,
		0,
		0,
		0xfd,
		0,
		0,
		1,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		/* RIO fd00:2::/48 high, 600 s */
		24,
		2,
		48,
		0x08,
		0,
		0,
		0x02,
		0x58,
		0xfd,
		0,
		0,
		2,
		0,
		0,
		0,
		0,
		/* RIO fd00:3::/48 low, for ever */
		24,
		2,
		48,
		0x18,
		0xff,
		0xff,
		0xff,
		0xff,
		0xfd,
		0,
		0,
		3,
		0,
		0,
		0,
		0,
		/* RDNSS fd00:1::53, 300 s */
		25,
		3,
		0,
		0,
		0,
		0,
		0x01,
		0x2c,
		0xfd,
		0,
		0,
		1,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0x53,
		/* DNSSL corp.test, 300 s */
		31,
		3,
		0,
		0,
		0,
		0,
		0x01,
		0x2c,
		4,
		'c',
		'o',
		'r',
		'p',
		4,
		't',
		'e',
		's',
		't',
		0,
		0,
		0,
		0,
		0,
		0,
	};
	struct packet_ends ends = {
		.mac_source = { { 2, 0, 0, 0, 0, 1 } },
		.mac_destination = mac_all_nodes,
		.source = prefix("fe80::1", 128).address,
		.destination = ip6_all_nodes,
	};
	uint8_t message[256], bytes[512];
	struct writer w = writer_over(message, sizeof(message)),
		      out = writer_over(bytes, sizeof(bytes));

	writer_u8(&w, ND_RA);
	writer_zero(&w, 3);
	writer_u8(&w, 64);   /* hop limit */
	writer_u8(&w, 0x08); /* preference high */
	writer_u16(&w, 1800);
	writer_zero(&w, 8);
	writer_copy(&w, options, sizeof(options));
	packet_icmp6(&out, &ends, writer_bytes(&w));
	assert_false(out.full);

	struct frame frame = { .bytes = writer_bytes(&out) };
	assert_int_equal(tap_write(tap, 0, &frame), TAP_DONE);
}

static const struct link_route *find_route(const struct link_route *row, int count,
					   const char *text, uint8_t len)
{
	struct prefix6 wanted = prefix(text, len);

	for (int i = 0; i < count; i++) {
		if (row[i].prefix.len == len && ip6_equal(&row[i].prefix.address, &wanted.address))
			return &row[i];
	}
	return NULL;
}

/* Newer kernels hand on more than we use (prefixes). */
static const uint8_t *find_option(const struct told *told, uint8_t type)
{
	for (unsigned i = 0; i < told->options && i < ARRAY_LEN(told->option); i++) {
		if (told->option[i][0] == type)
			return told->option[i];
	}
	return NULL;
}

static void a_router_advertisement_is_seen(void **state)
{
	static const struct {
		const char *what, *prefix;
		uint8_t len;
		bool from_ra, has_gateway;
		uint8_t preference;
		uint32_t lifetime_s;
	} cases[] = {
		{ "the default route", "::", 0, true, true, 1, 1800 },
		{ "a route with high preference", "fd00:2::", 48, true, true, 1, 600 },
		{ "a route with low preference, for ever", "fd00:3::", 48, true, true, 3,
		  UINT32_MAX },
		{ "the prefix on the link", "fd00:1::", 64, false, false, 0, 3600 },
	};
	struct link_route row[LINK_MAX_ROUTES];
	struct link_address address;
	struct told told;
	struct err err = { 0 };
	int count = 0;

	namespace_enter();
	struct link *link = open_link();
	struct tap *tap = tap_open("tap0", 1, &err);
	run_command("cd /proc/sys/net/ipv6/conf/tap0 && echo 2 > accept_ra &&"
		    " echo 128 > accept_ra_rt_info_max_plen && ip link set tap0 address "
		    "02:00:00:00:00:02");
	struct link_watch *watch = open_watch(&told);
	run_command("ip link set tap0 up");
	until(has_address(link, "tap0", "fe80::ff:fe00:2", &address), "no link-local address");
	send_ra(tap);
	until((count = link_routes(link, "tap0", row, ARRAY_LEN(row), &err)) > 0 &&
		      find_route(row, count, "fd00:3::", 48),
	      "the routes of the RA did not come");

	struct prefix6 router = prefix("fe80::1", 128);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct link_route *route =
			find_route(row, count, cases[i].prefix, cases[i].len);

		if (!route || route->from_ra != cases[i].from_ra ||
		    route->has_gateway != cases[i].has_gateway ||
		    route->preference != cases[i].preference || route->metric == 0 ||
		    cases[i].lifetime_s - route->lifetime_s > 5 ||

		    (route->has_gateway && !ip6_equal(&route->gateway, &router.address)))
			fail_msg("%s: %s (preference %d, %u s)", cases[i].what,
				 route ? "wrong" : "missing", route ? route->preference : -1,
				 route ? route->lifetime_s : 0);
	}
	until(has_address(link, "tap0", "fd00:1::ff:fe00:2", &address), "no address by SLAAC");
	assert_in_range(address.valid_s, 3590, 3600);
	assert_in_range(address.preferred_s, 1790, 1800);
	assert_false(address.permanent);
	until(has_address(link, "tap0", "fd00:1::ff:fe00:2", &address) && !address.tentative,
	      "the address stays tentative");

	const uint8_t *servers = NULL, *search = NULL;
	until((read_watch(watch),
	       (servers = find_option(&told, 25)) && (search = find_option(&told, 31))),
	      "the DNS options were not handed on");
	assert_true(told.routes > 0);
	assert_true(told.changed > 0);
	assert_int_equal(told.lost, 0);
	assert_memory_equal(&told.from, &router.address, sizeof(told.from));
	assert_memory_equal(servers + 8, "\xfd\0\0\1\0\0\0\0\0\0\0\0\0\0\0\x53", 16);
	assert_memory_equal(search + 8, "\4corp\4test", 11);
	link_watch_close(watch);
	tap_free(tap);
	link_close(link);
}

/* Three interfaces; what is asked for, without which, and where it goes then. */
static const struct {
	const char *what, *commands, *address, *except, *leaves; /* NULL: no route is left */
} ways[] = {
	{ "no route at all", "", "192.0.2.1", "t1", NULL },
	{ "an IPv4 default route", "ip route add default dev d1", "192.0.2.1", "t1", "d1" },
	{ "only the tunnel's", "ip route add default dev t1", "192.0.2.1", "t1", NULL },
	{ "the tunnel's counts when it is not excepted", "ip route add default dev t1", "192.0.2.1",
	  NULL, "t1" },
	{ "an exception that does not exist", "ip route add default dev t1", "192.0.2.1", "none0",
	  "t1" },
	{ "a longer prefix wins",
	  "ip route add default dev d1 && ip route add 192.0.2.0/24 dev d2 metric 9", "192.0.2.1",
	  "t1", "d2" },
	{ "a longer prefix that does not match",
	  "ip route add default dev d1 && ip route add 192.0.3.0/24 dev d2", "192.0.2.1", "t1",
	  "d1" },
	{ "a prefix that ends inside a byte",
	  "ip route add 192.0.2.128/25 dev d2 && ip route add 192.0.2.0/25 dev d1", "192.0.2.130",
	  "t1", "d2" },
	{ "the lower metric wins",
	  "ip route add default dev d1 metric 20 && ip route add default dev d2 metric 10",
	  "192.0.2.1", "t1", "d2" },
	{ "the tunnel's longer prefix is passed over",
	  "ip route add default dev d1 && ip route add 192.0.2.0/24 dev t1", "192.0.2.1", "t1",
	  "d1" },
	{ "a next hop whose interface is down",
	  "ip route add 192.0.2.0/24 nexthop dev d2 nexthop dev d1 && ip link set d2 down",
	  "192.0.2.1", "t1", "d1" },
	{ "an interface that is down has no routes",
	  "ip route add default dev d1 metric 9 &&"
	  " ip route add default dev d2 metric 5 && ip link set d2 down",
	  "192.0.2.1", "t1", "d1" },
	{ "an unreachable route refuses",
	  "ip route add default dev d1 && ip route add unreachable 192.0.2.0/24", "192.0.2.1", "t1",
	  NULL },
	{ "another table's route", "ip route add default dev d1 table 7", "192.0.2.1", "t1", NULL },
	{ "several next hops, one of them the tunnel",
	  "ip route add 192.0.2.0/24 nexthop dev t1 nexthop dev d2", "192.0.2.1", "t1", "d2" },
	{ "an address of our own",
	  "ip addr add 192.0.2.1/24 dev d1 && ip route add 192.0.2.1/32 dev d2", "192.0.2.1", "t1",
	  "d1" },
	{ "the loopback", "ip link set lo up && ip route add default dev d1", "127.0.0.1", "t1",
	  "lo" },

	{ "an IPv6 default route", "ip -6 route add default dev d1", "2001:db8::1", "t1", "d1" },
	{ "only the tunnel's, IPv6", "ip -6 route add default dev t1", "2001:db8::1", "t1", NULL },
	{ "a longer IPv6 prefix wins",
	  "ip -6 route add default dev d1 && ip -6 route add 2001:db8::/33 dev d2 metric 9999",
	  "2001:db8::1", "t1", "d2" },
	{ "a longer IPv6 prefix that does not match",
	  "ip -6 route add default dev d1 && ip -6 route add 2001:db8::/33 dev d2",
	  "2001:db8:8000::1", "t1", "d1" },
	{ "the lower IPv6 metric wins",
	  "ip -6 route add default dev d1 metric 20 && ip -6 route add default dev d2 metric 10",
	  "2001:db8::1", "t1", "d2" },
	{ "preference decides between equal metrics",
	  "ip -6 route add default dev d1 pref low &&"
	  " ip -6 route append default dev d2 pref high",
	  "2001:db8::1", "t1", "d2" },
	{ "the tunnel's longer IPv6 prefix is passed over",
	  "ip -6 route add default dev d1 && ip -6 route add 2001:db8::/32 dev t1", "2001:db8::1",
	  "t1", "d1" },
	{ "several IPv6 next hops, one of them the tunnel",
	  "ip -6 route add 2001:db8::/32 nexthop via fe80::1 dev t1 nexthop via fe80::2 dev d2",
	  "2001:db8::1", "t1", "d2" },
	{ "an unreachable IPv6 route refuses",
	  "ip -6 route add default dev d1 && ip -6 route add unreachable 2001:db8::/32",
	  "2001:db8::1", "t1", NULL },
	{ "the IPv6 loopback", "ip link set lo up && ip -6 route add default dev d1", "::1", "t1",
	  "lo" },
};

static void the_way_around_the_tunnel_is_found(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		char name[IF_NAMESIZE] = "";
		uint8_t address[16];
		struct err err = { 0 };
		bool ip6 = strchr(ways[i].address, ':');

		namespace_enter();
		run_command(
			"for i in d1 d2 t1; do ip link add $i type bridge && ip link set $i up; "
			"done");
		if (ways[i].commands[0])
			run_command("%s", ways[i].commands);
		inet_pton(ip6 ? AF_INET6 : AF_INET, ways[i].address, address);
		struct link *link = open_link();
		int result =
			link_route_without(link, address, ip6 ? 16 : 4, ways[i].except, name, &err);
		link_close(link);
		if (result != (ways[i].leaves ? 0 : -1) ||
		    (ways[i].leaves && strcmp(name, ways[i].leaves) != 0))
			fail_msg("%s: %d '%s' '%s'", ways[i].what, result, name, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_router_advertisement_is_seen),
		cmocka_unit_test(the_way_around_the_tunnel_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
