/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_switch.c - where one frame goes, from a port or from another worker. */
#include "switch_scene.h"

/* ---- one frame each ---- */

static const struct {
	const char *what;
	uint16_t from;
	const char *frame;
	const char *told;
	enum drop_reason dropped; /* at `from` */
} rows[] = {
	{ "client to client here", 2, FRAME(MAC_TEXT_OF("03"), MAC_TEXT_OF("02")), "3", DROP_NONE },
	{ "client to client of another worker", 2, FRAME(MAC_TEXT_OF("06"), MAC_TEXT_OF("02")),
	  "w1:6", DROP_NONE },
	{ "client to a host behind the TAP", 2, FRAME(TAP_HOST, MAC_TEXT_OF("02")), "tap",
	  DROP_NONE },
	{ "the TAP to a client here", 1, FRAME(MAC_TEXT_OF("03"), TAP_HOST), "3", DROP_NONE },
	{ "the TAP to a client elsewhere", 1, FRAME(MAC_TEXT_OF("07"), TAP_HOST), "w2:7",
	  DROP_NONE },
	{ "to nobody known", 2, FRAME(STRANGER, MAC_TEXT_OF("02")), "3 4 5 8 w1:all-2 w2:all-2 tap",
	  DROP_NONE },
	{ "to everybody", 2, FRAME(ANYONE, MAC_TEXT_OF("02")), "3 4 5 8 w1:all-2 w2:all-2 tap",
	  DROP_NONE },
	{ "to a group", 3, FRAME(GROUP, MAC_TEXT_OF("03")), "2 4 5 8 w1:all-3 w2:all-3 tap",
	  DROP_NONE },
	{ "the TAP to everybody", 1, FRAME(ANYONE, TAP_HOST), "2 3 4 5 8 w1:all-1 w2:all-1",
	  DROP_NONE },
	{ "the TAP to nobody known", 1, FRAME(STRANGER, TAP_HOST), "2 3 4 5 8 w1:all-1 w2:all-1",
	  DROP_NONE },
	{ "back to where it came from", 2, FRAME(MAC_TEXT_OF("02"), MAC_TEXT_OF("02")), "",
	  DROP_SAME_PORT },
	{ "back to the TAP", 1, FRAME(TAP_HOST, TAP_HOST), "", DROP_SAME_PORT },
	{ "isolated to isolated here", 4, FRAME(MAC_TEXT_OF("05"), MAC_TEXT_OF("04")), "",
	  DROP_ISOLATED },
	{ "isolated to isolated elsewhere", 4, FRAME(MAC_TEXT_OF("07"), MAC_TEXT_OF("04")), "",
	  DROP_ISOLATED },
	{ "isolated to another", 4, FRAME(MAC_TEXT_OF("02"), MAC_TEXT_OF("04")), "2", DROP_NONE },
	{ "another to isolated", 2, FRAME(MAC_TEXT_OF("04"), MAC_TEXT_OF("02")), "4", DROP_NONE },
	{ "isolated to the TAP", 4, FRAME(TAP_HOST, MAC_TEXT_OF("04")), "tap", DROP_NONE },
	{ "the TAP to isolated", 1, FRAME(MAC_TEXT_OF("04"), TAP_HOST), "4", DROP_NONE },
	{ "isolated to everybody", 4, FRAME(ANYONE, MAC_TEXT_OF("04")),
	  "2 3 8 w1:all-4 w2:all-4 tap", DROP_NONE },
	{ "isolated to nobody known", 4, FRAME(STRANGER, MAC_TEXT_OF("04")),
	  "2 3 8 w1:all-4 w2:all-4 tap", DROP_NONE },
	{ "another client's address as source", 2, FRAME(TAP_HOST, MAC_TEXT_OF("03")), "",
	  DROP_MAC_OWNED },
	{ "a LAN host's address as source", 2, FRAME(MAC_TEXT_OF("03"), TAP_HOST), "",
	  DROP_MAC_OWNED },
	{ "the router's address as source", 2, FRAME(MAC_TEXT_OF("03"), ROUTER), "",
	  DROP_SOURCE_MAC },
	{ "a client's address seen on the TAP moves there", 1,
	  FRAME(MAC_TEXT_OF("03"), MAC_TEXT_OF("02")), "3", DROP_NONE },
	{ "a group as source", 2, FRAME(MAC_TEXT_OF("03"), GROUP), "", DROP_SOURCE_MAC },
	{ "a group as source, TAP", 1, FRAME(MAC_TEXT_OF("03"), GROUP), "", DROP_SOURCE_MAC },
	{ "zero as source, TAP", 1, FRAME(MAC_TEXT_OF("03"), "00*6 "), "", DROP_SOURCE_MAC },
	{ "to spanning tree", 2, FRAME("0180c2000000 ", MAC_TEXT_OF("02")), "", DROP_RESERVED_MAC },
	{ "to spanning tree, TAP", 1, FRAME("0180c2000000 ", TAP_HOST), "", DROP_RESERVED_MAC },
	{ "tagged", 2, MAC_TEXT_OF("03") MAC_TEXT_OF("02") "8100 0001 9000 00*46", "", DROP_VLAN },
	{ "tagged, TAP", 1, MAC_TEXT_OF("03") TAP_HOST "8100 0001 9000 00*46", "", DROP_VLAN },
	{ "tagged twice, TAP", 1, MAC_TEXT_OF("03") TAP_HOST "88a8 0001 8100 0001 9000 00*42", "",
	  DROP_VLAN },
	{ "half an Ethernet header", 2, MAC_TEXT_OF("03") MAC_TEXT_OF("02") "90", "",
	  DROP_TOO_SHORT },
	{ "half an Ethernet header, TAP", 1, MAC_TEXT_OF("03") TAP_HOST "90", "", DROP_TOO_SHORT },
	{ "no bytes at all", 2, "", "", DROP_TOO_SHORT },
	{ "a client's RA", 2, IP6_FROM(CLIENT_MAC, "3a") RA, "", DROP_RA },
	{ "the LAN's RA is looked at and passes", 1, IP6_FROM(TAP_HOST, "3a") RA,
	  "punt-ra-1 2 3 4 5 8 w1:all-1 w2:all-1", DROP_NONE },
	{ "one with another protocol is none", 1, IP6_FROM(TAP_HOST, "3b") RA,
	  "2 3 4 5 8 w1:all-1 w2:all-1", DROP_NONE },
	{ "an IPv6 header alone is none", 1, IP6_FROM(TAP_HOST, "3a"),
	  "2 3 4 5 8 w1:all-1 w2:all-1", DROP_NONE },
	{ "an RS is punted and goes to the TAP, and its sender is seen", 2,
	  IP6_FROM(CLIENT_MAC, "3a") RS, "seen-2-02 punt-rs-2 tap", DROP_NONE },
	{ "an RS with another's MAC is not", 3, IP6_FROM(CLIENT_MAC, "3a") RS, "", DROP_MAC_OWNED },
	{ "the LAN's RS passes", 1, IP6_FROM(TAP_HOST, "3a") RS, "2 3 4 5 8 w1:all-1 w2:all-1",
	  DROP_NONE },
	{ "a DHCPv6 Solicit is punted", 2, IP6_TO_SERVERS(CLIENT_MAC) SOLICIT, "punt-dhcp6-2",
	  DROP_NONE },
	{ "an NA is seen and goes on", 2, IP6_FROM(CLIENT_MAC, "3a") NA,
	  "seen-2-02 3 4 5 8 w1:all-2 w2:all-2 tap", DROP_NONE },
	{ "an NA behind a header too", 2, IP6_FROM(CLIENT_MAC, "3c") "3a 00 0104 00000000" NA,
	  "seen-2-02 3 4 5 8 w1:all-2 w2:all-2 tap", DROP_NONE },
	{ "ARP is seen and goes on", 4, ARP_OF(MAC_TEXT_OF("04")),
	  "seen-4-02 2 3 8 w1:all-4 w2:all-4 tap", DROP_NONE },
	{ "the LAN's ARP is not", 1, ARP_OF(TAP_HOST), "2 3 4 5 8 w1:all-1 w2:all-1", DROP_NONE },
	{ "a port that is not here", 6, FRAME(MAC_TEXT_OF("02"), MAC_TEXT_OF("06")), "",
	  DROP_NO_PORT },
};

