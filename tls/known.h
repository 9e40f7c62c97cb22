/* SPDX-License-Identifier: Apache-2.0 */
/* tls/known.h
 *
 * The certificates whose signature was found good before, and by which of our CAs: to verify one is
 * a quarter of what a login costs.  It is known by its SHA-256, so one bit of difference is another
 * one.  Dates, usage, names and revocation are not in here: they are looked at each time.
 * Inside tls/ only; any thread.
 */
#ifndef TLS_KNOWN_H
#define TLS_KNOWN_H

#include "tls/mbed.h"
#include "tls/pki.h"

#define KNOWN_MAX 16384 /* 640 KiB, of which only what is used is there */

struct known;

struct known *known_new(void); /* NULL: out of memory */
void known_free(struct known *known);
/* `signer` must stay as long as this does.  Where there is no room, one that was not asked for or
 * added for longer makes way. */
void known_add(struct known *known, const uint8_t fingerprint[static PKI_FINGERPRINT_LEN],
	       const mbedtls_x509_crt *signer);
/* Who signed it; NULL: not known. */
const mbedtls_x509_crt *known_signer(struct known *known,
				     const uint8_t fingerprint[static PKI_FINGERPRINT_LEN]);

#endif
