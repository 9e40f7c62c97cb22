/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_dhcp6.c - the keys of [dhcp6], their readers, and what must fit together.
 *
 * Reservations: config_reserve.c.  Prefixes for offices: config_delegate.c.  Lists and inheritance: config_ra.c, config_inherit.c.
 */
#include "server/config_fault.h"
#include "server/dhcp6_handout.h"

#include <stdio.h>
#include <stdlib.h>

#define IN(member) offsetof(struct ra_settings, dhcp6.member)
#define SIZE(member) sizeof(((struct ra_settings *)0)->dhcp6.member)

#define NO_OPTION_ABOVE 65535

void dhcp6_settings_defaults(struct dhcp6_settings *settings)
{
	*settings = (struct dhcp6_settings) {
		.enabled = CONFIG_AUTO,
		.lease_s = 43200,
		.refresh_s = 86400, /* RFC 9915 7.6: IRT_DEFAULT */
		.rapid_commit = true,
		.registration = true,
		.per_user = 256,
		.rate = 50,
	};
}

/* ---- items of the lists ---- */

static int parse_ends(char *text, struct config_pool *pool, struct err *err)
{
	char *dash = strchr(text, '-');
	struct err reason = { 0 };

	if (!dash)
		return err_set(err, "must be two addresses with a '-' between them");
	*dash = '\0';
	for (char *end = dash; end > text && (end[-1] == ' ' || end[-1] == '\t');)
		*--end = '\0';
	dash += 1 + strspn(dash + 1, " \t");
	if (ip6_parse(text, &pool->first, &reason) < 0)
		return err_set(err, "'%s' %s", text, reason.text);
	if (ip6_parse(dash, &pool->last, &reason) < 0)
		return err_set(err, "'%s' %s", dash, reason.text);
	return 0;
}

/* "2001:db8:1::1000-2001:db8:1::ffff"; "::1000-::ffff" of the generated prefix */
int config_parse_pool(const char *value, union ra_item *item, struct err *err)
{
	struct config_pool *pool = &item->pool;
	char text[128];

	if (strlen(value) >= sizeof(text))
		return err_set(err, "must be two addresses with a '-' between them");
	strcpy(text, value);
	if (parse_ends(text, pool, err) < 0)
		return -1;
	if (memcmp(&pool->first, &pool->last, 8) != 0)
		return err_set(err, "must begin and end in the same /64");
	if (memcmp(&pool->first, &pool->last, 16) > 0)
		return err_set(err, "ends before it begins");
	if (ip6_is_multicast(&pool->first) || ip6_is_link_local(&pool->first))
		return err_set(err, "must not be link-local or multicast");
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

int config_parse_hex(const char *text, uint8_t *to, size_t cap)
{
	size_t len = 0;

	while (*text) {
		int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0 || len == cap)
			return -1;
		to[len++] = (uint8_t)(high << 4 | low);
		text += 2;
		text += *text == ':' && text[1] != '\0';
	}
	return (int)len;
}

/* Options that the engine makes itself, from what it knows. */
static bool is_made(unsigned long code)
{
	static const uint8_t made[] = { 1,  2,	3,  4,	5,  6,	 7,   8,   9,  11, 12,
					13, 14, 18, 19, 20, 23,	 24,  25,  26, 32, 37,
					47, 56, 79, 82, 83, 103, 135, 144, 148 };

	for (size_t i = 0; i < sizeof(made); i++)
		if (made[i] == code)
			return true;
	return false;
}

/* "56 0001..." : code and bytes; without bytes an empty one */
int config_parse_option(const char *value, union ra_item *item, struct err *err)
{
	struct config_option *option = &item->option;
	char *end;
	unsigned long code = strtoul(value, &end, 10);
	int len;

	if (*value < '0' || *value > '9' || (*end && *end != ' ' && *end != '\t') || code == 0 ||
	    code > NO_OPTION_ABOVE)
		return err_set(err, "must be a number from 1 to 65535, then hexadecimal bytes");
	if (is_made(code))
		return err_set(err, "option %lu is made by the server itself", code);
	end += strspn(end, " \t");
	len = config_parse_hex(end, option->data, sizeof(option->data));
	if (len < 0)
		return err_set(err, "must be hexadecimal after the number, at most %d bytes",
			       CONFIG_OPTION_MAX);
	option->code = (uint16_t)code;
	option->len = (uint16_t)len;
	return 0;
}

