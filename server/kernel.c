/* SPDX-License-Identifier: Apache-2.0 */
/* server/kernel.c - asks the kernel for what advertisements follow, at the right times.
 *
 * What the answers mean is in follow.c.  Routes cost a dump of the table, which may be large: only
 * a route inside of a filter, or a default route, is a reason for one.
 */
#include "server/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/server_private.h"

#define SETTLE_MS 100	/* one change of the kernel's is several notices */
#define ASK_GAP_MS 1000 /* clients hear within 3 s, even of a change right after a question */
#define FORWARDING_PATH "/proc/sys/net/ipv6/conf/all/forwarding"

struct kernel {
	struct server *server;
	struct follow follow;
	unsigned filter_count;
	struct prefix6 filter[CONFIG_MAX_FILTERS];
	uint64_t interval_ms;	/* the longest of all sections' */
	bool wants_routes;	/* anything depends on them: else the table is not asked for */
	bool addresses, routes; /* what to ask for next time */
	uint64_t ask_from_ms;	/* not before */
	uv_timer_t timer;
};

/* ---- asking ---- */

static void warn(const struct err *err)
{
	log_warning("router: %s", err->text);
}

/* One that is not there (yet) has no prefixes; the kernel will tell when it comes. */
static bool ask_interface(struct kernel *kernel, struct followed_interface *interface)
{
	struct server *server = kernel->server;
	struct link_address address[LINK_MAX_ADDRESSES];
	struct err err = { 0 };
	int count =
		link_addresses(server->link, interface->name, address, LINK_MAX_ADDRESSES, &err);
	bool tap = strcmp(interface->name, server->config.interface) == 0;

	if (count < 0 && err.kind != ERR_NO_OBJECT) {
		warn(&err);
		return false; /* what it had is still the best guess */
	}
	return follow_addresses(interface, address, count < 0 ? 0 : (unsigned)count,
				server->tap_address, tap ? server->tap_address_count : 0,
				kernel->interval_ms, uv_now(&server->loop));
}

