/* SPDX-License-Identifier: Apache-2.0 */
/* tls/pki.c
 *
 * Makes keys and certificates, and reads certificates that the caller stored.
 *
 * RFC 5280 4.1.2.2 (serial), 4.1.2.5 (dates: UTCTime until 2049, which mbedTLS chooses),
 * 4.2.1 (extensions); RFC 4514 2.4 (escaping in names).
 */
#include "tls/pki.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tls/pki_issue.h"

#define SERIAL_LEN 16
#define DNS_NAME_MAX 253	     /* RFC 1035 2.3.4, without the final dot */
#define LAST_SECOND_S 253402300799ll /* 9999-12-31T23:59:59Z, what GeneralizedTime can say */

int pki_init(struct err *err)
{
	psa_status_t status = psa_crypto_init();

	if (status != PSA_SUCCESS)
		return err_set(err, "the crypto library cannot start (PSA error %d)", (int)status);
	return 0;
}

const char *pki_library(void)
{
	static _Thread_local char text[32];
	unsigned version = mbedtls_version_get_number(); /* 0xMMNNPP00, in 3.6 as in 4.x */

	snprintf(text, sizeof(text), "mbedTLS %u.%u.%u", version >> 24, version >> 16 & 0xff,
		 version >> 8 & 0xff);
	return text;
}

void pki_pair_wipe(struct pki_pair *pair)
{
	explicit_bzero(pair, sizeof(*pair));
}

const char *pki_fingerprint_text(const uint8_t fingerprint[static PKI_FINGERPRINT_LEN],
				 char text[static PKI_FINGERPRINT_TEXT])
{
	for (unsigned i = 0; i < PKI_FINGERPRINT_LEN; i++)
		snprintf(text + 2 * i, 3, "%02x", fingerprint[i]);
	return text;
}

void issue_init(struct issue *issue)
{
	mbedtls_x509write_crt_init(&issue->writer);
	mbedtls_pk_init(&issue->key);
	mbedtls_pk_init(&issue->issuer_key);
	mbedtls_x509_crt_init(&issue->issuer);
}

void issue_free(struct issue *issue)
{
	mbedtls_x509write_crt_free(&issue->writer);
	mbedtls_pk_free(&issue->key);
	mbedtls_pk_free(&issue->issuer_key);
	mbedtls_x509_crt_free(&issue->issuer);
}

int issue_make_key(mbedtls_pk_context *key, struct err *err)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	mbedtls_svc_key_id_t id;

	psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
	psa_set_key_bits(&attributes, 256);
	psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_EXPORT);
	psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_ANY_HASH));

	psa_status_t status = psa_generate_key(&attributes, &id);

	if (status != PSA_SUCCESS)
		return err_set(err, "cannot make a key (PSA error %d)", (int)status);

	int error = mbedtls_pk_copy_from_psa(id, key);

	psa_destroy_key(id);
	if (error)
		return err_set(err, "cannot make a key (error %d)", error);
	return 0;
}

/* RFC 4514 2.4: every byte that could mean something in a name as a hex pair. */
int issue_name(const char *common_name, char *out, size_t cap, struct err *err)
{
	size_t len = strlen(common_name), at = 3;

	if (len == 0)
		return err_set(err, "a certificate needs a common name");
	if (len >= PKI_NAME_MAX)
		return err_set(err, "the name in a certificate has %d bytes at most, not %zu",
			       PKI_NAME_MAX - 1, len);
	snprintf(out, cap, "CN=");
	for (const char *c = common_name; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return err_set(err, "the name in a certificate has a control character");
		at += (size_t)snprintf(out + at, cap - at,
				       isalnum((unsigned char)*c) ? "%c" : "\\%02X",
				       (unsigned char)*c);
	}
	return 0;
}

int issue_set_subject(struct issue *issue, const char *common_name, struct err *err)
{
	char name[3 + 3 * PKI_NAME_MAX];

	if (issue_name(common_name, name, sizeof(name), err))
		return -1;
	if (mbedtls_x509write_crt_set_subject_name(&issue->writer, name))
		return err_set(err, "cannot write '%s' into a certificate", common_name);
	return 0;
}

