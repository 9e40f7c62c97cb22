/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_judge_inside.c
 *
 * What the host made of the router's words, and if it made nothing of them, why.
 *
 * RFC 4861 6.1.2, 6.2.1, 6.3.4; RFC 4862 5.4, 5.5.3, 5.5.4; RFC 4191 2.1, 3.1; ip-sysctl.rst.
 */
#include "client/doctor_judge_inside.h"

#include <stdio.h>
#include <string.h>

void judge_interface(struct findings *findings, const struct interface_facts *facts)
{
	if (!facts->there) {
		finding_add(findings, DOCTOR_FAILED, "there is no interface %s", facts->tap);
		finding_advise(findings, "somebody deleted it: start lanyard connect anew");
	} else if (!facts->up) {
		finding_add(findings, DOCTOR_FAILED, "interface %s is down", facts->tap);
		finding_advise(findings, "ip link set %s up", facts->tap);
	} else if (!facts->carrier) {
		finding_add(findings, DOCTOR_FAILED,
			    "interface %s has no carrier: no program holds its other end",
			    facts->tap);
		finding_advise(findings, "start lanyard connect anew");
	} else if (facts->bridge && !facts->bridge_up) {
		finding_add(findings, DOCTOR_FAILED, "%s is up, but its bridge %s is down",
			    facts->tap, facts->bridge);
		finding_advise(findings, "ip link set %s up", facts->bridge);
	} else {
		finding_add(findings, DOCTOR_OK, "%s is up with carrier, MTU %u%s%s", facts->tap,
			    facts->mtu, facts->bridge ? ", in bridge " : "",
			    facts->bridge ? facts->bridge : "");
	}
}

/* ---- link-local address ---- */

static const struct link_address *best_link_local(const struct link_address *address,
						  unsigned count)
{
	const struct link_address *best = NULL;

	for (unsigned i = 0; i < count; i++) {
		const struct link_address *a = &address[i];
		bool works = !a->failed && (!a->tentative || a->optimistic);

		if (ip6_is_link_local(&a->address) && (!best || works))
			best = a;
	}
	return best;
}

static void judge_duplicate(struct findings *findings, const struct host_facts *host,
			    const struct ip6 *address)
{
	char text[IP6_TEXT];

	finding_add(findings, DOCTOR_FAILED,
		    "%s of %s is a duplicate: another machine on this link has it",
		    ip6_text(address, text), host->interface);
	if (host->office)
		finding_advise(findings, "find the other machine; a clone has the same MAC");
	else
		finding_advise(
			findings,
			"find the other machine: a clone with the same /etc/machine-id and "
			"profile gets the same MAC and address, so give it an identity and a "
			"profile of its own");
}

void judge_link_local(struct findings *findings, const struct host_facts *host,
		      const struct link_address *address, unsigned count)
{
	const struct link_address *found = best_link_local(address, count);
	char text[IP6_TEXT];

	if (!found) {
		findings->may_settle = host->disable_ipv6 != 1;
		finding_add(findings, DOCTOR_FAILED, "%s has no link-local address%s",
			    host->interface,
			    host->disable_ipv6 == 1 ? ": IPv6 is disabled on it" : "");
		if (host->disable_ipv6 == 1)
			finding_advise(findings, "sysctl net.ipv6.conf.%s.disable_ipv6=0",
				       host->interface);
		else
			finding_advise(findings,
				       "start lanyard connect anew; if that does not "
				       "help, see who else changes %s",
				       host->interface);
	} else if (found->failed) {
		judge_duplicate(findings, host, &found->address);
	} else if (found->tentative && !found->optimistic) {
		findings->may_settle = true;
		finding_add(findings, DOCTOR_FAILED,
			    "%s of %s is still tentative: the kernel has not finished looking for "
			    "duplicates",
			    ip6_text(&found->address, text), host->interface);
		finding_advise(findings, "try again in a moment; if it stays so, the interface has "
					 "no carrier or loses packets");
	} else {
		finding_add(findings, DOCTOR_OK, "%s has %s", host->interface,
			    ip6_text(&found->address, text));
	}
}

/* ---- the advertisement ---- */

