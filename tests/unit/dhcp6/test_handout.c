/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_handout.c
 *
 * Options as they go over the wire, one golden row each, and who gets them.
 */
#include "tests/unit/dhcp6/dhcp6_scene.h"

static struct dhcp6_handout handout;
static struct err err;

static int add_dns(void)
{
	struct ip6 dns[] = { address_of("2001:db8::53"), address_of("fd00::53") };

	return dhcp6_handout_addresses(&handout, DHCP6_OPTION_DNS_SERVERS, dns, 2, &err);
}

static int add_search(void)
{
	static const char *const domains[] = { "corp.example", "lan" };

	return dhcp6_handout_search(&handout, domains, 2, &err);
}

static int add_bad_search(void)
{
	static const char *const domains[] = { "lan", "a..b" };

	return dhcp6_handout_search(&handout, domains, 2, &err);
}

static int add_sntp(void)
{
	struct ip6 sntp = address_of("2001:db8::7b");

	return dhcp6_handout_addresses(&handout, DHCP6_OPTION_SNTP_SERVERS, &sntp, 1, &err);
}

static int add_refresh(void)
{
	return dhcp6_handout_seconds(&handout, DHCP6_OPTION_INFORMATION_REFRESH, 86400, &err);
}

static int add_short_refresh(void)
{
	return dhcp6_handout_seconds(&handout, DHCP6_OPTION_INFORMATION_REFRESH, 599, &err);
}

static int add_sol_max_rt(void)
{
	return dhcp6_handout_seconds(&handout, DHCP6_OPTION_SOL_MAX_RT, 60, &err);
}

static int add_short_sol_max_rt(void)
{
	return dhcp6_handout_seconds(&handout, DHCP6_OPTION_SOL_MAX_RT, 59, &err);
}

static int add_inf_max_rt(void)
{
	return dhcp6_handout_seconds(&handout, DHCP6_OPTION_INF_MAX_RT, 86400, &err);
}

static int add_long_inf_max_rt(void)
{
	return dhcp6_handout_seconds(&handout, DHCP6_OPTION_INF_MAX_RT, 86401, &err);
}

static int add_seconds_of_another(void)
{
	return dhcp6_handout_seconds(&handout, DHCP6_OPTION_DNS_SERVERS, 600, &err);
}

static int add_ntp_address(void)
{
	struct ip6 ntp = address_of("2001:db8::7b");

	return dhcp6_handout_ntp(&handout, &ntp, NULL, &err);
}

static int add_ntp_name(void)
{
	return dhcp6_handout_ntp(&handout, NULL, "ntp.lan", &err);
}

static int add_bad_ntp_name(void)
{
	return dhcp6_handout_ntp(&handout, NULL, "ntp lan", &err);
}

static int add_portal(void)
{
	return dhcp6_handout_text(&handout, DHCP6_OPTION_CAPTIVE_PORTAL, "https://p/a", &err);
}

static int add_dnr(void)
{
	struct ip6 address = address_of("2001:db8::853");
	struct dhcp6_resolver resolver = { .priority = 1,
					   .port = 8443,
					   .name = "dns.lan",
					   .alpn = "h2,dot",
					   .dohpath = "/q{?dns}",
					   .address_count = 1,
					   .address = &address };

	return dhcp6_handout_dnr(&handout, &resolver, &err);
}

static int add_dnr_with_defaults(void)
{
	struct ip6 address = address_of("2001:db8::853");
	struct dhcp6_resolver resolver = { .priority = 2,
					   .name = "dns.lan",
					   .alpn = "dot",
					   .dohpath = "",
					   .address_count = 1,
					   .address = &address };

	return dhcp6_handout_dnr(&handout, &resolver, &err);
}

static int add_dnr_by_name(void)
{
	struct dhcp6_resolver resolver = {
		.priority = 3, .name = "dns.lan", .alpn = "dot", .dohpath = ""
	};

	return dhcp6_handout_dnr(&handout, &resolver, &err);
}

static int add_bad_dnr(void)
{
	struct dhcp6_resolver resolver = { .priority = 3, .name = "", .alpn = "", .dohpath = "" };

	return dhcp6_handout_dnr(&handout, &resolver, &err);
}

