/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_ra.c - the keys of [ra], [group NAME] and [user NAME], and their readers.
 *
 * How sections inherit, and what must fit together: config_inherit.c.
 */
#include "server/config_ra_private.h"

#include <stdio.h>

#define IN(member) offsetof(struct ra_settings, member)
#define SIZE(member) sizeof(((struct ra_settings *)0)->member)

void ra_settings_defaults(struct ra_settings *settings)
{
	*settings = (struct ra_settings) {
		.enabled = true,
		.lifetime_s = 1800,  /* RFC 4861 6.2.1: 3 * MaxRtrAdvInterval */
		.preferred_s = 2700, /* RFC 9096 3.4: ND_PREFERRED_LIMIT */
		.valid_s = 5400,     /* RFC 9096 3.4: ND_VALID_LIMIT */
		.interval_s = 600,
		.hop_limit = 64,
		.final_advertisements = 1, /* the tunnel does not lose it */
	};
	dhcp6_settings_defaults(&settings->dhcp6);
}

/* ---- items of the lists ---- */

/* Steps over a word that says what the rest is. */
static bool first_word(const char **value, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*value, word, len) != 0 || ((*value)[len] != ' ' && (*value)[len] != '\t'))
		return false;
	*value += len;
	*value += strspn(*value, " \t");
	return true;
}

static int parse_64(const char *text, struct prefix6 *prefix, struct err *err)
{
	if (prefix6_parse(text, prefix, err) < 0)
		return -1;
	/* RFC 4862 5.5.3 (d): the interface identifier has 64 bits */
	if (prefix->len != 64)
		return err_set(err, "must be a /64");
	if (ip6_is_link_local(&prefix->address) || ip6_is_multicast(&prefix->address))
		return err_set(err, "must not be link-local or multicast");
	return 0;
}

/* "auto", "2001:db8::/64", "interface eth0", and options */
static int parse_prefix(const char *value, union ra_item *item, struct err *err)
{
	struct config_prefix *prefix = &item->prefix;
	bool of_interface = first_word(&value, "interface");
	size_t len = strcspn(value, " \t");
	char first[PREFIX6_TEXT + 1];

	snprintf(first, sizeof(first), "%.*s", (int)len, value);
	prefix->automatic = !of_interface && strcmp(first, "auto") == 0;
	if (of_interface && conf_interface(first, prefix->interface, NULL, err) < 0)
		return -1;
	if (!of_interface && !prefix->automatic && parse_64(first, &prefix->prefix, err) < 0)
		return -1;
	return config_prefix_options(value + len, prefix, err);
}

/* "2001:db8:100::/48", "2001:db8:100::/48 high", "kernel 2001:db8:100::/48 high 2h" */
static int parse_route(const char *value, union ra_item *item, struct err *err)
{
	struct config_route *route = &item->route;
	char text[128], *rest, *word;

	route->preference = RA_MEDIUM;
	route->kernel = first_word(&value, "kernel");
	if (strlen(value) >= sizeof(text))
		return err_set(err,
			       "must be a prefix, then a preference and a lifetime if you like");
	strcpy(text, value);
	word = strtok_r(text, " \t", &rest);
	if (!word)
		return err_set(err,
			       "must be a prefix, then a preference and a lifetime if you like");
	if (prefix6_parse(word, &route->prefix, err) < 0)
		return -1;
	if ((word = strtok_r(NULL, " \t", &rest)) &&
	    config_read_preference(word, &route->preference, NULL, err) < 0)
		return err_set(err, "'%s' must be low, medium or high", word);
	if (word && (word = strtok_r(NULL, " \t", &rest))) {
		if (conf_parse_time_s(word, &route->lifetime_s, err) < 0)
			return -1;
		if (route->lifetime_s == 0)
			return err_set(err, "'%s' must not be 0", word);
	}
	if (word && strtok_r(NULL, " \t", &rest))
		return err_set(err, "has words after the lifetime");
	return 0;
}

static int parse_relayed(const char *value, union ra_item *item, struct err *err)
{
	return parse_64(value, &item->relayed, err);
}

static int parse_dns(const char *value, union ra_item *item, struct err *err)
{
	return ip6_parse(value, &item->dns, err);
}

static int parse_search(const char *value, union ra_item *item, struct err *err)
{
	return conf_domain(value, item->search, NULL, err);
}

/* ---- which items are the same ---- */

static bool same_prefix(const union ra_item *a, const union ra_item *b)
{
	return config_prefix_equal(&a->prefix, &b->prefix);
}

static bool same_route(const union ra_item *a, const union ra_item *b)
{
	return a->route.kernel == b->route.kernel &&
	       prefix6_equal(&a->route.prefix, &b->route.prefix);
}

static bool same_dns(const union ra_item *a, const union ra_item *b)
{
	return ip6_equal(&a->dns, &b->dns);
}

static bool same_search(const union ra_item *a, const union ra_item *b)
{
	return strcasecmp(a->search, b->search) == 0; /* RFC 4343 */
}

static bool same_nat64(const union ra_item *a, const union ra_item *b)
{
	return prefix6_equal(&a->nat64.prefix, &b->nat64.prefix);
}

static bool same_relayed(const union ra_item *a, const union ra_item *b)
{
	return prefix6_equal(&a->relayed, &b->relayed);
}

static bool same_dnr(const union ra_item *a, const union ra_item *b)
{
	return strcasecmp(a->dnr.name, b->dnr.name) == 0;
}

