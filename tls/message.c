/* SPDX-License-Identifier: Apache-2.0 */
/* tls/message.c
 *
 * The messages inside the TLS connection, to bytes and back.  Which TLVs a body has is a
 * table; one loop reads by it, one writes by it.  When a message may come is not known here.
 */
#include "tls/message.h"

#define SUPERFRAME_GSO 0x07 /* first octet of the metadata; the bits left over are 0 */
#define SUPERFRAME_ECN 0x08
#define SUPERFRAME_CSUM 0x10
#define SUPERFRAME_RESERVED 0xe0

const char *const goodbye_name[GOODBYE_REASONS] = {
	[GOODBYE_NONE] = "none",	 [GOODBYE_SHUTDOWN] = "shutdown",
	[GOODBYE_LEAVING] = "leaving",	 [GOODBYE_KICKED] = "kicked",
	[GOODBYE_REPLACED] = "replaced", [GOODBYE_UNKNOWN_USER] = "unknown-user",
	[GOODBYE_BLOCKED] = "blocked",	 [GOODBYE_FULL] = "full",
	[GOODBYE_VERSION] = "version",	 [GOODBYE_PROTOCOL] = "protocol",
	[GOODBYE_TIMEOUT] = "timeout",
};

/* What a TLV's value is, and the C type that it fills. */
enum field_kind {
	FIELD_U16,  /* uint16_t */
	FIELD_U32,  /* uint32_t */
	FIELD_MAC,  /* struct mac */
	FIELD_FLAG, /* bool: there, with an empty value, or not there */
	FIELD_TEXT, /* char[]: without NUL in the message, with it in memory */
};

struct field {
	uint16_t type;
	enum field_kind kind;
	bool must;
	size_t offset, size; /* in the struct */
};

#define FIELD(type, kind, must, structure, member)                    \
	{                                                             \
		type, kind, must, offsetof(struct structure, member), \
			sizeof(((struct structure *)0)->member)       \
	}

/* Some bodies are not what the header shows. */
struct goodbye_body {
	uint16_t reason;
	char text[MESSAGE_TEXT_MAX];
};

struct notice_body {
	char text[MESSAGE_TEXT_MAX];
};

static const struct field hello_fields[] = {
	FIELD(1, FIELD_U16, true, hello, version),
	FIELD(2, FIELD_U32, false, hello, capabilities),
	FIELD(3, FIELD_U32, true, hello, max_frame),
	FIELD(4, FIELD_MAC, false, hello, mac),
	FIELD(5, FIELD_FLAG, false, hello, office),
	FIELD(6, FIELD_TEXT, false, hello, software),
	FIELD(7, FIELD_TEXT, false, hello, device),
};

static const struct field welcome_fields[] = {
	FIELD(1, FIELD_U32, true, welcome, session_id),
	FIELD(2, FIELD_U16, true, welcome, mtu),
	FIELD(3, FIELD_U32, false, welcome, echo_ms),
	FIELD(4, FIELD_U32, false, welcome, dead_ms),
	FIELD(5, FIELD_TEXT, false, welcome, user),
};

static const struct field goodbye_fields[] = {
	FIELD(1, FIELD_U16, true, goodbye_body, reason),
	FIELD(2, FIELD_TEXT, false, goodbye_body, text),
};

static const struct field notice_fields[] = {
	FIELD(1, FIELD_TEXT, true, notice_body, text),
};

/* Reads one value; an odd length, a text with NUL or without room leaves the reader bad. */
static void read_field(struct reader *r, const struct field *field, uint8_t *to)
{
	switch (field->kind) {
	case FIELD_U16: {
		uint16_t value = reader_u16(r);
		memcpy(to, &value, sizeof(value));
		break;
	}
	case FIELD_U32: {
		uint32_t value = reader_u32(r);
		memcpy(to, &value, sizeof(value));
		break;
	}
	case FIELD_MAC: reader_copy(r, to, sizeof(struct mac)); break;
	case FIELD_FLAG: {
		bool value = true;
		memcpy(to, &value, sizeof(value));
		break;
	}
	case FIELD_TEXT: {
		struct bytes text = reader_rest(r);
		if (text.len >= field->size || (text.len > 0 && memchr(text.data, 0, text.len))) {
			reader_fail(r);
			return;
		}
		if (text.len > 0)
			memcpy(to, text.data, text.len);
		break;
	}
	}
	if (r->left > 0)
		reader_fail(r);
}

