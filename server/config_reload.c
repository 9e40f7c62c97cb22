/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_reload.c - which keys a running server cannot change. */
#include "server/config_reload.h"

#define FIXED(section, key, member)                                   \
	{                                                             \
		section, key, offsetof(struct server_config, member), \
			sizeof(((struct server_config *)0)->member)   \
	}

/* Rows with the same key stand together. */
static const struct {
	const char *section, *key;
	size_t offset, size;
} fixed[] = {
	FIXED("server", "listen", listen_count),
	FIXED("server", "listen", listen),
	FIXED("server", "name", name), /* it is in the certificate */
	FIXED("server", "state", state),
	FIXED("server", "control", control),
	FIXED("server", "workers", workers),
	FIXED("server", "certificate", certificate),
	FIXED("server", "key", key),
	FIXED("server", "congestion-control", congestion_control),
	FIXED("bridge", "interface", interface),
	FIXED("bridge", "mode", mode),
	FIXED("bridge", "bridge", bridge),
	FIXED("bridge", "mtu", mtu), /* clients were told when they logged in */
	FIXED("bridge", "table", table),
	FIXED("admin", "listen", admin),
	FIXED("admin", "listen", admin_listen_given),
	FIXED("admin", "on-vpn-port", admin_on_vpn_port),
};

_Static_assert(ARRAY_LEN(fixed) + 1 <= RELOAD_MAX_KEYS, "room to name all of them");

static void name_key(struct config_unapplied *unapplied, const char *section, const char *key)
{
	unsigned last = unapplied->count - 1;

	if (unapplied->count > 0 && strcmp(unapplied->row[last].key, key) == 0 &&
	    strcmp(unapplied->row[last].section, section) == 0)
		return;
	unapplied->row[unapplied->count].section = section;
	unapplied->row[unapplied->count++].key = key;
}

int config_reload_keep(const struct server_config *running, struct server_config *next,
		       uint32_t most_clients, const char *name, struct config_unapplied *unapplied,
		       struct err *err)
{
	*unapplied = (struct config_unapplied) { 0 };
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++) {
		const char *is = (const char *)running + fixed[i].offset;
		char *wanted = (char *)next + fixed[i].offset;

		if (memcmp(is, wanted, fixed[i].size) == 0)
			continue;
		name_key(unapplied, fixed[i].section, fixed[i].key);
		memcpy(wanted, is, fixed[i].size);
	}
	next->mode_given = running->mode_given;
	if (next->max_clients > most_clients) {
		name_key(unapplied, "server", "max-clients");
		next->max_clients = running->max_clients;
	}
	return unapplied->count == 0 ? 0 : server_config_check(next, name, err);
}
