/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/radvd-lite/test_ra_schedule_simulation.c
 *
 * 10,000 hours of a schedule with random dice, random solicitors, changes, stops and starts, watched
 * by an observer that knows the rules of RFC 4861 6.2.4 to 6.2.6 and nothing of the schedule's
 * inside.  The dice are the same each time.
 */
#include "radvd-lite/ra_schedule.h"
#include "tests/unit/radvd-lite/ra_rows.h"

#define HOUR_MS 3600000ull
#define MAX_WAITING 4096

struct scene {
	const char *what;
	unsigned hours;
	struct ra_interval interval;
	uint32_t ask_gap_ms; /* solicitations come 0 to twice as far apart; 0: nobody asks */
	uint32_t nowhere;    /* of 100 of them, from :: */
	uint32_t life_ms;    /* stop after 0 to twice this; 0: never */
	uint32_t restart_ms; /* start again while running, likewise */
	uint32_t change_ms;  /* new content for those who know the old, likewise */
	uint32_t late_ms;    /* the caller comes up to so much late */
	unsigned finals;     /* at each stop one of 0 to so many */
	bool prompt;	     /* few enough ask: everybody gets an answer within 500 ms */
};

#define USUAL                  \
	{                      \
		198000, 600000 \
	}

static const struct scene scenes[] = {
	{ "nobody asks", 1150, USUAL, .prompt = true },
	{ "nobody asks, the shortest interval of the RFC", 500, { 3000, 4000 }, .prompt = true },
	{ "nobody asks, the longest of RFC 8319", 2000, { 21626550, 65535000 }, .prompt = true },
	{ "a caller who comes late", 500, USUAL, 30000, 20, HOUR_MS, .late_ms = 40, .finals = 3,
	  .prompt = true },
	{ "a few ask", 2000, USUAL, 60000, .prompt = true },
	{ "a few ask, half from nowhere", 1000, USUAL, 20000, 50, .prompt = true },
	{ "stopped and started every hour",
	  1000,
	  { 30000, 60000 },
	  5000,
	  10,
	  HOUR_MS,
	  .finals = 3,
	  .prompt = true },
	{ "restarted every minute, no farewell", 100, USUAL, 5000, 10, 60000, .prompt = true },
	{ "a new address every half a minute",
	  700,
	  { 30000, 60000 },
	  4000,
	  10,
	  0,
	  30000,
	  .prompt = true },
	{ "new content every ten minutes", 500, USUAL, 0, 0, 0, 0, 600000, .prompt = true },
	{ "new content every two seconds, and all the rest",
	  400,
	  { 30000, 60000 },
	  4000,
	  10,
	  60000,
	  30000,
	  2000,
	  .late_ms = 5,
	  .finals = 3,
	  .prompt = true },
	{ "new content while the interval is longest",
	  100,
	  { 21626550, 65535000 },
	  60000,
	  5,
	  0,
	  0,
	  900000,
	  .prompt = true },
	{ "six a second ask", 30, USUAL, 160, 0, HOUR_MS, .finals = 1 },
	{ "a flood", 10, USUAL, 10, 1, 600000, .finals = 3 },
	{ "a flood from nowhere", 10, USUAL, 10, 100, 600000, .finals = 3 },
};

struct waiting {
	bool is_nowhere;
	uint8_t who;
	uint64_t since_ms;
	uint64_t limit_ms; /* when at last a multicast RA must have come */
};

struct watch {
	const struct scene *scene;
	uint64_t random;
	bool any;
	uint64_t last_ms;	  /* multicast */
	unsigned since_start;	  /* multicast RAs since the last start */
	unsigned since_stop;	  /* likewise */
	unsigned finals;	  /* how many there may be of those */
	uint64_t change_limit_ms; /* when the last change must have been told; NEVER: it is */
	bool stopping, shortened; /* shortened: something happened since the last multicast RA */
	uint64_t tokens_ms, tokens_at_ms;
	unsigned waiting_count;
	struct waiting waiting[MAX_WAITING];
	uint64_t shortest_ms, longest_ms; /* steady intervals */
	unsigned long multicasts, unicasts, asked, changes;
};

static uint32_t roll(struct watch *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return (uint32_t)(w->random >> 32);
}

static uint64_t around(struct watch *w, uint32_t mean_ms)
{
	return mean_ms == 0 ? RA_NEVER_MS : roll(w) % (2ull * mean_ms);
}

static void expect(const struct watch *w, bool ok, const char *rule, uint64_t now_ms)
{
	if (!ok)
		fail_msg("%s: at %llu ms: %s", w->scene->what, (unsigned long long)now_ms, rule);
}