/* Fills `out`, zeroed by the caller.  Unknown types are skipped, nothing may come twice. */
static bool parse_fields(struct bytes body, const struct field *field, size_t count, void *out)
{
	struct reader r = reader_over(body);
	uint32_t seen = 0;

	while (r.left > 0) {
		uint16_t type = reader_u16(&r);
		uint16_t len = reader_u16(&r);
		struct reader value = reader_sub(&r, len);

		for (size_t i = 0; i < count && !value.bad; i++) {
			if (field[i].type != type)
				continue;
			if (seen & 1u << i)
				return false;
			seen |= 1u << i;
			read_field(&value, &field[i], (uint8_t *)out + field[i].offset);
		}
		if (value.bad)
			return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (field[i].must && !(seen & 1u << i))
			return false;
	}
	return !r.bad;
}

/* A value's bytes as they are sent; empty for a flag. */
static void write_value(struct writer *w, const struct field *field, const uint8_t *from)
{
	switch (field->kind) {
	case FIELD_U16: {
		uint16_t value;
		memcpy(&value, from, sizeof(value));
		writer_u16(w, value);
		break;
	}
	case FIELD_U32: {
		uint32_t value;
		memcpy(&value, from, sizeof(value));
		writer_u32(w, value);
		break;
	}
	case FIELD_MAC: writer_copy(w, from, sizeof(struct mac)); break;
	case FIELD_FLAG: break;
	case FIELD_TEXT: writer_copy(w, from, strnlen((const char *)from, field->size - 1)); break;
	}
}

static bool is_zero(const struct field *field, const uint8_t *from)
{
	if (field->kind == FIELD_TEXT)
		return from[0] == '\0'; /* what is behind the NUL does not count */
	for (size_t i = 0; i < field->size; i++) {
		if (from[i] != 0)
			return false;
	}
	return true;
}

/* A whole message: header and, in the table's order, what must be there or is not zero. */
static void build_message(struct writer *w, enum message_type type, const struct field *field,
			  size_t count, const void *in)
{
	writer_u8(w, (uint8_t)type);
	writer_u8(w, 0); /* no body built from a table reaches 64 KiB */
	size_t body = writer_open(w);

	for (size_t i = 0; i < count; i++) {
		const uint8_t *from = (const uint8_t *)in + field[i].offset;

		if (!field[i].must && is_zero(&field[i], from))
			continue;
		writer_u16(w, field[i].type);
		size_t value = writer_open(w);
		write_value(w, &field[i], from);
		writer_close(w, value);
	}
	writer_close(w, body);
}

void message_build_hello(struct writer *w, const struct hello *hello)
{
	build_message(w, MESSAGE_HELLO, hello_fields, ARRAY_LEN(hello_fields), hello);
}

void message_build_welcome(struct writer *w, const struct welcome *welcome)
{
	build_message(w, MESSAGE_WELCOME, welcome_fields, ARRAY_LEN(welcome_fields), welcome);
}

void message_build_echo(struct writer *w, enum message_type type, uint64_t token)
{
	writer_u8(w, (uint8_t)type);
	writer_u24(w, sizeof(token));
	writer_u64(w, token);
}

/* Cuts what is too long. */
static void copy_text(char to[static MESSAGE_TEXT_MAX], const char *text)
{
	size_t len = strnlen(text, MESSAGE_TEXT_MAX - 1);

	memcpy(to, text, len);
	to[len] = '\0';
}

void message_build_notice(struct writer *w, const char *text)
{
	struct notice_body body;

	copy_text(body.text, text);
	build_message(w, MESSAGE_NOTICE, notice_fields, ARRAY_LEN(notice_fields), &body);
}

