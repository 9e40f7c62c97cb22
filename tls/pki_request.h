/* SPDX-License-Identifier: Apache-2.0 */
/* tls/pki_request.h
 *
 * Certificates for keys that never leave their machine: the request of who has the key, and the
 * certificate that the CA makes of it; and certificates as bytes, for messages.
 *
 * RFC 2986 (PKCS#10).
 */
#ifndef TLS_PKI_REQUEST_H
#define TLS_PKI_REQUEST_H

#include "tls/pki.h"

#define PKI_REQUEST_MAX 4096 /* of a request, DER or PEM; ours has some 240 bytes */

/* A fresh P-256 key, as PEM in `key` (secret), and a request signed with it, DER in `request`. */
int pki_request_make(const char *common_name, char key[static PKI_PEM_MAX], struct writer *request,
		     struct err *err);
/* The common name that a request asks for; -1 if it is none, or not signed by its own key, or its
 * key is weak: not P-256, P-384, RSA from 2048 bits.  `request`: DER, or PEM with its NUL. */
int pki_request_read(struct bytes request, char common_name[static PKI_NAME_MAX], struct err *err);
/* A certificate, PEM, for the request's key.  All else is from `as`: what the request asks for is
 * not believed. */
int pki_request_sign(const struct pki_pair *authority, struct bytes request,
		     const struct pki_request *as, char certificate[static PKI_PEM_MAX],
		     struct err *err);

/* What ties a request to an invitation: a common name that only who knows the token can write. */
#define PKI_TOKEN_NAME 40 /* with its NUL */
int pki_token_name(struct bytes token, char name[static PKI_TOKEN_NAME], struct err *err);
/* SHA-256, as an invitation's token is stored. */
int pki_token_hash(struct bytes token, uint8_t hash[static 32], struct err *err);

/* All certificates of a PEM text as DER, one behind the other, and back. */
int pki_to_der(const char *pem, struct writer *der, struct err *err);
int pki_to_pem(struct bytes der, char *pem, size_t cap, struct err *err);

#endif
