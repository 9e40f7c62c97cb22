/* SPDX-License-Identifier: Apache-2.0 */
/* server/content.c - what Router Advertisements say: a client's settings and what the server is.
 *
 * When, and to whom: advertiser.c.
 */
#include "server/server_private.h"

#define CONTENT_MAX_LEN 16384 /* of everything that settings can say, in one message */

static void add_prefixes(const struct server *server, const struct ra_settings *settings,
			 struct ra *ra)
{
	for (unsigned i = 0; i < settings->prefix_count; i++) {
		const struct config_prefix *from = &settings->prefix[i];
		unsigned first = ra->prefix_count;
		struct ra_prefix prefix = {
			.prefix = router_prefix(server, from),
			.on_link = from->on_link,
			.autonomous = from->autonomous,
			.pd_preferred = from->pd_preferred,
			.valid_s = from->has_valid ? from->valid_s : settings->valid_s,
			.preferred_s =
				from->has_preferred ? from->preferred_s : settings->preferred_s,
		};

		if (from->interface[0])
			kernel_add_prefixes(server->kernel, from->interface, &prefix, ra);
		else if (ra->prefix_count < RA_MAX_PREFIXES)
			ra->prefix[ra->prefix_count++] = prefix;
		for (unsigned j = first; j < ra->prefix_count && from->router_address; j++)
			ra->prefix[j].has_router_address = router_address_in(
				server, &ra->prefix[j].prefix, &ra->prefix[j].router_address);
	}
}

/* Those that are written down first: they count as they are written. */
static void add_routes(const struct server *server, const struct ra_settings *settings,
		       struct ra *ra)
{
	for (unsigned pass = 0; pass < 2; pass++) {
		for (unsigned i = 0; i < settings->route_count; i++) {
			const struct config_route *from = &settings->route[i];
			struct ra_route route = {
				.prefix = from->prefix,
				.preference = from->preference,
				.lifetime_s =
					from->lifetime_s ? from->lifetime_s : settings->lifetime_s,
			};

			if (from->kernel && pass == 1)
				kernel_add_routes(server->kernel, &from->prefix, &route, ra);
			else if (!from->kernel && pass == 0)
				ra->route[ra->route_count++] = route;
		}
	}
}

/* Items that have lifetimes of their own, or that of the RA. */
static void add_lists(const struct ra_settings *settings, struct ra *ra)
{
	for (unsigned i = 0; i < settings->nat64_count; i++) {
		struct ra_pref64 *nat64 = &ra->pref64[ra->pref64_count++];

		*nat64 = settings->nat64[i];
		if (nat64->lifetime_s == 0)
			nat64->lifetime_s = settings->lifetime_s;
	}
	for (unsigned i = 0; i < settings->dnr_count; i++) {
		struct ra_dnr *dnr = &ra->dnr[ra->dnr_count++];

		*dnr = settings->dnr[i];
		if (dnr->lifetime_s == 0)
			dnr->lifetime_s = settings->lifetime_s;
	}
}

static uint32_t own_or(uint32_t own_s, uint32_t otherwise_s)
{
	return own_s > 0 ? own_s : otherwise_s;
}

static bool is_set(enum config_auto key, bool otherwise)
{
	return key == CONFIG_AUTO ? otherwise : key == CONFIG_YES;
}

void content_compose(const struct server *server, const struct ra_settings *settings, struct ra *ra)
{
	*ra = (struct ra) {
		.hop_limit = settings->hop_limit,
		/* RFC 4861 4.2: O says what M already says, and RFC 8415 hosts need one of them */
		.managed = is_set(settings->managed, dhcp6_settings_leases(settings)),
		.other = is_set(settings->other, dhcp6_settings_informs(settings)),
		.preference = settings->preference,
		.lifetime_s = (uint16_t)(settings->default_route &&
							 kernel_is_default_router(server->kernel)
						 ? settings->lifetime_s
						 : 0),
		.reachable_ms = settings->reachable_ms,
		.retrans_ms = settings->retrans_ms,
		.has_source_mac = true,
		.source_mac = server->identity.mac,
		.mtu = settings->mtu ? settings->mtu : server->config.mtu,
		/* RFC 8106 5.1: 3 * MaxRtrAdvInterval */
		.dns_lifetime_s = own_or(settings->dns_lifetime_s, settings->lifetime_s),
		.search_lifetime_s = own_or(settings->search_lifetime_s, settings->lifetime_s),
		.dns_count = settings->dns_count,
		.search_count = settings->search_count,
	};
	add_prefixes(server, settings, ra);
	add_routes(server, settings, ra);
	add_lists(settings, ra);
	memcpy(ra->dns, settings->dns, sizeof(ra->dns));
	memcpy(ra->search, settings->search, sizeof(ra->search));
	memcpy(ra->captive_portal, settings->captive_portal, sizeof(ra->captive_portal));
}

#define COUNT_SLACK_S 2 /* seconds are rounded on both sides */

/* Whether `now_s` is what is left of `before_s`. */
static bool counted_down(uint32_t before_s, uint32_t now_s, uint64_t between_ms)
{
	uint64_t passed_s = between_ms / 1000;
	uint64_t left_s = before_s > passed_s ? before_s - passed_s : 0;

	return now_s <= before_s && now_s + COUNT_SLACK_S >= left_s &&
	       left_s + COUNT_SLACK_S >= now_s;
}

/* What only time has changed is made equal. */
static void forget_time(struct ra *before, const struct ra *now, uint64_t between_ms)
{
	for (unsigned i = 0; i < before->prefix_count && i < now->prefix_count; i++) {
		struct ra_prefix *a = &before->prefix[i];
		const struct ra_prefix *b = &now->prefix[i];

		if (counted_down(a->valid_s, b->valid_s, between_ms))
			a->valid_s = b->valid_s;
		if (counted_down(a->preferred_s, b->preferred_s, between_ms))
			a->preferred_s = b->preferred_s;
	}
}

bool content_equal(const struct ra *before, const struct ra *b, uint64_t between_ms)
{
	struct ra timeless = *before, *a = &timeless;
	uint8_t bytes_a[CONTENT_MAX_LEN], bytes_b[CONTENT_MAX_LEN];
	struct writer w_a = writer_over(bytes_a, sizeof(bytes_a));
	struct writer w_b = writer_over(bytes_b, sizeof(bytes_b));

	forget_time(a, b, between_ms);
	ra_build(a, &w_a);
	ra_build(b, &w_b);
	return !w_a.full && !w_b.full && w_a.len == w_b.len &&
	       memcmp(bytes_a, bytes_b, w_a.len) == 0;
}
