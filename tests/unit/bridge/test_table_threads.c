/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_table_threads.c
 *
 * The address table under several threads that do everything at once.  When they are done,
 * the counts are those of what the table holds.  Meant for -Db_sanitize=thread too.
 */
#include "bridge/table.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define THREADS 4
#define STEPS 150000
#define CAPACITY 256
#define MACS 400 /* more than fit */
#define PORTS 8
#define LIMITED 3 /* this port... */
#define LIMIT 20  /* ...may have so many */

static struct address_table *shared;

struct thread {
	pthread_t id;
	uint32_t dice;
	uint32_t strange; /* ports found that nothing was learned on */
};

static uint32_t roll(struct thread *thread) /* xorshift32 */
{
	uint32_t x = thread->dice;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return thread->dice = x;
}

static struct mac mac_number(uint32_t number)
{
	return (struct mac) { { 2, 0, 0, 0, (uint8_t)(number >> 8), (uint8_t)number } };
}

static void do_something(struct thread *thread, uint32_t now_s)
{
	uint32_t what = roll(thread) % 1000;
	uint16_t port = (uint16_t)(1 + roll(thread) % (PORTS - 1));
	struct mac mac = mac_number(roll(thread) % MACS), list[LIMIT + 1];

	if (what < 600) {
		address_table_learn(shared, &mac, port, port == LIMITED ? LIMIT : 0, what < 300,
				    now_s);
	} else if (what < 990) {
		thread->strange += address_table_lookup(shared, &mac, now_s) >= PORTS;
	} else if (what < 994) {
		address_table_forget_port(shared, port);
	} else if (what < 996) {
		address_table_age(shared, now_s);
	} else {
		address_table_of_port(shared, LIMITED, list, ARRAY_LEN(list));
	}
}

static void *run(void *arg)
{
	struct thread *thread = arg;

	for (uint32_t n = 0; n < STEPS; n++)
		do_something(thread, 1000 + n / 50);
	return NULL;
}

/* What the table says of itself, against what is in it. */
static void check_counts(void)
{
	struct mac list[CAPACITY + 1];
	unsigned sum = 0;

	for (uint16_t port = 0; port < PORTS; port++) {
		unsigned count = address_table_count_port(shared, port);

		assert_true(count <= (port == LIMITED ? LIMIT : CAPACITY));
		assert_int_equal(address_table_of_port(shared, port, list, CAPACITY + 1), count);
		sum += count;
	}
	assert_int_equal(address_table_count(shared), sum);
	assert_true(sum <= CAPACITY);
	for (uint16_t port = 0; port < PORTS; port++) {
		address_table_forget_port(shared, port);
		assert_int_equal(address_table_count_port(shared, port), 0);
	}
	assert_int_equal(address_table_count(shared), 0);
	for (uint32_t n = 0; n < MACS; n++) {
		struct mac mac = mac_number(n);
		/* a count that was too small would have left some */
		assert_int_equal(address_table_lookup(shared, &mac, 1000 + STEPS / 50), PORT_NONE);
	}
}

static void counts_survive_a_storm(void **state)
{
	struct thread threads[THREADS];

	shared = address_table_new(CAPACITY, PORTS, (struct siphash_key) { 1, 2 });
	for (unsigned i = 0; i < THREADS; i++) {
		threads[i] = (struct thread) { .dice = 0x9e3779b9u * (i + 1) };
		assert_int_equal(pthread_create(&threads[i].id, NULL, run, &threads[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(threads[i].id, NULL);
		assert_int_equal(threads[i].strange, 0);
	}
	check_counts();
	address_table_free(shared);
}

/* All threads learn the same addresses at the same moment, each on its own port. */
static void *learn_all(void *arg)
{
	uint16_t port = *(const uint16_t *)arg;

	for (uint32_t n = 0; n < MACS / 2; n++) {
		struct mac mac = mac_number(n);

		address_table_learn(shared, &mac, port, 0, false, 1);
	}
	return NULL;
}

static void an_address_has_one_owner(void **state)
{
	pthread_t ids[THREADS];
	uint16_t ports[THREADS];

	for (unsigned round = 0; round < 200; round++) {
		shared = address_table_new(CAPACITY, PORTS, (struct siphash_key) { round, 2 });
		for (unsigned i = 0; i < THREADS; i++) {
			ports[i] = (uint16_t)(i + 1);
			assert_int_equal(pthread_create(&ids[i], NULL, learn_all, &ports[i]), 0);
		}
		for (unsigned i = 0; i < THREADS; i++)
			pthread_join(ids[i], NULL);
		assert_int_equal(address_table_count(shared), MACS / 2);
		address_table_free(shared);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_survive_a_storm),
		cmocka_unit_test(an_address_has_one_owner),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
