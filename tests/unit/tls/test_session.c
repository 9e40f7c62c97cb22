/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_session.c
 *
 * Two sessions that get on: login, frames of every size through a wire that cuts anywhere,
 * records well filled, new keys on the way.
 */
#include "tests/unit/tls/session_pair.h"

static void login_brings_both_up(void **state)
{
	struct pair pair;

	pair_begin(&pair);
	assert_int_equal(session_state(pair.client.session), SESSION_HELLO);
	assert_int_equal(session_state(pair.server.session), SESSION_HELLO);
	assert_false(session_has_room(pair.client.session));
	assert_int_equal(session_peer(pair.server.session)->version, 0);
	settle(&pair);
	assert_int_equal(session_state(pair.client.session), SESSION_UP);
	assert_int_equal(session_state(pair.server.session), SESSION_UP);
	assert_true(session_has_room(pair.client.session));
	assert_string_equal(session_peer(pair.server.session)->device, "pc");
	assert_int_equal(session_peer(pair.client.session)->max_frame, FRAME_MAX);
	assert_int_equal(pair.server.hellos, 1);
	assert_int_equal(pair.client.hellos, 1);
	assert_int_equal(pair.client.welcomes, 1);
	assert_int_equal(pair.client.welcome.session_id, 17);
	assert_string_equal(pair.client.welcome.user, "alice");
	assert_int_equal(session_rtt_us(pair.client.session), 1); /* known, and none */
	assert_int_equal(session_rtt_us(pair.server.session), 1);
	assert_int_equal(session_suite(pair.client.session), SUITE);
	assert_string_equal(session_aead_name(pair.client.session),
			    aead_for(session_suite(pair.client.session))->name);
	pair_finish(&pair);
}

static void a_server_may_accept_later(void **state)
{
	struct pair pair;

	pair_begin(&pair);
	pair.server.accepts = false;
	settle(&pair);
	assert_int_equal(session_state(pair.server.session), SESSION_LOGIN);
	assert_int_equal(session_state(pair.client.session), SESSION_HELLO);
	session_accept(pair.client.session, &test_welcome, pair.now_ms); /* not a client's to say */
	assert_int_equal(session_state(pair.client.session), SESSION_HELLO);
	session_accept(pair.server.session, &test_welcome, pair.now_ms);
	settle(&pair);
	assert_int_equal(session_state(pair.client.session), SESSION_UP);
	session_accept(pair.server.session, &test_welcome, pair.now_ms); /* once is enough */
	settle(&pair);
	assert_int_equal(session_state(pair.client.session), SESSION_UP);
	assert_int_equal(pair.client.welcomes, 1);
	pair_finish(&pair);
}

static void frames_of_every_size_arrive(void **state)
{
	static const size_t pieces[] = { SIZE_MAX, 100000, 16406, 16384, 4096, 1448, 23, 6, 1 };

	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct pair pair;

		begin_up(&pair);
		pair.piece = pieces[i];
		exchange(&pair, pieces[i] < 100 ? ARRAY_LEN(sizes) : 2 * ARRAY_LEN(sizes));
		const struct session_counters *sent = session_counters(pair.client.session);
		const struct session_counters *got = session_counters(pair.server.session);
		assert_int_equal(sent->tx_frames, got->rx_frames);
		assert_int_equal(sent->tx_bytes, got->rx_bytes);
		assert_int_equal(sent->tx_records, got->rx_records);
		assert_int_equal(sent->tx_unfit, 0);
		pair_finish(&pair);
	}
}

static void offload_metadata_arrives(void **state)
{
	uint8_t buffer[9000] = { 0 };
	struct frame frame = { .bytes = bytes_of(buffer, sizeof(buffer)),
			       .offload = { .gso = GSO_TCP6,
					    .gso_ecn = true,
					    .needs_csum = true,
					    .gso_size = 1428,
					    .header_len = 86,
					    .csum_start = 54,
					    .csum_offset = 16 } };
	struct pair pair;

	begin_up(&pair);
	assert_true(session_send_frame(pair.client.session, &frame));
	settle(&pair);
	assert_int_equal(pair.server.frames, 1);
	assert_int_equal(pair.server.last.bytes.len, sizeof(buffer));
	assert_int_equal(pair.server.last.offload.gso, GSO_TCP6);
	assert_int_equal(pair.server.last.offload.gso_size, 1428);
	assert_int_equal(pair.server.last.offload.csum_start, 54);
	assert_int_equal(pair.server.last.offload.csum_offset, 16);
	assert_int_equal(pair.server.last.offload.header_len, 86);
	assert_true(pair.server.last.offload.gso_ecn);
	pair_finish(&pair);
}

