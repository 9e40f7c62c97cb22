/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra_build.c - a Router Advertisement from its value to its bytes, in as many parts as
 * it takes.
 *
 * Lengths are never computed: each option is written behind a hole, which is filled with
 * what came; whether it fits is tried.  Not here: whether the content is wise (server/), the
 * checksum (base/).
 *
 * RFC 4861 4.2 and 4.6, RFC 4191 2.2 and 2.3, RFC 8106 5.1 and 5.2, RFC 6275 7.2, RFC 9762 5,
 * RFC 8781 4, RFC 8910 2.3; resolvers are dnr.c's.
 */
#include "base/domain.h"
#include "radvd-lite/dnr.h"
#include "radvd-lite/nd.h"
#include "radvd-lite/ra_parts.h"

#define RDNSS_MAX_SERVERS 127 /* what 255 units hold */

_Static_assert(RA_MAX_DNS <= RDNSS_MAX_SERVERS, "one RDNSS option holds them, if a packet does");
_Static_assert(RA_MAX_DOMAIN > DOMAIN_MAX_TEXT, "any domain's text fits");

const char *const ra_preference_name[4] = {
	[RA_MEDIUM] = "medium",
	[RA_HIGH] = "high",
	[2] = "reserved",
	[RA_LOW] = "low",
};

const uint8_t nd_pref64_len[ND_PREF64_LENGTHS] = { 96, 64, 56, 48, 40, 32 };

/* Where RFC 4191 2.2 and 2.3 have the two bits.  Never the reserved value. */
static uint8_t preference_bits(enum ra_preference preference)
{
	return preference == RA_HIGH || preference == RA_LOW ? (uint8_t)(preference << 3) : 0;
}

static void write_header(struct writer *w, const struct ra *ra)
{
	uint8_t flags = (uint8_t)((ra->managed ? 0x80 : 0) | (ra->other ? 0x40 : 0));

	if (ra->lifetime_s > 0) /* RFC 4191 2.2: "MUST be set to (00)" otherwise */
		flags |= preference_bits(ra->preference);
	writer_u8(w, ND_RA);
	writer_u8(w, 0);  /* code */
	writer_u16(w, 0); /* checksum */
	writer_u8(w, ra->hop_limit);
	writer_u8(w, flags);
	writer_u16(w, ra->lifetime_s);
	writer_u32(w, ra->reachable_ms);
	writer_u32(w, ra->retrans_ms);
}

static void write_mac(struct writer *w, const struct mac *mac)
{
	size_t option = nd_option_open(w, ND_SOURCE_MAC);

	writer_copy(w, mac->octet, sizeof(mac->octet));
	nd_option_close(w, option);
}

static void write_mtu(struct writer *w, uint32_t mtu)
{
	size_t option = nd_option_open(w, ND_MTU);

	writer_u16(w, 0); /* reserved */
	writer_u32(w, mtu);
	nd_option_close(w, option);
}

static uint8_t prefix_flags(const struct ra_prefix *prefix)
{
	return (uint8_t)((prefix->on_link ? ND_ON_LINK : 0) |
			 (prefix->autonomous ? ND_AUTONOMOUS : 0) |
			 (prefix->has_router_address ? ND_ROUTER_ADDRESS : 0) |
			 (prefix->pd_preferred ? ND_PD_PREFERRED : 0));
}

static void write_prefix(struct writer *w, const struct ra_prefix *prefix)
{
	struct prefix6 masked = prefix6_masked(prefix->prefix);
	/* RFC 6275 7.2: with R the whole address; its first bits are the prefix */
	const struct ip6 *said =
		prefix->has_router_address ? &prefix->router_address : &masked.address;
	size_t option = nd_option_open(w, ND_PREFIX);

	writer_u8(w, masked.len);
	writer_u8(w, prefix_flags(prefix));
	writer_u32(w, prefix->valid_s);
	writer_u32(w, prefix->preferred_s);
	writer_u32(w, 0); /* reserved */
	writer_copy(w, said->octet, sizeof(said->octet));
	nd_option_close(w, option);
}

