/* SPDX-License-Identifier: Apache-2.0 */
/* tls/verify.h
 *
 * What a server makes of a client's certificate, once the client has proved that it has the key.
 * Inside tls/ only.
 */
#ifndef TLS_VERIFY_H
#define TLS_VERIFY_H

#include "tls/credentials.h"
#include "tls/peer.h"

/*
 * Into `check`.  `found` are the flags of mbedTLS, which knew no CA when it looked at the certificate.
 * Returns 0 if it may be believed; MBEDTLS_ERR_SSL_BAD_CERTIFICATE if not, and check->problem says
 * why; or what went wrong here.
 */
int verify_client(const struct tls_credentials *credentials, struct peer_check *check,
		  const mbedtls_x509_crt *certificate, uint32_t found);

#endif
