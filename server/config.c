/* SPDX-License-Identifier: Apache-2.0 */
/* server/config.c - the tables of the server's configuration, and the rules that span keys. */
#include "server/config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/state.h"

#define IN(member) offsetof(struct server_config, member)

const char *const bridge_mode_name[] = { [MODE_ROUTED] = "routed", [MODE_BRIDGED] = "bridged" };

void server_config_defaults(struct server_config *config)
{
	*config = (struct server_config) {
		.state = "/var/lib/lanyard",
		.control = "/run/lanyard/server.sock",
		.congestion_control = SOCKET_CONGESTION_DEFAULT,
		.login_time_s = 20,
		.certificate_time_s = 365 * 86400,
		.echo_time_s = 20,
		.dead_time_s = 45,
		.max_clients = 4096,
		.max_per_profile = 16,
		.max_strangers = 1024,
		.max_strangers_per_source = 128,
		.interface = "lanyard0",
		.mode = MODE_ROUTED,
		.mtu = 1500,
		.table = 16384,
		.password = { PASSWORD_MEMORY_KIB, PASSWORD_PASSES },
	};
	policy_defaults(&config->policy);
	ra_settings_defaults(&config->ra);
}

/* ---- readers of values that only the server has ---- */

static int read_command(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	if (value[0] && value[0] != '/')
		return err_set(err, "must be %s", key->accepted);
	return conf_text(value, to, key, err);
}

static int read_port(const char *text, uint16_t *port, struct err *err)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || number < 1 || number > 65535)
		return err_set(err, "the port must be a number from 1 to 65535");
	*port = (uint16_t)number;
	return 0;
}

int config_read_listen(const char *value, struct config_listen *listen, struct err *err)
{
	const char *host = value, *end, *port;
	uint8_t address[16];

	if (*value == '[') {
		host = value + 1;
		end = strchr(host, ']');
		port = end && end[1] ? end + 1 : NULL;
	} else {
		end = strchr(host, ':');
		port = end;
		end = end ? end : host + strlen(host);
	}
	if (!end || (size_t)(end - host) >= sizeof(listen->host) || (port && *port != ':'))
		return err_set(err, "must be an address, as in [::]:443 or 192.0.2.1:443");
	memcpy(listen->host, host, (size_t)(end - host));
	listen->host[end - host] = '\0';
	if (inet_pton(*value == '[' ? AF_INET6 : AF_INET, listen->host, address) != 1)
		return err_set(err, "must be an address, as in [::]:443 or 192.0.2.1:443");
	return port ? read_port(port + 1, &listen->port, err) : 0;
}

static int read_listen(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	struct server_config *config = to;
	struct config_listen listen = { .port = CONFIG_PORT };

	if (config->listen_count == CONFIG_MAX_LISTEN)
		return err_set(err, "is one too many: at most %d", CONFIG_MAX_LISTEN);
	if (config_read_listen(value, &listen, err) < 0)
		return -1;
	config->listen[config->listen_count++] = listen;
	return 0;
}

static int read_workers(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	if (strcmp(value, "auto") == 0) {
		*(uint32_t *)to = 0;
		return 0;
	}
	return conf_u32(value, to, key, err);
}

/* "64M", in KiB. */
static int read_memory(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	char *end;
	unsigned long mib = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || strcmp(end, "M") != 0 || mib < key->min ||
	    mib > key->max)
		return err_set(err, "must be %s", key->accepted);
	*(uint32_t *)to = (uint32_t)mib * 1024;
	return 0;
}

static int read_mode(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	struct server_config *config = to;

	for (unsigned mode = 0; mode < ARRAY_LEN(bridge_mode_name); mode++) {
		if (strcmp(value, bridge_mode_name[mode]) == 0) {
			config->mode = (enum bridge_mode)mode;
			config->mode_given = true;
			return 0;
		}
	}
	return err_set(err, "must be routed or bridged");
}

/* ---- sections with a name ---- */

static void *begin(struct server_config *config, enum ra_section_kind kind, const char *name,
		   struct err *err)
{
	struct ra_section *section;

