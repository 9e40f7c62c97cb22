/* SPDX-License-Identifier: Apache-2.0 */
/* server/others.c - the table of other routers on the clients' link.
 *
 * RFC 4861 6.1.2 (validation), 6.2.3 (an advertisement in several parts), 6.2.7 (consistency).
 */
#include "server/others.h"

#include <stdio.h>
#include <string.h>

#include "radvd-lite/ra_parts.h"

/* Whole advertisements to all are 3 s apart (RFC 4861 6.2.6); what is sooner is another part. */
#define PARTS_MS 1000

static struct other_router *find(struct others *others, const struct ip6 *address,
				 const struct mac *mac)
{
	for (unsigned i = 0; i < others->count; i++) {
		struct other_router *router = &others->router[i];

		/* two with one link-local address are two, and that is worth to be seen */
		if (ip6_equal(&router->address, address) && mac_equal(&router->mac, mac))
			return router;
	}
	return NULL;
}

static struct other_router *place_for(struct others *others)
{
	struct other_router *longest = &others->router[0];

	if (others->count < OTHERS_MAX)
		return &others->router[others->count++];
	for (unsigned i = 1; i < OTHERS_MAX; i++)
		if (others->router[i].heard_ms < longest->heard_ms)
			longest = &others->router[i];
	others->forgotten++;
	return longest;
}

/* What may be logged is limited by place, not by router: addresses cost whoever makes them up
 * nothing. */
static void take_place(struct other_router *router, const struct ip6 *address,
		       const struct mac *mac, uint64_t now_ms)
{
	struct other_router next = { .address = *address, .mac = *mac, .first_ms = now_ms };

	memcpy(next.log, router->log, sizeof(next.log));
	memcpy(next.again, router->again, sizeof(next.again));
	*router = next;
}

static void compare(struct others *others, struct other_router *router, const struct ra *ours,
		    const struct ra *theirs, uint32_t skew_s)
{
	struct ra_difference *list = router->difference + router->difference_count;
	unsigned room = OTHERS_DIFFERENCES - router->difference_count;
	unsigned found = ra_compare(ours, theirs, skew_s, list, room);

	found = found < room ? found : room;
	for (unsigned i = 0; i < found; i++) {
		list[i].domain = NULL; /* it lies in `ours` */
		router->conflicts[list[i].what]++;
		others->conflicts[list[i].what]++;
	}
	router->difference_count += found;
}

struct other_router *others_note(struct others *others, const struct frame *frame,
				 const struct ra *ours, uint32_t skew_s, uint64_t now_ms,
				 bool *is_new)
{
	struct reader r = reader_over(frame->bytes);
	struct ip6 from;
	struct mac mac;
	struct ra ra;

	reader_take(&r, sizeof(mac));
	reader_copy(&r, mac.octet, sizeof(mac.octet));
	reader_take(&r, 2);
	enum ra_verdict verdict = ra_check(reader_rest(&r), &from, &ra);
	others->received++;
	if (verdict != RA_VALID) {
		others->bad[verdict]++;
		return NULL;
	}
	struct other_router *router = find(others, &from, &mac);
	*is_new = !router || router->gone;
	if (!router) {
		router = place_for(others);
		take_place(router, &from, &mac, now_ms);
	}
	/* RFC 4861 6.2.5: so a router ceases to be one */
	router->resigns = router->ra.lifetime_s > 0 && ra.lifetime_s == 0;
	router->gone = false;
	if (!*is_new && now_ms - router->heard_ms < PARTS_MS) {
		ra_merge(&router->ra, &ra);
	} else {
		router->ra = ra;
		router->difference_count = 0;
	}
	router->heard_ms = now_ms;
	router->received++;
	if (ours)
		compare(others, router, ours, &ra, skew_s);
	return router;
}

struct other_router *others_silent(struct others *others, uint64_t now_ms)
{
	for (unsigned i = 0; i < others->count; i++) {
		struct other_router *router = &others->router[i];
		uint64_t may_s =
			router->ra.lifetime_s > 0 ? router->ra.lifetime_s : OTHERS_SILENT_S;

		if (router->gone || now_ms - router->heard_ms <= may_s * 1000)
			continue;
		router->gone = true;
		return router;
	}
	return NULL;
}

unsigned others_present(const struct others *others)
{
	unsigned present = 0;

	for (unsigned i = 0; i < others->count; i++)
		present += !others->router[i].gone;
	return present;
}

const char *others_text(const struct ra_difference *difference, char text[static OTHERS_TEXT])
{
	static const struct {
		const char *what, *unit;
		bool flag;
	} words[RA_CONFLICTS] = {
		[RA_CONFLICT_HOP_LIMIT] = { "hop limit", "", false },
		[RA_CONFLICT_MANAGED] = { "managed flag", "", true },
		[RA_CONFLICT_OTHER] = { "other flag", "", true },
		[RA_CONFLICT_REACHABLE] = { "reachable time", " ms", false },
		[RA_CONFLICT_RETRANS] = { "retransmit time", " ms", false },
		[RA_CONFLICT_MTU] = { "MTU", "", false },
		[RA_CONFLICT_VALID] = { "valid lifetime of", " s", false },
		[RA_CONFLICT_PREFERRED] = { "preferred lifetime of", " s", false },
		[RA_CONFLICT_DNS] = { "lifetime of DNS server", " s", false },
		[RA_CONFLICT_SEARCH] = { "lifetime of search domain", " s", false },
		[RA_CONFLICT_PORTAL] = { "captive portal", "", false },
	};
	const char *what = words[difference->what].what, *unit = words[difference->what].unit;
	char of[PREFIX6_TEXT] = "";

	if (difference->what == RA_CONFLICT_PORTAL) {
		snprintf(text, OTHERS_TEXT, "another %s", what);
		return text;
	}
	if (words[difference->what].flag) {
		snprintf(text, OTHERS_TEXT, "%s %s, ours is %s", what,
			 difference->theirs ? "set" : "not set",
			 difference->ours ? "set" : "not set");
		return text;
	}
	if (difference->what == RA_CONFLICT_DNS)
		ip6_text(&difference->prefix.address, of);
	else if (difference->what == RA_CONFLICT_VALID || difference->what == RA_CONFLICT_PREFERRED)
		prefix6_text(&difference->prefix, of);
	snprintf(text, OTHERS_TEXT, "%s%s%s %u%s, ours is %u%s", what, of[0] ? " " : "", of,
		 difference->theirs, unit, difference->ours, unit);
	return text;
}
