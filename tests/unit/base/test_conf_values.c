/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/test_conf_values.c
 *
 * The readers of single values: what each takes, what it makes of it, and its sentences.
 */
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/conf.h"

/* Numbers of any width: `sentence` NULL means accepted as `number`. */
struct row {
	const char *value;
	uint64_t min, max, number;
	const char *sentence;
};

#define LABEL_62 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz"
#define LABEL_63 LABEL_62 "-" /* not valid alone: ends with a hyphen */

static void check_rows(const char *reader_name, conf_read reader, const struct row *rows,
		       size_t count, size_t width)
{
	for (size_t i = 0; i < count; i++) {
		const struct conf_key key = {
			"key", reader, 0, "", rows[i].min, rows[i].max, false
		};
		struct err err = { "" };
		uint64_t number = 0;
		uint8_t to[8];

		memset(to, 0xee, sizeof(to));
		int result = reader(rows[i].value, to, &key, &err);

		for (size_t n = 0; n < sizeof(to); n++) /* nothing beside it is written */
			if ((result < 0 || n >= width) && to[n] != 0xee)
				fail_msg("%s '%s': wrote byte %zu", reader_name, rows[i].value, n);
		if (width == 1)
			number = to[0];
		else if (width == 2)
			number = *(uint16_t *)(void *)to;
		else
			number = *(uint32_t *)(void *)to;
		if (!rows[i].sentence && (result != 0 || number != rows[i].number))
			fail_msg("%s '%s': %d '%s' %llu", reader_name, rows[i].value, result,
				 err.text, (unsigned long long)number);
		if (rows[i].sentence && (result != -1 || strcmp(err.text, rows[i].sentence) != 0))
			fail_msg("%s '%s': %d '%s'", reader_name, rows[i].value, result, err.text);
	}
}

#define CHECK(reader, rows, width) check_rows(#reader, reader, rows, ARRAY_LEN(rows), width)

static void bools(void **state)
{
	static const char sentence[] = "must be yes or no";
	static const struct row rows[] = {
		{ "yes", 0, 0, 1, NULL },      { "no", 0, 0, 0, NULL },
		{ "Yes", 0, 0, 0, sentence },  { "true", 0, 0, 0, sentence },
		{ "1", 0, 0, 0, sentence },    { "", 0, 0, 0, sentence },
		{ "yes ", 0, 0, 0, sentence }, { "none", 0, 0, 0, sentence },
	};

	CHECK(conf_bool, rows, 1);
}

static void numbers(void **state)
{
	static const struct row u32[] = {
		{ "0", 0, 0, 0, NULL },
		{ "4294967295", 0, 0, UINT32_MAX, NULL },
		{ "007", 0, 0, 7, NULL },
		{ "4294967296", 0, 0, 0, "must be a number from 0 to 4294967295" },
		{ "18446744073709551616", 0, 0, 0, "must be a number from 0 to 4294967295" },
		{ "99999999999999999999999999", 0, 0, 0, "must be a number from 0 to 4294967295" },
		{ "-1", 0, 0, 0, "must be a number from 0 to 4294967295" },
		{ "+1", 0, 0, 0, "must be a number from 0 to 4294967295" },
		{ "0x10", 0, 0, 0, "must be a number from 0 to 4294967295" },
		{ "1.5", 0, 0, 0, "must be a number from 0 to 4294967295" },
		{ " 1", 0, 0, 0, "must be a number from 0 to 4294967295" },
		{ "1 ", 0, 0, 0, "must be a number from 0 to 4294967295" },
		{ "1\n2", 0, 0, 0, "must be a number from 0 to 4294967295" },
		{ "", 0, 0, 0, "must be a number from 0 to 4294967295" },
		{ "1280", 1280, 1500, 1280, NULL },
		{ "1500", 1280, 1500, 1500, NULL },
		{ "1279", 1280, 1500, 0, "must be a number from 1280 to 1500" },
		{ "1501", 1280, 1500, 0, "must be a number from 1280 to 1500" },
		{ "3", 1, 4, 3, NULL },
		{ "5", 1, 4, 0, "must be a number from 1 to 4" },
		{ "0", 1, 0, 0, "must be a number from 1 to 4294967295" },
	};
	static const struct row u16[] = {
		{ "65535", 0, 0, 65535, NULL },
		{ "65536", 0, 0, 0, "must be a number from 0 to 65535" },
		{ "65536", 0, 100000, 0, "must be a number from 0 to 65535" },
	};
	static const struct row u8[] = {
		{ "255", 0, 0, 255, NULL },
		{ "256", 0, 0, 0, "must be a number from 0 to 255" },
		{ "8", 0, 7, 0, "must be a number from 0 to 7" },
	};

	CHECK(conf_u32, u32, 4);
	CHECK(conf_u16, u16, 2);
	CHECK(conf_u8, u8, 1);
}

