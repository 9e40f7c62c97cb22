/* SPDX-License-Identifier: Apache-2.0 */
/* base/rpc_server.c - the daemon's end of the control socket, on a libuv loop.  What is asked and
 * answered may be a secret, and is wiped. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rpc.h"
#include "base/wipe.h"

#define FIRST_ROOM 4096 /* of a connection's line: most are short */

struct rpc_server {
	uv_pipe_t listener;
	uv_loop_t *loop;
	const struct rpc_action *actions;
	void *owner;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	unsigned connection_count;
	struct connection *connections;
};

struct connection {
	struct rpc_server *server;
	uv_pipe_t pipe;
	uv_timer_t idle; /* whoever neither asks nor reads is dropped */
	unsigned open_handles;
	char *line; /* allocated; grows with what comes, to RPC_MAX_REQUEST */
	size_t len, room;
	struct connection *next, **link;
};

struct answer {
	uv_write_t request;
	char *text;
};

static void free_connection(uv_handle_t *handle)
{
	struct connection *connection = handle->data;

	if (--connection->open_handles > 0)
		return;
	wipe_free(connection->line);
	free(connection);
}

static void drop_connection(struct connection *connection)
{
	if (uv_is_closing((uv_handle_t *)&connection->pipe))
		return;
	*connection->link = connection->next;
	if (connection->next)
		connection->next->link = connection->link;
	connection->server->connection_count--;
	uv_close((uv_handle_t *)&connection->pipe, free_connection);
	uv_close((uv_handle_t *)&connection->idle, free_connection);
}

static void on_idle(uv_timer_t *timer)
{
	drop_connection(timer->data);
}

static void on_written(uv_write_t *request, int status)
{
	struct answer *answer = (struct answer *)request;
	struct connection *connection = request->handle->data;

	wipe_free(answer->text);
	free(answer);
	if (status < 0)
		drop_connection(connection);
}

static void send_answer(struct connection *connection, json_t *object)
{
	struct answer *answer = calloc(1, sizeof(*answer));
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	size_t len = text ? strlen(text) : 0;

	json_decref(object);
	if (!answer || !text || !(answer->text = wipe_realloc(text, len + 2))) {
		wipe_free(text);
		free(answer);
		drop_connection(connection);
		return;
	}
	memcpy(answer->text + len, "\n", 2);
	uv_buf_t buf = uv_buf_init(answer->text, (unsigned)len + 1);
	if (uv_write(&answer->request, (uv_stream_t *)&connection->pipe, &buf, 1, on_written) < 0) {
		wipe_free(answer->text);
		free(answer);
		drop_connection(connection);
	}
}

/* The connection's descriptor goes to the action, under a number of its own. */
static bool hand_over(struct connection *connection, const struct rpc_action *action,
		      const json_t *request, struct err *err)
{
	uv_os_fd_t fd;
	int own = uv_fileno((uv_handle_t *)&connection->pipe, &fd) == 0
			  ? fcntl(fd, F_DUPFD_CLOEXEC, 3)
			  : -1;

	if (own < 0) {
		err_errno(err, "cannot hand a connection over");
		return false;
	}
	if (action->take(connection->server->owner, request, own, err) == 0)
		return true;
	close(own);
	return false;
}

/* NULL and err: it failed; NULL and *taken: somebody else answers. */
static json_t *run(struct connection *connection, const json_t *request, bool *taken,
		   struct err *err)
{
	const char *verb = rpc_string(request, "verb", err);
	const struct rpc_action *action = connection->server->actions;

	if (!verb)
		return NULL;
	while (action->verb && strcmp(action->verb, verb) != 0)
		action++;
	if (!action->verb) {
		err_kind(err, ERR_USAGE, "this daemon does not know the verb '%.64s'", verb);
		return NULL;
	}
	if (action->run)
		return action->run(connection->server->owner, request, err);
	*taken = hand_over(connection, action, request, err);
	return NULL;
}

