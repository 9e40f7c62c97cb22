/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/radvd-lite/test_ra_dns.c
 *
 * RDNSS and DNSSL options (RFC 8106 5.1, 5.2, 5.3.1): in a whole message, and alone as the
 * kernel hands them over.
 */
#include "tests/unit/radvd-lite/ra_equal.h"
#include "tests/unit/radvd-lite/ra_rows.h"

#define SERVER_1 "20010db8000000000000000000000001"
#define SERVER_2 "20010db8000000000000000000000002"
#define ONE DB8([15] = 1)
#define TWO DB8([15] = 2)

static const struct {
	const char *what;
	const char *options;
	struct ra ra;
} rows[] = {
	{ "two RDNSS options: all servers, the shorter lifetime",
	  "1903 0000 00000258" SERVER_1 "1903 0000 0000012c" SERVER_2,
	  { .dns_count = 2, .dns_lifetime_s = 300, .dns = { ONE, TWO } } },
	{ "the shorter lifetime first",
	  "1903 0000 0000012c" SERVER_1 "1903 0000 00000258" SERVER_2,
	  { .dns_count = 2, .dns_lifetime_s = 300, .dns = { ONE, TWO } } },
	{ "a server that is named twice is one, with the shorter lifetime",
	  "1905 0000 00000258" SERVER_1 SERVER_1 "1903 0000 0000012c" SERVER_1,
	  { .dns_count = 1, .dns_lifetime_s = 300, .dns = { ONE } } },
	{ "lifetime 0 withdraws: not kept, and not the shortest",
	  "1903 0000 00000000" SERVER_1 "1903 0000 00000258" SERVER_2,
	  { .dns_count = 1, .dns_lifetime_s = 600, .dns = { TWO } } },
	{ "RDNSS without a server", "1901 0000 00000258", { 0 } },
	{ "RDNSS with half a server", "1902 0000 00000258 20010db800000000", { 0 } },
	{ "RDNSS with a server and a half: all of it is refused",
	  "1904 0000 00000258" SERVER_1 "20010db800000000",
	  { 0 } },
	{ "half a server does not become one with the next option's bytes",
	  "1902 0000 00000258 20010db800000000 1903 0000 00000258" SERVER_2,
	  { .dns_count = 1, .dns_lifetime_s = 600, .dns = { TWO } } },
	{ "the reserved field does not count",
	  "1903 ffff 00000001" SERVER_1 "1f02 ffff 00000002 036c616e 00000000",
	  { .dns_count = 1,
	    .dns_lifetime_s = 1,
	    .dns = { ONE },
	    .search_count = 1,
	    .search_lifetime_s = 2,
	    .search = { "lan" } } },

	{ "two DNSSL options: all domains, the shorter lifetime",
	  "1f02 0000 00000258 036c616e 00000000 1f02 0000 0000012c 0161 00 00 00000000",
	  { .search_count = 2, .search_lifetime_s = 300, .search = { "lan", "a" } } },
	{ "a domain that is named twice is one, whatever its case",
	  "1f03 0000 00000258 036c616e 00 034c414e 00 000000000000",
	  { .search_count = 1, .search_lifetime_s = 600, .search = { "lan" } } },
	{ "two DNSSL options, the shorter lifetime first, of one second",
	  "1f02 0000 00000001 036c616e00 000000 1f02 0000 00000258 0161 00 00 00000000",
	  { .search_count = 2, .search_lifetime_s = 1, .search = { "lan", "a" } } },
	{ "lifetime 0 withdraws a domain",
	  "1f02 0000 00000000 036c616e 00000000 1f02 0000 0000012c 0161 00 00 00000000",
	  { .search_count = 1, .search_lifetime_s = 300, .search = { "a" } } },
	{ "DNSSL of one unit", "1f01 0000 00000258", { 0 } },
	{ "DNSSL without a domain", "1f02 0000 00000258 0000000000000000", { 0 } },
	{ "a compression pointer behind a good domain: all of it is refused",
	  "1f02 0000 00000258 0161 00 c008 000000",
	  { 0 } },
	{ "a label that runs into the next option",
	  "1f02 0000 00000258 08 6c616e6c616e6c 1f02 0000 00000258 0162 00 00 00000000",
	  { .search_count = 1, .search_lifetime_s = 600, .search = { "b" } } },
	{ "a domain without its end, the next option begins with a zero",
	  "1f02 0000 00000258 07 6c616e6c616e6c 0001 000000000000",
	  { 0 } },
	{ "a domain of 254 characters",
	  "1f21 0000 00000258" LABEL_63 LABEL_63 LABEL_63 LABEL_62 "00",
	  { 0 } },
	{ "a domain of 253 characters",
	  "1f21 0000 00000258" LONGEST_WIRE "00",
	  { .search_count = 1, .search_lifetime_s = 600, .search = { LONGEST_TEXT } } },
	{ "a label of 64",
	  "1f0a 0000 00000258 40" LABEL_A16 LABEL_A16 LABEL_A16 LABEL_A16 "00000000000000",
	  { 0 } },
	{ "a domain for mischief in resolv.conf is skipped, its neighbour stays",
	  "1f03 0000 00000258 04610a6262 00 036c616e 00 0000000000",
	  { .search_count = 1, .search_lifetime_s = 600, .search = { "lan" } } },
	{ "a skipped domain's lifetime does not count",
	  "1f02 0000 00000001 032d6161 00000000 1f02 0000 00000258 0162 00 00 00000000",
	  { .search_count = 1, .search_lifetime_s = 600, .search = { "b" } } },
	{ "scapy: withdrawn and new servers and domains",
	  "190300000000000020010db8000000000000000000000053"
	  "190300000000025820010db8000000000000000000000054"
	  "190300000000012c20010db8000000000000000000000055"
	  "1f03000000000000036f6c64076578616d706c6500000000"
	  "1f03000000000258036e6577076578616d706c6500000000",
	  { .dns_count = 2,
	    .dns_lifetime_s = 300,
	    .dns = { DB8([15] = 0x54), DB8([15] = 0x55) },
	    .search_count = 1,
	    .search_lifetime_s = 600,
	    .search = { "new.example" } } },
};

