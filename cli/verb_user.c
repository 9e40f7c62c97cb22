/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verb_user.c - `lanyard user ...`: through the server's socket if one runs, else on its
 * state file. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/rpc.h"
#include "cli/account_tables.h"
#include "cli/verb_user.h"
#include "server/users.h"

/* What one verb is called through the socket, and how it is done without a server. */
struct user_verb {
	const char *name, *verb;
	bool needs_name;
	const char *needs_second; /* what stands behind the name; NULL: nothing */
	/* without a server: on the state file, or (NULL) as account_ask does */
	json_t *(*offline)(struct state *state, const struct user_options *options,
			   struct err *err);
	void (*print)(const json_t *answer, const struct user_options *options);
	json_t *(*request)(const struct user_options *options,
			   struct err *err); /* for account_ask */
};

static json_t *done(int failed)
{
	return failed < 0 ? NULL : json_pack("{s:i}", "schema", 1);
}

/* As the server's own answer. */
static json_t *done_group(int failed, const struct user_options *options)
{
	const char *group = options->second ? options->second : options->account.group;

	if (failed < 0)
		return NULL;
	if (group && strcmp(group, "none") == 0)
		group = NULL;
	bool has_section = group && server_config_section(&options->account.config, SECTION_GROUP,
							  group) != NULL;
	return json_pack("{s:i, s:s?, s:b}", "schema", 1, "group", group, "group_has_section",
			 has_section);
}

static json_t *add(struct state *state, const struct user_options *options, struct err *err)
{
	int64_t now_s = time(NULL), expires_s = 0;

	if (options->account.expires &&
	    account_when(options->account.expires, now_s, &expires_s, err) < 0)
		return NULL;
	return done_group(state_user_add(state, options->name, options->account.group, expires_s,
					 now_s, account_user(), err),
			  options);
}

static json_t *set_group(struct state *state, const struct user_options *options, struct err *err)
{
	return done_group(state_user_set_group(state, options->name, options->second, time(NULL),
					       account_user(), err),
			  options);
}

static json_t *remove_user(struct state *state, const struct user_options *options, struct err *err)
{
	return done(state_user_remove(state, options->name, time(NULL), account_user(), err));
}

static json_t *list(struct state *state, const struct user_options *options, struct err *err)
{
	return users_list(state, &options->account.config, time(NULL), err);
}

static json_t *profile(struct state *state, const struct user_options *options, struct err *err)
{
	char *text;
	json_t *answer;

	text = users_profile(state, &options->account.config, options->name, options->account.dial,
			     time(NULL), account_user(), err);
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
	account_print_users(answer);
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
	{ "add", "user add", true, NULL, add, print_added, NULL },
	{ "group", "user group", true, "GROUP, or none", set_group, print_group, NULL },
	{ "remove", "user remove", true, NULL, remove_user, print_removed, NULL },
	{ "list", "user list", false, NULL, list, print_list, NULL },
	{ "profile", "user profile", true, NULL, profile, print_profile, NULL },
	{ "block", "", true, NULL, NULL, user_print_block, user_request_block },
	{ "unblock", "", true, NULL, NULL, user_print_unblock, user_request_unblock },
	{ "expire", "", true, "time, or never", NULL, user_print_expire, user_request_expire },
	{ "role", "", true, "ROLE: none, read-only or admin", NULL, user_print_role,
	  user_request_role },
	{ "passwd", "", true, NULL, NULL, user_print_passwd, user_request_passwd },
	{ "totp", "", true, NULL, NULL, user_print_totp, user_request_totp },
	{ 0 },
};

/* `add` with --csr. */
static const struct user_verb sign_verb = {
	"add", "", true, NULL, NULL, user_print_signed, user_request_sign
};

/* The request of a verb that is also done by itself. */
static json_t *make_request(const struct user_verb *verb, const struct user_options *options,
			    struct err *err)
{
	const char *group = options->second ? options->second : options->account.group;
	int64_t expires_s = 0;

