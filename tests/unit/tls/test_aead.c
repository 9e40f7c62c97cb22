/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_aead.c
 *
 * Every back end against published vectors: McGrew and Viega, "The Galois/Counter Mode of
 * Operation", test cases 13 to 16; RFC 8439 2.8.2 and A.5.
 */
#include "tests/unit/tls/hex.h"
#include "tls/aead.h"

#define MAX 512

static const struct {
	const char *what;
	enum tls_suite suite;
	const char *key, *nonce, *associated, *plain, *sealed;
} vectors[] = {
	{ "GCM case 13: nothing", TLS_AES_256_GCM_SHA384,
	  "0000000000000000000000000000000000000000000000000000000000000000",
	  "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b" },
	{ "GCM case 14: one block", TLS_AES_256_GCM_SHA384,
	  "0000000000000000000000000000000000000000000000000000000000000000",
	  "000000000000000000000000", "", "00000000000000000000000000000000",
	  "cea7403d4d606b6e074ec5d3baf39d18 d0d1c8a799996bf0265b98b5d48ab919" },
	{ "GCM case 15: four blocks", TLS_AES_256_GCM_SHA384,
	  "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
	  "cafebabefacedbaddecaf888", "",
	  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	  "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
	  "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	  "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
	  "b094dac5d93471bdec1a502270e3cc6c" },
	{ "GCM case 16: an odd length, with associated data", TLS_AES_256_GCM_SHA384,
	  "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
	  "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
	  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	  "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
	  "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	  "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
	  "76fc6ece0f4e1768cddf8853bb2d551b" },
	{ "RFC 8439 2.8.2", TLS_CHACHA20_POLY1305_SHA256,
	  "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
	  "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
	  "4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
	  "73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
	  "6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
	  "637265656e20776f756c642062652069742e",
	  "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
	  "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
	  "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
	  "3ff4def08e4b7a9de576d26586cec64b6116"
	  "1ae10b594f09e26a7e902ecbd0600691" },
};

struct row {
	const struct aead_backend *backend;
	struct aead_key *key;
	uint8_t nonce[AEAD_NONCE_LEN], associated_buffer[64], plain_buffer[MAX], sealed_buffer[MAX];
	struct bytes associated, plain, sealed;
};

/* False if this machine does not serve the suite. */
static bool row_begin(struct row *row, const struct aead_backend *backend, size_t i)
{
	uint8_t key[32];

	if (!backend->serves(vectors[i].suite))
		return false;
	row->backend = backend;
	hex(vectors[i].key, key, sizeof(key));
	hex(vectors[i].nonce, row->nonce, sizeof(row->nonce));
	row->associated =
		hex(vectors[i].associated, row->associated_buffer, sizeof(row->associated_buffer));
	row->plain = hex(vectors[i].plain, row->plain_buffer, sizeof(row->plain_buffer));
	row->sealed = hex(vectors[i].sealed, row->sealed_buffer, sizeof(row->sealed_buffer));
	row->key = backend->key_new(vectors[i].suite, key);
	assert_non_null(row->key);
	return true;
}

static bool opens(const struct row *row, struct bytes sealed, uint8_t *out)
{
	return row->backend->open(row->key, row->nonce, row->associated, sealed, out);
}

static void for_every_vector(void (*check)(struct row *row, const char *what))
{
	for (const struct aead_backend *const *backend = aead_backends(); *backend; backend++) {
		for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
			struct row row;

			if (!row_begin(&row, *backend, i))
				continue;
			check(&row, vectors[i].what);
			(*backend)->key_free(row.key);
		}
	}
}

static void check_vector(struct row *row, const char *what)
{
	uint8_t out[MAX];

	row->backend->seal(row->key, row->nonce, row->associated, &row->plain, 1, out);
	if (memcmp(out, row->sealed.data, row->sealed.len) != 0)
		fail_msg("%s: sealed differs", what);
	if (!opens(row, row->sealed, out) ||
	    (row->plain.len > 0 && memcmp(out, row->plain.data, row->plain.len) != 0))
		fail_msg("%s: does not open", what);
}

static void vectors_are_met(void **state)
{
	for_every_vector(check_vector);
}

