/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_record.c
 *
 * The record layer against records that another implementation made: keys by HKDF with Python's
 * hmac, ciphertext with OpenSSL, from the secrets 00 01 02 ... (RFC 8446 5.2, 5.3, 7.1 to 7.3).
 * RFC 8448 has none for our suites.
 */
#include "tests/unit/tls/hex.h"
#include "tls/pki.h"
#include "tls/record.h"

#define INNER_MAX (RECORD_PLAIN_MAX + 1024)
#define SEQUENCE_LIMIT 23726566

static struct tls_secret secret_of(enum tls_suite suite)
{
	struct tls_secret secret = { .len = suite == TLS_AES_256_GCM_SHA384 ? 48 : 32 };

	for (size_t i = 0; i < secret.len; i++)
		secret.octet[i] = (uint8_t)i;
	return secret;
}

/* False if this machine does not serve the suite. */
static bool begin(struct record_half *half, enum tls_suite suite)
{
	struct tls_secret secret = secret_of(suite);

	if (!aead_for(suite))
		return false;
	assert_int_equal(record_half_init(half, suite, &secret, NULL), 0);
	return true;
}

static const enum tls_suite suites[] = { TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256 };

static const struct {
	const char *what;
	enum tls_suite suite;
	unsigned updates;
	uint64_t sequence;
	const char *sealed;
	enum record_type type;
	const char *content; /* hex */
	bool padded;
} vectors[] = {
	{ "AES: the first record", TLS_AES_256_GCM_SHA384, 0, 0,
	  "17030300182917194e7460d392d913fbea96c6bde30a8243347b1bf965", RECORD_APPLICATION,
	  "61206672616d65", false },
	{ "AES: the second", TLS_AES_256_GCM_SHA384, 0, 1,
	  "1703030019e9791cd0aa2b755d4371ac20cade763e0b2465729335b0a45a", RECORD_APPLICATION,
	  "746865206e657874", false },
	{ "AES: a padded alert", TLS_AES_256_GCM_SHA384, 0, 2,
	  "170303001694261aae7502362b004a34de142b2ad15bcd18140e94", RECORD_ALERT, "0100", true },
	{ "AES: a large number", TLS_AES_256_GCM_SHA384, 0, 0x010203,
	  "1703030012a86b328dff0ebea28533e301662cf75051fa", RECORD_APPLICATION, "78", false },
	{ "AES: after a KeyUpdate", TLS_AES_256_GCM_SHA384, 1, 0,
	  "170303001842f0d4a7ec63e661eea447d248023ee682ba58bd10453400", RECORD_APPLICATION,
	  "6e6577206b6579", false },
	{ "AES: a KeyUpdate after two", TLS_AES_256_GCM_SHA384, 2, 0,
	  "17030300164f78be81d32c81056ba02418b7c403db3268adc270ef", RECORD_HANDSHAKE, "1800000100",
	  false },
	{ "ChaCha20: the first record", TLS_CHACHA20_POLY1305_SHA256, 0, 0,
	  "1703030018d38e0d8c6618dff65d481379705e3bef561983865be7489b", RECORD_APPLICATION,
	  "61206672616d65", false },
	{ "ChaCha20: the second", TLS_CHACHA20_POLY1305_SHA256, 0, 1,
	  "17030300197fdd50fae949bba799baf3e8fd624695d4415d5f93f9ce9e4d", RECORD_APPLICATION,
	  "746865206e657874", false },
	{ "ChaCha20: a padded alert", TLS_CHACHA20_POLY1305_SHA256, 0, 2,
	  "1703030016a70e71f50e3d7c3c349d48dfe92d598cd5dc5686d406", RECORD_ALERT, "0100", true },
	{ "ChaCha20: a large number", TLS_CHACHA20_POLY1305_SHA256, 0, 0x010203,
	  "1703030012ef9b9174093f63b16b940a2a34c5ae44a223", RECORD_APPLICATION, "78", false },
	{ "ChaCha20: after a KeyUpdate", TLS_CHACHA20_POLY1305_SHA256, 1, 0,
	  "17030300187c6e46db59c4bf86f36b8321949899daeae86ebd9b2917db", RECORD_APPLICATION,
	  "6e6577206b6579", false },
	{ "ChaCha20: a KeyUpdate after two", TLS_CHACHA20_POLY1305_SHA256, 2, 0,
	  "17030300162507e8bce7205ea2d3264f9b7811a736c791ef7c3da6", RECORD_HANDSHAKE, "1800000100",
	  false },
};

