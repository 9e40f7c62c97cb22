/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_session_rules.c
 *
 * A peer with the right keys and bad manners: each message in each state, each length at its
 * limit, each record that may not be, and what is said to such a peer.
 */
#include "tests/unit/tls/session_puppet.h"

static const struct {
	const char *what;
	uint8_t type;
	const char *body;
	const char *server, *client; /* H, L, U: the states in which it may come */
} messages[] = {
	{ "hello", 1, "0001 0002 0001 0003 0004 0001000e", "H", "H" },
	{ "welcome", 2, "0001 0004 00000011 0002 0002 05dc", "", "L" },
	{ "frame", 3, "ffffffffffff 020000000001 86dd", "U", "U" },
	{ "superframe", 4, "00 00 0000 0000 0000 ffffffffffff 020000000001 86dd", "U", "U" },
	{ "echo", 5, "0000000000000001", "U", "U" },
	{ "echo reply", 6, "0000000000000001", "U", "U" },
	{ "notice", 7, "0001 0002 6869", "U", "U" },
	{ "goodbye", 8, "0001 0002 0001", "HLU", "HLU" },
	{ "type 0", 0, "00", "HLU", "HLU" },
	{ "ask", 9, "0001 0002 0001", "", "L" },
	{ "answer", 10, "0001 0002 0001 0002 0001 61", "", "" }, /* unless it was asked for */
	{ "enrol", 11, "0001 0001 01 0002 0001 02", "", "" },	 /* unless hello announced it */
	{ "credentials", 12, "", "", "U" },			 /* LOGIN: after an enrolment */
	{ "renew", 13, "0001 0001 01", "U", "" },
	{ "type 14", 14, "", "HLU", "HLU" },
	{ "type 255", 255, "010203", "HLU", "HLU" },
};

static const struct {
	char letter;
	enum session_state state;
} states[] = { { 'H', SESSION_HELLO }, { 'L', SESSION_LOGIN }, { 'U', SESSION_UP } };

static const enum tls_role roles[] = { TLS_SERVER, TLS_CLIENT };

static void check_manners(size_t m, size_t s, enum tls_role role)
{
	const char *allowed = role == TLS_SERVER ? messages[m].server : messages[m].client;
	bool may = strchr(allowed, states[s].letter);
	uint8_t buffer[64];
	struct puppet puppet;

	puppet_bring(&puppet, role, states[s].state);
	puppet_say_message(&puppet, messages[m].type, hex(messages[m].body, buffer, 64));
	bool refused = session_end(puppet_session(&puppet)) == SESSION_END_PROTOCOL;
	puppet_listen(&puppet);
	if (refused == may)
		fail_msg("%s to a %s in state %c: should be %s", messages[m].what,
			 role == TLS_SERVER ? "server" : "client", states[s].letter,
			 may ? "allowed" : "refused");
	if (refused) {
		assert_int_equal(puppet.goodbye.reason, GOODBYE_PROTOCOL);
		assert_true(puppet.alerted);
		assert_int_equal(puppet.alert, ALERT_CLOSE_NOTIFY);
		assert_int_equal(session_state(puppet_session(&puppet)), SESSION_CLOSED);
	}
	puppet_finish(&puppet);
}

static void each_message_has_its_states(void **state)
{
	for (size_t m = 0; m < ARRAY_LEN(messages); m++) {
		for (size_t s = 0; s < ARRAY_LEN(states); s++) {
			for (size_t r = 0; r < ARRAY_LEN(roles); r++)
				check_manners(m, s, roles[r]);
		}
	}
}

