/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_choice.c
 *
 * Which address or prefix an IA gets: reservations, hints, sets, what is in use, limits.
 * RFC 9915 13, 18.3.1; RFC 8168.
 */
#include "tests/unit/dhcp6/dhcp6_scene.h"

#define TIMES "1800/2880"
#define PLAY(scene, story) play(scene, story, ARRAY_LEN(story))

static void give_room(struct scene *scene)
{
	scene->link.pool[0] = range_of("2001:db8::1:0001", "2001:db8::1:ffff");
	scene->link.pool[1] = parts_of("2001:db8:100::/40", 56);
}

/* The address of the only IA in an answer. */
static const char *given(struct scene *scene, const char *message)
{
	static char item[64];
	const char *answer = ask(scene, message);
	const char *at = strstr(answer, "2001:db8:");

	item[0] = '\0';
	if (at)
		sscanf(at, "%63s", item);
	return item;
}

static void the_same_client_gets_the_same_after_everything_is_lost(void **state)
{
	char first[64], prefix[64];

	for (unsigned round = 0; round < 3; round++) {
		struct scene scene;

		scene_begin(&scene);
		give_room(&scene);
		if (round == 2) /* others were quicker */
			for (unsigned i = 0; i < 10; i++) {
				char other[128];

				snprintf(other, sizeof(other),
					 "03 abcdef 0001 0004 000900%02x" SERVER NA("0001"), i);
				given(&scene, other);
			}
		const char *address = given(&scene, "01 abcdef" CLIENT NA("0001"));
		assert_int_not_equal(address[0], 0);
		if (round == 0)
			strcpy(first, address);
		assert_string_equal(address, first);
		address = given(&scene, "01 abcdef" CLIENT PD("0001"));
		if (round == 0)
			strcpy(prefix, address);
		assert_string_equal(address, prefix);
		assert_string_not_equal(given(&scene, "01 abcdef" CLIENT NA("0002")), first);
		assert_string_not_equal(given(&scene, "01 abcdef" CLIENT_B NA("0001")), first);
		scene.arrival.user = "bob";
		assert_string_not_equal(given(&scene, "01 abcdef" CLIENT NA("0001")), first);
		scene_end(&scene);
	}
}

static void a_hint_is_followed_where_it_can_be(void **state)
{
	static const struct step story[] = {
		{ "a free address", "01 abcdef" CLIENT NA1("0001", "0018"),
		  "Advertise client server na(1 " TIMES " 2001:db8::18 3600/7200)" },
		{ "another's address", "03 abcdef" CLIENT_B SERVER NA1("0001", "0018"),
		  "Reply client server na(1 " TIMES " 2001:db8::15 3600/7200)" },
		{ "once he has one, a hint is none", "01 abcdef" CLIENT NA1("0001", "001a"),
		  "Advertise client server na(1 " TIMES " 2001:db8::18 3600/7200)" },
		{ "a free prefix", "01 abcdef" CLIENT PD1("0001", "0001", "4200", "38"),
		  "Advertise client server pd(1 " TIMES " 2001:db8:1:4200::/56 3600/7200)" },
	};
	struct scene scene;

	scene_begin(&scene);
	scene.link.pool[0] = range_of("2001:db8::10", "2001:db8::1f");
	scene.link.pool[1] = parts_of("2001:db8:1::/48", 56);
	PLAY(&scene, story);
	scene_end(&scene);
}

#define LENGTH_HINT(len)                                                    \
	"01 abcdef" CLIENT "0019 0029 00000001 00000000 00000000 001a 0019" \
	" 00000000 00000000 " len " 00000000 00000000 00000000 00000000"

