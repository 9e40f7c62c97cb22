/* SPDX-License-Identifier: Apache-2.0 */
/* server/follow.h
 *
 * What advertisements follow of the kernel, as tables: the prefixes of named interfaces with
 * what is left of their lifetimes, the routes inside of filters, and whether there is a default
 * route.  Bounded; arithmetic on milliseconds of one clock; no I/O: kernel.c asks and reports.
 *
 * Each function that takes news returns whether clients are to hear of it now rather than with
 * their next advertisement.
 */
#ifndef SERVER_FOLLOW_H
#define SERVER_FOLLOW_H

#include "bridge/link.h"
#include "server/config_ra.h"

#define FOLLOW_NEVER_MS UINT64_MAX
#define FOLLOW_MAX_ROUTES 128

struct followed_prefix {
	struct prefix6 prefix;
	uint64_t valid_ms, preferred_ms; /* when they end, or FOLLOW_NEVER_MS */
	/* what clients were last told in haste: an end that comes near must be moved in time */
	uint64_t told_valid_ms, told_preferred_ms;
};

struct followed_interface {
	char name[IF_NAMESIZE];
	unsigned count;
	struct followed_prefix prefix[RA_MAX_PREFIXES];
};

/* In order of length, then of address; each prefix once. */
struct followed_routes {
	unsigned count;
	unsigned left_out; /* there was no room: the longest ones */
	struct prefix6 prefix[FOLLOW_MAX_ROUTES];
};

struct follow {
	unsigned interface_count;
	struct followed_interface interface[CONFIG_MAX_INTERFACES];
	struct followed_routes routes;
	bool has_default; /* the kernel has a default route */
	bool forwards;	  /* and forwards packets at all */
};

struct followed_interface *follow_interface(struct follow *follow, const char *name); /* or NULL */

/*
 * The addresses of an interface as they are now: the /64s of its global ones (unique local ones
 * included) that have passed duplicate address detection.  Prefixes longer than /64 tell nothing
 * about their /64.  `own`: addresses that are there because we put them there, which do not
 * count.  `interval_ms`: clients hear from us at least so often.
 */
bool follow_addresses(struct followed_interface *interface, const struct link_address *address,
		      unsigned count, const struct prefix6 *own, unsigned own_count,
		      uint64_t interval_ms, uint64_t now_ms);

/*
 * Whether advertisements may follow this route: it lies in `filter`, and does not lead to the
 * link itself that clients are on (`link_index`).  Never a default route, whatever the filter:
 * that is `default-route`, so that a change of the network makes no full tunnel of a split one.
 */
bool follow_wants_route(const struct prefix6 *filter, const struct link_route *route,
			int link_index);
/* Adds a route to a table that is being read anew; `routes->count` 0 begins it. */
void follow_add_route(struct followed_routes *routes, const struct prefix6 *prefix);
bool follow_routes(struct follow *follow, const struct followed_routes *now);
bool follow_default(struct follow *follow, bool has_default, bool forwards);

/* What is left of a lifetime at now_ms, at most most_s (RA_FOREVER: no limit). */
uint32_t follow_left_s(uint64_t end_ms, uint64_t now_ms, uint32_t most_s);

#endif
