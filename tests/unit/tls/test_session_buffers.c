/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_session_buffers.c
 *
 * A session's buffers: full ones, that lose nothing; bounded ones; none while nothing happens; and
 * all of them when the session goes to another thread.
 */
#include "tests/unit/tls/session_pair.h"

static void nothing_is_lost_when_the_output_is_full(void **state)
{
	size_t (*const kinds[])(unsigned, uint8_t *) = { small_frame, large_frame, frame_by_size };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct pair pair;
		unsigned taken = 0;

		begin_up(&pair);
		pair.server.frame_like = kinds[i];
		for (unsigned round = 0; round < 50; round++) {
			while (send(&pair.client, kinds[i], taken))
				taken++;
			assert_false(session_has_room(pair.client.session));
			assert_false(send(&pair.client, kinds[i], taken));
			/* The wire takes some of it, as far as it likes. */
			session_flush(pair.client.session);
			struct bytes waiting = session_output(pair.client.session);
			assert_in_range(waiting.len, 1, OUTPUT_CAP - OUTPUT_KEEP_CONTROL);
			size_t some = waiting.len * (round % 5) / 4;
			end_take(&pair.server, waiting.data, some, pair.now_ms);
			session_sent(pair.client.session, some);
		}
		settle(&pair);
		assert_int_equal(pair.server.frames, taken);
		assert_int_equal(session_counters(pair.client.session)->tx_frames, taken);
		pair_finish(&pair);
	}
}

/* A new key behind every record, and still what is promised to control messages is kept free. */
static void new_keys_find_room(void **state)
{
	struct pair pair;
	unsigned taken = 0;

	begin_up(&pair);
	pair.server.frame_like = frame_by_size;
	pair.client.session->rekey_after = 1;
	for (unsigned round = 0; round < 20; round++) {
		while (send(&pair.client, frame_by_size, taken)) {
			taken++;
			if (round % 2 == 1)
				session_flush(pair.client.session);
		}
		session_flush(pair.client.session);
		assert_in_range(session_output(pair.client.session).len, 1,
				OUTPUT_CAP - OUTPUT_KEEP_CONTROL);
		settle(&pair);
	}
	assert_int_equal(pair.server.frames, taken);
	pair_finish(&pair);
}

/* As much as fits the thread's buffer, in one read, with no message ending where a record does. */
static void a_long_read_is_handled_at_once(void **state)
{
	size_t (*const kinds[])(unsigned, uint8_t *) = { small_frame, large_frame, frame_by_size };
	uint8_t *read = malloc(SEALED_CAP);

	assert_non_null(read);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct pair pair;
		unsigned taken = 0;
		size_t len = 0;

		begin_up(&pair);
		pair.server.frame_like = kinds[i];
		while (len < SEALED_CAP) {
			while (send(&pair.client, kinds[i], taken))
				taken++;
			struct bytes waiting = session_output(pair.client.session);
			size_t some = waiting.len;
			if (some > SEALED_CAP - len)
				some = SEALED_CAP - len;
			memcpy(read + len, waiting.data, some);
			session_sent(pair.client.session, some);
			len += some;
		}
		end_take(&pair.server, read, len, pair.now_ms);
		settle(&pair);
		assert_int_equal(pair.server.frames, taken);
		pair_finish(&pair);
	}
	free(read);
}

/* has_room keeps its word, whatever waits already. */
static void room_means_room(void **state)
{
	struct pair pair;

	begin_up(&pair);
	for (unsigned number = 0; number < 5000; number++) {
		bool room = session_has_room(pair.client.session);

		if (room && number % 7 == 0)
			assert_true(send(&pair.client, large_frame, number));
		else
			send(&pair.client, small_frame, number);
		if (number % 50 == 0) {
			session_flush(pair.client.session);
			struct bytes waiting = session_output(pair.client.session);
			end_take(&pair.server, waiting.data, waiting.len / 2, pair.now_ms);
			session_sent(pair.client.session, waiting.len / 2);
		}
	}
	pair_finish(&pair);
}

/* With the buffer full of frames there is still a place for echo, notice and goodbye. */
static void control_messages_find_room(void **state)
{
	struct pair pair;
	unsigned taken = 0;

	begin_up(&pair);
	while (send(&pair.client, large_frame, taken) || send(&pair.client, small_frame, taken))
		taken++;
	session_send_notice(pair.client.session, "full");
	session_tick(pair.client.session, pair.now_ms + 1000, 0);
	assert_int_equal(session_counters(pair.client.session)->tx_dropped, 0);
	session_close(pair.client.session, GOODBYE_LEAVING, "enough");
	settle(&pair);
	assert_int_equal(pair.server.notices, 1);
	assert_int_equal(session_end(pair.server.session), SESSION_END_GOODBYE);
	assert_int_equal(session_goodbye(pair.server.session)->reason, GOODBYE_LEAVING);
	assert_string_equal(session_goodbye(pair.server.session)->text, "enough");
	pair_finish(&pair);
}

