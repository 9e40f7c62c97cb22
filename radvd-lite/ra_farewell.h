/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra_farewell.h
 *
 * What hosts were told and what is true no longer.  A route or DNS server that is only left
 * out lives on at them until its lifetime is over, half an hour or for ever: they have to be
 * told.  Values in, values out: no clock, no I/O.
 *
 *   routes, servers, domains   lifetime 0 (RFC 4191 2.3, RFC 8106 5.1 and 5.2)
 *   NAT64, resolvers           lifetime 0 (RFC 8781 4, RFC 9463 6.1)
 *   a captive portal           that there is none (RFC 8910 2)
 *   prefixes                   preferred lifetime 0 and what is left of the valid one, until that is
 *                              over (RFC 9096 3.3): addresses from it serve no new connections
 */
#ifndef RADVD_LITE_RA_FAREWELL_H
#define RADVD_LITE_RA_FAREWELL_H

#include "radvd-lite/ra.h"

#define FAREWELL_MAX 64
/* In how many RAs: the first at once; the others, which are due anyway, are for a host behind the
 * client that missed it (it slept, a queue was full). */
#define FAREWELL_RAS 3

enum farewell_kind {
	FAREWELL_PREFIX,
	FAREWELL_ROUTE,
	FAREWELL_DNS,
	FAREWELL_SEARCH,
	FAREWELL_NAT64,
	FAREWELL_DNR,
	FAREWELL_PORTAL,
};

struct farewell {
	enum farewell_kind kind;
	unsigned ras_left; /* not of prefixes */
	uint64_t until_ms; /* of prefixes */
	union {
		struct ra_prefix prefix;
		struct ra_route route;
		struct ip6 dns;
		char search[RA_MAX_DOMAIN];
		struct ra_pref64 nat64;
		struct ra_dnr dnr;
	};
};

struct farewells { /* all zero: none */
	unsigned count;
	struct farewell *item;
};

/* From now on `now` is said instead of `before`: what is only in `before` is noted, and what is
 * back in `now` is struck out.  Beyond FAREWELL_MAX the oldest gives way.  False: out of memory. */
bool farewells_note(struct farewells *farewells, const struct ra *before, const struct ra *now,
		    uint64_t now_ms);
/*
 * Adds to `ra` what is to be said with it.  What has no room there, and servers and domains, which
 * have only one lifetime for all, go into `more`, whose options go behind those of `ra`
 * (ra_parts_of); true if there are any.
 */
bool farewells_add(const struct farewells *farewells, uint64_t now_ms, struct ra *ra,
		   struct ra *more);
/* All have been told once more; forgets what has been said often enough. */
void farewells_said(struct farewells *farewells, uint64_t now_ms);
void farewells_free(struct farewells *farewells);

/* RFC 4861 6.2.5: nothing of it is true any longer but its prefixes, which are the link's. */
void ra_make_final(struct ra *ra);

#endif
