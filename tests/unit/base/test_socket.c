/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/test_socket.c - TCP sockets' options, text, and an end that loses nothing. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/socket.h"

static void addresses_are_text(void **state)
{
	static const struct {
		const char *address;
		unsigned port;
		const char *text;
	} cases[] = {
		{ "192.0.2.1", 443, "192.0.2.1:443" },
		{ "255.255.255.255", 65535, "255.255.255.255:65535" },
		{ "2001:db8::1", 50123, "[2001:db8::1]:50123" },
		{ "::", 1, "[::]:1" },
		{ "::ffff:192.0.2.1", 443, "192.0.2.1:443" },
		{ "2001:db8:1111:2222:3333:4444:5555:6666", 65535,
		  "[2001:db8:1111:2222:3333:4444:5555:6666]:65535" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sockaddr_storage address = { 0 };
		struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address;
		struct sockaddr_in *four = (struct sockaddr_in *)&address;
		char text[SOCKET_TEXT];

		if (inet_pton(AF_INET6, cases[i].address, &six->sin6_addr) == 1) {
			six->sin6_family = AF_INET6;
			six->sin6_port = htons((uint16_t)cases[i].port);
		} else {
			assert_int_equal(inet_pton(AF_INET, cases[i].address, &four->sin_addr), 1);
			four->sin_family = AF_INET;
			four->sin_port = htons((uint16_t)cases[i].port);
		}
		if (strcmp(socket_text(&address, text), cases[i].text) != 0)
			fail_msg("%s: %s", cases[i].text, text);
	}
}

static void what_is_no_address_is_text_too(void **state)
{
	struct sockaddr_storage address = { .ss_family = AF_UNIX };
	char text[SOCKET_TEXT];

	assert_true(strlen(socket_text(&address, text)) < SOCKET_TEXT);
}

static int option(int fd, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	assert_int_equal(getsockopt(fd, IPPROTO_TCP, name, &value, &len), 0);
	return value;
}

static void options_are_set(void **state)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	socket_tune(fd, 12345);
	assert_int_equal(option(fd, TCP_NODELAY), 1);
	assert_int_equal(option(fd, TCP_NOTSENT_LOWAT), SOCKET_UNSENT_START);
	assert_int_equal(option(fd, TCP_USER_TIMEOUT), 12345);
	socket_limit_unsent(fd, 131072);
	assert_int_equal(option(fd, TCP_NOTSENT_LOWAT), 131072);
	close(fd);
	socket_tune(-1, 1); /* an improvement and no need: it cannot fail */
}

static const char *congestion_of(int fd, char name[static SOCKET_CONGESTION_MAX])
{
	socklen_t len = SOCKET_CONGESTION_MAX;

	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &len), 0);
	return name;
}

/* reno is the one that every kernel has, and anybody may use */
static void congestion_control_is_chosen(void **state)
{
	static const struct {
		const char *name;
		bool known;
		const char *then;
	} cases[] = {
		{ "reno", true, "reno" },
		{ SOCKET_CONGESTION_SYSTEM, true, "reno" }, /* as it was */
		{ "no-such-thing", false, "reno" },
		{ "a-name-longer-than-any", false, "reno" },
	};
	char name[SOCKET_CONGESTION_MAX];
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(socket_set_congestion(fd, cases[i].name), cases[i].known);
		assert_string_equal(congestion_of(fd, name), cases[i].then);
	}
	close(fd);
}

/* Two ends of a TCP connection on the loopback interface. */
static void tcp_pair(int pair[2])
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), small = 4096;

	assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
	pair[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(pair[0], (struct sockaddr *)&at, sizeof(at)), 0);
	pair[1] = accept(listener, NULL, NULL);
	assert_true(pair[1] >= 0);
	close(listener);
}

/* The other end reads nothing: its window fills, then what is unsent is all that is taken. */
static void what_is_unsent_is_bounded_and_told(void **state)
{
	static const size_t limits[] = { 5000, 20000, 100000 };
	static const char bytes[1000];
	size_t taken = 0;
	int pair[2];

	tcp_pair(pair);
	socket_tune(pair[0], 10000);
	assert_int_equal(socket_unsent(pair[0]), 0);
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		ssize_t n;

		socket_limit_unsent(pair[0], limits[i]);
		while (socket_unsent(pair[0]) < limits[i] &&
		       (n = send(pair[0], bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
			taken += (size_t)n;
		assert_in_range(socket_unsent(pair[0]), limits[i], limits[i] + sizeof(bytes));
		assert_int_equal(poll(&(struct pollfd) { pair[0], POLLOUT, 0 }, 1, 0), 0);
	}
	socket_limit_unsent(pair[0], 3 * limits[ARRAY_LEN(limits) - 1]);
	assert_int_equal(poll(&(struct pollfd) { pair[0], POLLOUT, 0 }, 1, 0), 1);
	assert_true(taken > socket_unsent(pair[0])); /* some had left */
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(socket_unsent(-1), 0);
}

static void bbr_tells_its_pacing(void **state)
{
	static const char bytes[100000];
	char name[SOCKET_CONGESTION_MAX], text[100000];
	int pair[2];

	tcp_pair(pair);
	assert_true(socket_set_congestion(pair[0], "reno"));
	assert_true(send(pair[0], bytes, sizeof(bytes), MSG_DONTWAIT) > 0);
	assert_int_equal(socket_bbr_pacing(pair[0]), 0);
	if (socket_set_congestion(pair[0], "bbr")) {
		uint64_t pacing = 0;

		assert_string_equal(congestion_of(pair[0], name), "bbr");
		for (unsigned n = 0; n < 1000 && pacing == 0; n++) { /* until it has measured */
			recv(pair[1], text, sizeof(text), MSG_DONTWAIT);
			send(pair[0], bytes, 1000, MSG_DONTWAIT);
			pacing = socket_bbr_pacing(pair[0]);
		}
		/* loopback's, and not a number of another unit */
		assert_in_range(pacing, 1000000, 1000000000000);
	} else {
		print_message("this kernel has no BBR\n");
	}
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(socket_bbr_pacing(-1), 0);
}

static void an_end_is_told_from_silence(void **state)
{
	char text[60000] = "";
	size_t bytes = 0;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair),
			 0);
	assert_false(socket_drained(pair[0], NULL)); /* silence */
	assert_int_equal(write(pair[1], text, sizeof(text)), sizeof(text));
	assert_false(
		socket_drained(pair[0], &bytes)); /* all of that is read, and no end behind it */
	assert_int_equal(bytes, sizeof(text));
	assert_int_equal(recv(pair[0], text, 1, 0), -1);
	assert_int_equal(write(pair[1], text, 1), 1);
	assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
	assert_true(socket_drained(pair[0], NULL));
	assert_true(socket_drained(pair[0], NULL)); /* and again */
	close(pair[0]);
	close(pair[1]);
	assert_true(socket_drained(-1, NULL)); /* an error is an end */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_text),
		cmocka_unit_test(what_is_no_address_is_text_too),
		cmocka_unit_test(options_are_set),
		cmocka_unit_test(congestion_control_is_chosen),
		cmocka_unit_test(what_is_unsent_is_bounded_and_told),
		cmocka_unit_test(bbr_tells_its_pacing),
		cmocka_unit_test(an_end_is_told_from_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
