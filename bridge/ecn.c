/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/ecn.c - two bits in the second byte of IPv4's header, across two bytes of IPv6's. */
#include "bridge/ecn.h"

#include "bridge/headers.h"

#define ECN_NOT_CAPABLE 0
#define ECN_CE 3
#define IP4_CHECKSUM_AT 10

/* In the first 16 bits of the header: IPv4 has the field in bits 0 and 1, IPv6 in 4 and 5. */
static unsigned shift_of(uint8_t version)
{
	return version == 4 ? 0 : 4;
}

static uint16_t load_u16(const uint8_t *at)
{
	struct reader r = { .at = at, .left = 2 };

	return reader_u16(&r);
}

static void store_u16(uint8_t *at, uint16_t value)
{
	struct writer w = writer_over(at, 2);

	writer_u16(&w, value);
}

/* RFC 1624 section 3, equation 3: one word of the header changed. */
static void correct_checksum(uint8_t *at, uint16_t was, uint16_t is)
{
	uint32_t sum = (uint16_t)~load_u16(at);

	sum += (uint16_t)~was;
	sum += is;
	store_u16(at, checksum_finish(sum));
}

bool ecn_mark(uint8_t *frame, size_t len)
{
	struct headers h;

	headers_walk((struct bytes) { frame, len }, &h);
	if (h.version == 0)
		return false;

	uint8_t *ip = frame + ETHER_HEADER_LEN; /* the walk has seen a whole header there */
	unsigned shift = shift_of(h.version);
	uint16_t was = load_u16(ip);
	uint16_t is = (uint16_t)(was | ECN_CE << shift);

	if ((was >> shift & ECN_CE) == ECN_NOT_CAPABLE)
		return false;
	store_u16(ip, is);
	if (h.version == 4 && is != was)
		correct_checksum(ip + IP4_CHECKSUM_AT, was, is);
	return true;
}
