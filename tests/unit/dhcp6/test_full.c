/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_full.c
 *
 * A pool in which a search found nothing is not searched again for everyone who asks, and is as soon
 * as there may be something: the tries are counted by the question whether somebody uses an address.
 */
#include "tests/unit/dhcp6/dhcp6_scene.h"

#define SIZE 16
#define AGAIN DHCP6_FULL_TRIES /* all of this pool are free of leases, so the first of them */
#define ASK_A "01 abcdef" CLIENT NA("0001")
#define ASK_B "01 abcdef" CLIENT_B NA("0001")
#define NOTHING "Advertise client server na(1 0/0 NoAddrsAvail)"
#define MANY_POOLS 40

static unsigned tries;
static struct ip6 free_one; /* all others are in use */

static bool is_used(void *owner, const struct prefix6 *what, const struct dhcp6_identity *identity)
{
	tries++;
	return !ip6_equal(&what->address, &free_one);
}

static void begin(struct scene *scene)
{
	scene_begin(scene);
	scene->link.pool[0] = range_of("2001:db8::10", "2001:db8::1f");
	scene->link.in_use = is_used;
	free_one = address_of("::");
	tries = 0;
}

static unsigned tries_of(struct scene *scene, const char *message, const char *answer)
{
	tries = 0;
	assert_string_equal(ask(scene, message), answer);
	return tries;
}

static void it_is_searched_once(void **state)
{
	struct scene scene;

	begin(&scene);
	assert_int_equal(tries_of(&scene, ASK_A, NOTHING), SIZE);
	assert_int_equal(tries_of(&scene, ASK_A, NOTHING), AGAIN);
	assert_int_equal(tries_of(&scene, ASK_B, NOTHING), AGAIN);
	assert_int_equal(tries_of(&scene, "01 abcdef" CLIENT NA("0001") NA("0002") NA("0003"),
				  NOTHING " na(2 0/0 NoAddrsAvail) na(3 0/0 NoAddrsAvail)"),
			 3 * AGAIN);
	/* what is asked for by name costs one try each */
	assert_int_equal(tries_of(&scene, "01 abcdef" CLIENT NA1("0001", "0012"), NOTHING),
			 1 + AGAIN);
	scene_end(&scene);
}

static void after_a_while_again(void **state)
{
	struct scene scene;

	begin(&scene);
	assert_int_equal(tries_of(&scene, ASK_A, NOTHING), SIZE);
	scene.now_s += DHCP6_FULL_S - 1;
	assert_int_equal(tries_of(&scene, ASK_B, NOTHING), AGAIN);
	scene.now_s++;
	assert_int_equal(tries_of(&scene, ASK_B, NOTHING), SIZE);
	scene.now_s--; /* a clock that is set back makes it no longer */
	assert_int_equal(tries_of(&scene, ASK_B, NOTHING), SIZE);
	scene_end(&scene);
}

