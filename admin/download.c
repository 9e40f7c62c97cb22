/* SPDX-License-Identifier: Apache-2.0 */
/* admin/download.c - a capture that becomes a file: who begins it (POST) hears that it runs, or what
 * is wrong with it, and takes the file (GET), once and soon.
 *
 * So GET changes nothing that POST has not begun, and a filter that is refused is an answer, not a
 * broken file.  Frames come through a socket of which the host has the other end.  What a browser
 * does not take stays in there, and the host's end waits or loses frames: nothing is kept here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admin/download.h"

#define DOWNLOADS_MAX 8
#define SECONDS_MAX 3600u
#define BYTES_MAX (1u << 30)
#define TAKE_MS 10000 /* from the answer to POST, for GET to come */
#define HEAD_MAX 1024 /* the host's answer, and perhaps the first frames */

enum phase { PHASE_ASKED, PHASE_HEAD, PHASE_READY, PHASE_TAKEN };

struct download {
	struct admin *admin;
	enum phase phase;
	struct request *request; /* it waits for the head, or takes the file */
	int fd;
	uv_poll_t poll;
	bool over, suspended;
	uint64_t until_ms;
	unsigned seconds;
	json_int_t id;
	char who[ADMIN_NAME_MAX + 8], of[64];
	char head[HEAD_MAX]; /* what was read, and is to be given from `at` on */
	size_t len, at;
	struct download *next, **link;
};

/* ---- life ---- */

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void drop(struct download *download)
{
	*download->link = download->next;
	if (download->next)
		download->next->link = download->link;
	download->admin->download_count--;
	uv_close((uv_handle_t *)&download->poll, on_closed);
	close(download->fd);
}

/* *theirs is the host's end. */
static struct download *make(struct request *request, const json_t *body, int *theirs)
{
	struct admin *admin = request->visitor->admin;
	const char *of = json_string_value(json_object_get(body, "of"));
	struct download *download = calloc(1, sizeof(*download));
	int fds[2];

	if (!download || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		free(download);
		return NULL;
	}
	if (uv_poll_init(&admin->loop, &download->poll, fds[0]) < 0) { /* sets O_NONBLOCK */
		close(fds[0]);
		close(fds[1]);
		free(download);
		return NULL;
	}
	download->poll.data = download;
	download->admin = admin;
	download->request = request;
	download->fd = fds[0];
	download->seconds = (unsigned)json_integer_value(json_object_get(body, "seconds"));
	snprintf(download->who, sizeof(download->who), "%s", request->who);
	snprintf(download->of, sizeof(download->of), "%s", of ? of : "all");
	download->next = admin->downloads;
	download->link = &admin->downloads;
	if (download->next)
		download->next->link = &download->next;
	admin->downloads = download;
	admin->download_count++;
	*theirs = fds[1];
	return download;
}

/* ---- POST: until it runs ---- */

static void fail(struct download *download, const struct err *err)
{
	request_failed(download->request, err);
	drop(download);
}

static void fail_with(struct download *download, enum err_kind kind, const char *sentence)
{
	struct err err = { 0 };

	err_kind(&err, kind, "%s", sentence);
	fail(download, &err);
}

/* The host's answer is as on the control socket. */
static void take_head(struct download *download, size_t line_len)
{
	json_t *head = json_loadb(download->head, line_len, 0, NULL);
	const char *error = json_string_value(json_object_get(head, "error"));
	json_int_t status = json_integer_value(json_object_get(head, "status"));

	download->id = json_integer_value(json_object_get(head, "capture"));
	if (error) {
		fail_with(download, status > 0 ? (enum err_kind)status : ERR_FAILED, error);
	} else if (download->id <= 0) {
		fail_with(download, ERR_FAILED, "the capture did not begin");
	} else {
		uv_poll_stop(&download->poll);
		download->phase = PHASE_READY;
		download->at = line_len + 1;
		download->until_ms = uv_now(&download->admin->loop) + TAKE_MS;
		snapshot_forget_all(download->admin); /* who looks now sees it */
		request_ready(
			download->request, MHD_HTTP_OK,
			shared_dump(json_pack("{s:i, s:I}", "schema", 1, "capture", download->id)));
		download->request = NULL;
	}
	json_decref(head);
}

static void on_head(uv_poll_t *poll, int status, int events)
{
	struct download *download = poll->data;
	struct admin *admin = download->admin;
	ssize_t n = recv(download->fd, download->head + download->len, HEAD_MAX - download->len, 0);
	char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		download->len += (size_t)n;
	end = memchr(download->head, '\n', download->len);
	if (end)
		take_head(download, (size_t)(end - download->head));
	else if (n <= 0 || download->len == HEAD_MAX)
		fail_with(download, ERR_FAILED, "the capture did not begin");
	http_turn(admin);
}

static void on_taken(void *owner, json_t *answer, const struct err *err)
{
	struct download *download = owner;

	json_decref(answer);
	if (!answer) {
		fail(download, err);
		return;
	}
	download->phase = PHASE_HEAD;
	download->until_ms = uv_now(&download->admin->loop) + ASK_MS;
	uv_poll_start(&download->poll, UV_READABLE, on_head);
}

static int check_limit(const json_t *body, const char *name, unsigned most, struct err *err)
{
	json_int_t is = json_integer_value(json_object_get(body, name));

	return is < 1 || is > most ? err_kind(err, ERR_USAGE, "'%s' must be 1 to %u", name, most)
				   : 0;
}

