/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/lease_import.c - leases that another server has given, into the table; and those that are
 * nobody's yet, to their first user. */
#include "dhcp6/lease_table.h"

static enum dhcp6_imported fault(struct dhcp6_leases *leases, const struct dhcp6_lease *row)
{
	const struct dhcp6_lease *same = dhcp6_leases_find(leases, &row->what, false);
	struct dhcp6_lease *other = NULL;

	if (row->state != DHCP6_ACTIVE || row->kind == DHCP6_REGISTERED ||
	    !dhcp6_lease_is_sensible(row))
		return DHCP6_IMPORT_SENSELESS;
	if (same && same->state == DHCP6_ACTIVE && same->iaid == row->iaid &&
	    strcmp(same->user, row->user) == 0 && dhcp6_duid_equal(&same->duid, &row->duid))
		return DHCP6_IMPORTED_BEFORE;
	while ((other = dhcp6_leases_overlap(leases, &row->what, other)))
		if (other->state != DHCP6_REMEMBERED)
			return DHCP6_IMPORT_TAKEN;
	if (row->user[0] != '\0' && !dhcp6_leases_have_room(leases, row->user))
		return DHCP6_IMPORT_USER_FULL;
	return DHCP6_IMPORTED;
}

enum dhcp6_imported dhcp6_leases_import(struct dhcp6_leases *leases, const struct dhcp6_lease *row)
{
	enum dhcp6_imported result = fault(leases, row);

	if (result != DHCP6_IMPORTED)
		return result;
	dhcp6_leases_make_way(leases, &row->what);
	if (dhcp6_leases_is_full(leases)) {
		if (leases->remembered.first == DHCP6_NO_SLOT)
			return DHCP6_IMPORT_TABLE_FULL;
		dhcp6_lease_forget(leases, &leases->slot[leases->remembered.first].lease);
	}
	struct dhcp6_slot *slot = dhcp6_slot_take(leases, row);
	if (!slot)
		return DHCP6_IMPORT_TABLE_FULL;
	dhcp6_slot_mark_unsaved(leases, slot);
	return DHCP6_IMPORTED;
}

bool dhcp6_lease_adopt(struct dhcp6_leases *leases, struct dhcp6_lease *lease, const char *user)
{
	uint32_t number = dhcp6_slot_number(leases, lease);
	struct dhcp6_slot *slot = &leases->slot[number];
	size_t len = strnlen(user, DHCP6_USER_MAX);
	bool remembered = lease->state == DHCP6_REMEMBERED;

	if (len == DHCP6_USER_MAX || !dhcp6_leases_have_room(leases, user))
		return false;
	if (remembered)
		dhcp6_queue_remove(leases, number);
	dhcp6_slot_count(leases, slot, -1);
	dhcp6_ia_remove(leases, number);
	dhcp6_owner_remove(leases, number);
	dhcp6_owner_drop(leases, slot->owner);

	memcpy(lease->user, user, len + 1);
	slot->owner = dhcp6_owner_of(leases, user, true);
	dhcp6_owner_append(leases, number);
	dhcp6_ia_insert(leases, number);
	dhcp6_slot_count(leases, slot, 1);
	if (remembered)
		dhcp6_queue_append(leases, number);
	dhcp6_slot_mark_unsaved(leases, slot);
	return true;
}
