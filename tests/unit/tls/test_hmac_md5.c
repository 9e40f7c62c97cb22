/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_hmac_md5.c - RFC 2202 2, the rows whose key has 16 bytes; and Python's hmac. */
#include "tls/hmac_md5.h"

#include "tests/unit/tls/hex.h"

static const struct {
	const char *what, *key, *message, *digest;
} cases[] = {
	{ "RFC 2202 case 1", "0b0b0b0b 0b0b0b0b 0b0b0b0b 0b0b0b0b", "4869205468657265",
	  "9294727a3638bb1c13f48ef8158bfc9d" },
	{ "RFC 2202 case 3", "aaaaaaaa aaaaaaaa aaaaaaaa aaaaaaaa",
	  "dddddddd dddddddd dddddddd dddddddd dddddddd dddddddd dddddddd dddddddd dddddddd "
	  "dddddddd"
	  "dddddddd dddddddd dddd",
	  "56be34521d144c88dbb8c733f0e8b3f6" },
	{ "a zero key, nothing to sign", "00000000 00000000 00000000 00000000", "",
	  "74e6f7298a9c2d168935f58c001bad88" },
};

static void digests_are_those_of_the_rfc(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t key[16], message[64], wanted[16], digest[16];
		struct err err = { 0 };

		hex(cases[i].key, key, sizeof(key));
		hex(cases[i].digest, wanted, sizeof(wanted));
		struct bytes bytes = hex(cases[i].message, message, sizeof(message));
		if (hmac_md5(key, bytes, digest, &err) < 0)
			fail_msg("%s: %s", cases[i].what, err.text);
		if (memcmp(digest, wanted, sizeof(digest)) != 0)
			fail_msg("%s: another digest", cases[i].what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_those_of_the_rfc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
