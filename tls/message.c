/* SPDX-License-Identifier: Apache-2.0 */
/* tls/message.c
 *
 * The messages inside the TLS connection, to bytes and back; those of the login are in
 * message_login.c.  When a message may come is not known here.
 */
#include "tls/message_fields.h"

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
	[GOODBYE_TIMEOUT] = "timeout",	 [GOODBYE_WRONG] = "wrong",
	[GOODBYE_SLOWLY] = "slowly",	 [GOODBYE_EXPIRED] = "expired",
	[GOODBYE_HOURS] = "hours",	 [GOODBYE_REVOKED] = "revoked",
	[GOODBYE_USED] = "used",	 [GOODBYE_NOT_ALLOWED] = "not-allowed",
	[GOODBYE_ENROLLED] = "enrolled",
};

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
	FIELD(8, FIELD_FLAG, false, hello, enrol),
	FIELD(9, FIELD_TEXT, false, hello, user),
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

void message_build_hello(struct writer *w, const struct hello *hello)
{
	message_build_fields(w, MESSAGE_HELLO, hello_fields, ARRAY_LEN(hello_fields), hello);
}

void message_build_welcome(struct writer *w, const struct welcome *welcome)
{
	message_build_fields(w, MESSAGE_WELCOME, welcome_fields, ARRAY_LEN(welcome_fields),
			     welcome);
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
	message_build_fields(w, MESSAGE_NOTICE, notice_fields, ARRAY_LEN(notice_fields), &body);
}

void message_build_goodbye(struct writer *w, const struct goodbye *goodbye)
{
	struct goodbye_body body = { .reason = (uint16_t)goodbye->reason };

	copy_text(body.text, goodbye->text);
	message_build_fields(w, MESSAGE_GOODBYE, goodbye_fields, ARRAY_LEN(goodbye_fields), &body);
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
	return message_parse_fields(body, hello_fields, ARRAY_LEN(hello_fields), hello);
}

bool message_parse_welcome(struct bytes body, struct welcome *welcome)
{
	*welcome = (struct welcome) { 0 };
	return message_parse_fields(body, welcome_fields, ARRAY_LEN(welcome_fields), welcome);
}

bool message_parse_goodbye(struct bytes body, struct goodbye *goodbye)
{
	struct goodbye_body read = { 0 };

	if (!message_parse_fields(body, goodbye_fields, ARRAY_LEN(goodbye_fields), &read))
		return false;
	goodbye->reason =
		read.reason < GOODBYE_REASONS ? (enum goodbye_reason)read.reason : GOODBYE_NONE;
	memcpy(goodbye->text, read.text, sizeof(goodbye->text));
	return true;
}

bool message_parse_notice(struct bytes body, char text[static MESSAGE_TEXT_MAX])
{
	struct notice_body read = { 0 };

	if (!message_parse_fields(body, notice_fields, ARRAY_LEN(notice_fields), &read))
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
