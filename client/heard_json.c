/* SPDX-License-Identifier: Apache-2.0 */
/* client/heard_json.c - what routers said, as JSON for `status` and `show ra`. */
#include "client/heard_json.h"

json_t *heard_lifetime_json(uint32_t seconds)
{
	return seconds == RA_FOREVER ? json_null() : json_integer((json_int_t)seconds);
}

static json_t *left(const struct heard_time *time, uint64_t now_ms)
{
	return heard_lifetime_json(heard_left_s(time, now_ms));
}

static json_t *prefixes_of(const struct heard_router *router, uint64_t now_ms)
{
	json_t *all = json_array();
	char text[PREFIX6_TEXT], address[IP6_TEXT];

	for (unsigned i = 0; i < router->ra.prefix_count; i++) {
		const struct ra_prefix *prefix = &router->ra.prefix[i];
		const struct heard_time preferred = { router->prefix[i].said_ms,
						      prefix->preferred_s };
		json_t *one =
			json_pack("{s:s, s:b, s:b, s:b, s:o, s:o}", "prefix",
				  prefix6_text(&prefix->prefix, text), "on_link", prefix->on_link,
				  "autonomous", prefix->autonomous, "pd_preferred",
				  prefix->pd_preferred, "valid_s", left(&router->prefix[i], now_ms),
				  "preferred_s", left(&preferred, now_ms));

		if (prefix->has_router_address)
			json_object_set_new(
				one, "router_address",
				json_string(ip6_text(&prefix->router_address, address)));
		json_array_append_new(all, one);
	}
	return all;
}

static json_t *routes_of(const struct heard_router *router, uint64_t now_ms)
{
	json_t *all = json_array();
	char text[PREFIX6_TEXT];

	for (unsigned i = 0; i < router->ra.route_count; i++)
		json_array_append_new(all,
				      json_pack("{s:s, s:s, s:o}", "prefix",
						prefix6_text(&router->ra.route[i].prefix, text),
						"preference",
						ra_preference_name[router->ra.route[i].preference],
						"lifetime_s", left(&router->route[i], now_ms)));
	return all;
}

static json_t *dns_of(const struct heard_router *router, uint64_t now_ms)
{
	json_t *all = json_array();
	char text[IP6_TEXT];

	for (unsigned i = 0; i < router->ra.dns_count; i++)
		json_array_append_new(all, json_pack("{s:s, s:o}", "address",
						     ip6_text(&router->ra.dns[i], text),
						     "lifetime_s", left(&router->dns[i], now_ms)));
	return all;
}

static json_t *search_of(const struct heard_router *router, uint64_t now_ms)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < router->ra.search_count; i++)
		json_array_append_new(all,
				      json_pack("{s:s, s:o}", "domain", router->ra.search[i],
						"lifetime_s", left(&router->search[i], now_ms)));
	return all;
}

static json_t *nat64_of(const struct heard_router *router, uint64_t now_ms)
{
	json_t *all = json_array();
	char text[PREFIX6_TEXT];

	for (unsigned i = 0; i < router->ra.pref64_count; i++)
		json_array_append_new(all,
				      json_pack("{s:s, s:o}", "prefix",
						prefix6_text(&router->ra.pref64[i].prefix, text),
						"lifetime_s", left(&router->pref64[i], now_ms)));
	return all;
}

static json_t *dnr_of(const struct heard_router *router, uint64_t now_ms)
{
	json_t *all = json_array();
	char text[IP6_TEXT];

	for (unsigned i = 0; i < router->ra.dnr_count; i++) {
		const struct ra_dnr *dnr = &router->ra.dnr[i];
		json_t *addresses = json_array();

		for (unsigned k = 0; k < dnr->address_count; k++)
			json_array_append_new(addresses,
					      json_string(ip6_text(&dnr->address[k], text)));
		json_array_append_new(
			all, json_pack("{s:s, s:i, s:o, s:s, s:i, s:s, s:o}", "name", dnr->name,
				       "priority", (int)dnr->priority, "addresses", addresses,
				       "alpn", dnr->alpn, "port", (int)dnr->port, "dohpath",
				       dnr->dohpath, "lifetime_s", left(&router->dnr[i], now_ms)));
	}
	return all;
}

json_t *heard_router_json(const struct heard_router *router, uint64_t now_ms)
{
	const struct ra *ra = &router->ra;
	char from[IP6_TEXT], mac[MAC_TEXT];
	uint32_t next_s;
	json_t *next = heard_next_s(router, now_ms, &next_s) ? json_integer((json_int_t)next_s)
							     : json_null();

	return json_pack(
		"{s:s, s:i, s:o, s:o, s:s, s:i, s:b, s:b, s:i, s:i, s:i, s:s, s:s, s:o, s:o, s:o, "
		"s:o, s:o, s:o}",
		"from", ip6_text(&router->from, from), "heard_s",
		(int)((now_ms - router->at_ms) / 1000), "next_due_s", next, "lifetime_s",
		left(&router->router, now_ms), "preference", ra_preference_name[ra->preference],
		"hop_limit", (int)ra->hop_limit, "managed", ra->managed, "other", ra->other,
		"reachable_ms", (int)ra->reachable_ms, "retrans_ms", (int)ra->retrans_ms, "mtu",
		(int)ra->mtu, "source_mac",
		ra->has_source_mac ? mac_text(&ra->source_mac, mac) : "", "captive_portal",
		ra->captive_portal, "prefixes", prefixes_of(router, now_ms), "routes",
		routes_of(router, now_ms), "dns", dns_of(router, now_ms), "search",
		search_of(router, now_ms), "nat64", nat64_of(router, now_ms), "dnr",
		dnr_of(router, now_ms));
}

json_t *heard_routers_json(const struct heard *heard, uint64_t now_ms)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < heard->count; i++)
		json_array_append_new(all, heard_router_json(&heard->by[i], now_ms));
	return all;
}
