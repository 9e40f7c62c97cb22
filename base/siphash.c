/* SPDX-License-Identifier: Apache-2.0 */
/* base/siphash.c
 *
 * SipHash-2-4 as in the paper, section 2: two rounds per 8-byte word, four at the end.
 */
#include "base/siphash.h"

#include <endian.h>
#include <string.h>

struct state {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void sip_round(struct state *s)
{
	s->v0 += s->v1;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v2 = rotate(s->v2, 32);
}

static inline struct state begin(const struct siphash_key *key)
{
	return (struct state) {
		.v0 = key->k0 ^ 0x736f6d6570736575, /* "somepseudorandomlygeneratedbytes" */
		.v1 = key->k1 ^ 0x646f72616e646f6d,
		.v2 = key->k0 ^ 0x6c7967656e657261,
		.v3 = key->k1 ^ 0x7465646279746573,
	};
}

static inline void compress(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	sip_round(s);
	s->v0 ^= word;
}

static inline uint64_t finish(struct state *s)
{
	s->v2 ^= 0xff;
	sip_round(s);
	sip_round(s);
	sip_round(s);
	sip_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

uint64_t siphash(const struct siphash_key *key, const void *data, size_t len)
{
	struct state s = begin(key);
	const uint8_t *at = data;
	uint64_t last = (uint64_t)len << 56; /* the length modulo 256 and the last 0-7 bytes */

	for (size_t words = len / 8; words > 0; words--, at += 8) {
		uint64_t word;

		memcpy(&word, at, sizeof(word));
		compress(&s, le64toh(word));
	}
	for (unsigned i = 0; i < len % 8; i++)
		last |= (uint64_t)at[i] << (8 * i);
	compress(&s, last);
	return finish(&s);
}

uint64_t siphash_u64(const struct siphash_key *key, uint64_t number)
{
	struct state s = begin(key);

	compress(&s, number);
	compress(&s, (uint64_t)8 << 56);
	return finish(&s);
}
