/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_table.c - what is learned, what moves, what is forgotten; floods.
 *
 * Threads are in test_table_threads.c.
 */
#include "bridge/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define PORTS 64
#define NOW 100000

static const struct siphash_key key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };

static struct mac mac_number(uint32_t number)
{
	return (struct mac) { { 2, 0, (uint8_t)(number >> 24), (uint8_t)(number >> 16),
				(uint8_t)(number >> 8), (uint8_t)number } };
}

static enum learn_result learn(struct address_table *table, uint32_t number, uint16_t port,
			       uint32_t now_s)
{
	struct mac mac = mac_number(number);

	return address_table_learn(table, &mac, port, 0, false, now_s);
}

static uint16_t lookup(const struct address_table *table, uint32_t number, uint32_t now_s)
{
	struct mac mac = mac_number(number);

	return address_table_lookup(table, &mac, now_s);
}

/* ---- stories: steps on one table, addresses and ports by number ---- */

enum verb { END, LEARN, LOOKUP, FORGET, AGE, COUNT, COUNT_PORT };

struct step {
	const char *what;
	enum verb verb;
	uint32_t mac;
	uint16_t port;
	uint32_t max_addresses;
	bool takes_over;
	uint32_t at_s;
	unsigned expected; /* enum learn_result, a port, a number */
};

/* clang-format off */
static const struct step moving[] = {
	{ "an address is new",                     LEARN,  1, 2, 0, false,   0, LEARN_NEW },
	{ "and known",                             LEARN,  1, 2, 0, false,   0, LEARN_KNOWN },
	{ "and found",                             LOOKUP, 1, 0, 0, false,   0, 2 },
	{ "another one is not",                    LOOKUP, 2, 0, 0, false,   0, PORT_NONE },
	{ "a client cannot take it at once",       LEARN,  1, 3, 0, false,   1, LEARN_OWNED },
	{ "nor after 12 seconds",                  LEARN,  1, 3, 0, false,  12, LEARN_OWNED },
	{ "and it stays where it was",             LOOKUP, 1, 0, 0, false,  12, 2 },
	{ "its owner speaks again",                LEARN,  1, 2, 0, false,  12, LEARN_KNOWN },
	{ "which counts from then",                LEARN,  1, 3, 0, false,  24, LEARN_OWNED },
	{ "after 13 silent seconds it moves",      LEARN,  1, 3, 0, false,  25, LEARN_MOVED },
	{ "and is found there",                    LOOKUP, 1, 0, 0, false,  25, 3 },
	{ "and owned there",                       LEARN,  1, 2, 0, false,  37, LEARN_OWNED },
	{ "the LAN takes it at once",              LEARN,  1, 1, 0, true,   37, LEARN_MOVED },
	{ "and is found there",                    LOOKUP, 1, 0, 0, false,  37, 1 },
	{ "a client cannot take it back",          LEARN,  1, 3, 0, false,  49, LEARN_OWNED },
	{ "unless the LAN is silent",              LEARN,  1, 3, 0, false,  50, LEARN_MOVED },
	{ "it is counted once",                    COUNT,  0, 0, 0, false,   0, 1 },
	{ "where it is",                      COUNT_PORT,  0, 3, 0, false,   0, 1 },
	{ "not where it was",                 COUNT_PORT,  0, 2, 0, false,   0, 0 },
	{ "nor where it was last",            COUNT_PORT,  0, 1, 0, false,   0, 0 },
	{ 0 }
};

static const struct step limits[] = {
	{ "the first of two",                      LEARN,  1, 2, 2, false,   0, LEARN_NEW },
	{ "the second of two",                     LEARN,  2, 2, 2, false,   0, LEARN_NEW },
	{ "a third is one too many",               LEARN,  3, 2, 2, false,   0, LEARN_LIMIT },
	{ "and not learned",                       LOOKUP, 3, 0, 0, false,   0, PORT_NONE },
	{ "the known ones may go on",              LEARN,  1, 2, 2, false,  20, LEARN_KNOWN },
	{ "another port has its own limit",        LEARN,  3, 3, 2, false,  20, LEARN_NEW },
	{ "a move counts too",                     LEARN,  3, 2, 2, false,  40, LEARN_LIMIT },
	{ "and leaves it where it was",            LOOKUP, 3, 0, 0, false,  40, 3 },
	{ "a forgotten port has room",             FORGET, 0, 2, 0, false,   0, 0 },
	{ "for others",                            LEARN,  4, 2, 2, false,  40, LEARN_NEW },
	{ "and a move",                            LEARN,  3, 2, 2, false,  40, LEARN_MOVED },
	{ "and no more",                           LEARN,  5, 2, 2, false,  40, LEARN_LIMIT },
	{ "0 is no limit",                         LEARN,  5, 2, 0, false,  40, LEARN_NEW },
	{ "all are counted",                  COUNT_PORT,  0, 2, 0, false,   0, 3 },
	{ 0 }
};

