/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/lease_tree.c - leases in the order of their addresses.
 *
 * Two treaps (Seidel, Aragon 1996) whose weights come from a keyed hash: no client can make them
 * lopsided, and no rebalancing is needed.  An order is what tells whether a prefix of any length
 * overlaps a lease.
 */
#include "dhcp6/lease_table.h"

#include <endian.h>

static uint32_t *root_of(struct dhcp6_leases *leases, bool registered)
{
	return &leases->root[registered ? 1 : 0];
}

static uint64_t number_of(const uint8_t octets[static 8])
{
	uint64_t number;

	memcpy(&number, octets, sizeof(number));
	return be64toh(number);
}

/* What a node is sorted by. */
static struct dhcp6_tree_node key_of(const struct prefix6 *what)
{
	return (struct dhcp6_tree_node) {
		.high = number_of(what->address.octet),
		.low = number_of(what->address.octet + 8),
		.len = what->len,
	};
}

static int compare(const struct dhcp6_tree_node *a, const struct dhcp6_tree_node *b)
{
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	return (int)a->len - (int)b->len;
}

void dhcp6_tree_insert(struct dhcp6_leases *leases, uint32_t number)
{
	const struct dhcp6_lease *lease = &leases->slot[number].lease;
	struct dhcp6_tree_node *node = leases->node, *new = &node[number];
	uint32_t *link = root_of(leases, lease->kind == DHCP6_REGISTERED);
	uint32_t *left = &new->left, *right = &new->right;

	*new = key_of(&lease->what);
	new->weight = (uint32_t)siphash(&leases->config.table_key, &lease->what.address,
					sizeof(lease->what.address));
	while (*link != DHCP6_NO_SLOT && node[*link].weight >= new->weight) {
		struct dhcp6_tree_node *at = &node[*link];

		link = compare(at, new) < 0 ? &at->right : &at->left;
	}
	/* what is below the new one is split into what comes before and after it */
	uint32_t rest = *link;
	*link = number;
	while (rest != DHCP6_NO_SLOT) {
		struct dhcp6_tree_node *at = &node[rest];

		if (compare(at, new) < 0) {
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
	struct dhcp6_tree_node *node = leases->node, *old = &node[number];
	uint32_t *link = root_of(leases, leases->slot[number].lease.kind == DHCP6_REGISTERED);

	while (*link != number) {
		struct dhcp6_tree_node *at = &node[*link];

		link = compare(at, old) < 0 ? &at->right : &at->left;
	}
	uint32_t left = old->left, right = old->right;
	while (left != DHCP6_NO_SLOT && right != DHCP6_NO_SLOT) {
		if (node[left].weight >= node[right].weight) {
			*link = left;
			link = &node[left].right;
			left = *link;
		} else {
			*link = right;
			link = &node[right].left;
			right = *link;
		}
	}
	*link = left != DHCP6_NO_SLOT ? left : right;
}

uint32_t dhcp6_tree_floor(const struct dhcp6_leases *leases, bool registered,
			  const struct prefix6 *what)
{
	const struct dhcp6_tree_node key = key_of(what);
	uint32_t at = leases->root[registered ? 1 : 0], best = DHCP6_NO_SLOT;

	while (at != DHCP6_NO_SLOT) {
		const struct dhcp6_tree_node *node = &leases->node[at];

		if (compare(node, &key) <= 0) {
			best = at;
			at = node->right;
		} else {
			at = node->left;
		}
	}
	return best;
}

uint32_t dhcp6_tree_ceiling(const struct dhcp6_leases *leases, bool registered,
			    const struct prefix6 *what)
{
	const struct dhcp6_tree_node key = key_of(what);
	uint32_t at = leases->root[registered ? 1 : 0], best = DHCP6_NO_SLOT;

	while (at != DHCP6_NO_SLOT) {
		const struct dhcp6_tree_node *node = &leases->node[at];

		if (compare(node, &key) >= 0) {
			best = at;
			at = node->left;
		} else {
			at = node->right;
		}
	}
	return best;
}
