/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_look_login.c
 *
 * Handshake time and login.  A login of our own only where no client runs: another one could
 * take its place at the server, or be refused because of it.  It says no MAC, so that it is no
 * device's twin, and leaves at once.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "client/doctor_private.h"
#include "client/host.h"
#include "client/secret.h"
#include "tls/record.h"
#include "tls/session_login.h"

#define LOGIN_LIMIT_MS 5000
#define GOODBYE_LIMIT_MS 1000
#define CLOSE_NOTIFY 0 /* RFC 8446 6.1 */
#define ALERT_WARNING 1

void look_handshake(struct doctor *doctor, struct findings *findings)
{
	judge_handshake(findings, doctor->tcp_ms, doctor->tls_ms);
}

/* ---- a login of our own ---- */

struct login {
	struct doctor *doctor;
	struct session *session;
	char user[MESSAGE_USER_MAX]; /* what the server calls us */
	bool answered, asked;	     /* asked: for what we do not have */
	struct err err;		     /* why we give up */
};

static void on_welcome(void *owner, const struct welcome *welcome)
{
	struct login *login = owner;

	snprintf(login->user, sizeof(login->user), "%s", welcome->user);
}

static void on_frame(void *owner, const struct frame *frame)
{
	/* an advertisement, perhaps: it is for a host that does not come */
}

/* From a file only: who runs a doctor types no passwords into it. */
static void answer(struct login *login)
{
	struct secret password = { 0 };
	char source[320];

	switch (secret_find_password(&login->doctor->profile, &password, source, &login->err)) {
	case SECRET_NONE:
		login->asked = true;
		err_kind(&login->err, ERR_LOGIN,
			 "the server asks for a password, and no file has one");
		break;
	case SECRET_BAD: break;
	case SECRET_FOUND:
		if (login->answered)
			err_kind(&login->err, ERR_LOGIN, "the server refuses the password in %s",
				 source);
		else
			login->answered = session_answer(login->session, password.text);
		break;
	}
	secret_forget(&password);
}

static void on_ask(void *owner, const struct ask *ask)
{
	struct login *login = owner;

	if (ask->kind == ASK_PASSWORD) {
		answer(login);
	} else {
		login->asked = true;
		err_kind(&login->err, ERR_LOGIN, "the server asks for a one-time code%s",
			 login->answered ? "; the password is right" : "");
	}
	if (login->err.text[0])
		session_close(login->session, GOODBYE_LEAVING, "the doctor leaves");
}

static const struct session_login_events login_events = { .ask = on_ask };
static const struct session_events session_events = {
	.welcome = on_welcome,
	.frame = on_frame,
	.login = &login_events,
};

static void write_output(struct doctor *doctor, struct session *session)
{
	struct bytes out;

	session_flush(session);
	while ((out = session_output(session)).len > 0) {
		ssize_t n = send(doctor->fd, out.data, out.len, MSG_NOSIGNAL);
		if (n > 0)
			session_sent(session, (size_t)n);
		else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		else if (n == 0 || errno != EINTR)
			session_lost(session);
	}
}

static void read_input(struct doctor *doctor, struct session *session)
{
	size_t cap;
	void *room = session_room(session, &cap);
	ssize_t n = recv(doctor->fd, room, cap, 0);

	if (n > 0)
		session_received(session, (size_t)n, doctor_now_ms());
	else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
		session_lost(session);
}

/* Until the session is in the state or beyond it; false if that did not come in time. */
static bool run_session(struct doctor *doctor, struct session *session, enum session_state until,
			uint32_t limit_ms)
{
	uint64_t end_ms = doctor_now_ms() + limit_ms, now_ms;

	for (;;) {
		struct pollfd polled = { .fd = doctor->fd, .events = POLLIN };

		write_output(doctor, session);
		if (session_state(session) >= until)
			return true;
		now_ms = doctor_now_ms();
		if (session_output(session).len > 0)
			polled.events |= POLLOUT;
		if (now_ms >= end_ms ||
		    poll(&polled, 1, doctor_wait_ms(doctor, (uint32_t)(end_ms - now_ms))) <= 0)
			return false;
		if (session_state(session) < SESSION_CLOSING)
			read_input(doctor, session);
	}
}

static void log_in(struct login *login)
{
	struct doctor *doctor = login->doctor;
	struct session *session = login->session;
	struct err *err = &login->err;
	bool answered = run_session(doctor, session, SESSION_UP, LOGIN_LIMIT_MS);

	if (!answered && !err->text[0])
		err_kind(err, ERR_TIMEOUT, "the server did not finish the login in %u s",
			 LOGIN_LIMIT_MS / 1000);
	else if (session_state(session) != SESSION_UP && !err->text[0])
		session_end_sentence(session, err);
	session_close(session, GOODBYE_LEAVING, "the doctor leaves");
	(void)run_session(doctor, session, SESSION_CLOSED, GOODBYE_LIMIT_MS);
}

