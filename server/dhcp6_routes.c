/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_routes.c - routes of delegated prefixes, kept as a tree by prefix. */
#include "server/dhcp6_routes.h"

#include <search.h>
#include <stdlib.h>

#include "bridge/link_batch.h"
#include "server/server_private.h"

#define MAX_FOREIGN 1024 /* routes of others inside of what is delegated */

struct route {
	struct prefix6 prefix; /* first: the tree's key */
	struct ip6 gateway, installed_gateway;
	bool wanted, installed, changed, failed;
	struct route *next_changed;
};

struct foreign {
	struct prefix6 prefix;
	int index;
	bool told;
};

struct dhcp6_routes {
	struct server *server;
	struct link_batch *batch;
	void *tree;
	struct route *changed;
	bool stale;		/* foreign is not what the kernel has */
	unsigned foreign_found; /* of which the first ones are there */
	bool told_left_out;
	struct foreign foreign[MAX_FOREIGN];
};

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct prefix6));
}

/* ---- ours ---- */

struct dhcp6_routes *dhcp6_routes_new(struct server *server, struct err *err)
{
	struct dhcp6_routes *routes = calloc(1, sizeof(*routes));

	if (!routes) {
		err_set(err, "out of memory");
		return NULL;
	}
	routes->server = server;
	routes->stale = true;
	routes->batch = link_batch_open(err);
	if (!routes->batch) {
		free(routes);
		return NULL;
	}
	return routes;
}

static struct route *find(struct dhcp6_routes *routes, const struct prefix6 *prefix)
{
	void *node = tfind(prefix, &routes->tree, compare);

	return node ? *(struct route **)node : NULL;
}

static void note_change(struct dhcp6_routes *routes, struct route *route)
{
	if (route->changed)
		return;
	route->changed = true;
	route->next_changed = routes->changed;
	routes->changed = route;
}

int dhcp6_routes_set(struct dhcp6_routes *routes, const struct prefix6 *prefix,
		     const struct ip6 *gateway, struct err *err)
{
	struct route *route = find(routes, prefix);

	if (!route) {
		route = calloc(1, sizeof(*route));
		if (!route)
			return err_set(err, "out of memory");
		route->prefix = *prefix;
		if (!tsearch(route, &routes->tree, compare)) {
			free(route);
			return err_set(err, "out of memory");
		}
	}
	route->wanted = true;
	route->gateway = *gateway;
	note_change(routes, route);
	return 0;
}

void dhcp6_routes_unset(struct dhcp6_routes *routes, const struct prefix6 *prefix)
{
	struct route *route = find(routes, prefix);

	if (!route)
		return;
	route->wanted = false;
	note_change(routes, route);
}

static void drop_if_over(struct dhcp6_routes *routes, struct route *route)
{
	if (route->wanted || route->installed)
		return;
	tdelete(route, &routes->tree, compare);
	free(route);
}

static struct route *next_change(struct dhcp6_routes *routes)
{
	struct route *route = routes->changed;

	if (route) {
		routes->changed = route->next_changed;
		route->changed = false;
	}
	return route;
}

void dhcp6_routes_forget_changes(struct dhcp6_routes *routes)
{
	struct route *route;

	while ((route = next_change(routes))) {
		route->wanted = route->installed;
		route->gateway = route->installed_gateway;
		drop_if_over(routes, route);
	}
}

static void log_failure(struct route *route, const struct err *err)
{
	if (!route->failed)
		log_error("dhcp6: %s", err->text);
	route->failed = true;
}

/* What is to be told to the kernel, and whose it is. */
struct orders {
	struct dhcp6_routes *routes;
	unsigned count;
	struct link_order order[LINK_BATCH_MAX];
	struct route *route[LINK_BATCH_MAX];
	bool refused[LINK_BATCH_MAX];
};

static void on_refused(void *owner, unsigned number, const struct err *err)
{
	struct orders *orders = owner;

	orders->refused[number] = true;
	log_failure(orders->route[number], err);
}

