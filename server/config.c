/* SPDX-License-Identifier: Apache-2.0 */
/* server/config.c - the tables of the server's configuration, and the rules that span keys. */
#include "server/config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define IN(member) offsetof(struct server_config, member)

const char *const bridge_mode_name[] = { [MODE_ROUTED] = "routed", [MODE_BRIDGED] = "bridged" };

void server_config_defaults(struct server_config *config)
{
	*config = (struct server_config) {
		.state = "/var/lib/lanyard",
		.control = "/run/lanyard/server.sock",
		.congestion_control = SOCKET_CONGESTION_DEFAULT,
		.login_time_s = 20,
		.echo_time_s = 20,
		.dead_time_s = 45,
		.max_clients = 4096,
		.max_per_profile = 16,
		.max_strangers = 1024,
		.max_strangers_per_source = 128,
		.interface = "lanyard0",
		.mode = MODE_ROUTED,
		.mtu = 1500,
		.max_macs = 4,
		.max_macs_office = 256,
		.table = 16384,
		.ra_enabled = true,
		.lifetime_s = 1800,  /* RFC 4861 6.2.1: 3 * MaxRtrAdvInterval */
		.preferred_s = 2700, /* RFC 9096 3.4: ND_PREFERRED_LIMIT */
		.valid_s = 5400,     /* RFC 9096 3.4: ND_VALID_LIMIT */
		.interval_s = 600,
		.hop_limit = 64,
	};
}

/* ---- readers of values that only the server has ---- */

static int read_port(const char *text, uint16_t *port, struct err *err)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || number < 1 || number > 65535)
		return err_set(err, "the port must be a number from 1 to 65535");
	*port = (uint16_t)number;
	return 0;
}

/* "[::]:443", "192.0.2.1:443", "[::1]", "192.0.2.1" */
static int read_listen(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	struct server_config *config = to;
	struct config_listen listen = { .port = CONFIG_PORT };
	const char *host = value, *end, *port;
	uint8_t address[16];

	if (config->listen_count == CONFIG_MAX_LISTEN)
		return err_set(err, "is one too many: at most %d", CONFIG_MAX_LISTEN);
	if (*value == '[') {
		host = value + 1;
		end = strchr(host, ']');
		port = end && end[1] ? end + 1 : NULL;
	} else {
		end = strchr(host, ':');
		port = end;
		end = end ? end : host + strlen(host);
	}
	if (!end || (size_t)(end - host) >= sizeof(listen.host) || (port && *port != ':'))
		return err_set(err, "must be an address, as in [::]:443 or 192.0.2.1:443");
	memcpy(listen.host, host, (size_t)(end - host));
	if (inet_pton(*value == '[' ? AF_INET6 : AF_INET, listen.host, address) != 1)
		return err_set(err, "must be an address, as in [::]:443 or 192.0.2.1:443");
	if (port && read_port(port + 1, &listen.port, err) < 0)
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

static int read_prefix(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	struct server_config *config = to;
	struct config_prefix prefix = { .automatic = strcmp(value, "auto") == 0 };

	if (config->prefix_count == RA_MAX_PREFIXES)
		return err_set(err, "is one too many: at most %d", RA_MAX_PREFIXES);
	if (!prefix.automatic) {
		if (prefix6_parse(value, &prefix.prefix, err) < 0)
			return -1;
		if (prefix.prefix.len !=
		    64) /* RFC 4862 5.5.3 (d): the interface identifier has 64 bits */
			return err_set(err, "must be a /64");
		if (ip6_is_link_local(&prefix.prefix.address) ||
		    ip6_is_multicast(&prefix.prefix.address))
			return err_set(err, "must not be link-local or multicast");
	}
	config->prefix[config->prefix_count++] = prefix;
	return 0;
}

static int read_preference(const char *text, enum ra_preference *preference, struct err *err)
{
	static const enum ra_preference all[] = { RA_LOW, RA_MEDIUM, RA_HIGH };

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		if (strcmp(text, ra_preference_name[all[i]]) == 0) {
			*preference = all[i];
			return 0;
		}
	}
	return err_set(err, "'%s' must be low, medium or high", text);
}

