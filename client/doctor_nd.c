/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_nd.c - solicitations by hand; the kernel makes and checks the checksums. */
#include "client/doctor_nd.h"

#include <netinet/icmp6.h> /* after ours: it makes macros of names that base/packet.h has */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOURCE_MAC_OPTION 1 /* RFC 4861 4.6.1 */
#define TARGET_AT 8	    /* RFC 4861 4.4 */

int nd_open(int index, enum icmp6_type type)
{
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	int all = 255, one = 1;
	struct icmp6_filter filter;
	char name[IF_NAMESIZE];

	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(type, &filter);
	if (fd >= 0 && if_indextoname((unsigned)index, name) &&
	    setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name)) == 0 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &all, sizeof(all)) == 0 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof(index)) == 0 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &one, sizeof(one)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* RFC 4291 2.7.1: ff02::1:ff and the last three bytes. */
static struct ip6 solicited_node(const struct ip6 *target)
{
	struct ip6 group = { { 0xff, 2, [11] = 1, [12] = 0xff } };

	memcpy(group.octet + 13, target->octet + 13, 3);
	return group;
}

void nd_solicit(int fd, const struct link_identity *identity, enum icmp6_type type,
		const struct ip6 *target)
{
	struct ip6 group = target ? solicited_node(target) : ip6_all_routers;
	struct sockaddr_in6 to = { .sin6_family = AF_INET6,
				   .sin6_scope_id = (uint32_t)identity->index };
	uint8_t message[32];
	struct writer w = writer_over(message, sizeof(message));

	memcpy(&to.sin6_addr, &group, sizeof(to.sin6_addr));
	writer_u8(&w, (uint8_t)type);
	writer_zero(&w, 7); /* code, checksum, reserved */
	if (target)
		writer_copy(&w, target, sizeof(*target));
	writer_u8(&w, SOURCE_MAC_OPTION);
	writer_u8(&w, 1);
	writer_copy(&w, &identity->mac, sizeof(identity->mac));
	(void)sendto(fd, message, w.len, 0, (struct sockaddr *)&to, sizeof(to));
}

static int hop_limit_of(struct msghdr *message)
{
	int hop_limit = -1;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT)
			memcpy(&hop_limit, CMSG_DATA(c), sizeof(hop_limit));
	return hop_limit;
}

size_t nd_receive(int fd, struct ip6 *from, uint8_t *message, size_t cap)
{
	uint8_t control[CMSG_SPACE(sizeof(int))];
	struct sockaddr_in6 sender = { 0 };
	struct iovec part = { message, cap };
	struct msghdr got = {
		.msg_name = &sender,
		.msg_namelen = sizeof(sender),
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(fd, &got, 0);

	/* RFC 4861 6.1.2, 7.1.2: 255 proves that the sender is on the link */
	if (len <= 0 || got.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || hop_limit_of(&got) != 255)
		return 0;
	memcpy(from, &sender.sin6_addr, sizeof(*from));
	return (size_t)len;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool nd_is_taken(const struct link_identity *identity, const struct ip6 *address, unsigned limit_ms)
{
	int fd = nd_open(identity->index, ND_NA);
	uint64_t end_ms = now_ms() + limit_ms, at_ms;
	bool taken = false;

	if (fd < 0)
		return false;
	nd_solicit(fd, identity, ND_NS, address);
	while (!taken && (at_ms = now_ms()) < end_ms) {
		struct pollfd polled = { .fd = fd, .events = POLLIN };
		uint8_t message[128];
		struct ip6 from;

		if (poll(&polled, 1, (int)(end_ms - at_ms)) <= 0)
			break;
		size_t len = nd_receive(fd, &from, message, sizeof(message));
		taken = len >= TARGET_AT + sizeof(*address) &&
			memcmp(message + TARGET_AT, address, sizeof(*address)) == 0;
	}
	close(fd);
	return taken;
}
