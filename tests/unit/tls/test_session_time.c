/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_session_time.c
 *
 * Whatever a session does because time passes, by an injected clock: login, keep-alive, death,
 * the wait for the last words; and how it measures the round trip.
 */
#include "tests/unit/tls/session_puppet.h"

#define START_MS 1000 /* of every puppet */

static struct session *up(struct puppet *puppet, enum tls_role role)
{
	puppet_bring(puppet, role, SESSION_UP);
	return puppet_session(puppet);
}

static void a_login_has_its_time(void **state)
{
	static const enum session_state states[] = { SESSION_HELLO, SESSION_LOGIN };
	static const enum tls_role roles[] = { TLS_SERVER, TLS_CLIENT };

	for (size_t i = 0; i < 4; i++) {
		struct puppet puppet;

		puppet_bring(&puppet, roles[i % 2], states[i / 2]);
		struct session *session = puppet_session(&puppet);
		assert_int_equal(session_due_ms(session), START_MS + 5000);
		/* Talking does not prolong it. */
		puppet.now_ms = START_MS + 3000;
		puppet_say_hex(&puppet, RECORD_APPLICATION, "4d 000000");
		assert_int_equal(session_due_ms(session), START_MS + 5000);
		session_tick(session, START_MS + 4999, 0);
		assert_int_equal(session_state(session), states[i / 2]);
		session_tick(session, START_MS + 5000, 0);
		assert_int_equal(session_end(session), SESSION_END_LOGIN_TIMEOUT);
		puppet_listen(&puppet);
		assert_int_equal(puppet.goodbye.reason, GOODBYE_TIMEOUT);
		assert_int_equal(session_state(session), SESSION_CLOSED);
		assert_true(session_due_ms(session) == SESSION_NEVER_MS);
		session_tick(session, START_MS + 100000, 0);
		assert_int_equal(session_state(session), SESSION_CLOSED);

		struct err err = { 0 };
		session_end_sentence(session, &err);
		assert_int_equal(err.kind, ERR_TIMEOUT);
		puppet_finish(&puppet);
	}
}

static void silence_brings_echoes_then_death(void **state)
{
	struct puppet puppet;
	struct session *session = up(&puppet, TLS_SERVER);

	assert_int_equal(puppet.heard[MESSAGE_ECHO], 1); /* the first at once */
	for (unsigned i = 1; i <= 3; i++) {
		uint64_t due_ms = START_MS + i * 1000;

		assert_int_equal(session_due_ms(session), due_ms);
		session_tick(session, due_ms - 1, 0);
		puppet_listen(&puppet);
		assert_int_equal(puppet.heard[MESSAGE_ECHO], i);
		session_tick(session, due_ms, 0);
		puppet_listen(&puppet);
		assert_int_equal(puppet.heard[MESSAGE_ECHO], i + 1);
	}
	assert_int_equal(session_due_ms(session), START_MS + 4000);
	session_tick(session, START_MS + 3999, 0);
	assert_int_equal(session_state(session), SESSION_UP);
	session_tick(session, START_MS + 4000, 0);
	assert_int_equal(session_end(session), SESSION_END_DEAD);
	puppet_listen(&puppet);
	assert_int_equal(puppet.goodbye.reason, GOODBYE_TIMEOUT);
	assert_int_equal(session_state(session), SESSION_CLOSED);

	struct err err = { 0 };
	session_end_sentence(session, &err);
	assert_int_equal(err.kind, ERR_TIMEOUT);
	puppet_finish(&puppet);
}

/* When the socket takes nothing, a goodbye will not get out either: no use in waiting. */
static void the_dead_get_no_goodbye_behind_a_full_socket(void **state)
{
	struct puppet puppet;
	struct session *session = up(&puppet, TLS_SERVER);

	session_tick(session, START_MS + 1000, 0);
	session_flush(session);
	session_tick(session, START_MS + 4000, 0);
	assert_int_equal(session_end(session), SESSION_END_DEAD);
	assert_int_equal(session_state(session), SESSION_CLOSED);
	assert_int_equal(session_output(session).len, 0);
	puppet_finish(&puppet);
}

static void any_genuine_record_is_a_sign_of_life(void **state)
{
	struct puppet puppet;
	struct session *session = up(&puppet, TLS_CLIENT);

	for (unsigned i = 1; i < 20; i++) {
		puppet.now_ms = START_MS + i * 900;
		puppet_say_hex(&puppet, RECORD_APPLICATION, "4d 000000");
		assert_int_equal(session_due_ms(session), puppet.now_ms + 1000);
		session_tick(session, puppet.now_ms, 0);
	}
	puppet_listen(&puppet);
	assert_int_equal(puppet.heard[MESSAGE_ECHO], 1);
	/* Half a record is none. */
	uint64_t heard_ms = puppet.now_ms;
	end_take(&puppet.end, "\x17\x03\x03\x00\x20", 5, heard_ms + 500);
	assert_int_equal(session_due_ms(session), heard_ms + 1000);
	puppet_finish(&puppet);
}

