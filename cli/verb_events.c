/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verb_events.c - `lanyard events`: what happened lately on a server, and what goes on happening. */
#include <getopt.h>
#include <stdio.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/show.h"

#define EVERY_S 1

/* "2026-11-27 18:00:00" of this host's time zone. */
static const char *clock_text(int64_t at_s, char text[static 32])
{
	time_t at = (time_t)at_s;
	struct tm local;

	localtime_r(&at, &local);
	strftime(text, 32, "%Y-%m-%d %H:%M:%S", &local);
	return text;
}

static int64_t number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static void print_one(const json_t *event)
{
	char when[32];

	printf("%s  %-12s  %s\n", clock_text(number(event, "at_s"), when), cli_text(event, "kind"),
	       cli_text(event, "text"));
}

void cli_print_events(const json_t *answer)
{
	const json_t *event;
	size_t i;

	if (number(answer, "lost") > 0)
		fprintf(stderr, "%lld earlier ones are not kept any more\n",
			(long long)number(answer, "lost"));
	json_array_foreach(json_object_get(answer, "events"), i, event) print_one(event);
}

static void print_json_lines(const json_t *answer)
{
	const json_t *event;
	size_t i;

	json_array_foreach(json_object_get(answer, "events"), i, event)
	{
		json_dumpf(event, stdout, JSON_COMPACT);
		putchar('\n');
	}
}

static json_t *ask(const struct cli_target *target, int64_t after, struct err *err)
{
	json_t *request = json_pack("{s:s, s:I}", "verb", "events", "after", (json_int_t)after);
	json_t *answer = cli_ask(target, request, false, err);

	json_decref(request);
	return answer;
}

/* Until it is interrupted, the server ends, or nobody reads. */
static int follow(const struct cli_target *target, struct err *err)
{
	const struct timespec pause = { .tv_sec = EVERY_S };
	int64_t after = 0;
	json_t *answer;

	while ((answer = ask(target, after, err))) {
		if (target->json)
			print_json_lines(answer);
		else
			cli_print_events(answer);
		after = number(answer, "last");
		json_decref(answer);
		if (fflush(stdout) != 0)
			return err_errno(err, "cannot write");
		nanosleep(&pause, NULL);
	}
	return -1;
}

static int read_options(int argc, char **argv, struct cli_target *target, bool *follows)
{
	static const struct option longs[] = { CLI_TARGET_LONG,
					       { "follow", no_argument, NULL, 'f' },
					       { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, CLI_TARGET_SHORT "f", longs, NULL)) != -1) {
		if (option == 'f')
			*follows = true;
		else if (cli_target_option(target, option) < 0)
			return -1;
	}
	return 0;
}

int cli_events(int argc, char **argv)
{
	struct cli_target target = { 0 };
	struct err err = { 0 };
	bool follows = false;

	if (read_options(argc, argv, &target, &follows) < 0)
		return cli_usage("events", "wrong option");
	if (optind < argc)
		return cli_usage("events", "'%s' is one argument too many", argv[optind]);
	if (follows)
		return follow(&target, &err) < 0 ? cli_fail(&err) : 0;
	json_t *answer = ask(&target, 0, &err);

	if (!answer)
		return cli_fail(&err);
	if (target.json) {
		cli_print_json(answer);
		return 0;
	}
	cli_print_events(answer);
	json_decref(answer);
	return 0;
}
