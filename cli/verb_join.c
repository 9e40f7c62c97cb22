/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verb_join.c - `lanyard join`: the invitation's way in, then what `connect` does. */
#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"
#include "client/connect.h"
#include "client/join.h"
#include "client/join_url.h"
#include "client/profile.h"

/* One line of standard input; past stdio, whose buffer would keep it. */
static int read_url(char url[static JOIN_URL_MAX + 1], struct err *err)
{
	size_t len = 0;

	while (len < JOIN_URL_MAX) {
		ssize_t n = read(STDIN_FILENO, url + len, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "cannot read standard input");
		if (n == 0 || url[len] == '\n')
			break;
		len++;
	}
	if (len > 0 && url[len - 1] == '\r')
		len--;
	url[len] = '\0';
	return 0;
}

/* Others on this machine see argv: the token goes from it as soon as we have it. */
static void take_argument(char *argument, char url[static JOIN_URL_MAX + 1])
{
	strncpy(url, argument, JOIN_URL_MAX);
	url[JOIN_URL_MAX] = '\0';
	explicit_bzero(argument, strlen(argument));
}

static int join(char *argument, struct join_options *options)
{
	char url[JOIN_URL_MAX + 1];
	struct err err = { 0 };
	int failed = 0;

	if (strcmp(argument, "-") == 0)
		failed = read_url(url, &err);
	else
		take_argument(argument, url);
	options->url = url;
	if (!failed)
		failed = client_join(options, &err);
	explicit_bzero(url, sizeof(url));
	return failed ? cli_fail(&err) : 0;
}

int cli_join(int argc, char **argv)
{
	static const struct option options[] = {
		{ "force", no_argument, NULL, 'f' },
		{ "no-connect", no_argument, NULL, 'n' },
		{ 0 },
	};
	struct join_options to = { .profile = PROFILE_PATH };
	bool connect = true;
	int option;

	while ((option = getopt_long(argc, argv, "o:v", options, NULL)) != -1) {
		switch (option) {
		case 'o': to.profile = optarg; break;
		case 'f': to.over = true; break;
		case 'n': connect = false; break;
		case 'v': log_set_level(LOG_LEVEL_DEBUG); break;
		default: return cli_usage("join", "wrong option");
		}
	}
	if (optind + 1 != argc)
		return cli_usage("join", "give one URL, or - to read it from standard input");
	int status = join(argv[optind], &to);
	if (status != 0 || !connect)
		return status;
	return cli_run_client(&(struct connect_options) { .profile = to.profile });
}
