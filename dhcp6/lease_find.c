/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/lease_find.c - leases found: by identity, by address, one after the other. */
#include "dhcp6/lease_table.h"

static struct dhcp6_lease *lease_at(struct dhcp6_leases *leases, uint32_t number)
{
	return number == DHCP6_NO_SLOT ? NULL : &leases->slot[number].lease;
}

static bool is_of(const struct dhcp6_lease *lease, enum dhcp6_kind kind,
		  const struct dhcp6_identity *identity)
{
	return lease->kind == kind && lease->iaid == identity->iaid &&
	       dhcp6_duid_equal(&lease->duid, &identity->duid) &&
	       strcmp(lease->user, identity->user) == 0;
}

struct dhcp6_lease *dhcp6_leases_of(struct dhcp6_leases *leases, enum dhcp6_kind kind,
				    const struct dhcp6_identity *identity,
				    const struct dhcp6_lease *after)
{
	uint32_t number = after ? leases->slot[dhcp6_slot_number(leases, after)].next_of_ia
				: *dhcp6_ia_bucket(leases, kind, identity);

	while (number != DHCP6_NO_SLOT && !is_of(&leases->slot[number].lease, kind, identity))
		number = leases->slot[number].next_of_ia;
	return lease_at(leases, number);
}

struct dhcp6_lease *dhcp6_leases_find(struct dhcp6_leases *leases, const struct prefix6 *what,
				      bool registered)
{
	uint32_t number = dhcp6_tree_floor(leases, registered, what);
	struct dhcp6_lease *lease = lease_at(leases, number);

	return lease && prefix6_equal(&lease->what, what) ? lease : NULL;
}

/* Leases do not overlap each other.  So of those that overlap `what` at most one begins before it,
 * the nearest one, and the others begin inside. */
struct dhcp6_lease *dhcp6_leases_overlap(struct dhcp6_leases *leases, const struct prefix6 *what,
					 const struct dhcp6_lease *after)
{
	struct prefix6 from = { what->address, 0 };
	struct dhcp6_lease *lease;

	if (after) {
		from = after->what;
		from.len++; /* the next one in order: a length of 129 is nobody's */
	} else {
		lease = lease_at(leases, dhcp6_tree_floor(leases, false, &from));
		if (lease && prefix6_contains(&lease->what, &what->address))
			return lease;
	}
	lease = lease_at(leases, dhcp6_tree_ceiling(leases, false, &from));
	return lease && (prefix6_contains(what, &lease->what.address) ||
			 prefix6_contains(&lease->what, &what->address))
		       ? lease
		       : NULL;
}

const struct dhcp6_lease *dhcp6_leases_next(const struct dhcp6_leases *leases,
					    const struct dhcp6_lease *after)
{
	uint32_t number = after ? dhcp6_slot_number(leases, after) + 1 : 0;

	for (; number < leases->fresh_slot; number++) {
		const struct dhcp6_slot *slot = &leases->slot[number];

		if (slot->lease.duid.len > 0 && slot->lease.state != DHCP6_FORGOTTEN)
			return &slot->lease;
	}
	return NULL;
}

struct dhcp6_lease *dhcp6_leases_oldest(struct dhcp6_leases *leases,
					const struct dhcp6_lease *after)
{
	return lease_at(leases, after ? leases->slot[dhcp6_slot_number(leases, after)].all.after
				      : leases->remembered.first);
}

struct dhcp6_leases_counts dhcp6_leases_count(const struct dhcp6_leases *leases)
{
	return leases->counts;
}
