/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/leases.c - the life of a lease.
 *
 *            add           activate          over            remember_s
 *   (none) ------> OFFERED --------> ACTIVE ------> REMEMBERED ------> (none)
 *                    | ^                |               |  ^
 *                    | '----- offer ----+---------------'  |
 *                    '--- offer_s over, was active once ---'
 *
 *   ACTIVE ---> DECLINED ---> (none) after quarantine_s.  From anywhere: FORGOTTEN, which is (none)
 *   as soon as the store has it so.  A registered address is not remembered: it was never ours.
 *
 * RFC 9915 18.3; RFC 9686 4.2.1.
 */
#include "dhcp6/lease_table.h"

#include <stdlib.h>

/* More slots than leases: those forgotten of which the store does not know yet. */
#define SPARE_SLOTS(max_leases) ((max_leases) / 8 + 64)

const char *const dhcp6_state_name[DHCP6_STATES] = {
	[DHCP6_OFFERED] = "offered",	 [DHCP6_ACTIVE] = "active",
	[DHCP6_DECLINED] = "declined",	 [DHCP6_REMEMBERED] = "remembered",
	[DHCP6_FORGOTTEN] = "forgotten",
};

void dhcp6_leases_config_defaults(struct dhcp6_leases_config *config)
{
	*config = (struct dhcp6_leases_config) {
		.max_leases = 131072,
		.max_per_user = 16,
		.offer_s = 60,
		.quarantine_s = 86400,
		.remember_s = 30 * 86400,
	};
}

/* ---- setting up ---- */

static uint32_t *new_numbers(uint32_t count)
{
	uint32_t *numbers = malloc(count * sizeof(*numbers));

	for (uint32_t i = 0; numbers && i < count; i++)
		numbers[i] = DHCP6_NO_SLOT;
	return numbers;
}

struct dhcp6_leases *dhcp6_leases_new(const struct dhcp6_leases_config *config)
{
	struct dhcp6_leases *leases = calloc(1, sizeof(*leases));
	uint32_t buckets = 16;

	if (!leases)
		return NULL;
	leases->config = *config;
	leases->capacity = config->max_leases + SPARE_SLOTS(config->max_leases);
	while (buckets < leases->capacity)
		buckets *= 2;
	leases->bucket_mask = buckets - 1;
	leases->slot = calloc(leases->capacity, sizeof(*leases->slot));
	leases->node = calloc(leases->capacity, sizeof(*leases->node));
	leases->owner = calloc(leases->capacity, sizeof(*leases->owner));
	leases->heap = new_numbers(leases->capacity);
	leases->ia_bucket = new_numbers(buckets);
	leases->owner_bucket = new_numbers(buckets);
	if (!leases->slot || !leases->node || !leases->owner || !leases->heap ||
	    !leases->ia_bucket || !leases->owner_bucket) {
		dhcp6_leases_free(leases);
		return NULL;
	}
	leases->free_slot = leases->free_owner = DHCP6_NO_SLOT;
	leases->root[0] = leases->root[1] = leases->unsaved_first = DHCP6_NO_SLOT;
	leases->remembered = (struct dhcp6_queue) { DHCP6_NO_SLOT, DHCP6_NO_SLOT };
	return leases;
}

void dhcp6_leases_free(struct dhcp6_leases *leases)
{
	if (!leases)
		return;
	free(leases->slot);
	free(leases->node);
	free(leases->owner);
	free(leases->heap);
	free(leases->ia_bucket);
	free(leases->owner_bucket);
	free(leases);
}

void dhcp6_leases_configure(struct dhcp6_leases *leases, const struct dhcp6_leases_config *config)
{
	leases->config.max_per_user = config->max_per_user;
	leases->config.offer_s = config->offer_s;
	leases->config.quarantine_s = config->quarantine_s;
	leases->config.remember_s = config->remember_s;
}

/* ---- states ---- */

