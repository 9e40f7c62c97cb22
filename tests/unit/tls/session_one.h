/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/session_one.h
 *
 * One session for a test: made, fed with bytes, and what its events said.
 */
#ifndef TESTS_UNIT_TLS_SESSION_ONE_H
#define TESTS_UNIT_TLS_SESSION_ONE_H

#include "tests/unit/tls/hex.h"
#include "tls/pki.h"
#include "tls/session_private.h"

#define SUITE TLS_CHACHA20_POLY1305_SHA256 /* every machine has it */

/* One session and what its events said. */
struct end {
	struct session *session;
	struct session_memory *memory;
	bool accepts; /* a server that accepts in its hello event */
	unsigned hellos, welcomes, notices, frames;
	struct welcome welcome;
	char notice[MESSAGE_TEXT_MAX];
	struct frame last;				    /* its bytes are gone */
	size_t (*frame_like)(unsigned number, uint8_t *to); /* what frame `number` must be */
	uint64_t now_us;
};

static const struct welcome test_welcome = { .session_id = 17, .mtu = 1500, .user = "alice" };

static void on_hello(void *owner, const struct hello *hello)
{
	struct end *end = owner;

	end->hellos++;
	if (end->accepts)
		session_accept(end->session, &test_welcome, end->session->now_ms);
}

static void on_welcome(void *owner, const struct welcome *welcome)
{
	struct end *end = owner;

	end->welcomes++;
	end->welcome = *welcome;
}

static void on_frame(void *owner, const struct frame *frame)
{
	static uint8_t expected[FRAME_MAX];
	struct end *end = owner;

	if (end->frame_like) {
		size_t len = end->frame_like(end->frames, expected);
		if (frame->bytes.len != len || memcmp(frame->bytes.data, expected, len) != 0)
			fail_msg("frame %u arrived changed", end->frames);
	}
	end->frames++;
	end->last = *frame;
}

static void on_notice(void *owner, const char *text)
{
	struct end *end = owner;

	end->notices++;
	memcpy(end->notice, text, strlen(text) + 1);
}

static uint64_t on_now_us(void *owner)
{
	struct end *end = owner;
	return end->now_us;
}

static const struct session_events test_events = { on_hello, on_welcome, on_frame, on_notice,
						   on_now_us };

static inline struct tls_secrets test_secrets(void)
{
	struct tls_secrets secrets = { .suite = SUITE };

	secrets.client.len = secrets.server.len = secrets.server_handshake.len = 32;
	fill(secrets.client.octet, 32, 1);
	fill(secrets.server.octet, 32, 2);
	fill(secrets.server_handshake.octet, 32, 3);
	return secrets;
}

static inline void end_begin_with(struct end *end, enum tls_role role,
				  const struct tls_secrets *secrets, uint64_t now_ms)
{
	struct session_config config = {
		.role = role,
		.login_ms = 5000,
		.echo_ms = 1000,
		.dead_ms = 4000,
		.hello = { .version = 1,
			   .capabilities = CAPABILITY_OFFLOAD,
			   .max_frame = FRAME_MAX },
	};

	if (role == TLS_CLIENT)
		memcpy(config.hello.device, "pc", 3);
	*end = (struct end) { .accepts = true, .now_us = 1000000 };
	end->memory = session_memory_new(NULL);
	assert_non_null(end->memory);
	end->session = session_new(&config, secrets, &test_events, end, end->memory, now_ms, NULL);
	assert_non_null(end->session);
}

static inline void end_begin(struct end *end, enum tls_role role, uint64_t now_ms)
{
	struct tls_secrets secrets = test_secrets();

	end_begin_with(end, role, &secrets, now_ms);
}

static inline void end_finish(struct end *end)
{
	session_free(end->session);
	session_memory_free(end->memory);
}

static inline void end_take(struct end *end, const void *data, size_t len, uint64_t now_ms)
{
	size_t cap;
	void *room = session_room(end->session, &cap);

	assert_in_range(len, 0, cap);
	memcpy(room, data, len);
	session_received(end->session, len, now_ms);
}

#endif
