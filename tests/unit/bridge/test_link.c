/* SPDX-License-Identifier: Apache-2.0 */
/* Set-up, addresses and notices against the real kernel. */
#include <sys/socket.h>

#include "bridge/tap.h"
#include "tests/unit/bridge/link_bench.h"

static void an_interface_is_set_up(void **state)
{
	static const struct mac mac = { { 2, 0x11, 0x22, 0x33, 0x44, 0x55 } };
	struct link_identity identity;
	struct err err = { 0 };

	namespace_enter();
	struct link *link = open_link();
	struct tap *tap = tap_open("tap0", 1, &err);
	assert_non_null(tap);
	assert_int_equal(link_set_mac(link, "tap0", &mac, &err), 0);
	assert_int_equal(link_set_mtu(link, "tap0", 9000, &err), 0);
	assert_int_equal(link_identity(link, "tap0", &identity, &err), 0);
	assert_false(identity.up);
	assert_false(identity.has_link_local);
	assert_int_equal(link_set_up(link, "tap0", true, &err), 0);
	until(link_identity(link, "tap0", &identity, &err) == 0 && identity.has_link_local,
	      "no link-local address");
	assert_true(identity.up);
	assert_true(identity.carrier);
	assert_false(identity.is_bridge);
	assert_int_equal(identity.mtu, 9000);
	assert_int_equal(identity.master, 0);
	assert_int_equal(identity.index, if_nametoindex("tap0"));
	assert_memory_equal(&identity.mac, &mac, sizeof(mac));
	struct prefix6 wanted = prefix("fe80::11:22ff:fe33:4455", 128);
	assert_memory_equal(&identity.link_local, &wanted.address, sizeof(wanted.address));

	/* An office's MAC changes while the interface is up. */
	static const struct mac other = { { 2, 0, 0, 0, 0, 9 } };
	assert_int_equal(link_set_mac(link, "tap0", &other, &err), 0);
	assert_int_equal(link_set_up(link, "tap0", false, &err), 0);
	assert_int_equal(link_identity(link, "tap0", &identity, &err), 0);
	assert_false(identity.up);
	assert_int_equal(identity.mtu, 9000);
	assert_memory_equal(&identity.mac, &other, sizeof(other));
	tap_free(tap);
	link_close(link);
}

