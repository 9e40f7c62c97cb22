/* SPDX-License-Identifier: Apache-2.0 */
/* server/password.c - Argon2id by libsodium. */
#include "server/password.h"

#include <sodium.h>
#include <stdio.h>

_Static_assert(PASSWORD_HASH_MAX == crypto_pwhash_STRBYTES, "room for libsodium's text");

/* One code point's length in bytes, 0 if it is no UTF-8 (RFC 3629 4) or a control character. */
static size_t code_point(struct bytes text)
{
	static const struct {
		uint8_t first, last, second_from, second_to, len;
	} forms[] = {
		{ 0x20, 0x7e, 0x80, 0xbf, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, /* no surrogates */
		{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	const uint8_t *at = text.data;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (at[0] < forms[i].first || at[0] > forms[i].last || forms[i].len > text.len)
			continue;
		for (size_t k = 1; k < forms[i].len; k++)
			if (at[k] < (k == 1 ? forms[i].second_from : 0x80) ||
			    at[k] > (k == 1 ? forms[i].second_to : 0xbf))
				return 0;
		/* U+0080 to U+009f: the other control characters */
		return forms[i].len == 2 && at[0] == 0xc2 && at[1] < 0xa0 ? 0 : forms[i].len;
	}
	return 0;
}

int password_check(struct bytes password, struct err *err)
{
	if (password.len < PASSWORD_MIN || password.len > PASSWORD_MAX)
		return err_kind(err, ERR_USAGE, "a password has %d to %d bytes, this one %zu",
				PASSWORD_MIN, PASSWORD_MAX, password.len);
	for (size_t len; password.len > 0; password.data += len, password.len -= len)
		if ((len = code_point(password)) == 0)
			return err_kind(err, ERR_USAGE,
					"a password is UTF-8 text without control characters");
	return 0;
}

int password_hash(struct bytes password, const struct password_cost *cost,
		  char hash[static PASSWORD_HASH_MAX], struct err *err)
{
	if (sodium_init() < 0 ||
	    crypto_pwhash_str(hash, (const char *)password.data, password.len, cost->passes,
			      (size_t)cost->memory_kib * 1024) != 0)
		return err_set(err, "cannot hash a password: that takes %u KiB of memory",
			       cost->memory_kib);
	return 0;
}

bool password_verify(const char *hash, struct bytes password)
{
	return sodium_init() >= 0 &&
	       crypto_pwhash_str_verify(hash, (const char *)password.data, password.len) == 0;
}

bool password_needs_raise(const char *hash, const struct password_cost *cost)
{
	unsigned memory_kib, passes;

	/* libsodium's own question is whether it differs; what is stronger stays */
	if (sscanf(hash, "$argon2id$v=19$m=%u,t=%u,p=", &memory_kib, &passes) != 2)
		return true;
	return memory_kib < cost->memory_kib || passes < cost->passes;
}

void password_decoy(const struct password_cost *cost, char hash[static PASSWORD_HASH_MAX])
{
	uint8_t salt[crypto_pwhash_SALTBYTES], tag[32];
	char salt_text[32], tag_text[64];

	randombytes_buf(salt, sizeof(salt));
	randombytes_buf(tag, sizeof(tag));
	snprintf(hash, PASSWORD_HASH_MAX, "$argon2id$v=19$m=%u,t=%u,p=1$%s$%s", cost->memory_kib,
		 cost->passes,
		 sodium_bin2base64(salt_text, sizeof(salt_text), salt, sizeof(salt),
				   sodium_base64_VARIANT_ORIGINAL_NO_PADDING),
		 sodium_bin2base64(tag_text, sizeof(tag_text), tag, sizeof(tag),
				   sodium_base64_VARIANT_ORIGINAL_NO_PADDING));
}
