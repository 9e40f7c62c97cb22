/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/admin/test_logons.c - cookies: whose they are, how long they are good, how many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "admin/admin_private.h"

#define MINUTE_MS 60000
#define EVER INT64_MAX

static struct admin admin;

static int begin_test(void **state)
{
	memset(&admin, 0, sizeof(admin));
	admin.loop.time = 1000000;
	return sodium_init() < 0; /* 1: it was called before */
}

static void log_in(const char *user, int64_t expires_s, bool secure, char cookie[static COOKIE_MAX])
{
	struct logon who = { .role = ADMIN_READ, .expires_s = expires_s };

	snprintf(who.user, sizeof(who.user), "%s", user);
	snprintf(who.name, sizeof(who.name), "%s's name", user);
	logon_open(&admin, &who, secure, cookie);
	cookie[strcspn(cookie, ";")] = '\0';
}

static void a_cookie_is_somebody(void **state)
{
	char cookie[COOKIE_MAX], header[COOKIE_MAX];
	struct logon *session;

	log_in("alice", 0, false, cookie);
	session = logon_find(&admin, cookie, false);
	assert_non_null(session);
	assert_string_equal(session->user, "alice");
	assert_string_equal(session->name, "alice's name");
	assert_int_equal(session->role, ADMIN_READ);
	logon_close(session, false, header);
	assert_non_null(strstr(header, "; Max-Age=0"));
	assert_null(logon_find(&admin, cookie, false));
	/* a place that is free is nobody's, whatever is sent */
	assert_null(logon_find(&admin, "lanyard-session=", false));
	assert_null(logon_find(&admin, NULL, false));
}

static void a_cookie_of_one_scheme_is_none_of_the_other(void **state)
{
	char plain[COOKIE_MAX], secure[COOKIE_MAX];

	log_in("alice", 0, false, plain);
	log_in("alice", 0, true, secure);
	assert_int_equal(strncmp(secure, "__Host-", 7), 0);
	assert_non_null(logon_find(&admin, plain, false));
	assert_null(logon_find(&admin, plain, true));
	assert_non_null(logon_find(&admin, secure, true));
	assert_null(logon_find(&admin, secure, false));
}

/* What a session lasts, and what makes it last longer. */
static const struct {
	const char *what;
	int64_t expires_s;
	uint64_t step_ms, steps; /* a request after each */
	bool stays;
} lasting[] = {
	{ "half an hour without a request", 0, 30 * MINUTE_MS, 1, true },
	{ "more", 0, 30 * MINUTE_MS + 1, 1, false },
	{ "a request every half hour, half a day", 0, 30 * MINUTE_MS, 24, true },
	{ "and longer", 0, 30 * MINUTE_MS, 25, false },
	{ "the user expires later", EVER, 1, 1, true },
	{ "the user has expired", 1, 1, 1, false },
};

static void sessions_end(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(lasting); i++) {
		char cookie[COOKIE_MAX];
		struct logon *session = NULL;

		log_in("alice", lasting[i].expires_s, false, cookie);
		for (uint64_t step = 0; step < lasting[i].steps; step++) {
			admin.loop.time += lasting[i].step_ms;
			session = logon_find(&admin, cookie, false);
		}
		if ((session != NULL) != lasting[i].stays)
			fail_msg("%s: it %s", lasting[i].what, session ? "stays" : "ends");
		logons_forget(&admin, "alice");
	}
}

static void who_is_another_now_is_forgotten(void **state)
{
	char alice[COOKIE_MAX], again[COOKIE_MAX], bob[COOKIE_MAX];

	log_in("alice", 0, false, alice);
	log_in("alice", 0, false, again);
	log_in("bob", 0, false, bob);
	logons_forget(&admin, "alice");
	assert_null(logon_find(&admin, alice, false));
	assert_null(logon_find(&admin, again, false));
	assert_non_null(logon_find(&admin, bob, false));
}

static void nobody_pushes_others_out(void **state)
{
	char first[COOKIE_MAX], second[COOKIE_MAX], bob[COOKIE_MAX], cookie[COOKIE_MAX];

	log_in("bob", 0, false, bob);
	admin.loop.time++;
	log_in("alice", 0, false, first);
	admin.loop.time++;
	log_in("alice", 0, false, second);
	admin.loop.time++;
	for (unsigned i = 2; i <= SESSIONS_USER; i++)
		log_in("alice", 0, false, cookie);
	assert_null(logon_find(&admin, first, false)); /* her own that was quiet longest */
	assert_non_null(logon_find(&admin, second, false));
	assert_non_null(logon_find(&admin, cookie, false));
	for (unsigned i = 0; i < 2 * SESSIONS_MAX; i++)
		log_in("alice", 0, false, cookie);
	assert_non_null(logon_find(&admin, bob, false));
}

/* With all places taken by others, whoever was quiet longest goes. */
static void the_quietest_gives_way(void **state)
{
	char first[COOKIE_MAX], second[COOKIE_MAX], last[COOKIE_MAX], user[16];

	log_in("first", 0, false, first);
	admin.loop.time++;
	log_in("second", 0, false, second);
	admin.loop.time++;
	for (unsigned i = 2; i <= SESSIONS_MAX; i++) {
		snprintf(user, sizeof(user), "user-%u", i);
		log_in(user, 0, false, last);
	}
	assert_null(logon_find(&admin, first, false));
	assert_non_null(logon_find(&admin, second, false));
	assert_non_null(logon_find(&admin, last, false));
}

#define TEST(name) cmocka_unit_test_setup(name, begin_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_cookie_is_somebody),
		TEST(a_cookie_of_one_scheme_is_none_of_the_other),
		TEST(sessions_end),
		TEST(who_is_another_now_is_forgotten),
		TEST(nobody_pushes_others_out),
		TEST(the_quietest_gives_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
