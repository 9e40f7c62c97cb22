/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/handshake_refusal.h
 *
 * Credentials for one test, and what an end that failed must say.
 */
#ifndef TESTS_HANDSHAKE_REFUSAL_H
#define TESTS_HANDSHAKE_REFUSAL_H

#include "handshake_pair.h"
#include "tls/credentials.h"
#include "tls/pki.h"

static inline struct tls_credentials *trusting(const struct pki_pair *trusted, enum tls_role role,
					       const struct pki_pair *pair)
{
	struct err err = { 0 };
	struct tls_credentials *credentials =
		tls_credentials_new(role, trusted->certificate, pair->certificate, pair->key, &err);

	if (!credentials)
		fail_msg("%s", err.text);
	return credentials;
}

/* Puts a certificate in the place of the good one, which mbedTLS and we would not use; mbedTLS is
 * made to forget its extensions. */
static inline void odd_put(struct tls_credentials *made, const struct pki_pair *odd)
{
	mbedtls_x509_crt_free(&made->certificate);
	mbedtls_pk_free(&made->key);
	mbedtls_x509_crt_init(&made->certificate);
	mbedtls_pk_init(&made->key);
	assert_int_equal(mbedtls_x509_crt_parse(&made->certificate,
						(const uint8_t *)odd->certificate,
						strlen(odd->certificate) + 1),
			 0);
	assert_int_equal(
		mbed_parse_key(&made->key, (const uint8_t *)odd->key, strlen(odd->key) + 1), 0);
	made->certificate.MBEDTLS_PRIVATE(ext_types) = 0;
}

static inline void assert_failed(const char *what, const struct end *end, enum tls_failure reason,
				 enum err_kind kind, const char *sentence)
{
	struct err err = { 0 };
	enum tls_failure found = tls_handshake_failure(end->handshake, &err);

	if (end->step != TLS_FAILED || found != reason || strcmp(err.text, sentence) != 0 ||
	    err.kind != kind)
		fail_msg("%s: step %d, %s (%d): '%s'", what, end->step, tls_failure_name[found],
			 err.kind, err.text);
}

#endif
