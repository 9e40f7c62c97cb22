/* SPDX-License-Identifier: Apache-2.0 */
/* server/login.c - who may come in.
 *
 * TLS has proven that the peer owns a certificate of our CA, in date and for clients, or that it
 * shows none.  Nothing is remembered between two questions: the login comes again with all that
 * was shown, and is judged anew by what the state file says now.
 */
#include "server/login.h"

#include <stdio.h>
#include <time.h>

#include "server/admission.h"
#include "server/credentials.h"
#include "server/server_private.h"
#include "server/state_auth.h"
#include "server/state_invites.h"
#include "server/totp.h"

#define ALL_PROOFS (PROOF_CERTIFICATE | PROOF_PASSWORD | PROOF_CODE)
#define SAYS_WRONG "user or password is wrong"

struct attempt {
	struct server *server;
	const struct mail_login *login;
	struct state_user user;	 /* empty: not known */
	unsigned wanted, proofs; /* bits of enum policy_proof */
	struct mail_verdict verdict;
	struct mail_ask ask; /* kind 0: nothing to ask */
};

static void refuse(struct attempt *attempt, enum goodbye_reason reason, const char *text)
{
	attempt->verdict.reason = reason;
	snprintf(attempt->verdict.text, sizeof(attempt->verdict.text), "%s", text);
	event_of_refusal(attempt->server,
			 attempt->user.name[0] ? attempt->user.name : attempt->login->hello.user,
			 attempt->login->remote, text);
}

static bool is_refused(const struct attempt *attempt)
{
	return attempt->verdict.reason != GOODBYE_NONE;
}

static void refuse_for_trouble(struct attempt *attempt, const struct err *err)
{
	log_error("state: %s", err->text);
	refuse(attempt, GOODBYE_FULL, "the server cannot look up its users now");
}

/* ---- in ---- */

static uint8_t least_loaded_worker(const struct server *server)
{
	uint8_t best = 0;

	for (uint8_t i = 1; i < server->worker_count; i++)
		if (server->worker_load[i] < server->worker_load[best])
			best = i;
	return best;
}

/* One user's profile, or one user without any. */
static bool is_same_identity(const struct client *client, const struct attempt *attempt)
{
	return memcmp(client->fingerprint, attempt->login->peer.fingerprint, PKI_FINGERPRINT_LEN) ==
		       0 &&
	       strcmp(client->user, attempt->user.name) == 0;
}

/* The same device logs in again: its old connection is dead, whether it knows it or not. */
static void replace_old(const struct attempt *attempt)
{
	const struct mac *mac = &attempt->login->hello.mac;

	for (struct client *client = attempt->server->clients; client; client = client->next)
		if (is_same_identity(client, attempt) && mac_equal(&client->hello.mac, mac) &&
		    !mac_is_zero(mac)) /* one without a MAC is nobody's twin */
			client_drop(client, GOODBYE_REPLACED, "this device logged in again");
}

static unsigned count_clients(const struct attempt *attempt, bool same_identity)
{
	unsigned count = 0;

	for (const struct client *client = attempt->server->clients; client; client = client->next)
		if (!client->leaving && (!same_identity || is_same_identity(client, attempt)))
			count++;
	return count;
}

static struct client *add_client(struct attempt *attempt)
{
	struct server *server = attempt->server;
	uint8_t worker = least_loaded_worker(server);
	struct client *client = NULL;
	struct mail_port port;

	/* isolated, and with one address, until admission_enter */
	port.port = port_directory_add(server->ports, worker, PORT_CLIENT | PORT_ISOLATED,
				       &port.generation);
	if (port.port != PORT_NONE && count_clients(attempt, false) < server->config.max_clients)
		client = client_add(server, attempt->login, &attempt->user, port, worker);
	if (!client && port.port != PORT_NONE)
		port_directory_remove(server->ports, port.port);
	return client;
}

/* Of a password that was right, and whose hash is weaker than it should be by now. */
static void raise_hash(const struct attempt *attempt)
{
	struct err err = { 0 };

	if (attempt->login->raised[0] &&
	    state_password_raise(attempt->server->state, attempt->user.name, attempt->login->hash,
				 attempt->login->raised, &err) < 0)
		log_error("state: %s", err.text);
}

