/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_events.c - events come once each, in order, and what is lost is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "server/events.h"

static int64_t number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static const struct {
	const char *what;
	unsigned added;
	uint64_t after;
	unsigned most;
	int64_t first, last, lost; /* first 0: none */
} rows[] = {
	{ "none at all", 0, 0, 10, 0, 0, 0 },
	{ "the first", 1, 0, 10, 1, 1, 0 },
	{ "those after one", 5, 3, 10, 4, 5, 0 },
	{ "none after the last", 5, 5, 10, 0, 5, 0 },
	{ "as many as are wanted", 5, 1, 2, 2, 3, 0 },
	{ "of another life", 5, 6, 10, 1, 5, 0 },
	{ "all that are kept", EVENTS_MAX, 0, EVENTS_MAX, 1, EVENTS_MAX, 0 },
	{ "one is not kept any more", EVENTS_MAX + 1, 0, EVENTS_MAX, 2, EVENTS_MAX + 1, 1 },
	{ "many are not", 3 * EVENTS_MAX, 5, 10, 2 * EVENTS_MAX + 1, 2 * EVENTS_MAX + 10,
	  2 * EVENTS_MAX - 5 },
};

static void each_is_told_once(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct events *events = events_new();

		assert_non_null(events);
		for (unsigned n = 1; n <= rows[i].added; n++)
			events_add(events, EVENT_CONFIG, 0, "", "number %u", n);
		json_t *answer = events_after(events, NULL, rows[i].after, rows[i].most), *one;
		json_t *all = json_object_get(answer, "events");
		size_t k;

		if (number(answer, "last") != rows[i].last ||
		    number(answer, "lost") != rows[i].lost)
			fail_msg("%s: last %lld, lost %lld", rows[i].what,
				 (long long)number(answer, "last"),
				 (long long)number(answer, "lost"));
		json_array_foreach(all, k, one)
		{
			char text[32];

			snprintf(text, sizeof(text), "number %lld",
				 (long long)rows[i].first + (long long)k);
			assert_int_equal(number(one, "seq"), rows[i].first + (int64_t)k);
			assert_string_equal(json_string_value(json_object_get(one, "text")), text);
		}
		assert_int_equal(json_array_size(all),
				 rows[i].first ? rows[i].last - rows[i].first + 1 : 0);
		json_decref(answer);
		events_free(events);
	}
}

static void one_has_all_that_is_known(void **state)
{
	struct events *events = events_new();

	assert_non_null(events);
	events_add(events, EVENT_CLIENT_UP, 7, "alice", "hello");
	events_add(events, EVENT_SERVER, 0, "", "%0500d", 1);
	json_t *answer = events_after(events, NULL, 0, 10);
	json_t *all = json_object_get(answer, "events");
	const json_t *first = json_array_get(all, 0), *second = json_array_get(all, 1);

	assert_string_equal(json_string_value(json_object_get(first, "kind")), "client-up");
	assert_int_equal(number(first, "client"), 7);
	assert_string_equal(json_string_value(json_object_get(first, "user")), "alice");
	assert_true(number(first, "at_s") > 1500000000);
	assert_true(json_is_null(json_object_get(second, "client")));
	assert_true(json_is_null(json_object_get(second, "user")));
	assert_int_equal(json_string_length(json_object_get(second, "text")), EVENT_TEXT - 1);
	json_decref(answer);
	events_free(events);
}

static void those_of_a_user_are_found(void **state)
{
	struct events *events = events_new();
	int64_t now_s = time(NULL), latest_s = 0;

	assert_non_null(events);
	assert_int_equal(events_of_user(events, EVENT_CLIENT_UP, "alice", 0, &latest_s), 0);
	events_add(events, EVENT_CLIENT_UP, 1, "alice", "came");
	events_add(events, EVENT_CLIENT_UP, 2, "bob", "came");
	events_add(events, EVENT_CLIENT_DOWN, 1, "alice", "went");
	events_add(events, EVENT_CLIENT_UP, 3, "alice", "came");
	assert_int_equal(events_of_user(events, EVENT_CLIENT_UP, "alice", 0, &latest_s), 2);
	assert_in_range(latest_s, now_s, now_s + 60);
	assert_int_equal(events_of_user(events, EVENT_CLIENT_UP, "alice", now_s + 3600, &latest_s),
			 0);
	for (unsigned i = 0; i < EVENTS_MAX - 1; i++) /* as many as there is room for, but one */
		events_add(events, EVENT_CLIENT_UP, 2, "bob", "came");
	assert_int_equal(events_of_user(events, EVENT_CLIENT_UP, "alice", 0, &latest_s), 1);
	assert_int_equal(events_of_user(events, EVENT_CLIENT_UP, "bob", 0, &latest_s),
			 EVENTS_MAX - 1);
	events_free(events);
}

