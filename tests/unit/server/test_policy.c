/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_policy.c - who may be connected, when, and what a policy reads like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "server/config.h"

#define ALL (PROOF_CERTIFICATE | PROOF_PASSWORD | PROOF_CODE)
#define NOW_S 1790000000ll /* 2026-09-21 14:13:20 UTC, a Monday */

static const struct {
	const char *what;
	const char *conf; /* [server] and what follows */
	struct state_user user;
	unsigned proofs, sessions;
	bool office;
	enum goodbye_reason reason; /* GOODBYE_NONE: allowed */
	const char *text;
} cases[] = {
	{ "nothing is said", "", { .name = "" }, PROOF_CERTIFICATE, 0, false, GOODBYE_NONE, NULL },
	{ "an office", "", { .name = "" }, PROOF_CERTIFICATE, 0, true, GOODBYE_NONE, NULL },
	{ "no certificate",
	  "",
	  { .name = "" },
	  PROOF_PASSWORD | PROOF_CODE,
	  0,
	  false,
	  GOODBYE_NOT_ALLOWED,
	  "this user logs in by certificate" },
	{ "blocked",
	  "",
	  { .blocked_s = 5 },
	  ALL,
	  0,
	  false,
	  GOODBYE_BLOCKED,
	  "this user is blocked" },
	{ "blocked, and why",
	  "",
	  { .blocked_s = 5, .why = "left us" },
	  ALL,
	  0,
	  false,
	  GOODBYE_BLOCKED,
	  "this user is blocked: left us" },
	{ "blocked is said first",
	  "[bridge]\noffice = no\n",
	  { .blocked_s = 5, .expires_s = 5 },
	  0,
	  0,
	  true,
	  GOODBYE_BLOCKED,
	  "this user is blocked" },
	{ "expires in a second",
	  "",
	  { .expires_s = NOW_S + 1 },
	  ALL,
	  0,
	  false,
	  GOODBYE_NONE,
	  NULL },
	{ "expired now",
	  "",
	  { .expires_s = NOW_S },
	  ALL,
	  0,
	  false,
	  GOODBYE_EXPIRED,
	  "this user has expired" },
	{ "a password is asked for",
	  "auth = password\n",
	  { .name = "" },
	  PROOF_PASSWORD,
	  0,
	  false,
	  GOODBYE_NONE,
	  NULL },
	{ "a certificate is no password",
	  "auth = password\n",
	  { .name = "" },
	  PROOF_CERTIFICATE,
	  0,
	  false,
	  GOODBYE_NOT_ALLOWED,
	  "this user logs in by password" },
	{ "a code as well",
	  "auth = password+code\n",
	  { .name = "" },
	  PROOF_PASSWORD,
	  0,
	  false,
	  GOODBYE_NOT_ALLOWED,
	  "this user logs in by password+code" },
	{ "two of three",
	  "auth = certificate+password+code\n",
	  { .name = "" },
	  PROOF_PASSWORD | PROOF_CODE,
	  0,
	  false,
	  GOODBYE_NOT_ALLOWED,
	  "this user logs in by certificate+password+code" },
	{ "all three",
	  "auth = certificate+password+code\n",
	  { .name = "" },
	  ALL,
	  0,
	  false,
	  GOODBYE_NONE,
	  NULL },
	{ "the last session",
	  "max-sessions = 2\n",
	  { .name = "" },
	  ALL,
	  1,
	  false,
	  GOODBYE_NONE,
	  NULL },
	{ "one session too many",
	  "max-sessions = 2\n",
	  { .name = "" },
	  ALL,
	  2,
	  false,
	  GOODBYE_FULL,
	  "this user has 2 of 2 sessions at the same time already" },
	{ "within its hours",
	  "hours = Mon 14:00-15:00\n",
	  { .name = "" },
	  ALL,
	  0,
	  false,
	  GOODBYE_NONE,
	  NULL },
	{ "out of hours",
	  "hours = Tue-Sun, Mon 15:00-24:00\n",
	  { .name = "" },
	  ALL,
	  0,
	  false,
	  GOODBYE_HOURS,
	  "this user may connect Tue-Sun, Mon 15:00-24:00 only" },
	{ "no bridge",
	  "[bridge]\noffice = no\n",
	  { .name = "" },
	  ALL,
	  0,
	  true,
	  GOODBYE_NOT_ALLOWED,
	  "this user may not connect other hosts: not with a bridge" },
	{ "none is asked for",
	  "[bridge]\noffice = no\n",
	  { .name = "" },
	  ALL,
	  0,
	  false,
	  GOODBYE_NONE,
	  NULL },
	{ "its group's, not the server's",
	  "auth = password\n[group staff]\nauth = certificate\n[user bob]\nauth = password+code\n",
	  { .group = "staff" },
	  PROOF_CERTIFICATE,
	  0,
	  false,
	  GOODBYE_NONE,
	  NULL },
	{ "its own, not its group's",
	  "[group staff]\nauth = password\nmax-sessions = 5\n[user alice]\nauth = certificate\n",
	  { .group = "staff" },
	  PROOF_CERTIFICATE,
	  4,
	  false,
	  GOODBYE_NONE,
	  NULL },
	{ "and the rest its group's",
	  "[group staff]\nauth = password\nmax-sessions = 5\n[user alice]\nauth = certificate\n",
	  { .group = "staff" },
	  PROOF_CERTIFICATE,
	  5,
	  false,
	  GOODBYE_FULL,
	  "this user has 5 of 5 sessions at the same time already" },
	{ "always again, for a group",
	  "hours = Tue\n[group staff]\nhours = always\n",
	  { .group = "staff" },
	  PROOF_CERTIFICATE,
	  0,
	  false,
	  GOODBYE_NONE,
	  NULL },
	{ "a group that has expired",
	  "[group staff]\nexpires = 2026-09-21T14:13\n",
	  { .group = "staff" },
	  ALL,
	  0,
	  false,
	  GOODBYE_EXPIRED,
	  "this user has expired" },
	{ "one that will a minute later",
	  "[group staff]\nexpires = 2026-09-21T14:14\n",
	  { .group = "staff" },
	  ALL,
	  0,
	  false,
	  GOODBYE_NONE,
	  NULL },
	{ "a user that does before its group",
	  "[group staff]\nexpires = 2026-09-21T14:14\n",
	  { .group = "staff", .expires_s = NOW_S },
	  ALL,
	  0,
	  false,
	  GOODBYE_EXPIRED,
	  "this user has expired" },
	{ "a group that does before its user",
	  "[group staff]\nexpires = 2026-09-21\n",
	  { .group = "staff", .expires_s = NOW_S + 9 },
	  ALL,
	  0,
	  false,
	  GOODBYE_EXPIRED,
	  "this user has expired" },
	{ "never again, for a user of the group",
	  "[group staff]\nexpires = 2026-09-21\n[user alice]\nexpires = never\n",
	  { .group = "staff" },
	  ALL,
	  0,
	  false,
	  GOODBYE_NONE,
	  NULL },
	{ "another's section",
	  "[group staff]\nauth = password\n[user bob]\nhours = Tue\n",
	  { .name = "" },
	  PROOF_CERTIFICATE,
	  0,
	  false,
	  GOODBYE_NONE,
	  NULL },
};