	if (state_check_name(ra_section_kind_name[kind], name, err) < 0)
		return NULL;
	if (config->section_count == CONFIG_MAX_SECTIONS) {
		err_set(err, "is one too many: at most %d of [group NAME] and [user NAME]",
			CONFIG_MAX_SECTIONS);
		return NULL;
	}
	section = calloc(1, sizeof(*section));
	if (!section) {
		err_set(err, "out of memory");
		return NULL;
	}
	section->kind = kind;
	strcpy(section->name, name);
	config->section[config->section_count++] = section;
	return section;
}

static void *begin_group(void *base, const char *name, struct err *err)
{
	if (strcmp(name, "none") == 0) { /* lanyard user group NAME none */
		err_set(err, "no group is called 'none'");
		return NULL;
	}
	return begin(base, SECTION_GROUP, name, err);
}

static void *begin_user(void *base, const char *name, struct err *err)
{
	return begin(base, SECTION_USER, name, err);
}

void server_config_free(struct server_config *config)
{
	dhcp6_settings_free(&config->ra.dhcp6);
	while (config->section_count > 0) {
		dhcp6_settings_free(&config->section[--config->section_count]->settings.dhcp6);
		free(config->section[config->section_count]);
	}
}

/* ---- the tables ---- */

static const struct conf_key server_keys[] = {
	{ "listen", read_listen, 0, "an address, as in [::]:443 or 192.0.2.1:443" },
	{ "name", conf_domain, IN(name), "the host name that clients dial", .once = true },
	{ "state", conf_text, IN(state), "a folder's path", 1, CONFIG_PATH_MAX, true },
	{ "control", conf_text, IN(control), "a socket's path, at most 107 characters", 1, 108,
	  true },
	{ "workers", read_workers, IN(workers), "auto, or 1 to 64", 1, 64, true },
	{ "certificate", conf_text, IN(certificate), "a PEM file's path; empty: the built-in CA's",
	  0, CONFIG_PATH_MAX, true },
	{ "key", conf_text, IN(key), "a PEM file's path", 0, CONFIG_PATH_MAX, true },
	{ "congestion-control", conf_text, IN(congestion_control),
	  "an algorithm of the kernel's, as in bbr or cubic, or system", 1, SOCKET_CONGESTION_MAX,
	  true },
	{ "certificate-time", conf_time_s, IN(certificate_time_s), "1m to 3650d", 60, 3650 * 86400,
	  true },
	{ "login-time", conf_time_s, IN(login_time_s), "1s to 10m", 1, 600, true },
	{ "echo-time", conf_time_s, IN(echo_time_s), "1s to 1h", 1, 3600, true },
	{ "dead-time", conf_time_s, IN(dead_time_s), "2s to 2h, more than echo-time", 2, 7200,
	  true },
	{ "max-clients", conf_u32, IN(max_clients), "1 to 60000", 1, 60000, true },
	{ "max-per-profile", conf_u32, IN(max_per_profile), "1 to 60000 devices at one time", 1,
	  60000, true },
	{ "max-sessions", conf_u32, IN(policy.max_sessions), "1 to 60000 of one user at one time",
	  1, 60000, true },
	{ "auth", policy_read_auth, IN(policy.auth), POLICY_AUTH_ACCEPTED, .once = true },
	{ "hours", policy_read_hours, IN(policy.hours), POLICY_HOURS_ACCEPTED, .once = true },
	{ "password-memory", read_memory, IN(password.memory_kib), "19M to 1024M", 19, 1024, true },
	{ "auth-command", read_command, IN(auth_command),
	  "a program's absolute path, then its arguments; empty: none", 0, PROVER_COMMAND_MAX,
	  true },
	{ "password-passes", conf_u32, IN(password.passes), "2 to 16", 2, 16, true },
	{ "max-strangers", conf_u32, IN(max_strangers), "1 to 65536", 1, 65536, true },
	{ "max-strangers-per-source", conf_u32, IN(max_strangers_per_source), "1 to 65536", 1,
	  65536, true },
	{ 0 }
};

