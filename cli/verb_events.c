/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verb_events.c - `lanyard events`: what happened lately on a server, and what goes on happening. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/show.h"

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

static json_t *request_for(const char *verb, int64_t after)
{
	return json_pack("{s:s, s:I}", "verb", verb, "after", (json_int_t)after);
}

/* One line of the stream. */
static int take_line(const char *line, bool json, struct err *err)
{
	json_error_t where;
	json_t *answer = json_loads(line, 0, &where);

	if (!answer)
		return err_set(err, "the server's line is not JSON: %s", where.text);
	if (json)
		print_json_lines(answer);
	else
		cli_print_events(answer);
	json_decref(answer);
	return fflush(stdout) == 0 ? 0 : err_errno(err, "cannot write");
}

/* Until it is interrupted, the server ends, or nobody reads. */
static int follow(const struct cli_target *target, int64_t after, struct err *err)
{
	json_t *request = request_for("events follow", after);
	size_t room = 0;
	char *line = NULL;
	int fd, failed = 0;
	json_t *answer = cli_ask_stream(target, request, &fd, err);

	json_decref(request);
	if (!answer)
		return -1;
	json_decref(answer);
	FILE *stream = fdopen(fd, "r");

	if (!stream) {
		close(fd);
		return err_errno(err, "cannot read the server's answer");
	}
	while (failed == 0 && getline(&line, &room, stream) > 0)
		failed = take_line(line, target->json, err);
	if (failed == 0)
		err_set(err, "the server hung up");
	free(line);
	fclose(stream);
	return -1;
}

struct options {
	struct cli_target target;
	bool follows;
	int64_t after;
};

static int read_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = { CLI_TARGET_LONG,
					       { "follow", no_argument, NULL, 'f' },
					       { "after", required_argument, NULL, 'a' },
					       { 0 } };
	int option;
	char *end;

	while ((option = getopt_long(argc, argv, CLI_TARGET_SHORT "f", longs, NULL)) != -1) {
		if (option == 'f') {
			options->follows = true;
		} else if (option == 'a') {
			errno = 0;
			options->after = strtoll(optarg, &end, 10);
			if (errno != 0 || end == optarg || *end || options->after < 0)
				return cli_usage("events", "--after wants the number of an event");
		} else if (cli_target_option(&options->target, option) < 0) {
			return cli_usage("events", "wrong option");
		}
	}
	if (optind < argc)
		return cli_usage("events", "'%s' is one argument too many", argv[optind]);
	return 0;
}

int cli_events(int argc, char **argv)
{
	struct options options = { 0 };
	struct err err = { 0 };
	int status = read_options(argc, argv, &options);

	if (status != 0)
		return status;
	if (options.follows)
		return follow(&options.target, options.after, &err) < 0 ? cli_fail(&err) : 0;
	json_t *request = request_for("events", options.after);
	json_t *answer = cli_ask(&options.target, request, false, &err);

	json_decref(request);
	if (!answer)
		return cli_fail(&err);
	if (options.target.json) {
		cli_print_json(answer);
		return 0;
	}
	cli_print_events(answer);
	json_decref(answer);
	return 0;
}
