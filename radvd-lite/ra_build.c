/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra_build.c - a Router Advertisement from its value to its bytes.
 *
 * Lengths are never computed: each option is written behind a hole, which is filled with
 * what came.  Not here: whether the content is wise (server/), the checksum (base/).
 *
 * RFC 4861 4.2 and 4.6, RFC 4191 2.2 and 2.3, RFC 8106 5.1 and 5.2.
 */
#include "radvd-lite/domain.h"
#include "radvd-lite/nd.h"
#include "radvd-lite/ra.h"

#define RDNSS_MAX_SERVERS 127 /* what 255 units hold */

_Static_assert(RA_MAX_DNS <= RDNSS_MAX_SERVERS, "one RDNSS option is enough");
_Static_assert(RA_MAX_DOMAIN > DOMAIN_MAX_TEXT, "any domain's text fits");

const char *const ra_preference_name[4] = {
	[RA_MEDIUM] = "medium",
	[RA_HIGH] = "high",
	[2] = "reserved",
	[RA_LOW] = "low",
};

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

static void write_prefix(struct writer *w, const struct ra_prefix *prefix)
{
	struct prefix6 masked = prefix6_masked(prefix->prefix);
	size_t option = nd_option_open(w, ND_PREFIX);

	writer_u8(w, masked.len);
	writer_u8(w, (uint8_t)((prefix->on_link ? 0x80 : 0) | (prefix->autonomous ? 0x40 : 0)));
	writer_u32(w, prefix->valid_s);
	writer_u32(w, prefix->preferred_s);
	writer_u32(w, 0); /* reserved */
	writer_copy(w, masked.address.octet, sizeof(masked.address.octet));
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

static void write_servers(struct writer *w, const struct ra *ra)
{
	size_t option = open_dns(w, ND_RDNSS, ra->dns_lifetime_s);

	for (unsigned i = 0; i < ra->dns_count; i++)
		writer_copy(w, ra->dns[i].octet, sizeof(ra->dns[i].octet));
	nd_option_close(w, option);
}

/* A name is never split: what one option cannot hold begins another. */
static void write_domains(struct writer *w, const struct ra *ra)
{
	size_t option = open_dns(w, ND_DNSSL, ra->search_lifetime_s);

	for (unsigned i = 0; i < ra->search_count; i++) {
		uint8_t wire[DOMAIN_MAX_WIRE];
		struct writer name = writer_over(wire, sizeof(wire));

		domain_write(&name, ra->search[i]);
		if (name.full) {
			w->full = true;
			return;
		}
		if (w->len - option + name.len > ND_MAX_OPTION_LEN) {
			nd_option_close(w, option);
			option = open_dns(w, ND_DNSSL, ra->search_lifetime_s);
		}
		writer_copy(w, wire, name.len);
	}
	nd_option_close(w, option);
}

/* What has no form on the wire: there is no half of a message. */
static bool has_impossible_prefix(const struct ra *ra)
{
	for (unsigned i = 0; i < ra->prefix_count; i++) {
		if (ra->prefix[i].prefix.len > 128)
			return true;
	}
	for (unsigned i = 0; i < ra->route_count; i++) {
		if (ra->route[i].prefix.len > 128)
			return true;
	}
	return false;
}

void ra_build(const struct ra *ra, struct writer *w)
{
	if (has_impossible_prefix(ra)) {
		w->full = true;
		return;
	}
	write_header(w, ra);
	if (ra->has_source_mac)
		write_mac(w, &ra->source_mac);
	if (ra->mtu > 0)
		write_mtu(w, ra->mtu);
	for (unsigned i = 0; i < ra->prefix_count; i++)
		write_prefix(w, &ra->prefix[i]);
	for (unsigned i = 0; i < ra->route_count; i++)
		write_route(w, &ra->route[i]);
	if (ra->dns_count > 0)
		write_servers(w, ra);
	if (ra->search_count > 0)
		write_domains(w, ra);
}
