/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bench/frames.c - small UDP datagrams as fast as the machine sends them, and how many come.
 *
 *   frames send ADDRESS PORT SECONDS
 *   frames receive PORT
 *
 * Each datagram over IPv6 is an Ethernet frame of 64 bytes as an interface counts them: 14 + 40 + 8
 * and 2 bytes of its own.  They go out by sendmmsg, one frame each: no UDP segmentation offload.
 * The receiver says "ready", then waits for the first one; half a second of silence ends it.
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

#define PAYLOAD_BYTES 2
#define AT_ONCE 64
#define SILENCE_MS 500
#define FIRST_MS 20000
#define RECEIVE_BYTES (64 << 20) /* the receiver's queue is not what is measured */

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int failed(const char *what)
{
	fprintf(stderr, "frames: %s: %s\n", what, strerror(errno));
	return 1;
}

static struct sockaddr_in6 address_of(const char *text, const char *port)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6,
				   .sin6_port = htons((uint16_t)atoi(port)) };

	if (inet_pton(AF_INET6, text, &to.sin6_addr) != 1) {
		fprintf(stderr, "frames: %s is no IPv6 address\n", text);
		exit(2);
	}
	return to;
}

/* Vectors of AT_ONCE datagrams that share one buffer: what is in them is nobody's concern. */
static void prepare(struct mmsghdr *messages, struct iovec *part, uint8_t *bytes, size_t len)
{
	*part = (struct iovec) { .iov_base = bytes, .iov_len = len };
	for (unsigned i = 0; i < AT_ONCE; i++)
		messages[i] = (struct mmsghdr) { .msg_hdr = { .msg_iov = part, .msg_iovlen = 1 } };
}

static int send_frames(int fd, const struct sockaddr_in6 *to, uint64_t duration_us)
{
	struct mmsghdr messages[AT_ONCE];
	uint8_t bytes[PAYLOAD_BYTES] = { 0 };
	struct iovec part;
	uint64_t sent = 0, refused = 0, start_us = now_us(), taken_us;

	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0)
		return failed("connect");
	prepare(messages, &part, bytes, sizeof(bytes));
	while ((taken_us = now_us() - start_us) < duration_us) {
		int n = sendmmsg(fd, messages, AT_ONCE, 0);
		if (n > 0)
			sent += (uint64_t)n;
		else if (errno == ENOBUFS)
			refused++;
		else
			return failed("sendmmsg");
	}
	printf("{\"frames\": %llu, \"refused\": %llu, \"seconds\": %.6f}\n",
	       (unsigned long long)sent, (unsigned long long)refused, (double)taken_us / 1e6);
	return 0;
}

static int wait_at_most(int fd, unsigned ms)
{
	struct timeval limit = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

static int receive_frames(int fd, const struct sockaddr_in6 *at)
{
	struct mmsghdr messages[AT_ONCE];
	uint8_t bytes[64];
	struct iovec part;
	uint64_t frames = 0, first_us = 0, last_us = 0;
	int queue = RECEIVE_BYTES, n;

	if (bind(fd, (const struct sockaddr *)at, sizeof(*at)) < 0)
		return failed("bind");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue)) < 0 ||
	    wait_at_most(fd, FIRST_MS) < 0)
		return failed("setsockopt");
	puts("ready");
	fflush(stdout);
	prepare(messages, &part, bytes, sizeof(bytes));
	while ((n = recvmmsg(fd, messages, AT_ONCE, MSG_WAITFORONE, NULL)) > 0) {
		last_us = now_us();
		if (frames == 0) {
			first_us = last_us;
			wait_at_most(fd, SILENCE_MS);
		}
		frames += (uint64_t)n;
	}
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		return failed("recvmmsg");
	printf("{\"frames\": %llu, \"seconds\": %.6f}\n", (unsigned long long)frames,
	       (double)(last_us - first_us) / 1e6);
	return 0;
}

int main(int argc, char **argv)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in6 address;

	if (fd < 0)
		return failed("socket");
	if (argc == 5 && strcmp(argv[1], "send") == 0) {
		address = address_of(argv[2], argv[3]);
		return send_frames(fd, &address, (uint64_t)(atof(argv[4]) * 1e6));
	}
	if (argc == 3 && strcmp(argv[1], "receive") == 0) {
		address = address_of("::", argv[2]);
		return receive_frames(fd, &address);
	}
	fprintf(stderr, "usage: frames send ADDRESS PORT SECONDS | frames receive PORT\n");
	return 2;
}
