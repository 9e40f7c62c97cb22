/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/odd_certificate.h
 *
 * Certificates that tls/pki.c refuses to make, for the tests: expired, for the wrong use, weak,
 * with NUL in their names.  A zero member is what a good certificate has.
 */
#ifndef TESTS_ODD_CERTIFICATE_H
#define TESTS_ODD_CERTIFICATE_H

#include <stdio.h>
#include <string.h>

#include <mbedtls/asn1write.h>

#include "tls/mbed.h"
#include "tls/pki.h"

#define ODD_YEAR_S (365 * 86400ll)

struct odd {
	enum pki_use use;
	const char *user; /* common name */
	size_t user_len;  /* if there is a NUL in it */
	int user_tag;	  /* if not UTF-8 */
	bool no_user, two_users;
	const char *name; /* DNS name */
	size_t name_len;
	bool no_names, no_purpose, any_purpose, other_purpose, is_authority, may_not_sign,
		weak_hash;
	const char *not_before, *not_after; /* YYYYMMDDhhmmss */
	unsigned rsa_bits, curve_bits;	    /* else P-256 */
	const char *key;		    /* this one, else a new one */
};

static inline bool odd_key(const struct odd *odd, mbedtls_pk_context *key)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	mbedtls_svc_key_id_t id;

	if (odd->key)
		return mbed_parse_key(key, (const uint8_t *)odd->key, strlen(odd->key) + 1) == 0;
	if (odd->rsa_bits) {
		psa_set_key_type(&attributes, PSA_KEY_TYPE_RSA_KEY_PAIR);
		psa_set_key_bits(&attributes, odd->rsa_bits);
		psa_set_key_algorithm(&attributes, PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_ANY_HASH));
	} else {
		psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
		psa_set_key_bits(&attributes, odd->curve_bits ? odd->curve_bits : 256);
		psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_ANY_HASH));
	}
	psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_EXPORT);
	if (psa_generate_key(&attributes, &id) != PSA_SUCCESS)
		return false;

	bool made = mbedtls_pk_copy_from_psa(id, key) == 0;

	psa_destroy_key(id);
	return made;
}

static inline bool odd_subject(const struct odd *odd, mbedtls_x509write_cert *writer)
{
	const char *user = odd->user ? odd->user : odd->use == PKI_SERVER ? "vpn.example" : "alice";
	size_t len = odd->user_len ? odd->user_len : strlen(user);

	mbedtls_asn1_named_data **subject = &writer->MBEDTLS_PRIVATE(subject);

	if (odd->no_user)
		return mbedtls_x509write_crt_set_subject_name(writer, "O=Somebody") == 0;
	for (unsigned i = 0; i < (odd->two_users ? 2 : 1); i++) {
		mbedtls_asn1_named_data *name = NULL; /* the list would merge equal types */

		if (!mbedtls_asn1_store_named_data(&name, MBEDTLS_OID_AT_CN,
						   MBEDTLS_OID_SIZE(MBEDTLS_OID_AT_CN),
						   (const unsigned char *)user, len))
			return false;
		name->val.tag = odd->user_tag ? odd->user_tag : MBEDTLS_ASN1_UTF8_STRING;
		name->next = *subject;
		*subject = name;
	}
	return true;
}

/* vpn.example, 192.0.2.1 and 2001:db8::1 unless told otherwise; mbedTLS writes the list from
 * its end. */
static inline bool odd_names(const struct odd *odd, mbedtls_x509write_cert *writer)
{
	static const uint8_t ip4[4] = { 192, 0, 2, 1 };
	static const uint8_t ip6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	const char *name = odd->name ? odd->name : "vpn.example";
	size_t len = odd->name_len ? odd->name_len : strlen(name);
	mbedtls_x509_san_list list[3] = {
		{ .node = { .type = MBEDTLS_X509_SAN_DNS_NAME } },
		{ .node = { .type = MBEDTLS_X509_SAN_IP_ADDRESS }, .next = &list[0] },
		{ .node = { .type = MBEDTLS_X509_SAN_IP_ADDRESS }, .next = &list[1] },
	};

	if (odd->no_names || odd->use != PKI_SERVER)
		return true;
	list[0].node.san.unstructured_name.p = (unsigned char *)(uintptr_t)name;
	list[0].node.san.unstructured_name.len = len;
	list[1].node.san.unstructured_name.p = (unsigned char *)(uintptr_t)ip4;
	list[1].node.san.unstructured_name.len = sizeof(ip4);
	list[2].node.san.unstructured_name.p = (unsigned char *)(uintptr_t)ip6;
	list[2].node.san.unstructured_name.len = sizeof(ip6);
	return mbedtls_x509write_crt_set_subject_alternative_name(writer, &list[2]) == 0;
}

