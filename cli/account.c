/* SPDX-License-Identifier: Apache-2.0 */
/* cli/account.c - options of the verbs about accounts, whom they ask, and times as text. */
#include "cli/account.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/conf.h"
#include "base/rpc.h"
#include "server/account_actions.h"

int account_parse(int argc, char **argv, struct account_options *options)
{
	static const struct option longs[] = { { "json", no_argument, NULL, 'j' },
					       { "server", required_argument, NULL, 's' },
					       { "group", required_argument, NULL, 'g' },
					       { "expires", required_argument, NULL, 'e' },
					       { "reason", required_argument, NULL, 'r' },
					       { "role", required_argument, NULL, 'R' },
					       { "file", required_argument, NULL, 'f' },
					       { "csr", required_argument, NULL, 'C' },
					       { "remove", no_argument, NULL, 'd' },
					       { "qr", no_argument, NULL, 'q' },
					       { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "c:", longs, NULL)) != -1) {
		switch (option) {
		case 'c': options->config_path = optarg; break;
		case 'j': options->json = true; break;
		case 's': options->dial = optarg; break;
		case 'g': options->group = optarg; break;
		case 'e': options->expires = optarg; break;
		case 'r': options->reason = optarg; break;
		case 'R': options->role = optarg; break;
		case 'f': options->file = optarg; break;
		case 'C': options->csr = optarg; break;
		case 'd': options->remove = true; break;
		case 'q': options->qr = true; break;
		default: return -1;
		}
	}
	return 0;
}

const char *account_user(void)
{
	const char *user = getenv("SUDO_USER");

	return user && user[0] ? user : "command line";
}

json_t *account_ask(const struct account_options *options, json_t *request, struct err *err)
{
	if (!request || json_object_set_new(request, "who", json_string(account_user())) < 0) {
		json_decref(request);
		err_kind(err, ERR_USAGE, "the arguments are no UTF-8 text");
		return NULL;
	}
	json_t *answer = rpc_call(options->config.control, request, err);
	struct state *state = NULL;

	if (!answer && err->kind == ERR_NO_DAEMON)
		state = state_open(options->config.state, err);
	if (state) {
		*err = (struct err) { 0 };
		answer = account_run(state, &options->config, request, err);
	}
	state_close(state);
	json_decref(request);
	return answer;
}

int account_when(const char *text, int64_t now_s, int64_t *when_s, struct err *err)
{
	uint32_t lasts_s;

	if (strcmp(text, "never") == 0) {
		*when_s = 0;
		return 0;
	}
	if (conf_parse_time_s(text, &lasts_s, NULL) == 0) {
		*when_s = now_s + lasts_s;
		return 0;
	}
	if (!policy_parse_date(text, when_s))
		return err_kind(err, ERR_USAGE,
				"'%.32s' must be a time as in 30d, a date as in 2027-01-31 or"
				" 2027-01-31T18:00, or never",
				text);
	return 0;
}

const char *account_date(int64_t at_s, char text[static 32])
{
	time_t at = (time_t)at_s;
	struct tm when;

	text[0] = '\0';
	if (at_s != 0 && gmtime_r(&at, &when))
		strftime(text, 32, "%Y-%m-%d %H:%M", &when);
	return text;
}
