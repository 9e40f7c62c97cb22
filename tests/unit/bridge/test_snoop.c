/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_snoop.c - which frames tell an address, and the bounded table of them. */
#include "bridge/snoop.h"

#include "packets.h"

#define TARGET "2001 0db8 0000 0000 0000 0000 00ab cdef "
#define TARGET_GROUP "ff02 0000 0000 0000 0000 0001 ffab cdef "
#define LOOPBACK "0000 0000 0000 0000 0000 0000 0000 0001 "
#define MAPPED "0000 0000 0000 0000 0000 ffff c000 0202 "
#define OPTION(type) type " 01 " CLIENT_MAC
#define NS_HEAD "8700 0000 00000000 "
#define NA_HEAD "8800 0000 20000000 "
#define NA_SOLICITED "8800 0000 60000000 "
#define RS_HEAD "8500 0000 00000000 "
#define ND(source, destination) IP6_ENDS("3a", "ff", source, destination)
#define ARP(kind, sender_mac, sender) ETHER("0806") kind " " sender_mac " " sender " 00*6 c0000201"
#define ARP_REQUEST "0001 0800 06 04 0001"

static const struct {
	const char *what;
	const char *packet;
	const char *address; /* hex; NULL: it tells nothing */
} rows[] = {
	{ "an NS tells its source", ND(CLIENT_LL, TARGET_GROUP) NS_HEAD TARGET, CLIENT_LL },
	{ "an NS with the sender's MAC", ND(CLIENT_LL, TARGET_GROUP) NS_HEAD TARGET OPTION("01"),
	  CLIENT_LL },
	{ "an NS with another's MAC",
	  ND(CLIENT_LL, TARGET_GROUP) NS_HEAD TARGET "01 01 020000000009", NULL },
	{ "an NS with an unknown option", ND(CLIENT_LL, TARGET_GROUP) NS_HEAD TARGET "0e 01 00*6",
	  CLIENT_LL },
	{ "an NS from :: tells its target", ND(UNSPECIFIED, TARGET_GROUP) NS_HEAD TARGET, TARGET },
	{ "an NS from :: with a nonce", ND(UNSPECIFIED, TARGET_GROUP) NS_HEAD TARGET "0e 01 77*6",
	  TARGET },
	{ "an NS from :: with a MAC", ND(UNSPECIFIED, TARGET_GROUP) NS_HEAD TARGET OPTION("01"),
	  NULL },
	{ "an NS from :: to all nodes", ND(UNSPECIFIED, ALL_NODES) NS_HEAD TARGET, NULL },
	{ "an NS from :: to another's group",
	  ND(UNSPECIFIED, "ff02 00*9 01 ff abcdee ") NS_HEAD TARGET, NULL },
	{ "an NS from a multicast address", ND(ALL_NODES, TARGET_GROUP) NS_HEAD TARGET, NULL },
	{ "an NS for a multicast address", ND(CLIENT_LL, TARGET_GROUP) NS_HEAD ALL_NODES, NULL },
	{ "an NS with code 1", ND(CLIENT_LL, TARGET_GROUP) "8701 0000 00000000 " TARGET, NULL },
	{ "an NS with hop limit 254", IP6_ENDS("3a", "fe", CLIENT_LL, TARGET_GROUP) NS_HEAD TARGET,
	  NULL },
	{ "an NS of 23 bytes", ND(CLIENT_LL, TARGET_GROUP) NS_HEAD "00*15", NULL },
	{ "an NS whose last byte is padding", ND(CLIENT_LL, TARGET_GROUP) NS_HEAD "20*15 | 01",
	  NULL },
	{ "an option of length 0", ND(CLIENT_LL, TARGET_GROUP) NS_HEAD TARGET "01 00 020000000002",
	  NULL },
	{ "an option longer than the message",
	  ND(CLIENT_LL, TARGET_GROUP) NS_HEAD TARGET "0e 02 020000000002", NULL },
	{ "half an option header", ND(CLIENT_LL, TARGET_GROUP) NS_HEAD TARGET "0e", NULL },
	{ "a second option of length 0",
	  ND(CLIENT_LL, TARGET_GROUP) NS_HEAD TARGET OPTION("01") "0e 00 00*6", NULL },
	{ "an NA tells its target", ND(CLIENT_LL, ALL_NODES) NA_HEAD TARGET, TARGET },
	{ "an NA with the sender's MAC", ND(CLIENT_LL, ALL_NODES) NA_HEAD TARGET OPTION("02"),
	  TARGET },
	{ "an NA with another's MAC", ND(CLIENT_LL, ALL_NODES) NA_HEAD TARGET "02 01 020000000009",
	  NULL },
	{ "a solicited NA", ND(CLIENT_LL, ROUTER_LL) NA_SOLICITED TARGET, TARGET },
	{ "a solicited NA to everybody", ND(CLIENT_LL, ALL_NODES) NA_SOLICITED TARGET, NULL },
	{ "an NA from ::", ND(UNSPECIFIED, ALL_NODES) NA_HEAD TARGET, NULL },
	{ "an NA for ::", ND(CLIENT_LL, ALL_NODES) NA_HEAD UNSPECIFIED, NULL },
	{ "an NA for ::1", ND(CLIENT_LL, ALL_NODES) NA_HEAD LOOPBACK, NULL },
	{ "an NA for an IPv4 address", ND(CLIENT_LL, ALL_NODES) NA_HEAD MAPPED, NULL },
	{ "an NA for a multicast address", ND(CLIENT_LL, ALL_NODES) NA_HEAD ALL_NODES, NULL },
	{ "an RS tells its source", ND(CLIENT_LL, ALL_NODES) RS_HEAD, CLIENT_LL },
	{ "an RS with the sender's MAC", ND(CLIENT_LL, ALL_NODES) RS_HEAD OPTION("01"), CLIENT_LL },
	{ "an RS from ::", ND(UNSPECIFIED, ALL_NODES) RS_HEAD, NULL },
	{ "an RS of four bytes", ND(CLIENT_LL, ALL_NODES) "8500 0000", NULL },
	{ "an RA", ND(CLIENT_LL, ALL_NODES) "8600 0000 00*12", NULL },
	{ "an echo request", ND(CLIENT_LL, ALL_NODES) "8000 0000 00*20", NULL },
	{ "a fragmented NS",
	  IP6_ENDS("2c", "ff", CLIENT_LL, TARGET_GROUP) "3a 00 0000 12345678" NS_HEAD TARGET,
	  NULL },
	{ "an NS behind a header",
	  IP6_ENDS("3c", "ff", CLIENT_LL, TARGET_GROUP) "3a 00 0104 00000000" NS_HEAD TARGET,
	  CLIENT_LL },
	{ "an ARP request", ARP(ARP_REQUEST, CLIENT_MAC, "c0000202"), MAPPED },
	{ "an ARP reply", ARP("0001 0800 06 04 0002", CLIENT_MAC, "c0000202"), MAPPED },
	{ "an ARP request with padding", ARP(ARP_REQUEST, CLIENT_MAC, "c0000202") " 00*18",
	  MAPPED },
	{ "a reverse ARP request", ARP("0001 0800 06 04 0003", CLIENT_MAC, "c0000202"), NULL },
	{ "ARP for another hardware", ARP("0006 0800 06 04 0001", CLIENT_MAC, "c0000202"), NULL },
	{ "ARP for another protocol", ARP("0001 86dd 06 04 0001", CLIENT_MAC, "c0000202"), NULL },
	{ "ARP with long addresses", ARP("0001 0800 08 04 0001", CLIENT_MAC, "c0000202"), NULL },
	{ "ARP with another's MAC", ARP(ARP_REQUEST, "020000000009", "c0000202"), NULL },
	{ "an ARP probe", ARP(ARP_REQUEST, CLIENT_MAC, "00000000"), NULL },
	{ "ARP from loopback", ARP(ARP_REQUEST, CLIENT_MAC, "7f000001"), NULL },
	{ "ARP from a multicast address", ARP(ARP_REQUEST, CLIENT_MAC, "e0000001"), NULL },
	{ "ARP from the broadcast address", ARP(ARP_REQUEST, CLIENT_MAC, "ffffffff"), NULL },
	{ "ARP of 27 bytes", ETHER("0806") ARP_REQUEST CLIENT_MAC "c0000202 00*6 c00002", NULL },
	{ "an NS from a multicast MAC",
	  "333300000001 030000000002 86dd 60000000 LLLL 3a ff " CLIENT_LL TARGET_GROUP NS_HEAD
		  TARGET,
	  NULL },
	{ "an NS from MAC zero",
	  "333300000001 000000000000 86dd 60000000 LLLL 3a ff " CLIENT_LL TARGET_GROUP NS_HEAD
		  TARGET,
	  NULL },
	{ "IPv4", IP4("3a", "0000") NS_HEAD TARGET, NULL },
	{ "an empty frame", "", NULL },
};