static const struct step ageing[] = {
	{ "one at 0",                              LEARN,  1, 2, 0, false,   0, LEARN_NEW },
	{ "one at 10",                             LEARN,  2, 2, 0, false,  10, LEARN_NEW },
	{ "nothing is old yet",                    AGE,    0, 0, 0, false, 299, 0 },
	{ "found at 299",                          LOOKUP, 1, 0, 0, false, 299, 2 },
	{ "too old at 300",                        LOOKUP, 1, 0, 0, false, 300, PORT_NONE },
	{ "the other one not",                     LOOKUP, 2, 0, 0, false, 300, 2 },
	{ "one is forgotten",                      AGE,    0, 0, 0, false, 300, 1 },
	{ "one is left",                      COUNT_PORT,  0, 2, 0, false,   0, 1 },
	{ "it speaks",                             LEARN,  2, 2, 0, false, 305, LEARN_KNOWN },
	{ "and stays",                             AGE,    0, 0, 0, false, 604, 0 },
	{ "until it is old",                       AGE,    0, 0, 0, false, 605, 1 },
	{ "nothing is left",                       COUNT,  0, 0, 0, false,   0, 0 },
	{ "a thread whose clock is ahead",         LEARN,  3, 2, 0, false, 611, LEARN_NEW },
	{ "makes nothing old",                     LOOKUP, 3, 0, 0, false, 610, 2 },
	{ "nor free to take",                      LEARN,  3, 4, 0, false, 610, LEARN_OWNED },
	{ "nor forgotten",                         AGE,    0, 0, 0, false, 610, 0 },
	{ 0 }
};

static const struct step forgetting[] = {
	{ "two on port 2",                         LEARN,  1, 2, 0, false,   0, LEARN_NEW },
	{ "two on port 2",                         LEARN,  2, 2, 0, false,   0, LEARN_NEW },
	{ "one on port 3",                         LEARN,  3, 3, 0, false,   0, LEARN_NEW },
	{ "port 2 goes",                           FORGET, 0, 2, 0, false,   0, 0 },
	{ "the first is gone",                     LOOKUP, 1, 0, 0, false,   0, PORT_NONE },
	{ "the second is gone",                    LOOKUP, 2, 0, 0, false,   0, PORT_NONE },
	{ "the other port's is not",               LOOKUP, 3, 0, 0, false,   0, 3 },
	{ "nothing is counted there",         COUNT_PORT,  0, 2, 0, false,   0, 0 },
	{ "one is counted in all",                 COUNT,  0, 0, 0, false,   0, 1 },
	{ "nobody owns it any more",               LEARN,  1, 4, 0, false,   0, LEARN_NEW },
	{ "a port that never was",                 FORGET, 0, 9, 0, false,   0, 0 },
	{ "a port out of range",                   FORGET, 0, PORTS, 0, false, 0, 0 },
	{ "learns nothing",                        LEARN,  7, PORTS, 0, false, 0, LEARN_FULL },
	{ "like no port",                          LEARN,  7, PORT_NONE, 0, false, 0, LEARN_FULL },
	{ "and counts nothing",               COUNT_PORT,  0, PORTS, 0, false, 0, 0 },
	{ 0 }
};
/* clang-format on */

