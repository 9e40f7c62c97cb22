/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_store.c
 *
 * What is on disk: everything promised before its answer leaves, nothing else, whatever fails; and
 * the table that comes out of it at the next start.
 */
#include "tests/unit/dhcp6/dhcp6_scene.h"
#include "tests/unit/dhcp6/lease_check.h"

#define REQUEST_NA "03 abcdef" CLIENT SERVER NA("0001")
#define RELEASE_NA "08 abcdef" CLIENT SERVER NA1("0001", "0010")

static struct rows rows;
static struct err err;

static int save(struct scene *scene)
{
	struct dhcp6_store store = store_of(&rows);
	int status = dhcp6_leases_save(scene->leases, &store, &err);

	assert_false(rows.open);
	return status;
}

static void begin(struct scene *scene)
{
	memset(&rows, 0, sizeof(rows));
	scene_begin(scene);
}

/* The table as it is after a start at `now_s`. */
static void restart(struct scene *scene, uint64_t now_s)
{
	struct dhcp6_leases_config config;

	dhcp6_leases_free(scene->leases);
	dhcp6_leases_config_defaults(&config);
	config.max_leases = 64;
	scene->leases = dhcp6_leases_new(&config);
	scene->now_s = now_s;
	for (unsigned i = 0; i < rows.count; i++)
		assert_true(dhcp6_leases_load(scene->leases, &rows.row[i], now_s));
}

static void promises_are_saved_and_offers_are_not(void **state)
{
	struct scene scene;

	begin(&scene);
	ask(&scene, "01 abcdef" CLIENT NA("0001"));
	assert_false(dhcp6_leases_unsaved(scene.leases));
	assert_int_equal(save(&scene), 0);
	assert_int_equal(rows.saves, 0); /* no transaction for nothing */
	ask(&scene, REQUEST_NA);
	assert_true(dhcp6_leases_unsaved(scene.leases));
	assert_int_equal(save(&scene), 0);
	assert_int_equal(rows.count, 1);
	assert_null(store_complaint(scene.leases, &rows, NOW_S));
	/* a renewal is a promise, too */
	scene.now_s += 100;
	ask(&scene, "05 abcdef" CLIENT SERVER NA1("0001", "0010"));
	assert_int_equal(save(&scene), 0);
	assert_true(rows.row[0].until_s == NOW_S + 7300);
	/* and its end is told, so that the route of a prefix goes with it */
	dhcp6_leases_expire(scene.leases, NOW_S + 7300);
	assert_true(dhcp6_leases_unsaved(scene.leases));
	assert_int_equal(save(&scene), 0);
	assert_int_equal(rows.row[0].state, DHCP6_REMEMBERED);
	scene_end(&scene);
}

static void several_answers_share_a_transaction(void **state)
{
	struct scene scene;

	begin(&scene);
	scene.link.pool[0] = range_of("2001:db8::10", "2001:db8::20");
	ask(&scene, REQUEST_NA);
	ask(&scene, "03 abcdef" CLIENT_B SERVER NA("0001") PD("0001"));
	assert_int_equal(dhcp6_leases_count(scene.leases).unsaved, 3);
	assert_int_equal(save(&scene), 0);
	assert_int_equal(rows.count, 3);
	assert_int_equal(rows.saves, 1);
	assert_int_equal(dhcp6_leases_count(scene.leases).unsaved, 0);
	scene_end(&scene);
}

/* A full disk, at each step of a transaction: it is rolled back, and all of it is tried again. */
static void what_could_not_be_saved_stays_to_be_saved(void **state)
{
	for (unsigned step = 1; step <= 5; step++) {
		struct scene scene;

		begin(&scene);
		ask(&scene, REQUEST_NA);
		assert_int_equal(save(&scene), 0);
		ask(&scene, RELEASE_NA);
		ask(&scene, "03 abcdef" CLIENT_B SERVER NA("0001") PD("0001"));
		rows.fail_at = step; /* begin, remove, put, put, commit */
		assert_int_equal(save(&scene), -1);
		assert_int_equal(rows.count, 1);
		assert_true(dhcp6_leases_unsaved(scene.leases));
		rows.fail_at = 0;
		assert_int_equal(save(&scene), 0);
		assert_int_equal(rows.count, 2);
		assert_null(store_complaint(scene.leases, &rows, NOW_S));
		scene_end(&scene);
	}
}

