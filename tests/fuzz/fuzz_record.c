/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_record.c - any bytes as a record, and any bytes inside a genuine one.
 *
 * Property: nothing opens that was not sealed; what was sealed opens to what a plain reading of
 * RFC 8446 5.4 says.
 */
#include <stdlib.h>

#include "tls/pki.h"
#include "tls/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t sealed[RECORD_SEALED_MAX], out[RECORD_PLAIN_MAX + 256];

/* Record number 0 with this inner plaintext: type and padding are the fuzzer's. */
static size_t seal_inner(const struct record_half *half, struct bytes inner)
{
	struct writer header = writer_over(sealed, RECORD_HEADER_LEN);

	writer_u8(&header, RECORD_APPLICATION);
	writer_u16(&header, 0x0303);
	writer_u16(&header, (uint16_t)(inner.len + AEAD_TAG_LEN));
	half->backend->seal(half->key, half->iv, writer_bytes(&header), &inner, 1,
			    sealed + RECORD_HEADER_LEN);
	return RECORD_HEADER_LEN + inner.len + AEAD_TAG_LEN;
}

static enum record_verdict expected(struct bytes inner)
{
	size_t len = inner.len;

	if (len > RECORD_PLAIN_MAX + 1)
		return RECORD_TOO_LONG;
	for (; len > 0; len--) {
		uint8_t type = inner.data[len - 1];
		if (type != 0)
			return type >= RECORD_ALERT && type <= RECORD_APPLICATION ? RECORD_OPENED
										  : RECORD_BAD_TYPE;
	}
	return RECORD_EMPTY;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct tls_secret secret = { .len = 32 };
	struct record_half half;
	struct record_opened opened;

	if (pki_init(NULL) < 0 ||
	    record_half_init(&half, TLS_CHACHA20_POLY1305_SHA256, &secret, NULL) < 0)
		abort();
	if (record_open(&half, (struct bytes) { data, size }, out, &opened) == RECORD_OPENED)
		abort();
	if (size <= RECORD_PLAIN_MAX + 256 - AEAD_TAG_LEN) {
		struct bytes inner = { data, size };
		struct bytes record = { sealed, seal_inner(&half, inner) };
		enum record_verdict verdict = record_open(&half, record, out, &opened);

		if (verdict != expected(inner))
			abort();
		if (verdict == RECORD_OPENED &&
		    (opened.sealed_len != record.len || opened.plain_len >= size ||
		     memcmp(out, data, opened.plain_len) != 0 ||
		     data[opened.plain_len] != opened.type))
			abort();
	}
	record_half_free(&half);
	return 0;
}
