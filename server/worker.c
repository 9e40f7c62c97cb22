/* SPDX-License-Identifier: Apache-2.0 */
/* server/worker.c - a data worker's thread: its TAP queue, its switch, its mail.
 *
 * A frame's way is TAP or session -> switch_input -> the functions in `output` below.
 * Sessions themselves are in client_port.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/priority.h"
#include "server/worker_private.h"

#define TAP_BUDGET 64 /* frames per readable event, then the clients have their turn */
#define QUEUES_MAX_BYTES (64u << 20) /* may wait for all of a worker's clients, unsealed */

static void drop_at(struct worker *worker, uint16_t port, enum drop_reason reason)
{
	struct port_counters *counters =
		port == PORT_TAP ? &worker->counters.tap
				 : port_directory_counters(worker->config.ports, port);

	if (counters)
		counter_add(&counters->drops[reason], 1);
}

/* ---- the switch's ways out ---- */

static void to_port(void *port, const struct frame *frame)
{
	client_port_send(port, frame);
}

static void to_tap(void *owner, const struct frame *frame)
{
	struct worker *worker = owner;

	switch (tap_write(worker->config.tap, worker->config.index, frame)) {
	case TAP_DONE:
		worker_capture(worker, &CAPTURE_TAP, PCAPNG_OUT, frame);
		counter_add(&worker->counters.tap.tx_frames, 1);
		counter_add(&worker->counters.tap.tx_bytes, frame->bytes.len);
		break;
	case TAP_AGAIN:
	case TAP_DROPPED:
	case TAP_GONE: drop_at(worker, PORT_TAP, DROP_TAP); break;
	}
}

static void hand_over(void *owner, uint8_t to_worker, uint16_t port, uint32_t generation,
		      uint16_t from, const struct frame *frame)
{
	struct worker *worker = owner;
	struct mail_frame head = { .port = { port, generation }, .from = from };

	if (mail_send_frame(worker->box, THREAD_WORKER + to_worker, MAIL_FRAME, &head, frame))
		counter_add(&worker->counters.handed_over, 1);
	else
		drop_at(worker, from, DROP_MAILBOX_FULL);
}

/* What one client may ask of the control thread: a laptop solicits three times, an office's hosts
 * may all come up at once. */
static const struct bucket_limit punt_limit = { .burst = 50, .per_second = 10 };

/* Routers of the LAN advertise every few seconds at most. */
static const struct bucket_limit ra_limit = { .burst = 20, .per_second = 5 };

static void punt_ra(struct worker *worker, const struct frame *frame)
{
	struct mail_frame head = { .from = PORT_TAP, .action = GUARD_PUNT_RA };

	/* one that is not looked at is no loss to anybody: it passes on, and another follows */
	if (bucket_take(&worker->advertisements, ra_limit, worker_now_ms(worker)))
		mail_send_frame(worker->box, THREAD_CONTROL, MAIL_PUNT, &head, frame);
}

#define RATE_MOST 1000	 /* a bucket has one token per millisecond: more is any number */
#define DHCP6_BURST_S 10 /* so long an office may take to come up all at once */

static bool may_punt(struct worker *worker, struct client_port *port, enum guard_action action)
{
	uint32_t rate = worker->config.dhcp6_rate;
	struct bucket_limit dhcp6 = { .burst = rate * DHCP6_BURST_S, .per_second = rate };

	if (action != GUARD_PUNT_DHCP6)
		return bucket_take(&port->punts, punt_limit, worker_now_ms(worker));
	return rate > RATE_MOST || bucket_take(&port->dhcp6, dhcp6, worker_now_ms(worker));
}

static void punt(void *owner, uint16_t from, enum guard_action action, const struct frame *frame)
{
	struct worker *worker = owner;
	struct client_port *port = switch_port(worker->eswitch, from, 0);
	struct mail_frame head = { .action = action };

	if (action == GUARD_PUNT_RA) {
		punt_ra(worker, frame);
		return;
	}
	if (!port)
		return;
	head.port = port->is;
	if (!may_punt(worker, port, action) ||
	    !mail_send_frame(worker->box, THREAD_CONTROL, MAIL_PUNT, &head, frame))
		drop_at(worker, from, DROP_PUNT_RATE);
}

static const struct bucket_limit seen_limit = { .burst = SNOOP_MAX, .per_second = 10 };
#define SEEN_AGAIN_MS 10000 /* an address in use is reported so often, so that "seen" stays true */

