/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_renewals.c
 *
 * What becomes of leases that a client has or thinks it has: Request, Confirm, Renew, Rebind, Release,
 * Decline, when they are another's, of another link, of a pool that is no more.
 * RFC 9915 18.3.2-18.3.8.
 */
#include "tests/unit/dhcp6/dhcp6_scene.h"

#define TIMES "1800/2880"
#define GIVEN_NA "na(1 " TIMES " 2001:db8::10 3600/7200)"
#define GIVEN_PD "pd(1 " TIMES " 2001:db8:1:100::/56 3600/7200)"
#define BROUGHT "03 abcdef" CLIENT SERVER NA("0001") PD("0001")
/* 2001:db8:99::10: of no link here */
#define ELSEWHERE1(iaid)                                                                         \
	"0003 0028 0000" iaid " 00000000 00000000 0005 0018 20010db8 00990000 00000000 00000010" \
	" 00000000 00000000 "
/* two addresses in one IA */
#define NA2(iaid, one, two)                                                   \
	"0003 0044 0000" iaid " 00000000 00000000 "                           \
	"0005 0018 20010db8 00000000 00000000 0000" one " 00000000 00000000 " \
	"0005 0018 20010db8 00000000 00000000 0000" two " 00000000 00000000 "

#define PLAY(scene, story) play(scene, story, ARRAY_LEN(story))

static const char *holder(struct scene *scene, const char *what)
{
	struct prefix6 prefix = prefix_of(what);
	const struct dhcp6_lease *lease = dhcp6_leases_find(scene->leases, &prefix, false);

	return lease && lease->state == DHCP6_ACTIVE ? lease->user : "nobody";
}

static void a_request_is_for_this_link(void **state)
{
	static const struct step story[] = {
		{ "an address of another link, 18.3.2",
		  "03 abcdef" CLIENT SERVER ELSEWHERE1("0001") PD("0001"),
		  "Reply client server na(1 0/0 NotOnLink) " GIVEN_PD },
		{ "an address that was never offered, of this link",
		  "03 abcdef" CLIENT SERVER NA1("0001", "0077"), "Reply client server " GIVEN_NA },
		{ "nothing is left for another", "03 abcdef" CLIENT_B SERVER NA1("0001", "0010"),
		  "Reply client server na(1 0/0 NoAddrsAvail)" },
		{ "nor for another IA", "03 abcdef" CLIENT SERVER NA("0002"),
		  "Reply client server na(2 0/0 NoAddrsAvail)" },
		{ "without IAs", "03 abcdef" CLIENT SERVER, "Reply client server" },
	};
	struct scene scene;

	scene_begin(&scene);
	PLAY(&scene, story);
	scene_end(&scene);
}

static void a_confirm_is_about_the_link(void **state)
{
	static const struct step story[] = {
		{ "of the link's prefix, nobody's lease", "04 abcdef" CLIENT NA1("0001", "0077"),
		  "Reply client server Success" },
		{ "of another link", "04 abcdef" CLIENT ELSEWHERE1("0001"),
		  "Reply client server NotOnLink" },
		{ "one of two", "04 abcdef" CLIENT NA1("0001", "0077") ELSEWHERE1("0002"),
		  "Reply client server NotOnLink" },
		{ "one of two, the other way round",
		  "04 abcdef" CLIENT ELSEWHERE1("0002") NA1("0001", "0077"),
		  "Reply client server NotOnLink" },
		{ "no address", "04 abcdef" CLIENT NA("0001"), "(not-ours)" },
		{ "no IA", "04 abcdef" CLIENT, "(not-ours)" },
		{ "prefixes are not confirmed",
		  "04 abcdef" CLIENT PD1("0001", "0099", "0100", "38"), "(not-ours)" },
	};
	struct scene scene;

	scene_begin(&scene);
	PLAY(&scene, story);
	scene.link.on_link_count = 0;
	scene.link.pool_count = 0; /* nothing is known about the link */
	assert_string_equal(ask(&scene, "04 abcdef" CLIENT ELSEWHERE1("0001")), "(not-ours)");
	scene_end(&scene);
}