static void frames_go_where_they_should(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene scene;

		scene_open(&scene);
		const char *told = input(&scene, rows[i].from, rows[i].frame, NOW_MS + 1000);

		if (strcmp(told, rows[i].told) != 0)
			fail_msg("%s: '%s'", rows[i].what, told);
		if (dropped_in_all(&scene) != (rows[i].dropped != DROP_NONE) ||
		    (rows[i].dropped != DROP_NONE &&
		     dropped(&scene, rows[i].from, rows[i].dropped) != 1))
			fail_msg("%s: not counted as %s", rows[i].what, drop_name[rows[i].dropped]);
		scene_close(&scene);
	}
}

/* ---- what was handed over by another worker ---- */

/* 600 ms after the end of a burst: 300 more. */
static void floods_are_limited_per_client(void **state)
{
	static const struct {
		const char *what;
		uint16_t from;
		const char *frame;
		unsigned burst, later; /* of 3000 at once, and of 3000 after 600 ms */
	} floods[] = {
		{ "broadcasts", 2, FRAME(ANYONE, MAC_TEXT_OF("02")), 1000, 300 },
		{ "a group", 2, FRAME(GROUP, MAC_TEXT_OF("02")), 1000, 300 },
		{ "to nobody known", 2, FRAME(STRANGER, MAC_TEXT_OF("02")), 1000, 300 },
		{ "an isolated client", 4, FRAME(ANYONE, MAC_TEXT_OF("04")), 1000, 300 },
		{ "an office", 8, FRAME(ANYONE, MAC_TEXT_OF("08")), 1000, 300 },
		{ "the TAP", 1, FRAME(ANYONE, TAP_HOST), 3000, 3000 },
		{ "the TAP to nobody known", 1, FRAME(STRANGER, TAP_HOST), 3000, 3000 },
		{ "to a client", 2, FRAME(MAC_TEXT_OF("03"), MAC_TEXT_OF("02")), 3000, 3000 },
		{ "to a client elsewhere", 2, FRAME(MAC_TEXT_OF("06"), MAC_TEXT_OF("02")), 3000,
		  3000 },
		{ "to a host behind the TAP", 2, FRAME(TAP_HOST, MAC_TEXT_OF("02")), 3000, 3000 },
	};

	for (size_t i = 0; i < ARRAY_LEN(floods); i++) {
		struct scene scene;
		unsigned went[2] = { 0 };

		scene_open(&scene);
		for (unsigned n = 0; n < 6000; n++)
			went[n / 3000] += *input(&scene, floods[i].from, floods[i].frame,
						 NOW_MS + n / 3000 * 600) != '\0';
		if (went[0] != floods[i].burst || went[1] != floods[i].later)
			fail_msg("%s: %u, then %u", floods[i].what, went[0], went[1]);
		assert_int_equal(dropped(&scene, floods[i].from, DROP_FLOOD_RATE),
				 6000 - went[0] - went[1]);
		assert_int_equal(dropped_in_all(&scene), 6000 - went[0] - went[1]);
		scene_close(&scene);
	}
}