/* The store fails for long: the table does not grow beyond its bounds, and nobody gets anything. */
static void a_dead_store_does_not_fill_the_memory(void **state)
{
	struct dhcp6_leases_config config;
	struct scene scene;
	unsigned refused = 0;

	begin(&scene);
	dhcp6_leases_config_defaults(&config);
	config.max_per_user = 1000;
	dhcp6_leases_configure(scene.leases, &config);
	scene.link.pool[0] = range_of("2001:db8::1:1", "2001:db8::1:ffff");
	for (unsigned i = 0; i < 500; i++) {
		char message[128];

		snprintf(message, sizeof(message), "03 abcdef 0001 0004 0009%04x" SERVER NA("0001"),
			 i);
		refused += strstr(ask(&scene, message), "NoAddrsAvail") != NULL;
		rows.fail_at = 1;
		save(&scene);
		const struct dhcp6_lease *lease = dhcp6_leases_next(scene.leases, NULL);
		if (lease)
			dhcp6_lease_forget(scene.leases, (struct dhcp6_lease *)lease);
		assert_null(table_complaint(scene.leases, NOW_S));
	}
	assert_true(refused > 0);
	rows.fail_at = 0;
	assert_int_equal(save(&scene), 0);
	assert_non_null(strstr(ask(&scene, REQUEST_NA), "2001:db8::1:"));
	scene_end(&scene);
}

static void an_address_changes_hands_in_one_transaction(void **state)
{
	struct scene scene;

	begin(&scene);
	ask(&scene, REQUEST_NA);
	assert_int_equal(save(&scene), 0);
	ask(&scene, RELEASE_NA);
	ask(&scene, "03 abcdef" CLIENT_B SERVER NA("0001"));
	assert_int_equal(save(&scene), 0);
	assert_int_equal(rows.count, 1);
	assert_int_equal(rows.row[0].duid.octet[9], 0x0b);
	scene_end(&scene);
}

static void a_start_finds_everything(void **state)
{
	static const struct {
		const char *what;
		uint64_t later_s;
		const char *state;
	} moments[] = {
		{ "at once", 0, "active" },
		{ "just in time", 7199, "active" },
		{ "the lease ran out meanwhile", 7200, "remembered" },
		{ "a month later", 7200 + 30 * 86400 - 1, "remembered" },
		{ "later still", 7200 + 30 * 86400, "none" },
		{ "the clock was wrong before", -(uint64_t)500000, "active" },
	};

	for (size_t i = 0; i < ARRAY_LEN(moments); i++) {
		struct prefix6 what = prefix_of("2001:db8::10");
		struct scene scene;

		begin(&scene);
		ask(&scene, REQUEST_NA "0027 0005 00 03 6c6170 0014 0000");
		assert_int_equal(save(&scene), 0);
		restart(&scene, NOW_S + moments[i].later_s);
		const struct dhcp6_lease *lease = dhcp6_leases_find(scene.leases, &what, false);
		const char *found = lease ? dhcp6_state_name[lease->state] : "none";
		if (strcmp(found, moments[i].state) != 0)
			fail_msg("%s: %s", moments[i].what, found);
		if (lease && lease->state == DHCP6_ACTIVE)
			assert_true(lease_same(lease, &rows.row[0]));
		assert_null(table_complaint(scene.leases, scene.now_s));
		assert_int_equal(save(&scene), 0); /* what is long over leaves the store */
		assert_int_equal(rows.count, lease ? 1 : 0);
		scene_end(&scene);
	}
}

/* Through a start the memory neither grows nor ends early. */
static void what_is_remembered_is_so_as_long_as_before(void **state)
{
	struct prefix6 what = prefix_of("2001:db8::10");
	struct scene scene;

	begin(&scene);
	ask(&scene, REQUEST_NA);
	scene.now_s += 10;
	ask(&scene, RELEASE_NA);
	assert_int_equal(save(&scene), 0);
	restart(&scene, NOW_S + 20);
	const struct dhcp6_lease *lease = dhcp6_leases_find(scene.leases, &what, false);
	assert_int_equal(lease->state, DHCP6_REMEMBERED);
	assert_true(lease->until_s == NOW_S + 10 + 30 * 86400);
	/* offered and not taken */
	ask(&scene, "01 abcdef" CLIENT NA("0001"));
	assert_int_equal(lease->state, DHCP6_OFFERED);
	dhcp6_leases_expire(scene.leases, NOW_S + 100);
	assert_int_equal(lease->state, DHCP6_REMEMBERED);
	assert_true(lease->until_s == NOW_S + 10 + 30 * 86400);
	scene_end(&scene);
}

/* An offer made of an unsaved end: what is written is the end. */
static void an_offer_is_written_as_what_it_was(void **state)
{
	struct scene scene;

	begin(&scene);
	ask(&scene, REQUEST_NA);
	assert_int_equal(save(&scene), 0);
	ask(&scene, RELEASE_NA);
	ask(&scene, "01 abcdef" CLIENT NA("0001"));
	assert_int_equal(save(&scene), 0);
	assert_int_equal(rows.count, 1);
	assert_int_equal(rows.row[0].state, DHCP6_REMEMBERED);
	assert_true(rows.row[0].until_s == NOW_S + 30 * 86400);
	scene_end(&scene);
}

