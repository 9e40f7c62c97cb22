/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verb_admin.c - `lanyard admin ...`: the administrator's password and codes. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/verb_user.h"

static void print_passwd(const json_t *answer, const struct user_options *options)
{
	fprintf(stderr, "the administrator has %s\n",
		options->account.remove ? "no password any more" : "a new password");
}

static void print_totp(const json_t *answer, const struct user_options *options)
{
	const char *uri = cli_text(answer, "uri");

	if (options->account.remove) {
		fprintf(stderr, "the administrator has no one-time codes any more\n");
		return;
	}
	fprintf(stderr,
		"the administrator has new one-time codes; this is a secret for the app:\n");
	if (isatty(STDOUT_FILENO) && !account_print_qr(uri))
		fprintf(stderr, "it does not fit into a QR code\n");
	printf("%s\n", uri);
}

static const struct {
	const char *action, *verb;
	json_t *(*request)(const struct user_options *options, struct err *err);
	void (*print)(const json_t *answer, const struct user_options *options);
} actions[] = {
	{ "passwd", "admin passwd", user_request_passwd, print_passwd },
	{ "totp", "admin totp", user_request_totp, print_totp },
};

int cli_admin(int argc, char **argv)
{
	struct user_options options = { .name = "admin" };
	struct err err = { 0 };
	size_t i = 0;

	if (account_parse(argc, argv, &options.account) < 0)
		return cli_usage("admin", "wrong option");
	while (i < 2 && (argc - optind != 1 || strcmp(actions[i].action, argv[optind]) != 0))
		i++;
	if (i == 2)
		return cli_usage("admin", "say passwd or totp");
	if (server_config_read(&options.account.config, options.account.config_path, &err) < 0)
		return cli_fail(&err);
	json_t *answer = NULL, *request = actions[i].request(&options, &err);
	if (request) {
		json_object_del(request, "name"); /* it is no user's */
		json_object_set_new(request, "verb", json_string(actions[i].verb));
		answer = account_ask(&options.account, request, &err);
	}
	server_config_free(&options.account.config);
	if (!answer)
		return cli_fail(&err);
	if (options.account.json) {
		cli_print_json(answer);
		return 0;
	}
	actions[i].print(answer, &options);
	json_decref(answer);
	return 0;
}
