/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_aead_lengths.c
 *
 * One back end with every length that there is a seam at, at every alignment, and with nothing
 * readable or writable beside its buffers: its library is assembly that no sanitizer looks into.
 *
 * The digests are SHA-256 over all sealed bytes, made with Debian's python3-cryptography:
 *
 *   def fill(n, seed):                     # hex.h's
 *       x, out = (seed * 2654435761 + 1) % 2**32, b""
 *       for _ in range(n):
 *           x = (x * 1664525 + 1013904223) % 2**32; out += bytes([x >> 24])
 *       return out
 *   aead = AESGCM(fill(32, 1))             # or ChaCha20Poly1305
 *   for n in range(first, last + 1):
 *       digest.update(aead.encrypt(fill(12, n + 2), fill(n, n), fill(associated, n + 3)))
 *
 * and for the last of each suite
 *
 *   for n in range(0, 301):
 *       digest.update(aead.encrypt(fill(12, n + 2), fill(33, n), fill(n, n + 3)))
 */
#include <sodium.h>
#include <sys/mman.h>

#include "tests/unit/tls/aead_back_end.h"

#define MAX (33 * 1024)
#define ASSOCIATED_MAX 300

static const struct {
	const char *what;
	enum tls_suite suite;
	size_t first, last;
	int associated; /* bytes; -1: the counted number, and 33 bytes of plaintext */
	const char *digest;
} rows[] = {
	{ "AES: 0 to 300 bytes, 0 associated", TLS_AES_256_GCM_SHA384, 0, 300, 0,
	  "bc3d37ef9c68b9ce9f2bcef2b807ddb2cb8fc66d970310833bfe293c652c3b95" },
	{ "AES: 0 to 300 bytes, 5 associated", TLS_AES_256_GCM_SHA384, 0, 300, 5,
	  "63240b5ba5fa7d96b0121b3d00de2f0107eaa9120a3399225c2c006464ecd5d4" },
	{ "AES: 1300 to 1500 bytes, 13 associated", TLS_AES_256_GCM_SHA384, 1300, 1500, 13,
	  "4ce4469ced7ca09462322d9686eceebdd09c24795f6904392e3594fd36c9854e" },
	{ "AES: 16360 to 16420 bytes, 5 associated", TLS_AES_256_GCM_SHA384, 16360, 16420, 5,
	  "6a0568750ca4d0a6f7357e37a7690b8b543db2d3d76358dace3cb4c9d26be547" },
	{ "AES: 32750 to 32780 bytes, 300 associated", TLS_AES_256_GCM_SHA384, 32750, 32780, 300,
	  "dcc4086ba8612b46048c445e08fcc2f0389658faa188f2139b5ce55be0dd8b61" },
	{ "AES: 33 bytes, 0 to 300 associated", TLS_AES_256_GCM_SHA384, 33, 33, -1,
	  "570edaed7ba18fc90178fe1c53229fc9d4c9a01a6206704e46e4015e67c1ddc4" },
	{ "ChaCha20: 0 to 300 bytes, 0 associated", TLS_CHACHA20_POLY1305_SHA256, 0, 300, 0,
	  "5b0742d0257f3be355d6f02ed206a5c672559528b8259d45e640d2de65d7ae0c" },
	{ "ChaCha20: 0 to 300 bytes, 5 associated", TLS_CHACHA20_POLY1305_SHA256, 0, 300, 5,
	  "b61a0d47b4987b3e6d24f9178fad3951562fd70c4944c7706820da7cb0a0919f" },
	{ "ChaCha20: 1300 to 1500 bytes, 13 associated", TLS_CHACHA20_POLY1305_SHA256, 1300, 1500,
	  13, "adc3a1c90331084474e6d728f860cb9a837e17e79bf37355e97ba91e530ef164" },
	{ "ChaCha20: 16360 to 16420 bytes, 5 associated", TLS_CHACHA20_POLY1305_SHA256, 16360,
	  16420, 5, "9116d99297bd187cdef45fbc254c21593c3e9c5034b8706e8d19f90519b8bd76" },
	{ "ChaCha20: 32750 to 32780 bytes, 300 associated", TLS_CHACHA20_POLY1305_SHA256, 32750,
	  32780, 300, "83e80dbed7af7ba12a665ae64a8de05fa12985caed966f168b3bcfc506581eab" },
	{ "ChaCha20: 33 bytes, 0 to 300 associated", TLS_CHACHA20_POLY1305_SHA256, 33, 33, -1,
	  "3e938edee53ebf7c0aba87919968efb35ebc5e83825d1fbc5e338b96df319f55" },
};