static void records_of_another_implementation_open(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		uint8_t sealed_buffer[128], content_buffer[64], out[RECORD_SEALED_MAX];
		struct bytes sealed = hex(vectors[i].sealed, sealed_buffer, sizeof(sealed_buffer));
		struct bytes content =
			hex(vectors[i].content, content_buffer, sizeof(content_buffer));
		struct record_opened opened;
		struct record_half half;

		if (!begin(&half, vectors[i].suite))
			continue;
		for (unsigned n = 0; n < vectors[i].updates; n++)
			assert_int_equal(record_half_update(&half, NULL), 0);
		half.sequence = vectors[i].sequence;
		if (record_open(&half, sealed, out, &opened) != RECORD_OPENED ||
		    opened.type != vectors[i].type || opened.plain_len != content.len ||
		    opened.sealed_len != sealed.len || memcmp(out, content.data, content.len) != 0)
			fail_msg("%s: does not open", vectors[i].what);
		assert_int_equal(half.sequence, vectors[i].sequence + 1);
		if (!vectors[i].padded) {
			half.sequence = vectors[i].sequence;
			size_t len = record_seal(&half, vectors[i].type, &content, 1, out);
			if (len != sealed.len || memcmp(out, sealed.data, len) != 0)
				fail_msg("%s: sealed differs", vectors[i].what);
		}
		record_half_free(&half);
	}
}

/* A record with any inner plaintext, as a peer with the right key could send it. */
static size_t seal_inner(const struct record_half *half, struct bytes inner, uint8_t *out)
{
	struct writer header = writer_over(out, RECORD_HEADER_LEN);
	uint8_t nonce[AEAD_NONCE_LEN];

	writer_u8(&header, 23);
	writer_u16(&header, 0x0303);
	writer_u16(&header, (uint16_t)(inner.len + AEAD_TAG_LEN));
	memcpy(nonce, half->iv, sizeof(nonce));
	for (unsigned i = 0; i < 8; i++)
		nonce[AEAD_NONCE_LEN - 1 - i] ^= (uint8_t)(half->sequence >> (8 * i));
	half->backend->seal(half->key, nonce, writer_bytes(&header), &inner, 1,
			    out + RECORD_HEADER_LEN);
	return RECORD_HEADER_LEN + inner.len + AEAD_TAG_LEN;
}

/* Inner plaintext: `content` bytes of 0x55, the type byte if it is not 0, then zeros. */
static const struct {
	const char *what;
	size_t content;
	uint8_t type;
	size_t padding;
	enum record_verdict verdict;
} inners[] = {
	{ "empty application data", 0, 23, 0, RECORD_OPENED },
	{ "one byte", 1, 23, 0, RECORD_OPENED },
	{ "one byte of padding", 7, 23, 1, RECORD_OPENED },
	{ "much padding", 7, 21, 10000, RECORD_OPENED },
	{ "padding behind nothing", 0, 22, 100, RECORD_OPENED },
	{ "full", RECORD_PLAIN_MAX, 23, 0, RECORD_OPENED },
	{ "full with padding", 100, 23, RECORD_PLAIN_MAX - 100, RECORD_OPENED },
	{ "one byte of content too much", RECORD_PLAIN_MAX + 1, 23, 0, RECORD_TOO_LONG },
	{ "one byte of padding too much", RECORD_PLAIN_MAX, 23, 1, RECORD_TOO_LONG },
	{ "the longest that fits a record", 0, 23, 256 - AEAD_TAG_LEN + RECORD_PLAIN_MAX - 1,
	  RECORD_TOO_LONG },
	{ "one byte longer than any record", 0, 23, 256 - AEAD_TAG_LEN + RECORD_PLAIN_MAX,
	  RECORD_TOO_LONG },
	{ "nothing at all", 0, 0, 0, RECORD_EMPTY },
	{ "one zero", 0, 0, 1, RECORD_EMPTY },
	{ "zeros only", 0, 0, RECORD_PLAIN_MAX + 1, RECORD_EMPTY },
	{ "change_cipher_spec", 1, 20, 0, RECORD_BAD_TYPE },
	{ "a type of tomorrow", 1, 24, 0, RECORD_BAD_TYPE },
	{ "no type byte", 10, 0, 0, RECORD_BAD_TYPE }, /* 0x55 stands in its place */
};

