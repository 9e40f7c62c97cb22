/* SPDX-License-Identifier: Apache-2.0 */
/* tls/mbed.h
 *
 * The way into mbedTLS: every header of it that Lanyard uses, and whatever differs between its
 * 3.6 and 4.x lines, so that the code behind it is written once.  No other file names an
 * mbedTLS or PSA header.
 *
 * 4.x takes all random numbers from PSA by itself; 3.6 is told to.  4.x has no allocation
 * errors of its own any more, 3.6 has one per module.
 */
#ifndef TLS_MBED_H
#define TLS_MBED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mbedtls/asn1.h>
#include <mbedtls/build_info.h>
#include <mbedtls/oid.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/version.h>
#include <mbedtls/x509.h>
#include <mbedtls/x509_crt.h>
#include <mbedtls/x509_csr.h>
#include <psa/crypto.h>

/* Earlier ones share the random generator over fork and let a client pass as another. */
#if MBEDTLS_VERSION_NUMBER < 0x03060600
#error "mbedTLS 3.6.6 or newer is needed"
#endif
#if !defined(MBEDTLS_SSL_PROTO_TLS1_3) || !defined(MBEDTLS_SSL_ALPN) ||                    \
	!defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE) || !defined(MBEDTLS_HAVE_TIME_DATE) || \
	!defined(MBEDTLS_THREADING_C) || !defined(MBEDTLS_X509_CRT_WRITE_C) ||             \
	!defined(MBEDTLS_PEM_WRITE_C) || !defined(MBEDTLS_X509_CSR_WRITE_C) ||             \
	!defined(MBEDTLS_X509_CSR_PARSE_C)
#error "this mbedTLS lacks TLS 1.3, ALPN, peer certificates, dates, threads or writing certificates"
#endif

#if MBEDTLS_VERSION_NUMBER < 0x04000000

#include <mbedtls/ecp.h>
#include <mbedtls/error.h>

static inline int mbed_random(void *unused, unsigned char *out, size_t len)
{
	(void)unused;
	return psa_generate_random(out, len) == PSA_SUCCESS ? 0 : MBEDTLS_ERR_SSL_HW_ACCEL_FAILED;
}

static inline void mbed_conf_random(mbedtls_ssl_config *config)
{
	mbedtls_ssl_conf_rng(config, mbed_random, NULL);
}

static inline int mbed_parse_key(mbedtls_pk_context *key, const unsigned char *text, size_t len)
{
	return mbedtls_pk_parse_key(key, text, len, NULL, 0, mbed_random, NULL);
}

static inline int mbed_check_pair(const mbedtls_pk_context *public_key,
				  const mbedtls_pk_context *private_key)
{
	return mbedtls_pk_check_pair(public_key, private_key, mbed_random, NULL);
}

static inline int mbed_write_certificate(mbedtls_x509write_cert *writer, char *text, size_t cap)
{
	return mbedtls_x509write_crt_pem(writer, (unsigned char *)text, cap, mbed_random, NULL);
}

static inline int mbed_write_request(mbedtls_x509write_csr *writer, uint8_t *der, size_t cap)
{
	return mbedtls_x509write_csr_der(writer, der, cap, mbed_random, NULL);
}

static inline bool mbed_is_nist_curve(const mbedtls_pk_context *key)
{
	if (!mbedtls_pk_can_do(key, MBEDTLS_PK_ECKEY))
		return false;
	mbedtls_ecp_group_id id = mbedtls_ecp_keypair_get_group_id(mbedtls_pk_ec(*key));
	return id == MBEDTLS_ECP_DP_SECP256R1 || id == MBEDTLS_ECP_DP_SECP384R1;
}

/* Memory or random numbers failed here: not the peer's doing.  3.6 adds a low code (the last
 * seven bits) to a high one. */
