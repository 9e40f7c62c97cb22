/* SPDX-License-Identifier: Apache-2.0 */
/* Many routes in one message, in the real kernel: all of them are there, and of those that cannot be it
 * is said which. */
#include "bridge/link_batch.h"
#include "tests/unit/bridge/link_bench.h"

#define ALL LINK_BATCH_MAX

struct refusals {
	unsigned count, number[ALL];
	struct err last;
};

static void note(void *owner, unsigned number, const struct err *err)
{
	struct refusals *refusals = owner;

	assert_in_range(refusals->count, 0, ALL - 1);
	refusals->number[refusals->count++] = number;
	refusals->last = *err;
}

static struct link_order order_of(bool add, unsigned number, const char *gateway)
{
	struct link_order order = {
		.add = add,
		.prefix = prefix("2001:db8:f000::", 56),
		.gateway = prefix(gateway, 128).address,
	};

	order.prefix.address.octet[5] = (uint8_t)number;
	return order;
}

static void must_do(struct link_batch *batch, const struct link_order *order, unsigned count,
		    struct refusals *refusals)
{
	struct err err = { 0 };

	*refusals = (struct refusals) { 0 };
	if (link_batch_routes(batch, "d1", order, count, note, refusals, &err) < 0)
		fail_msg("%s", err.text);
}

/* Ours, and by way of this neighbour. */
static unsigned count_ours(struct link *link, const char *gateway)
{
	struct ip6 wanted = prefix(gateway, 128).address;
	struct link_route row[LINK_MAX_ROUTES];
	struct err err = { 0 };
	unsigned count = 0;
	int all = link_routes(link, "d1", row, ARRAY_LEN(row), &err);

	for (int i = 0; i < all; i++)
		count += row[i].ours && row[i].has_gateway && ip6_equal(&row[i].gateway, &wanted);
	return count;
}

static void many_come_change_and_go(void **state)
{
	struct link_order order[ALL];
	struct refusals refusals;
	struct err err = { 0 };

	namespace_enter();
	run_command("ip link add d1 type bridge && ip link set d1 up");
	struct link *link = open_link();
	struct link_batch *batch = link_batch_open(&err);
	assert_non_null(batch);

	must_do(batch, order, 0, &refusals);
	for (unsigned i = 0; i < ALL; i++)
		order[i] = order_of(true, i, "fe80::1");
	must_do(batch, order, ALL, &refusals);
	assert_int_equal(refusals.count, 0);
	assert_int_equal(count_ours(link, "fe80::1"), ALL);

	/* other routers now, and some offices are gone: one of them was gone before */
	for (unsigned i = 0; i < ALL; i++)
		order[i] = order_of(i % 2 == 0, i, i % 2 == 0 ? "fe80::2" : "fe80::1");
	order[1] = order_of(false, 200, "fe80::1");
	must_do(batch, order, ALL, &refusals);
	assert_int_equal(refusals.count, 0);
	assert_int_equal(count_ours(link, "fe80::1"), 1);
	assert_int_equal(count_ours(link, "fe80::2"), ALL / 2);
	link_batch_close(batch);
	link_close(link);
}

static void who_is_refused_is_named(void **state)
{
	static const struct {
		const char *what;
		unsigned bad[2], bad_count;
	} cases[] = {
		{ "the first", { 0 }, 1 },
		{ "one between", { 7 }, 1 },
		{ "the last, whose answer is waited for", { ALL - 1 }, 1 },
		{ "two", { 3, ALL - 1 }, 2 },
	};
	struct err err = { 0 };

	namespace_enter();
	run_command("ip link add d1 type bridge && ip link set d1 up");
	struct link *link = open_link();
	struct link_batch *batch = link_batch_open(&err);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct link_order order[ALL];
		struct refusals refusals;

		for (unsigned n = 0; n < ALL; n++)
			order[n] = order_of(true, n, "fe80::1");
		for (unsigned n = 0; n < cases[i].bad_count; n++)
			order[cases[i].bad[n]].gateway = prefix("2001:db8::1", 128).address;
		must_do(batch, order, ALL, &refusals);
		if (refusals.count != cases[i].bad_count ||
		    memcmp(refusals.number, cases[i].bad,
			   cases[i].bad_count * sizeof(refusals.number[0])) != 0 ||
		    !strstr(refusals.last.text, "cannot add the route to 2001:db8:f0") ||
		    !strstr(refusals.last.text, "over 'd1': "))
			fail_msg("%s: %u refused, %s", cases[i].what, refusals.count,
				 refusals.last.text);
		if (count_ours(link, "fe80::1") != ALL - cases[i].bad_count)
			fail_msg("%s: the others are not there", cases[i].what);
		run_command("ip -6 route flush proto 76");
	}
	link_batch_close(batch);
	link_close(link);
}

static void without_an_interface_it_says_so(void **state)
{
	const struct link_order order = order_of(true, 1, "fe80::1");
	struct refusals refusals = { 0 };
	struct err err = { 0 };

	namespace_enter();
	struct link_batch *batch = link_batch_open(&err);
	assert_int_equal(link_batch_routes(batch, "none", &order, 1, note, &refusals, &err), -1);
	assert_string_equal(err.text, "there is no interface 'none'");
	assert_int_equal(refusals.count, 0);
	link_batch_close(batch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_come_change_and_go),
		cmocka_unit_test(who_is_refused_is_named),
		cmocka_unit_test(without_an_interface_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