static void a_renew_keeps_what_is_there(void **state)
{
	static const struct step story[] = {
		{ "it has", BROUGHT, "Reply client server " GIVEN_NA " " GIVEN_PD },
		{ "it renews", "05 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server " GIVEN_NA },
		{ "an address that it has not got ends",
		  "05 abcdef" CLIENT SERVER NA1("0001", "0011"),
		  "Reply client server na(1 " TIMES " 2001:db8::10 3600/7200 2001:db8::11 0/0)" },
		{ "both", "05 abcdef" CLIENT SERVER NA2("0001", "0011", "0010"),
		  "Reply client server na(1 " TIMES " 2001:db8::10 3600/7200 2001:db8::11 0/0)" },
		{ "an IA without items asks for one (18.2.4)", "05 abcdef" CLIENT SERVER NA("0001"),
		  "Reply client server " GIVEN_NA },
		{ "one that is out of luck", "05 abcdef" CLIENT SERVER NA("0002"),
		  "Reply client server na(2 0/0 NoAddrsAvail)" },
		{ "a hint at a length is no lease",
		  "05 abcdef" CLIENT SERVER "0019 0029 00000001 00000000 00000000 001a 0019"
		  " 00000000 00000000 3c 00000000 00000000 00000000 00000000",
		  "Reply client server " GIVEN_PD },
	};
	struct scene scene;

	scene_begin(&scene);
	PLAY(&scene, story);
	scene_end(&scene);
}

/* Everything was lost: what a client names and is free is its own again. */
static void a_renew_restores(void **state)
{
	static const struct step story[] = {
		{ "a free address of the pool", "05 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server " GIVEN_NA },
		{ "taken meanwhile", "05 abcdef" CLIENT_B SERVER NA1("0001", "0010"),
		  "Reply client server na(1 0/0 NoBinding)" },
		{ "of no pool", "05 abcdef" CLIENT_B SERVER NA1("0001", "0077"),
		  "Reply client server na(1 0/0 NoBinding)" },
		{ "a free prefix", "05 abcdef" CLIENT SERVER PD1("0001", "0001", "0100", "38"),
		  "Reply client server " GIVEN_PD },
		{ "a part of a pool's part",
		  "05 abcdef" CLIENT_B SERVER PD1("0001", "0001", "0100", "39"),
		  "Reply client server pd(1 0/0 NoBinding)" },
		{ "two IAs, one of them known",
		  "05 abcdef" CLIENT SERVER NA1("0001", "0010") NA1("0002", "0077"),
		  "Reply client server " GIVEN_NA " na(2 0/0 NoBinding)" },
	};
	struct scene scene;

	scene_begin(&scene);
	PLAY(&scene, story);
	scene_end(&scene);
}

static void a_rebind_is_heard_by_every_server(void **state)
{
	static const struct step story[] = {
		{ "of another link: it ends, 18.3.5", "06 abcdef" CLIENT ELSEWHERE1("0001"),
		  "Reply client server na(1 0/0 2001:db8:99::10 0/0)" },
		{ "of this link and not ours: maybe another server's",
		  "06 abcdef" CLIENT NA1("0001", "0077"), "(not-ours)" },
		{ "a prefix of another link ends",
		  "06 abcdef" CLIENT PD1("0001", "0099", "0100", "38"),
		  "Reply client server pd(1 0/0 2001:db8:99:100::/56 0/0)" },
		{ "of our pool and free", "06 abcdef" CLIENT NA1("0001", "0010"),
		  "Reply client server " GIVEN_NA },
		{ "of our pool and another's", "06 abcdef" CLIENT_B NA1("0001", "0010"),
		  "Reply client server na(1 0/0 NoBinding)" },
		{ "one of two to be silent about",
		  "06 abcdef" CLIENT NA1("0001", "0010") NA1("0002", "0077"),
		  "Reply client server " GIVEN_NA },
		{ "without IAs", "06 abcdef" CLIENT, "Reply client server" },
	};
	struct scene scene;

	scene_begin(&scene);
	PLAY(&scene, story);
	scene_end(&scene);
}