static void seen(void *owner, uint16_t from, const struct snooped *found)
{
	struct worker *worker = owner;
	struct client_port *port = switch_port(worker->eswitch, from, 0);

	if (!port || !snoop_note(&port->snooped, found, worker_now_ms(worker), SEEN_AGAIN_MS))
		return;
	struct mail_seen mail = { .port = port->is, .found = *found };
	if (bucket_take(&port->sightings, seen_limit, worker_now_ms(worker)))
		mail_send_lossy(worker->box, THREAD_CONTROL, MAIL_SEEN, &mail, sizeof(mail));
}

static const struct switch_output output = {
	.to_port = to_port,
	.to_tap = to_tap,
	.hand_over = hand_over,
	.punt = punt,
	.seen = seen,
};

/* ---- the TAP ---- */

static void on_tap(uv_poll_t *poll, int status, int events)
{
	struct worker *worker = poll->data;
	struct frame frame;

	for (unsigned n = 0; n < TAP_BUDGET; n++) {
		enum tap_result result = tap_read(worker->config.tap, worker->config.index,
						  worker->tap_buffer, &frame);
		if (result == TAP_AGAIN)
			return;
		if (result == TAP_GONE) {
			uv_poll_stop(&worker->tap_poll);
			return;
		}
		if (result != TAP_DONE) {
			drop_at(worker, PORT_TAP, DROP_TAP);
			continue;
		}
		worker_capture(worker, &CAPTURE_TAP, PCAPNG_IN, &frame);
		switch_input(worker->eswitch, PORT_TAP, &frame, worker_now_ms(worker));
	}
}

/* ---- mail ---- */

static struct client_port *port_of(struct worker *worker, const struct mail_port *mail)
{
	return switch_port(worker->eswitch, mail->port, mail->generation);
}

static void on_drop(struct worker *worker, struct bytes body)
{
	const struct mail_drop *drop = (const void *)body.data;
	struct client_port *port = port_of(worker, &drop->port);

	if (port)
		client_port_close(port, drop->reason, drop->text);
}

static void on_credentials(struct worker *worker, const struct mail_credentials *mail)
{
	struct client_port *port = port_of(worker, &mail->port);

	if (port)
		client_port_credentials(port, &mail->credentials);
}

static void on_frame(struct worker *worker, struct bytes body)
{
	struct mail_frame head;
	struct frame frame;

	if (mail_read_frame(body, &head, &frame))
		switch_deliver(worker->eswitch, head.port.port, head.port.generation, head.from,
			       &frame);
}

static void on_inject(struct worker *worker, struct bytes body)
{
	struct mail_frame head;
	struct frame frame;
	struct client_port *port;

	if (mail_read_frame(body, &head, &frame) && (port = port_of(worker, &head.port)))
		client_port_send(port, &frame);
}

static void on_limits(struct worker *worker, const struct mail_limits *limits)
{
	worker->config.dhcp6_rate = limits->dhcp6_rate;
}

static void stop(struct worker *worker)
{
	worker->stopping = true;
	uv_poll_stop(&worker->tap_poll);
	for (struct client_port *port = worker->ports, *next; port; port = next) {
		next = port->next;
		client_port_close(port, GOODBYE_SHUTDOWN, "the server is shutting down");
	}
}

static void leave(struct worker *worker)
{
	mailbox_close(worker->box);
	uv_close((uv_handle_t *)&worker->tap_poll, NULL);
}

static void deliver(void *owner, unsigned from, enum mail_type type, struct bytes body)
{
	struct worker *worker = owner;

	switch (type) {
	case MAIL_ADD: client_port_add(worker, (const void *)body.data); break;
	case MAIL_DROP: on_drop(worker, body); break;
	case MAIL_CREDENTIALS: on_credentials(worker, (const void *)body.data); break;
	case MAIL_FRAME: on_frame(worker, body); break;
	case MAIL_INJECT: on_inject(worker, body); break;
	case MAIL_POLICY: switch_set_policy(worker->eswitch, (const void *)body.data); break;
	case MAIL_CAPTURE: worker_captures(worker, (const void *)body.data); break;
	case MAIL_LIMITS: on_limits(worker, (const void *)body.data); break;
	case MAIL_STOP: stop(worker); break;
	case MAIL_EXIT: leave(worker); break;
	case MAIL_LOGIN:
	case MAIL_VERDICT:
	case MAIL_ASK:
	case MAIL_ENROL:
	case MAIL_ENROLLED:
	case MAIL_RENEW:
	case MAIL_ADDED:
	case MAIL_ENDED:
	case MAIL_PUNT:
	case MAIL_SEEN:
	case MAIL_SERVED:
	case MAIL_STOPPED: break; /* not for workers */
	}
}

