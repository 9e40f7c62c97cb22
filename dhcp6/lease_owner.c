/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/lease_owner.c - leases by whose they are: users, their IAs, what is remembered of them.
 *
 * A client chooses his DUID and IAID, so hashes are keyed.
 */
#include "dhcp6/lease_table.h"

static uint32_t *owner_bucket(struct dhcp6_leases *leases, const char *user)
{
	uint64_t hash = siphash(&leases->config.table_key, user, strlen(user));

	return &leases->owner_bucket[hash & leases->bucket_mask];
}

uint32_t dhcp6_owner_of(struct dhcp6_leases *leases, const char *user, bool make)
{
	uint32_t *bucket = owner_bucket(leases, user), number;

	for (number = *bucket; number != DHCP6_NO_SLOT; number = leases->owner[number].next) {
		if (strcmp(leases->owner[number].user, user) == 0)
			return number;
	}
	if (!make)
		return DHCP6_NO_SLOT;
	/* as many entries as slots, and each has a slot: there is one */
	number = leases->free_owner != DHCP6_NO_SLOT ? leases->free_owner : leases->fresh_owner++;
	struct dhcp6_owner *owner = &leases->owner[number];
	if (number == leases->free_owner)
		leases->free_owner = owner->next;
	memset(owner, 0, sizeof(*owner));
	memcpy(owner->user, user, strlen(user) + 1);
	owner->queue = owner->all = (struct dhcp6_queue) { DHCP6_NO_SLOT, DHCP6_NO_SLOT };
	owner->next = *bucket;
	*bucket = number;
	leases->counts.users++;
	return number;
}

void dhcp6_owner_drop(struct dhcp6_leases *leases, uint32_t number)
{
	struct dhcp6_owner *owner = &leases->owner[number];

	if (owner->slots > 0)
		return;
	uint32_t *link = owner_bucket(leases, owner->user);
	while (*link != number)
		link = &leases->owner[*link].next;
	*link = owner->next;
	owner->next = leases->free_owner;
	leases->free_owner = number;
	leases->counts.users--;
}

/* ---- identities ---- */

uint32_t *dhcp6_ia_bucket(struct dhcp6_leases *leases, enum dhcp6_kind kind,
			  const struct dhcp6_identity *identity)
{
	uint8_t text[8 + DHCP6_DUID_MAX + DHCP6_USER_MAX];
	struct writer w = writer_over(text, sizeof(text));

	writer_u8(&w, (uint8_t)kind);
	writer_u32(&w, identity->iaid);
	writer_u8(&w, identity->duid.len);
	writer_copy(&w, identity->duid.octet, identity->duid.len);
	writer_copy(&w, identity->user, strnlen(identity->user, DHCP6_USER_MAX));
	uint64_t hash = siphash(&leases->config.table_key, text, w.len);
	return &leases->ia_bucket[hash & leases->bucket_mask];
}

static uint32_t *bucket_of(struct dhcp6_leases *leases, const struct dhcp6_lease *lease)
{
	struct dhcp6_identity identity = { .user = lease->user,
					   .duid = lease->duid,
					   .iaid = lease->iaid };

	return dhcp6_ia_bucket(leases, lease->kind, &identity);
}

void dhcp6_ia_insert(struct dhcp6_leases *leases, uint32_t number)
{
	struct dhcp6_slot *slot = &leases->slot[number];
	uint32_t *bucket = bucket_of(leases, &slot->lease);

	slot->next_of_ia = *bucket;
	*bucket = number;
}

void dhcp6_ia_remove(struct dhcp6_leases *leases, uint32_t number)
{
	uint32_t *link = bucket_of(leases, &leases->slot[number].lease);

	while (*link != number)
		link = &leases->slot[*link].next_of_ia;
	*link = leases->slot[number].next_of_ia;
}

/* ---- queues ---- */

enum queue { ALL_REMEMBERED, OWN_REMEMBERED, SIBLINGS };

static struct dhcp6_queue_link *link_of(struct dhcp6_leases *leases, uint32_t number,
					enum queue which)
{
	struct dhcp6_slot *slot = &leases->slot[number];

	return which == SIBLINGS	 ? &slot->siblings
	       : which == OWN_REMEMBERED ? &slot->own
					 : &slot->all;
}

static struct dhcp6_queue *queue_of(struct dhcp6_leases *leases, uint32_t number, enum queue which)
{
	struct dhcp6_owner *owner = &leases->owner[leases->slot[number].owner];

	return which == SIBLINGS	 ? &owner->all
	       : which == OWN_REMEMBERED ? &owner->queue
					 : &leases->remembered;
}

static void append(struct dhcp6_leases *leases, uint32_t number, enum queue which)
{
	struct dhcp6_queue *queue = queue_of(leases, number, which);

	*link_of(leases, number, which) = (struct dhcp6_queue_link) { queue->last, DHCP6_NO_SLOT };
	if (queue->last == DHCP6_NO_SLOT)
		queue->first = number;
	else
		link_of(leases, queue->last, which)->after = number;
	queue->last = number;
}

static void take_out(struct dhcp6_leases *leases, uint32_t number, enum queue which)
{
	struct dhcp6_queue *queue = queue_of(leases, number, which);
	struct dhcp6_queue_link link = *link_of(leases, number, which);

	if (link.before == DHCP6_NO_SLOT)
		queue->first = link.after;
	else
		link_of(leases, link.before, which)->after = link.after;
	if (link.after == DHCP6_NO_SLOT)
		queue->last = link.before;
	else
		link_of(leases, link.after, which)->before = link.before;
}

void dhcp6_queue_append(struct dhcp6_leases *leases, uint32_t number)
{
	append(leases, number, ALL_REMEMBERED);
	append(leases, number, OWN_REMEMBERED);
}

void dhcp6_queue_remove(struct dhcp6_leases *leases, uint32_t number)
{
	take_out(leases, number, ALL_REMEMBERED);
	take_out(leases, number, OWN_REMEMBERED);
}

void dhcp6_owner_append(struct dhcp6_leases *leases, uint32_t number)
{
	append(leases, number, SIBLINGS);
	leases->owner[leases->slot[number].owner].slots++;
}

void dhcp6_owner_remove(struct dhcp6_leases *leases, uint32_t number)
{
	take_out(leases, number, SIBLINGS);
	leases->owner[leases->slot[number].owner].slots--;
}

struct dhcp6_lease *dhcp6_leases_of_user(struct dhcp6_leases *leases, const char *user,
					 const struct dhcp6_lease *after)
{
	uint32_t owner = DHCP6_NO_SLOT, number = DHCP6_NO_SLOT;

	if (after)
		number = leases->slot[dhcp6_slot_number(leases, after)].siblings.after;
	else if ((owner = dhcp6_owner_of(leases, user, false)) != DHCP6_NO_SLOT)
		number = leases->owner[owner].all.first;
	return number != DHCP6_NO_SLOT ? &leases->slot[number].lease : NULL;
}
