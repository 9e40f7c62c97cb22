/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_key_schedule.c
 *
 * RFC 8448 has vectors for SHA-256 with 16-byte keys; its IVs do not depend on the key's length
 * and are used as they stand.  The other values were computed with nothing but HMAC:
 *
 *   import hmac
 *   def label(h, secret, name, n):
 *       name = b"tls13 " + name
 *       info = n.to_bytes(2, "big") + bytes([len(name)]) + name + b"\0"
 *       out, block, i = b"", b"", 1
 *       while len(out) < n:
 *           block = hmac.new(secret, block + info + bytes([i]), h).digest(); out += block; i += 1
 *       return out[:n].hex()
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tls/key_schedule.h"
#include "tls/pki.h"

static const struct {
	const char *what;
	enum tls_suite suite;
	const char *secret, *key, *iv, *next;
} rows[] = {
	{ "the server's secret of RFC 8448 section 3", TLS_CHACHA20_POLY1305_SHA256,
	  "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643",
	  "848e80ab93efeb09c572c66873c184f99207c95b0fc817f91e8e7e8e14ac5ca9",
	  "cf782b88dd83549aadf1e984",
	  "51921b8aa3001976eb401d0a4319a8516416a6c56001a357e5d162031e84f916" },
	{ "the client's secret of RFC 8448 section 3", TLS_CHACHA20_POLY1305_SHA256,
	  "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5",
	  "c8afd24f48952725381a54085e8d8e3856d8d89e3019243b30a9db54809a3732",
	  "5b78923dee08579033e523d9",
	  "fcdfcc72725aaee48bf64e4fd8b749cdbdbab39d90da0b26e2245ca6ea167207" },
	{ "a SHA-384 secret of 00 01 02 ...", TLS_AES_256_GCM_SHA384,
	  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	  "202122232425262728292a2b2c2d2e2f",
	  "6877d022f1c61d24ebb7487c16752d9a4798e40431c75b39320e537c90e23225",
	  "42822531a0fe88648fc09e9f",
	  "401331b63e9d59f202e8f041042d9516f4cd7fa2e2ee14631d3b49fc340d7af3"
	  "7fc2c0c9f252d8036f81ec5b85cbe5db" },
	{ "a SHA-384 secret of ff ff ff ...", TLS_AES_256_GCM_SHA384,
	  "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	  "ffffffffffffffffffffffffffffffff",
	  "54da50859976a3350858d9c2dd14e3d8a3e3d14a0e442190c8172ba54712bcab",
	  "7f48029a8526e588541ae6ff",
	  "02e868a7ffd2b2b0ba34138c5b4ebb2f5f01d0e6e323d866188344dde67aba70"
	  "1aa46cca1ad380c202e9e83607bf4e22" },
};

static void hex_text(const uint8_t *data, size_t len, char *text)
{
	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", data[i]);
}

static struct tls_secret secret_of(const char *hex)
{
	struct tls_secret secret = { 0 };

	for (; hex[0] && hex[1]; hex += 2) {
		unsigned octet = 0;

		assert_int_equal(sscanf(hex, "%2x", &octet), 1);
		secret.octet[secret.len++] = (uint8_t)octet;
	}
	return secret;
}

static void check(const char *what, const char *member, const uint8_t *data, size_t len,
		  const char *expected)
{
	char text[2 * TLS_SECRET_MAX + 1] = "";

	hex_text(data, len, text);
	if (expected && strcmp(text, expected) != 0)
		fail_msg("%s: %s is %s, not %s", what, member, text, expected);
}

static void keys_and_next_secrets_are_derived(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tls_secret secret = secret_of(rows[i].secret);
		struct tls_traffic_key key;
		struct err err = { 0 };

		if (tls_traffic_key(rows[i].suite, &secret, &key, &err) < 0 ||
		    tls_secret_next(rows[i].suite, &secret, &err) < 0)
			fail_msg("%s: %s", rows[i].what, err.text);
		check(rows[i].what, "the key", key.key, sizeof(key.key), rows[i].key);
		check(rows[i].what, "the IV", key.iv, sizeof(key.iv), rows[i].iv);
		check(rows[i].what, "the next secret", secret.octet, secret.len, rows[i].next);
	}
}

static const struct {
	const char *what;
	enum tls_suite suite;
	size_t len;
} misfits[] = {
	{ "a SHA-256 secret for the SHA-384 suite", TLS_AES_256_GCM_SHA384, 32 },
	{ "a SHA-384 secret for the SHA-256 suite", TLS_CHACHA20_POLY1305_SHA256, 48 },
	{ "an empty secret", TLS_AES_256_GCM_SHA384, 0 },
	{ "a length that is no secret's", TLS_CHACHA20_POLY1305_SHA256, 4096 },
	{ "a suite we do not have", (enum tls_suite)0x1301, 32 },
};

static void misfits_are_refused(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(misfits); i++) {
		struct tls_secret secret = { .len = misfits[i].len };
		struct tls_traffic_key key;
		struct err err = { 0 };

		if (tls_traffic_key(misfits[i].suite, &secret, &key, &err) == 0 || !err.text[0] ||
		    tls_secret_next(misfits[i].suite, &secret, &err) == 0)
			fail_msg("%s: taken", misfits[i].what);
	}
}

static void suites_have_names(void **state)
{
	assert_string_equal(tls_suite_name(TLS_AES_256_GCM_SHA384), "TLS_AES_256_GCM_SHA384");
	assert_string_equal(tls_suite_name(TLS_CHACHA20_POLY1305_SHA256),
			    "TLS_CHACHA20_POLY1305_SHA256");
	assert_string_equal(tls_suite_name((enum tls_suite)0), "none");
}

static void wiped_secrets_are_gone(void **state)
{
	struct tls_secrets secrets, zero;

	memset(&secrets, 0xaa, sizeof(secrets));
	memset(&zero, 0, sizeof(zero));
	tls_secrets_wipe(&secrets);
	assert_memory_equal(&secrets, &zero, sizeof(zero));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_and_next_secrets_are_derived),
		cmocka_unit_test(misfits_are_refused),
		cmocka_unit_test(suites_have_names),
		cmocka_unit_test(wiped_secrets_are_gone),
	};
	struct err err = { 0 };

	if (pki_init(&err) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