static void watch_interval(struct watch *w, uint64_t now_ms)
{
	const struct ra_interval *interval = &w->scene->interval;
	uint64_t gap_ms = now_ms - w->last_ms, late_ms = w->scene->late_ms;

	expect(w, gap_ms >= 3000, "two multicast RAs within 3 s", now_ms);
	if (w->stopping) {
		w->since_stop++;
		expect(w, w->since_stop <= w->finals, "too many final RAs", now_ms);
		expect(w, w->since_stop == 1 || gap_ms <= 3000 + late_ms, "a slow farewell",
		       now_ms);
		return;
	}
	if (w->since_start >= 1 && w->since_start <= 3)
		expect(w, gap_ms <= 16000 + late_ms, "initial RAs over 16 s apart", now_ms);
	if (w->since_start > 3) {
		expect(w, gap_ms <= interval->max_ms + late_ms, "over the interval", now_ms);
		expect(w, gap_ms >= interval->min_ms || w->shortened, "under the interval", now_ms);
		if (!w->shortened && gap_ms < w->shortest_ms)
			w->shortest_ms = gap_ms;
		if (gap_ms > w->longest_ms)
			w->longest_ms = gap_ms;
	}
}

static void watch_waiting(struct watch *w, uint64_t now_ms)
{
	for (unsigned i = 0; i < w->waiting_count; i++)
		expect(w, now_ms <= w->waiting[i].limit_ms, "somebody was forgotten", now_ms);
}

static void watch_multicast(struct watch *w, uint64_t now_ms)
{
	if (w->any)
		watch_interval(w, now_ms);
	watch_waiting(w, now_ms);
	expect(w, now_ms <= w->change_limit_ms, "a change is told after 3 s", now_ms);
	w->change_limit_ms = RA_NEVER_MS;
	w->any = true;
	w->last_ms = now_ms;
	w->since_start++;
	w->shortened = false;
	w->multicasts++;
	w->waiting_count = 0;
}

static void watch_unicast(struct watch *w, const struct ra_asking *to, uint64_t now_ms)
{
	unsigned kept = 0;
	uint64_t youngest_ms = RA_NEVER_MS; /* of the questions from this one */

	watch_waiting(w, now_ms);
	for (unsigned i = 0; i < w->waiting_count; i++) {
		const struct waiting *one = &w->waiting[i];

		if (one->is_nowhere || one->who != to->address.octet[15])
			w->waiting[kept++] = *one;
		else
			youngest_ms = now_ms - one->since_ms;
	}
	w->waiting_count = kept;
	expect(w, youngest_ms != RA_NEVER_MS, "an answer to nobody", now_ms);
	expect(w, youngest_ms <= 500 + w->scene->late_ms, "a unicast answer after 500 ms", now_ms);
	expect(w, to->mac.octet[5] == to->address.octet[15], "an answer to another MAC", now_ms);
	expect(w, !w->stopping, "an answer while ceasing", now_ms);

	/* one per 100 ms, burst 10 */
	w->tokens_ms += now_ms - w->tokens_at_ms;
	w->tokens_at_ms = now_ms;
	if (w->tokens_ms > 1000)
		w->tokens_ms = 1000;
	expect(w, w->tokens_ms + w->scene->late_ms >= 100, "too many unicast answers", now_ms);
	w->tokens_ms -= w->tokens_ms < 100 ? w->tokens_ms : 100;
	w->unicasts++;
}

static void ask(struct watch *w, struct ra_schedule *s, uint64_t now_ms)
{
	bool is_nowhere = roll(w) % 100 < w->scene->nowhere;
	uint8_t who = (uint8_t)roll(w);
	struct ra_asking from = { .address = DB8([15] = who), .mac = { { 2, [5] = who } } };

	ra_schedule_solicited(s, is_nowhere ? NULL : &from, now_ms, roll(w));
	w->asked++;
	if (w->stopping)
		return;
	uint64_t limit_ms = now_ms + 500 + w->scene->late_ms;
	bool may_be_multicast = is_nowhere || !w->scene->prompt;
	if (may_be_multicast && w->any && w->last_ms + 3000 > now_ms)
		limit_ms += w->last_ms + 3000 - now_ms;
	w->shortened |= may_be_multicast;
	expect(w, w->waiting_count < MAX_WAITING, "the observer has lost count", now_ms);
	w->waiting[w->waiting_count++] = (struct waiting) { is_nowhere, who, now_ms, limit_ms };
}

/* RFC 4861 6.2.6: within the 3 s that any two are apart; at once if the last one is long ago. */
static void change(struct watch *w, struct ra_schedule *s, uint64_t now_ms)
{
	uint64_t at_ms = now_ms + roll(w) % 50;
	uint64_t limit_ms = at_ms;

	ra_schedule_changed(s, at_ms);
	w->changes++;
	if (w->stopping)
		return;
	if (w->any && w->last_ms + 3000 > limit_ms)
		limit_ms = w->last_ms + 3000;
	limit_ms += w->scene->late_ms;
	w->shortened = true;
	if (limit_ms < w->change_limit_ms)
		w->change_limit_ms = limit_ms;
}

static void take_all(struct watch *w, struct ra_schedule *s, uint64_t now_ms)
{
	struct ra_asking to;

	for (unsigned round = 0;; round++) {
		expect(w, round <= RA_MAX_ASKING + 1, "no end of what is due", now_ms);
		enum ra_due due = ra_schedule_take(s, &w->scene->interval, now_ms, roll(w), &to);
		if (due == RA_DUE_NOTHING)
			break;
		if (due == RA_DUE_MULTICAST)
			watch_multicast(w, now_ms);
		else
			watch_unicast(w, &to, now_ms);
	}
	expect(w, s->due_ms > now_ms, "due in the past", now_ms);
	expect(w, now_ms <= w->change_limit_ms, "a change is not told", now_ms);
	expect(w, w->stopping || s->due_ms != RA_NEVER_MS, "asleep for ever", now_ms);
	watch_waiting(w, now_ms);
}

