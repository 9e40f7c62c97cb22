/* SPDX-License-Identifier: Apache-2.0 */
/* client/dns_table.c
 *
 * Two short lists with lifetimes.  What comes here was sent by the server, and goes to programs
 * that run as root: so it is looked at closely.
 *
 * RFC 8106 5.1, 5.2, 5.3.1; RFC 1123 2.1 (host names).
 */
#include <strings.h>

#include "client/dns_table.h"

static uint64_t end_ms(uint32_t lifetime_s, uint64_t now_ms)
{
	return lifetime_s == DNS_FOREVER_S ? DNS_NEVER_MS : now_ms + lifetime_s * (uint64_t)1000;
}

static bool server_is_usable(const struct ip6 *address)
{
	static const uint8_t mostly_zero[10];

	/* ::, ::1, ::a.b.c.d and ::ffff:a.b.c.d are no servers on any link. */
	if (memcmp(address->octet, mostly_zero, sizeof(mostly_zero)) == 0)
		return false;
	return !ip6_is_multicast(address);
}

static void server_remove(struct dns_table *table, unsigned i)
{
	table->server_count--;
	memmove(&table->server[i], &table->server[i + 1],
		(table->server_count - i) * sizeof(table->server[0]));
	memset(&table->server[table->server_count], 0, sizeof(table->server[0]));
}

static void search_remove(struct dns_table *table, unsigned i)
{
	table->search_count--;
	memmove(&table->search[i], &table->search[i + 1],
		(table->search_count - i) * sizeof(table->search[0]));
	memset(&table->search[table->search_count], 0, sizeof(table->search[0]));
}

/* Room for one more server that lasts until `until_ms`; false if all others last as long. */
static bool server_make_room(struct dns_table *table, uint64_t until_ms)
{
	unsigned first = 0;

	if (table->server_count < DNS_MAX_SERVERS)
		return true;
	for (unsigned i = 1; i < table->server_count; i++) {
		if (table->server[i].expires_ms < table->server[first].expires_ms)
			first = i;
	}
	if (table->server[first].expires_ms >= until_ms)
		return false;
	server_remove(table, first);
	return true;
}

static bool search_make_room(struct dns_table *table, uint64_t until_ms)
{
	unsigned first = 0;

	if (table->search_count < DNS_MAX_SEARCH)
		return true;
	for (unsigned i = 1; i < table->search_count; i++) {
		if (table->search[i].expires_ms < table->search[first].expires_ms)
			first = i;
	}
	if (table->search[first].expires_ms >= until_ms)
		return false;
	search_remove(table, first);
	return true;
}

bool dns_table_server(struct dns_table *table, const struct ip6 *address, uint32_t lifetime_s,
		      uint64_t now_ms)
{
	uint64_t until_ms = end_ms(lifetime_s, now_ms);
	unsigned i = 0;

	while (i < table->server_count && !ip6_equal(&table->server[i].address, address))
		i++;
	if (i < table->server_count) {
		if (lifetime_s == 0)
			server_remove(table, i);
		else
			table->server[i].expires_ms = until_ms;
		return lifetime_s == 0;
	}
	if (lifetime_s == 0 || !server_is_usable(address) || !server_make_room(table, until_ms))
		return false;
	table->server[table->server_count++] = (struct dns_server) { *address, until_ms };
	return true;
}

bool dns_table_search(struct dns_table *table, const char *domain, uint32_t lifetime_s,
		      uint64_t now_ms)
{
	uint64_t until_ms = end_ms(lifetime_s, now_ms);
	unsigned i = 0;

	while (i < table->search_count && strcasecmp(table->search[i].domain, domain) != 0)
		i++;
	if (i < table->search_count) {
		if (lifetime_s == 0)
			search_remove(table, i);
		else
			table->search[i].expires_ms = until_ms;
		return lifetime_s == 0;
	}
	if (lifetime_s == 0 || !dns_domain_valid(domain) || !search_make_room(table, until_ms))
		return false;
	table->search[table->search_count].expires_ms = until_ms;
	strcpy(table->search[table->search_count].domain, domain);
	table->search_count++;
	return true;
}

bool dns_table_expire(struct dns_table *table, uint64_t now_ms)
{
	bool changed = false;

	for (unsigned i = table->server_count; i-- > 0;) {
		if (table->server[i].expires_ms > now_ms)
			continue;
		server_remove(table, i);
		changed = true;
	}
	for (unsigned i = table->search_count; i-- > 0;) {
		if (table->search[i].expires_ms > now_ms)
			continue;
		search_remove(table, i);
		changed = true;
	}
	return changed;
}

uint64_t dns_table_due_ms(const struct dns_table *table)
{
	uint64_t due_ms = DNS_NEVER_MS;

	for (unsigned i = 0; i < table->server_count; i++) {
		if (table->server[i].expires_ms < due_ms)
			due_ms = table->server[i].expires_ms;
	}
	for (unsigned i = 0; i < table->search_count; i++) {
		if (table->search[i].expires_ms < due_ms)
			due_ms = table->search[i].expires_ms;
	}
	return due_ms;
}

bool dns_table_same(const struct dns_table *a, const struct dns_table *b)
{
	if (a->server_count != b->server_count || a->search_count != b->search_count)
		return false;
	for (unsigned i = 0; i < a->server_count; i++) {
		if (!ip6_equal(&a->server[i].address, &b->server[i].address))
			return false;
	}
	for (unsigned i = 0; i < a->search_count; i++) {
		if (strcasecmp(a->search[i].domain, b->search[i].domain) != 0)
			return false;
	}
	return true;
}

static bool is_label_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

bool dns_domain_valid(const char *domain)
{
	const char *label = domain;
	size_t len = strnlen(domain, DNS_DOMAIN);

	if (len == 0 || len >= DNS_DOMAIN)
		return false;
	for (;;) {
		size_t label_len = 0;

		while (is_label_character(label[label_len]))
			label_len++;
		if (label_len == 0 || label_len > 63 || label[0] == '-' ||
		    label[label_len - 1] == '-')
			return false;
		label += label_len;
		if (*label == '\0')
			return true;
		if (*label++ != '.')
			return false;
	}
}