/* A body of zeros: what matters is that its length alone ends the session, before it came. */
static const struct {
	const char *what;
	uint8_t type;
	enum session_state state;
	uint32_t len;
	bool ok;
} lengths[] = {
	{ "the longest frame", MESSAGE_FRAME, SESSION_UP, 1514, true },
	{ "a frame over our limit", MESSAGE_FRAME, SESSION_UP, 1515, false },
	{ "the largest length", MESSAGE_FRAME, SESSION_UP, 0xffffff, false },
	{ "the longest superframe", MESSAGE_SUPERFRAME, SESSION_UP, 1522, true },
	{ "a superframe over our limit", MESSAGE_SUPERFRAME, SESSION_UP, 1523, false },
	{ "the longest notice", MESSAGE_NOTICE, SESSION_UP, MESSAGE_CONTROL_MAX, true },
	{ "a notice too long", MESSAGE_NOTICE, SESSION_UP, MESSAGE_CONTROL_MAX + 1, false },
	{ "an unknown one as long as allowed", 77, SESSION_UP, MESSAGE_CONTROL_MAX, true },
	{ "an unknown one too long", 77, SESSION_UP, MESSAGE_CONTROL_MAX + 1, false },
	{ "the longest hello", MESSAGE_HELLO, SESSION_HELLO, MESSAGE_LOGIN_MAX, true },
	{ "a hello too long", MESSAGE_HELLO, SESSION_HELLO, MESSAGE_LOGIN_MAX + 1, false },
	{ "an unknown one before hello", 77, SESSION_HELLO, MESSAGE_LOGIN_MAX, true },
	{ "one too long before hello", 77, SESSION_HELLO, MESSAGE_LOGIN_MAX + 1, false },
	{ "a goodbye during login", MESSAGE_GOODBYE, SESSION_LOGIN, MESSAGE_LOGIN_MAX, true },
	{ "one too long during login", MESSAGE_GOODBYE, SESSION_LOGIN, MESSAGE_LOGIN_MAX + 1,
	  false },
};

static void each_length_has_its_limit(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		struct puppet puppet;
		uint8_t header[MESSAGE_HEADER_LEN];
		struct writer w = writer_over(header, sizeof(header));

		puppet_bring(&puppet, TLS_SERVER, lengths[i].state);
		puppet_session(&puppet)->config.hello.max_frame = 1514;
		writer_u8(&w, lengths[i].type);
		writer_u24(&w, lengths[i].len);
		puppet_say(&puppet, RECORD_APPLICATION, writer_bytes(&w));
		if ((session_end(puppet_session(&puppet)) == SESSION_END_NONE) != lengths[i].ok)
			fail_msg("%s: should %sbe waited for", lengths[i].what,
				 lengths[i].ok ? "" : "not ");
		puppet_finish(&puppet);
	}
}

static void our_largest_frame_is_bounded(void **state)
{
	struct session_config config = { .role = TLS_SERVER, .hello.max_frame = UINT32_MAX };
	struct tls_secrets secrets = test_secrets();
	struct session_memory *memory = session_memory_new(NULL);
	struct session *session =
		session_new(&config, &secrets, &test_events, NULL, memory, 0, NULL);

	assert_int_equal(session->config.hello.max_frame, FRAME_MAX);
	session_free(session);
	session_free(NULL);
	session_memory_free(memory);
}

static const struct {
	const char *what;
	enum session_state state;
	const char *messages;
} malformed[] = {
	{ "a hello without a frame size", SESSION_HELLO, "01 000006 0001 0002 0001" },
	{ "a hello with a frame size of 13", SESSION_HELLO,
	  "01 00000e 0001 0002 0001 0003 0004 0000000d" },
	{ "a hello with two frame sizes", SESSION_HELLO,
	  "01 000016 0001 0002 0001 0003 0004 0001000e 0003 0004 0001000e" },
	{ "a goodbye without a reason", SESSION_HELLO, "08 000000" },
	{ "an echo of 7 bytes", SESSION_UP, "05 000007 00000000000000" },
	{ "an echo of 9 bytes", SESSION_UP, "05 000009 000000000000000000" },
	{ "an echo reply of 7 bytes", SESSION_UP, "06 000007 00000000000000" },
	{ "an echo reply of 9 bytes", SESSION_UP, "06 000009 000000000000000000" },
	{ "a notice without a text", SESSION_UP, "07 000000" },
	{ "a frame of 13 bytes", SESSION_UP, "03 00000d ffffffffffff 020000000001 86" },
	{ "a superframe with a reserved bit", SESSION_UP,
	  "04 000016 80 00 0000 0000 0000 ffffffffffff 020000000001 86dd" },
	{ "something good, then something bad", SESSION_UP,
	  "05 000008 0000000000000000 07 000000" },
};

