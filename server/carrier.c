/* SPDX-License-Identifier: Apache-2.0 */
/* server/carrier.c - one browser's bytes, there and back.
 *
 *   browser --TCP, TLS--> outer | tls/stream | inner --a pair of sockets--> the admin's HTTP
 *
 * It understands nothing of HTTP.  The admin's HTTP closes its socket when a connection has had its
 * time; that is seen when all before it was taken, so each record has its time, too.
 *
 * RFC 8446 6.1 (close_notify): a connection that ends without it has lost something.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/porter_private.h"

#define INNER_BUFFER 32768  /* bytes that wait in the kernel between us and the admin's HTTP */
#define OUTER_BUFFER 262144 /* and on their way to the browser */
#define BUDGET 8	    /* steps each way a turn, so that others have theirs */
#define RECORD_MS 60000	    /* for the browser to take one */
#define ENDING_MS 10000	    /* for the last record and the browser's own end */
#define DRAIN_MOST 262144   /* bytes that it may still send meanwhile */

/* ---- end ---- */

static void free_carrier(uv_handle_t *handle)
{
	struct carrier *carrier = handle->data;

	if (--carrier->open_handles > 0)
		return;
	tls_stream_free(carrier->stream);
	free(carrier);
}

static void on_timer(uv_timer_t *timer)
{
	carrier_remove(timer->data);
}

/* libuv asks the kernel about a descriptor until its handle is closed, and by then the number may be
 * another carrier's: so the handle is closed first. */
static void stop(uv_poll_t *poll, int *fd)
{
	if (poll->data && !uv_is_closing((uv_handle_t *)poll))
		uv_close((uv_handle_t *)poll, free_carrier);
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void enter(struct carrier *carrier, enum carrier_state state)
{
	carrier->state = state;
	switch (state) {
	case CARRIER_ENDING:
		stop(&carrier->inner, &carrier->inner_fd);
		tls_stream_end(carrier->stream);
		uv_timer_start(&carrier->timer, on_timer, ENDING_MS, 0);
		break;
	case CARRIER_DRAINING:
		/* closing before all is read would be a reset, which may overtake the last bytes */
		shutdown(carrier->outer_fd, SHUT_WR);
		break;
	case CARRIER_GONE:
	case CARRIER_OPEN:
	case CARRIER_STATES: break;
	}
}

void carrier_remove(struct carrier *carrier)
{
	if (carrier->state == CARRIER_GONE)
		return;
	enter(carrier, CARRIER_GONE);
	*carrier->link = carrier->next;
	if (carrier->next)
		carrier->next->link = carrier->link;
	stop(&carrier->inner, &carrier->inner_fd);
	stop(&carrier->outer, &carrier->outer_fd);
	uv_close((uv_handle_t *)&carrier->timer, free_carrier);
}

/* ---- from the browser ---- */

static bool must_wait(ssize_t n)
{
	return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

/* False: there is nothing to be done now, or ever. */
static bool receive(struct carrier *carrier)
{
	size_t cap;
	void *room = tls_stream_room(carrier->stream, &cap);
	ssize_t n = recv(carrier->outer_fd, room, cap, 0);

	if (n > 0)
		tls_stream_received(carrier->stream, (size_t)n);
	else if (!must_wait(n))
		carrier_remove(carrier);
	return n > 0;
}

/* Likewise. */
static bool deliver(struct carrier *carrier, struct bytes plain)
{
	ssize_t n = send(carrier->inner_fd, plain.data, plain.len, MSG_NOSIGNAL);

	if (n >= 0)
		tls_stream_take(carrier->stream, (size_t)n);
	else if (!must_wait(n))
		carrier->said_all = true; /* nobody listens; what was answered is still sent */
	return n >= 0;
}

static void carry_in(struct carrier *carrier)
{
	for (unsigned n = 0; n < BUDGET; n++) {
		struct bytes plain = tls_stream_plain(carrier->stream);

		if (plain.len > 0
			    ? !deliver(carrier, plain)
			    : tls_stream_state(carrier->stream) != STREAM_OPEN || !receive(carrier))
			return;
	}
}

/* Nothing that it has said is left to be delivered: is that all there will be? */
static void look_for_end(struct carrier *carrier)
{
	if (carrier->said_all || tls_stream_plain(carrier->stream).len > 0)
		return;
	switch (tls_stream_state(carrier->stream)) {
	case STREAM_OPEN:
	case STREAM_STATES: return;
	case STREAM_ENDED:
		carrier->said_all = true;
		shutdown(carrier->inner_fd, SHUT_WR);
		return;
	case STREAM_BROKEN: break;
	}
	carrier->said_all = true;
	enter(carrier, CARRIER_ENDING);
}

/* ---- to the browser ---- */

/* False: nothing to be done now, or ever. */
static bool transmit(struct carrier *carrier, struct bytes out)
{
	ssize_t n = send(carrier->outer_fd, out.data, out.len, MSG_NOSIGNAL);

	if (n >= 0)
		tls_stream_sent(carrier->stream, (size_t)n);
	else if (!must_wait(n))
		carrier_remove(carrier);
	if (n == (ssize_t)out.len && carrier->state == CARRIER_OPEN)
		uv_timer_stop(&carrier->timer); /* the next one has its own time */
	return n >= 0;
}

/* Likewise. */
static bool collect(struct carrier *carrier)
{
	size_t cap;
	void *room = tls_stream_compose(carrier->stream, &cap);
	ssize_t n = recv(carrier->inner_fd, room, cap, 0);

	if (n > 0)
		tls_stream_seal(carrier->stream, (size_t)n);
	else if (!must_wait(n))
		enter(carrier, CARRIER_ENDING);
	return n > 0;
}

static void carry_out(struct carrier *carrier)
{
	for (unsigned n = 0; n < BUDGET; n++) {
		struct bytes out = tls_stream_output(carrier->stream);

		if (out.len > 0) {
			if (!transmit(carrier, out))
				return;
		} else if (carrier->state == CARRIER_ENDING) {
			enter(carrier, CARRIER_DRAINING);
			return;
		} else if (!collect(carrier) && carrier->state == CARRIER_OPEN) {
			return;
		}
	}
}

/* ---- both ---- */

static void advance(struct carrier *carrier);

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct carrier *carrier = poll->data;

	/* libuv has stopped it: what the admin's HTTP did not read is an error to us when it closes */
	if (status < 0)
		*(poll == &carrier->outer ? &carrier->outer_events : &carrier->inner_events) = 0;
	advance(carrier);
}

static void watch(uv_poll_t *poll, int *watched, int events)
{
	if (events == *watched)
		return;
	*watched = events;
	if (events)
		uv_poll_start(poll, events, on_poll);
	else
		uv_poll_stop(poll);
}

static void watch_both(struct carrier *carrier)
{
	bool has_plain = tls_stream_plain(carrier->stream).len > 0;
	bool has_output = tls_stream_output(carrier->stream).len > 0;
	bool open = carrier->state == CARRIER_OPEN, listens = open && !carrier->said_all;
	int outer = 0, inner = 0;

	if ((listens && !has_plain) || carrier->state == CARRIER_DRAINING)
		outer |= UV_READABLE;
	if (has_output || carrier->state == CARRIER_ENDING)
		outer |= UV_WRITABLE;
	if (listens && has_plain)
		inner |= UV_WRITABLE;
	if (open && !has_output)
		inner |= UV_READABLE;
	if (open && has_output && !uv_is_active((uv_handle_t *)&carrier->timer))
		uv_timer_start(&carrier->timer, on_timer, RECORD_MS, 0);
	watch(&carrier->outer, &carrier->outer_events, outer);
	if (carrier->inner_fd >= 0)
		watch(&carrier->inner, &carrier->inner_events, inner);
}

static void advance(struct carrier *carrier)
{
	if (carrier->state == CARRIER_OPEN && !carrier->said_all)
		carry_in(carrier);
	if (carrier->state == CARRIER_OPEN)
		look_for_end(carrier);
	if (carrier->state == CARRIER_OPEN || carrier->state == CARRIER_ENDING)
		carry_out(carrier);
	if (carrier->state == CARRIER_DRAINING &&
	    (socket_drained(carrier->outer_fd, &carrier->drained) || carrier->drained > DRAIN_MOST))
		carrier_remove(carrier);
	if (carrier->state != CARRIER_GONE)
		watch_both(carrier);
}

/* ---- begin ---- */

/* An IPv4 address in IPv6 clothes as itself (RFC 4291 2.5.5.2). */
static void unwrap(struct sockaddr_storage *address)
{
	struct sockaddr_in6 six;
	struct sockaddr_in *four = (struct sockaddr_in *)address;

	memcpy(&six, address, sizeof(six));
	if (six.sin6_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&six.sin6_addr))
		return;
	*four = (struct sockaddr_in) { .sin_family = AF_INET, .sin_port = six.sin6_port };
	memcpy(&four->sin_addr, &six.sin6_addr.s6_addr[12], sizeof(four->sin_addr));
}

