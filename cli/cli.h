/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cli.h
 *
 * What the verbs of the command line share: the table of verbs, options, and how a verb talks
 * to a person (tables) or to a script (--json).
 *
 * Results on stdout, everything else on stderr; exit status as in INTERFACE (base/err.h).
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <jansson.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* A verb gets its own arguments: argv[0] is the verb.  Returns the exit status. */
struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage;   /* "kick CLIENT" */
	const char *summary; /* one line for `lanyard --help` */
	const char *help;    /* the rest of `lanyard VERB --help` */
};

extern const struct verb cli_verbs[]; /* ends with a row without name */

int cli_server(int argc, char **argv);
int cli_connect(int argc, char **argv);
int cli_join(int argc, char **argv);
int cli_user(int argc, char **argv);
int cli_invite(int argc, char **argv);
int cli_cert(int argc, char **argv);
int cli_admin(int argc, char **argv);
int cli_token(int argc, char **argv);
int cli_status(int argc, char **argv);
int cli_show(int argc, char **argv);
int cli_doctor(int argc, char **argv);
int cli_kick(int argc, char **argv);
int cli_lease(int argc, char **argv);
int cli_lease_import(int argc, char **argv); /* a part of it: argv[0] is "lease" */
int cli_capture(int argc, char **argv);
int cli_events(int argc, char **argv);
int cli_reload(int argc, char **argv);
int cli_version(int argc, char **argv);

/* Runs the client to its end, and gives the exit status. */
struct connect_options;
int cli_run_client(const struct connect_options *options);

/* Prints "lanyard: SENTENCE" and gives the exit status. */
int cli_fail(const struct err *err);
/* The same for a mistake on the command line; tells how to get help. */
int cli_usage(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cli_print_help(const struct verb *verb);

/* True where stdout is a terminal that takes colour, and NO_COLOR is not set. */
bool cli_use_colour(void);
/* Which daemon a verb asks; all zero by default. */
struct cli_target {
	const char *config_path, *socket; /* of -c and --socket; NULL: where they are by default */
	bool json;			  /* --json */
};
/* Reads these options; -1: there is one that it does not know. */
int cli_target_parse(struct cli_target *target, int argc, char **argv);
/* For a verb that has others as well: these go into its table and its string, and what it does not
 * know itself goes to cli_target_option, which says -1 to what is none of them either. */
#define CLI_TARGET_SHORT "c:"
#define CLI_TARGET_LONG                                              \
	{ "json", no_argument, NULL, CLI_OPTION_JSON },              \
	{                                                            \
		"socket", required_argument, NULL, CLI_OPTION_SOCKET \
	}
enum { CLI_OPTION_JSON = 256, CLI_OPTION_SOCKET }; /* no letters of these */
int cli_target_option(struct cli_target *target, int option);
/* The answer of the server if one runs here, else, with `also_client`, of the client; NULL and a
 * sentence.  The caller's to free. */
json_t *cli_ask(const struct cli_target *target, const json_t *request, bool also_client,
		struct err *err);

/* The same of the server, which goes on after its answer: *fd, the caller's to close. */
json_t *cli_ask_stream(const struct cli_target *target, const json_t *request, int *fd,
		       struct err *err);

/* One object on stdout, indented on a terminal.  Consumes it. */
void cli_print_json(json_t *object);
/* One line for each of object's `suites`: which back end serves it. */
void cli_print_suites(const json_t *object);

/* Columns: the widest cell makes the column's width.  A NULL cell ends a row. */
#define CLI_MAX_COLUMNS 12
struct cli_table;
struct cli_table *cli_table_new(const char *const *header); /* NULL ends it */
void cli_table_add(struct cli_table *table, const char *const *cell);
void cli_table_print(struct cli_table *table); /* and frees it; header in bold on a terminal */

/* "3m12s", "2d4h": two units at most. */
const char *cli_duration(int64_t seconds, char text[static 32]);
/* The duration of an answer's member; "forever" where it is null. */
const char *cli_lifetime(const json_t *object, const char *name, char text[static 32]);
/* "1.2 GB" (powers of 1000). */
const char *cli_bytes(int64_t bytes, char text[static 32]);
/* A string of a daemon's answer, "" if it is not there. */
const char *cli_text(const json_t *object, const char *name);

#endif