static void try_login(struct login *login)
{
	struct doctor *doctor = login->doctor;
	struct session_config config = {
		.role = TLS_CLIENT,
		.login_ms = LOGIN_LIMIT_MS,
		.echo_ms = LOGIN_LIMIT_MS,
		.dead_ms = 2 * LOGIN_LIMIT_MS,
		.hello = {
			.version = MESSAGE_VERSION,
			.max_frame = FRAME_MAX,
			.software = "lanyard doctor " LANYARD_VERSION,
		},
	};
	struct session_memory *memory = session_memory_new(&login->err);
	struct tls_secrets secrets;

	host_device_name(config.hello.device);
	if (!doctor->profile.certificate[0])
		memcpy(config.hello.user, doctor->profile.user, sizeof(config.hello.user));
	if (memory) {
		tls_handshake_secrets(doctor->handshake, &secrets);
		login->session = session_new(&config, &secrets, &session_events, login, memory,
					     doctor_now_ms(), &login->err);
		tls_secrets_wipe(&secrets);
	}
	if (login->session)
		log_in(login);
	session_free(login->session);
	session_memory_free(memory);
	tls_handshake_free(doctor->handshake);
	doctor->handshake = NULL;
}

void look_login(struct doctor *doctor, struct findings *findings)
{
	struct login_facts facts = {
		.daemon_state = json_string_value(json_object_get(doctor->status, "state")),
		.sentence = doctor_health(doctor, "tunnel"),
		.user = doctor->profile.user,
	};
	uint64_t start_ms = doctor_now_ms();
	struct login login = { .doctor = doctor };
	char safe[2 * MESSAGE_USER_MAX];

	if (!doctor->status && doctor->no_status.kind == ERR_NO_DAEMON) {
		try_login(&login);
		if (login.user
			    [0]) /* the server's word: it may call us otherwise than the profile */
			facts.user = log_escape(login.user, strlen(login.user), safe, sizeof(safe));
		facts.sentence = login.err.text;
		facts.kind = login.err.kind;
		facts.asked = login.asked;
		facts.ms = (uint32_t)(doctor_now_ms() - start_ms);
	} else if (!doctor->status) {
		facts.daemon_state = "unknown"; /* one may run: nobody logs in beside it */
		facts.sentence = doctor->no_status.text;
	}
	judge_login(findings, &facts);
	doctor_hang_up(doctor);
}

/* ---- without a login ---- */

/* RFC 8446 6.1: the end is said, so that the server need not take it for an attack. */
static void say_close(struct doctor *doctor)
{
	static const uint8_t alert[] = { ALERT_WARNING, CLOSE_NOTIFY };
	const struct bytes part = { alert, sizeof(alert) };
	uint8_t sealed[sizeof(alert) + RECORD_OVERHEAD];
	struct tls_secrets secrets;
	struct record_half half;

	tls_handshake_secrets(doctor->handshake, &secrets);
	if (record_half_init(&half, secrets.suite, &secrets.client, NULL) == 0) {
		size_t len = record_seal(&half, RECORD_ALERT, &part, 1, sealed);
		(void)send(doctor->fd, sealed, len, MSG_NOSIGNAL); /* it leaves in any case */
		record_half_free(&half);
	}
	tls_secrets_wipe(&secrets);
}

static void leave(const struct doctor *doctor)
{
	uint64_t end_ms = doctor_now_ms() + GOODBYE_LIMIT_MS, now_ms;

	/* closing before all is read would be a reset, which may overtake the last words */
	shutdown(doctor->fd, SHUT_WR);
	while (!socket_drained(doctor->fd, NULL) && (now_ms = doctor_now_ms()) < end_ms) {
		struct pollfd polled = { .fd = doctor->fd, .events = POLLIN };
		if (poll(&polled, 1, (int)(end_ms - now_ms)) <= 0)
			break;
	}
	close(doctor->fd);
}

void doctor_hang_up(struct doctor *doctor)
{
	if (doctor->fd >= 0) {
		if (doctor->handshake && tls_handshake_step(doctor->handshake) == TLS_DONE)
			say_close(doctor);
		leave(doctor);
	}
	doctor->fd = -1;
	tls_handshake_free(doctor->handshake);
	doctor->handshake = NULL;
}
