/* SPDX-License-Identifier: Apache-2.0 */
/* server/seen.h
 *
 * Which addresses are in use behind which client, as their neighbour discovery tells: the tables of
 * all clients, and an index over them by address.  Control thread only.
 */
#ifndef SERVER_SEEN_H
#define SERVER_SEEN_H

#include "base/siphash.h"
#include "bridge/snoop.h"

struct seen;

/* One client's; the entries' places in the index beside them. */
struct seen_table {
	struct snoop_table snooped;
	struct seen_place {
		struct snoop_entry *entry; /* NULL: not in the index */
		struct seen_place *next, **link;
	} place[SNOOP_MAX];
};

/* For about so many addresses in all; more make it slower.  NULL when memory is short. */
struct seen *seen_new(unsigned addresses, struct siphash_key key);
void seen_free(struct seen *seen);

void seen_note(struct seen *seen, struct seen_table *table, const struct snooped *found,
	       uint64_t now_ms);
/* The client has gone, and its table is about to. */
void seen_forget(struct seen *seen, struct seen_table *table);
/* Is it anybody's with another MAC than `except`, which may be NULL? */
bool seen_by_other(const struct seen *seen, const struct ip6 *address, const struct mac *except);

#endif