void message_build_goodbye(struct writer *w, const struct goodbye *goodbye)
{
	struct goodbye_body body = { .reason = (uint16_t)goodbye->reason };

	copy_text(body.text, goodbye->text);
	build_message(w, MESSAGE_GOODBYE, goodbye_fields, ARRAY_LEN(goodbye_fields), &body);
}

size_t message_build_frame_head(const struct frame *frame,
				uint8_t head[static MESSAGE_FRAME_HEAD_MAX])
{
	const struct offload *offload = &frame->offload;
	struct writer w = writer_over(head, MESSAGE_FRAME_HEAD_MAX);

	if (offload->gso == GSO_NONE && !offload->needs_csum) {
		writer_u8(&w, MESSAGE_FRAME);
		writer_u24(&w, (uint32_t)frame->bytes.len);
		return w.len;
	}
	writer_u8(&w, MESSAGE_SUPERFRAME);
	writer_u24(&w, (uint32_t)(MESSAGE_OFFLOAD_LEN + frame->bytes.len));
	writer_u8(&w, (uint8_t)((offload->gso & SUPERFRAME_GSO) |
				(offload->gso_ecn ? SUPERFRAME_ECN : 0) |
				(offload->needs_csum ? SUPERFRAME_CSUM : 0)));
	writer_u8(&w, (uint8_t)offload->csum_offset);
	writer_u16(&w, offload->gso_size);
	writer_u16(&w, offload->header_len);
	writer_u16(&w, offload->csum_start);
	return w.len;
}

void message_read_header(struct reader *r, struct message *message)
{
	message->type = reader_u8(r);
	message->len = reader_u24(r);
}

bool message_parse_hello(struct bytes body, struct hello *hello)
{
	*hello = (struct hello) { 0 };
	return parse_fields(body, hello_fields, ARRAY_LEN(hello_fields), hello);
}

bool message_parse_welcome(struct bytes body, struct welcome *welcome)
{
	*welcome = (struct welcome) { 0 };
	return parse_fields(body, welcome_fields, ARRAY_LEN(welcome_fields), welcome);
}

bool message_parse_goodbye(struct bytes body, struct goodbye *goodbye)
{
	struct goodbye_body read = { 0 };

	if (!parse_fields(body, goodbye_fields, ARRAY_LEN(goodbye_fields), &read))
		return false;
	goodbye->reason =
		read.reason < GOODBYE_REASONS ? (enum goodbye_reason)read.reason : GOODBYE_NONE;
	memcpy(goodbye->text, read.text, sizeof(goodbye->text));
	return true;
}

bool message_parse_notice(struct bytes body, char text[static MESSAGE_TEXT_MAX])
{
	struct notice_body read = { 0 };

	if (!parse_fields(body, notice_fields, ARRAY_LEN(notice_fields), &read))
		return false;
	memcpy(text, read.text, sizeof(read.text));
	return true;
}

bool message_parse_frame(enum message_type type, struct bytes body, struct frame *frame)
{
	struct reader r = reader_over(body);

	*frame = (struct frame) { 0 };
	if (type == MESSAGE_SUPERFRAME) {
		struct offload *offload = &frame->offload;
		uint8_t flags = reader_u8(&r);

		offload->gso = flags & SUPERFRAME_GSO;
		offload->gso_ecn = flags & SUPERFRAME_ECN;
		offload->needs_csum = flags & SUPERFRAME_CSUM;
		offload->csum_offset = reader_u8(&r);
		offload->gso_size = reader_u16(&r);
		offload->header_len = reader_u16(&r);
		offload->csum_start = reader_u16(&r);
		if (flags & SUPERFRAME_RESERVED ||
		    (offload->gso != GSO_NONE && offload->gso != GSO_TCP4 &&
		     offload->gso != GSO_TCP6))
			return false;
	}
	frame->bytes = reader_rest(&r);
	return !r.bad && frame->bytes.len >= FRAME_MIN && frame->bytes.len <= FRAME_MAX;
}