/* ---- rows that nobody wrote ---- */

static struct dhcp6_lease good_row(void)
{
	return (struct dhcp6_lease) {
		.what = prefix_of("2001:db8::10"),
		.kind = DHCP6_ADDRESS,
		.state = DHCP6_ACTIVE,
		.user = "alice",
		.duid = duid_of("00:03:00:01:0a"),
		.iaid = 1,
		.until_s = NOW_S + 100,
		.valid_s = 100,
	};
}

static struct dhcp6_lease excluding_row(void)
{
	struct dhcp6_lease row = good_row();

	row.kind = DHCP6_PREFIX;
	row.what = prefix_of("2001:db8:1:100::/56");
	row.takes_exclude = true;
	row.excluded = prefix_of("2001:db8:1:1ff::/64");
	row.interface_id.len = row.remote_id.len = DHCP6_RELAY_ID_MAX + 1;
	return row;
}

static void senseless_rows_are_refused(void **state)
{
	struct dhcp6_lease row[22];
	struct scene scene;

	for (size_t i = 0; i < ARRAY_LEN(row); i++)
		row[i] = i < 16 ? good_row() : excluding_row();
	row[0].kind = DHCP6_KINDS;
	row[1].kind = (enum dhcp6_kind) - 1;
	row[2].state = DHCP6_OFFERED;
	row[3].state = DHCP6_FORGOTTEN;
	row[4].state = DHCP6_STATES;
	row[5].what.len = 129;
	row[6].what.len = 64; /* not an address */
	row[7].kind = DHCP6_PREFIX;
	row[7].what.len = 64; /* bits beyond it */
	memset(row[8].user, 'u', sizeof(row[8].user));
	memset(row[9].host, 'h', sizeof(row[9].host));
	row[10].duid.len = 2;
	row[11].duid.len = 131;
	row[12].kind = DHCP6_REGISTERED;
	row[12].what.len = 127;
	row[13].duid.len = 0;
	row[14].interface_id.len = DHCP6_RELAY_ID_MAX + 2;
	row[15].remote_id.len = DHCP6_RELAY_ID_MAX + 2;
	row[16].takes_exclude = false;
	row[17].kind = DHCP6_ADDRESS;
	row[17].what = prefix_of("2001:db8:1:1ff::1");
	row[18].excluded.len = 56;
	row[19].excluded.len = 129;
	row[20].excluded = prefix_of("2001:db8:1:200::/64");
	row[21].excluded = prefix_of("2001:db8::/48");
	begin(&scene);
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		if (dhcp6_leases_load(scene.leases, &row[i], NOW_S))
			fail_msg("row %zu was taken", i);
	}
	struct dhcp6_lease good = excluding_row();
	assert_true(dhcp6_leases_load(scene.leases, &good, NOW_S));
	good = good_row();
	assert_true(dhcp6_leases_load(scene.leases, &good, NOW_S));
	assert_false(dhcp6_leases_load(scene.leases, &good, NOW_S)); /* twice */
	good.what = prefix_of("2001:db8::/64");
	good.kind = DHCP6_PREFIX;
	assert_false(dhcp6_leases_load(scene.leases, &good, NOW_S)); /* around the other */
	good.what = prefix_of("2001:db8::10");
	good.kind = DHCP6_REGISTERED;
	assert_true(dhcp6_leases_load(scene.leases, &good, NOW_S)); /* these are apart */
	assert_false(dhcp6_leases_load(scene.leases, &good, NOW_S));
	good = good_row();
	good.what = prefix_of("2001:db8::11");
	good.user[0] = '\0'; /* nobody's yet */
	assert_true(dhcp6_leases_load(scene.leases, &good, NOW_S));
	good.what = prefix_of("2001:db8::12");
	good.duid.len = DHCP6_DUID_MIN;
	assert_true(dhcp6_leases_load(scene.leases, &good, NOW_S));
	good.what = prefix_of("2001:db8::13");
	good.duid.len = DHCP6_DUID_MAX;
	assert_true(dhcp6_leases_load(scene.leases, &good, NOW_S));
	assert_null(table_complaint(scene.leases, NOW_S));
	scene_end(&scene);
}

/* A hand wrote a second row about the same: nothing is given twice, and no promise is broken for a
 * memory. */
