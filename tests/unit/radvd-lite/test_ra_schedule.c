/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/radvd-lite/test_ra_schedule.c
 *
 * When RAs are due, told as stories: what happens, at which millisecond, with which dice, and
 * when the next RA is due after it.  RFC 4861 6.2.4, 6.2.5, 6.2.6; simulated at length in
 * test_ra_schedule_simulation.c.
 */
#include "radvd-lite/ra_schedule.h"
#include "tests/unit/radvd-lite/ra_rows.h"

#define NEVER RA_NEVER_MS

enum act {
	END,
	START,
	STOP,	      /* with three final RAs */
	STOP_ONCE,    /* with one */
	STOP_MANY,    /* with more than there may be */
	STOP_QUIETLY, /* with none */
	CHANGE,
	ASK,
	ASK_FROM_NOWHERE,
	NOTHING,
	MULTICAST,
	UNICAST
};

struct step {
	enum act act; /* from NOTHING on: take, and get this */
	uint64_t at_ms;
	uint32_t dice;
	uint64_t due_ms; /* afterwards */
	uint8_t who;	 /* asks, or is answered */
};

static const struct ra_interval usual = { .min_ms = 200000, .max_ms = 600000 };

static const struct {
	const char *what;
	struct ra_interval interval; /* zero: the usual one */
	struct step steps[24];
} stories[] = {
	{ "the first three RAs are 16 s apart at most, then the interval rules",
	  .steps = { { START, 1000, 0, 1000 },
		     { MULTICAST, 1000, 0, 17000 },
		     { NOTHING, 1000, 0, 17000 },
		     { NOTHING, 16999, 0, 17000 },
		     { MULTICAST, 17000, 0, 33000 },
		     { MULTICAST, 33000, 0, 49000 },
		     { MULTICAST, 49000, 0, 249000 },
		     { MULTICAST, 249000, 400000, 849000 },
		     { MULTICAST, 849000, 400001, 1049000 },
		     { MULTICAST, 1049000, 123, 1249123 } } },
	{ "an interval under 16 s rules from the start", .interval = { 4000, 10000 },
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 6000, 10000 },
		     { MULTICAST, 10000, 0, 14000 } } },
	{ "an interval of one value", .interval = { 5000, 5000 },
	  .steps = { { START, 0, 0, 0 }, { MULTICAST, 0, 77, 5000 } } },
	{ "an interval under 3 s is 3 s", .interval = { 0, 100 },
	  .steps = { { START, 0, 0, 0 }, { MULTICAST, 0, 50, 3000 } } },
	{ "an interval upside down is its minimum", .interval = { 9000, 5000 },
	  .steps = { { START, 0, 0, 0 }, { MULTICAST, 0, 1234, 9000 } } },
	{ "the longest interval", .interval = { 0, UINT32_MAX },
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, UINT32_MAX, 16000 },
		     { MULTICAST, 16000, UINT32_MAX, 32000 },
		     { MULTICAST, 32000, UINT32_MAX, 48000 },
		     { MULTICAST, 48000, UINT32_MAX, 48000ull + UINT32_MAX } } },
	{ "a late caller shifts what follows",
	  .steps = { { START, 0, 0, 0 }, { MULTICAST, 700, 0, 16700 } } },

	{ "one who asks is answered alone, within 500 ms, though an RA has just left",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { ASK, 100, 500, 600, 1 },
		     { NOTHING, 599, 0, 600 },
		     { UNICAST, 600, 0, 16000, 1 },
		     { NOTHING, 600, 0, 16000 } } },
	{ "the delay's dice wrap at 500 ms",
	  .steps = { { START, 0, 0, 0 }, { MULTICAST, 0, 0, 16000 }, { ASK, 100, 501, 100, 1 } } },
	{ "a unicast answer is none of the three initial RAs",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { ASK, 100, 0, 100, 1 },
		     { UNICAST, 100, 0, 16000, 1 },
		     { MULTICAST, 16000, 0, 32000 },
		     { MULTICAST, 32000, 0, 48000 },
		     { MULTICAST, 48000, 0, 248000 } } },
	{ "who asks while others wait is answered with them, in their order",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { ASK, 100, 300, 400, 1 },
		     { ASK, 200, 500, 400, 2 },
		     { ASK, 300, 0, 400, 3 },
		     { UNICAST, 400, 0, 400, 1 },
		     { UNICAST, 400, 0, 400, 2 },
		     { UNICAST, 400, 0, 16000, 3 },
		     { NOTHING, 400, 0, 16000 } } },
	{ "who asks twice gets one answer", .steps = { { START, 0, 0, 0 },
						       { MULTICAST, 0, 0, 16000 },
						       { ASK, 100, 300, 400, 1 },
						       { ASK, 200, 0, 400, 1 },
						       { UNICAST, 400, 0, 16000, 1 } } },
	{ "a multicast RA that comes sooner answers those who wait",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { ASK, 15900, 300, 16000, 1 },
		     { MULTICAST, 16000, 0, 32000 },
		     { NOTHING, 16300, 0, 32000 } } },
	{ "the fifth at a time makes it a multicast RA, 3 s after the last",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { ASK, 100, 400, 500, 1 },
		     { ASK, 100, 0, 500, 2 },
		     { ASK, 100, 0, 500, 3 },
		     { ASK, 100, 0, 500, 4 },
		     { ASK, 100, 250, 500, 5 },
		     { UNICAST, 500, 0, 500, 1 },
		     { UNICAST, 500, 0, 500, 2 },
		     { UNICAST, 500, 0, 500, 3 },
		     { UNICAST, 500, 0, 3250, 4 },
		     { MULTICAST, 3250, 0, 19250 } } },

	{ "an answer to :: is multicast, 3 s and some after the last one",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { ASK_FROM_NOWHERE, 100, 500, 3500 },
		     { ASK_FROM_NOWHERE, 200, 200, 3200 },
		     { ASK_FROM_NOWHERE, 300, 300, 3200 },
		     { NOTHING, 3199, 0, 3200 },
		     { MULTICAST, 3200, 0, 19200 } } },
	{ "an answer to :: comes within 500 ms if the last RA is long ago",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { ASK_FROM_NOWHERE, 5000, 500, 5500 },
		     { MULTICAST, 5500, 0, 21500 } } },
	{ "an RA that is due sooner answers ::", .steps = { { START, 0, 0, 0 },
							    { MULTICAST, 0, 0, 16000 },
							    { ASK_FROM_NOWHERE, 15900, 400, 16000 },
							    { MULTICAST, 16000, 0, 32000 } } },

	{ "three final RAs, 3 s apart and after the last one, then silence",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { STOP, 1000, 0, 3000 },
		     { MULTICAST, 3000, 0, 6000 },
		     { NOTHING, 5999, 0, 6000 },
		     { MULTICAST, 6000, 0, 9000 },
		     { MULTICAST, 9000, 0, NEVER },
		     { NOTHING, 100000, 0, NEVER } } },
	{ "the first final RA leaves at once if the last one is long ago",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { STOP, 10000, 0, 10000 },
		     { MULTICAST, 10000, 0, 13000 } } },
	{ "who has said nothing has nothing to take back",
	  .steps = { { START, 0, 0, 0 }, { STOP, 0, 0, NEVER }, { NOTHING, 9, 0, NEVER } } },
	{ "nor are those answered who asked before it said anything",
	  .steps = { { START, 0, 0, 0 }, { ASK, 0, 100, 0, 1 }, { STOP, 0, 0, NEVER } } },
	{ "while ceasing nobody is answered, and a second stop changes nothing",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { ASK, 10000, 500, 10500, 1 },
		     { STOP, 10100, 0, 10100 },
		     { MULTICAST, 10100, 0, 13100 },
		     { ASK, 10200, 0, 13100, 2 },
		     { ASK_FROM_NOWHERE, 10200, 0, 13100 },
		     { STOP, 10300, 0, 13100 },
		     { MULTICAST, 13100, 0, 16100 },
		     { MULTICAST, 16100, 0, NEVER } } },
	{ "what never started is silent", .steps = { { NOTHING, 5, 0, NEVER },
						     { ASK, 6, 0, NEVER, 1 },
						     { ASK_FROM_NOWHERE, 7, 0, NEVER },
						     { STOP, 8, 0, NEVER },
						     { NOTHING, 9, 0, NEVER } } },

	{ "a second start brings three initial RAs again, and keeps the 3 s",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { START, 1000, 0, 3000 },
		     { MULTICAST, 3000, 0, 19000 },
		     { MULTICAST, 19000, 0, 35000 },
		     { MULTICAST, 35000, 0, 51000 },
		     { MULTICAST, 51000, 0, 251000 } } },
	{ "a second start does not make those wait who asked before",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { ASK, 100, 300, 400, 1 },
		     { START, 200, 0, 400 },
		     { UNICAST, 400, 0, 3000, 1 } } },
	{ "a start after ceasing keeps the 3 s too", .steps = { { START, 0, 0, 0 },
								{ MULTICAST, 0, 0, 16000 },
								{ STOP, 4000, 0, 4000 },
								{ MULTICAST, 4000, 0, 7000 },
								{ START, 4500, 0, 7000 },
								{ MULTICAST, 7000, 0, 23000 } } },

	{ "one final RA, then silence", .steps = { { START, 0, 0, 0 },
						   { MULTICAST, 0, 0, 16000 },
						   { STOP_ONCE, 1000, 0, 3000 },
						   { MULTICAST, 3000, 0, NEVER },
						   { NOTHING, 6000, 0, NEVER } } },
	{ "never more than three final RAs", .steps = { { START, 0, 0, 0 },
							{ MULTICAST, 0, 0, 16000 },
							{ STOP_MANY, 5000, 0, 5000 },
							{ MULTICAST, 5000, 0, 8000 },
							{ MULTICAST, 8000, 0, 11000 },
							{ MULTICAST, 11000, 0, NEVER } } },
	{ "a farewell that has begun is not begun again",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { STOP_ONCE, 5000, 0, 5000 },
		     { MULTICAST, 5000, 0, NEVER },
		     { STOP, 5500, 0, NEVER },
		     { START, 9000, 0, 9000 },
		     { MULTICAST, 9000, 0, 25000 },
		     { STOP, 12000, 0, 12000 },
		     { MULTICAST, 12000, 0, 15000 },
		     { STOP_ONCE, 13000, 0, 15000 },
		     { MULTICAST, 15000, 0, 18000 },
		     { MULTICAST, 18000, 0, NEVER } } },
	{ "who comes back says no farewell, and begins anew",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { ASK, 100, 300, 400, 1 },
		     { STOP_QUIETLY, 200, 0, NEVER },
		     { NOTHING, 16000, 0, NEVER },
		     { START, 17000, 0, 17000 },
		     { MULTICAST, 17000, 0, 33000 },
		     { MULTICAST, 33000, 0, 49000 },
		     { MULTICAST, 49000, 0, 65000 },
		     { MULTICAST, 65000, 0, 265000 } } },
	{ "a quiet stop ends a farewell", .steps = { { START, 0, 0, 0 },
						     { MULTICAST, 0, 0, 16000 },
						     { STOP, 5000, 0, 5000 },
						     { MULTICAST, 5000, 0, 8000 },
						     { STOP_QUIETLY, 6000, 0, NEVER },
						     { NOTHING, 8000, 0, NEVER } } },
	{ "a change in a farewell changes nothing", .steps = { { START, 0, 0, 0 },
							       { MULTICAST, 0, 0, 16000 },
							       { STOP, 5000, 0, 5000 },
							       { MULTICAST, 5000, 0, 8000 },
							       { CHANGE, 6000, 0, 8000 } } },
	{ "a change among the initial RAs is one of them",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { CHANGE, 5000, 0, 5000 },
		     { MULTICAST, 5000, 0, 21000 },
		     { MULTICAST, 21000, 0, 37000 },
		     { MULTICAST, 37000, 0, 237000 } } },
	{ "a change that is to be told later, so that many are not told at once",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { CHANGE, 7000, 0, 7000 },
		     { CHANGE, 6000, 0, 6000 },
		     { CHANGE, 6500, 0, 6000 } } },
	{ "a change is said once, then the interval rules from there",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { MULTICAST, 16000, 0, 32000 },
		     { MULTICAST, 32000, 0, 48000 },
		     { MULTICAST, 48000, 0, 248000 },
		     { CHANGE, 60000, 0, 60000 },
		     { MULTICAST, 60000, 100, 260100 } } },
	{ "a change waits 3 s after the last RA, and two of them wait together",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { CHANGE, 100, 0, 3000 },
		     { CHANGE, 2900, 0, 3000 },
		     { MULTICAST, 3000, 0, 19000 } } },
	{ "an RA that is due sooner tells of the change",
	  .steps = { { START, 0, 0, 0 },
		     { MULTICAST, 0, 0, 16000 },
		     { CHANGE, 17000, 0, 16000 } } },
	{ "a change while nothing is said changes nothing",
	  .steps = { { START, 0, 0, 0 },
		     { STOP, 0, 0, RA_NEVER_MS },
		     { CHANGE, 100, 0, RA_NEVER_MS } } },
};