static void let_in(struct attempt *attempt)
{
	struct server *server = attempt->server;
	struct mail_verdict *verdict = &attempt->verdict;
	struct goodbye answer;
	struct client *client;

	replace_old(attempt);
	if (!admission_allow(server, &attempt->user, &attempt->login->hello, attempt->proofs,
			     &answer)) {
		refuse(attempt, answer.reason, answer.text);
		return;
	}
	if (count_clients(attempt, true) >= server->config.max_per_profile) {
		refuse(attempt, GOODBYE_FULL, "too many devices use this profile at the same time");
		return;
	}
	client = add_client(attempt);
	if (!client) {
		refuse(attempt, GOODBYE_FULL, "the server has no room for another client");
		return;
	}
	admission_enter(client, &attempt->user, attempt->proofs);
	raise_hash(attempt);
	verdict->accepted = true;
	verdict->port = client->is;
	verdict->worker = client->worker;
	verdict->welcome = (struct welcome) { .session_id = client->id, .mtu = server->config.mtu };
	snprintf(verdict->welcome.user, sizeof(verdict->welcome.user), "%s", attempt->user.name);
}

/* ---- whose it is ---- */

static void find_by_certificate(struct attempt *attempt)
{
	struct err err = { 0 };
	int found = state_user_of(attempt->server->state, attempt->login->peer.fingerprint,
				  &attempt->user, &err);

	attempt->proofs = PROOF_CERTIFICATE;
	if (found < 0)
		refuse_for_trouble(attempt, &err);
	else if (!credentials_trust(attempt->server->credentials, attempt->login->authority))
		refuse(attempt, GOODBYE_REVOKED, ADMISSION_DISTRUSTED); /* since the handshake */
	else if (found == 0 && attempt->user.revoked_s != 0)
		refuse(attempt, GOODBYE_REVOKED, "this certificate was revoked");
	else if (found == 0)
		refuse(attempt, GOODBYE_UNKNOWN_USER,
		       "this certificate belongs to no user of this server (any more)");
}

/* By the name that it gives.  Who is not there is not refused yet. */
static void find_by_name(struct attempt *attempt)
{
	const char *name = attempt->login->hello.user;
	struct err err = { 0 };

	if (state_check_name("user", name, &err) < 0)
		return;
	int found = state_user_get(attempt->server->state, name, time(NULL), &attempt->user, &err);
	if (found < 0)
		refuse_for_trouble(attempt, &err);
	else if (found == 0)
		attempt->user = (struct state_user) { 0 };
}

static void find_wanted(struct attempt *attempt)
{
	struct policy policy;

	server_config_policy(&attempt->server->config, attempt->user.name, attempt->user.group,
			     &policy);
	attempt->wanted = policy.auth;
}

/* ---- what it has to show ---- */

static void ask(struct attempt *attempt, enum ask_kind kind, bool wrong)
{
	attempt->ask = (struct mail_ask) {
		.stranger = attempt->login->stranger,
		.kind = kind,
		.wrong = wrong,
	};
	/* of a name that nobody has, too: guessing at names costs the same */
	snprintf(attempt->ask.user, sizeof(attempt->ask.user), "%s",
		 attempt->login->anonymous ? attempt->login->hello.user : attempt->user.name);
}

/* May this login's password be right?  A program may know users that the state file does not. */
static bool takes_password(const struct attempt *attempt)
{
	struct err unused;

	return attempt->wanted & PROOF_PASSWORD &&
	       !(attempt->wanted & PROOF_CERTIFICATE & ~attempt->proofs) &&
	       (attempt->user.name[0] ||
		(attempt->server->config.auth_command[0] &&
		 state_check_name("user", attempt->login->hello.user, &unused) == 0));
}

/* Whom the program knows and the state file does not. */
static void add_user(struct attempt *attempt)
{
	const char *name = attempt->login->hello.user;
	struct err err = { 0 };

	if (attempt->user.name[0])
		return;
	if (state_user_add(attempt->server->state, name, NULL, 0, time(NULL), "auth-command",
			   &err) < 0)
		refuse_for_trouble(attempt, &err);
	else
		log_info("user %s: added, auth-command knows it", name);
	snprintf(attempt->user.name, sizeof(attempt->user.name), "%.32s", name);
}

static void check_by_command(struct attempt *attempt)
{
	if (attempt->login->by_command) {
		attempt->proofs |= PROOF_PASSWORD;
		add_user(attempt);
	} else {
		ask(attempt, ASK_PASSWORD, false);
		attempt->ask.by_command = true;
	}
}

/* 1 and the hash, 0: this user does not log in by password, or not without a certificate. */
static int find_hash(struct attempt *attempt, char hash[static PASSWORD_HASH_MAX])
{
	struct err err = { 0 };

	if (!takes_password(attempt))
		return 0;
	int found = state_password_get(attempt->server->state, attempt->user.name, hash, &err);
	if (found < 0)
		refuse_for_trouble(attempt, &err);
	return found;
}

