/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_capture_filter.c - what passes, what is no filter, what is too much. */
#include <stdio.h>

#include "bridge/capture_filter.h"

#include "packets.h"

#define NS IP6("3a") "8700 0000 00000000 " CLIENT_LL
#define DNS6 IP6("11") "1000 0035 0010 0000 00*8"
#define DNS4 IP4("11", "4000") "1000 0035 0010 0000 00*8"
#define ARP ETHER("0806") "0001 0800 06 04 0001 " CLIENT_MAC "c0000202 00*6 c0000203"

static const struct {
	const char *filter, *packet;
	bool passes;
} rows[] = {
	{ "", NS, true },
	{ "  ", ARP, true },
	{ "icmp6", NS, true },
	{ "icmp6", DNS6, false },
	{ "udp port 53", DNS6, true },
	{ "udp port 53", DNS4, true },
	{ "udp port 53", NS, false },
	{ "ip", DNS4, true },
	{ "ip", DNS6, false },
	{ "arp or icmp6", ARP, true },
	{ "not arp", ARP, false },
	{ "ether src 02:00:00:00:00:02", NS, true },
	{ "ether src 02:00:00:00:00:03", NS, false },
	{ "host fe80::2", NS, true },
	{ "host fe80::3", NS, false },
	{ "greater 70", NS, true },
	{ "greater 100", NS, false },
	{ "icmp6[0] = 135", NS, true },
	{ "icmp6[0] = 134", NS, false },
	{ "ether[200] = 0", NS, false }, /* beyond the frame */
};

static void filters_pass_what_they_say(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[256];
		struct bytes frame = packet(rows[i].packet, buf, sizeof(buf));
		struct err err = { 0 };
		struct capture_filter *filter = capture_filter_new(rows[i].filter, &err);

		if (!filter)
			fail_msg("'%s': %s", rows[i].filter, err.text);
		if (capture_filter_passes(filter, frame) != rows[i].passes)
			fail_msg("'%s' and row %zu", rows[i].filter, i);
		for (size_t len = 0; len < frame.len; len++) /* nothing is read beyond the end */
			capture_filter_passes(filter, (struct bytes) { frame.data, len });
		capture_filter_free(filter);
	}
}

static void what_is_none_is_refused(void **state)
{
	static const char *const bad[] = { "icmp6 and",
					   "host",
					   "port 99999",
					   "(",
					   "ip6[",
					   "\x1b[31m",
					   "\xff",
					   "wlan type data",
					   "ether[0] / 0 = 1",
					   "ip6 protochain 58" };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = { 0 };

		if (capture_filter_new(bad[i], &err))
			fail_msg("'%s' is a filter", bad[i]);
		assert_int_equal(err_status(&err), ERR_USAGE);
		assert_true(err.text[0] != '\0');
	}
}

static void steps_and_text_have_a_limit(void **state)
{
	static char text[CAPTURE_FILTER_TEXT + 1];
	struct err err = { 0 };
	size_t len = 0;

	/* each is two steps or more: less text than may be, more steps */
	len += (size_t)snprintf(text, sizeof(text), "ip[0]");
	while (len < CAPTURE_FILTER_TEXT - 16)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "+ip[%zu]", len % 10);
	snprintf(text + len, sizeof(text) - len, "=77");
	struct capture_filter *filter = capture_filter_new(text, &err);
	if (filter)
		fail_msg("a filter of more steps than may be");
	assert_non_null(strstr(err.text, "instructions"));
	assert_int_equal(err_status(&err), ERR_USAGE);

	memset(text, ' ', sizeof(text) - 1);
	assert_null(capture_filter_new(text, &err));
	assert_non_null(strstr(err.text, "at most"));
	text[sizeof(text) - 2] = '\0';
	filter = capture_filter_new(text, &err);
	assert_non_null(filter);
	capture_filter_free(filter);
	capture_filter_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_pass_what_they_say),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(steps_and_text_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