static void malformed_messages_end_it(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(malformed); i++) {
		struct puppet puppet;

		puppet_bring(&puppet, TLS_SERVER, malformed[i].state);
		puppet_say_hex(&puppet, RECORD_APPLICATION, malformed[i].messages);
		if (session_end(puppet_session(&puppet)) != SESSION_END_PROTOCOL)
			fail_msg("%s: should end the session", malformed[i].what);
		puppet_listen(&puppet);
		assert_int_equal(puppet.goodbye.reason, GOODBYE_PROTOCOL);
		puppet_finish(&puppet);
	}
}

static void a_malformed_welcome_ends_it(void **state)
{
	struct puppet puppet;

	puppet_bring(&puppet, TLS_CLIENT, SESSION_LOGIN);
	puppet_say_hex(&puppet, RECORD_APPLICATION, "02 000006 0002 0002 05dc");
	assert_int_equal(session_end(puppet_session(&puppet)), SESSION_END_PROTOCOL);
	assert_int_equal(puppet.end.welcomes, 0);
	puppet_finish(&puppet);
}

static void version_zero_is_told_so(void **state)
{
	for (size_t r = 0; r < ARRAY_LEN(roles); r++) {
		struct puppet puppet;

		puppet_bring(&puppet, roles[r], SESSION_HELLO);
		puppet_say_hex(&puppet, RECORD_APPLICATION,
			       "01 00000e 0001 0002 0000 0003 0004 0001000e");
		puppet_listen(&puppet);
		assert_int_equal(session_end(puppet_session(&puppet)), SESSION_END_PROTOCOL);
		assert_int_equal(puppet.goodbye.reason, GOODBYE_VERSION);
		assert_int_equal(puppet.end.hellos, 0);
		puppet_finish(&puppet);
	}
}

static void a_newer_version_is_welcome(void **state)
{
	struct puppet puppet;

	puppet_begin(&puppet, TLS_SERVER);
	puppet_say_hex(&puppet, RECORD_APPLICATION, "01 00000e 0001 0002 ffff 0003 0004 0001000e");
	assert_int_equal(session_state(puppet_session(&puppet)), SESSION_UP);
	puppet_finish(&puppet);
}

static void superframes_come_only_when_asked_for(void **state)
{
	struct puppet puppet;

	puppet_bring(&puppet, TLS_SERVER, SESSION_UP);
	puppet_session(&puppet)->config.hello.capabilities = 0;
	puppet_say_hex(&puppet, RECORD_APPLICATION,
		       "04 000016 00 00 0000 0000 0000 ffffffffffff 020000000001 86dd");
	assert_int_equal(session_end(puppet_session(&puppet)), SESSION_END_PROTOCOL);
	assert_int_equal(puppet.end.frames, 0);
	puppet_finish(&puppet);
}

/* Skipped messages cost something, too: 2,048 bytes before the login, headers included. */
static void a_stranger_may_not_talk_for_ever(void **state)
{
	struct puppet puppet;
	unsigned said = 0;

	puppet_bring(&puppet, TLS_SERVER, SESSION_HELLO);
	while (!session_is_over(puppet_session(&puppet))) {
		puppet_say_hex(&puppet, RECORD_APPLICATION, "4d 000000");
		said++;
		assert_in_range(said, 1, SESSION_LOGIN_BYTES_MAX / 4 + 1);
	}
	assert_int_equal(said, SESSION_LOGIN_BYTES_MAX / 4 + 1);
	assert_int_equal(session_end(puppet_session(&puppet)), SESSION_END_PROTOCOL);
	puppet_finish(&puppet);
	/* Afterwards there is no such limit. */
	puppet_bring(&puppet, TLS_SERVER, SESSION_UP);
	for (unsigned i = 0; i < SESSION_LOGIN_BYTES_MAX; i++)
		puppet_say_hex(&puppet, RECORD_APPLICATION, "4d 000000");
	assert_int_equal(session_state(puppet_session(&puppet)), SESSION_UP);
	puppet_finish(&puppet);
}

