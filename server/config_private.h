/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_private.h - the tables of all sections, their readers, and their rules: for the
 * files config*.c and for config_view.c, which shows what the tables read. */
#ifndef SERVER_CONFIG_PRIVATE_H
#define SERVER_CONFIG_PRIVATE_H

#include "server/config.h"

/* config_values.c: what only [server] and [bridge] have. */
int config_key_command(const char *, void *, const struct conf_key *, struct err *);
int config_key_listen(const char *, void *, const struct conf_key *, struct err *);
int config_key_workers(const char *, void *, const struct conf_key *, struct err *);
int config_key_memory(const char *, void *, const struct conf_key *, struct err *); /* KiB */
int config_key_mode(const char *, void *, const struct conf_key *, struct err *);

/* config.c: the tables, with `config` behind them; ends with a row without name. */
#define CONFIG_SECTIONS 8
void config_sections(struct server_config *config,
		     struct conf_section sections[static CONFIG_SECTIONS]);

/* config_check.c: the rules that span sections. */
int config_check_rules(struct server_config *config, const char *name, struct err *err);

#endif