/* The shortest and the longest lifetime that ends; RA_FOREVER and 0 if there is none. */
static void count_lifetime(uint32_t lifetime_s, uint32_t *least_s, uint32_t *most_s)
{
	if (lifetime_s == 0 || lifetime_s == RA_FOREVER)
		return;
	if (lifetime_s < *least_s)
		*least_s = lifetime_s;
	if (lifetime_s > *most_s)
		*most_s = lifetime_s;
}

static void find_lifetimes(const struct ra *ra, uint32_t *least_s, uint32_t *most_s)
{
	*least_s = RA_FOREVER;
	*most_s = 0;
	count_lifetime(ra->lifetime_s, least_s, most_s);
	for (unsigned i = 0; i < ra->prefix_count; i++)
		count_lifetime(ra->prefix[i].valid_s, least_s, most_s);
	for (unsigned i = 0; i < ra->route_count; i++)
		count_lifetime(ra->route[i].lifetime_s, least_s, most_s);
	if (ra->dns_count > 0)
		count_lifetime(ra->dns_lifetime_s, least_s, most_s);
}

int64_t ra_next_s(const struct ra *ra)
{
	uint32_t least_s, most_s;

	find_lifetimes(ra, &least_s, &most_s);
	return most_s == 0 ? INT64_MAX : (int64_t)least_s / 3;
}

/* Two of three thirds of its longest lifetime are over, and two advertisements did not come.  The
 * longest: one may count down to its end, as a prefix does that is withdrawn. */
static bool is_overdue(const struct ra_facts *facts)
{
	uint32_t least_s, most_s;

	find_lifetimes(facts->ra, &least_s, &most_s);
	return most_s > 0 && facts->age_s / 2 > most_s;
}

static unsigned count_text(char *text, size_t cap, unsigned used, unsigned count, const char *one,
			   const char *many)
{
	if (count == 0 || used >= cap)
		return used;
	return used + (unsigned)snprintf(text + used, cap - used, "%s%u %s", used ? ", " : "",
					 count, count == 1 ? one : many);
}

static void ra_text(const struct ra *ra, char *text, size_t cap)
{
	unsigned used = count_text(text, cap, 0, ra->prefix_count, "prefix", "prefixes");

	used = count_text(text, cap, used, ra->route_count, "route", "routes");
	used = count_text(text, cap, used, ra->lifetime_s > 0 ? 1 : 0, "default route", "");
	used = count_text(text, cap, used, ra->dns_count, "DNS server", "DNS servers");
	used = count_text(text, cap, used, ra->search_count, "search domain", "search domains");
	used = count_text(text, cap, used, ra->pref64_count, "NAT64 prefix", "NAT64 prefixes");
	if ((ra->managed || ra->other) && used < cap)
		snprintf(text + used, cap - used, "%sDHCPv6", used ? ", " : "");
}

/* As after a reload with enabled = no: all that was said is withdrawn. */
static bool is_of_no_use(const struct ra *ra)
{
	return ra->lifetime_s == 0 && !ra->managed && !ra->other &&
	       ra->prefix_count + ra->route_count + ra->dns_count + ra->search_count +
			       ra->pref64_count ==
		       0;
}

static void judge_ra_empty(struct findings *findings, const struct host_facts *host,
			   const struct ra_facts *facts)
{
	char from[IP6_TEXT];

	finding_add(findings, DOCTOR_FAILED,
		    "router %s advertises nothing on %s that this host could use",
		    ip6_text(&facts->from, from), host->interface);
	finding_advise(findings, "see [ra] enabled at the server, and whether none stands in a "
				 "list of [ra] or of this user's group");
}

static void judge_ra_heard(struct findings *findings, const struct host_facts *host,
			   const struct ra_facts *facts)
{
	char from[IP6_TEXT], text[128], when[96] = "", ago[48] = "";

	ra_text(facts->ra, text, sizeof(text));
	if (facts->age_s > 0)
		snprintf(ago, sizeof(ago), " %u s ago", facts->age_s);
	if (facts->next_s == 0)
		snprintf(when, sizeof(when), "; the next one is due now");
	else if (facts->next_s != INT64_MAX)
		snprintf(when, sizeof(when), "; the next one is due within %lld s",
			 (long long)facts->next_s);
	finding_add(findings, DOCTOR_OK, "router %s advertises %s on %s%s%s%s",
		    ip6_text(&facts->from, from), text, host->interface, ago[0] ? "," : "", ago,
		    when);
}

