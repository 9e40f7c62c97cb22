/* SPDX-License-Identifier: Apache-2.0 */
/* client/fingerprint.c - libsodium decodes: strict, it takes no stray bits and no padding. */
#include "client/fingerprint.h"

#include <sodium.h>

#define BASE64_LEN 43 /* of 32 bytes */

bool fingerprint_read(const char *text, uint8_t fingerprint[static PKI_FINGERPRINT_LEN])
{
	size_t len = strlen(text), got;
	const char *end;
	int failed;

	if (len == BASE64_LEN)
		failed = sodium_base642bin(fingerprint, PKI_FINGERPRINT_LEN, text, len, NULL, &got,
					   &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	else
		failed = sodium_hex2bin(fingerprint, PKI_FINGERPRINT_LEN, text, len, ":", &got,
					&end);
	return failed == 0 && *end == '\0' && got == PKI_FINGERPRINT_LEN;
}
