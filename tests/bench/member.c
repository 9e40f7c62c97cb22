/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bench/member.c - one session of the test client: connect, handshake, login, echoes. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/bench/swarm.h"

#define LOGIN_MS 20000 /* from the first SYN until up */
#define ECHO_MS 3000   /* as `lanyard connect` has them */
#define DEAD_MS 10000
#define READ_BUDGET 8

/* ---- the end of one ---- */

static void retire(struct member *member, const char *reason)
{
	struct swarm *swarm = member->swarm;

	if (member->stage == MEMBER_UP)
		swarm->up--;
	else
		swarm->logging_in--;
	swarm->gone++;
	member->stage = MEMBER_GONE;
	tls_handshake_free(member->handshake);
	session_free(member->session);
	member->handshake = NULL;
	member->session = NULL;
	uv_close((uv_handle_t *)&member->timer, NULL);
	uv_close((uv_handle_t *)&member->poll, NULL);
	close(member->fd);
	swarm_member_gone(swarm, reason);
}

static void retire_for(struct member *member, const char *phase, const char *name)
{
	char reason[sizeof(member->swarm->reasons[0].text)];

	snprintf(reason, sizeof(reason), "%s: %s", phase, name);
	retire(member, reason);
}

/* ---- the socket ---- */

static ssize_t read_some(void *owner, void *to, size_t len)
{
	return recv(((struct member *)owner)->fd, to, len, 0);
}

static ssize_t write_some(void *owner, const void *from, size_t len)
{
	return send(((struct member *)owner)->fd, from, len, MSG_NOSIGNAL);
}

static void on_poll(uv_poll_t *poll, int status, int events);

static void watch(struct member *member, int events)
{
	if (events == member->watching)
		return;
	member->watching = events;
	uv_poll_start(&member->poll, events, on_poll);
}

/* ---- the session ---- */

static void on_tick(uv_timer_t *timer);

static void on_welcome(void *owner, const struct welcome *welcome)
{
	struct member *member = owner;

	member->stage = MEMBER_UP;
	member->swarm->up++;
	member->swarm->logging_in--;
}

static void on_frame(void *owner, const struct frame *frame)
{
}

static void on_notice(void *owner, const char *text)
{
}

/* Within session_received a session that is up asks only to measure an echo's answer. */
static uint64_t now_us(void *owner)
{
	struct member *member = owner;

	member->swarm->echoes_answered += member->counting;
	return uv_hrtime() / 1000;
}

static const struct session_events session_events = {
	.welcome = on_welcome,
	.frame = on_frame,
	.notice = on_notice,
	.now_us = now_us,
};

static void write_output(struct member *member)
{
	struct bytes out;

	session_flush(member->session);
	while ((out = session_output(member->session)).len > 0) {
		ssize_t n = write_some(member, out.data, out.len);
		if (n > 0)
			session_sent(member->session, (size_t)n);
		else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		else if (n == 0 || errno != EINTR)
			session_lost(member->session);
	}
}

static void retire_session(struct member *member)
{
	const struct goodbye *goodbye = session_goodbye(member->session);
	enum session_end how = session_end(member->session);

	if (how == SESSION_END_GOODBYE && goodbye->reason != GOODBYE_NONE)
		retire_for(member, "goodbye", goodbye_name[goodbye->reason]);
	else
		retire_for(member, "session", session_end_name[how]);
}

/* What is due after anything happened. */
static void flush(struct member *member)
{
	uint64_t now_ms = uv_now(&member->swarm->loop), due_ms;

	write_output(member);
	if (session_state(member->session) == SESSION_CLOSED) {
		retire_session(member);
		return;
	}
	watch(member, UV_READABLE | (session_output(member->session).len > 0 ? UV_WRITABLE : 0));
	due_ms = session_due_ms(member->session);
	uv_timer_start(&member->timer, on_tick, due_ms > now_ms ? due_ms - now_ms : 0, 0);
}

static void on_tick(uv_timer_t *timer)
{
	struct member *member = timer->data;
	uint64_t dice = 0;

	if (uv_random(NULL, NULL, &dice, sizeof(dice), 0, NULL) < 0)
		dice = (uint64_t)(member - member->swarm->members); /* only spreads the echoes */
	session_tick(member->session, uv_now(&member->swarm->loop), dice);
	flush(member);
}

