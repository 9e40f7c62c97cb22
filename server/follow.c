/* SPDX-License-Identifier: Apache-2.0 */
/* server/follow.c - the tables of what advertisements follow of the kernel.
 *
 * RFC 4861 6.2.1 (lifetimes that decrement in real time), 6.2.4 (what has changed is told
 * soon), RFC 4191 (routes).
 */
#include "server/follow.h"

#include <string.h>

#define SLACK_MS 5000 /* the kernel counts whole seconds, and we read some time later */

struct followed_interface *follow_interface(struct follow *follow, const char *name)
{
	for (unsigned i = 0; i < follow->interface_count; i++)
		if (strcmp(follow->interface[i].name, name) == 0)
			return &follow->interface[i];
	return NULL;
}

/* ---- prefixes of interfaces ---- */

static uint64_t end_of(uint32_t left_s, uint64_t now_ms)
{
	return left_s == UINT32_MAX ? FOLLOW_NEVER_MS : now_ms + left_s * 1000ull;
}

static uint64_t later(uint64_t a_ms, uint64_t b_ms)
{
	return a_ms > b_ms ? a_ms : b_ms;
}

uint32_t follow_left_s(uint64_t end_ms, uint64_t now_ms, uint32_t most_s)
{
	if (end_ms == FOLLOW_NEVER_MS)
		return most_s;
	uint64_t left_s = end_ms > now_ms ? (end_ms - now_ms) / 1000 : 0;
	return left_s < most_s ? (uint32_t)left_s : most_s;
}

static struct followed_prefix *find(struct followed_interface *interface,
				    const struct prefix6 *prefix)
{
	for (unsigned i = 0; i < interface->count; i++)
		if (prefix6_equal(&interface->prefix[i].prefix, prefix))
			return &interface->prefix[i];
	return NULL;
}

static bool counts(const struct link_address *address, const struct prefix6 *own,
		   unsigned own_count)
{
	/* RFC 4862 5.4: before duplicate address detection is over it is nobody's address */
	if (ip6_is_link_local(&address->address) || address->prefix_len > 64 || address->failed ||
	    (address->tentative && !address->optimistic) || address->valid_s == 0)
		return false;
	for (unsigned i = 0; i < own_count; i++)
		if (ip6_equal(&address->address, &own[i].address))
			return false;
	return true;
}

/* Several addresses in one /64 (temporary ones, RFC 8981): it lasts as long as any. */
static void add_address(struct followed_interface *interface, const struct link_address *address,
			uint64_t now_ms)
{
	struct prefix6 prefix =
		prefix6_masked((struct prefix6) { .address = address->address, .len = 64 });
	struct followed_prefix *known = find(interface, &prefix);
	uint64_t valid_ms = end_of(address->valid_s, now_ms);
	/* deprecated since when, the kernel does not say: always the same time is no news */
	uint64_t preferred_ms = address->deprecated || address->preferred_s == 0
					? 0
					: end_of(address->preferred_s, now_ms);

	if (known) {
		known->valid_ms = later(known->valid_ms, valid_ms);
		known->preferred_ms = later(known->preferred_ms, preferred_ms);
	} else if (interface->count < RA_MAX_PREFIXES) {
		interface->prefix[interface->count++] = (struct followed_prefix) {
			.prefix = prefix,
			.valid_ms = valid_ms,
			.preferred_ms = preferred_ms,
		};
	}
}

/* An end that clients know is too late, or so near that they would pass it before we speak. */
static bool end_is_news(uint64_t told_ms, uint64_t end_ms, uint64_t interval_ms, uint64_t now_ms)
{
	if (end_ms <= told_ms)
		return told_ms - end_ms > SLACK_MS;
	uint64_t half_ms = (end_ms - now_ms) / 2;
	uint64_t near_ms = interval_ms < half_ms ? interval_ms : half_ms;

	return told_ms < now_ms + near_ms;
}

static bool prefix_is_news(const struct followed_prefix *before, const struct followed_prefix *now,
			   uint64_t interval_ms, uint64_t now_ms)
{
	return end_is_news(before->told_valid_ms, now->valid_ms, interval_ms, now_ms) ||
	       end_is_news(before->told_preferred_ms, now->preferred_ms, interval_ms, now_ms);
}

static void told(struct followed_interface *interface)
{
	for (unsigned i = 0; i < interface->count; i++) {
		interface->prefix[i].told_valid_ms = interface->prefix[i].valid_ms;
		interface->prefix[i].told_preferred_ms = interface->prefix[i].preferred_ms;
	}
}

bool follow_addresses(struct followed_interface *interface, const struct link_address *address,
		      unsigned count, const struct prefix6 *own, unsigned own_count,
		      uint64_t interval_ms, uint64_t now_ms)
{
	struct followed_interface before = *interface;
	bool news = false;

	interface->count = 0;
	for (unsigned i = 0; i < count; i++)
		if (counts(&address[i], own, own_count))
			add_address(interface, &address[i], now_ms);
	for (unsigned i = 0; i < interface->count; i++) {
		struct followed_prefix *prefix = &interface->prefix[i];
		const struct followed_prefix *known = find(&before, &prefix->prefix);

		news = news || !known || prefix_is_news(known, prefix, interval_ms, now_ms);
		if (known) {
			prefix->told_valid_ms = known->told_valid_ms;
			prefix->told_preferred_ms = known->told_preferred_ms;
		}
	}
	for (unsigned i = 0; i < before.count; i++)
		news = news || !find(interface, &before.prefix[i].prefix);
	if (news)
		told(interface);
	return news;
}

/* ---- routes ---- */

bool follow_wants_route(const struct prefix6 *filter, const struct link_route *route,
			int link_index)
{
	if (route->prefix.len == 0 || route->prefix.len < filter->len ||
	    !prefix6_contains(filter, &route->prefix.address))
		return false;
	/* RFC 4861 6.3.4, RFC 4291 2.7: neither link-local nor groups are ever routed to */
	if (ip6_is_link_local(&route->prefix.address) || ip6_is_multicast(&route->prefix.address))
		return false;
	return route->index != link_index || route->has_gateway;
}

static int order(const struct prefix6 *a, const struct prefix6 *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(&a->address, &b->address, sizeof(a->address));
}

void follow_add_route(struct followed_routes *routes, const struct prefix6 *prefix)
{
	unsigned at = 0;

	if (routes->count == 0)
		routes->left_out = 0;
	while (at < routes->count && order(&routes->prefix[at], prefix) < 0)
		at++;
	if (at < routes->count && order(&routes->prefix[at], prefix) == 0)
		return; /* another next hop */
	if (routes->count == FOLLOW_MAX_ROUTES) {
		routes->left_out++;
		if (at == FOLLOW_MAX_ROUTES)
			return;
		routes->count--;
	}
	memmove(&routes->prefix[at + 1], &routes->prefix[at],
		(routes->count - at) * sizeof(*prefix));
	routes->prefix[at] = *prefix;
	routes->count++;
}

bool follow_routes(struct follow *follow, const struct followed_routes *now)
{
	bool news = follow->routes.count != now->count;

	for (unsigned i = 0; i < now->count && !news; i++)
		news = order(&follow->routes.prefix[i], &now->prefix[i]) != 0;
	follow->routes = *now;
	return news;
}

bool follow_default(struct follow *follow, bool has_default, bool forwards)
{
	bool news = (follow->has_default && follow->forwards) != (has_default && forwards);

	follow->has_default = has_default;
	follow->forwards = forwards;
	return news;
}
