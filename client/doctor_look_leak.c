/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_look_leak.c
 *
 * Which way the kernel would send what belongs into the tunnel: for an address of every pushed
 * route, for every more specific route that leads elsewhere, for every DNS server; and for
 * packets that a rule picks out.  The answers are the kernel's own, not drawn from its tables.
 */
#include <stdio.h>
#include <string.h>

#include "bridge/link_ways.h"
#include "client/doctor_judge_beyond.h"
#include "client/doctor_private.h"

#define INNER_MAX 32
/* RFC 6177: a site has a /48 or less; what a default route covers and is a site's own is no leak. */
#define SITE_LEN 48

struct search {
	struct doctor *doctor;
	struct findings *findings;
	unsigned rule_count;
	struct link_rule rule[LINK_MAX_RULES];
};

static void report(struct search *search, enum leak_what what, const struct prefix6 *prefix,
		   const struct ip6 *to, const struct link_way *way, uint32_t rule)
{
	char of[PREFIX6_TEXT], destination[IP6_TEXT], route[PREFIX6_TEXT];
	struct leak_facts facts = {
		.what = what,
		.prefix = prefix6_text(prefix, of),
		.destination = ip6_text(to, destination),
		.by = way->kind == LINK_WAY_OUT ? way->name : "",
		.route = prefix6_text(&way->route, route),
		.rule = rule,
		.tunnel = search->doctor->host,
	};

	judge_leak(search->findings, &facts);
}

static bool leaves_elsewhere(const struct search *search, const struct link_way *way)
{
	return way->kind == LINK_WAY_OUT && strcmp(way->name, search->doctor->host) != 0;
}

/* An address that packets to there would have as their source: a usable one of the tunnel. */
static bool own_address(const struct doctor *doctor, struct ip6 *own)
{
	for (unsigned i = 0; i < doctor->link_count; i++) {
		const struct link_address *a = &doctor->link_address[i];
		if (ip6_is_link_local(&a->address) || a->failed || (a->tentative && !a->optimistic))
			continue;
		*own = a->address;
		return true;
	}
	return false;
}

/* Without a source and with ours: a rule may look at it.  True if it goes astray. */
static bool look_at(struct search *search, enum leak_what what, const struct prefix6 *prefix,
		    const struct ip6 *to)
{
	struct link_question question = { .to = *to };
	struct link_way way;

	for (unsigned with = 0; with < 2; with++) {
		if (with && !(question.has_from = own_address(search->doctor, &question.from)))
			return false;
		if (link_ask_way(search->doctor->link, &question, &way, NULL) < 0)
			continue;
		if (leaves_elsewhere(search, &way) ||
		    (way.kind == LINK_WAY_REFUSED && what != LEAK_INNER)) {
			report(search, what, prefix, to, &way, 0);
			return true;
		}
	}
	return false;
}

static void look_at_rules(struct search *search, const struct prefix6 *prefix, const struct ip6 *to)
{
	struct link_question question = { .to = *to };
	struct link_way way;

	for (unsigned i = 0; i < search->rule_count; i++) {
		question.as = search->rule[i];
		if (link_ask_way(search->doctor->link, &question, &way, NULL) == 0 &&
		    leaves_elsewhere(search, &way))
			report(search, LEAK_RULE, prefix, to, &way, search->rule[i].priority);
	}
}

static struct ip6 first_address(const struct prefix6 *prefix)
{
	struct ip6 address = prefix->address;

	if (prefix->len < 128)
		address.octet[15] |= 1;
	/* of a default route: what the Internet has and ::1 has not */
	if (prefix->len == 0)
		address.octet[0] = 0x20;
	return address;
}

static void look_inside(struct search *search, const struct prefix6 *prefix)
{
	struct link_inner inner[INNER_MAX];
	int count = link_inner_routes(search->doctor->link, prefix, search->doctor->host, inner,
				      INNER_MAX, NULL);

	for (int i = 0; i < count; i++) {
		struct ip6 to = first_address(&inner[i].prefix);
		bool own_site = prefix->len == 0 &&
				(!inner[i].has_gateway || inner[i].prefix.len >= SITE_LEN);

		if (inner[i].name[0] && !own_site && !ip6_is_link_local(&to))
			(void)look_at(search, LEAK_INNER, prefix, &to);
	}
}

static void look_at_route(struct search *search, const struct prefix6 *prefix)
{
	struct ip6 to = first_address(prefix);

	if (!look_at(search, LEAK_ROUTE, prefix, &to))
		look_at_rules(search, prefix, &to);
	look_inside(search, prefix);
}

void look_leak(struct doctor *doctor, struct findings *findings)
{
	const struct prefix6 everything = { .len = 0 };
	struct search search = { .doctor = doctor, .findings = findings };
	int rules = link_rules(doctor->link, search.rule, LINK_MAX_RULES, NULL);

	if (doctor->for_others)
		return finding_add(findings, DOCTOR_OK,
				   "this machine itself sends nothing through the tunnel");
	search.rule_count = rules > 0 ? (unsigned)rules : 0;
	for (unsigned i = 0; i < doctor->ra.route_count; i++)
		if (doctor->ra.route[i].lifetime_s > 0)
			look_at_route(&search, &doctor->ra.route[i].prefix);
	if (doctor->ra.lifetime_s > 0)
		look_at_route(&search, &everything);
	for (unsigned i = 0; i < doctor->ra.dns_count; i++) {
		const struct prefix6 server = { .address = doctor->ra.dns[i], .len = 128 };
		if (!ip6_is_link_local(&doctor->ra.dns[i]))
			(void)look_at(&search, LEAK_DNS, &server, &doctor->ra.dns[i]);
	}
	if (findings->count == 0)
		finding_add(findings, DOCTOR_OK,
			    "nothing goes past the tunnel: the kernel sends by %s what the router "
			    "has routes for",
			    doctor->host);
}
