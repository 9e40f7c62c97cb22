/* SPDX-License-Identifier: Apache-2.0 */
/* client/delegate_socket.c - the UDP socket of the DHCPv6 client.
 *
 * RFC 9915 7.2 (ports); RFC 3542 6 (where a message was sent to).
 */
#include <netinet/in.h>
#include <unistd.h>

#include "client/delegate_private.h"

/* Bound to the interface: other clients may serve other interfaces of this host. */
static bool prepare(int udp, const char *interface)
{
	const struct sockaddr_in6 own = { .sin6_family = AF_INET6,
					  .sin6_port = htons(DHCP6_CLIENT_PORT) };
	const int on = 1;

	return setsockopt(udp, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == 0 &&
	       setsockopt(udp, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) == 0 &&
	       setsockopt(udp, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	       setsockopt(udp, SOL_SOCKET, SO_BINDTODEVICE, interface,
			  (socklen_t)strlen(interface)) == 0 &&
	       bind(udp, (const struct sockaddr *)&own, sizeof(own)) == 0;
}

int delegate_socket(const char *interface, struct err *err)
{
	int udp = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (udp >= 0 && prepare(udp, interface))
		return udp;
	err_errno(err, "cannot ask for a prefix from UDP port %u of %s", DHCP6_CLIENT_PORT,
		  interface);
	if (udp >= 0)
		close(udp);
	return -1;
}

ssize_t delegate_receive(int udp, void *payload, size_t cap, struct ip6 *to)
{
	union {
		struct cmsghdr align;
		uint8_t space[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	} control;
	struct iovec vector = { payload, cap };
	struct msghdr message = { .msg_iov = &vector,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t len = recvmsg(udp, &message, MSG_TRUNC);

	*to = (struct ip6) { 0 };
	if (len < 0)
		return len;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
			memcpy(to, CMSG_DATA(c) + offsetof(struct in6_pktinfo, ipi6_addr),
			       sizeof(*to));
	return len;
}
