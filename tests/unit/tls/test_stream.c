/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_stream.c
 *
 * Bytes over TLS, both roles: what arrives is what was sent, whatever the pieces; who does not take
 * holds the other up; and what may not be sent ends it with the right alert.  The other end is
 * records that the test seals and opens itself.
 */
#include "tests/unit/tls/hex.h"
#include "tls/pki.h"
#include "tls/stream_private.h"

#define DATA_LEN 100000

struct world {
	struct tls_stream *stream;
	struct record_half to, from; /* the other end's: towards our stream, and what it reads */
	uint8_t plain[RECORD_PLAIN_MAX + 256];
};

static void begin(struct world *world, enum tls_role role)
{
	struct tls_secrets secrets = { .suite = TLS_CHACHA20_POLY1305_SHA256,
				       .client = { .octet = "c", .len = 32 },
				       .server = { .octet = "s", .len = 32 } };
	bool server = role == TLS_SERVER;

	world->stream = tls_stream_new(role, &secrets, NULL);
	assert_non_null(world->stream);
	assert_int_equal(record_half_init(&world->to, secrets.suite,
					  server ? &secrets.client : &secrets.server, NULL),
			 0);
	assert_int_equal(record_half_init(&world->from, secrets.suite,
					  server ? &secrets.server : &secrets.client, NULL),
			 0);
}

static void end(struct world *world)
{
	tls_stream_free(world->stream);
	record_half_free(&world->to);
	record_half_free(&world->from);
}

static void give(struct world *world, struct bytes sealed)
{
	size_t cap;
	uint8_t *room = tls_stream_room(world->stream, &cap);

	assert_true(sealed.len <= cap);
	memcpy(room, sealed.data, sealed.len);
	tls_stream_received(world->stream, sealed.len);
}

static void say(struct world *world, enum record_type type, struct bytes content)
{
	static uint8_t sealed[RECORD_SEALED_MAX];
	size_t len = record_seal(&world->to, type, &content, 1, sealed);

	give(world, bytes_of(sealed, len));
	tls_stream_plain(world->stream);
}

static void say_hex(struct world *world, enum record_type type, const char *text)
{
	uint8_t buffer[64];

	say(world, type, hex(text, buffer, sizeof(buffer)));
}

/* The next record that our stream has for the other end; false: none. */
static bool hear(struct world *world, struct record_opened *opened)
{
	struct bytes out = tls_stream_output(world->stream);

	if (out.len == 0)
		return false;
	assert_int_equal(record_open(&world->from, out, world->plain, opened), RECORD_OPENED);
	tls_stream_sent(world->stream, opened->sealed_len);
	if (opened->type == RECORD_HANDSHAKE) {
		assert_int_equal(opened->plain_len, KEY_UPDATE_LEN);
		assert_memory_equal(world->plain, key_update, KEY_UPDATE_LEN);
		assert_int_equal(record_half_update(&world->from, NULL), 0);
	}
	return true;
}

static void assert_says(struct world *world, const char *what, int alert)
{
	struct record_opened opened;
	bool heard = hear(world, &opened);

	if (heard != (alert >= 0))
		fail_msg("%s: an alert, or none", what);
	if (heard && (opened.type != RECORD_ALERT || opened.plain_len != 2 ||
		      world->plain[1] != alert || world->plain[0] != (alert == 0 ? 1 : 2)))
		fail_msg("%s: type %d, alert %u", what, opened.type, world->plain[1]);
	if (hear(world, &opened))
		fail_msg("%s: says more", what);
}

/* ---- in ---- */

static const struct {
	const char *what;
	size_t record, chunk, taken; /* bytes: of a record, received and taken at a time */
} ins[] = {
	{ "full records at once", RECORD_PLAIN_MAX, RECORD_SEALED_MAX, RECORD_PLAIN_MAX },
	{ "full records in pieces", RECORD_PLAIN_MAX, 1000, 777 },
	{ "small records, many at once", 10, RECORD_SEALED_MAX, 10 },
	{ "small records, byte by byte", 3, 1, 1 },
	{ "records that end anywhere", 1000, 1999, 1000 },
};

/* Seals all of it first: `sealed` has room for DATA_LEN in records of 3 bytes. */
static size_t seal_all(struct world *world, size_t record, const uint8_t *data, uint8_t *sealed)
{
	size_t len = 0;

	for (size_t at = 0; at < DATA_LEN; at += record) {
		size_t left = DATA_LEN - at;
		struct bytes part = bytes_of(data + at, left < record ? left : record);

		len += record_seal(&world->to, RECORD_APPLICATION, &part, 1, sealed + len);
	}
	return len;
}

