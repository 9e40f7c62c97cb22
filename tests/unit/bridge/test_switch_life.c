/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_switch_life.c - what a switch learns, and ports that come and go. */
#include "switch_scene.h"

/* ---- learning ---- */

static void senders_are_learned(void **state)
{
	struct scene scene;

	scene_open(&scene);
	input(&scene, 2, FRAME(TAP_HOST, STRANGER), NOW_MS);
	assert_string_equal(input(&scene, 3, FRAME(STRANGER, MAC_TEXT_OF("03")), NOW_MS), "2");
	assert_string_equal(input(&scene, 1, FRAME(STRANGER, TAP_HOST), NOW_MS), "2");

	/* on the TAP at once, back to a client after 13 silent seconds */
	input(&scene, 1, FRAME(ANYONE, STRANGER), NOW_MS + 2000);
	assert_string_equal(input(&scene, 3, FRAME(STRANGER, MAC_TEXT_OF("03")), NOW_MS), "tap");
	input(&scene, 2, FRAME(ANYONE, STRANGER), NOW_MS + 14000);
	assert_int_equal(dropped(&scene, 2, DROP_MAC_OWNED), 1);
	input(&scene, 2, FRAME(ANYONE, STRANGER), NOW_MS + 15000);
	assert_int_equal(dropped(&scene, 2, DROP_MAC_OWNED), 1);
	assert_string_equal(input(&scene, 3, FRAME(STRANGER, MAC_TEXT_OF("03")), NOW_MS + 15000),
			    "2");
	/* after 300 silent seconds nobody knows */
	assert_string_equal(input(&scene, 3, FRAME(STRANGER, MAC_TEXT_OF("03")), NOW_MS + 315000),
			    "2 4 5 8 w1:all-3 w2:all-3 tap");
	scene_close(&scene);
}

static void what_the_guard_drops_is_not_learned(void **state)
{
	struct scene scene;

	scene_open(&scene);
	input(&scene, 3, IP6_FROM(STRANGER, "3a") RA, NOW_MS);
	assert_int_equal(dropped(&scene, 3, DROP_RA), 1);
	assert_int_equal(address_table_count_port(scene.table, 3), 1);
	input(&scene, 1, FRAME("0180c2000000 ", STRANGER), NOW_MS);
	assert_int_equal(address_table_count_port(scene.table, PORT_TAP), 1);
	/* what it punts is */
	input(&scene, 3, IP6_FROM(STRANGER, "3a") RS, NOW_MS);
	assert_int_equal(address_table_count_port(scene.table, 3), 2);
	scene_close(&scene);
}

static void a_client_has_few_addresses_and_an_office_more(void **state)
{
	static const struct {
		uint16_t port;
		unsigned max; /* 0: none */
	} limits[] = { { 2, MAX_ADDRESSES }, { 8, MAX_ADDRESSES_OFFICE }, { PORT_TAP, 0 } };

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		struct scene scene;
		unsigned sent = 20;

		scene_open(&scene);
		for (unsigned n = 0; n < sent; n++) {
			char text[64];

			snprintf(text, sizeof(text), ANYONE "0200000001%02x 9000 00*46", n);
			input(&scene, limits[i].port, text, NOW_MS);
		}
		/* one had been learned before */
		unsigned learned = limits[i].max ? limits[i].max - 1 : sent;
		assert_int_equal(address_table_count_port(scene.table, limits[i].port),
				 learned + 1);
		assert_int_equal(dropped(&scene, limits[i].port, DROP_MAC_LIMIT), sent - learned);
		scene_close(&scene);
	}
}

static void a_full_table_stops_no_frame(void **state)
{
	struct scene scene;
	unsigned lost = 0;

	scene_open(&scene);
	for (unsigned n = 0; n < 1000; n++) {
		char text[64];

		snprintf(text, sizeof(text), ANYONE "02000002%04x 9000 00*46", n);
		lost += strcmp(input(&scene, 1, text, NOW_MS), "2 3 4 5 8 w1:all-1 w2:all-1") != 0;
	}
	assert_int_equal(lost, 0);
	assert_in_range(address_table_count(scene.table), 32, 64);
	assert_string_equal(input(&scene, 1, FRAME(MAC_TEXT_OF("03"), TAP_HOST), NOW_MS), "3");
	scene_close(&scene);
}

/* ---- ports that come and go ---- */

static void a_port_that_went_is_forgotten(void **state)
{
	struct scene scene;

	scene_open(&scene);
	switch_remove_port(scene.eswitch, 3);
	port_directory_remove(scene.ports, 3);
	assert_null(switch_port(scene.eswitch, 3, 0));
	assert_int_equal(address_table_count_port(scene.table, 3), 0);
	assert_string_equal(input(&scene, 2, FRAME(MAC_TEXT_OF("03"), CLIENT_MAC), NOW_MS),
			    "8 4 5 w1:all-2 w2:all-2 tap");
	/* a frame of it that comes late */
	assert_string_equal(input(&scene, 3, FRAME(MAC_TEXT_OF("02"), MAC_TEXT_OF("03")), NOW_MS),
			    "");
	assert_int_equal(address_table_count_port(scene.table, 3), 0);
	switch_remove_port(scene.eswitch, 3); /* twice is once */
	assert_string_equal(input(&scene, 2, FRAME(ANYONE, CLIENT_MAC), NOW_MS),
			    "8 4 5 w1:all-2 w2:all-2 tap");
	switch_remove_port(scene.eswitch, 8);
	assert_string_equal(input(&scene, 2, FRAME(ANYONE, CLIENT_MAC), NOW_MS),
			    "5 4 w1:all-2 w2:all-2 tap");
	scene_close(&scene);
}

