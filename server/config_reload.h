/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_reload.h
 *
 * What of a configuration that was read again can take the place of the one that the server runs
 * with: everything but what its sockets, threads, interfaces and certificates were made from.
 */
#ifndef SERVER_CONFIG_RELOAD_H
#define SERVER_CONFIG_RELOAD_H

#include "server/config.h"

#define RELOAD_MAX_KEYS 24

/* Keys that differ and stay as they were until a restart. */
struct config_unapplied {
	unsigned count;
	struct {
		const char *section, *key;
	} row[RELOAD_MAX_KEYS];
};

/*
 * Puts the running values of what cannot change into `next`, and names what differs.  -1 and a
 * sentence, ERR_CONFIG, if the rest of `next` is no longer right with those values: an RA of 9000
 * bytes for a link of 1500.  `most_clients`: for how many there is room.
 */
int config_reload_keep(const struct server_config *running, struct server_config *next,
		       uint32_t most_clients, const char *name, struct config_unapplied *unapplied,
		       struct err *err);

#endif
