/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_ra_json.c - from the client's status to an advertisement's value. */
#include "client/doctor_ra_json.h"

#include <stdio.h>

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* null is for ever. */
static uint32_t lifetime_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	json_int_t seconds = json_integer_value(value);

	if (json_is_null(value) || seconds >= RA_FOREVER)
		return RA_FOREVER;
	return seconds > 0 ? (uint32_t)seconds : 0;
}

static enum ra_preference preference_of(const json_t *object)
{
	const char *text = text_of(object, "preference");

	return strcmp(text, "high") == 0 ? RA_HIGH : strcmp(text, "low") == 0 ? RA_LOW : RA_MEDIUM;
}

static void read_prefixes(const json_t *list, struct ra *ra)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		struct ra_prefix prefix = {
			.on_link = json_is_true(json_object_get(one, "on_link")),
			.autonomous = json_is_true(json_object_get(one, "autonomous")),
			.valid_s = lifetime_of(one, "valid_s"),
			.preferred_s = lifetime_of(one, "preferred_s"),
		};

		if (ra->prefix_count == RA_MAX_PREFIXES ||
		    prefix6_parse(text_of(one, "prefix"), &prefix.prefix, NULL) < 0)
			continue;
		prefix.has_router_address = ip6_parse(text_of(one, "router_address"),
						      &prefix.router_address, NULL) == 0;
		ra->prefix[ra->prefix_count++] = prefix;
	}
}

static void read_routes(const json_t *list, struct ra *ra)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		struct ra_route route = { .preference = preference_of(one),
					  .lifetime_s = lifetime_of(one, "lifetime_s") };

		if (ra->route_count < RA_MAX_ROUTES &&
		    prefix6_parse(text_of(one, "prefix"), &route.prefix, NULL) == 0)
			ra->route[ra->route_count++] = route;
	}
}

static void read_dns(const json_t *servers, const json_t *domains, struct ra *ra)
{
	const json_t *one;
	size_t i;

	json_array_foreach(servers, i, one)
	{
		struct ip6 address;

		if (ra->dns_count == RA_MAX_DNS ||
		    ip6_parse(text_of(one, "address"), &address, NULL) < 0)
			continue;
		ra->dns[ra->dns_count++] = address;
		ra->dns_lifetime_s = lifetime_of(one, "lifetime_s");
	}
	json_array_foreach(domains, i, one)
	{
		const char *domain = text_of(one, "domain");

		if (ra->search_count < RA_MAX_SEARCH && domain[0] && strlen(domain) < RA_MAX_DOMAIN)
			strcpy(ra->search[ra->search_count++], domain);
	}
}

static void read_nat64(const json_t *list, struct ra *ra)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		struct ra_pref64 pref64 = { .lifetime_s = lifetime_of(one, "lifetime_s") };

		if (ra->pref64_count < RA_MAX_PREF64 &&
		    prefix6_parse(text_of(one, "prefix"), &pref64.prefix, NULL) == 0)
			ra->pref64[ra->pref64_count++] = pref64;
	}
}

bool doctor_ra_read(const json_t *said, struct ra_said *read)
{
	const json_t *next = json_object_get(said, "next_due_s");
	uint32_t lifetime_s = lifetime_of(said, "lifetime_s");

	*read = (struct ra_said) { .age_s = lifetime_of(said, "heard_s") };
	if (ip6_parse(text_of(said, "from"), &read->from, NULL) < 0)
		return false;
	read->next_s = json_is_integer(next) ? json_integer_value(next) : INT64_MAX;
	read->ra.preference = preference_of(said);
	read->ra.lifetime_s = lifetime_s < UINT16_MAX ? (uint16_t)lifetime_s : UINT16_MAX;
	read->ra.managed = json_is_true(json_object_get(said, "managed"));
	read->ra.other = json_is_true(json_object_get(said, "other"));
	read_prefixes(json_object_get(said, "prefixes"), &read->ra);
	read_routes(json_object_get(said, "routes"), &read->ra);
	read_dns(json_object_get(said, "dns"), json_object_get(said, "search"), &read->ra);
	read_nat64(json_object_get(said, "nat64"), &read->ra);
	return true;
}