static void what_arrives_is_what_was_sent(void **state)
{
	uint8_t *data = malloc(DATA_LEN), *sealed = malloc(DATA_LEN * 12);

	fill(data, DATA_LEN, 1);
	for (size_t i = 0; i < ARRAY_LEN(ins) * 2; i++) {
		struct world world;
		size_t row = i / 2, at = 0, got = 0;

		begin(&world, i % 2 ? TLS_CLIENT : TLS_SERVER);
		size_t len = seal_all(&world, ins[row].record, data, sealed);
		while (got < DATA_LEN) {
			struct bytes plain = tls_stream_plain(world.stream);
			size_t cap, chunk = ins[row].chunk;

			if (plain.len > 0) {
				size_t n = plain.len < ins[row].taken ? plain.len : ins[row].taken;
				assert_memory_equal(plain.data, data + got, n);
				tls_stream_take(world.stream, n);
				got += n;
				continue;
			}
			tls_stream_room(world.stream, &cap);
			chunk = chunk < cap ? chunk : cap;
			chunk = chunk < len - at ? chunk : len - at;
			if (chunk == 0)
				fail_msg("%s: stands still at %zu", ins[row].what, got);
			give(&world, bytes_of(sealed + at, chunk));
			at += chunk;
		}
		assert_int_equal(tls_stream_state(world.stream), STREAM_OPEN);
		end(&world);
	}
	free(data);
	free(sealed);
}

/* Genuine records with a content that is not data. */
static const struct {
	const char *what;
	enum record_type type;
	const char *content;
	enum stream_state state;
	int alert; /* our answer; -1: none */
} contents[] = {
	{ "KeyUpdate", RECORD_HANDSHAKE, "18 000001 00", STREAM_OPEN, -1 },
	{ "KeyUpdate with an unknown request", RECORD_HANDSHAKE, "18 000001 02", STREAM_BROKEN,
	  ALERT_ILLEGAL_PARAMETER },
	{ "two KeyUpdates in a record", RECORD_HANDSHAKE, "18 000001 00 18 000001 00",
	  STREAM_BROKEN, ALERT_UNEXPECTED_MESSAGE },
	{ "ClientHello", RECORD_HANDSHAKE, "01 000001 00", STREAM_BROKEN,
	  ALERT_UNEXPECTED_MESSAGE },
	{ "an alert of one byte", RECORD_ALERT, "01", STREAM_BROKEN, ALERT_DECODE_ERROR },
	{ "an alert of three bytes", RECORD_ALERT, "010000", STREAM_BROKEN, ALERT_DECODE_ERROR },
	{ "an error of theirs", RECORD_ALERT, "0250", STREAM_BROKEN, -1 },
	{ "an error that calls itself a warning", RECORD_ALERT, "0150", STREAM_BROKEN, -1 },
	{ "close_notify", RECORD_ALERT, "0100", STREAM_ENDED, -1 },
	{ "an empty data record", RECORD_APPLICATION, "", STREAM_OPEN, -1 },
};

static void contents_are_checked(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(contents) * 2; i++) {
		size_t row = i / 2;
		struct world world;
		size_t cap;

		begin(&world, i % 2 ? TLS_CLIENT : TLS_SERVER);
		say_hex(&world, contents[row].type, contents[row].content);
		if (tls_stream_state(world.stream) != contents[row].state)
			fail_msg("%s: state %d", contents[row].what,
				 tls_stream_state(world.stream));
		tls_stream_room(world.stream, &cap);
		if ((cap > 0) != (contents[row].state == STREAM_OPEN))
			fail_msg("%s: takes %zu more", contents[row].what, cap);
		tls_stream_compose(world.stream, &cap);
		if ((cap > 0) != (contents[row].state != STREAM_BROKEN))
			fail_msg("%s: seals %zu more", contents[row].what, cap);
		assert_says(&world, contents[row].what, contents[row].alert);
		end(&world);
	}
}

static const struct {
	const char *what, *bytes;
	enum alert alert;
} records[] = {
	{ "a forged record", "1703030011 0000000000000000000000000000000000",
	  ALERT_BAD_RECORD_MAC },
	{ "a record too long", "1703034101", ALERT_RECORD_OVERFLOW },
	{ "change_cipher_spec", "140303000101", ALERT_UNEXPECTED_MESSAGE },
	{ "HTTP", "474554202f20485454502f312e31", ALERT_UNEXPECTED_MESSAGE },
};

static void bad_records_are_answered(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(records); i++) {
		struct world world;
		uint8_t buffer[64];

		begin(&world, TLS_SERVER);
		give(&world, hex(records[i].bytes, buffer, sizeof(buffer)));
		assert_int_equal(tls_stream_plain(world.stream).len, 0);
		assert_int_equal(tls_stream_state(world.stream), STREAM_BROKEN);
		assert_says(&world, records[i].what, (int)records[i].alert);
		end(&world);
	}
}

/* What stands behind the end is nobody's. */
static void nothing_follows_close_notify(void **state)
{
	static uint8_t sealed[256];
	const uint8_t notify[] = { 1, 0 };
	struct bytes parts[] = { bytes_of(notify, 2), bytes_of("more", 4) };
	struct world world;

	begin(&world, TLS_SERVER);
	size_t len = record_seal(&world.to, RECORD_ALERT, &parts[0], 1, sealed);
	len += record_seal(&world.to, RECORD_APPLICATION, &parts[1], 1, sealed + len);
	give(&world, bytes_of(sealed, len));
	assert_int_equal(tls_stream_plain(world.stream).len, 0);
	assert_int_equal(tls_stream_state(world.stream), STREAM_ENDED);
	end(&world);
}

