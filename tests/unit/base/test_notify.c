/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/test_notify.c
 *
 * What systemd would receive, on a real datagram socket in its place: by path and abstract.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/notify.h"

struct listener {
	int fd;
	uv_loop_t loop;
	struct notify notify;
	char path[64]; /* "" if it is abstract */
};

/* A socket in systemd's place, and $NOTIFY_SOCKET with its address. */
static void listen_at(struct listener *listener, bool abstract)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char name[64];

	snprintf(name, sizeof(name), "%slanyard-notify-%d", abstract ? "@" : "/tmp/", getpid());
	strcpy(listener->path, abstract ? "" : name);
	strcpy(address.sun_path, name);
	if (abstract)
		address.sun_path[0] = '\0';
	listener->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(listener->fd >= 0);
	assert_int_equal(bind(listener->fd, (void *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
			 0);
	setenv("NOTIFY_SOCKET", name, 1);
}

static void open_notify(struct listener *listener)
{
	assert_int_equal(uv_loop_init(&listener->loop), 0);
	notify_open(&listener->notify, &listener->loop);
}

static void close_notify(struct listener *listener)
{
	notify_close(&listener->notify);
	notify_close(&listener->notify); /* twice is fine */
	assert_int_equal(uv_run(&listener->loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&listener->loop), 0);
}

static int set_up(void **state)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	listen_at(listener, false);
	open_notify(listener);
	*state = listener;
	return 0;
}

static int tear_down(void **state)
{
	struct listener *listener = *state;

	close_notify(listener);
	close(listener->fd);
	unlink(listener->path);
	free(listener);
	unsetenv("NOTIFY_SOCKET");
	return 0;
}

/* The next datagram, "" if there is none. */
static const char *heard(const struct listener *listener)
{
	static char text[1024];
	ssize_t len = recv(listener->fd, text, sizeof(text) - 1, 0);

	text[len > 0 ? len : 0] = '\0';
	return text;
}

static void run_for(struct listener *listener, uint64_t time_ms)
{
	uint64_t end_ms = uv_hrtime() / 1000000 + time_ms;

	while (uv_hrtime() / 1000000 < end_ms) {
		uv_run(&listener->loop, UV_RUN_NOWAIT);
		usleep(2000);
	}
}

static void ready_goes_out_once_with_the_latest_status(void **state)
{
	struct listener *listener = *state;

	notify_status(&listener->notify, "starting");
	assert_string_equal(heard(listener), "STATUS=starting");
	notify_status(&listener->notify, "%u clients", 0u);
	notify_ready(&listener->notify);
	assert_string_equal(heard(listener), "READY=1\nSTATUS=0 clients");
	notify_ready(&listener->notify);
	assert_string_equal(heard(listener), "");
}

static void a_status_goes_out_at_once_and_the_next_a_second_later(void **state)
{
	struct listener *listener = *state;

	notify_status(&listener->notify, "%u clients", 1u);
	assert_string_equal(heard(listener), "STATUS=1 clients");
	notify_status(&listener->notify, "%u clients", 2u);
	notify_status(&listener->notify, "%u clients", 3u);
	run_for(listener, NOTIFY_STATUS_EVERY_MS / 2);
	assert_string_equal(heard(listener), "");
	run_for(listener, NOTIFY_STATUS_EVERY_MS);
	assert_string_equal(heard(listener), "STATUS=3 clients");
	assert_string_equal(heard(listener), "");
}

static void the_same_status_goes_out_once(void **state)
{
	struct listener *listener = *state;

	notify_status(&listener->notify, "up");
	assert_string_equal(heard(listener), "STATUS=up");
	notify_status(&listener->notify, "up");
	run_for(listener, NOTIFY_STATUS_EVERY_MS + 200);
	notify_status(&listener->notify, "up");
	assert_string_equal(heard(listener), "");
}

static void a_status_cannot_smuggle_in_a_line(void **state)
{
	struct listener *listener = *state;

	notify_status(&listener->notify, "closed: %s", "bye\nMAINPID=1\r\x7f\x1b[31m");
	assert_string_equal(heard(listener), "STATUS=closed: bye MAINPID=1   [31m");
}

static void a_long_status_is_cut(void **state)
{
	struct listener *listener = *state;
	char text[2 * NOTIFY_STATUS];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	notify_status(&listener->notify, "%s", text);
	assert_int_equal(strlen(heard(listener)), strlen("STATUS=") + NOTIFY_STATUS - 1);
}

