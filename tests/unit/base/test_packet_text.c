/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/test_packet_text.c
 *
 * Text in, text out: what a person may write, what is shown (RFC 5952), what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/packet.h"

/* `shown` NULL: refused with `sentence`, and what was there before stays. */
struct row {
	const char *written, *shown, *sentence;
};

static const char bad_mac[] = "must be a MAC address like 02:00:5e:10:00:01";

static const struct row macs[] = {
	{ "02:00:5e:10:00:01", "02:00:5e:10:00:01", NULL },
	{ "AB:CD:EF:ab:cd:ef", "ab:cd:ef:ab:cd:ef", NULL },
	{ "02-00-5e-10-00-01", "02:00:5e:10:00:01", NULL },
	{ "02-00:5e-10-00-01", NULL, bad_mac },
	{ "02:00:5e:10:00", NULL, bad_mac },
	{ "02:00:5e:10:00:01:02", NULL, bad_mac },
	{ "2:0:5e:10:0:1", NULL, bad_mac },
	{ "02:00:5e:10:00:0g", NULL, bad_mac },
	{ "02:00:5e:10:00:-1", NULL, bad_mac },
	{ "02x00x5ex10x00x01", NULL, bad_mac },
	{ " 02:00:5e:10:00:1", NULL, bad_mac },
	{ "02:00:5e:10:00:01 ", NULL, bad_mac },
	{ "02005e100001", NULL, bad_mac },
	{ "", NULL, bad_mac },
};

static const char bad_ip6[] = "must be an IPv6 address";

static const struct row addresses[] = {
	{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1", NULL },
	{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", NULL },	  /* RFC 5952 4.2.3: the first */
	{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", NULL }, /* 4.2.2: not a single zero */
	{ "::", "::", NULL },
	{ "::1", "::1", NULL },
	{ "0:0:0:0:0:ffff:192.0.2.1", "::ffff:192.0.2.1", NULL },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	  NULL },
	{ "fe80::1%eth0", NULL, bad_ip6 },
	{ "192.0.2.1", NULL, bad_ip6 },
	{ "fd00::1::2", NULL, bad_ip6 },
	{ "fd00:", NULL, bad_ip6 },
	{ " fd00::1", NULL, bad_ip6 },
	{ "fd00::1 ", NULL, bad_ip6 },
	{ "[fd00::1]", NULL, bad_ip6 },
	{ "fd00::1/64", NULL, bad_ip6 },
	{ "fd00::12345", NULL, bad_ip6 },
	{ "", NULL, bad_ip6 },
};

static const char bad_prefix[] = "must be an IPv6 prefix like fd00:1::/64";

static const struct row prefixes[] = {
	{ "fd00:1:0::/64", "fd00:1::/64", NULL },
	{ "::/0", "::/0", NULL },
	{ "fd00::1/128", "fd00::1/128", NULL },
	{ "2001:db8:ffff:ffff:ffff:ffff:ffff:fffe/127",
	  "2001:db8:ffff:ffff:ffff:ffff:ffff:fffe/127", NULL },
	{ "fd00:1::1/64", NULL, "has bits set beyond its length; the prefix would be fd00:1::/64" },
	{ "fd00:0:0:1::/63", NULL,
	  "has bits set beyond its length; the prefix would be fd00::/63" },
	{ "::1/0", NULL, "has bits set beyond its length; the prefix would be ::/0" },
	{ "fd00::", NULL, bad_prefix },
	{ "fd00::/", NULL, bad_prefix },
	{ "fd00::/129", NULL, bad_prefix },
	{ "fd00::/1000", NULL, bad_prefix },
	{ "fd00::/4294967360", NULL, bad_prefix },
	{ "fd00::/-1", NULL, bad_prefix },
	{ "fd00::/+64", NULL, bad_prefix },
	{ "fd00::/ 64", NULL, bad_prefix },
	{ "fd00::/064", NULL, bad_prefix },
	{ "fd00::/64 ", NULL, bad_prefix },
	{ "fd00::/64/64", NULL, bad_prefix },
	{ "/64", NULL, bad_prefix },
	{ "192.0.2.0/24", NULL, bad_prefix },
	{ "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/64", NULL, bad_prefix },
	{ "", NULL, bad_prefix },
};

static void check_refusal(const struct row *row, int result, const struct err *err)
{
	if (result != -1 || !row->sentence || strcmp(err->text, row->sentence) != 0)
		fail_msg("'%s': %d '%s'", row->written, result, err->text);
}

static void macs_are_read_and_shown(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(macs); i++) {
		struct mac mac = mac_broadcast;
		struct err err = { "" };
		char text[MAC_TEXT];
		int result = mac_parse(macs[i].written, &mac, &err);

		if (!macs[i].shown) {
			check_refusal(&macs[i], result, &err);
			assert_true(mac_equal(&mac, &mac_broadcast));
		} else if (result != 0 || strcmp(mac_text(&mac, text), macs[i].shown) != 0)
			fail_msg("'%s': %d", macs[i].written, result);
	}
}

static void addresses_are_read_and_shown(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		struct ip6 address = ip6_all_routers;
		struct err err = { "" };
		char text[IP6_TEXT];
		int result = ip6_parse(addresses[i].written, &address, &err);

		if (!addresses[i].shown) {
			check_refusal(&addresses[i], result, &err);
			assert_true(ip6_equal(&address, &ip6_all_routers));
		} else if (result != 0 || strcmp(ip6_text(&address, text), addresses[i].shown) != 0)
			fail_msg("'%s': %d", addresses[i].written, result);
	}
}

static void prefixes_are_read_and_shown(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		struct prefix6 prefix = { .len = 7 }, before = prefix;
		struct err err = { "" };
		char text[PREFIX6_TEXT];
		int result = prefix6_parse(prefixes[i].written, &prefix, &err);

		if (!prefixes[i].shown) {
			check_refusal(&prefixes[i], result, &err);
			assert_true(prefix6_equal(&prefix, &before));
		} else if (result != 0 ||
			   strcmp(prefix6_text(&prefix, text), prefixes[i].shown) != 0)
			fail_msg("'%s': %d '%s'", prefixes[i].written, result, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(macs_are_read_and_shown),
		cmocka_unit_test(addresses_are_read_and_shown),
		cmocka_unit_test(prefixes_are_read_and_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
