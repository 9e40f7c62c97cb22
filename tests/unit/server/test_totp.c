/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_totp.c - one-time codes: RFC 6238 appendix B, and what is taken when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/totp.h"
#include "tls/pki.h"

static const struct bytes secret = { (const uint8_t *)"12345678901234567890", 20 };

/* Appendix B has eight digits; six are the last six of them (RFC 4226 5.3). */
static void codes_are_those_of_rfc_6238(void **unused)
{
	static const struct {
		int64_t time_s;
		const char *code;
	} cases[] = {
		{ 59, "287082" },	  { 1111111109, "081804" }, { 1111111111, "050471" },
		{ 1234567890, "005924" }, { 2000000000, "279037" }, { 20000000000, "353130" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char code[TOTP_DIGITS + 1];

		assert_int_equal(totp_code(secret, cases[i].time_s / TOTP_PERIOD_S, code, NULL), 0);
		assert_string_equal(code, cases[i].code);
	}
}

#define AT 1111111111 /* step 37037037, its first second and 1 */
#define STEP 37037037

static void a_code_is_good_for_its_step_and_those_beside_it(void **unused)
{
	char two_before[TOTP_DIGITS + 1], before[TOTP_DIGITS + 1], after[TOTP_DIGITS + 1],
		two_after[TOTP_DIGITS + 1];
	const struct {
		const char *what, *code;
		int64_t last_step, step; /* 0: refused */
	} cases[] = {
		{ "now", "050471", 0, STEP },
		{ "now, in two groups", "050 471", 0, STEP },
		{ "one step before", before, 0, STEP - 1 },
		{ "one step after", after, 0, STEP + 1 },
		{ "two steps before", two_before, 0, 0 },
		{ "two steps after", two_after, 0, 0 },
		{ "taken already", "050471", STEP, 0 },
		{ "an earlier one when a later one was taken", before, STEP, 0 },
		{ "the next when this one was taken", after, STEP, STEP + 1 },
		{ "when the one before was taken", "050471", STEP - 1, STEP },
		{ "a wrong one", "050472", 0, 0 },
		{ "nothing", "", 0, 0 },
		{ "five digits", "05047", 0, 0 },
		{ "seven digits", "0504710", 0, 0 },
		{ "a zero less", "50471", 0, 0 },
		{ "letters", "05047l", 0, 0 },
		{ "bytes", "\xff\xff\xff\xff\xff\xff", 0, 0 },
		{ "blanks", "      ", 0, 0 },
	};

	assert_int_equal(totp_code(secret, STEP - 2, two_before, NULL), 0);
	assert_int_equal(totp_code(secret, STEP - 1, before, NULL), 0);
	assert_int_equal(totp_code(secret, STEP + 1, after, NULL), 0);
	assert_int_equal(totp_code(secret, STEP + 2, two_after, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t step = 0;
		int found = totp_match(secret, cases[i].code, AT, cases[i].last_step, &step, NULL);

		if (found != (cases[i].step != 0) || step != cases[i].step)
			fail_msg("%s: %d, step %lld", cases[i].what, found, (long long)step);
	}
}

static void a_secret_that_is_none_gives_no_code(void **unused)
{
	struct err err = { 0 };
	int64_t step;

	assert_int_equal(totp_match((struct bytes) { 0 }, "000000", AT, 0, &step, &err), -1);
	assert_non_null(strstr(err.text, "cannot compute"));
}

static void the_uri_is_what_apps_read(void **unused)
{
	static const struct {
		const char *secret;
		size_t len;
		const char *issuer, *user, *uri;
	} cases[] = {
		{ "12345678901234567890", 20, "vpn.example.net", "alice",
		  "otpauth://totp/vpn.example.net:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
		  "&issuer=vpn.example.net&algorithm=SHA1&digits=6&period=30" },
		/* RFC 4648 10, and what a URI cannot have */
		{ "f", 1, "a b", "x@y:z",
		  "otpauth://totp/a%20b:x%40y%3Az?secret=MY&issuer=a%20b&algorithm=SHA1&digits=6"
		  "&period=30" },
		{ "fooba", 5, "i", "u",
		  "otpauth://totp/i:u?secret=MZXW6YTB&issuer=i&algorithm=SHA1&digits=6&period=30" },
		{ "foobar", 6, "i", "u",
		  "otpauth://totp/i:u?secret=MZXW6YTBOI&issuer=i&algorithm=SHA1&digits=6"
		  "&period=30" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char uri[TOTP_URI_MAX];

		totp_uri((struct bytes) { (const uint8_t *)cases[i].secret, cases[i].len },
			 cases[i].issuer, cases[i].user, uri);
		assert_string_equal(uri, cases[i].uri);
	}
}

static int begin(void **state)
{
	return pki_init(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_those_of_rfc_6238),
		cmocka_unit_test(a_code_is_good_for_its_step_and_those_beside_it),
		cmocka_unit_test(a_secret_that_is_none_gives_no_code),
		cmocka_unit_test(the_uri_is_what_apps_read),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
