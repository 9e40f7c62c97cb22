/* SPDX-License-Identifier: Apache-2.0 */
/* client/proxy_io.c - the talk with a proxy on its socket. */
#include <errno.h>
#include <sys/socket.h>

#include "client/proxy_talk.h"

static bool must_wait(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK;
}

enum proxy_step proxy_talk_step(struct proxy_talk *talk, int fd)
{
	while (!proxy_talk_over(talk)) {
		struct bytes out = proxy_talk_output(talk);
		size_t cap;
		void *room = proxy_talk_room(talk, &cap);
		ssize_t n = out.len > 0 ? send(fd, out.data, out.len, MSG_NOSIGNAL)
					: recv(fd, room, cap, 0);

		if (n > 0 && out.len > 0)
			proxy_talk_sent(talk, (size_t)n);
		else if (n > 0)
			proxy_talk_received(talk, (size_t)n);
		else if (n < 0 && must_wait())
			return out.len > 0 ? PROXY_WANT_WRITE : PROXY_WANT_READ;
		else if (n == 0 || errno != EINTR)
			proxy_talk_lost(talk);
	}
	return PROXY_OVER;
}
