/* SPDX-License-Identifier: Apache-2.0 */
/* server/mailbox.c - rings between all pairs of threads, and the wake-up.
 *
 * A loop turn ends in libuv's prepare phase, just before it would sleep: there everything sent
 * in this turn is published, and each receiver woken by at most one uv_async_send.
 */
#include "server/mailbox.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/ring.h"

#define RING_BYTES_MAX (2u << 20)   /* worker to worker: some 30 superframes */
#define RING_BYTES_MIN (512u << 10) /* a quarter of it holds one */
#define RING_BYTES_ALL (32u << 20)  /* a worker's rings together: floods touch every page of them */
#define RING_BYTES_CONTROL (1u << 20)
#define DELIVER_BUDGET \
	4096 /* messages per wake-up and sender, so that no sender starves the rest */

struct mailbox {
	struct post_office *office;
	unsigned thread;
	bool open;   /* its own thread's */
	bool opened; /* once and for good: everybody reads it */
	uv_async_t wake;
	uv_prepare_t turn_end;
	const struct mailbox_events *events;
	void *owner;
	uint8_t dirty[THREAD_WORKER + WORKERS_MAX]; /* to whom something was sent in this turn */
};

struct post_office {
	unsigned threads;
	struct mailbox *box; /* [threads] */
	struct ring **ring;  /* [from * threads + to] */
};

static size_t ring_bytes(unsigned threads, unsigned from, unsigned to)
{
	size_t share = RING_BYTES_ALL / threads;

	if (from < THREAD_WORKER || to < THREAD_WORKER)
		return RING_BYTES_CONTROL;
	return share > RING_BYTES_MAX	? RING_BYTES_MAX
	       : share < RING_BYTES_MIN ? RING_BYTES_MIN
					: share;
}

struct post_office *post_office_new(unsigned threads, struct err *err)
{
	struct post_office *office = calloc(1, sizeof(*office));

	if (!office || !(office->box = calloc(threads, sizeof(*office->box))) ||
	    !(office->ring = calloc((size_t)threads * threads, sizeof(*office->ring))))
		goto no_memory;
	office->threads = threads;
	for (unsigned from = 0; from < threads; from++) {
		for (unsigned to = 0; to < threads; to++) {
			if (from == to)
				continue;
			struct ring *ring = ring_new(ring_bytes(threads, from, to));
			if (!ring)
				goto no_memory;
			office->ring[from * threads + to] = ring;
		}
	}
	return office;

no_memory:
	post_office_free(office);
	err_set(err, "out of memory");
	return NULL;
}

void post_office_free(struct post_office *office)
{
	if (!office)
		return;
	for (unsigned i = 0; office->ring && i < office->threads * office->threads; i++)
		ring_free(office->ring[i]);
	free(office->ring);
	free(office->box);
	free(office);
}

static struct ring *ring_between(const struct mailbox *from, unsigned to)
{
	return from->office->ring[from->thread * from->office->threads + to];
}

static void deliver_from(struct mailbox *box, unsigned from)
{
	struct ring *ring = box->office->ring[from * box->office->threads + box->thread];
	unsigned budget = box->events->budget ? box->events->budget : DELIVER_BUDGET;
	struct bytes record;

	for (unsigned n = 0; ring_peek(ring, &record); n++) {
		if (n == budget) {
			uv_async_send(&box->wake); /* the rest in the next turn */
			return;
		}
		uint32_t type;
		memcpy(&type, record.data, sizeof(type));
		struct bytes body = { record.data + 8, record.len - 8 };
		box->events->deliver(box->owner, from, (enum mail_type)type, body);
		ring_release(ring);
		if (!box->open)
			return;
	}
}

static void on_wake(uv_async_t *wake)
{
	struct mailbox *box = wake->data;

	/* the other half of on_turn_end's: libuv has taken the wake-up, and only then do we look.
	 * Its exchange alone does not order a later load (C11 7.17.3). */
	atomic_thread_fence(memory_order_seq_cst);
	for (unsigned from = 0; from < box->office->threads && box->open; from++)
		if (from != box->thread)
			deliver_from(box, from);
}

