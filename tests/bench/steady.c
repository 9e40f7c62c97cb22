/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bench/steady.c - one TCP stream, and the longest time in which nothing of it arrived.
 *
 *   steady send ADDRESS PORT SECONDS
 *   steady receive PORT
 *
 * iperf3 tells such gaps only to a tenth of a second.  The receiver says "ready", takes one
 * connection, and reads until its end.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define BLOCK_BYTES (128 << 10)
#define LIMIT_S 30 /* of one wait, at either end */

static uint8_t block[BLOCK_BYTES];

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int failed(const char *what)
{
	fprintf(stderr, "steady: %s: %s\n", what, strerror(errno));
	return 1;
}

static int limit_waits(int fd)
{
	struct timeval limit = { .tv_sec = LIMIT_S };

	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
			       setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0
		       ? -1
		       : 0;
}

static int send_stream(int fd, const struct sockaddr_in6 *to, uint64_t duration_us)
{
	uint64_t start_us;

	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0)
		return failed("connect");
	start_us = now_us();
	while (now_us() - start_us < duration_us)
		if (send(fd, block, sizeof(block), MSG_NOSIGNAL) < 0)
			return failed("send");
	return 0;
}

static int receive_stream(int listener, const struct sockaddr_in6 *at)
{
	uint64_t bytes = 0, first_us, last_us, longest_us = 0;
	ssize_t n;
	int fd;

	if (bind(listener, (const struct sockaddr *)at, sizeof(*at)) < 0 || listen(listener, 1) < 0)
		return failed("bind");
	puts("ready");
	fflush(stdout);
	fd = accept(listener, NULL, NULL);
	if (fd < 0 || limit_waits(fd) < 0)
		return failed("accept");
	first_us = last_us = now_us();
	while ((n = recv(fd, block, sizeof(block), 0)) > 0) {
		uint64_t then_us = now_us();

		if (then_us - last_us > longest_us)
			longest_us = then_us - last_us;
		last_us = then_us;
		bytes += (uint64_t)n;
	}
	if (n < 0)
		return failed("recv");
	printf("{\"bytes\": %llu, \"seconds\": %.6f, \"longest_gap_ms\": %.3f}\n",
	       (unsigned long long)bytes, (double)(last_us - first_us) / 1e6,
	       (double)longest_us / 1e3);
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || limit_waits(fd) < 0)
		return failed("socket");
	if (argc == 5 && strcmp(argv[1], "send") == 0 &&
	    inet_pton(AF_INET6, argv[2], &address.sin6_addr) == 1) {
		address.sin6_port = htons((uint16_t)atoi(argv[3]));
		return send_stream(fd, &address, (uint64_t)(atof(argv[4]) * 1e6));
	}
	if (argc == 3 && strcmp(argv[1], "receive") == 0) {
		address.sin6_port = htons((uint16_t)atoi(argv[2]));
		return receive_stream(fd, &address);
	}
	fprintf(stderr, "usage: steady send ADDRESS PORT SECONDS | steady receive PORT\n");
	return 2;
}
