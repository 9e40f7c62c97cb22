/* SPDX-License-Identifier: Apache-2.0 */
/* server/tries.c - failures by keyed hash, in sets of eight. */
#include "server/tries.h"

#include <stdlib.h>
#include <string.h>

#define WAYS 8
#define NAME_MAX_LEN 64

/* What an entry counts for; part of what is hashed. */
enum kind { KIND_PAIR = 1, KIND_SOURCE, KIND_USER };

struct entry {
	uint64_t tag; /* the hash; 0: free */
	uint64_t latest_ms;
	uint32_t failures;
};

struct tries {
	struct siphash_key key;
	struct entry entry[TRIES_ENTRIES];
};

struct tries *tries_new(const struct siphash_key *key)
{
	struct tries *tries = calloc(1, sizeof(*tries));

	if (tries)
		tries->key = *key;
	return tries;
}

void tries_free(struct tries *tries)
{
	free(tries);
}

static uint64_t tag_of(const struct tries *tries, enum kind kind, struct bytes source,
		       const char *user)
{
	uint8_t bytes[32 + NAME_MAX_LEN] = { (uint8_t)kind };
	size_t len = 1, name = strnlen(user, NAME_MAX_LEN - 1);

	if (source.len > 0 && source.len <= 16) { /* none: of a user, wherever from */
		memcpy(bytes + len, source.data, source.len);
		len += source.len;
	}
	bytes[len++] = (uint8_t)source.len;
	if (kind != KIND_SOURCE) {
		memcpy(bytes + len, user, name);
		len += name;
	}
	uint64_t tag = siphash(&tries->key, bytes, len);
	return tag ? tag : 1;
}

static const struct entry *find(const struct tries *tries, uint64_t tag, uint64_t now_ms)
{
	const struct entry *set = &tries->entry[tag % (TRIES_ENTRIES / WAYS) * WAYS];

	for (unsigned i = 0; i < WAYS; i++)
		if (set[i].tag == tag && now_ms - set[i].latest_ms < TRIES_FORGET_MS)
			return &set[i];
	return NULL;
}

/* Worth less than the other: over, fewer failures, older. */
static bool is_worth_less(const struct entry *a, const struct entry *b, uint64_t now_ms)
{
	bool a_over = a->tag == 0 || now_ms - a->latest_ms >= TRIES_FORGET_MS;
	bool b_over = b->tag == 0 || now_ms - b->latest_ms >= TRIES_FORGET_MS;

	if (a_over != b_over)
		return a_over;
	if (a->failures != b->failures)
		return a->failures < b->failures;
	return a->latest_ms < b->latest_ms;
}

static struct entry *place(struct tries *tries, uint64_t tag, uint64_t now_ms)
{
	struct entry *found = (struct entry *)find(tries, tag, now_ms);

	if (found)
		return found;
	struct entry *set = &tries->entry[tag % (TRIES_ENTRIES / WAYS) * WAYS], *least = set;
	for (unsigned i = 1; i < WAYS; i++)
		if (is_worth_less(&set[i], least, now_ms))
			least = &set[i];
	*least = (struct entry) { .tag = tag };
	return least;
}

static unsigned failures_of(const struct tries *tries, uint64_t tag, uint64_t now_ms)
{
	const struct entry *entry = find(tries, tag, now_ms);

	return entry ? entry->failures : 0;
}

/* From the latest failure on. */
static uint64_t pause_ms(unsigned failures, unsigned free)
{
	uint64_t pause = TRIES_FIRST_MS;

	if (failures < free)
		return 0;
	for (unsigned i = free; i < failures && pause < TRIES_LAST_MS; i++)
		pause *= 2;
	return pause < TRIES_LAST_MS ? pause : TRIES_LAST_MS;
}

static uint64_t left_ms(const struct tries *tries, uint64_t tag, unsigned free, uint64_t now_ms)
{
	const struct entry *entry = find(tries, tag, now_ms);
	uint64_t until_ms = entry ? entry->latest_ms + pause_ms(entry->failures, free) : 0;

	return until_ms > now_ms ? until_ms - now_ms : 0;
}

uint64_t tries_wait_ms(const struct tries *tries, struct bytes source, const char *user,
		       uint64_t now_ms)
{
	uint64_t pair_ms =
		left_ms(tries, tag_of(tries, KIND_PAIR, source, user), TRIES_FREE_PAIR, now_ms);
	uint64_t source_ms =
		left_ms(tries, tag_of(tries, KIND_SOURCE, source, ""), TRIES_FREE_SOURCE, now_ms);

	return pair_ms > source_ms ? pair_ms : source_ms;
}

unsigned tries_at_once(const struct tries *tries, struct bytes source, const char *user,
		       uint64_t now_ms)
{
	unsigned failures = failures_of(tries, tag_of(tries, KIND_PAIR, source, user), now_ms);

	return failures < TRIES_FREE_PAIR ? TRIES_FREE_PAIR - failures : 1;
}

uint64_t tries_hold_ms(const struct tries *tries, const char *user, uint64_t now_ms)
{
	unsigned failures =
		failures_of(tries, tag_of(tries, KIND_USER, (struct bytes) { 0 }, user), now_ms);
	uint64_t hold_ms =
		failures < TRIES_FREE_USER ? 0 : (uint64_t)(failures - TRIES_FREE_USER + 1) * 20;

	return hold_ms < TRIES_HOLD_MS ? hold_ms : TRIES_HOLD_MS;
}

unsigned tries_failures(const struct tries *tries, struct bytes source, uint64_t now_ms)
{
	return failures_of(tries, tag_of(tries, KIND_SOURCE, source, ""), now_ms);
}

static void count(struct tries *tries, uint64_t tag, uint64_t now_ms)
{
	struct entry *entry = place(tries, tag, now_ms);

	if (entry->failures < UINT32_MAX)
		entry->failures++;
	entry->latest_ms = now_ms;
}

void tries_failed(struct tries *tries, struct bytes source, const char *user, uint64_t now_ms)
{
	count(tries, tag_of(tries, KIND_PAIR, source, user), now_ms);
	count(tries, tag_of(tries, KIND_SOURCE, source, ""), now_ms);
	count(tries, tag_of(tries, KIND_USER, (struct bytes) { 0 }, user), now_ms);
}

void tries_succeeded(struct tries *tries, struct bytes source, const char *user, uint64_t now_ms)
{
	struct entry *pair =
		(struct entry *)find(tries, tag_of(tries, KIND_PAIR, source, user), now_ms);
	struct entry *all =
		(struct entry *)find(tries, tag_of(tries, KIND_SOURCE, source, ""), now_ms);

	if (pair && all)
		all->failures -= pair->failures < all->failures ? pair->failures : all->failures;
	if (pair)
		*pair = (struct entry) { 0 };
}