static struct dhcp6_slot *slot_of(struct dhcp6_lease *lease)
{
	return (struct dhcp6_slot *)(void *)lease;
}

void dhcp6_slot_mark_unsaved(struct dhcp6_leases *leases, struct dhcp6_slot *slot)
{
	if (slot->unsaved)
		return;
	slot->unsaved = true;
	slot->next_unsaved = leases->unsaved_first;
	leases->unsaved_first = dhcp6_slot_number(leases, &slot->lease);
	leases->counts.unsaved++;
}

static bool is_held(enum dhcp6_state state)
{
	return state == DHCP6_OFFERED || state == DHCP6_ACTIVE || state == DHCP6_DECLINED;
}

void dhcp6_slot_count(struct dhcp6_leases *leases, const struct dhcp6_slot *slot, int change)
{
	struct dhcp6_owner *owner = &leases->owner[slot->owner];

	leases->counts.state[slot->lease.state] += (unsigned)change;
	owner->held += is_held(slot->lease.state) ? (unsigned)change : 0;
	owner->remembered += slot->lease.state == DHCP6_REMEMBERED ? (unsigned)change : 0;
}

static void enter(struct dhcp6_leases *leases, struct dhcp6_slot *slot, enum dhcp6_state state,
		  uint64_t until_s)
{
	uint32_t number = dhcp6_slot_number(leases, &slot->lease);

	if (slot->lease.state == DHCP6_REMEMBERED)
		dhcp6_queue_remove(leases, number);
	dhcp6_slot_count(leases, slot, -1);
	dhcp6_heap_remove(leases, number);
	slot->lease.state = state;
	slot->lease.until_s = until_s;
	dhcp6_heap_insert(leases, number);
	dhcp6_slot_count(leases, slot, 1);
	if (state == DHCP6_REMEMBERED)
		dhcp6_queue_append(leases, number);
}

/* Seconds after a moment, where some lifetimes have no end. */
static uint64_t later(uint64_t now_s, uint64_t seconds)
{
	return seconds == DHCP6_FOREVER || now_s > UINT64_MAX - seconds ? UINT64_MAX
									: now_s + seconds;
}

void dhcp6_slot_free(struct dhcp6_leases *leases, uint32_t number)
{
	struct dhcp6_slot *slot = &leases->slot[number];
	uint32_t owner = slot->owner;

	leases->counts.state[slot->lease.state]--;
	dhcp6_owner_remove(leases, number);
	dhcp6_owner_drop(leases, owner);
	memset(slot, 0, sizeof(*slot));
	slot->next_of_ia = leases->free_slot;
	leases->free_slot = number;
}

void dhcp6_lease_forget(struct dhcp6_leases *leases, struct dhcp6_lease *lease)
{
	struct dhcp6_slot *slot = slot_of(lease);
	uint32_t number = dhcp6_slot_number(leases, lease);

	dhcp6_full_end(leases, &lease->what);
	if (lease->state == DHCP6_REMEMBERED)
		dhcp6_queue_remove(leases, number);
	dhcp6_tree_remove(leases, number);
	dhcp6_ia_remove(leases, number);
	dhcp6_heap_remove(leases, number);
	dhcp6_slot_count(leases, slot, -1);
	lease->state = DHCP6_FORGOTTEN;
	dhcp6_slot_count(leases, slot, 1);
	if (slot->stored || slot->unsaved)
		dhcp6_slot_mark_unsaved(leases, slot);
	else
		dhcp6_slot_free(leases, number);
}

static void remember(struct dhcp6_leases *leases, struct dhcp6_slot *slot, uint64_t now_s)
{
	struct dhcp6_owner *owner = &leases->owner[slot->owner];
	uint64_t until_s = later(slot->ended_s, leases->config.remember_s);

	if (slot->lease.kind == DHCP6_REGISTERED || until_s <= now_s) {
		dhcp6_lease_forget(leases, &slot->lease);
		return;
	}
	enter(leases, slot, DHCP6_REMEMBERED, until_s);
	/* what is nobody's yet is not one user's */
	if (owner->user[0] != '\0' && owner->remembered > leases->config.max_per_user)
		dhcp6_lease_forget(leases, &leases->slot[owner->queue.first].lease);
}

