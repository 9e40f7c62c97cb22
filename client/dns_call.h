/* SPDX-License-Identifier: Apache-2.0 */
/* client/dns_call.h
 *
 * How each resolver's program is told: the arguments and the input of one call.  Which resolver
 * and when is client/dns.h's; only dns.c needs this.
 *
 * resolvectl(1), resolvconf(8), resolv.conf(5).
 */
#ifndef CLIENT_DNS_CALL_H
#define CLIENT_DNS_CALL_H

#include <net/if.h>

#include "base/program.h"
#include "client/dns_table.h"

enum dns_resolver { DNS_RESOLVED, DNS_RESOLVCONF, DNS_NO_RESOLVER };

extern const char *const dns_resolver_name[DNS_NO_RESOLVER + 1];
extern const char *const dns_resolver_program[DNS_NO_RESOLVER]; /* by its file's name */

/* What one call is about. */
enum dns_step {
	DNS_STEP_SERVERS,
	DNS_STEP_DOMAINS,
	DNS_STEP_DEFAULT_ROUTE,
	DNS_STEP_MDNS,
	DNS_STEP_LLMNR,
	DNS_STEP_RECORD,
	DNS_STEP_UNDO,
	DNS_STEP_END,
};

/* The calls that a resolver needs, up to DNS_STEP_END. */
const enum dns_step *dns_apply_steps(enum dns_resolver resolver);
/* Without it names are looked up all the same: its failure is told, and the rest goes on. */
bool dns_step_is_extra(enum dns_step step);

#define DNS_RECORD_NAME (IF_NAMESIZE + sizeof(".lanyard"))
#define DNS_SERVER_TEXT (IP6_TEXT + 1 + IF_NAMESIZE) /* fe80::1%lanyard0 */
#define DNS_MAX_ARGUMENTS \
	(4 + (DNS_MAX_SERVERS > DNS_MAX_SEARCH ? DNS_MAX_SERVERS : DNS_MAX_SEARCH))

/* What the resolver is to know. */
struct dns_said {
	struct dns_table table;
	bool default_router; /* the link leads everywhere, not only to some networks */
};

/* The texts of one call; they live until it is started. */
struct dns_call {
	char file[PROGRAM_PATH]; /* the caller's to fill in, first */
	char record[DNS_RECORD_NAME];
	char server[DNS_MAX_SERVERS][DNS_SERVER_TEXT];
	char input[DNS_MAX_SERVERS * (DNS_SERVER_TEXT + sizeof("nameserver \n")) +
		   DNS_MAX_SEARCH * (DNS_DOMAIN + 1) + sizeof("search\n")];
	char *argument[DNS_MAX_ARGUMENTS + 1]; /* ends with NULL */
	unsigned count;
};

void dns_call_make(struct dns_call *call, enum dns_resolver resolver, enum dns_step step,
		   const char *interface, const struct dns_said *said);
/* The name of our record at resolvconf. */
void dns_record_name(char name[static DNS_RECORD_NAME], const char *interface);

#endif