static void options_in_a_message(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buffer[1024] = { 134 };
		struct bytes options = hex(rows[i].options, buffer + 16, sizeof(buffer) - 16);
		struct ra ra;

		if (!ra_parse((struct bytes) { .data = buffer, .len = 16 + options.len }, &ra))
			fail_msg("%s: discarded", rows[i].what);
		if (!ra_equal(&ra, &rows[i].ra))
			fail_msg("%s: says something else", rows[i].what);
	}
}

/* 17 of each, in two options; the last one's lifetime does not count, for it is not kept. */
static void more_than_the_tables_hold(void **state)
{
	uint8_t buffer[2048] = { 134 };
	struct writer w = { .buf = buffer, .len = 16, .cap = sizeof(buffer) };
	struct ra ra;

	for (unsigned i = 0; i <= RA_MAX_DNS; i++) {
		writer_u32(&w, 0x19030000);
		writer_u32(&w, i == RA_MAX_DNS ? 1 : 600);
		writer_zero(&w, 15);
		writer_u8(&w, (uint8_t)(i + 1));
	}
	for (unsigned i = 0; i <= RA_MAX_SEARCH; i++) {
		writer_u32(&w, 0x1f020000);
		writer_u32(&w, i == RA_MAX_SEARCH ? 1 : 600);
		writer_u8(&w, 1);
		writer_u8(&w, (uint8_t)('a' + i));
		writer_zero(&w, 6);
	}
	assert_true(ra_parse(writer_bytes(&w), &ra));
	assert_int_equal(ra.dns_count, RA_MAX_DNS);
	assert_int_equal(ra.dns_lifetime_s, 600);
	assert_int_equal(ra.dns[RA_MAX_DNS - 1].octet[15], RA_MAX_DNS);
	assert_int_equal(ra.search_count, RA_MAX_SEARCH);
	assert_int_equal(ra.search_lifetime_s, 600);
	assert_string_equal(ra.search[RA_MAX_SEARCH - 1], "p");
}

