/* SPDX-License-Identifier: Apache-2.0 */
/* client/dns_table.h
 *
 * The DNS servers and search domains that Router Advertisements gave, each for its lifetime.
 * A value: no I/O, no clock.  Who tells the system's resolver is client/dns.h.
 *
 * RFC 8106 5.1, 5.2 (options, lifetimes), 5.3.1 and 6.1 (the lists).  An entry keeps its place
 * when it is refreshed, so that the same advertisements always give the same lists.
 */
#ifndef CLIENT_DNS_TABLE_H
#define CLIENT_DNS_TABLE_H

#include "base/packet.h"

#define DNS_MAX_SERVERS 8
#define DNS_MAX_SEARCH 8
#define DNS_DOMAIN 254 /* 253 characters (RFC 1035 2.3.4) and the NUL */
#define DNS_FOREVER_S UINT32_MAX
#define DNS_NEVER_MS UINT64_MAX

struct dns_table {
	unsigned server_count, search_count;
	struct dns_server {
		struct ip6 address;
		uint64_t expires_ms;
	} server[DNS_MAX_SERVERS];
	struct dns_search {
		char domain[DNS_DOMAIN];
		uint64_t expires_ms;
	} search[DNS_MAX_SEARCH];
};

/*
 * What an option said at `now_ms`; lifetime 0 withdraws.  True if the list changed, and not
 * only a lifetime.  Not taken: a server that is multicast, unspecified, the loopback or an
 * IPv4 address in IPv6 clothes; a domain that is no host name by dns_domain_valid.  A full
 * list lets go of what would end first, if the new entry lasts longer.
 */
bool dns_table_server(struct dns_table *table, const struct ip6 *address, uint32_t lifetime_s,
		      uint64_t now_ms);
bool dns_table_search(struct dns_table *table, const char *domain, uint32_t lifetime_s,
		      uint64_t now_ms);

/* Forgets what is over at `now_ms`; true if there was any. */
bool dns_table_expire(struct dns_table *table, uint64_t now_ms);
/* When the next entry is over; DNS_NEVER_MS: none will be. */
uint64_t dns_table_due_ms(const struct dns_table *table);
/* The same servers and domains in the same order, whatever their lifetimes. */
bool dns_table_same(const struct dns_table *a, const struct dns_table *b);

/* Labels of 1 to 63 letters, digits, '-' and '_', not beginning or ending with '-', one dot
 * between them and none at the end: such a name is no option of any program. */
bool dns_domain_valid(const char *domain);

#endif