static struct ra_asking asker(uint8_t who)
{
	return (struct ra_asking) { .address = DB8([15] = who), .mac = { { 2, [5] = who } } };
}

static void take(const char *what, unsigned i, struct ra_schedule *s,
		 const struct ra_interval *interval, const struct step *step)
{
	static const enum ra_due wanted[] = {
		[NOTHING] = RA_DUE_NOTHING,
		[MULTICAST] = RA_DUE_MULTICAST,
		[UNICAST] = RA_DUE_UNICAST,
	};
	struct ra_asking to = { 0 }, who = asker(step->who);
	enum ra_due due = ra_schedule_take(s, interval, step->at_ms, step->dice, &to);

	if (due != wanted[step->act])
		fail_msg("%s: step %u: takes %d", what, i, due);
	if (due == RA_DUE_UNICAST &&
	    (!ip6_equal(&to.address, &who.address) || !mac_equal(&to.mac, &who.mac)))
		fail_msg("%s: step %u: answers %u", what, i, to.address.octet[15]);
}

static void stories_come_true(void **state)
{
	for (size_t k = 0; k < ARRAY_LEN(stories); k++) {
		const struct ra_interval *interval = &stories[k].interval;
		struct ra_schedule s = { 0 };

		if (interval->max_ms == 0)
			interval = &usual;
		for (unsigned i = 0; stories[k].steps[i].act != END; i++) {
			const struct step *step = &stories[k].steps[i];
			struct ra_asking from = asker(step->who);

			switch (step->act) {
			case START: ra_schedule_start(&s, step->at_ms); break;
			case STOP: ra_schedule_stop(&s, RA_MAX_FINALS, step->at_ms); break;
			case STOP_ONCE: ra_schedule_stop(&s, 1, step->at_ms); break;
			case STOP_MANY: ra_schedule_stop(&s, 9, step->at_ms); break;
			case STOP_QUIETLY: ra_schedule_stop(&s, 0, step->at_ms); break;
			case CHANGE: ra_schedule_changed(&s, step->at_ms); break;
			case ASK: ra_schedule_solicited(&s, &from, step->at_ms, step->dice); break;
			case ASK_FROM_NOWHERE:
				ra_schedule_solicited(&s, NULL, step->at_ms, step->dice);
				break;
			case NOTHING:
			case MULTICAST:
			case UNICAST: take(stories[k].what, i, &s, interval, step); break;
			case END: break;
			}
			if (s.due_ms != step->due_ms)
				fail_msg("%s: step %u: due at %llu", stories[k].what, i,
					 (unsigned long long)s.due_ms);
		}
	}
}

