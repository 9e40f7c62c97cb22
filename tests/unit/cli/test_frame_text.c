/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/cli/test_frame_text.c - frames in a line, and what is no frame. */
#include "cli/capture.h"

#include "../bridge/packets.h"

#define TCP "1000 0050 00000007 00000000 5012 ffff 0000 0000"
#define ENDS6 "fe80::2 > ff02::1: "
#define ENDS4 "192.0.2.2 > 255.255.255.255: "

static const struct {
	const char *packet, *text;
} rows[] = {
	{ "", "cut short, 0 bytes" },
	{ "3333 00000001 " CLIENT_MAC, "cut short, 12 bytes" },
	{ ETHER("88cc") "00*4", "02:00:00:00:00:02 > 33:33:00:00:00:01: type 0x88cc, 18 bytes" },
	{ IP6("3a") "8500 0000 00000000", ENDS6 "icmp6 router solicitation, 62 bytes" },
	{ IP6("3a") "8600 0000 00000000", ENDS6 "icmp6 router advertisement, 62 bytes" },
	{ IP6("3a") "c800 0000 00000000", ENDS6 "icmp6 type 200, 62 bytes" },
	{ IP6("3a"), ENDS6 "icmp6, 54 bytes" },
	{ IP6("3b"), ENDS6 "protocol 59, 54 bytes" },
	{ IP6("06") TCP, "fe80::2.4096 > ff02::1.80: tcp [S.] seq 7, 74 bytes" },
	{ IP6("06") "1000 0050 0000", "fe80::2.4096 > ff02::1.80: tcp, 60 bytes" },
	{ IP6("11") "0222 0223 000c 0000 01000000",
	  "fe80::2.546 > ff02::1.547: udp dhcp6 solicit, 66 bytes" },
	{ IP6("11") "0223 0222 000c 0000 63000000",
	  "fe80::2.547 > ff02::1.546: udp dhcp6 of an unknown type, 66 bytes" },
	{ IP6("11") "1000 0035 0008 0000", "fe80::2.4096 > ff02::1.53: udp, 62 bytes" },
	{ IP6("00") "3a00 0502 0000 0100 8f00 0000 00000000",
	  ENDS6 "icmp6 multicast listener report v2, 70 bytes" },
	{ IP6("2c") "1100 0000 00000001 1000 0035 0008 0000",
	  "fe80::2.4096 > ff02::1.53: udp, 70 bytes" },
	{ IP6("2c") "1100 0008 00000001 1000 0035", ENDS6 "a fragment, 66 bytes" },
	{ IP6("3c") "3c00 000000000000", ENDS6 "protocol 60, 62 bytes" }, /* and no more of it */
	{ ETHER("86dd") "60000000 0000 3a ff fe80", "IPv6, cut short, 24 bytes" },
	{ IP4("01", "4000") "0800 0000", ENDS4 "icmp echo request, 38 bytes" },
	{ IP4("11", "4000") "1000 0035 0008 0000",
	  "192.0.2.2.4096 > 255.255.255.255.53: udp, 42 bytes" },
	{ IP4("11", "0001") "1000 0035 0008 0000", ENDS4 "a fragment, 42 bytes" },
	{ ETHER("0800") "4500 0014", "IPv4, cut short, 18 bytes" },
	{ ETHER("0800") "4f00 TTTT 1234 0000 40 01 0000 c0000202 ffffffff",
	  "IPv4, cut short, 34 bytes" },
	{ ETHER("0806") "0001 0800 06 04 0001 " CLIENT_MAC "c0000202 00*6 c0000203",
	  "arp who has 192.0.2.3, tell 192.0.2.2, 42 bytes" },
	{ ETHER("0806") "0001 0800 06 04 0002 " CLIENT_MAC "c0000202 00*6 c0000203",
	  "arp reply for 192.0.2.2, 42 bytes" },
	{ ETHER("0806") "0001 0800 06 04 0009 " CLIENT_MAC "c0000202 00*6 c0000203",
	  "arp of an unknown kind for 192.0.2.2, 42 bytes" },
	{ ETHER("0806") "0001 0800", "arp, cut short, 18 bytes" },
};

static void frames_are_told(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[256];
		struct pcapng_packet frame = { .bytes = packet(rows[i].packet, buf, sizeof(buf)) };
		char text[FRAME_TEXT_MAX];

		frame.original_len = (uint32_t)frame.bytes.len;
		assert_string_equal(frame_text(&frame, text), rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(frames_are_told) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
