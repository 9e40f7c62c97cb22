/* SPDX-License-Identifier: Apache-2.0 */
/* base/siphash.h
 *
 * SipHash-2-4 (Aumasson, Bernstein 2012): the keyed hash for tables whose keys a peer
 * chooses, so that nobody can aim at one slot.
 */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t k0, k1;
};

/* Of any bytes. */
uint64_t siphash(const struct siphash_key *key, const void *data, size_t len);
/* Of one 64-bit number (as its 8 little-endian bytes): the same result, without the loop. */
uint64_t siphash_u64(const struct siphash_key *key, uint64_t number);

#endif
