/* SPDX-License-Identifier: Apache-2.0 */
/* client/heard.h
 *
 * What the routers said, as the client overhears it on the tunnel: of each router everything that
 * still holds, however many advertisements it took, and when each thing was said.  For status
 * and DNS only: it is the kernel that obeys.  Ends of lifetimes count when one asks.
 *
 * RFC 4861 6.1.2 (validity), 6.3.4 (what is not said again stays); RFC 4191, 8106, 8781, 8910, 9463.
 */
#ifndef CLIENT_HEARD_H
#define CLIENT_HEARD_H

#include "base/frame.h"
#include "radvd-lite/ra.h"

#define HEARD_MAX_ROUTERS 4

struct heard_time {
	uint64_t said_ms;
	uint32_t lifetime_s; /* as said; RA_FOREVER: for ever */
};

struct heard_router {
	struct ip6 from;
	uint64_t at_ms;		  /* its latest advertisement */
	struct heard_time router; /* as a default router */
	/* Header, MTU, portal as they were said last; the lists' entries each with its time.  The
	 * lists' own lifetimes (dns_lifetime_s, search_lifetime_s) do not count. */
	struct ra ra;
	struct heard_time prefix[RA_MAX_PREFIXES], route[RA_MAX_ROUTES], dns[RA_MAX_DNS],
		search[RA_MAX_SEARCH], pref64[RA_MAX_PREF64], dnr[RA_MAX_DNR];
};

struct heard {
	unsigned
		count; /* latest first; a new router takes the place of the one silent for longest */
	struct heard_router by[HEARD_MAX_ROUTERS];
};

/* Notes the frame if it is a valid Router Advertisement; true if it was. */
bool heard_frame(struct heard *heard, const struct frame *frame, uint64_t now_ms);
/* Forgets what is over. */
void heard_expire(struct heard *heard, uint64_t now_ms);

/* What is left of it; 0: over. */
uint32_t heard_left_s(const struct heard_time *time, uint64_t now_ms);
/* Is there a router that is one for everything? */
bool heard_default_router(const struct heard *heard, uint64_t now_ms);
/*
 * In how many seconds the router's next advertisement may be expected at the latest: it should
 * say everything three times in the shortest lifetime that it gave (RFC 4861 6.2.1, RFC 8106 5.1).
 * 0: now, or overdue.  False: nothing tells, all lasts for ever.
 */
bool heard_next_s(const struct heard_router *router, uint64_t now_ms, uint32_t *next_s);

#endif