static void a_busy_session_measures_now_and_then(void **state)
{
	struct puppet puppet;
	struct session *session = up(&puppet, TLS_SERVER);

	for (unsigned i = 1; i <= 120; i++) {
		puppet.now_ms = START_MS + i * 500;
		puppet_say_hex(&puppet, RECORD_APPLICATION, "4d 000000");
		session_tick(session, puppet.now_ms, 0);
	}
	puppet_listen(&puppet);
	assert_int_equal(puppet.heard[MESSAGE_ECHO], 2);
	puppet_finish(&puppet);
}

static void dice_spread_the_echoes(void **state)
{
	uint64_t least = UINT64_MAX, most = 0;

	for (uint64_t dice = 0; dice < 1000; dice++) {
		struct puppet puppet;
		struct session *session = up(&puppet, TLS_SERVER);

		session_tick(session, START_MS + 1000, dice * 0x9e3779b97f4a7c15u);
		uint64_t wait_ms = session_due_ms(session) - (START_MS + 1000);
		least = wait_ms < least ? wait_ms : least;
		most = wait_ms > most ? wait_ms : most;
		puppet_finish(&puppet);
	}
	assert_in_range(least, 875, 890);
	assert_in_range(most, 990, 1000);
}

static void reply(struct puppet *puppet, uint64_t token)
{
	uint8_t buffer[MESSAGE_HEADER_LEN + 8];
	struct writer w = writer_over(buffer, sizeof(buffer));

	message_build_echo(&w, MESSAGE_ECHO_REPLY, token);
	puppet_say(puppet, RECORD_APPLICATION, writer_bytes(&w));
}

/* RFC 6298: the first sample counts whole, each later one an eighth. */
static void round_trips_are_smoothed(void **state)
{
	static const struct {
		uint32_t sample_us, smoothed_us;
	} samples[] = { { 8000, 8000 }, { 16000, 9000 }, { 1000, 8000 }, { 0, 7000 } };
	struct puppet puppet;
	struct session *session = up(&puppet, TLS_SERVER);

	assert_int_equal(session_rtt_us(session), 0);
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		puppet.end.now_us += samples[i].sample_us;
		reply(&puppet, puppet.token);
		assert_int_equal(session_rtt_us(session), samples[i].smoothed_us);
		session_tick(session, session_due_ms(session), 0);
		puppet_listen(&puppet);
	}
	puppet_finish(&puppet);
}

static void only_our_tokens_count_and_once(void **state)
{
	struct puppet puppet;
	struct session *session = up(&puppet, TLS_SERVER);

	puppet.end.now_us += 8000;
	reply(&puppet, puppet.token + 1);
	reply(&puppet, 0);
	reply(&puppet, UINT64_MAX);
	assert_int_equal(session_rtt_us(session), 0);
	reply(&puppet, puppet.token);
	assert_int_equal(session_rtt_us(session), 8000);
	puppet.end.now_us += 8000;
	reply(&puppet, puppet.token); /* again: no new sample */
	assert_int_equal(session_rtt_us(session), 8000);
	assert_int_equal(session_state(session), SESSION_UP);
	puppet_finish(&puppet);
}

/* A path slower than the echo interval: the answer belongs to an echo before the latest. */
static void a_late_reply_counts_for_its_own_echo(void **state)
{
	struct puppet puppet;
	struct session *session = up(&puppet, TLS_SERVER);
	uint64_t first = puppet.token;

	for (unsigned i = 1; i <= 20; i++) {
		puppet.now_ms += 1000;
		puppet.end.now_us += 1000000;
		session_tick(session, puppet.now_ms, 0);
		puppet_say_hex(&puppet, RECORD_APPLICATION, "4d 000000");
		puppet_listen(&puppet);
		if (i == 2)
			reply(&puppet, first);
	}
	assert_int_equal(session_rtt_us(session), 2000000);
	reply(&puppet, first + 1); /* too long ago */
	assert_int_equal(session_rtt_us(session), 2000000);
	puppet_finish(&puppet);
}

static void without_a_fine_clock_milliseconds_serve(void **state)
{
	struct session_events events = test_events;
	struct puppet puppet;

	puppet_bring(&puppet, TLS_SERVER, SESSION_HELLO);
	events.now_us = NULL;
	session_move(puppet_session(&puppet), &events, &puppet.end, puppet.end.memory);
	puppet.end.accepts = true;
	puppet_say_hex(&puppet, RECORD_APPLICATION, PUPPET_HELLO);
	puppet_listen(&puppet);
	puppet.now_ms += 7;
	reply(&puppet, puppet.token);
	assert_int_equal(session_rtt_us(puppet_session(&puppet)), 7000);
	puppet_finish(&puppet);
}

