/* SPDX-License-Identifier: Apache-2.0 */
/* server/admin_host.c - questions of the admin's thread, answered by the control thread. */
#include "server/admin_host.h"

#include <stdlib.h>
#include <unistd.h>

#include "admin/files.h"
#include "base/handover.h"
#include "server/admin_login.h"
#include "server/server_private.h"
#include "server/state_tokens.h"

#define QUESTIONS_MAX 256

struct question {
	uint64_t ticket;
	json_t *request;
	int fd; /* for what answers with a stream; -1: none */
};

static void drop_question(void *thing)
{
	struct question *question = thing;

	json_decref(question->request);
	if (question->fd >= 0)
		close(question->fd);
	free(question);
}

/* On the admin's thread. */
static bool ask(void *owner, uint64_t ticket, json_t *request, int fd)
{
	struct question *question = malloc(sizeof(*question));

	if (!question) {
		json_decref(request);
		if (fd >= 0)
			close(fd);
		return false;
	}
	*question = (struct question) { ticket, request, fd };
	if (handover_give(owner, question))
		return true;
	drop_question(question);
	return false;
}

static const struct rpc_action *find_action(const json_t *request)
{
	const char *verb = json_string_value(json_object_get(request, "verb"));
	const struct rpc_action *action = server_actions;

	while (action->verb && (!verb || strcmp(action->verb, verb) != 0))
		action++;
	return action->verb ? action : NULL;
}

/* What it begins is answered on the socket, which is its own from then on. */
static json_t *take(struct server *server, const struct rpc_action *action,
		    struct question *question, struct err *err)
{
	if (action->take(server, question->request, question->fd, err) < 0)
		return NULL;
	question->fd = -1;
	return json_pack("{s:i}", "schema", 1);
}

static void take_question(void *owner, void *thing)
{
	struct server *server = owner;
	struct question *question = thing;
	const struct rpc_action *action = find_action(question->request);
	struct err err = { 0 };
	json_t *answer = NULL;

	if (admin_login_takes(server->admin_login, question->ticket, question->request)) {
		drop_question(question);
		return;
	}
	if (action && action->run && question->fd < 0)
		answer = action->run(server, question->request, &err);
	else if (action && action->take && question->fd >= 0)
		answer = take(server, action, question, &err);
	else
		err_kind(&err, ERR_USAGE, "there is no such action");
	if (server->admin)
		admin_answer(server->admin, question->ticket, answer, &err);
	else
		json_decref(answer);
	drop_question(question);
}

void admin_host_tokens(struct server *server)
{
	struct state_token token[ADMIN_MAX_TOKENS];
	struct admin_token list[ADMIN_MAX_TOKENS];
	struct err err = { 0 };
	int count = server->admin ? state_token_list(server->state, token, &err) : 0;

	if (!server->admin)
		return;
	if (count < 0) /* nobody comes by token then */
		log_error("state: %s", err.text);
	for (int i = 0; i < count; i++)
		list[i] = token[i].is;
	admin_set_tokens(server->admin, list, count < 0 ? 0 : (unsigned)count);
}

int admin_host_open(struct server *server, struct err *err)
{
	struct admin_config config = server->config.admin;
	struct admin_host host = { .ask = ask };

	if (config.listen_count == 0 && !server->config.admin_on_vpn_port)
		return 0;
	memcpy(config.name, server->config.name, sizeof(config.name));
	server->admin_questions = handover_open(&server->loop, QUESTIONS_MAX, take_question,
						drop_question, server, err);
	server->admin_login = admin_login_open(server, err);
	if (!server->admin_questions || !server->admin_login)
		return -1;
	host.owner = server->admin_questions;
	server->admin = admin_open(&config, &host, err);
	if (server->admin)
		return 0;
	if (server->config.admin_listen_given)
		return -1;
	log_warning("admin: %s", err->text);
	*err = (struct err) { 0 };
	if (!server->config.admin_on_vpn_port)
		return 0;
	config.listen_count = 0;
	server->admin = admin_open(&config, &host, err);
	return server->admin ? 0 : -1;
}

int admin_host_run(struct server *server, struct err *err)
{
	if (!server->admin)
		return 0;
	for (unsigned i = 0; i < admin_listening(server->admin); i++)
		log_info("admin: listening on %s port %u", server->config.admin.listen[i].host,
			 server->config.admin.listen[i].port);
	if (!file_find("/"))
		log_info("admin: there is no web page in this program (-Dadmin-page=disabled)");
	if (server->porter)
		log_info("admin: browsers that come to the VPN's own port get it, too");
	admin_host_tokens(server);
	if (admin_run(server->admin, err) < 0)
		return -1;
	return server->porter ? porter_run(server->porter, server->admin, err) : 0;
}

void admin_host_close(struct server *server)
{
	porter_stop(server->porter); /* it hands connections over */
	admin_close(server->admin);
	server->admin = NULL;
	handover_close(server->admin_questions);
	server->admin_questions = NULL;
	admin_login_close(server->admin_login);
	server->admin_login = NULL;
}

void admin_host_forget(struct server *server, const char *user)
{
	if (server->admin)
		admin_forget(server->admin, user);
}