static void a_prefix_of_the_length_asked_for(void **state)
{
	static const struct {
		const char *what, *message, *prefix;
	} rows[] = {
		{ "no hint: the first pool", "01 abcdef" CLIENT PD("0001"), "2001:db8:1:100::/56" },
		{ "RFC 8168: exactly", LENGTH_HINT("3c"), "2001:db8:1:210::/60" },
		{ "the other exactly", LENGTH_HINT("30"), "2001:db8:2::/48" },
		{ "the nearest", LENGTH_HINT("40"), "2001:db8:1:210::/60" },
		{ "the nearest from below", LENGTH_HINT("28"), "2001:db8:2::/48" },
		{ "as near as another: the first", LENGTH_HINT("3a"), "2001:db8:1:100::/56" },
		{ "a length of 0 is no hint", LENGTH_HINT("00"), "2001:db8:1:100::/56" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene scene;

		scene_begin(&scene);
		scene.link.pool[0] = parts_of("2001:db8:1:100::/56", 56);
		scene.link.pool[1] = parts_of("2001:db8:1:210::/60", 60);
		scene.link.pool[2] = parts_of("2001:db8:2::/48", 48);
		scene.link.pool_count = 3;
		if (strcmp(given(&scene, rows[i].message), rows[i].prefix) != 0)
			fail_msg("%s: %s", rows[i].what, scene.text);
		/* the nearest pool is empty: any other is better than none */
		for (unsigned j = 0; j < 2; j++) {
			scene.arrival.user = j ? "bob" : "carol";
			assert_string_not_equal(given(&scene, rows[i].message), "");
		}
		scene.arrival.user = "dave";
		assert_string_equal(given(&scene, rows[i].message), "");
		scene_end(&scene);
	}
}

static void each_set_gives_one(void **state)
{
	static const struct step story[] = {
		{ "global and unique local", "03 abcdef" CLIENT SERVER NA("0001"),
		  "Reply client server na(1 " TIMES " 2001:db8::10 3600/7200 fd00::10 3600/7200)" },
		{ "of one set one", "03 abcdef" CLIENT_B SERVER NA("0001"),
		  "Reply client server na(1 " TIMES " 2001:db8::20 3600/7200)" },
		{ "both are renewed", "05 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server na(1 " TIMES " 2001:db8::10 3600/7200 fd00::10 3600/7200)" },
	};
	struct scene scene;

	scene_begin(&scene);
	scene.link.pool[1] = range_of("fd00::10", "fd00::10");
	scene.link.pool[1].set = 1;
	scene.link.pool[2] = range_of("2001:db8::20", "2001:db8::20");
	scene.link.pool_count = 3;
	PLAY(&scene, story);
	scene_end(&scene);
}

/* ---- reservations ---- */

static void reserve(struct scene *scene, const char *what, const char *user)
{
	struct dhcp6_reservation *new = &scene->reservation[scene->link.reservation_count++];

	new->what = prefix_of(what);
	strcpy(new->user, user);
	assert_null(dhcp6_reservations_sort(scene->reservation, scene->link.reservation_count));
}

static void what_is_reserved_is_kept_for_its_owner(void **state)
{
	static const struct step bobs[] = {
		{ "not for others", "01 abcdef" CLIENT_B NA1("0001", "0010"),
		  "Advertise client server na(1 0/0 NoAddrsAvail)" },
		{ "not by asking for it", "03 abcdef" CLIENT_B SERVER NA1("0001", "0010"),
		  "Reply client server na(1 0/0 NoAddrsAvail)" },
		{ "not by claiming it", "05 abcdef" CLIENT_B SERVER NA1("0001", "0010"),
		  "Reply client server na(1 0/0 NoBinding)" },
		{ "prefixes too", "01 abcdef" CLIENT_B PD("0001"),
		  "Advertise client server pd(1 0/0 NoPrefixAvail)" },
	};
	static const struct step alices[] = {
		{ "his", "03 abcdef" CLIENT SERVER NA("0001") PD("0001"),
		  "Reply client server na(1 " TIMES " 2001:db8::10 3600/7200)"
		  " pd(1 " TIMES " 2001:db8:1:180::/57 3600/7200)" },
		{ "only once", "03 abcdef" CLIENT_B SERVER NA("0001"),
		  "Reply client server na(1 0/0 NoAddrsAvail)" },
	};
	struct scene scene;

	scene_begin(&scene);
	reserve(&scene, "2001:db8::10", "alice");
	/* not one of the pool's parts, but it lies in one: that one is not to be given */
	reserve(&scene, "2001:db8:1:180::/57", "alice");
	scene.arrival.user = "bob";
	PLAY(&scene, bobs);
	scene.arrival.user = "alice";
	PLAY(&scene, alices);
	scene_end(&scene);
}

/* What ended is remembered for whoever had it: the DUID alone, which anybody can send, is not he. */
static void what_is_remembered_is_the_users(void **state)
{
	struct scene scene;

	scene_begin(&scene);
	scene.link.pool[0] = range_of("2001:db8::10", "2001:db8::1f");
	assert_string_equal(given(&scene, "03 abcdef" CLIENT SERVER NA1("0001", "0018")),
			    "2001:db8::18");
	ask(&scene, "08 abcdef" CLIENT SERVER NA1("0001", "0018")); /* Release */
	scene.arrival.user = "bob";
	assert_string_not_equal(given(&scene, "01 abcdef" CLIENT NA1("0001", "0018")),
				"2001:db8::18");
	scene.arrival.user = "alice";
	assert_string_equal(given(&scene, "01 abcdef" CLIENT NA1("0001", "0018")), "2001:db8::18");
	scene_end(&scene);
}

static void a_new_reservation_comes_with_the_next_renew(void **state)
{
	static const struct step story[] = {
		{ "moved", "05 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server na(1 " TIMES " 2001:db8::77 3600/7200 2001:db8::10 0/0)" },
		{ "and stays", "05 abcdef" CLIENT SERVER NA1("0001", "0077"),
		  "Reply client server na(1 " TIMES " 2001:db8::77 3600/7200)" },
		{ "his second device gets another", "05 abcdef" CLIENT_B SERVER NA1("0001", "0010"),
		  "Reply client server na(1 " TIMES " 2001:db8::10 3600/7200)" },
		{ "and keeps it", "05 abcdef" CLIENT_B SERVER NA1("0001", "0010"),
		  "Reply client server na(1 " TIMES " 2001:db8::10 3600/7200)" },
	};
	struct scene scene;

	scene_begin(&scene);
	assert_string_equal(given(&scene, "03 abcdef" CLIENT SERVER NA("0001")), "2001:db8::10");
	reserve(&scene, "2001:db8::77", "alice"); /* outside of the pool */
	PLAY(&scene, story);
	scene_end(&scene);
}

/* Beginning anew, not renewing: the old one does not stay beside the reserved one. */
static void a_new_reservation_comes_with_the_next_solicit(void **state)
{
	struct prefix6 old = prefix_of("2001:db8::10");
	struct scene scene;

	scene_begin(&scene);
	assert_string_equal(given(&scene, "03 abcdef" CLIENT SERVER NA("0001")), "2001:db8::10");
	reserve(&scene, "2001:db8::77", "alice");
	assert_string_equal(ask(&scene, "01 abcdef" CLIENT NA("0001")),
			    "Advertise client server na(1 " TIMES " 2001:db8::77 3600/7200)");
	assert_string_equal(ask(&scene, "03 abcdef" CLIENT SERVER NA1("0001", "0077")),
			    "Reply client server na(1 " TIMES " 2001:db8::77 3600/7200)");
	assert_null(dhcp6_leases_find(scene.leases, &old, false));
	scene_end(&scene);
}

static void a_reservation_counts_more_than_a_memory(void **state)
{
	struct scene scene;

	scene_begin(&scene);
	scene.link.pool[0] = range_of("2001:db8::10", "2001:db8::1f");
	ask(&scene, "03 abcdef" CLIENT SERVER NA1("0001", "0010"));
	ask(&scene, "08 abcdef" CLIENT SERVER NA1("0001", "0010"));
	reserve(&scene, "2001:db8::10", "bob");
	scene.arrival.user = "bob";
	assert_string_equal(given(&scene, "01 abcdef" CLIENT_B NA("0001")), "2001:db8::10");
	scene_end(&scene);
}

static void a_declined_reservation_is_not_insisted_on(void **state)
{
	struct scene scene;

	scene_begin(&scene);
	reserve(&scene, "2001:db8::77", "alice");
	assert_string_equal(given(&scene, "03 abcdef" CLIENT SERVER NA("0001")), "2001:db8::77");
	ask(&scene, "09 abcdef" CLIENT SERVER NA1("0001", "0077"));
	assert_string_equal(given(&scene, "01 abcdef" CLIENT NA("0001")), "2001:db8::10");
	scene_end(&scene);
}

static void a_reservation_by_mac_is_the_frames_or_the_relays(void **state)
{
	struct scene scene;

	scene_begin(&scene);
	scene.link.pool_count = 0;
	reserve(&scene, "2001:db8::77", "");
	scene.reservation[0].has_mac = true;
	scene.reservation[0].mac = (struct mac) { { 2, 0, 0, 0, 0, 10 } };
	assert_string_equal(given(&scene, "01 abcdef" CLIENT NA("0001")), "");
	scene.arrival.mac = scene.reservation[0].mac;
	assert_string_equal(given(&scene, "01 abcdef" CLIENT NA("0001")), "2001:db8::77");
	scene_end(&scene);
}

/* ---- what is not free ---- */

static bool odd_ones(void *owner, const struct prefix6 *what, const struct dhcp6_identity *identity)
{
	return strcmp(identity->user, owner) == 0 && what->address.octet[15] % 2 == 1;
}

static void what_is_seen_in_use_is_passed_over(void **state)
{
	struct scene scene;

	for (unsigned i = 0; i < 20; i++) {
		char message[128];

		scene_begin(&scene);
		scene.link.pool[0] = range_of("2001:db8::11", "2001:db8::12");
		scene.link.in_use = odd_ones;
		scene.link.owner = (void *)"alice";
		snprintf(message, sizeof(message),
			 "01 abcdef" CLIENT "0003 000c 000000%02x"
			 " 00000000 00000000",
			 i);
		assert_string_equal(given(&scene, message), "2001:db8::12");
		assert_string_equal(given(&scene, "01 abcdef" CLIENT_B NA1("0001", "0011")), "");
		scene.link.owner = (void *)"nobody";
		assert_string_equal(given(&scene, "01 abcdef" CLIENT_B NA("0001")), "2001:db8::11");
		scene_end(&scene);
	}
}

/* He had it, and while he was away somebody took it without asking. */
static void a_memory_is_passed_over_where_it_is_in_use(void **state)
{
	struct scene scene;

	scene_begin(&scene);
	scene.link.pool[0] = range_of("2001:db8::11", "2001:db8::12");
	ask(&scene, "03 abcdef" CLIENT SERVER NA1("0001", "0011"));
	ask(&scene, "08 abcdef" CLIENT SERVER NA1("0001", "0011"));
	scene.link.in_use = odd_ones;
	scene.link.owner = (void *)"nobody";
	assert_string_equal(given(&scene, "01 abcdef" CLIENT NA("0001")), "2001:db8::11");
	scene.now_s += 60;
	scene.link.owner = (void *)"alice";
	assert_string_equal(given(&scene, "01 abcdef" CLIENT NA("0001")), "2001:db8::12");
	scene_end(&scene);
}

static void a_full_pool_gives_what_was_nobodys_longest(void **state)
{
	struct scene scene;

	scene_begin(&scene);
	scene.link.pool[0] = range_of("2001:db8::11", "2001:db8::12");
	assert_string_not_equal(given(&scene, "03 abcdef" CLIENT SERVER NA1("0001", "0011")), "");
	assert_string_not_equal(given(&scene, "03 abcdef" CLIENT SERVER NA1("0002", "0012")), "");
	assert_string_equal(given(&scene, "01 abcdef" CLIENT_B NA("0001")), "");
	ask(&scene, "08 abcdef" CLIENT SERVER NA1("0002", "0012"));
	ask(&scene, "08 abcdef" CLIENT SERVER NA1("0001", "0011"));
	/* a hint at what another is remembered for is not followed, if there is a choice */
	assert_string_equal(given(&scene, "01 abcdef" CLIENT_B NA1("0001", "0011")),
			    "2001:db8::12");
	/* the owner comes back to what he had */
	assert_string_equal(given(&scene, "01 abcdef" CLIENT NA("0001")), "2001:db8::11");
	assert_string_equal(given(&scene, "01 abcdef" CLIENT NA("0002")), "");
	scene_end(&scene);
}

static void a_user_takes_no_more_than_his_share(void **state)
{
	struct dhcp6_leases_config config;
	struct scene scene;

	scene_begin(&scene);
	give_room(&scene);
	dhcp6_leases_config_defaults(&config);
	config.max_per_user = 2;
	dhcp6_leases_configure(scene.leases, &config);
	assert_string_not_equal(given(&scene, "01 abcdef" CLIENT NA("0001")), "");
	assert_string_not_equal(given(&scene, "01 abcdef" CLIENT_B PD("0001")), "");
	assert_string_equal(ask(&scene, "01 abcdef" CLIENT NA("0002")),
			    "Advertise client server na(2 0/0 NoAddrsAvail)");
	/* an offer that he has is his to take */
	assert_string_not_equal(given(&scene, "03 abcdef" CLIENT SERVER NA("0001")), "");
	scene.arrival.user = "bob";
	assert_string_not_equal(given(&scene, "01 abcdef" CLIENT NA("0002")), "");
	scene_end(&scene);
}

static void what_he_had_is_of_his_share_when_it_comes_back(void **state)
{
	struct dhcp6_leases_config config;
	struct scene scene;

	scene_begin(&scene);
	scene.link.pool[0] = range_of("2001:db8::10", "2001:db8::11");
	dhcp6_leases_config_defaults(&config);
	config.max_per_user = 1;
	dhcp6_leases_configure(scene.leases, &config);
	assert_string_equal(given(&scene, "03 abcdef" CLIENT SERVER NA1("0001", "0010")),
			    "2001:db8::10");
	ask(&scene, "08 abcdef" CLIENT SERVER NA1("0001", "0010"));
	assert_string_equal(given(&scene, "03 abcdef" CLIENT SERVER NA1("0002", "0011")),
			    "2001:db8::11");
	assert_string_equal(ask(&scene, "03 abcdef" CLIENT SERVER NA("0001")),
			    "Reply client server na(1 0/0 NoAddrsAvail)");
	scene_end(&scene);
}

/* What is reserved is looked for once for an IA, and not for all of a message. */
static void each_ia_of_a_message_has_its_own_reservation(void **state)
{
	static const char *const what[] = { "2001:db8::a1", "2001:db8::a2",
					    "2001:db8:1:a100::/56" };
	struct scene scene;

	scene_begin(&scene);
	for (unsigned i = 0; i < ARRAY_LEN(what); i++) {
		scene.reservation[i] = (struct dhcp6_reservation) {
			.what = prefix_of(what[i]),
			.duid = duid_of("00:03:00:01:02:00:00:00:00:0a"),
			.has_iaid = true,
			.iaid = i < 2 ? i + 1 : 1,
		};
	}
	scene.link.reservation_count = ARRAY_LEN(what);
	assert_null(dhcp6_reservations_sort(scene.reservation, ARRAY_LEN(what)));
	assert_string_equal(
		ask(&scene, "03 abcdef" CLIENT SERVER NA("0001") PD("0001") NA("0002") NA("0003")),
		"Reply client server na(1 1800/2880 2001:db8::a1 3600/7200)"
		" pd(1 1800/2880 2001:db8:1:a100::/56 3600/7200)"
		" na(2 1800/2880 2001:db8::a2 3600/7200) na(3 1800/2880 2001:db8::10 3600/7200)");
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_client_gets_the_same_after_everything_is_lost),
		cmocka_unit_test(a_hint_is_followed_where_it_can_be),
		cmocka_unit_test(a_prefix_of_the_length_asked_for),
		cmocka_unit_test(each_ia_of_a_message_has_its_own_reservation),
		cmocka_unit_test(each_set_gives_one),
		cmocka_unit_test(what_is_reserved_is_kept_for_its_owner),
		cmocka_unit_test(what_is_remembered_is_the_users),
		cmocka_unit_test(a_new_reservation_comes_with_the_next_renew),
		cmocka_unit_test(a_new_reservation_comes_with_the_next_solicit),
		cmocka_unit_test(a_reservation_counts_more_than_a_memory),
		cmocka_unit_test(a_declined_reservation_is_not_insisted_on),
		cmocka_unit_test(a_reservation_by_mac_is_the_frames_or_the_relays),
		cmocka_unit_test(what_is_seen_in_use_is_passed_over),
		cmocka_unit_test(a_memory_is_passed_over_where_it_is_in_use),
		cmocka_unit_test(a_full_pool_gives_what_was_nobodys_longest),
		cmocka_unit_test(a_user_takes_no_more_than_his_share),
		cmocka_unit_test(what_he_had_is_of_his_share_when_it_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
