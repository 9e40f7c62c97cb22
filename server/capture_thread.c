/* SPDX-License-Identifier: Apache-2.0 */
/* server/capture_thread.c - a capture's own thread: frames from the rings to its reader, as pcapng.
 *
 * It may wait for the reader as long as it likes: nobody waits for it.  It ends when the reader hangs
 * up or says that it wants no more (shuts its end down), at a limit, or when it is told to; what
 * had been seen by then is still written.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "bridge/offload.h"
#include "server/capture_private.h"

#define GIVE_UP_MS 2000	     /* so long a reader may take for the rest of it */
#define INTERFACES_MAX 65535 /* sessions that come later share the first interface */
#define TAIL_MAX 512	     /* the statistics, which always fit */
#define BUDGET 4096	     /* frames, then a look at the reader and at the time */
#define BUDGET_LAST 65536    /* more than rings hold, mostly */

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- waiting and writing ---- */

/* The first reason is the one that is told. */
static void end_for(struct capture *capture, const char *why)
{
	capture->stopping = true;
	if (!capture->why)
		capture->why = why;
}

/* Until a worker, control or the reader has something for us, or time is over.  True: the reader
 * can be written to. */
static bool wait_for(struct capture *capture, bool writable, uint64_t until_ms)
{
	struct pollfd fds[2] = {
		{ .fd = capture->wake_fd, .events = POLLIN },
		{ .fd = capture->fd, .events = (short)(writable ? POLLOUT : POLLRDHUP) },
	};
	uint64_t now_ms = clock_ms(), left_ms = until_ms > now_ms ? until_ms - now_ms : 0;
	int timeout = until_ms == 0 ? -1 : left_ms > 60000 ? 60000 : (int)left_ms;

	if (poll(fds, 2, timeout) <= 0)
		return false;
	if (fds[0].revents & POLLIN) {
		uint64_t count;

		(void)!read(capture->wake_fd, &count, sizeof(count));
	}
	if (!writable && fds[1].revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL))
		end_for(capture, "its reader wanted no more");
	return fds[1].revents & (POLLOUT | POLLHUP | POLLERR);
}

static void end_if_over(struct capture *capture)
{
	if (capture->end_ms > 0 && clock_ms() >= capture->end_ms)
		end_for(capture, "its time is over");
}

/* Until the reader has made room.  Its time may be over meanwhile, or somebody may end it: then the
 * reader has a little longer for what there is. */
static void wait_for_reader(struct capture *capture)
{
	end_if_over(capture);
	if (capture->stopping && capture->give_up_ms == 0)
		capture->give_up_ms = clock_ms() + GIVE_UP_MS;
	if (!wait_for(capture, true,
		      capture->give_up_ms != 0 ? capture->give_up_ms : capture->end_ms) &&
	    capture->give_up_ms != 0 && clock_ms() >= capture->give_up_ms)
		capture->lost_reader = true;
}

static void write_all(struct capture *capture, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len > 0 && !capture->lost_reader) {
		ssize_t n = write(capture->fd, at, len);

		if (n > 0) {
			at += n;
			len -= (size_t)n;
		} else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			wait_for_reader(capture);
		} else if (n == 0 || errno != EINTR) {
			capture->lost_reader = true;
		}
	}
	if (capture->lost_reader)
		end_for(capture, "its reader went away");
}

static void flush(struct capture *capture)
{
	capture->bytes += capture->out.len;
	write_all(capture, capture->out.buf, capture->out.len);
	capture->out = writer_over(capture->out_memory, CAPTURE_OUT);
}

static void answer(struct capture *capture, json_t *object)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	if (text) {
		write_all(capture, text, strlen(text));
		write_all(capture, "\n", 1);
	}
	free(text);
	json_decref(object);
}

/* ---- frames ---- */

static void note_name(struct capture *capture, const struct capture_record *record)
{
	struct capture_port *port = &capture->port[record->port.port];

	port->generation = record->port.generation;
	port->interface = 0;
	memcpy(port->name, record->name, sizeof(port->name));
}

static void read_names(struct capture *capture)
{
	struct capture_record record;
	struct bytes bytes;

	while (ring_peek(capture->source[0].ring, &bytes)) {
		memcpy(&record, bytes.data, sizeof(record));
		note_name(capture, &record);
		ring_release(capture->source[0].ring);
	}
}

static void begin_interface(struct capture *capture, struct capture_port *port)
{
	if (capture->interface_count > INTERFACES_MAX)
		return;
	port->interface = capture->interface_count++;
	pcapng_write_interface(&capture->out, port->name, capture->order.filter,
			       capture->order.snaplen);
}

/* A name is told before its port's first frame; but it may have come since we last looked. */
static uint32_t interface_of(struct capture *capture, const struct mail_port *is)
{
	struct capture_port *port = &capture->port[is->port];

	if (port->generation != is->generation)
		read_names(capture);
	if (port->generation != is->generation)
		return 0;
	if (port->interface == 0)
		begin_interface(capture, port);
	return port->interface;
}

static void take_finished(void *owner, const struct frame *frame)
{
	struct bytes *bytes = owner;

	*bytes = frame->bytes;
}

/* A checksum that was left to a NIC is filled in, so that nobody takes the frame for a broken one.
 * Superframes stay in one piece, as tcpdump shows them on any interface with offload. */
static struct bytes finish(struct capture *capture, const struct capture_record *record,
			   struct bytes bytes)
{
	struct frame frame = { .bytes = bytes, .offload = record->offload };
	struct bytes finished = bytes;

	frame.offload.gso = GSO_NONE;
	if (record->offload.needs_csum && bytes.len == record->original_len)
		offload_finish(&frame, capture->scratch, take_finished, &finished);
	return finished;
}