static int add_raw(void)
{
	static const uint8_t body[] = { 1, 2, 3 };

	return dhcp6_handout_raw(&handout, 65000, (struct bytes) { body, 3 }, &err);
}

static int add_empty_raw(void)
{
	return dhcp6_handout_raw(&handout, 1234, (struct bytes) { 0 }, &err);
}

static const struct {
	const char *what;
	int (*add)(void);
	unsigned code;
	const char *wire; /* NULL: refused */
} rows[] = {
	{ "23, RFC 3646 3", add_dns, 23,
	  "0017 0020 20010db8 00000000 00000000 00000053 fd000000 00000000 00000000 00000053" },
	{ "24, RFC 3646 4", add_search, 24,
	  "0018 0013 04 636f7270 07 6578616d706c65 00 03 6c616e 00" },
	{ "24 with a domain that is none", add_bad_search, 24, NULL },
	{ "31, RFC 4075 4", add_sntp, 31, "001f 0010 20010db8 00000000 00000000 0000007b" },
	{ "32, RFC 9915 21.23", add_refresh, 32, "0020 0004 00015180" },
	{ "32 below IRT_MINIMUM", add_short_refresh, 32, NULL },
	{ "56 with an address, RFC 5908 4.1", add_ntp_address, 56,
	  "0038 0014 0001 0010 20010db8 00000000 00000000 0000007b" },
	{ "56 with a name, RFC 5908 4.3", add_ntp_name, 56,
	  "0038 000d 0003 0009 03 6e7470 03 6c616e 00" },
	{ "56 with a name that is none", add_bad_ntp_name, 56, NULL },
	{ "82, RFC 9915 21.24", add_sol_max_rt, 82, "0052 0004 0000003c" },
	{ "82 below 60", add_short_sol_max_rt, 82, NULL },
	{ "83, RFC 9915 21.25", add_inf_max_rt, 83, "0053 0004 00015180" },
	{ "83 above a day", add_long_inf_max_rt, 83, NULL },
	{ "seconds for an option that has none", add_seconds_of_another, 23, NULL },
	{ "103, RFC 8910 2.2", add_portal, 103, "0067 000b 68747470733a2f2f702f61" },
	{ "144, RFC 9463 4.1", add_dnr, 144,
	  "0090 003c 0001 0009 03 646e73 03 6c616e 00 0010 20010db8 00000000 00000000 00000853"
	  "0001 0007 02 6832 03 646f74 0003 0002 20fb 0007 0008 2f717b3f646e737d" },
	{ "144 with the protocol's own port", add_dnr_with_defaults, 144,
	  "0090 0027 0002 0009 03 646e73 03 6c616e 00 0010 20010db8 00000000 00000000 00000853"
	  "0001 0004 03 646f74" },
	{ "144, a name alone", add_dnr_by_name, 144, "0090 000d 0003 0009 03 646e73 03 6c616e 00" },
	{ "144 without a name", add_bad_dnr, 144, NULL },
	{ "any other", add_raw, 65000, "fde8 0003 010203" },
	{ "any other, empty", add_empty_raw, 1234, "04d2 0000" },
};

/* What a client gets who asks for `code` in a message of `type`. */
static struct bytes asked(uint8_t type, unsigned code, uint8_t *buf, size_t cap)
{
	static struct dhcp6_request request;
	struct writer w = writer_over(buf, cap);

	memset(&request, 0, sizeof(request));
	request.type = type;
	request.wanted[request.wanted_count++] = (uint16_t)code;
	dhcp6_handout_write(&handout, &request, &w);
	return writer_bytes(&w);
}

static void each_option_as_it_goes_out(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[512], wanted[512];

		memset(&handout, 0, sizeof(handout));
		err.text[0] = '\0';
		int status = rows[i].add();
		if ((status == 0) != (rows[i].wire != NULL) || (status < 0) != (err.text[0] != 0))
			fail_msg("%s: %d, %s", rows[i].what, status, err.text);
		struct bytes out = asked(DHCP6_INFORMATION_REQUEST, rows[i].code, buf, sizeof(buf));
		struct bytes golden = hex(rows[i].wire ? rows[i].wire : "", wanted, sizeof(wanted));
		if (out.len != golden.len || memcmp(out.data, golden.data, golden.len) != 0)
			fail_msg("%s: %zu bytes instead of %zu", rows[i].what, out.len, golden.len);
		assert_int_equal(asked(DHCP6_INFORMATION_REQUEST, rows[i].code + 1, buf, 512).len,
				 0);
	}
}

