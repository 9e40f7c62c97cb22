/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_leases_model.c
 *
 * Any order of calls against a plain list that does the same slowly: after each one, table and list
 * have the same leases in the same states until the same moments.
 */
#include "tests/unit/dhcp6/dhcp6_scene.h"
#include "tests/unit/dhcp6/lease_check.h"

#define ROUNDS 60
#define STEPS 1500
#define MAX_LEASES 40
#define MAX_PER_USER 12
#define OFFER_S 60
#define QUARANTINE_S 300
#define REMEMBER_S 700

struct entry {
	struct dhcp6_lease lease;
	uint64_t ended_s, ended_order;
};

static struct entry list[MAX_LEASES + 1];
static unsigned count;
static uint64_t order, now_s, dice_state;

static uint32_t dice(uint32_t sides)
{
	struct siphash_key key = { 42, 43 };

	return (uint32_t)(siphash_u64(&key, dice_state++) % sides);
}

static void list_remove(unsigned at)
{
	list[at] = list[--count];
}

static struct entry *list_find(const struct prefix6 *what)
{
	for (unsigned i = 0; i < count; i++) {
		if (prefix6_equal(&list[i].lease.what, what))
			return &list[i];
	}
	return NULL;
}

static unsigned list_count(const char *user, bool remembered)
{
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++)
		n += (!user || strcmp(list[i].lease.user, user) == 0) &&
		     (list[i].lease.state == DHCP6_REMEMBERED) == remembered;
	return n;
}

static void forget_oldest(const char *user)
{
	unsigned oldest = count;

	for (unsigned i = 0; i < count; i++) {
		if (list[i].lease.state == DHCP6_REMEMBERED &&
		    (!user || strcmp(list[i].lease.user, user) == 0) &&
		    (oldest == count || list[i].ended_order < list[oldest].ended_order))
			oldest = i;
	}
	if (oldest < count)
		list_remove(oldest);
}

static void list_end(struct entry *entry)
{
	char user[DHCP6_USER_MAX];

	strcpy(user, entry->lease.user);
	if (entry->ended_s + REMEMBER_S <= now_s) {
		list_remove((unsigned)(entry - list));
		return;
	}
	entry->lease.state = DHCP6_REMEMBERED;
	entry->lease.until_s = entry->ended_s + REMEMBER_S;
	entry->ended_order = order++;
	if (list_count(user, true) > MAX_PER_USER)
		forget_oldest(user);
}

/* In the order of time, as it would have happened. */
static void list_expire(void)
{
	for (;;) {
		unsigned first = count;

		for (unsigned i = 0; i < count; i++) {
			if (list[i].lease.until_s <= now_s &&
			    (first == count || list[i].lease.until_s < list[first].lease.until_s))
				first = i;
		}
		if (first == count)
			return;
		struct entry *entry = &list[first];
		if (entry->lease.state == DHCP6_ACTIVE) {
			entry->ended_s = entry->lease.until_s;
			list_end(entry);
		} else if (entry->lease.state == DHCP6_OFFERED && entry->ended_s > 0) {
			list_end(entry);
		} else {
			list_remove(first);
		}
	}
}

static bool list_add(const struct prefix6 *what, const struct dhcp6_identity *identity)
{
	struct entry *entry;

	if (list_count(identity->user, false) >= MAX_PER_USER)
		return false;
	for (unsigned i = 0; i < count; i++) {
		if (prefixes_overlap(&list[i].lease.what, what) &&
		    list[i].lease.state != DHCP6_REMEMBERED)
			return false;
	}
	for (unsigned i = count; i > 0; i--) {
		if (prefixes_overlap(&list[i - 1].lease.what, what))
			list_remove(i - 1);
	}
	if (count == MAX_LEASES && list_count(NULL, true) == 0)
		return false;
	if (count == MAX_LEASES)
		forget_oldest(NULL);
	entry = &list[count++];
	memset(entry, 0, sizeof(*entry));
	entry->lease.what = *what;
	strcpy(entry->lease.user, identity->user);
	entry->lease.state = DHCP6_OFFERED;
	entry->lease.until_s = now_s + OFFER_S;
	return true;
}

static void compare(struct dhcp6_leases *leases)
{
	const struct dhcp6_lease *lease = NULL;
	const char *complaint = table_complaint(leases, now_s);
	unsigned seen = 0;

	if (complaint)
		fail_msg("%s", complaint);
	while ((lease = dhcp6_leases_next(leases, lease))) {
		struct entry *entry = list_find(&lease->what);

		seen++;
		if (!entry || entry->lease.state != lease->state ||
		    entry->lease.until_s != lease->until_s ||
		    strcmp(entry->lease.user, lease->user) != 0)
			fail_msg("a lease that should be another");
	}
	if (seen != count)
		fail_msg("%u leases instead of %u", seen, count);
}

