/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_ra_private.h - the lists of struct ra_settings as a table, for those who read
 * them (config_ra.c) and those who inherit them (config_inherit.c). */
#ifndef SERVER_CONFIG_RA_PRIVATE_H
#define SERVER_CONFIG_RA_PRIVATE_H

#include "server/config_ra.h"

union ra_item {
	struct config_prefix prefix;
	struct config_route route;
	struct ip6 dns;
	char search[RA_MAX_DOMAIN];
	struct ra_pref64 nat64;
	struct ra_dnr dnr;
	struct config_pool pool;
	struct config_delegate delegate;
	struct prefix6 relayed;
	struct config_option option;
	struct prefix6 reserved; /* of a reservation, which is in no list */
};

struct ra_list_kind {
	const char *key;
	int (*parse)(const char *value, union ra_item *item, struct err *err);
	bool (*same)(const union ra_item *a, const union ra_item *b);
	size_t count, items; /* where they are in struct ra_settings */
	size_t size;	     /* of an item */
	unsigned max;
};
extern const struct ra_list_kind ra_list_kind[RA_LISTS];

/* config_ra_values.c: what follows a prefix; items; scalars. */
int config_prefix_options(const char *value, struct config_prefix *prefix, struct err *err);
int config_parse_nat64(const char *value, union ra_item *item, struct err *err);
int config_parse_dnr(const char *value, union ra_item *item, struct err *err);
int config_read_portal(const char *, void *, const struct conf_key *, struct err *);
int config_read_preference(const char *, void *, const struct conf_key *, struct err *);
int config_read_ms(const char *, void *, const struct conf_key *, struct err *);

int config_read_auto(const char *, void *, const struct conf_key *, struct err *);

/* config_ra.c: the reader of a list's items; key->max says which list. */
int config_read_item(const char *, void *, const struct conf_key *, struct err *);

/* config_dhcp6.c: items of DHCPv6's lists; messages a second, or CONFIG_RATE_UNLIMITED. */
int config_read_rate(const char *, void *, const struct conf_key *, struct err *);
int config_parse_pool(const char *value, union ra_item *item, struct err *err);
int config_parse_option(const char *value, union ra_item *item, struct err *err);
bool config_same_pool(const union ra_item *a, const union ra_item *b);
bool config_same_option(const union ra_item *a, const union ra_item *b);

/* config_delegate.c */
int config_parse_delegate(const char *value, union ra_item *item, struct err *err);
bool config_same_delegate(const union ra_item *a, const union ra_item *b);
int config_check_delegates(const struct ra_settings *settings, struct config_fault *fault,
			   struct err *err);

/* config_reserve.c */
int config_read_reservation(const char *, void *, const struct conf_key *, struct err *);

/* config_inherit.c */
unsigned *ra_list_count(struct ra_settings *settings, unsigned list);
/* The place of the same item, NULL if there is none. */
void *ra_list_find(struct ra_settings *settings, unsigned list, const union ra_item *item);
int ra_list_add(struct ra_settings *settings, unsigned list, const union ra_item *item,
		struct err *err);

#endif
