/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_session.c - a peer with the right keys that says anything, at any time.
 *
 * The first byte's lowest bit is the role; then steps: what(1) len(2) bytes(len).
 * Property: what waits is bounded, the end is final, and no buffer is kept after it.
 */
#include <stdlib.h>

#include "tls/pki.h"
#include "tls/session_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum step { SAY_DATA, SAY_HANDSHAKE, SAY_ALERT, SAY_BYTES, TICK, TAKE, SEND, CLOSE, STEPS };

struct peer {
	struct session *session;
	struct record_half write;
	uint64_t now_ms;
};

static void on_hello(void *owner, const struct hello *hello)
{
	struct peer *peer = owner;
	struct welcome welcome = { .session_id = 1, .mtu = 1500 };

	session_accept(peer->session, &welcome, peer->now_ms);
}

static void on_frame(void *owner, const struct frame *frame)
{
	struct peer *peer = owner;

	if (session_state(peer->session) != SESSION_UP || frame->bytes.len < FRAME_MIN)
		abort();
	session_send_frame(peer->session, frame);
}

static const struct session_events events = { .hello = on_hello, .frame = on_frame };

static void give(struct peer *peer, const uint8_t *bytes, size_t len)
{
	size_t cap;
	void *room = session_room(peer->session, &cap);

	if (cap < len)
		abort();
	if (len > 0)
		memcpy(room, bytes, len);
	session_received(peer->session, len, peer->now_ms);
}

static void say(struct peer *peer, enum record_type type, struct bytes content)
{
	static uint8_t sealed[RECORD_SEALED_MAX];

	if (content.len > RECORD_PLAIN_MAX)
		return;
	give(peer, sealed, record_seal(&peer->write, type, &content, 1, sealed));
	if (type == RECORD_HANDSHAKE && !session_is_over(peer->session) &&
	    record_half_update(&peer->write, NULL) < 0) /* else it was no KeyUpdate */
		abort();
}

static void step(struct peer *peer, enum step what, struct bytes bytes)
{
	struct frame frame = { .bytes = bytes };

	switch (what) {
	case SAY_DATA: say(peer, RECORD_APPLICATION, bytes); break;
	case SAY_HANDSHAKE: say(peer, RECORD_HANDSHAKE, bytes); break;
	case SAY_ALERT: say(peer, RECORD_ALERT, bytes); break;
	case SAY_BYTES: give(peer, bytes.data, bytes.len); break;
	case TICK:
		peer->now_ms += bytes.len;
		session_tick(peer->session, peer->now_ms, bytes.len);
		break;
	case TAKE:
		session_flush(peer->session);
		size_t waiting = session_output(peer->session).len;
		session_sent(peer->session, bytes.len < waiting ? bytes.len : waiting);
		break;
	case SEND: session_send_frame(peer->session, &frame); break;
	case CLOSE: session_close(peer->session, GOODBYE_KICKED, NULL); break;
	case STEPS: break;
	}
}

static void check(const struct peer *peer, enum session_state before)
{
	struct session *session = peer->session;

	if (session_output(session).len > OUTPUT_CAP || session_state(session) < before ||
	    (session_is_over(session) && session_end(session) == SESSION_END_NONE) ||
	    (session_is_over(session) && (session->sealed.buffer || session->plain.buffer)) ||
	    (session_state(session) == SESSION_CLOSED && session->output.buffer))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct session_memory *memory;
	struct tls_secrets secrets = { .suite = TLS_CHACHA20_POLY1305_SHA256,
				       .client.len = 32,
				       .server = { .octet = { 1 }, .len = 32 },
				       .server_handshake = { .octet = { 2 }, .len = 32 } };
	struct reader r = reader_over((struct bytes) { data, size });
	struct session_config config = {
		.role = reader_u8(&r) & 1 ? TLS_CLIENT : TLS_SERVER,
		.login_ms = 5000,
		.echo_ms = 1000,
		.dead_ms = 4000,
		.hello = { .version = 1, .capabilities = CAPABILITY_OFFLOAD, .max_frame = 1514 },
	};
	struct peer peer = { .now_ms = 1 };

	if (!memory && (pki_init(NULL) < 0 || !(memory = session_memory_new(NULL))))
		abort();
	peer.session = session_new(&config, &secrets, &events, &peer, memory, 1, NULL);
	if (!peer.session ||
	    record_half_init(&peer.write, secrets.suite,
			     config.role == TLS_CLIENT ? &secrets.server : &secrets.client, NULL))
		abort();
	while (r.left > 0) {
		enum session_state before = session_state(peer.session);
		uint8_t what = reader_u8(&r);
		uint16_t len = reader_u16(&r);
		struct reader bytes = reader_sub(&r, len < r.left ? len : r.left);

		step(&peer, (enum step)(what % STEPS), reader_rest(&bytes));
		check(&peer, before);
	}
	session_free(peer.session);
	record_half_free(&peer.write);
	return 0;
}
