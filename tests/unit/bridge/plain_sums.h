/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/plain_sums.h
 *
 * Checksums and numbers in packets for tests, sharing nothing with the code under test.
 */
#ifndef TESTS_BRIDGE_PLAIN_SUMS_H
#define TESTS_BRIDGE_PLAIN_SUMS_H

#include <stddef.h>
#include <stdint.h>

static inline void put(uint8_t *at, size_t value, unsigned bytes)
{
	while (bytes-- > 0) {
		at[bytes] = (uint8_t)value;
		value >>= 8;
	}
}

static inline size_t get(const uint8_t *at, unsigned bytes)
{
	size_t value = 0;

	while (bytes-- > 0)
		value = value << 8 | *at++;
	return value;
}

/* RFC 1071 in its plainest form: sums right if the result is 0xffff. */
static inline unsigned plain_sum(unsigned sum, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		sum += i % 2 ? data[i] : (unsigned)data[i] << 8;
		if (sum > 0xffff)
			sum -= 0xffff;
	}
	return sum;
}

/* The sum of a whole TCP or UDP packet with its pseudo-header. */
static inline unsigned packet_sum(const uint8_t *ip, size_t ip_header_len, unsigned protocol,
				  size_t len)
{
	uint8_t tail[4];
	unsigned sum = ip[0] >> 4 == 6 ? plain_sum(0, ip + 8, 32) : plain_sum(0, ip + 12, 8);

	put(tail, len, 2);
	put(tail + 2, protocol, 2);
	return plain_sum(plain_sum(sum, tail, 4), ip + ip_header_len, len);
}

#endif
