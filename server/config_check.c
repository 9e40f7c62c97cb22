/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_check.c - the rules that span keys of several sections, and all combinations of
 * sections that there can be: users change their groups while we run.
 *
 * Rules of [ra] and of [dhcp6]: config_inherit.c, config_dhcp6.c.
 */
#include <stdio.h>

#include "server/config_fault.h"
#include "server/config_private.h"

static int check_times(const struct server_config *config, struct config_fault *fault,
		       struct err *err)
{
	if (config->dead_time_s <= config->echo_time_s)
		return config_fault(fault, err, "server/dead-time server/echo-time",
				    "must be longer than echo-time");
	return 0;
}

static int check_certificate(const struct server_config *config, struct config_fault *fault,
			     struct err *err)
{
	if (config->certificate[0] && !config->key[0])
		return config_fault_whole(fault, err, "server/certificate server/key",
					  "certificate and key go together");
	if (config->key[0] && !config->certificate[0])
		return config_fault_whole(fault, err, "server/key server/certificate",
					  "certificate and key go together");
	return 0;
}

static int check_bridge(const struct server_config *config, struct config_fault *fault,
			struct err *err)
{
	if (config->mode == MODE_BRIDGED && config->bridge[0] == '\0')
		return config_fault(fault, err, "bridge/mode", "needs bridge = NAME");
	/* with `mode = routed` it waits for its day; without, somebody forgot `mode = bridged` */
	if (!config->mode_given && config->bridge[0] != '\0')
		return config_fault(fault, err, "bridge/bridge", "needs mode = bridged");
	if (config->mode == MODE_BRIDGED && strcmp(config->bridge, config->interface) == 0)
		return config_fault(fault, err, "bridge/bridge bridge/interface",
				    "must not be interface itself");
	return 0;
}

/* A browser is answered where it names the server's name, and the certificate has that name. */
static int check_vpn_port(const struct server_config *config, struct config_fault *fault,
			  struct err *err)
{
	if (config->admin_on_vpn_port && config->name[0] == '\0')
		return config_fault(fault, err, "admin/on-vpn-port", "needs name in [server]");
	return 0;
}

/* [ra] alone, or with a group's section, a user's, or both (in this order). */
static int check_with(const struct server_config *config, const char *name,
		      const struct ra_section *group, const struct ra_section *user,
		      struct err *err)
{
	struct ra_settings settings = config->ra;
	struct config_fault fault;

	if ((!group || ra_settings_inherit(&settings, group, &fault, err) == 0) &&
	    (!user || ra_settings_inherit(&settings, user, &fault, err) == 0) &&
	    ra_settings_check(&settings, config->mtu, config->mode == MODE_ROUTED, &fault, err) ==
		    0 &&
	    dhcp6_settings_check(&settings, &fault, err) == 0)
		return 0;
	return config_blame(config, name, group, user, &fault, err);
}

static int check_limits(const struct server_config *config, const char *name, struct err *err)
{
	struct config_prefix prefix[CONFIG_MAX_PREFIXES];
	struct prefix6 filter[CONFIG_MAX_FILTERS];
	unsigned count = server_config_prefixes(config, prefix), interfaces = 0;
	const char *key = NULL;

	if (count > CONFIG_MAX_PREFIXES) {
		err_set(err, "there are more than %d different prefixes in all sections",
			CONFIG_MAX_PREFIXES);
		return config_blame_last(config, name, "prefix", err);
	}
	for (unsigned i = 0; i < count; i++)
		interfaces += prefix[i].interface[0] != '\0';
	if (interfaces > CONFIG_MAX_INTERFACES) {
		key = "prefix";
		err_set(err, "prefix names more than %d interfaces in all sections",
			CONFIG_MAX_INTERFACES);
	} else if (server_config_filters(config, filter) > CONFIG_MAX_FILTERS) {
		key = "route";
		err_set(err, "route names more than %d kernel prefixes in all sections",
			CONFIG_MAX_FILTERS);
	}
	return key ? config_blame_last(config, name, key, err) : 0;
}

/* Sections are made of zeros: what is not zero there was set there. */
static int check_whose(const struct server_config *config, const char *name,
		       const struct ra_section *section, struct err *err)
{
	const struct dhcp6_settings *dhcp6 = &section->settings.dhcp6;
	struct config_fault fault;

	if (dhcp6->per_user == 0 && dhcp6->rate == 0)
		return 0;
	config_fault(&fault, err, dhcp6->rate ? "dhcp6/rate" : "dhcp6/leases-per-user",
		     "is for [dhcp6] alone");
	return config_blame(config, name, section, NULL, &fault, err);
}

/* In a user's section the user need not be named. */
static void name_reservations(struct ra_section *section)
{
	struct dhcp6_settings *dhcp6 = &section->settings.dhcp6;

	for (unsigned i = 0; i < dhcp6->reserve_count && section->kind == SECTION_USER; i++)
		if (dhcp6->reserve[i].by == RESERVE_BY_USER && dhcp6->reserve[i].user[0] == '\0')
			strcpy(dhcp6->reserve[i].user, section->name);
}

static int check_section(const struct server_config *config, const char *name,
			 const struct ra_section *section, struct err *err)
{
	if (section->kind == SECTION_USER)
		return check_with(config, name, NULL, section, err);

	int failed = check_with(config, name, section, NULL, err);
	for (unsigned i = 0; i < config->section_count && failed == 0; i++)
		if (config->section[i]->kind == SECTION_USER)
			failed = check_with(config, name, section, config->section[i], err);
	return failed;
}

static int check_sections(const struct server_config *config, const char *name, struct err *err)
{
	int failed =
		check_with(config, name, NULL, NULL, err) < 0 || check_limits(config, name, err) < 0
			? -1
			: 0;

	for (unsigned i = 0; i < config->section_count && failed == 0; i++) {
		name_reservations(config->section[i]);
		failed = check_whose(config, name, config->section[i], err);
	}
	for (unsigned i = 0; i < config->section_count && failed == 0; i++)
		failed = check_section(config, name, config->section[i], err);
	return failed;
}

int config_check_rules(struct server_config *config, const char *name, struct err *err)
{
	struct config_fault fault;

	if (check_times(config, &fault, err) < 0 || check_certificate(config, &fault, err) < 0 ||
	    check_bridge(config, &fault, err) < 0 || check_vpn_port(config, &fault, err) < 0)
		return config_blame(config, name, NULL, NULL, &fault, err);
	return check_sections(config, name, err);
}
