/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_adopt.c
 *
 * Leases of another server's in the table: what they keep others from, who gets them, who does not.
 */
#include "tests/unit/dhcp6/dhcp6_scene.h"
#include "tests/unit/dhcp6/lease_check.h"

#define SOLICIT "01 abcdef" CLIENT NA("0001")
#define RENEW "05 abcdef" CLIENT SERVER NA1("0001", "0010")
#define REBIND "06 abcdef" CLIENT NA1("0001", "0010")
#define REQUEST "03 abcdef" CLIENT SERVER NA("0001")
#define HAS_IT "na(1 1800/2880 2001:db8::10 3600/7200)"

static struct rows rows;

static struct dhcp6_lease imported(const char *what, const char *user, uint32_t iaid)
{
	struct dhcp6_lease lease = { .what = prefix_of(what),
				     .state = DHCP6_ACTIVE,
				     .duid = duid_of("00:03:00:01:02:00:00:00:00:0a"),
				     .iaid = iaid,
				     .since_s = NOW_S - 100,
				     .renewed_s = NOW_S - 100,
				     .until_s = NOW_S + 1000 };

	lease.kind = lease.what.len == 128 ? DHCP6_ADDRESS : DHCP6_PREFIX;
	snprintf(lease.user, sizeof(lease.user), "%s", user);
	return lease;
}

static void import(struct scene *scene, const char *what, const char *user)
{
	struct dhcp6_lease lease = imported(what, user, 1);

	assert_int_equal(dhcp6_leases_import(scene->leases, &lease), DHCP6_IMPORTED);
	assert_null(table_complaint(scene->leases, scene->now_s));
}

static const struct dhcp6_lease *at(struct scene *scene, const char *what)
{
	struct prefix6 prefix = prefix_of(what);

	return dhcp6_leases_find(scene->leases, &prefix, false);
}

static bool seen_elsewhere(void *owner, const struct prefix6 *what,
			   const struct dhcp6_identity *identity)
{
	return true;
}

static void give_to_others(struct scene *scene)
{
	scene->link.pool[0] = range_of("2001:db8::20", "2001:db8::20");
}

static void reserve_for_bob(struct scene *scene)
{
	scene->reservation[0].what = prefix_of("2001:db8::10");
	strcpy(scene->reservation[0].user, "bob");
	scene->link.reservation_count = 1;
}

static void see_elsewhere(struct scene *scene)
{
	scene->link.in_use = seen_elsewhere;
}

static void fill_alice(struct scene *scene)
{
	struct dhcp6_leases_config config;

	import(scene, "2001:db8::30", "alice");
	dhcp6_leases_config_defaults(&config);
	config.max_per_user = 1;
	dhcp6_leases_configure(scene->leases, &config);
}

/* Of whom the lease of 2001:db8::10 is after what alice's client asks. */
static const struct {
	const char *what, *user, *message, *after;
	void (*change)(struct scene *scene);
	bool has_it;
} stories[] = {
	{ "her own lease", "alice", RENEW, "alice", NULL, true },
	{ "nobody's, renewed", "", RENEW, "alice", NULL, true },
	{ "nobody's, rebound", "", REBIND, "alice", NULL, true },
	{ "nobody's, requested", "", REQUEST, "alice", NULL, true },
	{ "nobody's, solicited", "", SOLICIT, "alice", NULL, true },
	{ "bob's, with her DUID and IAID", "bob", RENEW, "bob", NULL, false },
	{ "bob's, rebound", "bob", REBIND, "bob", NULL, false },
	{ "bob's, requested", "bob", REQUEST, "bob", NULL, false },
	{ "another DUID", "", "05 abcdef" CLIENT_B SERVER NA1("0001", "0010"), "", NULL, false },
	{ "another IAID", "", "05 abcdef" CLIENT SERVER NA1("0002", "0010"), "", NULL, false },
	{ "a prefix is no address", "", "05 abcdef" CLIENT SERVER PD("0001"), "", NULL, false },
	{ "given back by who never had it", "", "08 abcdef" CLIENT SERVER NA1("0001", "0010"), "",
	  NULL, false },
	{ "declined by who never had it", "", "09 abcdef" CLIENT SERVER NA1("0001", "0010"), "",
	  NULL, false },
	{ "her pools are others", "", RENEW, "", give_to_others, false },
	{ "it is reserved for bob", "", RENEW, "", reserve_for_bob, false },
	{ "somebody else is seen with it", "", RENEW, "", see_elsewhere, false },
	{ "she is full", "", RENEW, "", fill_alice, false },
};