static void padding_is_taken_off(void **state)
{
	static uint8_t inner[INNER_MAX], sealed[INNER_MAX + 64], out[RECORD_SEALED_MAX + 64];

	for (size_t s = 0; s < ARRAY_LEN(suites); s++) {
		struct record_half half;

		if (!begin(&half, suites[s]))
			continue;
		for (size_t i = 0; i < ARRAY_LEN(inners); i++) {
			size_t len = inners[i].content;
			struct record_opened opened;

			memset(inner, 0, sizeof(inner));
			memset(inner, 0x55, len);
			if (inners[i].type != 0)
				inner[len++] = inners[i].type;
			len += inners[i].padding;
			half.sequence = i;
			len = seal_inner(&half, bytes_of(inner, len), sealed);
			enum record_verdict verdict =
				record_open(&half, bytes_of(sealed, len), out, &opened);
			if (verdict != inners[i].verdict)
				fail_msg("%s: verdict %d", inners[i].what, verdict);
			if (verdict == RECORD_OPENED &&
			    (opened.plain_len != inners[i].content ||
			     opened.type != inners[i].type || opened.sealed_len != len ||
			     memcmp(out, inner, opened.plain_len) != 0))
				fail_msg("%s: opened to something else", inners[i].what);
		}
		record_half_free(&half);
	}
}

static const struct {
	const char *what;
	const char *bytes;
	enum record_verdict verdict;
} headers[] = {
	{ "nothing", "", RECORD_INCOMPLETE },
	{ "four bytes", "17030300", RECORD_INCOMPLETE },
	{ "a header only", "1703030011", RECORD_INCOMPLETE },
	{ "one byte missing", "1703030011 00000000000000000000000000000000", RECORD_INCOMPLETE },
	{ "the longest length", "1703034100", RECORD_INCOMPLETE },
	{ "a length over the limit", "1703034101", RECORD_TOO_LONG },
	{ "the largest length", "170303ffff", RECORD_TOO_LONG },
	{ "no room for a tag", "170303000f 000000000000000000000000000000", RECORD_FORGED },
	{ "no body", "1703030000", RECORD_FORGED },
	{ "a tag of zeros", "1703030010 00000000000000000000000000000000", RECORD_FORGED },
	{ "a plain alert", "15030300020100", RECORD_NOT_TLS },
	{ "a plain handshake message", "1603030005 1800000100", RECORD_NOT_TLS },
	{ "change_cipher_spec", "140303000101", RECORD_NOT_TLS },
	{ "version 3.4", "1703040011", RECORD_NOT_TLS },
	{ "version 3.1", "1703010011", RECORD_NOT_TLS },
	{ "HTTP", "474554202f20485454502f312e31", RECORD_NOT_TLS },
};

static void headers_are_checked(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		uint8_t buffer[64], out[RECORD_SEALED_MAX];
		struct record_opened opened;
		struct record_half half;

		assert_true(begin(&half, TLS_CHACHA20_POLY1305_SHA256));
		enum record_verdict verdict = record_open(
			&half, hex(headers[i].bytes, buffer, sizeof(buffer)), out, &opened);
		if (verdict != headers[i].verdict)
			fail_msg("%s: verdict %d", headers[i].what, verdict);
		assert_int_equal(half.sequence, 0);
		record_half_free(&half);
	}
}

static void any_changed_byte_is_noticed(void **state)
{
	for (size_t s = 0; s < ARRAY_LEN(suites); s++) {
		uint8_t sealed[256], out[RECORD_SEALED_MAX];
		struct bytes content = bytes_of("some content", 12);
		struct record_opened opened;
		struct record_half half;

		if (!begin(&half, suites[s]))
			continue;
		size_t len = record_seal(&half, RECORD_APPLICATION, &content, 1, sealed);
		half.sequence = 0;
		for (size_t i = 0; i < len; i++) {
			sealed[i] ^= 1;
			if (record_open(&half, bytes_of(sealed, len), out, &opened) ==
			    RECORD_OPENED)
				fail_msg("byte %zu changed, and it opens", i);
			sealed[i] ^= 1;
		}
		assert_int_equal(half.sequence, 0);
		assert_int_equal(record_open(&half, bytes_of(sealed, len), out, &opened),
				 RECORD_OPENED);
		/* The same record again, or one out of turn, is not genuine. */
		assert_int_equal(record_open(&half, bytes_of(sealed, len), out, &opened),
				 RECORD_FORGED);
		record_half_free(&half);
	}
}

