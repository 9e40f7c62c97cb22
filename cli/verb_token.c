/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verb_token.c - `lanyard token ...`: who may use the HTTP API without logging in. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/account.h"
#include "cli/account_tables.h"

#define TOKEN_LASTS "90d"

static void print_added(const json_t *answer)
{
	char until[32];
	int64_t expires_s = json_integer_value(json_object_get(answer, "expires_s"));

	fprintf(stderr, "token %s, %s, %s%s; it is not shown again\n", cli_text(answer, "name"),
		cli_text(answer, "role"), expires_s ? "until " : "for ever",
		account_date(expires_s, until));
	printf("%s\n", cli_text(answer, "token"));
}

static void print_revoked(const json_t *answer)
{
	fprintf(stderr, "the token is revoked\n");
}

static json_t *request_of(const struct account_options *options, int count, char **word,
			  struct err *err)
{
	int64_t expires_s;

	if (count == 1 && strcmp(word[0], "list") == 0)
		return json_pack("{s:s}", "verb", "token list");
	if (count == 2 && strcmp(word[0], "revoke") == 0)
		return json_pack("{s:s, s:s}", "verb", "token revoke", "name", word[1]);
	if (account_when(options->expires ? options->expires : TOKEN_LASTS, time(NULL), &expires_s,
			 err) < 0)
		return NULL;
	return json_pack("{s:s, s:s, s:s*, s:I}", "verb", "token add", "name", word[1], "role",
			 options->role, "expires_s", (json_int_t)expires_s);
}

int cli_token(int argc, char **argv)
{
	static const struct {
		const char *action;
		int words;
		void (*print)(const json_t *answer);
	} actions[] = { { "add", 2, print_added },
			{ "list", 1, account_print_tokens },
			{ "revoke", 2, print_revoked } };
	struct account_options options = { 0 };
	struct err err = { 0 };
	size_t i = 0;

	if (account_parse(argc, argv, &options) < 0)
		return cli_usage("token", "wrong option");
	int count = argc - optind;
	char **word = argv + optind;

	while (i < 3 && (count < 1 || strcmp(actions[i].action, word[0]) != 0))
		i++;
	if (i == 3 || count != actions[i].words)
		return cli_usage("token", "say add or revoke and a name, or list");
	json_t *request = request_of(&options, count, word, &err);
	if (err.text[0] || server_config_read(&options.config, options.config_path, &err) < 0) {
		json_decref(request);
		return cli_fail(&err);
	}
	json_t *answer = account_ask(&options, request, &err);
	server_config_free(&options.config);
	if (!answer)
		return cli_fail(&err);
	if (options.json) {
		cli_print_json(answer);
		return 0;
	}
	actions[i].print(answer);
	json_decref(answer);
	return 0;
}
