/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/reserve.c - what is kept for one client.
 *
 * The list is sorted by address and its members do not overlap, so what overlaps something is
 * found by halving.
 */
#include <stdlib.h>

#include "dhcp6/pool.h"

static int compare(const void *a, const void *b)
{
	const struct dhcp6_reservation *one = a, *other = b;

	return memcmp(&one->what.address, &other->what.address, sizeof(struct ip6));
}

const struct dhcp6_reservation *dhcp6_reservations_sort(struct dhcp6_reservation *list,
							unsigned count)
{
	if (count > 0)
		qsort(list, count, sizeof(*list), compare);
	for (unsigned i = 1; i < count; i++) {
		if (prefix6_overlap(&list[i - 1].what, &list[i].what))
			return &list[i];
	}
	return NULL;
}

/* How much the reservation is about this client; 0: not. */
static unsigned match(const struct dhcp6_reservation *reservation,
		      const struct dhcp6_identity *identity)
{
	unsigned weight = 0;

	if (reservation->user[0] != '\0') {
		if (strcmp(reservation->user, identity->user) != 0)
			return 0;
		weight += 1;
	}
	if (reservation->has_mac) {
		if (!identity->has_mac || !mac_equal(&reservation->mac, &identity->mac))
			return 0;
		weight += 2;
	}
	if (reservation->duid.len > 0) {
		if (!dhcp6_duid_equal(&reservation->duid, &identity->duid))
			return 0;
		weight += 4;
	}
	if (reservation->has_iaid) {
		if (reservation->iaid != identity->iaid)
			return 0;
		weight += 8;
	}
	return weight;
}

bool dhcp6_reservation_is_for(const struct dhcp6_reservation *reservation,
			      const struct dhcp6_identity *identity)
{
	return match(reservation, identity) > 0;
}

bool dhcp6_elsewhere_has(const struct dhcp6_elsewhere *elsewhere, const struct prefix6 *what)
{
	for (unsigned i = 0; i < elsewhere->count && what->len == 128; i++)
		if (prefix6_contains(&elsewhere->prefix[i], &what->address))
			return true;
	return false;
}

const struct dhcp6_reservation *dhcp6_reservation_of(const struct dhcp6_reservation *list,
						     unsigned count, enum dhcp6_kind kind,
						     const struct dhcp6_identity *identity,
						     const struct dhcp6_elsewhere *elsewhere)
{
	const struct dhcp6_reservation *best = NULL;
	unsigned best_weight = 0;

	for (unsigned i = 0; i < count; i++) {
		bool address = list[i].what.len == 128;

		if (address != (kind == DHCP6_ADDRESS) ||
		    dhcp6_elsewhere_has(elsewhere, &list[i].what))
			continue;
		unsigned weight = match(&list[i], identity);
		if (weight > best_weight) {
			best = &list[i];
			best_weight = weight;
		}
	}
	return best;
}

const struct dhcp6_reservation *dhcp6_reservation_at(const struct dhcp6_reservation *list,
						     unsigned count, const struct prefix6 *what)
{
	unsigned low = 0, high = count;

	/* the first one that begins after `what` does */
	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (memcmp(&list[middle].what.address, &what->address, sizeof(struct ip6)) > 0)
			high = middle;
		else
			low = middle + 1;
	}
	if (low > 0 && prefix6_overlap(&list[low - 1].what, what))
		return &list[low - 1];
	return low < count && prefix6_overlap(&list[low].what, what) ? &list[low] : NULL;
}