static void whose_a_lease_is(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(stories); i++) {
		struct scene scene;

		scene_begin(&scene);
		if (stories[i].user[0] == '\0' || stories[i].change == NULL)
			import(&scene, "2001:db8::10", stories[i].user);
		if (stories[i].change)
			stories[i].change(&scene);
		const char *answer = ask(&scene, stories[i].message);
		if ((strstr(answer, HAS_IT) != NULL) != stories[i].has_it)
			fail_msg("%s: %s", stories[i].what, answer);
		const struct dhcp6_lease *lease = at(&scene, "2001:db8::10");
		if (!lease || strcmp(lease->user, stories[i].after) != 0)
			fail_msg("%s: it is '%s's", stories[i].what,
				 lease ? lease->user : "nobody");
		assert_null(table_complaint(scene.leases, scene.now_s));
		scene_end(&scene);
	}
}

/* From then on it is hers: bob, with the same DUID and IAID, is nobody. */
static void the_first_one_keeps_it(void **state)
{
	struct scene scene;

	scene_begin(&scene);
	import(&scene, "2001:db8::10", "");
	ask(&scene, RENEW);
	scene.arrival.user = "bob";
	assert_null(strstr(ask(&scene, RENEW), HAS_IT));
	assert_null(strstr(ask(&scene, REQUEST), "2001:db8::10"));
	assert_string_equal(at(&scene, "2001:db8::10")->user, "alice");
	scene.arrival.user = "alice";
	assert_non_null(strstr(ask(&scene, RENEW), HAS_IT));
	scene_end(&scene);
}

/* Whoever it waits for, and whether he comes: it outlives a restart, and is on disk as what it is. */
static void it_is_on_disk(void **state)
{
	struct dhcp6_store store = store_of(&rows);
	struct dhcp6_leases_config config;
	struct scene scene;
	struct err err;

	scene_begin(&scene);
	memset(&rows, 0, sizeof(rows));
	import(&scene, "2001:db8::10", "");
	import(&scene, "2001:db8:1:100::/56", "");
	assert_int_equal(dhcp6_leases_save(scene.leases, &store, &err), 0);
	assert_null(store_complaint(scene.leases, &rows, NOW_S));
	assert_int_equal(rows.count, 2);
	dhcp6_leases_free(scene.leases);
	dhcp6_leases_config_defaults(&config);
	scene.leases = dhcp6_leases_new(&config);
	for (unsigned i = 0; i < rows.count; i++)
		assert_true(dhcp6_leases_load(scene.leases, &rows.row[i], NOW_S));
	assert_non_null(strstr(ask(&scene, RENEW), HAS_IT));
	assert_int_equal(dhcp6_leases_save(scene.leases, &store, &err), 0);
	assert_null(store_complaint(scene.leases, &rows, NOW_S));
	assert_string_equal(rows_find(rows.row, rows.count, at(&scene, "2001:db8::10"))->user,
			    "alice");
	scene_end(&scene);
}

/* Over before anybody came: remembered, so that its client gets it again, but others before nothing. */
static void over_it_is_remembered(void **state)
{
	struct scene scene;

	scene_begin(&scene);
	import(&scene, "2001:db8::10", "");
	scene.now_s = NOW_S + 1000;
	dhcp6_leases_expire(scene.leases, scene.now_s);
	assert_int_equal(at(&scene, "2001:db8::10")->state, DHCP6_REMEMBERED);
	ask(&scene, SOLICIT);
	assert_string_equal(at(&scene, "2001:db8::10")->user, "alice");
	assert_int_equal(at(&scene, "2001:db8::10")->state, DHCP6_OFFERED);
	assert_null(table_complaint(scene.leases, scene.now_s));
	scene_end(&scene);
}

static void expect_users(const struct scene *scene, unsigned users)
{
	assert_int_equal(dhcp6_leases_count(scene->leases).users, users);
}

