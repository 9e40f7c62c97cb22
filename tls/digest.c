/* SPDX-License-Identifier: Apache-2.0 */
/* tls/digest.c - HMAC by PSA. */
#include "tls/digest.h"

#include "tls/mbed.h"

static psa_status_t import(struct bytes key, psa_algorithm_t algorithm, psa_key_id_t *id)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;

	psa_set_key_type(&attributes, PSA_KEY_TYPE_HMAC);
	psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_MESSAGE);
	psa_set_key_algorithm(&attributes, algorithm);
	return psa_import_key(&attributes, key.data, key.len, id);
}

static int hmac(psa_algorithm_t hash, struct bytes key, struct bytes message, uint8_t *out,
		size_t len, struct err *err)
{
	psa_key_id_t id = PSA_KEY_ID_NULL;
	size_t written = 0;
	psa_status_t status = import(key, PSA_ALG_HMAC(hash), &id);

	if (status == PSA_SUCCESS)
		status = psa_mac_compute(id, PSA_ALG_HMAC(hash), message.data, message.len, out,
					 len, &written);

	psa_status_t destroyed = psa_destroy_key(id);

	if (status == PSA_SUCCESS)
		status = destroyed;
	if (status != PSA_SUCCESS || written != len)
		return err_set(err, "cannot compute a keyed hash (PSA error %d)", (int)status);
	return 0;
}

int digest_hmac_sha1(struct bytes key, struct bytes message, uint8_t out[static DIGEST_SHA1_LEN],
		     struct err *err)
{
	return hmac(PSA_ALG_SHA_1, key, message, out, DIGEST_SHA1_LEN, err);
}
