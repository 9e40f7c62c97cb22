/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra_check.c - is this packet a Router Advertisement that a host would believe?
 *
 * Any bytes may come.  RFC 4861 4.2, 6.1.2.
 */
#include "radvd-lite/ra_check.h"

const char *const ra_verdict_name[RA_VERDICTS] = {
	[RA_VALID] = "valid",
	[RA_BAD_HOP_LIMIT] = "bad_hop_limit",
	[RA_BAD_SOURCE] = "bad_source",
	[RA_BAD_CHECKSUM] = "bad_checksum",
	[RA_BAD_MESSAGE] = "bad_message",
	[RA_NOT_RA] = "not_ra",
};

enum ra_verdict ra_check(struct bytes packet, struct ip6 *from, struct ra *ra)
{
	struct reader r = reader_over(packet);
	struct ip6 source, destination;
	struct ra read;

	uint8_t version = (uint8_t)(reader_u32(&r) >> 28);
	uint16_t len = reader_u16(&r);
	uint8_t next = reader_u8(&r);
	uint8_t hop_limit = reader_u8(&r);
	reader_copy(&r, source.octet, sizeof(source.octet));
	reader_copy(&r, destination.octet, sizeof(destination.octet));
	struct reader look = r;
	if (version != 6 || next != IP_ICMP6 || reader_u8(&look) != ND_RA)
		return RA_NOT_RA;
	if (hop_limit != 255) /* RFC 4861 6.1.2: 255 proves the sender is on the link */
		return RA_BAD_HOP_LIMIT;
	if (!ip6_is_link_local(&source))
		return RA_BAD_SOURCE;
	struct reader body = reader_sub(&r, len);
	if (body.bad)
		return RA_BAD_MESSAGE;
	struct bytes message = reader_rest(&body);
	uint32_t sum = checksum_pseudo6(&source, &destination, IP_ICMP6, len);
	if (checksum_fold(checksum_add(sum, message)) != 0xffff)
		return RA_BAD_CHECKSUM;
	if (!ra_parse(message, &read))
		return RA_BAD_MESSAGE;
	*from = source;
	*ra = read;
	return RA_VALID;
}