static void a_storm_silences_only_who_makes_it(void **state)
{
	struct scene scene;

	scene_open(&scene);
	for (unsigned n = 0; n < 1001; n++)
		input(&scene, 2, FRAME(ANYONE, MAC_TEXT_OF("02")), NOW_MS);
	assert_int_equal(dropped(&scene, 2, DROP_FLOOD_RATE), 1);
	assert_string_equal(input(&scene, 2, IP6_FROM(CLIENT_MAC, "3a") RS, NOW_MS),
			    "seen-2-02 punt-rs-2");
	assert_int_equal(dropped(&scene, 2, DROP_FLOOD_RATE), 2);
	assert_string_equal(input(&scene, 2, FRAME(MAC_TEXT_OF("03"), MAC_TEXT_OF("02")), NOW_MS),
			    "3");
	assert_string_equal(input(&scene, 3, FRAME(ANYONE, MAC_TEXT_OF("03")), NOW_MS),
			    "2 4 5 8 w1:all-3 w2:all-3 tap");
	/* what another worker has let pass is not counted again */
	for (unsigned n = 0; n < 1500; n++)
		assert_string_equal(deliver(&scene, PORT_NONE, 0, 6), "2 3 4 5 8");
	/* whoever gets the port next begins anew */
	switch_remove_port(scene.eswitch, 2);
	assert_int_equal(switch_add_port(scene.eswitch, 2, scene.generation[2], &scene.owners[2]),
			 0);
	assert_string_not_equal(input(&scene, 2, FRAME(ANYONE, MAC_TEXT_OF("02")), NOW_MS), "");
	scene_close(&scene);
}

