/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_socket.c - TCP as the client itself would dial, and a GET without TLS. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/bypass.h"
#include "client/doctor_private.h"

#define GET_LIMIT_MS 2000

int doctor_dial(struct doctor *doctor, const struct sockaddr_storage *to)
{
	const struct sockaddr *address = (const struct sockaddr *)to;
	socklen_t len = to->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						  : sizeof(struct sockaddr_in);
	int fd = socket(to->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct err err = { 0 };

	if (fd < 0)
		return -1;
	/* In an office the bridge may be the only way out: see on_prepare of connect.c. */
	if (bypass_tunnel(doctor->link, doctor->host, fd, address, &err) < 0 && !doctor->bridge[0])
		errno = ENETUNREACH;
	else if (connect(fd, address, len) == 0 || errno == EINPROGRESS)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* Until there is something to read, or to write if nothing was written yet. */
static bool wait_for(const struct doctor *doctor, int fd, short events, uint64_t end_ms)
{
	struct pollfd polled = { .fd = fd, .events = events };
	uint64_t now_ms = doctor_now_ms();

	return now_ms < end_ms &&
	       poll(&polled, 1, doctor_wait_ms(doctor, (uint32_t)(end_ms - now_ms))) > 0;
}

void doctor_get(struct doctor *doctor, const struct sockaddr_storage *to, uint16_t port,
		struct http_facts *facts)
{
	struct sockaddr_storage there = *to;
	uint64_t end_ms = doctor_now_ms() + GET_LIMIT_MS;
	char request[512], answer[2048];
	size_t used = 0;
	ssize_t len = 0;

	*facts = (struct http_facts) { 0 };
	if (there.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&there)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)&there)->sin_port = htons(port);
	int fd = doctor_dial(doctor, &there);
	if (fd < 0)
		return;
	int wanted = snprintf(request, sizeof(request),
			      "GET / HTTP/1.0\r\nHost: %s\r\nUser-Agent: lanyard-doctor\r\n\r\n",
			      doctor->profile.server);
	if (wait_for(doctor, fd, POLLOUT, end_ms) &&
	    send(fd, request, (size_t)wanted, MSG_NOSIGNAL) == wanted) {
		while (used < sizeof(answer) && wait_for(doctor, fd, POLLIN, end_ms) &&
		       (len = recv(fd, answer + used, sizeof(answer) - used, 0)) > 0)
			used += (size_t)len;
	}
	close(fd);
	http_read((struct bytes) { (const uint8_t *)answer, used }, doctor->profile.server, facts);
}
