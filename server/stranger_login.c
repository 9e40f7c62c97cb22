/* SPDX-License-Identifier: Apache-2.0 */
/* server/stranger_login.c - what a stranger says after the handshake, and what it is asked.
 *
 *   hello -> MAIL_LOGIN -> MAIL_VERDICT, or MAIL_ASK -> ask, answer -> MAIL_LOGIN with more -> ...
 *   hello with enrol -> enrol -> MAIL_ENROL -> MAIL_ENROLLED or MAIL_VERDICT
 *
 * Passwords never leave this thread and the prover's; who failed waits (tries.h).
 */
#include <stdio.h>

#include "server/greeter_private.h"

#define ASK_MS 60000 /* somebody looks for a password or a telephone, and types */
#define EVEN_MS 10   /* from the hello to the first question, whatever the state file says */
#define ASKED_MAX 4  /* questions per connection, less than tries.h forgives */
#define WRONG_AGAIN "wrong: once more"

static uint64_t now_ms(const struct stranger *stranger)
{
	return uv_now(&stranger->greeter->loop);
}

static void tell_control(struct stranger *stranger, enum mail_type type, const void *body,
			 size_t len)
{
	if (!mail_send(stranger->greeter->box, THREAD_CONTROL, type, body, len))
		session_close(stranger->session, GOODBYE_FULL, "the server is busy: try again");
}

static void send_login(struct stranger *stranger)
{
	tell_control(stranger, MAIL_LOGIN, &stranger->login, sizeof(stranger->login));
}

/* ---- failures ---- */

const char *stranger_detail(const struct stranger *stranger, const char *text,
			    char detail[static STRANGER_DETAIL])
{
	const struct mail_login *login = &stranger->login;
	const char *name = login->anonymous ? login->hello.user : login->peer.common_name;
	char escaped[4 * MESSAGE_USER_MAX];

	if (name[0])
		snprintf(detail, STRANGER_DETAIL, "login as '%s': %s",
			 log_escape(name, strlen(name), escaped, sizeof(escaped)), text);
	else
		snprintf(detail, STRANGER_DETAIL, "%s", text);
	return detail;
}

static void send_away(struct stranger *stranger, uint64_t wait_ms)
{
	char text[64];

	snprintf(text, sizeof(text), "try again in %llu s",
		 (unsigned long long)(wait_ms + 999) / 1000);
	stranger_refuse(stranger, REFUSED_SLOWLY, GOODBYE_SLOWLY, text);
}

/* True if it must wait: it was told so. */
static bool comes_too_soon(struct stranger *stranger)
{
	uint64_t wait_ms = tries_wait_ms(stranger->greeter->tries, source_bytes(&stranger->source),
					 stranger->user, now_ms(stranger));

	if (wait_ms > 0)
		send_away(stranger, wait_ms);
	return wait_ms > 0;
}

/* Passwords of the same source that are being looked at; of the same user, too, or of any. */
static unsigned under_way(const struct stranger *stranger, bool same_user)
{
	unsigned count = 0;

	for (const struct stranger *at = stranger->greeter->strangers; at; at = at->next)
		count += at->job &&
			 memcmp(&at->source, &stranger->source, sizeof(at->source)) == 0 &&
			 (!same_user || strcmp(at->user, stranger->user) == 0);
	return count;
}

/* True if others of its kind are being looked at already: it was told so. */
static bool comes_too_often(struct stranger *stranger)
{
	unsigned most = tries_at_once(stranger->greeter->tries, source_bytes(&stranger->source),
				      stranger->user, now_ms(stranger));
	bool too_often = under_way(stranger, true) >= most;

	if (too_often)
		send_away(stranger, TRIES_FIRST_MS);
	return too_often;
}

static void note_failure(struct stranger *stranger, const char *what)
{
	char detail[STRANGER_DETAIL];

	if (what) /* else it is refused, which says the same */
		greeter_login_failed(stranger->greeter, stranger->remote,
				     stranger_detail(stranger, what, detail));
	tries_failed(stranger->greeter->tries, source_bytes(&stranger->source), stranger->user,
		     now_ms(stranger));
}

void stranger_judged(struct stranger *stranger, bool accepted, enum goodbye_reason reason)
{
	if (reason == GOODBYE_WRONG && !accepted)
		note_failure(stranger, NULL);
	else if (accepted && stranger->asked > 0)
		tries_succeeded(stranger->greeter->tries, source_bytes(&stranger->source),
				stranger->user, now_ms(stranger));
}

/* ---- questions ---- */

static void ask(struct stranger *stranger, enum ask_kind kind, const char *text)
{
	struct ask question = { .kind = (uint16_t)kind };

	if (comes_too_soon(stranger))
		return;
	if (stranger->asked == ASKED_MAX) {
		stranger_refuse(stranger, REFUSED_WRONG, GOODBYE_WRONG, "wrong too often");
		return;
	}
	stranger->asked++;
	stranger->listens = true;
	snprintf(question.text, sizeof(question.text), "%s", text);
	session_ask(stranger->session, &question);
	stranger_wait(stranger, ASK_MS);
}

