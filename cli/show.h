/* SPDX-License-Identifier: Apache-2.0 */
/* cli/show.h - what the parts of `lanyard show` and `lanyard status` print for each other. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "cli/cli.h"

/* What `lanyard show` can show: a row each, the last without name. */
struct show_view {
	const char *name, *also; /* also: another name of it, as the HTTP API has it; or NULL */
	const char *summary;	 /* for who asks what there is */
	const char *verb;	 /* whose answer it is, also where no server runs; NULL: show's */
	const char *argument;	 /* the request's member that a second word is; NULL: none */
	void (*print)(const json_t *answer); /* of a server's */
};
extern const struct show_view cli_views[]; /* show_server.c */

/* verb_show.c: what a Router Advertisement says, a line for each field and option. */
void cli_print_ra(const json_t *router);
/* show_whole.c: the whole in short; one client in full. */
void cli_print_overview(const json_t *answer);
void cli_print_client(const json_t *answer);
/* show_server.c: the table of an answer's `leases`. */
void cli_print_leases(const json_t *answer);
/* show_config.c: the configuration in force. */
void cli_print_config(const json_t *answer);
/* verb_events.c: an answer's `events`, a line each. */
void cli_print_events(const json_t *answer);
/* verb_status.c: the table of an answer's `clients`; the addresses of one. */
void cli_print_clients(const json_t *answer);
void cli_print_addresses(const json_t *addresses);

#endif