/* 10 at once, then one in 100 ms; who is over it gets the multicast RA. */
static void unicast_answers_have_a_rate(void **state)
{
	struct ra_schedule s = { 0 };
	struct ra_asking to;
	unsigned answers = 0;

	ra_schedule_start(&s, 0);
	assert_int_equal(ra_schedule_take(&s, &usual, 0, 0, &to), RA_DUE_MULTICAST);
	for (unsigned i = 0; i < 200; i++) { /* one asks in 10 ms, for 2 s */
		struct ra_asking from = asker((uint8_t)i);
		uint64_t now_ms = 100 + i * 10;

		ra_schedule_solicited(&s, &from, now_ms, 0);
		if (ra_schedule_take(&s, &usual, now_ms, 0, &to) == RA_DUE_UNICAST)
			answers++;
		assert_int_equal(s.multicast_due_ms, i < 11 ? 16000 : 3000);
	}
	assert_int_equal(answers, 10 + 19);

	/* the bucket fills up to ten again and no further */
	answers = 0;
	assert_int_equal(ra_schedule_take(&s, &usual, 3000, 0, &to), RA_DUE_MULTICAST);
	for (unsigned i = 0; i < 20; i++) {
		struct ra_asking from = asker((uint8_t)i);

		ra_schedule_solicited(&s, &from, 10000, 0);
		if (ra_schedule_take(&s, &usual, 10000, 0, &to) == RA_DUE_UNICAST)
			answers++;
		if (s.multicast_due_ms == 10000)
			break;
	}
	assert_int_equal(answers, 10);
}