static void check_password(struct attempt *attempt)
{
	const struct mail_login *login = attempt->login;
	char hash[PASSWORD_HASH_MAX];

	if (!login->anonymous && !(attempt->wanted & PROOF_PASSWORD))
		return;
	if (attempt->server->config.auth_command[0] && takes_password(attempt)) {
		check_by_command(attempt);
		return;
	}
	int found = find_hash(attempt, hash);
	if (is_refused(attempt))
		return;
	if (login->hash[0] && found > 0 && strcmp(login->hash, hash) == 0) {
		attempt->proofs |= PROOF_PASSWORD;
	} else if (login->hash[0]) { /* it was changed meanwhile */
		refuse(attempt, GOODBYE_WRONG, SAYS_WRONG);
	} else {
		ask(attempt, ASK_PASSWORD, false);
		memcpy(attempt->ask.hash, found > 0 ? hash : attempt->server->decoy,
		       sizeof(attempt->ask.hash));
	}
}

/* 1: right and used up. */
static int take_code(const struct attempt *attempt, struct state_code *code, struct err *err)
{
	struct bytes secret = { code->secret, sizeof(code->secret) };
	int64_t step;
	int right =
		totp_match(secret, attempt->login->code, time(NULL), code->last_step, &step, err);

	if (right > 0)
		right = state_code_take(attempt->server->state, attempt->user.name, code, step,
					err);
	return right;
}

static void check_code(struct attempt *attempt)
{
	struct state_code code;
	struct err err = { 0 };
	int right = 0;

	if (!(attempt->wanted & PROOF_CODE))
		return;
	int found = state_code_get(attempt->server->state, attempt->user.name, &code, &err);
	if (found > 0 && attempt->login->code[0])
		right = take_code(attempt, &code, &err);
	explicit_bzero(&code, sizeof(code));
	if (found < 0 || right < 0)
		refuse_for_trouble(attempt, &err);
	else if (found == 0)
		refuse(attempt, GOODBYE_NOT_ALLOWED,
		       "one-time codes are wanted, and you have none: ask the administrator");
	else if (right > 0)
		attempt->proofs |= PROOF_CODE;
	else
		ask(attempt, ASK_CODE, attempt->login->code[0] != '\0');
}

/* Who shows a certificate is known, and is told at once what stands in the way. */
static void check_the_rest(struct attempt *attempt)
{
	struct goodbye answer;

	if (!admission_allow(attempt->server, &attempt->user, &attempt->login->hello, ALL_PROOFS,
			     &answer))
		refuse(attempt, answer.reason, answer.text);
}

static void judge(struct attempt *attempt)
{
	static void (*const anonymous[])(struct attempt *) = { find_by_name, find_wanted,
							       check_password, check_code, let_in };
	static void (*const certified[])(struct attempt *) = { find_by_certificate, find_wanted,
							       check_the_rest,	    check_password,
							       check_code,	    let_in };
	bool is_anonymous = attempt->login->anonymous;
	unsigned count = is_anonymous ? ARRAY_LEN(anonymous) : ARRAY_LEN(certified);

	for (unsigned i = 0; i < count && !is_refused(attempt) && attempt->ask.kind == 0; i++)
		(is_anonymous ? anonymous : certified)[i](attempt);
}

void login_begin(struct server *server, const struct mail_login *login)
{
	struct attempt attempt = {
		.server = server,
		.login = login,
		.verdict = { .stranger = login->stranger },
	};

	if (server->phase != SERVER_RUNNING)
		refuse(&attempt, GOODBYE_SHUTDOWN, "the server is shutting down");
	else
		judge(&attempt);
	if (attempt.ask.kind != 0)
		mail_send(server->box, THREAD_GREETER, MAIL_ASK, &attempt.ask, sizeof(attempt.ask));
	else if (!mail_send(server->box, THREAD_GREETER, MAIL_VERDICT, &attempt.verdict,
			    sizeof(attempt.verdict)) &&
		 attempt.verdict.accepted)
		client_remove(client_of(server, &attempt.verdict.port));
}

bool login_takes_passwords(const struct server_config *config)
{
	struct policy policy;
	bool any = config->policy.auth & PROOF_PASSWORD;

	for (unsigned i = 0; i < config->section_count && !any; i++) {
		const struct ra_section *section = config->section[i];
		const char *user = section->kind == SECTION_USER ? section->name : "";
		const char *group = section->kind == SECTION_GROUP ? section->name : "";

		server_config_policy(config, user, group, &policy);
		any = policy.auth & PROOF_PASSWORD;
	}
	return any;
}

bool login_takes_anonymous(struct server *server)
{
	struct err err = { 0 };

	if (login_takes_passwords(&server->config))
		return true;
	int open = state_invites_open(server->state, time(NULL), &err);
	if (open < 0)
		log_error("state: %s", err.text);
	return open > 0;
}

void login_invites_changed(struct server *server)
{
	if (login_takes_anonymous(server) != server->anonymous)
		server_send_limits(server);
}