/* But they are bounded, too, and the goodbye comes through all the same. */
static void control_messages_are_bounded(void **state)
{
	struct pair pair;

	begin_up(&pair);
	while (send(&pair.client, small_frame, 0))
		;
	for (unsigned i = 0; i < 10000; i++) {
		session_send_notice(pair.client.session, "much to say");
		if (i % 3 == 0)
			session_flush(pair.client.session);
	}
	assert_in_range(session_counters(pair.client.session)->tx_dropped, 9000, 10000);
	session_close(pair.client.session, GOODBYE_LEAVING, "enough");
	assert_in_range(session_output(pair.client.session).len, 100000, OUTPUT_CAP);
	settle(&pair);
	assert_int_equal(session_goodbye(pair.server.session)->reason, GOODBYE_LEAVING);
	assert_int_equal(pair.server.notices + session_counters(pair.client.session)->tx_dropped,
			 10000);
	pair_finish(&pair);
}

static void idle_sessions_hold_no_buffer(void **state)
{
	struct pair pair;

	begin_up(&pair);
	exchange(&pair, ARRAY_LEN(sizes));
	assert_null(pair.client.session->output.buffer);
	assert_null(pair.client.session->sealed.buffer);
	assert_null(pair.client.session->plain.buffer);
	assert_int_equal(pair.client.memory->free[MEMORY_OUTPUT].count,
			 1); /* used again and again */
	assert_in_range(pair.client.memory->free[MEMORY_PLAIN].count, 0, 1);
	/* Both keys are about 600 bytes each at most. */
	assert_in_range(sizeof(struct session), 1, 4096 - 1300);
	pair_finish(&pair);
}

static void free_lists_are_bounded(void **state)
{
	struct session_memory *memory = session_memory_new(NULL);
	void *buffer[MEMORY_FREE_MAX + 5];

	assert_non_null(memory);
	for (size_t i = 0; i < ARRAY_LEN(buffer); i++) {
		buffer[i] = memory_take(memory, MEMORY_SEALED);
		assert_non_null(buffer[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(buffer); i++)
		memory_give(memory, MEMORY_SEALED, buffer[i]);
	assert_int_equal(memory->free[MEMORY_SEALED].count, MEMORY_FREE_MAX);
	memory_give(memory, MEMORY_SEALED, NULL);
	assert_int_equal(memory->free[MEMORY_SEALED].count, MEMORY_FREE_MAX);
	session_memory_free(memory);
	session_memory_free(NULL);
}

/* In the middle of a frame, with bytes waiting both ways. */
static void a_session_moves_to_another_thread(void **state)
{
	struct session_memory *there = session_memory_new(NULL);
	struct pair pair;
	struct end moved;

	assert_non_null(there);
	begin_up(&pair);
	pair.server.frame_like = large_frame;
	pair.client.frame_like = large_frame;
	assert_true(send(&pair.client, large_frame, 0));
	assert_true(send(&pair.server, large_frame, 0));
	session_flush(pair.client.session);
	struct bytes waiting = session_output(pair.client.session);
	end_take(&pair.server, waiting.data, 20000, pair.now_ms);
	session_sent(pair.client.session, 20000);
	assert_non_null(pair.server.session->sealed.buffer);
	assert_non_null(pair.server.session->plain.buffer);

	moved = pair.server;
	moved.memory = there;
	session_move(moved.session, &test_events, &moved, there);
	session_memory_free(pair.server.memory);
	while (wire(&pair.client, &moved, 1000, pair.now_ms) ||
	       wire(&moved, &pair.client, 1000, pair.now_ms))
		;
	assert_int_equal(moved.frames, 1);
	assert_int_equal(pair.client.frames, 1);
	assert_int_equal(there->free[MEMORY_PLAIN].count, 1); /* what it brought it leaves here */
	end_finish(&moved);
	end_finish(&pair.client);
}

/* session_room may be asked for and nothing read; other sessions may read in between. */
static void room_without_input_changes_nothing(void **state)
{
	struct pair pair;
	size_t cap;

	begin_up(&pair);
	pair.server.frame_like = large_frame;
	assert_true(send(&pair.client, large_frame, 0));
	session_flush(pair.client.session);
	while (session_output(pair.client.session).len > 0) {
		struct bytes waiting = session_output(pair.client.session);
		size_t len = waiting.len < 777 ? waiting.len : 777;

		end_take(&pair.server, waiting.data, len, pair.now_ms);
		session_sent(pair.client.session, len);
		session_room(pair.server.session, &cap);
		assert_in_range(cap, RECORD_SEALED_MAX, SEALED_CAP);
		session_received(pair.server.session, 0, pair.now_ms);
		memset(pair.server.memory->sealed, 0xee, SEALED_CAP); /* somebody else's */
		memset(pair.server.memory->plain, 0xee, PLAIN_CAP);
	}
	assert_int_equal(pair.server.frames, 1);
	pair_finish(&pair);
}

static int crypto_starts(void **state)
{
	return pki_init(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost_when_the_output_is_full),
		cmocka_unit_test(new_keys_find_room),
		cmocka_unit_test(a_long_read_is_handled_at_once),
		cmocka_unit_test(room_means_room),
		cmocka_unit_test(control_messages_find_room),
		cmocka_unit_test(control_messages_are_bounded),
		cmocka_unit_test(idle_sessions_hold_no_buffer),
		cmocka_unit_test(free_lists_are_bounded),
		cmocka_unit_test(a_session_moves_to_another_thread),
		cmocka_unit_test(room_without_input_changes_nothing),
	};
	return cmocka_run_group_tests(tests, crypto_starts, NULL);
}
