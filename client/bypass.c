/* SPDX-License-Identifier: Apache-2.0 */
/* client/bypass.c - keeps the tunnel's own connection out of the tunnel. */
#include "client/bypass.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <unistd.h>

/* The bytes of an address: 16 of IPv6, 4 of IPv4. */
static struct bytes address_of(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET6)
		return (struct bytes) { ((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr,
					16 };
	return (struct bytes) { (const uint8_t *)&((const struct sockaddr_in *)address)->sin_addr,
				4 };
}

static bool is_address_of(const struct sockaddr *address, const char *interface)
{
	struct bytes wanted = address_of(address);
	struct ifaddrs *all = NULL;
	bool found = false;

	if (getifaddrs(&all) < 0)
		return false;
	for (const struct ifaddrs *at = all; at && !found; at = at->ifa_next)
		found = at->ifa_addr && at->ifa_addr->sa_family == address->sa_family &&
			strcmp(at->ifa_name, interface) == 0 &&
			memcmp(address_of(at->ifa_addr).data, wanted.data, wanted.len) == 0;
	freeifaddrs(all);
	return found;
}

/* The kernel says which source address it would take to get there; nothing is sent. */
static bool leaves_by(const struct sockaddr *to, const char *interface)
{
	socklen_t to_len = to->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						     : sizeof(struct sockaddr_in);
	int fd = socket(to->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_storage source;
	socklen_t len = sizeof(source);

	if (fd < 0)
		return false;
	bool leaves = connect(fd, to, to_len) == 0 &&
		      getsockname(fd, (struct sockaddr *)&source, &len) == 0 &&
		      is_address_of((struct sockaddr *)&source, interface);
	close(fd);
	return leaves;
}

/* Always, not only when the way leads into the tunnel now: the tunnel's routes come after the
 * connection, and the kernel looks up an open connection's way anew whenever routes change. */
int bypass_tunnel(struct link *link, const char *tunnel, int fd, const struct sockaddr *to,
		  struct err *err)
{
	struct bytes address = address_of(to);
	bool trapped = leaves_by(to, tunnel);
	struct err why = { 0 };
	char name[IF_NAMESIZE];

	if (link_route_without(link, address.data, (unsigned)address.len, tunnel, name, &why) < 0)
		return trapped ? err_set(err, "%s", why.text) : 0;
	/* The host's own rules (ip-rule(8)) may choose another way: that is theirs. */
	if (!trapped && !leaves_by(to, name))
		return 0;
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name)) < 0)
		return err_errno(err, "cannot bind the connection to %s", name);
	return 0;
}
