/* SPDX-License-Identifier: Apache-2.0 */
/* server/config.c - the tables of the server's configuration, and its reading.  Rules that span
 * keys: config_check.c. */
#include "server/config_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
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
	conf_notes_free(&config->notes);
}

/* ---- the tables ---- */

static const struct conf_key server_keys[] = {
	{ "listen", config_key_listen, 0, "an address, as in [::]:443 or 192.0.2.1:443" },
	{ "name", conf_domain, IN(name), "the host name that clients dial", .once = true },
	{ "state", conf_text, IN(state), "a folder's path", 1, CONFIG_PATH_MAX, true },
	{ "control", conf_text, IN(control), "a socket's path, at most 107 characters", 1, 108,
	  true },
	{ "workers", config_key_workers, IN(workers), "auto, or 1 to 64", 1, 64, true },
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
	{ "password-memory", config_key_memory, IN(password.memory_kib), "19M to 1024M", 19, 1024,
	  true },
	{ "auth-command", config_key_command, IN(auth_command),
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
	{ "mode", config_key_mode, 0, "routed or bridged", .once = true },
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

void config_sections(struct server_config *config,
		     struct conf_section sections[static CONFIG_SECTIONS])
{
	const struct conf_section all[] = SECTIONS(config);

	_Static_assert(ARRAY_LEN(all) == CONFIG_SECTIONS, "room for all of them");
	memcpy(sections, all, sizeof(all));
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
	return config_check_rules(config, name, err);
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
	config->read_s = time(NULL);
	config->from_file = path || access(CONFIG_PATH, F_OK) == 0;
	if (config->from_file)
		failed = conf_read_file_noted(name, sections, &config->notes, err);
	return finish(config, failed, name, err);
}

int server_config_read_text(struct server_config *config, const char *name, struct bytes text,
			    struct err *err)
{
	const struct conf_section sections[] = SECTIONS(config);

	server_config_defaults(config);
	return finish(config, conf_read_text_noted(name, text, sections, &config->notes, err), name,
		      err);
}

void server_config_describe(void (*line)(const char *text))
{
	struct server_config config; /* read into by nobody */
	const struct conf_section sections[] = SECTIONS(&config);

	conf_describe(sections, line);
}
