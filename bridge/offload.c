/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/offload.c - what of a frame is left to others: told from its bytes, and done.
 *
 * Metadata is never followed before the frame's own headers say the same.  Frames with VLAN
 * tags have no offload here: no client's port takes them.
 *
 * VIRTIO 1.2 5.1.6.2; RFC 9293 3.1; RFC 3168 6.1.2; RFC 768 (a UDP checksum of 0 means none).
 */
#include "bridge/offload.h"

#include "bridge/headers.h"

#define TCP_CHECKSUM_AT 16
#define UDP_CHECKSUM_AT 6
#define TCP_SEQUENCE_AT 4
#define TCP_FLAGS_AT 13
#define IP4_LENGTH_AT 2
#define IP4_ID_AT 4
#define IP4_CHECKSUM_AT 10
#define IP6_LENGTH_AT 4

enum tcp_flag { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_CWR = 0x80 };

/* A superframe taken apart. */
struct super {
	struct headers headers;
	size_t tcp_at, header_len; /* from the start of the frame */
	struct bytes payload;
	uint32_t sequence;
	uint8_t flags;
	uint16_t ip4_id;
};

/* False if the frame is not one whole TCP packet of the version that `gso` says. */
static bool super_read(const struct frame *frame, struct super *super)
{
	struct headers *h = &super->headers;

	if (frame->bytes.len > FRAME_MAX || headers_walk(frame->bytes, h) != HEADERS_UPPER)
		return false;
	if (h->version != (frame->offload.gso == GSO_TCP4 ? 4 : 6) || h->protocol != IP_TCP ||
	    h->fragment || h->extensions > 0 || h->trailing > 0)
		return false;

	struct reader id = reader_over(frame->bytes);
	struct reader r = reader_over(h->upper);

	reader_take(&id, ETHER_HEADER_LEN + IP4_ID_AT);
	super->ip4_id = reader_u16(&id);
	reader_u32(&r); /* ports */
	super->sequence = reader_u32(&r);
	reader_u32(&r); /* acknowledgement */
	unsigned tcp_len = (reader_u8(&r) >> 4) * 4u;

	super->flags = reader_u8(&r);
	if (tcp_len < 20 || tcp_len >= h->upper.len)
		return false;
	super->tcp_at = h->upper_at;
	super->header_len = h->upper_at + tcp_len;
	super->payload = (struct bytes) { h->upper.data + tcp_len, h->upper.len - tcp_len };
	return true;
}

static bool check_super(struct frame *frame)
{
	struct offload *offload = &frame->offload;
	struct super super;

	if ((offload->gso != GSO_TCP4 && offload->gso != GSO_TCP6) || !super_read(frame, &super))
		return false;
	if (!offload->needs_csum || offload->csum_start != super.tcp_at ||
	    offload->csum_offset != TCP_CHECKSUM_AT)
		return false;
	if (offload->gso_size < OFFLOAD_MIN_SEGMENT || super.payload.len <= offload->gso_size)
		return false;
	if (super.flags & (TCP_SYN | TCP_RST)) /* no sender makes one of these long */
		return false;
	/* a kernel's header_len is a hint, the length of its linear part */
	offload->header_len = (uint16_t)super.header_len;
	offload->gso_ecn = super.flags & TCP_CWR;
	return true;
}

static bool udp_length_fits(struct bytes upper)
{
	struct reader r = reader_over(upper);

	reader_u32(&r); /* ports */
	return reader_u16(&r) == upper.len;
}

static bool check_checksum(const struct frame *frame)
{
	const struct offload *offload = &frame->offload;
	struct headers h;

	if (offload->gso_ecn || offload->gso_size != 0 || offload->header_len != 0)
		return false;
	if (headers_walk(frame->bytes, &h) != HEADERS_UPPER || h.fragment || h.trailing > 0)
		return false;
	if (offload->csum_start != h.upper_at)
		return false;
	if (h.protocol == IP_TCP)
		return offload->csum_offset == TCP_CHECKSUM_AT;
	return h.protocol == IP_UDP && offload->csum_offset == UDP_CHECKSUM_AT &&
	       udp_length_fits(h.upper);
}

bool offload_check(struct frame *frame)
{
	struct offload *offload = &frame->offload;

	if (offload->gso != GSO_NONE)
		return check_super(frame);
	if (offload->needs_csum)
		return check_checksum(frame);
	return !offload->gso_ecn && offload->gso_size == 0 && offload->header_len == 0 &&
	       offload->csum_start == 0 && offload->csum_offset == 0;
}

static void store_u16(uint8_t *at, size_t value)
{
	struct writer w = writer_over(at, 2);

	writer_u16(&w, (uint16_t)value);
}

static void store_u32(uint8_t *at, uint32_t value)
{
	struct writer w = writer_over(at, 4);

	writer_u32(&w, value);
}