static void on_turn_end(uv_prepare_t *turn_end)
{
	struct mailbox *box = turn_end->data;

	if (box->events->turn_end && box->open)
		box->events->turn_end(box->owner);
	/* The control thread last: when it reads MAIL_STOPPED, all other mail is there already. */
	for (unsigned to = box->office->threads; to-- > 0;) {
		if (!box->dirty[to])
			continue;
		box->dirty[to] = 0;
		if (!ring_publish(ring_between(box, to)))
			continue;
		/* uv_async_send begins with a plain look whether a wake-up is pending already:
		 * it must not be done before the mail is visible, or that wake-up misses it */
		atomic_thread_fence(memory_order_seq_cst);
		/* a set-up that failed half-way leaves boxes that were never opened */
		if (box->office->box[to].opened)
			uv_async_send(&box->office->box[to].wake);
	}
}

struct mailbox *mailbox_open(struct post_office *office, unsigned thread, uv_loop_t *loop,
			     const struct mailbox_events *events, void *owner, struct err *err)
{
	struct mailbox *box = &office->box[thread];

	box->office = office;
	box->thread = thread;
	box->events = events;
	box->owner = owner;
	if (uv_async_init(loop, &box->wake, on_wake) < 0) {
		err_set(err, "cannot make a wake-up for a thread");
		return NULL;
	}
	box->wake.data = box;
	uv_prepare_init(loop, &box->turn_end);
	box->turn_end.data = box;
	uv_prepare_start(&box->turn_end, on_turn_end);
	box->open = box->opened = true;
	return box;
}

void mailbox_close(struct mailbox *box)
{
	if (!box || !box->open)
		return;
	on_turn_end(&box->turn_end);
	box->open = false;
	uv_prepare_stop(&box->turn_end);
	uv_close((uv_handle_t *)&box->turn_end, NULL);
	uv_close((uv_handle_t *)&box->wake, NULL);
}

void *mail_begin(struct mailbox *from, unsigned to, enum mail_type type, size_t len)
{
	uint32_t number = type;
	uint8_t *record = ring_reserve(ring_between(from, to), 8 + len);

	if (!record)
		return NULL;
	memcpy(record, &number, sizeof(number));
	from->dirty[to] = 1;
	return record + 8;
}

bool mail_send(struct mailbox *from, unsigned to, enum mail_type type, const void *body, size_t len)
{
	void *room = mail_begin(from, to, type, len);

	if (room && len > 0)
		memcpy(room, body, len);
	return room != NULL;
}

bool mail_send_lossy(struct mailbox *from, unsigned to, enum mail_type type, const void *body,
		     size_t len)
{
	return !ring_half_full(ring_between(from, to)) && mail_send(from, to, type, body, len);
}

bool mail_send_frame(struct mailbox *from, unsigned to, enum mail_type type,
		     const struct mail_frame *head, const struct frame *frame)
{
	bool shared = to < THREAD_WORKER; /* its ring also carries mail that must not be lost */
	uint8_t *room = shared && ring_half_full(ring_between(from, to))
				? NULL
				: mail_begin(from, to, type, sizeof(*head) + frame->bytes.len);

	if (!room)
		return false;
	struct mail_frame with_offload = *head;
	with_offload.offload = frame->offload;
	memcpy(room, &with_offload, sizeof(with_offload));
	memcpy(room + sizeof(with_offload), frame->bytes.data, frame->bytes.len);
	return true;
}

bool mail_read_frame(struct bytes body, struct mail_frame *head, struct frame *frame)
{
	if (body.len < sizeof(*head))
		return false;
	memcpy(head, body.data, sizeof(*head));
	*frame = (struct frame) {
		.bytes = { body.data + sizeof(*head), body.len - sizeof(*head) },
		.offload = head->offload,
	};
	return true;
}