static inline bool odd_usage(const struct odd *odd, mbedtls_x509write_cert *writer)
{
	bool server = (odd->use == PKI_SERVER) != odd->other_purpose;
	const char *oid = odd->any_purpose ? MBEDTLS_OID_ANY_EXTENDED_KEY_USAGE
			  : server	   ? MBEDTLS_OID_SERVER_AUTH
					   : MBEDTLS_OID_CLIENT_AUTH;
	/* One of them holds a NUL. */
	size_t len = odd->any_purpose ? MBEDTLS_OID_SIZE(MBEDTLS_OID_ANY_EXTENDED_KEY_USAGE)
				      : MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH);
	mbedtls_asn1_sequence purpose = {
		.buf = { .tag = MBEDTLS_ASN1_OID, .p = (unsigned char *)(uintptr_t)oid, .len = len }
	};
	unsigned usage = odd->may_not_sign ? MBEDTLS_X509_KU_KEY_AGREEMENT
			 : odd->is_authority
				 ? MBEDTLS_X509_KU_DIGITAL_SIGNATURE | MBEDTLS_X509_KU_KEY_CERT_SIGN
				 : MBEDTLS_X509_KU_DIGITAL_SIGNATURE;

	return (odd->no_purpose ||
		mbedtls_x509write_crt_set_ext_key_usage(writer, &purpose) == 0) &&
	       mbedtls_x509write_crt_set_key_usage(writer, usage) == 0 &&
	       mbedtls_x509write_crt_set_basic_constraints(writer, odd->is_authority, -1) == 0;
}

/* Signed by `authority`, or by itself if that is NULL. */
static inline bool odd_issue(const struct pki_pair *authority, const struct odd *odd,
			     struct pki_pair *out)
{
	mbedtls_x509write_cert writer;
	mbedtls_pk_context key, issuer_key;
	mbedtls_x509_crt issuer;
	char name[256] = "CN=self";

	mbedtls_x509write_crt_init(&writer);
	mbedtls_pk_init(&key);
	mbedtls_pk_init(&issuer_key);
	mbedtls_x509_crt_init(&issuer);

	bool made = odd_key(odd, &key) && odd_subject(odd, &writer) && odd_names(odd, &writer) &&
		    odd_usage(odd, &writer);

	if (authority)
		made = made &&
		       mbedtls_x509_crt_parse(&issuer, (const uint8_t *)authority->certificate,
					      strlen(authority->certificate) + 1) == 0 &&
		       mbed_parse_key(&issuer_key, (const uint8_t *)authority->key,
				      strlen(authority->key) + 1) == 0 &&
		       mbedtls_x509_dn_gets(name, sizeof(name), &issuer.subject) > 0;
	mbedtls_x509write_crt_set_version(&writer, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(&writer,
					 odd->weak_hash ? MBEDTLS_MD_SHA1 : MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(&writer, &key);
	mbedtls_x509write_crt_set_issuer_key(&writer, authority ? &issuer_key : &key);
	made = made && mbedtls_x509write_crt_set_issuer_name(&writer, name) == 0 &&
	       mbedtls_x509write_crt_set_validity(
		       &writer, odd->not_before ? odd->not_before : "20200101000000",
		       odd->not_after ? odd->not_after : "20991231235959") == 0 &&
	       mbedtls_x509write_crt_set_serial_raw(&writer, (unsigned char[]) { 42 }, 1) == 0 &&
	       mbed_write_certificate(&writer, out->certificate, sizeof(out->certificate)) == 0 &&
	       mbedtls_pk_write_key_pem(&key, (unsigned char *)out->key, sizeof(out->key)) == 0;
	mbedtls_x509write_crt_free(&writer);
	mbedtls_pk_free(&key);
	mbedtls_pk_free(&issuer_key);
	mbedtls_x509_crt_free(&issuer);
	return made;
}

/* A CA, and a good certificate for each end. */
static inline bool odd_good_ones(struct pki_pair *authority, struct pki_pair *server,
				 struct pki_pair *client)
{
	static const struct odd of_server = { .use = PKI_SERVER },
				of_client = { .use = PKI_CLIENT };

	return pki_init(NULL) == 0 &&
	       pki_make_authority("CA", 0, 4102444800ll, authority, NULL) == 0 &&
	       odd_issue(authority, &of_server, server) && odd_issue(authority, &of_client, client);
}

#endif