static void read_input(struct member *member)
{
	for (unsigned n = 0; n < READ_BUDGET; n++) {
		size_t cap;
		void *room = session_room(member->session, &cap);
		ssize_t len = read_some(member, room, cap);

		if (len > 0) {
			member->counting = member->stage == MEMBER_UP;
			session_received(member->session, (size_t)len,
					 uv_now(&member->swarm->loop));
			member->counting = false;
			if ((size_t)len < cap || session_state(member->session) >= SESSION_CLOSING)
				return;
		} else if (len == 0 ||
			   (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
			session_lost(member->session);
			return;
		} else if (errno != EINTR) {
			return;
		}
	}
}

static void step_session(struct member *member)
{
	bool was_up = member->stage == MEMBER_UP;

	read_input(member);
	flush(member);
	if (member->stage == MEMBER_UP && !was_up)
		swarm_member_up(member->swarm);
}

/* A device of its own: the server takes the same user with the same MAC for one device. */
static struct mac mac_of(const struct member *member)
{
	uint32_t index = (uint32_t)(member - member->swarm->members);

	return (struct mac) { { 0x02, 0x5a, 0x00, (uint8_t)(index >> 16), (uint8_t)(index >> 8),
				(uint8_t)index } };
}

static void begin_session(struct member *member)
{
	struct swarm *swarm = member->swarm;
	struct session_config config = {
		.role = TLS_CLIENT,
		.login_ms = LOGIN_MS,
		.echo_ms = ECHO_MS,
		.dead_ms = DEAD_MS,
		.hello = {
			.version = MESSAGE_VERSION,
			.capabilities = CAPABILITY_OFFLOAD,
			.max_frame = FRAME_MAX,
			.mac = mac_of(member),
			.software = "lanyard swarm",
			.device = "swarm",
		},
	};
	struct tls_secrets secrets;
	struct err err = { 0 };

	tls_handshake_secrets(member->handshake, &secrets);
	tls_handshake_free(member->handshake);
	member->handshake = NULL;
	member->session = session_new(&config, &secrets, &session_events, member, swarm->memory,
				      uv_now(&swarm->loop), &err);
	tls_secrets_wipe(&secrets);
	if (!member->session) {
		retire_for(member, "session", err.text);
		return;
	}
	member->stage = MEMBER_LOGIN;
	flush(member);
}

/* ---- the way there ---- */

static void step_handshake(struct member *member)
{
	struct err err = { 0 };

	switch (tls_handshake_step(member->handshake)) {
	case TLS_WANT_READ: watch(member, UV_READABLE); break;
	case TLS_WANT_WRITE: watch(member, UV_WRITABLE); break;
	case TLS_DONE: begin_session(member); break;
	case TLS_FAILED:
		retire_for(member, "handshake",
			   tls_failure_name[tls_handshake_failure(member->handshake, &err)]);
		break;
	}
}

static void begin_handshake(struct member *member)
{
	struct swarm *swarm = member->swarm;
	struct tls_io io = { .read = read_some, .write = write_some, .owner = member };
	struct err err = { 0 };
	int failure = 0;
	socklen_t len = sizeof(failure);

	if (getsockopt(member->fd, SOL_SOCKET, SO_ERROR, &failure, &len) < 0 || failure != 0) {
		retire_for(member, "connect", strerror(failure));
		return;
	}
	member->handshake = tls_handshake_new(swarm->credentials, swarm->profile.name, &io, &err);
	if (!member->handshake) {
		retire_for(member, "handshake", err.text);
		return;
	}
	member->stage = MEMBER_HANDSHAKE;
	step_handshake(member);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct member *member = poll->data;

	switch (member->stage) {
	case MEMBER_CONNECTING: begin_handshake(member); break;
	case MEMBER_HANDSHAKE: step_handshake(member); break;
	case MEMBER_LOGIN:
	case MEMBER_UP: step_session(member); break;
	case MEMBER_WAITING:
	case MEMBER_GONE: break;
	}
}

static void on_limit(uv_timer_t *timer)
{
	struct member *member = timer->data;

	retire_for(member, member->stage == MEMBER_CONNECTING ? "connect" : "handshake",
		   "too slow");
}

bool member_start(struct member *member)
{
	struct swarm *swarm = member->swarm;
	int one = 1;

	member->fd = socket(swarm->to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (member->fd < 0)
		return false;
	(void)setsockopt(member->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if ((connect(member->fd, (const struct sockaddr *)&swarm->to, swarm->to_len) < 0 &&
	     errno != EINPROGRESS) ||
	    uv_poll_init(&swarm->loop, &member->poll, member->fd) < 0) {
		close(member->fd);
		return false;
	}
	uv_timer_init(&swarm->loop, &member->timer);
	member->poll.data = member;
	member->timer.data = member;
	member->stage = MEMBER_CONNECTING;
	swarm->logging_in++;
	uv_timer_start(&member->timer, on_limit, LOGIN_MS, 0);
	watch(member, UV_WRITABLE);
	return true;
}

void member_leave(struct member *member)
{
	if (member->session) {
		session_close(member->session, GOODBYE_LEAVING, "the swarm leaves");
		flush(member);
	} else if (member->stage != MEMBER_GONE) {
		retire(member, "left");
	}
}
