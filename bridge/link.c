/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/link.c
 *
 * Interfaces, addresses and routes, asked and changed by netlink.  One request at a time and
 * no caches: a table is dumped when it is asked for.  Routes:
 * link_routes.c; changes as they happen: link_watch.c.
 *
 * rtnetlink(7), linux/rtnetlink.h; RFC 4429 (optimistic addresses).
 */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "bridge/link_private.h"

#define ANSWER_LIMIT_S 5 /* the kernel answers at once or not at all */
#define DUMP_TRIES 8	 /* a dump during which the table changed is asked for again */

struct link *link_open(struct err *err)
{
	struct timeval limit = { .tv_sec = ANSWER_LIMIT_S };
	struct link *link = calloc(1, sizeof(*link));

	if (!link || !(link->sock = nl_socket_alloc())) {
		err_set(err, "out of memory");
		goto fail;
	}
	int failed = nl_connect(link->sock, NETLINK_ROUTE);
	if (failed < 0) {
		err_set(err, "cannot ask the kernel about interfaces (netlink): %s",
			nl_geterror(failed));
		goto fail;
	}
	if (setsockopt(nl_socket_get_fd(link->sock), SOL_SOCKET, SO_RCVTIMEO, &limit,
		       sizeof(limit)) < 0) {
		err_errno(err, "cannot limit the wait for the kernel's answers");
		goto fail;
	}
	return link;

fail:
	link_close(link);
	return NULL;
}

void link_close(struct link *link)
{
	if (!link)
		return;
	if (link->sock)
		nl_socket_free(link->sock);
	free(link);
}

int link_index_of(const char *name, struct err *err)
{
	unsigned index = if_nametoindex(name);

	if (index == 0 && errno != ENODEV)
		return err_errno(err, "cannot look up interface '%s'", name);
	if (index == 0)
		return err_kind(err, ERR_NO_OBJECT, "there is no interface '%s'", name);
	return (int)index;
}

/* Applies what `change` has set, and nothing else, to the interface. */
static int change_link(struct link *link, const char *name, struct rtnl_link *change,
		       const char *what, struct err *err)
{
	int index = link_index_of(name, err);

	if (index < 0)
		return -1;

	struct rtnl_link *which = rtnl_link_alloc();
	if (!which)
		return err_set(err, "out of memory");
	rtnl_link_set_ifindex(which, index);
	int failed = rtnl_link_change(link->sock, which, change, 0);
	rtnl_link_put(which);
	if (failed < 0)
		return err_set(err, "cannot %s interface '%s': %s", what, name,
			       nl_geterror(failed));
	return 0;
}

int link_set_up(struct link *link, const char *name, bool up, struct err *err)
{
	struct rtnl_link *change = rtnl_link_alloc();

	if (!change)
		return err_set(err, "out of memory");
	if (up)
		rtnl_link_set_flags(change, IFF_UP);
	else
		rtnl_link_unset_flags(change, IFF_UP);
	int result = change_link(link, name, change, up ? "bring up" : "bring down", err);
	rtnl_link_put(change);
	return result;
}

int link_set_mtu(struct link *link, const char *name, unsigned mtu, struct err *err)
{
	struct rtnl_link *change = rtnl_link_alloc();

	if (!change)
		return err_set(err, "out of memory");
	rtnl_link_set_mtu(change, mtu);
	int result = change_link(link, name, change, "set the MTU of", err);
	rtnl_link_put(change);
	return result;
}

int link_set_mac(struct link *link, const char *name, const struct mac *mac, struct err *err)
{
	struct rtnl_link *change = rtnl_link_alloc();
	struct nl_addr *address = nl_addr_build(AF_LLC, mac, sizeof(*mac));
	int result = -1;

	if (change && address) {
		rtnl_link_set_addr(change, address);
		result = change_link(link, name, change, "set the MAC of", err);
	} else {
		err_set(err, "out of memory");
	}
	nl_addr_put(address);
	rtnl_link_put(change);
	return result;
}

int link_join_bridge(struct link *link, const char *name, const char *bridge, struct err *err)
{
	int index = link_index_of(name, err);

	if (index < 0)
		return -1;
	if (!bridge) {
		int failed = rtnl_link_release_ifindex(link->sock, index);
		if (failed < 0)
			return err_set(err, "cannot take interface '%s' out of its bridge: %s",
				       name, nl_geterror(failed));
		return 0;
	}

	int bridge_index = link_index_of(bridge, err);
	if (bridge_index < 0)
		return -1;
	int failed = rtnl_link_enslave_ifindex(link->sock, bridge_index, index);
	if (failed < 0)
		return err_set(err, "interface '%s' cannot join '%s': %s", name, bridge,
			       nl_geterror(failed));
	return 0;
}

static struct rtnl_addr *address_object(int index, const struct prefix6 *address, unsigned flags)
{
	struct rtnl_addr *object = rtnl_addr_alloc();
	struct nl_addr *local =
		nl_addr_build(AF_INET6, &address->address, sizeof(address->address));

