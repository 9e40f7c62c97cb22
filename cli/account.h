/* SPDX-License-Identifier: Apache-2.0 */
/* cli/account.h - what the verbs user, invite and cert share: options, asking, secrets, times. */
#ifndef CLI_ACCOUNT_H
#define CLI_ACCOUNT_H

#include "cli/cli.h"
#include "server/config.h"

struct account_options {
	const char *config_path;
	const char *dial;    /* --server */
	const char *group;   /* --group */
	const char *expires; /* --expires */
	const char *reason;  /* --reason */
	const char *role;    /* --role */
	const char *file;    /* --file */
	const char *csr;     /* --csr */
	bool json, qr, remove;
	struct server_config config; /* to be read, and freed */
};

/* -1: there is an option that it does not know. */
int account_parse(int argc, char **argv, struct account_options *options);
/* Who it is for the audit log. */
const char *account_user(void);
/* Asks the server that runs, else does it on the state file.  Consumes the request, which may be
 * NULL: not made because of text that is none. */
json_t *account_ask(const struct account_options *options, json_t *request, struct err *err);

/* "30d" from now, "2027-01-31" or "2027-01-31T18:00" of this host's time zone, "never": 0. */
int account_when(const char *text, int64_t now_s, int64_t *when_s, struct err *err);
/* "2027-01-31 18:00" of UTC; "" for 0. */
const char *account_date(int64_t at_s, char text[static 32]);

/*
 * A password into `text` (at most cap - 1 bytes), without the end of its line: from `file` ("-":
 * standard input), or without one asked for on the terminal, without echo, twice; or, where
 * standard input is no terminal, its first line.  Wipe it.  -1 and a sentence.
 */
int account_read_secret(const char *file, const char *prompt, char *text, size_t cap,
			struct err *err);

/* A QR code of half blocks on standard output, light where the code is light on any terminal.
 * False: the text does not fit. */
bool account_print_qr(const char *text);

#endif