void stranger_ask(struct greeter *greeter, const struct mail_ask *asked)
{
	struct stranger *stranger = stranger_find(greeter, asked->stranger);

	if (!stranger)
		return;
	memcpy(stranger->user, asked->user, sizeof(stranger->user));
	memcpy(stranger->hash, asked->hash, sizeof(stranger->hash));
	stranger->by_command = asked->by_command;
	if (asked->wrong)
		note_failure(stranger, "the one-time code is wrong");
	if (uv_is_active((uv_handle_t *)&stranger->even)) {
		stranger->first = asked->kind;
		return;
	}
	ask(stranger, asked->kind, asked->wrong ? WRONG_AGAIN : "");
	stranger_step(stranger);
}

/* Looking up a user who is there takes some microseconds longer.  So the first question to a name
 * leaves at a time that does not tell. */
static void on_even(uv_timer_t *timer)
{
	struct stranger *stranger = timer->data;

	if (stranger->first == 0) /* it leaves when it comes */
		return;
	ask(stranger, stranger->first, "");
	stranger_step(stranger);
}

/* ---- answers ---- */

static void on_proved(void *owner, bool right, const char *raised)
{
	struct stranger *stranger = owner;

	stranger->job = NULL;
	if (right) {
		memcpy(stranger->login.hash, stranger->hash, sizeof(stranger->login.hash));
		stranger->login.by_command = stranger->by_command;
		snprintf(stranger->login.raised, sizeof(stranger->login.raised), "%s", raised);
		send_login(stranger);
	} else {
		note_failure(stranger, "user or password is wrong");
		ask(stranger, ASK_PASSWORD, WRONG_AGAIN);
	}
	stranger_step(stranger);
}

static void take_password(struct stranger *stranger, const struct answer *answer)
{
	struct greeter *greeter = stranger->greeter;
	struct prover_question question = {
		.cost = greeter->config.password,
		/* those that are not known yet are counted like known ones: others go first */
		.failures = tries_failures(greeter->tries, source_bytes(&stranger->source),
					   now_ms(stranger)) +
			    under_way(stranger, false),
		.hold_ms = tries_hold_ms(greeter->tries, stranger->user, now_ms(stranger)),
	};

	if (comes_too_often(stranger))
		return;
	memcpy(question.hash, stranger->hash, sizeof(question.hash));
	memcpy(question.secret, answer->secret, sizeof(question.secret));
	if (stranger->by_command) {
		memcpy(question.command, greeter->config.auth_command, sizeof(question.command));
		memcpy(question.user, stranger->user, sizeof(question.user));
	}
	stranger->job = prover_ask(greeter->prover, &question, on_proved, stranger);
	explicit_bzero(question.secret, sizeof(question.secret));
	if (!stranger->job)
		stranger_refuse(stranger, REFUSED_TOO_MANY, GOODBYE_FULL,
				"too many log in at the same time: try again");
}

static void on_answer(void *owner, const struct answer *answer)
{
	struct stranger *stranger = owner;

	stranger->listens = false;
	if (answer->kind == ASK_PASSWORD) {
		take_password(stranger, answer);
		return;
	}
	snprintf(stranger->login.code, sizeof(stranger->login.code), "%.15s", answer->secret);
	send_login(stranger);
}

/* ---- hello, enrol ---- */

static void on_hello(void *owner, const struct hello *hello)
{
	struct stranger *stranger = owner;
	struct mail_login *login = &stranger->login;

	login->stranger = stranger->id;
	login->hello = *hello;
	login->suite = session_suite(stranger->session);
	memcpy(login->remote, stranger->remote, sizeof(login->remote));
	snprintf(login->aead, sizeof(login->aead), "%s", session_aead_name(stranger->session));
	if (hello->enrol) {
		if (!comes_too_soon(stranger))
			stranger->listens = true;
	} else if (login->anonymous && !stranger->greeter->config.passwords) {
		stranger_refuse(stranger, REFUSED_LOGIN, GOODBYE_NOT_ALLOWED,
				"nobody logs in here without a certificate");
	} else {
		if (login->anonymous) {
			/* the loop's clock may be as old as the handshake took */
			uv_update_time(&stranger->greeter->loop);
			uv_timer_start(&stranger->even, on_even, EVEN_MS, 0);
		}
		send_login(stranger);
	}
}

static void on_enrol(void *owner, const struct enrol *enrol)
{
	struct stranger *stranger = owner;
	struct mail_enrol mail = { .stranger = stranger->id, .enrol = *enrol };

	stranger->listens = false;
	memcpy(mail.remote, stranger->remote, sizeof(mail.remote));
	tell_control(stranger, MAIL_ENROL, &mail, sizeof(mail));
	explicit_bzero(&mail, sizeof(mail));
}

void stranger_enrolled(struct greeter *greeter, const struct mail_enrolled *enrolled)
{
	struct stranger *stranger = stranger_find(greeter, enrolled->stranger);

	if (!stranger) /* it left: its certificate is registered, and nobody has it */
		return;
	stranger->refused = true; /* an end, but no refusal */
	session_enrolled(stranger->session, &enrolled->credentials);
	stranger_step(stranger);
}

void stranger_forget(struct stranger *stranger)
{
	if (stranger->job)
		prover_forget(stranger->job);
	stranger->job = NULL;
}

static const struct session_login_events login_events = { .answer = on_answer, .enrol = on_enrol };
const struct session_events stranger_events = { .hello = on_hello, .login = &login_events };