	if (!object || !local) {
		rtnl_addr_put(object);
		object = NULL;
	} else {
		nl_addr_set_prefixlen(local, address->len);
		rtnl_addr_set_ifindex(object, index);
		rtnl_addr_set_local(object, local);
		rtnl_addr_set_flags(object, flags);
	}
	nl_addr_put(local);
	return object;
}

/* libnl 3.7 knows no metric of addresses: the attribute goes behind what it builds. */
static int add_address(struct link *link, struct rtnl_addr *object, uint32_t metric)
{
	struct nl_msg *message = NULL;
	int failed = rtnl_addr_build_add_request(object, NLM_F_CREATE | NLM_F_REPLACE, &message);

	if (failed < 0)
		return failed;
	if (metric > 0 && (failed = nla_put_u32(message, IFA_RT_PRIORITY, metric)) < 0) {
		nlmsg_free(message);
		return failed;
	}
	return nl_send_sync(link->sock, message); /* frees it */
}

/* Adds an address, or deletes one; that the work is done already is no failure. */
static int change_address(struct link *link, const char *name, const struct prefix6 *address,
			  bool add, uint32_t metric, struct err *err)
{
	char text[PREFIX6_TEXT];
	int index = link_index_of(name, err);

	if (index < 0)
		return -1;

	struct rtnl_addr *object = address_object(index, address, IFA_F_NODAD);
	if (!object)
		return err_set(err, "out of memory");
	int failed =
		add ? add_address(link, object, metric) : rtnl_addr_delete(link->sock, object, 0);
	rtnl_addr_put(object);
	if (failed == 0 || failed == (add ? -NLE_EXIST : -NLE_NOADDR))
		return 0;
	return err_set(err, "cannot %s address %s %s interface '%s': %s", add ? "add" : "delete",
		       prefix6_text(address, text), add ? "to" : "from", name, nl_geterror(failed));
}

int link_add_address(struct link *link, const char *name, const struct prefix6 *address,
		     uint32_t metric, struct err *err)
{
	return change_address(link, name, address, true, metric, err);
}

int link_delete_address(struct link *link, const char *name, const struct prefix6 *address,
			struct err *err)
{
	return change_address(link, name, address, false, 0, err);
}

/* Nor does it know of protocols. */
static int lease_address(struct link *link, struct rtnl_addr *object,
			 const struct link_lifetimes *lifetimes)
{
	struct nl_msg *message = NULL;

	rtnl_addr_set_preferred_lifetime(object, lifetimes->preferred_s);
	rtnl_addr_set_valid_lifetime(object, lifetimes->valid_s);
	int failed = rtnl_addr_build_add_request(object, NLM_F_CREATE | NLM_F_REPLACE, &message);
	if (failed < 0)
		return failed;
	if ((failed = nla_put_u8(message, IFA_PROTO, LINK_ROUTE_PROTOCOL)) < 0) {
		nlmsg_free(message);
		return failed;
	}
	return nl_send_sync(link->sock, message); /* frees it */
}

int link_lease_address(struct link *link, const char *name, const struct prefix6 *address,
		       const struct link_lifetimes *lifetimes, struct err *err)
{
	char text[PREFIX6_TEXT];
	int index = link_index_of(name, err);

	if (index < 0)
		return -1;

	struct rtnl_addr *object = address_object(index, address, 0);
	if (!object)
		return err_set(err, "out of memory");
	int failed = lease_address(link, object, lifetimes);
	rtnl_addr_put(object);
	if (failed == 0)
		return 0;
	return err_set(err, "cannot give address %s to interface '%s': %s",
		       prefix6_text(address, text), name, nl_geterror(failed));
}

int link_dump(struct link *link, int type, int family, nl_recvmsg_msg_cb_t row, void *owner,
	      unsigned *count, struct err *err)
{
	struct rtgenmsg request = { .rtgen_family = (unsigned char)family };
	struct nl_cb *callbacks = nl_cb_alloc(NL_CB_DEFAULT);
	int failed = -NLE_NOMEM;

	if (!callbacks)
		return err_set(err, "out of memory");
	nl_cb_set(callbacks, NL_CB_VALID, NL_CB_CUSTOM, row, owner);
	for (unsigned tries = 0; tries < DUMP_TRIES; tries++) {
		*count = 0;
		failed = nl_send_simple(link->sock, type, NLM_F_DUMP, &request, sizeof(request));
		if (failed >= 0)
			failed = nl_recvmsgs(link->sock, callbacks);
		if (failed != -NLE_DUMP_INTR)
			break;
	}
	nl_cb_put(callbacks);
	if (failed < 0)
		return err_set(err, "the kernel gives no list of %s: %s",
			       type == RTM_GETADDR   ? "addresses"
			       : type == RTM_GETRULE ? "rules"
						     : "routes",
			       nl_geterror(failed));
	return 0;
}

