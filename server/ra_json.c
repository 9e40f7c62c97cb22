/* SPDX-License-Identifier: Apache-2.0 */
/* server/ra_json.c - Router Advertisements as JSON. */
#include "server/ra_json.h"

static json_t *left(uint32_t lifetime_s, uint32_t age_s)
{
	if (lifetime_s == RA_FOREVER)
		return json_null();
	return json_integer(lifetime_s > age_s ? (json_int_t)lifetime_s - age_s : 0);
}

json_t *ra_prefix_json(const struct ra_prefix *prefix, uint32_t age_s)
{
	char text[PREFIX6_TEXT], address[IP6_TEXT];
	json_t *one = json_pack("{s:s, s:b, s:b, s:b, s:o, s:o}", "prefix",
				prefix6_text(&prefix->prefix, text), "on_link", prefix->on_link,
				"autonomous", prefix->autonomous, "pd_preferred",
				prefix->pd_preferred, "valid_s", left(prefix->valid_s, age_s),
				"preferred_s", left(prefix->preferred_s, age_s));

	if (prefix->has_router_address)
		json_object_set_new(one, "router_address",
				    json_string(ip6_text(&prefix->router_address, address)));
	return one;
}

static json_t *prefixes_of(const struct ra *ra, uint32_t age_s)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < ra->prefix_count; i++)
		json_array_append_new(all, ra_prefix_json(&ra->prefix[i], age_s));
	return all;
}

static json_t *routes_of(const struct ra *ra, uint32_t age_s)
{
	json_t *all = json_array();
	char text[PREFIX6_TEXT];

	for (unsigned i = 0; i < ra->route_count; i++)
		json_array_append_new(
			all, json_pack("{s:s, s:s, s:o}", "prefix",
				       prefix6_text(&ra->route[i].prefix, text), "preference",
				       ra_preference_name[ra->route[i].preference], "lifetime_s",
				       left(ra->route[i].lifetime_s, age_s)));
	return all;
}

static json_t *dns_of(const struct ra *ra, uint32_t age_s)
{
	json_t *all = json_array();
	char text[IP6_TEXT];

	for (unsigned i = 0; i < ra->dns_count; i++)
		json_array_append_new(all, json_pack("{s:s, s:o}", "address",
						     ip6_text(&ra->dns[i], text), "lifetime_s",
						     left(ra->dns_lifetime_s, age_s)));
	return all;
}

static json_t *search_of(const struct ra *ra, uint32_t age_s)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < ra->search_count; i++)
		json_array_append_new(all,
				      json_pack("{s:s, s:o}", "domain", ra->search[i], "lifetime_s",
						left(ra->search_lifetime_s, age_s)));
	return all;
}

static json_t *nat64_of(const struct ra *ra, uint32_t age_s)
{
	json_t *all = json_array();
	char text[PREFIX6_TEXT];

	for (unsigned i = 0; i < ra->pref64_count; i++)
		json_array_append_new(all, json_pack("{s:s, s:o}", "prefix",
						     prefix6_text(&ra->pref64[i].prefix, text),
						     "lifetime_s",
						     left(ra->pref64[i].lifetime_s, age_s)));
	return all;
}

static json_t *dnr_of(const struct ra *ra, uint32_t age_s)
{
	json_t *all = json_array();
	char text[IP6_TEXT];

	for (unsigned i = 0; i < ra->dnr_count; i++) {
		const struct ra_dnr *dnr = &ra->dnr[i];
		json_t *addresses = json_array();

		for (unsigned k = 0; k < dnr->address_count; k++)
			json_array_append_new(addresses,
					      json_string(ip6_text(&dnr->address[k], text)));
		json_array_append_new(
			all, json_pack("{s:s, s:i, s:o, s:s, s:i, s:s, s:o}", "name", dnr->name,
				       "priority", (int)dnr->priority, "addresses", addresses,
				       "alpn", dnr->alpn, "port", (int)dnr->port, "dohpath",
				       dnr->dohpath, "lifetime_s", left(dnr->lifetime_s, age_s)));
	}
	return all;
}

json_t *ra_json(const struct ra *ra, uint32_t age_s)
{
	char mac[MAC_TEXT];

	return json_pack(
		"{s:o, s:s, s:i, s:b, s:b, s:I, s:I, s:I, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
		"lifetime_s", left(ra->lifetime_s, age_s), "preference",
		ra_preference_name[ra->preference], "hop_limit", (int)ra->hop_limit, "managed",
		ra->managed, "other", ra->other, "reachable_ms", (json_int_t)ra->reachable_ms,
		"retrans_ms", (json_int_t)ra->retrans_ms, "mtu", (json_int_t)ra->mtu, "source_mac",
		ra->has_source_mac ? mac_text(&ra->source_mac, mac) : "", "captive_portal",
		ra->captive_portal, "prefixes", prefixes_of(ra, age_s), "routes",
		routes_of(ra, age_s), "dns", dns_of(ra, age_s), "search", search_of(ra, age_s),
		"nat64", nat64_of(ra, age_s), "dnr", dnr_of(ra, age_s));
}
