/* SPDX-License-Identifier: Apache-2.0 */
/* server/client_port.c - one client's port on a worker: socket, session, and what waits.
 *
 * The only place where a session meets its socket once it is logged in.  Frames for a client
 * that cannot take them now wait unsealed in its own outlet (bridge/outlet.h), bounded in bytes
 * and time, and cost nobody else anything.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/socket.h"
#include "server/worker_private.h"
#include "tls/session_login.h"

#define READ_BUDGET 1	 /* reads per readable event: some 256 KiB, then others have their turn */
#define MAIL_RETRY_MS 20 /* until the control thread has made room */
#define CLOSING_MS 2000	 /* so long a goodbye may take to reach a client that does not read */

static void count_ports(struct worker *worker, int change)
{
	worker->port_count += (unsigned)change;
	atomic_store_explicit(&worker->counters.clients, worker->port_count, memory_order_relaxed);
}

static void mark_dirty(struct client_port *port)
{
	if (port->dirty || port->removed)
		return;
	port->dirty = true;
	port->next_dirty = port->worker->dirty;
	port->worker->dirty = port;
}

/* ---- the session's events ---- */

static void on_frame(void *owner, const struct frame *frame)
{
	struct client_port *port = owner;
	struct frame checked = *frame;

	if (!offload_check(&checked)) {
		counter_add(&port->counters->drops[DROP_OFFLOAD], 1);
		return;
	}
	worker_capture(port->worker, &port->is, PCAPNG_IN, &checked);
	switch_input(port->worker->eswitch, port->is.port, &checked, worker_now_ms(port->worker));
}

static uint64_t now_us(void *owner)
{
	return uv_hrtime() / 1000;
}

/* Lost where the control thread is busy: the client asks again. */
static void on_renew(void *owner, const struct message_request *request)
{
	struct client_port *port = owner;
	struct mail_renew mail = { .port = port->is, .request = *request };

	mail_send_lossy(port->worker->box, THREAD_CONTROL, MAIL_RENEW, &mail, sizeof(mail));
}

static const struct session_login_events login_events = { .renew = on_renew };
static const struct session_events session_events = { .frame = on_frame,
						      .now_us = now_us,
						      .login = &login_events };

/* ---- frames to the client: the outlet's line ---- */

static uint64_t line_now_us(void *owner)
{
	return now_us(owner);
}

static bool line_seal(void *owner, const struct frame *frame)
{
	struct client_port *port = owner;

	if (!session_send_frame(port->session, frame))
		return false;
	worker_capture(port->worker, &port->is, PCAPNG_OUT, frame);
	counter_add(&port->counters->tx_frames, 1);
	counter_add(&port->counters->tx_bytes, frame->bytes.len);
	return true;
}

static bool line_has_room(void *owner)
{
	struct client_port *port = owner;

	return session_has_room(port->session);
}

/* As much as the socket takes now. */
static size_t line_write(void *owner)
{
	struct client_port *port = owner;
	struct bytes out;
	size_t taken = 0;

	session_flush(port->session);
	while ((out = session_output(port->session)).len > 0) {
		ssize_t n = send(port->fd, out.data, out.len, MSG_NOSIGNAL);
		if (n > 0) {
			session_sent(port->session, (size_t)n);
			taken += (size_t)n;
		} else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			break;
		} else if (n == 0 || errno != EINTR) {
			session_lost(port->session);
		}
	}
	return taken;
}

static size_t line_sealed(void *owner)
{
	struct client_port *port = owner;

	return session_output(port->session).len;
}

static size_t line_unsent(void *owner)
{
	struct client_port *port = owner;

	return socket_unsent(port->fd);
}

static uint64_t line_pacing(void *owner)
{
	struct client_port *port = owner;

	return socket_bbr_pacing(port->fd);
}

static void line_limit(void *owner, size_t unsent_max)
{
	struct client_port *port = owner;

	socket_limit_unsent(port->fd, unsent_max);
}

static const struct outlet_line line = {
	.now_us = line_now_us,
	.seal = line_seal,
	.has_room = line_has_room,
	.write = line_write,
	.sealed = line_sealed,
	.unsent = line_unsent,
	.pacing = line_pacing,
	.limit = line_limit,
};

