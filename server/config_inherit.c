/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_inherit.c - settings of Router Advertisements from several sections: the lists,
 * inheritance, and the rules for the result. */
#include <stdio.h>

#include "server/config_fault.h"

const char *const ra_section_kind_name[2] = { [SECTION_GROUP] = "group", [SECTION_USER] = "user" };

/* ---- lists ---- */

unsigned *ra_list_count(struct ra_settings *settings, unsigned list)
{
	return (unsigned *)((char *)settings + ra_list_kind[list].count);
}

static unsigned count_of(const struct ra_settings *settings, unsigned list)
{
	return *(const unsigned *)((const char *)settings + ra_list_kind[list].count);
}

static char *place(struct ra_settings *settings, unsigned list, unsigned i)
{
	return (char *)settings + ra_list_kind[list].items + i * ra_list_kind[list].size;
}

/* Items lie in their arrays with their own size only: a whole one is a copy. */
static union ra_item item_at(const struct ra_settings *settings, unsigned list, unsigned i)
{
	const struct ra_list_kind *kind = &ra_list_kind[list];
	union ra_item item = { 0 };

	memcpy(&item, (const char *)settings + kind->items + i * kind->size, kind->size);
	return item;
}

void *ra_list_find(struct ra_settings *settings, unsigned list, const union ra_item *item)
{
	for (unsigned i = 0; i < *ra_list_count(settings, list); i++) {
		union ra_item other = item_at(settings, list, i);

		if (ra_list_kind[list].same(&other, item))
			return place(settings, list, i);
	}
	return NULL;
}

int ra_list_add(struct ra_settings *settings, unsigned list, const union ra_item *item,
		struct err *err)
{
	const struct ra_list_kind *kind = &ra_list_kind[list];
	unsigned *count = ra_list_count(settings, list);

	if (*count == kind->max)
		return err_set(err, "is one too many: at most %u", kind->max);
	memcpy(place(settings, list, (*count)++), item, kind->size);
	return 0;
}

/* ---- inheritance ---- */

static int inherit_list(struct ra_settings *settings, const struct ra_section *section,
			unsigned list, struct config_fault *fault, struct err *err)
{
	const struct ra_settings *from = &section->settings;
	char key[64];

	if (from->emptied & 1u << list) {
		settings->emptied |= 1u << list;
		*ra_list_count(settings, list) = 0;
	}
	for (unsigned i = 0; i < count_of(from, list); i++) {
		union ra_item item = item_at(from, list, i);
		void *same = ra_list_find(settings, list, &item);

		if (same)
			memcpy(same, &item, ra_list_kind[list].size);
		else if (ra_list_add(settings, list, &item, NULL) < 0) {
			snprintf(key, sizeof(key), "ra/%s", ra_list_kind[list].key);
			return config_fault_item(fault, err, list, &item, key,
						 ra_list_kind[list].key,
						 "is one too many: with those that are inherited "
						 "there are more than %u",
						 ra_list_kind[list].max);
		}
	}
	return 0;
}

static void inherit_scalars(struct ra_settings *settings, const struct ra_section *section,
			    const struct conf_key *keys, uint64_t given)
{
	for (unsigned i = 0; keys[i].name; i++)
		if (keys[i].size > 0 && given & 1ull << i)
			memcpy((char *)settings + keys[i].offset,
			       (const char *)&section->settings + keys[i].offset, keys[i].size);
}

int ra_settings_inherit(struct ra_settings *settings, const struct ra_section *section,
			struct config_fault *fault, struct err *err)
{
	inherit_scalars(settings, section, config_ra_keys, section->given);
	inherit_scalars(settings, section, config_dhcp6_keys, section->given_dhcp6);
	settings->dhcp6.reserve = section->settings.dhcp6.reserve;
	settings->dhcp6.reserve_count = section->settings.dhcp6.reserve_count;
	for (unsigned list = 0; list < RA_LISTS; list++)
		if (inherit_list(settings, section, list, fault, err) < 0)
			return -1;
	return 0;
}

/* ---- rules that span keys ---- */

/* RFC 4861 6.2.1, RFC 8319. */
static int check_times(const struct ra_settings *settings, struct config_fault *fault,
		       struct err *err)
{
	static const char no_shorter[] = "must not be shorter than interval";

	if (settings->min_interval_s > settings->interval_s * 3 / 4)
		return config_fault(fault, err, "ra/min-interval ra/interval",
				    "must not be longer than three quarters of interval");
	if (settings->lifetime_s < settings->interval_s) /* AdvDefaultLifetime */
		return config_fault(fault, err, "ra/lifetime ra/interval", no_shorter);
	/* RFC 8106 5.1: what ends before the next RA is gone now and then */
	if (settings->dns_lifetime_s > 0 && settings->dns_lifetime_s < settings->interval_s)
		return config_fault(fault, err, "ra/dns-lifetime ra/interval", no_shorter);
	if (settings->search_lifetime_s > 0 && settings->search_lifetime_s < settings->interval_s)
		return config_fault(fault, err, "ra/search-lifetime ra/interval", no_shorter);
	if (settings->preferred_s > settings->valid_s)
		return config_fault(fault, err, "ra/preferred ra/valid",
				    "must not be longer than valid");
	return 0;
}

static const char *prefix_name(const struct config_prefix *prefix, char text[static 80])
{
	char address[PREFIX6_TEXT];

	snprintf(text, 80, "prefix %s:",
		 prefix->automatic	? "auto"
		 : prefix->interface[0] ? prefix->interface
					: prefix6_text(&prefix->prefix, address));
	return text;
}

static int check_prefix(const struct ra_settings *settings, const struct config_prefix *prefix,
			bool routed, struct config_fault *fault, struct err *err)
{
	char text[80];
	uint32_t valid_s = prefix->has_valid ? prefix->valid_s : settings->valid_s;
	uint32_t preferred_s = prefix->has_preferred ? prefix->preferred_s : settings->preferred_s;

	if (prefix->automatic && !routed)
		return config_fault_item(fault, err, RA_LIST_PREFIX, prefix,
					 "ra/prefix bridge/mode", prefix_name(prefix, text),
					 "is for routed mode: name the bridge's prefix");
	if (preferred_s > valid_s) /* RFC 4861 6.2.1 */
		return config_fault_item(
			fault, err, RA_LIST_PREFIX, prefix, "ra/prefix ra/preferred ra/valid",
			prefix_name(prefix, text), "preferred must not be longer than valid");
	/* else addresses serve no new connections until the next RA, which then use others; 0 is
	 * meant */
	if (preferred_s == 0 || preferred_s >= settings->interval_s)
		return 0;
	if (!prefix->has_preferred)
		return config_fault(fault, err, "ra/preferred ra/interval",
				    "must not be shorter than interval");
	return config_fault_item(fault, err, RA_LIST_PREFIX, prefix, "ra/prefix ra/interval",
				 prefix_name(prefix, text),
				 "preferred must not be shorter than interval");
}

int ra_settings_check(const struct ra_settings *settings, uint16_t link_mtu, bool routed,
		      struct config_fault *fault, struct err *err)
{
	if (check_times(settings, fault, err) < 0)
		return -1;
	if (settings->mtu > link_mtu)
		return config_fault(fault, err, "ra/mtu bridge/mtu",
				    "must not be larger than the bridge's, %u", link_mtu);
	for (unsigned i = 0; i < settings->prefix_count; i++)
		if (check_prefix(settings, &settings->prefix[i], routed, fault, err) < 0)
			return -1;
	return 0;
}
