/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_session_records.c
 *
 * Below the messages: records that may not be, KeyUpdates, alerts, a certificate refused after
 * the handshake; and the sentence that a user reads in the end.
 */
#include "tests/unit/tls/session_puppet.h"

static const enum tls_role roles[] = { TLS_SERVER, TLS_CLIENT };

/* Genuine records with a content that is not allowed. */
static const struct {
	const char *what;
	enum record_type type;
	const char *content;
	int alert; /* the answer; -1: none, the session goes on */
} contents[] = {
	{ "KeyUpdate", RECORD_HANDSHAKE, "18 000001 00", -1 },
	{ "KeyUpdate that asks for ours", RECORD_HANDSHAKE, "18 000001 01", -1 },
	{ "KeyUpdate with an unknown request", RECORD_HANDSHAKE, "18 000001 02",
	  ALERT_ILLEGAL_PARAMETER },
	{ "KeyUpdate with a wrong length", RECORD_HANDSHAKE, "18 000002 00", ALERT_DECODE_ERROR },
	{ "KeyUpdate with length 0", RECORD_HANDSHAKE, "18 000000 00", ALERT_DECODE_ERROR },
	{ "KeyUpdate with more behind it", RECORD_HANDSHAKE, "18 000001 00 18",
	  ALERT_UNEXPECTED_MESSAGE },
	{ "two KeyUpdates in a record", RECORD_HANDSHAKE, "18 000001 00 18 000001 00",
	  ALERT_UNEXPECTED_MESSAGE },
	{ "half a KeyUpdate", RECORD_HANDSHAKE, "18 0000", ALERT_UNEXPECTED_MESSAGE },
	{ "an empty handshake record", RECORD_HANDSHAKE, "", ALERT_UNEXPECTED_MESSAGE },
	{ "NewSessionTicket", RECORD_HANDSHAKE, "04 000001 00", ALERT_UNEXPECTED_MESSAGE },
	{ "ClientHello", RECORD_HANDSHAKE, "01 000001 00", ALERT_UNEXPECTED_MESSAGE },
	{ "CertificateRequest", RECORD_HANDSHAKE, "0d 000003 000000", ALERT_UNEXPECTED_MESSAGE },
	{ "an alert of one byte", RECORD_ALERT, "01", ALERT_DECODE_ERROR },
	{ "an alert of three bytes", RECORD_ALERT, "010000", ALERT_DECODE_ERROR },
	{ "an empty alert", RECORD_ALERT, "", ALERT_DECODE_ERROR },
	{ "an empty data record", RECORD_APPLICATION, "", -1 },
};

static void contents_are_checked(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(contents) * 2; i++) {
		size_t row = i / 2;
		struct puppet puppet;

		puppet_bring(&puppet, roles[i % 2], SESSION_UP);
		puppet_say_hex(&puppet, contents[row].type, contents[row].content);
		puppet_listen(&puppet);
		bool ended = session_end(puppet_session(&puppet)) == SESSION_END_RECORD;
		if (ended != (contents[row].alert >= 0) || puppet.alerted != ended ||
		    (ended && puppet.alert != contents[row].alert))
			fail_msg("%s: end %d, alert %u", contents[row].what,
				 session_end(puppet_session(&puppet)), puppet.alert);
		assert_int_equal(puppet.heard[MESSAGE_GOODBYE], 0); /* not the messages' fault */
		puppet_finish(&puppet);
	}
}

/* Bytes that are no genuine record. */
static const struct {
	const char *what;
	const char *bytes;
	enum alert alert;
} records[] = {
	{ "a forged record", "1703030011 0000000000000000000000000000000000",
	  ALERT_BAD_RECORD_MAC },
	{ "a record too long", "1703034101", ALERT_RECORD_OVERFLOW },
	{ "a plain alert", "1503030002 0228", ALERT_UNEXPECTED_MESSAGE },
	{ "a plain handshake message", "1603030005 18 000001 00", ALERT_UNEXPECTED_MESSAGE },
	{ "change_cipher_spec", "140303000101", ALERT_UNEXPECTED_MESSAGE },
	{ "HTTP", "474554202f20485454502f312e31", ALERT_UNEXPECTED_MESSAGE },
};