void dhcp6_leases_expire(struct dhcp6_leases *leases, uint64_t now_s)
{
	while (dhcp6_leases_due_s(leases) <= now_s) {
		struct dhcp6_slot *slot = &leases->slot[leases->heap[0]];

		switch (slot->lease.state) {
		case DHCP6_OFFERED:
			if (slot->ended_s > 0)
				remember(leases, slot, now_s);
			else
				dhcp6_lease_forget(leases, &slot->lease);
			break;
		case DHCP6_ACTIVE:
			slot->ended_s = slot->lease.until_s;
			/* the store hears of every end: a prefix's route goes with its lease */
			dhcp6_slot_mark_unsaved(leases, slot);
			remember(leases, slot, now_s);
			break;
		case DHCP6_DECLINED:
		case DHCP6_REMEMBERED:
		case DHCP6_FORGOTTEN:
		case DHCP6_STATES: dhcp6_lease_forget(leases, &slot->lease); break;
		}
	}
}

uint64_t dhcp6_leases_due_s(const struct dhcp6_leases *leases)
{
	return leases->heap_len > 0 ? leases->slot[leases->heap[0]].lease.until_s : UINT64_MAX;
}

bool dhcp6_lease_offer(struct dhcp6_leases *leases, struct dhcp6_lease *lease, uint64_t now_s)
{
	if (lease->state == DHCP6_REMEMBERED && !dhcp6_leases_have_room(leases, lease->user))
		return false;
	if (lease->state == DHCP6_REMEMBERED || lease->state == DHCP6_OFFERED)
		enter(leases, slot_of(lease), DHCP6_OFFERED, later(now_s, leases->config.offer_s));
	return true;
}

void dhcp6_lease_activate(struct dhcp6_leases *leases, struct dhcp6_lease *lease, uint64_t now_s)
{
	if (lease->state != DHCP6_ACTIVE)
		lease->since_s = now_s;
	lease->renewed_s = now_s;
	enter(leases, slot_of(lease), DHCP6_ACTIVE, later(now_s, lease->valid_s));
	dhcp6_slot_mark_unsaved(leases, slot_of(lease));
}

void dhcp6_lease_accept(struct dhcp6_leases *leases, struct dhcp6_lease *lease, bool reconfigure)
{
	if (lease->reconfigure == reconfigure)
		return;
	lease->reconfigure = reconfigure;
	dhcp6_slot_mark_unsaved(leases, slot_of(lease));
}

void dhcp6_lease_decline(struct dhcp6_leases *leases, struct dhcp6_lease *lease, uint64_t now_s)
{
	enter(leases, slot_of(lease), DHCP6_DECLINED, later(now_s, leases->config.quarantine_s));
	dhcp6_slot_mark_unsaved(leases, slot_of(lease));
}

void dhcp6_lease_release(struct dhcp6_leases *leases, struct dhcp6_lease *lease, uint64_t now_s)
{
	struct dhcp6_slot *slot = slot_of(lease);

	if (lease->state == DHCP6_OFFERED && slot->ended_s == 0) {
		dhcp6_lease_forget(leases, lease);
		return;
	}
	if (lease->state == DHCP6_ACTIVE)
		slot->ended_s = now_s;
	dhcp6_slot_mark_unsaved(leases, slot);
	remember(leases, slot, now_s);
}

/* ---- new ones ---- */

bool dhcp6_leases_is_full(const struct dhcp6_leases *leases)
{
	const unsigned *state = leases->counts.state;

	return state[DHCP6_OFFERED] + state[DHCP6_ACTIVE] + state[DHCP6_DECLINED] +
		       state[DHCP6_REMEMBERED] >=
	       leases->config.max_leases;
}

