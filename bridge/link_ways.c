/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/link_ways.c
 *
 * RTM_GETROUTE for one destination is answered by the kernel's own look-up, rules included; a
 * dump of the tables only tells what else could be asked.
 *
 * rtnetlink(7), linux/rtnetlink.h, linux/fib_rules.h.
 */
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sys/socket.h>

#include "bridge/link_private.h"
#include "bridge/link_ways.h"

/* ---- one question ---- */

struct answer {
	struct link_way *way;
	int index, error; /* error: the kernel's, negative */
	bool any;
};

static int answer_row(struct nl_msg *message, void *owner)
{
	struct answer *answer = owner;
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct nlattr *attribute[RTA_MAX + 1];

	if (header->nlmsg_type != RTM_NEWROUTE ||
	    nlmsg_parse(header, sizeof(struct rtmsg), attribute, RTA_MAX, NULL) < 0)
		return NL_OK;

	const struct rtmsg *body = nlmsg_data(header);
	struct link_way *way = answer->way;
	answer->any = true;
	answer->index = attribute[RTA_OIF] ? (int)nla_get_u32(attribute[RTA_OIF]) : 0;
	way->route.len = body->rtm_dst_len;
	nla_memcpy(&way->route.address, attribute[RTA_DST], sizeof(way->route.address));
	switch (body->rtm_type) {
	case RTN_LOCAL:
	case RTN_ANYCAST: way->kind = LINK_WAY_HERE; break;
	case RTN_UNICAST: way->kind = LINK_WAY_OUT; break;
	default: way->kind = LINK_WAY_REFUSED; break; /* the kernel's numbers, not our enum */
	}
	return NL_OK;
}

static int answer_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *owner)
{
	((struct answer *)owner)->error = error->error;
	return NL_STOP;
}

/* False without memory. */
static bool put_question(struct nl_msg *message, const struct link_question *question,
			 unsigned flags)
{
	const struct link_rule *as = &question->as;
	struct rtmsg body = {
		.rtm_family = AF_INET6,
		.rtm_dst_len = 128,
		.rtm_src_len = question->has_from ? 128 : 0,
		.rtm_flags = flags,
	};
	uint16_t source_port = htons(as->source_port), to_port = htons(as->destination_port);

	return nlmsg_append(message, &body, sizeof(body), NLMSG_ALIGNTO) == 0 &&
	       nla_put(message, RTA_DST, sizeof(question->to), &question->to) == 0 &&
	       (!question->has_from ||
		nla_put(message, RTA_SRC, sizeof(question->from), &question->from) == 0) &&
	       (!as->has_mark || nla_put_u32(message, RTA_MARK, as->mark) == 0) &&
	       (!as->has_uid || nla_put_u32(message, RTA_UID, as->uid) == 0) &&
	       (!as->protocol || nla_put_u8(message, RTA_IP_PROTO, as->protocol) == 0) &&
	       (!as->source_port || nla_put_u16(message, RTA_SPORT, source_port) == 0) &&
	       (!as->destination_port || nla_put_u16(message, RTA_DPORT, to_port) == 0);
}

/* An answer is followed by an acknowledgement, an error is one itself. */
static int ask(struct link *link, const struct link_question *question, unsigned flags,
	       struct answer *answer)
{
	struct nl_msg *message = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST);
	struct nl_cb *callbacks = nl_cb_alloc(NL_CB_DEFAULT);
	int failed = -NLE_NOMEM;

	if (message && callbacks && put_question(message, question, flags)) {
		nl_cb_set(callbacks, NL_CB_VALID, NL_CB_CUSTOM, answer_row, answer);
		nl_cb_err(callbacks, NL_CB_CUSTOM, answer_error, answer);
		failed = nl_send_auto(link->sock, message);
		if (failed >= 0)
			failed = nl_recvmsgs(link->sock, callbacks);
		if (failed >= 0 && !answer->error)
			failed = nl_wait_for_ack(link->sock);
	}
	nl_cb_put(callbacks);
	nlmsg_free(message);
	return answer->error ? 0 : failed;
}

int link_ask_way(struct link *link, const struct link_question *question, struct link_way *way,
		 struct err *err)
{
	struct link_way matched = { .kind = LINK_WAY_REFUSED };
	struct answer answer = { .way = way }, again = { .way = &matched };
	char text[IP6_TEXT];

	*way = (struct link_way) { .kind = LINK_WAY_REFUSED };
	int failed = ask(link, question, 0, &answer);
	if (failed < 0 || (!answer.any && !answer.error))
		return err_set(err, "the kernel does not tell the way to %s: %s",
			       ip6_text(&question->to, text), nl_geterror(failed));
	/* ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL: each is the route's way to say no */
	if (answer.error || way->kind != LINK_WAY_OUT)
		return 0;
	if (!if_indextoname((unsigned)answer.index, way->name))
		return err_errno(err, "the route's interface %d has gone", answer.index);
	/* the answer names the destination; the route that matched is another question */
	if (ask(link, question, RTM_F_FIB_MATCH, &again) >= 0 && again.any)
		way->route = matched.route;
	return 0;
}

