/* SPDX-License-Identifier: Apache-2.0 */
/* tls/certificate.c
 *
 * Reads names, dates and fingerprints from parsed certificates.  It trusts none: whether a
 * certificate may be believed is decided in tls/peer.c.
 *
 * RFC 5280 4.1 (fields), 4.2.1.6 (alternative names).
 */
#include "tls/certificate.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>

#include "base/log.h"

/* UTF-8 passes; NUL, the controls of ASCII and those of Latin 1 (U+0080 to U+009F) do not. */
static bool is_clean_text(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < 0x20 || text.data[i] == 0x7f)
			return false;
		if (text.data[i] == 0xc2 && i + 1 < text.len && text.data[i + 1] < 0xa0)
			return false;
	}
	return true;
}

/* Types whose bytes are ASCII or UTF-8; a BMPString would hide a NUL in every character. */
static bool is_plain_string(int tag)
{
	return tag == MBEDTLS_ASN1_UTF8_STRING || tag == MBEDTLS_ASN1_PRINTABLE_STRING ||
	       tag == MBEDTLS_ASN1_IA5_STRING;
}

enum certificate_name certificate_name_of(const mbedtls_x509_name *subject,
					  char name[static PKI_NAME_MAX])
{
	const mbedtls_x509_name *found = NULL;

	name[0] = '\0';
	for (const mbedtls_x509_name *at = subject; at; at = at->next) {
		if (!at->oid.p || MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &at->oid) != 0)
			continue;
		if (found) /* which of them would be the user? */
			return CERTIFICATE_NAME_BAD;
		found = at;
	}
	if (!found || found->val.len == 0)
		return CERTIFICATE_NAME_NONE;

	struct bytes text = { .data = found->val.p, .len = found->val.len };

	if (!is_plain_string(found->val.tag) || text.len >= PKI_NAME_MAX || !is_clean_text(text))
		return CERTIFICATE_NAME_BAD;
	memcpy(name, text.data, text.len);
	name[text.len] = '\0';
	return CERTIFICATE_NAME_OK;
}

enum certificate_name certificate_common_name(const mbedtls_x509_crt *certificate,
					      char name[static PKI_NAME_MAX])
{
	return certificate_name_of(&certificate->subject, name);
}

int64_t certificate_time_s(const mbedtls_x509_time *time)
{
	struct tm tm = {
		.tm_year = time->year - 1900,
		.tm_mon = time->mon - 1,
		.tm_mday = time->day,
		.tm_hour = time->hour,
		.tm_min = time->min,
		.tm_sec = time->sec,
	};

	return timegm(&tm);
}

bool certificate_is_authority(const mbedtls_x509_crt *certificate)
{
	return mbedtls_x509_crt_get_ca_istrue(certificate) == 1;
}

bool certificate_is_self_issued(const mbedtls_x509_crt *certificate)
{
	return certificate->issuer_raw.len == certificate->subject_raw.len &&
	       memcmp(certificate->issuer_raw.p, certificate->subject_raw.p,
		      certificate->issuer_raw.len) == 0;
}

bool certificate_is_for(const mbedtls_x509_crt *certificate, enum pki_use use)
{
	const char *oid = NULL;
	size_t len = 0;

	switch (use) {
	case PKI_SERVER:
		oid = MBEDTLS_OID_SERVER_AUTH;
		len = MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH);
		break;
	case PKI_CLIENT:
		oid = MBEDTLS_OID_CLIENT_AUTH;
		len = MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH);
		break;
	}
	return mbedtls_x509_crt_has_ext_type(certificate, MBEDTLS_X509_EXT_EXTENDED_KEY_USAGE) &&
	       mbedtls_x509_crt_check_extended_key_usage(certificate, oid, len) == 0;
}

bool certificate_may_sign(const mbedtls_x509_crt *certificate)
{
	return mbedtls_x509_crt_check_key_usage(certificate, MBEDTLS_X509_KU_DIGITAL_SIGNATURE) ==
	       0;
}

/* Steps over the alternative names of one type; start with NULL. */
static const mbedtls_x509_sequence *next_name(const mbedtls_x509_crt *certificate,
					      const mbedtls_x509_sequence *at, int type)
{
	for (at = at ? at->next : &certificate->subject_alt_names; at; at = at->next) {
		if (at->buf.p && (at->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK) == type)
			return at;
	}
	return NULL;
}

bool certificate_has_name(const mbedtls_x509_crt *certificate, const char *name)
{
	const mbedtls_x509_sequence *at = NULL;
	size_t len = strlen(name);

	while ((at = next_name(certificate, at, MBEDTLS_X509_SAN_DNS_NAME))) {
		if (at->buf.len == len && strncasecmp((const char *)at->buf.p, name, len) == 0)
			return true;
	}
	return false;
}

