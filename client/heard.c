/* SPDX-License-Identifier: Apache-2.0 */
/* client/heard.c - finds Router Advertisements among the frames (RFC 4861 6.1.2). */
#include "client/heard.h"

#include "radvd-lite/ra_parts.h"

/*
 * What one router says within such a time is one advertisement in several parts; whole ones to
 * all are 3 s apart (RFC 4861 6.2.6), and what is withdrawn between two comes with lifetime 0.
 */
#define PARTS_MS 1000

bool heard_frame(struct heard *heard, const struct frame *frame, uint64_t now_ms)
{
	struct reader r = reader_over(frame->bytes);
	struct ip6 from, to;
	struct ra ra;

	reader_take(&r, 12);
	if (reader_u16(&r) != ETHER_IP6)
		return false;
	reader_take(&r, 4);
	uint16_t len = reader_u16(&r);
	uint8_t next = reader_u8(&r);
	uint8_t hop_limit = reader_u8(&r);
	if (next != IP_ICMP6 || hop_limit != 255) /* 255: the sender is on the link */
		return false;
	reader_copy(&r, &from, sizeof(from));
	reader_copy(&r, &to, sizeof(to));
	struct reader body = reader_sub(&r, len);
	struct bytes message = reader_rest(&body);
	if (message.len < 1 || message.data[0] != ND_RA || !ip6_is_link_local(&from))
		return false;
	uint32_t sum = checksum_pseudo6(&from, &to, IP_ICMP6, (uint32_t)message.len);
	if (checksum_finish(checksum_add(sum, message)) != 0 || !ra_parse(message, &ra))
		return false;
	if (heard->any && ip6_equal(&heard->from, &from) && now_ms - heard->at_ms < PARTS_MS)
		ra_merge(&heard->ra, &ra);
	else
		heard->ra = ra;
	heard->any = true;
	heard->at_ms = now_ms;
	heard->from = from;
	return true;
}