static void write_frame(struct capture *capture, struct bytes bytes)
{
	struct capture_record record = { 0 };

	memcpy(&record, bytes.data, CAPTURE_HEAD);
	bytes.data += CAPTURE_HEAD;
	bytes.len -= CAPTURE_HEAD;
	struct pcapng_packet packet = {
		.interface = interface_of(capture, &record.port),
		.time_ns = record.time_ns,
		.original_len = record.original_len,
		.direction = (enum pcapng_direction)record.direction,
		.bytes = finish(capture, &record, bytes),
	};
	pcapng_write_packet(&capture->out, &packet);
	capture->frames++;
}

/* The ring whose next frame is the oldest; NULL: there is none. */
static struct ring *oldest(struct capture *capture, struct bytes *bytes)
{
	struct ring *found = NULL;
	uint64_t found_ns = UINT64_MAX;

	for (unsigned i = 1; i < capture->source_count; i++) {
		struct bytes record;
		uint64_t time_ns;

		if (!ring_peek(capture->source[i].ring, &record))
			continue;
		memcpy(&time_ns, record.data + offsetof(struct capture_record, time_ns),
		       sizeof(time_ns));
		if (found && time_ns >= found_ns)
			continue;
		found = capture->source[i].ring;
		found_ns = time_ns;
		*bytes = record;
	}
	return found;
}

static bool at_limit(struct capture *capture, size_t next)
{
	const struct capture_order *order = &capture->order;

	if (order->frames > 0 && capture->frames >= order->frames)
		end_for(capture, "it has as many frames as were asked for");
	else if (order->bytes > 0 && capture->bytes + capture->out.len + next > order->bytes)
		end_for(capture, "it is as large as was asked for");
	else
		return false;
	return true;
}

/* What is in the rings, but not without end: there is more to look after.  False: at a limit. */
static bool drain(struct capture *capture, unsigned budget)
{
	struct bytes bytes;
	struct ring *ring;

	while (budget-- > 0 && !capture->lost_reader && (ring = oldest(capture, &bytes))) {
		/* with an interface's block, perhaps, and always the statistics */
		if (at_limit(capture, bytes.len + 2 * TAIL_MAX))
			return false;
		write_frame(capture, bytes);
		ring_release(ring);
		if (capture->out.cap - capture->out.len < PCAPNG_BLOCK_MAX + TAIL_MAX)
			flush(capture);
		if (at_limit(capture, 0)) /* now, not when the next one comes */
			return false;
	}
	flush(capture);
	return true;
}

static bool anything(struct capture *capture)
{
	struct bytes bytes;

	return oldest(capture, &bytes) != NULL;
}

/* ---- its life ---- */

static void set_phase(struct capture *capture, enum capture_phase phase)
{
	capture->phase = phase;
	pthread_mutex_lock(&capture->lock);
	if (capture->notify)
		capture->notify(capture->owner);
	pthread_mutex_unlock(&capture->lock);
}

/* Until it may begin.  False: it is to end, and its reader knows why. */
static bool prepare(struct capture *capture)
{
	struct err err = { 0 };

	capture->filter = capture_filter_new(capture->order.filter, &err);
	if (capture->filter) {
		set_phase(capture, CAPTURE_READY);
		while (!capture->stopping && capture->joined < capture->order.workers)
			wait_for(capture, false, 0);
		pthread_mutex_lock(&capture->lock);
		err = capture->failed;
		pthread_mutex_unlock(&capture->lock);
		if (!capture->stopping)
			return true;
	}
	if (!err.text[0])
		err_set(&err, "the capture was ended before it began");
	answer(capture, json_pack("{s:s, s:i}", "error", err.text, "status", err_status(&err)));
	if (!capture->why)
		capture->why = "it could not begin";
	return false;
}

static void write_head(struct capture *capture)
{
	answer(capture, json_pack("{s:i, s:i}", "schema", 1, "capture", (int)capture->order.id));
	pcapng_write_section(&capture->out, "lanyard " LANYARD_VERSION);
	pcapng_write_interface(&capture->out, capture->order.of, capture->order.filter,
			       capture->order.snaplen);
	capture->interface_count = 1;
}

static void write_tail(struct capture *capture)
{
	struct pcapng_statistics statistics = {
		.time_ns = wall_ns(),
		.dropped = capture_counts(capture).lost,
	};

	for (unsigned i = 1; i < capture->source_count; i++)
		statistics.received += capture->source[i].matched;
	pcapng_write_statistics(&capture->out, &statistics);
	flush(capture);
}

static void stream(struct capture *capture)
{
	if (capture->order.seconds > 0)
		capture->end_ms = clock_ms() + capture->order.seconds * 1000ull;
	write_head(capture);
	/* it may be stopped while it waits to write, which takes the wake-up */
	while (!capture->stopping && drain(capture, BUDGET) && !capture->stopping) {
		/* see capture_turn_end: first sleeping, then the look */
		atomic_store(&capture->sleeping, true);
		atomic_thread_fence(memory_order_seq_cst);
		wait_for(capture, false, anything(capture) ? clock_ms() : capture->end_ms);
		atomic_store(&capture->sleeping, false);
		end_if_over(capture);
	}
	drain(capture, BUDGET_LAST);
	write_tail(capture);
}

void *capture_run(void *argument)
{
	struct capture *capture = argument;

	/* the reader's own end is not touched by this, as a socket's is not shared */
	if (fcntl(capture->fd, F_SETFL, fcntl(capture->fd, F_GETFL) | O_NONBLOCK) < 0)
		capture->stopping = true;
	if (prepare(capture))
		stream(capture);
	close(capture->fd);
	if (!capture->why)
		capture->why = "it was ended";
	set_phase(capture, CAPTURE_DONE);
	capture_free(capture);
	return NULL;
}
