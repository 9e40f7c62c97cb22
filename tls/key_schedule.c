/* SPDX-License-Identifier: Apache-2.0 */
/* tls/key_schedule.c
 *
 * HKDF-Expand-Label and what is derived with it after the handshake.  The derivation up to the
 * traffic secrets is mbedTLS's.
 *
 * RFC 8446 7.1 (the label), 7.2 (the next secret), 7.3 (key and IV); RFC 5869 2.3 (HKDF-Expand).
 */
#include "tls/key_schedule.h"

#include <string.h>

#include "base/bytes.h"
#include "tls/mbed.h"

#define LABEL_MAX (2 + 1 + 255 + 1) /* length, label, no context */

static psa_algorithm_t suite_hash(enum tls_suite suite)
{
	switch (suite) {
	case TLS_AES_256_GCM_SHA384: return PSA_ALG_SHA_384;
	case TLS_CHACHA20_POLY1305_SHA256: return PSA_ALG_SHA_256;
	}
	return PSA_ALG_NONE;
}

static psa_status_t expand(psa_algorithm_t hash, const struct tls_secret *secret, struct bytes info,
			   uint8_t *out, size_t len)
{
	psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
	psa_status_t status = psa_key_derivation_setup(&operation, PSA_ALG_HKDF_EXPAND(hash));

	if (status == PSA_SUCCESS)
		status = psa_key_derivation_input_bytes(&operation, PSA_KEY_DERIVATION_INPUT_SECRET,
							secret->octet, secret->len);
	if (status == PSA_SUCCESS)
		status = psa_key_derivation_input_bytes(&operation, PSA_KEY_DERIVATION_INPUT_INFO,
							info.data, info.len);
	if (status == PSA_SUCCESS)
		status = psa_key_derivation_output_bytes(&operation, out, len);

	psa_status_t aborted = psa_key_derivation_abort(&operation);

	return status == PSA_SUCCESS ? aborted : status;
}

/* RFC 8446 7.1, with an empty context. */
static int expand_label(enum tls_suite suite, const struct tls_secret *secret, const char *label,
			uint8_t *out, size_t len, struct err *err)
{
	psa_algorithm_t hash = suite_hash(suite);
	uint8_t buf[LABEL_MAX];
	struct writer info = writer_over(buf, sizeof(buf));

	if (hash == PSA_ALG_NONE || secret->len != PSA_HASH_LENGTH(hash))
		return err_set(err, "a traffic secret of %zu bytes does not fit its cipher suite",
			       secret->len);
	writer_u16(&info, (uint16_t)len);
	writer_u8(&info, (uint8_t)(strlen("tls13 ") + strlen(label)));
	writer_copy(&info, "tls13 ", strlen("tls13 "));
	writer_copy(&info, label, strlen(label));
	writer_u8(&info, 0);

	psa_status_t status = expand(hash, secret, writer_bytes(&info), out, len);

	if (status != PSA_SUCCESS)
		return err_set(err, "cannot derive a TLS key (PSA error %d)", (int)status);
	return 0;
}

int tls_traffic_key(enum tls_suite suite, const struct tls_secret *secret,
		    struct tls_traffic_key *out, struct err *err)
{
	if (expand_label(suite, secret, "key", out->key, sizeof(out->key), err) ||
	    expand_label(suite, secret, "iv", out->iv, sizeof(out->iv), err)) {
		explicit_bzero(out, sizeof(*out));
		return -1;
	}
	return 0;
}

int tls_secret_next(enum tls_suite suite, struct tls_secret *secret, struct err *err)
{
	struct tls_secret next = { .len = secret->len };

	if (next.len > sizeof(next.octet))
		return err_set(err, "a traffic secret of %zu bytes is too long", next.len);

	int result = expand_label(suite, secret, "traffic upd", next.octet, next.len, err);

	if (result == 0)
		*secret = next;
	explicit_bzero(&next, sizeof(next));
	return result;
}
