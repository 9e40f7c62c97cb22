/* SPDX-License-Identifier: Apache-2.0 */
/* client/delegate_content.c - a delegated prefix cut into networks, and the advertisements there. */
#include "client/delegate_content.h"

#include "radvd-lite/ra_farewell.h"

#define NETWORK_LEN 64 /* what hosts configure themselves in, RFC 7421 */
/* RFC 9096 4: ND_PREFERRED_LIMIT, ND_VALID_LIMIT: no host keeps for long what is gone. */
#define PREFERRED_MOST_S 2700
#define VALID_MOST_S 5400
#define ROUTE_MOST_S 1800
#define INTERVAL_MOST_S 600
#define HOP_LIMIT 64
#define CONTENT_MAX_LEN 16384 /* of everything that can be said, in one message */

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* The first 64 bits. */
static uint64_t network_of(const struct prefix6 *prefix)
{
	struct prefix6 masked = prefix6_masked(*prefix);
	struct reader r = reader_over((struct bytes) { masked.address.octet, 8 });

	return reader_u64(&r);
}

/* How many networks of NETWORK_LEN bits a prefix is, or is in: at least one. */
static uint64_t networks_in(const struct prefix6 *prefix)
{
	return prefix->len < NETWORK_LEN ? UINT64_C(1) << (NETWORK_LEN - prefix->len) : 1;
}

/* A part of it; another router may say what it likes. */
static bool has_excluded(const struct prefix6 *delegated, const struct prefix6 *excluded)
{
	return excluded->len > delegated->len && prefix6_contains(delegated, &excluded->address);
}

uint64_t delegate_subnet_count(const struct prefix6 *delegated, const struct prefix6 *excluded)
{
	uint64_t count = 0;

	if (delegated->len > 0 && delegated->len <= NETWORK_LEN)
		count = networks_in(delegated);
	if (count > 0 && has_excluded(delegated, excluded))
		count -= networks_in(excluded);
	return count;
}

bool delegate_subnet(const struct prefix6 *delegated, const struct prefix6 *excluded,
		     unsigned number, struct prefix6 *subnet)
{
	uint64_t network = network_of(delegated) + number;

	if (number >= delegate_subnet_count(delegated, excluded))
		return false;
	if (has_excluded(delegated, excluded) && network >= network_of(excluded))
		network += networks_in(excluded);
	*subnet = (struct prefix6) { .len = NETWORK_LEN };
	struct writer w = writer_over(subnet->address.octet, 8);
	writer_u64(&w, network);
	return true;
}

struct prefix6 delegate_address(const struct prefix6 *subnet)
{
	struct prefix6 address = *subnet;

	address.address.octet[15] = 1;
	return address;
}

/* ---- what is said ---- */

static void add_route(struct ra *ra, const struct prefix6 *prefix, enum ra_preference preference,
		      uint32_t lifetime_s)
{
	unsigned i = 0;

	lifetime_s = least(lifetime_s, ROUTE_MOST_S);
	if (lifetime_s == 0 || prefix6_equal(prefix, &ra->prefix[0].prefix))
		return;
	while (i < ra->route_count && !prefix6_equal(&ra->route[i].prefix, prefix))
		i++;
	if (i == RA_MAX_ROUTES)
		return;
	if (i == ra->route_count)
		ra->route[ra->route_count++] = (struct ra_route) { *prefix, preference, 0 };
	if (ra->route[i].lifetime_s < lifetime_s) /* several routers have it */
		ra->route[i].lifetime_s = lifetime_s;
}

/* Their own links are behind us as well. */
static void add_routes(struct ra *ra, const struct heard_router *router, uint64_t now_ms)
{
	for (unsigned i = 0; i < router->ra.route_count; i++)
		add_route(ra, &router->ra.route[i].prefix, router->ra.route[i].preference,
			  heard_left_s(&router->route[i], now_ms));
	for (unsigned i = 0; i < router->ra.prefix_count; i++)
		if (router->ra.prefix[i].on_link)
			add_route(ra, &router->ra.prefix[i].prefix, RA_MEDIUM,
				  heard_left_s(&router->prefix[i], now_ms));
}

static void add_dns(struct ra *ra, const struct heard_router *router, uint64_t now_ms)
{
	for (unsigned i = 0; i < router->ra.dns_count && ra->dns_count < RA_MAX_DNS; i++) {
		uint32_t left_s = heard_left_s(&router->dns[i], now_ms);

		if (left_s == 0)
			continue;
		ra->dns[ra->dns_count++] = router->ra.dns[i];
		ra->dns_lifetime_s = least(ra->dns_lifetime_s, left_s);
	}
	for (unsigned i = 0; i < router->ra.search_count && ra->search_count < RA_MAX_SEARCH; i++) {
		uint32_t left_s = heard_left_s(&router->search[i], now_ms);

		if (left_s == 0)
			continue;
		memcpy(ra->search[ra->search_count++], router->ra.search[i], RA_MAX_DOMAIN);
		ra->search_lifetime_s = least(ra->search_lifetime_s, left_s);
	}
}

