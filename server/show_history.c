/* SPDX-License-Identifier: Apache-2.0 */
/* server/show_history.c - how much went through, in steps: of all clients, or (`client` in the request:
 * number, user or device) of one.  `since_s`: no steps that began before. */
#include <time.h>

#include "server/recorder.h"
#include "server/server_private.h"
#include "server/show.h"

static json_t *history_of(struct server *server, const char *who, int64_t since_s, struct err *err)
{
	for (const struct client *client = server->clients; client; client = client->next) {
		if (!client->added || client->leaving || !client_is_named(client, who))
			continue;
		json_t *answer = recorder_client(server->recorder, client, since_s);

		json_object_set_new(answer, "client", json_integer(client->id));
		return answer;
	}
	err_kind(err, ERR_NO_OBJECT, "no client is called '%.64s'", who);
	return NULL;
}

json_t *show_history(struct server *server, const json_t *request, struct err *err)
{
	const json_t *who = json_object_get(request, "client");
	int64_t since_s = json_integer_value(json_object_get(request, "since_s"));
	json_t *answer = NULL;

	if (!who)
		answer = recorder_all(server->recorder, since_s);
	else if (json_is_string(who))
		answer = history_of(server, json_string_value(who), since_s, err);
	else
		err_kind(err, ERR_USAGE, "'client' must be a string");
	if (answer)
		json_object_set_new(answer, "now_s", json_integer(time(NULL)));
	return answer;
}
