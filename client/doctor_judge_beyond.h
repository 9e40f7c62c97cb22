/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_judge_beyond.h
 *
 * What lies behind the router: DNS, pings, the largest frame, and what goes past the tunnel.
 */
#ifndef CLIENT_DOCTOR_JUDGE_BEYOND_H
#define CLIENT_DOCTOR_JUDGE_BEYOND_H

#include "client/doctor_findings.h"

struct dns_facts {
	bool servers, domains; /* what the router gave */
	bool office, ignored;
	bool applied; /* somebody has all of them */
	const char *applied_by, *problem;
};
void judge_dns(struct findings *findings, const struct dns_facts *facts);

struct dns_answer_facts {
	const char *server, *question; /* question: "corp.example SOA" */
	bool no_way;		       /* no route of the tunnel leads there */
	bool answered, is_root;	       /* is_root: nobody has to answer for "." */
	unsigned rcode;
	uint32_t ms;
};
void judge_dns_answer(struct findings *findings, const struct dns_answer_facts *facts);

struct ping_facts {
	const char *link_local; /* the router's */
	const char *own;	/* an address of it in a prefix that answered; NULL: none */
	bool link_local_answered;
	const char *target;		    /* behind it; NULL: nothing is known to be there */
	bool target_answered, target_spoke; /* spoke: it answers questions, if not pings */
	uint32_t ms;
};
void judge_ping(struct findings *findings, const struct ping_facts *facts);

/* Sizes to try between one that passed and one that did not, both left out; their number. */
unsigned frame_sizes(unsigned passed, unsigned lost, unsigned *size, unsigned max);
/* `passed`: the longest packet that came back; 0: none. */
void judge_frame(struct findings *findings, unsigned mtu, unsigned passed);

enum leak_what { LEAK_ROUTE, LEAK_INNER, LEAK_DNS, LEAK_RULE };
struct leak_facts {
	enum leak_what what;
	const char *prefix;	 /* the pushed route, or the DNS server */
	const char *destination; /* what was asked for */
	const char *by;		 /* the other interface; "": the kernel refuses */
	const char *route;	 /* the route that wins */
	uint32_t rule;		 /* LEAK_RULE: its priority */
	const char *tunnel;
};
void judge_leak(struct findings *findings, const struct leak_facts *facts);

#endif
