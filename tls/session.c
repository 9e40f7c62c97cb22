/* SPDX-License-Identifier: Apache-2.0 */
/* tls/session.c
 *
 * A session's life: made, moved, timed, ended.  What it reads is session_input.c, what it sends is
 * session_output.c.  All its deadlines follow from a few moments that are kept; none is armed.
 */
#include <stdlib.h>

#include "tls/session_private.h"

const char *const session_state_name[SESSION_STATES] = {
	[SESSION_HELLO] = "hello",     [SESSION_LOGIN] = "login",   [SESSION_UP] = "up",
	[SESSION_CLOSING] = "closing", [SESSION_CLOSED] = "closed",
};

void stash_release(struct session *session, enum memory_kind kind, struct stash *stash)
{
	memory_give(session->memory, kind, stash->buffer);
	*stash = (struct stash) { 0 };
}

void session_enter(struct session *session, enum session_state state)
{
	session->state = state;
	switch (state) {
	case SESSION_HELLO:
	case SESSION_LOGIN: break;
	case SESSION_UP: session->heard_ms = session->now_ms; break;
	case SESSION_CLOSED: output_drop(session); __attribute__((fallthrough));
	case SESSION_CLOSING:
		stash_release(session, MEMORY_SEALED, &session->sealed);
		stash_release(session, MEMORY_PLAIN, &session->plain);
		break;
	case SESSION_STATES: break;
	}
}

bool session_is_over(const struct session *session)
{
	return session->state == SESSION_CLOSING || session->state == SESSION_CLOSED;
}

uint64_t session_now_us(const struct session *session)
{
	if (session->events->now_us)
		return session->events->now_us(session->owner);
	return session->now_ms * 1000;
}

/* The first echo goes out at once, so that the round-trip time is known soon. */
void session_go_up(struct session *session)
{
	session_enter(session, SESSION_UP);
	session->was_up = true;
	session->echo_wait_ms = session->config.echo_ms;
	output_echo(session);
}

void session_send_hello(struct session *session)
{
	uint8_t buffer[MESSAGE_HEADER_LEN + MESSAGE_LOGIN_MAX];
	struct writer w = writer_over(buffer, sizeof(buffer));

	if (session->hello_sent)
		return;
	session->hello_sent = true;
	message_build_hello(&w, &session->config.hello);
	output_control(session, &w);
}

/* What the struct needs before anything can fail. */
static void prepare(struct session *session, const struct session_config *config, uint64_t now_ms)
{
	session->config = *config;
	if (session->config.hello.max_frame > FRAME_MAX)
		session->config.hello.max_frame = FRAME_MAX;
	session->state = SESSION_HELLO;
	session->rekey_after = RECORD_REKEY_AFTER;
	session->now_ms = session->started_ms = session->heard_ms = now_ms;
}

struct session *session_new(const struct session_config *config, const struct tls_secrets *secrets,
			    const struct session_events *events, void *owner,
			    struct session_memory *memory, uint64_t now_ms, struct err *err)
{
	bool is_client = config->role == TLS_CLIENT;
	struct session *session = calloc(1, sizeof(*session));

	if (!session) {
		err_set(err, "out of memory");
		return NULL;
	}
	prepare(session, config, now_ms);
	session_move(session, events, owner, memory);
	if (record_half_init(&session->read, secrets->suite,
			     is_client ? &secrets->server : &secrets->client, err) < 0 ||
	    record_half_init(&session->write, secrets->suite,
			     is_client ? &secrets->client : &secrets->server, err) < 0)
		goto fail;
	if (is_client) {
		session->refusal_secret = secrets->server_handshake;
		session_send_hello(session);
		session_flush(session);
	}
	if (session->state != SESSION_HELLO) {
		err_set(err, "out of memory");
		goto fail;
	}
	return session;

fail:
	session_free(session);
	return NULL;
}

void session_free(struct session *session)
{
	if (!session)
		return;
	session_enter(session, SESSION_CLOSED); /* gives the buffers back */
	record_half_free(&session->read);
	record_half_free(&session->write);
	explicit_bzero(session, sizeof(*session));
	free(session);
}

void session_move(struct session *session, const struct session_events *events, void *owner,
		  struct session_memory *memory)
{
	session->events = events;
	session->owner = owner;
	session->memory = memory;
}

void session_lost(struct session *session)
{
	session_end_silently(session, SESSION_END_CLOSED);
}

