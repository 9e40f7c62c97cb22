/* SPDX-License-Identifier: Apache-2.0 */
/* server/farewell.c - what is true no longer, until the clients know. */
#include "server/farewell.h"

#include <stdlib.h>
#include <strings.h>

/* RFC 4862 5.5.3 (e): hosts do not let an unauthenticated RA shorten a valid lifetime below this;
 * of one that has no end we promise no more from now on. */
#define SHORTEST_VALID_S 7200

static bool same(const struct farewell *a, const struct farewell *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case FAREWELL_PREFIX: return prefix6_equal(&a->prefix.prefix, &b->prefix.prefix);
	case FAREWELL_ROUTE: return prefix6_equal(&a->route.prefix, &b->route.prefix);
	case FAREWELL_DNS: return ip6_equal(&a->dns, &b->dns);
	case FAREWELL_SEARCH: return strcasecmp(a->search, b->search) == 0;
	}
	return false;
}

/* Item number `i` of an RA, counted over all kinds; false at the end. */
static bool item_of(const struct ra *ra, unsigned i, struct farewell *item)
{
	*item = (struct farewell) { .ras_left = FAREWELL_RAS };
	if (i < ra->prefix_count) {
		item->kind = FAREWELL_PREFIX;
		item->prefix = ra->prefix[i];
		return true;
	}
	i -= ra->prefix_count;
	if (i < ra->route_count) {
		item->kind = FAREWELL_ROUTE;
		item->route = ra->route[i];
		return true;
	}
	i -= ra->route_count;
	if (i < ra->dns_count) {
		item->kind = FAREWELL_DNS;
		item->dns = ra->dns[i];
		return true;
	}
	i -= ra->dns_count;
	if (i >= ra->search_count)
		return false;
	item->kind = FAREWELL_SEARCH;
	memcpy(item->search, ra->search[i], sizeof(item->search));
	return true;
}

static bool has(const struct ra *ra, const struct farewell *wanted)
{
	struct farewell item;

	for (unsigned i = 0; item_of(ra, i, &item); i++)
		if (same(&item, wanted))
			return true;
	return false;
}

static void forget(struct farewells *farewells, unsigned i)
{
	farewells->count--;
	memmove(&farewells->item[i], &farewells->item[i + 1],
		(farewells->count - i) * sizeof(farewells->item[0]));
}

static bool add(struct farewells *farewells, const struct farewell *item)
{
	struct farewell *more;

	if (farewells->count == FAREWELL_MAX)
		forget(farewells, 0);
	more = realloc(farewells->item, (farewells->count + 1) * sizeof(*more));
	if (!more)
		return false;
	farewells->item = more;
	farewells->item[farewells->count++] = *item;
	return true;
}

bool farewells_note(struct farewells *farewells, const struct ra *before, const struct ra *now,
		    uint64_t now_ms)
{
	struct farewell item;
	bool complete = true;

	for (unsigned i = farewells->count; i-- > 0;)
		if (has(now, &farewells->item[i]) || has(before, &farewells->item[i]))
			forget(farewells, i); /* it was back meanwhile: it is noted anew */
	for (unsigned i = 0; item_of(before, i, &item); i++) {
		if (has(now, &item))
			continue;
		if (item.kind == FAREWELL_PREFIX)
			item.until_ms = now_ms + 1000ull * (item.prefix.valid_s == RA_FOREVER
								    ? SHORTEST_VALID_S
								    : item.prefix.valid_s);
		complete = add(farewells, &item) && complete;
	}
	return complete;
}

static void say_prefix(const struct farewell *item, uint64_t now_ms, struct ra *ra)
{
	struct ra_prefix *prefix = &ra->prefix[ra->prefix_count++];

	*prefix = item->prefix;
	prefix->preferred_s = 0;
	prefix->valid_s = (uint32_t)((item->until_ms - now_ms + 999) / 1000);
}

static void say_route(const struct farewell *item, struct ra *ra)
{
	struct ra_route *route = &ra->route[ra->route_count++];

	*route = item->route;
	route->lifetime_s = 0;
}

bool farewells_add(const struct farewells *farewells, uint64_t now_ms, struct ra *ra,
		   struct ra *more)
{
	*more = (struct ra) {
		.hop_limit = ra->hop_limit,
		.managed = ra->managed,
		.other = ra->other,
		.preference = ra->preference,
		.lifetime_s = ra->lifetime_s,
		.reachable_ms = ra->reachable_ms,
		.retrans_ms = ra->retrans_ms,
		.has_source_mac = ra->has_source_mac,
		.source_mac = ra->source_mac,
	};
	for (unsigned i = 0; i < farewells->count; i++) {
		const struct farewell *item = &farewells->item[i];

		switch (item->kind) {
		case FAREWELL_PREFIX:
			if (item->until_ms <= now_ms)
				break;
			if (ra->prefix_count < RA_MAX_PREFIXES)
				say_prefix(item, now_ms, ra);
			else if (more->prefix_count < RA_MAX_PREFIXES)
				say_prefix(item, now_ms, more);
			break;
		case FAREWELL_ROUTE:
			if (ra->route_count < RA_MAX_ROUTES)
				say_route(item, ra);
			else if (more->route_count < RA_MAX_ROUTES)
				say_route(item, more);
			break;
		case FAREWELL_DNS:
			if (more->dns_count < RA_MAX_DNS)
				more->dns[more->dns_count++] = item->dns;
			break;
		case FAREWELL_SEARCH:
			if (more->search_count < RA_MAX_SEARCH)
				memcpy(more->search[more->search_count++], item->search,
				       sizeof(item->search));
			break;
		}
	}
	return more->prefix_count + more->route_count + more->dns_count + more->search_count > 0;
}

void farewells_said(struct farewells *farewells, uint64_t now_ms)
{
	for (unsigned i = farewells->count; i-- > 0;) {
		struct farewell *item = &farewells->item[i];

		if (item->kind == FAREWELL_PREFIX ? item->until_ms <= now_ms
						  : --item->ras_left == 0)
			forget(farewells, i);
	}
	if (farewells->count == 0)
		farewells_free(farewells);
}

void farewells_free(struct farewells *farewells)
{
	free(farewells->item);
	*farewells = (struct farewells) { 0 };
}
