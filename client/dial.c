/* SPDX-License-Identifier: Apache-2.0 */
/* client/dial.c - name to connected socket, by Happy Eyeballs.
 *
 * While the look-up hangs, attempts at the fallback address come first in the table; those at
 * the addresses that it brings follow them.
 */
#include "client/dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct attempt {
	struct dial *dial;
	int fd; /* -1: not begun, or over */
	bool watching;
	uv_poll_t poll;
	struct sockaddr_storage to;
	socklen_t to_len;
};

struct dial {
	uv_loop_t *loop;
	const struct dial_events *events;
	void *owner;
	char host[256], port[8];
	bool over, resolving;
	struct sockaddr_storage fallback; /* AF_UNSPEC: none */
	unsigned open_handles;		  /* freed when none is left and it is over */
	uv_getaddrinfo_t lookup;
	uv_timer_t next;
	unsigned count, begun, failed;
	struct attempt attempt[2 * DIAL_MAX_ADDRESSES]; /* half of them the fallback's */
	struct err last;				/* why the latest attempt failed */
};

static void free_if_over(struct dial *dial)
{
	if (dial->over && dial->open_handles == 0)
		free(dial);
}

static void on_closed(uv_handle_t *handle)
{
	struct dial *dial = handle->data;

	dial->open_handles--;
	free_if_over(dial);
}

static void on_attempt_closed(uv_handle_t *handle)
{
	struct attempt *attempt = handle->data;

	attempt->dial->open_handles--;
	free_if_over(attempt->dial);
}

static void end_attempt(struct attempt *attempt)
{
	if (attempt->watching)
		uv_close((uv_handle_t *)&attempt->poll, on_attempt_closed);
	attempt->watching = false;
	if (attempt->fd >= 0)
		close(attempt->fd);
	attempt->fd = -1;
}

static void end_all(struct dial *dial)
{
	dial->over = true;
	for (unsigned i = 0; i < dial->begun; i++)
		end_attempt(&dial->attempt[i]);
	uv_cancel((uv_req_t *)&dial->lookup); /* if it has not begun; else its end is waited for */
	uv_close((uv_handle_t *)&dial->next, on_closed);
}

void dial_cancel(struct dial *dial)
{
	if (dial && !dial->over)
		end_all(dial);
}

static void finish(struct dial *dial, int fd, const struct sockaddr_storage *to)
{
	end_all(dial);
	dial->events->done(dial->owner, fd, to, &dial->last);
}

static void on_next(uv_timer_t *timer);
static void begin_next(struct dial *dial);

static void attempt_failed(struct attempt *attempt, const struct err *why)
{
	struct dial *dial = attempt->dial;

	dial->last = *why;
	end_attempt(attempt);
	dial->failed++;
	if (dial->resolving)
		uv_timer_start(&dial->next, on_next, DIAL_FALLBACK_MS, 0);
	else if (dial->failed == dial->count)
		finish(dial, -1, NULL);
	else if (dial->begun < dial->count)
		begin_next(dial); /* no need to wait for the timer */
}

static void connect_failed(struct attempt *attempt, int number)
{
	char host[NI_MAXHOST] = "?";
	struct err why = { 0 };

	getnameinfo((struct sockaddr *)&attempt->to, attempt->to_len, host, sizeof(host), NULL, 0,
		    NI_NUMERICHOST);
	errno = number;
	if (strcmp(host, attempt->dial->host) == 0)
		err_errno(&why, "cannot connect to %s port %s", host, attempt->dial->port);
	else
		err_errno(&why, "cannot connect to %s (%s) port %s", attempt->dial->host, host,
			  attempt->dial->port);
	why.kind = number == ETIMEDOUT ? ERR_TIMEOUT : ERR_CONNECT;
	attempt_failed(attempt, &why);
}

static void on_connected(uv_poll_t *poll, int status, int events)
{
	struct attempt *attempt = poll->data;
	int number = 0, fd = attempt->fd;
	socklen_t len = sizeof(number);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &len) < 0)
		number = errno;
	if (number != 0) {
		connect_failed(attempt, number);
		return;
	}
	attempt->fd = -1; /* the winner's socket is not closed with the others */
	uv_poll_stop(&attempt->poll);
	finish(attempt->dial, fd, &attempt->to);
}

static void begin(struct attempt *attempt)
{
	struct dial *dial = attempt->dial;
	const struct sockaddr *to = (const struct sockaddr *)&attempt->to;
	struct err why = { 0 };

	attempt->fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (attempt->fd < 0) {
		connect_failed(attempt, errno);
		return;
	}
	if (dial->events->prepare &&
	    dial->events->prepare(dial->owner, attempt->fd, to, &why) < 0) {
		why.kind = ERR_CONNECT;
		attempt_failed(attempt, &why);
		return;
	}
	if (connect(attempt->fd, to, attempt->to_len) < 0 && errno != EINPROGRESS) {
		connect_failed(attempt, errno);
		return;
	}
	if (uv_poll_init(dial->loop, &attempt->poll, attempt->fd) < 0) {
		connect_failed(attempt, ENOMEM);
		return;
	}
	dial->open_handles++;
	attempt->poll.data = attempt;
	attempt->watching = true;
	uv_poll_start(&attempt->poll, UV_WRITABLE, on_connected);
}