/* "2001:db8:100::/48", "2001:db8:100::/48 high", "2001:db8:100::/48 high 2h" */
static int read_route(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	struct server_config *config = to;
	struct ra_route route = { .preference = RA_MEDIUM };
	char text[128], *rest, *word;

	if (config->route_count == RA_MAX_ROUTES)
		return err_set(err, "is one too many: at most %d", RA_MAX_ROUTES);
	if (strlen(value) >= sizeof(text))
		return err_set(err,
			       "must be a prefix, then a preference and a lifetime if you like");
	strcpy(text, value);
	word = strtok_r(text, " \t", &rest);
	if (!word)
		return err_set(err,
			       "must be a prefix, then a preference and a lifetime if you like");
	if (prefix6_parse(word, &route.prefix, err) < 0)
		return -1;
	if ((word = strtok_r(NULL, " \t", &rest)) &&
	    read_preference(word, &route.preference, err) < 0)
		return -1;
	if (word && (word = strtok_r(NULL, " \t", &rest))) {
		if (conf_parse_time_s(word, &route.lifetime_s, err) < 0)
			return -1;
		if (route.lifetime_s == 0)
			return err_set(err, "'%s' must not be 0", word);
	}
	if (word && strtok_r(NULL, " \t", &rest))
		return err_set(err, "has words after the lifetime");
	config->route[config->route_count++] = route;
	return 0;
}

static int read_dns(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	struct server_config *config = to;

	if (config->dns_count == RA_MAX_DNS)
		return err_set(err, "is one too many: at most %d", RA_MAX_DNS);
	return conf_ip6(value, &config->dns[config->dns_count++], key, err);
}

static int read_search(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	struct server_config *config = to;

	if (config->search_count == RA_MAX_SEARCH)
		return err_set(err, "is one too many: at most %d", RA_MAX_SEARCH);
	return conf_domain(value, config->search[config->search_count++], key, err);
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
	{ "login-time", conf_time_s, IN(login_time_s), "1s to 10m", 1, 600, true },
	{ "echo-time", conf_time_s, IN(echo_time_s), "1s to 1h", 1, 3600, true },
	{ "dead-time", conf_time_s, IN(dead_time_s), "2s to 2h, more than echo-time", 2, 7200,
	  true },
	{ "max-clients", conf_u32, IN(max_clients), "1 to 60000", 1, 60000, true },
	{ "max-per-profile", conf_u32, IN(max_per_profile), "1 to 60000 devices at one time", 1,
	  60000, true },
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
	{ "isolate", conf_bool, IN(isolate), "yes or no", .once = true },
	{ "max-macs", conf_u32, IN(max_macs), "1 to 65536", 1, 65536, true },
	{ "max-macs-office", conf_u32, IN(max_macs_office), "1 to 65536", 1, 65536, true },
	{ "table", conf_u32, IN(table), "64 to 1048576 addresses", 64, 1048576, true },
	{ 0 }
};

static const struct conf_key ra_keys[] = {
	{ "enabled", conf_bool, IN(ra_enabled), "yes or no", .once = true },
	{ "prefix", read_prefix, 0, "auto, or an IPv6 /64 prefix" },
	{ "route", read_route, 0, "a prefix, low|medium|high, a lifetime" },
	{ "default-route", conf_bool, IN(default_route), "yes or no", .once = true },
	{ "dns", read_dns, 0, "an IPv6 address" },
	{ "search", read_search, 0, "a domain" },
	{ "mtu", conf_u32, IN(ra_mtu), "1280 to 9000", 1280, 9000, true },
	{ "lifetime", conf_time_s, IN(lifetime_s), "1m to 65535s", 60, 65535, true },
	{ "preferred", conf_time_s, IN(preferred_s), "1m or more, or forever; at most valid", 60,
	  RA_FOREVER, true },
	{ "valid", conf_time_s, IN(valid_s), "1m or more, or forever", 60, RA_FOREVER, true },
	{ "interval", conf_time_s, IN(interval_s), "4s to 1800s", 4, 1800, true },
	{ "hop-limit", conf_u8, IN(hop_limit), "0 to 255", 0, 255, true },
	{ "managed", conf_bool, IN(managed), "yes or no", .once = true },
	{ "other", conf_bool, IN(other), "yes or no", .once = true },
	{ 0 }
};