/* What the server asks for is taken where it makes sense. */
static const struct {
	const char *what;
	const char *times; /* TLVs of the welcome */
	uint32_t echo_ms, dead_ms;
} times[] = {
	{ "nothing", "", 1000, 4000 },
	{ "both", "0003 0004 000001f4 0004 0004 00000fa0", 500, 4000 },
	{ "echo only", "0003 0004 000007d0", 2000, 4000 },
	{ "dead only", "0004 0004 00001388", 1000, 5000 },
	{ "the least", "0003 0004 00000064 0004 0004 00000065", 100, 101 },
	{ "too often", "0003 0004 00000063", 1000, 4000 },
	{ "dead before the echo", "0003 0004 00001388", 1000, 4000 },
	{ "dead with the echo", "0003 0004 000003e8 0004 0004 000003e8", 1000, 4000 },
};

static void a_welcome_sets_the_times(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		uint8_t buffer[64];
		struct writer w = writer_over(buffer, sizeof(buffer));
		uint8_t tlv[32];
		struct bytes extra = hex(times[i].times, tlv, sizeof(tlv));
		struct puppet puppet;

		puppet_bring(&puppet, TLS_CLIENT, SESSION_LOGIN);
		writer_copy(&w, "\0\1\0\4\0\0\0\1\0\2\0\2\5\334", 14);
		writer_copy(&w, extra.data, extra.len);
		puppet_say_message(&puppet, MESSAGE_WELCOME, writer_bytes(&w));
		struct session *session = puppet_session(&puppet);
		assert_int_equal(session_state(session), SESSION_UP);
		if (session->config.echo_ms != times[i].echo_ms ||
		    session->config.dead_ms != times[i].dead_ms ||
		    session_due_ms(session) != START_MS + times[i].echo_ms)
			fail_msg("%s: echo %u, dead %u", times[i].what, session->config.echo_ms,
				 session->config.dead_ms);
		puppet_finish(&puppet);
	}
}

static void last_words_wait_for_a_while(void **state)
{
	struct puppet puppet;
	struct session *session = up(&puppet, TLS_SERVER);

	session_close(session, GOODBYE_SHUTDOWN, "maintenance");
	assert_int_equal(session_state(session), SESSION_CLOSING);
	assert_int_equal(session_due_ms(session),
			 START_MS); /* at once: it does not know the time */
	session_tick(session, START_MS + 60000, 0);
	assert_int_equal(session_due_ms(session), START_MS + 60000 + SESSION_CLOSING_MS);
	session_close(session, GOODBYE_KICKED, "again"); /* no effect */
	session_tick(session, START_MS + 60000 + SESSION_CLOSING_MS - 1, 0);
	assert_int_equal(session_state(session), SESSION_CLOSING);
	session_tick(session, START_MS + 60000 + SESSION_CLOSING_MS, 0);
	assert_int_equal(session_state(session), SESSION_CLOSED);
	assert_int_equal(session_output(session).len, 0);
	assert_null(session->output.buffer);
	assert_true(session_due_ms(session) == SESSION_NEVER_MS);
	puppet_finish(&puppet);
}

static void last_words_are_sent_in_order(void **state)
{
	struct puppet puppet;
	struct session *session = up(&puppet, TLS_SERVER);

	session_send_notice(session, "before");
	session_close(session, GOODBYE_SHUTDOWN, "maintenance");
	session_send_notice(session, "after"); /* goes nowhere */
	session_close(session, GOODBYE_KICKED, "again");
	puppet_listen(&puppet);
	assert_int_equal(puppet.heard[MESSAGE_NOTICE], 1);
	assert_int_equal(puppet.heard[MESSAGE_GOODBYE], 1);
	assert_int_equal(puppet.goodbye.reason, GOODBYE_SHUTDOWN);
	assert_string_equal(puppet.goodbye.text, "maintenance");
	assert_true(puppet.alerted);
	assert_int_equal(session_state(session), SESSION_CLOSED);
	assert_int_equal(session_end(session), SESSION_END_LOCAL);
	puppet_finish(&puppet);
}

static void a_goodbye_is_answered_by_close_notify(void **state)
{
	struct puppet puppet;
	struct session *session = up(&puppet, TLS_CLIENT);

	puppet_say_hex(&puppet, RECORD_APPLICATION,
		       "08 00000c 0001 0002 0003 0002 0002 6869 03 000000"); /* then not read */
	assert_int_equal(session_end(session), SESSION_END_GOODBYE);
	assert_int_equal(session_goodbye(session)->reason, GOODBYE_KICKED);
	assert_string_equal(session_goodbye(session)->text, "hi");
	puppet_listen(&puppet);
	assert_int_equal(puppet.heard[MESSAGE_GOODBYE], 0);
	assert_true(puppet.alerted);
	assert_int_equal(session_state(session), SESSION_CLOSED);
	puppet_finish(&puppet);
}

