/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_network.c - what is for one network of those that a client's settings have pools for:
 * our link, and those behind relays.  RFC 9915 13.1.
 */
#include "server/dhcp6_private.h"

static void add_elsewhere(struct dhcp6_link *link, const struct prefix6 *prefix)
{
	struct dhcp6_elsewhere *elsewhere = &link->elsewhere;

	if (elsewhere->count < DHCP6_MAX_ELSEWHERE)
		elsewhere->prefix[elsewhere->count++] = *prefix;
}
_Static_assert(CONFIG_MAX_RELAYED + DHCP6_MAX_ON_LINK <= DHCP6_MAX_ELSEWHERE, "room for all");

static void drop_pools(struct dhcp6_link *link)
{
	unsigned count = 0;

	for (unsigned i = 0; i < link->pool_count; i++) {
		const struct prefix6 first = { link->pool[i].first, 128 };

		if (link->pool[i].kind == DHCP6_PREFIX ||
		    !dhcp6_elsewhere_has(&link->elsewhere, &first))
			link->pool[count++] = link->pool[i];
	}
	link->pool_count = count;
}

/* Sets without a gap: what is reserved outside of all pools is of the first one. */
static void number_sets(struct dhcp6_link *link)
{
	bool used[DHCP6_MAX_SETS] = { false };
	unsigned number[DHCP6_MAX_SETS], next = 0;

	for (unsigned i = 0; i < link->pool_count; i++)
		if (link->pool[i].kind == DHCP6_ADDRESS)
			used[link->pool[i].set] = true;
	for (unsigned set = 0; set < DHCP6_MAX_SETS; set++) {
		number[set] = next;
		next += used[set];
	}
	for (unsigned i = 0; i < link->pool_count; i++)
		if (link->pool[i].kind == DHCP6_ADDRESS)
			link->pool[i].set = number[link->pool[i].set];
}

void dhcp6_serve_network(const struct dhcp6_settings *settings, const struct ip6 *relay_link,
			 struct dhcp6_link *link)
{
	const struct prefix6 *here = NULL;

	for (unsigned i = 0; i < settings->relayed_count; i++) {
		const struct prefix6 *prefix = &settings->relayed[i];

		if (relay_link && prefix6_contains(prefix, relay_link))
			here = prefix;
		else
			add_elsewhere(link, prefix);
	}
	if (here) {
		for (unsigned i = 0; i < link->on_link_count; i++)
			add_elsewhere(link, &link->on_link[i]);
		link->on_link[0] = *here;
		link->on_link_count = 1;
	}
	drop_pools(link);
	number_sets(link);
}
