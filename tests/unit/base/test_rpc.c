/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/test_rpc.c
 *
 * The control socket, both ends: a daemon on its loop here, and whoever asks in a thread.
 */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/rpc.h"

static char folder[64], path[128];
static uv_loop_t loop;
static struct rpc_server *server;
static uv_async_t done;

/* ---- the daemon ---- */

static json_t *do_echo(void *owner, const json_t *request, struct err *err)
{
	const char *text = rpc_string(request, "text", err);

	assert_ptr_equal(owner, folder);
	return text ? json_pack("{s:s}", "text", text) : NULL;
}

static json_t *do_fail(void *owner, const json_t *request, struct err *err)
{
	json_t *kind = json_object_get(request, "kind");

	if (kind)
		err_kind(err, (enum err_kind)json_integer_value(kind), "that kind");
	else
		err_set(err, "just so");
	return NULL;
}

static json_t *do_large(void *owner, const json_t *request, struct err *err)
{
	static char text[300001];

	memset(text, 'x', sizeof(text) - 1);
	return json_pack("{s:s}", "text", text);
}

/* Answers by itself, from a thread of its own if it likes: here at once. */
static int take_stream(void *owner, const json_t *request, int fd, struct err *err)
{
	static const char stream[] = "{\"schema\":1}\nnot JSON \xff\nto the end";

	assert_ptr_equal(owner, folder);
	if (json_object_get(request, "refuse"))
		return err_kind(err, ERR_NO_OBJECT, "not now");
	assert_int_equal(write(fd, stream, strlen(stream)), strlen(stream));
	close(fd);
	return 0;
}

static const struct rpc_action actions[] = { { "echo", do_echo },
					     { "fail", do_fail },
					     { "large", do_large },
					     { "stream", .take = take_stream },
					     { 0 } };

static void on_done(uv_async_t *handle)
{
	rpc_server_close(server);
	uv_close((uv_handle_t *)handle, NULL);
}

static int begin_test(void **state)
{
	struct err err = { 0 };

	strcpy(folder, "/tmp/lanyard-rpc-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/run/a.sock", folder);
	assert_int_equal(uv_loop_init(&loop), 0);
	server = rpc_server_open(&loop, path, actions, folder, &err);
	if (!server)
		fail_msg("%s", err.text);
	return 0;
}

static int end_test(void **state)
{
	char run[96];

	assert_int_equal(uv_loop_close(&loop), 0);
	snprintf(run, sizeof(run), "%s/run", folder);
	assert_int_equal(access(path, F_OK), -1); /* the socket went with its daemon */
	assert_int_equal(rmdir(run), 0);
	assert_int_equal(rmdir(folder), 0);
	return 0;
}

