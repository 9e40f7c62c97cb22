/* SPDX-License-Identifier: Apache-2.0 */
/* tls/record.h
 *
 * The TLS 1.3 record layer after the handshake, one direction at a time: a key, a counter and
 * one AEAD call (RFC 8446 section 5.2 to 5.5).  No padding is sent; received padding is taken off.
 */
#ifndef TLS_RECORD_H
#define TLS_RECORD_H

#include "tls/aead.h"
#include "tls/key_schedule.h"

#define RECORD_HEADER_LEN 5
#define RECORD_PLAIN_MAX 16384 /* content of one record, without the type byte */
#define RECORD_OVERHEAD (RECORD_HEADER_LEN + 1 + AEAD_TAG_LEN)
#define RECORD_SEALED_MAX (RECORD_HEADER_LEN + RECORD_PLAIN_MAX + 256) /* RFC 8446 5.2 */
/* Our own KeyUpdate is due after so many records: well before 2^24.5 (RFC 8446 5.5). */
#define RECORD_REKEY_AFTER (1ull << 22)

enum record_type { RECORD_ALERT = 21, RECORD_HANDSHAKE = 22, RECORD_APPLICATION = 23 };

struct record_half {
	enum tls_suite suite;
	const struct aead_backend *backend;
	struct aead_key *key;
	uint8_t iv[TLS_IV_LEN];
	uint64_t sequence;
	struct tls_secret secret;
};

/* -1 without memory or if no back end serves the suite.  record_half_free wipes. */
int record_half_init(struct record_half *half, enum tls_suite suite,
		     const struct tls_secret *secret, struct err *err);
void record_half_free(struct record_half *half);
/* The next key after a KeyUpdate; the counter starts at 0 again. */
int record_half_update(struct record_half *half, struct err *err);

/*
 * Seals one record of the parts' bytes (at most RECORD_PLAIN_MAX in all, at most 3 parts) to
 * `out`, which has room for them + RECORD_OVERHEAD.  Returns the bytes written.  The content of a record may
 * lie at out + RECORD_HEADER_LEN already (one part): it is sealed in place.
 */
size_t record_seal(struct record_half *half, enum record_type type, const struct bytes *part,
		   unsigned part_count, uint8_t *out);

enum record_verdict {
	RECORD_OPENED,
	RECORD_INCOMPLETE, /* more bytes of it are needed */
	RECORD_NOT_TLS,	   /* wrong outer type or version: unexpected_message */
	RECORD_TOO_LONG,   /* record_overflow */
	RECORD_FORGED,	   /* bad_record_mac */
	RECORD_EMPTY,	   /* no type byte: unexpected_message */
	RECORD_BAD_TYPE,   /* inner type is none of the three */
	RECORD_EXHAUSTED,  /* the peer never changed its key: 2^24.5 records, RFC 8446 5.5 */
	RECORD_VERDICTS,
};

struct record_opened {
	enum record_type type;
	size_t plain_len;  /* bytes at `out` */
	size_t sealed_len; /* bytes of the record consumed */
};

/*
 * Opens the record at the start of `sealed` to `out` (room for RECORD_PLAIN_MAX + 256).  Unprotected change_cipher_spec
 * records (RFC 8446 D.4) are not accepted: after the handshake there are none.
 */
enum record_verdict record_open(struct record_half *half, struct bytes sealed, uint8_t *out,
				struct record_opened *opened);

#endif