static const char bad_time[] = "must be a time like 30s, 10m, 12h or 7d";

static void times(void **state)
{
	static const struct row rows[] = {
		{ "0s", 0, 0, 0, NULL },
		{ "90s", 0, 0, 90, NULL },
		{ "10m", 0, 0, 600, NULL },
		{ "12h", 0, 0, 43200, NULL },
		{ "7d", 0, 0, 604800, NULL },
		{ "4294967294s", 0, 0, UINT32_MAX - 1, NULL },
		{ "49710d", 0, 0, 4294944000, NULL },
		{ "4294967295s", 0, 0, 0, "must be shorter than 49710d" },
		{ "49711d", 0, 0, 0, "must be shorter than 49710d" },
		{ "4294967295d", 0, 0, 0, "must be shorter than 49710d" },
		{ "4294967296s", 0, 0, 0, bad_time },
		{ "30", 0, 0, 0, bad_time },
		{ "0", 0, 0, 0, bad_time },
		{ "s", 0, 0, 0, bad_time },
		{ "30 s", 0, 0, 0, bad_time },
		{ "30S", 0, 0, 0, bad_time },
		{ "1h30m", 0, 0, 0, bad_time },
		{ "-1s", 0, 0, 0, bad_time },
		{ "1.5h", 0, 0, 0, bad_time },
		{ "30w", 0, 0, 0, bad_time },
		{ "", 0, 0, 0, bad_time },
		{ "4s", 4, 1800, 4, NULL },
		{ "30m", 4, 1800, 1800, NULL },
		{ "3s", 4, 1800, 0, "must be a time from 4s to 30m" },
		{ "31m", 4, 1800, 0, "must be a time from 4s to 30m" },
		{ "2d", 0, 65535, 0, "must be a time from 0s to 65535s" },
		{ "1h", 7200, 604800, 0, "must be a time from 2h to 7d" },
		{ "1s", 2, 0, 0, "must be a time from 2s to 4294967294s" },
		{ "forever", 0, UINT32_MAX, UINT32_MAX, NULL },
		{ "1s", 60, UINT32_MAX, 0, "must be a time from 1m to forever" },
		{ "Forever", 0, UINT32_MAX, 0, bad_time },
		{ "forever", 0, UINT32_MAX - 1, 0, bad_time },
		{ "forever", 0, 0, 0, bad_time },
	};

	CHECK(conf_time_s, rows, 4);
}

static void a_time_alone_knows_no_forever(void **state)
{
	uint32_t seconds = 5;
	struct err err;

	assert_int_equal(conf_parse_time_s("forever", &seconds, &err), -1);
	assert_string_equal(err.text, bad_time);
	assert_int_equal(seconds, 5);
	assert_int_equal(conf_parse_time_s("x", &seconds, NULL), -1);
	assert_int_equal(conf_parse_time_s("2h", &seconds, NULL), 0);
	assert_int_equal(seconds, 7200);
}

static void addresses_and_prefixes(void **state)
{
	static const struct {
		const char *value;
		uint64_t min, max;
		const char *sentence;
	} rows[] = {
		{ "fd00::/65", 0, 0, NULL },
		{ "fd00::/64", 64, 64, NULL },
		{ "fd00::/65", 64, 64, "must be a /64" },
		{ "fd00::/63", 64, 64, "must be a /64" },
		{ "fd00::/48", 48, 64, NULL },
		{ "fd00::/47", 48, 64, "must be a /48 to /64" },
		{ "fd00::/65", 48, 64, "must be a /48 to /64" },
		{ "fd00::1/64", 64, 64,
		  "has bits set beyond its length; the prefix would be fd00::/64" },
		{ "fd00::", 64, 64, "must be an IPv6 prefix like fd00:1::/64" },
	};
	struct ip6 address;
	struct err err = { "" };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct conf_key key = { "key",	   conf_prefix6, 0,    "",
					      rows[i].min, rows[i].max,	 false };
		struct prefix6 prefix = { .len = 7 };
		int result = conf_prefix6(rows[i].value, &prefix, &key, &err);

		if (rows[i].sentence ? result != -1 || strcmp(err.text, rows[i].sentence) != 0 ||
					       prefix.len != 7
				     : result != 0)
			fail_msg("'%s': %d '%s'", rows[i].value, result, err.text);
	}
	assert_int_equal(conf_ip6("fd00::1", &address, NULL, &err), 0);
	assert_int_equal(address.octet[15], 1);
	assert_int_equal(conf_ip6("fd00", &address, NULL, &err), -1);
	assert_string_equal(err.text, "must be an IPv6 address");
}

