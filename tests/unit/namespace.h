/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/namespace.h
 *
 * For tests that need the real kernel: a network namespace of their own, and ip(8) in it.
 * Without the right to make one, the test is skipped and says so.
 */
#ifndef TESTS_NAMESPACE_H
#define TESTS_NAMESPACE_H

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* Moves the calling thread into a fresh namespace, where even lo is down. */
static inline void namespace_enter(void)
{
	if (unshare(CLONE_NEWNET) == 0)
		return;
	print_message("skipped: no right to make a network namespace (%s); run as root\n",
		      strerror(errno));
	skip();
}

/* Runs one command; the test fails if it does. */
static inline void __attribute__((format(printf, 1, 2))) run_command(const char *format, ...)
{
	char command[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

/* The kernel makes an address's own route, and joins its group, a little after the address. */
static inline void await_own_route(const char *address)
{
	run_command("timeout 20 sh -c 'until ip -6 route show table local | grep -q \"local %s \"; "
		    "do :; done'",
		    address);
}

static inline uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Waits, at most five seconds, until `condition` holds; fails with the sentence otherwise. */
#define until(condition, ...)                          \
	do {                                           \
		uint64_t until_ms = now_ms() + 5000;   \
		while (!(condition)) {                 \
			if (now_ms() > until_ms)       \
				fail_msg(__VA_ARGS__); \
			poll(NULL, 0, 5);              \
		}                                      \
	} while (0)

#endif