static void frames_tell_addresses(void **state)
{
	static const struct mac client = { { 2, 0, 0, 0, 0, 2 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[256], wanted[16];
		struct frame frame = { .bytes = packet(rows[i].packet, buf, sizeof(buf)) };
		struct snooped found;
		bool told = snoop_frame(&frame, &found);

		if (told != (rows[i].address != NULL))
			fail_msg("%s: told %d", rows[i].what, told);
		if (!told)
			continue;
		packet(rows[i].address, wanted, sizeof(wanted));
		if (memcmp(&found.address, wanted, sizeof(wanted)) != 0)
			fail_msg("%s: another address", rows[i].what);
		if (!mac_equal(&found.mac, &client))
			fail_msg("%s: another MAC", rows[i].what);
	}
}

static struct snooped host(unsigned number)
{
	return (struct snooped) {
		.address = { { 0x20, 1, 0x0d, 0xb8, [14] = (uint8_t)(number >> 8),
			       (uint8_t)number } },
		.mac = { { 2, 0, 0, 0, (uint8_t)(number >> 8), (uint8_t)number } },
	};
}

static bool is_noted(const struct snoop_table *table, unsigned number)
{
	struct snooped wanted = host(number);

	for (unsigned i = 0; i < table->count; i++)
		if (ip6_equal(&table->entry[i].is.address, &wanted.address))
			return true;
	return false;
}

static void news_are_told_once(void **state)
{
	struct snoop_table table = { 0 };
	struct snooped first = host(1), second = host(2), moved = host(1);

	moved.mac = second.mac;
	assert_true(snoop_note(&table, &first, 10, 1000));
	assert_false(snoop_note(&table, &first, 20, 1000));
	assert_int_equal(table.entry[0].seen_ms, 20);
	assert_true(snoop_note(&table, &second, 30, 1000));
	assert_true(snoop_note(&table, &moved, 40, 1000));
	assert_false(snoop_note(&table, &moved, 50, 1000));
	assert_int_equal(table.count, 2);
	assert_true(mac_equal(&table.entry[0].is.mac, &second.mac));
}

static void the_longest_silent_gives_way(void **state)
{
	struct snoop_table table = { 0 };

	for (unsigned i = 0; i < SNOOP_MAX; i++) {
		struct snooped found = host(i);

		assert_true(snoop_note(&table, &found, 100 + i, 1000));
	}
	assert_int_equal(table.count, SNOOP_MAX);

	struct snooped again = host(0), new = host(1000), newer = host(1001);

	assert_false(snoop_note(&table, &again, 500, 1000)); /* so host 1 is the oldest */
	assert_true(snoop_note(&table, &new, 501, 1000));
	assert_true(snoop_note(&table, &newer, 502, 1000));
	assert_int_equal(table.count, SNOOP_MAX);
	assert_true(is_noted(&table, 0));
	assert_false(is_noted(&table, 1));
	assert_false(is_noted(&table, 2));
	assert_true(is_noted(&table, 3));
	assert_true(is_noted(&table, 1000));
	assert_true(is_noted(&table, 1001));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_tell_addresses),
		cmocka_unit_test(news_are_told_once),
		cmocka_unit_test(the_longest_silent_gives_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
