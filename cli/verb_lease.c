/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verb_lease.c - `lanyard lease`: what a person does with DHCPv6 leases. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

#define LINE_MAX_LEN 512

static int ask(const struct cli_target *target, const char *verb, const char *member,
	       const char *value)
{
	struct err err = { 0 };
	json_t *request = json_pack("{s:s, s:s}", "verb", verb, member, value);
	json_t *answer = request ? cli_ask(target, request, false, &err) : NULL;

	if (!request)
		err_kind(&err, ERR_USAGE, "that is no UTF-8 text");
	json_decref(request);
	if (!answer)
		return cli_fail(&err);
	json_decref(answer);
	return 0;
}

/* The arguments with a space between them: a line of the key `reserve`. */
static int join(int argc, char **argv, char line[static LINE_MAX_LEN])
{
	size_t len = 0;

	line[0] = '\0';
	for (int i = 0; i < argc; i++) {
		int n = snprintf(line + len, LINE_MAX_LEN - len, "%s%s", i > 0 ? " " : "", argv[i]);

		if (n < 0 || (size_t)n >= LINE_MAX_LEN - len)
			return -1;
		len += (size_t)n;
	}
	return 0;
}

int cli_lease(int argc, char **argv)
{
	struct cli_target target = { 0 };
	char line[LINE_MAX_LEN];

	if (argc > 1 && strcmp(argv[1], "import") == 0) /* it has options of its own */
		return cli_lease_import(argc, argv);
	if (cli_target_parse(&target, argc, argv) < 0)
		return cli_usage("lease", "wrong option");
	argc -= optind;
	argv += optind;
	if (argc == 2 && strcmp(argv[0], "release") == 0)
		return ask(&target, "lease release", "what", argv[1]);
	if (argc >= 3 && argc <= 4 && strcmp(argv[0], "reserve") == 0) {
		if (join(argc - 1, argv + 1, line) < 0)
			return cli_usage("lease", "that is too long");
		return ask(&target, "lease reserve", "line", line);
	}
	return cli_usage("lease", "say release ADDRESS, reserve WHO ADDRESS or import FILE");
}
