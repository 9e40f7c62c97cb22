/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/link_routes.c
 *
 * Routes of the kernel: those that a Router Advertisement made, those of all interfaces, and the
 * one that the tunnel's own connection takes.  A route with several next hops counts as one route for each.
 * Rules (ip-rule(8)) beside local and main are not looked at.
 *
 * rtnetlink(7), linux/rtnetlink.h; RFC 4191 2.1 (preference of a route).
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/link_private.h"

struct hop {
	int index; /* of the interface */
	bool dead, no_carrier;
	struct nlattr *gateway;
};

/* One row of the table, as far as its next hops are not concerned. */
struct row {
	uint8_t family, type, protocol, prefix_len, preference;
	uint32_t table, metric, lifetime_s;
	uint8_t prefix[16];
	struct nlattr *attribute[RTA_MAX + 1];
	unsigned flags;
};

/* rta_expires counts in ticks of 1/_SC_CLK_TCK s; 0 is a route without end, below 0 a late one. */
static uint32_t lifetime_s(struct nlattr *attribute)
{
	struct rta_cacheinfo times = { 0 };

	nla_memcpy(&times, attribute, sizeof(times));
	int32_t ticks = (int32_t)times.rta_expires;
	long per_second = sysconf(_SC_CLK_TCK);
	if (ticks == 0 || per_second <= 0)
		return UINT32_MAX;
	return ticks < 0 ? 0 : (uint32_t)((ticks + per_second / 2) / per_second);
}

static bool row_read(struct nl_msg *message, struct row *row)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	*row = (struct row) { 0 };

	if (header->nlmsg_type != RTM_NEWROUTE ||
	    nlmsg_parse(header, sizeof(struct rtmsg), row->attribute, RTA_MAX, NULL) < 0)
		return false;

	const struct rtmsg *body = nlmsg_data(header);
	struct nlattr *const *attribute = row->attribute;
	if (body->rtm_flags & RTM_F_CLONED)
		return false;
	row->family = body->rtm_family;
	row->type = body->rtm_type;
	row->protocol = body->rtm_protocol;
	row->flags = body->rtm_flags;
	row->prefix_len = body->rtm_dst_len;
	row->table = attribute[RTA_TABLE] ? nla_get_u32(attribute[RTA_TABLE]) : body->rtm_table;
	row->metric = attribute[RTA_PRIORITY] ? nla_get_u32(attribute[RTA_PRIORITY]) : 0;
	row->preference = attribute[RTA_PREF] ? nla_get_u8(attribute[RTA_PREF]) & 3 : 0;
	row->lifetime_s = lifetime_s(attribute[RTA_CACHEINFO]);
	nla_memcpy(row->prefix, attribute[RTA_DST], sizeof(row->prefix));
	return true;
}

typedef void (*hop_visit)(void *owner, const struct row *row, const struct hop *hop);

static void each_hop(const struct row *row, hop_visit visit, void *owner)
{
	struct nlattr *const *attribute = row->attribute;

	if (!attribute[RTA_MULTIPATH]) {
		struct hop hop = {
			.index = attribute[RTA_OIF] ? (int)nla_get_u32(attribute[RTA_OIF]) : 0,
			.dead = row->flags & RTNH_F_DEAD,
			.no_carrier = row->flags & RTNH_F_LINKDOWN,
			.gateway = attribute[RTA_GATEWAY],
		};
		visit(owner, row, &hop);
		return;
	}

	struct rtnexthop *next = nla_data(attribute[RTA_MULTIPATH]);
	int left = nla_len(attribute[RTA_MULTIPATH]);
	/* RTNH_OK looks into the entry before it looks at what is left. */
	while (left >= (int)sizeof(*next) && RTNH_OK(next, left)) {
		struct nlattr *inner[RTA_MAX + 1];
		struct hop hop = { .index = next->rtnh_ifindex,
				   .dead = next->rtnh_flags & RTNH_F_DEAD,
				   .no_carrier = next->rtnh_flags & RTNH_F_LINKDOWN };

		if (nla_parse(inner, RTA_MAX, (struct nlattr *)RTNH_DATA(next),
			      next->rtnh_len - (int)sizeof(*next), NULL) == 0)
			hop.gateway = inner[RTA_GATEWAY];
		visit(owner, row, &hop);
		left -= (int)RTNH_ALIGN(next->rtnh_len);
		next = RTNH_NEXT(next);
	}
}

