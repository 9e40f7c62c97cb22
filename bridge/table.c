/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/table.c - the address table: buckets of atomic words, and a count per port.
 *
 * An address may stand in any of the 32 slots of its bucket; at most half of all slots are
 * used, so that a bucket is hardly ever full.  A slot is found empty by looking, there are no
 * marks of what was there before: a look-up that finds nothing has read the whole bucket.
 *
 * Every change of a slot is one compare-and-swap.  Who wants to add an address counts it first
 * and takes it back if that fails: so counts are never below what the table holds, and limits
 * are kept whatever the order of events.  The age is written before the swap for the same reason:
 * no moment in which a new address looks old.
 *
 * Not here: whether an address may be learned at all (guard.c).  IEEE 802.1Q 8.7, 8.8.
 */
#include "bridge/table.h"

#include <stdatomic.h>
#include <stdlib.h>

#define BUCKET 32 /* slots; a power of two */
#define CAPACITY_MIN 64
#define CAPACITY_MAX (1u << 24)
#define EVICT_TRIES 16 /* buckets looked at for something to evict */
#define LEARN_TRIES 8  /* times another thread may be faster */
#define SLOT_NONE UINT32_MAX
#define EMPTY 0

struct address_table {
	uint32_t capacity; /* addresses */
	uint32_t mask;	   /* slots - 1 */
	unsigned ports;
	struct siphash_key key;
	_Atomic uint64_t *slots; /* mac << 16 | port, or EMPTY */
	_Atomic uint32_t *seen_s;
	_Atomic uint32_t *counts; /* by port */
	/* what every worker writes, away from what every worker reads */
	_Alignas(64) _Atomic uint32_t total;
	_Atomic uint32_t sharing; /* ports with at least one address */
	_Atomic uint32_t hand;	  /* where the next eviction looks first */
};

/* Where an address may be: a bucket, and where in it to begin. */
struct place {
	uint32_t bucket, start;
	uint64_t word; /* of mac, with port 0 */
};

struct address_table *address_table_new(size_t capacity, unsigned ports, struct siphash_key key)
{
	struct address_table *table = aligned_alloc(_Alignof(struct address_table), sizeof(*table));
	uint32_t slots = 2 * CAPACITY_MIN;

	if (!table)
		return NULL;
	memset(table, 0, sizeof(*table));
	if (capacity < CAPACITY_MIN)
		capacity = CAPACITY_MIN;
	table->capacity = capacity < CAPACITY_MAX ? (uint32_t)capacity : CAPACITY_MAX;
	while (slots < 2 * table->capacity)
		slots *= 2;
	table->mask = slots - 1;
	table->ports = ports;
	table->key = key;
	table->slots = calloc(slots, sizeof(*table->slots));
	table->seen_s = calloc(slots, sizeof(*table->seen_s));
	table->counts = calloc(ports ? ports : 1, sizeof(*table->counts));
	if (!table->slots || !table->seen_s || !table->counts) {
		address_table_free(table);
		return NULL;
	}
	return table;
}

void address_table_free(struct address_table *table)
{
	if (!table)
		return;
	free(table->slots);
	free(table->seen_s);
	free(table->counts);
	free(table);
}

/* ---- slots ---- */

static uint64_t word_of(const struct mac *mac)
{
	const uint8_t *o = mac->octet;

	return (uint64_t)o[0] << 56 | (uint64_t)o[1] << 48 | (uint64_t)o[2] << 40 |
	       (uint64_t)o[3] << 32 | (uint64_t)o[4] << 24 | (uint64_t)o[5] << 16;
}

static struct mac mac_of(uint64_t word)
{
	struct mac mac;

	for (unsigned i = 0; i < sizeof(mac.octet); i++)
		mac.octet[i] = (uint8_t)(word >> (56 - 8 * i));
	return mac;
}

static uint16_t port_of(uint64_t word)
{
	return (uint16_t)word;
}

static bool same_mac(uint64_t a, uint64_t b)
{
	return (a ^ b) >> 16 == 0;
}

static struct place place_of(const struct address_table *table, const struct mac *mac)
{
	uint64_t word = word_of(mac);
	uint64_t hash = siphash_u64(&table->key, word);

	return (struct place) {
		.bucket = (uint32_t)hash & table->mask & ~(uint32_t)(BUCKET - 1),
		.start = (uint32_t)(hash >> 32) & (BUCKET - 1),
		.word = word,
	};
}

/* The nth slot to look at: all addresses of a bucket beginning at its first slot would make
 * each walk as long as the bucket is full. */
static uint32_t slot_at(const struct place *place, unsigned n)
{
	return place->bucket | ((place->start + n) & (BUCKET - 1));
}

static uint64_t slot_word(const struct address_table *table, uint32_t slot)
{
	return atomic_load_explicit(&table->slots[slot], memory_order_acquire);
}

