/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verb_doctor.c - `lanyard doctor`: prints what client/doctor.c finds, as it is found. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "client/doctor.h"
#include "client/profile.h"

#define COLOUR_OFF "\033[0m"

static const struct {
	const char *word, *colour;
} shown[DOCTOR_STATES] = {
	[DOCTOR_OK] = { "ok", "\033[32m" },
	[DOCTOR_WARNING] = { "warning", "\033[33m" },
	[DOCTOR_FAILED] = { "FAILED", "\033[1;31m" },
	[DOCTOR_SKIPPED] = { "skipped", "\033[2m" },
};

static void print_finding(void *owner, const struct doctor_finding *finding)
{
	const bool *colour = owner;

	printf("%s%-8s%s %-13s  %s.\n", *colour ? shown[finding->state].colour : "",
	       shown[finding->state].word, *colour ? COLOUR_OFF : "", finding->check,
	       finding->detail);
	if (finding->advice[0])
		printf("%-8s %-13s  -> %s.\n", "", "", finding->advice);
	fflush(stdout); /* the next one may take its time */
}

static void keep_finding(void *owner, const struct doctor_finding *finding)
{
	json_array_append_new(owner, json_pack("{s:s, s:b, s:s, s:s, s:s}", "check", finding->check,
					       "ok", finding->state == DOCTOR_OK, "state",
					       doctor_state_name[finding->state], "detail",
					       finding->detail, "advice", finding->advice));
}

static int print_as_text(const struct doctor_options *options, struct err *err)
{
	bool colour = cli_use_colour();
	int well = doctor_run(options, print_finding, &colour, err);

	if (well >= 0)
		printf("%s.\n", well ? "All is well" : "Not all is well");
	return well;
}

static int print_as_json(const struct doctor_options *options, struct err *err)
{
	json_t *checks = json_array();
	int well = doctor_run(options, keep_finding, checks, err);

	if (well < 0)
		json_decref(checks);
	else
		cli_print_json(
			json_pack("{s:i, s:b, s:o}", "schema", 1, "ok", well, "checks", checks));
	return well;
}

int cli_doctor(int argc, char **argv)
{
	struct doctor_options options = { 0 };
	struct cli_target target = { 0 };
	struct err err = { 0 };

	if (cli_target_parse(&target, argc, argv) < 0)
		return cli_usage("doctor", "wrong option");
	options.profile = target.config_path;
	options.socket = target.socket;
	if (optind < argc && !options.profile)
		options.profile = argv[optind++];
	if (optind < argc)
		return cli_usage("doctor", "'%s' is one argument too many", argv[optind]);
	if (!options.profile)
		options.profile = PROFILE_PATH;

	int well = target.json ? print_as_json(&options, &err) : print_as_text(&options, &err);
	if (well < 0)
		return cli_fail(&err);
	return well ? 0 : ERR_FAILED;
}