static void a_reload_begins_at_a_time_and_ends_ready(void **state)
{
	struct listener *listener = *state;
	struct timespec before, after;
	long long at_us = 0;

	notify_reloading(&listener->notify); /* nobody waits for what is not ready */
	notify_reloaded(&listener->notify);
	assert_string_equal(heard(listener), "");
	notify_ready(&listener->notify);
	heard(listener);
	clock_gettime(CLOCK_MONOTONIC, &before);
	notify_reloading(&listener->notify);
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_int_equal(sscanf(heard(listener), "RELOADING=1\nMONOTONIC_USEC=%lld", &at_us), 1);
	assert_true(at_us >= before.tv_sec * 1000000 + before.tv_nsec / 1000);
	assert_true(at_us <= after.tv_sec * 1000000 + after.tv_nsec / 1000);
	notify_reloaded(&listener->notify);
	assert_string_equal(heard(listener), "READY=1\nSTATUS=");
	notify_stopping(&listener->notify);
	heard(listener);
	notify_reloading(&listener->notify);
	notify_reloaded(&listener->notify);
	assert_string_equal(heard(listener), "");
}

static void stopping_goes_out_once_and_is_the_last_word(void **state)
{
	struct listener *listener = *state;

	notify_ready(&listener->notify);
	heard(listener);
	notify_status(&listener->notify, "waits its second");
	notify_stopping(&listener->notify);
	assert_string_equal(heard(listener), "STOPPING=1\nSTATUS=stopping");
	notify_stopping(&listener->notify);
	notify_status(&listener->notify, "0 clients");
	run_for(listener, NOTIFY_STATUS_EVERY_MS + 200);
	assert_string_equal(heard(listener), "");
}

static void the_abstract_namespace_is_reached(void **state)
{
	struct listener listener = { 0 };

	listen_at(&listener, true);
	open_notify(&listener);
	notify_ready(&listener.notify);
	assert_string_equal(heard(&listener), "READY=1\nSTATUS=");
	close_notify(&listener);
	close(listener.fd);
}

static void signs_of_life_come_as_often_as_asked(void **state)
{
	char own[16], other[16];
	const struct {
		const char *what, *time_us, *pid;
		bool wanted;
	} rows[] = {
		{ "for this process", "100000", own, true },
		{ "for whoever reads it", "100000", NULL, true },
		{ "for another process", "100000", other, false },
		{ "no time", NULL, own, false },
		{ "a time of nothing", "0", own, false },
		{ "no number", "soon", own, false },
		{ "later than the test looks", "600000000", own, false },
	};

	snprintf(own, sizeof(own), "%d", getpid());
	snprintf(other, sizeof(other), "%d", getppid());
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct listener *listener = *state;

		print_message("%s\n", rows[i].what);
		rows[i].time_us ? setenv("WATCHDOG_USEC", rows[i].time_us, 1)
				: unsetenv("WATCHDOG_USEC");
		rows[i].pid ? setenv("WATCHDOG_PID", rows[i].pid, 1) : unsetenv("WATCHDOG_PID");
		close_notify(listener);
		open_notify(listener);
		run_for(listener, 100);
		assert_string_equal(heard(listener), ""); /* not before it is ready */
		notify_ready(&listener->notify);
		heard(listener);
		run_for(listener, 100);
		assert_string_equal(heard(listener), rows[i].wanted ? "WATCHDOG=1" : "");
		while (heard(listener)[0])
			;
	}
}

static void without_a_usable_address_nothing_happens(void **state)
{
	static const char *const rows[] = {
		NULL,
		"",
		"/",
		"@",
		"run/systemd/notify",
		"vsock:2:1234",
		"/a-path-that-is-longer-than-an-address-of-a-unix-socket-may-be-which-are-one-"
		"hundred-and-eight-characters-in-all",
	};
	struct listener listener = { 0 };

	notify_ready(&listener.notify); /* never opened */
	notify_status(&listener.notify, "x");
	notify_stopping(&listener.notify);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		rows[i] ? setenv("NOTIFY_SOCKET", rows[i], 1) : unsetenv("NOTIFY_SOCKET");
		open_notify(&listener);
		assert_false(listener.notify.open);
		notify_ready(&listener.notify);
		notify_status(&listener.notify, "x");
		notify_stopping(&listener.notify);
		close_notify(&listener);
	}
}

static void an_address_where_nobody_listens_does_no_harm(void **state)
{
	struct listener listener = { 0 };

	setenv("NOTIFY_SOCKET", "/tmp/lanyard-nobody-listens-here", 1);
	open_notify(&listener);
	assert_true(listener.notify.open);
	notify_ready(&listener.notify);
	notify_stopping(&listener.notify);
	close_notify(&listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define LISTENING(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
		LISTENING(ready_goes_out_once_with_the_latest_status),
		LISTENING(a_status_goes_out_at_once_and_the_next_a_second_later),
		LISTENING(the_same_status_goes_out_once),
		LISTENING(a_status_cannot_smuggle_in_a_line),
		LISTENING(a_long_status_is_cut),
		LISTENING(a_reload_begins_at_a_time_and_ends_ready),
		LISTENING(stopping_goes_out_once_and_is_the_last_word),
		LISTENING(signs_of_life_come_as_often_as_asked),
		cmocka_unit_test(the_abstract_namespace_is_reached),
		cmocka_unit_test(without_a_usable_address_nothing_happens),
		cmocka_unit_test(an_address_where_nobody_listens_does_no_harm),
	};

	return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
