/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/lease_full.c - pools in which a search found nothing, so that it is not made again for each
 * IA of each message: one costs up to DHCP6_WALK_MAX tries, and who asks is not who filled the pool.
 *
 * What ends in a pool makes it worth a search.  All else that can (a reservation that is taken back)
 * waits for DHCP6_FULL_S.
 */
#include "dhcp6/lease_table.h"

static bool is_same(const struct dhcp6_pool *a, const struct dhcp6_pool *b)
{
	return a->kind == b->kind && a->part_len == b->part_len &&
	       ip6_equal(&a->first, &b->first) && ip6_equal(&a->last, &b->last) &&
	       prefix6_equal(&a->prefix, &b->prefix);
}

static struct dhcp6_full *find(struct dhcp6_leases *leases, const struct dhcp6_pool *pool)
{
	for (unsigned i = 0; i < DHCP6_FULL_POOLS; i++)
		if (leases->full[i].is && is_same(&leases->full[i].pool, pool))
			return &leases->full[i];
	return NULL;
}

const struct dhcp6_full_tries *
dhcp6_leases_found_full(struct dhcp6_leases *leases, const struct dhcp6_pool *pool, uint64_t now_s)
{
	const struct dhcp6_full *full = find(leases, pool);

	return full && now_s >= full->at_s && now_s - full->at_s < DHCP6_FULL_S ? &full->tries
										: NULL;
}

void dhcp6_leases_note_full(struct dhcp6_leases *leases, const struct dhcp6_pool *pool,
			    const struct dhcp6_full_tries *tries, uint64_t now_s)
{
	struct dhcp6_full *full = find(leases, pool);

	if (!full)
		full = &leases->full[leases->next_full++ % DHCP6_FULL_POOLS];
	*full = (struct dhcp6_full) { .is = true, .at_s = now_s, .pool = *pool, .tries = *tries };
}

void dhcp6_full_end(struct dhcp6_leases *leases, const struct prefix6 *what)
{
	for (unsigned i = 0; i < DHCP6_FULL_POOLS; i++)
		if (leases->full[i].is && dhcp6_pool_has(&leases->full[i].pool, what))
			leases->full[i].is = false;
}
