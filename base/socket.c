/* SPDX-License-Identifier: Apache-2.0 */
/* base/socket.c - options, text and a clean end of TCP sockets. */
#include "base/socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#define NOTSENT_LOWAT 131072
#define DRAIN_READS 4

void socket_tune(int fd, unsigned user_timeout_ms)
{
	int one = 1, lowat = NOTSENT_LOWAT;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowat, sizeof(lowat));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms,
			 sizeof(user_timeout_ms));
}

const char *socket_text(const struct sockaddr_storage *address, char text[static SOCKET_TEXT])
{
	char host[NI_MAXHOST] = "?", port[NI_MAXSERV] = "?";

	getnameinfo((const struct sockaddr *)address, sizeof(*address), host, sizeof(host), port,
		    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	const char *shown = strncmp(host, "::ffff:", 7) == 0 ? host + 7 : host;
	snprintf(text, SOCKET_TEXT, strchr(shown, ':') ? "[%.52s]:%.6s" : "%.52s:%.6s", shown,
		 port);
	return text;
}

bool socket_drained(int fd, size_t *bytes)
{
	char unwanted[16384];

	for (unsigned n = 0; n < DRAIN_READS; n++) {
		ssize_t len = recv(fd, unwanted, sizeof(unwanted), 0);
		if (len == 0 ||
		    (len < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
			return true;
		if (len < 0)
			return false;
		if (bytes)
			*bytes += (size_t)len;
	}
	return false;
}
