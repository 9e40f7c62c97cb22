/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/store.h
 *
 * Between the lease table and what survives a power cut.
 *
 * The owner answers requests into buffers; calls dhcp6_leases_save once for many of them; sends the
 * answers only if that returned 0, and when what it has committed is on disk.  What could not be saved
 * stays to be saved, so a later success covers it, and the client, who heard nothing, asks again.
 */
#ifndef DHCP6_STORE_H
#define DHCP6_STORE_H

#include "dhcp6/leases.h"

/* One implementation writes to SQLite; tests have others.  All return -1 and a sentence on failure. */
struct dhcp6_store {
	void *owner;
	int (*begin)(void *owner, struct err *err);
	/*
	 * The row of this number, lease->row, new or changed.  Numbers of new leases only grow: a store
	 * that keeps them in order writes the leases of a turn, and later their renewals, side by side.
	 */
	int (*put)(void *owner, const struct dhcp6_lease *lease, struct err *err);
	/* No such row any more; there may never have been one. */
	int (*remove)(void *owner, const struct dhcp6_lease *lease, struct err *err);
	/* All since begin is in the store, or none of it. */
	int (*commit)(void *owner, struct err *err);
	/* After one of the above failed: none of it shall be. */
	void (*rollback)(void *owner);
};

/* Is there something to be saved? */
bool dhcp6_leases_unsaved(const struct dhcp6_leases *leases);
/* Everything unsaved, in one transaction; nothing if there is nothing. */
int dhcp6_leases_save(struct dhcp6_leases *leases, const struct dhcp6_store *store,
		      struct err *err);

/*
 * A row as it was put, at start (the row needs what, kind, state, user, duid, iaid, the times; the
 * others may be 0; without a number it gets one).  A lease that has run out is remembered, or, after
 * remember_s, gone (and to be removed from the store).  False if the row makes no sense, the table is
 * full, or it overlaps an earlier one: nothing is given twice.  But what is only remembered gives way
 * to a promise.  Limits per user do not count here: what was promised is kept.
 */
bool dhcp6_leases_load(struct dhcp6_leases *leases, const struct dhcp6_lease *row, uint64_t now_s);

#endif
