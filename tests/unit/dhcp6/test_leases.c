/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_leases.c
 *
 * The lease table: states and their times, limits, what stands in whose way; and any order of calls
 * against a list that does the same slowly.
 */
#include "tests/unit/dhcp6/dhcp6_scene.h"
#include "tests/unit/dhcp6/lease_check.h"

static struct dhcp6_leases *table(unsigned max_leases, unsigned max_per_user)
{
	struct dhcp6_leases_config config;

	dhcp6_leases_config_defaults(&config);
	config.max_leases = max_leases;
	config.max_per_user = max_per_user;
	config.offer_s = 60;
	config.quarantine_s = 500;
	config.remember_s = 1000;
	config.table_key = (struct siphash_key) { 7, 8 };
	struct dhcp6_leases *leases = dhcp6_leases_new(&config);
	assert_non_null(leases);
	return leases;
}

static struct dhcp6_identity who(const char *user, uint8_t duid)
{
	return (struct dhcp6_identity) { .user = user, .duid = { 3, { 0, 3, duid } }, .iaid = 1 };
}

static struct dhcp6_lease *add(struct dhcp6_leases *leases, const char *what, const char *user)
{
	struct prefix6 prefix = prefix_of(what);
	struct dhcp6_identity identity = who(user, 1);

	return dhcp6_leases_add(leases, &prefix, prefix.len == 128 ? DHCP6_ADDRESS : DHCP6_PREFIX,
				&identity, NOW_S);
}

static struct dhcp6_lease *give(struct dhcp6_leases *leases, const char *what, const char *user,
				uint32_t valid_s)
{
	struct dhcp6_lease *lease = add(leases, what, user);

	assert_non_null(lease);
	lease->valid_s = valid_s;
	dhcp6_lease_activate(leases, lease, NOW_S);
	return lease;
}

static const struct dhcp6_lease *found(struct dhcp6_leases *leases, const char *what)
{
	struct prefix6 prefix = prefix_of(what);

	return dhcp6_leases_find(leases, &prefix, false);
}

/* "offered", ..., "none" */
static const char *state_of(struct dhcp6_leases *leases, const char *what, uint64_t now_s)
{
	dhcp6_leases_expire(leases, now_s);
	const struct dhcp6_lease *lease = found(leases, what);
	return lease ? dhcp6_state_name[lease->state] : "none";
}

static void an_offer_is_short(void **state)
{
	struct dhcp6_leases *leases = table(8, 8);
	struct dhcp6_lease *lease = add(leases, "2001:db8::1", "alice");

	assert_int_equal(lease->state, DHCP6_OFFERED);
	assert_string_equal(state_of(leases, "2001:db8::1", NOW_S + 59), "offered");
	assert_true(dhcp6_lease_offer(leases, lease, NOW_S + 59));
	assert_string_equal(state_of(leases, "2001:db8::1", NOW_S + 118), "offered");
	assert_string_equal(state_of(leases, "2001:db8::1", NOW_S + 119), "none");
	assert_false(dhcp6_leases_unsaved(leases)); /* it never was a promise */
	assert_int_equal(dhcp6_leases_count(leases).users, 0);
	dhcp6_leases_free(leases);
}

static void a_lease_ends_and_is_remembered(void **state)
{
	struct dhcp6_leases *leases = table(8, 8);

	give(leases, "2001:db8::1", "alice", 100);
	assert_string_equal(state_of(leases, "2001:db8::1", NOW_S + 99), "active");
	assert_string_equal(state_of(leases, "2001:db8::1", NOW_S + 100), "remembered");
	assert_string_equal(state_of(leases, "2001:db8::1", NOW_S + 1099), "remembered");
	assert_string_equal(state_of(leases, "2001:db8::1", NOW_S + 1100), "none");
	give(leases, "2001:db8::1", "alice", 100);
	/* asleep for long: both ends have passed */
	assert_string_equal(state_of(leases, "2001:db8::1", NOW_S + 5000), "none");
	dhcp6_leases_free(leases);
}