static uint32_t age_s(const struct address_table *table, uint32_t slot, uint32_t now_s)
{
	uint32_t age = now_s - atomic_load_explicit(&table->seen_s[slot], memory_order_relaxed);

	/* another thread's clock may be a little ahead of ours */
	return age > INT32_MAX ? 0 : age;
}

static bool is_old(const struct address_table *table, uint32_t slot, uint32_t now_s)
{
	return age_s(table, slot, now_s) >= TABLE_AGE_S;
}

static void touch(struct address_table *table, uint32_t slot, uint32_t now_s)
{
	/* only if it changes: the line is shared with other threads */
	if (atomic_load_explicit(&table->seen_s[slot], memory_order_relaxed) != now_s)
		atomic_store_explicit(&table->seen_s[slot], now_s, memory_order_relaxed);
}

static uint32_t find(const struct address_table *table, const struct place *place, uint64_t *word)
{
	for (unsigned n = 0; n < BUCKET; n++) {
		uint32_t slot = slot_at(place, n);

		*word = slot_word(table, slot);
		if (same_mac(*word, place->word) && *word != EMPTY)
			return slot;
	}
	return SLOT_NONE;
}

/* ---- counts ---- */

static uint32_t count_of(const struct address_table *table, uint16_t port)
{
	return atomic_load_explicit(&table->counts[port], memory_order_seq_cst);
}

static void uncount(struct address_table *table, uint16_t port)
{
	if (atomic_fetch_sub(&table->counts[port], 1) == 1)
		atomic_fetch_sub(&table->sharing, 1);
}

/* Counts one more address on `port`; false if it has `max` already (0: no limit). */
static bool count(struct address_table *table, uint16_t port, uint32_t max)
{
	uint32_t before = atomic_fetch_add(&table->counts[port], 1);

	if (before == 0)
		atomic_fetch_add(&table->sharing, 1);
	if (max == 0 || before < max)
		return true;
	uncount(table, port);
	return false;
}

static bool swap(struct address_table *table, uint32_t slot, uint64_t from, uint64_t to)
{
	return atomic_compare_exchange_strong(&table->slots[slot], &from, to);
}

/* Forgets what stands in `slot`, if it is still `word`. */
static bool clear(struct address_table *table, uint32_t slot, uint64_t word)
{
	if (!swap(table, slot, word, EMPTY))
		return false;
	uncount(table, port_of(word));
	atomic_fetch_sub(&table->total, 1);
	return true;
}

/* ---- room ---- */

/*
 * The slot to be given up in a bucket (at `bucket`): an old one, or one of the port that owns
 * most, if that is at least what the learner has with the new address and more than `share`.
 * SLOT_NONE if there is none.
 */
static uint32_t pick_victim(const struct address_table *table, uint32_t bucket, uint16_t learner,
			    uint32_t share, uint32_t now_s, uint64_t *victim)
{
	uint32_t best = SLOT_NONE, most = 0;

	for (uint32_t slot = bucket; slot < bucket + BUCKET; slot++) {
		uint64_t word = slot_word(table, slot);

		if (word == EMPTY)
			continue;
		uint32_t owned = count_of(table, port_of(word));
		bool old = is_old(table, slot, now_s);

		if (!old && (owned <= most || owned <= share || owned < count_of(table, learner)))
			continue;
		best = slot;
		*victim = word;
		if (old)
			break;
		most = owned;
	}
	return best;
}

/*
 * Makes a full table one address smaller.  It is shared equally: only who has more than that
 * loses.  The new address's own bucket comes first, so that full ones do not grow.
 */
static bool evict(struct address_table *table, const struct place *place, uint16_t learner,
		  uint32_t now_s)
{
	uint32_t sharing = atomic_load(&table->sharing); /* not 0: the learner is among them */
	uint32_t bucket = place->bucket;

	for (unsigned n = 0; n < EVICT_TRIES; n++) {
		uint64_t victim = EMPTY;
		uint32_t slot = pick_victim(table, bucket, learner, table->capacity / sharing,
					    now_s, &victim);

		if (slot != SLOT_NONE && clear(table, slot, victim))
			return true;
		bucket = atomic_fetch_add(&table->hand, BUCKET) & table->mask;
	}
	return false;
}

/* The slot of a bucket for a new address; SLOT_NONE if there is none. */
static uint32_t slot_for(const struct address_table *table, const struct place *place,
			 uint16_t learner, uint32_t now_s, uint64_t *word)
{
	for (unsigned n = 0; n < BUCKET; n++) {
		uint32_t slot = slot_at(place, n);

		*word = slot_word(table, slot);
		if (*word == EMPTY)
			return slot;
	}
	return pick_victim(table, place->bucket, learner, 0, now_s, word);
}

/* ---- learn ---- */

/* Two threads that add one address at the same moment may use two slots: one is enough. */
static void remove_doubles(struct address_table *table, const struct place *place)
{
	bool seen = false;

	for (uint32_t slot = place->bucket; slot < place->bucket + BUCKET; slot++) {
		uint64_t word = slot_word(table, slot);

		if (word == EMPTY || !same_mac(word, place->word))
			continue;
		if (seen)
			clear(table, slot, word);
		seen = true;
	}
}

