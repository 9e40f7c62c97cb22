/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/link_ways.h
 *
 * Which way the kernel would send an IPv6 packet, asked of the kernel itself, with all its tables
 * and rules; and what could make it choose another way for some packets: the routes inside a
 * prefix, and the rules that ask for more than a destination.  Nothing is changed or sent.
 */
#ifndef BRIDGE_LINK_WAYS_H
#define BRIDGE_LINK_WAYS_H

#include "bridge/link.h"

#define LINK_MAX_RULES 32

/* A rule of ip-rule(8) as far as it looks at what one packet is not like another by. */
struct link_rule {
	uint32_t priority;
	bool has_mark, has_uid;
	uint32_t mark, uid;			/* uid: the first of the range */
	uint8_t protocol;			/* 0: any */
	uint16_t source_port, destination_port; /* the first of the range; 0: any */
};

/* A packet that does not exist. */
struct link_question {
	struct ip6 to;
	bool has_from;
	struct ip6 from;
	struct link_rule as; /* zero: nothing special about it */
};

enum link_way_kind {
	LINK_WAY_OUT,	  /* by `name` */
	LINK_WAY_HERE,	  /* the address is this host's own */
	LINK_WAY_REFUSED, /* no route, or one that refuses (unreachable, prohibit, blackhole) */
};

struct link_way {
	enum link_way_kind kind;
	char name[IF_NAMESIZE];
	struct prefix6 route; /* the one that matched */
};

/* -1 and a sentence if the kernel could not be asked. */
int link_ask_way(struct link *link, const struct link_question *question, struct link_way *way,
		 struct err *err);

struct link_inner {
	struct prefix6 prefix;
	bool has_gateway;
	char name[IF_NAMESIZE]; /* the interface; "" if it refuses */
};
/* The routes of any table but the local one whose prefix lies within `prefix` and is longer, and
 * that do not lead to `but`.  Returns their number, at most max; -1 on failure. */
int link_inner_routes(struct link *link, const struct prefix6 *prefix, const char *but,
		      struct link_inner *inner, unsigned max, struct err *err);

/* The IPv6 rules that choose by mark, user, protocol or port.  Number, at most max; -1. */
int link_rules(struct link *link, struct link_rule *rule, unsigned max, struct err *err);

#endif
