/* SPDX-License-Identifier: Apache-2.0 */
/* cli/show.h - what the parts of `lanyard show` and `lanyard status` print for each other. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "cli/cli.h"

#define SHOW_WHAT "audit, captures, clients, guards, leases, neighbours, prefixes, ra or events"

/* verb_show.c: what a Router Advertisement says, a line for each field and option. */
void cli_print_ra(const json_t *router);
/* show_server.c: a server's answer to `show WHAT`. */
void cli_print_server_view(const char *what, const json_t *answer);
/* verb_events.c: an answer's `events`, a line each. */
void cli_print_events(const json_t *answer);
/* verb_status.c: the table of an answer's `clients`. */
void cli_print_clients(const json_t *answer);

#endif
