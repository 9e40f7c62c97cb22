/* SPDX-License-Identifier: Apache-2.0 */
/* server/seen.c - the index of the addresses behind clients: a hash with chains of places.
 *
 * Clients choose their addresses, so the hash is keyed.
 */
#include "server/seen.h"

#include <stdlib.h>

#define LEAST_BUCKETS 64
#define MOST_BUCKETS (1u << 18)

struct seen {
	struct siphash_key key;
	uint32_t mask;
	struct seen_place *bucket[];
};

struct seen *seen_new(unsigned addresses, struct siphash_key key)
{
	uint32_t buckets = LEAST_BUCKETS;

	while (buckets < addresses && buckets < MOST_BUCKETS)
		buckets *= 2;
	struct seen *seen = calloc(1, sizeof(*seen) + buckets * sizeof(seen->bucket[0]));
	if (!seen)
		return NULL;
	seen->key = key;
	seen->mask = buckets - 1;
	return seen;
}

void seen_free(struct seen *seen)
{
	free(seen);
}

static uint32_t number_of(const struct seen *seen, const struct ip6 *address)
{
	return (uint32_t)siphash(&seen->key, address->octet, sizeof(address->octet)) & seen->mask;
}

static void take_out(struct seen_place *place)
{
	if (!place->entry)
		return;
	*place->link = place->next;
	if (place->next)
		place->next->link = place->link;
	*place = (struct seen_place) { 0 };
}

static void put_in(struct seen *seen, struct seen_place *place, struct snoop_entry *entry)
{
	struct seen_place **first = &seen->bucket[number_of(seen, &entry->is.address)];

	*place = (struct seen_place) { .entry = entry, .next = *first, .link = first };
	if (place->next)
		place->next->link = &place->next;
	*first = place;
}

void seen_note(struct seen *seen, struct seen_table *table, const struct snooped *found,
	       uint64_t now_ms)
{
	struct snoop_table *snooped = &table->snooped;

	snoop_note(snooped, found, now_ms, 0);
	/* it may be in the place of another address, which had to give way */
	for (unsigned i = 0; i < snooped->count; i++) {
		if (!ip6_equal(&snooped->entry[i].is.address, &found->address))
			continue;
		take_out(&table->place[i]);
		put_in(seen, &table->place[i], &snooped->entry[i]);
		return;
	}
}

void seen_forget(struct seen *seen, struct seen_table *table)
{
	for (unsigned i = 0; i < SNOOP_MAX; i++)
		take_out(&table->place[i]);
	table->snooped.count = 0;
}

bool seen_by_other(const struct seen *seen, const struct ip6 *address, const struct mac *except)
{
	const struct seen_place *place = seen->bucket[number_of(seen, address)];

	for (; place; place = place->next) {
		const struct snooped *is = &place->entry->is;

		if (ip6_equal(&is->address, address) && !(except && mac_equal(&is->mac, except)))
			return true;
	}
	return false;
}
