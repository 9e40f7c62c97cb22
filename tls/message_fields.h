/* SPDX-License-Identifier: Apache-2.0 */
/* tls/message_fields.h
 *
 * Bodies that are TLVs (type(2) length(2) value): which there are is a table, one function reads by
 * it, one writes by it.  Inside tls/ only.
 */
#ifndef TLS_MESSAGE_FIELDS_H
#define TLS_MESSAGE_FIELDS_H

#include "tls/message.h"

/* What a TLV's value is, and the C type that it fills. */
enum field_kind {
	FIELD_U16,   /* uint16_t */
	FIELD_U32,   /* uint32_t */
	FIELD_MAC,   /* struct mac */
	FIELD_FLAG,  /* bool: there, with an empty value, or not there */
	FIELD_TEXT,  /* char[]: without NUL in the message, with it in memory */
	FIELD_BYTES, /* uint16_t and uint8_t[]: how many, and they */
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

/* Fills `out`, zeroed by the caller.  Unknown types are skipped, nothing may come twice. */
bool message_parse_fields(struct bytes body, const struct field *field, size_t count, void *out);
/* A whole message: header and, in the table's order, what must be there or is not zero. */
void message_build_fields(struct writer *w, enum message_type type, const struct field *field,
			  size_t count, const void *in);

#endif
