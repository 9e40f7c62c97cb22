/* SPDX-License-Identifier: Apache-2.0 */
/* tls/digest.h
 *
 * Keyed hashes that protocols ask for and libsodium has not.  Their hash functions are broken as
 * such; in HMAC they still do what is asked of them here (RFC 6151 2.3, RFC 6194 3.3).
 */
#ifndef TLS_DIGEST_H
#define TLS_DIGEST_H

#include "base/bytes.h"
#include "base/err.h"

#define DIGEST_SHA1_LEN 20

/* RFC 2104 with SHA-1: of one-time codes, RFC 4226 5.2.  -1: memory, or the crypto library cannot. */
int digest_hmac_sha1(struct bytes key, struct bytes message, uint8_t out[static DIGEST_SHA1_LEN],
		     struct err *err);

#endif