/* The one end is ours, the other one the admin's. */
static bool make_pair(struct carrier *carrier, const struct sockaddr_storage *from)
{
	int pair[2], size = INNER_BUFFER;
	struct sockaddr_storage plain = *from;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) < 0)
		return false;
	carrier->inner_fd = pair[0];
	unwrap(&plain);
	if (setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) == 0 &&
	    setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) == 0 &&
	    admin_take_connection(carrier->porter->admin, pair[1], &plain))
		return true;
	close(pair[1]);
	return false;
}

static bool poll_on(struct carrier *carrier, uv_poll_t *poll, int fd)
{
	if (uv_poll_init(&carrier->porter->loop, poll, fd) < 0)
		return false;
	poll->data = carrier;
	carrier->open_handles++;
	return true;
}

static bool set_up(struct carrier *carrier, const struct tls_secrets *secrets,
		   const struct sockaddr_storage *from)
{
	int size = OUTER_BUFFER;

	carrier->stream = tls_stream_new(TLS_SERVER, secrets, NULL);
	return carrier->stream &&
	       setsockopt(carrier->outer_fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) == 0 &&
	       make_pair(carrier, from) && poll_on(carrier, &carrier->outer, carrier->outer_fd) &&
	       poll_on(carrier, &carrier->inner, carrier->inner_fd);
}

void carrier_add(struct porter *porter, int fd, const struct tls_secrets *secrets,
		 const struct sockaddr_storage *from)
{
	struct carrier *carrier = calloc(1, sizeof(*carrier));

	if (!carrier) {
		close(fd);
		return;
	}
	carrier->porter = porter;
	carrier->outer_fd = fd;
	carrier->inner_fd = -1;
	carrier->source = source_of((const struct sockaddr *)from);
	uv_timer_init(&porter->loop, &carrier->timer);
	carrier->timer.data = carrier;
	carrier->open_handles = 1;
	carrier->next = porter->carriers;
	carrier->link = &porter->carriers;
	if (carrier->next)
		carrier->next->link = &carrier->next;
	porter->carriers = carrier;
	if (set_up(carrier, secrets, from)) {
		advance(carrier);
		return;
	}
	log_error("admin: a browser cannot be served: out of memory, or of descriptors");
	carrier_remove(carrier);
}