static bool has_free_slot(const struct dhcp6_leases *leases)
{
	return leases->free_slot != DHCP6_NO_SLOT || leases->fresh_slot < leases->capacity;
}

static uint32_t free_slot(struct dhcp6_leases *leases)
{
	uint32_t number = leases->free_slot;

	if (number == DHCP6_NO_SLOT)
		return leases->fresh_slot++;
	leases->free_slot = leases->slot[number].next_of_ia;
	return number;
}

struct dhcp6_slot *dhcp6_slot_take(struct dhcp6_leases *leases, const struct dhcp6_lease *from)
{
	if (!has_free_slot(leases) || strnlen(from->user, DHCP6_USER_MAX) == DHCP6_USER_MAX)
		return NULL;
	uint32_t owner = dhcp6_owner_of(leases, from->user, true);
	uint32_t number = free_slot(leases);
	struct dhcp6_slot *slot = &leases->slot[number];

	memset(slot, 0, sizeof(*slot));
	slot->lease = *from;
	slot->lease.row = ++leases->last_row;
	slot->owner = owner;
	dhcp6_owner_append(leases, number);
	dhcp6_tree_insert(leases, number);
	dhcp6_ia_insert(leases, number);
	dhcp6_heap_insert(leases, number);
	dhcp6_slot_count(leases, slot, 1);
	if (from->state == DHCP6_REMEMBERED)
		dhcp6_queue_append(leases, number);
	return slot;
}

bool dhcp6_leases_have_room(struct dhcp6_leases *leases, const char *user)
{
	uint32_t owner = dhcp6_owner_of(leases, user, false);

	if (owner != DHCP6_NO_SLOT && leases->owner[owner].held >= leases->config.max_per_user)
		return false;
	return has_free_slot(leases) || leases->remembered.first != DHCP6_NO_SLOT;
}

bool dhcp6_leases_make_way(struct dhcp6_leases *leases, const struct prefix6 *what)
{
	struct dhcp6_lease *lease = NULL;

	while ((lease = dhcp6_leases_overlap(leases, what, lease))) {
		if (lease->state != DHCP6_REMEMBERED)
			return false;
	}
	while ((lease = dhcp6_leases_overlap(leases, what, NULL)))
		dhcp6_lease_forget(leases, lease);
	return true;
}

struct dhcp6_lease *dhcp6_leases_add(struct dhcp6_leases *leases, const struct prefix6 *what,
				     enum dhcp6_kind kind, const struct dhcp6_identity *identity,
				     uint64_t now_s)
{
	bool registered = kind == DHCP6_REGISTERED;
	struct dhcp6_lease lease = {
		.what = *what,
		.kind = kind,
		.duid = identity->duid,
		.iaid = identity->iaid,
		.since_s = now_s,
		.renewed_s = now_s,
	};
	size_t len = strnlen(identity->user, DHCP6_USER_MAX);

	if (len == DHCP6_USER_MAX || !dhcp6_leases_have_room(leases, identity->user))
		return NULL;
	if (registered ? dhcp6_leases_find(leases, what, true) != NULL
		       : !dhcp6_leases_make_way(leases, what))
		return NULL;
	if (dhcp6_leases_is_full(leases)) {
		if (leases->remembered.first == DHCP6_NO_SLOT)
			return NULL;
		dhcp6_lease_forget(leases, &leases->slot[leases->remembered.first].lease);
	}
	memcpy(lease.user, identity->user, len);
	lease.state = registered ? DHCP6_ACTIVE : DHCP6_OFFERED;
	lease.until_s = registered ? now_s : later(now_s, leases->config.offer_s);
	struct dhcp6_slot *slot = dhcp6_slot_take(leases, &lease);
	return slot ? &slot->lease : NULL;
}