void client_port_send(struct client_port *port, const struct frame *frame)
{
	if (session_state(port->session) != SESSION_UP) {
		counter_add(&port->counters->drops[DROP_NO_PORT], 1);
		return;
	}
	if (frame->bytes.len > session_peer(port->session)->max_frame &&
	    (port->flags & PORT_OFFLOAD || frame->offload.gso == GSO_NONE)) {
		counter_add(&port->counters->drops[DROP_TOO_LONG], 1);
		return;
	}
	mark_dirty(port);
	if (!outlet_send(&port->outlet, frame))
		counter_add(&port->counters->drops[DROP_OFFLOAD], 1);
}

static void count_losses(struct client_port *port)
{
	struct queue_losses lost = outlet_losses(&port->outlet);

	counter_add(&port->counters->drops[DROP_QUEUE_FULL], lost.full);
	counter_add(&port->counters->drops[DROP_QUEUE_OLD], lost.old);
	counter_add(&port->counters->drops[DROP_CODEL], lost.codel);
	counter_add(&port->counters->marked, lost.marked);
}

/* ---- the socket ---- */

static void on_poll(uv_poll_t *poll, int status, int events);

static void watch(struct client_port *port)
{
	bool want_write =
		session_output(port->session).len > 0 ||
		(session_state(port->session) == SESSION_UP && outlet_waits(&port->outlet));

	if (want_write == port->watching_write)
		return;
	port->watching_write = want_write;
	uv_poll_start(&port->poll, UV_READABLE | (want_write ? UV_WRITABLE : 0), on_poll);
}

