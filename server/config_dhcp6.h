/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_dhcp6.h
 *
 * What DHCPv6 gives: the values of [dhcp6], which are part of struct ra_settings, so that the
 * sections [group NAME] and [user NAME] inherit them in the same way.  There, a key that [ra] has
 * as well is written with `dhcp6-` in front.
 */
#ifndef SERVER_CONFIG_DHCP6_H
#define SERVER_CONFIG_DHCP6_H

#include "base/conf.h"
#include "dhcp6/pool.h"
#include "radvd-lite/ra.h"

#define CONFIG_MAX_POOLS 16
#define CONFIG_MAX_DELEGATES 8
#define CONFIG_MAX_RELAYED 16
#define CONFIG_MAX_NTP 4
#define CONFIG_MAX_OPTIONS 16
#define CONFIG_OPTION_MAX 256 /* bytes of one `option` */
#define CONFIG_RATE_UNLIMITED UINT32_MAX
#define CONFIG_MAX_RESERVATIONS 4096 /* of one section */
#define CONFIG_DUID_MAX 130	     /* RFC 9915 11.1: a type and 128 bytes */

/* A key that may be left to the configuration as a whole. */
enum config_auto { CONFIG_AUTO, CONFIG_NO, CONFIG_YES };

/* Both included.  With 64 leading zero bits they are of the generated prefix, `prefix = auto`. */
struct config_pool {
	struct ip6 first, last;
};

struct config_delegate {
	struct prefix6 prefix;
	uint8_t len; /* of each that is given out of it */
	/* RFC 6603: the network of each with this length and number stays ours; 0: none */
	uint8_t exclude_len;
	uint32_t exclude_id;
};

struct config_option {
	uint16_t code, len;
	uint8_t data[CONFIG_OPTION_MAX];
};

enum config_reserve_by { RESERVE_BY_USER, RESERVE_BY_DUID, RESERVE_BY_MAC };

struct config_reservation {
	enum config_reserve_by by;
	char user[33]; /* "": the user whose section it is in */
	struct mac mac;
	uint8_t duid_len, duid[CONFIG_DUID_MAX];
	bool has_iaid;
	uint32_t iaid;
	struct prefix6 what; /* a /128 is an address (as in a pool), else it is delegated */
};

struct dhcp6_settings {
	enum config_auto enabled;
	unsigned pool_count, delegate_count, relayed_count, ntp_count, option_count;
	struct config_pool pool[CONFIG_MAX_POOLS];
	struct config_delegate delegate[CONFIG_MAX_DELEGATES];
	struct prefix6
		relayed[CONFIG_MAX_RELAYED]; /* networks behind relays: their pools are theirs */
	struct ip6 ntp[CONFIG_MAX_NTP];
	struct config_option option[CONFIG_MAX_OPTIONS];
	unsigned dns_count, search_count; /* 0: those of [ra] */
	struct ip6 dns[RA_MAX_DNS];
	char search[RA_MAX_SEARCH][RA_MAX_DOMAIN];
	/* allocated; of the innermost section alone: who inherits looks into all of them */
	unsigned reserve_count;
	struct config_reservation *reserve;
	uint32_t lease_s, preferred_s; /* preferred_s 0: half of it; T1 and T2 follow from it */
	uint32_t refresh_s;	       /* option 32, of what is stateless */
	uint32_t sol_max_rt_s, inf_max_rt_s; /* options 82 and 83; 0: not said */
	bool rapid_commit, registration;     /* RFC 9915 21.14, RFC 9686 */
	/* of the server as a whole: in [dhcp6] alone */
	uint32_t per_user; /* leases of one user, all of his devices together */
	uint32_t rate;	   /* messages per second of each client, or CONFIG_RATE_UNLIMITED */
	uint8_t server_preference; /* option 7; 0: not sent */
};

struct ra_settings;

/* Pools of one /64 are one: an IA gets an address of each set.  Below DHCP6_MAX_SETS once checked. */
unsigned dhcp6_pool_set(const struct dhcp6_settings *dhcp6, unsigned number);

extern const struct conf_key config_dhcp6_keys[];

void dhcp6_settings_defaults(struct dhcp6_settings *settings);
void dhcp6_settings_free(struct dhcp6_settings *settings);
/* `preferred-time`, or what follows from `lease-time`. */
uint32_t dhcp6_settings_preferred_s(const struct dhcp6_settings *settings);
/* Whether it answers at all: by itself where something is to be given, or to be advertised. */
bool dhcp6_settings_answers(const struct ra_settings *settings);
/* Whether it gives addresses or prefixes, as opposed to options alone: the M flag of RFC 4861 4.2. */
bool dhcp6_settings_leases(const struct ra_settings *settings);
/*
 * Whether it has something that Router Advertisements do not say: the O flag.  Where it has not, hosts
 * are not sent here: what they were given they keep until it is to be refreshed (RFC 8415 21.23),
 * while what an advertisement says can change at once.  Who asks is answered all the same.
 */
bool dhcp6_settings_informs(const struct ra_settings *settings);
struct config_fault; /* config_fault.h */
/* The rules that span keys, for settings that all sections are in. */
int dhcp6_settings_check(const struct ra_settings *settings, struct config_fault *fault,
			 struct err *err);
/* Whether it is of a network behind a relay. */
bool dhcp6_settings_relayed(const struct dhcp6_settings *dhcp6, const struct ip6 *address);
/* Whether it is of the generated prefix: its first 64 bits are zero. */
bool config_is_relative(const struct ip6 *address);

/* config_delegate.c: as the engine wants it; whether `what` is of a part that stays ours. */
struct dhcp6_pool config_delegate_pool(const struct config_delegate *delegate);
bool config_delegate_excludes(const struct config_delegate *delegate, const struct prefix6 *what);

/* "00:03:00:01" or "00030001": how many bytes, or -1 if it is no such text or longer than `cap`. */
int config_parse_hex(const char *text, uint8_t *to, size_t cap);

/*
 * "alice", "duid:HEX", "duid:HEX iaid:N" or "mac:02:...", then an address or a prefix; in a user's
 * own section an address or a prefix alone, and `by` is then RESERVE_BY_USER without a name.
 */
int config_parse_reservation(const char *text, struct config_reservation *to, struct err *err);

#endif
