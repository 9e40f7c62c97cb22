/* SPDX-License-Identifier: Apache-2.0 */
/* tls/session_output.c
 *
 * Messages to records to the output buffer.  A large frame is sealed from where it lies; what is
 * small, and the short tail of a large frame, is copied into an open record that the next message
 * continues.  So the order of messages is kept and records are full where there is much to send.
 *
 * Room is asked for once, before anything is taken: with what the records cost and with a
 * KeyUpdate behind each of them, so that a message never stops half-way.
 */
#include "tls/session_private.h"

/* What the output holds at most once `len` more bytes of content are in it. */
static size_t output_bound(const struct output *output, size_t len)
{
	size_t content = output->open_len + len;
	/* The last record is not full, and a KeyUpdate may end the open one early. */
	size_t records = content / RECORD_PLAIN_MAX + 2;

	return output->tail - output->head + content + records * RECORD_COST;
}

/* Moves what waits to the front of the buffer. */
static void output_compact(struct output *output)
{
	size_t open = output->open_len > 0 ? RECORD_HEADER_LEN + output->open_len : 0;

	memmove(output->buffer, output->buffer + output->head, output->tail - output->head + open);
	output->tail -= output->head;
	output->head = 0;
}

static bool output_reserve(struct session *session, size_t len, size_t keep)
{
	struct output *output = &session->output;
	size_t bound = output_bound(output, len);

	if (session->state == SESSION_CLOSED || bound > OUTPUT_CAP - keep)
		return false;
	if (!output->buffer) {
		output->buffer = memory_take(session->memory, MEMORY_OUTPUT);
		if (!output->buffer) {
			session_end_silently(session, SESSION_END_MEMORY);
			return false;
		}
	}
	if (output->head + bound > OUTPUT_CAP)
		output_compact(output);
	return true;
}

static void seal(struct session *session, enum record_type type, const struct bytes *part,
		 unsigned part_count)
{
	struct output *output = &session->output;

	output->tail +=
		record_seal(&session->write, type, part, part_count, output->buffer + output->tail);
	session->counters.tx_records++;
}

/* With no record open.  False if that ended the session: then there is no output any more. */
static bool seal_key_update(struct session *session)
{
	struct bytes part = { .data = key_update, .len = sizeof(key_update) };

	seal(session, RECORD_HANDSHAKE, &part, 1);
	session->key_update_owed = false;
	session->counters.rekeys++;
	if (record_half_update(&session->write, NULL) < 0) {
		session_end_silently(session, SESSION_END_MEMORY);
		return false;
	}
	return true;
}

static struct bytes take_front(struct bytes *from, size_t max)
{
	struct bytes front = { .data = from->data, .len = from->len < max ? from->len : max };

	if (front.len > 0)
		from->data += front.len;
	from->len -= front.len;
	return front;
}

/*
 * Seals one record: what is open, then as much of head and body as it holds.
 * False if the session ended.
 */
static bool seal_data(struct session *session, struct bytes *head, struct bytes *body)
{
	struct output *output = &session->output;
	struct bytes part[3];
	unsigned count = 0;
	size_t room = RECORD_PLAIN_MAX - output->open_len;

	if (output->open_len > 0)
		part[count++] = (struct bytes) {
			.data = output->buffer + output->tail + RECORD_HEADER_LEN,
			.len = output->open_len,
		};
	if (head->len > 0) {
		part[count] = take_front(head, room);
		room -= part[count++].len;
	}
	if (body->len > 0 && room > 0)
		part[count++] = take_front(body, room);
	output->open_len = 0;
	seal(session, RECORD_APPLICATION, part, count);
	if (session->write.sequence >= session->rekey_after) /* RFC 8446 5.5 */
		return seal_key_update(session);
	return true;
}

static bool seal_open(struct session *session)
{
	struct bytes none = { 0 };

	return session->output.open_len == 0 || seal_data(session, &none, &none);
}

static void copy_to_open(struct output *output, struct bytes from)
{
	if (from.len > 0)
		memcpy(output->buffer + output->tail + RECORD_HEADER_LEN + output->open_len,
		       from.data, from.len);
	output->open_len += from.len;
}

/* Takes one message, in two pieces, whole or not at all. */
static bool append(struct session *session, struct bytes head, struct bytes body, size_t keep)
{
	struct output *output = &session->output;

	if (!output_reserve(session, head.len + body.len, keep))
		return false;
	/* RFC 8446 4.6.3: ours goes before any more data. */
	if (session->key_update_owed && !(seal_open(session) && seal_key_update(session)))
		return false;
	while (output->open_len + head.len + body.len >= RECORD_PLAIN_MAX ||
	       head.len + body.len > OUTPUT_COPY_MAX) {
		if (!seal_data(session, &head, &body))
			return false;
	}
	copy_to_open(output, head);
	copy_to_open(output, body);
	return true;
}