static void of_a_kind_there_are_so_many(void **state)
{
	struct event_limit limit = { 0 };
	uint64_t now_ms = 1000000;
	unsigned more = 99, passed = 0;

	for (unsigned i = 0; i < EVENTS_BURST; i++)
		assert_true(event_limit_pass(&limit, now_ms, &more));
	assert_int_equal(more, 0);
	for (unsigned i = 0; i < 1000; i++, now_ms += 100) /* a hundred seconds */
		passed += event_limit_pass(&limit, now_ms, &more);
	assert_in_range(passed, 9, 10);
	assert_in_range(more, 90, 100); /* before the latest that passed */
	assert_true(event_limit_pass(&limit, now_ms + 20000, &more));
	assert_true(more > 0);
	assert_true(event_limit_pass(&limit, now_ms + 40000, &more));
	assert_int_equal(more, 0);
}

static void what_goes_on_is_told_ever_more_seldom(void **state)
{
	static const unsigned told_min[] = { 0, 1, 3, 7, 15, 31, 63, 123, 183 };
	struct event_again again = { 0 };
	uint64_t now_ms = 5000;
	unsigned next = 0;

	for (unsigned min = 0; min <= 200; min++, now_ms += 60000) {
		bool told = event_again_pass(&again, now_ms);

		assert_int_equal(told, next < ARRAY_LEN(told_min) && min == told_min[next]);
		next += told;
	}
	assert_int_equal(next, ARRAY_LEN(told_min));
	/* it was quiet, and begins again */
	now_ms += EVENT_QUIET_MS;
	assert_true(event_again_pass(&again, now_ms));
	assert_false(event_again_pass(&again, now_ms + EVENT_AGAIN_MS - 1));
	assert_true(event_again_pass(&again, now_ms + EVENT_AGAIN_MS));
}

/* Who, and which numbers of those that `whose_are_told` adds. */
static const struct {
	const char *what;
	struct events_of of;
	unsigned newest;
	const char *seqs;
} whose[] = {
	{ "of a session, and of its user without one", { 7, "alice" }, 10, "1 3 7 8" },
	{ "of the user's other session", { 8, "alice" }, 10, "3 5 7" },
	{ "of a session that nobody knows any more", { 7, "7" }, 10, "1 8" },
	{ "of a user", { 0, "alice" }, 10, "1 3 5 7 8" },
	{ "of somebody else", { 9, "bob" }, 10, "2" },
	{ "of nobody", { 0, "" }, 10, "" },
	{ "of somebody unknown", { 0, "carol" }, 10, "" },
	{ "the newest alone", { 0, "alice" }, 2, "7 8" },
};

static void whose_are_told(void **state)
{
	struct events *events = events_new();

	assert_non_null(events);
	events_add(events, EVENT_CLIENT_UP, 7, "alice", "comes");
	events_add(events, EVENT_CLIENT_UP, 9, "bob", "comes");
	events_add(events, EVENT_LEASE, 0, "alice", "a lease");
	events_add(events, EVENT_SERVER, 0, "", "of everybody");
	events_add(events, EVENT_CLIENT_UP, 8, "alice", "comes");
	events_add(events, EVENT_LEASE, 0, "alicex", "a lease");
	events_add(events, EVENT_LEASE, 0, "alice", "a lease");
	events_add(events, EVENT_CAPTURE, 7, "alice", "is captured");
	for (size_t i = 0; i < ARRAY_LEN(whose); i++) {
		uint64_t before = events_before_newest(events, &whose[i].of, whose[i].newest);
		json_t *answer = events_after(events, &whose[i].of, before, 10), *one;
		char seqs[64] = "";
		size_t k;

		json_array_foreach(json_object_get(answer, "events"), k, one)
			snprintf(seqs + strlen(seqs), sizeof(seqs) - strlen(seqs),
				 k ? " %lld" : "%lld", (long long)number(one, "seq"));
		if (strcmp(seqs, whose[i].seqs) != 0)
			fail_msg("%s: %s", whose[i].what, seqs);
		assert_int_equal(number(answer, "last"), 8);
		json_decref(answer);
	}
	events_free(events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_told_once),
		cmocka_unit_test(one_has_all_that_is_known),
		cmocka_unit_test(those_of_a_user_are_found),
		cmocka_unit_test(of_a_kind_there_are_so_many),
		cmocka_unit_test(what_goes_on_is_told_ever_more_seldom),
		cmocka_unit_test(whose_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