static void write_route(struct writer *w, const struct ra_route *route)
{
	struct prefix6 masked = prefix6_masked(route->prefix);
	size_t option = nd_option_open(w, ND_ROUTE);

	writer_u8(w, masked.len);
	writer_u8(w, preference_bits(route->preference));
	writer_u32(w, route->lifetime_s);
	/* RFC 4191 2.3: no prefix, its first half or all of it, as its length needs */
	writer_copy(w, masked.address.octet, masked.len == 0 ? 0 : masked.len <= 64 ? 8 : 16);
	nd_option_close(w, option);
}

static size_t open_dns(struct writer *w, enum nd_option_type type, uint32_t lifetime_s)
{
	size_t option = nd_option_open(w, type);

	writer_u16(w, 0); /* reserved */
	writer_u32(w, lifetime_s);
	return option;
}

/* Of this and the next: as many from `from` on as there is room for; how many that were. */
static unsigned write_servers(struct writer *w, const struct ra *ra, unsigned from)
{
	size_t option = open_dns(w, ND_RDNSS, ra->dns_lifetime_s);
	unsigned i = from;

	do
		writer_copy(w, ra->dns[i].octet, sizeof(ra->dns[i].octet));
	while (++i < ra->dns_count && w->cap - w->len >= sizeof(ra->dns[i].octet));
	nd_option_close(w, option);
	return i - from;
}

/* A name is never split: what one option cannot hold begins another. */
static unsigned write_domains(struct writer *w, const struct ra *ra, unsigned from)
{
	size_t option = open_dns(w, ND_DNSSL, ra->search_lifetime_s);
	/* an option ends on a multiple of 8 bytes, its padding must fit as well */
	size_t end = option + (w->cap - option) / 8 * 8;
	unsigned i = from;

	if (end > option + ND_MAX_OPTION_LEN)
		end = option + ND_MAX_OPTION_LEN;
	for (; i < ra->search_count; i++) {
		uint8_t wire[DOMAIN_MAX_WIRE];
		struct writer name = writer_over(wire, sizeof(wire));

		domain_write(&name, ra->search[i]);
		if (name.full || w->len + name.len > end)
			break;
		writer_copy(w, wire, name.len);
	}
	if (i == from) /* not even one */
		w->full = true;
	nd_option_close(w, option);
	return i - from;
}

static void write_pref64(struct writer *w, const struct ra_pref64 *pref64)
{
	struct prefix6 masked = prefix6_masked(pref64->prefix);
	uint32_t lifetime_s =
		pref64->lifetime_s < RA_PREF64_MAX_S ? pref64->lifetime_s : RA_PREF64_MAX_S;
	size_t option = nd_option_open(w, ND_PREF64);
	unsigned plc = 0;

	while (plc < ND_PREF64_LENGTHS && nd_pref64_len[plc] != masked.len)
		plc++;
	if (plc == ND_PREF64_LENGTHS)
		w->full = true;
	/* RFC 8781 4.1: what is no multiple of 8 is rounded up; the 13 bits stand above the PLC */
	writer_u16(w, (uint16_t)(((lifetime_s + 7) / 8) << 3 | plc));
	writer_copy(w, masked.address.octet, 12);
	nd_option_close(w, option);
}

static void write_portal(struct writer *w, const char *uri)
{
	size_t option = nd_option_open(w, ND_PORTAL);

	if (!ra_portal_is_good(uri))
		w->full = true;
	writer_copy(w, uri, strlen(uri));
	nd_option_close(w, option); /* RFC 8910 2.3: padded with NUL */
}

static void write_dnr(struct writer *w, const struct ra_dnr *dnr)
{
	size_t option = nd_option_open(w, ND_DNR);

	dnr_write(w, dnr);
	nd_option_close(w, option);
}