static void an_old_key_opens_nothing(void **state)
{
	uint8_t sealed[256], out[RECORD_SEALED_MAX];
	struct bytes content = bytes_of("some content", 12);
	struct record_opened opened;
	struct record_half write, read;

	assert_true(begin(&write, TLS_CHACHA20_POLY1305_SHA256));
	assert_true(begin(&read, TLS_CHACHA20_POLY1305_SHA256));
	write.sequence = 9;
	assert_int_equal(record_half_update(&write, NULL), 0);
	assert_int_equal(write.sequence, 0);
	size_t len = record_seal(&write, RECORD_APPLICATION, &content, 1, sealed);
	assert_int_equal(record_open(&read, bytes_of(sealed, len), out, &opened), RECORD_FORGED);
	assert_int_equal(record_half_update(&read, NULL), 0);
	assert_int_equal(record_open(&read, bytes_of(sealed, len), out, &opened), RECORD_OPENED);
	record_half_free(&write);
	record_half_free(&read);
}

static void a_key_wears_out(void **state)
{
	for (uint64_t sequence = SEQUENCE_LIMIT - 1; sequence <= SEQUENCE_LIMIT; sequence++) {
		uint8_t sealed[256], out[RECORD_SEALED_MAX];
		struct bytes content = bytes_of("some content", 12);
		struct record_opened opened;
		struct record_half half;

		assert_true(begin(&half, TLS_CHACHA20_POLY1305_SHA256));
		half.sequence = sequence;
		size_t len = record_seal(&half, RECORD_APPLICATION, &content, 1, sealed);
		half.sequence = sequence;
		assert_int_equal(record_open(&half, bytes_of(sealed, len), out, &opened),
				 sequence < SEQUENCE_LIMIT ? RECORD_OPENED : RECORD_EXHAUSTED);
		record_half_free(&half);
	}
}

/* Up to three parts, the first perhaps where it goes, any of them perhaps empty. */
static void parts_are_sealed_in_a_row(void **state)
{
	static uint8_t content[RECORD_PLAIN_MAX], out[RECORD_SEALED_MAX], plain[RECORD_SEALED_MAX];
	static const size_t cuts[][2] = {
		{ 0, 0 }, { 0, 100 }, { 12, 12 }, { 12, 5000 }, { 16372, 16384 }, { 16384, 16384 },
	};

	fill(content, sizeof(content), 1);
	for (size_t i = 0; i < ARRAY_LEN(cuts) * 2; i++) {
		size_t a = cuts[i / 2][0], b = cuts[i / 2][1];
		struct bytes part[3] = { { content, a },
					 { content + a, b - a },
					 { content + b, sizeof(content) - b } };
		struct record_opened opened;
		struct record_half half;

		assert_true(begin(&half, TLS_CHACHA20_POLY1305_SHA256));
		if (i % 2 == 1) {
			memcpy(out + RECORD_HEADER_LEN, content, a);
			part[0].data = out + RECORD_HEADER_LEN;
		}
		size_t len = record_seal(&half, RECORD_APPLICATION, part, 3, out);
		assert_int_equal(len, sizeof(content) + RECORD_OVERHEAD);
		half.sequence = 0;
		assert_int_equal(record_open(&half, bytes_of(out, len), plain, &opened),
				 RECORD_OPENED);
		assert_int_equal(opened.plain_len, sizeof(content));
		assert_memory_equal(plain, content, sizeof(content));
		record_half_free(&half);
	}
}

static void an_unknown_suite_is_refused(void **state)
{
	struct tls_secret secret = { .len = 32 };
	struct err err = { 0 };
	struct record_half half;

	assert_int_equal(record_half_init(&half, (enum tls_suite)0x1301, &secret, &err), -1);
	assert_string_not_equal(err.text, "");
	record_half_free(&half);
}

static int crypto_starts(void **state)
{
	return pki_init(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_another_implementation_open),
		cmocka_unit_test(padding_is_taken_off),
		cmocka_unit_test(headers_are_checked),
		cmocka_unit_test(any_changed_byte_is_noticed),
		cmocka_unit_test(an_old_key_opens_nothing),
		cmocka_unit_test(a_key_wears_out),
		cmocka_unit_test(parts_are_sealed_in_a_row),
		cmocka_unit_test(an_unknown_suite_is_refused),
	};
	return cmocka_run_group_tests(tests, crypto_starts, NULL);
}
