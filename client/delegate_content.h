/* SPDX-License-Identifier: Apache-2.0 */
/* client/delegate_content.h
 *
 * What a delegated prefix becomes in the office, and what its hosts are told.  Values in, values
 * out: no clock, no I/O.
 *
 * RFC 7084 L-2 (a /64 for each), L-3 (the way to the delegated prefix); RFC 4191 (routes); RFC 9096
 * 3.4 (lifetimes on the LAN side).
 */
#ifndef CLIENT_DELEGATE_CONTENT_H
#define CLIENT_DELEGATE_CONTENT_H

#include "client/heard.h"
#include "radvd-lite/ra_schedule.h"

/*
 * Network number `number`, from 0, of a prefix of at most 64 bits, without those that `excluded`
 * overlaps (RFC 6603; len 0: none).  False: it has not so many.
 */
bool delegate_subnet(const struct prefix6 *delegated, const struct prefix6 *excluded,
		     unsigned number, struct prefix6 *subnet);
uint64_t delegate_subnet_count(const struct prefix6 *delegated, const struct prefix6 *excluded);
/* Our own address there, with the /64's length: its ::1, which no host takes by itself. */
struct prefix6 delegate_address(const struct prefix6 *subnet);

struct delegate_network {
	struct prefix6 delegated; /* all of it */
	struct prefix6 subnet;	  /* the /64 of this interface */
	uint32_t preferred_s, valid_s;
	struct mac mac;
	uint32_t mtu;
};

/*
 * What the hosts on one interface are told: its /64, the way to the other networks, and of what the
 * routers behind the tunnel said (`heard`) the routes, those to their own links too, DNS servers,
 * search domains, resolvers and NAT64.  We are a default router only as far as one of them is one.
 */
void delegate_compose(const struct heard *heard, const struct delegate_network *network,
		      uint64_t now_ms, struct ra *ra);
/* The same, but for how long. */
bool delegate_same(const struct ra *a, const struct ra *b);
/* So often that everything is said three times before it ends (RFC 4861 6.2.1). */
struct ra_interval delegate_interval(const struct ra *ra);
/* The last words: nothing of it is true any longer, nobody begins anything from its addresses. */
void delegate_make_final(struct ra *ra);

#endif