static void a_lease_may_have_no_end(void **state)
{
	struct dhcp6_leases *leases = table(8, 8);

	give(leases, "2001:db8::1", "alice", DHCP6_FOREVER);
	assert_true(dhcp6_leases_due_s(leases) == UINT64_MAX);
	assert_string_equal(state_of(leases, "2001:db8::1", UINT64_MAX - 1), "active");
	dhcp6_leases_free(leases);
}

static void renewing_makes_it_longer(void **state)
{
	struct dhcp6_leases *leases = table(8, 8);
	struct dhcp6_lease *lease = give(leases, "2001:db8::1", "alice", 100);

	dhcp6_lease_activate(leases, lease, NOW_S + 50);
	assert_true(lease->since_s == NOW_S && lease->renewed_s == NOW_S + 50);
	assert_string_equal(state_of(leases, "2001:db8::1", NOW_S + 149), "active");
	assert_string_equal(state_of(leases, "2001:db8::1", NOW_S + 150), "remembered");
	dhcp6_lease_activate(leases, lease, NOW_S + 160);
	assert_true(lease->since_s == NOW_S + 160);
	dhcp6_leases_free(leases);
}

static void a_release_is_an_end(void **state)
{
	struct dhcp6_leases *leases = table(8, 8);
	struct dhcp6_lease *lease = give(leases, "2001:db8::1", "alice", 10000);

	dhcp6_lease_release(leases, lease, NOW_S + 10);
	assert_string_equal(state_of(leases, "2001:db8::1", NOW_S + 1009), "remembered");
	assert_string_equal(state_of(leases, "2001:db8::1", NOW_S + 1010), "none");
	lease = add(leases, "2001:db8::2", "alice");
	dhcp6_lease_release(leases, lease, NOW_S);
	assert_string_equal(state_of(leases, "2001:db8::2", NOW_S), "none");
	dhcp6_leases_free(leases);
}

static void a_lapsed_offer_of_an_old_lease_is_the_old_lease(void **state)
{
	struct dhcp6_leases *leases = table(8, 8);
	struct dhcp6_lease *lease = give(leases, "2001:db8::1", "alice", 100);

	assert_string_equal(state_of(leases, "2001:db8::1", NOW_S + 200), "remembered");
	assert_true(dhcp6_lease_offer(leases, lease, NOW_S + 200));
	assert_string_equal(state_of(leases, "2001:db8::1", NOW_S + 200), "offered");
	assert_string_equal(state_of(leases, "2001:db8::1", NOW_S + 260), "remembered");
	/* offers do not make the memory longer */
	assert_string_equal(state_of(leases, "2001:db8::1", NOW_S + 1100), "none");
	dhcp6_leases_free(leases);
}

static void a_declined_one_is_nobodys(void **state)
{
	struct dhcp6_leases *leases = table(8, 8);
	struct dhcp6_lease *lease = give(leases, "2001:db8::1", "alice", 10000);

	dhcp6_lease_decline(leases, lease, NOW_S);
	assert_null(add(leases, "2001:db8::1", "alice"));
	assert_null(add(leases, "2001:db8::1", "bob"));
	assert_string_equal(state_of(leases, "2001:db8::1", NOW_S + 499), "declined");
	assert_string_equal(state_of(leases, "2001:db8::1", NOW_S + 500), "none");
	assert_non_null(add(leases, "2001:db8::1", "bob"));
	dhcp6_leases_free(leases);
}

