/* SPDX-License-Identifier: Apache-2.0 */
/* tls/pki_request.c - requests made, checked and signed; PEM to DER and back. */
#include "tls/pki_request.h"

#include <stdio.h>
#include <string.h>

#include "tls/pki_issue.h"

#define PEM_BEGIN "-----BEGIN CERTIFICATE-----\n"
#define PEM_END "-----END CERTIFICATE-----\n"

/* ---- made ---- */

int pki_request_make(const char *common_name, char key[static PKI_PEM_MAX], struct writer *request,
		     struct err *err)
{
	mbedtls_x509write_csr writer;
	mbedtls_pk_context made;
	char name[3 + 3 * PKI_NAME_MAX];
	uint8_t der[1024];
	int len = -1;

	mbedtls_x509write_csr_init(&writer);
	mbedtls_pk_init(&made);
	if (issue_make_key(&made, err) || issue_name(common_name, name, sizeof(name), err))
		goto out;
	mbedtls_x509write_csr_set_key(&writer, &made);
	mbedtls_x509write_csr_set_md_alg(&writer, MBEDTLS_MD_SHA256);
	if (mbedtls_x509write_csr_set_subject_name(&writer, name) == 0)
		len = mbed_write_request(&writer, der, sizeof(der));
	if (len < 0 || mbedtls_pk_write_key_pem(&made, (unsigned char *)key, PKI_PEM_MAX)) {
		len = err_set(err, "cannot write a request for a certificate");
		goto out;
	}
	writer_copy(request, der + sizeof(der) - len, (size_t)len); /* it begins at the end */
out:
	mbedtls_pk_free(&made);
	mbedtls_x509write_csr_free(&writer);
	return len < 0 ? -1 : 0;
}

/* ---- read ---- */

static bool is_strong(const mbedtls_pk_context *key)
{
	size_t bits = mbedtls_pk_get_bitlen(key);

	if (mbedtls_pk_can_do(key, MBEDTLS_PK_RSA))
		return bits >= 2048;
	return mbed_is_nist_curve(key) && (bits == 256 || bits == 384);
}

/* RFC 2986 4.2: signed with the key that it is for, so that nobody enrols another one's. */
static int parse(mbedtls_x509_csr *parsed, struct bytes request, struct err *err)
{
	if (request.len == 0 || request.len > PKI_REQUEST_MAX ||
	    mbedtls_x509_csr_parse(parsed, request.data, request.len))
		return err_set(err, "this is no request for a certificate (PKCS#10)");
	if (!is_strong(&parsed->pk))
		return err_set(err, "the key of the request is not P-256, P-384 or RSA from 2048 "
				    "bits");
	if (!mbed_request_is_signed(parsed))
		return err_set(err, "the request is not signed by its own key with SHA-256 or "
				    "better");
	return 0;
}

int pki_request_read(struct bytes request, char common_name[static PKI_NAME_MAX], struct err *err)
{
	mbedtls_x509_csr parsed;

	mbedtls_x509_csr_init(&parsed);
	int result = parse(&parsed, request, err);
	if (result == 0 && certificate_name_of(&parsed.subject, common_name) != CERTIFICATE_NAME_OK)
		result = err_set(err,
				 "the request has no common name, or one that is not one short, "
				 "printable text");
	mbedtls_x509_csr_free(&parsed);
	return result;
}

/* ---- signed ---- */

int pki_request_sign(const struct pki_pair *authority, struct bytes request,
		     const struct pki_request *as, char certificate[static PKI_PEM_MAX],
		     struct err *err)
{
	mbedtls_x509_csr parsed;
	struct issue issue;
	int result = -1;

	if (as->use != PKI_CLIENT || as->name_count > 0 || as->address_count > 0)
		return err_set(err, "only a user's certificate is made of a request");
	mbedtls_x509_csr_init(&parsed);
	issue_init(&issue);
	if (parse(&parsed, request, err) == 0 &&
	    issue_load_authority(&issue, authority, err) == 0 &&
	    issue_set_subject(&issue, as->common_name, err) == 0 &&
	    issue_set_issuer(&issue, &issue.issuer.subject, err) == 0 &&
	    issue_set_serial(&issue, err) == 0 && issue_set_dates_below(&issue, as, err) == 0 &&
	    issue_set_usage(&issue, as->use, err) == 0)
		result = issue_sign(&issue, &parsed.pk, &issue.issuer_key, certificate, err);
	issue_free(&issue);
	mbedtls_x509_csr_free(&parsed);
	return result;
}

/* ---- tokens ---- */

int pki_token_hash(struct bytes token, uint8_t hash[static 32], struct err *err)
{
	size_t len;

	if (psa_hash_compute(PSA_ALG_SHA_256, token.data, token.len, hash, 32, &len) != PSA_SUCCESS)
		return err_set(err, "cannot compute a hash");
	return 0;
}

/* Of other bytes than what is stored: whoever reads the state file cannot write it. */
int pki_token_name(struct bytes token, char name[static PKI_TOKEN_NAME], struct err *err)
{
	uint8_t bytes[96] = "lanyard invitation", hash[32];
	size_t label = strlen((const char *)bytes);

	if (token.len > sizeof(bytes) - label)
		return err_set(err, "the token is too long");
	memcpy(bytes + label, token.data, token.len);
	int failed = pki_token_hash((struct bytes) { bytes, label + token.len }, hash, err);
	explicit_bzero(bytes, sizeof(bytes));
	if (failed)
		return -1;
	snprintf(name, PKI_TOKEN_NAME, "invite-");
	for (unsigned i = 0; i < 16; i++)
		snprintf(name + 7 + 2 * i, 3, "%02x", hash[i]);
	return 0;
}

/* ---- PEM and DER ---- */

int pki_to_der(const char *pem, struct writer *der, struct err *err)
{
	mbedtls_x509_crt chain;

	mbedtls_x509_crt_init(&chain);
	int result = certificate_parse(&chain, pem, "the certificate", err);
	for (const mbedtls_x509_crt *at = &chain; at && result == 0; at = at->next)
		writer_copy(der, at->raw.p, at->raw.len);
	mbedtls_x509_crt_free(&chain);
	if (result == 0 && der->full)
		return err_set(err, "the certificates are too long");
	return result;
}

/* The length of the first certificate; 0: it is damaged. */
static size_t first_len(struct bytes der)
{
	mbedtls_x509_crt one;

	mbedtls_x509_crt_init(&one);
	size_t len = mbedtls_x509_crt_parse_der(&one, der.data, der.len) == 0 ? one.raw.len : 0;
	mbedtls_x509_crt_free(&one);
	return len;
}

int pki_to_pem(struct bytes der, char *pem, size_t cap, struct err *err)
{
	size_t at = 0;

	if (der.len == 0)
		return err_set(err, "there is no certificate");
	while (der.len > 0) {
		size_t len = first_len(der), written;

		if (len == 0)
			return err_set(err, "the certificate is damaged");
		if (mbedtls_pem_write_buffer(PEM_BEGIN, PEM_END, der.data, len,
					     (unsigned char *)pem + at, cap - at, &written))
			return err_set(err, "the certificates are too long");
		at += written - 1; /* its NUL counts */
		der.data += len;
		der.len -= len;
	}
	return 0;
}