static void note_done(struct orders *orders, unsigned number)
{
	struct route *route = orders->route[number];

	if (!orders->order[number].add) {
		route->installed = false; /* even if refused: a later start finds what is left */
	} else if (!orders->refused[number]) {
		route->failed = false;
		route->installed = true;
		route->installed_gateway = orders->order[number].gateway;
	}
	drop_if_over(orders->routes, route);
}

static void give(struct orders *orders)
{
	struct server *server = orders->routes->server;
	struct err err = { 0 };

	memset(orders->refused, 0, sizeof(orders->refused));
	if (link_batch_routes(orders->routes->batch, router_interface(server), orders->order,
			      orders->count, on_refused, orders, &err) < 0)
		for (unsigned i = 0; i < orders->count; i++)
			on_refused(orders, i, &err);
	for (unsigned i = 0; i < orders->count; i++)
		note_done(orders, i);
	orders->count = 0;
}

static void add_order(struct orders *orders, struct route *route, bool add)
{
	if (orders->count == LINK_BATCH_MAX)
		give(orders);
	orders->order[orders->count] = (struct link_order) {
		.add = add,
		.prefix = route->prefix,
		.gateway = add ? route->gateway : route->installed_gateway,
	};
	orders->route[orders->count++] = route;
}

void dhcp6_routes_apply(struct dhcp6_routes *routes)
{
	struct orders orders = { .routes = routes };
	struct route *route;

	while ((route = next_change(routes))) {
		if (!route->wanted && route->installed)
			add_order(&orders, route, false);
		else if (route->wanted && (!route->installed ||
					   !ip6_equal(&route->gateway, &route->installed_gateway)))
			add_order(&orders, route, true);
		else
			drop_if_over(routes, route);
	}
	if (orders.count > 0)
		give(&orders);
}

static void visit_repair(const void *node, VISIT which, void *owner)
{
	struct dhcp6_routes *routes = owner;
	struct route *route = *(struct route *const *)node;

	if ((which == postorder || which == leaf) && route->wanted) {
		route->installed = false;
		note_change(routes, route);
	}
}

void dhcp6_routes_repair(struct dhcp6_routes *routes)
{
	if (!routes) /* the router is looked at before there is any DHCPv6 */
		return;
	twalk_r(routes->tree, visit_repair, routes);
	dhcp6_routes_apply(routes);
}

static void visit_end(const void *node, VISIT which, void *owner)
{
	struct dhcp6_routes *routes = owner;
	struct route *route = *(struct route *const *)node;

	if (which == postorder || which == leaf) {
		route->wanted = false;
		note_change(routes, route);
	}
}

void dhcp6_routes_free(struct dhcp6_routes *routes)
{
	if (!routes)
		return;
	twalk_r(routes->tree, visit_end, routes);
	dhcp6_routes_apply(routes); /* which drops them, too */
	link_batch_close(routes->batch);
	free(routes);
}

/* ---- the kernel's ---- */

static bool is_delegated(const struct dhcp6_settings *settings, const struct prefix6 *prefix)
{
	for (unsigned i = 0; i < settings->delegate_count; i++)
		if (prefix6_overlap(&settings->delegate[i].prefix, prefix))
			return true;
	return false;
}

/* Of the part of each that stays ours (RFC 6603): such a route is the longer one, and right. */
static bool is_excluded(const struct dhcp6_settings *settings, const struct prefix6 *prefix)
{
	for (unsigned i = 0; i < settings->delegate_count; i++)
		if (config_delegate_excludes(&settings->delegate[i], prefix))
			return true;
	return false;
}

typedef bool (*settings_test)(const struct dhcp6_settings *settings, const struct prefix6 *prefix);

static bool is_anywhere(settings_test so, const struct server_config *config,
			const struct prefix6 *prefix)
{
	bool any = so(&config->ra.dhcp6, prefix);

	for (unsigned i = 0; i < config->section_count && !any; i++)
		any = so(&config->section[i]->settings.dhcp6, prefix);
	return any;
}