static socklen_t length_of(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					      : sizeof(struct sockaddr_in);
}

static void add_address(struct dial *dial, const void *to, socklen_t to_len)
{
	struct attempt *attempt = &dial->attempt[dial->count++];

	attempt->dial = dial;
	attempt->fd = -1;
	memcpy(&attempt->to, to, to_len);
	attempt->to_len = to_len;
}

/* Anew, not longer: the kernel's own repetitions are seconds apart. */
static void begin_fallback(struct dial *dial)
{
	struct attempt *before = dial->begun > 0 ? &dial->attempt[dial->begun - 1] : NULL;

	if (dial->begun == DIAL_MAX_ADDRESSES)
		return;
	if (before && before->fd >= 0) {
		end_attempt(before);
		dial->failed++;
	}
	add_address(dial, &dial->fallback, length_of(&dial->fallback));
	uv_timer_start(&dial->next, on_next, DIAL_AGAIN_MS, 0);
	begin(&dial->attempt[dial->begun++]);
}

static void on_next(uv_timer_t *timer)
{
	struct dial *dial = timer->data;

	if (dial->resolving)
		begin_fallback(dial);
	else
		begin_next(dial);
}

static void begin_next(struct dial *dial)
{
	if (dial->begun >= dial->count)
		return;
	struct attempt *attempt = &dial->attempt[dial->begun++];
	uv_timer_start(&dial->next, on_next, DIAL_DELAY_MS, 0);
	begin(attempt);
}

void dial_order(const int *family, unsigned count, unsigned *order)
{
	unsigned next[2] = { 0, 0 }, turn = 0, n = 0;
	int first = count > 0 ? family[0] : 0;

	/* next[0] walks the first address's family, next[1] all others */
	while (n < count) {
		unsigned *at = &next[turn];
		while (*at < count && (family[*at] == first) != (turn == 0))
			(*at)++;
		if (*at < count)
			order[n++] = (*at)++;
		turn = !turn;
	}
}

static void take_addresses(struct dial *dial, const struct addrinfo *result)
{
	const struct addrinfo *found[DIAL_MAX_ADDRESSES];
	int family[DIAL_MAX_ADDRESSES];
	unsigned order[DIAL_MAX_ADDRESSES], count = 0;

	for (; result && count < DIAL_MAX_ADDRESSES; result = result->ai_next) {
		if (result->ai_addrlen > sizeof(struct sockaddr_storage))
			continue;
		family[count] = result->ai_family;
		found[count++] = result;
	}
	dial_order(family, count, order);
	for (unsigned i = 0; i < count; i++)
		add_address(dial, found[order[i]]->ai_addr, found[order[i]]->ai_addrlen);
}

static void on_resolved(uv_getaddrinfo_t *lookup, int status, struct addrinfo *result)
{
	struct dial *dial = lookup->data;

	dial->open_handles--;
	if (!dial->over && status == 0)
		take_addresses(dial, result);
	uv_freeaddrinfo(result);
	dial->resolving = false;
	if (dial->over) {
		free_if_over(dial);
		return;
	}
	/* Without an answer there is the fallback, unless an attempt at it goes on already. */
	if (dial->failed == dial->count && dial->fallback.ss_family != AF_UNSPEC)
		add_address(dial, &dial->fallback, length_of(&dial->fallback));
	if (dial->count == 0) {
		err_kind(&dial->last, ERR_CONNECT, "cannot resolve %s: %s", dial->host,
			 status < 0 ? uv_strerror(status) : "no address");
		finish(dial, -1, NULL);
		return;
	}
	dial->events->resolved(dial->owner);
	begin_next(dial);
}

struct dial *dial_start(uv_loop_t *loop, const char *host, uint16_t port,
			const struct sockaddr_storage *fallback, const struct dial_events *events,
			void *owner, struct err *err)
{
	/* without AI_ADDRCONFIG: a family that has no route fails at once and costs nothing */
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct dial *dial = calloc(1, sizeof(*dial));

	if (!dial) {
		err_set(err, "out of memory");
		return NULL;
	}
	dial->loop = loop;
	dial->events = events;
	dial->owner = owner;
	snprintf(dial->host, sizeof(dial->host), "%s", host);
	snprintf(dial->port, sizeof(dial->port), "%u", port);
	dial->lookup.data = dial;
	int result =
		uv_getaddrinfo(loop, &dial->lookup, on_resolved, dial->host, dial->port, &hints);
	if (result < 0) {
		err_set(err, "cannot resolve %s: %s", host, uv_strerror(result));
		free(dial);
		return NULL;
	}
	uv_timer_init(loop, &dial->next);
	dial->next.data = dial;
	dial->open_handles = 2; /* the lookup and the timer */
	dial->resolving = true;
	if (fallback) {
		dial->fallback = *fallback;
		uv_timer_start(&dial->next, on_next, DIAL_FALLBACK_MS, 0);
	}
	return dial;
}
