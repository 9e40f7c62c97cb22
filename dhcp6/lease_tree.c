/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/lease_tree.c - leases in the order of their addresses.
 *
 * Two treaps (Seidel, Aragon 1996) whose weights come from a keyed hash: no client can make them
 * lopsided, and no rebalancing is needed.  An order is what tells whether a prefix of any length
 * overlaps a lease.
 */
#include "dhcp6/lease_table.h"

static uint32_t *root_of(struct dhcp6_leases *leases, bool registered)
{
	return &leases->root[registered ? 1 : 0];
}

static int compare(const struct prefix6 *a, const struct prefix6 *b)
{
	int order = memcmp(&a->address, &b->address, sizeof(a->address));

	return order != 0 ? order : (int)a->len - (int)b->len;
}

void dhcp6_tree_insert(struct dhcp6_leases *leases, uint32_t number)
{
	struct dhcp6_slot *slot = leases->slot, *new = &slot[number];
	const struct prefix6 *what = &new->lease.what;
	uint32_t *link = root_of(leases, new->lease.kind == DHCP6_REGISTERED);
	uint32_t *left = &new->left, *right = &new->right;

	new->weight =
		(uint32_t)siphash(&leases->config.table_key, &what->address, sizeof(what->address));
	while (*link != DHCP6_NO_SLOT && slot[*link].weight >= new->weight) {
		struct dhcp6_slot *at = &slot[*link];

		link = compare(&at->lease.what, what) < 0 ? &at->right : &at->left;
	}
	/* what is below the new one is split into what comes before and after it */
	uint32_t rest = *link;
	*link = number;
	while (rest != DHCP6_NO_SLOT) {
		struct dhcp6_slot *at = &slot[rest];

		if (compare(&at->lease.what, what) < 0) {
			*left = rest;
			left = &at->right;
			rest = at->right;
		} else {
			*right = rest;
			right = &at->left;
			rest = at->left;
		}
	}
	*left = DHCP6_NO_SLOT;
	*right = DHCP6_NO_SLOT;
}

void dhcp6_tree_remove(struct dhcp6_leases *leases, uint32_t number)
{
	struct dhcp6_slot *slot = leases->slot, *old = &slot[number];
	uint32_t *link = root_of(leases, old->lease.kind == DHCP6_REGISTERED);

	while (*link != number) {
		struct dhcp6_slot *at = &slot[*link];

		link = compare(&at->lease.what, &old->lease.what) < 0 ? &at->right : &at->left;
	}
	uint32_t left = old->left, right = old->right;
	while (left != DHCP6_NO_SLOT && right != DHCP6_NO_SLOT) {
		if (slot[left].weight >= slot[right].weight) {
			*link = left;
			link = &slot[left].right;
			left = *link;
		} else {
			*link = right;
			link = &slot[right].left;
			right = *link;
		}
	}
	*link = left != DHCP6_NO_SLOT ? left : right;
}

uint32_t dhcp6_tree_floor(const struct dhcp6_leases *leases, bool registered,
			  const struct prefix6 *what)
{
	uint32_t at = leases->root[registered ? 1 : 0], best = DHCP6_NO_SLOT;

	while (at != DHCP6_NO_SLOT) {
		const struct dhcp6_slot *slot = &leases->slot[at];

		if (compare(&slot->lease.what, what) <= 0) {
			best = at;
			at = slot->right;
		} else {
			at = slot->left;
		}
	}
	return best;
}

uint32_t dhcp6_tree_ceiling(const struct dhcp6_leases *leases, bool registered,
			    const struct prefix6 *what)
{
	uint32_t at = leases->root[registered ? 1 : 0], best = DHCP6_NO_SLOT;

	while (at != DHCP6_NO_SLOT) {
		const struct dhcp6_slot *slot = &leases->slot[at];

		if (compare(&slot->lease.what, what) >= 0) {
			best = at;
			at = slot->left;
		} else {
			at = slot->right;
		}
	}
	return best;
}
