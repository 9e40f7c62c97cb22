/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verb_invite.c - `lanyard invite ...` and `lanyard cert ...`. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "cli/account.h"
#include "cli/account_tables.h"

#define INVITE_LASTS "24h"

static int64_t number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* ---- invitations ---- */

static void print_invite(const json_t *answer, const struct account_options *options)
{
	const char *url = cli_text(answer, "url");
	char until[32];

	fprintf(stderr, "invitation %lld for user %s, good once, until %s UTC\n",
		(long long)number(answer, "id"), cli_text(answer, "user"),
		account_date(number(answer, "expires_s"), until));
	if (options->qr && isatty(STDOUT_FILENO) && !account_print_qr(url))
		fprintf(stderr, "it does not fit into a QR code\n");
	printf("%s\n", url);
}

static void print_invites(const json_t *answer, const struct account_options *options)
{
	account_print_invites(answer);
}

static json_t *invite_request(const char *user, const struct account_options *options,
			      struct err *err)
{
	uint32_t lasts_s;

	if (conf_parse_time_s(options->expires ? options->expires : INVITE_LASTS, &lasts_s, err) <
		    0 ||
	    lasts_s == 0) {
		err_kind(err, ERR_USAGE, "--expires must be a time as in " INVITE_LASTS);
		return NULL;
	}
	return json_pack("{s:s, s:s, s:I, s:s*, s:s*}", "verb", "invite", "name", user, "lasts_s",
			 (json_int_t)lasts_s, "group", options->group, "server", options->dial);
}

/* ---- certificates ---- */

static void print_certificates(const json_t *answer, const struct account_options *options)
{
	account_print_certificates(answer);
}

static void print_rotated(const json_t *answer, const struct account_options *options)
{
	fprintf(stderr, "there is another CA; those before it are trusted until they end, and who "
			"connects until then learns of it\n");
	account_print_authorities(answer);
}

static void print_distrusted(const json_t *answer, const struct account_options *options)
{
	fprintf(stderr,
		"the CA %.16s is trusted no more; who has nothing else needs a new profile "
		"or invitation\n",
		cli_text(answer, "fingerprint"));
	account_print_authorities(answer);
}

static void print_revoked(const json_t *answer, const struct account_options *options)
{
	fprintf(stderr, "a certificate of user %s is revoked\n", cli_text(answer, "user"));
}

static void print_invite_revoked(const json_t *answer, const struct account_options *options)
{
	fprintf(stderr, "the invitation is revoked\n");
}

/* ---- both ---- */

/* Reads the configuration, asks, prints. */
static int carry_out(struct account_options *options, json_t *request, struct err *err,
		     void (*print)(const json_t *answer, const struct account_options *options))
{
	if (err->text[0] || server_config_read(&options->config, options->config_path, err) < 0) {
		json_decref(request);
		return cli_fail(err);
	}
	json_t *answer = account_ask(options, request, err);
	server_config_free(&options->config);
	if (!answer)
		return cli_fail(err);
	if (options->json) {
		cli_print_json(answer);
		return 0;
	}
	print(answer, options);
	json_decref(answer);
	return 0;
}

static bool is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")] && strlen(text) < 18;
}

int cli_invite(int argc, char **argv)
{
	struct account_options options = { 0 };
	struct err err = { 0 };

	if (account_parse(argc, argv, &options) < 0)
		return cli_usage("invite", "wrong option");
	int count = argc - optind;
	char **word = argv + optind;

	if (count == 1 && strcmp(word[0], "list") == 0)
		return carry_out(&options, json_pack("{s:s}", "verb", "invite list"), &err,
				 print_invites);
	if (count == 2 && strcmp(word[0], "revoke") == 0 && is_number(word[1]))
		return carry_out(&options,
				 json_pack("{s:s, s:I}", "verb", "invite revoke", "id",
					   (json_int_t)strtoll(word[1], NULL, 10)),
				 &err, print_invite_revoked);
	if (count != 1)
		return cli_usage("invite", "say USER, list, or revoke and a number");
	return carry_out(&options, invite_request(word[0], &options, &err), &err, print_invite);
}

int cli_cert(int argc, char **argv)
{
	struct account_options options = { 0 };
	struct err err = { 0 };

	if (account_parse(argc, argv, &options) < 0)
		return cli_usage("cert", "wrong option");
	int count = argc - optind;
	char **word = argv + optind;

	if ((count == 1 || count == 2) && strcmp(word[0], "list") == 0)
		return carry_out(&options,
				 json_pack("{s:s, s:s*}", "verb", "cert list", "name",
					   count == 2 ? word[1] : NULL),
				 &err, print_certificates);
	if (count == 2 && strcmp(word[0], "revoke") == 0)
		return carry_out(
			&options,
			json_pack("{s:s, s:s}", "verb", "cert revoke", "fingerprint", word[1]),
			&err, print_revoked);
	if (count == 1 && strcmp(word[0], "rotate") == 0)
		return carry_out(&options, json_pack("{s:s}", "verb", "cert rotate"), &err,
				 print_rotated);
	if (count == 2 && strcmp(word[0], "distrust") == 0)
		return carry_out(
			&options,
			json_pack("{s:s, s:s}", "verb", "cert distrust", "fingerprint", word[1]),
			&err, print_distrusted);
	return cli_usage("cert", "say list, rotate, or revoke or distrust and a fingerprint");
}