static void read_input(struct client_port *port)
{
	for (unsigned n = 0; n < READ_BUDGET; n++) {
		size_t cap;
		void *room = session_room(port->session, &cap);
		ssize_t len = recv(port->fd, room, cap, 0);

		if (len > 0) {
			session_received(port->session, (size_t)len, worker_now_ms(port->worker));
			if ((size_t)len < cap || session_state(port->session) >= SESSION_CLOSING)
				return;
		} else if (len < 0 && errno == EINTR) {
			continue;
		} else {
			if (len == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
				session_lost(port->session);
			return;
		}
	}
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct client_port *port = poll->data;

	if (port->removed)
		return;
	if (!port->draining && (status < 0 || events & UV_READABLE))
		read_input(port);
	mark_dirty(port); /* writing is done at the end of the turn */
}

/* ---- time ---- */

static void on_timer(uv_timer_t *timer)
{
	struct client_port *port = timer->data;
	uint64_t dice;

	port->timer_due_ms = SESSION_NEVER_MS;
	uv_random(NULL, NULL, &dice, sizeof(dice), 0, NULL);
	session_tick(port->session, worker_now_ms(port->worker), dice);
	mark_dirty(port);
}

static void arm_timer(struct client_port *port)
{
	uint64_t now_ms = worker_now_ms(port->worker), due_ms = session_due_ms(port->session);
	uint64_t queue_us = outlet_due_us(&port->outlet);

	if (port->closing_due_ms != 0 && port->closing_due_ms < due_ms)
		due_ms = port->closing_due_ms;
	if (queue_us != QUEUE_NEVER_US && queue_us / 1000 + 1 < due_ms)
		due_ms = queue_us / 1000 + 1;
	if (due_ms < now_ms + MAIL_RETRY_MS && port->closing_due_ms != 0)
		due_ms = now_ms + MAIL_RETRY_MS; /* it is over, but could not be reported yet */
	if (!port->announced && due_ms > now_ms + MAIL_RETRY_MS)
		due_ms = now_ms + MAIL_RETRY_MS;
	if (due_ms == port->timer_due_ms)
		return;
	/* A timer that fires too early costs a look; one that is moved at each frame costs more. */
	if (port->timer_due_ms <= due_ms && port->timer_due_ms > now_ms)
		return;
	port->timer_due_ms = due_ms;
	if (due_ms == SESSION_NEVER_MS)
		uv_timer_stop(&port->timer);
	else
		uv_timer_start(&port->timer, on_timer, due_ms > now_ms ? due_ms - now_ms : 0, 0);
}

/* ---- end of a turn, end of life ---- */

static void free_port(uv_handle_t *handle)
{
	struct client_port *port = handle->data;

	if (--port->open_handles > 0)
		return;
	session_free(port->session);
	outlet_free(&port->outlet);
	free(port);
}

/* Mail about a port's life must not be lost: it is tried again until the ring takes it. */
static bool announce(struct client_port *port)
{
	if (!port->announced)
		port->announced = mail_send(port->worker->box, THREAD_CONTROL, MAIL_ADDED,
					    &port->is, sizeof(port->is));
	return port->announced;
}

static bool report_end(struct client_port *port)
{
	struct mail_ended ended = { .port = port->is };
	struct err err = { 0 };

	session_end_sentence(port->session, &err);
	snprintf(ended.sentence, sizeof(ended.sentence), "%.255s", err.text);
	return announce(port) &&
	       mail_send(port->worker->box, THREAD_CONTROL, MAIL_ENDED, &ended, sizeof(ended));
}

static void remove_port(struct client_port *port)
{
	struct worker *worker = port->worker;

	port->removed = true;
	switch_remove_port(worker->eswitch, port->is.port);
	*port->link = port->next;
	if (port->next)
		port->next->link = port->link;
	count_ports(worker, -1);
	uv_close((uv_handle_t *)&port->poll, free_port);
	uv_close((uv_handle_t *)&port->timer, free_port);
	close(port->fd);
}

/* It is closing: true when the goodbye has arrived, or had its time. */
static bool is_over(struct client_port *port)
{
	uint64_t now_ms = worker_now_ms(port->worker);

	if (port->closing_due_ms == 0)
		port->closing_due_ms = now_ms + CLOSING_MS;
	if (now_ms >= port->closing_due_ms)
		return true;
	if (session_state(port->session) != SESSION_CLOSED)
		return false;
	if (!port->draining)
		shutdown(port->fd, SHUT_WR);
	port->draining = true;
	return socket_drained(port->fd, NULL);
}

void client_port_flush(struct client_port *port)
{
	if (port->removed)
		return;
	outlet_flush(&port->outlet);
	count_losses(port);
	if (session_state(port->session) >= SESSION_CLOSING && is_over(port) && report_end(port)) {
		remove_port(port);
		return;
	}
	announce(port);
	atomic_store_explicit(&port->counters->rtt_us, session_rtt_us(port->session),
			      memory_order_relaxed);
	watch(port);
	arm_timer(port);
}

void client_port_close(struct client_port *port, enum goodbye_reason reason, const char *text)
{
	session_close(port->session, reason, text);
	mark_dirty(port);
}

void client_port_credentials(struct client_port *port,
			     const struct message_credentials *credentials)
{
	if (!session_send_credentials(port->session, credentials))
		log_info("worker: no room for a client's certificate: it asks again");
	mark_dirty(port);
}

static void tell_never_came(struct worker *worker, const struct mail_add *add, const char *why)
{
	struct mail_ended ended = { .port = add->port };

	snprintf(ended.sentence, sizeof(ended.sentence), "%s", why);
	mail_send(worker->box, THREAD_CONTROL, MAIL_ENDED, &ended, sizeof(ended));
	session_move(add->session, &session_events, NULL,
		     worker->memory); /* its buffers are ours */
	session_free(add->session);
	close(add->fd);
}

void client_port_add(struct worker *worker, const struct mail_add *add)
{
	struct client_port *port = calloc(1, sizeof(*port));
	struct port_entry entry = port_directory_get(worker->config.ports, add->port.port);

	if (!port ||
	    outlet_init(&port->outlet, &line, port, worker->pool, &worker->flow_key,
			worker->scratch) < 0 ||
	    uv_poll_init(&worker->loop, &port->poll, add->fd) < 0) {
		if (port)
			outlet_free(&port->outlet);
		free(port);
		tell_never_came(worker, add, "out of memory");
		return;
	}
	port->worker = worker;
	port->is = add->port;
	port->flags = entry.flags;
	port->outlet.takes_offload = entry.flags & PORT_OFFLOAD;
	port->fd = add->fd;
	port->session = add->session;
	port->counters = port_directory_counters(worker->config.ports, add->port.port);
	port->timer_due_ms = SESSION_NEVER_MS;
	port->open_handles = 2;
	port->poll.data = port;
	uv_timer_init(&worker->loop, &port->timer);
	port->timer.data = port;

	port->next = worker->ports;
	port->link = &worker->ports;
	if (port->next)
		port->next->link = &port->next;
	worker->ports = port;
	count_ports(worker, +1);

	session_move(port->session, &session_events, port, worker->memory);
	if (switch_add_port(worker->eswitch, port->is.port, port->is.generation, port) < 0 ||
	    worker->stopping)
		session_close(port->session, GOODBYE_SHUTDOWN, "the server is shutting down");
	uv_poll_start(&port->poll, UV_READABLE, on_poll);
	announce(port);
	mark_dirty(port);
}