static uint8_t nonce[AEAD_NONCE_LEN], associated[ASSOCIATED_MAX], plain[MAX];

/* Sets what the digests' message of `number` is sealed with; returns its associated data. */
static struct bytes compose(uint32_t number, size_t len, size_t associated_len)
{
	fill(nonce, sizeof(nonce), number + 2);
	fill(associated, associated_len, number + 3);
	fill(plain, len, number);
	return bytes_of(associated, associated_len);
}

static void check_digest(size_t i)
{
	static uint8_t sealed[MAX + AEAD_TAG_LEN], opened[MAX];
	uint8_t digest[crypto_hash_sha256_BYTES], expected[crypto_hash_sha256_BYTES];
	struct aead_key *key = key_like(1);
	crypto_hash_sha256_state sum;

	crypto_hash_sha256_init(&sum);
	bool by_associated = rows[i].associated < 0;
	size_t last = by_associated ? ASSOCIATED_MAX : rows[i].last;

	for (size_t n = by_associated ? 0 : rows[i].first; n <= last; n++) {
		size_t len = by_associated ? rows[i].first : n;
		struct bytes with =
			compose((uint32_t)n, len, by_associated ? n : (size_t)rows[i].associated);
		struct bytes part = bytes_of(plain, len);

		back_end->seal(key, nonce, with, &part, 1, sealed);
		crypto_hash_sha256_update(&sum, sealed, len + AEAD_TAG_LEN);
		if (!back_end->open(key, nonce, with, bytes_of(sealed, len + AEAD_TAG_LEN),
				    opened) ||
		    memcmp(opened, plain, len) != 0)
			fail_msg("%s: %zu does not open", rows[i].what, n);
	}
	crypto_hash_sha256_final(&sum, digest);
	back_end->key_free(key);
	hex(rows[i].digest, expected, sizeof(expected));
	if (memcmp(digest, expected, sizeof(digest)) != 0)
		fail_msg("%s: sealed differs", rows[i].what);
}

static void every_length_is_sealed_as_elsewhere(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].suite == suite)
			check_digest(i);
	}
}

/* Parts as the record layer makes them, and as it might. */
static const size_t cuts[][AEAD_MAX_PARTS] = {
	{ 12, 16371, 1 },     { 4, 16379, 1 }, { 4, 60, 1 },	   { 16383, 1 },
	{ 1400, 1400, 1 },    { 16384 },       { 1, 1, 1, 16000 }, { 15, 16, 17, 18 },
	{ 0, 16384, 0, 1 },   { 255, 257, 1 }, { 4096, 4096, 1 },  { 127, 128, 129, 1 },
	{ 16, 16352, 15, 1 }, { 0, 0, 0, 0 },  { 2048, 14335, 1 }, { 7, 4097, 8191, 33 },
};

