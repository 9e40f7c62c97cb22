/* SPDX-License-Identifier: Apache-2.0 */
/* Routes of our own by way of a neighbour, in the real kernel. */
#include "tests/unit/bridge/link_bench.h"

/* Our routes to `text`, with the latest in *found. */
static unsigned ours_to(struct link *link, const char *text, struct link_route *found)
{
	struct link_route row[LINK_MAX_ROUTES];
	struct prefix6 wanted;
	struct err err = { 0 };
	unsigned count = 0;
	int all = link_routes(link, "d1", row, ARRAY_LEN(row), &err);

	assert_true(all >= 0);
	assert_int_equal(prefix6_parse(text, &wanted, &err), 0);
	for (int i = 0; i < all; i++) {
		if (!row[i].ours || !prefix6_equal(&row[i].prefix, &wanted))
			continue;
		*found = row[i];
		count++;
	}
	return count;
}

static void need(int result, const struct err *err)
{
	if (result < 0)
		fail_msg("%s", err->text);
}

static void a_route_comes_and_goes(void **state)
{
	const struct ip6 first = prefix("fe80::1", 128).address,
			 second = prefix("fe80::2", 128).address;
	const struct prefix6 office = prefix("2001:db8:f000::", 56);
	struct link_route found;
	struct err err = { 0 };

	namespace_enter();
	run_command("ip link add d1 type bridge && ip link set d1 up &&"
		    " ip -6 route add 2001:db8:f000:100::/56 via fe80::9 dev d1");
	struct link *link = open_link();
	struct told told;
	struct link_watch *watch = open_watch(&told);

	need(link_delete_route(link, "d1", &office, &first, &err), &err);
	need(link_add_route(link, "d1", &office, &first, &err), &err);
	read_watch(watch);
	assert_true(told.route_is_ours && prefix6_equal(&told.route, &office));
	run_command("ip -6 route add 2001:db8:f000:200::/56 via fe80::9 dev d1");
	read_watch(watch);
	assert_true(!told.route_is_ours && !prefix6_equal(&told.route, &office));
	assert_int_equal(ours_to(link, "2001:db8:f000::/56", &found), 1);
	assert_true(found.has_gateway && ip6_equal(&found.gateway, &first));

	/* the office has another router now: one route, not two */
	need(link_add_route(link, "d1", &office, &second, &err), &err);
	assert_int_equal(ours_to(link, "2001:db8:f000::/56", &found), 1);
	assert_true(ip6_equal(&found.gateway, &second));

	assert_int_equal(ours_to(link, "2001:db8:f000:100::/56", &found), 0);
	need(link_delete_route(link, "d1", &office, &second, &err), &err);
	assert_int_equal(ours_to(link, "2001:db8:f000::/56", &found), 0);
	link_watch_close(watch);
	link_close(link);
}

static void what_nobody_has_is_refused(void **state)
{
	const struct prefix6 office = prefix("2001:db8:f000::", 56), one = prefix("2001:db8::", 64);
	struct prefix6 found[4];
	struct err err = { 0 };

	namespace_enter();
	run_command("ip link set lo up && ip link add d1 type bridge && ip link set d1 up");
	run_command("ip -6 route add 2001:db8:f000:7::/64 dev d1");
	run_command("ip -6 route add unreachable 2001:db8:e000::/36"); /* somebody else's */
	struct link *link = open_link();

	need(link_delete_unreachable(link, &office, &err), &err);
	assert_int_equal(link_unreachables(link, found, 4, &err), 0);
	need(link_add_unreachable(link, &office, &err), &err);
	need(link_add_unreachable(link, &office, &err), &err);
	assert_int_equal(link_unreachables(link, found, 4, &err), 1);
	assert_true(prefix6_equal(&found[0], &office));
	run_command("ip -6 route get 2001:db8:f000:7::1 | grep -q 'dev d1'");
	run_command("! ip -6 route get 2001:db8:f000:8::1 2>/dev/null");
	/* behind a route to all of it */
	need(link_add_unreachable(link, &one, &err), &err);
	run_command("ip -6 route add 2001:db8::/64 dev d1");
	run_command("ip -6 route get 2001:db8::1 | grep -q 'dev d1'");
	assert_int_equal(link_unreachables(link, found, 4, &err), 2);
	assert_int_equal(link_unreachables(link, found, 1, &err), 1);
	need(link_delete_unreachable(link, &office, &err), &err);
	need(link_delete_unreachable(link, &one, &err), &err);
	assert_int_equal(link_unreachables(link, found, 4, &err), 0);
	run_command("ip -6 route get 2001:db8::1 | grep -q 'dev d1'");
	link_close(link);
}

static void an_address_that_is_leased(void **state)
{
	const struct prefix6 leased = prefix("2001:db8:f000::1", 64);
	const struct link_lifetimes first = { 100, 200 }, then = { 1000, UINT32_MAX };
	struct link_address address[8];
	struct err err = { 0 };

	namespace_enter();
	run_command("ip link add d1 type bridge && ip link set d1 up");
	run_command("ip -6 address add 2001:db8:1::1/64 dev d1");
	struct link *link = open_link();

	for (unsigned renewed = 0; renewed < 2; renewed++) {
		const struct link_lifetimes *now = renewed ? &then : &first;
		unsigned ours = 0;

		need(link_lease_address(link, "d1", &leased, now, &err), &err);
		int count = link_addresses(link, "d1", address, 8, &err);
		for (int i = 0; i < count; i++) {
			if (!address[i].ours)
				continue;
			ours++;
			assert_true(ip6_equal(&address[i].address, &leased.address));
			assert_int_equal(address[i].prefix_len, 64);
			assert_in_range(address[i].preferred_s, now->preferred_s - 10,
					now->preferred_s);
			assert_in_range(address[i].valid_s, now->valid_s - 10, now->valid_s);
		}
		assert_int_equal(ours, 1);
	}
	need(link_delete_address(link, "d1", &leased, &err), &err);
	int count = link_addresses(link, "d1", address, 8, &err);
	for (int i = 0; i < count; i++)
		assert_false(address[i].ours);
	assert_int_equal(link_lease_address(link, "none", &leased, &first, &err), -1);
	assert_string_equal(err.text, "there is no interface 'none'");
	link_close(link);
}

static void what_cannot_be_is_a_sentence(void **state)
{
	const struct prefix6 office = prefix("2001:db8:f000::", 56);
	const struct ip6 gateway = prefix("2001:db8::1", 128).address;
	struct err err = { 0 };

	namespace_enter();
	run_command("ip link add d1 type bridge && ip link set d1 up");
	struct link *link = open_link();

	assert_int_equal(link_add_route(link, "none", &office, &gateway, &err), -1);
	assert_string_equal(err.text, "there is no interface 'none'");
	assert_int_equal(link_add_route(link, "d1", &office, &gateway, &err), -1);
	assert_non_null(strstr(err.text, "the route to 2001:db8:f000::/56 over 'd1'"));
	link_close(link);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_route_comes_and_goes),
		cmocka_unit_test(what_nobody_has_is_refused),
		cmocka_unit_test(an_address_that_is_leased),
		cmocka_unit_test(what_cannot_be_is_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