static void check_text(conf_read reader, const char *value, uint64_t min, uint64_t max,
		       const char *sentence)
{
	const struct conf_key key = { "key", reader, 0, "", min, max, false };
	struct err err = { "" };
	char to[512];

	memset(to, 'z', sizeof(to));
	int result = reader(value, to, &key, &err);

	if (sentence) {
		if (result != -1 || strcmp(err.text, sentence) != 0 || to[0] != 'z')
			fail_msg("'%s': %d '%s'", value, result, err.text);
	} else if (result != 0 || strcmp(to, value) != 0 || to[strlen(value) + 1] != 'z')
		fail_msg("'%s': %d '%s'", value, result, err.text);
}

static void texts(void **state)
{
	check_text(conf_text, "", 0, 4, NULL);
	check_text(conf_text, "abc", 0, 4, NULL);
	check_text(conf_text, "abcd", 0, 4, "must have at most 3 characters");
	check_text(conf_text, "", 1, 4, "must not be empty");
	check_text(conf_text, "a", 2, 4, "must have at least 2 characters");
	check_text(conf_text, "ab", 2, 4, NULL);
	check_text(conf_text, "a\nb", 2, 4, NULL);
}

static void interfaces(void **state)
{
	static const char length[] = "must be an interface name of 1 to 15 characters";
	static const char letter[] = "must be an interface name: no space, '/', ':' or '%'";
	static const char dots[] = "must be an interface name, which '.' and '..' are not";
	static const struct {
		const char *value, *sentence;
	} rows[] = {
		{ "lanyard0", NULL },	{ "eth0.100", NULL }, { "abcdefghijklmno", NULL },
		{ "...", NULL },	{ "", length },	      { "abcdefghijklmnop", length },
		{ ".", dots },		{ "..", dots },	      { "a/b", letter },
		{ "eth0:1", letter },	{ "tap%d", letter },  { "a b", letter },
		{ "a\tb", letter },	{ "a\nb", letter },   { "\303\244", letter },
		{ "a\033[2J", letter },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_text(conf_interface, rows[i].value, 0, 0, rows[i].sentence);
}

static void domains(void **state)
{
	static const char bad[] = "must be a domain name";
	static const char length[] = "must be a domain name of at most 253 characters";
	static const char dot[] = "must be a domain name without a dot at its end";
	static const char address[] = "must be a domain name, not an address";
	static const struct {
		const char *value, *sentence;
	} rows[] = {
		{ "corp.example", NULL },
		{ "localhost", NULL },
		{ "3com.com", NULL },
		{ "a-b.c--d", NULL },
		{ "VPN.Example.NET", NULL },
		{ "xn--mnchen-3ya.de", NULL },
		{ LABEL_62 "a.example", NULL },
		{ LABEL_62 "ab.example", bad },
		{ LABEL_63 ".example", bad },
		{ LABEL_62 "." LABEL_62 "." LABEL_62 "a." LABEL_62 "a", NULL },	   /* 253 */
		{ LABEL_62 "." LABEL_62 "a." LABEL_62 "a." LABEL_62 "a", length }, /* 254 */
		{ "", bad },
		{ ".", dot },
		{ "example.", dot },
		{ ".example", bad },
		{ "a..b", bad },
		{ "-a.b", bad },
		{ "a-.b", bad },
		{ "a.-", bad },
		{ "a_b.c", bad },
		{ "a b", bad },
		{ "a\nb", bad },
		{ "*.example", bad },
		{ "b\303\274cher.example", bad },
		{ "192.0.2.1", address },
		{ "17", address },
		{ "fd00::1", bad },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_text(conf_domain, rows[i].value, 0, 0, rows[i].sentence);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bools),
		cmocka_unit_test(numbers),
		cmocka_unit_test(times),
		cmocka_unit_test(a_time_alone_knows_no_forever),
		cmocka_unit_test(addresses_and_prefixes),
		cmocka_unit_test(texts),
		cmocka_unit_test(interfaces),
		cmocka_unit_test(domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