/* Seals the parts, some of them in place, at `to`; their plaintext is one piece at `plain`. */
static size_t seal_parts(struct aead_key *key, struct bytes with, const size_t *len,
			 unsigned in_place, uint8_t *to)
{
	struct bytes part[AEAD_MAX_PARTS];
	size_t at = 0;

	for (unsigned i = 0; i < AEAD_MAX_PARTS; i++) {
		part[i] = bytes_of(plain + at, len[i]);
		if (in_place & 1u << i) {
			memcpy(to + at, plain + at, len[i]);
			part[i].data = to + at;
		}
		at += len[i];
	}
	back_end->seal(key, nonce, with, part, AEAD_MAX_PARTS, to);
	return at;
}

static void long_parts_seal_like_one(void **state)
{
	static uint8_t sealed[MAX + AEAD_TAG_LEN], in_parts[MAX + AEAD_TAG_LEN];
	struct aead_key *key = key_like(1);

	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		size_t len = cuts[i][0] + cuts[i][1] + cuts[i][2] + cuts[i][3];
		struct bytes with = compose((uint32_t)i, len, 5);
		struct bytes part = bytes_of(plain, len);

		back_end->seal(key, nonce, with, &part, 1, sealed);
		for (unsigned in_place = 0; in_place < 1u << AEAD_MAX_PARTS; in_place++) {
			memset(in_parts, 0xaa, sizeof(in_parts));
			seal_parts(key, with, cuts[i], in_place, in_parts);
			if (memcmp(in_parts, sealed, len + AEAD_TAG_LEN) != 0)
				fail_msg("parts of row %zu, in place %x: differs", i, in_place);
		}
	}
	back_end->key_free(key);
}

/* Buffers that begin anywhere: of lengths with and without a rest, to both sides of a block. */
static void any_alignment_will_do(void **state)
{
	static const size_t lens[] = { 1, 16, 47, 64, 100, 128, 300, 1029 };
	static uint8_t sealed[2048], out[2048], in[2048], opened[2048];
	struct aead_key *key = key_like(1);

	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		size_t len = lens[i];
		struct bytes with = compose((uint32_t)len, len, 13), part = bytes_of(plain, len);

		back_end->seal(key, nonce, with, &part, 1, sealed);
		for (size_t a = 0; a < 64; a++) {
			size_t b = (a * 7 + len) % 64; /* 7: every value once */

			memcpy(in + a, plain, len);
			part.data = in + a;
			back_end->seal(key, nonce, with, &part, 1, out + b);
			if (memcmp(out + b, sealed, len + AEAD_TAG_LEN) != 0)
				fail_msg("%zu bytes from %zu to %zu: sealed differs", len, a, b);
			if (!back_end->open(key, nonce, with, bytes_of(out + b, len + AEAD_TAG_LEN),
					    opened + a) ||
			    memcmp(opened + a, plain, len) != 0)
				fail_msg("%zu bytes from %zu to %zu: does not open", len, b, a);
		}
	}
	back_end->key_free(key);
}

/* Memory between two pages that nobody may touch. */
struct fenced {
	uint8_t *first, *end;
};

static struct fenced fenced_new(void)
{
	size_t page = 4096, len = (MAX + page) / page * page;
	uint8_t *memory = mmap(NULL, len + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(memory != MAP_FAILED);
	assert_int_equal(mprotect(memory + page, len, PROT_READ | PROT_WRITE), 0);
	return (struct fenced) { .first = memory + page, .end = memory + page + len };
}

static void fenced_free(struct fenced fenced)
{
	munmap(fenced.first - 4096, (size_t)(fenced.end - fenced.first) + 2 * 4096);
}

/* A copy right before the fence behind it, or right after the one in front. */
static uint8_t *beside(struct fenced fenced, bool at_end, const void *from, size_t len)
{
	uint8_t *to = at_end ? fenced.end - len : fenced.first;

	memcpy(to, from, len);
	return to;
}

/* One message with every buffer beside a fence. */
static void check_fenced(struct aead_key *key, struct fenced in, struct fenced out,
			 struct fenced with, size_t len, bool at_end)
{
	static uint8_t sealed[MAX + AEAD_TAG_LEN];
	static const uint8_t nothing[MAX + AEAD_TAG_LEN];
	size_t associated_len = len % 40;
	struct bytes plainly = compose((uint32_t)len, len, associated_len);
	struct bytes part = bytes_of(plain, len);
	size_t cut[AEAD_MAX_PARTS] = { len / 3, len - len / 3 };