static void an_event_may_close(void **state)
{
	struct puppet puppet;

	puppet_begin(&puppet, TLS_SERVER);
	puppet.end.accepts = false;
	puppet_say_hex(&puppet, RECORD_APPLICATION, PUPPET_HELLO);
	session_close(puppet_session(&puppet), GOODBYE_BLOCKED, NULL);
	session_accept(puppet_session(&puppet), &test_welcome, puppet.now_ms); /* too late */
	/* Nothing is read any more. */
	puppet_say_hex(&puppet, RECORD_APPLICATION, "08 000000");
	puppet_listen(&puppet);
	assert_int_equal(puppet.heard[MESSAGE_WELCOME], 0);
	assert_int_equal(puppet.goodbye.reason, GOODBYE_BLOCKED);
	assert_int_equal(session_end(puppet_session(&puppet)), SESSION_END_LOCAL);
	assert_int_equal(session_state(puppet_session(&puppet)), SESSION_CLOSED);
	puppet_finish(&puppet);
}

/* It ends on a terminal. */
static void a_goodbye_is_shown_escaped(void **state)
{
	struct puppet puppet;
	struct err err = { 0 };

	puppet_bring(&puppet, TLS_SERVER, SESSION_UP);
	puppet_say_hex(&puppet, RECORD_APPLICATION, "08 00000d 0001 0002 0002 0002 0003 1b5b4d");
	session_end_sentence(puppet_session(&puppet), &err);
	assert_string_equal(err.text, "the client left (\\x1b[M)");
	puppet_listen(&puppet);
	puppet_finish(&puppet);
}

static void echoes_come_back(void **state)
{
	struct puppet puppet;

	puppet_bring(&puppet, TLS_SERVER, SESSION_UP);
	puppet_say_hex(&puppet, RECORD_APPLICATION, "05 000008 1122334455667788");
	puppet_listen(&puppet);
	assert_int_equal(puppet.heard[MESSAGE_ECHO_REPLY], 1);
	assert_true(puppet.token == 0x1122334455667788);
	puppet_finish(&puppet);
}

/* Whoever asks for echoes and reads no answer fills nothing without end. */
static void unread_answers_are_bounded(void **state)
{
	static uint8_t echoes[RECORD_PLAIN_MAX / 12 * 12];
	struct puppet puppet;

	for (size_t i = 0; i < sizeof(echoes); i += 12)
		memcpy(echoes + i, "\5\0\0\10abcdefgh", 12);
	puppet_bring(&puppet, TLS_SERVER, SESSION_UP);
	for (unsigned i = 0; i < 20; i++) {
		puppet_say(&puppet, RECORD_APPLICATION, bytes_of(echoes, sizeof(echoes)));
		puppet_say_hex(&puppet, RECORD_HANDSHAKE, "18 000001 01");
		assert_int_equal(record_half_update(&puppet.write, NULL), 0);
	}
	session_flush(puppet_session(&puppet));
	assert_in_range(session_output(puppet_session(&puppet)).len, OUTPUT_CAP / 2,
			OUTPUT_CAP - OUTPUT_KEEP_GOODBYE);
	assert_in_range(session_counters(puppet_session(&puppet))->tx_dropped, 1, 30000);
	assert_true(puppet_session(&puppet)->key_update_owed); /* no room for that either */
	/* It comes as soon as there is, before anything else. */
	puppet_read(&puppet);
	uint64_t before = puppet.key_updates;
	session_send_notice(puppet_session(&puppet), "room again");
	assert_false(puppet_session(&puppet)->key_update_owed);
	puppet_listen(&puppet);
	assert_int_equal(puppet.key_updates, before + 1);
	assert_int_equal(puppet.heard[MESSAGE_NOTICE], 1);
	assert_int_equal(session_state(puppet_session(&puppet)), SESSION_UP);
	puppet_finish(&puppet);
}

static int crypto_starts(void **state)
{
	return pki_init(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_message_has_its_states),
		cmocka_unit_test(each_length_has_its_limit),
		cmocka_unit_test(our_largest_frame_is_bounded),
		cmocka_unit_test(malformed_messages_end_it),
		cmocka_unit_test(a_malformed_welcome_ends_it),
		cmocka_unit_test(version_zero_is_told_so),
		cmocka_unit_test(a_newer_version_is_welcome),
		cmocka_unit_test(superframes_come_only_when_asked_for),
		cmocka_unit_test(a_stranger_may_not_talk_for_ever),
		cmocka_unit_test(an_event_may_close),
		cmocka_unit_test(a_goodbye_is_shown_escaped),
		cmocka_unit_test(echoes_come_back),
		cmocka_unit_test(unread_answers_are_bounded),
	};
	return cmocka_run_group_tests(tests, crypto_starts, NULL);
}
