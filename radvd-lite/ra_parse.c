/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra_parse.c - a Router Advertisement from any bytes to its value.
 *
 * What RFC 4861 6.1.2 calls invalid discards the message; an option that is no good in itself
 * is skipped alone, the others stand.  Not here: what a host does with it (RFC 4862), and
 * whose message it is.
 *
 * RFC 4861 4.2, 4.6, 6.1.2; RFC 4191 2.2 and 2.3; RFC 8106 5.1, 5.2, 5.3.1; RFC 6275 7.2;
 * RFC 9762 5; RFC 8781 4 and 5; RFC 8910 2.3; resolvers are dnr.c's.
 */
#include <strings.h>

#include "base/domain.h"
#include "radvd-lite/dnr.h"
#include "radvd-lite/nd.h"
#include "radvd-lite/ra.h"

static bool parse_header(struct reader *r, struct ra *ra)
{
	uint8_t type = reader_u8(r);
	uint8_t code = reader_u8(r);

	reader_take(r, 2); /* checksum */
	ra->hop_limit = reader_u8(r);
	uint8_t flags = reader_u8(r);
	ra->lifetime_s = reader_u16(r);
	ra->reachable_ms = reader_u32(r);
	ra->retrans_ms = reader_u32(r);

	ra->managed = flags & 0x80;
	ra->other = flags & 0x40;
	unsigned preference = flags >> 3 & 3;
	/* RFC 4191 2.2: the reserved value is medium; without a lifetime it "MUST be ignored" */
	if (ra->lifetime_s > 0 && (preference == RA_HIGH || preference == RA_LOW))
		ra->preference = preference;
	return !r->bad && type == ND_RA && code == 0;
}

static void parse_mac(struct reader body, struct ra *ra)
{
	if (!ra->has_source_mac) /* of several, the first: so does Linux */
		ra->has_source_mac = nd_read_mac(body, &ra->source_mac);
}

static void parse_mtu(struct reader body, struct ra *ra)
{
	if (body.left != 6 || ra->mtu > 0)
		return;
	reader_take(&body, 2);
	ra->mtu = reader_u32(&body);
}

static void parse_prefix(struct reader body, struct ra *ra)
{
	struct ra_prefix prefix = { 0 };

	if (body.left != 30 || ra->prefix_count == RA_MAX_PREFIXES)
		return;
	prefix.prefix.len = reader_u8(&body);
	uint8_t flags = reader_u8(&body);
	prefix.on_link = flags & ND_ON_LINK;
	prefix.autonomous = flags & ND_AUTONOMOUS;
	prefix.has_router_address = flags & ND_ROUTER_ADDRESS;
	prefix.pd_preferred = flags & ND_PD_PREFERRED;
	prefix.valid_s = reader_u32(&body);
	prefix.preferred_s = reader_u32(&body);
	reader_take(&body, 4);
	reader_copy(&body, prefix.prefix.address.octet, 16);
	/* RFC 4861 4.6.2: preferred "MUST NOT exceed the Valid Lifetime" */
	if (prefix.prefix.len > 128 || prefix.preferred_s > prefix.valid_s)
		return;
	if (prefix.has_router_address)
		prefix.router_address = prefix.prefix.address;
	prefix.prefix = prefix6_masked(prefix.prefix);
	ra->prefix[ra->prefix_count++] = prefix;
}

static void parse_route(struct reader body, struct ra *ra)
{
	struct ra_route route = { 0 };

	if (ra->route_count == RA_MAX_ROUTES)
		return;
	route.prefix.len = reader_u8(&body);
	unsigned preference = reader_u8(&body) >> 3 & 3;
	route.lifetime_s = reader_u32(&body);

	size_t room =
		body.left; /* RFC 4191 2.3: 0, 8 or 16 bytes, and as many as the length needs */
	if (room > 16 || route.prefix.len > room * 8)
		return;
	reader_copy(&body, route.prefix.address.octet, room);
	if (preference != RA_MEDIUM && preference != RA_HIGH && preference != RA_LOW)
		return; /* RFC 4191 2.3: "MUST be ignored" */
	route.preference = preference;
	route.prefix = prefix6_masked(route.prefix);
	ra->route[ra->route_count++] = route;
}

static void keep_server(struct ra *ra, const struct ip6 *server, uint32_t lifetime_s)
{
	unsigned i = 0;

	while (i < ra->dns_count && !ip6_equal(&ra->dns[i], server))
		i++;
	if (i == RA_MAX_DNS)
		return;
	if (ra->dns_count == 0 || lifetime_s < ra->dns_lifetime_s)
		ra->dns_lifetime_s = lifetime_s;
	if (i == ra->dns_count)
		ra->dns[ra->dns_count++] = *server;
}

static void keep_domain(struct ra *ra, const char *domain, uint32_t lifetime_s)
{
	unsigned i = 0;

	while (i < ra->search_count && strcasecmp(ra->search[i], domain) != 0)
		i++;
	if (i == RA_MAX_SEARCH)
		return;
	if (ra->search_count == 0 || lifetime_s < ra->search_lifetime_s)
		ra->search_lifetime_s = lifetime_s;
	if (i == ra->search_count)
		memcpy(ra->search[ra->search_count++], domain, strlen(domain) + 1);
}

