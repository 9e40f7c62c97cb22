/* SPDX-License-Identifier: Apache-2.0 */
/* server/actions_admin.c - who may administer, changed through the control socket: the state file
 * first, then who may go on; and the audit log's lines of what is in no file. */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "server/account_actions.h"
#include "server/actions.h"
#include "server/admin_host.h"
#include "server/server_private.h"
#include "server/state_audit.h"

json_t *actions_token_change(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	json_t *answer = account_run(server->state, &server->config, request, err);

	if (!answer)
		return NULL;
	log_info("token %s: %s", json_string_value(json_object_get(request, "name")),
		 json_object_get(answer, "token") ? "added" : "revoked");
	admin_host_tokens(server);
	return answer;
}

json_t *actions_admin_change(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	const char *user = json_string_value(json_object_get(request, "name"));
	json_t *answer = account_run(server->state, &server->config, request, err);

	if (!answer)
		return NULL;
	log_info("admin: %s%s%s", json_string_value(json_object_get(request, "verb")),
		 user ? " " : "", user ? user : "");
	admin_host_forget(server, user ? user : "");
	return answer;
}

void actions_note(struct server *server, const json_t *request, const char *format, ...)
{
	char what[STATE_AUDIT_TEXT];
	struct err err = { 0 };
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	/* it is done: that it cannot be noted is no reason to say that it failed */
	if (state_audit_note(server->state, time(NULL), account_who(request), &err, "%s", what) < 0)
		log_error("state: %s", err.text);
}
