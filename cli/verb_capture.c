/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verb_capture.c - `lanyard capture`: frames of clients and of the LAN, from the server's control
 * socket to a file, a pipe or the terminal.
 *
 * Interrupted, it tells the server that it wants no more and reads to the end, so that a file is whole
 * and says how many frames were lost; interrupted twice, it ends at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "cli/account.h"
#include "cli/capture.h"
#include "cli/cli.h"

#define SAVED_MODE 0600 /* what others said is not for everybody */

struct order {
	struct cli_target target;
	const char *of, *file, *stop;
	char filter[1024];
	int64_t snaplen, frames, bytes, seconds;
};

static volatile sig_atomic_t stream_fd = -1;

static void on_signal(int number)
{
	if (stream_fd >= 0)
		shutdown(stream_fd, SHUT_WR);
}

static void catch_signals(int fd)
{
	/* restarted: a line that is half written is no reason to fail */
	struct sigaction once = { .sa_handler = on_signal,
				  .sa_flags = (int)(SA_RESETHAND | SA_RESTART) };

	stream_fd = fd;
	sigaction(SIGINT, &once, NULL);
	sigaction(SIGTERM, &once, NULL);
}

/* ---- the command line ---- */

static int read_count(const char *text, int64_t *count)
{
	char *end;

	errno = 0;
	*count = strtoll(text, &end, 10);
	return errno == 0 && *text && !*end && *count > 0 ? 0 : -1;
}

/* A number of bytes: also 100k, 20M, 1G (powers of 1000, as cli_bytes shows them). */
static int read_size(const char *text, int64_t *size)
{
	static const char units[] = "kMG";
	char *end;

	errno = 0;
	*size = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *size <= 0)
		return -1;
	for (unsigned i = 0; *end && units[i] != '\0'; i++) {
		if (*size > INT64_MAX / 1000)
			return -1;
		*size *= 1000;
		if (*end == units[i])
			return end[1] ? -1 : 0;
	}
	return *end ? -1 : 0;
}

static int read_time(const char *text, int64_t *seconds)
{
	uint32_t number = 0;
	struct err err;

	if (conf_parse_time_s(text, &number, &err) < 0 || number == 0)
		return -1;
	*seconds = number;
	return 0;
}

static int read_option(struct order *order, int option)
{
	switch (option) {
	case 'i': order->of = optarg; return 0;
	case 'w': order->file = optarg; return 0;
	case 'x': order->stop = optarg; return 0;
	case 's': return read_count(optarg, &order->snaplen);
	case 'n': return read_count(optarg, &order->frames);
	case 'b': return read_size(optarg, &order->bytes);
	case 't': return read_time(optarg, &order->seconds);
	default: return cli_target_option(&order->target, option);
	}
}

static int read_options(struct order *order, int argc, char **argv)
{
	static const struct option longs[] = {
		CLI_TARGET_LONG,
		{ "snaplen", required_argument, NULL, 's' },
		{ "count", required_argument, NULL, 'n' },
		{ "size", required_argument, NULL, 'b' },
		{ "for", required_argument, NULL, 't' },
		{ "stop", required_argument, NULL, 'x' },
		{ 0 },
	};
	int option;

	/* '+': the filter's own words begin with what they like */
	while ((option = getopt_long(argc, argv, "+" CLI_TARGET_SHORT "i:w:s:", longs, NULL)) != -1)
		if (read_option(order, option) < 0)
			return cli_usage("capture",
					 option == '?' ? "wrong option"
						       : "'%s' is no value for its option",
					 optarg ? optarg : "");
	return 0;
}

/* As tcpdump: the words of the filter need no quotes. */
static int read_filter(struct order *order, int argc, char **argv)
{
	size_t len = 0;

	for (int i = optind; i < argc; i++) {
		size_t room = sizeof(order->filter) - len;
		int n = snprintf(order->filter + len, room, "%s%s", i > optind ? " " : "", argv[i]);

		if ((size_t)n >= room)
			return cli_usage("capture", "the filter is too long");
		len += (size_t)n;
	}
	return 0;
}

/* ---- the request ---- */

static void set_limit(json_t *request, const char *name, int64_t number)
{
	if (number > 0)
		json_object_set_new(request, name, json_integer(number));
}