static unsigned do_step(struct address_table *table, const struct step *step)
{
	struct mac mac = mac_number(step->mac);
	uint32_t now_s = NOW + step->at_s;

	switch (step->verb) {
	case LEARN:
		return address_table_learn(table, &mac, step->port, step->max_addresses,
					   step->takes_over, now_s);
	case LOOKUP: return address_table_lookup(table, &mac, now_s);
	case FORGET: address_table_forget_port(table, step->port); return 0;
	case AGE: return address_table_age(table, now_s);
	case COUNT: return address_table_count(table);
	case COUNT_PORT: return address_table_count_port(table, step->port);
	case END: break;
	}
	return 0;
}

static void stories_go_as_told(void **state)
{
	static const struct step *const stories[] = { moving, limits, ageing, forgetting };

	for (size_t i = 0; i < ARRAY_LEN(stories); i++) {
		struct address_table *table = address_table_new(64, PORTS, key);

		for (const struct step *step = stories[i]; step->verb != END; step++) {
			unsigned got = do_step(table, step);
			if (got != step->expected)
				fail_msg("story %zu, step %d: %s: %u, not %u", i,
					 (int)(step - stories[i]), step->what, got, step->expected);
		}
		address_table_free(table);
	}
}

static void the_clock_may_wrap(void **state)
{
	struct address_table *table = address_table_new(64, PORTS, key);

	learn(table, 1, 2, UINT32_MAX - 5);
	assert_int_equal(lookup(table, 1, 200), 2);
	assert_int_equal(lookup(table, 1, 294), PORT_NONE);
	assert_int_equal(learn(table, 1, 3, 5), LEARN_OWNED);
	assert_int_equal(learn(table, 1, 3, 7), LEARN_MOVED);
	address_table_free(table);
}

static void addresses_of_a_port_are_listed(void **state)
{
	struct address_table *table = address_table_new(1000, PORTS, key);
	struct mac list[16];
	bool seen[10] = { false };

	for (uint32_t n = 0; n < 500; n++)
		learn(table, n, n < 10 ? 2 : 3, NOW);
	assert_int_equal(address_table_of_port(table, 2, list, ARRAY_LEN(list)), 10);
	for (unsigned i = 0; i < 10; i++) {
		struct mac same = mac_number(list[i].octet[5]);

		assert_true(list[i].octet[5] < 10 && mac_equal(&list[i], &same));
		assert_false(seen[list[i].octet[5]]);
		seen[list[i].octet[5]] = true;
	}
	assert_int_equal(address_table_of_port(table, 2, list, 4), 4);
	assert_int_equal(address_table_of_port(table, 2, list, 0), 0);
	assert_int_equal(address_table_of_port(table, 4, list, 16), 0);
	assert_int_equal(address_table_of_port(table, PORT_NONE, list, 16), 0);
	assert_int_equal(address_table_of_port(table, PORTS, list, 16), 0);
	address_table_free(table);
}

static void every_bit_of_an_address_counts(void **state)
{
	struct address_table *table = address_table_new(64, PORTS, key);
	struct mac mac = { { 0 } };

	assert_int_equal(address_table_learn(table, &mac, 2, 0, false, NOW), LEARN_NEW);
	for (unsigned bit = 0; bit < 48; bit++) {
		mac = (struct mac) { { 0 } };
		mac.octet[bit / 8] = (uint8_t)(1 << bit % 8);
		assert_int_equal(address_table_lookup(table, &mac, NOW), PORT_NONE);
		assert_int_equal(address_table_learn(table, &mac, 3, 0, false, NOW), LEARN_NEW);
	}
	assert_int_equal(address_table_count(table), 49);
	address_table_free(table);
}

/* ---- a full table ---- */

#define CAPACITY 1024
#define FLOODER 60

static unsigned still_there(const struct address_table *table, uint32_t first, unsigned count,
			    uint16_t port)
{
	unsigned found = 0;

	for (uint32_t n = first; n < first + count; n++)
		found += lookup(table, n, NOW) == port;
	return found;
}

/* Many addresses from one port, which nobody limits. */
static void flood(struct address_table *table, uint16_t port, uint32_t first, uint32_t count)
{
	for (uint32_t n = first; n < first + count; n++) {
		learn(table, n, port, NOW);
		assert_true(address_table_count(table) <= CAPACITY);
	}
}

