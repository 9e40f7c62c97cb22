/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/radvd-lite/test_ra_promises.c
 *
 * What hosts were promised, told as stories: what is offered at which second, what then has to be
 * advertised, and whether the disk must know.  RFC 9096 3.5, RFC 4862 5.5.3 (e).
 */
#include "radvd-lite/ra_promises.h"
#include "tests/unit/radvd-lite/ra_rows.h"

#define F RA_FOREVER
#define HOUR 3600u
#define DAY 86400u
#define T0 1700000000ull /* all times in stories count from here */

/* A prefix by its number, 1 and up. */
struct said {
	uint8_t number;
	uint32_t valid_s, preferred_s;
	bool counts_down;
};

enum act {
	END,
	OFFER,	/* an update */
	QUIET,	/* an update that the disk need not know */
	LIST,	/* time passes */
	KILLED, /* everything is read from the disk as it was written last */
};

struct step {
	enum act act;
	int64_t at_s;
	struct said offered[3]; /* of OFFER and QUIET */
	struct said listed[4];	/* afterwards */
	unsigned appeared, vanished;
};

static const struct {
	const char *what;
	struct step steps[10];
} stories[] = {
	{ "what is configured has the same lifetimes in each RA",
	  { { OFFER, 0, { { 1, 5400, 2700 } }, { { 1, 5400, 2700 } }, 1, 0 },
	    { LIST, DAY, .listed = { { 1, 5400, 2700 } } },
	    { QUIET, DAY, { { 1, 5400, 2700 } }, { { 1, 5400, 2700 } } } } },
	{ "what vanishes is deprecated until the promise is over, then forgotten",
	  { { OFFER, 0, { { 1, 5400, 2700 } }, { { 1, 5400, 2700 } }, 1, 0 },
	    { OFFER, 1000, {}, { { 1, 5400, 0 } }, 0, 1 },
	    { LIST, 1001, .listed = { { 1, 5399, 0 } } },
	    { QUIET, 2000, {}, { { 1, 4400, 0 } } },
	    { LIST, 6399, .listed = { { 1, 1, 0 } } },
	    { QUIET, 6399, {}, { { 1, 1, 0 } } },
	    { LIST, 6400 },
	    { OFFER, 6400, {}, {} },
	    { QUIET, 6401, {}, {} } } },
	{ "another takes its place",
	  { { OFFER, 0, { { 1, 5400, 2700 } }, { { 1, 5400, 2700 } }, 1, 0 },
	    { OFFER, 10, { { 2, 60, 30 } }, { { 2, 60, 30 }, { 1, 5400, 0 } }, 1, 1 },
	    { LIST, 5410, .listed = { { 2, 60, 30 } } } } },
	{ "what comes back is itself again",
	  { { OFFER, 0, { { 1, 5400, 2700 } }, { { 1, 5400, 2700 } }, 1, 0 },
	    { OFFER, 10, {}, { { 1, 5400, 0 } }, 0, 1 },
	    { OFFER, 20, { { 1, 5400, 2700 } }, { { 1, 5400, 2700 } }, 1, 0 },
	    { OFFER, 30, {}, { { 1, 5400, 0 } }, 0, 1 } } },
	{ "a promise without an end is over after two hours",
	  { { OFFER, 0, { { 1, F, F } }, { { 1, F, F } }, 1, 0 },
	    { OFFER, DAY, {}, { { 1, 7200, 0 } }, 0, 1 },
	    { LIST, DAY + 7199, .listed = { { 1, 1, 0 } } },
	    { LIST, DAY + 7200 } } },
	{ "a long promise is kept to its end, not only for two hours",
	  { { OFFER, 0, { { 1, 7 * DAY, DAY } }, { { 1, 7 * DAY, DAY } }, 1, 0 },
	    { OFFER, 10, {}, { { 1, 7 * DAY, 0 } }, 0, 1 },
	    { LIST, 10 + DAY, .listed = { { 1, 6 * DAY, 0 } } } } },
	{ "new lifetimes are news",
	  { { OFFER, 0, { { 1, 5400, 2700 } }, { { 1, 5400, 2700 } }, 1, 0 },
	    { OFFER, 1, { { 1, 5401, 2700 } }, { { 1, 5401, 2700 } } },
	    { OFFER, 2, { { 1, 5401, 2701 } }, { { 1, 5401, 2701 } } },
	    { QUIET, 3, { { 1, 5401, 2701 } }, { { 1, 5401, 2701 } } } } },
	{ "in the order of the offers, the vanished behind them, the longest first",
	  { { OFFER,
	      0,
	      { { 1, 100, 1 }, { 2, 300, 1 }, { 3, 200, 1 } },
	      { { 1, 100, 1 }, { 2, 300, 1 }, { 3, 200, 1 } },
	      3,
	      0 },
	    { QUIET,
	      0,
	      { { 3, 200, 1 }, { 1, 100, 1 }, { 2, 300, 1 } },
	      { { 3, 200, 1 }, { 1, 100, 1 }, { 2, 300, 1 } } },
	    { OFFER, 0, { { 1, 100, 1 } }, { { 1, 100, 1 }, { 2, 300, 0 }, { 3, 200, 0 } }, 0, 2 },
	    { OFFER, 0, {}, { { 2, 300, 0 }, { 3, 200, 0 }, { 1, 100, 0 } }, 0, 1 },
	    { LIST, 150, .listed = { { 2, 150, 0 }, { 3, 50, 0 } } } } },
	{ "offered twice: the first counts; valid for nothing: not offered",
	  { { OFFER, 0, { { 1, 100, 1 }, { 1, 200, 2 }, { 2, 0, 0 } }, { { 1, 100, 1 } }, 1, 0 },
	    { OFFER, 1, { { 1, 0, 0 } }, { { 1, 100, 0 } }, 0, 1 } } },

	/* RFC 4862 5.5.3 (e): a host lets no RA shorten a promise below two hours */
	{ "shortened from a day to an hour: hosts keep two hours",
	  { { OFFER, 0, { { 1, DAY, 60 } }, { { 1, DAY, 60 } }, 1, 0 },
	    { OFFER, 10, { { 1, HOUR, 60 } }, { { 1, HOUR, 60 } } },
	    { OFFER, 20, {}, { { 1, 7190, 0 } }, 0, 1 },
	    { LIST, 7210 } } },
	{ "shortened below an hour and a half: hosts keep that",
	  { { OFFER, 0, { { 1, 5400, 60 } }, { { 1, 5400, 60 } }, 1, 0 },
	    { OFFER, 10, { { 1, 600, 60 } }, { { 1, 600, 60 } } },
	    { OFFER, 20, {}, { { 1, 5390, 0 } }, 0, 1 } } },
	{ "shortened to more than two hours: hosts obey",
	  { { OFFER, 0, { { 1, DAY, 60 } }, { { 1, DAY, 60 } }, 1, 0 },
	    { OFFER, 10, { { 1, 7201, 60 } }, { { 1, 7201, 60 } } },
	    { OFFER, 20, {}, { { 1, 7201, 0 } }, 0, 1 } } },
	{ "shortened to two hours, exactly",
	  { { OFFER, 0, { { 1, DAY, 60 } }, { { 1, DAY, 60 } }, 1, 0 },
	    { OFFER, 10, { { 1, 7200, 60 } }, { { 1, 7200, 60 } } },
	    { OFFER, 20, {}, { { 1, 7200, 0 } }, 0, 1 } } },
	{ "the longer promise has passed meanwhile",
	  { { OFFER, 0, { { 1, 5400, 60 } }, { { 1, 5400, 60 } }, 1, 0 },
	    { OFFER, 10, { { 1, 600, 60 } }, { { 1, 600, 60 } } },
	    { OFFER, DAY, {}, { { 1, 600, 0 } }, 0, 1 } } },
	{ "an endless one shortened",
	  { { OFFER, 0, { { 1, F, F } }, { { 1, F, F } }, 1, 0 },
	    { OFFER, 10, { { 1, 60, 60 } }, { { 1, 60, 60 } } },
	    { OFFER, 10, {}, { { 1, 7200, 0 } }, 0, 1 } } },
	{ "what vanished and comes back for less still binds",
	  { { OFFER, 0, { { 1, 5400, 60 } }, { { 1, 5400, 60 } }, 1, 0 },
	    { OFFER, 10, {}, { { 1, 5400, 0 } }, 0, 1 },
	    { OFFER, 20, { { 1, 60, 60 } }, { { 1, 60, 60 } }, 1, 0 },
	    { OFFER, 30, {}, { { 1, 5380, 0 } }, 0, 1 } } },

	/* lifetimes that count down */
	{ "lifetimes that count down do so between updates, to the end",
	  { { OFFER, 0, { { 1, 1000, 500, true } }, { { 1, 1000, 500 } }, 1, 0 },
	    { LIST, 100, .listed = { { 1, 900, 400 } } },
	    { LIST, 600, .listed = { { 1, 400, 0 } } },
	    { LIST, 999, .listed = { { 1, 1, 0 } } },
	    { LIST, 1000 },
	    { OFFER, 1000, {}, {}, 0, 1 },
	    { QUIET, 1001, {}, {} } } },
	{ "what counts down and vanishes has what is left",
	  { { OFFER, 0, { { 1, 1000, 500, true } }, { { 1, 1000, 500 } }, 1, 0 },
	    { OFFER, 100, {}, { { 1, 900, 0 } }, 0, 1 } } },
	{ "an endless one among them does not",
	  { { OFFER, 0, { { 1, F, 500, true } }, { { 1, F, 500 } }, 1, 0 },
	    { LIST, 100, .listed = { { 1, F, 400 } } },
	    { QUIET, 100, { { 1, F, 400, true } }, { { 1, F, 400 } } } } },
	{ "told again what is left is no news; nor is a small move, until they add up",
	  { { OFFER, 0, { { 1, 8000, 500, true } }, { { 1, 8000, 500 } }, 1, 0 },
	    { QUIET, 100, { { 1, 7900, 400, true } }, { { 1, 7900, 400 } } },
	    { QUIET, 100, { { 1, 8000, 400, true } }, { { 1, 8000, 400 } } },
	    { QUIET, 1000, { { 1, 8000, 400, true } }, { { 1, 8000, 400 } } },
	    { OFFER, 1001, { { 1, 8000, 400, true } }, { { 1, 8000, 400 } } },
	    { QUIET, 1002, { { 1, 8000, 400, true } }, { { 1, 8000, 400 } } },
	    { OFFER, 1002, { { 1, 7000, 400, true } }, { { 1, 7000, 400 } } } } },
	{ "one that stands still now is news",
	  { { OFFER, 0, { { 1, 8000, 500, true } }, { { 1, 8000, 500 } }, 1, 0 },
	    { OFFER, 0, { { 1, 8000, 500 } }, { { 1, 8000, 500 } } },
	    { OFFER, 0, { { 1, 8000, 500, true } }, { { 1, 8000, 500 } } } } },

	/* kill -9 */
	{ "killed and back: nothing has happened",
	  { { OFFER, 0, { { 1, 5400, 2700 } }, { { 1, 5400, 2700 } }, 1, 0 },
	    { KILLED, 100, .listed = { { 1, 5400, 2700 } } },
	    { QUIET, 100, { { 1, 5400, 2700 } }, { { 1, 5400, 2700 } } } } },
	{ "killed, and what was configured is so no more: promised from now on",
	  { { OFFER, 0, { { 1, 5400, 2700 } }, { { 1, 5400, 2700 } }, 1, 0 },
	    { KILLED, DAY, .listed = { { 1, 5400, 2700 } } },
	    { OFFER, DAY, { { 2, 60, 30 } }, { { 2, 60, 30 }, { 1, 5400, 0 } }, 1, 1 },
	    { LIST, DAY + 5399, .listed = { { 2, 60, 30 }, { 1, 1, 0 } } } } },
	{ "killed while something vanishes: its end stays",
	  { { OFFER, 0, { { 1, 5400, 2700 } }, { { 1, 5400, 2700 } }, 1, 0 },
	    { OFFER, 10, {}, { { 1, 5400, 0 } }, 0, 1 },
	    { KILLED, 110, .listed = { { 1, 5300, 0 } } },
	    { QUIET, 120, {}, { { 1, 5290, 0 } } },
	    { KILLED, 5410 },
	    { QUIET, 5410, {}, {} } } },
	{ "killed, and what counts down has gone on doing so",
	  { { OFFER, 0, { { 1, 8000, 500, true } }, { { 1, 8000, 500 } }, 1, 0 },
	    { KILLED, 1000, .listed = { { 1, 7000, 0 } } },
	    { QUIET, 1000, { { 1, 7100, 1, true } }, { { 1, 7100, 1 } } },
	    { OFFER, 1000, {}, { { 1, 7100, 0 } }, 0, 1 } } },

	/* clocks */
	{ "a clock that jumps back makes no promise longer",
	  { { OFFER, 0, { { 1, 5400, 60 } }, { { 1, 5400, 60 } }, 1, 0 },
	    { OFFER, 10, {}, { { 1, 5400, 0 } }, 0, 1 },
	    { LIST, -(int64_t)DAY, .listed = { { 1, 5400, 0 } } },
	    { KILLED, -(int64_t)DAY, .listed = { { 1, 5400, 0 } } },
	    { LIST, 5410 } } },
	{ "nor of those that count down",
	  { { OFFER, 0, { { 1, 1000, 500, true } }, { { 1, 1000, 500 } }, 1, 0 },
	    { LIST, -100, .listed = { { 1, 1000, 500 } } } } },
};

