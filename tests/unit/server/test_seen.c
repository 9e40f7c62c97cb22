/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_seen.c - the index of addresses, held against a look at all tables. */
#include "server/seen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define CLIENTS 8
#define ADDRESSES 400 /* more than CLIENTS can have */
#define STEPS 20000

static struct snooped snooped_of(unsigned address, unsigned mac)
{
	struct snooped found = { .address.octet = { 0x20, 1 }, .mac.octet = { 2 } };

	found.address.octet[14] = (uint8_t)(address >> 8);
	found.address.octet[15] = (uint8_t)address;
	found.mac.octet[5] = (uint8_t)mac;
	return found;
}

static bool linear(const struct seen_table *table, const struct ip6 *address,
		   const struct mac *except)
{
	for (unsigned client = 0; client < CLIENTS; client++)
		for (unsigned i = 0; i < table[client].snooped.count; i++) {
			const struct snooped *is = &table[client].snooped.entry[i].is;

			if (ip6_equal(&is->address, address) &&
			    !(except && mac_equal(&is->mac, except)))
				return true;
		}
	return false;
}

static void an_address_is_its_hosts(void **state)
{
	struct seen *seen = seen_new(1, (struct siphash_key) { 1, 2 });
	struct seen_table *alice = calloc(1, sizeof(*alice)), *bob = calloc(1, sizeof(*bob));
	struct snooped one = snooped_of(1, 1), other = snooped_of(1, 2);

	assert_false(seen_by_other(seen, &one.address, NULL));
	seen_note(seen, alice, &one, 1);
	assert_true(seen_by_other(seen, &one.address, NULL));
	assert_true(seen_by_other(seen, &one.address, &other.mac));
	assert_false(seen_by_other(seen, &one.address, &one.mac));
	seen_note(seen, bob, &other, 2);
	assert_true(seen_by_other(seen, &one.address, &one.mac));
	seen_forget(seen, bob);
	assert_false(seen_by_other(seen, &one.address, &one.mac));
	assert_true(seen_by_other(seen, &one.address, &other.mac));
	seen_note(seen, alice, &other, 3); /* the same address with another card */
	assert_false(seen_by_other(seen, &one.address, &other.mac));
	seen_forget(seen, alice);
	assert_false(seen_by_other(seen, &one.address, NULL));
	free(alice);
	free(bob);
	seen_free(seen);
}

/* With few buckets, so that chains are long, and with many. */
static void the_index_says_what_the_tables_say(void **state)
{
	struct seen_table *table = calloc(CLIENTS, sizeof(*table));

	for (unsigned size = 1; size <= 4096; size *= 4096) {
		struct seen *seen = seen_new(size, (struct siphash_key) { 3, size });

		srand(7);
		for (unsigned step = 0; step < STEPS; step++) {
			struct snooped found =
				snooped_of((unsigned)rand() % ADDRESSES, (unsigned)rand() % 3);
			struct snooped asked =
				snooped_of((unsigned)rand() % ADDRESSES, (unsigned)rand() % 3);
			const struct mac *except = rand() % 2 ? &asked.mac : NULL;
			struct seen_table *one = &table[(unsigned)rand() % CLIENTS];

			if (rand() % 500 == 0)
				seen_forget(seen, one);
			else
				seen_note(seen, one, &found, step);
			if (seen_by_other(seen, &asked.address, except) !=
			    linear(table, &asked.address, except))
				fail_msg("step %u, %u buckets", step, size);
		}
		for (unsigned client = 0; client < CLIENTS; client++)
			seen_forget(seen, &table[client]);
		for (unsigned i = 0; i < ADDRESSES; i++) {
			struct snooped asked = snooped_of(i, 0);

			assert_false(seen_by_other(seen, &asked.address, NULL));
		}
		seen_free(seen);
	}
	free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_its_hosts),
		cmocka_unit_test(the_index_says_what_the_tables_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