static void what_is_there_twice_is_given_once(void **state)
{
	static const struct {
		const char *what;
		enum dhcp6_state first, second;
		uint64_t first_until_s;
		const char *first_is, *second_is;
		bool taken;
		const char *user;
	} twice[] = {
		{ "two promises", DHCP6_ACTIVE, DHCP6_ACTIVE, NOW_S + 9, "2001:db8::10",
		  "2001:db8::10", false, "alice" },
		{ "the first is over", DHCP6_ACTIVE, DHCP6_ACTIVE, NOW_S, "2001:db8::10",
		  "2001:db8::10", true, "bob" },
		{ "a memory and a promise", DHCP6_REMEMBERED, DHCP6_ACTIVE, NOW_S + 9,
		  "2001:db8::10", "2001:db8::10", true, "bob" },
		{ "a memory and a quarantine", DHCP6_REMEMBERED, DHCP6_DECLINED, NOW_S + 9,
		  "2001:db8::10", "2001:db8::10", true, "bob" },
		{ "a promise and a memory", DHCP6_ACTIVE, DHCP6_REMEMBERED, NOW_S + 9,
		  "2001:db8::10", "2001:db8::10", false, "alice" },
		{ "two memories", DHCP6_REMEMBERED, DHCP6_REMEMBERED, NOW_S + 9, "2001:db8::10",
		  "2001:db8::10", false, "alice" },
		{ "a quarantine and a promise", DHCP6_DECLINED, DHCP6_ACTIVE, NOW_S + 9,
		  "2001:db8::10", "2001:db8::10", false, "alice" },
		{ "a prefix", DHCP6_ACTIVE, DHCP6_ACTIVE, NOW_S + 9, "2001:db8:1::/56",
		  "2001:db8:1::/56", false, "alice" },
		{ "a part of a prefix", DHCP6_ACTIVE, DHCP6_ACTIVE, NOW_S + 9, "2001:db8:1::/56",
		  "2001:db8:1:80::/60", false, "alice" },
		{ "around a prefix", DHCP6_ACTIVE, DHCP6_ACTIVE, NOW_S + 9, "2001:db8:1:80::/60",
		  "2001:db8:1::/56", false, "alice" },
		{ "beside a prefix", DHCP6_ACTIVE, DHCP6_ACTIVE, NOW_S + 9, "2001:db8:1:80::/60",
		  "2001:db8:1:90::/60", true, "bob" },
		{ "an address in a prefix", DHCP6_ACTIVE, DHCP6_ACTIVE, NOW_S + 9,
		  "2001:db8:1::/56", "2001:db8:1::1", false, "alice" },
	};

	for (size_t i = 0; i < ARRAY_LEN(twice); i++) {
		struct dhcp6_lease first = good_row(), second = good_row();
		struct scene scene;

		first.what = prefix_of(twice[i].first_is);
		first.kind = first.what.len == 128 ? DHCP6_ADDRESS : DHCP6_PREFIX;
		first.state = twice[i].first;
		first.until_s = twice[i].first_until_s;
		second.what = prefix_of(twice[i].second_is);
		second.kind = second.what.len == 128 ? DHCP6_ADDRESS : DHCP6_PREFIX;
		second.state = twice[i].second;
		strcpy(second.user, "bob");
		begin(&scene);
		assert_true(dhcp6_leases_load(scene.leases, &first, NOW_S));
		bool taken = dhcp6_leases_load(scene.leases, &second, NOW_S);
		struct dhcp6_lease *has = dhcp6_leases_overlap(scene.leases, &second.what, NULL);
		if (taken != twice[i].taken || !has || strcmp(has->user, twice[i].user) != 0 ||
		    dhcp6_leases_overlap(scene.leases, &second.what, has))
			fail_msg("%s: %s, %s has it", twice[i].what, taken ? "taken" : "left out",
				 has ? has->user : "nobody");
		assert_null(table_complaint(scene.leases, NOW_S));
		scene_end(&scene);
	}
}

static void a_start_takes_as_many_as_there_is_room_for(void **state)
{
	struct dhcp6_lease row = good_row();
	struct scene scene;
	unsigned taken = 0;

	begin(&scene);
	for (unsigned i = 0; i < 80; i++) {
		row.what.address.octet[15] = (uint8_t)i;
		taken += dhcp6_leases_load(scene.leases, &row, NOW_S);
	}
	assert_int_equal(taken, 64); /* more than a user gets: what was promised is kept */
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(promises_are_saved_and_offers_are_not),
		cmocka_unit_test(several_answers_share_a_transaction),
		cmocka_unit_test(what_could_not_be_saved_stays_to_be_saved),
		cmocka_unit_test(a_dead_store_does_not_fill_the_memory),
		cmocka_unit_test(an_address_changes_hands_in_one_transaction),
		cmocka_unit_test(a_start_finds_everything),
		cmocka_unit_test(what_is_remembered_is_so_as_long_as_before),
		cmocka_unit_test(an_offer_is_written_as_what_it_was),
		cmocka_unit_test(senseless_rows_are_refused),
		cmocka_unit_test(what_is_there_twice_is_given_once),
		cmocka_unit_test(a_start_takes_as_many_as_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