static void turn_end(void *owner)
{
	struct worker *worker = owner;

	while (worker->dirty) {
		struct client_port *port = worker->dirty;
		worker->dirty = port->next_dirty;
		port->dirty = false;
		client_port_flush(port);
	}
	if (worker->capturing != 0)
		worker_captures_turn_end(worker);
	if (worker->stopping && !worker->stopped && worker->port_count == 0) {
		worker->stopped = mail_send(worker->box, THREAD_CONTROL, MAIL_STOPPED, NULL, 0);
	}
}

/* ---- life ---- */

static const struct mailbox_events mailbox_events = { .deliver = deliver, .turn_end = turn_end };

static int open_loop(struct worker *worker, struct err *err)
{
	const struct worker_config *config = &worker->config;

	if (uv_loop_init(&worker->loop) < 0)
		return err_set(err, "cannot make an event loop");
	worker->loop_ready = true;
	if (uv_poll_init(&worker->loop, &worker->tap_poll, tap_fd(config->tap, config->index)) < 0)
		return err_set(err, "cannot watch queue %u of the TAP", config->index);
	worker->tap_poll.data = worker;
	worker->box = mailbox_open(config->office, THREAD_WORKER + config->index, &worker->loop,
				   &mailbox_events, worker, err);
	return worker->box ? 0 : -1;
}

static int open_queues(struct worker *worker, struct err *err)
{
	if (uv_random(NULL, NULL, &worker->flow_key, sizeof(worker->flow_key), 0, NULL) < 0)
		return err_set(err, "no random numbers");
	worker->pool = frame_pool_new(QUEUES_MAX_BYTES);
	return worker->pool ? 0 : err_set(err, "out of memory");
}

struct worker *worker_new(const struct worker_config *config, struct err *err)
{
	struct worker *worker = calloc(1, sizeof(*worker));

	if (!worker) {
		err_set(err, "out of memory");
		return NULL;
	}
	worker->config = *config;
	worker->memory = session_memory_new(err);
	if (!worker->memory || open_queues(worker, err) < 0 || open_loop(worker, err) < 0)
		goto fail;
	worker->eswitch = switch_new(
		&(struct switch_config) {
			.worker = config->index,
			.workers = config->count,
			.table = config->table,
			.ports = config->ports,
			.tap_counters = &worker->counters.tap,
			.output = &output,
			.owner = worker,
		},
		err);
	if (!worker->eswitch)
		goto fail;
	return worker;

fail:
	worker_free(worker);
	return NULL;
}

static void run(void *arg)
{
	struct worker *worker = arg;

	(void)priority_raise(); /* without the right to it frames wait a little longer */
	uv_poll_start(&worker->tap_poll, UV_READABLE, on_tap);
	uv_run(&worker->loop, UV_RUN_DEFAULT);
}

int worker_run(struct worker *worker, struct err *err)
{
	if (uv_thread_create(&worker->thread, run, worker) < 0)
		return err_set(err, "cannot start a worker's thread");
	worker->running = true;
	return 0;
}

const struct worker_counters *worker_counters(const struct worker *worker)
{
	return &worker->counters;
}

void worker_join(struct worker *worker)
{
	if (worker && worker->running)
		uv_thread_join(&worker->thread);
	if (worker)
		worker->running = false;
}

void worker_free(struct worker *worker)
{
	if (!worker)
		return;
	if (worker->loop_ready) {
		if (worker->box)
			mailbox_close(worker->box);
		if (worker->tap_poll.data && !uv_is_closing((uv_handle_t *)&worker->tap_poll))
			uv_close((uv_handle_t *)&worker->tap_poll, NULL);
		uv_run(&worker->loop, UV_RUN_NOWAIT);
		uv_loop_close(&worker->loop);
	}
	worker_captures_free(worker);
	switch_free(worker->eswitch);
	session_memory_free(worker->memory);
	frame_pool_free(worker->pool);
	free(worker);
}