static struct prefix6 number(uint8_t i)
{
	return (struct prefix6) { DB8(0, i), 64 };
}

static bool is_listed(const struct said *wanted, const struct ra_prefix *got)
{
	struct prefix6 prefix = number(wanted->number);

	return prefix6_equal(&got->prefix, &prefix) && got->valid_s == wanted->valid_s &&
	       got->preferred_s == wanted->preferred_s && got->autonomous && !got->on_link;
}

static void check_list(const char *what, unsigned i, const struct ra_promises *promises,
		       const struct step *step)
{
	struct ra_prefix got[8];
	unsigned count = ra_promises_list(promises, T0 + (uint64_t)step->at_s, got, 8), wanted = 0;

	while (wanted < 4 && step->listed[wanted].number > 0)
		wanted++;
	if (count != wanted)
		fail_msg("%s: step %u: %u prefixes", what, i, count);
	for (unsigned k = 0; k < count; k++) {
		if (!is_listed(&step->listed[k], &got[k]))
			fail_msg("%s: step %u: prefix %u: valid %u, preferred %u", what, i, k,
				 got[k].valid_s, got[k].preferred_s);
	}
}

static void offer(const char *what, unsigned i, struct ra_promises *promises,
		  struct ra_promises *disk, const struct step *step)
{
	struct ra_offer offers[3] = { 0 };
	struct ra_promises_news news;
	unsigned count = 0;