struct route_list {
	struct link_route *route;
	unsigned max, count;
	int index;
};

static void describe_hop(const struct row *row, const struct hop *hop, struct link_route *route)
{
	*route = (struct link_route) {
		.prefix.len = row->prefix_len,
		.index = hop->index,
		.has_gateway = hop->gateway && nla_len(hop->gateway) == sizeof(route->gateway),
		.from_ra = row->protocol == RTPROT_RA,
		.ours = row->protocol == LINK_ROUTE_PROTOCOL,
		.preference = row->preference,
		.metric = row->metric,
		.lifetime_s = row->lifetime_s,
	};
	memcpy(&route->prefix.address, row->prefix, sizeof(route->prefix.address));
	if (route->has_gateway)
		nla_memcpy(&route->gateway, hop->gateway, sizeof(route->gateway));
}

static void list_hop(void *owner, const struct row *row, const struct hop *hop)
{
	struct route_list *list = owner;

	if (hop->index == list->index && list->count < list->max)
		describe_hop(row, hop, &list->route[list->count++]);
}

static bool is_unicast6(const struct row *row)
{
	return row->family == AF_INET6 && row->table == RT_TABLE_MAIN && row->type == RTN_UNICAST;
}

static int list_row(struct nl_msg *message, void *owner)
{
	struct row row;

	if (row_read(message, &row) && is_unicast6(&row))
		each_hop(&row, list_hop, owner);
	return NL_OK;
}

int link_routes(struct link *link, const char *name, struct link_route *route, unsigned max,
		struct err *err)
{
	struct route_list list = { .route = route, .max = max };

	list.index = link_index_of(name, err);
	if (list.index < 0 ||
	    link_dump(link, RTM_GETROUTE, AF_INET6, list_row, &list, &list.count, err) < 0)
		return -1;
	return (int)list.count;
}

struct visit {
	link_route_visit visit;
	void *owner;
};

static void visit_hop(void *owner, const struct row *row, const struct hop *hop)
{
	const struct visit *visit = owner;
	struct link_route route;

	if (hop->index == 0 || hop->dead || hop->no_carrier)
		return;
	describe_hop(row, hop, &route);
	visit->visit(visit->owner, &route);
}

static int visit_row(struct nl_msg *message, void *owner)
{
	struct row row;

	if (row_read(message, &row) && is_unicast6(&row))
		each_hop(&row, visit_hop, owner);
	return NL_OK;
}

int link_each_route(struct link *link, link_route_visit visit, void *owner, unsigned *count,
		    struct err *err)
{
	struct visit all = { .visit = visit, .owner = owner };

	return link_dump(link, RTM_GETROUTE, AF_INET6, visit_row, &all, count, err);
}

struct refused {
	struct prefix6 *prefix;
	unsigned max, count;
};

static int refused_row(struct nl_msg *message, void *owner)
{
	struct refused *refused = owner;
	struct row row;

	if (!row_read(message, &row) || row.family != AF_INET6 || row.table != RT_TABLE_MAIN ||
	    row.type != RTN_UNREACHABLE || row.protocol != LINK_ROUTE_PROTOCOL ||
	    refused->count == refused->max)
		return NL_OK;
	struct prefix6 *prefix = &refused->prefix[refused->count++];
	prefix->len = row.prefix_len;
	memcpy(&prefix->address, row.prefix, sizeof(prefix->address));
	return NL_OK;
}