#define LIST_IN(key, name, type, parse, same)                               \
	{                                                                   \
		key, parse, same, IN(name##_count), IN(name), sizeof(type), \
			SIZE(name) / sizeof(type)                           \
	}
#define LIST(name, type, parse, same) LIST_IN(#name, name, type, parse, same)

const struct ra_list_kind ra_list_kind[RA_LISTS] = {
	[RA_LIST_PREFIX] = LIST(prefix, struct config_prefix, parse_prefix, same_prefix),
	[RA_LIST_ROUTE] = LIST(route, struct config_route, parse_route, same_route),
	[RA_LIST_DNS] = LIST(dns, struct ip6, parse_dns, same_dns),
	[RA_LIST_SEARCH] = LIST(search, char[RA_MAX_DOMAIN], parse_search, same_search),
	[RA_LIST_NAT64] = LIST(nat64, struct ra_pref64, config_parse_nat64, same_nat64),
	[RA_LIST_DNR] = LIST(dnr, struct ra_dnr, config_parse_dnr, same_dnr),
	[RA_LIST_POOL] = LIST_IN("pool", dhcp6.pool, struct config_pool, config_parse_pool,
				 config_same_pool),
	[RA_LIST_DELEGATE] = LIST_IN("delegate", dhcp6.delegate, struct config_delegate,
				     config_parse_delegate, config_same_delegate),
	[RA_LIST_RELAYED] =
		LIST_IN("relayed", dhcp6.relayed, struct prefix6, parse_relayed, same_relayed),
	[RA_LIST_NTP] = LIST_IN("ntp", dhcp6.ntp, struct ip6, parse_dns, same_dns),
	[RA_LIST_OPTION] = LIST_IN("option", dhcp6.option, struct config_option,
				   config_parse_option, config_same_option),
	[RA_LIST_DHCP6_DNS] = LIST_IN("dhcp6-dns", dhcp6.dns, struct ip6, parse_dns, same_dns),
	[RA_LIST_DHCP6_SEARCH] = LIST_IN("dhcp6-search", dhcp6.search, char[RA_MAX_DOMAIN],
					 parse_search, same_search),
};

int config_read_item(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	struct ra_settings *settings = to;
	union ra_item item = { 0 };
	unsigned list = (unsigned)key->max;

	if (strcmp(value, "none") == 0) {
		if (settings->emptied & 1u << list || *ra_list_count(settings, list) > 0)
			return err_set(err, "must be the first of its kind in its section");
		settings->emptied |= 1u << list;
		return 0;
	}
	if (ra_list_kind[list].parse(value, &item, err) < 0)
		return -1;
	if (ra_list_find(settings, list, &item))
		return err_set(err, "is there already");
	return ra_list_add(settings, list, &item, err);
}

/* ---- the table ---- */

#define SCALAR(name, read, member, accepted, min, max)                         \
	{                                                                      \
		name, read, IN(member), accepted, min, max, true, SIZE(member) \
	}

#define ITEMS(name, list, accepted)                          \
	{                                                    \
		name, config_read_item, 0, accepted, 0, list \
	}

#define HOUR_MS 3600000 /* RFC 4861 6.2.1: AdvReachableTime is no longer */

const struct conf_key config_ra_keys[] = {
	SCALAR("enabled", conf_bool, enabled, "yes or no", 0, 0),
	ITEMS("prefix", RA_LIST_PREFIX,
	      "auto, an IPv6 /64 prefix or interface NAME, and options; or first none"),
	ITEMS("route", RA_LIST_ROUTE,
	      "a prefix or kernel PREFIX, low|medium|high, a lifetime; or first none"),
	SCALAR("default-route", conf_bool, default_route, "yes or no", 0, 0),
	SCALAR("preference", config_read_preference, preference, "low, medium or high", 0, 0),
	ITEMS("dns", RA_LIST_DNS, "an IPv6 address; or first none"),
	SCALAR("dns-lifetime", conf_time_s, dns_lifetime_s, "4s or more, or forever", 4,
	       RA_FOREVER),
	ITEMS("search", RA_LIST_SEARCH, "a domain; or first none"),
	SCALAR("search-lifetime", conf_time_s, search_lifetime_s, "4s or more, or forever", 4,
	       RA_FOREVER),
	ITEMS("nat64", RA_LIST_NAT64, "an IPv6 prefix, a lifetime; or first none"),
	SCALAR("captive-portal", config_read_portal, captive_portal,
	       "an http or https URI; empty: none", 0, 0),
	ITEMS("dnr", RA_LIST_DNR, "a resolver's name, addresses, and options; or first none"),
	SCALAR("mtu", conf_u32, mtu, "1280 to 9000", 1280, 9000),
	SCALAR("lifetime", conf_time_s, lifetime_s, "4s to 65535s", 4, 65535),
	SCALAR("preferred", conf_time_s, preferred_s, "a time, or forever; at most valid", 0,
	       RA_FOREVER),
	SCALAR("valid", conf_time_s, valid_s, "1s or more, or forever", 1, RA_FOREVER),
	SCALAR("interval", conf_time_s, interval_s, "4s to 65535s", 4, 65535),
	SCALAR("min-interval", conf_time_s, min_interval_s, "3s to three quarters of interval", 3,
	       49151),
	SCALAR("hop-limit", conf_u8, hop_limit, "0 to 255", 0, 255),
	SCALAR("reachable-time", config_read_ms, reachable_ms, "0s to 1h, also in ms", 0, HOUR_MS),
	SCALAR("retrans-time", config_read_ms, retrans_ms, "0s to 1h, also in ms", 0, HOUR_MS),
	SCALAR("managed", config_read_auto, managed, "auto, yes or no", 0, 0),
	SCALAR("other", config_read_auto, other, "auto, yes or no", 0, 0),
	SCALAR("final-advertisements", conf_u8, final_advertisements, "0 to 3", 0, 3),
	{ 0 }
};