int issue_set_issuer(struct issue *issue, const mbedtls_x509_name *issuer, struct err *err)
{
	char name[1024];

	if (mbedtls_x509_dn_gets(name, sizeof(name), issuer) < 0 ||
	    mbedtls_x509write_crt_set_issuer_name(&issue->writer, name))
		return err_set(err, "cannot use the CA's name");
	return 0;
}

int issue_set_dates(struct issue *issue, int64_t not_before_s, int64_t not_after_s, struct err *err)
{
	time_t from = not_before_s, to = not_after_s;
	char from_text[16], to_text[16];
	struct tm tm;

	if (not_before_s < 0 || not_after_s > LAST_SECOND_S || not_before_s >= not_after_s)
		return err_set(err, "a certificate cannot be valid from %lld to %lld",
			       (long long)not_before_s, (long long)not_after_s);
	if (!gmtime_r(&from, &tm) || !strftime(from_text, sizeof(from_text), "%Y%m%d%H%M%S", &tm) ||
	    !gmtime_r(&to, &tm) || !strftime(to_text, sizeof(to_text), "%Y%m%d%H%M%S", &tm) ||
	    mbedtls_x509write_crt_set_validity(&issue->writer, from_text, to_text))
		return err_set(err, "cannot write the dates of a certificate");
	return 0;
}

int issue_set_dates_below(struct issue *issue, const struct pki_request *request, struct err *err)
{
	int64_t end_s = certificate_time_s(&issue->issuer.valid_to);

	return issue_set_dates(issue, request->not_before_s,
			       request->not_after_s < end_s || request->not_after_s > LAST_SECOND_S
				       ? request->not_after_s
				       : end_s,
			       err);
}

/* RFC 5280 4.1.2.2: positive; a set second bit also keeps it at its full length. */
int issue_set_serial(struct issue *issue, struct err *err)
{
	uint8_t serial[SERIAL_LEN];

	if (psa_generate_random(serial, sizeof(serial)) != PSA_SUCCESS)
		return err_set(err, "no random numbers for a certificate's serial");
	serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40);
	if (mbedtls_x509write_crt_set_serial_raw(&issue->writer, serial, sizeof(serial)))
		return err_set(err, "cannot write the serial of a certificate");
	return 0;
}

/* RFC 6125 allows more, DNS and our configuration do not. */
static bool is_dns_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= DNS_NAME_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
		       len;
}

static void add_alternative(mbedtls_x509_san_list *list, unsigned at, int type, const void *data,
			    size_t len)
{
	list[at] = (mbedtls_x509_san_list) { 0 };
	list[at].node.type = type;
	list[at].node.san.unstructured_name.tag = type;
	/* The writer only reads; its type has no const. */
	list[at].node.san.unstructured_name.p = (unsigned char *)(uintptr_t)data;
	list[at].node.san.unstructured_name.len = len;
	if (at > 0) /* the writer begins at the end */
		list[at].next = &list[at - 1];
}

static int set_alternatives(struct issue *issue, const struct pki_request *request, struct err *err)
{
	mbedtls_x509_san_list list[2 * PKI_MAX_NAMES];
	unsigned count = 0;

	if (request->name_count > PKI_MAX_NAMES || request->address_count > PKI_MAX_NAMES)
		return err_set(err, "a certificate has %d names and addresses at most",
			       PKI_MAX_NAMES);
	for (unsigned i = 0; i < request->name_count; i++) {
		if (!is_dns_name(request->name[i]))
			return err_set(err, "'%s' is not a DNS name", request->name[i]);
		add_alternative(list, count++, MBEDTLS_X509_SAN_DNS_NAME, request->name[i],
				strlen(request->name[i]));
	}
	for (unsigned i = 0; i < request->address_count; i++) {
		if (request->address[i].len != 4 && request->address[i].len != 16)
			return err_set(err, "an address has 4 or 16 bytes, not %u",
				       request->address[i].len);
		add_alternative(list, count++, MBEDTLS_X509_SAN_IP_ADDRESS,
				request->address[i].octet, request->address[i].len);
	}
	if (count > 0 &&
	    mbedtls_x509write_crt_set_subject_alternative_name(&issue->writer, &list[count - 1]))
		return err_set(err, "cannot write the names of a certificate");
	return 0;
}

