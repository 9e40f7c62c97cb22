/* SPDX-License-Identifier: Apache-2.0 */
/* tls/message_fields.c - TLVs to a struct and back, by a table. */
#include "tls/message_fields.h"

#define BYTES_AT sizeof(uint16_t) /* where those of FIELD_BYTES begin */

static void read_text(struct reader *r, const struct field *field, uint8_t *to)
{
	struct bytes text = reader_rest(r);

	if (text.len >= field->size || (text.len > 0 && memchr(text.data, 0, text.len)))
		reader_fail(r);
	else if (text.len > 0)
		memcpy(to, text.data, text.len);
}

static void read_bytes(struct reader *r, const struct field *field, uint8_t *to)
{
	struct bytes bytes = reader_rest(r);
	uint16_t len = (uint16_t)bytes.len;

	if (bytes.len == 0 || bytes.len > field->size - BYTES_AT) {
		reader_fail(r);
		return;
	}
	memcpy(to, &len, sizeof(len));
	memcpy(to + BYTES_AT, bytes.data, bytes.len);
}

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
	case FIELD_TEXT: read_text(r, field, to); break;
	case FIELD_BYTES: read_bytes(r, field, to); break;
	}
	if (r->left > 0)
		reader_fail(r);
}

bool message_parse_fields(struct bytes body, const struct field *field, size_t count, void *out)
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
	case FIELD_BYTES: {
		uint16_t len;
		memcpy(&len, from, sizeof(len));
		writer_copy(w, from + BYTES_AT, len);
		break;
	}
	}
}

static bool is_zero(const struct field *field, const uint8_t *from)
{
	if (field->kind == FIELD_TEXT)
		return from[0] == '\0'; /* what is behind the NUL does not count */
	if (field->kind == FIELD_BYTES)
		return from[0] == 0 && from[1] == 0; /* likewise */
	for (size_t i = 0; i < field->size; i++) {
		if (from[i] != 0)
			return false;
	}
	return true;
}

void message_build_fields(struct writer *w, enum message_type type, const struct field *field,
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