static void a_lost_socket_ends_it(void **state)
{
	struct puppet puppet;
	struct session *session = up(&puppet, TLS_SERVER);

	session_send_notice(session, "never mind");
	session_lost(session);
	assert_int_equal(session_state(session), SESSION_CLOSED);
	assert_int_equal(session_end(session), SESSION_END_CLOSED);
	assert_int_equal(session_output(session).len, 0);
	puppet_finish(&puppet);

	session = up(&puppet, TLS_SERVER);
	session_close(session, GOODBYE_KICKED, NULL);
	session_lost(session);
	assert_int_equal(session_state(session), SESSION_CLOSED);
	assert_int_equal(session_end(session), SESSION_END_LOCAL); /* the first reason stays */
	puppet_finish(&puppet);
}

/* A probe asks now and does not wait for as long as a session that is merely quiet. */
static const struct {
	const char *what;
	uint64_t again_ms; /* a second probe, after so long; 0: none */
	uint64_t heard_ms; /* something is heard, after so long; 0: nothing */
	uint32_t within_ms;
	uint64_t dead_ms; /* after so long */
} probes[] = {
	{ "nothing is heard", 0, 0, 2500, 2500 },
	{ "a second probe prolongs nothing", 1000, 0, 2500, 2500 },
	{ "what is heard ends the probe", 0, 100, 2500, 100 + 4000 },
	{ "and a new one counts again", 200, 100, 2500, 200 + 2500 },
	{ "the usual limit stays", 0, 0, 60000, 4000 },
};

static uint64_t death_of(struct session *session)
{
	for (uint64_t now_ms = session->now_ms; now_ms < START_MS + 20000;) {
		now_ms = session_due_ms(session);
		session_tick(session, now_ms, 0);
		if (session_end(session) == SESSION_END_DEAD)
			return now_ms - START_MS;
		session_flush(session);
		session_sent(session, session_output(session).len);
	}
	return 0;
}

static void a_probe_asks_at_once(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(probes); i++) {
		struct puppet puppet;
		struct session *session = up(&puppet, TLS_CLIENT);

		puppet_listen(&puppet);
		assert_int_equal(puppet.heard[MESSAGE_ECHO], 1);
		session_probe(session, START_MS, probes[i].within_ms);
		puppet_listen(&puppet);
		assert_int_equal(puppet.heard[MESSAGE_ECHO], 2);
		if (probes[i].heard_ms > 0) {
			puppet.now_ms = START_MS + probes[i].heard_ms;
			puppet_say_hex(&puppet, RECORD_APPLICATION, "4d 000000");
		}
		if (probes[i].again_ms > 0)
			session_probe(session, START_MS + probes[i].again_ms, probes[i].within_ms);
		uint64_t dead_ms = death_of(session);
		if (dead_ms != probes[i].dead_ms)
			fail_msg("%s: dead after %llu ms", probes[i].what,
				 (unsigned long long)dead_ms);
		puppet_finish(&puppet);
	}
}

static void a_probe_is_for_those_who_are_up(void **state)
{
	struct puppet puppet;

	puppet_bring(&puppet, TLS_CLIENT, SESSION_LOGIN);
	session_probe(puppet_session(&puppet), START_MS, 100);
	assert_int_equal(session_due_ms(puppet_session(&puppet)), START_MS + 5000);
	puppet_finish(&puppet);
}

static int crypto_starts(void **state)
{
	return pki_init(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_login_has_its_time),
		cmocka_unit_test(silence_brings_echoes_then_death),
		cmocka_unit_test(the_dead_get_no_goodbye_behind_a_full_socket),
		cmocka_unit_test(any_genuine_record_is_a_sign_of_life),
		cmocka_unit_test(a_busy_session_measures_now_and_then),
		cmocka_unit_test(dice_spread_the_echoes),
		cmocka_unit_test(round_trips_are_smoothed),
		cmocka_unit_test(only_our_tokens_count_and_once),
		cmocka_unit_test(a_late_reply_counts_for_its_own_echo),
		cmocka_unit_test(without_a_fine_clock_milliseconds_serve),
		cmocka_unit_test(a_welcome_sets_the_times),
		cmocka_unit_test(a_probe_asks_at_once),
		cmocka_unit_test(a_probe_is_for_those_who_are_up),
		cmocka_unit_test(last_words_wait_for_a_while),
		cmocka_unit_test(last_words_are_sent_in_order),
		cmocka_unit_test(a_goodbye_is_answered_by_close_notify),
		cmocka_unit_test(a_lost_socket_ends_it),
	};
	return cmocka_run_group_tests(tests, crypto_starts, NULL);
}