static void bad_records_are_answered(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(records) * 2; i++) {
		uint8_t buffer[64];
		struct puppet puppet;
		struct bytes bytes = hex(records[i / 2].bytes, buffer, sizeof(buffer));

		puppet_bring(&puppet, roles[i % 2], SESSION_UP);
		end_take(&puppet.end, bytes.data, bytes.len, puppet.now_ms);
		puppet_listen(&puppet);
		if (session_end(puppet_session(&puppet)) != SESSION_END_RECORD || !puppet.alerted ||
		    puppet.alert != records[i / 2].alert)
			fail_msg("%s: end %d, alert %u", records[i / 2].what,
				 session_end(puppet_session(&puppet)), puppet.alert);
		assert_int_equal(puppet.heard[MESSAGE_GOODBYE], 0);
		assert_int_equal(session_state(puppet_session(&puppet)), SESSION_CLOSED);
		puppet_finish(&puppet);
	}
}

static void say_key_update(struct puppet *puppet, bool request)
{
	puppet_say_hex(puppet, RECORD_HANDSHAKE, request ? "18 000001 01" : "18 000001 00");
	assert_int_equal(record_half_update(&puppet->write, NULL), 0);
}

static void our_key_update_comes_when_asked_for(void **state)
{
	struct puppet puppet;

	puppet_bring(&puppet, TLS_SERVER, SESSION_UP);
	say_key_update(&puppet, false);
	puppet_listen(&puppet);
	assert_int_equal(puppet.key_updates, 0);
	say_key_update(&puppet, true);
	puppet_listen(&puppet);
	assert_int_equal(puppet.key_updates, 1);
	/* Both directions go on with their new keys. */
	puppet_say_hex(&puppet, RECORD_APPLICATION, "05 000008 0000000000000007");
	puppet_listen(&puppet);
	assert_int_equal(puppet.heard[MESSAGE_ECHO_REPLY], 1);
	assert_int_equal(session_counters(puppet_session(&puppet))->rekeys, 3);
	puppet_finish(&puppet);
}

/* RFC 8446 4.6.3: before any more data, also data that waits in an open record. */
static void our_key_update_goes_before_data(void **state)
{
	struct puppet puppet;

	puppet_bring(&puppet, TLS_SERVER, SESSION_UP);
	session_send_notice(puppet_session(&puppet), "said before");
	say_key_update(&puppet, true);
	session_send_notice(puppet_session(&puppet), "said after");
	assert_int_equal(puppet_session(&puppet)->write.sequence, 0); /* the new key, unused */
	puppet_listen(&puppet);
	assert_int_equal(puppet.heard[MESSAGE_NOTICE], 2);
	assert_int_equal(puppet.key_updates, 1);
	puppet_finish(&puppet);
}

static void an_old_key_is_not_taken_any_more(void **state)
{
	struct puppet puppet;

	puppet_bring(&puppet, TLS_SERVER, SESSION_UP);
	puppet_say_hex(&puppet, RECORD_HANDSHAKE, "18 000001 00");
	puppet_say_hex(&puppet, RECORD_APPLICATION, "05 000008 0000000000000007");
	puppet_listen(&puppet);
	assert_int_equal(puppet.alert, ALERT_BAD_RECORD_MAC);
	puppet_finish(&puppet);
}

static void records_without_data_are_bounded(void **state)
{
	static const char *const kinds[] = { "KeyUpdates", "empty records" };

	for (size_t kind = 0; kind < ARRAY_LEN(kinds); kind++) {
		struct puppet puppet;

		puppet_bring(&puppet, TLS_SERVER, SESSION_UP);
		for (unsigned i = 0; i < 3 * RECORD_IDLE_MAX; i++) {
			if (i % RECORD_IDLE_MAX == 0) /* data in between */
				puppet_say_hex(&puppet, RECORD_APPLICATION, "4d 000000");
			if (kind == 0)
				say_key_update(&puppet, true);
			else
				puppet_say_hex(&puppet, RECORD_APPLICATION, "");
		}
		if (session_state(puppet_session(&puppet)) != SESSION_UP)
			fail_msg("32 %s in a row should pass", kinds[kind]);
		puppet_say_hex(&puppet, kind == 0 ? RECORD_HANDSHAKE : RECORD_APPLICATION,
			       kind == 0 ? "18 000001 00" : "");
		puppet_listen(&puppet);
		if (session_end(puppet_session(&puppet)) != SESSION_END_RECORD ||
		    puppet.alert != ALERT_UNEXPECTED_MESSAGE)
			fail_msg("33 %s in a row should not pass", kinds[kind]);
		puppet_finish(&puppet);
	}
}