static void read_config(struct server_config *config, const char *text)
{
	char whole[1024];
	struct err err = { 0 };

	snprintf(whole, sizeof(whole), "[server]\n%s", text);
	if (server_config_read_text(config, "conf",
				    (struct bytes) { (const uint8_t *)whole, strlen(whole) },
				    &err) < 0)
		fail_msg("%s: %s", text, err.text);
}

static void each_is_judged(void **unused)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct server_config config;
		struct policy policy;
		struct state_user user = cases[i].user;
		struct goodbye answer = { 0 };

		strcpy(user.name, "alice");
		read_config(&config, cases[i].conf);
		server_config_policy(&config, user.name, user.group, &policy);
		server_config_free(&config);
		bool allowed = policy_judge(&policy,
					    &(struct policy_question) { &user, cases[i].proofs,
									cases[i].office,
									cases[i].sessions, NOW_S },
					    &answer);
		if (allowed != (cases[i].reason == GOODBYE_NONE) ||
		    answer.reason != cases[i].reason ||
		    (cases[i].text && strcmp(answer.text, cases[i].text) != 0))
			fail_msg("%s: %d '%s'", cases[i].what, (int)answer.reason, answer.text);
	}
}

static void what_follows_time_is_watched(void **unused)
{
	struct policy policy;

	policy_defaults(&policy);
	assert_false(policy_follows_time(&policy, &(struct state_user) { .blocked_s = 1 }));
	assert_true(policy_follows_time(&policy, &(struct state_user) { .expires_s = 1 }));
	policy.expires_s = 1;
	assert_true(policy_follows_time(&policy, &(struct state_user) { .blocked_s = 1 }));
	policy.expires_s = 0;
	assert_int_equal(policy_read_hours("Mon", &policy.hours, NULL, NULL), 0);
	assert_true(policy_follows_time(&policy, &(struct state_user) { .name = "" }));
}