static void a_link_local_counts_after_duplicate_detection(void **state)
{
	static const struct {
		const char *what, *command;
		bool counts;
	} cases[] = {
		{ "checked", "ip addr add fe80::1/64 dev veth0 nodad", true },
		{ "tentative: the other end is down", "ip addr add fe80::1/64 dev veth0", false },
		{ "a global one", "ip addr add fd00::1/64 dev veth0 nodad", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct link_identity identity;
		struct err err = { 0 };

		namespace_enter();
		run_command("ip link add veth0 type veth peer name veth1");
		run_command("ip link set veth0 addrgenmode none");
		run_command("ip link set veth0 up");
		run_command("%s", cases[i].command);
		struct link *link = open_link();
		assert_int_equal(link_identity(link, "veth0", &identity, &err), 0);
		if (identity.has_link_local != cases[i].counts || identity.carrier)
			fail_msg("%s: %d", cases[i].what, identity.has_link_local);
		link_close(link);
	}
}

static void addresses_come_and_go(void **state)
{
	struct prefix6 address = prefix("fd00:1::1", 64);
	struct link_address row;
	struct err err = { 0 };

	namespace_enter();
	struct link *link = open_link();
	struct tap *tap = tap_open("tap0", 1, &err);
	assert_int_equal(link_set_up(link, "tap0", true, &err), 0);
	assert_int_equal(link_add_address(link, "tap0", &address, 0, &err), 0);
	assert_true(has_address(link, "tap0", "fd00:1::1", &row));
	assert_int_equal(row.prefix_len, 64);
	assert_false(row.tentative);
	assert_true(row.permanent);
	assert_int_equal(row.valid_s, UINT32_MAX);
	assert_int_equal(row.preferred_s, UINT32_MAX);

	if (link_add_address(link, "tap0", &address, 0, &err) < 0)
		fail_msg("again: %s", err.text);
	assert_int_equal(link_delete_address(link, "tap0", &address, &err), 0);
	assert_false(has_address(link, "tap0", "fd00:1::1", &row));
	if (link_delete_address(link, "tap0", &address, &err) < 0)
		fail_msg("again: %s", err.text);

	/* A list shorter than what there is: no more than its room. */
	struct link_address few[2];
	for (unsigned i = 0; i < 5; i++) {
		address.address.octet[15] = (uint8_t)(i + 1);
		assert_int_equal(link_add_address(link, "tap0", &address, 0, &err), 0);
	}
	assert_int_equal(link_addresses(link, "tap0", few, ARRAY_LEN(few), &err), 2);
	tap_free(tap);
	link_close(link);
}

static void a_missing_interface_is_named(void **state)
{
	static const struct mac mac = { { 2 } };
	struct prefix6 address = prefix("fd00::1", 64);
	struct link_identity identity;
	struct link_address one_address;
	struct link_route one_route;
	static const char *const no_kinds[] = { NULL };
	const char *chosen;

	namespace_enter();
	struct link *link = open_link();
	for (unsigned i = 0; i < 10; i++) {
		struct err err = { 0 };
		int result = i == 0   ? link_set_up(link, "gone0", true, &err)
			     : i == 1 ? link_set_mtu(link, "gone0", 1500, &err)
			     : i == 2 ? link_set_mac(link, "gone0", &mac, &err)
			     : i == 3 ? link_add_address(link, "gone0", &address, 0, &err)
			     : i == 4 ? link_delete_address(link, "gone0", &address, &err)
			     : i == 5 ? link_join_bridge(link, "gone0", NULL, &err)
			     : i == 6 ? link_identity(link, "gone0", &identity, &err)
			     : i == 7 ? link_addresses(link, "gone0", &one_address, 1, &err)
			     : i == 8 ? link_set_qdisc(link, "gone0", no_kinds, &chosen, &err)
				      : link_routes(link, "gone0", &one_route, 1, &err);
		if (result != -1 || err.kind != ERR_NO_OBJECT ||
		    strcmp(err.text, "there is no interface 'gone0'") != 0)
			fail_msg("call %u: %d '%s'", i, result, err.text);
	}

	struct err err = { 0 };
	assert_int_equal(link_set_mtu(link, "lo", 1, &err), 0);
	assert_int_equal(link_join_bridge(link, "lo", "lo", &err), -1);
	assert_non_null(strstr(err.text, "interface 'lo' cannot join 'lo': "));
	link_close(link);
	link_close(NULL);
}

/* fq_codel is what is wanted, and pfifo what every kernel has. */
static void the_first_queue_discipline_that_exists_is_set(void **state)
{
	static const struct {
		const char *what;
		const char *kinds[4];
		const char *chosen; /* NULL: none */
	} cases[] = {
		{ "one that exists", { "pfifo" }, "pfifo" },
		{ "another in its place", { "bfifo" }, "bfifo" },
		{ "the same again", { "bfifo" }, "bfifo" },
		{ "the first that exists", { "no-such", "nor-this", "pfifo" }, "pfifo" },
		{ "none that exists", { "no-such", "nor-this" }, NULL },
		{ "an empty list", { NULL }, NULL },
	};
	const char *chosen, *is = NULL;
	struct err err = { 0 };

	namespace_enter();
	struct link *link = open_link();
	struct tap *tap = tap_open("tap0", 1, &err);
	assert_int_equal(link_set_up(link, "tap0", true, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (link_set_qdisc(link, "tap0", cases[i].kinds, &chosen, &err) < 0)
			fail_msg("%s: %s", cases[i].what, err.text);
		if (!cases[i].chosen != !chosen || (chosen && strcmp(chosen, cases[i].chosen) != 0))
			fail_msg("%s: %s", cases[i].what, chosen ? chosen : "none");
		is = chosen ? chosen : is;
		run_command("tc qdisc show dev tap0 root | grep -q '^qdisc %s '", is);
	}

	/* one that wants parameters, and gets none */
	static const char *const tbf[] = { "tbf", NULL };
	assert_int_equal(link_set_qdisc(link, "tap0", tbf, &chosen, &err), -1);
	assert_non_null(strstr(err.text, "interface 'tap0' the queue discipline tbf: "));
	assert_null(chosen);
	tap_free(tap);
	link_close(link);
}

static void a_bridge_port_that_leaves_is_not_gone(void **state)
{
	struct told told;
	struct link_identity identity, bridge;
	struct err err = { 0 };

	namespace_enter();
	struct link *link = open_link();
	struct tap *tap = tap_open("tap0", 1, &err);
	run_command("ip link add br0 type bridge && ip link set br0 up && ip link set tap0 up");
	struct link_watch *watch = open_watch(&told);
	assert_int_equal(link_join_bridge(link, "tap0", "br0", &err), 0);
	assert_int_equal(link_identity(link, "tap0", &identity, &err), 0);
	assert_int_equal(link_identity(link, "br0", &bridge, &err), 0);
	assert_true(bridge.is_bridge);
	assert_int_equal(identity.master, bridge.index);
	assert_int_equal(link_join_bridge(link, "tap0", NULL, &err), 0);
	assert_int_equal(link_identity(link, "tap0", &identity, &err), 0);
	assert_int_equal(identity.master, 0);
	read_watch(watch);
	assert_true(told.changed > 0);
	assert_int_equal(told.gone, 0);

	tap_free(tap);
	until((read_watch(watch), told.gone == 1), "the interface went and nobody said so");
	assert_int_equal(told.gone_index, identity.index);
	link_watch_close(watch);
	link_close(link);
}

static void changes_are_told(void **state)
{
	static const struct {
		const char *what, *command;
		bool changed, routes;
	} cases[] = {
		{ "a new MAC", "ip link set tap0 address 02:00:00:00:00:07", true, false },
		{ "an IPv6 address", "ip addr add fd00::1/128 dev tap0 nodad", true, false },
		{ "an IPv4 address", "ip addr add 10.0.0.1/32 dev tap0", false, false },
		{ "an IPv6 route", "ip route add fd00:2::/48 dev tap0", false, true },
		{ "its end", "ip route del fd00:2::/48 dev tap0", false, true },
		{ "an IPv6 route of another table", "ip -6 route add fd00:2::/48 dev tap0 table 7",
		  false, false },
		{ "an IPv4 route", "ip route add 10.1.0.0/16 dev tap0", false, false },
	};
	struct prefix6 route = prefix("fd00:2::", 48);
	struct err err = { 0 };

	namespace_enter();
	struct tap *tap = tap_open("tap0", 1, &err);
	run_command("ip link set tap0 up");
	struct told told;
	struct link_watch *watch = open_watch(&told);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		poll(NULL, 0, 20); /* for what the kernel says by itself about the step before */
		read_watch(watch);
		told = (struct told) { 0 };
		run_command("%s", cases[i].command);
		until((read_watch(watch),
		       (told.changed || !cases[i].changed) && (told.routes || !cases[i].routes)),
		      "%s", cases[i].what);
		/* tap0's own link-local address may come at any time, with its routes. */
		if (told.lost || (!cases[i].changed && !cases[i].routes && i > 3 &&
				  (told.changed || told.routes)))
			fail_msg("%s: changed=%u routes=%u lost=%u", cases[i].what, told.changed,
				 told.routes, told.lost);
		if (cases[i].routes && i > 2 && !prefix6_equal(&told.route, &route))
			fail_msg("%s: another route is named", cases[i].what);
	}
	link_watch_close(watch);
	link_watch_close(NULL);
	tap_free(tap);
}

static void lost_messages_are_told(void **state)
{
	struct told told;
	int least = 1;

	namespace_enter();
	run_command("ip link add br0 type bridge");
	struct link_watch *watch = open_watch(&told);
	setsockopt(link_watch_fd(watch), SOL_SOCKET, SO_RCVBUFFORCE, &least, sizeof(least));
	for (unsigned i = 0; i < 4; i++)
		run_command("ip link set br0 up && ip link set br0 down");
	read_watch(watch);
	assert_int_equal(told.lost, 1);
	/* And it goes on. */
	read_watch(watch);
	told = (struct told) { 0 };
	int enough = 1 << 20;
	setsockopt(link_watch_fd(watch), SOL_SOCKET, SO_RCVBUFFORCE, &enough, sizeof(enough));
	run_command("ip link set br0 up");
	read_watch(watch);
	assert_true(told.changed > 0);
	assert_int_equal(told.lost, 0);
	link_watch_close(watch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interface_is_set_up),
		cmocka_unit_test(a_link_local_counts_after_duplicate_detection),
		cmocka_unit_test(addresses_come_and_go),
		cmocka_unit_test(a_missing_interface_is_named),
		cmocka_unit_test(the_first_queue_discipline_that_exists_is_set),
		cmocka_unit_test(a_bridge_port_that_leaves_is_not_gone),
		cmocka_unit_test(changes_are_told),
		cmocka_unit_test(lost_messages_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
