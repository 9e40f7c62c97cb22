/* SPDX-License-Identifier: Apache-2.0 */
/* base/pcapng.c - pcapng blocks: type(4) length(4) body length(4), all multiples of four bytes.
 *
 * draft-ietf-opsawg-pcapng 3.1 (blocks), 3.5 (options), 4.1 to 4.6.
 */
#include "base/pcapng.h"

#include <stdio.h>

#define TYPE_SECTION 0x0a0d0d0au
#define TYPE_INTERFACE 1u
#define TYPE_STATISTICS 5u
#define TYPE_PACKET 6u
#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define LINKTYPE_ETHERNET 1u
#define NANOSECONDS 9u /* if_tsresol: 10^-9 s */
#define TEXT_MAX 255
#define BLOCK_OVERHEAD 12

enum option {
	OPTION_END = 0,
	SECTION_APPLICATION = 4,
	INTERFACE_NAME = 2,
	INTERFACE_RESOLUTION = 9,
	INTERFACE_FILTER = 11,
	PACKET_FLAGS = 2,
	STATISTICS_RECEIVED = 4,
	STATISTICS_DROPPED = 5,
};

/* ---- building ---- */

static size_t block_begin(struct writer *w, uint32_t type)
{
	size_t start = w->len;

	writer_u32(w, type);
	writer_u32(w, 0); /* see block_end */
	return start;
}

static void block_end(struct writer *w, size_t start)
{
	uint32_t len = (uint32_t)(w->len + 4 - start);

	writer_u32(w, len); /* 3.1: at both ends, so that a file can be read backwards */
	if (w->full)
		return;
	struct writer at = writer_over(w->buf + start + 4, 4);
	writer_u32(&at, len);
}

static void pad(struct writer *w, size_t len)
{
	writer_zero(w, (4 - len % 4) % 4);
}

static void write_option(struct writer *w, enum option code, const void *value, size_t len)
{
	writer_u16(w, (uint16_t)code);
	writer_u16(w, (uint16_t)len);
	writer_copy(w, value, len);
	pad(w, len);
}

static void write_text(struct writer *w, enum option code, const char *text)
{
	if (text[0])
		write_option(w, code, text, strnlen(text, TEXT_MAX));
}

static void write_u32(struct writer *w, enum option code, uint32_t value)
{
	writer_u16(w, (uint16_t)code);
	writer_u16(w, sizeof(value));
	writer_u32(w, value);
}

static void write_u64(struct writer *w, enum option code, uint64_t value)
{
	writer_u16(w, (uint16_t)code);
	writer_u16(w, sizeof(value));
	writer_u64(w, value);
}

void pcapng_write_section(struct writer *w, const char *application)
{
	size_t start = block_begin(w, TYPE_SECTION);

	writer_u32(w, BYTE_ORDER_MAGIC);
	writer_u16(w, 1); /* version 1.0 */
	writer_u16(w, 0);
	writer_u64(w, UINT64_MAX); /* how long it gets is not known */
	write_text(w, SECTION_APPLICATION, application);
	write_option(w, OPTION_END, NULL, 0);
	block_end(w, start);
}

/* 4.2: the first byte of a filter says how it is written, 0 is pcap-filter(7)'s text. */
static void write_filter(struct writer *w, const char *filter)
{
	char value[1 + TEXT_MAX] = { 0 };
	size_t len = strnlen(filter, TEXT_MAX - 1);

	memcpy(value + 1, filter, len);
	if (len > 0)
		write_option(w, INTERFACE_FILTER, value, 1 + len);
}

void pcapng_write_interface(struct writer *w, const char *name, const char *filter,
			    uint32_t snaplen)
{
	size_t start = block_begin(w, TYPE_INTERFACE);
	uint8_t resolution = NANOSECONDS;

	writer_u16(w, LINKTYPE_ETHERNET);
	writer_u16(w, 0);
	writer_u32(w, snaplen);
	write_text(w, INTERFACE_NAME, name);
	write_option(w, INTERFACE_RESOLUTION, &resolution, sizeof(resolution));
	write_filter(w, filter);
	write_option(w, OPTION_END, NULL, 0);
	block_end(w, start);
}

void pcapng_write_packet(struct writer *w, const struct pcapng_packet *packet)
{
	size_t start = block_begin(w, TYPE_PACKET);

	writer_u32(w, packet->interface);
	writer_u64(w, packet->time_ns); /* 4.3: the higher 32 bits first, in each byte order */
	writer_u32(w, (uint32_t)packet->bytes.len);
	writer_u32(w, packet->original_len);
	writer_copy(w, packet->bytes.data, packet->bytes.len);
	pad(w, packet->bytes.len);
	write_u32(w, PACKET_FLAGS, packet->direction);
	write_option(w, OPTION_END, NULL, 0);
	block_end(w, start);
}