void judge_ra(struct findings *findings, const struct host_facts *host,
	      const struct ra_facts *facts)
{
	char from[IP6_TEXT];

	if (!facts->heard_by_client && !facts->heard_by_host) {
		finding_add(findings, DOCTOR_FAILED,
			    "no Router Advertisement came on %s, and none answered a solicitation",
			    host->interface);
		finding_advise(findings, "see [ra] enabled at the server; in bridged mode, the "
					 "router of the LAN there");
	} else if (!facts->heard_by_host) {
		finding_add(findings, DOCTOR_FAILED,
			    "Router Advertisements come through the tunnel, but a firewall of this "
			    "machine keeps them from its kernel");
		finding_advise(findings,
			       "let ICMPv6 types 133 to 136 pass on %s: see nft list ruleset",
			       host->interface);
	} else if (is_overdue(facts)) {
		finding_add(findings, DOCTOR_FAILED,
			    "the latest Router Advertisement of %s came %u s ago, and the next is "
			    "overdue",
			    ip6_text(&facts->from, from), facts->age_s);
		finding_advise(findings, "see whether the router still runs; what it gave ends "
					 "with its lifetimes");
	} else if (is_of_no_use(facts->ra)) {
		judge_ra_empty(findings, host, facts);
	} else {
		judge_ra_heard(findings, host, facts);
	}
}

/* ---- why the host does not obey ---- */

static const char *refuses_all(const struct host_facts *host)
{
	if (host->disable_ipv6 == 1)
		return "disable_ipv6 is 1";
	if (host->accept_ra == 0)
		return "accept_ra is 0";
	/* ip-sysctl.rst: a host that forwards is a router and believes none, unless told so */
	if (host->accept_ra == 1 && host->forwarding == 1)
		return "accept_ra is 1 and forwarding is on; it takes 2";
	return NULL;
}

const char *host_refuses_prefixes(const struct host_facts *host)
{
	if (refuses_all(host))
		return refuses_all(host);
	if (host->accept_ra_pinfo == 0)
		return "accept_ra_pinfo is 0";
	return host->autoconf == 0 ? "autoconf is 0" : NULL;
}

const char *host_refuses_routes(const struct host_facts *host, uint8_t prefix_len)
{
	if (refuses_all(host))
		return refuses_all(host);
	/* RFC 4191 3.1: ::/0 in an option is the default route too */
	if (prefix_len == 0)
		return host->accept_ra_defrtr == 0 ? "accept_ra_defrtr is 0" : NULL;
	if (host->route_max_len < 0)
		return "this kernel is built without CONFIG_IPV6_ROUTE_INFO";
	if (host->route_max_len < prefix_len)
		return host->route_max_len == 0 ? "accept_ra_rt_info_max_plen is 0"
						: "accept_ra_rt_info_max_plen is shorter";
	return host->route_min_len > prefix_len ? "accept_ra_rt_info_min_plen is longer" : NULL;
}

/* What was advertised is not there. */
static void judge_missing(struct findings *findings, const struct host_facts *host,
			  const char *what, const char *missing, const char *refusal)
{
	if (host->manager || !refusal)
		findings->may_settle = true;
	if (host->manager) {
		finding_add(findings, DOCTOR_FAILED, "%s %s on %s, which %s manages", what, missing,
			    host->interface, host->manager);
		finding_advise(findings,
			       "see its log and the configuration for %s that came with "
			       "Lanyard's package",
			       host->interface);
	} else if (refusal && host->office) {
		/* the bridge is the office's own; that its hosts use the tunnel is enough */
		finding_add(findings, DOCTOR_OK,
			    "%s is for the hosts behind %s; this machine itself does not use it, "
			    "as %s there",
			    what, host->interface, refusal);
	} else if (refusal) {
		finding_add(findings, DOCTOR_FAILED, "%s %s on %s, because %s there", what, missing,
			    host->interface, refusal);
		finding_advise(
			findings,
			host->hands_off
				? "the profile says manage = no: set net.ipv6.conf.%s by hand, "
				  "or leave it to lanyard"
				: "another program changed net.ipv6.conf.%s; find it, then "
				  "start lanyard connect anew",
			host->interface);
	} else {
		finding_add(findings, DOCTOR_FAILED,
			    "%s %s on %s, though the kernel's settings allow it", what, missing,
			    host->interface);
		finding_advise(findings, "see who removed it, with ip -6 monitor; a firewall may "
					 "also keep Router Advertisements from the kernel");
	}
}