static const struct conf_key bridge_keys[] = {
	{ "interface", conf_interface, IN(interface), "the TAP's name", .once = true },
	{ "mode", read_mode, 0, "routed or bridged", .once = true },
	{ "bridge", conf_interface, IN(bridge), "the kernel bridge to join", .once = true },
	{ "mtu", conf_u16, IN(mtu), "1280 to 9000", 1280, 9000, true },
	{ "isolate", conf_bool, IN(policy.isolate), "yes or no", .once = true },
	{ "max-macs", conf_u32, IN(policy.max_macs), "1 to 65536", 1, 65536, true },
	{ "max-macs-office", conf_u32, IN(policy.max_macs_office), "1 to 65536", 1, 65536, true },
	{ "office", conf_bool, IN(policy.office), "yes or no", .once = true },
	{ "table", conf_u32, IN(table), "64 to 1048576 addresses", 64, 1048576, true },
	{ 0 }
};

#define SECTION_ALSO                                                                             \
	{                                                                                        \
		{ config_dhcp6_keys, "dhcp6-", offsetof(struct ra_section, given_dhcp6) },       \
			{ config_policy_keys, NULL, offsetof(struct ra_section, given_policy) }, \
	}

#define SECTIONS(config)                                                              \
	{                                                                             \
		{ "server", server_keys, config }, { "bridge", bridge_keys, config }, \
			{ "ra", config_ra_keys, (char *)(config) + IN(ra) },          \
			{ "dhcp6", config_dhcp6_keys, (char *)(config) + IN(ra) },    \
			{ "group",                                                    \
			  config_ra_keys,                                             \
			  config,                                                     \
			  begin_group,                                                \
			  offsetof(struct ra_section, given),                         \
			  SECTION_ALSO },                                             \
			{ "user",                                                     \
			  config_ra_keys,                                             \
			  config,                                                     \
			  begin_user,                                                 \
			  offsetof(struct ra_section, given),                         \
			  SECTION_ALSO },                                             \
			{ "admin", config_admin_keys, config }, { 0 },                \
	}

/* ---- rules that span keys ---- */

static int check_bridge(const struct server_config *config, struct err *err)
{
	if (config->mode == MODE_BRIDGED && config->bridge[0] == '\0')
		return err_set(err, "[bridge] mode is bridged, but bridge = is missing");
	/* with `mode = routed` it waits for its day; without, somebody forgot `mode = bridged` */
	if (!config->mode_given && config->bridge[0] != '\0')
		return err_set(err, "[bridge] bridge is set, but mode = bridged is missing");
	if (config->mode == MODE_BRIDGED && strcmp(config->bridge, config->interface) == 0)
		return err_set(err, "[bridge] interface and bridge are both '%s'", config->bridge);
	return 0;
}

/* [ra] alone, or with a group's section, a user's, or both (in this order). */
static int check_with(const struct server_config *config, const struct ra_section *group,
		      const struct ra_section *user, struct err *err)
{
	struct ra_settings settings = config->ra;
	const char *base = "ra";
	struct err reason;

	if ((!group || ra_settings_inherit(&settings, group, err) == 0) &&
	    (!user || ra_settings_inherit(&settings, user, err) == 0) &&
	    ra_settings_check(&settings, config->mtu, config->mode == MODE_ROUTED, err) == 0) {
		if (dhcp6_settings_check(&settings, err) == 0)
			return 0;
		base = "dhcp6";
	}
	reason = *err;
	if (group && user)
		return err_set(err, "[user %s] in [group %s] %s", user->name, group->name,
			       reason.text);
	if (group || user)
		return err_set(err, "[%s %s] %s", group ? "group" : "user",
			       group ? group->name : user->name, reason.text);
	return err_set(err, "[%s] %s", base, reason.text);
}

static int check_limits(const struct server_config *config, struct err *err)
{
	struct config_prefix prefix[CONFIG_MAX_PREFIXES];
	struct prefix6 filter[CONFIG_MAX_FILTERS];
	unsigned count = server_config_prefixes(config, prefix), interfaces = 0;

	if (count > CONFIG_MAX_PREFIXES)
		return err_set(err, "there are more than %d different prefixes in all sections",
			       CONFIG_MAX_PREFIXES);
	for (unsigned i = 0; i < count; i++)
		interfaces += prefix[i].interface[0] != '\0';
	if (interfaces > CONFIG_MAX_INTERFACES)
		return err_set(err, "prefix names more than %d interfaces in all sections",
			       CONFIG_MAX_INTERFACES);
	if (server_config_filters(config, filter) > CONFIG_MAX_FILTERS)
		return err_set(err, "route names more than %d kernel prefixes in all sections",
			       CONFIG_MAX_FILTERS);
	return 0;
}