	back_end->seal(key, nonce, plainly, &part, 1, sealed);

	uint8_t *to = beside(out, at_end, nothing, len + AEAD_TAG_LEN);
	struct bytes fenced =
		bytes_of(beside(with, at_end, associated, associated_len), associated_len);
	part.data = beside(in, at_end, plain, len);
	back_end->seal(key, nonce, fenced, &part, 1, to);
	if (memcmp(to, sealed, len + AEAD_TAG_LEN) != 0)
		fail_msg("%zu bytes, fenced: sealed differs", len);

	struct bytes part_of[2] = { bytes_of(part.data, cut[0]),
				    bytes_of(part.data + cut[0], cut[1]) };
	memset(to, 0, len + AEAD_TAG_LEN);
	back_end->seal(key, nonce, fenced, part_of, 2, to);
	if (memcmp(to, sealed, len + AEAD_TAG_LEN) != 0)
		fail_msg("%zu bytes in two parts, fenced: sealed differs", len);

	uint8_t *opened = beside(in, at_end, nothing, len);
	if (!back_end->open(key, nonce, fenced, bytes_of(to, len + AEAD_TAG_LEN), opened) ||
	    memcmp(opened, plain, len) != 0)
		fail_msg("%zu bytes, fenced: does not open", len);
}

static void nothing_beside_the_buffers_is_touched(void **state)
{
	struct fenced in = fenced_new(), out = fenced_new(), with = fenced_new();
	struct aead_key *key = key_like(1);

	for (size_t len = 0; len <= 16500; len += len < 300 || len > 16350 ? 1 : 53) {
		check_fenced(key, in, out, with, len, true);
		check_fenced(key, in, out, with, len, false);
	}
	back_end->key_free(key);
	fenced_free(in);
	fenced_free(out);
	fenced_free(with);
}

/* Within a buffer no fence helps: what lies behind the ciphertext, or the plaintext, stays. */
static void what_lies_behind_stays(void **state)
{
	static uint8_t sealed[MAX], opened[MAX];
	struct aead_key *key = key_like(1);

	for (size_t len = 0; len <= 400; len++) {
		struct bytes with = compose((uint32_t)len, len, 5);
		size_t cut[AEAD_MAX_PARTS] = { len / 2, len - len / 2 };

		for (unsigned in_place = 0; in_place < 4; in_place++) {
			memset(sealed, 0xe7, 600);
			seal_parts(key, with, cut, in_place, sealed + 64);
			for (size_t i = 0; i < 64; i++) {
				if (sealed[i] != 0xe7 ||
				    sealed[64 + len + AEAD_TAG_LEN + i] != 0xe7)
					fail_msg("sealing %zu bytes writes beside them", len);
			}
		}
		memset(opened, 0xe7, 600);
		assert_true(back_end->open(key, nonce, with,
					   bytes_of(sealed + 64, len + AEAD_TAG_LEN), opened + 64));
		for (size_t i = 0; i < 64; i++) {
			if (opened[i] != 0xe7 || opened[64 + len + i] != 0xe7)
				fail_msg("opening %zu bytes writes beside them", len);
		}
	}
	back_end->key_free(key);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_is_sealed_as_elsewhere),
		cmocka_unit_test(long_parts_seal_like_one),
		cmocka_unit_test(any_alignment_will_do),
		cmocka_unit_test(nothing_beside_the_buffers_is_touched),
		cmocka_unit_test(what_lies_behind_stays),
	};
	int status = back_end_choose(argc, argv);

	return status != 0 ? status : cmocka_run_group_tests(tests, NULL, NULL);
}
