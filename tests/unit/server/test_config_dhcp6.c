/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_config_dhcp6.c - [dhcp6], what sections inherit of it, and its rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "server/config.h"

static int read_text(struct server_config *config, const char *text, struct err *err)
{
	*err = (struct err) { 0 };
	return server_config_read_text(config, "server.conf",
				       (struct bytes) { (const uint8_t *)text, strlen(text) }, err);
}

static void must_read(struct server_config *config, const char *text)
{
	struct err err;

	if (read_text(config, text, &err) < 0)
		fail_msg("%s", err.text);
}

static const char bad_auto[] = "must be auto, yes or no";
static const char bad_range[] = "must be two addresses with a '-' between them";
static const char bad_delegate[] =
	"must be a prefix and the length of those given out of it, as in 2001:db8:f000::/36 /56";
static const char bad_exclude[] =
	"must be which network of each prefix, in hexadecimal, and its length, as in exclude ff/64";
static const char bad_reserve[] =
	"must be a user, duid:HEX or mac:MAC, then an address or a prefix";
static const char bad_number_first[] = "must be a number from 1 to 65535, then hexadecimal bytes";

static const struct {
	const char *key, *value, *sentence;
} mistakes[] = {
	{ "enabled", "on", bad_auto },
	{ "pool", "2001:db8::1", bad_range },
	{ "pool", "", bad_range },
	{ "pool", "2001:db8::1-x", "'x' must be an IPv6 address" },
	{ "pool", "x - 2001:db8::1", "'x' must be an IPv6 address" },
	{ "pool", "2001:db8::2-2001:db8::1", "ends before it begins" },
	{ "pool", "2001:db8::2-2001:db8:0:1::1", "must begin and end in the same /64" },
	{ "pool", "fe80::1-fe80::2", "must not be link-local or multicast" },
	{ "delegate", "2001:db8::/36", bad_delegate },
	{ "delegate", "2001:db8:f000::/36 56", bad_delegate },
	{ "delegate", "2001:db8:f000::/36 /56x", bad_delegate },
	{ "delegate", "", bad_delegate },
	{ "delegate", "2001:db8:f000::/36 /56 x", "'x' must be exclude, or nothing" },
	{ "delegate", "2001:db8:f000::/36 /56 exclude", bad_exclude },
	{ "delegate", "2001:db8:f000::/36 /56 exclude ff", bad_exclude },
	{ "delegate", "2001:db8:f000::/36 /56 exclude ff/", bad_exclude },
	{ "delegate", "2001:db8:f000::/36 /56 exclude /64", bad_exclude },
	{ "delegate", "2001:db8:f000::/36 /56 exclude 0xff/64", bad_exclude },
	{ "delegate", "2001:db8:f000::/36 /56 exclude -1/64", bad_exclude },
	{ "delegate", "2001:db8:f000::/36 /56 exclude ff/64x", bad_exclude },
	{ "delegate", "2001:db8:f000::/36 /56 exclude 000000001/88", bad_exclude },
	{ "delegate", "2001:db8:f000::/36 /56 exclude ff/64 x", "has words after exclude" },
	{ "delegate", "2001:db8:f000::/36 /56 exclude 0/56",
	  "'exclude 0/56' must have a length from 57 to 88" },
	{ "delegate", "2001:db8:f000::/36 /56 exclude 0/89",
	  "'exclude 0/89' must have a length from 57 to 88" },
	{ "delegate", "2001:db8:f000::/36 /56 exclude 100/64",
	  "'exclude 100/64' excludes a prefix that is not in the delegated ones" },
	{ "delegate", "2001:db8:f000::/36 /35", "'/35' must be a length from 36 to 64" },
	{ "delegate", "2001:db8:f000::/36 /65", "'/65' must be a length from 36 to 64" },
	{ "delegate", "ff00::/8 /64", "must not be link-local or multicast" },
	{ "relayed", "2001:db8:77::/63", "must be a /64" },
	{ "relayed", "fe80::/64", "must not be link-local or multicast" },
	{ "reserve", "", bad_reserve },
	{ "reserve", "alice", "'alice' must be an IPv6 address or a prefix" },
	{ "reserve", "duid:01 2001:db8::1", "'duid:01' must be 3 to 130 hexadecimal bytes" },
	{ "reserve", "duid:000 2001:db8::1", "'duid:000' must be 3 to 130 hexadecimal bytes" },
	{ "reserve", "duid:00030001 iaid:x 2001:db8::1", "'iaid:x' must be a number" },
	{ "reserve", "duid:00030001 iaid:1", "must have an address or a prefix at its end" },
	{ "reserve", "alice 2001:db8::/65",
	  "'2001:db8::/65' must be an address, or a prefix of at most 64" },
	{ "reserve", "alice fe80::1", "'fe80::1' is for nobody" },
	{ "reserve", "alice 2001:db8::1 x", "has words after the address or prefix" },
	{ "lease-time", "29s", "must be a time from 30s to forever" },
	{ "preferred-time", "14s", "must be a time from 15s to forever" },
	{ "refresh-time", "599s", "must be a time from 10m to forever" },
	{ "sol-max-rt", "59s", "must be a time from 1m to 1d" },
	{ "sol-max-rt", "86401s", "must be a time from 1m to 1d" },
	{ "inf-max-rt", "59s", "must be a time from 1m to 1d" },
	{ "inf-max-rt", "86401s", "must be a time from 1m to 1d" },
	{ "rapid-commit", "on", "must be yes or no" },
	{ "server-preference", "256", "must be a number from 0 to 255" },
	{ "leases-per-user", "0", "must be a number from 1 to 100000" },
	{ "rate", "0", "must be a number from 1 to 1000" },
	{ "dns", "x", "must be an IPv6 address" },
	{ "ntp", "pool.ntp.example", "must be an IPv6 address" },
	{ "option", "0 00", bad_number_first },
	{ "option", "65536 00", bad_number_first },
	{ "option", "x 00", bad_number_first },
	{ "option", "3 00", "option 3 is made by the server itself" },
	{ "option", "60 0", "must be hexadecimal after the number, at most 256 bytes" },
};