void pcapng_write_statistics(struct writer *w, const struct pcapng_statistics *statistics)
{
	size_t start = block_begin(w, TYPE_STATISTICS);

	writer_u32(w, statistics->interface);
	writer_u64(w, statistics->time_ns);
	write_u64(w, STATISTICS_RECEIVED, statistics->received);
	write_u64(w, STATISTICS_DROPPED, statistics->dropped);
	write_option(w, OPTION_END, NULL, 0);
	block_end(w, start);
}

/* ---- taking apart ---- */

/* Steps to the next option; false at the end and at a malformed one. */
static bool next_option(struct reader *r, uint16_t *code, struct reader *value)
{
	if (r->left == 0)
		return false;
	*code = reader_u16(r);
	uint16_t len = reader_u16(r);

	*value = reader_sub(r, len);
	reader_take(r, (4 - len % 4u) % 4);
	return !r->bad && *code != OPTION_END;
}

static void read_section(struct reader *r)
{
	if (reader_u32(r) != BYTE_ORDER_MAGIC || reader_u16(r) != 1)
		reader_fail(r);
}

static void read_interface(struct reader *r, struct pcapng_block *block)
{
	uint16_t code;
	struct reader value;

	block->name[0] = '\0';
	if (reader_u16(r) != LINKTYPE_ETHERNET)
		reader_fail(r);
	reader_take(r, 6);
	while (next_option(r, &code, &value))
		if (code == INTERFACE_NAME)
			snprintf(block->name, sizeof(block->name), "%.*s", (int)value.left,
				 (const char *)value.at);
}

static void read_packet(struct reader *r, struct pcapng_packet *packet)
{
	uint16_t code;
	struct reader value;

	packet->interface = reader_u32(r);
	packet->time_ns = (uint64_t)reader_u32(r) << 32;
	packet->time_ns |= reader_u32(r);
	uint32_t len = reader_u32(r);

	packet->original_len = reader_u32(r);
	packet->bytes = (struct bytes) { reader_take(r, len), len };
	packet->direction = PCAPNG_UNKNOWN;
	reader_take(r, (4 - len % 4) % 4);
	if (r->bad)
		packet->bytes.len = 0;
	while (next_option(r, &code, &value))
		if (code == PACKET_FLAGS)
			packet->direction = (enum pcapng_direction)(reader_u32(&value) & 3);
}

static uint64_t read_u64(struct reader *value)
{
	uint64_t high = reader_u32(value);

	return high << 32 | reader_u32(value);
}

static void read_statistics(struct reader *r, struct pcapng_statistics *statistics)
{
	uint16_t code;
	struct reader value;

	*statistics = (struct pcapng_statistics) { .interface = reader_u32(r) };
	statistics->time_ns = read_u64(r);
	while (next_option(r, &code, &value)) {
		if (code == STATISTICS_RECEIVED)
			statistics->received = read_u64(&value);
		else if (code == STATISTICS_DROPPED)
			statistics->dropped = read_u64(&value);
	}
}

static bool read_body(uint32_t type, struct reader body, struct pcapng_block *block)
{
	switch (type) {
	case TYPE_SECTION:
		block->kind = PCAPNG_SECTION;
		read_section(&body);
		break;
	case TYPE_INTERFACE:
		block->kind = PCAPNG_INTERFACE;
		read_interface(&body, block);
		break;
	case TYPE_PACKET:
		block->kind = PCAPNG_PACKET;
		read_packet(&body, &block->packet);
		break;
	case TYPE_STATISTICS:
		block->kind = PCAPNG_STATISTICS;
		read_statistics(&body, &block->statistics);
		break;
	default: block->kind = PCAPNG_OTHER; break;
	}
	return !body.bad;
}

bool pcapng_read(struct reader *r, struct pcapng_block *block)
{
	struct reader ahead = *r;

	if (r->bad || r->left < 8)
		return false;
	uint32_t type = reader_u32(&ahead), len = reader_u32(&ahead);

	if (len < BLOCK_OVERHEAD || len % 4 != 0 || len > PCAPNG_BLOCK_MAX) {
		reader_fail(r);
		return false;
	}
	if (r->left < len)
		return false;
	struct reader body = reader_sub(&ahead, len - BLOCK_OVERHEAD);

	block->whole = (struct bytes) { r->at, len };
	if (reader_u32(&ahead) != len || !read_body(type, body, block)) {
		reader_fail(r);
		return false;
	}
	*r = ahead;
	return true;
}
