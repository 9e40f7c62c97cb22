/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/rs.c - is this packet a Router Solicitation that deserves an answer?
 *
 * Any bytes may come.  Extension headers are not walked: one that hides an RS is the caller's
 * to refuse.  Bytes behind the payload (Ethernet padding) are not looked at.
 *
 * RFC 4861 4.1, 6.1.1; RFC 4291 2.7 (no multicast source).
 */
#include "radvd-lite/rs.h"

#include "radvd-lite/nd.h"

const char *const rs_verdict_name[RS_VERDICTS] = {
	[RS_VALID] = "valid",
	[RS_BAD_HOP_LIMIT] = "bad_hop_limit",
	[RS_BAD_CHECKSUM] = "bad_checksum",
	[RS_BAD_CODE] = "bad_code",
	[RS_TOO_SHORT] = "too_short",
	[RS_BAD_OPTION] = "bad_option",
	[RS_UNSPECIFIED_WITH_MAC] = "unspecified_with_mac",
	[RS_NOT_RS] = "not_rs",
	[RS_BAD_SOURCE] = "bad_source",
};

struct header {
	uint8_t version, next, hop_limit;
	uint16_t payload_len;
	struct ip6 source, destination;
};

/* RFC 8200 3. */
static bool read_header(struct reader *r, struct header *header)
{
	header->version = (uint8_t)(reader_u32(r) >> 28);
	header->payload_len = reader_u16(r);
	header->next = reader_u8(r);
	header->hop_limit = reader_u8(r);
	reader_copy(r, header->source.octet, 16);
	reader_copy(r, header->destination.octet, 16);
	return !r->bad;
}

static bool has_good_checksum(const struct header *header, struct reader message)
{
	uint32_t sum = checksum_pseudo6(&header->source, &header->destination, IP_ICMP6,
					header->payload_len);

	return checksum_fold(checksum_add(sum, reader_rest(&message))) == 0xffff;
}

static enum rs_verdict check_options(struct reader options, const struct header *header,
				     struct rs *rs)
{
	struct nd_option option;
	bool names_mac = false;

	while (nd_option_next(&options, &option)) {
		if (option.type != ND_SOURCE_MAC)
			continue;
		names_mac = true;
		if (!rs->has_source_mac)
			rs->has_source_mac = nd_read_mac(option.body, &rs->source_mac);
	}
	if (options.bad)
		return RS_BAD_OPTION;
	if (names_mac && ip6_is_unspecified(&header->source))
		return RS_UNSPECIFIED_WITH_MAC;
	return RS_VALID;
}

static enum rs_verdict check_message(struct reader message, const struct header *header,
				     struct rs *rs)
{
	if (message.left < ND_MIN_RS_LEN)
		return RS_TOO_SHORT;
	if (!has_good_checksum(header, message))
		return RS_BAD_CHECKSUM;
	reader_u8(&message); /* type: the caller has seen it */
	if (reader_u8(&message) != 0)
		return RS_BAD_CODE;
	reader_take(&message, 6); /* checksum, reserved: "MUST be ignored" */
	return check_options(message, header, rs);
}

enum rs_verdict rs_check(struct bytes packet, struct rs *rs)
{
	struct reader r = reader_over(packet);
	struct header header;

	memset(rs, 0, sizeof(*rs));
	if (!read_header(&r, &header) || header.version != 6 || header.next != IP_ICMP6)
		return RS_NOT_RS;
	struct reader look = r;
	if (reader_u8(&look) != ND_RS)
		return RS_NOT_RS;
	if (header.hop_limit != 255) /* RFC 4861 6.1.1: 255 proves the sender is on the link */
		return RS_BAD_HOP_LIMIT;
	if (ip6_is_multicast(&header.source)) /* the answer would go to a whole group */
		return RS_BAD_SOURCE;
	struct reader message = reader_sub(&r, header.payload_len);
	enum rs_verdict verdict = check_message(message, &header, rs);
	if (verdict != RS_VALID)
		memset(rs, 0, sizeof(*rs));
	return verdict;
}