void session_accept(struct session *session, const struct welcome *welcome, uint64_t now_ms)
{
	uint8_t buffer[MESSAGE_HEADER_LEN + MESSAGE_LOGIN_MAX];
	struct writer w = writer_over(buffer, sizeof(buffer));

	if (session->config.role != TLS_SERVER || session->state != SESSION_LOGIN)
		return;
	session->now_ms = now_ms;
	session_send_hello(session);
	message_build_welcome(&w, welcome);
	output_control(session, &w);
	if (session->state == SESSION_LOGIN) /* else there was no memory */
		session_go_up(session);
}

/* Nothing heard for a while, or a long time since the last measurement in a busy session. */
static uint64_t echo_due_ms(const struct session *session)
{
	uint64_t latest_ms = session->heard_ms > session->echo_sent_ms ? session->heard_ms
								       : session->echo_sent_ms;
	uint64_t quiet_ms = latest_ms + session->echo_wait_ms;
	uint64_t measure_ms = session->echo_sent_ms + SESSION_ROUND_TRIP_MS;

	return quiet_ms < measure_ms ? quiet_ms : measure_ms;
}

static uint64_t dead_due_ms(const struct session *session)
{
	uint64_t quiet_ms = session->heard_ms + session->config.dead_ms;

	return session->probe_due_ms > 0 && session->probe_due_ms < quiet_ms ? session->probe_due_ms
									     : quiet_ms;
}

void session_probe(struct session *session, uint64_t now_ms, uint32_t within_ms)
{
	if (session->state != SESSION_UP || session->probe_due_ms > 0)
		return;
	session->now_ms = now_ms;
	session->probe_due_ms = now_ms + within_ms;
	output_echo(session);
}

static uint64_t login_due_ms(const struct session *session)
{
	return session->started_ms + session->config.login_ms;
}

uint64_t session_due_ms(const struct session *session)
{
	switch (session->state) {
	case SESSION_HELLO:
	case SESSION_LOGIN: return login_due_ms(session);
	case SESSION_UP: {
		uint64_t echo_ms = echo_due_ms(session);
		uint64_t dead_ms = dead_due_ms(session);
		return echo_ms < dead_ms ? echo_ms : dead_ms;
	}
	case SESSION_CLOSING:
		return session->closing_ms > 0 ? session->closing_ms : session->now_ms;
	case SESSION_CLOSED:
	case SESSION_STATES: break;
	}
	return SESSION_NEVER_MS;
}

static void tick_login(struct session *session)
{
	if (session->now_ms >= login_due_ms(session))
		session_end_with_goodbye(session, SESSION_END_LOGIN_TIMEOUT, GOODBYE_TIMEOUT,
					 "the login took too long");
}

static void tick_up(struct session *session, uint64_t dice)
{
	if (session->now_ms >= dead_due_ms(session)) {
		/* What waits already will hardly leave: no use in adding to it. */
		if (session->output.buffer)
			session_end_silently(session, SESSION_END_DEAD);
		else
			session_end_with_goodbye(session, SESSION_END_DEAD, GOODBYE_TIMEOUT,
						 "no sign of life");
	} else if (session->now_ms >= echo_due_ms(session)) {
		output_echo(session);
		/* Up to an eighth sooner, so that many sessions do not beat in time. */
		session->echo_wait_ms = session->config.echo_ms;
		session->echo_wait_ms -= dice % (session->echo_wait_ms / 8 + 1);
	}
}

void session_tick(struct session *session, uint64_t now_ms, uint64_t dice)
{
	session->now_ms = now_ms;
	switch (session->state) {
	case SESSION_HELLO:
	case SESSION_LOGIN: tick_login(session); break;
	case SESSION_UP: tick_up(session, dice); break;
	case SESSION_CLOSING:
		if (session->closing_ms == 0)
			session->closing_ms = now_ms + SESSION_CLOSING_MS;
		else if (now_ms >= session->closing_ms)
			session_enter(session, SESSION_CLOSED);
		break;
	case SESSION_CLOSED:
	case SESSION_STATES: break;
	}
}

enum session_state session_state(const struct session *session)
{
	return session->state;
}

const struct hello *session_peer(const struct session *session)
{
	return &session->peer;
}

uint32_t session_rtt_us(const struct session *session)
{
	return session->rtt_us;
}

const struct session_counters *session_counters(const struct session *session)
{
	return &session->counters;
}

enum tls_suite session_suite(const struct session *session)
{
	return session->read.suite;
}

const char *session_aead_name(const struct session *session)
{
	return session->read.backend->name;
}

const char *session_aead_detail(const struct session *session)
{
	return session->read.backend->about();
}
