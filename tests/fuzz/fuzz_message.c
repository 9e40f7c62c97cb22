/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_message.c - any body through the parser that the first byte names.
 *
 * Property: what was read, built and read again is the same.
 */
#include <stdlib.h>

#include "tls/message_login.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t built[MESSAGE_FRAME_HEAD_MAX + FRAME_MAX];

static struct bytes body_of(const struct writer *w)
{
	struct reader r = reader_over(writer_bytes(w));
	struct message message;

	message_read_header(&r, &message);
	if (w->full || r.bad || message.len != r.left)
		abort();
	return reader_rest(&r);
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_hello(struct bytes body)
{
	struct writer w = writer_over(built, MESSAGE_HEADER_LEN + MESSAGE_LOGIN_MAX);
	struct hello first, again;

	if (!message_parse_hello(body, &first))
		return;
	message_build_hello(&w, &first);
	must(message_parse_hello(body_of(&w), &again) && first.version == again.version &&
	     first.capabilities == again.capabilities && first.max_frame == again.max_frame &&
	     memcmp(&first.mac, &again.mac, sizeof(first.mac)) == 0 &&
	     first.office == again.office && strcmp(first.software, again.software) == 0 &&
	     strcmp(first.device, again.device) == 0 && first.enrol == again.enrol &&
	     strcmp(first.user, again.user) == 0);
}

static void check_welcome(struct bytes body)
{
	struct writer w = writer_over(built, MESSAGE_HEADER_LEN + MESSAGE_LOGIN_MAX);
	struct welcome first, again;

	if (!message_parse_welcome(body, &first))
		return;
	message_build_welcome(&w, &first);
	must(message_parse_welcome(body_of(&w), &again) && first.session_id == again.session_id &&
	     first.mtu == again.mtu && first.echo_ms == again.echo_ms &&
	     first.dead_ms == again.dead_ms && strcmp(first.user, again.user) == 0);
}

static void check_goodbye(struct bytes body)
{
	struct writer w = writer_over(built, MESSAGE_HEADER_LEN + MESSAGE_LOGIN_MAX);
	struct goodbye first, again;

	if (!message_parse_goodbye(body, &first))
		return;
	message_build_goodbye(&w, &first);
	must(first.reason < GOODBYE_REASONS && message_parse_goodbye(body_of(&w), &again) &&
	     first.reason == again.reason && strcmp(first.text, again.text) == 0);
}

static void check_notice(struct bytes body)
{
	struct writer w = writer_over(built, MESSAGE_HEADER_LEN + MESSAGE_LOGIN_MAX);
	char first[MESSAGE_TEXT_MAX], again[MESSAGE_TEXT_MAX];

	if (!message_parse_notice(body, first))
		return;
	message_build_notice(&w, first);
	must(message_parse_notice(body_of(&w), again) && strcmp(first, again) == 0);
}

/* Those of the login: their structs hold nothing but what was read, and are zero elsewhere. */
#define CHECK_SAME(name, structure)                                  \
	static void check_##name(struct bytes body)                  \
	{                                                            \
		struct writer w = writer_over(built, sizeof(built)); \
		struct structure first, again;                       \
                                                                     \
		memset(&first, 0, sizeof(first));                    \
		memset(&again, 0, sizeof(again));                    \
		if (!message_parse_##name(body, &first))             \
			return;                                      \
		message_build_##name(&w, &first);                    \
		must(message_parse_##name(body_of(&w), &again) &&    \
		     memcmp(&first, &again, sizeof(first)) == 0);    \
	}
CHECK_SAME(ask, ask)
CHECK_SAME(answer, answer)
CHECK_SAME(enrol, enrol)
CHECK_SAME(credentials, message_credentials)
CHECK_SAME(renew, message_request)

static void check_frame(enum message_type type, struct bytes body)
{
	struct writer w = writer_over(built, sizeof(built));
	struct frame first, again;

	if (!message_parse_frame(type, body, &first))
		return;
	uint8_t *head = writer_room(&w, MESSAGE_FRAME_HEAD_MAX);
	w.len = message_build_frame_head(&first, head);
	writer_copy(&w, first.bytes.data, first.bytes.len);
	must(message_parse_frame((enum message_type)built[0], body_of(&w), &again) &&
	     first.bytes.len == again.bytes.len);
	if (first.offload.gso != GSO_NONE || first.offload.needs_csum)
		must(first.offload.gso == again.offload.gso &&
		     first.offload.gso_ecn == again.offload.gso_ecn &&
		     first.offload.needs_csum == again.offload.needs_csum &&
		     first.offload.gso_size == again.offload.gso_size &&
		     first.offload.header_len == again.offload.header_len &&
		     first.offload.csum_start == again.offload.csum_start &&
		     first.offload.csum_offset == again.offload.csum_offset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct bytes body = { data + 1, size - 1 };

	switch (data[0]) {
	case MESSAGE_HELLO: check_hello(body); break;
	case MESSAGE_WELCOME: check_welcome(body); break;
	case MESSAGE_GOODBYE: check_goodbye(body); break;
	case MESSAGE_NOTICE: check_notice(body); break;
	case MESSAGE_FRAME: check_frame(MESSAGE_FRAME, body); break;
	case MESSAGE_SUPERFRAME: check_frame(MESSAGE_SUPERFRAME, body); break;
	case MESSAGE_ASK: check_ask(body); break;
	case MESSAGE_ANSWER: check_answer(body); break;
	case MESSAGE_ENROL: check_enrol(body); break;
	case MESSAGE_CREDENTIALS: check_credentials(body); break;
	case MESSAGE_RENEW: check_renew(body); break;
	default: break;
	}
	return 0;
}
