/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_event_stream.c - who follows gets each event once and at once; who stands
 * still costs one line, and hears what he has missed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "server/event_stream.h"

struct bench {
	uv_loop_t loop;
	struct events *events;
	struct event_streams *streams;
	int reader; /* the other end */
	char line[1 << 20];
	size_t len;
};

static struct bench bench; /* too large for a stack */

static void turn(void)
{
	for (unsigned i = 0; i < 4; i++)
		uv_run(&bench.loop, UV_RUN_NOWAIT);
}

static int take(uint64_t after, struct err *err)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	int failed = event_streams_take(bench.streams, after, pair[1], err);
	if (failed < 0)
		close(pair[1]);
	bench.reader = pair[0];
	return failed;
}

static int begin_test(void **state)
{
	struct err err = { 0 };

	memset(&bench, 0, sizeof(bench));
	assert_int_equal(uv_loop_init(&bench.loop), 0);
	bench.events = events_new();
	bench.streams = event_streams_open(&bench.loop, bench.events, &err);
	assert_non_null(bench.streams);
	return 0;
}

static int end_test(void **state)
{
	event_streams_close(bench.streams);
	uv_run(&bench.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&bench.loop), 0);
	events_free(bench.events);
	return 0;
}

/* The next line, NULL: there is none now. */
static json_t *next_line(void)
{
	char *end;

	while (!(end = memchr(bench.line, '\n', bench.len))) {
		ssize_t n = recv(bench.reader, bench.line + bench.len,
				 sizeof(bench.line) - bench.len, MSG_DONTWAIT);
		if (n <= 0)
			return NULL;
		bench.len += (size_t)n;
		turn();
	}
	json_t *answer = json_loadb(bench.line, (size_t)(end - bench.line), 0, NULL);

	assert_non_null(answer);
	bench.len -= (size_t)(end + 1 - bench.line);
	memmove(bench.line, end + 1, bench.len);
	return answer;
}

static void add(unsigned count)
{
	while (count-- > 0)
		events_add(bench.events, EVENT_CONFIG, 0, "", "%0200d", 1);
}

/* Reads what has come: *seq is the latest number, *lost how many were missed. */
static void read_all(int64_t *seq, int64_t *lost)
{
	json_t *answer, *event;
	size_t i;

	while ((answer = next_line())) {
		int64_t missed = json_integer_value(json_object_get(answer, "lost"));

		*lost += missed;
		*seq += missed;
		json_array_foreach(json_object_get(answer, "events"), i, event)
			assert_int_equal(json_integer_value(json_object_get(event, "seq")), ++*seq);
		assert_int_equal(json_integer_value(json_object_get(answer, "last")), *seq);
		json_decref(answer);
	}
}

static void each_comes_once_and_at_once(void **state)
{
	struct err err = { 0 };
	int64_t seq = 2, lost = 0;

	add(5);
	assert_int_equal(take(2, &err), 0);
	turn();
	json_t *first = next_line();
	assert_string_equal(json_string_value(json_object_get(first, "role")), "server");
	json_decref(first);
	read_all(&seq, &lost);
	assert_int_equal(seq, 5);
	add(EVENT_STREAM_LINE + 1); /* more than a line */
	turn();
	read_all(&seq, &lost);
	assert_int_equal(seq, 5 + EVENT_STREAM_LINE + 1);
	assert_int_equal(lost, 0);
	close(bench.reader);
}

static void who_stands_still_misses_and_is_told(void **state)
{
	struct err err = { 0 };
	int64_t seq = 0, lost = 0;

	assert_int_equal(take(0, &err), 0);
	for (unsigned i = 0; i < 200; i++) { /* far more than a socket takes */
		add(50);
		turn();
	}
	json_decref(next_line());
	read_all(&seq, &lost);
	assert_int_equal(seq, 10000);
	assert_true(lost > 0);
	close(bench.reader);
}

static void so_many_may_follow(void **state)
{
	struct err err = { 0 };
	int reader[EVENT_STREAMS_MAX];

	for (unsigned i = 0; i < EVENT_STREAMS_MAX; i++) {
		assert_int_equal(take(0, &err), 0);
		reader[i] = bench.reader;
	}
	assert_int_equal(take(0, &err), -1);
	assert_non_null(strstr(err.text, "16 follow the events already"));
	close(bench.reader);
	close(reader[3]); /* one leaves, and there is room */
	turn();
	assert_int_equal(take(0, &err), 0);
	close(reader[3] = bench.reader);
	/* one that says something is none of us */
	assert_int_equal(write(reader[0], "x", 1), 1);
	turn();
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(take(0, &err), 0);
		turn();
		close(bench.reader);
	}
	for (unsigned i = 0; i < EVENT_STREAMS_MAX; i++)
		if (i != 3)
			close(reader[i]);
}

static void what_is_no_stream_is_given_back(void **state)
{
	struct err err = { 0 };

	assert_int_equal(event_streams_take(bench.streams, 0, -1, &err), -1);
	assert_non_null(strstr(err.text, "cannot follow by this connection"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_comes_once_and_at_once, begin_test, end_test),
		cmocka_unit_test_setup_teardown(who_stands_still_misses_and_is_told, begin_test,
						end_test),
		cmocka_unit_test_setup_teardown(so_many_may_follow, begin_test, end_test),
		cmocka_unit_test_setup_teardown(what_is_no_stream_is_given_back, begin_test,
						end_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