	if (options->account.expires &&
	    account_when(options->account.expires, time(NULL), &expires_s, err) < 0)
		return NULL;
	return json_pack("{s:s, s:s*, s:s*, s:s*, s:I, s:s}", "verb", verb->verb, "name",
			 options->name, "server", options->account.dial, "group", group,
			 "expires_s", (json_int_t)expires_s, "who", account_user());
}

static json_t *ask(const struct user_verb *verb, const struct user_options *options,
		   struct err *err)
{
	json_t *request =
		verb->request ? verb->request(options, err) : make_request(verb, options, err);

	if (!request && err->text[0])
		return NULL;
	if (verb->request)
		return account_ask(&options->account, request, err);
	json_t *answer = request ? rpc_call(options->account.config.control, request, err) : NULL;

	if (!request)
		err_kind(err, ERR_USAGE, "the arguments are no UTF-8 text");
	json_decref(request);
	if (answer || err->kind != ERR_NO_DAEMON)
		return answer;
	struct state *state = state_open(options->account.config.state, err);
	if (!state)
		return NULL;
	*err = (struct err) { 0 };
	answer = verb->offline(state, options, err);
	state_close(state);
	return answer;
}

/* Options that go with some verbs only. */
static int check_options(const struct user_verb *verb, const struct account_options *options)
{
	const struct {
		bool given;
		const char *option, *verbs;
	} rows[] = {
		{ options->expires, "--expires", "add" },
		{ options->reason, "--reason", "block" },
		{ options->file, "--file", "passwd" },
		{ options->csr, "--csr", "add" },
		{ options->remove, "--remove", "passwd totp" },
		{ options->qr, "--qr", "invite, which is a verb of its own," },
	};

	if (options->group && strcmp(verb->name, "add") != 0)
		return cli_usage("user", "--group goes with add; else it is user group NAME GROUP");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].given && !strstr(rows[i].verbs, verb->name))
			return cli_usage("user", "%s goes with %s", rows[i].option, rows[i].verbs);
	return 0;
}

/* What stands behind the verb: as many words as it needs. */
static int take_arguments(int argc, char **argv, const struct user_verb *verb,
			  struct user_options *options)
{
	int count = argc - optind - 1;

	if (verb->needs_second && count != 2)
		return cli_usage("user", "%s needs a NAME and a %s", verb->name,
				 verb->needs_second);
	if (!verb->needs_second && count != verb->needs_name)
		return cli_usage("user",
				 verb->needs_name ? "%s needs one NAME" : "%s takes no NAME",
				 verb->name);
	options->name = verb->needs_name ? argv[optind + 1] : NULL;
	options->second = verb->needs_second ? argv[optind + 2] : NULL;
	return check_options(verb, &options->account);
}

#define ACTIONS "add, group, remove, list, profile, block, unblock, expire, role, passwd or totp"

int cli_user(int argc, char **argv)
{
	struct user_options options = { 0 };
	struct err err = { 0 };
	const struct user_verb *verb = user_verbs;

	if (account_parse(argc, argv, &options.account) < 0)
		return cli_usage("user", "wrong option");
	if (optind >= argc)
		return cli_usage("user", "say what to do: " ACTIONS);
	while (verb->name && strcmp(verb->name, argv[optind]) != 0)
		verb++;
	if (options.account.csr && verb->name && strcmp(verb->name, "add") == 0)
		verb = &sign_verb;
	if (!verb->name)
		return cli_usage("user", "'%s' is not " ACTIONS, argv[optind]);
	int status = take_arguments(argc, argv, verb, &options);
	if (status != 0)
		return status;
	if (server_config_read(&options.account.config, options.account.config_path, &err) < 0)
		return cli_fail(&err);
	json_t *answer = ask(verb, &options, &err);
	server_config_free(&options.account.config);
	if (!answer)
		return cli_fail(&err);
	if (options.account.json) {
		cli_print_json(answer);
		return 0;
	}
	verb->print(answer, &options);
	json_decref(answer);
	return 0;
}
