/* SPDX-License-Identifier: Apache-2.0 */
/* client/uplink_io.c - the uplink's handshake and session on their socket. */
#include <errno.h>
#include <sys/socket.h>

#include "base/log.h"
#include "client/uplink_login.h"
#include "client/uplink_private.h"

#define READ_BUDGET 1 /* reads per readable event: some 256 KiB, then others have their turn */

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

void uplink_watch(struct uplink *uplink, int events)
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

	uplink->outlet.takes_offload =
		session_peer(uplink->session)->capabilities & CAPABILITY_OFFLOAD;
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
	.login = &uplink_login_events,
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
	uint64_t queue_us = outlet_due_us(&uplink->outlet);
	uint64_t armed_ms = uv_is_active((uv_handle_t *)&uplink->ticks)
				    ? now_ms + uv_timer_get_due_in(&uplink->ticks)
				    : SESSION_NEVER_MS;

	if (queue_us != QUEUE_NEVER_US && queue_us / 1000 + 1 < due_ms)
		due_ms = queue_us / 1000 + 1;
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

/* ---- frames to the server: the outlet's line ---- */

static bool line_seal(void *owner, const struct frame *frame)
{
	struct uplink *uplink = owner;

	return session_send_frame(uplink->session, frame);
}

static bool line_has_room(void *owner)
{
	struct uplink *uplink = owner;

	return session_has_room(uplink->session);
}

static size_t line_write(void *owner)
{
	struct uplink *uplink = owner;
	struct bytes out;
	size_t taken = 0;

	session_flush(uplink->session);
	while ((out = session_output(uplink->session)).len > 0) {
		ssize_t n = write_some(uplink, out.data, out.len);
		if (n > 0) {
			session_sent(uplink->session, (size_t)n);
			taken += (size_t)n;
		} else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			break;
		} else if (n == 0 || errno != EINTR) {
			session_lost(uplink->session);
		}
	}
	return taken;
}

static size_t line_sealed(void *owner)
{
	struct uplink *uplink = owner;

	return session_output(uplink->session).len;
}

static size_t line_unsent(void *owner)
{
	struct uplink *uplink = owner;

	return socket_unsent(uplink->connection->fd);
}

static uint64_t line_pacing(void *owner)
{
	struct uplink *uplink = owner;

	return socket_bbr_pacing(uplink->connection->fd);
}

static void line_limit(void *owner, size_t unsent_max)
{
	struct uplink *uplink = owner;

	socket_limit_unsent(uplink->connection->fd, unsent_max);
}

const struct outlet_line uplink_line = {
	.now_us = now_us,
	.seal = line_seal,
	.has_room = line_has_room,
	.write = line_write,
	.sealed = line_sealed,
	.unsent = line_unsent,
	.pacing = line_pacing,
	.limit = line_limit,
};

static void count_losses(struct uplink *uplink)
{
	struct queue_losses lost = outlet_losses(&uplink->outlet);

	uplink->losses.full += lost.full;
	uplink->losses.old += lost.old;
	uplink->losses.codel += lost.codel;
	uplink->losses.marked += lost.marked;
}

static void settle(struct uplink *uplink)
{
	struct err why = { 0 };

	if (session_state(uplink->session) == SESSION_CLOSED) {
		session_end_sentence(uplink->session, &why);
		uplink_fail(uplink, &why);
		return;
	}
	bool waits =
		session_output(uplink->session).len > 0 ||
		(session_state(uplink->session) == SESSION_UP && outlet_waits(&uplink->outlet));

	uplink_watch(uplink, UV_READABLE | (waits ? UV_WRITABLE : 0));
	arm_ticks(uplink);
}

void uplink_flush(struct uplink *uplink)
{
	if (!uplink->session)
		return;
	outlet_flush(&uplink->outlet);
	count_losses(uplink);
	settle(uplink);
}

bool uplink_send(struct uplink *uplink, const struct frame *frame)
{
	return uplink->state != UPLINK_UP || outlet_send(&uplink->outlet, frame);
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
	if (uplink->config.enrol)
		session_enrol(uplink->session, uplink->config.enrol);
	uplink_enter(uplink, UPLINK_LOGIN);
	uplink_flush(uplink);
}

static void step_handshake(struct uplink *uplink)
{
	struct err why = { 0 };

	switch (tls_handshake_step(uplink->handshake)) {
	case TLS_WANT_READ: uplink_watch(uplink, UV_READABLE); break;
	case TLS_WANT_WRITE: uplink_watch(uplink, UV_WRITABLE); break;
	case TLS_DONE: begin_session(uplink); break;
	case TLS_FAILED:
		tls_handshake_failure(uplink->handshake, &why);
		uplink_fail(uplink, &why);
		break;
	}
}

void uplink_advance(struct uplink *uplink)
{
	if (uplink->talk) {
		uplink_advance_proxy(uplink);
	} else if (uplink->handshake) {
		step_handshake(uplink);
	} else if (uplink->session) {
		read_input(uplink);
		uplink_flush(uplink);
	}
}
