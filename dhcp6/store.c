/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/store.c - the lease table to and from a store.
 *
 * Removals go first: what one lease gave up in a turn, another may have got in the same one.
 */
#include "dhcp6/store.h"

#include "dhcp6/lease_table.h"

bool dhcp6_leases_unsaved(const struct dhcp6_leases *leases)
{
	return leases->unsaved_first != DHCP6_NO_SLOT;
}

/* An offer is nobody's promise: what is kept is that the lease once was. */
static int put(const struct dhcp6_store *store, struct dhcp6_leases *leases,
	       struct dhcp6_slot *slot, struct err *err)
{
	struct dhcp6_lease row = slot->lease;

	if (row.state == DHCP6_OFFERED) {
		row.state = DHCP6_REMEMBERED;
		row.until_s = slot->ended_s + leases->config.remember_s;
	}
	slot->stored = true; /* should commit fail after all, it may be there nevertheless */
	return store->put(store->owner, &row, err);
}

static int write_all(struct dhcp6_leases *leases, const struct dhcp6_store *store, struct err *err)
{
	uint32_t first = leases->unsaved_first, number;

	for (number = first; number != DHCP6_NO_SLOT; number = leases->slot[number].next_unsaved) {
		const struct dhcp6_lease *lease = &leases->slot[number].lease;

		if (lease->state == DHCP6_FORGOTTEN && store->remove(store->owner, lease, err) < 0)
			return -1;
	}
	for (number = first; number != DHCP6_NO_SLOT; number = leases->slot[number].next_unsaved) {
		struct dhcp6_slot *slot = &leases->slot[number];

		if (slot->lease.state != DHCP6_FORGOTTEN && put(store, leases, slot, err) < 0)
			return -1;
	}
	return store->commit(store->owner, err);
}

static void all_saved(struct dhcp6_leases *leases)
{
	while (leases->unsaved_first != DHCP6_NO_SLOT) {
		uint32_t number = leases->unsaved_first;
		struct dhcp6_slot *slot = &leases->slot[number];

		leases->unsaved_first = slot->next_unsaved;
		slot->unsaved = false;
		slot->lease.saved =
			slot->lease.state == DHCP6_OFFERED ? DHCP6_REMEMBERED : slot->lease.state;
		if (slot->lease.state == DHCP6_FORGOTTEN)
			dhcp6_slot_free(leases, number);
	}
	leases->counts.unsaved = 0;
}

int dhcp6_leases_save(struct dhcp6_leases *leases, const struct dhcp6_store *store, struct err *err)
{
	if (!dhcp6_leases_unsaved(leases))
		return 0;
	if (store->begin(store->owner, err) < 0)
		return -1;
	if (write_all(leases, store, err) < 0) {
		store->rollback(store->owner);
		return -1;
	}
	all_saved(leases);
	return 0;
}

/* ---- at start ---- */

/* RFC 6603 4.2: what is excluded is longer than the prefix, and of it. */
static bool excludes_a_part(const struct dhcp6_lease *row)
{
	const struct prefix6 *excluded = &row->excluded;

	if (excluded->len == 0)
		return true;
	return row->takes_exclude && row->kind == DHCP6_PREFIX && excluded->len <= 128 &&
	       excluded->len > row->what.len && prefix6_contains(&row->what, &excluded->address);
}

bool dhcp6_lease_is_sensible(const struct dhcp6_lease *row)
{
	struct prefix6 masked;

	if ((unsigned)row->kind >= DHCP6_KINDS || row->what.len > 128 ||
	    (row->kind != DHCP6_PREFIX && row->what.len != 128))
		return false;
	if (row->state != DHCP6_ACTIVE && row->state != DHCP6_DECLINED &&
	    row->state != DHCP6_REMEMBERED)
		return false;
	if (strnlen(row->user, DHCP6_USER_MAX) == DHCP6_USER_MAX ||
	    strnlen(row->host, DHCP6_HOST_MAX) == DHCP6_HOST_MAX)
		return false;
	if (row->interface_id.len > sizeof(row->interface_id.octet) ||
	    row->remote_id.len > sizeof(row->remote_id.octet) || !excludes_a_part(row))
		return false;
	if (row->duid.len < DHCP6_DUID_MIN || row->duid.len > DHCP6_DUID_MAX)
		return false;
	masked = prefix6_masked(row->what);
	return prefix6_equal(&masked, &row->what);
}

/* Is it somebody else's by an earlier row? */
static bool is_taken(struct dhcp6_leases *leases, const struct dhcp6_lease *row)
{
	if (row->kind == DHCP6_REGISTERED)
		return dhcp6_leases_find(leases, &row->what, true) != NULL;
	if (row->state == DHCP6_REMEMBERED)
		return dhcp6_leases_overlap(leases, &row->what, NULL) != NULL;
	return !dhcp6_leases_make_way(leases, &row->what);
}

bool dhcp6_leases_load(struct dhcp6_leases *leases, const struct dhcp6_lease *row, uint64_t now_s)
{
	/* also of those that are left out: they stay in the store */
	if (leases->last_row < row->row)
		leases->last_row = row->row;
	if (!dhcp6_lease_is_sensible(row) || dhcp6_leases_is_full(leases) || is_taken(leases, row))
		return false;
	struct dhcp6_slot *slot = dhcp6_slot_take(leases, row);
	if (!slot)
		return false;
	slot->stored = true;
	slot->lease.saved = row->state;
	if (row->row > 0)
		slot->lease.row = row->row;
	if (row->state == DHCP6_REMEMBERED)
		slot->ended_s = row->until_s - (row->until_s < leases->config.remember_s
							? row->until_s
							: leases->config.remember_s);
	dhcp6_leases_expire(leases, now_s);
	return true;
}
