/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verb_user.c - `lanyard user ...`: through the server's socket if one runs, else on its
 * state file. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/rpc.h"
#include "cli/cli.h"
#include "server/users.h"

struct user_options {
	const char *config_path;
	const char *dial;
	const char *name;
	const char *group; /* of add, by option; of group, by argument */
	bool json;
	struct server_config config;
};

/* What one verb is called through the socket, and how it is done without a server. */
struct user_verb {
	const char *name, *verb;
	bool needs_name, needs_group;
	json_t *(*offline)(struct state *state, const struct user_options *options,
			   struct err *err);
	void (*print)(const json_t *answer, const struct user_options *options);
};

static const char *who(void)
{
	const char *user = getenv("SUDO_USER");

	return user ? user : "command line";
}

static json_t *done(int failed)
{
	return failed < 0 ? NULL : json_pack("{s:i}", "schema", 1);
}

/* As the server's own answer. */
static json_t *done_group(int failed, const struct user_options *options)
{
	const char *group = options->group;

	if (failed < 0)
		return NULL;
	if (group && strcmp(group, "none") == 0)
		group = NULL;
	bool has_section =
		group && server_config_section(&options->config, SECTION_GROUP, group) != NULL;
	return json_pack("{s:i, s:s?, s:b}", "schema", 1, "group", group, "group_has_section",
			 has_section);
}

static json_t *add(struct state *state, const struct user_options *options, struct err *err)
{
	return done_group(
		state_user_add(state, options->name, options->group, 0, time(NULL), who(), err),
		options);
}

static json_t *set_group(struct state *state, const struct user_options *options, struct err *err)
{
	return done_group(
		state_user_set_group(state, options->name, options->group, time(NULL), who(), err),
		options);
}

static json_t *remove_user(struct state *state, const struct user_options *options, struct err *err)
{
	return done(state_user_remove(state, options->name, time(NULL), who(), err));
}

static json_t *list(struct state *state, const struct user_options *options, struct err *err)
{
	return users_list(state, &options->config, time(NULL), err);
}

static json_t *profile(struct state *state, const struct user_options *options, struct err *err)
{
	char *text;
	json_t *answer;

	text = users_profile(state, &options->config, options->name, options->dial, time(NULL),
			     who(), err);
	if (!text)
		return NULL;
	answer = json_pack("{s:i, s:s}", "schema", 1, "profile", text);
	users_profile_free(text);
	return answer;
}

static void warn_of_group(const json_t *answer)
{
	const char *group = cli_text(answer, "group");

	if (group[0] && !json_is_true(json_object_get(answer, "group_has_section")))
		fprintf(stderr, "the configuration has no [group %s]: it changes nothing\n", group);
}

static void print_group(const json_t *answer, const struct user_options *options)
{
	const char *group = cli_text(answer, "group");

	if (group[0])
		fprintf(stderr, "user %s is in group %s\n", options->name, group);
	else
		fprintf(stderr, "user %s is in no group\n", options->name);
	warn_of_group(answer);
}

static void print_added(const json_t *answer, const struct user_options *options)
{
	fprintf(stderr, "user %s added; next: lanyard user profile %s > %s.conf\n", options->name,
		options->name, options->name);
	warn_of_group(answer);
}

static void print_removed(const json_t *answer, const struct user_options *options)
{
	fprintf(stderr, "user %s removed\n", options->name);
}

static void print_list(const json_t *answer, const struct user_options *options)
{
	static const char *const header[] = { "USER", "GROUP", "ADDED", "CERTIFICATES", NULL };
	struct cli_table *table = cli_table_new(header);
	const json_t *user;
	size_t i;

	json_array_foreach(json_object_get(answer, "users"), i, user)
	{
		const char *name = cli_text(user, "group");
		bool unknown = name[0] && !json_is_true(json_object_get(user, "group_has_section"));
		char added[32] = "", certificates[16], group[64];
		time_t created = (time_t)json_integer_value(json_object_get(user, "created_s"));
		struct tm when;

		if (gmtime_r(&created, &when))
			strftime(added, sizeof(added), "%Y-%m-%d %H:%M", &when);
		snprintf(certificates, sizeof(certificates), "%lld",
			 json_integer_value(json_object_get(user, "certificates")));
		snprintf(group, sizeof(group), "%.32s%s", name, unknown ? " (no section)" : "");
		cli_table_add(table, (const char *const[]) { cli_text(user, "name"), group, added,
							     certificates, NULL });
	}
	cli_table_print(table);
}

