/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_in_force.h - what values come to that say only how to find out, for config_view.c.
 * Each returns an array of texts, empty where the value is what it says, and who made it. */
#ifndef SERVER_CONFIG_IN_FORCE_H
#define SERVER_CONFIG_IN_FORCE_H

#include "server/config_ra_private.h"
#include "server/config_view.h"

/* Of a scalar that is not set or `auto`, or a list that is empty. */
json_t *config_in_force(const char *base, const char *key, const struct server_config *config,
			const struct ra_settings *settings, const struct config_facts *facts,
			const char **made_by);
json_t *config_item_in_force(enum ra_list list, const union ra_item *item,
			     const struct config_facts *facts, const char **made_by);

#endif
