/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra_farewell.c - what is true no longer, until the hosts know. */
#include "radvd-lite/ra_farewell.h"

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
	case FAREWELL_NAT64: return prefix6_equal(&a->nat64.prefix, &b->nat64.prefix);
	case FAREWELL_DNR: return strcasecmp(a->dnr.name, b->dnr.name) == 0;
	case FAREWELL_PORTAL: return true; /* there is one at a time */
	}
	return false;
}

/* Item number `i` of one kind; false at their end.  What other kinds have in its place is not even
 * cleared: with full lists this runs a thousand times for each client. */
static bool item_of_kind(const struct ra *ra, enum farewell_kind kind, unsigned i,
			 struct farewell *item)
{
	item->kind = kind;
	item->ras_left = FAREWELL_RAS;
	item->until_ms = 0;
	switch (kind) {
	case FAREWELL_PREFIX:
		item->prefix = ra->prefix[i < ra->prefix_count ? i : 0];
		return i < ra->prefix_count;
	case FAREWELL_ROUTE:
		item->route = ra->route[i < ra->route_count ? i : 0];
		return i < ra->route_count;
	case FAREWELL_DNS: item->dns = ra->dns[i < ra->dns_count ? i : 0]; return i < ra->dns_count;
	case FAREWELL_SEARCH:
		memcpy(item->search, ra->search[i < ra->search_count ? i : 0], RA_MAX_DOMAIN);
		return i < ra->search_count;
	case FAREWELL_NAT64:
		item->nat64 = ra->pref64[i < ra->pref64_count ? i : 0];
		return i < ra->pref64_count;
	case FAREWELL_DNR: item->dnr = ra->dnr[i < ra->dnr_count ? i : 0]; return i < ra->dnr_count;
	case FAREWELL_PORTAL: return i == 0 && ra->captive_portal[0] != '\0';
	}
	return false;
}

/* Steps over all items of an RA; *kind and *i begin as 0. */
static bool next_item(const struct ra *ra, unsigned *kind, unsigned *i, struct farewell *item)
{
	for (; *kind <= FAREWELL_PORTAL; ++*kind, *i = 0)
		if (item_of_kind(ra, (enum farewell_kind) * kind, (*i)++, item))
			return true;
	return false;
}

static bool has(const struct ra *ra, const struct farewell *wanted)
{
	struct farewell item;

	for (unsigned i = 0; item_of_kind(ra, wanted->kind, i, &item); i++)
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
	unsigned kind = 0, at = 0;
	bool complete = true;

	for (unsigned i = farewells->count; i-- > 0;)
		if (has(now, &farewells->item[i]) || has(before, &farewells->item[i]))
			forget(farewells, i); /* it was back meanwhile: it is noted anew */
	while (next_item(before, &kind, &at, &item)) {
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

/* Room at the end of a list, in `ra` or else in `more`; NULL: in neither. */
#define ROOM(list, max)                                                   \
	(ra->list##_count < (max)     ? &ra->list[ra->list##_count++]     \
	 : more->list##_count < (max) ? &more->list[more->list##_count++] \
				      : NULL)

static void add_prefix(const struct farewell *item, uint64_t now_ms, struct ra *ra, struct ra *more)
{
	struct ra_prefix *prefix = item->until_ms > now_ms ? ROOM(prefix, RA_MAX_PREFIXES) : NULL;

	if (!prefix)
		return;
	*prefix = item->prefix;
	prefix->preferred_s = 0;
	prefix->valid_s = (uint32_t)((item->until_ms - now_ms + 999) / 1000);
}

static void add_route(const struct farewell *item, struct ra *ra, struct ra *more)
{
	struct ra_route *route = ROOM(route, RA_MAX_ROUTES);

	if (!route)
		return;
	*route = item->route;
	route->lifetime_s = 0;
}

static void add_nat64(const struct farewell *item, struct ra *ra, struct ra *more)
{
	struct ra_pref64 *nat64 = ROOM(pref64, RA_MAX_PREF64);

	if (!nat64)
		return;
	*nat64 = item->nat64;
	nat64->lifetime_s = 0;
}

static void add_dnr(const struct farewell *item, struct ra *ra, struct ra *more)
{
	struct ra_dnr *dnr = ROOM(dnr, RA_MAX_DNR);

	if (!dnr)
		return;
	*dnr = item->dnr;
	dnr->lifetime_s = 0;
}

static void add_item(const struct farewell *item, uint64_t now_ms, struct ra *ra, struct ra *more)
{
	switch (item->kind) {
	case FAREWELL_PREFIX: add_prefix(item, now_ms, ra, more); break;
	case FAREWELL_ROUTE: add_route(item, ra, more); break;
	case FAREWELL_DNS:
		if (more->dns_count < RA_MAX_DNS)
			more->dns[more->dns_count++] = item->dns;
		break;
	case FAREWELL_SEARCH:
		if (more->search_count < RA_MAX_SEARCH)
			memcpy(more->search[more->search_count++], item->search, RA_MAX_DOMAIN);
		break;
	case FAREWELL_NAT64: add_nat64(item, ra, more); break;
	case FAREWELL_DNR: add_dnr(item, ra, more); break;
	case FAREWELL_PORTAL: strcpy(ra->captive_portal, RA_NO_PORTAL); break;
	}
}

bool farewells_add(const struct farewells *farewells, uint64_t now_ms, struct ra *ra,
		   struct ra *more)
{
	*more = (struct ra) { 0 };
	for (unsigned i = 0; i < farewells->count; i++)
		add_item(&farewells->item[i], now_ms, ra, more);
	return more->prefix_count + more->route_count + more->dns_count + more->search_count +
		       more->pref64_count + more->dnr_count >
	       0;
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

void ra_make_final(struct ra *ra)
{
	ra->lifetime_s = 0; /* RFC 4861 6.2.5 */
	ra->dns_lifetime_s = 0;
	ra->search_lifetime_s = 0;
	/* RFC 4191 has no word on ceasing; a route to nowhere helps nobody */
	for (unsigned i = 0; i < ra->route_count; i++)
		ra->route[i].lifetime_s = 0;
	for (unsigned i = 0; i < ra->pref64_count; i++)
		ra->pref64[i].lifetime_s = 0;
	for (unsigned i = 0; i < ra->dnr_count; i++)
		ra->dnr[i].lifetime_s = 0;
}
