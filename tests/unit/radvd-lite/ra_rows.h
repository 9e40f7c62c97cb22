/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/radvd-lite/ra_rows.h
 *
 * What the tests of radvd-lite/ share: cmocka with what it needs, bytes written as hex, and
 * short forms for addresses and for the pieces of messages that many rows begin with.
 */
#ifndef TESTS_UNIT_RADVD_LITE_RA_ROWS_H
#define TESTS_UNIT_RADVD_LITE_RA_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "radvd-lite/ra.h"

/* 2001:db8:..., the rest as bytes */
#define DB8(...)                                                 \
	{                                                        \
		.octet = { 0x20, 0x01, 0x0d, 0xb8, __VA_ARGS__ } \
	}
#define LOCAL_MAC                                   \
	{                                           \
		.octet = { 0x02, 0, 0, 0, 0, 0x0a } \
	}

/* An RA's header that says nothing but hop limit 64. */
#define RA_HEAD "86 00 0000 40 00 0000 00000000 00000000 "
/* 63 characters of a label, on the wire and as text */
#define LABEL_A16 "61616161616161616161616161616161"
#define LABEL_63 "3f" LABEL_A16 LABEL_A16 LABEL_A16 "616161616161616161616161616161"
#define LABEL_61 "3d" LABEL_A16 LABEL_A16 LABEL_A16 "61616161616161616161616161"
#define LABEL_62 "3e" LABEL_A16 LABEL_A16 LABEL_A16 "6161616161616161616161616161"
#define TEXT_61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define TEXT_62 TEXT_61 "a"
#define TEXT_63 TEXT_62 "a"
/* the longest name: 253 characters of text, 255 bytes on the wire */
#define LONGEST_WIRE LABEL_63 LABEL_63 LABEL_63 LABEL_61 "00"
#define LONGEST_TEXT TEXT_63 "." TEXT_63 "." TEXT_63 "." TEXT_61

static inline int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Two digits a byte, spaces ignored. */
static inline struct bytes hex(const char *text, uint8_t *buffer, size_t cap)
{
	size_t len = 0;

	for (const char *at = text; *at; at++) {
		if (*at == ' ')
			continue;
		int high = hex_digit(at[0]), low = hex_digit(at[1]);
		if (len == cap || high < 0 || low < 0)
			fail_msg("not hex, or too long: %s", at);
		buffer[len++] = (uint8_t)(high << 4 | low);
		at++;
	}
	return (struct bytes) { .data = buffer, .len = len };
}

/* Where two byte strings differ first; -1: nowhere. */
static inline long first_difference(struct bytes a, struct bytes b)
{
	size_t i = 0;

	while (i < a.len && i < b.len && a.data[i] == b.data[i])
		i++;
	return i == a.len && i == b.len ? -1 : (long)i;
}

#endif
