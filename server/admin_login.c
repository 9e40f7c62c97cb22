/* SPDX-License-Identifier: Apache-2.0 */
/* server/admin_login.c - an admin's password and code. */
#include "server/admin_login.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/source.h"
#include "server/account_actions.h"
#include "server/actions.h"
#include "server/server_private.h"
#include "server/state_admin.h"
#include "server/totp.h"
#include "server/tries.h"

#define SAYS_WRONG "user, password or code is wrong"
#define WAITING_MAX 32	 /* logins and passwords under way */
#define WAITING_SOURCE 8 /* logins of one source */

struct admin_login {
	struct server *server;
	struct tries *tries;
	struct prover *prover;
	unsigned count;
	bool ending;
	struct attempt *attempts;
};

/* One login under way. */
struct attempt {
	struct admin_login *login;
	uint64_t ticket;
	char user[STATE_USER_MAX], code[16];
	char from[64]; /* the address as text, for the log */
	struct source source;
	char hash[PASSWORD_HASH_MAX]; /* that the password is held against */
	bool by_command;
	struct prover_job *job; /* NULL: none yet */
	struct attempt *next, **link;
};

static void answer(struct admin_login *login, uint64_t ticket, json_t *object,
		   const struct err *err)
{
	if (login->server->admin)
		admin_answer(login->server->admin, ticket, object, err);
	else
		json_decref(object);
}

static uint64_t now_ms(const struct attempt *attempt)
{
	return uv_now(&attempt->login->server->loop);
}

/* ---- the answers ---- */

static void forget(struct attempt *attempt)
{
	*attempt->link = attempt->next;
	if (attempt->next)
		attempt->next->link = attempt->link;
	attempt->login->count--;
	explicit_bzero(attempt, sizeof(*attempt));
	free(attempt);
}

static void end(struct attempt *attempt, json_t *object, const struct err *err)
{
	answer(attempt->login, attempt->ticket, object, err);
	forget(attempt);
}

static void refuse(struct attempt *attempt)
{
	struct err err = { 0 };

	tries_failed(attempt->login->tries, source_bytes(&attempt->source), attempt->user,
		     now_ms(attempt));
	log_info("admin: a login from %s failed", attempt->from);
	err_kind(&err, ERR_LOGIN, SAYS_WRONG);
	end(attempt, NULL, &err);
}

static void accept_it(struct attempt *attempt, const struct state_admin *admin)
{
	const char *name = attempt->user[0] ? attempt->user : "administrator";
	json_t *request = json_pack("{s:s}", "who", name);

	tries_succeeded(attempt->login->tries, source_bytes(&attempt->source), attempt->user,
			now_ms(attempt));
	log_info("admin: %s logged in from %s, %s", name, attempt->from,
		 admin_role_name[admin->role]);
	actions_note(attempt->login->server, request, "admin login from %s", attempt->from);
	json_decref(request);
	end(attempt,
	    json_pack("{s:i, s:s, s:s, s:s, s:I}", "schema", 1, "name", name, "user", attempt->user,
		      "role", admin_role_name[admin->role], "expires_s",
		      (json_int_t)admin->expires_s),
	    NULL);
}

/* ---- the code ---- */

/* 1 right and used up, 0, -1 */
static int take_code(const struct attempt *attempt, const struct state_admin *admin,
		     struct err *err)
{
	struct bytes secret = { admin->code.secret, sizeof(admin->code.secret) };
	int64_t step;
	int right =
		totp_match(secret, attempt->code, time(NULL), admin->code.last_step, &step, err);

	return right > 0 ? state_admin_take_code(attempt->login->server->state, attempt->user,
						 &admin->code, step, err)
			 : right;
}

static void check_code(struct attempt *attempt, const struct state_admin *admin)
{
	struct err err = { 0 };
	int right;

	if (!admin->has_code) {
		accept_it(attempt, admin);
		return;
	}
	if (!attempt->code[0]) { /* the password was right: the tries are not cleared for it */
		end(attempt, json_pack("{s:i, s:s}", "schema", 1, "needs", "code"), NULL);
		return;
	}
	right = take_code(attempt, admin, &err);
	if (right > 0) {
		accept_it(attempt, admin);
	} else if (right == 0) {
		refuse(attempt);
	} else {
		log_error("admin: %s", err.text);
		end(attempt, NULL, &err);
	}
}

/* ---- the password ---- */

static int look_up(const struct attempt *attempt, struct state_admin *admin, struct err *err)
{
	struct err unused;

	*admin = (struct state_admin) { 0 };
	if (attempt->user[0] && state_check_name("user", attempt->user, &unused) < 0)
		return 0;
	return state_admin_get(attempt->login->server->state, attempt->user, time(NULL), admin,
			       err);
}

