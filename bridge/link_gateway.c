/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/link_gateway.c - routes of our own in the kernel's main table: a prefix by way of a
 * neighbour, a prefix that is refused.
 *
 * Ours bear a routing protocol number of their own (rtnetlink(7), 5 and above are user space's), so
 * that those of a server that was killed can be told from everybody else's.
 */
#include <linux/rtnetlink.h>
#include <netlink/route/route.h>

#include "bridge/link_private.h"

#define OUR_METRIC 1024
#define LAST_METRIC UINT32_MAX /* beside a route to the whole prefix that one is taken */

/* NULL: out of memory. */
static struct rtnl_route *own_route(const struct prefix6 *prefix, uint32_t metric)
{
	struct rtnl_route *route = rtnl_route_alloc();
	struct nl_addr *to = nl_addr_build(AF_INET6, &prefix->address, sizeof(prefix->address));

	if (!route || !to) {
		rtnl_route_put(route);
		route = NULL;
	} else {
		nl_addr_set_prefixlen(to, prefix->len);
		rtnl_route_set_family(route, AF_INET6);
		rtnl_route_set_table(route, RT_TABLE_MAIN);
		rtnl_route_set_protocol(route, LINK_ROUTE_PROTOCOL);
		rtnl_route_set_priority(route, metric);
		rtnl_route_set_dst(route, to);
	}
	nl_addr_put(to);
	return route;
}

struct rtnl_route *link_route_object(int index, const struct prefix6 *prefix,
				     const struct ip6 *gateway)
{
	struct rtnl_route *route = own_route(prefix, OUR_METRIC);
	struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
	struct nl_addr *via = nl_addr_build(AF_INET6, gateway, sizeof(*gateway));

	if (!route || !hop || !via) {
		rtnl_route_put(route);
		rtnl_route_nh_free(hop);
		route = NULL;
	} else {
		rtnl_route_nh_set_ifindex(hop, index);
		rtnl_route_nh_set_gateway(hop, via);
		rtnl_route_add_nexthop(route, hop);
	}
	nl_addr_put(via);
	return route;
}

static int change_route(struct link *link, const char *name, const struct prefix6 *prefix,
			const struct ip6 *gateway, bool add, struct err *err)
{
	char text[PREFIX6_TEXT];
	int index = link_index_of(name, err);

	if (index < 0)
		return -1;

	struct rtnl_route *route = link_route_object(index, prefix, gateway);
	if (!route)
		return err_set(err, "out of memory");
	int failed = add ? rtnl_route_add(link->sock, route, NLM_F_REPLACE)
			 : rtnl_route_delete(link->sock, route, 0);
	rtnl_route_put(route);
	if (failed == 0 || (!add && failed == -NLE_OBJ_NOTFOUND))
		return 0;
	return err_set(err, "cannot %s the route to %s over '%s': %s", add ? "add" : "delete",
		       prefix6_text(prefix, text), name, nl_geterror(failed));
}

int link_add_route(struct link *link, const char *name, const struct prefix6 *prefix,
		   const struct ip6 *gateway, struct err *err)
{
	return change_route(link, name, prefix, gateway, true, err);
}

int link_delete_route(struct link *link, const char *name, const struct prefix6 *prefix,
		      const struct ip6 *gateway, struct err *err)
{
	return change_route(link, name, prefix, gateway, false, err);
}

/* ---- what is refused ---- */

static struct rtnl_route *unreachable_object(const struct prefix6 *prefix)
{
	struct rtnl_route *route = own_route(prefix, LAST_METRIC);

	if (!route)
		return NULL;
	if (rtnl_route_set_type(route, RTN_UNREACHABLE) < 0) {
		rtnl_route_put(route);
		return NULL;
	}
	rtnl_route_set_scope(route, RT_SCOPE_UNIVERSE);
	return route;
}

static int change_unreachable(struct link *link, const struct prefix6 *prefix, bool add,
			      struct err *err)
{
	char text[PREFIX6_TEXT];
	struct rtnl_route *route = unreachable_object(prefix);

	if (!route)
		return err_set(err, "out of memory");
	int failed = add ? rtnl_route_add(link->sock, route, NLM_F_REPLACE)
			 : rtnl_route_delete(link->sock, route, 0);
	rtnl_route_put(route);
	if (failed == 0 || (!add && failed == -NLE_OBJ_NOTFOUND))
		return 0;
	return err_set(err, "cannot %s the unreachable route to %s: %s", add ? "add" : "delete",
		       prefix6_text(prefix, text), nl_geterror(failed));
}

int link_add_unreachable(struct link *link, const struct prefix6 *prefix, struct err *err)
{
	return change_unreachable(link, prefix, true, err);
}

int link_delete_unreachable(struct link *link, const struct prefix6 *prefix, struct err *err)
{
	return change_unreachable(link, prefix, false, err);
}
