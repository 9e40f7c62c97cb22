/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_text.h - values of the configuration as its text would say them: the way back of
 * the readers.  Lists have none: their lines are kept as they were read. */
#ifndef SERVER_CONFIG_TEXT_H
#define SERVER_CONFIG_TEXT_H

#include "server/config_private.h"

/*
 * The value of a scalar in `section`, where its table puts it.  What the reader makes of the text
 * is the value again, with one exception: of a command no arguments are said, they may be secret.
 * False: the key has no such text, it is a list.  "": nothing is set.
 */
bool config_text(const struct conf_key *key, const void *section, char *text, size_t cap);

/* "[::]:443" */
void config_listen_text(const char *host, uint16_t port, char *text, size_t cap);

#endif