static void the_engines_own_options_are_not_for_hand_outs(void **state)
{
	static const unsigned refused[] = { 0,	1,  2,	3,  4,	5,  6,	7,  8,	 9,    11,
					    13, 14, 18, 19, 20, 25, 26, 67, 148, 65536 };

	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		memset(&handout, 0, sizeof(handout));
		assert_int_equal(
			dhcp6_handout_raw(&handout, refused[i], (struct bytes) { 0 }, &err), -1);
	}
}

static void the_table_is_bounded(void **state)
{
	static uint8_t body[DHCP6_HANDOUT_BYTES + 1];

	memset(&handout, 0, sizeof(handout));
	for (unsigned i = 0; i < DHCP6_HANDOUT_MAX; i++)
		assert_int_equal(dhcp6_handout_raw(&handout, 1000 + i, (struct bytes) { 0 }, &err),
				 0);
	assert_int_equal(dhcp6_handout_raw(&handout, 2000, (struct bytes) { 0 }, &err), -1);
	memset(&handout, 0, sizeof(handout));
	assert_int_equal(
		dhcp6_handout_raw(&handout, 1000, (struct bytes) { body, sizeof(body) }, &err), -1);
	assert_int_equal(
		dhcp6_handout_raw(&handout, 1000, (struct bytes) { body, sizeof(body) - 1 }, &err),
		0);
	assert_int_equal(dhcp6_handout_raw(&handout, 1001, (struct bytes) { body, 1 }, &err), -1);
}

/* 21.7: what was asked for, in that order, each once; what does not fit is left out. */
static void wishes_are_met(void **state)
{
	static const struct step story[] = {
		{ "nothing was asked for", "0b abcdef" CLIENT, "Reply client server" },
		{ "in the order of the wishes", "0b abcdef" CLIENT "0006 0006 0018 0017 0067",
		  "Reply client server domain-list:19 dns-servers:32 captive-portal:11" },
		{ "something twice, something that we have not",
		  "0b abcdef" CLIENT "0006 0006 0017 0030 0017",
		  "Reply client server dns-servers:32" },
		{ "two options of one number", "0b abcdef" CLIENT "0006 0002 0038",
		  "Reply client server ntp-server:20 ntp-server:13" },
		{ "a refresh time is for those without leases", "0b abcdef" CLIENT "0006 0002 0020",
		  "Reply client server information-refresh-time:4" },
		{ "and not for others", "01 abcdef" CLIENT NA("0001") "0006 0004 0020 0017",
		  "Advertise client server na(1 1800/2880 2001:db8::10 3600/7200) dns-servers:32" },
		{ "RFC 9686 4.4: registering is on", "0b abcdef" CLIENT "0006 0002 0094",
		  "Reply client server addr-reg-enable:0" },
		{ "without a client id", "0b abcdef 0006 0002 0017",
		  "Reply server dns-servers:32" },
		{ "a Confirm's Reply may have options",
		  "04 abcdef" CLIENT NA1("0001", "0010") "0006 0002 0017",
		  "Reply client server Success dns-servers:32" },
	};
	struct scene scene;

	memset(&handout, 0, sizeof(handout));
	assert_int_equal(add_dns() + add_search() + add_portal() + add_ntp_address() +
				 add_ntp_name() + add_refresh(),
			 0);
	scene_begin(&scene);
	scene.link.handout = &handout;
	scene.link.registration = true;
	play(&scene, story, ARRAY_LEN(story));
	scene.link.registration = false;
	assert_string_equal(ask(&scene, "0b abcdef" CLIENT "0006 0002 0094"),
			    "Reply client server");
	scene.link.handout = NULL;
	assert_string_equal(ask(&scene, "0b abcdef" CLIENT "0006 0002 0017"),
			    "Reply client server");
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_option_as_it_goes_out),
		cmocka_unit_test(the_engines_own_options_are_not_for_hand_outs),
		cmocka_unit_test(the_table_is_bounded),
		cmocka_unit_test(wishes_are_met),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
