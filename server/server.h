/* SPDX-License-Identifier: Apache-2.0 */
/* server/server.h
 *
 * `lanyard server`: the program that puts the mechanisms together.  One call runs it from
 * configuration to the last goodbye.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "base/err.h"

/* Runs until SIGTERM or SIGINT.  `config_path` NULL: the default one, if it exists. */
int server_run(const char *config_path, struct err *err);
/* Reads the configuration and everything it names, and changes nothing. */
int server_check(const char *config_path, struct err *err);

#endif