/* The adopted one leaves the books of nobody's and is in those of its user, whatever its state. */
static void the_books_follow(void **state)
{
	for (unsigned over = 0; over < 2; over++) {
		struct dhcp6_store store = store_of(&rows);
		struct dhcp6_leases_config config;
		struct scene scene;
		struct err err;

		memset(&rows, 0, sizeof(rows));
		scene_begin(&scene);
		import(&scene, "2001:db8::10", "");
		expect_users(&scene, 1);
		struct dhcp6_lease *lease = (struct dhcp6_lease *)at(&scene, "2001:db8::10");
		if (over)
			dhcp6_lease_release(scene.leases, lease, NOW_S);
		assert_true(dhcp6_lease_adopt(scene.leases, lease, "alice"));
		expect_users(&scene, 1);
		assert_ptr_equal(dhcp6_leases_oldest(scene.leases, NULL), over ? lease : NULL);
		assert_ptr_equal(dhcp6_leases_of_user(scene.leases, "alice", NULL), lease);
		assert_null(dhcp6_leases_of_user(scene.leases, "alice", lease));
		dhcp6_leases_config_defaults(&config);
		config.max_per_user = 1;
		dhcp6_leases_configure(scene.leases, &config);
		assert_int_equal(dhcp6_leases_have_room(scene.leases, "alice"), over);
		/* its slot is another lease's after this, of the same client as before it was adopted */
		dhcp6_lease_forget(scene.leases, lease);
		assert_int_equal(dhcp6_leases_save(scene.leases, &store, &err), 0);
		expect_users(&scene, 0);
		import(&scene, "2001:db8::10", "");
		struct dhcp6_identity nobody = { .user = "", .iaid = 1 };
		nobody.duid = at(&scene, "2001:db8::10")->duid;
		lease = dhcp6_leases_of(scene.leases, DHCP6_ADDRESS, &nobody, NULL);
		assert_ptr_equal(lease, at(&scene, "2001:db8::10"));
		assert_null(dhcp6_leases_of(scene.leases, DHCP6_ADDRESS, &nobody, lease));
		scene_end(&scene);
	}
}

/* Whose it is must outlive us though nothing was given yet; and who else is remembered stays so. */
static void an_adoption_alone_is_saved(void **state)
{
	struct dhcp6_store store = store_of(&rows);
	struct scene scene;
	struct err err;

	memset(&rows, 0, sizeof(rows));
	scene_begin(&scene);
	import(&scene, "2001:db8::10", "");
	import(&scene, "2001:db8::20", "");
	struct dhcp6_lease *lease = (struct dhcp6_lease *)at(&scene, "2001:db8::10");
	struct dhcp6_lease *other = (struct dhcp6_lease *)at(&scene, "2001:db8::20");
	dhcp6_lease_release(scene.leases, lease, NOW_S);
	dhcp6_lease_release(scene.leases, other, NOW_S);
	assert_int_equal(dhcp6_leases_save(scene.leases, &store, &err), 0);
	assert_true(dhcp6_lease_adopt(scene.leases, lease, "alice"));
	assert_true(dhcp6_leases_unsaved(scene.leases));
	assert_int_equal(dhcp6_leases_save(scene.leases, &store, &err), 0);
	assert_string_equal(rows_find(rows.row, rows.count, lease)->user, "alice");
	assert_ptr_equal(dhcp6_leases_oldest(scene.leases, NULL), other);
	assert_ptr_equal(dhcp6_leases_oldest(scene.leases, other), lease);
	assert_null(dhcp6_leases_oldest(scene.leases, lease));
	scene_end(&scene);
}

static void who_cannot_adopt(void **state)
{
	struct scene scene;
	char name[DHCP6_USER_MAX + 1];

	scene_begin(&scene);
	import(&scene, "2001:db8::10", "");
	memset(name, 'a', DHCP6_USER_MAX);
	name[DHCP6_USER_MAX] = '\0';
	struct dhcp6_lease *lease = (struct dhcp6_lease *)at(&scene, "2001:db8::10");
	assert_false(dhcp6_lease_adopt(scene.leases, lease, name));
	fill_alice(&scene);
	assert_false(dhcp6_lease_adopt(scene.leases, lease, "alice"));
	assert_string_equal(lease->user, "");
	assert_true(dhcp6_lease_adopt(scene.leases, lease, name + 1));
	assert_string_equal(lease->user, name + 1);
	scene_end(&scene);
}

/* Limits of one user are not for what is nobody's. */
static void many_that_are_nobodys(void **state)
{
	struct dhcp6_leases_config config;
	struct scene scene;
	char what[32];

	scene_begin(&scene);
	dhcp6_leases_config_defaults(&config);
	config.max_per_user = 4;
	dhcp6_leases_configure(scene.leases, &config);
	for (unsigned i = 0; i < 20; i++) {
		snprintf(what, sizeof(what), "2001:db8::%x", i + 0x100);
		import(&scene, what, "");
	}
	scene.now_s = NOW_S + 1000;
	dhcp6_leases_expire(scene.leases, scene.now_s);
	assert_int_equal(dhcp6_leases_count(scene.leases).state[DHCP6_REMEMBERED], 20);
	assert_int_equal(dhcp6_leases_count(scene.leases).users, 1);
	scene_end(&scene);
}

static void change_nothing(struct dhcp6_lease *lease)
{
}

static void make_it_offered(struct dhcp6_lease *lease)
{
	lease->state = DHCP6_OFFERED;
}

static void make_it_registered(struct dhcp6_lease *lease)
{
	lease->kind = DHCP6_REGISTERED;
}

static void make_its_duid_short(struct dhcp6_lease *lease)
{
	lease->duid.len = 2;
}