static void what_overlaps_is_not_given(void **state)
{
	static const struct {
		const char *what, *there, *asked;
		bool given;
	} rows[] = {
		{ "the same address", "2001:db8::1", "2001:db8::1", false },
		{ "the next address", "2001:db8::1", "2001:db8::2", true },
		{ "the same prefix", "2001:db8:100::/40", "2001:db8:100::/40", false },
		{ "a part of it", "2001:db8:100::/40", "2001:db8:1f0::/44", false },
		{ "what it is a part of", "2001:db8:1f0::/44", "2001:db8:100::/40", false },
		{ "its last address", "2001:db8:100::/40", "2001:db8:1ff:ffff:ffff:ffff:ffff:ffff",
		  false },
		{ "the address after it", "2001:db8:100::/40", "2001:db8:200::", true },
		{ "the one before it", "2001:db8:100::/40", "2001:db8:ff:ffff:ffff:ffff:ffff:ffff",
		  true },
		{ "a prefix around an address", "2001:db8:1::5", "2001:db8:1::/48", false },
		{ "with the same beginning, shorter", "2001:db8::/56", "2001:db8::/40", false },
		{ "with the same beginning, longer", "2001:db8::/40", "2001:db8::/56", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (unsigned remembered = 0; remembered < 2; remembered++) {
			struct dhcp6_leases *leases = table(8, 8);
			struct dhcp6_lease *lease =
				give(leases, rows[i].there, "alice", DHCP6_FOREVER);

			if (remembered)
				dhcp6_lease_release(leases, lease, NOW_S);
			bool given = add(leases, rows[i].asked, "bob") != NULL;
			if (given != (rows[i].given || remembered))
				fail_msg("%s: %d", rows[i].what, given);
			/* the old one is gone only if it was in the way */
			if (remembered && !rows[i].given && strcmp(rows[i].there, rows[i].asked))
				assert_null(found(leases, rows[i].there));
			else
				assert_non_null(found(leases, rows[i].there));
			assert_null(table_complaint(leases, NOW_S));
			dhcp6_leases_free(leases);
		}
	}
}

/* One thing in the way that cannot go: then nothing goes. */
static void all_that_is_in_the_way_or_nothing(void **state)
{
	struct dhcp6_leases *leases = table(8, 8);

	dhcp6_lease_release(leases, give(leases, "2001:db8::/64", "alice", 100), NOW_S);
	give(leases, "2001:db8:0:5::/64", "alice", 100);
	assert_null(add(leases, "2001:db8::/56", "bob"));
	assert_string_equal(state_of(leases, "2001:db8::/64", NOW_S), "remembered");
	dhcp6_leases_free(leases);
}

static void registered_addresses_are_apart(void **state)
{
	struct dhcp6_leases *leases = table(8, 8);
	struct prefix6 what = prefix_of("2001:db8::1");
	struct dhcp6_identity bob = who("bob", 2);

	give(leases, "2001:db8::/56", "alice", 100);
	struct dhcp6_lease *lease = dhcp6_leases_add(leases, &what, DHCP6_REGISTERED, &bob, NOW_S);
	assert_non_null(lease);
	lease->valid_s = 50;
	dhcp6_lease_activate(leases, lease, NOW_S);
	assert_null(dhcp6_leases_find(leases, &what, false));
	assert_ptr_equal(dhcp6_leases_find(leases, &what, true), lease);
	assert_null(dhcp6_leases_add(leases, &what, DHCP6_REGISTERED, &bob, NOW_S));
	dhcp6_leases_expire(leases, NOW_S + 50); /* RFC 9686 4.6: not remembered */
	assert_null(dhcp6_leases_find(leases, &what, true));
	dhcp6_leases_free(leases);
}

/* ---- limits ---- */

static const char *address(unsigned n)
{
	static char text[IP6_TEXT];

	snprintf(text, sizeof(text), "2001:db8::%x", n + 1);
	return text;
}

static void a_user_has_so_many(void **state)
{
	struct dhcp6_leases *leases = table(64, 3);

	for (unsigned i = 0; i < 3; i++)
		give(leases, address(i), "alice", 10000);
	assert_false(dhcp6_leases_have_room(leases, "alice"));
	assert_null(add(leases, address(3), "alice"));
	assert_non_null(add(leases, address(3), "bob"));
	/* what he declined counts: else he could empty the pool */
	dhcp6_lease_decline(leases, (struct dhcp6_lease *)found(leases, address(0)), NOW_S);
	assert_null(add(leases, address(4), "alice"));
	dhcp6_lease_release(leases, (struct dhcp6_lease *)found(leases, address(1)), NOW_S);
	assert_non_null(add(leases, address(4), "alice"));
	/* now he is full again, so his old one is not his either */
	assert_false(
		dhcp6_lease_offer(leases, (struct dhcp6_lease *)found(leases, address(1)), NOW_S));
	dhcp6_leases_free(leases);
}

/* An IA is the user's, the DUID's and its number's, all three: in a full table, where many share a
 * bucket, each finds its own lease and no other. */
static void each_ia_has_its_own(void **state)
{
	struct dhcp6_leases *leases = table(2048, 2048);
	struct dhcp6_identity all[2048];
	char users[16][8];

	for (unsigned i = 0; i < ARRAY_LEN(all); i++) {
		snprintf(users[i % 16], sizeof(users[0]), "user%u", i % 16);
		all[i] = who(users[i % 16], (uint8_t)(i / 16 % 8));
		all[i].iaid = i / 128;
		struct prefix6 what = prefix_of(address(i));
		assert_non_null(dhcp6_leases_add(leases, &what, DHCP6_ADDRESS, &all[i], NOW_S));
	}
	for (unsigned i = 0; i < ARRAY_LEN(all); i++) {
		struct prefix6 what = prefix_of(address(i));
		struct dhcp6_lease *own = dhcp6_leases_of(leases, DHCP6_ADDRESS, &all[i], NULL);

		assert_non_null(own);
		assert_true(prefix6_equal(&own->what, &what));
		assert_null(dhcp6_leases_of(leases, DHCP6_ADDRESS, &all[i], own));
		assert_null(dhcp6_leases_of(leases, DHCP6_PREFIX, &all[i], NULL));
	}
	dhcp6_leases_free(leases);
}

static void a_user_is_remembered_for_so_many(void **state)
{
	struct dhcp6_leases *leases = table(64, 3);

	for (unsigned i = 0; i < 5; i++)
		dhcp6_lease_release(leases, give(leases, address(i), "alice", 100), NOW_S + i);
	assert_int_equal(dhcp6_leases_count(leases).state[DHCP6_REMEMBERED], 3);
	assert_null(found(leases, address(1)));
	assert_non_null(found(leases, address(2)));
	dhcp6_leases_free(leases);
}

static void a_full_table_forgets_the_oldest(void **state)
{
	struct dhcp6_leases *leases = table(4, 4);

	for (unsigned i = 0; i < 4; i++)
		give(leases, address(i), i < 2 ? "alice" : "bob", 10000);
	assert_null(add(leases, address(4), "carol"));
	dhcp6_lease_release(leases, (struct dhcp6_lease *)found(leases, address(2)), NOW_S);
	dhcp6_lease_release(leases, (struct dhcp6_lease *)found(leases, address(0)), NOW_S);
	assert_non_null(add(leases, address(4), "carol"));
	assert_null(found(leases, address(2)));
	assert_non_null(found(leases, address(0)));
	assert_null(table_complaint(leases, NOW_S));
	dhcp6_leases_free(leases);
}

static void names_are_bounded(void **state)
{
	struct dhcp6_leases *leases = table(4, 4);
	char user[DHCP6_USER_MAX + 1];

	memset(user, 'u', sizeof(user));
	user[DHCP6_USER_MAX] = '\0';
	assert_null(add(leases, address(0), user));
	user[DHCP6_USER_MAX - 1] = '\0';
	assert_non_null(add(leases, address(0), user));
	assert_string_equal(found(leases, address(0))->user, user);
	dhcp6_leases_free(leases);
}

static void every_state_has_a_name(void **state)
{
	for (unsigned i = 0; i < DHCP6_STATES; i++)
		assert_non_null(dhcp6_state_name[i]);
	dhcp6_leases_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_offer_is_short),
		cmocka_unit_test(a_lease_ends_and_is_remembered),
		cmocka_unit_test(a_lease_may_have_no_end),
		cmocka_unit_test(renewing_makes_it_longer),
		cmocka_unit_test(a_release_is_an_end),
		cmocka_unit_test(a_lapsed_offer_of_an_old_lease_is_the_old_lease),
		cmocka_unit_test(a_declined_one_is_nobodys),
		cmocka_unit_test(what_overlaps_is_not_given),
		cmocka_unit_test(all_that_is_in_the_way_or_nothing),
		cmocka_unit_test(registered_addresses_are_apart),
		cmocka_unit_test(a_user_has_so_many),
		cmocka_unit_test(each_ia_has_its_own),
		cmocka_unit_test(a_user_is_remembered_for_so_many),
		cmocka_unit_test(a_full_table_forgets_the_oldest),
		cmocka_unit_test(names_are_bounded),
		cmocka_unit_test(every_state_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