	for (; count < 3 && step->offered[count].number > 0; count++) {
		const struct said *said = &step->offered[count];

		offers[count] = (struct ra_offer) {
			.prefix = { .prefix = number(said->number),
				    .autonomous = true,
				    .valid_s = said->valid_s,
				    .preferred_s = said->preferred_s },
			.counts_down = said->counts_down,
		};
	}
	bool write = ra_promises_update(promises, T0 + (uint64_t)step->at_s, offers, count, &news);
	if (write)
		*disk = *promises;
	if (write != (step->act == OFFER))
		fail_msg("%s: step %u: write=%d", what, i, write);
	if (news.appeared != step->appeared || news.vanished != step->vanished)
		fail_msg("%s: step %u: %u appeared, %u vanished", what, i, news.appeared,
			 news.vanished);
}

/* What is on disk is restored entry by entry, without what is not kept. */
static void restart(struct ra_promises *promises, const struct ra_promises *disk, uint64_t now_s)
{
	*promises = (struct ra_promises) { 0 };
	for (unsigned i = disk->count; i-- > 0;) { /* a table has no order */
		struct ra_promise promise = disk->promise[i];

		promise.kept_end_s = 0;
		ra_promises_restore(promises, now_s, &promise);
	}
}

static void stories_come_true(void **state)
{
	for (size_t k = 0; k < ARRAY_LEN(stories); k++) {
		struct ra_promises promises = { 0 }, disk = { 0 };

		for (unsigned i = 0; i < 10 && stories[k].steps[i].act != END; i++) {
			const struct step *step = &stories[k].steps[i];

			switch (step->act) {
			case OFFER:
			case QUIET: offer(stories[k].what, i, &promises, &disk, step); break;
			case KILLED: restart(&promises, &disk, T0 + (uint64_t)step->at_s); break;
			case LIST:
			case END: break;
			}
			check_list(stories[k].what, i, &promises, step);
		}
	}
}