bool config_same_pool(const union ra_item *a, const union ra_item *b)
{
	return memcmp(&a->pool, &b->pool, sizeof(a->pool)) == 0;
}

bool config_same_option(const union ra_item *a, const union ra_item *b)
{
	return a->option.code == b->option.code;
}

int config_read_rate(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	if (strcmp(value, "unlimited") != 0)
		return conf_u32(value, to, key, err);
	*(uint32_t *)to = CONFIG_RATE_UNLIMITED;
	return 0;
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

const struct conf_key config_dhcp6_keys[] = {
	SCALAR("enabled", config_read_auto, enabled, "auto, yes or no", 0, 0),
	ITEMS("pool", RA_LIST_POOL, "FIRST-LAST, two addresses of one prefix; or first none"),
	ITEMS("delegate", RA_LIST_DELEGATE,
	      "a prefix, /LENGTH up to 64, exclude HEX/LENGTH; or first none"),
	ITEMS("relayed", RA_LIST_RELAYED, "a /64; or first none"),
	{ "reserve", config_read_reservation, 0,
	  "a user, duid:HEX or mac:MAC, then an address or a prefix" },
	SCALAR("lease-time", conf_time_s, lease_s, "30s or more, or forever", 30, RA_FOREVER),
	SCALAR("preferred-time", conf_time_s, preferred_s, "15s or more, at most lease-time", 15,
	       RA_FOREVER),
	SCALAR("refresh-time", conf_time_s, refresh_s, "10m or more", 600, RA_FOREVER),
	/* RFC 9915 21.24, 21.25: clients ignore others */
	SCALAR("sol-max-rt", conf_time_s, sol_max_rt_s, "60s to 1d", 60, 86400),
	SCALAR("inf-max-rt", conf_time_s, inf_max_rt_s, "60s to 1d", 60, 86400),
	SCALAR("rapid-commit", conf_bool, rapid_commit, "yes or no", 0, 0),
	SCALAR("registration", conf_bool, registration, "yes or no", 0, 0),
	SCALAR("server-preference", conf_u8, server_preference, "0 to 255", 0, 255),
	ITEMS("dns", RA_LIST_DHCP6_DNS, "an IPv6 address; without any, those of [ra]"),
	ITEMS("search", RA_LIST_DHCP6_SEARCH, "a domain; without any, those of [ra]"),
	ITEMS("ntp", RA_LIST_NTP, "an IPv6 address; or first none"),
	ITEMS("option", RA_LIST_OPTION, "an option's number and hexadecimal bytes; or first none"),
	/* of the server as a whole: sections do not inherit them */
	{ "leases-per-user", conf_u32, IN(per_user), "1 to 100000", 1, 100000, true },
	{ "rate", config_read_rate, IN(rate),
	  "1 to 1000 messages a second of each client, or unlimited", 1, 1000, true },
	{ 0 }
};

/* ---- what follows from the settings ---- */

static bool gives_any(const struct dhcp6_settings *dhcp6)
{
	return dhcp6->pool_count > 0 || dhcp6->delegate_count > 0 || dhcp6->reserve_count > 0;
}

/* To hosts that hear our advertisements, which those behind a relay do not. */
static bool gives_here(const struct dhcp6_settings *dhcp6)
{
	for (unsigned i = 0; i < dhcp6->pool_count; i++)
		if (!dhcp6_settings_relayed(dhcp6, &dhcp6->pool[i].first))
			return true;
	return dhcp6->delegate_count > 0 || dhcp6->reserve_count > 0;
}

bool dhcp6_settings_leases(const struct ra_settings *settings)
{
	return dhcp6_settings_answers(settings) && gives_here(&settings->dhcp6);
}

bool dhcp6_settings_informs(const struct ra_settings *settings)
{
	const struct dhcp6_settings *dhcp6 = &settings->dhcp6;
	unsigned own =
		dhcp6->ntp_count + dhcp6->option_count + dhcp6->dns_count + dhcp6->search_count;

	return dhcp6_settings_answers(settings) && (own > 0 || gives_here(dhcp6));
}

bool dhcp6_settings_answers(const struct ra_settings *settings)
{
	const struct dhcp6_settings *dhcp6 = &settings->dhcp6;

	/* where the LAN's own router advertises, its DHCPv6 server is not to be kept from anybody */
	return dhcp6->enabled == CONFIG_YES ||
	       (dhcp6->enabled == CONFIG_AUTO && (settings->enabled || gives_any(dhcp6)));
}

uint32_t dhcp6_settings_preferred_s(const struct dhcp6_settings *settings)
{
	if (settings->preferred_s > 0)
		return settings->preferred_s;
	return settings->lease_s == RA_FOREVER ? RA_FOREVER : settings->lease_s / 2;
}

/* ---- rules that span keys ---- */

bool config_is_relative(const struct ip6 *address)
{
	static const uint8_t zero[8];

	return memcmp(address, zero, sizeof(zero)) == 0;
}

bool dhcp6_settings_relayed(const struct dhcp6_settings *dhcp6, const struct ip6 *address)
{
	for (unsigned i = 0; i < dhcp6->relayed_count; i++)
		if (prefix6_contains(&dhcp6->relayed[i], address))
			return true;
	return false;
}

/* NULL: in none that the configuration knows. */
static const struct config_prefix *prefix_of(const struct ra_settings *settings,
					     const struct ip6 *address)
{
	const struct config_prefix *maybe = NULL;

	for (unsigned i = 0; i < settings->prefix_count; i++) {
		const struct config_prefix *prefix = &settings->prefix[i];

		if (prefix->interface[0]) /* which one that is, the kernel will say */
			maybe = prefix;
		else if (prefix->automatic ? config_is_relative(address)
					   : prefix6_contains(&prefix->prefix, address))
			return prefix;
	}
	return config_is_relative(address) ? NULL : maybe;
}

/* How many different /64 the first `count` pools are of. */
static unsigned count_sets(const struct dhcp6_settings *dhcp6, unsigned count)
{
	unsigned sets = 0;

	for (unsigned i = 0; i < count; i++)
		sets += dhcp6_pool_set(dhcp6, i) == sets;
	return sets;
}

unsigned dhcp6_pool_set(const struct dhcp6_settings *dhcp6, unsigned number)
{
	for (unsigned i = 0; i < number; i++)
		if (memcmp(&dhcp6->pool[i].first, &dhcp6->pool[number].first, 8) == 0)
			return dhcp6_pool_set(dhcp6, i);
	return count_sets(dhcp6, number);
}

static const char *pool_name(const struct config_pool *pool, char text[static 112])
{
	char first[IP6_TEXT], last[IP6_TEXT];

	snprintf(text, 112, "pool %s-%s", ip6_text(&pool->first, first),
		 ip6_text(&pool->last, last));
	return text;
}

static bool overlaps_earlier(const struct dhcp6_settings *dhcp6, unsigned number)
{
	const struct config_pool *pool = &dhcp6->pool[number];

	for (unsigned i = 0; i < number; i++)
		if (memcmp(&pool->first, &dhcp6->pool[i].last, 16) <= 0 &&
		    memcmp(&dhcp6->pool[i].first, &pool->last, 16) <= 0)
			return true;
	return false;
}

static int check_pools(const struct ra_settings *settings, struct config_fault *fault,
		       struct err *err)
{
	const struct dhcp6_settings *dhcp6 = &settings->dhcp6;
	char text[112];

	if (count_sets(dhcp6, dhcp6->pool_count) > DHCP6_MAX_SETS)
		return config_fault(fault, err, "dhcp6/pool", "is of more than %d prefixes",
				    DHCP6_MAX_SETS);
	for (unsigned i = 0; i < dhcp6->pool_count; i++) {
		const struct config_pool *pool = &dhcp6->pool[i];

		if (!prefix_of(settings, &pool->first) &&
		    !dhcp6_settings_relayed(dhcp6, &pool->first))
			return config_fault_item(fault, err, RA_LIST_POOL, pool,
						 "dhcp6/pool dhcp6/relayed ra/prefix",
						 pool_name(pool, text), "is in no prefix of [ra]");
		if (overlaps_earlier(dhcp6, i))
			return config_fault_item(fault, err, RA_LIST_POOL, pool, "dhcp6/pool",
						 pool_name(pool, text), "overlaps another one");
	}
	return 0;
}

/* An address has one place only, and in a delegated prefix none is free. */
static int check_relayed(const struct ra_settings *settings, struct config_fault *fault,
			 struct err *err)
{
	char subject[PREFIX6_TEXT + 16], text[PREFIX6_TEXT];
	const struct dhcp6_settings *dhcp6 = &settings->dhcp6;

	for (unsigned i = 0; i < dhcp6->relayed_count; i++) {
		const struct prefix6 *prefix = &dhcp6->relayed[i];

		snprintf(subject, sizeof(subject), "relayed %s", prefix6_text(prefix, text));
		for (unsigned j = 0; j < settings->prefix_count; j++)
			if (prefix6_equal(&settings->prefix[j].prefix, prefix))
				return config_fault_item(fault, err, RA_LIST_RELAYED, prefix,
							 "dhcp6/relayed ra/prefix", subject,
							 "is a prefix of [ra]");
		for (unsigned j = 0; j < dhcp6->delegate_count; j++)
			if (prefix6_overlap(&dhcp6->delegate[j].prefix, prefix))
				return config_fault_item(fault, err, RA_LIST_RELAYED, prefix,
							 "dhcp6/relayed dhcp6/delegate", subject,
							 "is in a prefix of delegate");
	}
	return 0;
}

static int check_times(const struct dhcp6_settings *dhcp6, struct config_fault *fault,
		       struct err *err)
{
	if (dhcp6->preferred_s > dhcp6->lease_s)
		return config_fault(fault, err, "dhcp6/preferred-time dhcp6/lease-time",
				    "must not be longer than lease-time");
	return 0;
}

static bool is_inside(const struct ra_settings *settings, const struct prefix6 *what)
{
	const struct dhcp6_settings *dhcp6 = &settings->dhcp6;
	bool inside = what->len == 128 && (prefix_of(settings, &what->address) ||
					   dhcp6_settings_relayed(dhcp6, &what->address));

	for (unsigned i = 0; i < dhcp6->delegate_count && what->len < 128; i++)
		inside |= what->len >= dhcp6->delegate[i].prefix.len &&
			  prefix6_contains(&dhcp6->delegate[i].prefix, &what->address);
	return inside;
}

static int check_reservations(const struct ra_settings *settings, struct config_fault *fault,
			      struct err *err)
{
	const struct dhcp6_settings *dhcp6 = &settings->dhcp6;
	char subject[PREFIX6_TEXT + 16], text[PREFIX6_TEXT];

	for (unsigned i = 0; i < dhcp6->reserve_count; i++) {
		const struct prefix6 *what = &dhcp6->reserve[i].what;
		bool address = what->len == 128;

		snprintf(subject, sizeof(subject), "reserve %s",
			 address ? ip6_text(&what->address, text) : prefix6_text(what, text));
		if (dhcp6->reserve[i].by == RESERVE_BY_USER && dhcp6->reserve[i].user[0] == '\0')
			return config_fault_reservation(fault, err, what, "dhcp6/reserve", subject,
							"is for nobody: name a user");
		if (!is_inside(settings, what))
			return config_fault_reservation(
				fault, err, what,
				address ? "dhcp6/reserve dhcp6/relayed ra/prefix"
					: "dhcp6/reserve dhcp6/delegate",
				subject, "is in no %s",
				address ? "prefix of [ra]" : "prefix of delegate");
	}
	return 0;
}

/* All options together have a bound that no one of them breaks. */
static int check_handout(const struct ra_settings *settings, struct config_fault *fault,
			 struct err *err)
{
	struct dhcp6_handout handout;
	struct err reason = { 0 };

	if (dhcp6_handout_compose(settings, &handout, &reason) == 0)
		return 0;
	return config_fault_whole(fault, err,
				  "dhcp6/option dhcp6/ntp dhcp6/dns dhcp6/search ra/dnr ra/search "
				  "ra/dns ra/captive-portal",
				  "%s", reason.text);
}

int dhcp6_settings_check(const struct ra_settings *settings, struct config_fault *fault,
			 struct err *err)
{
	return check_times(&settings->dhcp6, fault, err) < 0 ||
			       check_pools(settings, fault, err) < 0 ||
			       config_check_delegates(settings, fault, err) < 0 ||
			       check_relayed(settings, fault, err) < 0 ||
			       check_reservations(settings, fault, err) < 0 ||
			       check_handout(settings, fault, err) < 0
		       ? -1
		       : 0;
}