/* What ends in it makes room, what ends in another pool does not. */
static void when_something_ends_at_once(void **state)
{
	static const struct {
		const char *what, *ends;
		unsigned before, after;
	} rows[] = {
		{ "the first", "2001:db8::10", AGAIN, SIZE },
		{ "the last", "2001:db8::1f", AGAIN, SIZE },
		{ "below", "2001:db8::f", AGAIN, AGAIN },
		{ "above", "2001:db8::20", AGAIN, AGAIN },
		{ "a prefix around it, which no pool has", "2001:db8::/64", 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct dhcp6_identity bob = { .user = "bob", .duid = duid_of("00:04:01") };
		struct prefix6 what = prefix_of(rows[i].ends);
		struct dhcp6_lease *lease;
		struct scene scene;

		begin(&scene);
		lease = dhcp6_leases_add(scene.leases, &what,
					 what.len == 128 ? DHCP6_ADDRESS : DHCP6_PREFIX, &bob,
					 scene.now_s);
		assert_non_null(lease);
		ask(&scene, ASK_A);
		assert_int_equal(tries_of(&scene, ASK_A, NOTHING), rows[i].before);
		dhcp6_lease_forget(scene.leases, lease);
		if (tries_of(&scene, ASK_A, NOTHING) != rows[i].after)
			fail_msg("%s: %u tries", rows[i].what, tries);
		scene_end(&scene);
	}
}

static void a_lease_that_ends_is_had_at_once(void **state)
{
	struct scene scene;

	begin(&scene);
	free_one = address_of("2001:db8::13");
	assert_string_equal(ask(&scene, ASK_A),
			    "Advertise client server na(1 1800/2880 2001:db8::13 3600/7200)");
	assert_string_equal(ask(&scene, ASK_B), NOTHING);
	scene.now_s += 59; /* of the 60 that an offer is kept */
	assert_string_equal(ask(&scene, ASK_B), NOTHING);
	scene.now_s++;
	assert_string_equal(ask(&scene, ASK_B),
			    "Advertise client server na(1 1800/2880 2001:db8::13 3600/7200)");
	scene_end(&scene);
}

/* What is leased or reserved is not tried again, what somebody uses is: until he does not. */
static void what_is_in_use_is_had_when_it_is_not(void **state)
{
	const struct dhcp6_identity bob = { .user = "bob", .duid = duid_of("00:04:01") };
	struct scene scene;

	begin(&scene);
	for (unsigned i = 0x10; i < 0x1e; i++) {
		struct prefix6 what = prefix_of("2001:db8::10");

		what.address.octet[15] = (uint8_t)i;
		assert_non_null(
			dhcp6_leases_add(scene.leases, &what, DHCP6_ADDRESS, &bob, scene.now_s));
	}
	scene.reservation[0].what = prefix_of("2001:db8::1e");
	strcpy(scene.reservation[0].user, "carol");
	scene.link.reservation_count = 1;
	assert_int_equal(tries_of(&scene, ASK_A, NOTHING), 1);
	scene.reservation[0].what = prefix_of("2001:db8::77");
	assert_int_equal(tries_of(&scene, ASK_A, NOTHING), 1);
	free_one = address_of("2001:db8::1f");
	assert_string_equal(ask(&scene, ASK_B),
			    "Advertise client server na(1 1800/2880 2001:db8::1f 3600/7200)");
	scene_end(&scene);
}

static void another_pool_is_another(void **state)
{
	struct scene scene;

	begin(&scene);
	assert_int_equal(tries_of(&scene, ASK_A, NOTHING), SIZE);
	scene.link.pool[2] = range_of("2001:db8::10", "2001:db8::20");
	scene.link.pool_count = 3;
	assert_int_equal(tries_of(&scene, ASK_A, NOTHING), AGAIN + SIZE + 1);
	scene.link.pool[0].first = address_of("2001:db8::11");
	assert_int_equal(tries_of(&scene, ASK_A, NOTHING), SIZE - 1 + AGAIN);
	scene.link.pool_count = 1;
	scene.link.pool[0] = parts_of("2001:db8:100::/52", 56);
	assert_int_equal(tries_of(&scene, "01 abcdef" CLIENT PD("0001"),
				  "Advertise client server pd(1 0/0 NoPrefixAvail)"),
			 SIZE);
	scene.link.pool[0] = parts_of("2001:db8:100::/52", 57);
	assert_int_equal(tries_of(&scene, "01 abcdef" CLIENT PD("0001"),
				  "Advertise client server pd(1 0/0 NoPrefixAvail)"),
			 2 * SIZE);
	scene.link.pool[0] = parts_of("2001:db8:200::/52", 57);
	assert_int_equal(tries_of(&scene, "01 abcdef" CLIENT PD("0001"),
				  "Advertise client server pd(1 0/0 NoPrefixAvail)"),
			 2 * SIZE);
	scene_end(&scene);
}

/* So many that the first ones have to be forgotten: those are searched again, the latest are not. */
static void of_many_pools_the_latest_are_known(void **state)
{
	struct scene scene;

	begin(&scene);
	scene.link.pool_count = 1;
	for (unsigned i = 0; i < MANY_POOLS; i++) {
		scene.link.pool[0].first.octet[14] = (uint8_t)(1 + i);
		scene.link.pool[0].last.octet[14] = (uint8_t)(1 + i);
		assert_int_equal(tries_of(&scene, ASK_A, NOTHING), SIZE);
	}
	assert_int_equal(tries_of(&scene, ASK_A, NOTHING), AGAIN);
	scene.link.pool[0].first.octet[14] = scene.link.pool[0].last.octet[14] = 1;
	assert_int_equal(tries_of(&scene, ASK_A, NOTHING), SIZE);
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_searched_once),
		cmocka_unit_test(after_a_while_again),
		cmocka_unit_test(when_something_ends_at_once),
		cmocka_unit_test(a_lease_that_ends_is_had_at_once),
		cmocka_unit_test(what_is_in_use_is_had_when_it_is_not),
		cmocka_unit_test(another_pool_is_another),
		cmocka_unit_test(of_many_pools_the_latest_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