static void add_others(struct ra *ra, const struct heard_router *router, uint64_t now_ms)
{
	for (unsigned i = 0; i < router->ra.dnr_count && ra->dnr_count < RA_MAX_DNR; i++) {
		ra->dnr[ra->dnr_count] = router->ra.dnr[i];
		ra->dnr[ra->dnr_count].lifetime_s = heard_left_s(&router->dnr[i], now_ms);
		ra->dnr_count += ra->dnr[ra->dnr_count].lifetime_s > 0;
	}
	for (unsigned i = 0; i < router->ra.pref64_count && ra->pref64_count < RA_MAX_PREF64; i++) {
		ra->pref64[ra->pref64_count] = router->ra.pref64[i];
		ra->pref64[ra->pref64_count].lifetime_s =
			least(heard_left_s(&router->pref64[i], now_ms), RA_PREF64_MAX_S);
		ra->pref64_count += ra->pref64[ra->pref64_count].lifetime_s > 0;
	}
}

static void add_default(struct ra *ra, const struct heard_router *router, uint64_t now_ms)
{
	uint32_t left_s = least(heard_left_s(&router->router, now_ms), ROUTE_MOST_S);

	if (left_s <= ra->lifetime_s)
		return;
	ra->lifetime_s = (uint16_t)left_s;
	ra->preference = router->ra.preference;
}

void delegate_compose(const struct heard *heard, const struct delegate_network *network,
		      uint64_t now_ms, struct ra *ra)
{
	*ra = (struct ra) {
		.hop_limit = HOP_LIMIT,
		.has_source_mac = true,
		.source_mac = network->mac,
		.mtu = network->mtu,
		.prefix_count = 1,
		.dns_lifetime_s = RA_FOREVER,
		.search_lifetime_s = RA_FOREVER,
	};
	ra->prefix[0] = (struct ra_prefix) {
		.prefix = network->subnet,
		.on_link = true,
		.autonomous = true,
		.valid_s = least(network->valid_s, VALID_MOST_S),
		.preferred_s = least(network->preferred_s, PREFERRED_MOST_S),
	};
	add_route(ra, &network->delegated, RA_MEDIUM, network->valid_s);
	for (unsigned i = 0; i < heard->count; i++) {
		add_default(ra, &heard->by[i], now_ms);
		add_routes(ra, &heard->by[i], now_ms);
		add_dns(ra, &heard->by[i], now_ms);
		add_others(ra, &heard->by[i], now_ms);
	}
}

void delegate_make_final(struct ra *ra)
{
	ra_make_final(ra);
	for (unsigned i = 0; i < ra->prefix_count; i++)
		ra->prefix[i].preferred_s = 0;
}

/* ---- how it compares, how often ---- */

/* Every lifetime, by its address; false at the end.  A list of servers or domains that is empty has
 * none. */
static uint32_t *lifetime_at(struct ra *ra, unsigned i)
{
	if (i < ra->prefix_count)
		return &ra->prefix[i].preferred_s;
	if ((i -= ra->prefix_count) < ra->prefix_count)
		return &ra->prefix[i].valid_s;
	if ((i -= ra->prefix_count) < ra->route_count)
		return &ra->route[i].lifetime_s;
	if ((i -= ra->route_count) < ra->pref64_count)
		return &ra->pref64[i].lifetime_s;
	if ((i -= ra->pref64_count) < ra->dnr_count)
		return &ra->dnr[i].lifetime_s;
	if ((i -= ra->dnr_count) == 0)
		return &ra->dns_lifetime_s;
	return i == 1 ? &ra->search_lifetime_s : NULL;
}

static size_t build_timeless(const struct ra *ra, uint8_t bytes[static CONTENT_MAX_LEN])
{
	struct writer w = writer_over(bytes, CONTENT_MAX_LEN);
	struct ra timeless = *ra;
	uint32_t *lifetime_s;

	for (unsigned i = 0; (lifetime_s = lifetime_at(&timeless, i)); i++)
		*lifetime_s = *lifetime_s > 0;
	timeless.lifetime_s = ra->lifetime_s > 0;
	ra_build(&timeless, &w);
	return w.full ? 0 : w.len;
}

bool delegate_same(const struct ra *a, const struct ra *b)
{
	uint8_t bytes_a[CONTENT_MAX_LEN], bytes_b[CONTENT_MAX_LEN];
	size_t len = build_timeless(a, bytes_a);

	return len > 0 && len == build_timeless(b, bytes_b) && memcmp(bytes_a, bytes_b, len) == 0;
}

struct ra_interval delegate_interval(const struct ra *ra)
{
	struct ra copy = *ra;
	uint32_t shortest_s = ra->lifetime_s > 0 ? ra->lifetime_s : RA_FOREVER, *lifetime_s;

	for (unsigned i = 0; (lifetime_s = lifetime_at(&copy, i)); i++)
		if (*lifetime_s > 0)
			shortest_s = least(shortest_s, *lifetime_s);
	return ra_interval_of(0, least(shortest_s / 3, INTERVAL_MOST_S));
}
