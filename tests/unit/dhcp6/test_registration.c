/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_registration.c
 *
 * Clients tell their own addresses: every MUST of RFC 9686 4.2.1 and 4.3.
 */
#include "tests/unit/dhcp6/dhcp6_scene.h"

/* an IA Address option: 2001:db8:`net`::`host` */
#define ADDRESS(net, host, valid) \
	"0005 0018 20010db8 " net " 00000000 0000" host " 00000064 " valid " "
#define HERE "0000 0000"

static const struct {
	const char *what, *source, *message, *answer;
} rows[] = {
	{ "an address of the link", "2001:db8::77",
	  "24 abcdef" CLIENT ADDRESS(HERE, "0077", "000000c8"),
	  "Addr-reg-reply client server 2001:db8::77 100/200" },
	{ "without a client id", "2001:db8::77", "24 abcdef" ADDRESS(HERE, "0077", "000000c8"),
	  "(no-client-id)" },
	{ "with our server id", "2001:db8::77",
	  "24 abcdef" CLIENT SERVER ADDRESS(HERE, "0077", "000000c8"), "(unwanted-server-id)" },
	{ "with wishes", "2001:db8::77",
	  "24 abcdef" CLIENT ADDRESS(HERE, "0077", "000000c8") "0006 0002 0017",
	  "(unwanted-request)" },
	{ "without an address", "2001:db8::77", "24 abcdef" CLIENT, "(no-address)" },
	{ "with two", "2001:db8::77",
	  "24 abcdef" CLIENT ADDRESS(HERE, "0077", "000000c8") ADDRESS(HERE, "0077", "000000c8"),
	  "(no-address)" },
	{ "from another address", "2001:db8::78",
	  "24 abcdef" CLIENT ADDRESS(HERE, "0077", "000000c8"), "(wrong-source)" },
	{ "from the link-local address", "fe80::a",
	  "24 abcdef" CLIENT ADDRESS(HERE, "0077", "000000c8"), "(wrong-source)" },
	{ "of another link", "2001:db8:99::77",
	  "24 abcdef" CLIENT ADDRESS("0099 0000", "0077", "000000c8"), "(not-on-link)" },
	{ "in a prefix of nobody", "2001:db8:1:180::77",
	  "24 abcdef" CLIENT ADDRESS("0001 0180", "0077", "000000c8"), "(not-on-link)" },
	{ "through a relay: its peer is the source", "fe80::1",
	  "0c 00 20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000077"
	  "0009 002e 24 abcdef" CLIENT ADDRESS(HERE, "0077", "000000c8"),
	  "[0 2001:db8::1 2001:db8::77 Addr-reg-reply client server 2001:db8::77 100/200]" },
	{ "through a relay: from another peer", "2001:db8::77",
	  "0c 00 20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000078"
	  "0009 002e 24 abcdef" CLIENT ADDRESS(HERE, "0077", "000000c8"),
	  "(wrong-source)" },
};

static const char *tell(struct scene *scene, const char *source, const char *message)
{
	scene->arrival.source = address_of(source);
	return ask(scene, message);
}

static void each_condition(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene scene;
		bool kept = strchr(rows[i].answer, '(') == NULL;
		struct prefix6 what = prefix_of("2001:db8::77");

		scene_begin(&scene);
		scene.link.registration = true;
		const char *answer = tell(&scene, rows[i].source, rows[i].message);
		if (strcmp(answer, rows[i].answer) != 0)
			fail_msg("%s: %s", rows[i].what, answer);
		if ((dhcp6_leases_find(scene.leases, &what, true) != NULL) != kept)
			fail_msg("%s: %s", rows[i].what, kept ? "not kept" : "kept");
		scene.link.registration = false;
		answer = tell(&scene, rows[i].source, rows[i].message);
		assert_true(answer[0] == '(');
		scene_end(&scene);
	}
}

#define MINE "24 abcdef" CLIENT ADDRESS(HERE, "0077", "000000c8")
#define REPLIED "Addr-reg-reply client server 2001:db8::77 100/200"

static const struct dhcp6_lease *registered(struct scene *scene)
{
	struct prefix6 what = prefix_of("2001:db8::77");

	dhcp6_leases_expire(scene->leases, scene->now_s);
	return dhcp6_leases_find(scene->leases, &what, true);
}

static void it_is_kept_for_the_time_that_it_is_valid(void **state)
{
	struct scene scene;

	scene_begin(&scene);
	scene.link.registration = true;
	assert_string_equal(tell(&scene, "2001:db8::77", MINE "0027 0005 00 03 6c6170"), REPLIED);
	assert_string_equal(registered(&scene)->user, "alice");
	assert_string_equal(registered(&scene)->host, "lap");
	assert_true(registered(&scene)->until_s == NOW_S + 200);
	assert_true(dhcp6_leases_unsaved(scene.leases));
	scene.now_s += 150; /* refreshed */
	assert_string_equal(tell(&scene, "2001:db8::77", MINE), REPLIED);
	scene.now_s += 199;
	assert_non_null(registered(&scene));
	scene.now_s += 1;
	assert_null(registered(&scene));
	/* 4.6: a valid lifetime of 0 is the end, also of what never began */
	assert_string_equal(tell(&scene, "2001:db8::77", MINE), REPLIED);
	for (unsigned i = 0; i < 2; i++) {
		assert_string_equal(tell(&scene, "2001:db8::77",
					 "24 abcdef" CLIENT ADDRESS(HERE, "0077", "00000000")),
				    "Addr-reg-reply client server 2001:db8::77 100/0");
		assert_null(registered(&scene));
	}
	scene_end(&scene);
}

