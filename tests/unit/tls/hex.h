/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/hex.h
 *
 * What the tests of tls/ share: cmocka with what it needs, and bytes written as hex.
 */
#ifndef TESTS_UNIT_TLS_HEX_H
#define TESTS_UNIT_TLS_HEX_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/bytes.h"

/* Two digits a byte, spaces ignored. */
static inline struct bytes hex(const char *text, uint8_t *buffer, size_t cap)
{
	size_t len = 0;

	while (*text) {
		unsigned value;
		if (*text == ' ') {
			text++;
			continue;
		}
		if (len == cap || sscanf(text, "%2x", &value) != 1 || !text[1])
			fail_msg("not hex, or too long: %s", text);
		buffer[len++] = (uint8_t)value;
		text += 2;
	}
	return (struct bytes) { .data = buffer, .len = len };
}

static inline struct bytes bytes_of(const void *data, size_t len)
{
	return (struct bytes) { .data = data, .len = len };
}

/* Bytes that depend on `seed` and their place. */
static inline void fill(uint8_t *to, size_t len, uint32_t seed)
{
	uint32_t x = seed * 2654435761u + 1;

	for (size_t i = 0; i < len; i++) {
		x = x * 1664525u + 1013904223u;
		to[i] = (uint8_t)(x >> 24);
	}
}

#endif
