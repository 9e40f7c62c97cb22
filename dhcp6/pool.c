/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/pool.c - ranges of addresses, prefixes in parts, the order in which a client tries them.
 *
 * Addresses are numbers of 128 bits here and nowhere else.  Not here: reservations (reserve.c).
 */
#include "dhcp6/pool.h"

typedef unsigned __int128 number;

static number number_of(const struct ip6 *address)
{
	number n = 0;

	for (unsigned i = 0; i < sizeof(address->octet); i++)
		n = n << 8 | address->octet[i];
	return n;
}

static struct ip6 address_of(number n)
{
	struct ip6 address;

	for (unsigned i = sizeof(address.octet); i > 0; i--, n >>= 8)
		address.octet[i - 1] = (uint8_t)n;
	return address;
}

static number last_of(const struct prefix6 *prefix)
{
	number hosts = prefix->len == 0 ? ~(number)0 : ((number)1 << (128 - prefix->len)) - 1;

	return number_of(&prefix->address) | hosts;
}

static void pool_ends(const struct dhcp6_pool *pool, number *first, number *last)
{
	bool range = pool->kind == DHCP6_ADDRESS;

	*first = number_of(range ? &pool->first : &pool->prefix.address);
	*last = range ? number_of(&pool->last) : last_of(&pool->prefix);
}

const char *dhcp6_pool_fault(const struct dhcp6_pool *pool)
{
	struct prefix6 masked = prefix6_masked(pool->prefix);

	if (pool->set >= DHCP6_MAX_SETS)
		return "has too high a set";
	if (pool->kind == DHCP6_ADDRESS) {
		if (number_of(&pool->first) > number_of(&pool->last))
			return "ends before it begins";
		if (ip6_is_multicast(&pool->first) || ip6_is_multicast(&pool->last) ||
		    ip6_is_link_local(&pool->first) || ip6_is_link_local(&pool->last))
			return "must not have multicast or link-local addresses";
		return NULL;
	}
	if (!ip6_equal(&masked.address, &pool->prefix.address))
		return "has bits beyond its length";
	if (pool->part_len < pool->prefix.len || pool->part_len > 64 || pool->part_len == 0)
		return "must be cut into prefixes of its own length to /64";
	if (pool->exclude_len == 0)
		return NULL;
	unsigned bits = pool->exclude_len - pool->part_len;
	/* RFC 6603 4.2: longer than the delegated prefix; we keep no more than 32 bits of it */
	if (pool->exclude_len <= pool->part_len || bits > 32)
		return "must exclude a prefix that is 1 to 32 bits longer than the delegated ones";
	if (bits < 32 && pool->exclude_id >> bits != 0)
		return "excludes a prefix that is not in the delegated ones";
	return NULL;
}

bool dhcp6_pools_overlap(const struct dhcp6_pool *a, const struct dhcp6_pool *b)
{
	number a_first, a_last, b_first, b_last;

	pool_ends(a, &a_first, &a_last);
	pool_ends(b, &b_first, &b_last);
	return a_first <= b_last && b_first <= a_last;
}

/* RFC 4291 2.6.1: a prefix's first address is every router's; RFC 2526 2: 128 more of each /64 are
 * for anycast. */
static bool is_anycast(number n)
{
	uint64_t host = (uint64_t)n;

	return host == 0 || host - UINT64_C(0xfdffffffffffff80) < 128;
}

bool dhcp6_pool_has(const struct dhcp6_pool *pool, const struct prefix6 *what)
{
	number first, last, at = number_of(&what->address);
	struct prefix6 masked = prefix6_masked(*what);

	pool_ends(pool, &first, &last);
	if (at < first || at > last)
		return false;
	if (pool->kind == DHCP6_ADDRESS)
		return what->len == 128 && !is_anycast(at);
	return what->len == pool->part_len && ip6_equal(&masked.address, &what->address);
}

uint64_t dhcp6_pool_size(const struct dhcp6_pool *pool)
{
	number first, last;

	pool_ends(pool, &first, &last);
	number size = last - first;
	if (pool->kind == DHCP6_PREFIX)
		size >>= 128 - pool->part_len;
	return size >= UINT64_MAX ? UINT64_MAX : (uint64_t)size + 1;
}

struct prefix6 dhcp6_pool_item(const struct dhcp6_pool *pool, uint64_t n)
{
	number first, last;

	pool_ends(pool, &first, &last);
	if (pool->kind == DHCP6_ADDRESS)
		return (struct prefix6) { address_of(first + n), 128 };
	number at = first + ((number)n << (128 - pool->part_len));
	return (struct prefix6) { address_of(at), pool->part_len };
}

bool dhcp6_pool_exclude(const struct dhcp6_pool *pool, const struct prefix6 *what,
			struct prefix6 *exclude)
{
	if (pool->kind != DHCP6_PREFIX || pool->exclude_len == 0 || what->len != pool->part_len)
		return false;
	number id = (number)pool->exclude_id << (128 - pool->exclude_len);
	exclude->address = address_of(number_of(&what->address) | id);
	exclude->len = pool->exclude_len;
	return true;
}

/* ---- the order of trying ---- */

static uint64_t identity_hash(const struct siphash_key *key, const struct dhcp6_identity *identity,
			      const struct dhcp6_pool *pool, uint8_t purpose)
{
	uint8_t text[64 + DHCP6_USER_MAX + DHCP6_DUID_MAX];
	struct writer w = writer_over(text, sizeof(text));

	writer_u8(&w, purpose);
	writer_u8(&w, (uint8_t)pool->kind);
	writer_copy(&w, pool->kind == DHCP6_ADDRESS ? &pool->first : &pool->prefix.address,
		    sizeof(struct ip6));
	writer_u32(&w, identity->iaid);
	writer_u8(&w, identity->duid.len);
	writer_copy(&w, identity->duid.octet, identity->duid.len);
	writer_copy(&w, identity->user, strnlen(identity->user, DHCP6_USER_MAX));
	return siphash(key, text, w.len);
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
	while (b > 0) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

struct dhcp6_walk dhcp6_pool_walk(const struct dhcp6_pool *pool, const struct siphash_key *key,
				  const struct dhcp6_identity *identity)
{
	struct dhcp6_walk walk = { .size = dhcp6_pool_size(pool) };

	walk.at = identity_hash(key, identity, pool, 1) % walk.size;
	walk.left = walk.size < DHCP6_WALK_MAX ? walk.size : DHCP6_WALK_MAX;
	/* A step of one's own keeps clients from queueing up behind each other: 4,096 tries find a
	 * free one in a pool that is 99 % full.  Without a common divisor it comes everywhere. */
	walk.step = 1 + identity_hash(key, identity, pool, 2) % walk.size;
	while (common_divisor(walk.step, walk.size) != 1)
		walk.step++;
	walk.step %= walk.size;
	return walk;
}

bool dhcp6_walk_next(struct dhcp6_walk *walk, const struct dhcp6_pool *pool, struct prefix6 *what)
{
	for (; walk->left > 0; walk->left--) {
		*what = dhcp6_pool_item(pool, walk->at);
		/* at + step modulo size, without going over 64 bits */
		walk->at = walk->at >= walk->size - walk->step
				   ? walk->at - (walk->size - walk->step)
				   : walk->at + walk->step;
		if (dhcp6_pool_has(pool, what)) {
			walk->left--;
			return true;
		}
	}
	return false;
}
