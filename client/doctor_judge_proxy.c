/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_judge_proxy.c - what is wrong with the way through a proxy, and what to do. */
#include "client/doctor_judge_proxy.h"

#include <string.h>

static void advise(struct findings *findings, const struct proxy_facts *facts)
{
	switch (facts->failure) {
	case PROXY_WANTS_LOGIN:
		finding_advise(findings, "write a user and a password of the proxy's into its URL, "
					 "[client] proxy in the profile, as in "
					 "http://USER:PASSWORD@HOST:PORT");
		return;
	case PROXY_LOGIN_REFUSED:
		finding_advise(findings,
			       "correct user and password in the proxy's URL (%s), where "
			       "special characters are written like %%40 for @",
			       facts->by);
		return;
	case PROXY_FORBIDS:
		finding_advise(findings,
			       "have the proxy's administrator allow CONNECT to %s port "
			       "%u",
			       facts->host, facts->port);
		return;
	case PROXY_CANNOT_REACH:
		finding_advise(findings,
			       "see whether %s is a name that the proxy knows, and the "
			       "server runs; some proxies say this of what they forbid",
			       facts->host);
		return;
	case PROXY_NO_PROXY:
		finding_advise(findings,
			       "correct the proxy's URL (%s): its port, and whether it "
			       "begins with http:// or socks5://",
			       facts->by);
		return;
	case PROXY_FINE:
	case PROXY_CLOSED:
	case PROXY_BROKEN:
	case PROXY_FAILURES: break;
	}
	finding_advise(findings, "see whether a web browser gets through this proxy, and its log");
}

static void judge_none(struct findings *findings, const struct proxy_facts *facts)
{
	if (facts->by[0])
		finding_add(findings, DOCTOR_OK, "no proxy is used: %s says so", facts->by);
	else
		finding_add(findings, DOCTOR_OK, "no proxy is used: none is named");
}

static void judge_used(struct findings *findings, const struct proxy_facts *facts)
{
	if (facts->timed_out)
		finding_add(findings, DOCTOR_FAILED,
			    "no answer from the proxy %s to CONNECT to %s port %u in %u.%u s",
			    facts->proxy, facts->host, facts->port, facts->ms / 1000,
			    facts->ms / 100 % 10);
	else if (facts->failure != PROXY_FINE)
		finding_add(findings, DOCTOR_FAILED, "%s", facts->sentence);
	else
		finding_add(findings, DOCTOR_OK,
			    "the proxy %s (%s) connects to %s port %u, which took %u ms",
			    facts->proxy, facts->by, facts->host, facts->port, facts->ms);
	if (facts->timed_out || facts->failure != PROXY_FINE)
		advise(findings, facts);
}

void judge_proxy(struct findings *findings, const struct proxy_facts *facts)
{
	bool works = facts->proxy[0] == '\0' || (!facts->timed_out && facts->failure == PROXY_FINE);

	if (works && facts->client && strcmp(facts->client, facts->proxy) != 0) {
		finding_add(findings, DOCTOR_WARNING,
			    "the doctor goes through %s, and the running client through %s",
			    facts->proxy[0] ? facts->proxy : "no proxy",
			    facts->client[0] ? facts->client : "none");
		finding_advise(findings,
			       "the environments differ, or the profile is new: write the "
			       "proxy into the profile, and start the client again");
	} else if (facts->proxy[0] == '\0') {
		judge_none(findings, facts);
	} else {
		judge_used(findings, facts);
	}
}
