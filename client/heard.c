/* SPDX-License-Identifier: Apache-2.0 */
/* client/heard.c - finds Router Advertisements among the frames (RFC 4861 6.1.2), and keeps what
 * each router said: an option that is not said again stays until its lifetime is over (6.3.4), so
 * several advertisements with a part each say the same as one with all.
 */
#include "client/heard.h"

#include "radvd-lite/ra_entries.h"

#define ND_RA_HEADER 16 /* RFC 4861 4.2 */
#define ND_RDNSS 25	/* RFC 8106 5.1 */
#define ND_DNSSL 31	/* RFC 8106 5.2 */

/* ---- entries of lists ---- */

/* Where the times of a list's entries are in struct heard_router. */
static const size_t times_at[RA_ENTRIES] = {
	[RA_ENTRIES_PREFIXES] = offsetof(struct heard_router, prefix),
	[RA_ENTRIES_ROUTES] = offsetof(struct heard_router, route),
	[RA_ENTRIES_DNS] = offsetof(struct heard_router, dns),
	[RA_ENTRIES_SEARCH] = offsetof(struct heard_router, search),
	[RA_ENTRIES_PREF64] = offsetof(struct heard_router, pref64),
	[RA_ENTRIES_DNR] = offsetof(struct heard_router, dnr),
};

static struct heard_time *times_of(enum ra_entries list, const struct heard_router *router)
{
	return (struct heard_time *)((char *)router + times_at[list]);
}

static uint64_t end_ms(const struct heard_time *time)
{
	return time->lifetime_s == RA_FOREVER ? UINT64_MAX
					      : time->said_ms + time->lifetime_s * (uint64_t)1000;
}

static void remove_entry(enum ra_entries list, struct heard_router *router, unsigned i)
{
	unsigned after = --*ra_entries_count(list, &router->ra) - i;
	struct heard_time *time = times_of(list, router) + i;

	memmove(ra_entries_at(list, &router->ra, i), ra_entries_at(list, &router->ra, i + 1),
		after * ra_entries_shape[list].size);
	memmove(time, time + 1, after * sizeof(*time));
}

/* In a full list what ends first makes room for what lasts longer. */
static bool make_room(enum ra_entries list, struct heard_router *router,
		      const struct heard_time *time)
{
	const struct heard_time *times = times_of(list, router);
	unsigned first = 0;

	if (*ra_entries_count(list, &router->ra) < ra_entries_shape[list].max)
		return true;
	for (unsigned i = 1; i < ra_entries_shape[list].max; i++)
		if (end_ms(&times[i]) < end_ms(&times[first]))
			first = i;
	if (end_ms(&times[first]) >= end_ms(time))
		return false;
	remove_entry(list, router, first);
	return true;
}

static void keep(enum ra_entries list, struct heard_router *router, const void *entry,
		 const struct heard_time *time)
{
	unsigned *count = ra_entries_count(list, &router->ra), i = 0;

	while (i < *count &&
	       !ra_entries_shape[list].same(ra_entries_at(list, &router->ra, i), entry))
		i++;
	if (time->lifetime_s == 0) { /* withdrawn */
		if (i < *count)
			remove_entry(list, router, i);
		return;
	}
	if (i == *count) {
		if (!make_room(list, router, time))
			return;
		i = (*count)++;
	}
	memcpy(ra_entries_at(list, &router->ra, i), entry, ra_entries_shape[list].size);
	times_of(list, router)[i] = *time;
}

static uint32_t lifetime_of(enum ra_entries list, const struct ra *ra, unsigned i)
{
	switch (list) {
	case RA_ENTRIES_PREFIXES: return ra->prefix[i].valid_s;
	case RA_ENTRIES_ROUTES: return ra->route[i].lifetime_s;
	case RA_ENTRIES_DNS: return ra->dns_lifetime_s;
	case RA_ENTRIES_SEARCH: return ra->search_lifetime_s;
	case RA_ENTRIES_PREF64: return ra->pref64[i].lifetime_s;
	case RA_ENTRIES_DNR: return ra->dnr[i].lifetime_s;
	case RA_ENTRIES: break;
	}
	return 0;
}

static void keep_list(enum ra_entries list, struct heard_router *router, struct ra *said,
		      uint64_t now_ms)
{
	for (unsigned i = 0; i < *ra_entries_count(list, said); i++) {
		struct heard_time time = { now_ms, lifetime_of(list, said, i) };

		keep(list, router, ra_entries_at(list, said, i), &time);
	}
}

/* ---- one advertisement ---- */

/* RFC 4861 6.3.4: what is "unspecified" changes nothing. */
static void keep_header(struct heard_router *router, const struct ra *said, uint64_t now_ms)
{
	struct ra *ra = &router->ra;

	router->router = (struct heard_time) { now_ms, said->lifetime_s };
	ra->lifetime_s = said->lifetime_s;
	ra->preference = said->preference;
	ra->managed = said->managed;
	ra->other = said->other;
	ra->hop_limit = said->hop_limit ? said->hop_limit : ra->hop_limit;
	ra->reachable_ms = said->reachable_ms ? said->reachable_ms : ra->reachable_ms;
	ra->retrans_ms = said->retrans_ms ? said->retrans_ms : ra->retrans_ms;
	ra->mtu = said->mtu ? said->mtu : ra->mtu;
	if (said->has_source_mac) {
		ra->has_source_mac = true;
		ra->source_mac = said->source_mac;
	}
	/* RFC 8910 2: it has no lifetime; what takes it back is RA_NO_PORTAL */
	if (said->captive_portal[0])
		memcpy(ra->captive_portal, said->captive_portal, sizeof(ra->captive_portal));
}

