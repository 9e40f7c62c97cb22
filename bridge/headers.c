/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/headers.c - what stands in front of the upper layer, step by step.
 *
 * RFC 8200 4, RFC 4302 2.2 (AH counts its length otherwise), RFC 7112, RFC 5722 (overlapping
 * fragments), RFC 3128 (the same for IPv4).  Not here: what is allowed (guard.c).
 */
#include "bridge/headers.h"

#include "bridge/guard.h"

/*
 * A later fragment that begins so early could overlap the headers that were looked at in the
 * first one.  RFC 5722 has receivers refuse that, not all do.  No sender makes such fragments: the
 * smallest MTU is 1280 bytes, 68 for IPv4.
 */
#define LATER_FRAGMENT_MIN6 GUARD_MAX_CHAIN
#define LATER_FRAGMENT_MIN4 16

enum kind {
	KIND_UPPER,
	KIND_END,     /* nothing behind it can be seen */
	KIND_OPTIONS, /* next header, length in 8 bytes without the first 8 */
	KIND_AH,      /* next header, length in 4 bytes without the first 8 */
	KIND_FRAGMENT,
	KIND_UNASSIGNED, /* by IANA, as of 2026 */
	KIND_UNKNOWN,	 /* an extension header of unknown form */
};

static const uint8_t kind_of[256] = {
	[IP_HOP_BY_HOP] = KIND_OPTIONS,
	[IP_ROUTING] = KIND_OPTIONS,
	[IP_FRAGMENT] = KIND_FRAGMENT,
	[IP_ESP] = KIND_END,
	[IP_AH] = KIND_AH,
	[IP_NO_NEXT] = KIND_END,
	[IP_DESTINATION] = KIND_OPTIONS,
	[IP_MOBILITY] = KIND_OPTIONS,
	[IP_HIP] = KIND_OPTIONS,
	[IP_SHIM6] = KIND_OPTIONS,
	[148 ... 252] = KIND_UNASSIGNED,
	[253 ... 254] = KIND_UNKNOWN,
	[255] = KIND_UNASSIGNED,
};

/* RFC 7112 2: what of the upper layer counts as its header.  All others: nothing. */
static const uint8_t upper_min[256] = {
	[IP_ICMP4] = 4, [IP_TCP] = 20,	[IP_UDP] = UDP_HEADER_LEN, [IP_DCCP] = 12,
	[IP_ICMP6] = 4, [IP_SCTP] = 12, [IP_UDP_LITE] = 8,
};

static enum headers_result missing(const struct headers *h)
{
	return h->fragment ? HEADERS_HIDDEN : HEADERS_TOO_SHORT;
}

static enum headers_result upper_layer(struct reader r, uint8_t protocol, struct headers *h)
{
	h->protocol = protocol;
	h->upper = reader_rest(&r);
	return h->upper.len < upper_min[protocol] ? missing(h) : HEADERS_UPPER;
}

/* Steps over one extension header.  Returns the number of the next one. */
static uint8_t step(struct reader *r, enum kind kind, struct headers *h, unsigned *fragment_offset)
{
	uint8_t next = reader_u8(r);
	uint8_t len = reader_u8(r);

	if (kind == KIND_FRAGMENT) {
		*fragment_offset = reader_u16(r) & 0xfff8u;
		reader_u32(r);	       /* identification */
		h->fragment = !r->bad; /* atomic ones too: RFC 6980 5 */
	} else if (kind == KIND_AH) {
		reader_take(r, (len + 2u) * 4 - 2);
	} else {
		reader_take(r, (len + 1u) * 8 - 2);
	}
	return next;
}

/* Whether the chain may not go on with this header. */
static bool refused(const struct headers *h, uint8_t next)
{
	enum kind kind = kind_of[next];

	if (kind == KIND_UNKNOWN)
		return true;
	if (kind == KIND_UNASSIGNED)
		return h->extensions > 0;
	if (kind == KIND_UPPER || kind == KIND_END)
		return false;
	return h->extensions == GUARD_MAX_HEADERS ||
	       (next == IP_HOP_BY_HOP && h->extensions > 0) || /* RFC 8200 4.1 */
	       (kind == KIND_FRAGMENT && h->fragment);
}

