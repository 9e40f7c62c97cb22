/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra_consistency.h
 *
 * Does another router of the link say something that contradicts us?  Only what would make hosts
 * switch from one value to another with each Router Advertisement: RFC 4861 6.2.7, and for DNS and
 * the captive portal the same idea.  That routers have other prefixes, lifetimes as a router,
 * preferences or routes is no contradiction.
 */
#ifndef RADVD_LITE_RA_CONSISTENCY_H
#define RADVD_LITE_RA_CONSISTENCY_H

#include "radvd-lite/ra.h"

enum ra_conflict {
	RA_CONFLICT_HOP_LIMIT,
	RA_CONFLICT_MANAGED,
	RA_CONFLICT_OTHER,
	RA_CONFLICT_REACHABLE, /* in ms */
	RA_CONFLICT_RETRANS,   /* in ms */
	RA_CONFLICT_MTU,
	RA_CONFLICT_VALID,     /* of a prefix that both have, in s */
	RA_CONFLICT_PREFERRED, /* likewise */
	RA_CONFLICT_DNS,       /* lifetime of a server that both have, in s */
	RA_CONFLICT_SEARCH,    /* lifetime of a domain that both have, in s */
	RA_CONFLICT_PORTAL,    /* two different ones */
	RA_CONFLICTS,
};
extern const char *const ra_conflict_name[RA_CONFLICTS]; /* "hop_limit", "valid", ... */

struct ra_difference {
	enum ra_conflict what;
	uint32_t ours, theirs; /* the two values; of a portal both 0 */
	struct prefix6 prefix; /* which; of DNS the server as a /128; else zero */
	const char *domain;    /* of SEARCH: inside `ours`; else NULL */
};

/*
 * Compares what we advertise to that link now, lifetimes as they are in this moment, with what another
 * router has just said (one part of it is enough).  Values that either leaves unspecified, or an
 * option that only one has, do not count.  `skew_s`: how far ends of lifetimes may be apart, for
 * those of ours that count down (6.2.7: clocks and the way here differ); 0 if none does.
 * Returns how many differences there are; the first `max` of them are in `list`.
 */
unsigned ra_compare(const struct ra *ours, const struct ra *theirs, uint32_t skew_s,
		    struct ra_difference *list, unsigned max);

#endif