static void make_it_bobs(struct dhcp6_lease *lease)
{
	strcpy(lease->user, "bob");
}

static void give_it_another_duid(struct dhcp6_lease *lease)
{
	lease->duid.octet[9] = 0x0b;
}

/* A second lease beside alice's active 2001:db8::10 and her remembered 2001:db8::20. */
static const struct {
	const char *what, *address;
	void (*change)(struct dhcp6_lease *lease);
	uint32_t iaid;
	enum dhcp6_imported result;
} imports[] = {
	{ "a free one", "2001:db8::11", change_nothing, 1, DHCP6_IMPORTED },
	{ "the same again", "2001:db8::10", change_nothing, 1, DHCP6_IMPORTED_BEFORE },
	{ "of another IAID", "2001:db8::10", change_nothing, 2, DHCP6_IMPORT_TAKEN },
	{ "of another DUID", "2001:db8::10", give_it_another_duid, 1, DHCP6_IMPORT_TAKEN },
	{ "of another user", "2001:db8::10", make_it_bobs, 1, DHCP6_IMPORT_TAKEN },
	{ "a prefix around it", "2001:db8::/64", change_nothing, 1, DHCP6_IMPORT_TAKEN },
	{ "what is only remembered", "2001:db8::20", make_it_bobs, 1, DHCP6_IMPORTED },
	{ "bob has room", "2001:db8::11", make_it_bobs, 1, DHCP6_IMPORTED },
	{ "an offer", "2001:db8::11", make_it_offered, 1, DHCP6_IMPORT_SENSELESS },
	{ "a registered one", "2001:db8::11", make_it_registered, 1, DHCP6_IMPORT_SENSELESS },
	{ "of half a DUID", "2001:db8::11", make_its_duid_short, 1, DHCP6_IMPORT_SENSELESS },
};

static void what_can_be_imported(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(imports); i++) {
		struct scene scene;

		scene_begin(&scene);
		import(&scene, "2001:db8::10", "alice");
		import(&scene, "2001:db8::20", "alice");
		dhcp6_lease_release(scene.leases, (struct dhcp6_lease *)at(&scene, "2001:db8::20"),
				    NOW_S);
		struct dhcp6_lease lease = imported(imports[i].address, "alice", imports[i].iaid);
		imports[i].change(&lease);
		enum dhcp6_imported result = dhcp6_leases_import(scene.leases, &lease);
		if (result != imports[i].result)
			fail_msg("%s: %d", imports[i].what, result);
		const struct dhcp6_lease *first = at(&scene, "2001:db8::10");
		assert_true(first && first->iaid == 1 && strcmp(first->user, "alice") == 0);
		assert_null(table_complaint(scene.leases, scene.now_s));
		scene_end(&scene);
	}
}

static void limits(void **state)
{
	struct dhcp6_lease lease = imported("2001:db8::1:0", "alice", 1);
	struct dhcp6_leases_config config;
	struct scene scene;

	scene_begin(&scene);
	dhcp6_leases_config_defaults(&config);
	config.max_per_user = 1;
	dhcp6_leases_configure(scene.leases, &config);
	import(&scene, "2001:db8::1", "alice");
	assert_int_equal(dhcp6_leases_import(scene.leases, &lease), DHCP6_IMPORT_USER_FULL);
	for (unsigned i = 1; i < 64; i++) { /* as many as scene_begin's table takes */
		lease = imported("2001:db8::1:0", "", 1);
		lease.what.address.octet[15] = (uint8_t)i;
		assert_int_equal(dhcp6_leases_import(scene.leases, &lease), DHCP6_IMPORTED);
	}
	lease = imported("2001:db8::2:0", "", 1);
	assert_int_equal(dhcp6_leases_import(scene.leases, &lease), DHCP6_IMPORT_TABLE_FULL);
	/* what is only remembered goes first */
	dhcp6_lease_release(scene.leases, (struct dhcp6_lease *)at(&scene, "2001:db8::1"), NOW_S);
	assert_int_equal(dhcp6_leases_import(scene.leases, &lease), DHCP6_IMPORTED);
	assert_null(at(&scene, "2001:db8::1"));
	assert_null(table_complaint(scene.leases, scene.now_s));
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whose_a_lease_is),
		cmocka_unit_test(the_first_one_keeps_it),
		cmocka_unit_test(it_is_on_disk),
		cmocka_unit_test(over_it_is_remembered),
		cmocka_unit_test(many_that_are_nobodys),
		cmocka_unit_test(what_can_be_imported),
		cmocka_unit_test(limits),
		cmocka_unit_test(the_books_follow),
		cmocka_unit_test(an_adoption_alone_is_saved),
		cmocka_unit_test(who_cannot_adopt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
