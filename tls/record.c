/* SPDX-License-Identifier: Apache-2.0 */
/* tls/record.c
 *
 * The TLS 1.3 record layer: nonce, counter, one AEAD call, and the padding rule.  It decides
 * nothing about what the content means.  RFC 8446 sections 5.1 to 5.5.
 */
#include "tls/record.h"

#define LEGACY_VERSION 0x0303
#define SEALED_BODY_MAX (RECORD_SEALED_MAX - RECORD_HEADER_LEN)
#define SEQUENCE_LIMIT 23726566 /* 2^24.5, RFC 8446 5.5 */

static int key_from_secret(const struct record_half *half, const struct tls_secret *secret,
			   struct aead_key **key, uint8_t iv[TLS_IV_LEN], struct err *err)
{
	struct tls_traffic_key material;

	if (tls_traffic_key(half->suite, secret, &material, err) < 0)
		return -1;
	*key = half->backend->key_new(half->suite, material.key);
	memcpy(iv, material.iv, TLS_IV_LEN);
	explicit_bzero(&material, sizeof(material));
	return *key ? 0 : err_set(err, "out of memory");
}

int record_half_init(struct record_half *half, enum tls_suite suite,
		     const struct tls_secret *secret, struct err *err)
{
	*half = (struct record_half) { .suite = suite, .backend = aead_for(suite) };
	if (!half->backend)
		return err_set(err, "this machine cannot do %s", tls_suite_name(suite));
	half->secret = *secret;
	return key_from_secret(half, secret, &half->key, half->iv, err);
}

void record_half_free(struct record_half *half)
{
	if (half->backend)
		half->backend->key_free(half->key);
	explicit_bzero(half, sizeof(*half));
}

int record_half_update(struct record_half *half, struct err *err)
{
	struct tls_secret next = half->secret;
	struct aead_key *key = NULL;
	uint8_t iv[TLS_IV_LEN];
	int result = tls_secret_next(half->suite, &next, err);

	if (result == 0)
		result = key_from_secret(half, &next, &key, iv, err);
	if (result == 0) {
		half->backend->key_free(half->key);
		half->key = key;
		memcpy(half->iv, iv, TLS_IV_LEN);
		half->secret = next;
		half->sequence = 0; /* RFC 8446 5.3 */
	}
	explicit_bzero(&next, sizeof(next));
	return result;
}

/* RFC 8446 5.3: the counter, big-endian, xor the right end of the IV. */
static void make_nonce(const struct record_half *half, uint8_t nonce[AEAD_NONCE_LEN])
{
	memcpy(nonce, half->iv, AEAD_NONCE_LEN);
	for (unsigned i = 0; i < 8; i++)
		nonce[AEAD_NONCE_LEN - 1 - i] ^= (uint8_t)(half->sequence >> (8 * i));
}

size_t record_seal(struct record_half *half, enum record_type type, const struct bytes *part,
		   unsigned part_count, uint8_t *out)
{
	struct bytes content[AEAD_MAX_PARTS];
	uint8_t nonce[AEAD_NONCE_LEN];
	uint8_t type_byte = (uint8_t)type;
	struct writer header = writer_over(out, RECORD_HEADER_LEN);
	size_t len = 0;

	for (unsigned i = 0; i < part_count; i++) {
		content[i] = part[i];
		len += part[i].len;
	}
	/* RFC 8446 5.2: the real type is the last byte of what is encrypted. */
	content[part_count] = (struct bytes) { .data = &type_byte, .len = 1 };
	len += 1 + AEAD_TAG_LEN;

	writer_u8(&header, RECORD_APPLICATION);
	writer_u16(&header, LEGACY_VERSION);
	writer_u16(&header, (uint16_t)len);
	make_nonce(half, nonce);
	half->backend->seal(half->key, nonce, writer_bytes(&header), content, part_count + 1,
			    out + RECORD_HEADER_LEN);
	half->sequence++;
	return RECORD_HEADER_LEN + len;
}

/* Takes off the padding and the type byte: RFC 8446 5.4. */
static enum record_verdict split_inner(const uint8_t *inner, size_t len,
				       struct record_opened *opened)
{
	if (len > RECORD_PLAIN_MAX + 1)
		return RECORD_TOO_LONG;
	while (len > 0 && inner[len - 1] == 0)
		len--;
	if (len == 0)
		return RECORD_EMPTY;
	opened->plain_len = len - 1;
	switch (inner[len - 1]) {
	case RECORD_ALERT: opened->type = RECORD_ALERT; return RECORD_OPENED;
	case RECORD_HANDSHAKE: opened->type = RECORD_HANDSHAKE; return RECORD_OPENED;
	case RECORD_APPLICATION: opened->type = RECORD_APPLICATION; return RECORD_OPENED;
	}
	return RECORD_BAD_TYPE;
}

enum record_verdict record_open(struct record_half *half, struct bytes sealed, uint8_t *out,
				struct record_opened *opened)
{
	struct reader r = reader_over(sealed);
	uint8_t nonce[AEAD_NONCE_LEN];
	struct bytes body;

	if (sealed.len < RECORD_HEADER_LEN)
		return RECORD_INCOMPLETE;
	uint8_t type = reader_u8(&r);
	uint16_t version = reader_u16(&r);
	body.len = reader_u16(&r);
	if (type != RECORD_APPLICATION || version != LEGACY_VERSION)
		return RECORD_NOT_TLS;
	if (body.len > SEALED_BODY_MAX)
		return RECORD_TOO_LONG;
	if (body.len < AEAD_TAG_LEN)
		return RECORD_FORGED;
	body.data = reader_take(&r, body.len);
	if (!body.data)
		return RECORD_INCOMPLETE;
	if (half->sequence >= SEQUENCE_LIMIT)
		return RECORD_EXHAUSTED;

	make_nonce(half, nonce);
	if (!half->backend->open(half->key, nonce,
				 (struct bytes) { .data = sealed.data, .len = RECORD_HEADER_LEN },
				 body, out))
		return RECORD_FORGED;
	half->sequence++;
	opened->sealed_len = RECORD_HEADER_LEN + body.len;
	return split_inner(out, body.len - AEAD_TAG_LEN, opened);
}