/* Cut anywhere into three parts, one perhaps empty: the same bytes. */
static void check_parts(struct row *row, const char *what)
{
	uint8_t out[MAX];

	for (size_t a = 0; a <= row->plain.len; a++) {
		size_t b = a + (row->plain.len - a) / 2;
		struct bytes part[3] = {
			{ row->plain.data, a },
			{ row->plain.data + a, b - a },
			{ row->plain.data + b, row->plain.len - b },
		};

		memset(out, 0, sizeof(out));
		row->backend->seal(row->key, row->nonce, row->associated, part, 3, out);
		if (memcmp(out, row->sealed.data, row->sealed.len) != 0)
			fail_msg("%s: parts cut at %zu and %zu differ", what, a, b);
	}
}

static void parts_seal_like_one(void **state)
{
	for_every_vector(check_parts);
}

/* The first part where its ciphertext goes, the rest elsewhere; and all of it in place. */
static void check_in_place(struct row *row, const char *what)
{
	uint8_t out[MAX];

	for (size_t a = 0; a <= row->plain.len; a++) {
		struct bytes part[2] = { { out, a }, { row->plain.data + a, row->plain.len - a } };

		memset(out, 0xaa, sizeof(out));
		memcpy(out, row->plain.data, a);
		row->backend->seal(row->key, row->nonce, row->associated, part, 2, out);
		if (memcmp(out, row->sealed.data, row->sealed.len) != 0)
			fail_msg("%s: first %zu bytes in place differ", what, a);
	}
	if (!opens(row, bytes_of(out, row->sealed.len), out) ||
	    memcmp(out, row->plain.data, row->plain.len) != 0)
		fail_msg("%s: does not open in place", what);
}

static void sealing_and_opening_in_place_works(void **state)
{
	for_every_vector(check_in_place);
}

static void check_tampering(struct row *row, const char *what)
{
	uint8_t out[MAX];

	for (size_t i = 0; i < row->sealed.len; i++) {
		row->sealed_buffer[i] ^= 1u << (i % 8);
		if (opens(row, row->sealed, out))
			fail_msg("%s: opens with byte %zu changed", what, i);
		row->sealed_buffer[i] ^= 1u << (i % 8);
	}
	for (size_t i = 0; i < row->associated.len; i++) {
		row->associated_buffer[i] ^= 0x80;
		if (opens(row, row->sealed, out))
			fail_msg("%s: opens with associated byte %zu changed", what, i);
		row->associated_buffer[i] ^= 0x80;
	}
	for (size_t i = 0; i < sizeof(row->nonce); i++) {
		row->nonce[i] ^= 1;
		if (opens(row, row->sealed, out))
			fail_msg("%s: opens with nonce byte %zu changed", what, i);
		row->nonce[i] ^= 1;
	}
	for (size_t len = AEAD_TAG_LEN; len < row->sealed.len; len++) {
		if (opens(row, bytes_of(row->sealed.data, len), out))
			fail_msg("%s: opens when cut to %zu bytes", what, len);
	}
	if (!opens(row, row->sealed, out))
		fail_msg("%s: the untouched one does not open", what);
}

static void any_changed_byte_is_noticed(void **state)
{
	for_every_vector(check_tampering);
}

static void suites_are_those_with_a_back_end(void **state)
{
	enum tls_suite suite[2];
	unsigned count = aead_suites(suite);

	assert_in_range(count, 1, 2);
	for (unsigned i = 0; i < count; i++)
		assert_non_null(aead_for(suite[i]));
	/* Fastest first: AES only where there are instructions for it. */
	bool has_aes = aead_for(TLS_AES_256_GCM_SHA384);
	assert_int_equal(suite[0], has_aes ? TLS_AES_256_GCM_SHA384 : TLS_CHACHA20_POLY1305_SHA256);
	assert_int_equal(count, has_aes ? 2 : 1);
	assert_null(aead_for((enum tls_suite)0x1301)); /* AES-128 is not ours */
	for (const struct aead_backend *const *backend = aead_backends(); *backend; backend++)
		(*backend)->key_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_are_met),
		cmocka_unit_test(parts_seal_like_one),
		cmocka_unit_test(sealing_and_opening_in_place_works),
		cmocka_unit_test(any_changed_byte_is_noticed),
		cmocka_unit_test(suites_are_those_with_a_back_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
