/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/link_watch.c
 *
 * The kernel's notices about interfaces, IPv6 addresses and routes, and about the neighbour
 * discovery options that it leaves to user space.  It tells that something changed; what is
 * true now, link.c asks.
 *
 * rtnetlink(7), linux/rtnetlink.h (struct nduseroptmsg); RFC 8106 (RDNSS, DNSSL).
 */
#include <errno.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "bridge/link.h"

/* Room for a burst: an interface with all its routes comes and goes in some hundred messages. */
#define RECEIVE_BUFFER (1 << 20)

struct link_watch {
	struct nl_sock *sock;
	const struct link_events *events;
	void *owner;
	bool routes; /* there was a route among what is being read */
};

static void on_link(struct link_watch *watch, struct nlmsghdr *header)
{
	const struct ifinfomsg *body = nlmsg_data(header);

	/* A port that leaves its bridge is "deleted" too, in the bridge family: still here. */
	if (header->nlmsg_type == RTM_DELLINK && body->ifi_family == AF_UNSPEC) {
		if (watch->events->gone)
			watch->events->gone(watch->owner, body->ifi_index);
	} else if (watch->events->changed) {
		watch->events->changed(watch->owner, body->ifi_index);
	}
}

static void on_route(struct link_watch *watch, struct nlmsghdr *header)
{
	const struct rtmsg *body = nlmsg_data(header);
	struct nlattr *table = nlmsg_find_attr(header, sizeof(*body), RTA_TABLE);
	struct nlattr *to = nlmsg_find_attr(header, sizeof(*body), RTA_DST);
	struct prefix6 prefix = { .len = body->rtm_dst_len };

	if (body->rtm_family != AF_INET6 || body->rtm_type != RTN_UNICAST ||
	    (table ? nla_get_u32(table) : body->rtm_table) != RT_TABLE_MAIN)
		return;
	watch->routes = true;
	nla_memcpy(&prefix.address, to, sizeof(prefix.address));
	if (watch->events->route_changed)
		watch->events->route_changed(watch->owner, &prefix,
					     body->rtm_protocol == LINK_ROUTE_PROTOCOL);
}

/* net.ipv6.conf.all.forwarding, which alone decides; the kernel tells of each interface's too. */
static void on_netconf(struct link_watch *watch, struct nlmsghdr *header)
{
	const struct netconfmsg *body = nlmsg_data(header);
	int size = sizeof(*body);
	struct nlattr *index = nlmsg_find_attr(header, size, NETCONFA_IFINDEX);

	if (body->ncm_family == AF_INET6 && watch->events->forwarding_changed && index &&
	    (int)nla_get_u32(index) == NETCONFA_IFINDEX_ALL &&
	    nlmsg_find_attr(header, size, NETCONFA_FORWARDING))
		watch->events->forwarding_changed(watch->owner);
}

/* struct nduseroptmsg, opts_len bytes of options, then attributes, each aligned to 4. */
static void on_nd_option(struct link_watch *watch, struct nlmsghdr *header)
{
	const struct nduseroptmsg *body = nlmsg_data(header);
	struct bytes option = { .data = (const uint8_t *)(body + 1),
				.len = body->nduseropt_opts_len };
	struct ip6 from;

	if (!watch->events->nd_option || body->nduseropt_family != AF_INET6 ||
	    option.len > (size_t)nlmsg_datalen(header) - sizeof(*body))
		return;
	struct nlattr *source = nlmsg_find_attr(
		header, (int)(sizeof(*body) + NLMSG_ALIGN(option.len)), NDUSEROPT_SRCADDR);
	if (!source || nla_len(source) != sizeof(from))
		return;
	nla_memcpy(&from, source, sizeof(from));
	watch->events->nd_option(watch->owner, body->nduseropt_ifindex, &from, option);
}

static int on_message(struct nl_msg *message, void *owner)
{
	struct link_watch *watch = owner;
	struct nlmsghdr *header = nlmsg_hdr(message);

	switch (header->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		if (nlmsg_valid_hdr(header, sizeof(struct ifinfomsg)))
			on_link(watch, header);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		if (nlmsg_valid_hdr(header, sizeof(struct ifaddrmsg)) && watch->events->changed) {
			const struct ifaddrmsg *body = nlmsg_data(header);
			watch->events->changed(watch->owner, (int)body->ifa_index);
		}
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		if (nlmsg_valid_hdr(header, sizeof(struct rtmsg)))
			on_route(watch, header);
		break;
	case RTM_NEWNETCONF:
		if (nlmsg_valid_hdr(header, sizeof(struct netconfmsg)))
			on_netconf(watch, header);
		break;
	case RTM_NEWNDUSEROPT:
		if (nlmsg_valid_hdr(header, sizeof(struct nduseroptmsg)))
			on_nd_option(watch, header);
		break;
	}
	return NL_OK;
}

/* Root may have more than net.core.rmem_max; anyone else gets what there is. */
static void widen_buffer(int fd)
{
	int size = RECEIVE_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

struct link_watch *link_watch_open(const struct link_events *events, void *owner, struct err *err)
{
	struct link_watch *watch = calloc(1, sizeof(*watch));
	int failed;

	if (!watch || !(watch->sock = nl_socket_alloc())) {
		err_set(err, "out of memory");
		goto fail;
	}
	watch->events = events;
	watch->owner = owner;
	/* Notices answer no request: they have no sequence. */
	nl_socket_disable_seq_check(watch->sock);
	if ((failed = nl_connect(watch->sock, NETLINK_ROUTE)) < 0 ||
	    (failed = nl_socket_modify_cb(watch->sock, NL_CB_VALID, NL_CB_CUSTOM, on_message,
					  watch)) < 0 ||
	    (failed = nl_socket_add_memberships(watch->sock, RTNLGRP_LINK, RTNLGRP_IPV6_IFADDR,
						RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV6_NETCONF,
						RTNLGRP_ND_USEROPT, 0)) < 0 ||
	    (failed = nl_socket_set_nonblocking(watch->sock)) < 0) {
		err_set(err, "cannot watch the kernel's interfaces (netlink): %s",
			nl_geterror(failed));
		goto fail;
	}
	widen_buffer(nl_socket_get_fd(watch->sock));
	return watch;

fail:
	link_watch_close(watch);
	return NULL;
}

int link_watch_fd(const struct link_watch *watch)
{
	return nl_socket_get_fd(watch->sock);
}

int link_watch_read(struct link_watch *watch, struct err *err)
{
	int failed;

	watch->routes = false;
	do {
		failed = nl_recvmsgs_default(watch->sock);
	} while (failed >= 0);
	if (watch->routes && watch->events->routes_changed)
		watch->events->routes_changed(watch->owner);
	/* libnl says NOMEM for ENOBUFS, and after either of them there are messages missing. */
	if (failed == -NLE_NOMEM) {
		watch->events->lost(watch->owner);
		return 0;
	}
	if (failed != -NLE_AGAIN)
		return err_set(err, "cannot read the kernel's notices (netlink): %s",
			       nl_geterror(failed));
	return 0;
}

void link_watch_close(struct link_watch *watch)
{
	if (!watch)
		return;
	if (watch->sock)
		nl_socket_free(watch->sock);
	free(watch);
}
