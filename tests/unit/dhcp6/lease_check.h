/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/lease_check.h
 *
 * A store in memory that can be told to fail, and what has to hold of a lease table whatever
 * happened before: nothing is given twice, the books are right, the store knows what is promised.
 * Complaints are sentences, so that tests and fuzzers share them.
 */
#ifndef TESTS_UNIT_DHCP6_LEASE_CHECK_H
#define TESTS_UNIT_DHCP6_LEASE_CHECK_H

#include "dhcp6/store.h"

#define MAX_ROWS 128

struct rows {
	struct dhcp6_lease row[MAX_ROWS], pending[MAX_ROWS];
	unsigned count, pending_count, saves;
	unsigned fail_at; /* the call of the transaction that fails; 0: none */
	unsigned calls;
	bool open;
};

static inline int rows_step(struct rows *rows)
{
	return ++rows->calls == rows->fail_at ? -1 : 0;
}

static inline int rows_begin(void *owner, struct err *err)
{
	struct rows *rows = owner;

	rows->calls = 0;
	if (rows_step(rows) < 0)
		return -1;
	memcpy(rows->pending, rows->row, rows->count * sizeof(rows->row[0]));
	rows->pending_count = rows->count;
	rows->open = true;
	return 0;
}

static inline struct dhcp6_lease *rows_find(struct dhcp6_lease *row, unsigned count,
					    const struct dhcp6_lease *lease)
{
	for (unsigned i = 0; i < count; i++)
		if (row[i].row == lease->row)
			return &row[i];
	return NULL;
}

/* Another row has exactly this: until it is removed, the store would have it twice. */
static inline bool rows_has_another(const struct rows *rows, const struct dhcp6_lease *lease)
{
	for (unsigned i = 0; i < rows->pending_count; i++) {
		const struct dhcp6_lease *row = &rows->pending[i];

		if (row->row != lease->row && prefix6_equal(&row->what, &lease->what) &&
		    (row->kind == DHCP6_REGISTERED) == (lease->kind == DHCP6_REGISTERED))
			return true;
	}
	return false;
}

static inline int rows_put(void *owner, const struct dhcp6_lease *lease, struct err *err)
{
	struct rows *rows = owner;
	struct dhcp6_lease *row = rows_find(rows->pending, rows->pending_count, lease);

	if (rows_step(rows) < 0 || rows_has_another(rows, lease))
		return -1;
	if (!row)
		row = &rows->pending[rows->pending_count++];
	*row = *lease;
	return 0;
}

static inline int rows_remove(void *owner, const struct dhcp6_lease *lease, struct err *err)
{
	struct rows *rows = owner;
	struct dhcp6_lease *row = rows_find(rows->pending, rows->pending_count, lease);

	if (rows_step(rows) < 0)
		return -1;
	if (row)
		*row = rows->pending[--rows->pending_count];
	return 0;
}

static inline int rows_commit(void *owner, struct err *err)
{
	struct rows *rows = owner;

	if (rows_step(rows) < 0)
		return -1;
	memcpy(rows->row, rows->pending, rows->pending_count * sizeof(rows->row[0]));
	rows->count = rows->pending_count;
	rows->saves++;
	rows->open = false;
	return 0;
}

static inline void rows_rollback(void *owner)
{
	((struct rows *)owner)->open = false;
}

static inline struct dhcp6_store store_of(struct rows *rows)
{
	return (struct dhcp6_store) {
		.owner = rows,
		.begin = rows_begin,
		.put = rows_put,
		.remove = rows_remove,
		.commit = rows_commit,
		.rollback = rows_rollback,
	};
}

static inline bool prefixes_overlap(const struct prefix6 *a, const struct prefix6 *b)
{
	return prefix6_contains(a->len <= b->len ? a : b, &(a->len <= b->len ? b : a)->address);
}

