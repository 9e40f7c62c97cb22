/* SPDX-License-Identifier: Apache-2.0 */
/* server/config.h
 *
 * The server's configuration: the values, their defaults, and the tables that read them from
 * /etc/lanyard/server.conf.  No file at all is a working configuration.
 */
#ifndef SERVER_CONFIG_H
#define SERVER_CONFIG_H

#include <net/if.h>

#include "admin/admin.h"
#include "base/conf_notes.h"
#include "base/socket.h"
#include "server/config_ra.h"
#include "server/prover.h"

#define CONFIG_PATH "/etc/lanyard/server.conf"
#define CONFIG_MAX_LISTEN 16
#define CONFIG_PATH_MAX 256
#define CONFIG_MAX_PREFIXES 256 /* different ones, of all sections */
#define CONFIG_PORT 443

struct config_listen {
	char host[64]; /* a numeric address without brackets */
	uint16_t port;
};

/* "[::]:443", "192.0.2.1:443", "[::1]", "192.0.2.1"; without a port it keeps its own. */
int config_read_listen(const char *value, struct config_listen *listen, struct err *err);
enum bridge_mode { MODE_ROUTED, MODE_BRIDGED };
extern const char *const bridge_mode_name[2];

struct server_config {
	/* [server] */
	unsigned listen_count; /* 0: [::]:443 */
	struct config_listen listen[CONFIG_MAX_LISTEN];
	char name[256]; /* empty: the host's name */
	char state[CONFIG_PATH_MAX], control[CONFIG_PATH_MAX];
	uint32_t workers;					 /* 0: auto, one per core */
	char certificate[CONFIG_PATH_MAX], key[CONFIG_PATH_MAX]; /* empty: the built-in CA's */
	char congestion_control[SOCKET_CONGESTION_MAX];
	uint32_t certificate_time_s; /* users' */
	uint32_t login_time_s, echo_time_s, dead_time_s;
	uint32_t max_clients, max_per_profile, max_strangers, max_strangers_per_source;
	/* [bridge] */
	char interface[IF_NAMESIZE], bridge[IF_NAMESIZE];
	enum bridge_mode mode;
	bool mode_given;
	uint16_t mtu;
	uint32_t table;
	struct policy policy;		       /* of [server] and [bridge] */
	struct password_cost password;	       /* [server] */
	char auth_command[PROVER_COMMAND_MAX]; /* empty: none */
	struct ra_settings ra;		       /* [ra] */
	struct admin_config admin;	       /* [admin]; without `listen`: ADMIN_LISTEN */
	bool admin_listen_given;
	bool admin_on_vpn_port; /* browsers that come to the VPN's own port get it, too */
	/* [group NAME] and [user NAME], in the file's order; allocated */
	unsigned section_count;
	struct ra_section *section[CONFIG_MAX_SECTIONS];
	struct conf_notes notes; /* where all that stands */
	bool from_file;		 /* there is one */
	int64_t read_s;
};

extern const struct conf_key config_admin_keys[]; /* config_admin.c; into struct server_config */
/* Where there is none: on loopback. */
void config_admin_check(struct server_config *config);

void server_config_defaults(struct server_config *config);

/*
 * Reads the file over the defaults and checks what spans keys.  `path` NULL: CONFIG_PATH if it
 * exists, else the defaults alone.  -1 and one sentence, ERR_CONFIG; what was read is then of no
 * use, and there is nothing to free.
 */
int server_config_read(struct server_config *config, const char *path, struct err *err);
/* The same from memory, for tests. */
int server_config_read_text(struct server_config *config, const char *name, struct bytes text,
			    struct err *err);
/* The rules that span keys alone; fills in what was left out.  The reading has done it. */
int server_config_check(struct server_config *config, const char *name, struct err *err);
void server_config_free(struct server_config *config); /* its sections and notes */
/*
 * What a user's clients are told: `user` and `group` may be NULL or of no section.  It cannot
 * fail: every user in every group has been checked by the reading.
 */
void server_config_resolve(const struct server_config *config, const char *user, const char *group,
			   struct ra_settings *settings);
/* What a user may do; the same of `user` and `group`. */
void server_config_policy(const struct server_config *config, const char *user, const char *group,
			  struct policy *policy);
/* The different prefixes of all sections; how many, or CONFIG_MAX_PREFIXES + 1: too many. */
unsigned server_config_prefixes(const struct server_config *config,
				struct config_prefix prefix[static CONFIG_MAX_PREFIXES]);
/* The different prefixes of `route = kernel PREFIX` likewise. */
unsigned server_config_filters(const struct server_config *config,
			       struct prefix6 filter[static CONFIG_MAX_FILTERS]);
/* Whether any client is told anything; whether any gets an answer by DHCPv6. */
bool server_config_advertises(const struct server_config *config);
bool server_config_answers_dhcp6(const struct server_config *config);
const struct ra_section *server_config_section(const struct server_config *config,
					       enum ra_section_kind kind, const char *name);
/* Every section and key with what it accepts, a line each. */
void server_config_describe(void (*line)(const char *text));

#endif