static void a_flood_hurts_only_itself(void **state)
{
	struct address_table *table = address_table_new(CAPACITY, PORTS, key);

	for (uint16_t port = 2; port < 22; port++) /* 20 quiet ports, 20 addresses each */
		flood(table, port, port * 100u, 20);
	flood(table, FLOODER, 1000000, 50000);

	for (uint16_t port = 2; port < 22; port++)
		assert_int_equal(still_there(table, port * 100u, 20, port), 20);
	assert_int_equal(address_table_count_port(table, FLOODER), CAPACITY - 20 * 20);

	/* who comes later finds room at the flooder's cost */
	for (uint32_t n = 0; n < 40; n++)
		assert_int_equal(learn(table, 5000 + n, 30, NOW), LEARN_NEW);
	assert_int_equal(still_there(table, 5000, 40, 30), 40);
	assert_int_equal(address_table_count_port(table, FLOODER), CAPACITY - 20 * 20 - 40);
	for (uint16_t port = 2; port < 22; port++)
		assert_int_equal(still_there(table, port * 100u, 20, port), 20);
	address_table_free(table);
}

static void floods_share_what_is_left(void **state)
{
	struct address_table *table = address_table_new(CAPACITY, PORTS, key);

	flood(table, 2, 100, 24);
	flood(table, FLOODER, 1000000, 20000);
	flood(table, FLOODER + 1, 2000000, 20000);
	flood(table, FLOODER, 3000000, 20000);
	assert_int_equal(still_there(table, 100, 24, 2), 24);
	/* neither gets below a third of the table, whoever floods last */
	assert_in_range(address_table_count_port(table, FLOODER), CAPACITY / 3, CAPACITY);
	assert_in_range(address_table_count_port(table, FLOODER + 1), CAPACITY / 3, CAPACITY);
	address_table_free(table);
}

static void a_large_owner_is_cut_to_its_share(void **state)
{
	struct address_table *table = address_table_new(CAPACITY, PORTS, key);

	flood(table, 2, 100, 100);		/* below a third */
	flood(table, 3, 10000, CAPACITY - 100); /* all the rest */
	flood(table, FLOODER, 1000000, 50000);
	assert_int_equal(still_there(table, 100, 100, 2), 100);
	assert_in_range(address_table_count_port(table, 3), CAPACITY / 3, CAPACITY / 2);
	address_table_free(table);
}

static void who_has_less_than_its_share_loses_nothing(void **state)
{
	struct address_table *table = address_table_new(CAPACITY, PORTS, key);

	for (uint16_t port = 34; port < PORTS; port++) { /* who has gone has no share */
		flood(table, port, port * 100u, 1);
		address_table_forget_port(table, port);
	}
	for (uint16_t port = 2; port < 32; port++) /* the share of 32 ports is 32 */
		flood(table, port, port * 100u, 30);
	flood(table, 32, 10000, CAPACITY - 30 * 30);
	for (uint32_t n = 0; n < 30; n++) /* also in a bucket where port 32 has nothing */
		assert_int_equal(learn(table, 20000 + n, 33, NOW), LEARN_NEW);
	for (uint16_t port = 2; port < 32; port++)
		assert_int_equal(still_there(table, port * 100u, 30, port), 30);
	assert_int_equal(still_there(table, 20000, 30, 33), 30);
	address_table_free(table);
}

static void a_full_table_forgets_the_old_first(void **state)
{
	struct address_table *table = address_table_new(CAPACITY, PORTS, key);

	for (uint32_t n = 0; n < CAPACITY / 2; n++)
		learn(table, n, 2, NOW - TABLE_AGE_S);
	flood(table, 3, 10000, CAPACITY / 2);
	flood(table, 4, 20000, CAPACITY / 4);
	/* but for buckets that have nothing old */
	assert_in_range(still_there(table, 10000, CAPACITY / 2, 3), CAPACITY / 2 - 16,
			CAPACITY / 2);
	assert_int_equal(still_there(table, 20000, CAPACITY / 4, 4), CAPACITY / 4);
	address_table_free(table);
}

/* ---- a full bucket: 32 slots, found with the same hash as table.c's ---- */

#define BUCKET 32
#define SLOTS (2 * CAPACITY)

