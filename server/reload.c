/* SPDX-License-Identifier: Apache-2.0 */
/* server/reload.c - the configuration is read again while the server runs, and nobody is
 * disconnected.  A file that is not right changes nothing at all. */
#include "server/admission.h"
#include "server/config_reload.h"
#include "server/credentials.h"
#include "server/login.h"
#include "server/server_private.h"

/* Ports of clients that leave while new ones come, see make_switch in server.c. */
static uint32_t most_clients(const struct server *server)
{
	return port_directory_max(server->ports) - PORTS_SPARE;
}

/* Whoever comes from now on; who is there keeps what it came with. */
void server_send_limits(struct server *server)
{
	const struct server_config *config = &server->config;
	struct mail_limits limits = {
		.max_strangers = config->max_strangers,
		.max_per_source = config->max_strangers_per_source,
		.login_ms = config->login_time_s * 1000,
		.echo_ms = config->echo_time_s * 1000,
		.dead_ms = config->dead_time_s * 1000,
		.anonymous = login_takes_anonymous(server),
		.passwords = login_takes_passwords(config),
		.password = config->password,
		.dhcp6_rate = config->ra.dhcp6.rate,
	};

	memcpy(limits.auth_command, config->auth_command, sizeof(limits.auth_command));
	server->anonymous = limits.anonymous;
	for (unsigned i = 0; i < server->worker_count + 1; i++)
		if (!mail_send(server->box, THREAD_GREETER + i, MAIL_LIMITS, &limits,
			       sizeof(limits)))
			log_error("server: thread %u does not take its mail", THREAD_GREETER + i);
}

/* From here on nothing fails: what cannot be done is logged, and the rest is done. */
static unsigned apply(struct server *server, const struct server_config *next)
{
	server_config_free(&server->config);
	server->config = *next;
	kernel_configure(server->kernel);
	dhcp6_server_configure(server->dhcp6);
	promises_refresh(server->promises);
	tap_addresses_follow(server);
	admission_reload(server);
	credentials_look(server->credentials);
	password_decoy(&server->config.password, server->decoy);
	server_send_limits(server);
	router_send_policy(server);
	unsigned told = settings_replace_all(server);
	dhcp6_server_configured(server->dhcp6);
	return told;
}

static json_t *answer(const struct server *server, const struct config_unapplied *unapplied,
		      unsigned told)
{
	json_t *keys = json_array();

	for (unsigned i = 0; i < unapplied->count; i++)
		json_array_append_new(keys, json_sprintf("[%s] %s", unapplied->row[i].section,
							 unapplied->row[i].key));
	return json_pack("{s:i, s:i, s:o, s:o}", "schema", 1, "clients_told", (int)told,
			 "needs_restart", keys, "certificate",
			 credentials_status(server->credentials));
}

/* Reads it, and makes sure that it can be applied: without a prefix for `auto` the clients would be
 * told ::/0, which is everything. */
static int prepare(struct server *server, struct server_config *next,
		   struct config_unapplied *unapplied, struct err *err)
{
	const char *path = server->config_path;

	if (server_config_read(next, path, err) < 0)
		return -1;
	if (config_reload_keep(&server->config, next, most_clients(server),
			       path ? path : CONFIG_PATH, unapplied, err) == 0 &&
	    router_find_automatic(server, next, err) == 0)
		return 0;
	server_config_free(next);
	return -1;
}

json_t *server_reload(struct server *server, struct err *err)
{
	struct config_unapplied unapplied;
	struct server_config next;

	if (server->phase != SERVER_RUNNING) {
		err_set(err, "the server is not running yet, or no longer");
		return NULL;
	}
	notify_reloading(&server->notify);
	if (prepare(server, &next, &unapplied, err) < 0) {
		log_error("server: the configuration stays as it was: %s", err->text);
		events_add(server->events, EVENT_CONFIG, 0, "",
			   "server: the configuration stays as it was: %.192s", err->text);
		notify_reloaded(&server->notify);
		return NULL;
	}
	unsigned told = apply(server, &next);
	server->unapplied = unapplied;
	events_add(server->events, EVENT_CONFIG, 0, "", "server: the configuration was read again");
	log_info("server: the configuration was read again, %u of %u clients are told of it", told,
		 server->client_count);
	for (unsigned i = 0; i < unapplied.count; i++)
		log_warning("server: [%s] %s is another now: that needs a restart",
			    unapplied.row[i].section, unapplied.row[i].key);
	notify_reloaded(&server->notify);
	return answer(server, &unapplied, told);
}
