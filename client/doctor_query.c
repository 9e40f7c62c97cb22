/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_query.c - a question in the DNS's own format (RFC 1035 4.1). */
#include "client/doctor_query.h"

#include <string.h>

#define HEADER_LEN 12
#define CLASS_IN 1
#define LABEL_MAX 63
#define NAME_MAX_LEN 255
#define FLAG_RESPONSE 0x8000
#define FLAG_RECURSION 0x0100
#define OPCODE 0x7800
#define RCODE 0x000f

/* RFC 1035 3.1: each label behind its length, the root's last. */
static void write_name(struct writer *w, const char *name)
{
	size_t start = w->len;

	while (*name) {
		size_t len = strcspn(name, ".");
		if (len == 0 || len > LABEL_MAX) {
			w->full = true;
			return;
		}
		writer_u8(w, (uint8_t)len);
		writer_copy(w, name, len);
		name += len;
		name += *name == '.';
	}
	writer_u8(w, 0);
	if (w->len - start > NAME_MAX_LEN)
		w->full = true;
}

void query_build(struct writer *w, uint16_t id, const char *name, enum query_type type)
{
	writer_u16(w, id);
	writer_u16(w, FLAG_RECURSION);
	writer_u16(w, 1); /* questions */
	writer_zero(w, 6);
	write_name(w, name);
	writer_u16(w, (uint16_t)type);
	writer_u16(w, CLASS_IN);
}

static uint8_t lower(uint8_t octet)
{
	return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + 'a' - 'A') : octet;
}

/* Letters in any case, as some servers answer (RFC 4343); lengths are below 'A'. */
static bool same_question(struct reader *r, struct bytes wanted)
{
	const uint8_t *got = reader_take(r, wanted.len);

	for (size_t i = 0; got && i < wanted.len; i++)
		if (lower(got[i]) != lower(wanted.data[i]))
			return false;
	return got != NULL;
}

bool query_answers(struct bytes answer, uint16_t id, const char *name, enum query_type type,
		   unsigned *rcode)
{
	uint8_t asked[QUERY_MAX];
	struct writer w = writer_over(asked, sizeof(asked));
	struct reader r = reader_over(answer);

	query_build(&w, id, name, type);
	uint16_t got_id = reader_u16(&r);
	uint16_t flags = reader_u16(&r);
	uint16_t questions = reader_u16(&r);
	reader_take(&r, 6); /* how many records follow: none is read */
	if (r.bad || w.full || got_id != id || !(flags & FLAG_RESPONSE) || flags & OPCODE)
		return false;
	*rcode = flags & RCODE;
	/* One that cannot read the question may leave it out (RFC 1035 4.1.1, FORMERR). */
	if (questions == 0)
		return *rcode != 0;
	return questions == 1 &&
	       same_question(&r, (struct bytes) { asked + HEADER_LEN, w.len - HEADER_LEN });
}

const char *query_rcode_name(unsigned rcode)
{
	static const char *const names[] = { "NOERROR",	 "FORMERR", "SERVFAIL",
					     "NXDOMAIN", "NOTIMP",  "REFUSED" };

	return rcode < ARRAY_LEN(names) ? names[rcode] : "another code";
}