static void mistakes_have_sentences(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		char text[512], start[256];
		struct server_config config;
		struct err err;

		snprintf(text, sizeof(text), "[dhcp6]\n%s = %s\n", mistakes[i].key,
			 mistakes[i].value);
		snprintf(start, sizeof(start), "server.conf:2: [dhcp6] %s '%s': %s",
			 mistakes[i].key, mistakes[i].value, mistakes[i].sentence);
		if (read_text(&config, text, &err) == 0)
			fail_msg("%s = %s: accepted", mistakes[i].key, mistakes[i].value);
		if (strcmp(err.text, start) != 0 || err.kind != ERR_CONFIG)
			fail_msg("%s = %s: kind %d, %s", mistakes[i].key, mistakes[i].value,
				 (int)err.kind, err.text);
	}
}

#define RELAYED "relayed = 2001:db8:77::/64\n"
#define LAN "[ra]\nprefix = 2001:db8:1::/64\n[dhcp6]\n"

/* What no single line can get wrong. */
static const struct {
	const char *text, *sentence; /* NULL: it is right */
} rules[] = {
	{ LAN "pool = 2001:db8:1::1000-2001:db8:1::ffff\n", NULL },
	{ LAN "pool = 2001:db8:2::1-2001:db8:2::2\n",
	  "4: [dhcp6] pool '2001:db8:2::1-2001:db8:2::2': is in no prefix of [ra]" },
	{ LAN "pool = ::1000-::ffff\n",
	  "4: [dhcp6] pool '::1000-::ffff': is in no prefix of [ra]" },
	{ "[dhcp6]\npool = ::1000-::ffff\n", NULL }, /* of the generated one */
	{ "[ra]\nprefix = interface eth0\n[dhcp6]\npool = 2001:db8:2::1-2001:db8:2::2\n", NULL },
	{ LAN "pool = 2001:db8:1::1-2001:db8:1::9\npool = 2001:db8:1::9-2001:db8:1::ff\n",
	  "5: [dhcp6] pool '2001:db8:1::9-2001:db8:1::ff': overlaps another one" },
	{ LAN "pool = 2001:db8:1::1-2001:db8:1::8\npool = 2001:db8:1::9-2001:db8:1::ff\n", NULL },
	{ LAN "delegate = 2001:db8::/32 /56\n", "4: [dhcp6] delegate '2001:db8::/32 /56': overlaps "
						"2001:db8:1::/64, which is on the link" },
	{ LAN "delegate = 2001:db8:1::/64 /64\n",
	  "4: [dhcp6] delegate '2001:db8:1::/64 /64': overlaps 2001:db8:1::/64, which is on the "
	  "link" },
	{ LAN "delegate = 2001:db8:f000::/36 /56\n", NULL },
	/* RFC 6603: an office's part that stays ours is the link to it */
	{ LAN "delegate = 2001:db8:f000::/36 /56 exclude ff/64\n"
	      "[user u]\nprefix = 2001:db8:f012:34ff::/64\n",
	  NULL },
	{ LAN "delegate = 2001:db8:f000::/36 /56 exclude ff/64\n"
	      "[user u]\nprefix = 2001:db8:f012:34fe::/64\n",
	  "6: [user u] prefix '2001:db8:f012:34fe::/64': delegate 2001:db8:f000::/36 overlaps "
	  "2001:db8:f012:34fe::/64, which is on the "
	  "link" },
	{ LAN "delegate = 2001:db8:f000::/36 /56 exclude ff/80\n"
	      "[user u]\nprefix = 2001:db8:f012:3400::/64\n",
	  "6: [user u] prefix '2001:db8:f012:3400::/64': delegate 2001:db8:f000::/36 overlaps "
	  "2001:db8:f012:3400::/64, which is on the "
	  "link" },
	{ LAN "delegate = 2001:db8:f000::/36 /56\ndelegate = 2001:db8:f100::/40 /56\n",
	  "5: [dhcp6] delegate '2001:db8:f100::/40 /56': overlaps another one" },
	{ LAN RELAYED "pool = 2001:db8:77::1-2001:db8:77::9\n", NULL },
	{ LAN RELAYED "pool = 2001:db8:78::1-2001:db8:78::9\n",
	  "5: [dhcp6] pool '2001:db8:78::1-2001:db8:78::9': is in no prefix of [ra]" },
	{ LAN RELAYED "reserve = alice 2001:db8:77::1\n", NULL },
	{ LAN RELAYED "pool = 2001:db8:77::1-2001:db8:77::9\n[group g]\nrelayed = none\n",
	  "7: [group g] relayed 'none': pool 2001:db8:77::1-2001:db8:77::9 is in no prefix of "
	  "[ra]" },
	{ LAN "relayed = 2001:db8:1::/64\n",
	  "4: [dhcp6] relayed '2001:db8:1::/64': is a prefix of [ra]" },
	{ LAN RELAYED "delegate = 2001:db8:77::/48 /56\n",
	  "4: [dhcp6] relayed '2001:db8:77::/64': is in a prefix of delegate" },
	{ LAN "lease-time = 1h\npreferred-time = 2h\n",
	  "5: [dhcp6] preferred-time '2h': must not be longer than lease-time" },
	{ LAN "lease-time = 1h\npreferred-time = 1h\n", NULL },
	{ LAN "reserve = alice 2001:db8:1::a11c\n", NULL }, /* no pool needs to be there */
	{ LAN "reserve = alice 2001:db8:2::a11c\n",
	  "4: [dhcp6] reserve 'alice 2001:db8:2::a11c': is in no prefix of [ra]" },
	{ LAN "reserve = alice 2001:db8:f000::/48\n",
	  "4: [dhcp6] reserve 'alice 2001:db8:f000::/48': is in no prefix of delegate" },
	{ LAN "delegate = 2001:db8:f000::/36 /56\nreserve = alice 2001:db8:f000::/48\n", NULL },
	{ LAN "delegate = 2001:db8:f000::/36 /56\nreserve = alice 2001:db8:e000::/48\n",
	  "5: [dhcp6] reserve 'alice 2001:db8:e000::/48': is in no prefix of delegate" },
	{ LAN "reserve = 2001:db8:1::1\n",
	  "4: [dhcp6] reserve '2001:db8:1::1': is for nobody: name a user" },
	{ LAN "[user alice]\nreserve = 2001:db8:1::1\n", NULL },
	{ LAN "[group g]\nreserve = 2001:db8:1::1\n",
	  "5: [group g] reserve '2001:db8:1::1': is for nobody: name a user" },
	{ LAN "reserve = alice 2001:db8:1::1\n[group g]\nprefix = none\n", NULL },
	{ LAN "pool = 2001:db8:1::1-2001:db8:1::2\n[group g]\nprefix = none\n",
	  "6: [group g] prefix 'none': pool 2001:db8:1::1-2001:db8:1::2 is in no prefix of [ra]" },
	{ LAN "pool = 2001:db8:1::1-2001:db8:1::2\n[group g]\nprefix = none\npool = none\n", NULL },
	{ LAN "[group g]\nrate = 7\n", "5: [group g] rate '7': is for [dhcp6] alone" },
	{ LAN "[user u]\nleases-per-user = 7\n",
	  "5: [user u] leases-per-user '7': is for [dhcp6] alone" },
};