static const struct {
	const char *what;
	const char *option;
	bool ok;
	struct ra ra, withdrawn;
} alone[] = {
	{ "a server",
	  "1903 0000 00000258" SERVER_1,
	  true,
	  { .dns_count = 1, .dns_lifetime_s = 600, .dns = { ONE } },
	  { 0 } },
	{ "a server is withdrawn",
	  "1903 0000 00000000" SERVER_1,
	  true,
	  { 0 },
	  { .dns_count = 1, .dns = { ONE } } },
	{ "a domain",
	  "1f02 0000 ffffffff 036c616e 00000000",
	  true,
	  { .search_count = 1, .search_lifetime_s = RA_FOREVER, .search = { "lan" } },
	  { 0 } },
	{ "a domain is withdrawn",
	  "1f02 0000 00000000 036c616e 00000000",
	  true,
	  { 0 },
	  { .search_count = 1, .search = { "lan" } } },
	{ "an MTU", "0501 0000 000005dc", false, { 0 }, { 0 } },
	{ "nothing", "", false, { 0 }, { 0 } },
	{ "half a header", "19", false, { 0 }, { 0 } },
	{ "length 0", "1900 0000 00000258" SERVER_1, false, { 0 }, { 0 } },
	{ "cut short", "1903 0000 00000258 20010db80000000000000000000000", false, { 0 }, { 0 } },
	{ "more than one option", "1903 0000 00000258" SERVER_1 "00", false, { 0 }, { 0 } },
	{ "no server", "1901 0000 00000258", false, { 0 }, { 0 } },
	{ "no domain", "1f02 0000 00000258 0000000000000000", false, { 0 }, { 0 } },
	{ "malformed", "1f02 0000 00000258 c000 000000000000", false, { 0 }, { 0 } },
	{ "malformed and withdrawn", "1f02 0000 00000000 c000 000000000000", false, { 0 }, { 0 } },
};

static void options_alone(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(alone); i++) {
		uint8_t buffer[64];
		struct bytes option = hex(alone[i].option, buffer, sizeof(buffer));
		struct ra ra = { 0 }, withdrawn = { 0 };

		if (ra_parse_user_option(option, &ra, &withdrawn) != alone[i].ok)
			fail_msg("%s: %s", alone[i].what, alone[i].ok ? "refused" : "taken");
		if (!ra_equal(&ra, &alone[i].ra) || !ra_equal(&withdrawn, &alone[i].withdrawn))
			fail_msg("%s: says something else", alone[i].what);
		memset(&ra, 0, sizeof(ra));
		if (ra_parse_user_option(option, &ra, NULL) != alone[i].ok ||
		    !ra_equal(&ra, &alone[i].ra))
			fail_msg("%s: differs where nobody asks for what is withdrawn",
				 alone[i].what);
	}
}

static void options_add_up(void **state)
{
	uint8_t buffer[64];
	struct ra ra = { 0 };
	const struct ra wanted = { .dns_count = 2, .dns_lifetime_s = 300, .dns = { ONE, TWO } };

	assert_true(ra_parse_user_option(hex("1903 0000 00000258" SERVER_1, buffer, sizeof(buffer)),
					 &ra, NULL));
	assert_true(ra_parse_user_option(hex("1903 0000 0000012c" SERVER_2, buffer, sizeof(buffer)),
					 &ra, NULL));
	assert_true(ra_equal(&ra, &wanted));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_in_a_message),
		cmocka_unit_test(more_than_the_tables_hold),
		cmocka_unit_test(options_alone),
		cmocka_unit_test(options_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