static struct ra_offer plain(uint8_t i, uint32_t valid_s)
{
	return (struct ra_offer) { .prefix = { .prefix = number(i), .valid_s = valid_s } };
}

/* Flags stay as they were said last (RFC 9096 3.5: A and L unchanged), and changes are kept. */
static void flags_are_kept(void **state)
{
	struct ra_offer one = plain(1, 100);
	struct ra_promises promises = { 0 };
	struct ra_prefix listed;
	bool *flags[] = { &one.prefix.on_link, &one.prefix.autonomous, &one.prefix.pd_preferred,
			  &one.prefix.has_router_address };

	assert_true(ra_promises_update(&promises, T0, &one, 1, NULL));
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		*flags[i] = true;
		one.prefix.router_address = number(1).address;
		assert_true(ra_promises_update(&promises, T0, &one, 1, NULL));
		assert_false(ra_promises_update(&promises, T0, &one, 1, NULL));
	}
	one.prefix.router_address.octet[15] = 1;
	assert_true(ra_promises_update(&promises, T0, &one, 1, NULL));
	assert_true(promises.promise[0].since_s == T0);
	assert_true(ra_promises_update(&promises, T0 + 1, NULL, 0, NULL));
	assert_true(promises.promise[0].since_s == T0 + 1);
	assert_int_equal(ra_promises_list(&promises, T0 + 1, &listed, 1), 1);
	assert_true(listed.on_link && listed.autonomous && listed.pd_preferred);
	assert_true(ip6_equal(&listed.router_address, &one.prefix.router_address));
}