static void what_spans_keys_is_checked(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		struct server_config config;
		struct err err;
		int failed = read_text(&config, rules[i].text, &err);

		if ((failed < 0) != (rules[i].sentence != NULL))
			fail_msg("%s: %s", rules[i].text, failed < 0 ? err.text : "accepted");
		if (failed < 0 && strcmp(err.text + strlen("server.conf:"), rules[i].sentence) != 0)
			fail_msg("%s: %s", rules[i].text, err.text);
		if (failed == 0)
			server_config_free(&config);
	}
}

static void values_are_read(void **state)
{
	struct server_config config;
	const struct dhcp6_settings *is = &config.ra.dhcp6;
	char text[PREFIX6_TEXT];

	must_read(&config, LAN
		  "pool = 2001:db8:1::1000 - 2001:db8:1::ffff\n"
		  "delegate = 2001:db8:f000::/36  /56\n"
		  "delegate = 2001:db8:e000::/36 /56  exclude fE/64\n"
		  "sol-max-rt = 60s\ninf-max-rt = 24h\n"
		  "lease-time = 1h\npreferred-time = 10m\nrefresh-time = 2h\nrapid-commit = no\n"
		  "server-preference = 255\nleases-per-user = 3\nrate = unlimited\n"
		  "dns = 2001:db8::53\nsearch = a.example\nsearch = b.example\n"
		  "ntp = 2001:db8::123\noption = 60 0a:0B0c\noption = 61\n"
		  "reserve = mac:02:00:00:00:00:01 2001:db8:1::1\n"
		  "reserve = duid:00:03:00:01:02:00:00:00:00:01 iaid:7 2001:db8:f000::/48\n");
	assert_string_equal(ip6_text(&is->pool[0].first, text), "2001:db8:1::1000");
	assert_string_equal(ip6_text(&is->pool[0].last, text), "2001:db8:1::ffff");
	assert_string_equal(prefix6_text(&is->delegate[0].prefix, text), "2001:db8:f000::/36");
	assert_int_equal(is->delegate[0].len, 56);
	assert_int_equal(is->delegate[0].exclude_len, 0);
	assert_int_equal(is->delegate[1].exclude_len, 64);
	assert_int_equal(is->delegate[1].exclude_id, 0xfe);
	assert_int_equal(is->sol_max_rt_s, 60);
	assert_int_equal(is->inf_max_rt_s, 86400);
	assert_int_equal(is->lease_s, 3600);
	assert_int_equal(is->preferred_s, 600);
	assert_int_equal(is->refresh_s, 7200);
	assert_false(is->rapid_commit);
	assert_int_equal(is->server_preference, 255);
	assert_int_equal(is->per_user, 3);
	assert_int_equal(is->rate, CONFIG_RATE_UNLIMITED);
	assert_int_equal(is->dns_count, 1);
	assert_int_equal(config.ra.dns_count, 0);
	assert_string_equal(is->search[1], "b.example");
	assert_int_equal(is->ntp_count, 1);
	assert_int_equal(is->option[0].code, 60);
	assert_int_equal(is->option[0].len, 3);
	assert_memory_equal(is->option[0].data, "\x0a\x0b\x0c", 3);
	assert_int_equal(is->option[1].len, 0);
	assert_int_equal(is->reserve[0].by, RESERVE_BY_MAC);
	assert_int_equal(is->reserve[0].mac.octet[5], 1);
	assert_int_equal(is->reserve[0].what.len, 128);
	assert_int_equal(is->reserve[1].by, RESERVE_BY_DUID);
	assert_int_equal(is->reserve[1].duid_len, 10);
	assert_true(is->reserve[1].has_iaid && is->reserve[1].iaid == 7);
	server_config_free(&config);
}