static const struct {
	const char *what;
	enum record_type type;
	const char *content;
} idles[] = {
	{ "empty records", RECORD_APPLICATION, "" },
	{ "KeyUpdates", RECORD_HANDSHAKE, "18 000001 01" },
};

static void say_idle(struct world *world, size_t row)
{
	say_hex(world, idles[row].type, idles[row].content);
	if (idles[row].type == RECORD_HANDSHAKE)
		assert_int_equal(record_half_update(&world->to, NULL), 0);
}

static void there_are_not_many_in_a_row_without_data(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(idles); i++) {
		struct world world;

		begin(&world, TLS_SERVER);
		for (unsigned n = 0; n < 3 * RECORD_IDLE_MAX; n++) {
			if (n % RECORD_IDLE_MAX == 0) { /* data in between */
				say_hex(&world, RECORD_APPLICATION, "00");
				tls_stream_take(world.stream, 1);
			}
			say_idle(&world, i);
			if (tls_stream_state(world.stream) != STREAM_OPEN)
				fail_msg("%s: broken after %u", idles[i].what, n);
		}
		say_idle(&world, i);
		assert_int_equal(tls_stream_state(world.stream), STREAM_BROKEN);
		end(&world);
	}
}

/* ---- out ---- */

static void compose(struct world *world, uint8_t byte, size_t len)
{
	size_t cap;
	uint8_t *to = tls_stream_compose(world->stream, &cap);

	assert_true(cap >= len);
	memset(to, byte, len);
	tls_stream_seal(world->stream, len);
}

static void assert_hears_data(struct world *world, uint8_t byte, size_t len)
{
	struct record_opened opened;

	assert_true(hear(world, &opened));
	assert_int_equal(opened.type, RECORD_APPLICATION);
	assert_int_equal(opened.plain_len, len);
	assert_int_equal(world->plain[0], byte);
	assert_int_equal(world->plain[len - 1], byte);
}

static void one_record_is_under_way(void **state)
{
	struct world world;
	size_t cap;

	begin(&world, TLS_SERVER);
	compose(&world, 1, RECORD_PLAIN_MAX);
	tls_stream_compose(world.stream, &cap);
	assert_int_equal(cap, 0);
	assert_hears_data(&world, 1, RECORD_PLAIN_MAX);
	compose(&world, 2, 1);
	assert_hears_data(&world, 2, 1);
	end(&world);
}

/* RFC 8446 4.6.3: answered before anything else that we send is sealed after it. */
static void a_key_update_is_answered(void **state)
{
	for (unsigned busy = 0; busy < 2; busy++) {
		struct record_opened opened;
		struct world world;

		begin(&world, TLS_SERVER);
		for (unsigned n = 0; n < 2; n++) /* one answer does for both */
			say_idle(&world, 1);
		if (busy)
			compose(&world, 3, RECORD_PLAIN_MAX);
		if (busy)
			assert_hears_data(&world, 3, RECORD_PLAIN_MAX);
		assert_true(hear(&world, &opened));
		assert_int_equal(opened.type, RECORD_HANDSHAKE);
		assert_false(hear(&world, &opened));
		compose(&world, 4, 10);
		assert_hears_data(&world, 4, 10);
		end(&world);
	}
}

static void our_key_changes_in_time(void **state)
{
	struct record_opened opened;
	struct world world;

	begin(&world, TLS_SERVER);
	assert_int_equal(world.stream->rekey_after, RECORD_REKEY_AFTER);
	world.stream->rekey_after = 3;
	for (unsigned n = 1; n <= 9; n++) {
		compose(&world, (uint8_t)n, 100);
		assert_hears_data(&world, (uint8_t)n, 100);
		if (n % 3 == 0) {
			assert_true(hear(&world, &opened));
			assert_int_equal(opened.type, RECORD_HANDSHAKE);
		}
	}
	end(&world);
}

static void the_end_is_said_once_and_last(void **state)
{
	struct world world;
	size_t cap;

	begin(&world, TLS_SERVER);
	compose(&world, 5, 10);
	tls_stream_end(world.stream);
	tls_stream_end(world.stream);
	tls_stream_compose(world.stream, &cap);
	assert_int_equal(cap, 0);
	assert_hears_data(&world, 5, 10);
	assert_says(&world, "the end", ALERT_CLOSE_NOTIFY);
	end(&world);
}

static int set_up(void **state)
{
	return pki_init(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_arrives_is_what_was_sent),
		cmocka_unit_test(contents_are_checked),
		cmocka_unit_test(bad_records_are_answered),
		cmocka_unit_test(nothing_follows_close_notify),
		cmocka_unit_test(there_are_not_many_in_a_row_without_data),
		cmocka_unit_test(one_record_is_under_way),
		cmocka_unit_test(a_key_update_is_answered),
		cmocka_unit_test(our_key_changes_in_time),
		cmocka_unit_test(the_end_is_said_once_and_last),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
