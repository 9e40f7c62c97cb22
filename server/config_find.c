/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_find.c - what a configuration means for one user, and for all sections together. */
#include "server/config.h"

const struct ra_section *server_config_section(const struct server_config *config,
					       enum ra_section_kind kind, const char *name)
{
	for (unsigned i = 0; i < config->section_count; i++)
		if (config->section[i]->kind == kind && strcmp(config->section[i]->name, name) == 0)
			return config->section[i];
	return NULL;
}

bool server_config_advertises(const struct server_config *config)
{
	bool any = config->ra.enabled;

	for (unsigned i = 0; i < config->section_count && !any; i++)
		any = config->section[i]->settings.enabled; /* false unless the section says so */
	return any;
}

bool server_config_answers_dhcp6(const struct server_config *config)
{
	bool any = dhcp6_settings_answers(&config->ra);

	for (unsigned i = 0; i < config->section_count && !any; i++) {
		struct ra_settings settings = config->ra;

		(void)ra_settings_inherit(&settings, config->section[i], NULL, NULL);
		any = dhcp6_settings_answers(&settings);
	}
	return any;
}

void server_config_resolve(const struct server_config *config, const char *user, const char *group,
			   struct ra_settings *settings)
{
	const struct ra_section *of_group =
		group ? server_config_section(config, SECTION_GROUP, group) : NULL;
	const struct ra_section *of_user =
		user ? server_config_section(config, SECTION_USER, user) : NULL;

	*settings = config->ra;
	if (of_group)
		(void)ra_settings_inherit(settings, of_group, NULL, NULL);
	if (of_user)
		(void)ra_settings_inherit(settings, of_user, NULL, NULL);
}

void server_config_policy(const struct server_config *config, const char *user, const char *group,
			  struct policy *policy)
{
	const struct ra_section *of_group = server_config_section(config, SECTION_GROUP, group);
	const struct ra_section *of_user = server_config_section(config, SECTION_USER, user);

	*policy = config->policy;
	if (of_group)
		config_policy_inherit(policy, of_group);
	if (of_user)
		config_policy_inherit(policy, of_user);
}

/* Adds those that are not there yet. */
static unsigned add_prefixes(const struct ra_settings *from, struct config_prefix *prefix,
			     unsigned count)
{
	for (unsigned i = 0; i < from->prefix_count && count <= CONFIG_MAX_PREFIXES; i++) {
		unsigned j = 0;

		while (j < count && !config_prefix_equal(&prefix[j], &from->prefix[i]))
			j++;
		if (j < CONFIG_MAX_PREFIXES)
			prefix[j] = from->prefix[i];
		count = j < count ? count : j + 1;
	}
	return count;
}

unsigned server_config_prefixes(const struct server_config *config,
				struct config_prefix prefix[static CONFIG_MAX_PREFIXES])
{
	unsigned count = add_prefixes(&config->ra, prefix, 0);

	for (unsigned i = 0; i < config->section_count && count <= CONFIG_MAX_PREFIXES; i++)
		count = add_prefixes(&config->section[i]->settings, prefix, count);
	return count;
}

/* Adds those that are not there yet. */
static unsigned add_filters(const struct ra_settings *from, struct prefix6 *filter, unsigned count)
{
	for (unsigned i = 0; i < from->route_count && count <= CONFIG_MAX_FILTERS; i++) {
		unsigned j = 0;

		if (!from->route[i].kernel)
			continue;
		while (j < count && !prefix6_equal(&filter[j], &from->route[i].prefix))
			j++;
		if (j < CONFIG_MAX_FILTERS)
			filter[j] = from->route[i].prefix;
		count = j < count ? count : j + 1;
	}
	return count;
}

unsigned server_config_filters(const struct server_config *config,
			       struct prefix6 filter[static CONFIG_MAX_FILTERS])
{
	unsigned count = add_filters(&config->ra, filter, 0);

	for (unsigned i = 0; i < config->section_count && count <= CONFIG_MAX_FILTERS; i++)
		count = add_filters(&config->section[i]->settings, filter, count);
	return count;
}