/* Any protocol that sums like TCP: the kernel's own frames may bring ICMPv6. */
static bool finish_checksum(const struct frame *frame, uint8_t *scratch, offload_emit emit,
			    void *owner)
{
	const struct offload *offload = &frame->offload;
	size_t at = (size_t)offload->csum_start + offload->csum_offset;
	struct frame whole = { .bytes = { scratch, frame->bytes.len } };

	if (frame->bytes.len > FRAME_MAX || offload->csum_start < ETHER_HEADER_LEN ||
	    at + 2 > frame->bytes.len)
		return false;
	memcpy(scratch, frame->bytes.data, frame->bytes.len);

	struct bytes summed = { scratch + offload->csum_start,
				frame->bytes.len - offload->csum_start };
	uint16_t sum = checksum_finish(checksum_add(0, summed));

	if (sum == 0 && offload->csum_offset == UDP_CHECKSUM_AT)
		sum = 0xffff; /* the same number, but not "no checksum" */
	store_u16(scratch + at, sum);
	emit(owner, &whole);
	return true;
}

/* The address part of the pseudo-header is the same for all segments, the length is not. */
static uint32_t pseudo_sum(const struct headers *h, uint32_t tcp_len)
{
	if (h->version == 6)
		return checksum_pseudo6(&h->ip_source, &h->ip_destination, IP_TCP, tcp_len);

	struct reader source = { .at = h->ip_source.octet + 12, .left = 4 };
	struct reader destination = { .at = h->ip_destination.octet + 12, .left = 4 };
	uint32_t from = reader_u32(&source);

	return checksum_pseudo4(from, reader_u32(&destination), IP_TCP, (uint16_t)tcp_len);
}

/* The IP header of a segment, already a copy of the superframe's, for `len` bytes behind it. */
static void fix_ip(uint8_t *ip, const struct super *super, size_t len, size_t number)
{
	size_t ip_len = super->tcp_at - ETHER_HEADER_LEN;

	if (super->headers.version == 6) {
		store_u16(ip + IP6_LENGTH_AT, len);
		return;
	}
	store_u16(ip + IP4_LENGTH_AT, ip_len + len);
	store_u16(ip + IP4_ID_AT, super->ip4_id + number); /* RFC 791: its own for each packet */
	store_u16(ip + IP4_CHECKSUM_AT, 0);
	store_u16(ip + IP4_CHECKSUM_AT,
		  checksum_finish(checksum_add(0, (struct bytes) { ip, ip_len })));
}

/* The segment with the payload from `from` on, in `scratch`, where the headers are already.
 * Returns its length. */
static size_t build_segment(uint8_t *scratch, const struct super *super, size_t from, size_t size)
{
	size_t left = super->payload.len - from;
	size_t payload_len = left < size ? left : size;
	size_t tcp_len = super->header_len - super->tcp_at + payload_len;
	uint8_t *tcp = scratch + super->tcp_at;
	uint8_t flags = super->flags;

	if (from > 0)
		flags &= (uint8_t)~TCP_CWR; /* RFC 3168 6.1.2: said once */
	if (payload_len < left)
		flags &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	fix_ip(scratch + ETHER_HEADER_LEN, super, tcp_len, from / size);
	memcpy(scratch + super->header_len, super->payload.data + from, payload_len);
	store_u32(tcp + TCP_SEQUENCE_AT, super->sequence + (uint32_t)from);
	tcp[TCP_FLAGS_AT] = flags;
	store_u16(tcp + TCP_CHECKSUM_AT, 0);
	uint32_t sum = checksum_add(pseudo_sum(&super->headers, (uint32_t)tcp_len),
				    (struct bytes) { tcp, tcp_len });
	store_u16(tcp + TCP_CHECKSUM_AT, checksum_finish(sum));
	return super->header_len + payload_len;
}

static bool finish_super(const struct frame *frame, uint8_t *scratch, offload_emit emit,
			 void *owner)
{
	size_t size = frame->offload.gso_size;
	struct super super;

	if (size == 0 || !super_read(frame, &super))
		return false;
	memcpy(scratch, frame->bytes.data, super.header_len);
	for (size_t from = 0; from < super.payload.len; from += size) {
		size_t len = build_segment(scratch, &super, from, size);

		emit(owner, &(struct frame) { .bytes = { scratch, len } });
	}
	return true;
}

bool offload_finish(const struct frame *frame, uint8_t *scratch, offload_emit emit, void *owner)
{
	const struct offload *offload = &frame->offload;

	if (offload->gso == GSO_TCP4 || offload->gso == GSO_TCP6)
		return finish_super(frame, scratch, emit, owner);
	if (offload->gso != GSO_NONE)
		return false;
	if (offload->needs_csum)
		return finish_checksum(frame, scratch, emit, owner);
	emit(owner, &(struct frame) { .bytes = frame->bytes });
	return true;
}