bool certificate_has_address(const mbedtls_x509_crt *certificate, struct bytes address)
{
	const mbedtls_x509_sequence *at = NULL;

	while ((at = next_name(certificate, at, MBEDTLS_X509_SAN_IP_ADDRESS))) {
		if (at->buf.len == address.len && memcmp(at->buf.p, address.data, address.len) == 0)
			return true;
	}
	return false;
}

/* One alternative name as a person writes it; false for a type that is none of ours. */
static bool name_text(const mbedtls_x509_buf *name, char *text, size_t cap)
{
	int type = name->tag & MBEDTLS_ASN1_TAG_VALUE_MASK;

	if (type == MBEDTLS_X509_SAN_DNS_NAME) {
		log_escape(name->p, name->len, text, cap);
		return true;
	}
	if (type != MBEDTLS_X509_SAN_IP_ADDRESS || (name->len != 4 && name->len != 16))
		return false;
	return inet_ntop(name->len == 4 ? AF_INET : AF_INET6, name->p, text, (socklen_t)cap) !=
	       NULL;
}

void certificate_names_text(const mbedtls_x509_crt *certificate, char *text, size_t cap)
{
	char name[128];
	size_t len = 0;

	snprintf(text, cap, "no name");
	for (const mbedtls_x509_sequence *at = &certificate->subject_alt_names; at; at = at->next) {
		if (!at->buf.p || !name_text(&at->buf, name, sizeof(name)))
			continue;
		if (len + strlen(name) + sizeof(", '', ...") > cap) {
			snprintf(text + len, cap - len, ", ...");
			return;
		}
		len += (size_t)snprintf(text + len, cap - len, "%s'%s'", len ? ", " : "", name);
	}
}

void certificate_party_text(const mbedtls_x509_name *party, char *text, size_t cap)
{
	char whole[512];
	int len = mbedtls_x509_dn_gets(whole, sizeof(whole), party);

	if (len <= 0) /* none, one of more than that, or one that is no name */
		snprintf(text, cap, "%s", len == 0 ? "nobody" : "a name that is too long");
	else
		log_escape(whole, (size_t)len, text, cap);
}

bool certificate_fingerprint(const mbedtls_x509_crt *certificate,
			     uint8_t fingerprint[static PKI_FINGERPRINT_LEN])
{
	size_t len;

	return psa_hash_compute(PSA_ALG_SHA_256, certificate->raw.p, certificate->raw.len,
				fingerprint, PKI_FINGERPRINT_LEN, &len) == PSA_SUCCESS;
}

int certificate_describe(const mbedtls_x509_crt *certificate, struct pki_description *out,
			 struct err *err)
{
	*out = (struct pki_description) {
		.is_authority = certificate_is_authority(certificate),
		.is_self_issued = certificate_is_self_issued(certificate),
		.not_before_s = certificate_time_s(&certificate->valid_from),
		.not_after_s = certificate_time_s(&certificate->valid_to),
	};
	if (certificate_common_name(certificate, out->common_name) == CERTIFICATE_NAME_BAD)
		return err_set(err,
			       "the certificate's common name is not one short, printable text");
	if (!certificate_fingerprint(certificate, out->fingerprint))
		return err_set(err, "cannot compute the certificate's fingerprint");
	return 0;
}

int certificate_parse(mbedtls_x509_crt *chain, const char *pem, const char *what, struct err *err)
{
	/* The parser wants the NUL to be counted.  A positive result: some could not be read. */
	int error = mbedtls_x509_crt_parse(chain, (const unsigned char *)pem, strlen(pem) + 1);

	if (error == 0)
		return 0;
	if (mbed_error_is_ours(error))
		return err_set(err, "out of memory");
	if (!strstr(pem, "-----BEGIN CERTIFICATE-----"))
		return err_set(err, "%s is not a PEM certificate", what);
	return err_set(err, "%s is damaged", what);
}

int certificate_parse_key(mbedtls_pk_context *key, const char *pem, struct err *err)
{
	int error = mbed_parse_key(key, (const unsigned char *)pem, strlen(pem) + 1);

	if (error == 0)
		return 0;
	if (mbed_error_is_ours(error))
		return err_set(err, "out of memory");
	if (strstr(pem, "ENCRYPTED"))
		return err_set(err, "the private key is encrypted: remove its password first");
	return err_set(err, "the private key is not a PEM key, or damaged");
}
