/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/session_puppet.h
 *
 * A session's peer that says what the test wants, in genuine records of its own, and takes
 * note of what it hears.
 */
#ifndef TESTS_UNIT_TLS_SESSION_PUPPET_H
#define TESTS_UNIT_TLS_SESSION_PUPPET_H

#include "tests/unit/tls/session_one.h"

struct puppet {
	struct end end; /* the session under test */
	uint64_t now_ms;
	struct record_half read, write;
	unsigned heard[256]; /* messages by type */
	struct goodbye goodbye;
	uint64_t token; /* of the last echo or reply heard */
	unsigned key_updates;
	bool alerted;
	uint8_t alert;
};

static inline void puppet_begin(struct puppet *puppet, enum tls_role role)
{
	struct tls_secrets secrets = test_secrets();
	bool is_server = role == TLS_SERVER;

	*puppet = (struct puppet) { .now_ms = 1000 };
	end_begin(&puppet->end, role, puppet->now_ms);
	assert_int_equal(record_half_init(&puppet->write, SUITE,
					  is_server ? &secrets.client : &secrets.server, NULL),
			 0);
	assert_int_equal(record_half_init(&puppet->read, SUITE,
					  is_server ? &secrets.server : &secrets.client, NULL),
			 0);
}

static inline void puppet_finish(struct puppet *puppet)
{
	end_finish(&puppet->end);
	record_half_free(&puppet->read);
	record_half_free(&puppet->write);
}

static inline struct session *puppet_session(struct puppet *puppet)
{
	return puppet->end.session;
}

static inline void puppet_note_message(struct puppet *puppet, struct message message,
				       struct bytes body)
{
	struct reader r = reader_over(body);

	puppet->heard[message.type]++;
	if (message.type == MESSAGE_ECHO || message.type == MESSAGE_ECHO_REPLY)
		puppet->token = reader_u64(&r);
	if (message.type == MESSAGE_GOODBYE)
		assert_true(message_parse_goodbye(body, &puppet->goodbye));
}

/* Whole messages only: so much is never sent at once in these tests. */
static inline void puppet_note(struct puppet *puppet, enum record_type type, struct bytes content)
{
	struct reader r = reader_over(content);

	if (type == RECORD_ALERT) {
		assert_int_equal(content.len, 2);
		puppet->alerted = true;
		puppet->alert = content.data[1];
		assert_int_equal(content.data[0], puppet->alert == 0 ? 1 : 2);
		return;
	}
	if (type == RECORD_HANDSHAKE) {
		assert_int_equal(content.len, KEY_UPDATE_LEN);
		puppet->key_updates++;
		assert_int_equal(record_half_update(&puppet->read, NULL), 0);
		return;
	}
	while (r.left > 0) {
		struct message message;

		message_read_header(&r, &message);
		struct reader body = reader_sub(&r, message.len);
		assert_false(r.bad);
		puppet_note_message(puppet, message, reader_rest(&body));
	}
}

/* Reads what is sealed. */
static inline void puppet_read(struct puppet *puppet)
{
	static uint8_t plain[RECORD_SEALED_MAX];

	for (;;) {
		struct bytes waiting = session_output(puppet->end.session);
		struct record_opened opened;

		if (waiting.len == 0)
			return;
		assert_int_equal(record_open(&puppet->read, waiting, plain, &opened),
				 RECORD_OPENED);
		puppet_note(puppet, opened.type, bytes_of(plain, opened.plain_len));
		session_sent(puppet->end.session, opened.sealed_len);
	}
}

/* Reads all that the session has to say. */
static inline void puppet_listen(struct puppet *puppet)
{
	session_flush(puppet->end.session);
	puppet_read(puppet);
}

static inline void puppet_say(struct puppet *puppet, enum record_type type, struct bytes content)
{
	static uint8_t sealed[RECORD_SEALED_MAX];
	size_t len = record_seal(&puppet->write, type, &content, 1, sealed);

	end_take(&puppet->end, sealed, len, puppet->now_ms);
}

/* A message of `len` bytes of body, cut into records. */
static inline void puppet_say_message(struct puppet *puppet, uint8_t type, struct bytes body)
{
	static uint8_t buffer[MESSAGE_HEADER_LEN + FRAME_MAX + 1024];
	struct writer w = writer_over(buffer, sizeof(buffer));

	writer_u8(&w, type);
	writer_u24(&w, (uint32_t)body.len);
	writer_copy(&w, body.data, body.len);
	assert_false(w.full);
	for (size_t at = 0; at < w.len && !session_is_over(puppet->end.session);) {
		size_t len = w.len - at < RECORD_PLAIN_MAX ? w.len - at : RECORD_PLAIN_MAX;

		puppet_say(puppet, RECORD_APPLICATION, bytes_of(buffer + at, len));
		at += len;
	}
}

static inline void puppet_say_hex(struct puppet *puppet, enum record_type type, const char *text)
{
	uint8_t buffer[1024];
	puppet_say(puppet, type, hex(text, buffer, sizeof(buffer)));
}

#define PUPPET_HELLO "01 00000e 0001 0002 0001 0003 0004 0001000e"
#define PUPPET_WELCOME "02 00000e 0001 0004 00000011 0002 0002 05dc"

/* To a state on its way: HELLO, LOGIN or UP. */
static inline void puppet_bring(struct puppet *puppet, enum tls_role role, enum session_state state)
{
	puppet_begin(puppet, role);
	puppet->end.accepts = state == SESSION_UP;
	if (state != SESSION_HELLO)
		puppet_say_hex(puppet, RECORD_APPLICATION, PUPPET_HELLO);
	if (state == SESSION_UP && role == TLS_CLIENT)
		puppet_say_hex(puppet, RECORD_APPLICATION, PUPPET_WELCOME);
	assert_int_equal(session_state(puppet->end.session), state);
	puppet_listen(puppet);
}

#endif