/* ---- what else could be asked ---- */

struct inner_list {
	const struct prefix6 *within;
	struct link_inner *inner;
	unsigned max, count;
	int but;
};

static int route_index(struct nlattr *const *attribute)
{
	if (attribute[RTA_OIF])
		return (int)nla_get_u32(attribute[RTA_OIF]);
	/* of several next hops the first one serves to name the route */
	if (attribute[RTA_MULTIPATH] &&
	    nla_len(attribute[RTA_MULTIPATH]) >= (int)sizeof(struct rtnexthop))
		return ((struct rtnexthop *)nla_data(attribute[RTA_MULTIPATH]))->rtnh_ifindex;
	return 0;
}

static int inner_row(struct nl_msg *message, void *owner)
{
	struct inner_list *list = owner;
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct nlattr *attribute[RTA_MAX + 1];
	struct prefix6 prefix = { .len = 0 };

	if (header->nlmsg_type != RTM_NEWROUTE || list->count == list->max ||
	    nlmsg_parse(header, sizeof(struct rtmsg), attribute, RTA_MAX, NULL) < 0)
		return NL_OK;

	const struct rtmsg *body = nlmsg_data(header);
	uint32_t table = attribute[RTA_TABLE] ? nla_get_u32(attribute[RTA_TABLE]) : body->rtm_table;
	prefix.len = body->rtm_dst_len;
	nla_memcpy(&prefix.address, attribute[RTA_DST], sizeof(prefix.address));
	if (table == RT_TABLE_LOCAL || body->rtm_flags & RTM_F_CLONED ||
	    prefix.len <= list->within->len || ip6_is_multicast(&prefix.address) ||
	    !prefix6_contains(list->within, &prefix.address))
		return NL_OK;

	int index = route_index(attribute);
	if (body->rtm_type == RTN_UNICAST && index == list->but)
		return NL_OK;
	struct link_inner *inner = &list->inner[list->count];
	*inner = (struct link_inner) { .prefix = prefix,
				       .has_gateway = attribute[RTA_GATEWAY] != NULL ||
						      attribute[RTA_MULTIPATH] != NULL };
	if (body->rtm_type == RTN_UNICAST && !if_indextoname((unsigned)index, inner->name))
		return NL_OK; /* it went meanwhile */
	list->count++;
	return NL_OK;
}

int link_inner_routes(struct link *link, const struct prefix6 *prefix, const char *but,
		      struct link_inner *inner, unsigned max, struct err *err)
{
	struct inner_list list = { .within = prefix, .inner = inner, .max = max };

	list.but = (int)if_nametoindex(but);
	if (link_dump(link, RTM_GETROUTE, AF_INET6, inner_row, &list, &list.count, err) < 0)
		return -1;
	return (int)list.count;
}

struct rule_list {
	struct link_rule *rule;
	unsigned max, count;
};

static uint16_t first_port(struct nlattr *attribute)
{
	struct fib_rule_port_range range = { 0 };

	nla_memcpy(&range, attribute, sizeof(range));
	return range.start;
}

static int rule_row(struct nl_msg *message, void *owner)
{
	struct rule_list *list = owner;
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct nlattr *attribute[FRA_MAX + 1];
	struct fib_rule_uid_range uids = { 0 };

	if (header->nlmsg_type != RTM_NEWRULE || list->count == list->max ||
	    nlmsg_parse(header, sizeof(struct fib_rule_hdr), attribute, FRA_MAX, NULL) < 0)
		return NL_OK;
	nla_memcpy(&uids, attribute[FRA_UID_RANGE], sizeof(uids));
	struct link_rule rule = {
		.priority = attribute[FRA_PRIORITY] ? nla_get_u32(attribute[FRA_PRIORITY]) : 0,
		.has_mark = attribute[FRA_FWMARK] != NULL,
		.mark = attribute[FRA_FWMARK] ? nla_get_u32(attribute[FRA_FWMARK]) : 0,
		.has_uid = attribute[FRA_UID_RANGE] != NULL,
		.uid = uids.start,
		.protocol = attribute[FRA_IP_PROTO] ? nla_get_u8(attribute[FRA_IP_PROTO]) : 0,
		.source_port = first_port(attribute[FRA_SPORT_RANGE]),
		.destination_port = first_port(attribute[FRA_DPORT_RANGE]),
	};
	if (rule.has_mark || rule.has_uid || rule.protocol || rule.source_port ||
	    rule.destination_port)
		list->rule[list->count++] = rule;
	return NL_OK;
}

int link_rules(struct link *link, struct link_rule *rule, unsigned max, struct err *err)
{
	struct rule_list list = { .rule = rule, .max = max };

	if (link_dump(link, RTM_GETRULE, AF_INET6, rule_row, &list, &list.count, err) < 0)
		return -1;
	return (int)list.count;
}