static enum headers_result walk_chain(struct reader r, uint8_t next, struct headers *h)
{
	size_t start = r.left;
	unsigned fragment_offset = 0;

	for (;;) {
		enum kind kind = kind_of[next];

		if (refused(h, next))
			return HEADERS_CHAIN;
		if (kind == KIND_UPPER || kind == KIND_UNASSIGNED)
			return upper_layer(r, next, h);
		if (kind == KIND_END) {
			h->protocol = next;
			return HEADERS_OPAQUE;
		}
		next = step(&r, kind, h, &fragment_offset);
		if (r.bad)
			return missing(h);
		if (start - r.left > GUARD_MAX_CHAIN)
			return HEADERS_CHAIN;
		h->extensions++;
		if (fragment_offset > 0)
			return fragment_offset < LATER_FRAGMENT_MIN6 ? HEADERS_HIDDEN
								     : HEADERS_OPAQUE;
	}
}

static enum headers_result walk_ip6(struct reader *r, struct headers *h)
{
	uint32_t version_class_flow = reader_u32(r);
	uint16_t payload_len = reader_u16(r);
	uint8_t next = reader_u8(r);

	h->hop_limit = reader_u8(r);
	reader_copy(r, &h->ip_source, sizeof(h->ip_source));
	reader_copy(r, &h->ip_destination, sizeof(h->ip_destination));
	/* A jumbogram (length 0, RFC 2675) is longer than any frame here, so 0 means nothing. */
	struct reader payload = reader_sub(r, payload_len);

	if (payload.bad || version_class_flow >> 28 != 6)
		return HEADERS_TOO_SHORT;
	h->version = 6;
	h->trailing = r->left;
	return walk_chain(payload, next, h);
}

static void copy_mapped(struct reader *r, struct ip6 *address)
{
	address->octet[10] = address->octet[11] = 0xff;
	reader_copy(r, address->octet + 12, 4);
}

static enum headers_result walk_ip4(struct reader *r, struct headers *h)
{
	struct reader whole = *r;
	uint8_t version_len = reader_u8(&whole);
	unsigned header_len = (version_len & 15u) * 4;

	reader_u8(&whole); /* type of service */
	uint16_t total_len = reader_u16(&whole);
	if (whole.bad || version_len >> 4 != 4 || header_len < 20)
		return HEADERS_TOO_SHORT;

	struct reader packet = reader_sub(r, total_len);
	struct reader header = reader_sub(&packet, header_len);
	if (header.bad)
		return HEADERS_TOO_SHORT;

	reader_take(&header, 6); /* until the identification */
	uint16_t flags_offset = reader_u16(&header);
	unsigned fragment_offset = (flags_offset & 0x1fffu) * 8;

	h->hop_limit = reader_u8(&header);
	uint8_t protocol = reader_u8(&header);
	reader_u16(&header); /* checksum */
	copy_mapped(&header, &h->ip_source);
	copy_mapped(&header, &h->ip_destination);
	h->version = 4;
	h->trailing = r->left;
	h->fragment = flags_offset & 0x2000 || fragment_offset > 0;
	if (fragment_offset > 0)
		return fragment_offset < LATER_FRAGMENT_MIN4 ? HEADERS_HIDDEN : HEADERS_OPAQUE;
	return upper_layer(packet, protocol, h);
}

enum headers_result headers_walk(struct bytes frame, struct headers *h)
{
	struct reader r = reader_over(frame);
	enum headers_result result = HEADERS_OTHER;

	*h = (struct headers) { 0 };
	reader_copy(&r, &h->destination, sizeof(h->destination));
	reader_copy(&r, &h->source, sizeof(h->source));
	h->ether_type = reader_u16(&r);
	if (r.bad)
		return HEADERS_TOO_SHORT;
	if (h->ether_type == ETHER_IP6)
		result = walk_ip6(&r, h);
	else if (h->ether_type == ETHER_IP4)
		result = walk_ip4(&r, h);
	if (result == HEADERS_UPPER)
		h->upper_at = frame.len - h->trailing - h->upper.len;
	return result;
}
