/* SPDX-License-Identifier: Apache-2.0 */
/* server/show_config.c - the configuration in force, with what only the running server knows. */
#include <time.h>
#include <unistd.h>

#include "server/config_view.h"
#include "server/server_private.h"
#include "server/show.h"
#include "server/state_leases.h"

static bool user_of(void *owner, const char *name, struct state_user *user)
{
	const struct server *server = owner;
	struct err err = { 0 };
	int found = state_user_get(server->state, name, time(NULL), user, &err);

	if (found < 0)
		log_error("state: %s", err.text);
	return found > 0;
}

static void add_line(void *owner, const char *line)
{
	json_array_append_new(owner, json_string(line));
}

static json_t *reservations_of(void *owner)
{
	const struct server *server = owner;
	json_t *lines = json_array();
	struct err err = { 0 };

	if (state_reservations_read(server->state, add_line, lines, &err) < 0)
		log_error("state: %s", err.text);
	return lines;
}

static json_t *keys_of(const struct config_unapplied *unapplied)
{
	json_t *keys = json_array();

	for (unsigned i = 0; i < unapplied->count; i++)
		json_array_append_new(keys, json_sprintf("[%s] %s", unapplied->row[i].section,
							 unapplied->row[i].key));
	return keys;
}

json_t *show_config(struct server *server)
{
	char host[256];
	const struct config_facts facts = {
		.host = host,
		.workers = server->worker_count,
		.automatic = server->automatic,
		.follow = kernel_follow(server->kernel),
		.unapplied = &server->unapplied,
		.user = user_of,
		.reservations = reservations_of,
		.owner = server,
	};

	users_host(&server->config, host);
	return json_pack("{s:s, s:b, s:I, s:o, s:o}", "file",
			 server->config_path ? server->config_path : CONFIG_PATH, "file_read",
			 server->config.from_file, "read_s", (json_int_t)server->config.read_s,
			 "needs_restart", keys_of(&server->unapplied), "rows",
			 config_view(&server->config, &facts));
}