static struct aead_key *no_key(enum tls_suite suite, const uint8_t key[32])
{
	return NULL;
}

/* Without memory for a new key nothing more is sent or read, and nothing is touched that is gone. */
static void no_memory_for_a_key_ends_it(void **state)
{
	struct aead_backend poor = *aead_for(SUITE);
	static uint8_t buffer[FRAME_MAX];
	struct frame frame = { .bytes = bytes_of(buffer, sizeof(buffer)) };
	struct puppet puppet;

	poor.key_new = no_key;
	puppet_bring(&puppet, TLS_SERVER, SESSION_UP);
	puppet_session(&puppet)->read.backend = &poor;
	say_key_update(&puppet, true);
	assert_int_equal(session_end(puppet_session(&puppet)), SESSION_END_MEMORY);
	puppet_listen(&puppet);
	assert_int_equal(puppet.alert, ALERT_INTERNAL_ERROR);
	puppet_finish(&puppet);

	puppet_bring(&puppet, TLS_SERVER, SESSION_UP);
	puppet_session(&puppet)->write.backend = &poor;
	puppet_session(&puppet)->rekey_after = 2;
	puppet_session(&puppet)->peer.max_frame = FRAME_MAX;
	assert_false(session_send_frame(puppet_session(&puppet), &frame));
	assert_int_equal(session_end(puppet_session(&puppet)), SESSION_END_MEMORY);
	assert_int_equal(session_state(puppet_session(&puppet)), SESSION_CLOSED);
	assert_int_equal(session_output(puppet_session(&puppet)).len, 0);
	session_flush(puppet_session(&puppet));
	session_close(puppet_session(&puppet), GOODBYE_LEAVING, "");
	puppet_finish(&puppet);

	puppet_bring(&puppet, TLS_SERVER, SESSION_UP);
	puppet_session(&puppet)->write.backend = &poor;
	session_send_notice(puppet_session(&puppet), "open");
	say_key_update(&puppet, true);
	assert_int_equal(session_end(puppet_session(&puppet)), SESSION_END_MEMORY);
	puppet_finish(&puppet);
}

static void alerts_end_it(void **state)
{
	for (size_t r = 0; r < ARRAY_LEN(roles); r++) {
		struct puppet puppet;

		puppet_bring(&puppet, roles[r], SESSION_UP);
		puppet_say_hex(&puppet, RECORD_ALERT, "0150"); /* the level does not matter */
		assert_int_equal(session_end(puppet_session(&puppet)), SESSION_END_ALERT);
		assert_int_equal(session_alert(puppet_session(&puppet)), 0x50);
		assert_int_equal(session_state(puppet_session(&puppet)), SESSION_CLOSED);
		puppet_finish(&puppet);

		puppet_bring(&puppet, roles[r], SESSION_UP);
		puppet_say_hex(&puppet, RECORD_ALERT, "0200");
		puppet_listen(&puppet);
		assert_int_equal(session_end(puppet_session(&puppet)), SESSION_END_CLOSED);
		assert_true(puppet.alerted);
		assert_int_equal(puppet.alert, ALERT_CLOSE_NOTIFY);
		puppet_finish(&puppet);
	}
}

