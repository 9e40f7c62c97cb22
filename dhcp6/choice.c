/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/choice.c - which address or prefix an IA gets.
 *
 * In this order: what it has, what is reserved for it, what it had, what it asks for, what its
 * identity's hash says, and, when all is taken, what has been nobody's for the longest.
 *
 * RFC 9915 13, 18.3.9; RFC 8168 (hints at a prefix's length).
 */
#include "dhcp6/answering.h"

#define OLDEST_TRIED 256 /* remembered leases looked at when a pool is full */

static const struct dhcp6_pool *pool_with(const struct dhcp6_link *link, enum dhcp6_kind kind,
					  const struct prefix6 *what)
{
	for (unsigned i = 0; i < link->pool_count; i++) {
		if (link->pool[i].kind == kind && dhcp6_pool_has(&link->pool[i], what))
			return &link->pool[i];
	}
	return NULL;
}

/* Something that is reserved outside of all pools is of the first set. */
static unsigned set_of(const struct dhcp6_link *link, enum dhcp6_kind kind,
		       const struct prefix6 *what)
{
	const struct dhcp6_pool *pool = pool_with(link, kind, what);

	return pool ? pool->set : 0;
}

static const struct dhcp6_reservation *own_reservation(const struct dhcp6_answering *a,
						       enum dhcp6_kind kind)
{
	struct dhcp6_own *own = a->own;

	if (own && own->known && own->kind == kind && own->iaid == a->identity.iaid)
		return own->reservation;
	const struct dhcp6_reservation *found =
		dhcp6_reservation_of(a->link->reservation, a->link->reservation_count, kind,
				     &a->identity, &a->link->elsewhere);
	if (own)
		*own = (struct dhcp6_own) { true, kind, a->identity.iaid, found };
	return found;
}

static bool is_given(const struct dhcp6_answering *a, enum dhcp6_kind kind,
		     const struct prefix6 *what)
{
	const struct dhcp6_reservation *at =
		dhcp6_reservation_at(a->link->reservation, a->link->reservation_count, what);

	if (!at)
		return pool_with(a->link, kind, what) != NULL;
	if (!dhcp6_reservation_is_for(at, &a->identity)) /* mostly: spares the whole list */
		return false;
	const struct dhcp6_reservation *own = own_reservation(a, kind);
	return own && prefix6_equal(&own->what, what);
}

bool dhcp6_link_gives(const struct dhcp6_link *link, const struct dhcp6_lease *lease)
{
	const struct dhcp6_answering a = {
		.link = link,
		.identity = { .user = lease->user,
			      .duid = lease->duid,
			      .iaid = lease->iaid,
			      .has_mac = lease->has_mac,
			      .mac = lease->mac },
	};

	return is_given(&a, lease->kind, &lease->what);
}

bool dhcp6_link_exclude(const struct dhcp6_link *link, const struct prefix6 *what,
			struct prefix6 *exclude)
{
	const struct dhcp6_pool *pool = pool_with(link, DHCP6_PREFIX, what);

	return pool && dhcp6_pool_exclude(pool, what, exclude);
}

enum dhcp6_place dhcp6_choice_place(const struct dhcp6_link *link, const struct prefix6 *what)
{
	enum dhcp6_kind kind = what->len == 128 ? DHCP6_ADDRESS : DHCP6_PREFIX;

	if (dhcp6_elsewhere_has(&link->elsewhere, what))
		return DHCP6_ELSEWHERE;
	if (pool_with(link, kind, what) ||
	    dhcp6_reservation_at(link->reservation, link->reservation_count, what))
		return DHCP6_OURS;
	for (unsigned i = 0; i < link->on_link_count; i++) {
		if (kind == DHCP6_ADDRESS && prefix6_contains(&link->on_link[i], &what->address))
			return DHCP6_ON_LINK;
	}
	return DHCP6_ELSEWHERE;
}

bool dhcp6_choice_has_set(const struct dhcp6_answering *a, enum dhcp6_kind kind, unsigned set)
{
	for (unsigned i = 0; i < a->link->pool_count; i++) {
		if (a->link->pool[i].kind == kind && a->link->pool[i].set == set)
			return true;
	}
	const struct dhcp6_reservation *own = own_reservation(a, kind);
	return own && set_of(a->link, kind, &own->what) == set;
}

/* ---- what is free ---- */

static bool is_mine(const struct dhcp6_answering *a, enum dhcp6_kind kind,
		    const struct dhcp6_lease *lease)
{
	return lease->kind == kind && lease->iaid == a->identity.iaid &&
	       dhcp6_duid_equal(&lease->duid, &a->identity.duid) &&
	       strcmp(lease->user, a->identity.user) == 0;
}

/* Another client told us that it has this address (RFC 9686 4.2.1: do not advertise it). */
static bool is_registered(const struct dhcp6_answering *a, const struct prefix6 *what)
{
	const struct dhcp6_lease *lease = dhcp6_leases_find(a->leases, what, true);

	return lease && !(dhcp6_duid_equal(&lease->duid, &a->identity.duid) &&
			  strcmp(lease->user, a->identity.user) == 0);
}

/* `remembered`: what another client had may be taken, too. */
static bool is_free(const struct dhcp6_answering *a, enum dhcp6_kind kind,
		    const struct prefix6 *what, bool remembered)
{
	struct dhcp6_lease *lease = NULL;

	while ((lease = dhcp6_leases_overlap(a->leases, what, lease))) {
		if (lease->state != DHCP6_REMEMBERED || !(remembered || is_mine(a, kind, lease)))
			return false;
	}
	if (is_registered(a, what))
		return false;
	return !a->link->in_use || !a->link->in_use(a->link->owner, what, &a->identity);
}

static struct dhcp6_lease *take(const struct dhcp6_answering *a, enum dhcp6_kind kind,
				const struct prefix6 *what, bool remembered)
{
	if (!is_given(a, kind, what) || !is_free(a, kind, what, remembered))
		return NULL;
	return dhcp6_leases_add(a->leases, what, kind, &a->identity, a->now_s);
}

/* His reservation, if he could have it: then nothing else of its set is his. */
static const struct dhcp6_reservation *free_reservation(const struct dhcp6_answering *a,
							enum dhcp6_kind kind, unsigned set)
{
	const struct dhcp6_reservation *own = own_reservation(a, kind);

	if (!own || set_of(a->link, kind, &own->what) != set)
		return NULL;
	const struct dhcp6_lease *lease = dhcp6_leases_find(a->leases, &own->what, false);
	bool mine = lease && lease->state != DHCP6_DECLINED && is_mine(a, kind, lease);
	return mine || is_free(a, kind, &own->what, true) ? own : NULL;
}

bool dhcp6_choice_fits(const struct dhcp6_answering *a, enum dhcp6_kind kind,
		       const struct prefix6 *what)
{
	const struct dhcp6_reservation *own =
		free_reservation(a, kind, set_of(a->link, kind, what));

	return own ? prefix6_equal(&own->what, what) : is_given(a, kind, what);
}

/* ---- the order of choices ---- */

/* `state`: DHCP6_REMEMBERED, or any other for what the IA has now. */
static struct dhcp6_lease *one_of_ia(const struct dhcp6_answering *a, enum dhcp6_kind kind,
				     unsigned set, bool remembered)
{
	struct dhcp6_lease *lease = NULL;

	while ((lease = dhcp6_leases_of(a->leases, kind, &a->identity, lease))) {
		if (lease->state == DHCP6_DECLINED ||
		    (lease->state == DHCP6_REMEMBERED) != remembered ||
		    set_of(a->link, kind, &lease->what) != set ||
		    !dhcp6_choice_fits(a, kind, &lease->what))
			continue;
		/* meanwhile somebody may have taken it without asking */
		if (remembered && !is_free(a, kind, &lease->what, false))
			continue;
		return lease;
	}
	return NULL;
}

static struct dhcp6_lease *hinted(const struct dhcp6_answering *a, const struct dhcp6_ia *ia,
				  unsigned set)
{
	for (unsigned i = 0; i < ia->item_count; i++) {
		const struct prefix6 *what = &ia->item[i].what;
		struct dhcp6_lease *lease = set_of(a->link, ia->kind, what) == set
						    ? take(a, ia->kind, what, false)
						    : NULL;
		if (lease)
			return lease;
	}
	return NULL;
}

/* How far a pool's prefixes are from the length that the client would like (RFC 8168 3.2). */
static unsigned distance(const struct dhcp6_pool *pool, const struct dhcp6_ia *ia)
{
	if (ia->kind != DHCP6_PREFIX || ia->item_count == 0 || ia->item[0].what.len == 0)
		return 0;
	int apart = (int)pool->part_len - (int)ia->item[0].what.len;
	return (unsigned)(apart < 0 ? -apart : apart);
}

/* The set's pools, the nearest length first: the smallest (distance, place) after `last`. */
static int next_pool(const struct dhcp6_answering *a, const struct dhcp6_ia *ia, unsigned set,
		     int last)
{
	const struct dhcp6_pool *pool = a->link->pool;
	int best = -1;

	for (int i = 0; i < (int)a->link->pool_count; i++) {
		if (pool[i].kind != ia->kind || pool[i].set != set)
			continue;
		unsigned far = distance(&pool[i], ia);
		if (last >= 0) {
			unsigned last_far = distance(&pool[last], ia);

			if (far < last_far || (far == last_far && i <= last))
				continue;
		}
		if (best < 0 || far < distance(&pool[best], ia))
			best = i;
	}
	return best;
}

/* Who uses it himself, or asks when it is used no more, may have it. */
static void note_try(const struct dhcp6_answering *a, const struct prefix6 *what,
		     struct dhcp6_full_tries *tries)
{
	if (tries->count < DHCP6_FULL_TRIES && !dhcp6_leases_overlap(a->leases, what, NULL) &&
	    !dhcp6_reservation_at(a->link->reservation, a->link->reservation_count, what))
		tries->what[tries->count++] = *what;
}

static struct dhcp6_lease *walk_pool(const struct dhcp6_answering *a, const struct dhcp6_pool *pool)
{
	struct dhcp6_walk walk = dhcp6_pool_walk(pool, &a->link->choice_key, &a->identity);
	struct dhcp6_full_tries tries = { 0 };
	struct prefix6 what;

	while (dhcp6_walk_next(&walk, pool, &what)) {
		struct dhcp6_lease *lease = take(a, pool->kind, &what, false);

		if (lease)
			return lease;
		note_try(a, &what, &tries);
	}
	/* one that is too large to be walked whole is 99.9 % full, or more */
	dhcp6_leases_note_full(a->leases, pool, &tries, a->now_s);
	return NULL;
}

static struct dhcp6_lease *search_pool(const struct dhcp6_answering *a,
				       const struct dhcp6_pool *pool)
{
	const struct dhcp6_full_tries *tries = dhcp6_leases_found_full(a->leases, pool, a->now_s);
	struct dhcp6_lease *lease = NULL;

	if (!tries)
		return walk_pool(a, pool);
	for (unsigned i = 0; i < tries->count && !lease; i++)
		lease = take(a, pool->kind, &tries->what[i], false);
	return lease;
}

static struct dhcp6_lease *walked(const struct dhcp6_answering *a, const struct dhcp6_ia *ia,
				  unsigned set)
{
	struct dhcp6_lease *lease = NULL;
	int i = -1;

	while (!lease && (i = next_pool(a, ia, set, i)) >= 0)
		lease = search_pool(a, &a->link->pool[i]);
	return lease;
}

static struct dhcp6_lease *oldest(const struct dhcp6_answering *a, const struct dhcp6_ia *ia,
				  unsigned set)
{
	struct dhcp6_lease *lease = NULL;

	for (unsigned i = 0; i < OLDEST_TRIED; i++) {
		lease = dhcp6_leases_oldest(a->leases, lease);
		if (!lease)
			return NULL;
		const struct dhcp6_pool *pool = pool_with(a->link, ia->kind, &lease->what);
		if (!pool || pool->set != set || !is_given(a, ia->kind, &lease->what) ||
		    !is_free(a, ia->kind, &lease->what, true))
			continue;
		struct prefix6 what = lease->what; /* the old lease is gone after this */
		return take(a, ia->kind, &what, true);
	}
	return NULL;
}

struct dhcp6_lease *dhcp6_choose_this(const struct dhcp6_answering *a, enum dhcp6_kind kind,
				      const struct prefix6 *what)
{
	return dhcp6_choice_fits(a, kind, what) ? take(a, kind, what, false) : NULL;
}

struct dhcp6_lease *dhcp6_choose(const struct dhcp6_answering *a, const struct dhcp6_ia *ia,
				 unsigned set)
{
	struct dhcp6_lease *lease = one_of_ia(a, ia->kind, set, false);

	if (lease)
		return lease;
	if (!dhcp6_leases_have_room(a->leases, a->identity.user))
		return NULL;
	const struct dhcp6_reservation *own = free_reservation(a, ia->kind, set);
	if (own)
		return take(a, ia->kind, &own->what, true);
	lease = one_of_ia(a, ia->kind, set, true);
	if (!lease)
		lease = hinted(a, ia, set);
	if (!lease)
		lease = walked(a, ia, set);
	return lease ? lease : oldest(a, ia, set);
}