int issue_set_usage(struct issue *issue, enum pki_use use, struct err *err)
{
	mbedtls_asn1_sequence purpose = { .buf = { .tag = MBEDTLS_ASN1_OID } };

	switch (use) {
	case PKI_SERVER:
		purpose.buf.p = (unsigned char *)(uintptr_t)MBEDTLS_OID_SERVER_AUTH;
		purpose.buf.len = MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH);
		break;
	case PKI_CLIENT:
		purpose.buf.p = (unsigned char *)(uintptr_t)MBEDTLS_OID_CLIENT_AUTH;
		purpose.buf.len = MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH);
		break;
	}
	if (mbedtls_x509write_crt_set_key_usage(&issue->writer,
						MBEDTLS_X509_KU_DIGITAL_SIGNATURE) ||
	    mbedtls_x509write_crt_set_ext_key_usage(&issue->writer, &purpose) ||
	    mbedtls_x509write_crt_set_basic_constraints(&issue->writer, 0, -1))
		return err_set(err, "cannot write the usage of a certificate");
	return 0;
}

int issue_sign(struct issue *issue, mbedtls_pk_context *subject_key, mbedtls_pk_context *issuer_key,
	       char certificate[static PKI_PEM_MAX], struct err *err)
{
	mbedtls_x509write_crt_set_version(&issue->writer, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(&issue->writer, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(&issue->writer, subject_key);
	mbedtls_x509write_crt_set_issuer_key(&issue->writer, issuer_key);

	int error = mbedtls_x509write_crt_set_subject_key_identifier(&issue->writer);

	if (!error)
		error = mbedtls_x509write_crt_set_authority_key_identifier(&issue->writer);
	if (!error)
		error = mbed_write_certificate(&issue->writer, certificate, PKI_PEM_MAX);
	if (error)
		return err_set(err, "cannot write a certificate (error %d)", error);
	return 0;
}

/* With the key that was made for it. */
static int sign(struct issue *issue, mbedtls_pk_context *issuer_key, struct pki_pair *out,
		struct err *err)
{
	int error = issue_sign(issue, &issue->key, issuer_key, out->certificate, err);

	if (!error &&
	    mbedtls_pk_write_key_pem(&issue->key, (unsigned char *)out->key, sizeof(out->key)))
		error = err_set(err, "cannot write a private key");
	if (error)
		pki_pair_wipe(out);
	return error;
}

/* RFC 5280 4.2.1.9: a successor that it signs is self-issued and does not count, so that 0 should
 * do; mbedTLS 3.6 counts the last of them. */
#define PATH_LENGTH 1

int issue_set_authority(struct issue *issue, struct err *err)
{
	if (mbedtls_x509write_crt_set_basic_constraints(&issue->writer, 1, PATH_LENGTH) ||
	    mbedtls_x509write_crt_set_key_usage(&issue->writer, MBEDTLS_X509_KU_KEY_CERT_SIGN |
									MBEDTLS_X509_KU_CRL_SIGN))
		return err_set(err, "cannot write the CA certificate");
	return 0;
}

int pki_make_authority(const char *common_name, int64_t not_before_s, int64_t not_after_s,
		       struct pki_pair *out, struct err *err)
{
	struct issue issue;
	char name[3 + 3 * PKI_NAME_MAX];
	int result = -1;

	issue_init(&issue);
	if (issue_make_key(&issue.key, err) || issue_set_subject(&issue, common_name, err) ||
	    issue_name(common_name, name, sizeof(name), err) || issue_set_serial(&issue, err) ||
	    issue_set_dates(&issue, not_before_s, not_after_s, err))
		goto out;
	if (mbedtls_x509write_crt_set_issuer_name(&issue.writer, name))
		err_set(err, "cannot write the CA certificate");
	else if (issue_set_authority(&issue, err) == 0)
		result = sign(&issue, &issue.key, out, err);
out:
	issue_free(&issue);
	return result;
}

int issue_load_authority(struct issue *issue, const struct pki_pair *authority, struct err *err)
{
	if (certificate_parse(&issue->issuer, authority->certificate, "the CA certificate", err) ||
	    certificate_parse_key(&issue->issuer_key, authority->key, err))
		return -1;
	if (!certificate_is_authority(&issue->issuer))
		return err_set(err, "the CA certificate is not one of a CA");
	if (mbed_check_pair(&issue->issuer.pk, &issue->issuer_key))
		return err_set(err, "the CA's private key does not belong to its certificate");
	return 0;
}

/* A DNS name may be longer than a common name, which a server's certificate does not need. */
static const char *subject_of(const struct pki_request *request)
{
	if (request->use == PKI_SERVER && strlen(request->common_name) >= PKI_NAME_MAX)
		return "server";
	return request->common_name;
}

int pki_issue(const struct pki_pair *authority, const struct pki_request *request,
	      struct pki_pair *out, struct err *err)
{
	struct issue issue;
	int result = -1;

	if (request->use == PKI_CLIENT && (request->name_count || request->address_count))
		return err_set(err, "a client's certificate has no names but the user's");
	issue_init(&issue);
	if (issue_load_authority(&issue, authority, err) == 0 &&
	    issue_make_key(&issue.key, err) == 0 &&
	    issue_set_subject(&issue, subject_of(request), err) == 0 &&
	    issue_set_issuer(&issue, &issue.issuer.subject, err) == 0 &&
	    issue_set_serial(&issue, err) == 0 &&
	    issue_set_dates_below(&issue, request, err) == 0 &&
	    issue_set_usage(&issue, request->use, err) == 0 &&
	    set_alternatives(&issue, request, err) == 0)
		result = sign(&issue, &issue.issuer_key, out, err);
	issue_free(&issue);
	return result;
}

int pki_describe(const char *certificate, struct pki_description *out, struct err *err)
{
	mbedtls_x509_crt parsed;

	mbedtls_x509_crt_init(&parsed);

	int result = certificate_parse(&parsed, certificate, "the certificate", err);

	if (result == 0)
		result = certificate_describe(&parsed, out, err);
	mbedtls_x509_crt_free(&parsed);
	return result;
}

static bool covers(const mbedtls_x509_crt *certificate, const struct pki_request *request)
{
	for (unsigned i = 0; i < request->name_count; i++) {
		if (!certificate_has_name(certificate, request->name[i]))
			return false;
	}
	for (unsigned i = 0; i < request->address_count; i++) {
		struct bytes address = { .data = request->address[i].octet,
					 .len = request->address[i].len };

		if (!certificate_has_address(certificate, address))
			return false;
	}
	return true;
}

bool pki_covers(const char *certificate, const struct pki_request *request)
{
	mbedtls_x509_crt parsed;

	mbedtls_x509_crt_init(&parsed);

	bool yes =
		certificate_parse(&parsed, certificate, "", NULL) == 0 && covers(&parsed, request);

	mbedtls_x509_crt_free(&parsed);
	return yes;
}

int pki_pair_check(const char *certificate, const char *key, struct err *err)
{
	mbedtls_x509_crt parsed;
	mbedtls_pk_context parsed_key;
	int result = -1;

	mbedtls_x509_crt_init(&parsed);
	mbedtls_pk_init(&parsed_key);
	if (certificate_parse(&parsed, certificate, "the certificate", err) == 0 &&
	    certificate_parse_key(&parsed_key, key, err) == 0) {
		if (mbed_check_pair(&parsed.pk, &parsed_key))
			err_set(err, "the private key does not belong to the certificate");
		else
			result = 0;
	}
	mbedtls_pk_free(&parsed_key);
	mbedtls_x509_crt_free(&parsed);
	return result;
}