struct address_list {
	struct link_address *row;
	unsigned max, count;
	int index;
	bool link_local_only;
};

static int address_row(struct nl_msg *message, void *owner)
{
	struct address_list *list = owner;
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct nlattr *attribute[IFA_MAX + 1];

	if (header->nlmsg_type != RTM_NEWADDR || list->count == list->max ||
	    nlmsg_parse(header, sizeof(struct ifaddrmsg), attribute, IFA_MAX, NULL) < 0)
		return NL_OK;

	const struct ifaddrmsg *body = nlmsg_data(header);
	/* IFA_ADDRESS is the other end where there is one (point to point). */
	struct nlattr *address =
		attribute[IFA_LOCAL] ? attribute[IFA_LOCAL] : attribute[IFA_ADDRESS];
	if (body->ifa_family != AF_INET6 || (int)body->ifa_index != list->index || !address ||
	    nla_len(address) != sizeof(struct ip6))
		return NL_OK;

	struct ip6 value;
	nla_memcpy(&value, address, sizeof(value));
	if (list->link_local_only && !ip6_is_link_local(&value))
		return NL_OK;

	uint32_t flags = attribute[IFA_FLAGS] ? nla_get_u32(attribute[IFA_FLAGS]) : body->ifa_flags;
	struct ifa_cacheinfo times = { .ifa_prefered = UINT32_MAX, .ifa_valid = UINT32_MAX };
	nla_memcpy(&times, attribute[IFA_CACHEINFO], sizeof(times));

	list->row[list->count++] = (struct link_address) {
		.address = value,
		.prefix_len = body->ifa_prefixlen,
		.tentative = flags & IFA_F_TENTATIVE,
		.optimistic = flags & IFA_F_OPTIMISTIC,
		.failed = flags & IFA_F_DADFAILED,
		.deprecated = flags & IFA_F_DEPRECATED,
		.temporary = flags & IFA_F_TEMPORARY,
		.permanent = flags & IFA_F_PERMANENT,
		.ours = attribute[IFA_PROTO] &&
			nla_get_u8(attribute[IFA_PROTO]) == LINK_ROUTE_PROTOCOL,
		.preferred_s = times.ifa_prefered,
		.valid_s = times.ifa_valid,
	};
	return NL_OK;
}

int link_addresses(struct link *link, const char *name, struct link_address *address, unsigned max,
		   struct err *err)
{
	struct address_list list = { .row = address, .max = max };

	list.index = link_index_of(name, err);
	if (list.index < 0 ||
	    link_dump(link, RTM_GETADDR, AF_INET6, address_row, &list, &list.count, err) < 0)
		return -1;
	return (int)list.count;
}

/* Of several usable link-local addresses the lowest, so that the choice stays the same. */
static int find_link_local(struct link *link, struct link_identity *identity, struct err *err)
{
	struct link_address address[LINK_MAX_ADDRESSES];
	struct address_list list = {
		.row = address,
		.max = ARRAY_LEN(address),
		.index = identity->index,
		.link_local_only = true,
	};

	if (link_dump(link, RTM_GETADDR, AF_INET6, address_row, &list, &list.count, err) < 0)
		return -1;
	for (unsigned i = 0; i < list.count; i++) {
		const struct link_address *a = &address[i];

		if (a->failed || (a->tentative && !a->optimistic))
			continue;
		if (identity->has_link_local &&
		    memcmp(&a->address, &identity->link_local, sizeof(a->address)) >= 0)
			continue;
		identity->link_local = a->address;
		identity->has_link_local = true;
	}
	return 0;
}

int link_identity(struct link *link, const char *name, struct link_identity *identity,
		  struct err *err)
{
	struct rtnl_link *object = NULL;

	*identity = (struct link_identity) { 0 };
	int failed = rtnl_link_get_kernel(link->sock, 0, name, &object);
	if (failed == -NLE_NODEV || failed == -NLE_OBJ_NOTFOUND)
		return err_kind(err, ERR_NO_OBJECT, "there is no interface '%s'", name);
	if (failed < 0)
		return err_set(err, "the kernel does not describe interface '%s': %s", name,
			       nl_geterror(failed));

	const char *type = rtnl_link_get_type(object);
	struct nl_addr *mac = rtnl_link_get_addr(object);
	*identity = (struct link_identity) {
		.index = rtnl_link_get_ifindex(object),
		.up = rtnl_link_get_flags(object) & IFF_UP,
		.carrier = rtnl_link_get_carrier(object),
		.is_bridge = type && strcmp(type, "bridge") == 0,
		.mtu = rtnl_link_get_mtu(object),
		.master = rtnl_link_get_master(object),
	};
	if (mac && nl_addr_get_len(mac) == sizeof(identity->mac))
		memcpy(&identity->mac, nl_addr_get_binary_addr(mac), sizeof(identity->mac));
	rtnl_link_put(object);
	return find_link_local(link, identity, err);
}