/* 1 to `count` offered, each valid for 100 s more than the one before. */
static void offer_many(struct ra_promises *promises, unsigned first, unsigned count)
{
	struct ra_offer offers[RA_MAX_PROMISES + 1];

	for (unsigned i = 0; i < count; i++)
		offers[i] = plain((uint8_t)(first + i), 100 * (first + i));
	ra_promises_update(promises, T0, offers, count, NULL);
}

/* Full of vanished ones, new ones cost those that would be over first. */
static void a_full_table_forgets_the_shortest_promise(void **state)
{
	static struct ra_promises promises;
	struct ra_prefix listed[RA_MAX_PROMISES + 1];
	unsigned count;

	offer_many(&promises, 1, RA_MAX_PROMISES);
	offer_many(&promises, 201, 2);
	count = ra_promises_list(&promises, T0, listed, RA_MAX_PROMISES + 1);
	assert_int_equal(count, RA_MAX_PROMISES);
	assert_int_equal(listed[1].prefix.address.octet[5], 202);
	assert_int_equal(listed[2].prefix.address.octet[5], RA_MAX_PROMISES);
	assert_int_equal(listed[count - 1].prefix.address.octet[5], 3);
	/* a list that is shorter leaves out the same */
	assert_int_equal(ra_promises_list(&promises, T0, listed, 3), 3);
	assert_int_equal(listed[2].prefix.address.octet[5], RA_MAX_PROMISES);
	/* again, with the shortest ones in the end already */
	offer_many(&promises, 203, 2);
	count = ra_promises_list(&promises, T0, listed, RA_MAX_PROMISES + 1);
	assert_int_equal(count, RA_MAX_PROMISES);
	assert_int_equal(listed[2].prefix.address.octet[5], 202);
	assert_int_equal(listed[count - 1].prefix.address.octet[5], 5);
	/* one that vanishes with less than all others is not remembered */
	promises = (struct ra_promises) { 0 };
	offer_many(&promises, 101, RA_MAX_PROMISES - 1);
	offer_many(&promises, 1, 1);
	assert_int_equal(promises.count, RA_MAX_PROMISES);
	offer_many(&promises, 202, 1);
	assert_int_equal(promises.count, RA_MAX_PROMISES);
	assert_int_equal(promises.promise[RA_MAX_PROMISES - 1].prefix.prefix.address.octet[5], 101);
	/* and an offer too many is none */
	promises = (struct ra_promises) { 0 };
	offer_many(&promises, 1, RA_MAX_PROMISES + 1);
	assert_int_equal(promises.count, RA_MAX_PROMISES);
	assert_int_equal(promises.promise[RA_MAX_PROMISES - 1].prefix.prefix.address.octet[5],
			 RA_MAX_PROMISES);
}

static void the_next_end_is_known(void **state)
{
	struct ra_offer offers[] = { plain(1, 100), plain(2, 50), plain(3, 10) };
	struct ra_promises promises = { 0 };

	assert_true(ra_promises_end_s(&promises) == RA_NO_END_S);
	ra_promises_update(&promises, T0, offers, 3, NULL);
	assert_true(ra_promises_end_s(&promises) == RA_NO_END_S);
	ra_promises_update(&promises, T0, &offers[2], 1, NULL);
	assert_true(ra_promises_end_s(&promises) == T0 + 50);
	ra_promises_update(&promises, T0 + 50, &offers[2], 1, NULL);
	assert_true(ra_promises_end_s(&promises) == T0 + 100);
	ra_promises_update(&promises, T0 + 60, NULL, 0, NULL);
	assert_true(ra_promises_end_s(&promises) == T0 + 70);
	/* and a lone one */
	promises = (struct ra_promises) { 0 };
	ra_promises_update(&promises, T0, offers, 1, NULL);
	ra_promises_update(&promises, T0, NULL, 0, NULL);
	assert_true(ra_promises_end_s(&promises) == T0 + 100);
}

