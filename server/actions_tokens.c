/* SPDX-License-Identifier: Apache-2.0 */
/* server/actions_tokens.c - API tokens changed through the control socket: the state file first,
 * then who may come from now on. */
#include "server/account_actions.h"
#include "server/actions.h"
#include "server/admin_host.h"
#include "server/server_private.h"

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
