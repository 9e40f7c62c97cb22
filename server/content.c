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
		struct ra_prefix prefix = {
			.prefix = router_prefix(server, from),
			.on_link = true,
			.autonomous = true,
			.valid_s = settings->valid_s,
			.preferred_s = settings->preferred_s,
		};

		if (from->interface[0])
			kernel_add_prefixes(server->kernel, from->interface, &prefix, ra);
		else if (ra->prefix_count < RA_MAX_PREFIXES)
			ra->prefix[ra->prefix_count++] = prefix;
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

void content_compose(const struct server *server, const struct ra_settings *settings, struct ra *ra)
{
	*ra = (struct ra) {
		.hop_limit = settings->hop_limit,
		.managed = settings->managed,
		.other = settings->other,
		.preference = RA_MEDIUM,
		.lifetime_s = (uint16_t)(settings->default_route &&
							 kernel_is_default_router(server->kernel)
						 ? settings->lifetime_s
						 : 0),
		.has_source_mac = true,
		.source_mac = server->identity.mac,
		.mtu = settings->mtu ? settings->mtu : server->config.mtu,
		.dns_lifetime_s = settings->lifetime_s, /* RFC 8106 5.1: 3 * MaxRtrAdvInterval */
		.search_lifetime_s = settings->lifetime_s,
		.dns_count = settings->dns_count,
		.search_count = settings->search_count,
	};
	add_prefixes(server, settings, ra);
	add_routes(server, settings, ra);
	memcpy(ra->dns, settings->dns, sizeof(ra->dns));
	memcpy(ra->search, settings->search, sizeof(ra->search));
}

void content_make_final(struct ra *ra)
{
	ra->lifetime_s = 0; /* RFC 4861 6.2.5 */
	ra->dns_lifetime_s = 0;
	ra->search_lifetime_s = 0;
	/* RFC 4191 has no word on ceasing; a route to nowhere helps nobody */
	for (unsigned i = 0; i < ra->route_count; i++)
		ra->route[i].lifetime_s = 0;
}

bool content_equal(const struct ra *a, const struct ra *b)
{
	uint8_t bytes_a[CONTENT_MAX_LEN], bytes_b[CONTENT_MAX_LEN];
	struct writer w_a = writer_over(bytes_a, sizeof(bytes_a));
	struct writer w_b = writer_over(bytes_b, sizeof(bytes_b));

	ra_build(a, &w_a);
	ra_build(b, &w_b);
	return !w_a.full && !w_b.full && w_a.len == w_b.len &&
	       memcmp(bytes_a, bytes_b, w_a.len) == 0;
}
