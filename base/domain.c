/* SPDX-License-Identifier: Apache-2.0 */
/* base/domain.c - domain names between text and the wire.
 *
 * The text goes into resolv.conf and onto command lines at the other end, so characters are
 * narrowed to those of host names (RFC 1123 2.1) and '_'.  Not here: case, IDNA, compression.
 *
 * RFC 1035 2.3.4 and 3.1, RFC 8106 5.2.
 */
#include "base/domain.h"

static bool is_plain(const uint8_t *label, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t c = label[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_')
			return false;
	}
	return label[0] != '-' && label[len - 1] != '-';
}

void domain_write(struct writer *w, const char *text)
{
	if (strnlen(text, DOMAIN_MAX_TEXT + 1) > DOMAIN_MAX_TEXT) {
		w->full = true;
		return;
	}
	for (const char *label = text;;) {
		const char *end = strchrnul(label, '.');
		size_t len = (size_t)(end - label);

		if (len == 0 || len > DOMAIN_MAX_LABEL || !is_plain((const uint8_t *)label, len)) {
			w->full = true;
			return;
		}
		writer_u8(w, (uint8_t)len);
		writer_copy(w, label, len);
		if (*end == '\0')
			break;
		label = end + 1;
	}
	writer_u8(w, 0);
}

bool domain_read(struct reader *r, char text[static DOMAIN_MAX_TEXT + 1])
{
	size_t used = 0;
	bool plain = true;

	for (;;) {
		if (used == 0 && r->left == 0)
			return false;
		uint8_t len = reader_u8(r);
		if (len == 0)
			break;
		size_t dot = used > 0 ? 1 : 0;
		/* over 63 is a compression pointer or a label type that nobody knows */
		if (len > DOMAIN_MAX_LABEL || used + dot + len > DOMAIN_MAX_TEXT) {
			reader_fail(r);
			return false;
		}
		const uint8_t *label = reader_take(r, len);
		if (!label)
			return false;
		plain = plain && is_plain(label, len);
		if (dot)
			text[used++] = '.';
		memcpy(text + used, label, len);
		used += len;
	}
	text[plain ? used : 0] = '\0';
	return used > 0 && !r->bad;
}