/* ---- addresses ---- */

void judge_address(struct findings *findings, const struct host_facts *host,
		   const struct ra_prefix *prefix, const struct link_address *address,
		   unsigned count, const struct ip6 *taken)
{
	const struct link_address *best = NULL;
	char text[IP6_TEXT], of[PREFIX6_TEXT], what[PREFIX6_TEXT + 16];

	prefix6_text(&prefix->prefix, of);
	for (unsigned i = 0; i < count; i++) {
		const struct link_address *a = &address[i];
		bool better = best && !a->failed && (best->failed || best->deprecated);

		if (prefix6_contains(&prefix->prefix, &a->address) && (!best || better))
			best = a;
	}
	if (!best && prefix->prefix.len != 64) {
		/* RFC 4862 5.5.3 d: with an identifier of 64 bits it is ignored */
		finding_add(findings, DOCTOR_FAILED,
			    "prefix %s is no /64, so no address is made of it", of);
		finding_advise(findings, "have the router's administrator advertise a /64");
	} else if (!best && taken) {
		judge_duplicate(findings, host, taken);
	} else if (!best) {
		snprintf(what, sizeof(what), "prefix %s", of);
		judge_missing(findings, host, what, "made no address", host_refuses_prefixes(host));
	} else if (best->failed) {
		judge_duplicate(findings, host, &best->address);
	} else if (best->tentative && !best->optimistic) {
		findings->may_settle = true;
		finding_add(findings, DOCTOR_FAILED,
			    "%s is still tentative: the kernel has not finished looking for "
			    "duplicates",
			    ip6_text(&best->address, text));
		finding_advise(findings, "try again in a moment");
	} else if (best->deprecated && prefix->preferred_s > 0) {
		finding_add(findings, DOCTOR_WARNING,
			    "%s is deprecated, though its prefix is advertised as preferred",
			    ip6_text(&best->address, text));
		finding_advise(findings,
			       "see whether advertisements still come, and who changes "
			       "addresses on %s",
			       host->interface);
	} else {
		finding_add(findings, DOCTOR_OK, "%s, of %s%s", ip6_text(&best->address, text), of,
			    best->deprecated ? ", deprecated as its prefix is" : "");
	}
}

/* ---- routes ---- */

void judge_route(struct findings *findings, const struct host_facts *host,
		 const struct ra_route *wanted, const struct ip6 *router,
		 const struct link_route *route, unsigned count)
{
	const struct link_route *found = NULL;
	char of[PREFIX6_TEXT], what[PREFIX6_TEXT + 16], gateway[IP6_TEXT];

	prefix6_text(&wanted->prefix, of);
	for (unsigned i = 0; i < count; i++)
		if (prefix6_equal(&route[i].prefix, &wanted->prefix) && route[i].has_gateway &&
		    (!found || ip6_equal(&route[i].gateway, router)))
			found = &route[i];
	if (!found) {
		snprintf(what, sizeof(what), "route %s", of);
		judge_missing(findings, host, what, "is not installed",
			      host_refuses_routes(host, wanted->prefix.len));
	} else if (!ip6_equal(&found->gateway, router)) {
		finding_add(findings, DOCTOR_FAILED,
			    "route %s on %s leads to %s, which is not the router that advertises",
			    of, host->interface, ip6_text(&found->gateway, gateway));
		finding_advise(findings, "remove it: ip -6 route del %s dev %s via %s", of,
			       host->interface, gateway);
	} else if (found->preference != wanted->preference && found->from_ra) {
		finding_add(findings, DOCTOR_FAILED,
			    "route %s is installed with preference %s, not %s as advertised", of,
			    ra_preference_name[found->preference & 3],
			    ra_preference_name[wanted->preference & 3]);
		finding_advise(findings, "see who else sets routes on %s, with ip -6 monitor",
			       host->interface);
	} else {
		finding_add(findings, DOCTOR_OK, "route %s is installed, preference %s", of,
			    ra_preference_name[wanted->preference & 3]);
	}
}
