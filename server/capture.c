/* SPDX-License-Identifier: Apache-2.0 */
/* server/capture.c - a capture as the control thread and the workers see it. */
#include <stddef.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "server/capture_private.h"

/* Of all workers' rings together; what no frame touched costs nothing. */
#define RINGS_BYTES (16u << 20)
#define RING_BYTES_MAX (4u << 20)
#define RING_BYTES_MIN (512u << 10) /* a quarter of it holds one superframe */
#define RING_BYTES_NAMES (256u << 10)

static size_t ring_bytes(unsigned workers, unsigned source)
{
	size_t share = RINGS_BYTES / workers;

	if (source == 0)
		return RING_BYTES_NAMES;
	return share > RING_BYTES_MAX	? RING_BYTES_MAX
	       : share < RING_BYTES_MIN ? RING_BYTES_MIN
					: share;
}

/* ---- life ---- */

static int allocate(struct capture *capture)
{
	const struct capture_order *order = &capture->order;

	capture->source_count = 1 + order->workers;
	capture->source = calloc(capture->source_count, sizeof(*capture->source));
	capture->port = calloc(order->max_ports, sizeof(*capture->port));
	capture->out_memory = malloc(CAPTURE_OUT);
	capture->scratch = malloc(FRAME_MAX);
	if (!capture->source || !capture->port || !capture->out_memory || !capture->scratch)
		return -1;
	for (unsigned i = 0; i < capture->source_count; i++) {
		capture->source[i].ring = ring_new(ring_bytes(order->workers, i));
		if (!capture->source[i].ring)
			return -1;
	}
	capture->out = writer_over(capture->out_memory, CAPTURE_OUT);
	return 0;
}

struct capture *capture_new(const struct capture_order *order, int fd, void (*notify)(void *owner),
			    void *owner, struct err *err)
{
	struct capture *capture = calloc(1, sizeof(*capture));

	if (!capture) {
		err_set(err, "out of memory");
		return NULL;
	}
	capture->order = *order;
	capture->references = 1;
	capture->notify = notify;
	capture->owner = owner;
	capture->fd = fd;
	pthread_mutex_init(&capture->lock, NULL);
	capture->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (allocate(capture) < 0)
		err_set(err, "out of memory");
	else if (capture->wake_fd < 0)
		err_errno(err, "cannot make a wake-up for a capture");
	else {
		capture_hold(capture); /* the thread's */
		if (pthread_create(&capture->thread, NULL, capture_run, capture) == 0)
			return capture;
		err_set(err, "cannot start a capture's thread");
		capture->references--;
	}
	capture_free(capture);
	return NULL;
}

void capture_hold(struct capture *capture)
{
	capture->references++;
}

void capture_free(struct capture *capture)
{
	if (!capture || --capture->references > 0)
		return;
	for (unsigned i = 0; capture->source && i < capture->source_count; i++)
		ring_free(capture->source[i].ring);
	if (capture->wake_fd >= 0)
		close(capture->wake_fd);
	capture_filter_free(capture->filter);
	pthread_mutex_destroy(&capture->lock);
	free(capture->source);
	free(capture->port);
	free(capture->out_memory);
	free(capture->scratch);
	free(capture);
}

/* ---- the control thread ---- */

enum capture_phase capture_phase(const struct capture *capture)
{
	return (enum capture_phase)capture->phase;
}

void capture_name(struct capture *capture, const struct mail_port *port, const char *name)
{
	struct capture_source *source = &capture->source[0];
	struct capture_record record = { .port = *port, .is_name = true };
	void *room = ring_reserve(source->ring, sizeof(record));

	if (!room) /* its reader has stopped reading, and its frames are lost as well */
		return;
	strncpy(record.name, name, sizeof(record.name) - 1);
	memcpy(room, &record, sizeof(record));
	ring_publish(source->ring);
}

void capture_stop(struct capture *capture, const struct err *failed)
{
	pthread_mutex_lock(&capture->lock);
	if (failed)
		capture->failed = *failed;
	pthread_mutex_unlock(&capture->lock);
	capture->stopping = true;
	capture_wake(capture);
}

void capture_leave(struct capture *capture)
{
	pthread_mutex_lock(&capture->lock);
	capture->notify = NULL;
	pthread_mutex_unlock(&capture->lock);
	if (capture->phase == CAPTURE_COMPILING)
		pthread_detach(capture->thread);
	else
		pthread_join(capture->thread, NULL);
}

struct capture_counts capture_counts(const struct capture *capture)
{
	struct capture_counts counts = { .frames = capture->frames, .bytes = capture->bytes };

	for (unsigned i = 0; i < capture->source_count; i++)
		counts.lost += capture->source[i].lost;
	return counts;
}

const char *capture_why(const struct capture *capture)
{
	return capture->why;
}

/* ---- workers ---- */

void capture_wake(struct capture *capture)
{
	/* an eventfd that is full is readable as it is */
	(void)!eventfd_write(capture->wake_fd, 1);
}

void capture_join(struct capture *capture)
{
	capture->joined++;
	capture_wake(capture);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void count(_Atomic uint64_t *counter)
{
	counter_add(counter, 1);
}

void capture_put(struct capture *capture, unsigned worker, const struct mail_port *port,
		 enum pcapng_direction direction, const struct frame *frame)
{
	struct capture_source *source = &capture->source[1 + worker];
	uint32_t snaplen = capture->order.snaplen;
	size_t len = frame->bytes.len < snaplen ? frame->bytes.len : snaplen;

	if (!capture_filter_passes(capture->filter, frame->bytes))
		return;
	count(&source->matched);
	uint8_t *room = ring_reserve(source->ring, CAPTURE_HEAD + len);

	if (!room) {
		count(&source->lost);
		return;
	}
	struct capture_record record = {
		.time_ns = now_ns(),
		.port = *port,
		.original_len = (uint32_t)frame->bytes.len,
		.offload = frame->offload,
		.direction = (uint8_t)direction,
	};
	memcpy(room, &record, CAPTURE_HEAD);
	memcpy(room + CAPTURE_HEAD, frame->bytes.data, len);
	ring_publish(source->ring); /* a turn may bring more than a ring holds */
	source->put = true;
	if (ring_half_full(source->ring))
		capture_turn_end(capture, worker);
}

void capture_turn_end(struct capture *capture, unsigned worker)
{
	struct capture_source *source = &capture->source[1 + worker];

	if (!source->put)
		return;
	source->put = false;
	/* the frames must be visible before we look whether it sleeps: it looks the other way round */
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&capture->sleeping, memory_order_relaxed) &&
	    atomic_exchange(&capture->sleeping, false))
		capture_wake(capture);
}