static void sections_inherit(void **state)
{
	struct server_config config;
	struct ra_settings is;

	must_read(&config, LAN "pool = 2001:db8:1::1-2001:db8:1::9\nlease-time = 1h\n"
			       "enabled = no\ndns = 2001:db8::1\n"
			       "[group g]\npool = 2001:db8:1::11-2001:db8:1::19\n"
			       "dhcp6-enabled = yes\ndns = 2001:db8::2\ndhcp6-dns = 2001:db8::3\n"
			       "[user u]\npool = none\nlease-time = 2h\nreserve = 2001:db8:1::5\n");
	server_config_resolve(&config, "x", "g", &is);
	assert_int_equal(is.dhcp6.enabled, CONFIG_YES);
	assert_true(is.enabled); /* that of [ra] */
	assert_int_equal(is.dhcp6.pool_count, 2);
	assert_int_equal(is.dhcp6.lease_s, 3600);
	assert_int_equal(is.dns_count, 1);
	assert_int_equal(is.dns[0].octet[15], 2);
	assert_int_equal(is.dhcp6.dns_count, 2);
	assert_int_equal(is.dhcp6.dns[1].octet[15], 3);

	server_config_resolve(&config, "u", NULL, &is);
	assert_int_equal(is.dhcp6.enabled, CONFIG_NO);
	assert_int_equal(is.dhcp6.pool_count, 0);
	assert_int_equal(is.dhcp6.lease_s, 7200);
	assert_string_equal(
		server_config_section(&config, SECTION_USER, "u")->settings.dhcp6.reserve[0].user,
		"u");
	server_config_free(&config);
}

