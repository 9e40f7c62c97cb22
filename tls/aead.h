/* SPDX-License-Identifier: Apache-2.0 */
/* tls/aead.h
 *
 * Authenticated encryption behind one interface, several back ends.  The record layer knows
 * only this; which back end serves a suite is chosen when the program starts, by what the CPU
 * has.  RFC 5116; RFC 8446 5.2.
 */
#ifndef TLS_AEAD_H
#define TLS_AEAD_H

#include "base/bytes.h"
#include "tls/secrets.h"

#define AEAD_TAG_LEN 16
#define AEAD_NONCE_LEN 12
#define AEAD_MAX_PARTS 4

/* One key, ready for use; its size depends on the back end. */
struct aead_key;

struct aead_backend {
	const char *name; /* "libsodium" */
	/* Its version and what it uses of this CPU, "1.3.0, avx2"; or why this machine cannot use it. */
	const char *(*about)(void);
	bool (*serves)(enum tls_suite suite); /* on this CPU */
	struct aead_key *(*key_new)(enum tls_suite suite,
				    const uint8_t key[32]); /* NULL: no memory */
	void (*key_free)(struct aead_key *key);		    /* wipes it; NULL is fine */
	/*
	 * Seals the parts, one after the other, as one plaintext: writes their total length + 16
	 * bytes to `out`.  A part may lie exactly where its ciphertext goes, else it must not overlap `out`.
	 */
	void (*seal)(const struct aead_key *key, const uint8_t nonce[AEAD_NONCE_LEN],
		     struct bytes associated, const struct bytes *part, unsigned part_count,
		     uint8_t *out);
	/* Opens `sealed` (ciphertext and tag, at least 16 bytes) to `out`, sealed.len - 16 bytes,
	 * in place or apart.  False, with nothing useful in `out`, if it is not genuine: opening
	 * in place can have destroyed the ciphertext, so a second try needs a copy of it. */
	bool (*open)(const struct aead_key *key, const uint8_t nonce[AEAD_NONCE_LEN],
		     struct bytes associated, struct bytes sealed, uint8_t *out);
};

extern const struct aead_backend aead_libsodium;
extern const struct aead_backend aead_ipsec_mb; /* only where its header was at build time */

/* All back ends of this program, fastest first, ended by NULL; this machine may lack some. */
const struct aead_backend *const *aead_backends(void);

/* The best back end for a suite on this machine; NULL if none serves it. */
const struct aead_backend *aead_for(enum tls_suite suite);
/* The suites this machine serves, fastest first, for the handshake; returns their number (1 or 2). */
unsigned aead_suites(enum tls_suite suite[2]);

#endif
