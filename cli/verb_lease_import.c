/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verb_lease_import.c - `lanyard lease import`: the leases of another DHCPv6 server. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

#define MAX_MIB 16

struct import_options {
	struct cli_target target;
	const char *file, *format, *user;
	bool first_come, dry_run;
};

/* ---- the file ---- */

/* What is no printable ASCII stands in comments and strange names only, and is no JSON. */
static void clean(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		bool plain = text[i] >= ' ' && text[i] <= '~' && text[i] != '"' && text[i] != '\\';

		if (!plain && text[i] != '\n' && text[i] != '\r')
			text[i] = '?';
	}
}

/* NULL and a sentence; the caller's to free. */
static char *read_file(const char *path, size_t *len, struct err *err)
{
	const size_t most = (size_t)MAX_MIB << 20;
	FILE *file = fopen(path, "re");
	char *text = file ? malloc(most + 1) : NULL;

	if (!file) {
		err_errno(err, "cannot open %s", path);
		return NULL;
	}
	if (!text) {
		err_set(err, "out of memory");
		fclose(file);
		return NULL;
	}
	*len = fread(text, 1, most + 1, file);
	if (!ferror(file) && *len <= most) {
		fclose(file);
		clean(text, *len);
		return text;
	}
	if (ferror(file))
		err_errno(err, "cannot read %s", path);
	else
		err_set(err, "%s is longer than %d MiB", path, MAX_MIB);
	fclose(file);
	free(text);
	return NULL;
}

/* ---- what came of it ---- */

static long long number(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}

static void print_refused(const char *file, const json_t *answer)
{
	const json_t *refused = json_object_get(answer, "refused"), *one;
	long long more = number(answer, "refused_count") - (long long)json_array_size(refused);
	size_t i;

	json_array_foreach(refused, i, one) fprintf(stderr, "%s:%lld: %s\n", file,
						    number(one, "line"), cli_text(one, "reason"));
	if (more > 0)
		fprintf(stderr, "%s: and %lld more lines\n", file, more);
}

static const char *why(const char *reason)
{
	static const char *const text[][2] = {
		{ "expired", "expired" },
		{ "released", "released" },
		{ "replaced", "replaced by a later line" },
		{ "declined", "declined" },
		{ "temporary", "temporary addresses" },
		{ "registered", "addresses that hosts chose themselves" },
		{ "ipv4", "IPv4" },
		{ "empty", "without an address" },
		{ "before", "here already" },
		{ "no-user", "of no known user: see --user, --first-come and lease reserve" },
	};

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		if (strcmp(text[i][0], reason) == 0)
			return text[i][1];
	return reason;
}

static void print_summary(json_t *answer)
{
	const char *reason;
	json_t *count;

	printf("%lld addresses and %lld prefixes %s\n", number(answer, "addresses"),
	       number(answer, "prefixes"),
	       json_is_true(json_object_get(answer, "dry_run")) ? "would be imported" : "imported");
	if (number(answer, "waiting") > 0)
		printf("%lld of them: for the first user who comes with their DUID and IAID\n",
		       number(answer, "waiting"));
	json_object_foreach(json_object_get(answer, "skipped"), reason, count)
		printf("%lld skipped: %s\n", (long long)json_integer_value(count), why(reason));
	if (number(answer, "refused_count") > 0)
		printf("%lld refused\n", number(answer, "refused_count"));
}

/* ---- the verb ---- */

static int parse(int argc, char **argv, struct import_options *options)
{
	static const struct option longs[] = { CLI_TARGET_LONG,
					       { "format", required_argument, NULL, 'f' },
					       { "user", required_argument, NULL, 'u' },
					       { "first-come", no_argument, NULL, '1' },
					       { "dry-run", no_argument, NULL, 'n' },
					       { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, CLI_TARGET_SHORT, longs, NULL)) != -1) {
		switch (option) {
		case 'f': options->format = optarg; break;
		case 'u': options->user = optarg; break;
		case '1': options->first_come = true; break;
		case 'n': options->dry_run = true; break;
		default:
			if (cli_target_option(&options->target, option) < 0)
				return -1;
		}
	}
	options->file = optind + 2 == argc ? argv[optind + 1] : NULL;
	return options->file ? 0 : -1;
}

static json_t *ask(const struct import_options *options, struct err *err)
{
	size_t len = 0;
	char *text = read_file(options->file, &len, err);

	if (!text)
		return NULL;
	json_t *request =
		json_pack("{s:s, s:s*, s:s*, s:b, s:b, s:s%}", "verb", "lease import", "format",
			  options->format, "user", options->user, "first_come", options->first_come,
			  "dry_run", options->dry_run, "text", text, len);
	free(text);
	json_t *answer = request ? cli_ask(&options->target, request, false, err) : NULL;
	if (!request)
		err_kind(err, ERR_USAGE, "a format or a user is no UTF-8 text");
	json_decref(request);
	return answer;
}

int cli_lease_import(int argc, char **argv)
{
	struct import_options options = { 0 };
	struct err err = { 0 };

	if (parse(argc, argv, &options) < 0)
		return cli_usage("lease", "say import FILE");
	json_t *answer = ask(&options, &err);
	if (!answer)
		return cli_fail(&err);
	int status = number(answer, "refused_count") > 0 ? ERR_FAILED : 0;
	if (options.target.json) {
		cli_print_json(answer);
		return status;
	}
	print_refused(options.file, answer);
	print_summary(answer);
	json_decref(answer);
	return status;
}
