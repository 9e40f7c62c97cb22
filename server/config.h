/* SPDX-License-Identifier: Apache-2.0 */
/* server/config.h
 *
 * The server's configuration: the values, their defaults, and the tables that read them from
 * /etc/lanyard/server.conf.  No file at all is a working configuration.
 */
#ifndef SERVER_CONFIG_H
#define SERVER_CONFIG_H

#include <net/if.h>

#include "base/conf.h"
#include "base/socket.h"
#include "radvd-lite/ra.h"

#define CONFIG_PATH "/etc/lanyard/server.conf"
#define CONFIG_MAX_LISTEN 16
#define CONFIG_PATH_MAX 256
#define CONFIG_PORT 443

struct config_listen {
	char host[64]; /* a numeric address without brackets */
	uint16_t port;
};

enum bridge_mode { MODE_ROUTED, MODE_BRIDGED };
extern const char *const bridge_mode_name[2];

struct config_prefix {
	bool automatic; /* `auto`: the generated ULA; prefix is filled in at start */
	struct prefix6 prefix;
};

struct server_config {
	/* [server] */
	unsigned listen_count; /* 0: [::]:443 */
	struct config_listen listen[CONFIG_MAX_LISTEN];
	char name[256]; /* empty: the host's name */
	char state[CONFIG_PATH_MAX], control[CONFIG_PATH_MAX];
	uint32_t workers;					 /* 0: auto, one per core */
	char certificate[CONFIG_PATH_MAX], key[CONFIG_PATH_MAX]; /* empty: the built-in CA's */
	char congestion_control[SOCKET_CONGESTION_MAX];
	uint32_t login_time_s, echo_time_s, dead_time_s;
	uint32_t max_clients, max_per_profile, max_strangers, max_strangers_per_source;
	/* [bridge] */
	char interface[IF_NAMESIZE], bridge[IF_NAMESIZE];
	enum bridge_mode mode;
	bool mode_given;
	uint16_t mtu;
	bool isolate;
	uint32_t max_macs, max_macs_office, table;
	/* [ra] */
	bool ra_enabled;
	unsigned prefix_count; /* 0: one `auto` in routed mode */
	struct config_prefix prefix[RA_MAX_PREFIXES];
	unsigned route_count;
	struct ra_route route[RA_MAX_ROUTES]; /* lifetime_s 0: that of the RA */
	bool default_route;
	unsigned dns_count;
	struct ip6 dns[RA_MAX_DNS];
	unsigned search_count;
	char search[RA_MAX_SEARCH][RA_MAX_DOMAIN];
	uint32_t ra_mtu;			   /* 0: the bridge's */
	uint32_t lifetime_s, preferred_s, valid_s; /* router and routes; prefixes */
	uint32_t interval_s; /* MaxRtrAdvInterval; the minimum is a third of it */
	uint8_t hop_limit;
	bool managed, other;
};

void server_config_defaults(struct server_config *config);

/*
 * Reads the file over the defaults and checks what spans keys.  `path` NULL: CONFIG_PATH if it
 * exists, else the defaults alone.  -1 and one sentence, ERR_CONFIG.
 */
int server_config_read(struct server_config *config, const char *path, struct err *err);
/* The same from memory, for tests. */
int server_config_read_text(struct server_config *config, const char *name, struct bytes text,
			    struct err *err);
/* Every section and key with what it accepts, a line each. */
void server_config_describe(void (*line)(const char *text));

#endif