static void handle_line(struct connection *connection, const char *line, size_t len)
{
	struct err err = { 0 };
	json_error_t where;
	json_t *request = json_loadb(line, len, JSON_REJECT_DUPLICATES, &where);
	json_t *answer = NULL;
	bool taken = false;

	if (request)
		answer = run(connection, request, &taken, &err);
	else
		err_kind(&err, ERR_USAGE, "the request is not JSON: %s", where.text);
	json_decref(request);
	if (taken) {
		drop_connection(connection);
		return;
	}
	if (!answer)
		answer = rpc_error(&err);
	send_answer(connection, answer);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct connection *connection = handle->data;

	if (connection->len == connection->room && connection->room < RPC_MAX_REQUEST) {
		size_t room = connection->room ? 2 * connection->room : FIRST_ROOM;
		char *line = wipe_realloc(connection->line,
					  room < RPC_MAX_REQUEST ? room : RPC_MAX_REQUEST);

		if (line) { /* else there is no room, and libuv says so to on_read */
			connection->line = line;
			connection->room = room < RPC_MAX_REQUEST ? room : RPC_MAX_REQUEST;
		}
	}
	*buf = uv_buf_init(connection->line + connection->len,
			   (unsigned)(connection->room - connection->len));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct connection *connection = stream->data;
	size_t seen = connection->len; /* there is no end of a line in these */
	char *end;

	if (n < 0) { /* the end, an error, or (ENOBUFS) a line that is too long */
		drop_connection(connection);
		return;
	}
	connection->len += (size_t)n;
	uv_timer_again(&connection->idle);
	while (connection->len > seen &&
	       (end = memchr(connection->line + seen, '\n', connection->len - seen))) {
		size_t len = (size_t)(end - connection->line);

		seen = 0;
		handle_line(connection, connection->line, len);
		if (uv_is_closing((uv_handle_t *)&connection->pipe))
			return;
		connection->len -= len + 1;
		memmove(connection->line, end + 1, connection->len);
	}
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct rpc_server *server = listener->data;
	struct connection *connection = status < 0 ? NULL : calloc(1, sizeof(*connection));

	if (!connection)
		return;
	connection->server = server;
	connection->open_handles = 2;
	connection->pipe.data = connection;
	connection->idle.data = connection;
	uv_pipe_init(server->loop, &connection->pipe, 0);
	uv_timer_init(server->loop, &connection->idle);
	connection->next = server->connections;
	connection->link = &server->connections;
	if (connection->next)
		connection->next->link = &connection->next;
	server->connections = connection;
	server->connection_count++;
	if (uv_accept(listener, (uv_stream_t *)&connection->pipe) < 0 ||
	    server->connection_count > RPC_MAX_CONNECTIONS) {
		drop_connection(connection);
		return;
	}
	uv_timer_start(&connection->idle, on_idle, RPC_TIMEOUT_MS, RPC_TIMEOUT_MS);
	uv_read_start((uv_stream_t *)&connection->pipe, on_alloc, on_read);
}

/* ---- opening and closing ---- */

/* True if somebody answers there. */
static bool is_alive(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	bool alive = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	close(fd);
	return alive;
}

static int prepare_path(const char *path, struct err *err)
{
	char folder[108];
	struct stat is;
	const char *slash = strrchr(path, '/');

	if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return err_set(err, "the control socket's path is too long: %s", path);
	if (slash && slash > path) {
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
		if (mkdir(folder, 0755) < 0 && errno != EEXIST)
			return err_errno(err, "cannot make the folder %s", folder);
	}
	if (lstat(path, &is) < 0)
		return 0;
	if (!S_ISSOCK(is.st_mode))
		return err_set(err, "%s is there and is no socket", path);
	if (is_alive(path))
		return err_set(err, "another daemon already listens on %s", path);
	if (unlink(path) < 0)
		return err_errno(err, "cannot remove the old socket %s", path);
	return 0;
}

struct rpc_server *rpc_server_open(uv_loop_t *loop, const char *path,
				   const struct rpc_action *actions, void *owner, struct err *err)
{
	struct rpc_server *server;

	if (prepare_path(path, err) < 0)
		return NULL;
	server = calloc(1, sizeof(*server));
	if (!server) {
		err_set(err, "out of memory");
		return NULL;
	}
	server->loop = loop;
	server->actions = actions;
	server->owner = owner;
	server->listener.data = server;
	uv_pipe_init(loop, &server->listener, 0);
	mode_t old_mask = umask(0177); /* only the daemon's user asks it */
	int result = uv_pipe_bind(&server->listener, path);
	umask(old_mask);
	if (result == 0) {
		strcpy(server->path, path);
		result = uv_listen((uv_stream_t *)&server->listener, 16, on_connection);
	}
	if (result < 0) {
		err_set(err, "cannot listen on %s: %s", path, uv_strerror(result));
		rpc_server_close(server);
		return NULL;
	}
	return server;
}

static void free_server(uv_handle_t *handle)
{
	free(handle->data);
}

void rpc_server_close(struct rpc_server *server)
{
	if (!server)
		return;
	while (server->connections)
		drop_connection(server->connections);
	if (server->path[0])
		unlink(server->path);
	uv_close((uv_handle_t *)&server->listener, free_server);
}

json_t *rpc_error(const struct err *err)
{
	char escaped[4 * sizeof(err->text)];
	json_t *text = json_string(err->text);

	if (!text) /* no UTF-8 */
		text = json_string(
			log_escape(err->text, strlen(err->text), escaped, sizeof(escaped)));
	return json_pack("{s:o, s:i}", "error", text, "status", err_status(err));
}

const char *rpc_string(const json_t *request, const char *name, struct err *err)
{
	const char *text = json_string_value(json_object_get(request, name));

	if (!text)
		err_kind(err, ERR_USAGE, "'%s' is missing", name);
	return text;
}
