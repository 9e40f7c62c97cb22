/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/queue.c - flow queues and whose turn it is.
 *
 * RFC 8290 section 4.  A flow is one of QUEUE_FLOWS buckets by hash.  The table of buckets is
 * taken when a frame has to wait and given back when none has for a while, so CoDel remembers
 * a flow over the moments in which its queue is empty.
 * Not here: when to signal (codel.c), how to mark (ecn.c), what a flow is (flow.c).
 */
#include "bridge/queue.h"

#include <stdlib.h>

#include "bridge/codel.h"
#include "bridge/ecn.h"
#include "bridge/flow.h"

#define TEND_US (QUEUE_MAX_US / 2)

/* One frame; its bytes follow. */
struct waiting {
	struct waiting *next;
	uint64_t queued_us;
	size_t len;
	struct offload offload;
	uint8_t data[];
};

struct flow {
	struct flow *next; /* in its list */
	struct waiting *head, *tail;
	size_t bytes;	/* of its frames */
	size_t largest; /* of them lately */
	int64_t deficit;
	bool listed;
	struct codel codel;
};

struct flow_list {
	struct flow *head, *tail;
};

struct table {
	struct flow_list fresh, old; /* RFC 8290 4.1: "new" and "old" */
	struct flow flow[QUEUE_FLOWS];
};

struct frame_queue {
	struct frame_pool *pool;
	const struct siphash_key *key;
	struct table *table; /* NULL: nothing waits, nor did lately */
	struct waiting *leaving;
	size_t bytes; /* what all frames that wait cost */
	unsigned count;
	bool used; /* since it was last tended */
	uint64_t due_us;
};

_Static_assert(sizeof(struct waiting) + FRAME_MAX <= FRAME_POOL_BLOCK_MAX, "a superframe fits");
_Static_assert(sizeof(struct table) <= FRAME_POOL_BLOCK_MAX, "the table fits");

struct frame_queue *frame_queue_new(struct frame_pool *pool, const struct siphash_key *key)
{
	struct frame_queue *queue = calloc(1, sizeof(*queue));

	if (queue)
		*queue = (struct frame_queue) { .pool = pool, .key = key };
	return queue;
}

void frame_queue_free(struct frame_queue *queue)
{
	if (!queue)
		return;
	frame_queue_clear(queue);
	free(queue);
}

/* ---- lists of flows ---- */

static void append(struct flow_list *list, struct flow *flow)
{
	flow->next = NULL;
	flow->listed = true;
	if (list->tail)
		list->tail->next = flow;
	else
		list->head = flow;
	list->tail = flow;
}

static struct flow *take_first(struct flow_list *list)
{
	struct flow *flow = list->head;

	if (!flow)
		return NULL;
	list->head = flow->next;
	if (!list->head)
		list->tail = NULL;
	flow->listed = false;
	return flow;
}

/* Nothing waits: every flow is new again when it comes back. */
static void unlist_all(struct table *table)
{
	while (take_first(&table->fresh) || take_first(&table->old))
		;
}

/* ---- frames of a flow ---- */

static size_t block_len(size_t frame_len)
{
	return sizeof(struct waiting) + frame_len;
}

static void give_back(struct frame_queue *queue, struct waiting *frame)
{
	if (frame)
		frame_pool_give(queue->pool, frame, block_len(frame->len));
}

static struct waiting *take_head(struct frame_queue *queue, struct flow *flow)
{
	struct waiting *frame = flow->head;

	flow->head = frame->next;
	if (!flow->head)
		flow->tail = NULL;
	flow->bytes -= frame->len;
	queue->bytes -= frame_pool_cost(block_len(frame->len));
	if (--queue->count == 0)
		unlist_all(queue->table);
	return frame;
}

static void drop_head(struct frame_queue *queue, struct flow *flow, uint64_t *reason)
{
	give_back(queue, take_head(queue, flow));
	if (!flow->head)
		codel_emptied(&flow->codel);
	++*reason;
}

/* A clock that stands back makes nothing old. */
static uint64_t waited_us(const struct waiting *frame, uint64_t now_us)
{
	return now_us > frame->queued_us ? now_us - frame->queued_us : 0;
}

static void drop_old(struct frame_queue *queue, struct flow *flow, uint64_t now_us,
		     struct queue_losses *losses)
{
	while (flow->head && waited_us(flow->head, now_us) > QUEUE_MAX_US)
		drop_head(queue, flow, &losses->old);
}

static void tend_all(struct frame_queue *queue, uint64_t now_us, struct queue_losses *losses)
{
	for (unsigned i = 0; i < QUEUE_FLOWS; i++)
		drop_old(queue, &queue->table->flow[i], now_us, losses);
}

/* ---- in ---- */

static struct flow *fattest(struct table *table)
{
	struct flow *most = &table->flow[0];

	for (unsigned i = 1; i < QUEUE_FLOWS; i++)
		if (table->flow[i].bytes > most->bytes || !most->head)
			most = &table->flow[i];
	return most;
}

/* RFC 8290 4.1.3.  Each queue may have what is left of the pool, so that a hundred ports that
 * stand still leave room for the one that does not. */
static bool make_room(struct frame_queue *queue, size_t cost, struct queue_losses *losses)
{
	/* others hold the pool: dropping all of our own would not make room either */
	if (cost > queue->bytes + frame_pool_left(queue->pool))
		return false;
	while (queue->bytes + cost > QUEUE_MAX_BYTES ||
	       queue->bytes + cost > frame_pool_left(queue->pool)) {
		if (queue->count == 0)
			return false;
		drop_head(queue, fattest(queue->table), &losses->full);
	}
	return true;
}

