/* SPDX-License-Identifier: Apache-2.0 */
/* server/actions.c - what the control socket can ask of a running server. */
#include <time.h>

#include "server/account_actions.h"
#include "server/actions.h"
#include "server/admin_host.h"
#include "server/admission.h"
#include "server/server_private.h"
#include "server/show.h"
#include "server/version.h"

static json_t *do_status(void *owner, const json_t *request, struct err *err)
{
	json_t *status = status_server(owner);

	json_object_set_new(status, "suites", version_suites());
	return status;
}

static json_t *do_kick(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	const char *who = rpc_string(request, "client", err);
	int kicked = 0;

	if (!who)
		return NULL;
	for (struct client *client = server->clients; client; client = client->next) {
		if (!client_is_named(client, who))
			continue;
		client_drop(client, GOODBYE_KICKED, "disconnected by the administrator");
		kicked++;
	}
	if (kicked == 0) {
		err_kind(err, ERR_NO_OBJECT, "no client is called '%.64s'", who);
		return NULL;
	}
	actions_note(server, request, "kick %s", who);
	return json_pack("{s:i, s:i}", "schema", 1, "kicked", kicked);
}

static json_t *done(void)
{
	return json_pack("{s:i}", "schema", 1);
}

/* A group without a section tells its members nothing of its own: perhaps a mistyped name. */
static json_t *done_group(const struct server *server, const char *name, const char *group)
{
	bool has_section = server_config_section(&server->config, SECTION_GROUP, group) != NULL;

	if (group[0] && !has_section)
		log_warning("user %s: the configuration has no [group %s]", name, group);
	return json_pack("{s:i, s:s?, s:b}", "schema", 1, "group", group[0] ? group : NULL,
			 "group_has_section", has_section);
}

/* As state_user_set_group takes it: "" or "none" is no group. */
static const char *group_of(const json_t *request)
{
	const char *group = json_string_value(json_object_get(request, "group"));

	return !group || strcmp(group, "none") == 0 ? "" : group;
}

static json_t *do_user_add(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	const char *name = rpc_string(request, "name", err), *group = group_of(request);
	json_int_t expires_s = json_integer_value(json_object_get(request, "expires_s"));

	if (!name || state_user_add(server->state, name, group, expires_s, time(NULL),
				    account_who(request), err) < 0)
		return NULL;
	log_info("user %s: added%s%s", name, group[0] ? ", in group " : "", group);
	return done_group(server, name, group);
}

static json_t *do_user_group(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	const char *name = rpc_string(request, "name", err);
	const char *group = rpc_string(request, "group", err) ? group_of(request) : NULL;

	if (!name || !group ||
	    state_user_set_group(server->state, name, group, time(NULL), account_who(request),
				 err) < 0)
		return NULL;
	for (struct client *client = server->clients; client; client = client->next)
		if (strcmp(client->user, name) == 0)
			client_set_group(client, group);
	admission_user_changed(server, name);
	log_info("user %s: in %s%s", name, group[0] ? "group " : "no group", group);
	return done_group(server, name, group);
}

static json_t *do_user_remove(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	const char *name = rpc_string(request, "name", err);

	if (!name ||
	    state_user_remove(server->state, name, time(NULL), account_who(request), err) < 0)
		return NULL;
	log_info("user %s: removed", name);
	dhcp6_server_user_removed(server->dhcp6, name);
	admin_host_forget(server, name);
	admission_user_changed(server, name);
	return done();
}

static json_t *do_user_list(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	json_t *answer = users_list(server->state, &server->config, time(NULL), err), *user;
	size_t i;

	json_array_foreach(json_object_get(answer, "users"), i, user) json_object_set_new(
		user, "sessions",
		json_integer(admission_sessions(server,
						json_string_value(json_object_get(user, "name")))));
	return answer;
}

static json_t *do_user_profile(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	const char *name = rpc_string(request, "name", err);
	const char *dial = json_string_value(json_object_get(request, "server"));
	char *profile = name ? users_profile(server->state, &server->config, name, dial, time(NULL),
					     account_who(request), err)
			     : NULL;

	if (!profile)
		return NULL;
	json_t *answer = json_pack("{s:i, s:s}", "schema", 1, "profile", profile);
	users_profile_free(profile);
	log_info("user %s: a profile was made", name);
	return answer;
}

static json_t *do_reload(void *owner, const json_t *request, struct err *err)
{
	json_t *answer = server_reload(owner, err);

	if (answer)
		actions_note(owner, request, "reload");
	return answer;
}

static json_t *do_show(void *owner, const json_t *request, struct err *err)
{
	const char *what = rpc_string(request, "what", err);

	return what ? show(owner, what, request, err) : NULL;
}

static json_t *do_lease_release(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	const char *what = rpc_string(request, "what", err);

	if (!what || dhcp6_release(server->dhcp6, what, err) < 0)
		return NULL;
	actions_note(server, request, "lease release %s", what);
	return done();
}

static json_t *do_lease_reserve(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	const char *line = rpc_string(request, "line", err);

	if (!line || dhcp6_reserve(server->dhcp6, line, err) < 0)
		return NULL;
	actions_note(server, request, "lease reserve %s", line);
	return done();
}

static json_t *do_lease_import(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	const json_t *text = json_object_get(request, "text");
	const struct dhcp6_import_order order = {
		.text = { (const uint8_t *)json_string_value(text), json_string_length(text) },
		.format = json_string_value(json_object_get(request, "format")),
		.user = json_string_value(json_object_get(request, "user")),
		.first_come = json_is_true(json_object_get(request, "first_come")),
		.dry_run = json_is_true(json_object_get(request, "dry_run")),
	};

	json_t *answer =
		rpc_string(request, "text", err) ? dhcp6_import(server->dhcp6, &order, err) : NULL;

	if (answer && !order.dry_run)
		actions_note(server, request, "lease import");
	return answer;
}

const struct rpc_action server_actions[] = {
	{ "status", do_status },
	{ "show", do_show },
	{ "kick", do_kick },
	{ "reload", do_reload },
	{ "capture", .take = captures_take },
	{ "capture stop", captures_stop },
	{ "events", actions_events },
	{ "events follow", .take = actions_events_follow },
	{ "lease release", do_lease_release },
	{ "lease reserve", do_lease_reserve },
	{ "lease import", do_lease_import },
	{ "user add", do_user_add },
	{ "user group", do_user_group },
	{ "user remove", do_user_remove },
	{ "user list", do_user_list },
	{ "user profile", do_user_profile },
	{ "user block", actions_user_block },
	{ "user unblock", actions_user_block },
	{ "user expire", actions_user_expire },
	{ "user passwd", actions_user_passwd },
	{ "user totp", actions_user_totp },
	{ "user sign", actions_user_sign },
	{ "invite", actions_invite },
	{ "invite list", actions_account_read },
	{ "invite revoke", actions_invite_revoke },
	{ "cert list", actions_account_read },
	{ "cert revoke", actions_cert_revoke },
	{ "cert rotate", actions_cert_rotate },
	{ "cert distrust", actions_cert_distrust },
	{ "audit", actions_account_read },
	{ "token add", actions_token_change },
	{ "token list", actions_account_read },
	{ "token revoke", actions_token_change },
	{ "admin passwd", actions_admin_change },
	{ "admin totp", actions_admin_change },
	{ "user role", actions_admin_change },
	{ 0 },
};
