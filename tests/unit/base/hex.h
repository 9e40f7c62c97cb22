/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/hex.h
 *
 * Golden packets as hex text with a line per field: white space does not count.
 */
#ifndef TESTS_BASE_HEX_H
#define TESTS_BASE_HEX_H

#include "base/bytes.h"

static inline uint8_t hex_nibble(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* The bytes that `text` writes down, in `buf`; what does not fit is left out. */
static inline struct bytes hex(const char *text, uint8_t *buf, size_t cap)
{
	struct writer w = writer_over(buf, cap);

	for (; *text != '\0'; text++) {
		if (*text == ' ' || *text == '\n')
			continue;
		uint8_t high = hex_nibble(*text++);
		writer_u8(&w, (uint8_t)(high << 4 | hex_nibble(*text)));
	}
	return writer_bytes(&w);
}

#endif
