/* SPDX-License-Identifier: Apache-2.0 */
/* base/rpc_call.c - a command's end of the control socket: one question, one answer. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/rpc.h"
#include "base/wipe.h"

#define MAX_ANSWER (64u << 20)

static int dial(const char *path, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = RPC_TIMEOUT_MS / 1000 };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return err_set(err, "the control socket's path is too long: %s", path);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(err, "cannot make a socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		/* All else may be a daemon that runs: nobody must work beside it. */
		if (errno == ENOENT || errno == ECONNREFUSED)
			err_kind(err, ERR_NO_DAEMON, "no daemon is running (%s: %s)", path,
				 strerror(errno));
		else if (errno == EAGAIN || errno == EINTR)
			err_kind(err, ERR_TIMEOUT, "the daemon at %s does not answer", path);
		else
			err_errno(err, "cannot ask the daemon at %s", path);
		close(fd);
		return -1;
	}
	return fd;
}

static int send_line(int fd, const json_t *request, struct err *err)
{
	char *text = json_dumps(request, JSON_COMPACT);
	size_t len = text ? strlen(text) : 0, sent = 0;

	if (!text)
		return err_set(err, "out of memory");
	text[len++] = '\n'; /* over the final NUL */
	while (sent < len) {
		ssize_t n = send(fd, text + sent, len - sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		sent += (size_t)n;
	}
	wipe_free(text);
	if (sent == len)
		return 0;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return err_kind(err, ERR_TIMEOUT, "the daemon does not answer");
	return err_errno(err, "cannot ask the daemon");
}

static char *receive_line(int fd, size_t *line_len, struct err *err)
{
	size_t cap = 65536, len = 0;
	char *line = malloc(cap);

	while (line) {
		if (len == cap) {
			char *more = cap < MAX_ANSWER ? wipe_realloc(line, cap * 2) : NULL;
			if (!more)
				break;
			line = more;
			cap *= 2;
		}
		ssize_t n = recv(fd, line + len, cap - len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			err_kind(err, ERR_TIMEOUT, "the daemon does not answer");
			goto fail;
		}
		if (n <= 0) {
			err_set(err, "the daemon hung up");
			goto fail;
		}
		char *end = memchr(line + len, '\n', (size_t)n);
		len += (size_t)n;
		if (end) {
			*line_len = (size_t)(end - line);
			return line;
		}
	}
	err_set(err, "the daemon's answer is too large");
fail:
	wipe_free(line);
	return NULL;
}

/* The answer in a line; NULL if it is none, or says that it failed. */
static json_t *read_answer(const char *line, size_t len, struct err *err)
{
	json_error_t where;
	json_t *answer = json_loadb(line, len, 0, &where);

	if (!answer) {
		err_set(err, "the daemon's answer is not JSON: %s", where.text);
		return NULL;
	}
	const char *error = json_string_value(json_object_get(answer, "error"));
	if (error) {
		int status = (int)json_integer_value(json_object_get(answer, "status"));
		err_kind(err, status > 0 ? (enum err_kind)status : ERR_FAILED, "%s", error);
		json_decref(answer);
		return NULL;
	}
	return answer;
}

json_t *rpc_call(const char *path, const json_t *request, struct err *err)
{
	int fd = dial(path, err);
	size_t len;
	char *line;

	if (fd < 0)
		return NULL;
	line = send_line(fd, request, err) < 0 ? NULL : receive_line(fd, &len, err);
	close(fd);
	if (!line)
		return NULL;
	json_t *answer = read_answer(line, len, err);
	wipe_free(line);
	return answer;
}

/* What comes behind the line stays in the socket: it is read byte by byte. */
static int receive_first_line(int fd, char *line, size_t cap, size_t *line_len, struct err *err)
{
	for (size_t len = 0; len < cap; len++) {
		ssize_t n = recv(fd, line + len, 1, 0);

		if (n < 0 && errno == EINTR) {
			len--;
			continue;
		}
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return err_kind(err, ERR_TIMEOUT, "the daemon does not answer");
		if (n <= 0)
			return err_set(err, "the daemon hung up");
		*line_len = len;
		if (line[len] == '\n')
			return 0;
	}
	return err_set(err, "the daemon's answer is too large");
}

json_t *rpc_stream(const char *path, const json_t *request, int *fd, struct err *err)
{
	static const struct timeval no_limit;
	json_t *answer = NULL;
	char line[4096];
	size_t len = 0; /* gcc -O3 does not see that it is set */

	*fd = dial(path, err);
	if (*fd < 0)
		return NULL;
	if (send_line(*fd, request, err) == 0 &&
	    receive_first_line(*fd, line, sizeof(line), &len, err) == 0)
		answer = read_answer(line, len, err);
	if (answer && setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &no_limit, sizeof(no_limit)) < 0) {
		err_errno(err, "cannot set up a socket");
		json_decref(answer);
		answer = NULL;
	}
	if (!answer)
		close(*fd);
	return answer;
}