/* The guard: a lease is its session's user's, whoever knows the DUID. */
static void another_users_lease_is_not_to_be_touched(void **state)
{
	static const struct step bobs[] = {
		{ "a Renew", "05 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server na(1 0/0 NoBinding)" },
		{ "a Rebind", "06 abcdef" CLIENT NA1("0001", "0010"),
		  "Reply client server na(1 0/0 NoBinding)" },
		{ "a Release", "08 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server Success na(1 0/0 NoBinding)" },
		{ "a Decline", "09 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server Success na(1 0/0 NoBinding)" },
		{ "a Request", "03 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server na(1 0/0 NoAddrsAvail)" },
		{ "a prefix's Release", "08 abcdef" CLIENT SERVER PD1("0001", "0001", "0100", "38"),
		  "Reply client server Success pd(1 0/0 NoBinding)" },
	};
	struct scene scene;

	scene_begin(&scene);
	assert_string_equal(ask(&scene, BROUGHT), "Reply client server " GIVEN_NA " " GIVEN_PD);
	scene.arrival.user = "bob";
	PLAY(&scene, bobs);
	assert_string_equal(holder(&scene, "2001:db8::10"), "alice");
	assert_string_equal(holder(&scene, "2001:db8:1:100::/56"), "alice");
	scene.arrival.user = "alice";
	assert_string_equal(ask(&scene, "05 abcdef" CLIENT SERVER NA1("0001", "0010")),
			    "Reply client server " GIVEN_NA);
	scene_end(&scene);
}

static void a_release_ends_what_it_names(void **state)
{
	static const struct step story[] = {
		{ "it has", BROUGHT, "Reply client server " GIVEN_NA " " GIVEN_PD },
		{ "it names another address", "08 abcdef" CLIENT SERVER NA1("0001", "0011"),
		  "Reply client server Success" },
		{ "so it still has", "05 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server " GIVEN_NA },
		{ "no address at all", "08 abcdef" CLIENT SERVER NA("0001"),
		  "Reply client server Success" },
		{ "a known and an unknown IA",
		  "08 abcdef" CLIENT SERVER NA1("0001", "0010") NA1("0002", "0010"),
		  "Reply client server Success na(2 0/0 NoBinding)" },
		{ "the other kind of IA has numbers of its own",
		  "08 abcdef" CLIENT SERVER PD1("0001", "0001", "0100", "38"),
		  "Reply client server Success" },
	};
	struct scene scene;

	scene_begin(&scene);
	PLAY(&scene, story);
	assert_string_equal(holder(&scene, "2001:db8::10"), "nobody");
	assert_string_equal(holder(&scene, "2001:db8:1:100::/56"), "nobody");
	scene_end(&scene);
}

static void a_declined_address_is_nobodys(void **state)
{
	static const struct step story[] = {
		{ "it has", BROUGHT, "Reply client server " GIVEN_NA " " GIVEN_PD },
		{ "somebody else uses it", "09 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server Success" },
		{ "it is not his any more", "05 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server na(1 0/0 NoBinding)" },
		{ "nor will be", "01 abcdef" CLIENT NA1("0001", "0010"),
		  "Advertise client server na(1 0/0 NoAddrsAvail)" },
		{ "not by a Request either", "03 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server na(1 0/0 NoAddrsAvail)" },
		{ "nor another's", "01 abcdef" CLIENT_B NA1("0001", "0010"),
		  "Advertise client server na(1 0/0 NoAddrsAvail)" },
		{ "18.2.8: a prefix is not declined",
		  "09 abcdef" CLIENT SERVER PD1("0001", "0001", "0100", "38"),
		  "Reply client server Success" },
		{ "so he still has it", "05 abcdef" CLIENT SERVER PD1("0001", "0001", "0100", "38"),
		  "Reply client server " GIVEN_PD },
	};
	static const struct step a_day_later[] = {
		{ "the quarantine is over", "01 abcdef" CLIENT NA1("0001", "0010"),
		  "Advertise client server " GIVEN_NA },
	};
	struct scene scene;

	scene_begin(&scene);
	PLAY(&scene, story);
	scene.now_s += 86400;
	PLAY(&scene, a_day_later);
	scene_end(&scene);
}

