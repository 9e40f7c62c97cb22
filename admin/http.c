/* SPDX-License-Identifier: Apache-2.0 */
/* admin/http.c - libmicrohttpd on our loop, and what a connection may cost.
 *
 * It runs no thread of its own and has no listening socket: its epoll descriptor is one of those
 * that our loop watches.  Whoever sends or reads slowly is cut off by the clock, however busy it
 * looks (REQUEST_MS, ANSWER_MS); whoever does nothing, by libmicrohttpd (IDLE_S).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/admin_private.h"
#include "base/log.h"

#define ACCEPT_BUDGET 16 /* connections per readable event */

/* ---- connections ---- */

/* Only what was handed over is no TCP. */
static bool was_handed_over(int fd)
{
	int domain = AF_UNSPEC;
	socklen_t len = sizeof(domain);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_UNIX;
}

static void begin_visit(struct admin *admin, struct MHD_Connection *connection, void **context)
{
	const union MHD_ConnectionInfo *fd =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	const union MHD_ConnectionInfo *from =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct visitor *visitor = fd && from ? calloc(1, sizeof(*visitor)) : NULL;

	*context = visitor;
	if (!visitor)
		return; /* request_handle ends it */
	visitor->admin = admin;
	visitor->connection = connection;
	visitor->fd = fd->connect_fd;
	visitor->tls = was_handed_over(visitor->fd);
	visitor->since_ms = uv_now(&admin->loop);
	memcpy(&visitor->from, from->client_addr,
	       from->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
							: sizeof(struct sockaddr_in));
	visitor->next = admin->visitors;
	visitor->link = &admin->visitors;
	if (visitor->next)
		visitor->next->link = &visitor->next;
	admin->visitors = visitor;
}

static void end_visit(struct visitor *visitor)
{
	if (!visitor)
		return;
	*visitor->link = visitor->next;
	if (visitor->next)
		visitor->next->link = visitor->link;
	source_disconnect(visitor->admin->sources, (struct sockaddr *)&visitor->from);
	free(visitor);
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode what)
{
	if (what == MHD_CONNECTION_NOTIFY_STARTED)
		begin_visit(cls, connection, context);
	else
		end_visit(*context);
}

/* Takes the descriptor. */
static void add(struct admin *admin, int fd, const struct sockaddr_storage *from)
{
	const struct sockaddr *address = (const struct sockaddr *)from;
	socklen_t len = from->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						    : sizeof(struct sockaddr_in);

	if (!source_connect(admin->sources, address, uv_now(&admin->loop))) {
		close(fd);
		return;
	}
	/* closes it if it is one too many; then there was no visit to end */
	if (MHD_add_connection(admin->daemon, fd, address, len) != MHD_YES)
		source_disconnect(admin->sources, address);
}

bool http_accept(struct admin *admin, int listen_fd)
{
	const struct bucket_limit limit = { ACCEPTS_BURST, ACCEPTS_PER_S };
	bool may = true;

	for (unsigned i = 0; i < ACCEPT_BUDGET && may; i++) {
		struct sockaddr_storage from = { 0 };
		socklen_t len = sizeof(from);
		int fd = accept4(listen_fd, (struct sockaddr *)&from, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			break;
		add(admin, fd, &from);
		may = bucket_take(&admin->accepts, limit, uv_now(&admin->loop));
	}
	http_turn(admin);
	return may;
}

void http_take(struct admin *admin, int fd, const struct sockaddr_storage *from)
{
	add(admin, fd, from);
}

void http_sweep(struct admin *admin)
{
	uint64_t now_ms = uv_now(&admin->loop);

	for (struct visitor *visitor = admin->visitors; visitor; visitor = visitor->next)
		if (!visitor->streams &&
		    now_ms - visitor->since_ms > (visitor->answering ? ANSWER_MS : REQUEST_MS))
			shutdown(visitor->fd, SHUT_RDWR); /* libmicrohttpd sees its end */
	http_turn(admin);
}

bool visitor_has_left(const struct visitor *visitor)
{
	char byte;
	ssize_t n = recv(visitor->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/* ---- libmicrohttpd ---- */

static void on_due(uv_timer_t *timer)
{
	http_turn(timer->data);
}

static void on_event(uv_poll_t *poll, int status, int events)
{
	http_turn(poll->data);
}

void http_turn(struct admin *admin)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;

	MHD_run(admin->daemon);
	if (MHD_get_timeout(admin->daemon, &wait_ms) == MHD_YES)
		uv_timer_start(&admin->due, on_due, wait_ms, 0);
	else
		uv_timer_stop(&admin->due);
}

/* A path is taken apart as it came (path.h). */
static size_t keep_encoded(void *cls, struct MHD_Connection *connection, char *text)
{
	return strlen(text);
}

static int watch(struct admin *admin, struct err *err)
{
	const union MHD_DaemonInfo *epoll =
		MHD_get_daemon_info(admin->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	if (!epoll || uv_poll_init(&admin->loop, &admin->turn_poll, epoll->epoll_fd) < 0)
		return err_set(err, "cannot watch libmicrohttpd");
	admin->turn_poll.data = admin;
	uv_timer_init(&admin->loop, &admin->due);
	admin->due.data = admin;
	uv_poll_start(&admin->turn_poll, UV_READABLE, on_event);
	return 0;
}

int http_open(struct admin *admin, struct err *err)
{
	struct siphash_key key;

	if (uv_random(NULL, NULL, &key, sizeof(key), 0, NULL) < 0)
		return err_set(err, "no random numbers");
	admin->sources = sources_new(&key);
	if (!admin->sources)
		return err_set(err, "out of memory");
	admin->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
		request_handle, admin, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_UNESCAPE_CALLBACK, keep_encoded, NULL, MHD_OPTION_NOTIFY_CONNECTION,
		on_connection, admin, MHD_OPTION_NOTIFY_COMPLETED, request_completed, admin,
		MHD_OPTION_END);
	if (!admin->daemon)
		return err_set(err, "cannot start libmicrohttpd");
	return watch(admin, err);
}

void http_close(struct admin *admin)
{
	if (admin->turn_poll.data) {
		uv_close((uv_handle_t *)&admin->turn_poll, NULL);
		uv_close((uv_handle_t *)&admin->due, NULL);
	}
	admin->turn_poll.data = NULL;
	if (admin->daemon)
		MHD_stop_daemon(admin->daemon);
	admin->daemon = NULL;
	sources_free(admin->sources);
	admin->sources = NULL;
}
