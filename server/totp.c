/* SPDX-License-Identifier: Apache-2.0 */
/* server/totp.c - one-time codes by time. */
#include "server/totp.h"

#include <sodium.h>
#include <stdio.h>

#include "tls/digest.h"

#define CODES 1000000u /* 10 to the power of TOTP_DIGITS */

_Static_assert(TOTP_DIGITS == 6, "CODES is of that");

int totp_code(struct bytes secret, int64_t step, char code[static TOTP_DIGITS + 1], struct err *err)
{
	uint8_t counter[8], hash[DIGEST_SHA1_LEN];
	struct writer w = writer_over(counter, sizeof(counter));

	writer_u32(&w, (uint32_t)((uint64_t)step >> 32));
	writer_u32(&w, (uint32_t)step);
	if (digest_hmac_sha1(secret, writer_bytes(&w), hash, err) < 0)
		return -1;

	/* RFC 4226 5.3: dynamic truncation, without the sign bit */
	struct reader r = reader_over((struct bytes) { hash, sizeof(hash) });

	reader_take(&r, hash[sizeof(hash) - 1] & 0xf);
	snprintf(code, TOTP_DIGITS + 1, "%06u", (reader_u32(&r) & 0x7fffffff) % CODES);
	sodium_memzero(hash, sizeof(hash));
	return 0;
}

/* As many digits as a code has, blanks left out; false if it has others, or anything else. */
static bool read_digits(const char *text, char digits[static TOTP_DIGITS + 1])
{
	size_t len = 0;

	for (; *text; text++) {
		if (*text == ' ')
			continue;
		if (*text < '0' || *text > '9' || len == TOTP_DIGITS)
			return false;
		digits[len++] = *text;
	}
	digits[len] = '\0';
	return len == TOTP_DIGITS;
}

int totp_match(struct bytes secret, const char *code, int64_t now_s, int64_t last_step,
	       int64_t *step, struct err *err)
{
	char given[TOTP_DIGITS + 1] = "", right[TOTP_DIGITS + 1];
	bool is_code = read_digits(code, given);
	int found = 0;

	/* all of them, whatever was found */
	for (int64_t at = now_s / TOTP_PERIOD_S - TOTP_SLACK;
	     at <= now_s / TOTP_PERIOD_S + TOTP_SLACK; at++) {
		if (totp_code(secret, at, right, err) < 0)
			return -1;
		if (sodium_memcmp(right, given, sizeof(right)) == 0 && is_code && at > last_step) {
			*step = at;
			found = 1;
		}
	}
	sodium_memzero(right, sizeof(right));
	sodium_memzero(given, sizeof(given));
	return found;
}

/* RFC 4648 6, without padding: as the apps want it. */
static void write_base32(FILE *out, struct bytes bytes)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned bits = 0;
	uint32_t held = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		held = held << 8 | bytes.data[i];
		for (bits += 8; bits >= 5; bits -= 5)
			fputc(alphabet[held >> (bits - 5) & 31], out);
	}
	if (bits > 0)
		fputc(alphabet[held << (5 - bits) & 31], out);
}

/* RFC 3986 2.3: whatever is not unreserved. */
static void write_escaped(FILE *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";

	for (; *text; text++)
		fprintf(out, strchr(plain, *text) ? "%c" : "%%%02X", (unsigned char)*text);
}

void totp_uri(struct bytes secret, const char *issuer, const char *user,
	      char uri[static TOTP_URI_MAX])
{
	FILE *out = fmemopen(uri, TOTP_URI_MAX, "w");

	uri[0] = '\0';
	if (!out)
		return;
	setbuf(out, NULL); /* no copy of the secret */
	fprintf(out, "otpauth://totp/");
	write_escaped(out, issuer);
	fputc(':', out);
	write_escaped(out, user);
	fprintf(out, "?secret=");
	write_base32(out, secret);
	fprintf(out, "&issuer=");
	write_escaped(out, issuer);
	fprintf(out, "&algorithm=SHA1&digits=%d&period=%d", TOTP_DIGITS, TOTP_PERIOD_S);
	fclose(out);
}