/* What has no form on the wire: there is no half of a message. */
static bool has_impossible_prefix(const struct ra *ra)
{
	for (unsigned i = 0; i < ra->prefix_count; i++) {
		const struct ra_prefix *prefix = &ra->prefix[i];

		if (prefix->prefix.len > 128 ||
		    (prefix->has_router_address &&
		     !prefix6_contains(&prefix->prefix, &prefix->router_address)))
			return true;
	}
	for (unsigned i = 0; i < ra->route_count; i++) {
		if (ra->route[i].prefix.len > 128)
			return true;
	}
	return false;
}

/* ---- parts ---- */

enum list { PREFIXES, ROUTES, SERVERS, DOMAINS, PREF64S, PORTAL, RESOLVERS, LISTS };

static unsigned entries(const struct ra *ra, enum list list)
{
	switch (list) {
	case PREFIXES: return ra->prefix_count;
	case ROUTES: return ra->route_count;
	case SERVERS: return ra->dns_count;
	case DOMAINS: return ra->search_count;
	case PREF64S: return ra->pref64_count;
	case PORTAL: return ra->captive_portal[0] != '\0' ? 1 : 0;
	case RESOLVERS: return ra->dnr_count;
	case LISTS: return 0;
	}
	return 0;
}

/* One option, from the i-th entry on; how many entries it took. */
static unsigned write_option(struct writer *w, const struct ra *ra, enum list list, unsigned i)
{
	switch (list) {
	case PREFIXES: write_prefix(w, &ra->prefix[i]); return 1;
	case ROUTES: write_route(w, &ra->route[i]); return 1;
	case SERVERS: return write_servers(w, ra, i);
	case DOMAINS: return write_domains(w, ra, i);
	case PREF64S: write_pref64(w, &ra->pref64[i]); return 1;
	case PORTAL: write_portal(w, ra->captive_portal); return 1;
	case RESOLVERS: write_dnr(w, &ra->dnr[i]); return 1;
	case LISTS: break;
	}
	return 0;
}

/* Steps to a list that has an entry left; false if none has. */
static bool is_left(struct ra_parts *parts)
{
	while (parts->list < LISTS && parts->entry >= entries(parts->now, parts->list)) {
		parts->list++;
		parts->entry = 0;
		if (parts->list == LISTS && parts->behind) {
			parts->now = parts->behind;
			parts->behind = NULL;
			parts->list = 0;
		}
	}
	return parts->list < LISTS;
}

struct ra_parts ra_parts_of(const struct ra *ra, const struct ra *behind)
{
	return (struct ra_parts) { .ra = ra, .now = ra, .behind = behind };
}

bool ra_parts_next(struct ra_parts *parts, struct writer *w)
{
	const struct ra *ra = parts->ra;

	if (parts->begun && !is_left(parts))
		return false;
	if (!parts->begun &&
	    (has_impossible_prefix(ra) || (parts->behind && has_impossible_prefix(parts->behind))))
		w->full = true;
	parts->begun = true;
	write_header(w, ra);
	if (ra->has_source_mac)
		write_mac(w, &ra->source_mac);
	if (ra->mtu > 0)
		write_mtu(w, ra->mtu);
	for (size_t head = w->len; !w->full && is_left(parts);) {
		struct writer trial = *w; /* what it leaves behind if it fails is not counted */
		unsigned took = write_option(&trial, parts->now, parts->list, parts->entry);

		if (trial.full && w->len > head)
			return true; /* into the next part */
		*w = trial;
		parts->entry += took;
	}
	if (w->full) {
		parts->list = LISTS;
		parts->behind = NULL;
	}
	return true;
}

void ra_build(const struct ra *ra, struct writer *w)
{
	struct ra_parts parts = ra_parts_of(ra, NULL);

	ra_parts_next(&parts, w);
	if (is_left(&parts)) /* it takes more than one */
		w->full = true;
}
