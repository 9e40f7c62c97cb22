/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_judge_beyond.c
 *
 * What lies behind the router, and what goes past the tunnel: RFC 8106 (DNS), RFC 4443 4 (echo),
 * RFC 8200 5 (packet sizes).
 */
#include "client/doctor_judge_beyond.h"

#include "client/doctor_query.h"

#define MTU_MIN 1280 /* RFC 8200 5 */
#define RCODE_OK 0
#define RCODE_NO_NAME 3

void judge_dns(struct findings *findings, const struct dns_facts *facts)
{
	const char *what = facts->servers ? "DNS servers" : "search domains";

	if (!facts->servers && !facts->domains) {
		finding_add(findings, DOCTOR_OK, "the router gives no DNS server");
	} else if (facts->office) {
		finding_add(findings, DOCTOR_OK,
			    "the router's %s are for the hosts behind the bridge; this machine "
			    "keeps its own",
			    what);
	} else if (facts->ignored) {
		finding_add(findings, DOCTOR_OK,
			    "the profile says dns = ignore: this machine keeps its own resolver");
	} else if (facts->problem[0] || !facts->applied) {
		findings->may_settle = facts->problem[0] == '\0';
		finding_add(findings, DOCTOR_FAILED, "the router's %s are not applied%s%s", what,
			    facts->problem[0] ? ": " : "", facts->problem);
		finding_advise(findings, "install and start systemd-resolved, or install "
					 "resolvconf; or say dns = ignore in the profile");
	} else {
		finding_add(findings, DOCTOR_OK, "the router's %s are applied, by %s", what,
			    facts->applied_by);
	}
}

void judge_dns_answer(struct findings *findings, const struct dns_answer_facts *facts)
{
	bool content = facts->rcode == RCODE_OK || facts->rcode == RCODE_NO_NAME || facts->is_root;

	if (facts->no_way) {
		finding_add(findings, DOCTOR_FAILED,
			    "no route through the tunnel leads to DNS server %s", facts->server);
		finding_advise(findings, "have the server's administrator advertise a route to it, "
					 "or another server");
	} else if (!facts->answered) {
		finding_add(findings, DOCTOR_FAILED,
			    "DNS server %s does not answer through the tunnel", facts->server);
		finding_advise(findings, "see whether it runs, lets this prefix ask, and has a "
					 "route back to it");
	} else if (!content) {
		finding_add(findings, DOCTOR_WARNING, "DNS server %s answers %s with %s",
			    facts->server, facts->question, query_rcode_name(facts->rcode));
		finding_advise(findings, "have its administrator serve that domain to this prefix, "
					 "or not advertise it as search domain");
	} else {
		finding_add(findings, DOCTOR_OK, "DNS server %s answered after %u ms",
			    facts->server, facts->ms);
	}
}

void judge_ping(struct findings *findings, const struct ping_facts *facts)
{
	const char *router = facts->own ? facts->own : facts->link_local;
	bool router_answered = facts->own || facts->link_local_answered;

	if (facts->target && facts->target_answered) {
		finding_add(findings, DOCTOR_OK, "%s, behind the router, answers pings after %u ms",
			    facts->target, facts->ms);
	} else if (facts->target && facts->target_spoke) {
		finding_add(findings, DOCTOR_OK,
			    "%s, behind the router, answers questions, if not pings",
			    facts->target);
	} else if (facts->target && router_answered) {
		finding_add(findings, DOCTOR_FAILED,
			    "the router answers pings at %s, but %s behind it does not", router,
			    facts->target);
		finding_advise(findings, "see whether the server forwards (net.ipv6.conf.all."
					 "forwarding=1), its firewall, and whether the network "
					 "there has a route back to this prefix");
	} else if (router_answered) {
		finding_add(
			findings, DOCTOR_OK,
			"the router answers pings at %s after %u ms; nothing is known behind it "
			"that could be pinged",
			router, facts->ms);
	} else {
		finding_add(findings, DOCTOR_FAILED, "the router answers no ping, not even at %s",
			    facts->link_local);
		finding_advise(findings,
			       "see the firewalls of this machine and of the router: they "
			       "must let ICMPv6 pass");
	}
}

unsigned frame_sizes(unsigned passed, unsigned lost, unsigned *size, unsigned max)
{
	unsigned between = lost > passed ? lost - passed - 1 : 0;
	unsigned count = between < max ? between : max;

	for (unsigned i = 0; i < count; i++)
		size[i] = passed + (unsigned)((uint64_t)(i + 1) * (between + 1) / (count + 1));
	return count;
}

void judge_frame(struct findings *findings, unsigned mtu, unsigned passed)
{
	if (passed >= mtu) {
		finding_add(findings, DOCTOR_OK, "packets of %u bytes, the interface's MTU, pass",
			    mtu);
	} else if (passed == 0) {
		finding_add(findings, DOCTOR_FAILED,
			    "not even packets of %u bytes pass to the router and back", MTU_MIN);
		finding_advise(findings, "see the firewalls of both ends: one of them drops pings "
					 "by size or rate");
	} else {
		finding_add(findings, DOCTOR_FAILED,
			    "packets of %u bytes, the interface's MTU, are lost; %u bytes pass",
			    mtu, passed);
		finding_advise(findings,
			       "have the server's administrator set [bridge] mtu = %u, "
			       "or find what loses long packets",
			       passed);
	}
}

/* ---- leaks ---- */

static void judge_lost(struct findings *findings, const struct leak_facts *facts)
{
	finding_add(findings, DOCTOR_FAILED,
		    "the kernel refuses to send to %s, inside %s: no route, or one that refuses",
		    facts->destination, facts->prefix);
	finding_advise(findings, "see ip -6 route get %s", facts->destination);
}

void judge_leak(struct findings *findings, const struct leak_facts *facts)
{
	if (facts->by[0] == '\0') {
		judge_lost(findings, facts);
		return;
	}
	switch (facts->what) {
	case LEAK_ROUTE:
		finding_add(findings, DOCTOR_FAILED,
			    "leak: what is for %s, as %s, leaves by %s instead of %s: route %s "
			    "wins there",
			    facts->prefix, facts->destination, facts->by, facts->tunnel,
			    facts->route);
		finding_advise(findings,
			       "remove the other route, or raise its metric: ip -6 route "
			       "show %s dev %s",
			       facts->route, facts->by);
		break;
	case LEAK_INNER:
		finding_add(findings, DOCTOR_FAILED,
			    "leak: a part of %s leaves by %s instead of %s: route %s is more "
			    "specific",
			    facts->prefix, facts->by, facts->tunnel, facts->route);
		finding_advise(findings,
			       "if that part is not meant to be there, remove the route: "
			       "ip -6 route del %s dev %s",
			       facts->route, facts->by);
		break;
	case LEAK_DNS:
		finding_add(findings, DOCTOR_FAILED,
			    "leak: DNS server %s is asked by %s, not through %s: route %s wins",
			    facts->destination, facts->by, facts->tunnel, facts->route);
		finding_advise(findings, "have the server's administrator advertise a route to it; "
					 "or remove the other one");
		break;
	case LEAK_RULE:
		finding_add(findings, DOCTOR_WARNING,
			    "rule %u sends some packets for %s by %s instead of %s", facts->rule,
			    facts->prefix, facts->by, facts->tunnel);
		finding_advise(findings,
			       "if that is not meant, remove it: ip -6 rule del priority "
			       "%u",
			       facts->rule);
		break;
	}
}