static void addresses_are_counted_by_what_it_is(void **unused)
{
	struct policy policy;

	policy_defaults(&policy);
	assert_int_equal(policy_macs(&policy, false), 4);
	assert_int_equal(policy_macs(&policy, true), 256);
	policy.office = false;
	assert_int_equal(policy_macs(&policy, false), 1);
	assert_int_equal(policy_macs(&policy, true), 1);
}

static void every_way_has_a_name(void **unused)
{
	static const char *const names[] = { "certificate", "password", "password+code",
					     "certificate+password", "certificate+password+code" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		unsigned auth = 0;

		assert_int_equal(policy_read_auth(names[i], &auth, NULL, NULL), 0);
		assert_string_equal(policy_auth_name(auth), names[i]);
	}
	assert_null(policy_auth_name(0));
	assert_null(policy_auth_name(PROOF_CODE));
	for (size_t i = 0; i < 4; i++) {
		static const char *const bad[] = { "", "code", "password+certificate", "Password" };
		unsigned auth = 7;

		assert_int_equal(policy_read_auth(bad[i], &auth, NULL, NULL), -1);
		assert_int_equal(auth, 7);
	}
}

/* ---- hours ---- */

#define SUN 0
#define MON 1
#define FRI 5
#define SAT 6

static void hours_are_of_the_week(void **unused)
{
	static const struct {
		const char *hours;
		unsigned day, minute;
		bool allowed;
	} rows[] = {
		{ "always", SUN, 0, true },
		{ "Mon-Fri 08:00-18:00", MON, 8 * 60, true },
		{ "Mon-Fri 08:00-18:00", MON, 8 * 60 - 1, false },
		{ "Mon-Fri 08:00-18:00", FRI, 18 * 60 - 1, true },
		{ "Mon-Fri 08:00-18:00", FRI, 18 * 60, false },
		{ "Mon-Fri 08:00-18:00", SAT, 12 * 60, false },
		{ "Mon-Fri 08:00-18:00", SUN, 12 * 60, false },
		{ "Mon-Fri 08:00-18:00, Sat 09:00-12:00", SAT, 9 * 60, true },
		{ "Mon-Fri 08:00-18:00,Sat", SAT, 0, true },
		{ "08:00-18:00", SUN, 9 * 60, true },
		{ "08:00-18:00", SUN, 19 * 60, false },
		{ "Sat-Mon", SUN, 3, true },
		{ "Sat-Mon", MON, 1439, true },
		{ "Sat-Mon", FRI, 1439, false },
		{ "Fri 22:00-06:00", FRI, 22 * 60, true },
		{ "Fri 22:00-06:00", SAT, 6 * 60 - 1, true },
		{ "Fri 22:00-06:00", SAT, 6 * 60, false },
		{ "Fri 22:00-06:00", FRI, 5 * 60, false },
		{ "Fri 22:00-06:00", SAT, 23 * 60, false },
		{ "Sat 22:00-06:00", SUN, 0, true },
		{ "00:00-24:00", SUN, 1439, true },
		{ "Mon 20:00-24:00", MON, 1439, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct policy_hours hours;
		struct err err = { 0 };

		if (policy_read_hours(rows[i].hours, &hours, NULL, &err) < 0)
			fail_msg("%s: %s", rows[i].hours, err.text);
		if (policy_hours_allow(&hours, rows[i].day, rows[i].minute) != rows[i].allowed)
			fail_msg("%s: day %u, minute %u", rows[i].hours, rows[i].day,
				 rows[i].minute);
	}
}

static void hours_that_are_none(void **unused)
{
	static const char *const bad[] = {
		"",
		"never",
		"Mon-",
		"Mon-Fry",
		"mon",
		"Monday",
		"Mon08:00-18:00",
		"Mon 8:00-18:00",
		"Mon 08:00",
		"Mon 08:00-",
		"Mon 08:00-18:60",
		"Mon 08:00-24:01",
		"Mon 24:00-08:00",
		"Mon 08:00-08:00",
		"Mon 08:00-18:00 x",
		"Mon,",
		",Mon",
		"Mon,,Tue",
		"Mon Tue",
		"Mon,Tue,Wed,Thu,Fri,Sat,Sun,Mon,Tue",
		"Mon                                                                            "
		"                                                            ",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct policy_hours hours = { .count = 7 };
		struct err err = { 0 };

		if (policy_read_hours(bad[i], &hours, NULL, &err) == 0)
			fail_msg("'%s' is accepted", bad[i]);
		assert_int_equal(hours.count, 7);
	}
}

static void dates_that_are_none(void **unused)
{
	static const char *const bad[] = { "",
					   "soon",
					   "30d",
					   "2027-13-01",
					   "2027-02-29",
					   "2027-04-31T10:00",
					   "2027-01-31T",
					   "2027-01-31T18",
					   "2027-01-31 18:00",
					   "2027-01-31T18:00x",
					   "1970-01-01" };
	int64_t when_s = 7;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (policy_read_expires(bad[i], &when_s, NULL, NULL) == 0)
			fail_msg("'%s' is accepted", bad[i]);
	assert_int_equal(when_s, 7);
}

static int begin(void **state)
{
	setenv("TZ", "UTC", 1);
	tzset();
	return 0;
}

/* The same second is in its hours elsewhere. */
static void hours_are_the_servers_own(void **unused)
{
	struct policy policy;
	struct state_user user = { .name = "alice" };
	const struct policy_question question = { &user, ALL, false, 0, NOW_S };
	struct goodbye answer;

	policy_defaults(&policy);
	assert_int_equal(policy_read_hours("Mon 16:00-17:00", &policy.hours, NULL, NULL), 0);
	assert_false(policy_judge(&policy, &question, &answer));
	setenv("TZ", "CEST-2", 1);
	tzset();
	assert_true(policy_judge(&policy, &question, &answer));
	begin(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_judged),
		cmocka_unit_test(what_follows_time_is_watched),
		cmocka_unit_test(addresses_are_counted_by_what_it_is),
		cmocka_unit_test(every_way_has_a_name),
		cmocka_unit_test(hours_are_of_the_week),
		cmocka_unit_test(hours_that_are_none),
		cmocka_unit_test(dates_that_are_none),
		cmocka_unit_test(hours_are_the_servers_own),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
