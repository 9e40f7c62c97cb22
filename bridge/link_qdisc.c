/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/link_qdisc.c - an interface's queue discipline, set by netlink.
 *
 * rtnetlink(7) RTM_NEWQDISC, tc(8).  The message names the kind and nothing else, so that its
 * parameters are the kernel's: libnl-route's own objects insist on some for some kinds.
 */
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "bridge/link_private.h"

static struct nl_msg *request(int index, const char *kind)
{
	struct tcmsg body = { .tcm_ifindex = index, .tcm_parent = TC_H_ROOT };
	struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);

	if (message && (nlmsg_append(message, &body, sizeof(body), NLMSG_ALIGNTO) < 0 ||
			nla_put_string(message, TCA_KIND, kind) < 0)) {
		nlmsg_free(message);
		return NULL;
	}
	return message;
}

/* 1: it is set; 0: the kernel has none of this kind, and no module to load; -1. */
static int try_kind(struct link *link, int index, const char *name, const char *kind,
		    struct err *err)
{
	struct nl_msg *message = request(index, kind);

	if (!message)
		return err_set(err, "out of memory");
	int failed = nl_send_sync(link->sock, message); /* frees it */
	if (failed == -NLE_OBJ_NOTFOUND)		/* ENOENT */
		return 0;
	if (failed < 0)
		return err_set(err, "cannot give interface '%s' the queue discipline %s: %s", name,
			       kind, nl_geterror(failed));
	return 1;
}

int link_set_qdisc(struct link *link, const char *name, const char *const *kinds,
		   const char **chosen, struct err *err)
{
	int index = link_index_of(name, err);

	*chosen = NULL;
	if (index < 0)
		return -1;
	for (; *kinds; kinds++) {
		int result = try_kind(link, index, name, *kinds, err);

		if (result < 0)
			return -1;
		if (result > 0) {
			*chosen = *kinds;
			return 0;
		}
	}
	return 0;
}