/* What the peer's hello does not allow is not sent, and does not block either. */
static void unfit_frames_are_counted(void **state)
{
	static const struct {
		const char *what;
		size_t len;
		struct offload offload;
		bool fits;
	} cases[] = {
		{ "a short one", 14, { 0 }, true },
		{ "shorter than Ethernet", 13, { 0 }, false },
		{ "as long as the peer takes", 1514, { 0 }, true },
		{ "longer", 1515, { 0 }, false },
		{ "checksum missing", 60, { .needs_csum = true }, false },
		{ "segments missing", 60, { .gso = GSO_TCP4 }, false },
	};
	static uint8_t buffer[2000];
	struct pair pair;
	unsigned fits = 0;

	begin_up(&pair);
	pair.client.session->peer.max_frame = 1514;
	pair.client.session->peer.capabilities = 0;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct frame frame = { bytes_of(buffer, cases[i].len), cases[i].offload };

		assert_true(session_send_frame(pair.client.session, &frame));
		settle(&pair);
		fits += cases[i].fits;
		if (pair.server.frames != fits)
			fail_msg("%s: should %sarrive", cases[i].what, cases[i].fits ? "" : "not ");
	}
	assert_int_equal(session_counters(pair.client.session)->tx_unfit, 4);
	pair.client.session->peer.capabilities = CAPABILITY_OFFLOAD;
	struct frame frame = { bytes_of(buffer, 60), { .needs_csum = true, .csum_offset = 256 } };
	assert_true(session_send_frame(pair.client.session, &frame));
	assert_int_equal(session_counters(pair.client.session)->tx_unfit, 5);
	pair_finish(&pair);
}

static void small_frames_share_a_record(void **state)
{
	struct pair pair;

	begin_up(&pair);
	pair.server.frame_like = small_frame;
	uint64_t before = session_counters(pair.client.session)->tx_records;
	for (unsigned number = 0; number < 100; number++)
		assert_true(send(&pair.client, small_frame, number));
	assert_int_equal(session_counters(pair.client.session)->tx_records, before);
	assert_int_equal(session_output(pair.client.session).len, 0); /* nothing is sealed yet */
	session_flush(pair.client.session);
	assert_int_equal(session_counters(pair.client.session)->tx_records, before + 1);
	session_flush(pair.client.session); /* nothing to do */
	assert_int_equal(session_counters(pair.client.session)->tx_records, before + 1);
	settle(&pair);
	assert_int_equal(pair.server.frames, 100);
	pair_finish(&pair);
}

/* The tail of a large frame and the head of the next share a record, so that records are full. */
static void large_frames_fill_records(void **state)
{
	struct pair pair;

	begin_up(&pair);
	pair.server.frame_like = large_frame;
	uint64_t before = session_counters(pair.client.session)->tx_records;
	assert_true(send(&pair.client, large_frame, 0));
	assert_true(send(&pair.client, large_frame, 1));
	assert_int_equal(session_counters(pair.client.session)->tx_records, before + 8);
	settle(&pair);
	assert_int_equal(session_counters(pair.client.session)->tx_records, before + 9);
	assert_int_equal(pair.server.frames, 2);
	pair_finish(&pair);
}

static void keys_change_during_traffic(void **state)
{
	static const struct {
		uint64_t client, server; /* records */
		size_t piece;
	} cases[] = { { 1, 1, SIZE_MAX }, { 3, RECORD_REKEY_AFTER, 1448 }, { 2, 5, 30 } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pair pair;

		begin_up(&pair);
		pair.client.session->rekey_after = cases[i].client;
		pair.server.session->rekey_after = cases[i].server;
		pair.piece = cases[i].piece;
		exchange(&pair, ARRAY_LEN(sizes));
		uint64_t records = session_counters(pair.client.session)->tx_records;
		uint64_t rekeys = session_counters(pair.client.session)->rekeys;
		assert_in_range(rekeys, records / (cases[i].client + 1) - 2, 2 * records);
		assert_int_equal(rekeys, session_counters(pair.server.session)->rekeys);
		pair_finish(&pair);
	}
}

static void notices_arrive(void **state)
{
	struct pair pair;

	pair_begin(&pair);
	session_send_notice(pair.client.session, "too early"); /* goes nowhere */
	settle(&pair);
	session_send_notice(pair.server.session, "your invitation expires");
	settle(&pair);
	assert_int_equal(pair.server.notices, 0);
	assert_int_equal(pair.client.notices, 1);
	assert_string_equal(pair.client.notice, "your invitation expires");
	pair_finish(&pair);
}

static int crypto_starts(void **state)
{
	return pki_init(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(login_brings_both_up),
		cmocka_unit_test(a_server_may_accept_later),
		cmocka_unit_test(frames_of_every_size_arrive),
		cmocka_unit_test(offload_metadata_arrives),
		cmocka_unit_test(unfit_frames_are_counted),
		cmocka_unit_test(small_frames_share_a_record),
		cmocka_unit_test(large_frames_fill_records),
		cmocka_unit_test(keys_change_during_traffic),
		cmocka_unit_test(notices_arrive),
	};
	return cmocka_run_group_tests(tests, crypto_starts, NULL);
}
