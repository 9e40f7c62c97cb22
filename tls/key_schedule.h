/* SPDX-License-Identifier: Apache-2.0 */
/* tls/key_schedule.h
 *
 * From a traffic secret to key and IV, and to the next secret (RFC 8446 7.1, 7.2, 7.3).
 */
#ifndef TLS_KEY_SCHEDULE_H
#define TLS_KEY_SCHEDULE_H

#include "base/err.h"
#include "tls/secrets.h"

#define TLS_KEY_LEN 32 /* of both suites */
#define TLS_IV_LEN 12

struct tls_traffic_key {
	uint8_t key[TLS_KEY_LEN], iv[TLS_IV_LEN];
};

/* -1 if the crypto library fails. */
int tls_traffic_key(enum tls_suite suite, const struct tls_secret *secret,
		    struct tls_traffic_key *out, struct err *err);
/* Replaces the secret by its successor ("traffic upd"). */
int tls_secret_next(enum tls_suite suite, struct tls_secret *secret, struct err *err);

#endif