/* The routes of somebody else that a delegated prefix would be in the way of. */
static void visit_foreign(void *owner, const struct link_route *route)
{
	struct dhcp6_routes *routes = owner;
	const struct server_config *config = &routes->server->config;

	if (route->ours || route->prefix.len == 0 ||
	    !is_anywhere(is_delegated, config, &route->prefix) ||
	    is_anywhere(is_excluded, config, &route->prefix))
		return;
	if (routes->foreign_found < MAX_FOREIGN)
		routes->foreign[routes->foreign_found] =
			(struct foreign) { .prefix = route->prefix,
					   .index = route->has_gateway ? 0 : route->index };
	routes->foreign_found++;
}

static unsigned foreign_count(const struct dhcp6_routes *routes)
{
	return routes->foreign_found < MAX_FOREIGN ? routes->foreign_found : MAX_FOREIGN;
}

static void read_foreign(struct dhcp6_routes *routes)
{
	struct err err = { 0 };

	if (link_each_route(routes->server->link, visit_foreign, routes, &routes->foreign_found,
			    &err) < 0)
		log_error("dhcp6: %s", err.text);
	routes->stale = false;
	unsigned left_out = dhcp6_routes_left_out(routes);
	if (left_out > 0 && !routes->told_left_out)
		log_warning("dhcp6: this host has %u routes inside of delegate, which is %u too "
			    "many: prefixes that those overlap may be delegated",
			    routes->foreign_found, left_out);
	routes->told_left_out = left_out > 0;
}

unsigned dhcp6_routes_left_out(const struct dhcp6_routes *routes)
{
	return routes->foreign_found - foreign_count(routes);
}

/* An aggregate that leads elsewhere by way of a router is no conflict: the longer prefix wins. */
static bool is_conflict(const struct foreign *foreign, const struct prefix6 *prefix)
{
	return prefix6_overlap(&foreign->prefix, prefix) &&
	       (foreign->prefix.len >= prefix->len || foreign->index != 0);
}

bool dhcp6_routes_conflict(struct dhcp6_routes *routes, const struct prefix6 *prefix)
{
	char text[PREFIX6_TEXT], other[PREFIX6_TEXT];

	if (routes->stale)
		read_foreign(routes);
	for (unsigned i = 0; i < foreign_count(routes); i++) {
		struct foreign *foreign = &routes->foreign[i];

		if (!is_conflict(foreign, prefix))
			continue;
		if (!foreign->told)
			log_warning("dhcp6: %s is not delegated: this host has a route to %s",
				    prefix6_text(prefix, text),
				    prefix6_text(&foreign->prefix, other));
		foreign->told = true;
		return true;
	}
	return false;
}

void dhcp6_routes_changed(struct dhcp6_routes *routes)
{
	if (routes)
		routes->stale = true;
}

/* ---- leftovers ---- */

struct leftovers {
	struct dhcp6_routes *routes;
	int index;
	unsigned count;
	struct {
		struct prefix6 prefix;
		struct ip6 gateway;
	} route[256]; /* the rest the next time */
};

static void visit_leftover(void *owner, const struct link_route *route)
{
	struct leftovers *left = owner;
	const struct route *wanted = find(left->routes, &route->prefix);

	if (!route->ours || route->index != left->index || !route->has_gateway ||
	    (wanted && wanted->wanted) || left->count == ARRAY_LEN(left->route))
		return;
	left->route[left->count].prefix = route->prefix;
	left->route[left->count++].gateway = route->gateway;
}

void dhcp6_routes_tidy(struct dhcp6_routes *routes)
{
	struct server *server = routes->server;
	struct leftovers left = { .routes = routes, .index = server->identity.index };
	struct err err = { 0 };

	if (link_each_route(server->link, visit_leftover, &left, &left.count, &err) < 0) {
		log_error("dhcp6: %s", err.text);
		return;
	}
	for (unsigned i = 0; i < left.count; i++)
		if (link_delete_route(server->link, router_interface(server), &left.route[i].prefix,
				      &left.route[i].gateway, &err) < 0)
			log_error("dhcp6: %s", err.text);
}