/* Runs the daemon until `ask` has ended in its thread. */
static void serve(uv_thread_cb ask, void *argument)
{
	uv_thread_t thread;

	assert_int_equal(uv_async_init(&loop, &done, on_done), 0);
	assert_int_equal(uv_thread_create(&thread, ask, argument), 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_thread_join(&thread);
}

/* ---- lines as they are on the wire ---- */

static int dial(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = 5 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(at.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Says it, hangs up for its part, and reads to the end. */
static void exchange(const char *request, size_t len, char *answer, size_t cap)
{
	int fd = dial();
	size_t sent = 0, got = 0;
	ssize_t n = 1;

	while (sent < len && n > 0 && (n = send(fd, request + sent, len - sent, MSG_NOSIGNAL)) > 0)
		sent += (size_t)n;
	shutdown(fd, SHUT_WR);
	while (got + 1 < cap && (n = recv(fd, answer + got, cap - 1 - got, 0)) > 0)
		got += (size_t)n;
	answer[got] = '\0';
	close(fd);
}

static struct {
	const char *what, *request;
	const char *begin; /* of the answer; all of it if it ends with a newline */
	char answer[512];
} lines[] = {
	{ "a question", "{\"verb\":\"echo\",\"text\":\"hi\"}\n", "{\"text\":\"hi\"}\n" },
	{ "a carriage return", "{\"verb\":\"echo\",\"text\":\"hi\"}\r\n", "{\"text\":\"hi\"}\n" },
	{ "two questions in one go",
	  "{\"verb\":\"echo\",\"text\":\"a\"}\n{\"verb\":\"echo\",\"text\":\"b\"}\n",
	  "{\"text\":\"a\"}\n{\"text\":\"b\"}\n" },
	{ "a member that is missing", "{\"verb\":\"echo\"}\n",
	  "{\"error\":\"'text' is missing\",\"status\":2}\n" },
	{ "an unknown verb", "{\"verb\":\"dance\"}\n",
	  "{\"error\":\"this daemon does not know the verb 'dance'\",\"status\":2}\n" },
	{ "no verb", "{}\n", "{\"error\":\"'verb' is missing\",\"status\":2}\n" },
	{ "a verb that is no text", "{\"verb\":7}\n",
	  "{\"error\":\"'verb' is missing\",\"status\":2}\n" },
	{ "no object", "[\"echo\"]\n", "{\"error\":\"'verb' is missing\",\"status\":2}\n" },
	{ "no JSON", "hello\n", "{\"error\":\"the request is not JSON: " },
	{ "an empty line", "\n", "{\"error\":\"the request is not JSON: " },
	{ "a verb twice", "{\"verb\":\"echo\",\"verb\":\"fail\"}\n",
	  "{\"error\":\"the request is not JSON: " },
	{ "bytes that are no text", "{\"verb\":\"\xff\"}\n",
	  "{\"error\":\"the request is not JSON: " },
	{ "it failed", "{\"verb\":\"fail\"}\n", "{\"error\":\"just so\",\"status\":1}\n" },
	{ "it failed in its way", "{\"verb\":\"fail\",\"kind\":10}\n",
	  "{\"error\":\"that kind\",\"status\":10}\n" },
	{ "a stream", "{\"verb\":\"stream\"}\n", "{\"schema\":1}\nnot JSON \xff\nto the end" },
	{ "a stream, and no question after it",
	  "{\"verb\":\"stream\"}\n{\"verb\":\"echo\",\"text\":\"hi\"}\n",
	  "{\"schema\":1}\nnot JSON \xff\nto the end" },
	{ "a stream that is refused", "{\"verb\":\"stream\",\"refuse\":1}\n",
	  "{\"error\":\"not now\",\"status\":10}\n" },
	{ "half a line", "{\"verb\":\"echo\",\"text\":\"hi\"}", "\n" },
	{ "nothing", "", "\n" },
};

static char long_line[RPC_MAX_REQUEST + 1], long_answer[2][64];

static void ask_lines(void *argument)
{
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		exchange(lines[i].request, strlen(lines[i].request), lines[i].answer,
			 sizeof(lines[i].answer));
	/* the longest line there may be, and one byte more */
	for (unsigned more = 0; more < 2; more++) {
		static const char request[] = "{\"verb\":\"echo\",\"text\":\"x\"}";
		size_t len = RPC_MAX_REQUEST + more;

		memset(long_line, ' ', len);
		memcpy(long_line, request, strlen(request));
		long_line[len - 1] = '\n';
		exchange(long_line, len, long_answer[more], sizeof(long_answer[more]));
	}
	uv_async_send(&done);
}

static void lines_are_answered(void **state)
{
	serve(ask_lines, NULL);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		const char *begin = lines[i].begin;
		size_t len = strlen(begin);
		bool whole = len > 0 && begin[len - 1] == '\n';

		if (len == 1) /* no answer at all */
			whole = lines[i].answer[0] == '\0';
		else if (whole)
			whole = strcmp(lines[i].answer, begin) == 0;
		else
			whole = strncmp(lines[i].answer, begin, len) == 0;
		if (!whole)
			fail_msg("%s: %s", lines[i].what, lines[i].answer);
	}
	assert_non_null(strstr(long_answer[0], "\"x\""));
	assert_string_equal(long_answer[1], "");
}

static unsigned hung_up;
static bool refused, again;

static void ask_with_many(void *argument)
{
	char answer[64], request[] = "{\"verb\":\"echo\",\"text\":\"x\"}\n";
	int fd[RPC_MAX_CONNECTIONS];

	for (unsigned i = 0; i < RPC_MAX_CONNECTIONS; i++) { /* each is there for sure */
		fd[i] = dial();
		(void)!send(fd[i], request, strlen(request), MSG_NOSIGNAL);
		hung_up += recv(fd[i], answer, sizeof(answer), 0) <= 0;
	}
	exchange(request, strlen(request), answer, sizeof(answer));
	refused = answer[0] == '\0';
	for (unsigned i = 1; i < RPC_MAX_CONNECTIONS; i++)
		close(fd[i]);
	/* with room again there is an answer, at the latest when the daemon has noticed */
	for (time_t end_s = time(NULL) + 20; time(NULL) < end_s; sched_yield()) {
		exchange(request, strlen(request), answer, sizeof(answer));
		if (answer[0] != '\0')
			break;
	}
	again = answer[0] != '\0';
	uv_async_send(&done); /* with one connection open: it goes with the daemon */
	while (recv(fd[0], answer, sizeof(answer), 0) > 0)
		;
	close(fd[0]);
}

static void connections_have_a_limit(void **state)
{
	hung_up = 0;
	serve(ask_with_many, NULL);
	assert_int_equal(hung_up, 0);
	assert_true(refused);
	assert_true(again);
}

/* ---- a command's end ---- */

static struct err called[5];
static size_t large_len;
static char streamed[64];

static void call_stream(void)
{
	json_t *stream = json_pack("{s:s}", "verb", "stream");
	json_t *refused_one = json_pack("{s:s, s:i}", "verb", "stream", "refuse", 1);
	int fd;
	json_t *answer = rpc_stream(path, stream, &fd, &called[3]);

	if (answer) {
		streamed[read(fd, streamed, sizeof(streamed) - 1)] = '\0';
		close(fd);
	}
	json_decref(answer);
	json_decref(rpc_stream(path, refused_one, &fd, &called[4]));
	json_decref(stream);
	json_decref(refused_one);
}

static void call(void *argument)
{
	json_t *good = json_pack("{s:s, s:s}", "verb", "echo", "text", "hi");
	json_t *large = json_pack("{s:s}", "verb", "large");
	json_t *bad = json_pack("{s:s, s:i}", "verb", "fail", "kind", ERR_NO_OBJECT);
	json_t *answer = rpc_call(path, good, &called[0]);

	if (!answer || strcmp(json_string_value(json_object_get(answer, "text")), "hi") != 0)
		err_set(&called[0], "wrong answer");
	json_decref(answer);
	answer = rpc_call(path, bad, &called[1]);
	json_decref(answer);
	answer = rpc_call(path, large, &called[2]);
	large_len = answer ? json_string_length(json_object_get(answer, "text")) : 0;
	json_decref(answer);
	call_stream();
	json_decref(good);
	json_decref(large);
	json_decref(bad);
	uv_async_send(&done);
}

static void a_command_gets_its_answer(void **state)
{
	struct err err = { 0 };
	char expected[256], long_path[200];
	json_t *request = json_pack("{s:s}", "verb", "echo");

	serve(call, NULL);
	assert_string_equal(called[0].text, "");
	assert_string_equal(called[1].text, "that kind");
	assert_int_equal(called[1].kind, ERR_NO_OBJECT);
	assert_string_equal(called[2].text, "");
	assert_int_equal(large_len, 300000);
	assert_string_equal(called[3].text, "");
	assert_string_equal(streamed, "not JSON \xff\nto the end");
	assert_string_equal(called[4].text, "not now");
	assert_int_equal(called[4].kind, ERR_NO_OBJECT);

	/* and now nobody is there */
	snprintf(expected, sizeof(expected), "no daemon is running (%s: No such file or directory)",
		 path);
	assert_null(rpc_call(path, request, &err));
	assert_string_equal(err.text, expected);
	assert_int_equal(err.kind, ERR_NO_DAEMON);
	memset(long_path, '/', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	assert_null(rpc_call(long_path, request, &err));
	assert_non_null(strstr(err.text, "path is too long"));
	json_decref(request);
}

/* ---- commands and daemons that leave ---- */

/* As main() does: libuv writes with write(2). */
static void leave_early(void *argument)
{
	static const char request[] = "{\"verb\":\"large\"}\n";
	char answer[64];

	for (unsigned n = 0; n < RPC_MAX_CONNECTIONS - 1; n++) {
		int fd = dial();

		(void)!send(fd, request, strlen(request), MSG_NOSIGNAL);
		close(fd);
	}
	exchange(request, strlen(request), answer, sizeof(answer));
	again = strncmp(answer, "{\"text\":\"xxx", 12) == 0;
	uv_async_send(&done);
}

static void a_command_may_leave_before_its_answer(void **state)
{
	signal(SIGPIPE, SIG_IGN);
	again = false;
	serve(leave_early, NULL);
	assert_true(again);
}

static void hang_up(void *argument)
{
	char request[256];
	int fd = accept(*(int *)argument, NULL, NULL);

	(void)!recv(fd, request, sizeof(request), 0);
	close(fd);
}

static void no_answer_is_not_no_daemon(void **state)
{
	static const struct {
		const char *what;
		bool listens, accepts;
		enum err_kind kind;
		const char *sentence;
	} cases[] = {
		{ "a socket that a dead daemon left", false, false, ERR_NO_DAEMON,
		  "no daemon is running (" },
		{ "it hangs up", true, true, ERR_FAILED, "the daemon hung up" },
	};
	json_t *request = json_pack("{s:s}", "verb", "echo");

	rpc_server_close(server);
	uv_run(&loop, UV_RUN_DEFAULT);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sockaddr_un at = { .sun_family = AF_UNIX };
		struct err err = { 0 };
		uv_thread_t thread;
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		memcpy(at.sun_path, path, strlen(path) + 1);
		assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
		if (cases[i].listens)
			assert_int_equal(listen(fd, 1), 0);
		if (cases[i].accepts)
			assert_int_equal(uv_thread_create(&thread, hang_up, &fd), 0);
		assert_null(rpc_call(path, request, &err));
		if (cases[i].accepts)
			uv_thread_join(&thread);
		if (err_status(&err) != (int)cases[i].kind ||
		    strncmp(err.text, cases[i].sentence, strlen(cases[i].sentence)) != 0)
			fail_msg("%s: kind %d, %s", cases[i].what, err_status(&err), err.text);
		close(fd);
		assert_int_equal(unlink(path), 0);
	}
	json_decref(request);
}

/* ---- the socket's place ---- */

static void the_socket_is_its_owners(void **state)
{
	struct err err = { 0 };
	struct stat is;
	char expected[256];

	assert_int_equal(stat(path, &is), 0);
	assert_int_equal(is.st_mode & 07777, 0600);

	/* not while somebody answers there */
	snprintf(expected, sizeof(expected), "another daemon already listens on %s", path);
	assert_null(rpc_server_open(&loop, path, actions, folder, &err));
	assert_string_equal(err.text, expected);
	assert_int_equal(access(path, F_OK), 0);
	rpc_server_close(server);
	uv_run(&loop, UV_RUN_DEFAULT);

	/* one that a dead daemon left is replaced */
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	memcpy(at.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	close(fd);
	server = rpc_server_open(&loop, path, actions, folder, &err);
	assert_non_null(server);
	rpc_server_close(server);
	uv_run(&loop, UV_RUN_DEFAULT);

	/* what is no socket is never removed */
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	fclose(file);
	snprintf(expected, sizeof(expected), "%s is there and is no socket", path);
	assert_null(rpc_server_open(&loop, path, actions, folder, &err));
	assert_string_equal(err.text, expected);
	assert_int_equal(unlink(path), 0);
	rpc_server_close(NULL);
}

/* A sentence that was cut within a character is an answer all the same. */
static void what_failed_is_told(void **state)
{
	static const struct {
		const char *text, *told;
	} cases[] = {
		{ "just so", "just so" },
		{ "a\xc3\xa4", "a\xc3\xa4" },
		{ "a\xc3\xa4\xc3", "a\\xc3\\xa4\\xc3" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err;

		err_kind(&err, ERR_NO_OBJECT, "%s", cases[i].text);
		json_t *answer = rpc_error(&err);
		assert_string_equal(json_string_value(json_object_get(answer, "error")),
				    cases[i].told);
		assert_int_equal(json_integer_value(json_object_get(answer, "status")), 10);
		json_decref(answer);
	}
}

#define ON_LOOP(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_failed_is_told),
		ON_LOOP(lines_are_answered),
		ON_LOOP(connections_have_a_limit),
		ON_LOOP(a_command_gets_its_answer),
		ON_LOOP(a_command_may_leave_before_its_answer),
		ON_LOOP(no_answer_is_not_no_daemon),
		ON_LOOP(the_socket_is_its_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
