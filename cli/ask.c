/* SPDX-License-Identifier: Apache-2.0 */
/* cli/ask.c - a verb's question to a running daemon: which one, and its answer. */
#include <getopt.h>

#include "base/rpc.h"
#include "cli/cli.h"
#include "client/profile.h"
#include "server/config.h"

int cli_target_option(struct cli_target *target, int option)
{
	switch (option) {
	case 'c': target->config_path = optarg; return 0;
	case CLI_OPTION_JSON: target->json = true; return 0;
	case CLI_OPTION_SOCKET: target->socket = optarg; return 0;
	default: return -1;
	}
}

int cli_target_parse(struct cli_target *target, int argc, char **argv)
{
	static const struct option longs[] = { CLI_TARGET_LONG, { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, CLI_TARGET_SHORT, longs, NULL)) != -1)
		if (cli_target_option(target, option) < 0)
			return -1;
	return 0;
}

json_t *cli_ask(const struct cli_target *target, const json_t *request, bool also_client,
		struct err *err)
{
	struct server_config config;
	json_t *answer;

	if (target->socket)
		return rpc_call(target->socket, request, err);
	if (server_config_read(&config, target->config_path, err) < 0)
		return NULL;
	server_config_free(&config);
	answer = rpc_call(config.control, request, err);
	if (answer || err->kind != ERR_NO_DAEMON || !also_client || target->config_path)
		return answer;
	answer = rpc_call(PROFILE_CONTROL, request, err);
	if (!answer && err->kind == ERR_NO_DAEMON)
		err_kind(err, ERR_NO_DAEMON,
			 "neither a server (%s) nor a client (%s) is running here", config.control,
			 PROFILE_CONTROL);
	return answer;
}

json_t *cli_ask_stream(const struct cli_target *target, const json_t *request, int *fd,
		       struct err *err)
{
	struct server_config config;

	if (target->socket)
		return rpc_stream(target->socket, request, fd, err);
	if (server_config_read(&config, target->config_path, err) < 0)
		return NULL;
	server_config_free(&config);
	return rpc_stream(config.control, request, fd, err);
}