/* The state file is asked again: what was changed meanwhile counts. */
static void on_proved(void *owner, bool right, const char *raised)
{
	struct attempt *attempt = owner;
	struct state_admin admin;
	struct err err = { 0 };

	if (!right) {
		refuse(attempt);
		return;
	}
	if (look_up(attempt, &admin, &err) < 0) {
		log_error("admin: %s", err.text);
		end(attempt, NULL, &err);
	} else if (admin.role == ADMIN_NOBODY ||
		   (!attempt->by_command && strcmp(admin.hash, attempt->hash) != 0)) {
		refuse(attempt);
	} else {
		check_code(attempt, &admin);
	}
	explicit_bzero(&admin, sizeof(admin));
}

/* Who is nobody, or has no password, costs the same time as who has one. */
static void prove(struct attempt *attempt, const struct state_admin *admin, const char *password)
{
	struct server *server = attempt->login->server;
	struct prover_question question = {
		.cost = server->config.password,
		.failures = tries_failures(attempt->login->tries, source_bytes(&attempt->source),
					   now_ms(attempt)),
		.hold_ms = tries_hold_ms(attempt->login->tries, attempt->user, now_ms(attempt)),
	};
	struct err err = { 0 };

	attempt->by_command =
		attempt->user[0] && server->config.auth_command[0] && admin->role != ADMIN_NOBODY;
	snprintf(attempt->hash, sizeof(attempt->hash), "%s",
		 admin->role != ADMIN_NOBODY && admin->hash[0] ? admin->hash : server->decoy);
	memcpy(question.hash, attempt->hash, sizeof(question.hash));
	snprintf(question.secret, sizeof(question.secret), "%s", password);
	if (attempt->by_command) {
		memcpy(question.command, server->config.auth_command, sizeof(question.command));
		snprintf(question.user, sizeof(question.user), "%s", attempt->user);
	}
	attempt->job = prover_ask(attempt->login->prover, &question, on_proved, attempt);
	explicit_bzero(&question, sizeof(question));
	if (!attempt->job) {
		err_kind(&err, ERR_TIMEOUT, "too many log in at the same time: try again");
		end(attempt, NULL, &err);
	}
}

static const char *text_of(const json_t *request, const char *name)
{
	const char *text = json_string_value(json_object_get(request, name));

	return text ? text : "";
}

/* Passwords of the same source that are being looked at; of the same user, too, or of any. */
static unsigned under_way(const struct attempt *attempt, bool same_user)
{
	unsigned count = 0;

	for (const struct attempt *at = attempt->login->attempts; at; at = at->next)
		count += at->job &&
			 memcmp(&at->source, &attempt->source, sizeof(at->source)) == 0 &&
			 (!same_user || strcmp(at->user, attempt->user) == 0);
	return count;
}

/* Who guesses many at once gets no more of them than one by one, and leaves room for others. */
static bool comes_too_often(const struct attempt *attempt)
{
	unsigned most = tries_at_once(attempt->login->tries, source_bytes(&attempt->source),
				      attempt->user, now_ms(attempt));

	return under_way(attempt, true) >= most || under_way(attempt, false) >= WAITING_SOURCE;
}

static bool comes_too_soon(const struct attempt *attempt, struct err *err)
{
	uint64_t wait_ms = tries_wait_ms(attempt->login->tries, source_bytes(&attempt->source),
					 attempt->user, now_ms(attempt));

	if (wait_ms == 0 && comes_too_often(attempt))
		wait_ms = TRIES_FIRST_MS;
	if (wait_ms > 0)
		err_kind(err, ERR_TIMEOUT, "try again in %llu s",
			 (unsigned long long)(wait_ms + 999) / 1000);
	return wait_ms > 0;
}

static void begin_login(struct admin_login *login, uint64_t ticket, const json_t *request)
{
	const char *user = text_of(request, "user"), *password = text_of(request, "password");
	struct attempt *attempt = calloc(1, sizeof(*attempt));
	struct state_admin admin = { 0 };
	struct err err = { 0 };

	if (!attempt) {
		err_set(&err, "out of memory");
		answer(login, ticket, NULL, &err);
		return;
	}
	login->count++;
	attempt->login = login;
	attempt->ticket = ticket;
	attempt->next = login->attempts;
	attempt->link = &login->attempts;
	if (attempt->next)
		attempt->next->link = &attempt->next;
	login->attempts = attempt;
	/* what does not fit is nobody's name, and not the beginning of somebody's */
	snprintf(attempt->user, sizeof(attempt->user), "%s",
		 strlen(user) < sizeof(attempt->user) ? user : "?");
	snprintf(attempt->code, sizeof(attempt->code), "%.15s", text_of(request, "code"));
	snprintf(attempt->from, sizeof(attempt->from), "%.63s", text_of(request, "source"));
	attempt->source = source_of_text(attempt->from);
	if (comes_too_soon(attempt, &err) || look_up(attempt, &admin, &err) < 0)
		end(attempt, NULL, &err);
	else if (strlen(password) >= MESSAGE_SECRET_MAX)
		refuse(attempt);
	else
		prove(attempt, &admin, password);
	explicit_bzero(&admin, sizeof(admin));
}

