/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/pool.h
 *
 * What may be given out: ranges of addresses, prefixes cut into equal parts, and reservations.
 *
 * Nothing here knows who has what.  RFC 9915 13 (assignment), 6.3 and RFC 9663 (prefixes),
 * RFC 6603 (the part of a delegated prefix that stays ours), RFC 8168 (hints at a length).
 */
#ifndef DHCP6_POOL_H
#define DHCP6_POOL_H

#include "base/siphash.h"
#include "dhcp6/request.h"

#define DHCP6_MAX_POOLS 16
#define DHCP6_MAX_SETS 4
#define DHCP6_MAX_ELSEWHERE 32
#define DHCP6_USER_MAX 64 /* a user's name with its NUL */
#define DHCP6_MAX_RESERVATIONS 4096

/*
 * Addresses: from `first` to `last`.  Prefixes: `prefix` in parts of `part_len` bits.
 * Of the pools with one `set` an IA gets one lease; of each set it gets one.  So two ranges of
 * one /64 share a set, and a global and a unique local range have one each.
 */
struct dhcp6_pool {
	enum dhcp6_kind kind; /* DHCP6_ADDRESS or DHCP6_PREFIX */
	unsigned set;	      /* below DHCP6_MAX_SETS */
	struct ip6 first, last;
	struct prefix6 prefix;
	uint8_t part_len;
	/* RFC 6603: of each part, the prefix of this length with these bits after part_len; 0: none */
	uint8_t exclude_len;
	uint32_t exclude_id;
};

/* Who the client is.  Strings and pointers are the caller's, for the call. */
struct dhcp6_identity {
	const char *user; /* whom the session belongs to: a lease is his */
	struct dhcp6_duid duid;
	uint32_t iaid;
	bool has_mac;
	struct mac mac; /* of the frame, or RFC 6939's */
};

/* One address or prefix for one client; what is not set does not count. */
struct dhcp6_reservation {
	struct prefix6 what; /* 128 bits: an address */
	char user[DHCP6_USER_MAX];
	struct dhcp6_duid duid;
	bool has_iaid; /* with a DUID: two interfaces of one host share it */
	uint32_t iaid;
	bool has_mac;
	struct mac mac;
};

/* What is wrong with a pool, as the rest of a sentence about it; NULL: nothing. */
const char *dhcp6_pool_fault(const struct dhcp6_pool *pool);
bool dhcp6_pools_overlap(const struct dhcp6_pool *a, const struct dhcp6_pool *b);
/* One of the things that the pool gives out, of the right length and alignment. */
bool dhcp6_pool_has(const struct dhcp6_pool *pool, const struct prefix6 *what);
/* How many it has; UINT64_MAX for more than that. */
uint64_t dhcp6_pool_size(const struct dhcp6_pool *pool);
/* The n-th, n below dhcp6_pool_size. */
struct prefix6 dhcp6_pool_item(const struct dhcp6_pool *pool, uint64_t n);
/* The part of `what` that is not the client's (RFC 6603); false: it is all his. */
bool dhcp6_pool_exclude(const struct dhcp6_pool *pool, const struct prefix6 *what,
			struct prefix6 *exclude);

/* Prefixes of other links than the client's: their addresses are nothing for it, RFC 9915 13.1. */
struct dhcp6_elsewhere {
	unsigned count;
	struct prefix6 prefix[DHCP6_MAX_ELSEWHERE];
};
/* An address there; prefixes are delegated on any link. */
bool dhcp6_elsewhere_has(const struct dhcp6_elsewhere *elsewhere, const struct prefix6 *what);

/*
 * Where in a pool the search for a client's item begins and how far it steps: out of the
 * identity (user, DUID, IAID) alone, so that after everything is lost the same client gets the
 * same.  `key`: kept as long as that should hold.
 */
struct dhcp6_walk {
	uint64_t at, step, size, left; /* tries left */
};
#define DHCP6_WALK_MAX 4096 /* tries; a smaller pool is walked once, whole */
struct dhcp6_walk dhcp6_pool_walk(const struct dhcp6_pool *pool, const struct siphash_key *key,
				  const struct dhcp6_identity *identity);
/* False at the end. */
bool dhcp6_walk_next(struct dhcp6_walk *walk, const struct dhcp6_pool *pool, struct prefix6 *what);

/*
 * Sorts by address, as the two below need it.  NULL, or the one that is (partly) reserved twice.
 */
const struct dhcp6_reservation *dhcp6_reservations_sort(struct dhcp6_reservation *list,
							unsigned count);
/* The client's of this kind that is not elsewhere; NULL: none.  A DUID with
 * an IAID counts more than a DUID, that more than a MAC, that more than a user. */
const struct dhcp6_reservation *dhcp6_reservation_of(const struct dhcp6_reservation *list,
						     unsigned count, enum dhcp6_kind kind,
						     const struct dhcp6_identity *identity,
						     const struct dhcp6_elsewhere *elsewhere);
/* Is it one of this client's, though perhaps not the one that counts most? */
bool dhcp6_reservation_is_for(const struct dhcp6_reservation *reservation,
			      const struct dhcp6_identity *identity);
/* The one that `what` overlaps; NULL: none. */
const struct dhcp6_reservation *dhcp6_reservation_at(const struct dhcp6_reservation *list,
						     unsigned count, const struct prefix6 *what);

#endif
