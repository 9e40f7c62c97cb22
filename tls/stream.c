/* SPDX-License-Identifier: Apache-2.0 */
/* tls/stream.c
 *
 * Records in, bytes out, and the other way round; everything in place.  What is sealed last may have
 * a KeyUpdate behind it, and the end is an alert of its own.
 *
 * RFC 8446 4.6.3 (KeyUpdate), 5.5 (how long a key lasts), 6.1 (close_notify).
 */
#include "tls/stream_private.h"

#include <stdlib.h>

struct tls_stream *tls_stream_new(enum tls_role role, const struct tls_secrets *secrets,
				  struct err *err)
{
	struct tls_stream *stream = calloc(1, sizeof(*stream));
	bool server = role == TLS_SERVER;

	if (!stream) {
		err_set(err, "out of memory");
		return NULL;
	}
	stream->rekey_after = RECORD_REKEY_AFTER;
	if (record_half_init(&stream->read, secrets->suite,
			     server ? &secrets->client : &secrets->server, err) < 0 ||
	    record_half_init(&stream->write, secrets->suite,
			     server ? &secrets->server : &secrets->client, err) < 0) {
		tls_stream_free(stream);
		return NULL;
	}
	return stream;
}

void tls_stream_free(struct tls_stream *stream)
{
	if (!stream)
		return;
	record_half_free(&stream->read);
	record_half_free(&stream->write);
	explicit_bzero(stream, sizeof(*stream)); /* cookies and passwords */
	free(stream);
}

enum stream_state tls_stream_state(const struct tls_stream *stream)
{
	return stream->state;
}

/* ---- in ---- */

static void end_with(struct tls_stream *stream, enum alert alert)
{
	if (stream->ending)
		return;
	stream->ending = true;
	stream->alert = alert;
}

static void break_with(struct tls_stream *stream, enum alert alert)
{
	stream->state = STREAM_BROKEN;
	end_with(stream, alert);
}

static void break_silently(struct tls_stream *stream)
{
	stream->state = STREAM_BROKEN;
	stream->ending = stream->over = true;
}

/* A record that carries no data costs us work: there must not be many in a row. */
static bool too_many_idle_records(struct tls_stream *stream)
{
	if (++stream->idle_records <= RECORD_IDLE_MAX)
		return false;
	break_with(stream, ALERT_UNEXPECTED_MESSAGE);
	return true;
}

static void take_handshake(struct tls_stream *stream, struct bytes content)
{
	bool asks = false;
	const struct record_fault *fault = key_update_read(content, &asks);

	if (fault)
		break_with(stream, fault->alert);
	else if (too_many_idle_records(stream))
		return;
	else if (record_half_update(&stream->read, NULL) < 0)
		break_with(stream, ALERT_INTERNAL_ERROR);
	else if (asks) /* one answers all that were asked for meanwhile */
		stream->owes_update = true;
}

/* RFC 8446 6: whatever the level says, only close_notify is not an error. */
static void take_alert(struct tls_stream *stream, struct bytes content)
{
	if (content.len != 2)
		break_with(stream, ALERT_DECODE_ERROR);
	else if (content.data[1] == ALERT_CLOSE_NOTIFY)
		stream->state = STREAM_ENDED;
	else
		break_silently(stream);
}

static void take_content(struct tls_stream *stream, enum record_type type, struct bytes content)
{
	switch (type) {
	case RECORD_ALERT: take_alert(stream, content); break;
	case RECORD_HANDSHAKE: take_handshake(stream, content); break;
	case RECORD_APPLICATION:
		if (content.len == 0) {
			too_many_idle_records(stream);
			break;
		}
		stream->idle_records = 0;
		stream->plain = content;
		break;
	}
}

/* False if there is no whole record. */
static bool open_record(struct tls_stream *stream)
{
	struct bytes sealed = { stream->in + stream->at, stream->end - stream->at };
	uint8_t *plain = stream->in + stream->at + RECORD_HEADER_LEN;
	struct record_opened opened;
	enum record_verdict verdict = record_open(&stream->read, sealed, plain, &opened);

	if (verdict == RECORD_INCOMPLETE)
		return false;
	if (verdict != RECORD_OPENED) {
		break_with(stream, record_fault_of(verdict)->alert);
		return false;
	}
	stream->at += opened.sealed_len;
	take_content(stream, opened.type, (struct bytes) { plain, opened.plain_len });
	return true;
}

void *tls_stream_room(struct tls_stream *stream, size_t *cap)
{
	memmove(stream->in, stream->in + stream->at, stream->end - stream->at);
	stream->end -= stream->at;
	stream->at = 0;
	*cap = stream->state == STREAM_OPEN ? sizeof(stream->in) - stream->end : 0;
	return stream->in + stream->end;
}

void tls_stream_received(struct tls_stream *stream, size_t len)
{
	stream->end += len;
}

struct bytes tls_stream_plain(struct tls_stream *stream)
{
	while (stream->plain.len == 0 && stream->state == STREAM_OPEN && open_record(stream))
		;
	return stream->plain;
}

void tls_stream_take(struct tls_stream *stream, size_t len)
{
	stream->plain.data += len;
	stream->plain.len -= len;
}

/* ---- out ---- */

static void seal(struct tls_stream *stream, enum record_type type, struct bytes content)
{
	stream->out_end +=
		record_seal(&stream->write, type, &content, 1, stream->out + stream->out_end);
}

static void seal_key_update(struct tls_stream *stream)
{
	seal(stream, RECORD_HANDSHAKE, (struct bytes) { key_update, sizeof(key_update) });
	stream->owes_update = false;
	if (record_half_update(&stream->write, NULL) < 0)
		break_silently(stream);
}

static void seal_alert(struct tls_stream *stream)
{
	/* RFC 8446 6: the level is warning for close_notify and fatal for all others. */
	uint8_t content[2] = { stream->alert == ALERT_CLOSE_NOTIFY ? 1 : 2,
			       (uint8_t)stream->alert };

	seal(stream, RECORD_ALERT, (struct bytes) { content, sizeof(content) });
	stream->over = true;
}

void *tls_stream_compose(struct tls_stream *stream, size_t *cap)
{
	*cap = stream->out_end == 0 && !stream->ending ? RECORD_PLAIN_MAX : 0;
	return stream->out + RECORD_HEADER_LEN;
}

void tls_stream_seal(struct tls_stream *stream, size_t len)
{
	seal(stream, RECORD_APPLICATION, (struct bytes) { stream->out + RECORD_HEADER_LEN, len });
	if (stream->write.sequence >= stream->rekey_after)
		stream->owes_update = true;
	if (stream->owes_update)
		seal_key_update(stream);
}

void tls_stream_end(struct tls_stream *stream)
{
	end_with(stream, ALERT_CLOSE_NOTIFY);
}

struct bytes tls_stream_output(struct tls_stream *stream)
{
	if (stream->out_end == 0 && stream->owes_update && !stream->over)
		seal_key_update(stream);
	if (stream->out_end == 0 && stream->ending && !stream->over)
		seal_alert(stream);
	return (struct bytes) { stream->out + stream->out_at, stream->out_end - stream->out_at };
}

void tls_stream_sent(struct tls_stream *stream, size_t len)
{
	stream->out_at += len;
	if (stream->out_at == stream->out_end)
		stream->out_at = stream->out_end = 0;
}