/* Of this and the next: a lifetime of 0 takes away (RFC 8106 5.1 and 5.2). */
static bool parse_servers(struct reader body, struct ra *ra, struct ra *withdrawn)
{
	reader_take(&body, 2);
	uint32_t lifetime_s = reader_u32(&body);
	struct ra *into = lifetime_s > 0 ? ra : withdrawn;
	struct ip6 server;

	/* RFC 8106 5.3.1: at least one address, and nothing but whole ones */
	if (body.left == 0 || body.left % sizeof(server.octet) != 0)
		return false;
	while (into && body.left > 0) {
		reader_copy(&body, server.octet, sizeof(server.octet));
		keep_server(into, &server, lifetime_s);
	}
	return true;
}

static bool parse_domains(struct reader body, struct ra *ra, struct ra *withdrawn)
{
	reader_take(&body, 2);
	uint32_t lifetime_s = reader_u32(&body);
	struct ra *into = lifetime_s > 0 ? ra : withdrawn;
	struct reader names = body;
	char domain[DOMAIN_MAX_TEXT + 1];
	unsigned found = 0;

	/* the whole list first: of a malformed option nothing is kept */
	while (domain_read(&names, domain))
		found++;
	if (names.bad || found == 0)
		return false;
	while (into && domain_read(&body, domain)) {
		if (domain[0] != '\0')
			keep_domain(into, domain, lifetime_s);
	}
	return true;
}

static bool parse_pref64(struct reader body, struct ra *ra)
{
	struct ra_pref64 pref64 = { 0 };

	if (body.left != 14 || ra->pref64_count == RA_MAX_PREF64)
		return false;
	uint16_t bits = reader_u16(&body);
	unsigned plc = bits & 7;
	if (plc >= ND_PREF64_LENGTHS) /* RFC 8781 4: "MUST ignore the PREF64 option" */
		return false;
	pref64.lifetime_s = bits & ~7u; /* the upper 13 bits count units of 8 seconds */
	pref64.prefix.len = nd_pref64_len[plc];
	reader_copy(&body, pref64.prefix.address.octet, 12);
	pref64.prefix = prefix6_masked(pref64.prefix);
	ra->pref64[ra->pref64_count++] = pref64;
	return true;
}

static bool parse_portal(struct reader body, struct ra *ra)
{
	struct bytes padded = reader_rest(&body);
	size_t len = strnlen((const char *)padded.data, padded.len);
	char uri[RA_MAX_URI] = "";

	for (size_t i = len; i < padded.len; i++) {
		if (padded.data[i] != 0) /* RFC 8910 2.3: NULs, and only behind the URI */
			return false;
	}
	if (len >= sizeof(uri) || ra->captive_portal[0] != '\0')
		return false;
	memcpy(uri, padded.data, len);
	if (!ra_portal_is_good(uri))
		return false;
	memcpy(ra->captive_portal, uri, sizeof(uri));
	return true;
}

static bool parse_dnr(struct reader body, struct ra *ra)
{
	if (ra->dnr_count == RA_MAX_DNR || !dnr_read(body, &ra->dnr[ra->dnr_count]))
		return false;
	ra->dnr_count++;
	return true;
}

/* What the kernel leaves to others. */
static bool parse_user_option(const struct nd_option *option, struct ra *ra, struct ra *withdrawn)
{
	switch (option->type) {
	case ND_RDNSS: return parse_servers(option->body, ra, withdrawn);
	case ND_DNSSL: return parse_domains(option->body, ra, withdrawn);
	case ND_PREF64: return parse_pref64(option->body, ra);
	case ND_PORTAL: return parse_portal(option->body, ra);
	case ND_DNR: return parse_dnr(option->body, ra);
	default: return false;
	}
}

bool ra_parse(struct bytes message, struct ra *ra)
{
	struct reader r = reader_over(message);
	struct nd_option option;

	memset(ra, 0, sizeof(*ra));
	if (!parse_header(&r, ra)) {
		memset(ra, 0, sizeof(*ra));
		return false;
	}
	while (nd_option_next(&r, &option)) {
		switch (option.type) {
		case ND_SOURCE_MAC: parse_mac(option.body, ra); break;
		case ND_MTU: parse_mtu(option.body, ra); break;
		case ND_PREFIX: parse_prefix(option.body, ra); break;
		case ND_ROUTE: parse_route(option.body, ra); break;
		default: parse_user_option(&option, ra, NULL); break; /* or skipped, 6.1.2 */
		}
	}
	if (r.bad)
		memset(ra, 0, sizeof(*ra));
	return !r.bad;
}

bool ra_parse_user_option(struct bytes bytes, struct ra *ra, struct ra *withdrawn)
{
	struct reader r = reader_over(bytes);
	struct nd_option option;

	return nd_option_next(&r, &option) && r.left == 0 &&
	       parse_user_option(&option, ra, withdrawn);
}
