/* SPDX-License-Identifier: Apache-2.0 */
/* client/answer.c - whence an answer comes, and what a second question says of the first. */
#include "client/answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "client/prompt.h"
#include "client/secret.h"

struct answerer {
	uv_loop_t *loop;
	const struct profile *profile;
	struct uplink *uplink;
	struct prompt *prompt;
	enum ask_kind prompted; /* for */
	/* The password that was typed serves until it is refused; a code that was typed while the
	 * connection was lost, once. */
	struct secret password, code;
	bool gave;     /* something, in this login */
	bool answered; /* the password, in this login, and no code since */
};

static const char *const kind_name[] = {
	[ASK_PASSWORD] = "password",
	[ASK_CODE] = "one-time code",
};

struct answerer *answerer_new(uv_loop_t *loop, const struct profile *profile, struct err *err)
{
	struct answerer *answerer = calloc(1, sizeof(*answerer));

	if (!answerer) {
		err_set(err, "out of memory");
		return NULL;
	}
	answerer->loop = loop;
	answerer->profile = profile;
	return answerer;
}

void answerer_free(struct answerer *answerer)
{
	if (!answerer)
		return;
	prompt_close(answerer->prompt);
	secret_forget(&answerer->password);
	secret_forget(&answerer->code);
	free(answerer);
}

void answerer_begin(struct answerer *answerer, enum goodbye_reason last)
{
	/* never twice by itself: each would count as a try of a person's */
	if (answerer->gave && (last == GOODBYE_SLOWLY || last == GOODBYE_WRONG))
		secret_forget(&answerer->password);
	answerer->gave = answerer->answered = false;
}

/* ---- to the server ---- */

static void give(struct answerer *answerer, enum ask_kind kind, const char *text)
{
	struct err err = { 0 };

	answerer->gave = true;
	answerer->answered = kind == ASK_PASSWORD;
	if (!uplink_answer(answerer->uplink, text)) {
		err_set(&err, "the %s is too long for the server", kind_name[kind]);
		uplink_give_up(answerer->uplink, &err);
	}
}

__attribute__((format(printf, 2, 3))) static void give_up(struct answerer *answerer,
							  const char *format, ...)
{
	char sentence[sizeof(((struct err *)0)->text)];
	struct err err = { 0 };
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	err_kind(&err, ERR_LOGIN, "%s", sentence);
	uplink_give_up(answerer->uplink, &err);
}

/* ---- from a person ---- */

static void on_typed(void *owner, struct secret *typed, const struct err *err)
{
	struct answerer *answerer = owner;
	struct secret *kept =
		answerer->prompted == ASK_CODE ? &answerer->code : &answerer->password;

	answerer->prompt = NULL;
	if (err) {
		uplink_give_up(answerer->uplink, err);
		return;
	}
	secret_forget(kept);
	*kept = *typed;
	typed->text = NULL;
	/* where the connection was lost meanwhile, the next one will ask and find it */
	if (uplink_answer(answerer->uplink, kept->text)) {
		answerer->gave = true;
		answerer->answered = answerer->prompted == ASK_PASSWORD;
		if (answerer->prompted == ASK_CODE)
			secret_forget(kept);
	}
	uplink_flush(answerer->uplink);
	uplink_hold(answerer->uplink, false);
}

/* "vpn.example.net: wrong: once more", then what is wanted. */
static void prompt_text(const struct answerer *answerer, const struct ask *ask, char *text,
			size_t cap)
{
	const struct profile *profile = answerer->profile;
	char said[2 * MESSAGE_TEXT_MAX], user[128];

	log_escape(ask->text, strlen(ask->text), said, sizeof(said));
	log_escape(profile->user, strlen(profile->user), user, sizeof(user));
	size_t used = 0;
	if (said[0])
		used = (size_t)snprintf(text, cap, "%s: %s\n", profile->server, said);
	snprintf(text + used, cap - used,
		 "%s%s%s at %s: ", ask->kind == ASK_CODE ? "One-time code" : "Password",
		 user[0] ? " of " : "", user, profile->server);
}

static void ask_person(struct answerer *answerer, const struct ask *ask)
{
	char text[1024 + 512];
	struct err why = { 0 };

	if (answerer->prompt) /* of a login before */
		return;
	prompt_text(answerer, ask, text, sizeof(text));
	answerer->prompted = (enum ask_kind)ask->kind;
	answerer->prompt = prompt_open(answerer->loop, text, on_typed, answerer, &why);
	if (answerer->prompt)
		uplink_hold(answerer->uplink, true);
	else if (ask->kind == ASK_CODE)
		give_up(answerer, "the server asks for a one-time code: %s", why.text);
	else
		give_up(answerer,
			"the server asks for a password, and there is neither password-file in the "
			"profile nor a credential 'password' of systemd: %s",
			why.text);
}

/* ---- the question ---- */

static void ask_password(struct answerer *answerer, const struct ask *ask)
{
	bool refused = answerer->answered; /* asked again: that was not it */
	struct secret found = { 0 };
	char source[320], said[2 * MESSAGE_TEXT_MAX];
	struct err err = { 0 };

	switch (secret_find_password(answerer->profile, &found, source, &err)) {
	case SECRET_BAD: give_up(answerer, "the server asks for a password: %s", err.text); return;
	case SECRET_FOUND:
		log_escape(ask->text, strlen(ask->text), said, sizeof(said));
		if (refused)
			give_up(answerer, "the server refuses the password in %s%s%s", source,
				said[0] ? ": " : "", said);
		else
			give(answerer, ASK_PASSWORD, found.text);
		secret_forget(&found);
		return;
	case SECRET_NONE: break;
	}
	if (refused)
		secret_forget(&answerer->password);
	if (answerer->password.text)
		give(answerer, ASK_PASSWORD, answerer->password.text);
	else
		ask_person(answerer, ask);
}

static void ask_code(struct answerer *answerer, const struct ask *ask)
{
	struct secret code = answerer->code;

	answerer->code.text = NULL;
	if (code.text)
		give(answerer, ASK_CODE, code.text);
	else
		ask_person(answerer, ask);
	secret_forget(&code);
}

void answerer_ask(struct answerer *answerer, struct uplink *uplink, const struct ask *ask)
{
	answerer->uplink = uplink;
	if (ask->kind == ASK_PASSWORD)
		ask_password(answerer, ask);
	else if (ask->kind == ASK_CODE)
		ask_code(answerer, ask);
	else
		give_up(answerer, "the server asks for something that only a newer client has");
}
