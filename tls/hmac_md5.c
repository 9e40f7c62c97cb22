/* SPDX-License-Identifier: Apache-2.0 */
/* tls/hmac_md5.c - HMAC-MD5 by the PSA functions of mbedTLS.  RFC 2104. */
#include "tls/hmac_md5.h"

#include <string.h>

#include "tls/mbed.h"

static psa_status_t import_key(const uint8_t *key, psa_key_id_t *id)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;

	psa_set_key_type(&attributes, PSA_KEY_TYPE_HMAC);
	psa_set_key_algorithm(&attributes, PSA_ALG_HMAC(PSA_ALG_MD5));
	psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_MESSAGE);
	return psa_import_key(&attributes, key, HMAC_MD5_LEN, id);
}

static psa_status_t compute(const uint8_t *key, struct bytes message, uint8_t *digest)
{
	psa_key_id_t id;
	size_t len = 0;
	psa_status_t status = psa_crypto_init(), destroyed;

	if (status == PSA_SUCCESS)
		status = import_key(key, &id);
	if (status != PSA_SUCCESS)
		return status;
	status = psa_mac_compute(id, PSA_ALG_HMAC(PSA_ALG_MD5), message.data, message.len, digest,
				 HMAC_MD5_LEN, &len);
	destroyed = psa_destroy_key(id);
	if (status == PSA_SUCCESS && len != HMAC_MD5_LEN)
		status = PSA_ERROR_CORRUPTION_DETECTED;
	return status == PSA_SUCCESS ? destroyed : status;
}

int hmac_md5(const uint8_t key[static HMAC_MD5_LEN], struct bytes message,
	     uint8_t digest[static HMAC_MD5_LEN], struct err *err)
{
	psa_status_t status = compute(key, message, digest);

	if (status == PSA_SUCCESS)
		return 0;
	memset(digest, 0, HMAC_MD5_LEN);
	return err_set(err, "cannot compute an HMAC-MD5 (PSA error %d)", (int)status);
}
