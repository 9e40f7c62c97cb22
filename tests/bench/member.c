/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bench/member.c - one session of the test client: connect, handshake, login, echoes, and
 * again after a pause, as `lanyard connect` has it, if the swarm is to.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <unistd.h>

#include "base/socket.h"
#include "client/uplink.h"
#include "tests/bench/swarm.h"
#include "tls/session_login.h"

/* as `lanyard connect` has them */
#define CONNECT_MS 3000
#define HANDSHAKE_MS 15000
#define LOGIN_MS 15000
#define ECHO_MS 3000
#define DEAD_MS 10000
#define STABLE_MS 10000 /* up for so long: earlier failures are forgotten */
#define READ_BUDGET 8

static void enter(struct member *member, enum member_stage stage)
{
	struct swarm *swarm = member->swarm;

	swarm->in[member->stage]--;
	swarm->in[stage]++;
	member->stage = stage;
}

/* ---- the end of one ---- */

static void on_timer(uv_timer_t *timer);

static uint32_t pause_ms(struct member *member)
{
	uint64_t now_ms = uv_now(&member->swarm->loop);
	uint32_t dice = 0;

	(void)uv_random(NULL, NULL, &dice, sizeof(dice), 0, NULL); /* without dice: no jitter */
	if (member->stage == MEMBER_UP && now_ms - member->up_since_ms >= STABLE_MS)
		member->failures = 0;
	if (member->failures++ == 0)
		member->failing_since_ms = now_ms;
	return uplink_pause_ms(member->failures, member->failing_since_ms, now_ms, dice) + 1;
}

static void drop_connection(struct member *member)
{
	tls_handshake_free(member->handshake);
	session_free(member->session);
	member->handshake = NULL;
	member->session = NULL;
	if (member->fd < 0)
		return;
	uv_close((uv_handle_t *)&member->poll, NULL); /* closed when the pause is over */
	close(member->fd);
	member->fd = -1;
}

static void retire(struct member *member, const char *reason)
{
	struct swarm *swarm = member->swarm;

	bool was_up = member->stage == MEMBER_UP;
	uint32_t wait_ms = pause_ms(member);

	drop_connection(member);
	if (swarm->again && !swarm->leaving) {
		enter(member, MEMBER_WAITING);
		uv_timer_start(&member->timer, on_timer, wait_ms, 0);
	} else {
		enter(member, MEMBER_GONE);
		uv_timer_stop(&member->timer);
	}
	swarm_member_lost(swarm, reason, was_up);
}

static void retire_for(struct member *member, const char *phase, const char *name)
{
	char reason[sizeof(member->swarm->reasons[0].text)];

	snprintf(reason, sizeof(reason), "%s: %.100s", phase, name);
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

static void on_welcome(void *owner, const struct welcome *welcome)
{
	struct member *member = owner;

	enter(member, MEMBER_UP);
	member->up_since_ms = uv_now(&member->swarm->loop);
	carried_introduce(member);
}

static void on_frame(void *owner, const struct frame *frame)
{
	carried_frame(((struct member *)owner)->swarm, frame);
	told_frame(owner, frame);
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

static void on_ask(void *owner, const struct ask *ask)
{
	struct member *member = owner;

	/* the same for every question: without one, or with a wrong one, the server ends it */
	if (!member->swarm->password.text ||
	    !session_answer(member->session, member->swarm->password.text))
		session_close(member->session, GOODBYE_LEAVING, "the swarm has no password");
}

static const struct session_login_events login_events = { .ask = on_ask };
static const struct session_events session_events = {
	.welcome = on_welcome,
	.frame = on_frame,
	.notice = on_notice,
	.now_us = now_us,
	.login = &login_events,
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
	uv_timer_start(&member->timer, on_timer, due_ms > now_ms ? due_ms - now_ms : 0, 0);
}

static void tick(struct member *member)
{
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

bool member_send(struct member *member, const struct frame *frame)
{
	return session_send_frame(member->session, frame);
}

void member_flush(struct member *member)
{
	flush(member);
}

struct mac member_mac(const struct member *member)
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
			.mac = member_mac(member),
			.software = "lanyard swarm",
			.device = "swarm",
		},
	};
	struct tls_secrets secrets;
	struct err err = { 0 };

	snprintf(config.hello.user, sizeof(config.hello.user), "%s", swarm->profile.user);
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
	enter(member, MEMBER_LOGIN);
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
	enter(member, MEMBER_HANDSHAKE);
	uv_timer_start(&member->timer, on_timer, HANDSHAKE_MS, 0);
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
	case MEMBER_GONE:
	case MEMBER_STAGES: break;
	}
}

/* Each its own address: to the server they are many, as its limits per source see them. */
static int bind_own(const struct member *member)
{
	const struct swarm *swarm = member->swarm;
	struct sockaddr_in from = { .sin_family = AF_INET };
	int one = 1;

	from.sin_addr.s_addr = htonl(swarm->from + (uint32_t)(member - swarm->members));
	if (setsockopt(member->fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof(one)) < 0 ||
	    setsockopt(member->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one)) < 0)
		return -1;
	return bind(member->fd, (const struct sockaddr *)&from, sizeof(from));
}

/* -1, with errno, without a connection on its way. */
static int open_socket(struct member *member)
{
	struct swarm *swarm = member->swarm;

	member->fd = socket(swarm->to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (member->fd < 0)
		return -1;
	socket_tune(member->fd, DEAD_MS);
	if ((swarm->from == 0 || bind_own(member) == 0) &&
	    (connect(member->fd, (const struct sockaddr *)&swarm->to, swarm->to_len) == 0 ||
	     errno == EINPROGRESS) &&
	    uv_poll_init(&swarm->loop, &member->poll, member->fd) == 0)
		return 0;
	close(member->fd);
	member->fd = -1;
	return -1;
}

static void dial(struct member *member)
{
	if (open_socket(member) < 0) {
		retire_for(member, "socket", strerror(errno));
		return;
	}
	member->poll.data = member;
	member->watching = 0;
	enter(member, MEMBER_CONNECTING);
	uv_timer_start(&member->timer, on_timer, CONNECT_MS, 0);
	watch(member, UV_WRITABLE);
}

static void on_timer(uv_timer_t *timer)
{
	struct member *member = timer->data;

	switch (member->stage) {
	case MEMBER_WAITING: dial(member); break;
	case MEMBER_CONNECTING: retire_for(member, "connect", "too slow"); break;
	case MEMBER_HANDSHAKE: retire_for(member, "handshake", "too slow"); break;
	case MEMBER_LOGIN:
	case MEMBER_UP: tick(member); break;
	case MEMBER_GONE:
	case MEMBER_STAGES: break;
	}
}

void member_begin(struct member *member)
{
	member->fd = -1;
	uv_timer_init(&member->swarm->loop, &member->timer);
	member->timer.data = member;
	dial(member);
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