int link_unreachables(struct link *link, struct prefix6 *prefix, unsigned max, struct err *err)
{
	struct refused refused = { .prefix = prefix, .max = max };

	if (link_dump(link, RTM_GETROUTE, AF_INET6, refused_row, &refused, &refused.count, err) < 0)
		return -1;
	return (int)refused.count;
}

/* A route as it competes with others for one address. */
struct candidate {
	bool local;   /* of the local table, which the kernel asks first */
	bool refuses; /* unreachable, blackhole, prohibit */
	uint8_t prefix_len;
	uint32_t metric;
	uint8_t rank; /* by preference */
	int index;
};

struct search {
	uint8_t family, address[16];
	int except;
	unsigned found; /* 0: there is no best one yet */
	struct candidate best;
};

static bool matches(const struct search *search, const struct row *row)
{
	unsigned whole = row->prefix_len / 8, rest = row->prefix_len % 8;

	if (row->prefix_len > (search->family == AF_INET6 ? 128 : 32) ||
	    memcmp(row->prefix, search->address, whole) != 0)
		return false;
	return rest == 0 || ((row->prefix[whole] ^ search->address[whole]) >> (8 - rest)) == 0;
}

/* RFC 4191 2.1: high above medium above low (and the reserved value counts as medium). */
static uint8_t preference_rank(uint8_t preference)
{
	return preference == 1 ? 2 : preference == 3 ? 0 : 1;
}

/* Of equals the kernel's first one stays. */
static bool is_better(const struct candidate *a, const struct candidate *b)
{
	if (a->local != b->local)
		return a->local;
	if (a->prefix_len != b->prefix_len)
		return a->prefix_len > b->prefix_len;
	if (a->metric != b->metric)
		return a->metric < b->metric;
	return a->rank > b->rank;
}

static void search_hop(void *owner, const struct row *row, const struct hop *hop)
{
	struct search *search = owner;
	const struct candidate candidate = {
		.local = row->table == RT_TABLE_LOCAL,
		.refuses = row->type != RTN_UNICAST && row->type != RTN_LOCAL,
		.prefix_len = row->prefix_len,
		.metric = row->metric,
		.rank = preference_rank(row->preference),
		.index = hop->index,
	};

	if (!candidate.refuses && (hop->dead || hop->index == 0))
		return;
	if (!candidate.local && search->except > 0 && hop->index == search->except)
		return;
	if (search->found && !is_better(&candidate, &search->best))
		return;
	search->found = 1;
	search->best = candidate;
}

static int search_row(struct nl_msg *message, void *owner)
{
	struct search *search = owner;
	struct row row;

	if (!row_read(message, &row) || row.family != search->family || !matches(search, &row))
		return NL_OK;
	/* A "throw" sends the search to the next table; after main there is none. */
	if ((row.table == RT_TABLE_LOCAL && row.type == RTN_LOCAL) ||
	    (row.table == RT_TABLE_MAIN && row.type != RTN_THROW))
		each_hop(&row, search_hop, search);
	return NL_OK;
}

int link_route_without(struct link *link, const uint8_t *address, unsigned address_len,
		       const char *except, char name[static IF_NAMESIZE], struct err *err)
{
	struct search search = { .family = address_len == 16 ? AF_INET6 : AF_INET };

	if (address_len != 4 && address_len != 16)
		return err_set(err, "an address has 4 or 16 bytes, not %u", address_len);
	memcpy(search.address, address, address_len);
	search.except = except ? (int)if_nametoindex(except) : 0;
	if (link_dump(link, RTM_GETROUTE, search.family, search_row, &search, &search.found, err) <
	    0)
		return -1;
	if (!search.found || search.best.refuses)
		return except ? err_set(err, "no route is left beside '%s'", except)
			      : err_set(err, "there is no route");
	if (!if_indextoname((unsigned)search.best.index, name))
		return err_errno(err, "the route's interface %d has gone", search.best.index);
	return 0;
}
