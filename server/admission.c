/* SPDX-License-Identifier: Apache-2.0 */
/* server/admission.c - who may come in and stay, of the clients of the control thread. */
#include "server/admission.h"

#include <time.h>

#include "server/credentials.h"
#include "server/server_private.h"

/* ---- the verdict ---- */

/* Of a user; with `client` those that were there before it. */
static unsigned count_sessions(const struct server *server, const char *user,
			       const struct client *client)
{
	unsigned count = 0;

	for (const struct client *other = server->clients; other; other = other->next)
		if (!other->leaving && strcmp(other->user, user) == 0 &&
		    (!client || other->id < client->id))
			count++;
	return count;
}

unsigned admission_sessions(const struct server *server, const char *user)
{
	return count_sessions(server, user, NULL);
}

bool admission_allow(struct server *server, const struct state_user *user,
		     const struct hello *hello, unsigned proofs, struct goodbye *answer)
{
	const struct policy_question question = {
		.user = user,
		.proofs = proofs,
		.office = hello->office,
		.sessions = count_sessions(server, user->name, NULL),
		.now_s = time(NULL),
	};
	struct policy policy;

	server_config_policy(&server->config, user->name, user->group, &policy);
	return policy_judge(&policy, &question, answer);
}

/* Who is connected, with what is known of it; the newest sessions are those that are too many. */
static void judge(struct client *client)
{
	const struct policy_question question = {
		.user = &client->account,
		.proofs = client->proofs,
		.office = client->hello.office,
		.sessions = count_sessions(client->server, client->user, client),
		.now_s = time(NULL),
	};
	struct goodbye answer;

	if (!client->leaving && !policy_judge(&client->policy, &question, &answer))
		client_drop(client, answer.reason, answer.text);
}

/* ---- the switch ---- */

uint16_t admission_flags(const struct policy *policy, const struct hello *hello)
{
	return (uint16_t)(PORT_CLIENT | (policy->isolate ? PORT_ISOLATED : 0) |
			  (hello->capabilities & CAPABILITY_OFFLOAD ? PORT_OFFLOAD : 0) |
			  (hello->office ? PORT_OFFICE : 0));
}

static void apply(struct client *client)
{
	struct server *server = client->server;
	uint32_t limit = policy_macs(&client->policy, client->hello.office);

	port_directory_set_flags(server->ports, client->is.port,
				 admission_flags(&client->policy, &client->hello));
	/* those that were learned and are too many now go with the others, and the first come back */
	if (limit < port_directory_limit(server->ports, client->is.port))
		address_table_forget_port(server->table, client->is.port);
	port_directory_set_limit(server->ports, client->is.port, limit);
}

/* ---- time ---- */

static void on_tick(uv_timer_t *timer)
{
	struct server *server = timer->data;
	bool any = false;

	for (struct client *client = server->clients; client; client = client->next) {
		if (!policy_follows_time(&client->policy, &client->account))
			continue;
		judge(client);
		any = true;
	}
	if (!any)
		uv_timer_stop(timer);
}

static void watch(struct client *client)
{
	uv_timer_t *timer = &client->server->admission;

	if (policy_follows_time(&client->policy, &client->account) &&
	    !uv_is_active((uv_handle_t *)timer))
		uv_timer_start(timer, on_tick, ADMISSION_TICK_MS, ADMISSION_TICK_MS);
}

int admission_open(struct server *server)
{
	server->admission.data = server;
	return uv_timer_init(&server->loop, &server->admission);
}

void admission_close(struct server *server)
{
	if (server->admission.data)
		uv_close((uv_handle_t *)&server->admission, NULL);
	server->admission.data = NULL;
}

/* ---- what changes ---- */

/* Its user or the configuration is another now. */
static void refresh(struct client *client)
{
	server_config_policy(&client->server->config, client->user, client->account.group,
			     &client->policy);
	apply(client);
	judge(client);
	watch(client);
}

void admission_enter(struct client *client, const struct state_user *user, unsigned proofs)
{
	client->account = *user;
	client->proofs = proofs;
	server_config_policy(&client->server->config, client->user, client->group, &client->policy);
	apply(client);
	watch(client);
}

void admission_user_changed(struct server *server, const char *user)
{
	struct state_user account;
	struct err err = { 0 };
	int found = state_user_get(server->state, user, time(NULL), &account, &err);

	if (found < 0)
		log_error("state: %s", err.text);
	for (struct client *client = server->clients; client; client = client->next) {
		if (strcmp(client->user, user) != 0)
			continue;
		if (found == 0)
			client_drop(client, GOODBYE_UNKNOWN_USER, "this user was removed");
		if (found < 0) /* who cannot be looked up cannot stay: it may have been blocked */
			client_drop(client, GOODBYE_FULL,
				    "the server cannot look up its users now");
		if (found <= 0)
			continue;
		client->account = account;
		refresh(client);
	}
}

void admission_password_changed(struct server *server, const char *user)
{
	for (struct client *client = server->clients; client; client = client->next)
		if (strcmp(client->user, user) == 0 && client->proofs & PROOF_PASSWORD)
			client_drop(client, GOODBYE_WRONG, "this user's password was changed");
}

void admission_revoked(struct server *server, const char *fingerprint)
{
	char text[PKI_FINGERPRINT_TEXT];

	for (struct client *client = server->clients; client; client = client->next)
		if (strcmp(pki_fingerprint_text(client->fingerprint, text), fingerprint) == 0)
			client_drop(client, GOODBYE_REVOKED, "this certificate was revoked");
}

void admission_authority_distrusted(struct server *server)
{
	for (struct client *client = server->clients; client; client = client->next)
		if (client->proofs & PROOF_CERTIFICATE &&
		    !credentials_trust(server->credentials, client->authority))
			client_drop(client, GOODBYE_REVOKED, ADMISSION_DISTRUSTED);
}

void admission_reload(struct server *server)
{
	for (struct client *client = server->clients; client; client = client->next)
		refresh(client);
}
