/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/link.h
 *
 * Interfaces, addresses and routes of the kernel, asked and changed by netlink (libnl): set-up
 * of the TAP, the identity of the interface that routes, and what a client's kernel made of a
 * Router Advertisement.  Names are interface names.  Set-up calls block for a moment: control
 * thread and client only.
 */
#ifndef BRIDGE_LINK_H
#define BRIDGE_LINK_H

#include <net/if.h>

#include "base/packet.h"

#define LINK_MAX_ADDRESSES 320 /* the server's TAP has one of each prefix of its configuration */
#define LINK_MAX_ROUTES 128

struct link; /* a netlink connection for requests */

struct link *link_open(struct err *err);
void link_close(struct link *link);

/* Each: 0, or -1 and a sentence that names the interface. */
int link_set_up(struct link *link, const char *name, bool up, struct err *err);
int link_set_mtu(struct link *link, const char *name, unsigned mtu, struct err *err);
int link_set_mac(struct link *link, const char *name, const struct mac *mac, struct err *err);
/* Without duplicate address detection (nodad).  To add one that is there already, and to delete
 * one that is not, is fine.  `metric` is that of the route to its prefix, 0: the kernel's own
 * (256); a lower one wins over the same prefix on another interface. */
int link_add_address(struct link *link, const char *name, const struct prefix6 *address,
		     uint32_t metric, struct err *err);
int link_delete_address(struct link *link, const char *name, const struct prefix6 *address,
			struct err *err);
/* The same, but for a time, with duplicate address detection, and marked as ours: what a lease
 * gives.  To set it again renews it. */
struct link_lifetimes {
	uint32_t preferred_s, valid_s; /* UINT32_MAX: for ever */
};
int link_lease_address(struct link *link, const char *name, const struct prefix6 *address,
		       const struct link_lifetimes *lifetimes, struct err *err);
/* Makes `name` a port of the kernel bridge, or of none (bridge NULL). */
int link_join_bridge(struct link *link, const char *name, const char *bridge, struct err *err);

/* Gives the interface the first queue discipline of a list (NULL ends it) that the kernel has, with
 * the kernel's parameters.  *chosen: its name of the list, NULL if the kernel has none of them,
 * which is no failure. */
int link_set_qdisc(struct link *link, const char *name, const char *const *kinds,
		   const char **chosen, struct err *err);

/* Who an interface is: what an RA must carry to send hosts there. */
struct link_identity {
	int index;
	bool up, carrier, is_bridge;
	unsigned mtu;
	struct mac mac;
	bool has_link_local; /* past duplicate address detection, or optimistic */
	struct ip6 link_local;
	int master; /* index of the bridge it is a port of; 0: none */
};
/* -1: there is no such interface. */
int link_identity(struct link *link, const char *name, struct link_identity *identity,
		  struct err *err);

struct link_address {
	struct ip6 address;
	uint8_t prefix_len;
	bool tentative, optimistic, failed, deprecated, temporary, permanent;
	bool ours; /* of link_lease_address, by this process or one before it (Linux 5.18) */
	uint32_t preferred_s, valid_s; /* UINT32_MAX: for ever */
};
/* Returns their number, at most max; -1 on failure. */
int link_addresses(struct link *link, const char *name, struct link_address *address, unsigned max,
		   struct err *err);

struct link_route {
	struct prefix6 prefix; /* ::/0: default */
	int index;	       /* of the interface that it leaves by */
	bool has_gateway;
	struct ip6 gateway;
	bool from_ra;	    /* RTPROT_RA */
	bool ours;	    /* of link_add_route, by this process or one before it */
	uint8_t preference; /* RFC 4191 two bits: 0 medium, 1 high, 3 low */
	uint32_t metric;
	uint32_t lifetime_s; /* UINT32_MAX: for ever */
};
/* The IPv6 routes of the main table through an interface. */
int link_routes(struct link *link, const char *name, struct link_route *route, unsigned max,
		struct err *err);
/*
 * The IPv6 unicast routes of the main table through any interface, one call for each next hop
 * whose interface is up and has a carrier.  The table may be as large as the Internet's: `visit`
 * keeps what it wants and counts it in *count, which is set to 0 at each beginning (a dump during
 * which the table changed is repeated).
 */
typedef void (*link_route_visit)(void *owner, const struct link_route *route);
int link_each_route(struct link *link, link_route_visit visit, void *owner, unsigned *count,
		    struct err *err);
/* A route of our own by way of a neighbour; it takes the place of ours to the same prefix.  To
 * delete one that is not there is fine.  The interface's end is also theirs. */
#define LINK_ROUTE_PROTOCOL 76
int link_add_route(struct link *link, const char *name, const struct prefix6 *prefix,
		   const struct ip6 *gateway, struct err *err);
int link_delete_route(struct link *link, const char *name, const struct prefix6 *prefix,
		      const struct ip6 *gateway, struct err *err);
/* What of a prefix nobody has is refused here, after all other routes of any length were asked: a
 * route of ours too.  To add one that is there, or delete one that is not, is fine. */
int link_add_unreachable(struct link *link, const struct prefix6 *prefix, struct err *err);
int link_delete_unreachable(struct link *link, const struct prefix6 *prefix, struct err *err);
/* Those that are there, of this process or one before it.  Number, at most max; -1. */
int link_unreachables(struct link *link, struct prefix6 *prefix, unsigned max, struct err *err);
/*
 * The interface that packets to `address` (4 or 16 bytes) would leave by if `except` were not
 * there: local table (this host's own addresses: the loopback interface), then main table, in
 * each the longest prefix, then the lowest metric.  For the tunnel's own connection, which
 * must not enter the tunnel.  -1 if no route is left, or only one that refuses (unreachable).
 * `except` may be NULL, or name an interface that does not exist.
 */
int link_route_without(struct link *link, const uint8_t *address, unsigned address_len,
		       const char *except, char name[static IF_NAMESIZE], struct err *err);

/* What changes, as it happens.  `index`: the interface's.  Each may be NULL, but for `lost`.
 * None may close the watch. */
struct link_events {
	void (*changed)(void *owner, int index); /* link or address: ask link_identity again */
	void (*gone)(void *owner, int index);	 /* the interface was deleted */
	/* One neighbour discovery option that the kernel leaves to user space (RDNSS, DNSSL, and
	 * by kernel others, even prefixes): RTM_NEWNDUSEROPT; `from` sent the RA.  Borrowed. */
	void (*nd_option)(void *owner, int index, const struct ip6 *from, struct bytes option);
	/* IPv6 unicast routes of the main table, any interface; once per link_watch_read. */
	void (*routes_changed)(void *owner);
	/* The same, each of them as it comes: whether it matters is cheaper to say by its prefix
	 * than to ask for the whole table.  `ours`: of link_add_route. */
	void (*route_changed)(void *owner, const struct prefix6 *prefix, bool ours);
	void (*forwarding_changed)(void *owner); /* of IPv6, of all interfaces together */
	void (*lost)(void *owner); /* messages were lost (ENOBUFS): ask for everything again */
};

struct link_watch;
struct link_watch *link_watch_open(const struct link_events *events, void *owner, struct err *err);
int link_watch_fd(const struct link_watch *watch); /* non-blocking: poll it, then link_watch_read */
int link_watch_read(struct link_watch *watch, struct err *err); /* all that is there now */
void link_watch_close(struct link_watch *watch);

#endif