static inline bool lease_same(const struct dhcp6_lease *a, const struct dhcp6_lease *b)
{
	return prefix6_equal(&a->what, &b->what) && a->kind == b->kind && a->state == b->state &&
	       strcmp(a->user, b->user) == 0 && dhcp6_duid_equal(&a->duid, &b->duid) &&
	       a->iaid == b->iaid && a->until_s == b->until_s && a->valid_s == b->valid_s &&
	       a->preferred_s == b->preferred_s && strcmp(a->host, b->host) == 0 &&
	       a->since_s == b->since_s && a->renewed_s == b->renewed_s &&
	       a->interface_id.len == b->interface_id.len &&
	       memcmp(a->interface_id.octet, b->interface_id.octet, a->interface_id.len) == 0 &&
	       a->remote_id.len == b->remote_id.len &&
	       memcmp(a->remote_id.octet, b->remote_id.octet, a->remote_id.len) == 0 &&
	       a->takes_exclude == b->takes_exclude && prefix6_equal(&a->excluded, &b->excluded) &&
	       a->reconfigure == b->reconfigure && a->has_mac == b->has_mac &&
	       mac_equal(&a->mac, &b->mac) && ip6_equal(&a->peer, &b->peer);
}

/* Is it among its user's? */
static inline bool lease_is_its_users(struct dhcp6_leases *leases, const struct dhcp6_lease *one)
{
	const struct dhcp6_lease *lease = NULL;
	bool found = false;

	while ((lease = dhcp6_leases_of_user(leases, one->user, lease))) {
		if (strcmp(lease->user, one->user) != 0)
			return false;
		found = found || lease == one;
	}
	return found;
}

/* NULL, or what is wrong with one table. */
static inline const char *table_complaint(struct dhcp6_leases *leases, uint64_t now_s)
{
	struct dhcp6_leases_counts counts = dhcp6_leases_count(leases);
	unsigned state[DHCP6_STATES] = { 0 };
	uint64_t due_s = UINT64_MAX;
	const struct dhcp6_lease *one = NULL;

	while ((one = dhcp6_leases_next(leases, one))) {
		const struct dhcp6_lease *other = one;
		bool registered = one->kind == DHCP6_REGISTERED;

		state[one->state]++;
		due_s = one->until_s < due_s ? one->until_s : due_s;
		if (!lease_is_its_users(leases, one))
			return "a lease is not among its user's, or somebody else's is";
		if (one->until_s <= now_s)
			return "a lease has run out and is still there";
		if (dhcp6_leases_find(leases, &one->what, registered) != one)
			return "a lease is not found by what it is about";
		while ((other = dhcp6_leases_next(leases, other))) {
			bool other_registered = other->kind == DHCP6_REGISTERED;

			if (registered != other_registered)
				continue;
			if (registered ? prefix6_equal(&one->what, &other->what)
				       : prefixes_overlap(&one->what, &other->what))
				return "something is given twice";
		}
	}
	if (due_s != dhcp6_leases_due_s(leases))
		return "the next one to run out is another";
	for (unsigned i = 0; i < DHCP6_FORGOTTEN; i++) {
		if (state[i] != counts.state[i])
			return "the counts are wrong";
	}
	return NULL;
}

/* NULL, or how table and store differ after a save. */
static inline const char *store_complaint(const struct dhcp6_leases *leases, struct rows *rows,
					  uint64_t now_s)
{
	const struct dhcp6_lease *lease = NULL;
	unsigned promised = 0;

	if (dhcp6_leases_unsaved(leases))
		return "something is unsaved after a save";
	while ((lease = dhcp6_leases_next(leases, lease))) {
		const struct dhcp6_lease *row = rows_find(rows->row, rows->count, lease);

		if (lease->state != DHCP6_ACTIVE && lease->state != DHCP6_DECLINED)
			continue;
		promised++;
		if (!row || !lease_same(row, lease))
			return "the store has a promise otherwise, or not at all";
	}
	for (unsigned i = 0; i < rows->count; i++) {
		bool over = rows->row[i].until_s <= now_s || rows->row[i].state == DHCP6_REMEMBERED;

		promised -= over ? 0 : 1;
	}
	return promised != 0 ? "the store has a promise that nobody made" : NULL;
}

#endif
