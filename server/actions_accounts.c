/* SPDX-License-Identifier: Apache-2.0 */
/* server/actions_accounts.c - accounts changed through the control socket: the state file first,
 * then whoever is connected. */
#include "server/account_actions.h"
#include "server/actions.h"
#include "server/admin_host.h"
#include "server/admission.h"
#include "server/credentials.h"
#include "server/login.h"
#include "server/server_private.h"

/* "user alice: blocked, by carol": rpc_string has found the name. */
static void log_change(const json_t *request, const char *what)
{
	const char *who = account_who(request);
	char by[128];

	log_info("user %s: %s, by %s", json_string_value(json_object_get(request, "name")), what,
		 log_escape(who, strlen(who), by, sizeof(by)));
}

static json_t *run(struct server *server, const json_t *request, struct err *err)
{
	return account_run(server->state, &server->config, request, err);
}

json_t *actions_account_read(void *owner, const json_t *request, struct err *err)
{
	return run(owner, request, err);
}

json_t *actions_user_block(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	json_t *answer = run(server, request, err);

	if (!answer)
		return NULL;
	log_change(request,
		   strcmp(json_string_value(json_object_get(request, "verb")), "user block") == 0
			   ? "blocked"
			   : "unblocked");
	admission_user_changed(server, json_string_value(json_object_get(request, "name")));
	admin_host_forget(server, json_string_value(json_object_get(request, "name")));
	return answer;
}

json_t *actions_user_expire(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	json_t *answer = run(server, request, err);

	if (!answer)
		return NULL;
	log_change(request, "expires at another time");
	admission_user_changed(server, json_string_value(json_object_get(request, "name")));
	admin_host_forget(server, json_string_value(json_object_get(request, "name")));
	return answer;
}

json_t *actions_user_passwd(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	json_t *answer = run(server, request, err);

	if (!answer)
		return NULL;
	log_change(request, json_is_null(json_object_get(request, "hash"))
				    ? "has no password any more"
				    : "has a new password");
	admission_password_changed(server, json_string_value(json_object_get(request, "name")));
	admin_host_forget(server, json_string_value(json_object_get(request, "name")));
	return answer;
}

json_t *actions_user_totp(void *owner, const json_t *request, struct err *err)
{
	json_t *answer = run(owner, request, err);

	if (!answer)
		return NULL;
	log_change(request, json_is_true(json_object_get(request, "remove"))
				    ? "has no one-time codes any more"
				    : "has new one-time codes");
	admin_host_forget(owner, json_string_value(json_object_get(request, "name")));
	return answer;
}

json_t *actions_user_sign(void *owner, const json_t *request, struct err *err)
{
	json_t *answer = run(owner, request, err);

	if (answer)
		log_change(request, "has a certificate for a key of its own");
	return answer;
}

json_t *actions_invite(void *owner, const json_t *request, struct err *err)
{
	json_t *answer = run(owner, request, err);

	if (!answer)
		return NULL;
	log_change(request, "invited");
	login_invites_changed(owner); /* the guest may come at once */
	return answer;
}

json_t *actions_invite_revoke(void *owner, const json_t *request, struct err *err)
{
	json_t *answer = run(owner, request, err);

	if (answer)
		login_invites_changed(owner);
	return answer;
}

json_t *actions_cert_rotate(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	json_t *answer = run(server, request, err);
	char by[128];

	if (!answer)
		return NULL;
	log_info("server: another CA was made, by %s",
		 log_escape(account_who(request), strlen(account_who(request)), by, sizeof(by)));
	credentials_look(server->credentials);
	return answer;
}

json_t *actions_cert_distrust(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	json_t *answer = run(server, request, err);
	char by[128];

	if (!answer)
		return NULL;
	log_info("server: the CA %.16s is trusted no more, by %s",
		 json_string_value(json_object_get(answer, "fingerprint")),
		 log_escape(account_who(request), strlen(account_who(request)), by, sizeof(by)));
	credentials_look(server->credentials);
	admission_authority_distrusted(server);
	return answer;
}

json_t *actions_cert_revoke(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	json_t *answer = run(server, request, err);

	if (!answer)
		return NULL;
	log_info("user %s: a certificate was revoked",
		 json_string_value(json_object_get(answer, "user")));
	admission_revoked(server, json_string_value(json_object_get(answer, "fingerprint")));
	return answer;
}