/* ---- a new password ---- */

struct setting {
	uv_work_t work;
	struct admin_login *login;
	uint64_t ticket;
	json_t *request;
	struct password_cost cost;
	char hash[PASSWORD_HASH_MAX];
	int failed;
	struct err err;
};

static void hash_it(uv_work_t *work)
{
	struct setting *setting = work->data;
	const char *password = text_of(setting->request, "password");
	struct bytes bytes = { (const uint8_t *)password, strlen(password) };

	setting->failed = password_hash(bytes, &setting->cost, setting->hash, &setting->err);
}

static void after_hash(uv_work_t *work, int status)
{
	struct setting *setting = work->data;
	struct admin_login *login = setting->login;
	json_t *done = NULL;

	json_object_del(setting->request, "password");
	json_object_set_new(setting->request, "hash", json_string(setting->hash));
	if (status == 0 && setting->failed == 0 && !login->ending)
		done = strcmp(text_of(setting->request, "verb"), "user passwd") == 0
			       ? actions_user_passwd(login->server, setting->request, &setting->err)
			       : actions_admin_change(login->server, setting->request,
						      &setting->err);
	else if (!setting->err.text[0])
		err_set(&setting->err, "the server is stopping");
	answer(login, setting->ticket, done, &setting->err);
	login->count--;
	explicit_bzero(setting->hash, sizeof(setting->hash));
	json_decref(setting->request);
	free(setting);
	if (login->ending && login->count == 0)
		free(login);
}

static void begin_setting(struct admin_login *login, uint64_t ticket, const json_t *request)
{
	const char *password = text_of(request, "password");
	struct setting *setting = calloc(1, sizeof(*setting));
	struct err err = { 0 };

	if (!setting)
		err_set(&err, "out of memory");
	else if (password_check((struct bytes) { (const uint8_t *)password, strlen(password) },
				&err) == 0)
		setting->request = json_deep_copy(request);
	if (!setting || !setting->request) {
		free(setting);
		answer(login, ticket, NULL, &err);
		return;
	}
	login->count++;
	setting->work.data = setting;
	setting->login = login;
	setting->ticket = ticket;
	setting->cost = login->server->config.password;
	uv_queue_work(&login->server->loop, &setting->work, hash_it, after_hash);
}

/* ---- from start to end ---- */

bool admin_login_takes(struct admin_login *login, uint64_t ticket, const json_t *request)
{
	const char *verb = text_of(request, "verb");
	bool logs_in = strcmp(verb, "admin login") == 0;
	bool sets = (strcmp(verb, "user passwd") == 0 || strcmp(verb, "admin passwd") == 0) &&
		    json_object_get(request, "password");
	struct err err = { 0 };

	if (!logs_in && !sets)
		return false;
	if (login->count >= WAITING_MAX) {
		err_kind(&err, ERR_TIMEOUT, "too many log in at the same time: try again");
		answer(login, ticket, NULL, &err);
	} else if (logs_in) {
		begin_login(login, ticket, request);
	} else {
		begin_setting(login, ticket, request);
	}
	return true;
}

struct admin_login *admin_login_open(struct server *server, struct err *err)
{
	struct admin_login *login = calloc(1, sizeof(*login));
	struct siphash_key key;

	if (!login || uv_random(NULL, NULL, &key, sizeof(key), 0, NULL) < 0) {
		err_set(err, login ? "no random numbers" : "out of memory");
		free(login);
		return NULL;
	}
	login->server = server;
	login->tries = tries_new(&key);
	login->prover = login->tries ? prover_new(&server->loop, 1, err) : NULL;
	if (!login->prover) {
		admin_login_close(login);
		return NULL;
	}
	return login;
}

void admin_login_close(struct admin_login *login)
{
	if (!login)
		return;
	while (login->attempts) {
		prover_forget(login->attempts->job);
		forget(login->attempts);
	}
	prover_free(login->prover);
	tries_free(login->tries);
	login->tries = NULL;
	login->ending = true;
	if (login->count == 0)
		free(login);
}
