/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_digest.c - HMAC-SHA-1: the vectors of RFC 2202 section 3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/base/hex.h"
#include "tls/digest.h"
#include "tls/pki.h"

static void hmac_sha1_is_that_of_rfc_2202(void **unused)
{
	static const struct {
		const char *what, *key, *message, *expected;
	} cases[] = {
		{ "1: a key of 20 bytes", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
		  "4869205468657265", "b617318655057264e28bc0b6fb378c8ef146be00" },
		{ "2: a short key", "4a656665",
		  "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
		  "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
		{ "5: to be truncated", "0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c",
		  "546573742057697468205472756e636174696f6e",
		  "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t key[64], message[64], expected[64], out[DIGEST_SHA1_LEN];
		struct err err = { 0 };
		struct bytes wanted = hex(cases[i].expected, expected, sizeof(expected));

		if (digest_hmac_sha1(hex(cases[i].key, key, sizeof(key)),
				     hex(cases[i].message, message, sizeof(message)), out,
				     &err) < 0)
			fail_msg("%s: %s", cases[i].what, err.text);
		if (memcmp(out, wanted.data, sizeof(out)) != 0)
			fail_msg("%s: another hash", cases[i].what);
	}
}

static void what_cannot_be_computed_is_said(void **unused)
{
	uint8_t out[DIGEST_SHA1_LEN];
	struct err err = { 0 };

	/* PSA takes no key without a byte */
	assert_int_equal(digest_hmac_sha1((struct bytes) { 0 }, (struct bytes) { 0 }, out, &err),
			 -1);
	assert_non_null(strstr(err.text, "cannot compute a keyed hash"));
}

static int begin(void **state)
{
	return pki_init(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hmac_sha1_is_that_of_rfc_2202),
		cmocka_unit_test(what_cannot_be_computed_is_said),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
