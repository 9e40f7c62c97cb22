/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/lease_heap.c - leases by when they run out: a binary heap of slot numbers. */
#include "dhcp6/lease_table.h"

static uint64_t until_s(const struct dhcp6_leases *leases, uint32_t at)
{
	return leases->slot[leases->heap[at]].lease.until_s;
}

static void place(struct dhcp6_leases *leases, uint32_t at, uint32_t number)
{
	leases->heap[at] = number;
	leases->slot[number].heap_at = at;
}

static void swap(struct dhcp6_leases *leases, uint32_t a, uint32_t b)
{
	uint32_t number = leases->heap[a];

	place(leases, a, leases->heap[b]);
	place(leases, b, number);
}

static void settle(struct dhcp6_leases *leases, uint32_t at)
{
	while (at > 0 && until_s(leases, at) < until_s(leases, (at - 1) / 2)) {
		swap(leases, at, (at - 1) / 2);
		at = (at - 1) / 2;
	}
	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child >= leases->heap_len)
			return;
		if (child + 1 < leases->heap_len &&
		    until_s(leases, child + 1) < until_s(leases, child))
			child++;
		if (until_s(leases, at) <= until_s(leases, child))
			return;
		swap(leases, at, child);
		at = child;
	}
}

void dhcp6_heap_insert(struct dhcp6_leases *leases, uint32_t number)
{
	place(leases, leases->heap_len++, number);
	settle(leases, leases->heap_len - 1);
}

void dhcp6_heap_remove(struct dhcp6_leases *leases, uint32_t number)
{
	uint32_t at = leases->slot[number].heap_at, last = leases->heap[--leases->heap_len];

	if (at == leases->heap_len)
		return;
	place(leases, at, last);
	settle(leases, at);
}
