/* SPDX-License-Identifier: Apache-2.0 */
/* cli/daemons.c - the verbs that run a daemon, and `version`. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"
#include "client/connect.h"
#include "client/profile.h"
#include "server/config.h"
#include "server/server.h"
#include "server/version.h"

static void print_line(const char *text)
{
	puts(text);
}

int cli_server(int argc, char **argv)
{
	static const struct option options[] = { { "describe", no_argument, NULL, 'd' }, { 0 } };
	const char *config = NULL;
	bool check = false;
	struct err err = { 0 };
	int option;

	while ((option = getopt_long(argc, argv, "c:tv", options, NULL)) != -1) {
		switch (option) {
		case 'c': config = optarg; break;
		case 't': check = true; break;
		case 'v': log_set_level(LOG_LEVEL_DEBUG); break;
		case 'd': server_config_describe(print_line); return 0;
		default: return cli_usage("server", "wrong option");
		}
	}
	if (optind < argc)
		return cli_usage("server", "'%s' is one argument too many", argv[optind]);
	if (check) {
		if (server_check(config, &err) < 0)
			return cli_fail(&err);
		fprintf(stderr, "lanyard: the configuration is good\n");
		return 0;
	}
	return server_run(config, &err) < 0 ? cli_fail(&err) : 0;
}

int cli_run_client(const struct connect_options *options)
{
	struct err err = { 0 };
	int status = client_connect(options, &err) < 0 ? cli_fail(&err) : 0;

	if (client_left_behind()) {
		fflush(NULL);
		_exit(status);
	}
	return status;
}

int cli_connect(int argc, char **argv)
{
	static const struct option options[] = {
		{ "bridge", required_argument, NULL, 'b' },
		{ "delegate", required_argument, NULL, 'D' },
		{ "once", no_argument, NULL, 'o' },
		{ "describe", no_argument, NULL, 'd' },
		{ 0 },
	};
	const char *delegate[PROFILE_MAX_DELEGATE];
	struct connect_options connect = { .profile = PROFILE_PATH, .delegate = delegate };
	int option;

	while ((option = getopt_long(argc, argv, "v", options, NULL)) != -1) {
		switch (option) {
		case 'b': connect.bridge = optarg; break;
		case 'D':
			if (connect.delegate_count == PROFILE_MAX_DELEGATE)
				return cli_usage("connect", "at most %u --delegate",
						 PROFILE_MAX_DELEGATE);
			delegate[connect.delegate_count++] = optarg;
			break;
		case 'o': connect.once = true; break;
		case 'v': log_set_level(LOG_LEVEL_DEBUG); break;
		case 'd': profile_describe(print_line); return 0;
		default: return cli_usage("connect", "wrong option");
		}
	}
	if (optind < argc)
		connect.profile = argv[optind++];
	if (optind < argc)
		return cli_usage("connect", "'%s' is one argument too many", argv[optind]);
	return cli_run_client(&connect);
}

static void print_version(const json_t *version)
{
	const json_t *item;
	size_t i;

	printf("lanyard %s\n", cli_text(version, "version"));
	cli_print_suites(version);
	json_array_foreach(json_object_get(version, "unusable"), i, item)
		printf("without %s: %s\n", cli_text(item, "aead"), cli_text(item, "reason"));
	printf("handshake by %s, on %s\n", cli_text(version, "tls"), cli_text(version, "machine"));
}

int cli_version(int argc, char **argv)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' }, { 0 } };
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'j')
			return cli_usage("version", "wrong option");
		json = true;
	}
	json_t *version = version_object();
	if (json) {
		cli_print_json(version);
		return 0;
	}
	print_version(version);
	json_decref(version);
	return 0;
}