/* Sections are made of zeros: what is not zero there was set there. */
static int check_whose(const struct ra_section *section, struct err *err)
{
	const struct dhcp6_settings *dhcp6 = &section->settings.dhcp6;

	if (dhcp6->per_user == 0 && dhcp6->rate == 0)
		return 0;
	return err_set(err, "[%s %s] %s: is for [dhcp6] alone", ra_section_kind_name[section->kind],
		       section->name, dhcp6->rate ? "rate" : "leases-per-user");
}

/* In a user's section the user need not be named. */
static void name_reservations(struct ra_section *section)
{
	struct dhcp6_settings *dhcp6 = &section->settings.dhcp6;

	for (unsigned i = 0; i < dhcp6->reserve_count && section->kind == SECTION_USER; i++)
		if (dhcp6->reserve[i].by == RESERVE_BY_USER && dhcp6->reserve[i].user[0] == '\0')
			strcpy(dhcp6->reserve[i].user, section->name);
}

/* Every settings object that there can be: users change their groups while we run. */
static int check_sections(const struct server_config *config, struct err *err)
{
	int failed =
		check_with(config, NULL, NULL, err) < 0 || check_limits(config, err) < 0 ? -1 : 0;

	for (unsigned i = 0; i < config->section_count && failed == 0; i++) {
		name_reservations(config->section[i]);
		failed = check_whose(config->section[i], err);
	}
	for (unsigned i = 0; i < config->section_count && failed == 0; i++) {
		const struct ra_section *section = config->section[i];

		failed = check_with(config, section->kind == SECTION_GROUP ? section : NULL,
				    section->kind == SECTION_USER ? section : NULL, err);
		for (unsigned j = 0;
		     j < config->section_count && section->kind == SECTION_GROUP && failed == 0;
		     j++)
			if (config->section[j]->kind == SECTION_USER)
				failed = check_with(config, section, config->section[j], err);
	}
	return failed;
}

int server_config_check(struct server_config *config, const char *name, struct err *err)
{
	if (config->listen_count == 0)
		config->listen[config->listen_count++] =
			(struct config_listen) { "::", CONFIG_PORT };
	config_admin_check(config);
	if (config->ra.prefix_count == 0 && !(config->ra.emptied & 1u << RA_LIST_PREFIX) &&
	    config->mode == MODE_ROUTED)
		config->ra.prefix[config->ra.prefix_count++] = (struct config_prefix) {
			.automatic = true, .on_link = true, .autonomous = true
		};
	int failed = 0;
	if (config->dead_time_s <= config->echo_time_s)
		failed = err_set(err, "[server] dead-time must be longer than echo-time");
	else if ((config->certificate[0] == '\0') != (config->key[0] == '\0'))
		failed = err_set(err, "[server] certificate and key go together");
	else
		failed = check_bridge(config, err) < 0 || check_sections(config, err) < 0 ? -1 : 0;
	if (failed < 0) {
		err->kind = ERR_CONFIG;
		return err_context(err, "%s", name);
	}
	return 0;
}

/* What was begun does not outlive a failure. */
static int finish(struct server_config *config, int failed, const char *name, struct err *err)
{
	if (failed == 0)
		failed = server_config_check(config, name, err);
	if (failed < 0)
		server_config_free(config);
	return failed;
}

int server_config_read(struct server_config *config, const char *path, struct err *err)
{
	const struct conf_section sections[] = SECTIONS(config);
	const char *name = path ? path : CONFIG_PATH;
	int failed = 0;

	server_config_defaults(config);
	if (path || access(CONFIG_PATH, F_OK) == 0)
		failed = conf_read_file(name, sections, err);
	return finish(config, failed, name, err);
}

int server_config_read_text(struct server_config *config, const char *name, struct bytes text,
			    struct err *err)
{
	const struct conf_section sections[] = SECTIONS(config);

	server_config_defaults(config);
	return finish(config, conf_read_text(name, text, sections, err), name, err);
}

void server_config_describe(void (*line)(const char *text))
{
	struct server_config config; /* read into by nobody */
	const struct conf_section sections[] = SECTIONS(&config);

	conf_describe(sections, line);
}