static bool forwards(void)
{
	char value = '1';
	int fd = open(FORWARDING_PATH, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	bool zero = read(fd, &value, 1) == 1 && value == '0';
	close(fd);
	return !zero;
}

struct reading {
	const struct kernel *kernel;
	unsigned kept; /* rows, of this dump: a repeated one begins at 0, see link_each_route */
	struct followed_routes routes;
	bool has_default;
};

static void forget_dump_before(struct reading *reading)
{
	if (reading->kept > 0)
		return;
	reading->routes.count = reading->routes.left_out = 0;
	reading->has_default = false;
}

static void take_route(void *owner, const struct link_route *route)
{
	struct reading *reading = owner;
	const struct kernel *kernel = reading->kernel;
	int link_index = kernel->server->identity.index;

	forget_dump_before(reading);
	if (route->prefix.len == 0 && (route->index != link_index || route->has_gateway)) {
		reading->has_default = true;
		reading->kept++;
	}
	for (unsigned i = 0; i < kernel->filter_count; i++) {
		if (!follow_wants_route(&kernel->filter[i], route, link_index))
			continue;
		follow_add_route(&reading->routes, &route->prefix);
		reading->kept++;
		return;
	}
}

static bool ask_routes(struct kernel *kernel)
{
	struct reading reading = { .kernel = kernel };
	struct err err = { 0 };

	if (link_each_route(kernel->server->link, take_route, &reading, &reading.kept, &err) < 0) {
		warn(&err);
		return false;
	}
	forget_dump_before(&reading);
	unsigned left_out = reading.routes.left_out;
	if (left_out > 0 && kernel->follow.routes.left_out == 0)
		log_warning("router: the kernel has more than %d routes for route = kernel: the "
			    "%u with the longest prefixes are left out",
			    FOLLOW_MAX_ROUTES, left_out);
	bool news = follow_routes(&kernel->follow, &reading.routes);

	return follow_default(&kernel->follow, reading.has_default, forwards()) || news;
}

static bool ask(struct kernel *kernel)
{
	uint64_t began_ns = uv_hrtime();
	bool news = false;

	for (unsigned i = 0; kernel->addresses && i < kernel->follow.interface_count; i++)
		news = ask_interface(kernel, &kernel->follow.interface[i]) || news;
	if (kernel->routes && kernel->wants_routes)
		news = ask_routes(kernel) || news;
	kernel->addresses = kernel->routes = false;
	/* the Internet's table takes a while: nine times as long is for everything else */
	uint64_t gap_ms = 9 * ((uv_hrtime() - began_ns) / 1000000);
	kernel->ask_from_ms =
		uv_now(&kernel->server->loop) + (gap_ms > ASK_GAP_MS ? gap_ms : ASK_GAP_MS);
	return news;
}

static void on_timer(uv_timer_t *timer)
{
	struct kernel *kernel = timer->data;

	if (!ask(kernel))
		return;
	log_info("router: the kernel's addresses or routes have changed");
	promises_refresh(kernel->server->promises);
	tap_addresses_follow(kernel->server);
	settings_replace_all(kernel->server);
}

static void ask_soon(struct kernel *kernel, bool addresses, bool routes)
{
	uint64_t now_ms = uv_now(&kernel->server->loop), wait_ms = SETTLE_MS;

	kernel->addresses = kernel->addresses || addresses;
	kernel->routes = kernel->routes || routes;
	if (uv_is_active((uv_handle_t *)&kernel->timer))
		return;
	if (kernel->ask_from_ms > now_ms + wait_ms)
		wait_ms = kernel->ask_from_ms - now_ms;
	uv_timer_start(&kernel->timer, on_timer, wait_ms, 0);
}

/* ---- notices ---- */

void kernel_link_changed(struct kernel *kernel)
{
	/* a cable that is pulled takes no route with it: they only have no carrier any more */
	ask_soon(kernel, true, true);
}

void kernel_route_changed(struct kernel *kernel, const struct prefix6 *prefix)
{
	bool matters = prefix->len == 0;

	for (unsigned i = 0; i < kernel->filter_count; i++)
		matters = matters || (prefix->len >= kernel->filter[i].len &&
				      prefix6_contains(&kernel->filter[i], &prefix->address));
	if (matters)
		ask_soon(kernel, false, true);
}

void kernel_forwarding_changed(struct kernel *kernel)
{
	ask_soon(kernel, false, true);
}

void kernel_lost(struct kernel *kernel)
{
	ask_soon(kernel, true, true);
}

/* ---- what to say ---- */

bool kernel_follows_routes(const struct kernel *kernel)
{
	return kernel->wants_routes;
}

const struct follow *kernel_follow(const struct kernel *kernel)
{
	return &kernel->follow;
}

static bool has_prefix(const struct ra *ra, const struct prefix6 *prefix)
{
	for (unsigned i = 0; i < ra->prefix_count; i++)
		if (prefix6_equal(&ra->prefix[i].prefix, prefix))
			return true;
	return false;
}

void kernel_add_prefixes(const struct kernel *kernel, const char *name,
			 const struct ra_prefix *prefix, struct ra *ra)
{
	/* the table is ours; only its finder takes one that may be changed */
	const struct followed_interface *interface =
		follow_interface((struct follow *)&kernel->follow, name);
	uint64_t now_ms = uv_now(&kernel->server->loop);

	for (unsigned i = 0; interface && i < interface->count; i++) {
		const struct followed_prefix *from = &interface->prefix[i];

		if (ra->prefix_count == RA_MAX_PREFIXES || has_prefix(ra, &from->prefix))
			continue; /* one that is configured as well counts as it is configured */
		struct ra_prefix *to = &ra->prefix[ra->prefix_count++];
		*to = *prefix;
		to->prefix = from->prefix;
		to->valid_s = follow_left_s(from->valid_ms, now_ms, prefix->valid_s);
		to->preferred_s = follow_left_s(from->preferred_ms, now_ms, prefix->preferred_s);
		if (to->preferred_s > to->valid_s)
			to->preferred_s = to->valid_s;
	}
}

static bool is_bound(uint64_t end_ms, uint64_t now_ms, uint32_t lifetime_s)
{
	return end_ms != FOLLOW_NEVER_MS && follow_left_s(end_ms, now_ms, RA_FOREVER) <= lifetime_s;
}

bool kernel_counts_down(const struct kernel *kernel, const struct ra_prefix *prefix)
{
	uint64_t now_ms = uv_now(&kernel->server->loop);

	for (unsigned i = 0; i < kernel->follow.interface_count; i++) {
		const struct followed_interface *interface = &kernel->follow.interface[i];

		for (unsigned j = 0; j < interface->count; j++) {
			const struct followed_prefix *from = &interface->prefix[j];

			if (prefix6_equal(&from->prefix, &prefix->prefix))
				return is_bound(from->valid_ms, now_ms, prefix->valid_s) ||
				       is_bound(from->preferred_ms, now_ms, prefix->preferred_s);
		}
	}
	return false;
}

static bool has_route(const struct ra *ra, const struct prefix6 *prefix)
{
	for (unsigned i = 0; i < ra->route_count; i++)
		if (prefix6_equal(&ra->route[i].prefix, prefix))
			return true;
	return false;
}

void kernel_add_routes(const struct kernel *kernel, const struct prefix6 *filter,
		       const struct ra_route *route, struct ra *ra)
{
	const struct followed_routes *routes = &kernel->follow.routes;

	for (unsigned i = 0; i < routes->count && ra->route_count < RA_MAX_ROUTES; i++) {
		const struct prefix6 *prefix = &routes->prefix[i];

		if (prefix->len < filter->len || !prefix6_contains(filter, &prefix->address) ||
		    has_route(ra, prefix))
			continue;
		ra->route[ra->route_count] = *route;
		ra->route[ra->route_count++].prefix = *prefix;
	}
}

bool kernel_is_default_router(const struct kernel *kernel)
{
	return kernel->follow.has_default && kernel->follow.forwards;
}

/* ---- life ---- */

static uint64_t longest_interval_ms(const struct server_config *config)
{
	uint32_t interval_s = config->ra.interval_s;

	for (unsigned i = 0; i < config->section_count; i++)
		if (config->section[i]->settings.interval_s > interval_s)
			interval_s = config->section[i]->settings.interval_s;
	return interval_s * 1000ull;
}

static bool wants_default(const struct server_config *config)
{
	for (unsigned i = 0; i < config->section_count; i++)
		if (config->section[i]->settings.default_route)
			return true;
	return config->ra.default_route;
}

/* Those that are named still keep what clients were told of them. */
static void configure(struct kernel *kernel)
{
	const struct server_config *config = &kernel->server->config;
	struct config_prefix prefix[CONFIG_MAX_PREFIXES];
	unsigned count = server_config_prefixes(config, prefix);
	struct follow *follow = &kernel->follow, before = *follow;

	follow->interface_count = 0;
	for (unsigned i = 0; i < count; i++) {
		const char *name = prefix[i].interface;

		if (!name[0])
			continue;
		struct followed_interface *known = follow_interface(&before, name);
		struct followed_interface *to = &follow->interface[follow->interface_count++];
		*to = known ? *known : (struct followed_interface) { 0 };
		memcpy(to->name, name, sizeof(to->name));
	}
	kernel->filter_count = server_config_filters(config, kernel->filter);
	kernel->wants_routes = kernel->filter_count > 0 || wants_default(config);
	if (!kernel->wants_routes) {
		follow->routes.count = 0;
		follow->has_default = false;
	}
	kernel->interval_ms = longest_interval_ms(config);
	kernel->addresses = kernel->routes = true;
	ask(kernel);
}

void kernel_configure(struct kernel *kernel)
{
	configure(kernel);
}

int kernel_open(struct server *server, struct err *err)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));

	if (!kernel)
		return err_set(err, "out of memory");
	server->kernel = kernel;
	kernel->server = server;
	uv_timer_init(&server->loop, &kernel->timer);
	kernel->timer.data = kernel;
	configure(kernel);
	return 0;
}

static void on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

void kernel_close(struct kernel *kernel)
{
	if (kernel)
		uv_close((uv_handle_t *)&kernel->timer, on_closed);
}