static inline bool mbed_error_is_ours(int error)
{
	int high = -(-error & 0x7f80), low = -(-error & 0x007f);

	return error == PSA_ERROR_INSUFFICIENT_MEMORY || error == PSA_ERROR_INSUFFICIENT_ENTROPY ||
	       high == MBEDTLS_ERR_SSL_ALLOC_FAILED || high == MBEDTLS_ERR_SSL_INTERNAL_ERROR ||
	       high == MBEDTLS_ERR_SSL_HW_ACCEL_FAILED || high == MBEDTLS_ERR_X509_ALLOC_FAILED ||
	       high == MBEDTLS_ERR_PK_ALLOC_FAILED || high == MBEDTLS_ERR_ECP_ALLOC_FAILED ||
	       low == MBEDTLS_ERR_MPI_ALLOC_FAILED || low == MBEDTLS_ERR_ASN1_ALLOC_FAILED ||
	       low == MBEDTLS_ERR_ERROR_CORRUPTION_DETECTED;
}

#else

static inline void mbed_conf_random(mbedtls_ssl_config *config)
{
	(void)config;
}

static inline int mbed_parse_key(mbedtls_pk_context *key, const unsigned char *text, size_t len)
{
	return mbedtls_pk_parse_key(key, text, len, NULL, 0);
}

static inline int mbed_check_pair(const mbedtls_pk_context *public_key,
				  const mbedtls_pk_context *private_key)
{
	return mbedtls_pk_check_pair(public_key, private_key);
}

static inline int mbed_write_certificate(mbedtls_x509write_cert *writer, char *text, size_t cap)
{
	return mbedtls_x509write_crt_pem(writer, (unsigned char *)text, cap);
}

static inline int mbed_write_request(mbedtls_x509write_csr *writer, uint8_t *der, size_t cap)
{
	return mbedtls_x509write_csr_der(writer, der, cap);
}

static inline bool mbed_is_nist_curve(const mbedtls_pk_context *key)
{
	return PSA_KEY_TYPE_IS_ECC(mbedtls_pk_get_key_type(key)) &&
	       PSA_KEY_TYPE_ECC_GET_FAMILY(mbedtls_pk_get_key_type(key)) == PSA_ECC_FAMILY_SECP_R1;
}

static inline bool mbed_error_is_ours(int error)
{
	return error == PSA_ERROR_INSUFFICIENT_MEMORY || error == PSA_ERROR_INSUFFICIENT_ENTROPY ||
	       error == PSA_ERROR_CORRUPTION_DETECTED || error == PSA_ERROR_HARDWARE_FAILURE ||
	       error == MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

#endif

/* Whether a request is signed by its own key; mbedTLS parses it and does not look.  The signature
 * has no public name in either line. */
static inline bool mbed_request_is_signed(mbedtls_x509_csr *request)
{
	mbedtls_md_type_t kind = request->MBEDTLS_PRIVATE(sig_md);
	const mbedtls_x509_buf *signature = &request->MBEDTLS_PRIVATE(sig);
	psa_algorithm_t hash_of;
	uint8_t hash[64];
	size_t len;

	switch ((int)kind) {
	case MBEDTLS_MD_SHA256: hash_of = PSA_ALG_SHA_256; break;
	case MBEDTLS_MD_SHA384: hash_of = PSA_ALG_SHA_384; break;
	case MBEDTLS_MD_SHA512: hash_of = PSA_ALG_SHA_512; break;
	default: return false;
	}
	if (psa_hash_compute(hash_of, request->cri.p, request->cri.len, hash, sizeof(hash), &len) !=
	    PSA_SUCCESS)
		return false;
	return mbedtls_pk_verify_ext(request->MBEDTLS_PRIVATE(sig_pk),
				     request->MBEDTLS_PRIVATE(sig_opts), &request->pk, kind, hash,
				     len, signature->p, signature->len) == 0;
}

/* The description of the alert that made a handshake step return
 * MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE; no public function of either line tells it. */
static inline uint8_t mbed_received_alert(const mbedtls_ssl_context *ssl)
{
	return ssl->MBEDTLS_PRIVATE(in_msg) ? ssl->MBEDTLS_PRIVATE(in_msg)[1] : 0;
}

#endif
