/* SPDX-License-Identifier: Apache-2.0 */
/* server/actions.c - what the control socket can ask of a running server. */
#include <stdlib.h>
#include <time.h>

#include "server/server_private.h"
#include "server/version.h"

static json_t *do_status(void *owner, const json_t *request, struct err *err)
{
	json_t *status = status_server(owner);

	json_object_set_new(status, "suites", version_suites());
	return status;
}

/* By number, by user (all of theirs), or by device name. */
static bool names_client(const struct client *client, const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	return (*text && !*end && number == client->id) || strcmp(text, client->user) == 0 ||
	       strcmp(text, client->hello.device) == 0;
}

static json_t *do_kick(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	const char *who = rpc_string(request, "client", err);
	int kicked = 0;

	if (!who)
		return NULL;
	for (struct client *client = server->clients; client; client = client->next) {
		if (!names_client(client, who))
			continue;
		client_drop(client, GOODBYE_KICKED, "disconnected by the administrator");
		kicked++;
	}
	if (kicked == 0) {
		err_kind(err, ERR_NO_OBJECT, "no client is called '%.64s'", who);
		return NULL;
	}
	return json_pack("{s:i, s:i}", "schema", 1, "kicked", kicked);
}

static json_t *done(void)
{
	return json_pack("{s:i}", "schema", 1);
}

static json_t *do_user_add(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	const char *name = rpc_string(request, "name", err);

	if (!name || state_user_add(server->state, name, time(NULL), "control socket", err) < 0)
		return NULL;
	log_info("user %s: added", name);
	return done();
}

static json_t *do_user_remove(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	const char *name = rpc_string(request, "name", err);

	if (!name || state_user_remove(server->state, name, time(NULL), "control socket", err) < 0)
		return NULL;
	log_info("user %s: removed", name);
	for (struct client *client = server->clients; client; client = client->next)
		if (strcmp(client->user, name) == 0)
			client_drop(client, GOODBYE_UNKNOWN_USER, "this user was removed");
	return done();
}

static json_t *do_user_list(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;

	return users_list(server->state, time(NULL), err);
}

static json_t *do_user_profile(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	const char *name = rpc_string(request, "name", err);
	const char *dial = json_string_value(json_object_get(request, "server"));
	char *profile = name ? users_profile(server->state, &server->config, name, dial, time(NULL),
					     "control socket", err)
			     : NULL;

	if (!profile)
		return NULL;
	json_t *answer = json_pack("{s:i, s:s}", "schema", 1, "profile", profile);
	users_profile_free(profile);
	log_info("user %s: a profile was made", name);
	return answer;
}

const struct rpc_action server_actions[] = {
	{ "status", do_status },
	{ "kick", do_kick },
	{ "user add", do_user_add },
	{ "user remove", do_user_remove },
	{ "user list", do_user_list },
	{ "user profile", do_user_profile },
	{ 0 },
};