static json_t *make_request(const struct order *order, struct err *err)
{
	json_t *request = json_pack("{s:s, s:s?, s:s, s:s}", "verb", "capture", "of", order->of,
				    "filter", order->filter, "who", account_user());

	if (!request) {
		err_kind(err, ERR_USAGE, "the client or the filter is no UTF-8 text");
		return NULL;
	}
	set_limit(request, "snaplen", order->snaplen);
	set_limit(request, "frames", order->frames);
	set_limit(request, "bytes", order->bytes);
	set_limit(request, "seconds", order->seconds);
	return request;
}

/* ---- the stream ---- */

static int copy(int fd, struct capture_sink *sink, struct err *err)
{
	struct capture_stream *stream = capture_stream_new(sink);
	int failed = stream ? 0 : err_set(err, "out of memory");

	while (failed == 0) {
		size_t cap;
		void *room = capture_stream_room(stream, &cap);
		ssize_t n = recv(fd, room, cap, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			failed = err_errno(err, "cannot read the capture");
		else if (n == 0 && !sink->ended)
			failed = err_set(err, "the server hung up before the capture's end");
		if (n <= 0)
			break;
		failed = capture_stream_came(stream, (size_t)n, err);
	}
	capture_stream_free(stream);
	return failed;
}

static int open_file(const struct order *order, int *fd, struct err *err)
{
	*fd = -1;
	if (!order->file)
		return 0;
	if (strcmp(order->file, "-") != 0) {
		*fd = open(order->file, O_WRONLY | O_CREAT | O_CLOEXEC, SAVED_MODE);
		return *fd < 0 ? err_errno(err, "cannot write %s", order->file) : 0;
	}
	if (isatty(STDOUT_FILENO))
		return err_kind(
			err, ERR_USAGE,
			"a capture is nothing for a terminal: give -w FILE, a pipe, or no -w");
	*fd = STDOUT_FILENO;
	return 0;
}

/* What was in the file stays there until a capture runs: not for a filter that is none. */
static int empty_file(int fd, struct err *err)
{
	struct stat is;

	if (fd <= STDOUT_FILENO)
		return 0;
	if (fstat(fd, &is) < 0 || (S_ISREG(is.st_mode) && ftruncate(fd, 0) < 0))
		return err_errno(err, "cannot write");
	return 0;
}

static int run(const struct order *order, struct capture_sink *sink, struct err *err)
{
	json_t *request = make_request(order, err), *answer;
	int fd;

	if (!request)
		return -1;
	answer = cli_ask_stream(&order->target, request, &fd, err);
	json_decref(request);
	if (!answer)
		return -1;
	catch_signals(fd);
	fprintf(stderr, "capture %lld runs; Ctrl-C ends it\n",
		(long long)json_integer_value(json_object_get(answer, "capture")));
	json_decref(answer);
	int failed = empty_file(sink->fd, err);
	if (failed == 0)
		failed = copy(fd, sink, err);
	close(fd);
	/* a disk may say only now that it is full */
	if (sink->fd > STDOUT_FILENO && close(sink->fd) < 0 && failed == 0)
		failed = err_errno(err, "cannot write");
	if (failed < 0 && order->file)
		err_context(err, "%s", order->file);
	fprintf(stderr, "%llu frames captured, %llu lost\n", (unsigned long long)sink->frames,
		(unsigned long long)sink->dropped);
	return failed;
}

static int stop(const struct order *order)
{
	struct err err = { 0 };
	int64_t id;

	if (read_count(order->stop, &id) < 0)
		return cli_usage("capture", "'%s' is no capture's number", order->stop);
	json_t *request = json_pack("{s:s, s:I}", "verb", "capture stop", "capture", id);
	json_t *answer = cli_ask(&order->target, request, false, &err);

	json_decref(request);
	if (!answer)
		return cli_fail(&err);
	json_decref(answer);
	return 0;
}

int cli_capture(int argc, char **argv)
{
	static struct capture_sink sink;
	struct order order = { 0 };
	struct err err = { 0 };
	int wrong = read_options(&order, argc, argv);

	if (wrong == 0)
		wrong = read_filter(&order, argc, argv);
	if (wrong != 0)
		return wrong;
	if (order.stop)
		return stop(&order);
	sink.json = order.target.json;
	if (open_file(&order, &sink.fd, &err) < 0 || run(&order, &sink, &err) < 0)
		return cli_fail(&err);
	return 0;
}
