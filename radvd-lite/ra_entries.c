/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra_entries.c - what the lists of a Router Advertisement are, by table. */
#include "radvd-lite/ra_entries.h"

#include <strings.h>

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

#define LIST(name, max, same)                                                 \
	{                                                                     \
		offsetof(struct ra, name##_count), offsetof(struct ra, name), \
			sizeof(((struct ra *)0)->name[0]), max, same          \
	}

const struct ra_entries_shape ra_entries_shape[RA_ENTRIES] = {
	[RA_ENTRIES_PREFIXES] = LIST(prefix, RA_MAX_PREFIXES, same_prefix),
	[RA_ENTRIES_ROUTES] = LIST(route, RA_MAX_ROUTES, same_prefix),
	[RA_ENTRIES_DNS] = LIST(dns, RA_MAX_DNS, same_server),
	[RA_ENTRIES_SEARCH] = LIST(search, RA_MAX_SEARCH, same_domain),
	[RA_ENTRIES_PREF64] = LIST(pref64, RA_MAX_PREF64, same_prefix),
	[RA_ENTRIES_DNR] = LIST(dnr, RA_MAX_DNR, same_resolver),
};

unsigned *ra_entries_count(enum ra_entries list, const struct ra *ra)
{
	return (unsigned *)((char *)ra + ra_entries_shape[list].count);
}

char *ra_entries_at(enum ra_entries list, const struct ra *ra, unsigned i)
{
	return (char *)ra + ra_entries_shape[list].entries + i * ra_entries_shape[list].size;
}
