/* SPDX-License-Identifier: Apache-2.0 */
/* client/dns.h
 *
 * Takes the DNS servers and search domains that Router Advertisements gave to the system's
 * resolver: systemd-resolved (resolvectl) if it runs, else resolvconf (Debian's or openresolv),
 * else it says that there is neither.  systemd-resolved asks these servers for names in these
 * domains only, unless the link has a default router, and finds hosts on the link by mDNS and
 * LLMNR.  Asynchronous, one program at a time; what is newest when one ends comes next.  A
 * resolver that has forgotten it is told again; all of it is undone at the end.
 *
 * RFC 8106 (the options and the lists' lifetimes).
 */
#ifndef CLIENT_DNS_H
#define CLIENT_DNS_H

#include <net/if.h>
#include <uv.h>

#include "client/dns_table.h"

#define DNS_SETTLE_MS 10 /* an advertisement's options come one by one */

struct dns_config {
	char interface[IF_NAMESIZE];
	/* Where programs are looked for; NULL: PATH of the environment, or the usual folders. */
	const char *search;
	/* Exists while systemd-resolved runs; NULL: DNS_RESOLVED_FILE. */
	const char *resolved_file;
	/* Where resolvconf keeps its records; NULL: DNS_RESOLVCONF_RUN. */
	const char *resolvconf_run;
	uint32_t limit_ms; /* per program; 0: PROGRAM_LIMIT_MS */
};

#define DNS_RESOLVED_FILE "/run/systemd/resolve/stub-resolv.conf"
#define DNS_RESOLVCONF_RUN "/run/resolvconf"

struct dns_events {
	/* The lists, who applied them, or the problem: they are worth a line in the log. */
	void (*changed)(void *owner);
};

struct dns;

/* `config` and its texts are copied; `events` is not.  NULL and a sentence. */
struct dns *dns_new(uv_loop_t *loop, const struct dns_config *config,
		    const struct dns_events *events, void *owner, struct err *err);

/*
 * One neighbour discovery option as the kernel hands it on (link_events.nd_option): RDNSS and
 * DNSSL count, others are passed over.
 */
void dns_option(struct dns *dns, struct bytes option);
/* Whether a router was heard on the link, and whether there is a default router among them. */
void dns_router(struct dns *dns, bool heard, bool is_default);
/* Has the resolver been started again, or has it lost its records?  Then it is told again.  To be
 * called every few seconds: it costs a few stat(2). */
void dns_look(struct dns *dns);
/* Forgets everything at once, as when the interface is a new one. */
void dns_clear(struct dns *dns);

/*
 * Somebody else tells the resolver from now on: takes back what was told, but with
 * `overwritten` not from systemd-resolved, where it is that one's already.
 */
void dns_hand_over(struct dns *dns, bool overwritten);

/* What is in force now, whether it could be applied or not. */
const struct dns_table *dns_current(const struct dns *dns);
/* "systemd-resolved", "resolvconf" or "none", of what was applied last. */
const char *dns_applied_by(const struct dns *dns);
/* Why what is in force is not applied; empty when it is, or will be in a moment. */
const char *dns_problem(const struct dns *dns);

/*
 * Undoes what was applied, frees, then calls `closed` (may be NULL), from the loop and never
 * from here.  It takes two programs' limits at most.  No event comes any more.  NULL: `closed`
 * is not called.
 */
void dns_close(struct dns *dns, void (*closed)(void *owner));

#endif
