/* SPDX-License-Identifier: Apache-2.0 */
/* tls/secrets.h
 *
 * What the handshake hands to the record layer: the suite and its traffic secrets.
 * RFC 8446 section 7.1.
 */
#ifndef TLS_SECRETS_H
#define TLS_SECRETS_H

#include <stddef.h>
#include <stdint.h>

#define TLS_SECRET_MAX 48 /* SHA-384 */

/* RFC 8446 B.4 */
enum tls_suite {
	TLS_AES_256_GCM_SHA384 = 0x1302,
	TLS_CHACHA20_POLY1305_SHA256 = 0x1303,
};

struct tls_secret {
	uint8_t octet[TLS_SECRET_MAX];
	size_t len; /* 32 or 48 */
};

struct tls_secrets {
	enum tls_suite suite;
	struct tls_secret client, server; /* client_ and server_application_traffic_secret_0 */
	/*
	 * server_handshake_traffic_secret: a server that refuses the client's certificate says
	 * so before it has switched its own sending keys, after the client has switched.  The
	 * client may try this key on the first record it cannot open, for an alert only.  (An
	 * mbedTLS server does so, with sequence number 5; OpenSSL's has switched already.)
	 */
	struct tls_secret server_handshake;
};

const char *tls_suite_name(enum tls_suite suite); /* "TLS_AES_256_GCM_SHA384" */
void tls_secrets_wipe(struct tls_secrets *secrets);

#endif
