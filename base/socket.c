/* SPDX-License-Identifier: Apache-2.0 */
/* base/socket.c - options, text and a clean end of TCP sockets. */
#include "base/socket.h"

#include <errno.h>
#include <limits.h>
#include <linux/inet_diag.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#define DRAIN_READS 4

void socket_tune(int fd, unsigned user_timeout_ms)
{
	int one = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	socket_limit_unsent(fd, SOCKET_UNSENT_START);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms,
			 sizeof(user_timeout_ms));
}

bool socket_set_congestion(int fd, const char *name)
{
	/* the kernel loads the module if it has one and we may (CAP_NET_ADMIN) */
	return strcmp(name, SOCKET_CONGESTION_SYSTEM) == 0 ||
	       setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, (socklen_t)strlen(name)) == 0;
}

void socket_limit_unsent(int fd, size_t bytes)
{
	unsigned limit = bytes < UINT_MAX ? (unsigned)bytes : UINT_MAX;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &limit, sizeof(limit));
}

size_t socket_unsent(int fd)
{
	int bytes = 0;

	return ioctl(fd, SIOCOUTQNSD, &bytes) == 0 && bytes > 0 ? (size_t)bytes : 0;
}

uint64_t socket_bbr_pacing(int fd)
{
	union tcp_cc_info info = { 0 };
	socklen_t len = sizeof(info);

	/* other algorithms say less, or nothing */
	if (getsockopt(fd, IPPROTO_TCP, TCP_CC_INFO, &info, &len) < 0 || len < sizeof(info.bbr))
		return 0;

	uint64_t bytes_per_s = (uint64_t)info.bbr.bbr_bw_hi << 32 | info.bbr.bbr_bw_lo;

	/* the gain is in 1/256: BBR_UNIT of the kernel's tcp_bbr.c */
	return (bytes_per_s >> 8) * info.bbr.bbr_pacing_gain;
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
