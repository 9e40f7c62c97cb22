/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_heard.c
 *
 * Which frames the client takes for a Router Advertisement (RFC 4861 6.1.2); each check has a
 * row that only this check refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "client/heard.h"

#define ETHER_TYPE 12
#define IP_LENGTH 18
#define IP_NEXT 20
#define IP_HOP_LIMIT 21
#define IP_SOURCE 22
#define ICMP_TYPE 54
#define ICMP_CODE 55
#define ICMP_CHECKSUM 56
#define ICMP_HOP_LIMIT 58

static uint8_t bytes[1500];

static struct frame make_frame_of(const char *from, uint8_t type, const struct ra *ra)
{
	struct packet_ends ends = { .mac_destination = mac_all_nodes,
				    .destination = ip6_all_nodes };
	struct writer w = writer_over(bytes, sizeof(bytes));
	uint8_t message[200];
	struct writer body = writer_over(message, sizeof(message));

	assert_int_equal(ip6_parse(from, &ends.source, NULL), 0);
	ra_build(ra, &body);
	message[0] = type;
	packet_icmp6(&w, &ends, writer_bytes(&body));
	return (struct frame) { .bytes = writer_bytes(&w) };
}

static struct frame make_frame(const char *from, uint8_t type)
{
	const struct ra ra = { .hop_limit = 64, .mtu = 1400, .lifetime_s = 1800 };

	return make_frame_of(from, type, &ra);
}

static void advertisements_are_told_from_the_rest(void **state)
{
	static const struct {
		const char *what, *from;
		uint8_t type;
		uint8_t at, value; /* one byte of the frame is another; at 0: none */
		bool heard;
	} cases[] = {
		{ "an advertisement", "fe80::1", ND_RA, 0, 0, true },
		{ "fe80::/10 is link-local", "febf::1", ND_RA, 0, 0, true },
		{ "not from a link-local address", "2001:db8::1", ND_RA, 0, 0, false },
		{ "from nobody", "::", ND_RA, 0, 0, false },
		{ "from a group", "ff02::1", ND_RA, 0, 0, false },
		{ "a solicitation", "fe80::1", ND_RS, 0, 0, false },
		{ "a neighbour's advertisement", "fe80::1", ND_NA, 0, 0, false },
		{ "it was forwarded", "fe80::1", ND_RA, IP_HOP_LIMIT, 254, false },
		{ "not IPv6", "fe80::1", ND_RA, ETHER_TYPE, 0x08, false },
		{ "not ICMPv6", "fe80::1", ND_RA, IP_NEXT, IP_UDP, false },
		{ "a wrong checksum", "fe80::1", ND_RA, ICMP_CHECKSUM, 0x55, false },
		{ "a changed byte", "fe80::1", ND_RA, ICMP_HOP_LIMIT, 65, false },
		{ "a changed source", "fe80::1", ND_RA, IP_SOURCE + 15, 2, false },
		{ "longer than the frame", "fe80::1", ND_RA, IP_LENGTH, 1, false },
		{ "no payload", "fe80::1", ND_RA, IP_LENGTH + 1, 0, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct frame frame = make_frame(cases[i].from, cases[i].type);
		struct heard heard = { 0 };

		if (cases[i].at > 0)
			bytes[cases[i].at] = cases[i].value;
		bool yes = heard_frame(&heard, &frame, 1234);
		if (yes != cases[i].heard || heard.any != yes)
			fail_msg("%s: heard=%d", cases[i].what, yes);
	}
}

static void a_code_other_than_0_is_no_advertisement(void **state)
{
	struct frame frame = make_frame("fe80::1", ND_RA);
	struct heard heard = { 0 };

	/* with the checksum that belongs to it: the code counts in its word's low byte */
	bytes[ICMP_CODE] = 1;
	bytes[ICMP_CHECKSUM + 1]--;
	assert_false(heard_frame(&heard, &frame, 1));
}

static void the_latest_one_is_kept(void **state)
{
	struct frame frame = make_frame("fe80::1", ND_RA);
	struct heard heard = { 0 };
	char text[IP6_TEXT];

	assert_true(heard_frame(&heard, &frame, 1000));
	assert_int_equal(heard.ra.mtu, 1400);
	assert_int_equal(heard.ra.lifetime_s, 1800);
	frame = make_frame("fe80::2", ND_RA);
	assert_true(heard_frame(&heard, &frame, 2000));
	assert_string_equal(ip6_text(&heard.from, text), "fe80::2");
	assert_int_equal(heard.at_ms, 2000);
	/* and stays when something else comes */
	frame = make_frame("2001:db8::3", ND_RA);
	assert_false(heard_frame(&heard, &frame, 3000));
	assert_string_equal(ip6_text(&heard.from, text), "fe80::2");
	assert_int_equal(heard.at_ms, 2000);
}

/* What one router says within a second is one advertisement in parts; then it is a new one. */
static void parts_are_put_together(void **state)
{
	static const struct {
		const char *what, *from;
		uint64_t at_ms;
		unsigned routes; /* heard, afterwards */
	} cases[] = {
		{ "the first part", "fe80::1", 1000, 1 },
		{ "the second", "fe80::1", 1000, 2 },
		{ "the third, late", "fe80::1", 1999, 3 },
		{ "a new one", "fe80::1", 2999, 1 },
		{ "and its second part", "fe80::1", 3000, 2 },
		{ "another router's", "fe80::2", 3000, 1 },
	};
	struct heard heard = { 0 };

	for (uint8_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ra ra = { .hop_limit = 64, .route_count = 1 };

		ra.route[0].prefix = (struct prefix6) { { { 0xfd, i } }, 48 };
		struct frame frame = make_frame_of(cases[i].from, ND_RA, &ra);
		assert_true(heard_frame(&heard, &frame, cases[i].at_ms));
		if (heard.ra.route_count != cases[i].routes || heard.at_ms != cases[i].at_ms)
			fail_msg("%s: %u routes", cases[i].what, heard.ra.route_count);
	}
}

static void any_length_is_survived(void **state)
{
	struct frame whole = make_frame("fe80::1", ND_RA);

	for (size_t len = 0; len < whole.bytes.len; len++) {
		uint8_t part[1500];
		struct frame cut = { .bytes = { part, len } };
		struct heard heard = { 0 };

		memcpy(part, bytes, len);
		assert_false(heard_frame(&heard, &cut, 1));
	}
	/* what a short frame was filled up with does not belong to it */
	struct heard heard = { 0 };
	whole.bytes.len += 20;
	assert_true(heard_frame(&heard, &whole, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(advertisements_are_told_from_the_rest),
		cmocka_unit_test(a_code_other_than_0_is_no_advertisement),
		cmocka_unit_test(the_latest_one_is_kept),
		cmocka_unit_test(parts_are_put_together),
		cmocka_unit_test(any_length_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
