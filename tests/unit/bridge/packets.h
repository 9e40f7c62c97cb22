/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/packets.h
 *
 * Packets for test tables, written as hex with a few words:
 *   LLLL   IPv6's payload length: the bytes behind the fixed header, up to '|' or the end
 *   TTTT   IPv4's total length, up to '|' or the end
 *   *N     the last byte again until it stands there N times
 *   |      the IP packet ends here, padding follows
 */
#ifndef TESTS_BRIDGE_PACKETS_H
#define TESTS_BRIDGE_PACKETS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/frame.h"

#define CLIENT_MAC "020000000002 "
#define CLIENT_LL "fe80 0000 0000 0000 0000 0000 0000 0002 "
#define ROUTER_LL "fe80 0000 0000 0000 0000 0000 0000 0001 "
#define ALL_NODES "ff02 0000 0000 0000 0000 0000 0000 0001 "
#define UNSPECIFIED "0000 0000 0000 0000 0000 0000 0000 0000 "

#define ETHER(type) "333300000001 " CLIENT_MAC type " "
#define IP6_ENDS(next, hop_limit, source, destination) \
	ETHER("86dd") "60000000 LLLL " next " " hop_limit " " source destination
#define IP6(next) IP6_ENDS(next, "ff", CLIENT_LL, ALL_NODES)
#define IP4(protocol, flags_offset) \
	ETHER("0800") "4500 TTTT 1234 " flags_offset " 40 " protocol " 0000 c0000202 ffffffff "

static inline unsigned packet_nibble(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	fail_msg("'%c' in a packet", c);
	return 0;
}

static inline void packet_hole(uint8_t *buf, size_t hole, size_t value)
{
	if (hole == 0)
		return;
	buf[hole] = (uint8_t)(value >> 8);
	buf[hole + 1] = (uint8_t)value;
}

/* One word of the language at *text, which steps behind it. */
static inline void packet_word(const char **text, struct writer *w, size_t *hole, bool *hole_is_ip4)
{
	char c = *(*text)++;

	if (c == ' ')
		return;
	if (c == 'L' || c == 'T') {
		*hole = w->len;
		*hole_is_ip4 = c == 'T';
		writer_u16(w, 0);
		*text += 3;
	} else if (c == '*') {
		char *end;
		unsigned long count = strtoul(*text, &end, 10);

		if (*end && *end != ' ' && *end != '|')
			fail_msg("a count that runs into '%s'", end);
		for (uint8_t again = w->buf[w->len - 1]; count > 1; count--)
			writer_u8(w, again);
		*text = end;
	} else {
		unsigned high = packet_nibble(c);

		writer_u8(w, (uint8_t)(high << 4 | packet_nibble(*(*text)++)));
	}
}

static inline struct bytes packet(const char *text, uint8_t *buf, size_t cap)
{
	struct writer w = writer_over(buf, cap);
	size_t hole = 0, end = 0;
	bool hole_is_ip4 = false;

	while (*text) {
		if (*text == '|') {
			end = w.len;
			text++;
			continue;
		}
		packet_word(&text, &w, &hole, &hole_is_ip4);
	}
	if (w.full)
		fail_msg("the packet does not fit %zu bytes", cap);
	if (end == 0)
		end = w.len;
	packet_hole(buf, hole, hole_is_ip4 ? end - hole + 2 : end - hole - 36);
	return writer_bytes(&w);
}

#endif