/* Who is served, and whether RAs send hosts here for addresses. */
static const struct {
	const char *text;
	bool answers, leases, informs;
} served[] = {
	{ "", true, false, false }, /* DNS and the like for those who ask */
	{ "[dhcp6]\nenabled = no\n", false, false, false },
	{ "[ra]\nenabled = no\n", false, false, false }, /* the LAN's router has its own server */
	{ "[ra]\nenabled = no\n[dhcp6]\nenabled = yes\n", true, false, false },
	{ "[ra]\nenabled = no\n[dhcp6]\npool = ::1-::9\n", true, true, true },
	{ "[ra]\nenabled = no\n[dhcp6]\nreserve = alice ::9\n", true, true, true },
	{ "[dhcp6]\npool = ::1-::9\n", true, true, true },
	/* hosts behind a relay do not hear the advertisements */
	{ "[dhcp6]\n" RELAYED "pool = 2001:db8:77::1-2001:db8:77::9\n", true, false, false },
	{ "[dhcp6]\ndelegate = 2001:db8:f000::/36 /56\n", true, true, true },
	{ "[dhcp6]\nreserve = alice ::9\n", true, true, true },
	{ "[dhcp6]\nenabled = no\npool = ::1-::9\n", false, false, false },
	{ "[dhcp6]\nntp = 2001:db8::123\n", true, false, true },
	{ "[dhcp6]\noption = 46 00000e10\n", true, false, true },
	{ "[dhcp6]\ndns = 2001:db8::53\n", true, false, true },
	{ "[dhcp6]\nsearch = corp.example\n", true, false, true },
	{ "[ra]\ndns = 2001:db8::53\nsearch = corp.example\n", true, false, false },
	{ "[dhcp6]\nenabled = no\nntp = 2001:db8::123\n", false, false, false },
};

static void what_is_configured_is_answered(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(served); i++) {
		struct server_config config;
		struct ra_settings is;

		must_read(&config, served[i].text);
		server_config_resolve(&config, NULL, NULL, &is);
		if (dhcp6_settings_answers(&is) != served[i].answers ||
		    dhcp6_settings_leases(&is) != served[i].leases ||
		    dhcp6_settings_informs(&is) != served[i].informs)
			fail_msg("%s", served[i].text);
		server_config_free(&config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_have_sentences),
		cmocka_unit_test(what_spans_keys_is_checked),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(sections_inherit),
		cmocka_unit_test(what_is_configured_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
