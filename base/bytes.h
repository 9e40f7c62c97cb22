/* SPDX-License-Identifier: Apache-2.0 */
/* base/bytes.h
 *
 * Bytes from and to the network, always checked, always big-endian.
 *
 * Both cursors fail once and stay failed: after the first step past the end, reads give 0
 * and writes do nothing.  So: handle a whole message in a row, then test `bad` or `full`
 * once.  A failed reader has nothing left, so loops end.
 *
 * Never put two reads into one expression or one initializer: C does not say which is
 * done first (C11 6.7.9 p23).
 *
 * A reader is a small value: copying it is look-ahead, passing it by value leaves the
 * caller's untouched.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Someone else's bytes, valid during the call that passes them. */
struct bytes {
	const uint8_t *data;
	size_t len;
};

struct reader {
	const uint8_t *at;
	size_t left;
	bool bad;
};

static inline struct reader reader_over(struct bytes b)
{
	return (struct reader) { .at = b.data, .left = b.len };
}

static inline void reader_fail(struct reader *r)
{
	r->bad = true;
	r->left = 0;
}

/* Steps over the next n bytes and returns them; NULL, and failed, if fewer are left. */
static inline const uint8_t *reader_take(struct reader *r, size_t n)
{
	if (r->bad || n > r->left) {
		reader_fail(r);
		return NULL;
	}
	const uint8_t *taken = r->at;
	if (n > 0)
		r->at += n;
	r->left -= n;
	return taken;
}

static inline uint8_t reader_u8(struct reader *r)
{
	const uint8_t *p = reader_take(r, 1);
	return p ? p[0] : 0;
}

static inline uint16_t reader_u16(struct reader *r)
{
	const uint8_t *p = reader_take(r, 2);
	return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

static inline uint32_t reader_u24(struct reader *r)
{
	const uint8_t *p = reader_take(r, 3);
	return p ? (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2] : 0;
}

static inline uint32_t reader_u32(struct reader *r)
{
	uint32_t high = reader_u16(r);
	return high << 16 | reader_u16(r);
}

static inline uint64_t reader_u64(struct reader *r)
{
	uint64_t high = reader_u32(r);
	return high << 32 | reader_u32(r);
}

/* Copies n bytes out; zeros if they are not there, so nothing stays uninitialised. */
static inline void reader_copy(struct reader *r, void *to, size_t n)
{
	const uint8_t *p = reader_take(r, n);
	if (p && n > 0)
		memcpy(to, p, n);
	else
		memset(to, 0, n);
}

/* The next n bytes as a reader of their own: whoever gets it cannot read beyond them. */
static inline struct reader reader_sub(struct reader *r, size_t n)
{
	const uint8_t *p = reader_take(r, n);
	return (struct reader) { .at = p, .left = p ? n : 0, .bad = r->bad };
}

/* Everything that is left, as bytes; the reader is then at its end. */
static inline struct bytes reader_rest(struct reader *r)
{
	size_t n = r->left;
	const uint8_t *p = reader_take(r, n);
	return (struct bytes) { .data = p, .len = p ? n : 0 };
}

struct writer {
	uint8_t *buf;
	size_t len; /* written so far */
	size_t cap;
	bool full;
};

static inline struct writer writer_over(void *buf, size_t cap)
{
	return (struct writer) { .buf = buf, .cap = cap };
}

static inline struct bytes writer_bytes(const struct writer *w)
{
	return (struct bytes) { .data = w->buf, .len = w->len };
}

/* Room for the next n bytes, to be filled by the caller; NULL, and failed, if there is none. */
static inline uint8_t *writer_room(struct writer *w, size_t n)
{
	if (w->full || n > w->cap - w->len) {
		w->full = true;
		w->cap = w->len; /* smaller writes must not slip in after a failed one */
		return NULL;
	}
	uint8_t *room = w->buf + w->len;
	w->len += n;
	return room;
}

static inline void writer_u8(struct writer *w, uint8_t v)
{
	uint8_t *p = writer_room(w, 1);
	if (p)
		p[0] = v;
}

static inline void writer_u16(struct writer *w, uint16_t v)
{
	uint8_t *p = writer_room(w, 2);
	if (p) {
		p[0] = (uint8_t)(v >> 8);
		p[1] = (uint8_t)v;
	}
}

static inline void writer_u24(struct writer *w, uint32_t v)
{
	uint8_t *p = writer_room(w, 3);
	if (p) {
		p[0] = (uint8_t)(v >> 16);
		p[1] = (uint8_t)(v >> 8);
		p[2] = (uint8_t)v;
	}
}

static inline void writer_u32(struct writer *w, uint32_t v)
{
	uint8_t *p = writer_room(w, 4);
	if (p) {
		p[0] = (uint8_t)(v >> 24);
		p[1] = (uint8_t)(v >> 16);
		p[2] = (uint8_t)(v >> 8);
		p[3] = (uint8_t)v;
	}
}

static inline void writer_u64(struct writer *w, uint64_t v)
{
	uint8_t *p = writer_room(w, 8);
	for (unsigned i = 0; p && i < 8; i++)
		p[i] = (uint8_t)(v >> (56 - 8 * i));
}

static inline void writer_copy(struct writer *w, const void *from, size_t n)
{
	uint8_t *p = writer_room(w, n);
	if (p && n > 0)
		memcpy(p, from, n);
}

static inline void writer_zero(struct writer *w, size_t n)
{
	uint8_t *p = writer_room(w, n);
	if (p && n > 0)
		memset(p, 0, n);
}

/* Leaves a 16-bit hole for a length.  writer_close fills it with the bytes written since. */
static inline size_t writer_open(struct writer *w)
{
	writer_u16(w, 0);
	return w->len;
}

static inline void writer_close(struct writer *w, size_t start)
{
	size_t n = w->len - start;

	if (w->full || n > UINT16_MAX) {
		w->full = true;
		return;
	}
	w->buf[start - 2] = (uint8_t)(n >> 8);
	w->buf[start - 1] = (uint8_t)n;
}

#endif