bool output_message(struct session *session, const struct writer *message, size_t keep)
{
	return !message->full && append(session, writer_bytes(message), (struct bytes) { 0 }, keep);
}

void output_control(struct session *session, const struct writer *message)
{
	if (!output_message(session, message, OUTPUT_KEEP_GOODBYE))
		session->counters.tx_dropped++;
}

void output_echo(struct session *session)
{
	uint8_t buffer[MESSAGE_HEADER_LEN + 8];
	struct writer w = writer_over(buffer, sizeof(buffer));

	session->echo_token++;
	session->echo_sent_ms = session->now_ms;
	session->echo_sent_us[session->echo_token % SESSION_ECHOES] = session_now_us(session);
	message_build_echo(&w, MESSAGE_ECHO, session->echo_token);
	output_control(session, &w);
}

void output_key_update(struct session *session)
{
	session->key_update_owed = true;
	if (!output_reserve(session, 0, OUTPUT_KEEP_GOODBYE) || !seal_open(session))
		return;
	if (session->key_update_owed) /* else sealing was just followed by one */
		seal_key_update(session);
}

void output_alert(struct session *session, enum alert alert)
{
	/* RFC 8446 6: the level is warning for close_notify and fatal for all others. */
	uint8_t content[2] = { alert == ALERT_CLOSE_NOTIFY ? 1 : 2, (uint8_t)alert };
	struct bytes part = { .data = content, .len = sizeof(content) };

	if (output_reserve(session, sizeof(content), 0) && seal_open(session))
		seal(session, RECORD_ALERT, &part, 1);
}

void output_drop(struct session *session)
{
	memory_give(session->memory, MEMORY_OUTPUT, session->output.buffer);
	session->output = (struct output) { 0 };
}

/* A frame that this peer will never take. */
static bool is_unfit(const struct session *session, const struct frame *frame)
{
	const struct offload *offload = &frame->offload;
	bool has_offload = offload->gso != GSO_NONE || offload->needs_csum;

	if (frame->bytes.len < FRAME_MIN || frame->bytes.len > FRAME_MAX ||
	    frame->bytes.len > session->peer.max_frame)
		return true;
	return has_offload && (!(session->peer.capabilities & CAPABILITY_OFFLOAD) ||
			       offload->csum_offset > UINT8_MAX);
}

bool session_send_frame(struct session *session, const struct frame *frame)
{
	uint8_t head[MESSAGE_FRAME_HEAD_MAX];

	if (session->state != SESSION_UP)
		return false;
	if (is_unfit(session, frame)) {
		session->counters.tx_unfit++;
		return true;
	}
	struct bytes start = { .data = head, .len = message_build_frame_head(frame, head) };
	if (!append(session, start, frame->bytes, OUTPUT_KEEP_CONTROL))
		return false;
	session->counters.tx_frames++;
	session->counters.tx_bytes += frame->bytes.len;
	return true;
}

void session_send_notice(struct session *session, const char *text)
{
	uint8_t buffer[MESSAGE_HEADER_LEN + 4 + MESSAGE_TEXT_MAX];
	struct writer w = writer_over(buffer, sizeof(buffer));

	if (session->state != SESSION_UP)
		return;
	message_build_notice(&w, text);
	output_control(session, &w);
}

bool session_has_room(const struct session *session)
{
	return session->state == SESSION_UP &&
	       output_bound(&session->output, MESSAGE_MAX) <= OUTPUT_CAP - OUTPUT_KEEP_CONTROL;
}

void session_flush(struct session *session)
{
	if (seal_open(session) && session->key_update_owed && !session_is_over(session))
		output_key_update(session);
}

struct bytes session_output(const struct session *session)
{
	const struct output *output = &session->output;

	if (!output->buffer)
		return (struct bytes) { 0 };
	return (struct bytes) { .data = output->buffer + output->head,
				.len = output->tail - output->head };
}

void session_sent(struct session *session, size_t len)
{
	struct output *output = &session->output;

	output->head += len;
	if (output->head < output->tail || output->open_len > 0)
		return;
	output_drop(session);
	if (session->state == SESSION_CLOSING)
		session_enter(session, SESSION_CLOSED);
}
