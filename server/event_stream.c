/* SPDX-License-Identifier: Apache-2.0 */
/* server/event_stream.c - followers of events: each has a number, and gets a line of those behind it
 * when there are any and the line before has left. */
#include "server/event_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"

static const char first_line[] = "{\"schema\":1,\"role\":\"server\"}\n";

struct event_stream {
	struct event_streams *streams;
	uv_pipe_t pipe;
	uv_write_t write;
	uint64_t after;
	bool writing;
	char *text;	 /* on its way */
	char unread[64]; /* nobody has anything to say here */
	struct event_stream *next, **link;
};

struct event_streams {
	struct events *events;
	uv_loop_t *loop;
	uv_async_t wake; /* what happens in one turn of the loop is one line */
	unsigned count;
	struct event_stream *first;
};

static void on_closed(uv_handle_t *pipe)
{
	struct event_stream *stream = pipe->data;

	wipe_free(stream->text);
	free(stream);
}

static void leave(struct event_stream *stream)
{
	if (uv_is_closing((uv_handle_t *)&stream->pipe))
		return;
	*stream->link = stream->next;
	if (stream->next)
		stream->next->link = stream->link;
	stream->streams->count--;
	uv_close((uv_handle_t *)&stream->pipe, on_closed);
}

static void tell(struct event_stream *stream);

static void on_written(uv_write_t *write, int status)
{
	struct event_stream *stream = write->data;

	if (uv_is_closing((uv_handle_t *)&stream->pipe))
		return;
	stream->writing = false;
	wipe_free(stream->text);
	stream->text = NULL;
	if (status < 0)
		leave(stream);
	else
		tell(stream);
}

static int send_text(struct event_stream *stream, const char *text, size_t len)
{
	uv_buf_t buf = uv_buf_init((char *)text, (unsigned)len);

	stream->write.data = stream;
	stream->writing = true;
	return uv_write(&stream->write, (uv_stream_t *)&stream->pipe, &buf, 1, on_written);
}

static void tell(struct event_stream *stream)
{
	struct events *events = stream->streams->events;

	if (stream->writing || stream->after == events_last(events))
		return;
	json_t *answer = events_after(events, NULL, stream->after, EVENT_STREAM_LINE);
	size_t len = json_dumpb(answer, NULL, 0, JSON_COMPACT);

	stream->after = (uint64_t)json_integer_value(json_object_get(answer, "last"));
	stream->text = malloc(len + 1);
	if (stream->text && len > 0) {
		json_dumpb(answer, stream->text, len, JSON_COMPACT);
		stream->text[len] = '\n';
	}
	if (!stream->text || len == 0 || send_text(stream, stream->text, len + 1) < 0)
		leave(stream);
	json_decref(answer);
}

static void on_wake(uv_async_t *wake)
{
	struct event_streams *streams = wake->data;
	struct event_stream *next;

	for (struct event_stream *stream = streams->first; stream; stream = next) {
		next = stream->next;
		tell(stream);
	}
}

static void on_added(void *owner)
{
	struct event_streams *streams = owner;

	uv_async_send(&streams->wake);
}

/* ---- who comes and goes ---- */

static void on_alloc(uv_handle_t *pipe, size_t suggested, uv_buf_t *buf)
{
	struct event_stream *stream = pipe->data;

	*buf = uv_buf_init(stream->unread, sizeof(stream->unread));
}

static void on_read(uv_stream_t *pipe, ssize_t n, const uv_buf_t *buf)
{
	if (n != 0) /* it has left, or does not know what this is */
		leave(pipe->data);
}

static void on_unused(uv_handle_t *pipe)
{
	free(pipe->data);
}

int event_streams_take(struct event_streams *streams, uint64_t after, int fd, struct err *err)
{
	struct event_stream *stream;

	if (streams->count == EVENT_STREAMS_MAX)
		return err_set(err, "%u follow the events already, as many as may",
			       EVENT_STREAMS_MAX);
	stream = calloc(1, sizeof(*stream));
	if (!stream)
		return err_set(err, "out of memory");
	stream->streams = streams;
	stream->after = after;
	stream->pipe.data = stream;
	uv_pipe_init(streams->loop, &stream->pipe, 0);
	int result = uv_pipe_open(&stream->pipe, fd);
	if (result < 0) {
		uv_close((uv_handle_t *)&stream->pipe, on_unused);
		return err_set(err, "cannot follow by this connection: %s", uv_strerror(result));
	}
	stream->next = streams->first;
	stream->link = &streams->first;
	if (stream->next)
		stream->next->link = &stream->next;
	streams->first = stream;
	streams->count++;
	if (uv_read_start((uv_stream_t *)&stream->pipe, on_alloc, on_read) < 0 ||
	    send_text(stream, first_line, strlen(first_line)) < 0)
		leave(stream);
	return 0;
}

/* ---- from start to end ---- */

struct event_streams *event_streams_open(uv_loop_t *loop, struct events *events, struct err *err)
{
	struct event_streams *streams = calloc(1, sizeof(*streams));

	if (!streams) {
		err_set(err, "out of memory");
		return NULL;
	}
	streams->loop = loop;
	streams->events = events;
	if (uv_async_init(loop, &streams->wake, on_wake) < 0) {
		free(streams);
		err_set(err, "cannot make a wake-up for events");
		return NULL;
	}
	streams->wake.data = streams;
	events_watch(events, on_added, streams);
	return streams;
}

static void on_wake_closed(uv_handle_t *wake)
{
	free(wake->data);
}

void event_streams_close(struct event_streams *streams)
{
	if (!streams)
		return;
	events_watch(streams->events, NULL, NULL);
	while (streams->first)
		leave(streams->first);
	uv_close((uv_handle_t *)&streams->wake, on_wake_closed);
}
