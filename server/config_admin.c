/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_admin.c - [admin]: where the admin's HTTP is. */
#include "server/config.h"

#define ADMIN_HOST "127.0.0.1"
#define ADMIN_PORT 8006

/* Empty: nowhere. */
static int read_admin_listen(const char *value, void *to, const struct conf_key *key,
			     struct err *err)
{
	struct server_config *config = to;
	struct config_listen listen = { .port = ADMIN_PORT };
	struct admin_config *admin = &config->admin;

	config->admin_listen_given = true;
	if (!*value) {
		admin->listen_count = 0;
		return 0;
	}
	if (admin->listen_count == ADMIN_MAX_LISTEN)
		return err_set(err, "is one too many: at most %d", ADMIN_MAX_LISTEN);
	if (config_read_listen(value, &listen, err) < 0)
		return -1;
	struct admin_listen *at = &admin->listen[admin->listen_count++];
	memcpy(at->host, listen.host, sizeof(at->host));
	at->port = listen.port;
	return 0;
}

const struct conf_key config_admin_keys[] = {
	{ "listen", read_admin_listen, 0,
	  "an address, as in 127.0.0.1:8006 or [::1]:8006; empty: nowhere" },
	{ "on-vpn-port", conf_bool, offsetof(struct server_config, admin_on_vpn_port), "yes or no",
	  .once = true },
	{ 0 }
};

void config_admin_check(struct server_config *config)
{
	struct admin_config *admin = &config->admin;

	if (config->admin_listen_given || admin->listen_count > 0)
		return;
	admin->listen_count = 1;
	admin->listen[0] = (struct admin_listen) { ADMIN_HOST, ADMIN_PORT };
}