static void an_address_may_outlive_its_port(void **state)
{
	struct scene scene;

	scene_open(&scene);
	port_directory_remove(scene.ports, 3); /* the worker does not know yet */
	assert_string_equal(input(&scene, 2, FRAME(MAC_TEXT_OF("03"), CLIENT_MAC), NOW_MS), "");
	assert_int_equal(dropped(&scene, 2, DROP_NO_PORT), 1);
	assert_string_equal(input(&scene, 3, FRAME(ANYONE, MAC_TEXT_OF("03")), NOW_MS), "");
	assert_int_equal(dropped(&scene, 3, DROP_NO_PORT), 1);
	scene_close(&scene);
}

static void an_id_that_is_another_port_now_is_not_the_old_one(void **state)
{
	struct scene scene;
	uint32_t generation = 0;

	scene_open(&scene);
	port_directory_remove(scene.ports, 3);
	while (port_directory_add(scene.ports, 0, PORT_CLIENT, &generation) != 3)
		;
	/* the directory means a port that this worker has not got yet */
	assert_string_equal(input(&scene, 2, FRAME(MAC_TEXT_OF("03"), CLIENT_MAC), NOW_MS), "");
	assert_int_equal(dropped(&scene, 2, DROP_NO_PORT), 1);
	assert_string_equal(input(&scene, 3, FRAME(ANYONE, MAC_TEXT_OF("03")), NOW_MS), "");

	assert_int_equal(switch_add_port(scene.eswitch, 3, generation, &scene.owners[3]), 0);
	assert_null(switch_port(scene.eswitch, 3, scene.generation[3]));
	assert_ptr_equal(switch_port(scene.eswitch, 3, generation), &scene.owners[3]);
	assert_ptr_equal(switch_port(scene.eswitch, 3, 0), &scene.owners[3]);
	assert_string_equal(input(&scene, 2, FRAME(MAC_TEXT_OF("03"), CLIENT_MAC), NOW_MS), "3");
	assert_string_equal(deliver(&scene, 3, scene.generation[3], 6), "");
	assert_string_equal(deliver(&scene, 3, generation, 6), "3");
	assert_string_equal(deliver(&scene, PORT_NONE, 0, 6), "2 3 4 5 8"); /* not twice */
	scene_close(&scene);
}

static void only_clients_can_be_added(void **state)
{
	struct scene scene;

	scene_open(&scene);
	assert_int_equal(switch_add_port(scene.eswitch, PORT_NONE, 1, &scene.owners[0]), -1);
	assert_int_equal(switch_add_port(scene.eswitch, PORT_TAP, 1, &scene.owners[1]), -1);
	assert_int_equal(switch_add_port(scene.eswitch, PORTS, 1, &scene.owners[1]), -1);
	assert_int_equal(switch_add_port(scene.eswitch, 9, 0, &scene.owners[9]), -1);
	assert_null(switch_port(scene.eswitch, 9, 0));
	assert_null(switch_port(scene.eswitch, UINT16_MAX, 0));
	switch_remove_port(scene.eswitch, UINT16_MAX);
	scene_close(&scene);
	switch_free(NULL);
}

static void flags_that_change_count_at_once(void **state)
{
	struct scene scene;

	scene_open(&scene);
	port_directory_set_flags(scene.ports, 2, PORT_CLIENT | PORT_ISOLATED);
	assert_string_equal(input(&scene, 2, FRAME(MAC_TEXT_OF("04"), CLIENT_MAC), NOW_MS), "");
	port_directory_set_flags(scene.ports, 4, PORT_CLIENT);
	assert_string_equal(input(&scene, 2, FRAME(MAC_TEXT_OF("04"), CLIENT_MAC), NOW_MS), "4");
	scene_close(&scene);
}

static void what_comes_is_counted(void **state)
{
	struct scene scene;

	scene_open(&scene);
	for (uint16_t from = PORT_TAP; from <= 2; from++) {
		const struct port_counters *counters = counters_of(&scene, from);

		input(&scene, from, FRAME(ANYONE, STRANGER), NOW_MS);
		input(&scene, from, ANYONE, NOW_MS); /* dropped */
		assert_int_equal(atomic_load(&counters->rx_frames), 2);
		assert_int_equal(atomic_load(&counters->rx_bytes), 60 + 6);
		assert_int_equal(atomic_load(&counters->tx_frames), 0); /* the worker's */
	}
	scene_close(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(senders_are_learned),
		cmocka_unit_test(what_the_guard_drops_is_not_learned),
		cmocka_unit_test(a_client_has_few_addresses_and_an_office_more),
		cmocka_unit_test(a_full_table_stops_no_frame),
		cmocka_unit_test(a_port_that_went_is_forgotten),
		cmocka_unit_test(an_address_may_outlive_its_port),
		cmocka_unit_test(an_id_that_is_another_port_now_is_not_the_old_one),
		cmocka_unit_test(only_clients_can_be_added),
		cmocka_unit_test(flags_that_change_count_at_once),
		cmocka_unit_test(what_comes_is_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