static void a_new_configuration_comes_with_the_next_renew(void **state)
{
	static const struct step after[] = {
		{ "the old one ends, a new one is given",
		  "05 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server na(1 " TIMES " 2001:db8::20 3600/7200 2001:db8::10 0/0)" },
		{ "and stays", "05 abcdef" CLIENT SERVER NA1("0001", "0020"),
		  "Reply client server na(1 " TIMES " 2001:db8::20 3600/7200)" },
		{ "the prefix is another one, too",
		  "06 abcdef" CLIENT PD1("0001", "0001", "0100", "38"),
		  "Reply client server pd(1 " TIMES " 2001:db8:2:200::/56 3600/7200"
		  " 2001:db8:1:100::/56 0/0)" },
	};
	static const struct step without[] = {
		{ "no pool any more", "05 abcdef" CLIENT SERVER NA1("0001", "0020"),
		  "Reply client server na(1 0/0 2001:db8::20 0/0)" },
		{ "it is not kept", "05 abcdef" CLIENT SERVER NA1("0001", "0020"),
		  "Reply client server na(1 0/0 NoBinding)" },
	};
	struct scene scene;

	scene_begin(&scene);
	assert_string_equal(ask(&scene, BROUGHT), "Reply client server " GIVEN_NA " " GIVEN_PD);
	scene.link.pool[0] = range_of("2001:db8::20", "2001:db8::20");
	scene.link.pool[1] = parts_of("2001:db8:2:200::/56", 56);
	PLAY(&scene, after);
	scene.link.pool_count = 0;
	PLAY(&scene, without);
	assert_string_equal(holder(&scene, "2001:db8::10"), "nobody");
	assert_string_equal(holder(&scene, "2001:db8::20"), "nobody");
	scene_end(&scene);
}

/* The client that begins anew instead of renewing does not keep the old one either. */
static void a_new_configuration_comes_with_the_next_request(void **state)
{
	struct scene scene;

	scene_begin(&scene);
	ask(&scene, BROUGHT);
	scene.link.pool[0] = range_of("2001:db8::20", "2001:db8::20");
	ask(&scene, "01 abcdef" CLIENT NA("0001"));
	assert_string_equal(holder(&scene, "2001:db8::10"), "alice"); /* it may stay with it */
	assert_string_equal(ask(&scene, "03 abcdef" CLIENT SERVER NA1("0001", "0020")),
			    "Reply client server na(1 " TIMES " 2001:db8::20 3600/7200)");
	assert_string_equal(holder(&scene, "2001:db8::10"), "nobody");
	assert_string_equal(holder(&scene, "2001:db8::20"), "alice");
	scene_end(&scene);
}

static void lifetimes_and_times_to_renew(void **state)
{
	static const struct {
		const char *what;
		uint32_t preferred_s, valid_s;
		const char *answer;
	} rows[] = {
		{ "half and four fifths", 1000, 2000, "500/800 2001:db8::10 1000/2000" },
		{ "rounded down", 3, 3, "1/2 2001:db8::10 3/3" },
		{ "without end", DHCP6_FOREVER, DHCP6_FOREVER,
		  "4294967295/4294967295 2001:db8::10 4294967295/4294967295" },
		{ "almost without end", DHCP6_FOREVER - 1, DHCP6_FOREVER,
		  "2147483647/3435973835 2001:db8::10 4294967294/4294967295" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene scene;
		char wanted[256];

		scene_begin(&scene);
		scene.link.preferred_s = rows[i].preferred_s;
		scene.link.valid_s = rows[i].valid_s;
		snprintf(wanted, sizeof(wanted), "Reply client server na(1 %s)", rows[i].answer);
		if (strcmp(ask(&scene, "03 abcdef" CLIENT SERVER NA("0001")), wanted) != 0)
			fail_msg("%s: %s", rows[i].what, scene.text);
		scene_end(&scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_for_this_link),
		cmocka_unit_test(a_confirm_is_about_the_link),
		cmocka_unit_test(a_renew_keeps_what_is_there),
		cmocka_unit_test(a_renew_restores),
		cmocka_unit_test(a_rebind_is_heard_by_every_server),
		cmocka_unit_test(another_users_lease_is_not_to_be_touched),
		cmocka_unit_test(a_release_ends_what_it_names),
		cmocka_unit_test(a_declined_address_is_nobodys),
		cmocka_unit_test(a_new_configuration_comes_with_the_next_renew),
		cmocka_unit_test(a_new_configuration_comes_with_the_next_request),
		cmocka_unit_test(lifetimes_and_times_to_renew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
