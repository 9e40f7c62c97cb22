/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/offload_words.h
 *
 * What the tables of the offload tests are written with: packets and their metadata.
 */
#ifndef TESTS_BRIDGE_OFFLOAD_WORDS_H
#define TESTS_BRIDGE_OFFLOAD_WORDS_H

#include "packets.h"

#define TCP "1000 0050 00000001 00000002 5010 ffff 0000 0000 "
#define TCP_FLAGS(flags) "1000 0050 00000001 00000002 50" flags " ffff 0000 0000 "
#define TCP_LEN(words) "1000 0050 00000001 00000002 " words "10 ffff 0000 0000 "
#define V4 IP4("06", "4000")
#define V6 IP6("06")
#define UDP_1000 "1000 1000 000c 0000 "
#define BYTES3000 "55*3000"

#define SUPER4(size)                                                                     \
	{                                                                                \
		.gso = GSO_TCP4, .needs_csum = true, .gso_size = size, .csum_start = 34, \
		.csum_offset = 16                                                        \
	}
#define SUPER6(size)                                                                     \
	{                                                                                \
		.gso = GSO_TCP6, .needs_csum = true, .gso_size = size, .csum_start = 54, \
		.csum_offset = 16                                                        \
	}
#define SUM(start, offset)                                                     \
	{                                                                      \
		.needs_csum = true, .csum_start = start, .csum_offset = offset \
	}

#endif