/* Option by option: each RDNSS and DNSSL has a lifetime of its own, and 0 withdraws. */
static void keep_dns(struct heard_router *router, struct bytes message, uint64_t now_ms)
{
	struct reader r = reader_over(message);

	reader_take(&r, ND_RA_HEADER);
	while (r.left >= 2) { /* the message is valid: it is all whole options */
		struct bytes option = { r.at, r.at[1] * (size_t)8 };
		struct ra said = { 0 }, withdrawn = { 0 };

		reader_take(&r, option.len);
		if (option.len == 0 || r.bad)
			return;
		if ((option.data[0] != ND_RDNSS && option.data[0] != ND_DNSSL) ||
		    !ra_parse_user_option(option, &said, &withdrawn))
			continue;
		withdrawn.dns_lifetime_s = withdrawn.search_lifetime_s = 0;
		keep_list(RA_ENTRIES_DNS, router, &said, now_ms);
		keep_list(RA_ENTRIES_DNS, router, &withdrawn, now_ms);
		keep_list(RA_ENTRIES_SEARCH, router, &said, now_ms);
		keep_list(RA_ENTRIES_SEARCH, router, &withdrawn, now_ms);
	}
}

/* Brings the router to the front. */
static struct heard_router *router_of(struct heard *heard, const struct ip6 *from)
{
	struct heard_router router = { .from = *from };
	unsigned i = 0;

	while (i < heard->count && !ip6_equal(&heard->by[i].from, from))
		i++;
	if (i < heard->count)
		router = heard->by[i];
	else if (heard->count < HEARD_MAX_ROUTERS)
		heard->count++;
	else
		i = HEARD_MAX_ROUTERS - 1;
	memmove(&heard->by[1], &heard->by[0], i * sizeof(router));
	heard->by[0] = router;
	return &heard->by[0];
}

/* RFC 4861 6.1.2, but for what ra_parse looks at. */
static bool find_message(const struct frame *frame, struct ip6 *from, struct bytes *message)
{
	struct reader r = reader_over(frame->bytes);
	struct ip6 to;

	reader_take(&r, 12);
	if (reader_u16(&r) != ETHER_IP6)
		return false;
	reader_take(&r, 4);
	uint16_t len = reader_u16(&r);
	uint8_t next = reader_u8(&r);
	uint8_t hop_limit = reader_u8(&r);
	if (next != IP_ICMP6 || hop_limit != 255) /* 255: the sender is on the link */
		return false;
	reader_copy(&r, from, sizeof(*from));
	reader_copy(&r, &to, sizeof(to));
	struct reader body = reader_sub(&r, len);
	*message = reader_rest(&body);
	if (message->len < 1 || message->data[0] != ND_RA || !ip6_is_link_local(from))
		return false;
	uint32_t sum = checksum_pseudo6(from, &to, IP_ICMP6, (uint32_t)message->len);
	return checksum_finish(checksum_add(sum, *message)) == 0;
}

bool heard_frame(struct heard *heard, const struct frame *frame, uint64_t now_ms)
{
	struct bytes message;
	struct ip6 from;
	struct ra said;

	if (!find_message(frame, &from, &message) || !ra_parse(message, &said))
		return false;

	struct heard_router *router = router_of(heard, &from);
	router->at_ms = now_ms;
	keep_header(router, &said, now_ms);
	keep_list(RA_ENTRIES_PREFIXES, router, &said, now_ms);
	keep_list(RA_ENTRIES_ROUTES, router, &said, now_ms);
	keep_list(RA_ENTRIES_PREF64, router, &said, now_ms);
	keep_list(RA_ENTRIES_DNR, router, &said, now_ms);
	keep_dns(router, message, now_ms);
	heard_expire(heard, now_ms);
	return true;
}

/* ---- time ---- */

void heard_expire(struct heard *heard, uint64_t now_ms)
{
	for (unsigned k = 0; k < heard->count; k++) {
		struct heard_router *router = &heard->by[k];

		for (enum ra_entries list = 0; list < RA_ENTRIES; list++)
			for (unsigned i = *ra_entries_count(list, &router->ra); i-- > 0;)
				if (end_ms(&times_of(list, router)[i]) <= now_ms)
					remove_entry(list, router, i);
	}
}

uint32_t heard_left_s(const struct heard_time *time, uint64_t now_ms)
{
	if (time->lifetime_s == RA_FOREVER)
		return RA_FOREVER;
	uint64_t end = end_ms(time);
	return end > now_ms ? (uint32_t)((end - now_ms + 999) / 1000) : 0;
}

bool heard_default_router(const struct heard *heard, uint64_t now_ms)
{
	for (unsigned i = 0; i < heard->count; i++)
		if (heard_left_s(&heard->by[i].router, now_ms) > 0)
			return true;
	return false;
}

bool heard_next_s(const struct heard_router *router, uint64_t now_ms, uint32_t *next_s)
{
	uint32_t shortest_s = router->router.lifetime_s ? router->router.lifetime_s : RA_FOREVER;

	for (enum ra_entries list = 0; list < RA_ENTRIES; list++)
		for (unsigned i = 0; i < *ra_entries_count(list, &router->ra); i++)
			if (times_of(list, router)[i].lifetime_s < shortest_s)
				shortest_s = times_of(list, router)[i].lifetime_s;
	if (shortest_s == RA_FOREVER)
		return false;

	uint64_t due_ms = router->at_ms + shortest_s * (uint64_t)1000 / 3;
	*next_s = due_ms > now_ms ? (uint32_t)((due_ms - now_ms + 999) / 1000) : 0;
	return true;
}