void download_begin(struct request *request, const json_t *body)
{
	struct admin *admin = request->visitor->admin;
	struct err err = { 0 };
	json_t *question = route_request(&request->match, body, &err);
	struct download *download = NULL;
	int theirs = -1;

	if (question && check_limit(body, "seconds", SECONDS_MAX, &err) == 0 &&
	    check_limit(body, "bytes", BYTES_MAX, &err) == 0 &&
	    (admin->download_count >= DOWNLOADS_MAX || !(download = make(request, body, &theirs))))
		err_kind(&err, ERR_TIMEOUT, "too many captures are asked for already");
	if (!download) {
		json_decref(question);
		request_failed(request, &err);
		return;
	}
	json_object_set_new(question, "who", json_string(request->who));
	request_wait(request);
	ask_host(admin, question, theirs, on_taken, download);
}

/* ---- GET: the file ---- */

static void wake(struct download *download)
{
	if (!download->suspended)
		return;
	download->suspended = false;
	uv_poll_stop(&download->poll);
	MHD_resume_connection(download->request->connection);
}

static void on_frames(uv_poll_t *poll, int status, int events)
{
	struct download *download = poll->data;

	wake(download);
	http_turn(download->admin);
}

static ssize_t give_rest_of_head(struct download *download, char *to, size_t most)
{
	size_t left = download->len - download->at, len = left < most ? left : most;

	memcpy(to, download->head + download->at, len);
	download->at += len;
	return (ssize_t)len;
}

static ssize_t on_room(void *cls, uint64_t position, char *to, size_t most)
{
	struct download *download = cls;

	if (download->over ||
	    download->admin->ending) /* a file that was cut is to be seen as such */
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (download->at < download->len)
		return give_rest_of_head(download, to, most);
	ssize_t n = recv(download->fd, to, most, MSG_DONTWAIT);

	if (n > 0)
		return n;
	if (n == 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (errno != EAGAIN && errno != EINTR)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	download->suspended = true;
	uv_poll_start(&download->poll, UV_READABLE, on_frames);
	MHD_suspend_connection(download->request->connection);
	return 0;
}

/* Its request is over, if not yet the response. */
void download_leave(struct download *download)
{
	download->request->visitor->streams = false;
	download->request->download = NULL;
	download->request = NULL;
	download->over = true;
}

static void on_end(void *cls)
{
	struct download *download = cls;

	if (download->request)
		download_leave(download);
	drop(download);
}

/* "lanyard-alice-3.pcapng": nothing of a name that means something to a header or a file system. */
static void name_file(const struct download *download, char name[static 128])
{
	char of[sizeof(download->of)];
	size_t i;

	for (i = 0; download->of[i]; i++) {
		char c = download->of[i];

		of[i] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
					(c >= '0' && c <= '9') || (c == '-' && i > 0)
				? c
				: '_';
	}
	of[i] = '\0';
	snprintf(name, 128, "attachment; filename=\"lanyard-%s-%lld.pcapng\"", of,
		 (long long)download->id);
}

/* Not asked, as there is no body. */
static ssize_t on_head_room(void *cls, uint64_t position, char *to, size_t most)
{
	return MHD_CONTENT_READER_END_OF_STREAM;
}

static struct download *find(const struct request *request)
{
	struct download *download = request->visitor->admin->downloads;
	const char *number = request->match.value[0];
	json_int_t id = number[strspn(number, "0123456789")] ? 0 : strtoll(number, NULL, 10);

	while (download && (download->phase != PHASE_READY || download->id != id ||
			    strcmp(download->who, request->who) != 0))
		download = download->next;
	return download;
}

enum MHD_Result download_give(struct request *request)
{
	struct download *download = find(request);
	static const char type[] = "application/x-pcapng";
	char name[128];

	if (!download)
		return reply_refuse(request->connection, MHD_HTTP_NOT_FOUND, ERR_NO_OBJECT,
				    "no capture of yours of that number waits to be taken");
	name_file(download, name);
	if (request->is_head) /* it is still there to be taken */
		return reply_stream(request->connection, type, name, on_head_room, NULL, NULL);
	download->phase = PHASE_TAKEN;
	download->until_ms =
		uv_now(&download->admin->loop) + download->seconds * 1000ull + ANSWER_MS;
	download->request = request;
	request->download = download;
	request->visitor->streams = true;
	return reply_stream(request->connection, type, name, on_room, on_end, download);
}

/* ---- time ---- */

/* True: it was dropped. */
static bool look_after(struct download *download, bool is_late)
{
	switch (download->phase) {
	case PHASE_ASKED: return false; /* ask.c knows how long */
	case PHASE_HEAD:
		if (is_late)
			fail_with(download, ERR_TIMEOUT, "the capture did not begin in time");
		return is_late;
	case PHASE_READY:
		if (is_late)
			drop(download);
		return is_late;
	case PHASE_TAKEN: break;
	}
	if (!download->request)
		return false; /* it ends by itself now */
	if (is_late)	      /* the capture is over, and its reader is not */
		shutdown(download->request->visitor->fd, SHUT_RDWR);
	if (is_late || !request_still_may(download->request) ||
	    (download->suspended && visitor_has_left(download->request->visitor)))
		download->over = true;
	if (download->over)
		wake(download);
	return false;
}

void downloads_sweep(struct admin *admin)
{
	struct download *next;

	for (struct download *download = admin->downloads; download; download = next) {
		next = download->next;
		look_after(download, uv_now(&admin->loop) > download->until_ms);
	}
}

void downloads_end(struct admin *admin)
{
	struct download *next;

	for (struct download *download = admin->downloads; download; download = next) {
		next = download->next;
		if (download->phase == PHASE_TAKEN)
			wake(download);
		else if (download->phase == PHASE_HEAD)
			fail_with(download, ERR_TIMEOUT, "the server ends");
		else if (download->phase == PHASE_READY)
			drop(download);
	}
}
