/* SPDX-License-Identifier: Apache-2.0 */
/* tls/credentials.h
 *
 * The parsed credentials as the handshake uses them.  Inside tls/ only; made and freed by
 * tls_credentials_new and tls_credentials_free (tls/handshake.h).
 */
#ifndef TLS_CREDENTIALS_H
#define TLS_CREDENTIALS_H

#include "tls/handshake.h"
#include "tls/known.h"
#include "tls/mbed.h"

/* mbedTLS keeps pointers to most of it. */
struct tls_credentials {
	enum tls_role role;
	bool pinned; /* `fingerprint` is all that is trusted */
	bool has_certificate;
	int64_t trusted_until_s; /* the last of these CAs ends then; 0: the system's, or none */
	uint8_t fingerprint[PKI_FINGERPRINT_LEN];
	mbedtls_x509_crt authority, certificate;
	mbedtls_pk_context key;
	mbedtls_x509_crt_profile profile;
	mbedtls_ssl_config config;
	struct known *known; /* a server's: clients' certificates that these CAs have signed */
	int suites[3];	     /* ends with 0 */
};

/* For a server: called after the ClientHello was read and before anything is sent or signed. */
int handshake_check_hello(mbedtls_ssl_context *ssl);

#endif