/* Puts a counted address into `slot`; false if another thread was faster. */
static bool insert(struct address_table *table, const struct place *place, uint32_t slot,
		   uint64_t old, uint16_t port, uint32_t now_s)
{
	touch(table, slot, now_s);
	if (!swap(table, slot, old, place->word | port))
		return false;
	if (old != EMPTY) {
		uncount(table, port_of(old));
		atomic_fetch_sub(&table->total, 1);
	}
	remove_doubles(table, place);
	return true;
}

/* These two say whether *result is settled; otherwise another thread was faster: look again. */
static bool learn_new(struct address_table *table, const struct place *place, uint16_t port,
		      uint32_t max_addresses, uint32_t now_s, enum learn_result *result)
{
	uint32_t slot = SLOT_NONE;
	uint64_t old = EMPTY;

	*result = LEARN_LIMIT;
	if (!count(table, port, max_addresses))
		return true;
	if (atomic_fetch_add(&table->total, 1) < table->capacity ||
	    evict(table, place, port, now_s))
		slot = slot_for(table, place, port, now_s, &old);

	*result = LEARN_NEW;
	if (slot != SLOT_NONE && insert(table, place, slot, old, port, now_s))
		return true;
	atomic_fetch_sub(&table->total, 1);
	uncount(table, port);
	*result = LEARN_FULL;
	return slot == SLOT_NONE;
}

static bool learn_move(struct address_table *table, uint32_t slot, uint64_t word, uint16_t port,
		       uint32_t max_addresses, uint32_t now_s, enum learn_result *result)
{
	*result = LEARN_LIMIT;
	if (!count(table, port, max_addresses))
		return true;
	touch(table, slot, now_s);
	if (!swap(table, slot, word, (word & ~(uint64_t)UINT16_MAX) | port)) {
		uncount(table, port);
		*result = LEARN_FULL;
		return false;
	}
	uncount(table, port_of(word));
	*result = LEARN_MOVED;
	return true;
}

enum learn_result address_table_learn(struct address_table *table, const struct mac *mac,
				      uint16_t port, uint32_t max_addresses, bool takes_over,
				      uint32_t now_s)
{
	struct place place = place_of(table, mac);
	enum learn_result result = LEARN_FULL;
	bool settled = false;

	if (port == PORT_NONE || port >= table->ports)
		return LEARN_FULL;
	for (unsigned n = 0; n < LEARN_TRIES && !settled; n++) {
		uint64_t word;
		uint32_t slot = find(table, &place, &word);

		if (slot == SLOT_NONE) {
			settled = learn_new(table, &place, port, max_addresses, now_s, &result);
			continue;
		}
		if (port_of(word) == port) {
			touch(table, slot, now_s);
			return LEARN_KNOWN;
		}
		if (!takes_over && age_s(table, slot, now_s) < TABLE_OWNED_S)
			return LEARN_OWNED;
		settled = learn_move(table, slot, word, port, max_addresses, now_s, &result);
	}
	return result;
}

/* ---- the rest ---- */

uint16_t address_table_lookup(const struct address_table *table, const struct mac *mac,
			      uint32_t now_s)
{
	struct place place = place_of(table, mac);
	uint64_t word;
	uint32_t slot = find(table, &place, &word);

	if (slot == SLOT_NONE || is_old(table, slot, now_s))
		return PORT_NONE;
	return port_of(word);
}

void address_table_forget_port(struct address_table *table, uint16_t port)
{
	if (port == PORT_NONE || port >= table->ports)
		return;
	for (uint32_t slot = 0; slot <= table->mask && count_of(table, port) > 0; slot++) {
		uint64_t word = slot_word(table, slot);

		if (port_of(word) == port)
			clear(table, slot, word);
	}
}

unsigned address_table_age(struct address_table *table, uint32_t now_s)
{
	unsigned forgotten = 0;

	for (uint32_t slot = 0; slot <= table->mask; slot++) {
		uint64_t word = slot_word(table, slot);

		if (word != EMPTY && is_old(table, slot, now_s))
			forgotten += clear(table, slot, word);
	}
	return forgotten;
}

unsigned address_table_of_port(const struct address_table *table, uint16_t port, struct mac *mac,
			       unsigned max)
{
	unsigned found = 0;

	if (port == PORT_NONE || port >= table->ports)
		return 0;
	/* as many as are counted: most ports have one address, the table is large */
	for (uint32_t slot = 0; slot <= table->mask && found < max && found < count_of(table, port);
	     slot++) {
		uint64_t word = slot_word(table, slot);

		if (port_of(word) == port)
			mac[found++] = mac_of(word);
	}
	return found;
}

unsigned address_table_count(const struct address_table *table)
{
	return atomic_load(&table->total);
}

unsigned address_table_count_port(const struct address_table *table, uint16_t port)
{
	return port < table->ports ? count_of(table, port) : 0;
}
