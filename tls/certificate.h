/* SPDX-License-Identifier: Apache-2.0 */
/* tls/certificate.h
 *
 * What a parsed certificate says: names, dates, fingerprint.  Inside tls/ only.
 */
#ifndef TLS_CERTIFICATE_H
#define TLS_CERTIFICATE_H

#include "tls/mbed.h"
#include "tls/pki.h"

/* A common name as text that can be compared and used. */
enum certificate_name {
	CERTIFICATE_NAME_OK,
	CERTIFICATE_NAME_NONE, /* there is none, or an empty one */
	CERTIFICATE_NAME_BAD,  /* NUL or control characters, too long, or more than one */
};

/* `name` is empty unless it is OK. */
enum certificate_name certificate_name_of(const mbedtls_x509_name *subject,
					  char name[static PKI_NAME_MAX]);
enum certificate_name certificate_common_name(const mbedtls_x509_crt *certificate,
					      char name[static PKI_NAME_MAX]);
int64_t certificate_time_s(const mbedtls_x509_time *time); /* seconds since 1970, UTC */
bool certificate_is_authority(const mbedtls_x509_crt *certificate);
bool certificate_is_self_issued(const mbedtls_x509_crt *certificate); /* its issuer has its name */
/* True if its extended key usage says so; mbedTLS is content if there is none. */
bool certificate_is_for(const mbedtls_x509_crt *certificate, enum pki_use use);
/* True unless its key usage forbids digital signatures. */
bool certificate_may_sign(const mbedtls_x509_crt *certificate);
/* True if the alternative names hold exactly this one; a DNS name's case does not count. */
bool certificate_has_name(const mbedtls_x509_crt *certificate, const char *name);
bool certificate_has_address(const mbedtls_x509_crt *certificate, struct bytes address);
/* "'a.example', '192.0.2.1'", cut with "..." when it does not fit, escaped; "no name". */
void certificate_names_text(const mbedtls_x509_crt *certificate, char *text, size_t cap);
/* "O=Example, CN=Proxy CA", escaped; "nobody". */
void certificate_party_text(const mbedtls_x509_name *party, char *text, size_t cap);
/* SHA-256 of the DER; false if it cannot be computed. */
bool certificate_fingerprint(const mbedtls_x509_crt *certificate,
			     uint8_t fingerprint[static PKI_FINGERPRINT_LEN]);
/* -1 and a sentence if its common name is BAD. */
int certificate_describe(const mbedtls_x509_crt *certificate, struct pki_description *out,
			 struct err *err);

/* All certificates of a PEM text; `what` ("the CA certificate") begins the sentence. */
int certificate_parse(mbedtls_x509_crt *chain, const char *pem, const char *what, struct err *err);
int certificate_parse_key(mbedtls_pk_context *key, const char *pem, struct err *err);

#endif
