/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_renewal.c
 *
 * When a certificate is asked for; which CAs are trusted while one takes the place of another; and
 * what becomes of the profile's file.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/file.h"
#include "client/profile_edit.h"
#include "client/profile_save.h"
#include "client/renewal.h"

#define DAY 86400

static void a_third_is_left(void **state)
{
	static const struct {
		const char *what;
		int64_t begin_s, end_s, asked_s, now_s, wait_s;
	} cases[] = {
		{ "fresh", 1000, 1000 + 90 * DAY, 0, 1000, RENEWAL_LOOK_S },
		{ "an hour before two thirds", 1000, 1000 + 90 * DAY, 0, 1000 + 60 * DAY - 3599,
		  3599 },
		{ "two thirds are over", 1000, 1000 + 90 * DAY, 0, 1000 + 60 * DAY, 0 },
		{ "over", 1000, 2000, 0, 3000, 0 },
		{ "asked a moment ago", 1000, 1000 + 90 * DAY, 1000 + 61 * DAY, 1001 + 61 * DAY,
		  RENEWAL_LOOK_S },
		{ "six hours ago", 1000, 1000 + 90 * DAY, 1000 + 61 * DAY,
		  1000 + 61 * DAY + 6 * 3600, 0 },
		{ "short, and asked", 0, 3600, 3000, 3010, 50 },
		{ "short, and asked a minute ago", 0, 3600, 3000, 3060, 0 },
		{ "the clock went back", 0, 3600, 9000, 3000, 60 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t due_s = pki_due_s(cases[i].begin_s, cases[i].end_s);
		int64_t wait_s =
			renewal_wait_s(due_s, cases[i].end_s, cases[i].asked_s, cases[i].now_s);

		if (wait_s != cases[i].wait_s)
			fail_msg("%s: %lld s", cases[i].what, (long long)wait_s);
	}
}

/* ---- CAs ---- */

static struct pki_pair authority[3], own[2]; /* authority 2 is over in an hour */
static int64_t now_s;

static int make_pairs(void **state)
{
	if (pki_init(NULL) < 0)
		return -1;
	now_s = time(NULL);
	for (unsigned i = 0; i < ARRAY_LEN(authority); i++)
		if (pki_make_authority("CA", now_s - 60, now_s + (i == 2 ? 3600 : DAY),
				       &authority[i], NULL) < 0)
			return -1;
	for (unsigned i = 0; i < ARRAY_LEN(own); i++) {
		struct pki_request request = { .use = PKI_CLIENT,
					       .common_name = "alice",
					       .not_before_s = now_s - 60,
					       .not_after_s = now_s + 3600 };
		if (pki_issue(&authority[0], &request, &own[i], NULL) < 0)
			return -1;
	}
	return 0;
}

/* Digits are CAs. */
static void write_cas(const char *which, char *text)
{
	text[0] = '\0';
	for (; *which; which++)
		strcat(text, authority[*which - '0'].certificate);
}

/* Their fingerprints, likewise. */
static struct bytes write_fingerprints(const char *which, uint8_t *octet)
{
	struct pki_description is;
	size_t len = 0;

	for (; *which; which++, len += PKI_FINGERPRINT_LEN) {
		assert_int_equal(pki_describe(authority[*which - '0'].certificate, &is, NULL), 0);
		memcpy(octet + len, is.fingerprint, PKI_FINGERPRINT_LEN);
	}
	return (struct bytes) { octet, len };
}

static void cas_change_without_a_gap(void **state)
{
	static const struct {
		const char *old, *fresh, *distrusted, *merged;
		int64_t later_s;
		bool changed;
	} cases[] = {
		{ "0", "0", "", "0", 0, false },
		{ "0", "1", "", "10", 0, true },
		{ "0", "01", "", "01", 0, true },
		{ "01", "1", "", "10", 0, false },
		{ "10", "01", "", "01", 0, false },
		{ "2", "0", "", "02", 0, true },
		{ "2", "0", "", "0", 7200, true },
		{ "02", "0", "", "02", 0, false },
		{ "02", "0", "", "0", 7200, true },
		{ "", "0", "", "0", 0, true }, /* a pin before */
		{ "10", "1", "0", "1", 0, true },
		{ "012", "1", "20", "1", 0, true },
		{ "012", "1", "2", "10", 0, true },
		{ "1", "1", "0", "1", 0, false },
		{ "10", "01", "0", "01", 0, false }, /* what is used counts */
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		static char old[CONF_VALUE_MAX + 1], fresh[CONF_VALUE_MAX + 1],
			expected[CONF_VALUE_MAX + 1], merged[CONF_VALUE_MAX + 1];

		write_cas(cases[i].old, old);
		write_cas(cases[i].fresh, fresh);
		write_cas(cases[i].merged, expected);
		uint8_t octet[3 * PKI_FINGERPRINT_LEN];
		bool changed =
			profile_merge_ca(old, fresh, write_fingerprints(cases[i].distrusted, octet),
					 now_s + cases[i].later_s, merged);
		if (changed != cases[i].changed || strcmp(merged, expected) != 0)
			fail_msg("%s and %s: changed %d, %zu bytes", cases[i].old, cases[i].fresh,
				 changed, strlen(merged));
	}
}

static void a_server_says_whom_to_trust_but_the_system_does(void **state)
{
	static const struct {
		const char *what, *ca;
		bool pin, system, follows;
	} cases[] = {
		{ "a CA", "0", false, false, true },
		{ "the same CA", "1", false, false, false },
		{ "a pin", "", true, false, true },
		{ "the system", "", false, true, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		static struct profile profile;
		char ca[CONF_VALUE_MAX + 1];

		profile = (struct profile) { .pin.given = cases[i].pin, .system = cases[i].system };
		write_cas(cases[i].ca, profile.ca);
		memcpy(ca, profile.ca, sizeof(ca));
		bool follows = profile_follow_ca(&profile, authority[1].certificate,
						 (struct bytes) { 0 }, now_s);
		if (follows != cases[i].follows || profile.system != cases[i].system ||
		    profile.pin.given || (strcmp(ca, profile.ca) != 0) != follows)
			fail_msg("%s: follows %d, system %d", cases[i].what, follows,
				 profile.system);
	}
}

/* ---- the file ---- */

static char path[128];
static struct profile before, after;

static int begin_test(void **state)
{
	snprintf(path, sizeof(path), "/tmp/lanyard-renewal-XXXXXX");
	if (!mkdtemp(path))
		return -1;
	strcat(path, "/client.conf");
	return 0;
}

static int end_test(void **state)
{
	char command[160];

	snprintf(command, sizeof(command), "rm -r \"$(dirname %s)\"", path);
	return system(command);
}

static void write_profile(const char *trust_key, const char *trust, const struct pki_pair *pair)
{
	const struct profile_edit edits[] = {
		{ "client", "server", "vpn.example" },
		{ "trust", trust_key, trust },
		{ "identity", "certificate", pair->certificate },
		{ "identity", "key", pair->key },
	};
	struct file_draft draft;
	char *text = profile_edit("# mine: keep\n", edits, ARRAY_LEN(edits));

	assert_non_null(text);
	assert_int_equal(file_draft_begin(&draft, path, true, NULL), 0);
	assert_int_equal(file_draft_commit(&draft, text, NULL), 0);
	file_forget(text, strlen(text));
	assert_int_equal(profile_read(&before, path, NULL), 0);
}

/* Saves the second certificate in place of `known`. */
static int save(const struct pki_pair *known, const char *ca, struct err *err)
{
	struct pki_description is, first;

	assert_int_equal(pki_describe(known->certificate, &is, NULL), 0);
	assert_int_equal(pki_describe(own[0].certificate, &first, NULL), 0);
	after = before;
	strcpy(after.certificate, own[1].certificate);
	strcpy(after.key, own[1].key);
	after.device.given = true;
	memcpy(after.device.fingerprint, first.fingerprint, sizeof(first.fingerprint));
	if (ca) {
		strcpy(after.ca, ca);
		after.pin.given = after.system = false;
	}
	return profile_save(path, is.fingerprint, &after, err);
}

static void a_new_certificate_is_in_the_file(void **state)
{
	struct err err = { 0 };
	struct stat is;
	size_t len;

	write_profile("ca", authority[0].certificate, &own[0]);
	if (save(&own[0], NULL, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(profile_read(&before, path, NULL), 0);
	assert_int_equal(pki_pair_check(before.certificate, own[1].key, NULL), 0);
	assert_int_equal(pki_pair_check(before.certificate, before.key, NULL), 0);
	assert_true(before.device.given);
	assert_int_equal(stat(path, &is), 0);
	assert_int_equal(is.st_mode & 0777, 0600);
	char *text = file_read(path, 65536, &len, NULL);
	assert_non_null(text);
	assert_int_equal(strncmp(text, "# mine: keep\n", 13), 0);
	file_forget(text, len);
}

static void cas_take_the_place_of_a_pin(void **state)
{
	struct err err = { 0 };

	write_profile("fingerprint",
		      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", &own[0]);
	if (save(&own[0], authority[1].certificate, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(profile_read(&before, path, NULL), 0);
	assert_false(before.pin.given);
	assert_non_null(strstr(authority[1].certificate, before.ca));
}

static void another_profile_stays(void **state)
{
	struct err err = { 0 };

	write_profile("ca", authority[0].certificate, &own[0]);
	assert_int_equal(save(&own[1], NULL, &err), -1);
	assert_non_null(strstr(err.text, "has another certificate by now"));
	assert_int_equal(profile_read(&before, path, NULL), 0);
	assert_int_equal(pki_pair_check(before.certificate, own[0].key, NULL), 0);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_third_is_left),
		cmocka_unit_test(cas_change_without_a_gap),
		cmocka_unit_test(a_server_says_whom_to_trust_but_the_system_does),
		IN_FOLDER(a_new_certificate_is_in_the_file),
		IN_FOLDER(cas_take_the_place_of_a_pin),
		IN_FOLDER(another_profile_stays),
	};

	return cmocka_run_group_tests(tests, make_pairs, NULL);
}
