/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/session_pair.h
 *
 * Two sessions in memory with a wire between them that cuts at will, and frames that they can
 * tell apart.
 */
#ifndef TESTS_UNIT_TLS_SESSION_PAIR_H
#define TESTS_UNIT_TLS_SESSION_PAIR_H

#include "tests/unit/tls/session_one.h"

/* What waits in one end goes to the other, in pieces of up to `piece` bytes; false if nothing did. */
static inline bool wire(struct end *from, struct end *to, size_t piece, uint64_t now_ms)
{
	session_flush(from->session);
	struct bytes waiting = session_output(from->session);
	bool any = waiting.len > 0;

	while (waiting.len > 0) {
		size_t len = waiting.len < piece ? waiting.len : piece;

		end_take(to, waiting.data, len, now_ms);
		session_sent(from->session, len);
		waiting = session_output(from->session);
	}
	return any;
}

struct pair {
	struct end client, server;
	uint64_t now_ms;
	size_t piece; /* of the wire */
};

static inline void settle(struct pair *pair)
{
	bool any;

	do {
		any = wire(&pair->client, &pair->server, pair->piece, pair->now_ms);
		any |= wire(&pair->server, &pair->client, pair->piece, pair->now_ms);
	} while (any);
}

static inline void pair_begin(struct pair *pair)
{
	*pair = (struct pair) { .now_ms = 1000, .piece = 100000 };
	end_begin(&pair->client, TLS_CLIENT, pair->now_ms);
	end_begin(&pair->server, TLS_SERVER, pair->now_ms);
}

static inline void pair_finish(struct pair *pair)
{
	end_finish(&pair->client);
	end_finish(&pair->server);
}

static const size_t sizes[] = { 14,    15,    60,    64,    1514,  2035,  2036,	 2037,
				2048,  2049,  4096,  9014,  16360, 16361, 16379, 16380,
				16381, 16384, 16385, 20000, 32764, 32768, 49152, 65535,
				65536, 65537, 65549, 65550, 14,	   65550, 65550, 14 };

static inline size_t frame_by_size(unsigned number, uint8_t *to)
{
	size_t len = sizes[number % ARRAY_LEN(sizes)];

	fill(to, len, number);
	return len;
}

static inline size_t small_frame(unsigned number, uint8_t *to)
{
	fill(to, 100, number);
	return 100;
}

static inline size_t large_frame(unsigned number, uint8_t *to)
{
	fill(to, FRAME_MAX, number);
	return FRAME_MAX;
}

static inline void begin_up(struct pair *pair)
{
	pair_begin(pair);
	settle(pair);
	assert_int_equal(session_state(pair->client.session), SESSION_UP);
	assert_int_equal(session_state(pair->server.session), SESSION_UP);
}

/* Sends frame `number` of `like`; false if there was no room. */
static inline bool send(struct end *from, size_t (*like)(unsigned, uint8_t *), unsigned number)
{
	static uint8_t buffer[FRAME_MAX];
	struct frame frame = { .bytes = bytes_of(buffer, like(number, buffer)) };

	return session_send_frame(from->session, &frame);
}

/* Frames of all sizes both ways, through a wire that hands over so many bytes at a time. */
static inline void exchange(struct pair *pair, unsigned count)
{
	pair->client.frame_like = pair->server.frame_like = frame_by_size;
	for (unsigned number = 0; number < count; number++) {
		assert_true(send(&pair->client, frame_by_size, number));
		assert_true(send(&pair->server, frame_by_size, number));
		if (number % 3 == 2 || !session_has_room(pair->client.session))
			settle(pair);
	}
	settle(pair);
	assert_int_equal(pair->client.frames, count);
	assert_int_equal(pair->server.frames, count);
	assert_int_equal(session_state(pair->client.session), SESSION_UP);
	assert_int_equal(session_state(pair->server.session), SESSION_UP);
}

#endif