/* The next number from `from` on whose address stands in bucket 0. */
static uint32_t in_bucket(uint32_t from)
{
	for (;; from++) {
		struct mac mac = mac_number(from);
		uint64_t word = 0;

		for (unsigned i = 0; i < 8; i++)
			word = word << 8 | (i < 6 ? mac.octet[i] : 0);
		if ((siphash_u64(&key, word) & (SLOTS - 1) & ~(uint64_t)(BUCKET - 1)) == 0)
			return from;
	}
}

#define ANYBODY UINT16_MAX

static const struct bucket_row {
	const char *what;
	unsigned ports;	    /* that share the bucket's slots, from port 2 on */
	unsigned elsewhere; /* addresses that the learner has in other buckets */
	uint16_t learner;
	bool first_is_old;
	enum learn_result result;
	uint16_t loser; /* the port that pays; PORT_NONE: nobody */
} bucket_rows[] = {
	{ "one port's, and another comes", 1, 0, 50, false, LEARN_NEW, 2 },
	{ "one port's, and it comes again", 1, 0, 2, false, LEARN_NEW, 2 },
	{ "31 ports', and the larger one pays", 31, 0, 50, false, LEARN_NEW, 2 },
	{ "32 ports', and a small one comes", 32, 0, 50, false, LEARN_NEW, ANYBODY },
	{ "32 ports', and a large one comes", 32, 9, 50, false, LEARN_FULL, PORT_NONE },
	{ "the same, and one is old", 32, 9, 50, true, LEARN_NEW, 2 },
	{ "one of the 32 comes again", 32, 0, 20, false, LEARN_NEW, 20 },
};

/* Fills bucket 0, and gives the learner its addresses elsewhere; returns a further number of
 * bucket 0. */
static uint32_t fill_bucket(struct address_table *table, const struct bucket_row *row)
{
	uint32_t number = 0;

	for (unsigned n = 0; n < BUCKET; n++, number++) {
		number = in_bucket(number);
		learn(table, number, (uint16_t)(2 + n % row->ports),
		      row->first_is_old && n == 0 ? NOW - TABLE_AGE_S : NOW);
	}
	for (uint32_t n = 0, other = 1u << 24; n < row->elsewhere; other++) {
		if (in_bucket(other) == other)
			continue;
		learn(table, other, row->learner, NOW);
		n++;
	}
	return in_bucket(number);
}

static void a_full_bucket_makes_room_fairly(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bucket_rows); i++) {
		const struct bucket_row *row = &bucket_rows[i];
		struct address_table *table = address_table_new(CAPACITY, PORTS, key);
		uint32_t number = fill_bucket(table, row);
		unsigned expected[PORTS], losers = 0;
		uint16_t loser = PORT_NONE;

		for (uint16_t port = 0; port < PORTS; port++)
			expected[port] = address_table_count_port(table, port);
		enum learn_result result = learn(table, number, row->learner, NOW);

		if (result != row->result ||
		    (lookup(table, number, NOW) == row->learner) != (result == LEARN_NEW))
			fail_msg("%s: result %d", row->what, (int)result);
		expected[row->learner] += result == LEARN_NEW;
		for (uint16_t port = 0; port < PORTS; port++) {
			unsigned lost = expected[port] - address_table_count_port(table, port);
			losers += lost;
			if (lost)
				loser = port;
		}
		if (losers != (row->loser != PORT_NONE) ||
		    (row->loser != ANYBODY && loser != row->loser))
			fail_msg("%s: port %u pays", row->what, loser);
		address_table_free(table);
	}
}

static void nothing_is_freed_twice(void **state)
{
	struct address_table *table = address_table_new(0, 0, key);

	assert_int_equal(learn(table, 1, 2, NOW), LEARN_FULL);
	address_table_free(table);
	address_table_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stories_go_as_told),
		cmocka_unit_test(the_clock_may_wrap),
		cmocka_unit_test(addresses_of_a_port_are_listed),
		cmocka_unit_test(every_bit_of_an_address_counts),
		cmocka_unit_test(a_flood_hurts_only_itself),
		cmocka_unit_test(floods_share_what_is_left),
		cmocka_unit_test(a_large_owner_is_cut_to_its_share),
		cmocka_unit_test(who_has_less_than_its_share_loses_nothing),
		cmocka_unit_test(a_full_table_forgets_the_old_first),
		cmocka_unit_test(a_full_bucket_makes_room_fairly),
		cmocka_unit_test(nothing_is_freed_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
