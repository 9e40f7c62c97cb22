/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra_merge.c - what several parts of a Router Advertisement say together.
 *
 * RFC 4861 6.3.4: a host that hears an RA updates what it heard before; an option that is not
 * in it leaves what was said as it is.
 */
#include <strings.h>

#include "radvd-lite/ra_parts.h"

static bool same_prefix(const void *a, const void *b)
{
	return prefix6_equal(a, b);
}

static bool same_server(const void *a, const void *b)
{
	return ip6_equal(a, b);
}

static bool same_domain(const void *a, const void *b)
{
	return strcasecmp(a, b) == 0;
}

/* RFC 9463 3.1.1: of one name's several priorities each is one to try. */
static bool same_resolver(const void *a, const void *b)
{
	const struct ra_dnr *p = a, *q = b;

	return p->priority == q->priority && strcasecmp(p->name, q->name) == 0;
}

_Static_assert(offsetof(struct ra_prefix, prefix) == 0 && offsetof(struct ra_route, prefix) == 0 &&
		       offsetof(struct ra_pref64, prefix) == 0,
	       "same_prefix finds the prefix at an entry's beginning");

static const struct list {
	size_t count, entries; /* where they are in struct ra */
	size_t size;
	unsigned max;
	bool (*same)(const void *a, const void *b);
} lists[] = {
#define LIST(name, max, same)                                                 \
	{                                                                     \
		offsetof(struct ra, name##_count), offsetof(struct ra, name), \
			sizeof(((struct ra *)0)->name[0]), max, same          \
	}
	LIST(prefix, RA_MAX_PREFIXES, same_prefix), LIST(route, RA_MAX_ROUTES, same_prefix),
	LIST(dns, RA_MAX_DNS, same_server),	    LIST(search, RA_MAX_SEARCH, same_domain),
	LIST(pref64, RA_MAX_PREF64, same_prefix),   LIST(dnr, RA_MAX_DNR, same_resolver),
#undef LIST
};

static void merge_list(const struct list *list, struct ra *whole, const struct ra *part)
{
	unsigned *count = (unsigned *)((char *)whole + list->count);
	unsigned said = *(const unsigned *)((const char *)part + list->count);
	char *to = (char *)whole + list->entries;
	const char *from = (const char *)part + list->entries;

	for (unsigned i = 0; i < said; i++, from += list->size) {
		unsigned at = 0;

		while (at < *count && !list->same(to + at * list->size, from))
			at++;
		if (at == list->max)
			continue;
		memcpy(to + at * list->size, from, list->size);
		if (at == *count)
			++*count;
	}
}

void ra_merge(struct ra *whole, const struct ra *part)
{
	whole->hop_limit = part->hop_limit;
	whole->managed = part->managed;
	whole->other = part->other;
	whole->preference = part->preference;
	whole->lifetime_s = part->lifetime_s;
	whole->reachable_ms = part->reachable_ms;
	whole->retrans_ms = part->retrans_ms;
	if (part->has_source_mac) {
		whole->has_source_mac = true;
		whole->source_mac = part->source_mac;
	}
	if (part->mtu > 0)
		whole->mtu = part->mtu;
	if (part->captive_portal[0] != '\0')
		memcpy(whole->captive_portal, part->captive_portal, sizeof(whole->captive_portal));
	if (part->dns_count > 0)
		whole->dns_lifetime_s = part->dns_lifetime_s;
	if (part->search_count > 0)
		whole->search_lifetime_s = part->search_lifetime_s;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		merge_list(&lists[i], whole, part);
}
