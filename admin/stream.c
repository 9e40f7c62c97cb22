/* SPDX-License-Identifier: Apache-2.0 */
/* admin/stream.c - one browser that looks on: at any time it holds one event that is being sent, and
 * which it had last.  Who reads slowly gets fewer and larger steps, never a queue. */
#include <stdlib.h>
#include <string.h>

#include "admin/admin_private.h"

#define BEAT_MS 15000 /* so that whoever is gone is noticed, and proxies in between do not tire */

static const char beat[] = ":\n\n";

void stream_wake(struct stream *stream)
{
	if (!stream->suspended)
		return;
	stream->suspended = false;
	MHD_resume_connection(stream->request->connection);
}

/* Its session may have ended meanwhile. */
void stream_sweep(struct stream *stream)
{
	struct admin *admin = stream->admin;

	if (!request_still_may(stream->request) ||
	    (stream->suspended && visitor_has_left(stream->request->visitor)))
		stream->over = true;
	if (uv_now(&admin->loop) - stream->sent_ms > BEAT_MS)
		stream->beat = true;
	if (stream->over || stream->beat)
		stream_wake(stream);
}

static bool find_next(struct stream *stream)
{
	struct admin *admin = stream->admin;

	if (!stream->begun && !feed_is_fresh(admin)) {
		feed_ask(admin); /* who comes first does not wait for the next second */
		return false;
	}
	stream->text = feed_next(&admin->feed, stream->begun, &stream->id);
	stream->at = 0;
	stream->begun |= stream->text != NULL;
	return stream->text != NULL;
}

static ssize_t give(struct stream *stream, char *to, size_t most)
{
	size_t left = stream->text->len - stream->at, len = left < most ? left : most;

	memcpy(to, stream->text->text + stream->at, len);
	stream->at += len;
	if (stream->at == stream->text->len) {
		shared_release(stream->text);
		stream->text = NULL;
	}
	return (ssize_t)len;
}

static ssize_t on_room(void *cls, uint64_t position, char *to, size_t most)
{
	struct stream *stream = cls;
	struct admin *admin = stream->admin;

	if (stream->over || admin->ending)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (stream->text || find_next(stream)) {
		stream->sent_ms = uv_now(&admin->loop);
		return give(stream, to, most);
	}
	if (stream->beat && most >= strlen(beat)) {
		stream->beat = false;
		stream->sent_ms = uv_now(&admin->loop);
		memcpy(to, beat, strlen(beat));
		return (ssize_t)strlen(beat);
	}
	stream->suspended = true;
	MHD_suspend_connection(stream->request->connection);
	return 0;
}

void stream_leave(struct stream *stream)
{
	if (!stream->request)
		return;
	stream->admin->feed.stream_count--;
	stream->request->visitor->streams = false;
	stream->request->stream = NULL;
	stream->request = NULL;
	*stream->link = stream->next;
	if (stream->next)
		stream->next->link = stream->link;
}

static void on_end(void *cls)
{
	struct stream *stream = cls;

	stream_leave(stream);
	shared_release(stream->text);
	free(stream);
}

enum MHD_Result stream_begin(struct request *request)
{
	struct admin *admin = request->visitor->admin;
	struct feed *feed = &admin->feed;
	struct stream *stream =
		feed->stream_count < STREAMS_MAX ? calloc(1, sizeof(*stream)) : NULL;

	if (!stream)
		return reply_refuse(request->connection, MHD_HTTP_SERVICE_UNAVAILABLE, ERR_TIMEOUT,
				    "too many look on already");
	stream->admin = admin;
	stream->request = request;
	request->stream = stream;
	stream->sent_ms = uv_now(&admin->loop);
	stream->begun = feed_resume(
		feed,
		MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Last-Event-ID"),
		&stream->id);
	stream->next = feed->streams;
	stream->link = &feed->streams;
	if (stream->next)
		stream->next->link = &stream->next;
	feed->streams = stream;
	feed->stream_count++;
	request->visitor->streams = true;
	return reply_stream(request->connection, "text/event-stream", NULL, on_room, on_end,
			    stream);
}

void streams_end(struct admin *admin)
{
	for (struct stream *stream = admin->feed.streams; stream; stream = stream->next) {
		stream->over = true;
		stream_wake(stream);
	}
}
