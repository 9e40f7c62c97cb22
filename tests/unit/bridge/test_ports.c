/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_ports.c - the port directory, its counters, and the names of drops. */
#include "bridge/ports.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void entries_come_back_as_given(void **state)
{
	static const struct {
		const char *what;
		uint8_t worker;
		uint16_t flags;
	} rows[] = {
		{ "no flags, first worker", 0, 0 },
		{ "every bit set", UINT8_MAX, UINT16_MAX },
		{ "a client of worker 63", 63, PORT_CLIENT | PORT_ISOLATED | PORT_OFFLOAD },
		{ "an office", 1, PORT_CLIENT | PORT_OFFICE },
	};
	struct port_directory *directory = port_directory_new(64);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint32_t generation = 0;
		uint16_t port =
			port_directory_add(directory, rows[i].worker, rows[i].flags, &generation);
		struct port_entry entry = port_directory_get(directory, port);

		if (port < PORT_FIRST_CLIENT || generation == 0 || entry.generation != generation ||
		    entry.worker != rows[i].worker || entry.flags != rows[i].flags)
			fail_msg("%s: worker %u, flags %x", rows[i].what, entry.worker,
				 entry.flags);
	}
	port_directory_free(directory);
}

static void a_port_has_one_address_until_it_is_given_more(void **state)
{
	struct port_directory *directory = port_directory_new(10);
	uint32_t generation;
	uint16_t port = port_directory_add(directory, 0, PORT_CLIENT, &generation);
	uint16_t other = port_directory_add(directory, 0, PORT_CLIENT, &generation);

	assert_int_equal(port_directory_limit(directory, port), 1);
	port_directory_set_limit(directory, port, 7);
	assert_int_equal(port_directory_limit(directory, port), 7);
	assert_int_equal(port_directory_limit(directory, other), 1);
	/* who comes next does not inherit it */
	port_directory_remove(directory, port);
	while (port_directory_add(directory, 0, PORT_CLIENT, &generation) != port)
		;
	assert_int_equal(port_directory_limit(directory, port), 1);
	port_directory_set_limit(directory, 10, 7); /* no port of ours */
	port_directory_free(directory);
}

static void a_full_directory_gives_none(void **state)
{
	struct port_directory *directory = port_directory_new(10);
	bool taken[10] = { false };
	uint32_t generation;

	for (unsigned n = PORT_FIRST_CLIENT; n < 10; n++) {
		uint16_t port = port_directory_add(directory, 0, PORT_CLIENT, &generation);

		assert_in_range(port, PORT_FIRST_CLIENT, 9);
		assert_false(taken[port]);
		taken[port] = true;
	}
	assert_int_equal(port_directory_add(directory, 0, PORT_CLIENT, &generation), PORT_NONE);
	port_directory_remove(directory, 5);
	assert_int_equal(port_directory_add(directory, 0, PORT_CLIENT, &generation), 5);
	port_directory_free(directory);
}

static void an_id_comes_back_as_another_port(void **state)
{
	struct port_directory *directory = port_directory_new(6);
	uint32_t generation = 0, previous = 0;
	uint16_t port, previous_port = PORT_NONE;

	for (unsigned n = 0; n < 1000; n++) {
		port = port_directory_add(directory, 0, PORT_CLIENT, &generation);
		assert_int_not_equal(port, PORT_NONE);
		assert_int_not_equal(port, previous_port); /* not at once */
		assert_int_not_equal(generation, 0);
		assert_int_not_equal(generation, previous);

		struct port_counters *counters = port_directory_counters(directory, port);

		for (unsigned reason = 0; reason < DROP_REASONS; reason++)
			assert_int_equal(atomic_load(&counters->drops[reason]), 0);
		assert_int_equal(atomic_load(&counters->rx_frames), 0);
		assert_int_equal(atomic_load(&counters->marked), 0);
		assert_int_equal(atomic_load(&counters->rtt_us), 0);
		counter_add(&counters->marked, 3);
		counter_add(&counters->rx_frames, 7);
		counter_add(&counters->drops[DROP_PUNT_RATE], 1);
		atomic_store(&counters->rtt_us, 9);

		port_directory_remove(directory, port);
		assert_int_equal(port_directory_get(directory, port).generation, 0);
		previous = generation;
		previous_port = port;
	}
	port_directory_free(directory);
}