static void another_clients_is_taken_over(void **state)
{
	struct scene scene;

	scene_begin(&scene);
	scene.link.registration = true;
	tell(&scene, "2001:db8::77", MINE);
	scene.arrival.user = "bob";
	assert_string_equal(tell(&scene, "2001:db8::77", MINE), REPLIED);
	assert_string_equal(registered(&scene)->user, "bob");
	assert_string_equal(tell(&scene, "2001:db8::77",
				 "24 abcdef" CLIENT_B ADDRESS(HERE, "0077", "000000c8")),
			    REPLIED);
	assert_int_equal(registered(&scene)->duid.octet[9], 0x0b);
	assert_int_equal(dhcp6_leases_count(scene.leases).state[DHCP6_ACTIVE], 1);
	/* an end that another says is not the end */
	scene.arrival.user = "alice";
	tell(&scene, "2001:db8::77", "24 abcdef" CLIENT ADDRESS(HERE, "0077", "00000000"));
	assert_string_equal(registered(&scene)->user, "bob");
	scene_end(&scene);
}

/* "within a prefix delegated to the client" */
static void in_ones_own_prefix(void **state)
{
#define INSIDE(client) "24 abcdef" client ADDRESS("0001 0180", "0077", "000000c8")
	struct scene scene;

	scene_begin(&scene);
	scene.link.registration = true;
	ask(&scene, "03 abcdef" CLIENT SERVER PD("0001"));
	assert_string_equal(tell(&scene, "2001:db8:1:180::77", INSIDE(CLIENT)),
			    "Addr-reg-reply client server 2001:db8:1:180::77 100/200");
	assert_string_equal(tell(&scene, "2001:db8:1:180::77", INSIDE(CLIENT_B)), "(not-on-link)");
	scene.arrival.user = "bob";
	assert_string_equal(tell(&scene, "2001:db8:1:180::77", INSIDE(CLIENT)), "(not-on-link)");
	scene.arrival.user = "alice";
	ask(&scene, "08 abcdef" CLIENT SERVER PD1("0001", "0001", "0100", "38"));
	assert_string_equal(tell(&scene, "2001:db8:1:180::77", INSIDE(CLIENT)), "(not-on-link)");
	scene_end(&scene);
}

/* "Although a client MUST NOT ...": what we lease, to whomever. */
static void leased_addresses_are_not_registered(void **state)
{
	struct scene scene;

	scene_begin(&scene);
	scene.link.registration = true;
	ask(&scene, "03 abcdef" CLIENT SERVER NA("0001"));
	const char *own = "24 abcdef" CLIENT ADDRESS(HERE, "0010", "000000c8");
	assert_string_equal(tell(&scene, "2001:db8::10", own), "(leased)");
	scene.arrival.user = "bob";
	assert_string_equal(tell(&scene, "2001:db8::10", own), "(leased)");
	scene_end(&scene);
}

/* "not include it in future ADVERTISE messages" */
static void registered_addresses_are_not_leased(void **state)
{
	struct scene scene;

	scene_begin(&scene);
	scene.link.registration = true;
	assert_string_equal(
		tell(&scene, "2001:db8::10", "24 abcdef" CLIENT ADDRESS(HERE, "0010", "000000c8")),
		"Addr-reg-reply client server 2001:db8::10 100/200");
	assert_string_equal(ask(&scene, "01 abcdef" CLIENT_B NA1("0001", "0010")),
			    "Advertise client server na(1 0/0 NoAddrsAvail)");
	assert_string_equal(ask(&scene, "01 abcdef" CLIENT NA("0001")),
			    "Advertise client server na(1 1800/2880 2001:db8::10 3600/7200)");
	scene_end(&scene);
}

static void registrations_are_limited(void **state)
{
	struct scene scene;
	unsigned taken = 0;

	scene_begin(&scene);
	scene.link.registration = true;
	for (unsigned i = 0; i < 20; i++) {
		char message[128], source[IP6_TEXT];

		snprintf(message, sizeof(message),
			 "24 abcdef" CLIENT
			 "0005 0018 20010db8 00000000 00000000 000001%02x 00000064 000000c8",
			 i);
		snprintf(source, sizeof(source), "2001:db8::1%02x", i);
		taken += strcmp(tell(&scene, source, message), "(no-registration)") != 0;
	}
	assert_int_equal(taken, 16);
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_condition),
		cmocka_unit_test(it_is_kept_for_the_time_that_it_is_valid),
		cmocka_unit_test(another_clients_is_taken_over),
		cmocka_unit_test(in_ones_own_prefix),
		cmocka_unit_test(leased_addresses_are_not_registered),
		cmocka_unit_test(registered_addresses_are_not_leased),
		cmocka_unit_test(registrations_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
