/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/lease_table.h
 *
 * Private to dhcp6: how the lease table is laid out.  Slots in one array, tied by their numbers:
 * two trees by address (leases; registered addresses), a hash by identity, a heap by time, a queue
 * of the remembered, one of each user's remembered, a list of the unsaved.
 */
#ifndef DHCP6_LEASE_TABLE_H
#define DHCP6_LEASE_TABLE_H

#include "dhcp6/store.h"

#define DHCP6_NO_SLOT UINT32_MAX

struct dhcp6_queue_link {
	uint32_t before, after;
};

struct dhcp6_slot {
	struct dhcp6_lease lease; /* first: a lease's pointer is its slot's */
	uint64_t ended_s;	  /* when it was last active; 0: never */
	uint32_t owner;		  /* number of the user's entry */
	uint32_t next_of_ia;	  /* hash chain; of a free slot: the next free one */
	uint32_t heap_at;
	uint32_t next_unsaved;
	struct dhcp6_queue_link all, own; /* while remembered */
	struct dhcp6_queue_link siblings; /* the user's other slots */
	bool unsaved;
	bool stored; /* the store may have a row of it */
};

struct dhcp6_queue {
	uint32_t first, last;
};

struct dhcp6_owner {
	char user[DHCP6_USER_MAX]; /* "": free */
	unsigned held, remembered, slots;
	struct dhcp6_queue queue; /* remembered, the longest-ago ended one first */
	struct dhcp6_queue all;	  /* of his slots */
	uint32_t next;		  /* hash chain, or the next free one */
};

/* A slot's place in its tree, apart from it: a search then reads half a cache line for each step. */
struct dhcp6_tree_node {
	uint64_t high, low; /* the slot's address, as numbers */
	uint32_t left, right;
	uint32_t weight; /* a parent's is not less than its children's */
	uint8_t len;
};

/* A pool in which a search at `at_s` found nothing. */
struct dhcp6_full {
	bool is;
	uint64_t at_s;
	struct dhcp6_pool pool;
	struct dhcp6_full_tries tries;
};
#define DHCP6_FULL_POOLS 32 /* the latest ones */

struct dhcp6_leases {
	struct dhcp6_leases_config config;
	uint32_t capacity, bucket_mask;
	/* Given back ones, chained; then those that never were used, whose memory is not there yet. */
	uint32_t free_slot, fresh_slot, free_owner, fresh_owner;
	struct dhcp6_slot *slot;
	struct dhcp6_tree_node *node; /* by the slot's number */
	struct dhcp6_owner *owner;
	uint32_t *ia_bucket, *owner_bucket, *heap;
	uint32_t root[2]; /* leases, registered addresses */
	uint32_t heap_len, unsaved_first;
	struct dhcp6_queue remembered;
	struct dhcp6_leases_counts counts;
	uint64_t last_row;
	unsigned next_full;
	struct dhcp6_full full[DHCP6_FULL_POOLS];
};

static inline uint32_t dhcp6_slot_number(const struct dhcp6_leases *leases,
					 const struct dhcp6_lease *lease)
{
	return (uint32_t)((const struct dhcp6_slot *)(const void *)lease - leases->slot);
}

/* ---- lease_tree.c: by address, then length ---- */
void dhcp6_tree_insert(struct dhcp6_leases *leases, uint32_t number);
void dhcp6_tree_remove(struct dhcp6_leases *leases, uint32_t number);
/* The last one not after `what`, and the first one not before it; DHCP6_NO_SLOT: none. */
uint32_t dhcp6_tree_floor(const struct dhcp6_leases *leases, bool registered,
			  const struct prefix6 *what);
uint32_t dhcp6_tree_ceiling(const struct dhcp6_leases *leases, bool registered,
			    const struct prefix6 *what);

/* ---- lease_heap.c: by lease.until_s ---- */
void dhcp6_heap_insert(struct dhcp6_leases *leases, uint32_t number);
void dhcp6_heap_remove(struct dhcp6_leases *leases, uint32_t number);

/* ---- lease_owner.c: users, identities, queues ---- */
/* The user's entry; if there is none it is made for a slot that is free, or, when `make` is false,
 * DHCP6_NO_SLOT. */
uint32_t dhcp6_owner_of(struct dhcp6_leases *leases, const char *user, bool make);
/* Gives the entry back if it has no slots any more. */
void dhcp6_owner_drop(struct dhcp6_leases *leases, uint32_t number);
uint32_t *dhcp6_ia_bucket(struct dhcp6_leases *leases, enum dhcp6_kind kind,
			  const struct dhcp6_identity *identity);
void dhcp6_ia_insert(struct dhcp6_leases *leases, uint32_t number);
void dhcp6_ia_remove(struct dhcp6_leases *leases, uint32_t number);
/* Into and out of the user's own. */
void dhcp6_owner_append(struct dhcp6_leases *leases, uint32_t number);
void dhcp6_owner_remove(struct dhcp6_leases *leases, uint32_t number);
/* Into and out of the queues of the remembered. */
void dhcp6_queue_append(struct dhcp6_leases *leases, uint32_t number);
void dhcp6_queue_remove(struct dhcp6_leases *leases, uint32_t number);

/* ---- lease_full.c ---- */
/* The pools that had this are worth a search again. */
void dhcp6_full_end(struct dhcp6_leases *leases, const struct prefix6 *what);

/* ---- leases.c, for store.c and lease_import.c ---- */
bool dhcp6_leases_is_full(const struct dhcp6_leases *leases);
void dhcp6_slot_free(struct dhcp6_leases *leases, uint32_t number);
/* A slot with this lease, in all indices; NULL: none is free. */
struct dhcp6_slot *dhcp6_slot_take(struct dhcp6_leases *leases, const struct dhcp6_lease *from);
void dhcp6_slot_mark_unsaved(struct dhcp6_leases *leases, struct dhcp6_slot *slot);
/* The lease into the counts of its state and its owner (1), or out of them (-1). */
void dhcp6_slot_count(struct dhcp6_leases *leases, const struct dhcp6_slot *slot, int change);
/* What stands in the way of `what` and is only remembered goes; false: something is not. */
bool dhcp6_leases_make_way(struct dhcp6_leases *leases, const struct prefix6 *what);

/* ---- store.c ---- */
/* Can such a lease be, read from wherever? */
bool dhcp6_lease_is_sensible(const struct dhcp6_lease *row);

#endif