static void print_profile(const json_t *answer, const struct user_options *options)
{
	if (isatty(STDOUT_FILENO))
		fprintf(stderr,
			"this is a secret: write it to a file, lanyard user profile %s > %s.conf\n",
			options->name, options->name);
	fputs(cli_text(answer, "profile"), stdout);
}

static const struct user_verb user_verbs[] = {
	{ "add", "user add", true, false, add, print_added },
	{ "group", "user group", true, true, set_group, print_group },
	{ "remove", "user remove", true, false, remove_user, print_removed },
	{ "list", "user list", false, false, list, print_list },
	{ "profile", "user profile", true, false, profile, print_profile },
	{ 0 },
};

static json_t *ask(const struct user_verb *verb, const struct user_options *options,
		   struct err *err)
{
	json_t *request =
		json_pack("{s:s, s:s*, s:s*, s:s*}", "verb", verb->verb, "name", options->name,
			  "server", options->dial, "group", options->group);
	json_t *answer = request ? rpc_call(options->config.control, request, err) : NULL;

	if (!request)
		err_kind(err, ERR_USAGE, "the arguments are no UTF-8 text");
	json_decref(request);
	if (answer || err->kind != ERR_NO_DAEMON)
		return answer;
	struct state *state = state_open(options->config.state, err);
	if (!state)
		return NULL;
	*err = (struct err) { 0 };
	answer = verb->offline(state, options, err);
	state_close(state);
	return answer;
}

static int parse(int argc, char **argv, struct user_options *options)
{
	static const struct option longs[] = { { "json", no_argument, NULL, 'j' },
					       { "server", required_argument, NULL, 's' },
					       { "group", required_argument, NULL, 'g' },
					       { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "c:", longs, NULL)) != -1) {
		switch (option) {
		case 'c': options->config_path = optarg; break;
		case 'j': options->json = true; break;
		case 's': options->dial = optarg; break;
		case 'g': options->group = optarg; break;
		default: return -1;
		}
	}
	return 0;
}

/* What stands behind the verb: as many words as it needs. */
static int take_arguments(int argc, char **argv, const struct user_verb *verb,
			  struct user_options *options)
{
	int count = argc - optind - 1;

	if (options->group && strcmp(verb->name, "add") != 0)
		return cli_usage("user", "--group goes with add; else it is user group NAME GROUP");
	if (verb->needs_group && count != 2)
		return cli_usage("user", "%s needs a NAME and a GROUP, or none", verb->name);
	if (!verb->needs_group && count != verb->needs_name)
		return cli_usage("user",
				 verb->needs_name ? "%s needs one NAME" : "%s takes no NAME",
				 verb->name);
	options->name = verb->needs_name ? argv[optind + 1] : NULL;
	if (verb->needs_group)
		options->group = argv[optind + 2];
	return 0;
}

int cli_user(int argc, char **argv)
{
	struct user_options options = { 0 };
	struct err err = { 0 };
	const struct user_verb *verb = user_verbs;

	if (parse(argc, argv, &options) < 0)
		return cli_usage("user", "wrong option");
	if (optind >= argc)
		return cli_usage("user", "say what to do: add, group, remove, list or profile");
	while (verb->name && strcmp(verb->name, argv[optind]) != 0)
		verb++;
	if (!verb->name)
		return cli_usage("user", "'%s' is not add, group, remove, list or profile",
				 argv[optind]);
	int status = take_arguments(argc, argv, verb, &options);
	if (status != 0)
		return status;
	if (server_config_read(&options.config, options.config_path, &err) < 0)
		return cli_fail(&err);
	json_t *answer = ask(verb, &options, &err);
	server_config_free(&options.config);
	if (!answer)
		return cli_fail(&err);
	if (options.json) {
		cli_print_json(answer);
		return 0;
	}
	verb->print(answer, &options);
	json_decref(answer);
	return 0;
}