/* A host that changed its MAC while it waits is answered where it is now. */
static void the_latest_mac_counts(void **state)
{
	struct ra_asking first = asker(1), again = asker(1), to;
	struct ra_schedule s = { 0 };

	again.mac.octet[5] = 9;
	ra_schedule_start(&s, 0);
	assert_int_equal(ra_schedule_take(&s, &usual, 0, 0, &to), RA_DUE_MULTICAST);
	ra_schedule_solicited(&s, &first, 100, 100);
	ra_schedule_solicited(&s, &again, 150, 100);
	assert_int_equal(ra_schedule_take(&s, &usual, 200, 0, &to), RA_DUE_UNICAST);
	assert_true(mac_equal(&to.mac, &again.mac));
}

/* RFC 4861 6.2.1 as RFC 8319 4 has it. */
static const struct {
	uint32_t min_s, max_s;
	struct ra_interval interval;
} intervals[] = {
	{ 0, 600, { 198000, 600000 } },
	{ 0, 65535, { 21626550, 65535000 } },
	{ 0, 65536, { 21626550, 65535000 } },
	{ 0, UINT32_MAX, { 21626550, 65535000 } },
	{ 0, 10, { 3300, 10000 } },
	{ 0, 9, { 3000, 9000 } },
	{ 0, 8, { 6000, 8000 } },
	{ 0, 4, { 3000, 4000 } },
	{ 0, 3, { 3000, 4000 } },
	{ 0, 0, { 3000, 4000 } },
	{ 198, 600, { 198000, 600000 } },
	{ 450, 600, { 450000, 600000 } },
	{ 451, 600, { 450000, 600000 } },
	{ UINT32_MAX, 65535, { 49151250, 65535000 } },
	{ 1, 600, { 3000, 600000 } },
	{ 3, 600, { 3000, 600000 } },
	{ 3, 4, { 3000, 4000 } },
	{ 4, 4, { 3000, 4000 } },
	{ 9, 9, { 6750, 9000 } },
};

static void intervals_are_in_range(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(intervals); i++) {
		struct ra_interval got = ra_interval_of(intervals[i].min_s, intervals[i].max_s);

		if (got.min_ms != intervals[i].interval.min_ms ||
		    got.max_ms != intervals[i].interval.max_ms)
			fail_msg("%u to %u s: %u to %u ms", intervals[i].min_s, intervals[i].max_s,
				 got.min_ms, got.max_ms);
	}
}

static void phases_have_names(void **state)
{
	static const char *const wanted[] = { "off", "initial", "steady", "ceasing" };

	for (unsigned i = 0; i < RA_PHASES; i++)
		assert_string_equal(ra_phase_name[i], wanted[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stories_come_true),
		cmocka_unit_test(unicast_answers_have_a_rate),
		cmocka_unit_test(the_latest_mac_counts),
		cmocka_unit_test(intervals_are_in_range),
		cmocka_unit_test(phases_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