/* Of two that end in one second the table may take either first, so none do. */
static bool is_taken(uint64_t end_s)
{
	for (unsigned i = 0; i < count; i++) {
		if (list[i].lease.until_s == end_s || list[i].ended_s + REMEMBER_S == end_s ||
		    list[i].lease.until_s + REMEMBER_S == end_s)
			return true;
	}
	return false;
}

static void advance(struct dhcp6_leases *leases, uint64_t seconds)
{
	now_s += seconds;
	while (is_taken(now_s + OFFER_S) || is_taken(now_s + REMEMBER_S))
		now_s++;
	dhcp6_leases_expire(leases, now_s);
	list_expire();
}

/* Addresses and prefixes of one small space, so that they are in each other's way. */
static struct prefix6 any_what(void)
{
	static const uint8_t lens[] = { 128, 128, 128, 124, 126, 120 };
	struct prefix6 what = { .len = lens[dice(ARRAY_LEN(lens))] };

	what.address.octet[15] = (uint8_t)dice(256);
	return prefix6_masked(what);
}

static void change(struct dhcp6_leases *leases, struct dhcp6_lease *lease, struct entry *entry)
{
	switch (dice(5)) {
	case 0: {
		bool may = lease->state != DHCP6_REMEMBERED ||
			   list_count(lease->user, false) < MAX_PER_USER;

		assert_int_equal(dhcp6_lease_offer(leases, lease, now_s), may);
		if (may && (entry->lease.state == DHCP6_REMEMBERED ||
			    entry->lease.state == DHCP6_OFFERED)) {
			entry->lease.state = DHCP6_OFFERED;
			entry->lease.until_s = now_s + OFFER_S;
		}
		break;
	}
	case 1:
	case 2:
		if (entry->lease.state == DHCP6_DECLINED || entry->lease.state == DHCP6_REMEMBERED)
			break;
		lease->valid_s = 1 + dice(400);
		while (is_taken(now_s + lease->valid_s) ||
		       is_taken(now_s + lease->valid_s + REMEMBER_S))
			lease->valid_s++;
		dhcp6_lease_activate(leases, lease, now_s);
		entry->lease.state = DHCP6_ACTIVE;
		entry->lease.until_s = now_s + lease->valid_s;
		break;
	case 3:
		if (entry->lease.state != DHCP6_ACTIVE)
			break;
		if (dice(2)) {
			dhcp6_lease_decline(leases, lease, now_s);
			entry->lease.state = DHCP6_DECLINED;
			entry->lease.until_s = now_s + QUARANTINE_S;
		} else {
			dhcp6_lease_release(leases, lease, now_s);
			entry->ended_s = now_s;
			list_end(entry);
		}
		break;
	default:
		if (dice(4))
			break;
		dhcp6_lease_forget(leases, lease);
		list_remove((unsigned)(entry - list));
		break;
	}
}

static void step(struct dhcp6_leases *leases, struct rows *rows)
{
	static const char *const users[] = { "alice", "bob", "carol", "" };
	struct prefix6 what = any_what();

	advance(leases, 1);
	struct dhcp6_lease *lease = dhcp6_leases_find(leases, &what, false);
	struct dhcp6_store store = store_of(rows);
	struct err err;

	if (lease && dice(3)) {
		change(leases, lease, list_find(&what));
	} else if (dice(8)) {
		struct dhcp6_identity identity = { .user = users[dice(ARRAY_LEN(users))],
						   .duid = { 3, { 0, 3, (uint8_t)dice(3) } },
						   .iaid = dice(3) };
		bool added = list_add(&what, &identity);

		assert_int_equal(dhcp6_leases_add(leases, &what,
						  what.len == 128 ? DHCP6_ADDRESS : DHCP6_PREFIX,
						  &identity, now_s) != NULL,
				 added);
	} else if (dice(2)) {
		assert_int_equal(dhcp6_leases_save(leases, &store, &err), 0);
		assert_null(store_complaint(leases, rows, now_s));
	} else {
		advance(leases, dice(50));
	}
	compare(leases);
}

static void any_order_of_calls(void **state)
{
	static struct rows rows;
	struct dhcp6_leases_config config = {
		.max_leases = MAX_LEASES,
		.max_per_user = MAX_PER_USER,
		.offer_s = OFFER_S,
		.quarantine_s = QUARANTINE_S,
		.remember_s = REMEMBER_S,
	};

	for (unsigned round = 0; round < ROUNDS; round++) {
		config.table_key = (struct siphash_key) { round, 1 };
		struct dhcp6_leases *leases = dhcp6_leases_new(&config);

		assert_non_null(leases);
		memset(&rows, 0, sizeof(rows));
		count = 0;
		now_s = NOW_S;
		dice_state = (uint64_t)round << 32;
		for (unsigned i = 0; i < STEPS; i++)
			step(leases, &rows);
		dhcp6_leases_free(leases);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(any_order_of_calls) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