#define SECTIONS(config)                                                              \
	{                                                                             \
		{ "server", server_keys, config }, { "bridge", bridge_keys, config }, \
			{ "ra", ra_keys, config }, { 0 },                             \
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

static int check_ra(const struct server_config *config, struct err *err)
{
	if (config->preferred_s > config->valid_s) /* RFC 4861 6.2.1 */
		return err_set(err, "[ra] preferred must not be longer than valid");
	if (config->ra_mtu > config->mtu)
		return err_set(err, "[ra] mtu %u is larger than the bridge's, %u", config->ra_mtu,
			       config->mtu);
	if (config->lifetime_s < config->interval_s) /* RFC 4861 6.2.1: AdvDefaultLifetime */
		return err_set(err, "[ra] lifetime must not be shorter than interval");
	for (unsigned i = 0; i < config->prefix_count; i++) {
		if (config->prefix[i].automatic && config->mode == MODE_BRIDGED)
			return err_set(
				err,
				"[ra] prefix auto is for routed mode: name the bridge's prefix");
		for (unsigned j = 0; j < i; j++)
			if (config->prefix[i].automatic == config->prefix[j].automatic &&
			    prefix6_equal(&config->prefix[i].prefix, &config->prefix[j].prefix))
				return err_set(err, "[ra] the same prefix is given twice");
	}
	return 0;
}

/* An RA is never fragmented (RFC 6980), and it is one: what does not fit would not be said. */
static int check_ra_size(const struct server_config *config, struct err *err)
{
	uint8_t message[9000];
	struct writer w = writer_over(message, (size_t)config->mtu - IP6_HEADER_LEN);
	struct ra ra = {
		.has_source_mac = true,
		.source_mac = { { 0x02 } },
		.mtu = config->mtu,
		.prefix_count = config->prefix_count,
		.route_count = config->route_count,
		.dns_count = config->dns_count,
		.search_count = config->search_count,
	};

	for (unsigned i = 0; i < config->prefix_count; i++)
		ra.prefix[i].prefix = (struct prefix6) { .len = 64 };
	memcpy(ra.route, config->route, sizeof(ra.route));
	memcpy(ra.dns, config->dns, sizeof(ra.dns));
	memcpy(ra.search, config->search, sizeof(ra.search));
	ra_build(&ra, &w);
	if (config->ra_enabled && w.full)
		return err_set(err,
			       "[ra] all prefixes, routes, dns servers and search domains together "
			       "do not fit "
			       "into one Router Advertisement of %u bytes ([bridge] mtu)",
			       config->mtu);
	return 0;
}

static int check(struct server_config *config, const char *name, struct err *err)
{
	if (config->listen_count == 0)
		config->listen[config->listen_count++] =
			(struct config_listen) { "::", CONFIG_PORT };
	if (config->prefix_count == 0 && config->mode == MODE_ROUTED)
		config->prefix[config->prefix_count++].automatic = true;
	int failed = 0;
	if (config->dead_time_s <= config->echo_time_s)
		failed = err_set(err, "[server] dead-time must be longer than echo-time");
	else if ((config->certificate[0] == '\0') != (config->key[0] == '\0'))
		failed = err_set(err, "[server] certificate and key go together");
	else
		failed = check_bridge(config, err) < 0 || check_ra(config, err) < 0 ||
					 check_ra_size(config, err) < 0
				 ? -1
				 : 0;
	if (failed < 0) {
		err->kind = ERR_CONFIG;
		return err_context(err, "%s", name);
	}
	return 0;
}

int server_config_read(struct server_config *config, const char *path, struct err *err)
{
	const struct conf_section sections[] = SECTIONS(config);
	const char *name = path ? path : CONFIG_PATH;

	server_config_defaults(config);
	if ((path || access(CONFIG_PATH, F_OK) == 0) && conf_read_file(name, sections, err) < 0)
		return -1;
	return check(config, name, err);
}

int server_config_read_text(struct server_config *config, const char *name, struct bytes text,
			    struct err *err)
{
	const struct conf_section sections[] = SECTIONS(config);

	server_config_defaults(config);
	if (conf_read_text(name, text, sections, err) < 0)
		return -1;
	return check(config, name, err);
}

void server_config_describe(void (*line)(const char *text))
{
	const struct conf_section sections[] = SECTIONS(NULL);

	conf_describe(sections, line);
}
