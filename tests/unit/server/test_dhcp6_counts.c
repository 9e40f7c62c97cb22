/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_dhcp6_counts.c - which status an answer is counted as, and which bound a
 * commit kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "server/dhcp6_counts.h"
#include "tests/unit/base/hex.h"

#define RELAY(len_message, message)                                               \
	"0d 00 20010db8000000000000000000000001 fe800000000000000000000000000002" \
	" 0009 " len_message message

static const struct {
	const char *what, *message; /* hex */
	unsigned type;
	enum dhcp6_status status;
} cases[] = {
	{ "nothing", "", 0, DHCP6_STATUS_SUCCESS },
	{ "a type alone", "07", DHCP6_REPLY, DHCP6_STATUS_SUCCESS },
	{ "an unknown type", "ff 000001", 0, DHCP6_STATUS_SUCCESS },
	{ "no status is success", "07 000001 0001 0002 0003", DHCP6_REPLY, DHCP6_STATUS_SUCCESS },
	{ "at the top", "07 000001 000d 0002 0004", DHCP6_REPLY, DHCP6_STATUS_NOT_ON_LINK },
	{ "in an IA_NA", "07 000001 0003 0012 00000001 00000000 00000000 000d 0002 0003",
	  DHCP6_REPLY, DHCP6_STATUS_NO_BINDING },
	{ "in an IA_PD, behind success at the top",
	  "02 000001 000d 0002 0000 0019 0012 00000001 00000000 00000000 000d 0002 0006",
	  DHCP6_ADVERTISE, DHCP6_STATUS_NO_PREFIX },
	{ "in an address of an IA_NA",
	  "07 000001 0003 002e 00000001 00000000 00000000"
	  " 0005 001e 20010db8000000000000000000000001 00000000 00000000 000d 0002 0004",
	  DHCP6_REPLY, DHCP6_STATUS_NOT_ON_LINK },
	{ "in an option of others it is none", "07 000001 0011 0006 000d 0002 0003", DHCP6_REPLY,
	  DHCP6_STATUS_SUCCESS },
	{ "the first that is no success", "07 000001 000d 0002 0000 000d 0002 0003 000d 0002 0004",
	  DHCP6_REPLY, DHCP6_STATUS_NO_BINDING },
	{ "a number that is none", "07 000001 000d 0002 ffff", DHCP6_REPLY, DHCP6_STATUS_SUCCESS },
	{ "behind a relay", RELAY("000a", " 07 000001 000d 0002 0003"), DHCP6_REPLY,
	  DHCP6_STATUS_NO_BINDING },
	{ "behind two", RELAY("0030", RELAY("000a", " 07 000001 000d 0002 0002")), DHCP6_REPLY,
	  DHCP6_STATUS_NO_ADDRESSES },
	{ "a relay's alone", "0d 00 20010db8000000000000000000000001", 0, DHCP6_STATUS_SUCCESS },
	{ "cut off", "07 000001 000d 0002 00", DHCP6_REPLY, DHCP6_STATUS_SUCCESS },
};

static void an_answer_is_counted_by_its_first_failure(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t buf[256];
		unsigned type;
		enum dhcp6_status status =
			dhcp6_answer_status(hex(cases[i].message, buf, sizeof(buf)), &type);

		if (type != cases[i].type || status != cases[i].status)
			fail_msg("%s: type %u, status %u", cases[i].what, type, status);
	}
}

static void requests_and_reconfigures_are_no_answers(void **state)
{
	struct dhcp6_counts counts = { 0 };
	uint8_t buf[16];

	dhcp6_count_sent(&counts, hex("0a 000001", buf, sizeof(buf)));
	dhcp6_count_sent(&counts, hex("07 000001", buf, sizeof(buf)));
	dhcp6_count_received(&counts, DHCP6_SOLICIT);
	dhcp6_count_received(&counts, 200);
	json_t *shown = dhcp6_counts_messages(&counts);
	json_t *wanted =
		json_loads("{\"received\": {\"unknown\": 1, \"Solicit\": 1}, \"sent\": "
			   "{\"Reply\": 1, \"Reconfigure\": 1}, \"answers\": {\"Success\": 1}}",
			   0, NULL);
	assert_true(json_equal(shown, wanted));
	json_decref(shown);
	json_decref(wanted);
}

static void a_commit_is_in_each_bound_that_it_kept(void **state)
{
	struct dhcp6_counts counts = { 0 };
	static const uint64_t took_us[] = { 0, 1000, 1001, 2500000, 2500001 };

	for (size_t i = 0; i < ARRAY_LEN(took_us); i++)
		dhcp6_count_commit(&counts, took_us[i], false);
	dhcp6_count_commit(&counts, 5, true);
	json_t *shown = dhcp6_counts_store(&counts);
	json_t *within = json_object_get(shown, "within");

	assert_int_equal(json_integer_value(json_object_get(shown, "commits")), 5);
	assert_int_equal(json_integer_value(json_object_get(shown, "failures")), 1);
	assert_int_equal(json_integer_value(json_object_get(shown, "commit_us")), 5002002);
	assert_int_equal(json_array_size(within), DHCP6_WITHIN);
	for (size_t i = 0; i < DHCP6_WITHIN; i++) {
		json_int_t commits =
			json_integer_value(json_object_get(json_array_get(within, i), "commits"));

		assert_int_equal(commits, i == 0 ? 2 : i < DHCP6_WITHIN - 1 ? 3 : 4);
	}
	json_decref(shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_counted_by_its_first_failure),
		cmocka_unit_test(requests_and_reconfigures_are_no_answers),
		cmocka_unit_test(a_commit_is_in_each_bound_that_it_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