static bool have_table(struct frame_queue *queue, uint64_t now_us)
{
	if (queue->table)
		return true;
	queue->table = frame_pool_take(queue->pool, sizeof(*queue->table));
	if (!queue->table)
		return false;
	memset(queue->table, 0, sizeof(*queue->table));
	queue->due_us = now_us + TEND_US;
	return true;
}

static void enqueue(struct frame_queue *queue, struct flow *flow, struct waiting *frame)
{
	if (flow->tail)
		flow->tail->next = frame;
	else
		flow->head = frame;
	flow->tail = frame;
	flow->bytes += frame->len;
	if (frame->len > flow->largest)
		flow->largest = frame->len;
	queue->bytes += frame_pool_cost(block_len(frame->len));
	queue->count++;
	queue->used = true;
	if (!flow->listed) {
		flow->deficit = QUEUE_QUANTUM;
		append(&queue->table->fresh, flow);
	}
}

void frame_queue_push(struct frame_queue *queue, const struct frame *frame, uint64_t now_us,
		      struct queue_losses *losses)
{
	size_t len = frame->bytes.len;
	struct waiting *copy = NULL;

	if (len <= FRAME_MAX && have_table(queue, now_us) &&
	    make_room(queue, frame_pool_cost(block_len(len)), losses))
		copy = frame_pool_take(queue->pool, block_len(len));
	if (!copy) {
		losses->full++;
		return;
	}
	*copy = (struct waiting) { .queued_us = now_us, .len = len, .offload = frame->offload };
	if (len > 0)
		memcpy(copy->data, frame->bytes.data, len);
	enqueue(queue, &queue->table->flow[flow_hash(queue->key, frame->bytes) % QUEUE_FLOWS],
		copy);
}

/* ---- out ---- */

/* RFC 8290 4.2: the new flows first, in each list those with credit left for this turn. */
static struct flow *next_flow(struct table *table)
{
	for (;;) {
		struct flow_list *list = table->fresh.head ? &table->fresh : &table->old;
		struct flow *flow = list->head;

		if (!flow || (flow->deficit > 0 && flow->head))
			return flow;
		take_first(list);
		if (flow->head) {
			flow->deficit += QUEUE_QUANTUM;
			append(&table->old, flow);
		} else if (list == &table->fresh) {
			/* or new flows that come and go would keep the old ones waiting for ever */
			append(&table->old, flow);
		}
	}
}

/* RFC 8289 5: "less than an MTU of bytes".  A superframe is more than that, but only as long as
 * there are any: the largest is forgotten, half of it over some 44 frames. */
static bool queue_stands(struct flow *flow, size_t len)
{
	bool stands = flow->bytes > flow->largest;

	flow->largest -= flow->largest / 64;
	if (len > flow->largest)
		flow->largest = len;
	return stands;
}

/* The flow's next frame that may leave; NULL if none is left. */
static struct waiting *take_from(struct frame_queue *queue, struct flow *flow, uint64_t now_us,
				 struct queue_losses *losses)
{
	for (;;) {
		drop_old(queue, flow, now_us, losses);
		if (!flow->head)
			return NULL;

		struct waiting *frame = take_head(queue, flow);
		bool stands = queue_stands(flow, frame->len);

		if (!codel_signals(&flow->codel, now_us, waited_us(frame, now_us), stands))
			return frame;
		if (ecn_mark(frame->data, frame->len)) {
			losses->marked++;
			return frame;
		}
		give_back(queue, frame);
		losses->codel++;
	}
}

bool frame_queue_take(struct frame_queue *queue, uint64_t now_us, struct frame *frame,
		      struct queue_losses *losses)
{
	struct flow *flow;

	give_back(queue, queue->leaving);
	queue->leaving = NULL;
	while (queue->count > 0 && (flow = next_flow(queue->table))) {
		queue->leaving = take_from(queue, flow, now_us, losses);
		if (!queue->leaving)
			continue;
		flow->deficit -= (int64_t)queue->leaving->len;
		frame->bytes = (struct bytes) { queue->leaving->data, queue->leaving->len };
		frame->offload = queue->leaving->offload;
		return true;
	}
	return false;
}

/* ---- time ---- */

uint64_t frame_queue_due_us(const struct frame_queue *queue)
{
	return queue->table ? queue->due_us : QUEUE_NEVER_US;
}

static void release(struct frame_queue *queue)
{
	give_back(queue, queue->leaving);
	queue->leaving = NULL;
	frame_pool_give(queue->pool, queue->table, sizeof(*queue->table));
	queue->table = NULL;
}

void frame_queue_tend(struct frame_queue *queue, uint64_t now_us, struct queue_losses *losses)
{
	if (now_us < queue->due_us || !queue->table)
		return;
	tend_all(queue, now_us, losses);
	if (queue->count == 0 && !queue->used)
		release(queue);
	queue->used = false;
	queue->due_us = now_us + TEND_US;
}

void frame_queue_clear(struct frame_queue *queue)
{
	for (unsigned i = 0; queue->table && i < QUEUE_FLOWS; i++)
		while (queue->table->flow[i].head)
			give_back(queue, take_head(queue, &queue->table->flow[i]));
	release(queue);
}

bool frame_queue_empty(const struct frame_queue *queue)
{
	return queue->count == 0;
}

size_t frame_queue_bytes(const struct frame_queue *queue)
{
	return queue->bytes;
}