static void flags_change_and_nothing_else(void **state)
{
	struct port_directory *directory = port_directory_new(6);
	uint32_t generation;
	uint16_t port = port_directory_add(directory, 3, PORT_CLIENT, &generation);

	port_directory_set_flags(directory, port, PORT_CLIENT | PORT_ISOLATED);
	struct port_entry entry = port_directory_get(directory, port);
	assert_int_equal(entry.flags, PORT_CLIENT | PORT_ISOLATED);
	assert_int_equal(entry.worker, 3);
	assert_int_equal(entry.generation, generation);

	port_directory_remove(directory, port);
	port_directory_set_flags(directory, port, PORT_CLIENT);
	entry = port_directory_get(directory, port);
	assert_int_equal(entry.flags, 0); /* a port that is gone stays gone */
	assert_int_equal(entry.generation, 0);
	port_directory_free(directory);
}

static void the_tap_has_its_own_id(void **state)
{
	struct port_directory *directory = port_directory_new(6);

	assert_int_equal(port_directory_get(directory, PORT_TAP).generation, 0);
	port_directory_add_tap(directory, PORT_ROUTER);
	assert_int_not_equal(port_directory_get(directory, PORT_TAP).generation, 0);
	assert_int_equal(port_directory_get(directory, PORT_TAP).flags, PORT_ROUTER);
	assert_null(port_directory_counters(directory, PORT_TAP)); /* each worker has its own */
	port_directory_free(directory);
}

static void ids_out_of_range_are_no_ports(void **state)
{
	struct port_directory *directory = port_directory_new(6);

	assert_int_equal(port_directory_max(directory), 6);
	assert_int_equal(port_directory_get(directory, 6).generation, 0);
	assert_int_equal(port_directory_get(directory, UINT16_MAX).generation, 0);
	assert_int_equal(port_directory_get(directory, PORT_NONE).generation, 0);
	assert_null(port_directory_counters(directory, 6));
	assert_null(port_directory_counters(directory, PORT_NONE));
	assert_non_null(port_directory_counters(directory, 5));
	port_directory_remove(directory, UINT16_MAX);
	port_directory_set_flags(directory, UINT16_MAX, 1);
	port_directory_free(directory);
	port_directory_free(NULL);
}

static void the_largest_directory_has_all_ids(void **state)
{
	struct port_directory *directory = port_directory_new(1u << 20);
	uint32_t generation;
	unsigned count = 0;

	assert_int_equal(port_directory_max(directory), PORTS_MAX);
	while (port_directory_add(directory, 0, PORT_CLIENT, &generation) != PORT_NONE)
		count++;
	assert_int_equal(count, PORTS_MAX - PORT_FIRST_CLIENT);
	port_directory_free(directory);
}

static void every_drop_has_its_own_name(void **state)
{
	for (unsigned i = 0; i < DROP_REASONS; i++) {
		assert_non_null(drop_name[i]);
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(drop_name[i], drop_name[j]);
	}
	assert_string_equal(drop_name[DROP_RA], "ra");
	assert_string_equal(drop_name[DROP_ND_FRAGMENT], "nd-fragment");
	assert_string_equal(drop_name[DROP_PUNT_RATE], "punt-rate");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_back_as_given),
		cmocka_unit_test(a_port_has_one_address_until_it_is_given_more),
		cmocka_unit_test(a_full_directory_gives_none),
		cmocka_unit_test(an_id_comes_back_as_another_port),
		cmocka_unit_test(flags_change_and_nothing_else),
		cmocka_unit_test(the_tap_has_its_own_id),
		cmocka_unit_test(ids_out_of_range_are_no_ports),
		cmocka_unit_test(the_largest_directory_has_all_ids),
		cmocka_unit_test(every_drop_has_its_own_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
