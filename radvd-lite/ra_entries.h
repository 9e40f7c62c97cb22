/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra_entries.h
 *
 * The lists of a struct ra as data, for whoever does the same with all of them: where each is, how
 * long it may be, and when two entries are about the same thing, so that a later one replaces
 * the other (RFC 4861 6.3.4).
 */
#ifndef RADVD_LITE_RA_ENTRIES_H
#define RADVD_LITE_RA_ENTRIES_H

#include "radvd-lite/ra.h"

enum ra_entries {
	RA_ENTRIES_PREFIXES,
	RA_ENTRIES_ROUTES,
	RA_ENTRIES_DNS,
	RA_ENTRIES_SEARCH,
	RA_ENTRIES_PREF64,
	RA_ENTRIES_DNR,
	RA_ENTRIES,
};

struct ra_entries_shape {
	size_t count, entries; /* where they are in struct ra */
	size_t size;	       /* of one entry */
	unsigned max;
	bool (*same)(const void *a, const void *b);
};
extern const struct ra_entries_shape ra_entries_shape[RA_ENTRIES];

/* Of these two the caller knows whether it may change what they point to. */
unsigned *ra_entries_count(enum ra_entries list, const struct ra *ra);
char *ra_entries_at(enum ra_entries list, const struct ra *ra, unsigned i);

#endif
