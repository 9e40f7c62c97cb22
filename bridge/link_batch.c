/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/link_batch.c - many routes in one message.
 *
 * The kernel takes the requests of a message one after the other, and answers each that fails; of the
 * others only the last one asks for an acknowledgement, so when that is there, all answers are
 * (netlink(7); net/netlink/af_netlink.c, netlink_rcv_skb).  A connection of its own: libnl counts
 * answers, and here most requests have none.
 */
#include "bridge/link_batch.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/route/route.h>
#include <stdlib.h>

#include "bridge/link_private.h"

struct link_batch {
	struct link *link;
	uint32_t next_number; /* of a request; answers to those before it are of an earlier batch */
};

/* What is under way. */
struct round {
	const char *name;
	const struct link_order *order;
	unsigned count, built;
	uint32_t first_number;
	struct nl_msg *message[LINK_BATCH_MAX];
	link_order_refused refused;
	void *owner;
	bool over;
};

struct link_batch *link_batch_open(struct err *err)
{
	struct link_batch *batch = calloc(1, sizeof(*batch));

	if (!batch) {
		err_set(err, "out of memory");
		return NULL;
	}
	batch->link = link_open(err);
	if (!batch->link) {
		free(batch);
		return NULL;
	}
	nl_socket_disable_seq_check(batch->link->sock);
	return batch;
}

void link_batch_close(struct link_batch *batch)
{
	if (!batch)
		return;
	link_close(batch->link);
	free(batch);
}

/* ---- requests ---- */

static int build(struct link_batch *batch, struct round *round, int index)
{
	const struct link_order *order = &round->order[round->built];
	struct rtnl_route *route = link_route_object(index, &order->prefix, &order->gateway);
	struct nl_msg *message = NULL;
	int failed = -NLE_NOMEM;

	if (route)
		failed = order->add ? rtnl_route_build_add_request(route, NLM_F_REPLACE, &message)
				    : rtnl_route_build_del_request(route, 0, &message);
	rtnl_route_put(route);
	if (failed < 0)
		return failed;
	struct nlmsghdr *header = nlmsg_hdr(message);
	header->nlmsg_flags |= NLM_F_REQUEST;
	header->nlmsg_seq = batch->next_number++;
	round->message[round->built++] = message;
	return 0;
}

static int send_all(struct link_batch *batch, struct round *round)
{
	struct iovec piece[LINK_BATCH_MAX];

	nlmsg_hdr(round->message[round->built - 1])->nlmsg_flags |= NLM_F_ACK;
	for (unsigned i = 0; i < round->built; i++) {
		struct nlmsghdr *header = nlmsg_hdr(round->message[i]);

		piece[i] = (struct iovec) { header, NLMSG_ALIGN(header->nlmsg_len) };
	}
	return nl_send_iovec(batch->link->sock, round->message[0], piece, round->built);
}

/* ---- answers ---- */

static int on_refused(struct sockaddr_nl *from, struct nlmsgerr *answer, void *owner)
{
	struct round *round = owner;
	uint32_t number = answer->msg.nlmsg_seq - round->first_number;
	char text[PREFIX6_TEXT];
	struct err err = { 0 };

	if (number >= round->count)
		return NL_SKIP;
	round->over |= number == round->count - 1;
	const struct link_order *order = &round->order[number];
	/* to delete one that is not there is fine */
	if (order->add || answer->error != -ESRCH) {
		err_set(&err, "cannot %s the route to %s over '%s': %s",
			order->add ? "add" : "delete", prefix6_text(&order->prefix, text),
			round->name, nl_geterror(nl_syserr2nlerr(answer->error)));
		round->refused(round->owner, number, &err);
	}
	return NL_SKIP;
}

static int on_done(struct nl_msg *message, void *owner)
{
	struct round *round = owner;

	round->over |= nlmsg_hdr(message)->nlmsg_seq - round->first_number == round->count - 1;
	return NL_OK;
}

static int receive_all(struct link_batch *batch, struct round *round)
{
	struct nl_cb *usual = nl_socket_get_cb(batch->link->sock);
	struct nl_cb *callbacks = nl_cb_clone(usual);
	int failed = callbacks ? 0 : -NLE_NOMEM;

	nl_cb_put(usual);
	if (callbacks) {
		nl_cb_err(callbacks, NL_CB_CUSTOM, on_refused, round);
		nl_cb_set(callbacks, NL_CB_ACK, NL_CB_CUSTOM, on_done, round);
	}
	while (!round->over && failed >= 0)
		failed = nl_recvmsgs(batch->link->sock, callbacks);
	nl_cb_put(callbacks);
	return failed;
}

int link_batch_routes(struct link_batch *batch, const char *name, const struct link_order *order,
		      unsigned count, link_order_refused refused, void *owner, struct err *err)
{
	struct round round = {
		.name = name,
		.order = order,
		.count = count,
		.first_number = batch->next_number,
		.refused = refused,
		.owner = owner,
	};
	int index = link_index_of(name, err), failed = 0;

	if (index < 0)
		return -1;
	while (round.built < count && failed >= 0)
		failed = build(batch, &round, index);
	if (failed >= 0 && count > 0)
		failed = send_all(batch, &round);
	if (failed >= 0 && count > 0)
		failed = receive_all(batch, &round);
	for (unsigned i = 0; i < round.built; i++)
		nlmsg_free(round.message[i]);
	if (failed < 0)
		return err_set(err, "cannot change routes over '%s': %s", name,
			       nl_geterror(failed));
	return 0;
}
