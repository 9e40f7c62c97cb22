/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_echo.c - pings (RFC 4443 4.1, 4.2), bound to an interface and never fragmented. */
#include "client/doctor_echo.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define REPLIES_MAX 256 /* that are looked at after one wait */

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int open_socket(const char *interface, struct err *err)
{
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	int probe = IPV6_PMTUDISC_PROBE, one = 1;
	struct icmp6_filter filter;

	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
	/* PROBE: the interface's MTU counts, and not what the kernel once learnt of the path */
	if (fd < 0 || setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface)) <
		    0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &probe, sizeof(probe)) < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_DONTFRAG, &one, sizeof(one)) < 0) {
		err_errno(err, "cannot ping through %s", interface);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static void send_one(int fd, unsigned scope, const struct echo *echo, uint16_t id, uint16_t number)
{
	uint8_t bytes[ECHO_SIZE_MAX];
	struct writer w = writer_over(bytes, sizeof(bytes));
	struct sockaddr_in6 to = { .sin6_family = AF_INET6 };

	if (ip6_is_link_local(&echo->to))
		to.sin6_scope_id = scope;
	memcpy(&to.sin6_addr, &echo->to, sizeof(to.sin6_addr));
	writer_u8(&w, ICMP6_ECHO_REQUEST);
	writer_zero(&w, 3); /* code, and the checksum, which is the kernel's */
	writer_u16(&w, id);
	writer_u16(&w, number);
	writer_zero(&w, echo->size > ECHO_LEAST ? echo->size - ECHO_LEAST : 0);
	/* no route, no neighbour, too long: no answer comes, and that is what is said */
	(void)sendto(fd, bytes, w.len, 0, (struct sockaddr *)&to, sizeof(to));
}

/* Who answers may be another address than was asked: an anycast one has no sender of its own. */
static unsigned take_replies(int fd, struct echo *echo, unsigned count, uint16_t id,
			     uint64_t sent_ms)
{
	unsigned answered = 0;

	for (unsigned n = 0; n < REPLIES_MAX; n++) {
		uint8_t head[8];
		ssize_t len = recv(fd, head, sizeof(head), 0);
		if (len < (ssize_t)sizeof(head))
			return answered;
		struct reader r = reader_over((struct bytes) { head, sizeof(head) });
		reader_take(&r, 4);
		uint16_t got_id = reader_u16(&r);
		uint16_t number = reader_u16(&r);
		if (got_id != id || number >= count || echo[number].answered)
			continue;
		echo[number].answered = true;
		echo[number].ms = (uint32_t)(now_ms() - sent_ms);
		answered++;
	}
	return answered;
}

int echo_all(const char *interface, struct echo *echo, unsigned count, uint32_t limit_ms,
	     struct err *err)
{
	int fd = open_socket(interface, err);
	unsigned scope = if_nametoindex(interface), answered = 0;
	uint16_t id = 0;

	if (fd < 0)
		return -1;
	(void)!getrandom(&id, sizeof(id), 0); /* another program's pings have another one, mostly */
	for (unsigned turn = 0; turn < 2 && answered < count; turn++) {
		uint64_t sent_ms = now_ms(), end_ms = sent_ms + limit_ms / 2, at_ms = sent_ms;

		for (unsigned i = 0; i < count; i++)
			if (!echo[i].answered)
				send_one(fd, scope, &echo[i], id, (uint16_t)i);
		while (answered < count && at_ms < end_ms) {
			struct pollfd polled = { .fd = fd, .events = POLLIN };
			if (poll(&polled, 1, (int)(end_ms - at_ms)) > 0)
				answered += take_replies(fd, echo, count, id, sent_ms);
			at_ms = now_ms();
		}
	}
	close(fd);
	return 0;
}