static uint64_t soonest(const uint64_t *times_ms, size_t count)
{
	uint64_t least_ms = RA_NEVER_MS;

	for (size_t i = 0; i < count; i++)
		least_ms = times_ms[i] < least_ms ? times_ms[i] : least_ms;
	return least_ms;
}

static void start(struct watch *w, struct ra_schedule *s, uint64_t now_ms)
{
	ra_schedule_start(s, now_ms);
	/* what was due, and the caller late, is due again: now */
	if (w->change_limit_ms < now_ms + w->scene->late_ms)
		w->change_limit_ms = now_ms + w->scene->late_ms;
	w->stopping = false;
	w->since_start = 0;
}

static void stop(struct watch *w, struct ra_schedule *s, uint64_t now_ms)
{
	w->finals = roll(w) % (w->scene->finals + 1);
	ra_schedule_stop(s, w->finals, now_ms);
	w->change_limit_ms = RA_NEVER_MS;
	w->stopping = true;
	w->since_stop = 0;
	w->waiting_count = 0;
}

enum event { DUE, ASKED, CHANGED, STOPPED, STARTED, RESTARTED, EVENTS };

static uint64_t from_now(uint64_t now_ms, uint64_t wait_ms)
{
	return wait_ms == RA_NEVER_MS ? RA_NEVER_MS : now_ms + wait_ms;
}

static void play(struct watch *w)
{
	const struct scene *scene = w->scene;
	struct ra_schedule s = { 0 };
	uint64_t end_ms = scene->hours * HOUR_MS;
	uint64_t at_ms[EVENTS] = {
		[DUE] = 0,
		[ASKED] = around(w, scene->ask_gap_ms),
		[CHANGED] = around(w, scene->change_ms),
		[STOPPED] = around(w, scene->life_ms),
		[STARTED] = RA_NEVER_MS,
		[RESTARTED] = around(w, scene->restart_ms),
	};
	uint64_t now_ms = 0;

	start(w, &s, 0);
	for (; now_ms < end_ms; now_ms = soonest(at_ms, EVENTS)) {
		if (at_ms[ASKED] == now_ms) {
			ask(w, &s, now_ms);
			at_ms[ASKED] = from_now(now_ms, around(w, scene->ask_gap_ms));
		}
		if (at_ms[CHANGED] == now_ms) {
			change(w, &s, now_ms);
			at_ms[CHANGED] = from_now(now_ms, around(w, scene->change_ms));
		}
		if (at_ms[STOPPED] == now_ms) {
			stop(w, &s, now_ms);
			at_ms[STOPPED] = RA_NEVER_MS;
			at_ms[STARTED] = now_ms + around(w, 20000);
		}
		if (at_ms[STARTED] == now_ms) {
			start(w, &s, now_ms);
			at_ms[STARTED] = RA_NEVER_MS;
			at_ms[STOPPED] = now_ms + around(w, scene->life_ms);
		}
		if (at_ms[RESTARTED] == now_ms) {
			start(w, &s, now_ms);
			at_ms[RESTARTED] = now_ms + around(w, scene->restart_ms);
		}
		if (at_ms[DUE] == now_ms)
			take_all(w, &s, now_ms);
		at_ms[DUE] = s.due_ms;
		if (s.due_ms != RA_NEVER_MS && scene->late_ms > 0)
			at_ms[DUE] = s.due_ms + roll(w) % (scene->late_ms + 1);
		if (at_ms[DUE] < now_ms)
			at_ms[DUE] = now_ms;
	}
}

static void ten_thousand_hours(void **state)
{
	unsigned hours = 0;

	for (size_t i = 0; i < ARRAY_LEN(scenes); i++) {
		struct watch w = { .scene = &scenes[i],
				   .random = 0x9e3779b97f4a7c15u + i,
				   .tokens_ms = 1000,
				   .change_limit_ms = RA_NEVER_MS,
				   .shortest_ms = UINT64_MAX };
		const struct ra_interval *interval = &scenes[i].interval;
		uint32_t span_ms = interval->max_ms - interval->min_ms;

		play(&w);
		hours += scenes[i].hours;
		print_message("%s: %u h, %lu asked, %lu changes, %lu multicast, %lu unicast\n",
			      scenes[i].what, scenes[i].hours, w.asked, w.changes, w.multicasts,
			      w.unicasts);
		if (scenes[i].ask_gap_ms == 0 && scenes[i].change_ms == 0 &&
		    scenes[i].hours * HOUR_MS >
			    1000ull * interval->max_ms) { /* the dice reach both ends */
			assert_true(w.shortest_ms < interval->min_ms + span_ms / 50);
			assert_true(w.longest_ms > interval->max_ms - span_ms / 50);
		}
	}
	assert_int_equal(hours, 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(ten_thousand_hours) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
