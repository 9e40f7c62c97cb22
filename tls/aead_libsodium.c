/* SPDX-License-Identifier: Apache-2.0 */
/* tls/aead_libsodium.c
 *
 * AEAD by libsodium: AES-256-GCM where the CPU has AES and carry-less multiplication,
 * ChaCha20-Poly1305 (RFC 8439) everywhere.  libsodium takes one piece of plaintext, so parts are
 * gathered where the ciphertext goes and sealed in place.
 */
#include <sodium.h>
#include <stdlib.h>

#include "tls/aead.h"

#define KEY_ALIGNMENT 16 /* of crypto_aead_aes256gcm_state */

struct aead_key {
	union {
		crypto_aead_aes256gcm_state aes; /* the expanded key */
		uint8_t chacha[crypto_aead_chacha20poly1305_ietf_KEYBYTES];
	} of;
	enum tls_suite suite;
};

static const char *sodium_about(void)
{
	return sodium_version_string();
}

static bool sodium_serves(enum tls_suite suite)
{
	if (sodium_init() < 0) /* may be called any number of times, by any thread */
		return false;
	switch (suite) {
	case TLS_AES_256_GCM_SHA384: return crypto_aead_aes256gcm_is_available() == 1;
	case TLS_CHACHA20_POLY1305_SHA256: return true;
	}
	return false;
}

static struct aead_key *sodium_key_new(enum tls_suite suite, const uint8_t key[32])
{
	void *memory;

	if (posix_memalign(&memory, KEY_ALIGNMENT, sizeof(struct aead_key)) != 0)
		return NULL;
	struct aead_key *made = memory;
	made->suite = suite;
	switch (suite) {
	case TLS_AES_256_GCM_SHA384: crypto_aead_aes256gcm_beforenm(&made->of.aes, key); break;
	case TLS_CHACHA20_POLY1305_SHA256:
		memcpy(made->of.chacha, key, sizeof(made->of.chacha));
		break;
	}
	return made;
}

static void sodium_key_free(struct aead_key *key)
{
	if (!key)
		return;
	sodium_memzero(key, sizeof(*key));
	free(key);
}

/* The parts one after the other at `out`; returns their total length. */
static size_t gather(const struct bytes *part, unsigned part_count, uint8_t *out)
{
	size_t len = 0;

	for (unsigned i = 0; i < part_count; i++) {
		if (part[i].len > 0 && part[i].data != out + len)
			memcpy(out + len, part[i].data, part[i].len);
		len += part[i].len;
	}
	return len;
}

static void sodium_seal(const struct aead_key *key, const uint8_t nonce[AEAD_NONCE_LEN],
			struct bytes associated, const struct bytes *part, unsigned part_count,
			uint8_t *out)
{
	size_t len = gather(part, part_count, out);

	/* Neither call can fail for lengths below 2^36. */
	switch (key->suite) {
	case TLS_AES_256_GCM_SHA384:
		crypto_aead_aes256gcm_encrypt_afternm(out, NULL, out, len, associated.data,
						      associated.len, NULL, nonce, &key->of.aes);
		break;
	case TLS_CHACHA20_POLY1305_SHA256:
		crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, out, len, associated.data,
							  associated.len, NULL, nonce,
							  key->of.chacha);
		break;
	}
}

static bool sodium_open(const struct aead_key *key, const uint8_t nonce[AEAD_NONCE_LEN],
			struct bytes associated, struct bytes sealed, uint8_t *out)
{
	switch (key->suite) {
	case TLS_AES_256_GCM_SHA384:
		return crypto_aead_aes256gcm_decrypt_afternm(
			       out, NULL, NULL, sealed.data, sealed.len, associated.data,
			       associated.len, nonce, &key->of.aes) == 0;
	case TLS_CHACHA20_POLY1305_SHA256:
		return crypto_aead_chacha20poly1305_ietf_decrypt(
			       out, NULL, NULL, sealed.data, sealed.len, associated.data,
			       associated.len, nonce, key->of.chacha) == 0;
	}
	return false;
}

const struct aead_backend aead_libsodium = {
	.name = "libsodium",
	.about = sodium_about,
	.serves = sodium_serves,
	.key_new = sodium_key_new,
	.key_free = sodium_key_free,
	.seal = sodium_seal,
	.open = sodium_open,
};
