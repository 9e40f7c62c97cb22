/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_options.c
 *
 * Options walked and written, DUIDs as text, names of numbers.
 */
#include "tests/unit/dhcp6/dhcp6_scene.h"

static const struct {
	const char *what;
	const char *message; /* hex, spaces ignored */
	bool ok;
	unsigned options;
} walks[] = {
	{ "no options at all", "", true, 0 },
	{ "one option", "0008 0002 0000", true, 1 },
	{ "an empty option at the end", "000e 0000", true, 1 },
	{ "two", "000e 0000 0008 0002 0000", true, 2 },
	{ "half an option header", "0008 00", false, 0 },
	{ "a code alone", "0008", false, 0 },
	{ "an option longer than the message", "0008 0003 0000", false, 0 },
	{ "the longest length", "0008 ffff 0000", false, 0 },
	{ "a stray byte after the last option", "000e 0000 00", false, 1 },
	{ "option 0 does not end them", "0000 0000 0008 0002 0000", true, 2 },
};

static void options_are_walked(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(walks); i++) {
		uint8_t buf[256];
		struct reader r = reader_over(hex(walks[i].message, buf, sizeof(buf)));
		struct dhcp6_option option;
		unsigned seen = 0;

		while (dhcp6_option_next(&r, &option))
			seen++;
		if (r.bad == walks[i].ok || seen != walks[i].options)
			fail_msg("%s: bad=%d, %u options", walks[i].what, r.bad, seen);
	}
}

static void a_status_has_its_name_with_it(void **state)
{
	uint8_t buf[64], wanted[64];
	struct writer w = writer_over(buf, sizeof(buf));
	struct bytes golden = hex("000d 000b 0003 4e6f42696e64696e67", wanted, sizeof(wanted));

	dhcp6_option_write_status(&w, DHCP6_STATUS_NO_BINDING);
	assert_int_equal(w.len, golden.len);
	assert_memory_equal(buf, golden.data, golden.len);
}

static void duids_are_written_and_read(void **state)
{
	static const struct {
		const char *what, *text;
		unsigned len; /* 0: refused */
	} rows[] = {
		{ "with colons", "00:03:00:01:02:0a", 6 },
		{ "without", "00030001020A", 6 },
		{ "both", "0003:0001:020a", 6 },
		{ "the shortest", "00:03:00", 3 },
		{ "too short", "00:03", 0 },
		{ "nothing", "", 0 },
		{ "half a byte", "00:03:0", 0 },
		{ "a colon at the end", "00:03:00:", 0 },
		{ "two colons", "00::03:00", 0 },
		{ "a colon in front", ":00:03:00", 0 },
		{ "not hex", "00:03:0g", 0 },
		{ "a space", "00:03:00 ", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct dhcp6_duid duid = { 0 }, again;
		char text[DHCP6_DUID_TEXT];
		struct err err;
		int status = dhcp6_duid_parse(rows[i].text, &duid, &err);

		if ((status == 0) != (rows[i].len > 0) || duid.len != rows[i].len)
			fail_msg("%s: %d, %u bytes", rows[i].what, status, duid.len);
		if (status < 0)
			continue;
		assert_int_equal(dhcp6_duid_parse(dhcp6_duid_text(&duid, text), &again, &err), 0);
		assert_true(dhcp6_duid_equal(&duid, &again));
	}
}

static void the_longest_duid_has_130_bytes(void **state)
{
	char text[2 * 131 + 1], again[DHCP6_DUID_TEXT];
	struct dhcp6_duid duid;
	struct err err;

	memset(text, 'a', sizeof(text));
	text[2 * 131] = '\0';
	assert_int_equal(dhcp6_duid_parse(text, &duid, &err), -1);
	text[2 * 130] = '\0';
	assert_int_equal(dhcp6_duid_parse(text, &duid, &err), 0);
	assert_int_equal(strlen(dhcp6_duid_text(&duid, again)), DHCP6_DUID_TEXT - 1);
}

static void duids_of_our_own(void **state)
{
	struct mac mac = { { 2, 0, 0, 0, 0, 10 } };
	uint8_t uuid[16] = { [0] = 0xaa, [15] = 0xbb };
	char text[DHCP6_DUID_TEXT];
	struct dhcp6_duid duid = dhcp6_duid_of_mac(&mac);

	assert_string_equal(dhcp6_duid_text(&duid, text), "00:03:00:01:02:00:00:00:00:0a");
	duid = dhcp6_duid_of_uuid(uuid);
	assert_string_equal(dhcp6_duid_text(&duid, text),
			    "00:04:aa:00:00:00:00:00:00:00:00:00:00:00:00:00:00:bb");
	assert_false(dhcp6_duid_equal(&duid, &(struct dhcp6_duid) { .len = 0 }));
}

static void numbers_have_names(void **state)
{
	assert_string_equal(dhcp6_type_name(DHCP6_INFORMATION_REQUEST), "Information-request");
	assert_string_equal(dhcp6_type_name(DHCP6_ADDR_REG_REPLY), "Addr-reg-reply");
	assert_string_equal(dhcp6_type_name(0), "unknown");
	assert_string_equal(dhcp6_type_name(20), "unknown");
	assert_string_equal(dhcp6_type_name(DHCP6_TYPES), "unknown");
	assert_string_equal(dhcp6_status_name(DHCP6_STATUS_NO_PREFIX), "NoPrefixAvail");
	assert_string_equal(dhcp6_status_name(1), "unknown");
	assert_string_equal(dhcp6_status_name(DHCP6_STATUSES), "unknown");
	assert_string_equal(dhcp6_code_name(23), "dns-servers");
	assert_string_equal(dhcp6_code_name(148), "addr-reg-enable");
	assert_null(dhcp6_code_name(0));
	assert_null(dhcp6_code_name(65535));
	for (unsigned i = 0; i < DHCP6_KINDS; i++)
		assert_non_null(dhcp6_kind_name[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_walked),
		cmocka_unit_test(a_status_has_its_name_with_it),
		cmocka_unit_test(duids_are_written_and_read),
		cmocka_unit_test(the_longest_duid_has_130_bytes),
		cmocka_unit_test(duids_of_our_own),
		cmocka_unit_test(numbers_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