/* A client's first record is sealed with what the server had during the handshake. */
static const struct {
	const char *what;
	enum tls_role role;
	bool late; /* not the first record */
	uint64_t sequence;
	enum record_type type;
	const char *content;
	enum session_end end;
} refusals[] = {
	{ "a refusal at once", TLS_CLIENT, false, 0, RECORD_ALERT, "022d", SESSION_END_ALERT },
	{ "a refusal after the server's flight", TLS_CLIENT, false, 5, RECORD_ALERT, "022d",
	  SESSION_END_ALERT },
	{ "a refusal after a long flight", TLS_CLIENT, false, 15, RECORD_ALERT, "022d",
	  SESSION_END_ALERT },
	{ "close_notify after the flight", TLS_CLIENT, false, 5, RECORD_ALERT, "0100",
	  SESSION_END_CLOSED },
	{ "a number that is too large", TLS_CLIENT, false, 16, RECORD_ALERT, "022d",
	  SESSION_END_RECORD },
	{ "data with that key", TLS_CLIENT, false, 5, RECORD_APPLICATION, "4d000000",
	  SESSION_END_RECORD },
	{ "a handshake message with that key", TLS_CLIENT, false, 5, RECORD_HANDSHAKE, "1800000100",
	  SESSION_END_RECORD },
	{ "two bytes of data with that key", TLS_CLIENT, false, 5, RECORD_APPLICATION, "022d",
	  SESSION_END_RECORD },
	{ "an alert of three bytes with that key", TLS_CLIENT, false, 5, RECORD_ALERT, "022d00",
	  SESSION_END_RECORD },
	{ "not as the first record", TLS_CLIENT, true, 5, RECORD_ALERT, "022d",
	  SESSION_END_RECORD },
	{ "not to a server", TLS_SERVER, false, 5, RECORD_ALERT, "022d", SESSION_END_RECORD },
};

static void a_refused_certificate_is_heard_of(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		struct tls_secrets secrets = test_secrets();
		struct puppet puppet;

		puppet_begin(&puppet, refusals[i].role);
		if (refusals[i].late)
			puppet_say_hex(&puppet, RECORD_APPLICATION, "4d000000");
		record_half_free(&puppet.write);
		assert_int_equal(
			record_half_init(&puppet.write, SUITE, &secrets.server_handshake, NULL), 0);
		puppet.write.sequence = refusals[i].sequence;
		puppet_say_hex(&puppet, refusals[i].type, refusals[i].content);
		if (session_end(puppet_session(&puppet)) != refusals[i].end)
			fail_msg("%s: end %d", refusals[i].what,
				 session_end(puppet_session(&puppet)));
		if (refusals[i].end == SESSION_END_ALERT)
			assert_int_equal(session_alert(puppet_session(&puppet)), 45);
		puppet_listen(&puppet);
		if (refusals[i].end == SESSION_END_RECORD)
			assert_int_equal(puppet.alert, ALERT_BAD_RECORD_MAC);
		puppet_finish(&puppet);
	}
}

