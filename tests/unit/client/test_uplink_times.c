/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_uplink_times.c
 *
 * What the client's connection does when: the order of addresses to dial (RFC 8305 4), and
 * the pauses between attempts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "client/uplink.h"

/* Families as letters: "6644" is two of IPv6, then two of IPv4. */
static void families_take_turns(void **state)
{
	static const struct {
		const char *what, *family, *order;
	} cases[] = {
		{ "no address", "", "" },
		{ "one", "6", "0" },
		{ "one of each", "64", "01" },
		{ "IPv4 first, if the system says so", "46", "01" },
		{ "two of each", "6644", "0213" },
		{ "mixed already", "6464", "0123" },
		{ "one family", "444", "012" },
		{ "many of the first", "66664", "04123" },
		{ "many of the second", "64444", "01234" },
		{ "the second's only one is last", "6666664", "0612345" },
		{ "as many as there may be", "6666666644444444", "08192a3b4c5d6e7f" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int family[DIAL_MAX_ADDRESSES];
		unsigned order[DIAL_MAX_ADDRESSES], count = (unsigned)strlen(cases[i].family);
		char text[DIAL_MAX_ADDRESSES + 1] = "";

		for (unsigned n = 0; n < count; n++)
			family[n] = cases[i].family[n] == '6' ? AF_INET6 : AF_INET;
		dial_order(family, count, order);
		for (unsigned n = 0; n < count; n++)
			snprintf(text + n, 2, "%x", order[n]);
		if (strcmp(text, cases[i].order) != 0)
			fail_msg("%s: %s", cases[i].what, text);
	}
}

static void pauses_grow_and_have_bounds(void **state)
{
	static const struct {
		const char *what;
		unsigned failures;
		uint64_t failing_ms;
		uint32_t least_ms, most_ms;
	} cases[] = {
		{ "the first failure", 1, 0, 100, 200 },
		{ "the second", 2, 150, 200, 400 },
		{ "the third", 3, 500, 400, 800 },
		{ "the fourth", 4, 1200, 500, 1000 },
		{ "many in the first minute", 100, 59999, 500, 1000 },
		{ "a minute later", 100, 60000, 15000, 30000 },
		{ "few, but a minute later", 4, 60000, 800, 1600 },
		{ "days later", 4000000000u, 864000000, 15000, 30000 },
		{ "no failure at all", 0, 0, 100, 200 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const uint64_t since_ms = 1000000;
		uint32_t least_ms = UINT32_MAX, most_ms = 0;

		for (uint32_t dice = 0; dice < 40000; dice++) {
			uint32_t pause_ms =
				uplink_pause_ms(cases[i].failures, since_ms,
						since_ms + cases[i].failing_ms, dice * 65537u);
			least_ms = pause_ms < least_ms ? pause_ms : least_ms;
			most_ms = pause_ms > most_ms ? pause_ms : most_ms;
		}
		/* never outside, and the dice reach close to both ends */
		if (least_ms < cases[i].least_ms || most_ms > cases[i].most_ms ||
		    least_ms > cases[i].least_ms + cases[i].least_ms / 20 ||
		    most_ms < cases[i].most_ms - cases[i].most_ms / 20)
			fail_msg("%s: %u to %u ms", cases[i].what, least_ms, most_ms);
	}
}

static void goodbyes_end_it_or_do_not(void **state)
{
	static const struct {
		enum goodbye_reason reason;
		bool final, at_first;	    /* at_first: see final_at_first */
		uint32_t least_ms, most_ms; /* 0: the pause of any failure */
	} cases[] = {
		{ GOODBYE_NONE, false, false, 0, 0 },
		{ GOODBYE_SHUTDOWN, false, false, 0, 0 },
		{ GOODBYE_LEAVING, false, false, 0, 0 },
		{ GOODBYE_KICKED, false, false, 0, 0 },
		{ GOODBYE_REPLACED, false, false, 5000, 30000 },
		{ GOODBYE_UNKNOWN_USER, true, false, 0, 0 },
		{ GOODBYE_BLOCKED, true, false, 0, 0 },
		{ GOODBYE_FULL, false, false, 0, 0 },
		{ GOODBYE_VERSION, false, false, 0, 0 },
		{ GOODBYE_PROTOCOL, false, false, 0, 0 },
		{ GOODBYE_TIMEOUT, false, false, 0, 0 },
		{ GOODBYE_WRONG, true, false, 0, 0 },
		{ GOODBYE_SLOWLY, false, false, 30000, 60000 },
		{ GOODBYE_EXPIRED, true, false, 0, 0 },
		{ GOODBYE_HOURS, false, true, 30000, 60000 },
		{ GOODBYE_REVOKED, true, false, 0, 0 },
		{ GOODBYE_USED, true, false, 0, 0 },
		{ GOODBYE_NOT_ALLOWED, true, false, 0, 0 },
		{ GOODBYE_ENROLLED, false, false, 0, 0 },
		{ GOODBYE_REASONS, false, false, 0, 0 }, /* a newer server's */
	};
	_Static_assert(ARRAY_LEN(cases) == GOODBYE_REASONS + 1, "a row for every goodbye");

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct uplink_after *after = uplink_after_goodbye(cases[i].reason);
		uint32_t least_ms = UINT32_MAX, most_ms = 0;

		for (uint32_t dice = 0; dice < 60000; dice++) {
			uint32_t pause_ms = uplink_after_pause_ms(after, dice * 65537u);

			least_ms = pause_ms < least_ms ? pause_ms : least_ms;
			most_ms = pause_ms > most_ms ? pause_ms : most_ms;
		}
		if (after->final != cases[i].final || least_ms < cases[i].least_ms ||
		    least_ms > cases[i].least_ms + 500 || most_ms > cases[i].most_ms ||
		    most_ms + 500 < cases[i].most_ms || after->final_at_first != cases[i].at_first)
			fail_msg("%s: final %d, %u to %u ms",
				 i < GOODBYE_REASONS ? goodbye_name[i] : "a newer one",
				 after->final, least_ms, most_ms);
	}
}

static void some_failures_are_final(void **state)
{
	static const struct {
		const char *what;
		enum goodbye_reason goodbye; /* NONE: it failed in another way */
		enum err_kind kind;
		bool was_up, service, final;
	} cases[] = {
		{ "nobody listens", 0, ERR_CONNECT, false, false, false },
		{ "no answer", 0, ERR_TIMEOUT, false, false, false },
		{ "something odd", 0, ERR_FAILED, false, false, false },
		{ "a wrong certificate at first", 0, ERR_CERTIFICATE, false, false, true },
		{ "and of a service", 0, ERR_CERTIFICATE, false, true, true },
		{ "a wrong certificate where a good one was", 0, ERR_CERTIFICATE, true, false,
		  false },
		{ "the login is refused", 0, ERR_LOGIN, false, false, true },
		{ "the proxy's, later", 0, ERR_LOGIN, true, false, true },
		{ "a blocked user", GOODBYE_BLOCKED, ERR_LOGIN, false, false, true },
		{ "a user who is blocked", GOODBYE_BLOCKED, ERR_LOGIN, true, true, true },
		{ "a full server", GOODBYE_FULL, ERR_CONNECT, false, false, false },
		{ "who is too fast", GOODBYE_SLOWLY, ERR_LOGIN, false, false, false },
		{ "a person at the wrong hour", GOODBYE_HOURS, ERR_LOGIN, false, false, true },
		{ "a service that begins then", GOODBYE_HOURS, ERR_LOGIN, false, true, false },
		{ "the end of the hours", GOODBYE_HOURS, ERR_LOGIN, true, false, false },
		{ "and for a service", GOODBYE_HOURS, ERR_LOGIN, true, true, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct uplink_after *after =
			cases[i].goodbye ? uplink_after_goodbye(cases[i].goodbye) : NULL;

		if (uplink_is_final(after, cases[i].kind, cases[i].was_up, cases[i].service) !=
		    cases[i].final)
			fail_msg("%s", cases[i].what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families_take_turns),
		cmocka_unit_test(pauses_grow_and_have_bounds),
		cmocka_unit_test(goodbyes_end_it_or_do_not),
		cmocka_unit_test(some_failures_are_final),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