static const struct {
	const char *what;
	struct ra_promise promise;
	bool ok;
	uint32_t left_s; /* 0: as it says */
} rows[] = {
	{ "configured", { { { DB8(0, 1), 64 }, true, true, 2, 1 }, .configured = true }, true },
	{ "vanished", { { { DB8(0, 1), 64 }, true, true, 2, 0 }, .until_s = T0 + 1 }, true },
	{ "over", { { { DB8(0, 1), 64 }, true, true, 2, 0 }, .until_s = T0 }, false },
	{ "valid for nothing", { { { DB8(0, 1), 64 } }, .until_s = T0 + 1 }, false },
	{ "a prefix of 129 bits",
	  { { { DB8(0, 1), 129 }, true, true, 2, 1 }, .configured = true },
	  false },
	{ "bits beyond its length",
	  { { { DB8(0, 1, [15] = 1), 64 }, true, true, 2, 1 }, .configured = true },
	  false },
	{ "preferred for longer than valid",
	  { { { DB8(0, 1), 64 }, true, true, 2, 3 }, .configured = true },
	  false },
	{ "a router elsewhere",
	  { { { DB8(0, 1), 64 }, true, true, 2, 1, false, true, DB8(0, 2) }, .configured = true },
	  false },
	{ "a router inside",
	  { { { DB8(0, 1), 64 }, true, true, 2, 1, false, true, DB8(0, 1) }, .configured = true },
	  true },
	{ "vanished, yet preferred",
	  { { { DB8(0, 1), 64 }, true, true, 2, 1 }, .until_s = T0 + 1 },
	  false },
	{ "vanished, yet counting down",
	  { { { DB8(0, 1), 64 }, true, true, 2, 0 }, .counts_down = true, .until_s = T0 + 1 },
	  false },
	{ "counted down",
	  { { { DB8(0, 1), 64 }, true, true, 2, 1 },
	    .configured = true,
	    .counts_down = true,
	    .since_s = T0 - 2 },
	  false },
	{ "a whole address", { { { DB8(), 128 }, true, true, 2, 1 }, .configured = true }, true },
	{ "vanished, with an end that is nobody's",
	  { { { DB8(0, 1), 64 }, true, true, F, 0 }, .until_s = UINT64_MAX },
	  true,
	  F - 1 },
	{ "vanished, with the longest end that is none",
	  { { { DB8(0, 1), 64 }, true, true, F, 0 }, .until_s = T0 + F },
	  true,
	  F - 1 },
	{ "vanished, with the longest end",
	  { { { DB8(0, 1), 64 }, true, true, F, 0 }, .until_s = T0 + F - 1 },
	  true,
	  F - 1 },
	{ "as endless as can be",
	  { { { DB8(0, 1), 64 }, true, true, F, F }, .configured = true, .until_s = UINT64_MAX },
	  true },
};

static void a_broken_disk_is_survived(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ra_promises promises = { 0 };

		if (ra_promises_restore(&promises, T0, &rows[i].promise) != rows[i].ok ||
		    promises.count != rows[i].ok)
			fail_msg("%s: ok=%d", rows[i].what, !rows[i].ok);
		if (ra_promises_restore(&promises, T0, &rows[i].promise))
			fail_msg("%s: twice", rows[i].what);
		struct ra_prefix listed;
		uint32_t left_s =
			rows[i].left_s > 0 ? rows[i].left_s : rows[i].promise.prefix.valid_s;
		if (rows[i].ok && (ra_promises_list(&promises, T0, &listed, 1) != 1 ||
				   (rows[i].left_s > 0 && listed.valid_s != left_s)))
			fail_msg("%s: valid for another time", rows[i].what);
	}
	static struct ra_promises full;
	struct ra_promise one = rows[0].promise;

	for (unsigned i = 0; i <= RA_MAX_PROMISES; i++) {
		one.prefix.prefix = number((uint8_t)i);
		assert_int_equal(ra_promises_restore(&full, T0, &one), i < RA_MAX_PROMISES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stories_come_true),
		cmocka_unit_test(flags_are_kept),
		cmocka_unit_test(a_full_table_forgets_the_shortest_promise),
		cmocka_unit_test(the_next_end_is_known),
		cmocka_unit_test(a_broken_disk_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
