/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_answers.c
 *
 * What an answer has beside addresses and prefixes, and what a lease keeps of its client.
 * RFC 9915 18.3.9, 21.8, 21.14; RFC 6603.
 */
#include "tests/unit/dhcp6/dhcp6_scene.h"

#define TIMES "1800/2880"
#define PLAY(scene, story) play(scene, story, ARRAY_LEN(story))

static void an_answer_has_what_belongs_to_it(void **state)
{
	static const struct step story[] = {
		{ "no preference is said", "01 abcdef" CLIENT, "Advertise client server" },
		{ "21.14: a quick one, if we do that", "01 abcdef" CLIENT NA("0001") "000e 0000",
		  "Advertise client server na(1 " TIMES " 2001:db8::10 3600/7200)" },
	};
	static const struct step more[] = {
		{ "21.8: in an Advertise", "01 abcdef" CLIENT,
		  "Advertise client server preference:1" },
		{ "not in a Reply", "03 abcdef" CLIENT SERVER, "Reply client server" },
		{ "21.14: it is given at once", "01 abcdef" CLIENT NA("0001") "000e 0000",
		  "Reply client server rapid-commit:0 na(1 " TIMES " 2001:db8::10 3600/7200)" },
		{ "only if asked for", "01 abcdef" CLIENT_B,
		  "Advertise client server preference:1" },
		{ "only in a Solicit", "03 abcdef" CLIENT SERVER "000e 0000",
		  "Reply client server" },
	};
	struct scene scene;

	scene_begin(&scene);
	PLAY(&scene, story);
	scene.link.rapid_commit = true;
	scene.link.preference = 255;
	PLAY(&scene, more);
	scene_end(&scene);
}

static void without_pools_there_are_only_options(void **state)
{
	static const struct step story[] = {
		{ "no addresses", "01 abcdef" CLIENT NA("0001") PD("0002"),
		  "Advertise client server na(1 0/0 NoAddrsAvail) pd(2 0/0 NoPrefixAvail)" },
		{ "nor by asking", "03 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server na(1 0/0 NoAddrsAvail)" },
		{ "options", "0b abcdef" CLIENT, "Reply client server" },
	};
	struct scene scene;

	scene_begin(&scene);
	scene.link.pool_count = 0;
	PLAY(&scene, story);
	assert_int_equal(dhcp6_leases_count(scene.leases).users, 0);
	scene_end(&scene);
}

/* RFC 6603 4.2, 4.3: the excluded prefix's last bits, from the left; only to who asks. */
static void a_part_of_a_prefix_stays_ours(void **state)
{
	static const struct {
		uint8_t part_len, exclude_len;
		uint32_t id;
		const char *answer;
	} rows[] = {
		{ 56, 64, 0x42, " pd-exclude:4042" },
		{ 56, 60, 0xf, " pd-exclude:3cf0" },
		{ 56, 57, 1, " pd-exclude:3980" },
		{ 55, 64, 0x1ff, " pd-exclude:40ff80" },
		{ 60, 64, 5, " pd-exclude:4050" },
		{ 56, 88, 0x01020304, " pd-exclude:5801020304" },
		{ 56, 65, 1, " pd-exclude:410080" },
		{ 56, 0, 0, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene scene;
		char wanted[256];

		scene_begin(&scene);
		scene.link.pool[1] = parts_of("2001:db8:1::/48", rows[i].part_len);
		scene.link.pool[1].prefix.len = rows[i].part_len;
		scene.link.pool[1].exclude_len = rows[i].exclude_len;
		scene.link.pool[1].exclude_id = rows[i].id;
		snprintf(wanted, sizeof(wanted),
			 "Reply client server pd(1 " TIMES " 2001:db8:1::/%u 3600/7200%s)",
			 rows[i].part_len, rows[i].answer);
		assert_string_equal(
			ask(&scene, "03 abcdef" CLIENT SERVER PD("0001") "0006 0002 0043"), wanted);
		assert_null(strstr(ask(&scene, "03 abcdef" CLIENT SERVER PD("0001")), "exclude"));
		scene_end(&scene);
	}
}

/* Nothing is excluded from what is not given. */
static void what_ends_has_no_part_that_stays_ours(void **state)
{
	static const struct step story[] = {
		{ "his, and one that never was",
		  "03 abcdef" CLIENT SERVER PD1("0001", "0001", "0500", "38"),
		  "Reply client server pd(1 " TIMES " 2001:db8:1:500::/56 3600/7200)" },
		{ "renewed with wishes",
		  "05 abcdef" CLIENT SERVER PD1("0001", "0001", "0600", "38") "0006 0002 0043",
		  "Reply client server pd(1 " TIMES " 2001:db8:1:500::/56 3600/7200 pd-exclude:4001"
		  " 2001:db8:1:600::/56 0/0)" },
	};
	struct scene scene;

	scene_begin(&scene);
	scene.link.pool[1] = parts_of("2001:db8:1::/48", 56);
	scene.link.pool[1].exclude_len = 64;
	scene.link.pool[1].exclude_id = 1;
	PLAY(&scene, story);
	scene_end(&scene);
}

static void a_lease_says_whose_it_is(void **state)
{
	struct prefix6 what = prefix_of("2001:db8::10");
	struct scene scene;

	scene_begin(&scene);
	scene.arrival.mac = (struct mac) { { 2, 0, 0, 0, 0, 10 } };
	ask(&scene, "03 abcdef" CLIENT SERVER NA("0001") "0027 0005 00 03 6c6170 0014 0000");
	const struct dhcp6_lease *lease = dhcp6_leases_find(scene.leases, &what, false);
	assert_non_null(lease);
	assert_string_equal(lease->user, "alice");
	assert_string_equal(lease->host, "lap");
	assert_true(lease->reconfigure && lease->has_mac && lease->mac.octet[5] == 10);
	assert_true(ip6_equal(&lease->peer, &scene.arrival.source));
	assert_true(lease->preferred_s == 3600 && lease->until_s == NOW_S + 7200);
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_has_what_belongs_to_it),
		cmocka_unit_test(without_pools_there_are_only_options),
		cmocka_unit_test(a_part_of_a_prefix_stays_ours),
		cmocka_unit_test(what_ends_has_no_part_that_stays_ours),
		cmocka_unit_test(a_lease_says_whose_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