static void what_comes_from_one_that_left_goes_nowhere(void **state)
{
	static const struct {
		const char *what;
		uint16_t port, from;
	} late[] = {
		{ "an isolated client's flood", PORT_NONE, 7 },
		{ "a client's flood", PORT_NONE, 6 },
		{ "an isolated client's frame", 4, 7 },
		{ "a client's frame", 2, 6 },
	};

	for (size_t i = 0; i < ARRAY_LEN(late); i++) {
		struct scene scene;

		scene_open(&scene);
		port_directory_remove(scene.ports, late[i].from);
		const char *told =
			deliver(&scene, late[i].port, scene.generation[late[i].port], late[i].from);
		if (*told != '\0')
			fail_msg("%s: '%s'", late[i].what, told);
		assert_int_equal(dropped(&scene, late[i].from, DROP_NO_PORT), 1);
		assert_int_equal(dropped_in_all(&scene), 1);
		scene_close(&scene);
	}
}

static void handed_over_frames_are_delivered(void **state)
{
	static const struct {
		const char *what;
		uint16_t port;
		int generation; /* beside the right one */
		uint16_t from;
		const char *told;
		bool dropped; /* at `from`, as DROP_NO_PORT */
	} deliveries[] = {
		{ "to a port here", 2, 0, 6, "2", false },
		{ "to one that moved in since", 2, 1, 6, "", true },
		{ "to one that was here before", 2, -1, 6, "", true },
		{ "to a port elsewhere", 6, 0, 7, "", true },
		{ "to a port out of range", PORTS - 1, 5, 7, "", true },
		{ "to all", PORT_NONE, 0, 6, "2 3 4 5 8", false },
		{ "to all, from the TAP", PORT_NONE, 0, PORT_TAP, "2 3 4 5 8", false },
		{ "to all, from an isolated one", PORT_NONE, 0, 7, "2 3 8", false },
		{ "to all but one", PORT_NONE, 0, 3, "2 4 5 8", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(deliveries); i++) {
		struct scene scene;

		scene_open(&scene);
		uint32_t generation =
			scene.generation[deliveries[i].port] + (uint32_t)deliveries[i].generation;
		const char *told =
			deliver(&scene, deliveries[i].port, generation, deliveries[i].from);

		if (strcmp(told, deliveries[i].told) != 0)
			fail_msg("%s: '%s'", deliveries[i].what, told);
		assert_int_equal(dropped(&scene, deliveries[i].from, DROP_NO_PORT),
				 deliveries[i].dropped);
		assert_int_equal(dropped_in_all(&scene), deliveries[i].dropped);
		/* nothing is learned from it, and it did not enter here */
		assert_int_equal(address_table_count(scene.table), 8);
		assert_int_equal(atomic_load(&port_directory_counters(scene.ports, 6)->rx_frames),
				 0);
		scene_close(&scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_go_where_they_should),
		cmocka_unit_test(handed_over_frames_are_delivered),
		cmocka_unit_test(floods_are_limited_per_client),
		cmocka_unit_test(a_storm_silences_only_who_makes_it),
		cmocka_unit_test(what_comes_from_one_that_left_goes_nowhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