static const struct {
	const char *what;
	enum tls_role role;
	enum record_type type;
	const char *content;
	enum err_kind kind;
	const char *sentence;
} sentences[] = {
	{ "expired", TLS_CLIENT, RECORD_ALERT, "022d", ERR_CERTIFICATE,
	  "the server refused our certificate: certificate expired" },
	{ "bad", TLS_CLIENT, RECORD_ALERT, "022a", ERR_CERTIFICATE,
	  "the server refused our certificate: bad certificate" },
	{ "unsupported", TLS_CLIENT, RECORD_ALERT, "022b", ERR_CERTIFICATE,
	  "the server refused our certificate: made for another use, or a weak key" },
	{ "revoked", TLS_CLIENT, RECORD_ALERT, "022c", ERR_CERTIFICATE,
	  "the server refused our certificate: certificate revoked" },
	{ "unknown", TLS_CLIENT, RECORD_ALERT, "022e", ERR_CERTIFICATE,
	  "the server refused our certificate: not acceptable, perhaps not valid yet" },
	{ "unknown CA", TLS_CLIENT, RECORD_ALERT, "0230", ERR_CERTIFICATE,
	  "the server refused our certificate: not signed by a CA it knows" },
	{ "access denied", TLS_CLIENT, RECORD_ALERT, "0231", ERR_CERTIFICATE,
	  "the server refused our certificate: access denied" },
	{ "required", TLS_CLIENT, RECORD_ALERT, "0274", ERR_CERTIFICATE,
	  "the server refused our certificate: it got none" },
	{ "any other alert", TLS_CLIENT, RECORD_ALERT, "0250", ERR_CONNECT,
	  "the server ended the connection: its own internal error" },
	{ "close_notify", TLS_CLIENT, RECORD_ALERT, "0100", ERR_CONNECT,
	  "the server closed the connection" },
	{ "to a server", TLS_SERVER, RECORD_ALERT, "0100", ERR_CONNECT,
	  "the client closed the connection" },
	{ "unknown user", TLS_CLIENT, RECORD_APPLICATION, "08 000006 0001 0002 0005", ERR_LOGIN,
	  "the server refused the login: unknown user" },
	{ "blocked, and why", TLS_CLIENT, RECORD_APPLICATION,
	  "08 000010 0001 0002 0006 0002 0006 6869201b5b41", ERR_LOGIN,
	  "the server refused the login: the user is blocked (hi \\x1b[A)" },
	{ "timeout", TLS_CLIENT, RECORD_APPLICATION, "08 000006 0001 0002 000a", ERR_TIMEOUT,
	  "the server closed the connection: it heard nothing in time" },
	{ "full", TLS_CLIENT, RECORD_APPLICATION, "08 000006 0001 0002 0007", ERR_CONNECT,
	  "the server refused the login: it is full" },
	{ "shutdown", TLS_CLIENT, RECORD_APPLICATION, "08 000006 0001 0002 0001", ERR_CONNECT,
	  "the server is shutting down" },
	{ "leaving", TLS_SERVER, RECORD_APPLICATION, "08 000006 0001 0002 0002", ERR_CONNECT,
	  "the client left" },
	{ "kicked", TLS_CLIENT, RECORD_APPLICATION, "08 000006 0001 0002 0003", ERR_CONNECT,
	  "the server closed the connection: kicked by the administrator" },
	{ "no version", TLS_CLIENT, RECORD_APPLICATION, "08 000006 0001 0002 0008", ERR_FAILED,
	  "the server refused the login: no common version" },
	{ "the wrong hour", TLS_CLIENT, RECORD_APPLICATION, "08 000006 0001 0002 000e", ERR_LOGIN,
	  "the server refused the login: not at this hour" },
	{ "the end of the hour", TLS_CLIENT, RECORD_APPLICATION,
	  PUPPET_HELLO PUPPET_WELCOME "08 000006 0001 0002 000e", ERR_LOGIN,
	  "the server ended the session: not at this hour" },
	{ "kicked out", TLS_CLIENT, RECORD_APPLICATION,
	  PUPPET_HELLO PUPPET_WELCOME "08 000006 0001 0002 0003", ERR_CONNECT,
	  "the server closed the connection: kicked by the administrator" },
	{ "a reason of tomorrow", TLS_CLIENT, RECORD_APPLICATION, "08 000006 0001 0002 1234",
	  ERR_CONNECT, "the server closed the connection" },
	{ "a record not allowed", TLS_CLIENT, RECORD_HANDSHAKE, "04 000000", ERR_FAILED,
	  "the server sent a handshake message" },
	{ "a message not allowed", TLS_CLIENT, RECORD_APPLICATION, "03 000000", ERR_FAILED,
	  "the server sent a message that is not allowed now" },
};

static void the_end_has_a_sentence(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(sentences); i++) {
		struct err err = { 0 };
		struct puppet puppet;

		puppet_begin(&puppet, sentences[i].role);
		assert_int_equal(session_end_sentence(puppet_session(&puppet), &err), 0);
		puppet_say_hex(&puppet, sentences[i].type, sentences[i].content);
		assert_int_equal(session_end_sentence(puppet_session(&puppet), &err), -1);
		if (err.kind != sentences[i].kind || strcmp(err.text, sentences[i].sentence) != 0)
			fail_msg("%s: kind %d, '%s'", sentences[i].what, err.kind, err.text);
		puppet_finish(&puppet);
	}
}

static void every_state_and_end_has_a_name(void **state)
{
	for (size_t i = 0; i < SESSION_STATES; i++)
		assert_non_null(session_state_name[i]);
	for (size_t i = 0; i < SESSION_ENDS; i++)
		assert_non_null(session_end_name[i]);
}

static int crypto_starts(void **state)
{
	return pki_init(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contents_are_checked),
		cmocka_unit_test(bad_records_are_answered),
		cmocka_unit_test(our_key_update_comes_when_asked_for),
		cmocka_unit_test(our_key_update_goes_before_data),
		cmocka_unit_test(an_old_key_is_not_taken_any_more),
		cmocka_unit_test(records_without_data_are_bounded),
		cmocka_unit_test(no_memory_for_a_key_ends_it),
		cmocka_unit_test(alerts_end_it),
		cmocka_unit_test(a_refused_certificate_is_heard_of),
		cmocka_unit_test(the_end_has_a_sentence),
		cmocka_unit_test(every_state_and_end_has_a_name),
	};
	return cmocka_run_group_tests(tests, crypto_starts, NULL);
}
