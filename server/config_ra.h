/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_ra.h
 *
 * What a client is told, by Router Advertisements and (config_dhcp6.h) by DHCPv6: the values of
 * [ra], [dhcp6] and of the sections [group NAME] and [user NAME], their readers, and how a section
 * inherits from those before it:
 *
 *   [ra] and [dhcp6]  <  [group G], if the user is in it  <  [user U]
 *
 * A key that is there once overrides; one that may be repeated adds to what is inherited, and
 * an item that is there already (the same prefix, route, server, domain) takes its place.  A
 * section's list that begins with `none` starts empty.
 */
#ifndef SERVER_CONFIG_RA_H
#define SERVER_CONFIG_RA_H

#include <net/if.h>

#include "base/conf.h"
#include "radvd-lite/ra.h"
#include "server/config_dhcp6.h"
#include "server/policy.h"

#define CONFIG_MAX_SECTIONS 256	   /* of [group NAME] and [user NAME] together */
#define CONFIG_SECTION_NAME_MAX 33 /* a group's or user's name with its NUL */
/* Of all sections together: what is asked of the kernel whenever it says that something changed. */
#define CONFIG_MAX_INTERFACES 16 /* different ones in `prefix = interface NAME` */
#define CONFIG_MAX_FILTERS 64	 /* different ones in `route = kernel PREFIX` */

struct config_prefix {
	bool automatic;		       /* `auto`: the generated ULA, see router.c */
	char interface[IF_NAMESIZE];   /* `interface NAME`: those of its addresses, see follow.h */
	struct prefix6 prefix;	       /* else */
	bool on_link, autonomous;      /* L, A: RFC 4861 4.6.2 */
	bool router_address;	       /* R: RFC 6275 7.2 */
	bool pd_preferred;	       /* P: RFC 9762 5 */
	bool has_valid, has_preferred; /* else those of all prefixes */
	uint32_t valid_s, preferred_s;
};

static inline bool config_prefix_equal(const struct config_prefix *a, const struct config_prefix *b)
{
	return a->automatic == b->automatic && strcmp(a->interface, b->interface) == 0 &&
	       prefix6_equal(&a->prefix, &b->prefix);
}

struct config_route {
	bool kernel; /* `kernel PREFIX`: the kernel's routes inside of it, see follow.h */
	struct prefix6 prefix;
	enum ra_preference preference;
	uint32_t lifetime_s; /* 0: that of the RA */
};

/* The lists, as bits of ra_settings.emptied. */
enum ra_list {
	RA_LIST_PREFIX,
	RA_LIST_ROUTE,
	RA_LIST_DNS,
	RA_LIST_SEARCH,
	RA_LIST_NAT64,
	RA_LIST_DNR,
	/* of DHCPv6 */
	RA_LIST_POOL,
	RA_LIST_DELEGATE,
	RA_LIST_RELAYED,
	RA_LIST_NTP,
	RA_LIST_OPTION,
	RA_LIST_DHCP6_DNS,
	RA_LIST_DHCP6_SEARCH,
	RA_LISTS,
};

struct ra_settings {
	bool enabled;
	unsigned emptied; /* lists that begin with `none` */
	unsigned prefix_count;
	struct config_prefix prefix[RA_MAX_PREFIXES];
	unsigned route_count;
	struct config_route route[RA_MAX_ROUTES];
	bool default_route;
	enum ra_preference preference; /* of the default route */
	unsigned dns_count;
	struct ip6 dns[RA_MAX_DNS];
	unsigned search_count;
	char search[RA_MAX_SEARCH][RA_MAX_DOMAIN];
	uint32_t dns_lifetime_s, search_lifetime_s; /* 0: that of the RA */
	unsigned nat64_count, dnr_count;
	struct ra_pref64 nat64[RA_MAX_PREF64];	   /* lifetime_s 0: that of the RA */
	struct ra_dnr dnr[RA_MAX_DNR];		   /* lifetime_s 0: that of the RA */
	char captive_portal[RA_MAX_URI];	   /* "": none */
	uint32_t mtu;				   /* 0: the bridge's */
	uint32_t lifetime_s, preferred_s, valid_s; /* router, routes and all else; prefixes */
	uint32_t interval_s, min_interval_s; /* Max- and MinRtrAdvInterval; 0: a third of it */
	uint8_t hop_limit;
	uint32_t reachable_ms, retrans_ms;
	enum config_auto managed, other; /* M and O, RFC 4861 4.2; auto: as DHCPv6 has it */
	uint8_t final_advertisements;
	struct dhcp6_settings dhcp6;
};

enum ra_section_kind { SECTION_GROUP, SECTION_USER };
extern const char *const ra_section_kind_name[2]; /* "group" "user" */

/* One [group NAME] or [user NAME]: what it says itself. */
struct ra_section {
	struct ra_settings settings; /* first: the keys' offsets are of it */
	uint64_t given;		     /* its keys, as bits of config_ra_keys' rows */
	uint64_t given_dhcp6;	     /* and of config_dhcp6_keys' rows */
	struct policy policy;
	uint64_t given_policy; /* and of config_policy_keys' rows */
	enum ra_section_kind kind;
	char name[CONFIG_SECTION_NAME_MAX];
};

extern const struct conf_key config_ra_keys[];
extern const struct conf_key config_policy_keys[]; /* of sections: what [server] and [bridge] say */
/* Puts what a section says of the policy over what is inherited. */
void config_policy_inherit(struct policy *policy, const struct ra_section *section);

void ra_settings_defaults(struct ra_settings *settings);
struct config_fault; /* config_fault.h: which keys a sentence is about; may be NULL */
/* Puts a section over what is inherited.  -1 if a list gets too long. */
int ra_settings_inherit(struct ra_settings *settings, const struct ra_section *section,
			struct config_fault *fault, struct err *err);
/* The rules that span keys, for settings that all sections are in. */
int ra_settings_check(const struct ra_settings *settings, uint16_t link_mtu, bool routed,
		      struct config_fault *fault, struct err *err);

#endif
