/* SPDX-License-Identifier: Apache-2.0 */
/* client/uplink_io.c - the uplink's handshake and session on their socket. */
#include <errno.h>
#include <sys/socket.h>

#include "base/log.h"
#include "client/uplink_private.h"

#define READ_BUDGET 8

/* ---- the socket ---- */

static ssize_t read_some(void *owner, void *to, size_t len)
{
	struct uplink *uplink = owner;

	return recv(uplink->connection->fd, to, len, 0);
}

/* A connection that the server has closed swallows all: what it said last, perhaps an alert
 * that tells why, still waits to be read, and reading finds the end too. */
static ssize_t write_some(void *owner, const void *from, size_t len)
{
	struct uplink *uplink = owner;
	ssize_t n = send(uplink->connection->fd, from, len, MSG_NOSIGNAL);

	return n < 0 && (errno == EPIPE || errno == ECONNRESET) ? (ssize_t)len : n;
}

const struct tls_io uplink_io = { .read = read_some, .write = write_some };

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct connection *connection = poll->data;

	if (connection->uplink)
		uplink_advance(connection->uplink);
}

static void watch(struct uplink *uplink, int events)
{
	struct connection *connection = uplink->connection;

	if (!connection || events == connection->watching)
		return;
	connection->watching = events;
	uv_poll_start(&connection->poll, events, on_poll);
}

/* ---- the session ---- */

static void on_welcome(void *owner, const struct welcome *welcome)
{
	struct uplink *uplink = owner;

	uplink_begun_up(uplink);
	uplink->events->welcome(uplink->owner, welcome);
}

static void on_frame(void *owner, const struct frame *frame)
{
	struct uplink *uplink = owner;

	uplink->events->frame(uplink->owner, frame);
}

static void on_notice(void *owner, const char *text)
{
	char safe[2 * MESSAGE_TEXT_MAX];

	log_info("server: %s", log_escape(text, strlen(text), safe, sizeof(safe)));
}

static uint64_t now_us(void *owner)
{
	return uv_hrtime() / 1000;
}

static const struct session_events session_events = {
	.now_us = now_us,
	.welcome = on_welcome,
	.frame = on_frame,
	.notice = on_notice,
};

static void on_ticks(uv_timer_t *timer)
{
	struct uplink *uplink = timer->data;
	uint64_t dice = 0;

	(void)uv_random(NULL, NULL, &dice, sizeof(dice), 0, NULL);
	session_tick(uplink->session, uv_now(uplink->loop), dice);
	uplink_flush(uplink);
}

static void arm_ticks(struct uplink *uplink)
{
	uint64_t now_ms = uv_now(uplink->loop), due_ms = session_due_ms(uplink->session);
	uint64_t armed_ms = uv_is_active((uv_handle_t *)&uplink->ticks)
				    ? now_ms + uv_timer_get_due_in(&uplink->ticks)
				    : SESSION_NEVER_MS;

	/* one that fires too early costs a look; moving it at each frame would cost more */
	if (due_ms < armed_ms)
		uv_timer_start(&uplink->ticks, on_ticks, due_ms > now_ms ? due_ms - now_ms : 0, 0);
}

static void read_input(struct uplink *uplink)
{
	for (unsigned n = 0; n < READ_BUDGET; n++) {
		size_t cap;
		void *room = session_room(uplink->session, &cap);
		ssize_t len = read_some(uplink, room, cap);

		if (len > 0) {
			session_received(uplink->session, (size_t)len, uv_now(uplink->loop));
			if ((size_t)len < cap || session_state(uplink->session) >= SESSION_CLOSING)
				return;
		} else if (len < 0 && errno == EINTR) {
			continue;
		} else {
			if (len == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
				session_lost(uplink->session);
			return;
		}
	}
}

static void write_output(struct uplink *uplink)
{
	struct bytes out;

	session_flush(uplink->session);
	while ((out = session_output(uplink->session)).len > 0) {
		ssize_t n = write_some(uplink, out.data, out.len);
		if (n > 0)
			session_sent(uplink->session, (size_t)n);
		else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		else if (n == 0 || errno != EINTR)
			session_lost(uplink->session);
	}
}

static void settle(struct uplink *uplink)
{
	struct err why = { 0 };

	if (session_state(uplink->session) == SESSION_CLOSED) {
		session_end_sentence(uplink->session, &why);
		uplink_fail(uplink, &why);
		return;
	}
	watch(uplink, UV_READABLE | (session_output(uplink->session).len > 0 ? UV_WRITABLE : 0));
	arm_ticks(uplink);
}

static bool can_take_more(const struct uplink *uplink)
{
	return uplink->want_room && uplink->state == UPLINK_UP && uplink->session &&
	       session_has_room(uplink->session);
}

void uplink_flush(struct uplink *uplink)
{
	if (!uplink->session)
		return;
	write_output(uplink);
	/* first, and written too: whatever waits after this, the socket must be watched for */
	while (can_take_more(uplink)) {
		uplink->want_room = false;
		uplink->events->writable(uplink->owner);
		if (uplink->session)
			write_output(uplink);
	}
	if (uplink->session)
		settle(uplink);
}

bool uplink_send(struct uplink *uplink, const struct frame *frame)
{
	if (uplink->state != UPLINK_UP)
		return true; /* nobody is there: dropped, as on a cable that is not plugged in */
	if (session_send_frame(uplink->session, frame))
		return true;
	write_output(uplink);
	if (session_send_frame(uplink->session, frame))
		return true;
	uplink->want_room = true;
	return false;
}

/* ---- the handshake ---- */

static void begin_session(struct uplink *uplink)
{
	struct session_config config = {
		.role = TLS_CLIENT,
		.login_ms = UPLINK_LOGIN_MS,
		.echo_ms = uplink->config.echo_ms,
		.dead_ms = uplink->config.dead_ms,
		.hello = uplink->config.hello,
	};
	struct tls_secrets secrets;
	struct err err = { 0 };

	tls_handshake_secrets(uplink->handshake, &secrets);
	tls_handshake_free(uplink->handshake);
	uplink->handshake = NULL;
	uplink->session = session_new(&config, &secrets, &session_events, uplink, uplink->memory,
				      uv_now(uplink->loop), &err);
	tls_secrets_wipe(&secrets);
	if (!uplink->session) {
		uplink_fail(uplink, &err);
		return;
	}
	uplink_enter(uplink, UPLINK_LOGIN);
	uplink_flush(uplink);
}

static void step_handshake(struct uplink *uplink)
{
	struct err why = { 0 };

	switch (tls_handshake_step(uplink->handshake)) {
	case TLS_WANT_READ: watch(uplink, UV_READABLE); break;
	case TLS_WANT_WRITE: watch(uplink, UV_WRITABLE); break;
	case TLS_DONE: begin_session(uplink); break;
	case TLS_FAILED:
		tls_handshake_failure(uplink->handshake, &why);
		uplink_fail(uplink, &why);
		break;
	}
}

void uplink_advance(struct uplink *uplink)
{
	if (uplink->handshake) {
		step_handshake(uplink);
	} else if (uplink->session) {
		read_input(uplink);
		uplink_flush(uplink);
	}
}
