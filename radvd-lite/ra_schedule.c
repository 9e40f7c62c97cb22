/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra_schedule.c - when the next Router Advertisement is due, and to whom.
 *
 * Arithmetic on milliseconds; no clock, no dice, no messages.  Two times run side by side: the
 * multicast one of RFC 4861 6.2, never twice within 3 s, and that of the unicast answers,
 * which does not wait for it but is held to a rate of its own.
 *
 * RFC 4861 6.2.1, 6.2.4 (unsolicited), 6.2.5 (ceasing), 6.2.6 (solicited), 10 (constants); RFC 8319.
 */
#include "radvd-lite/ra_schedule.h"

#define INITIAL_COUNT 3		  /* MAX_INITIAL_RTR_ADVERTISEMENTS */
#define INITIAL_INTERVAL_MS 16000 /* MAX_INITIAL_RTR_ADVERT_INTERVAL */
#define MIN_GAP_MS 3000		  /* MIN_DELAY_BETWEEN_RAS */
#define MAX_ANSWER_DELAY_MS 500	  /* MAX_RA_DELAY_TIME */
#define UNICAST_GAP_MS 100
#define UNICAST_BURST 10

const char *const ra_phase_name[RA_PHASES] = {
	[RA_OFF] = "off",
	[RA_INITIAL] = "initial",
	[RA_STEADY] = "steady",
	[RA_CEASING] = "ceasing",
};

static uint64_t earlier(uint64_t a_ms, uint64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

static uint64_t later(uint64_t a_ms, uint64_t b_ms)
{
	return a_ms > b_ms ? a_ms : b_ms;
}

static void set_due(struct ra_schedule *s)
{
	s->due_ms = earlier(s->multicast_due_ms, s->unicast_due_ms);
}

static void forget_asking(struct ra_schedule *s)
{
	s->asking_count = 0;
	s->unicast_due_ms = RA_NEVER_MS;
}

/* `to_send`: of INITIAL and CEASING. */
static void enter(struct ra_schedule *s, enum ra_phase phase, unsigned to_send, uint64_t due_ms)
{
	s->phase = phase;
	s->to_send = to_send;
	s->multicast_due_ms = due_ms;
}

/* The first moment from now_ms on that keeps MIN_GAP_MS to the latest multicast RA (6.2.6). */
static uint64_t allowed_from(const struct ra_schedule *s, uint64_t now_ms)
{
	return s->sent_any ? later(now_ms, s->last_ms + MIN_GAP_MS) : now_ms;
}

/* 6.2.4: uniformly between the two; a gap under MIN_GAP_MS is never configured by right. */
static uint64_t random_wait_ms(const struct ra_interval *interval, uint32_t dice)
{
	uint64_t wait_ms = interval->min_ms;

	if (interval->max_ms > interval->min_ms)
		wait_ms += dice % (interval->max_ms - interval->min_ms + 1ull);
	return later(wait_ms, MIN_GAP_MS);
}

struct ra_interval ra_interval_of(uint32_t min_s, uint32_t max_s)
{
	if (max_s < RA_MAX_INTERVAL_LEAST_S)
		max_s = RA_MAX_INTERVAL_LEAST_S;
	if (max_s > RA_MAX_INTERVAL_S)
		max_s = RA_MAX_INTERVAL_S;
	/* RFC 4861 6.2.1: "no greater than .75 * MaxRtrAdvInterval", its default under 9 s as well */
	struct ra_interval interval = { .min_ms = max_s * 750, .max_ms = max_s * 1000 };

	if (min_s > 0)
		interval.min_ms = (uint32_t)earlier(min_s * 1000ull, interval.min_ms);
	else if (max_s >= 9)
		interval.min_ms = max_s * 330;
	if (interval.min_ms < RA_MIN_INTERVAL_S * 1000)
		interval.min_ms = RA_MIN_INTERVAL_S * 1000;
	return interval;
}

void ra_schedule_start(struct ra_schedule *s, uint64_t now_ms)
{
	enter(s, RA_INITIAL, INITIAL_COUNT, allowed_from(s, now_ms));
	if (s->asking_count == 0) /* a first start: the time is 0, not never */
		s->unicast_due_ms = RA_NEVER_MS;
	set_due(s);
}

void ra_schedule_stop(struct ra_schedule *s, unsigned finals, uint64_t now_ms)
{
	if (s->phase == RA_OFF || (s->phase == RA_CEASING && finals > 0))
		return;
	if (s->sent_any && finals > 0)
		enter(s, RA_CEASING, finals < RA_MAX_FINALS ? finals : RA_MAX_FINALS,
		      allowed_from(s, now_ms));
	else /* nobody has heard of us, or is to hear more */
		enter(s, RA_OFF, 0, RA_NEVER_MS);
	forget_asking(s);
	set_due(s);
}

/*
 * A bucket of UNICAST_BURST tokens that gains one in UNICAST_GAP_MS, kept as the time when it is
 * full again.  False, and nothing taken, if it is empty at at_ms.
 */
static bool take_token(struct ra_schedule *s, uint64_t at_ms)
{
	uint64_t full_ms = later(s->unicast_tokens_ms, at_ms);

	if (full_ms - at_ms > (UNICAST_BURST - 1) * UNICAST_GAP_MS)
		return false;
	s->unicast_tokens_ms = full_ms + UNICAST_GAP_MS;
	return true;
}

/*
 * Whoever comes while others wait is answered with them: that is sooner, and keeps their
 * promise.  The token is taken now, for then, so no promise has to be broken later.
 */
static bool promise_unicast(struct ra_schedule *s, const struct ra_asking *from, uint64_t now_ms,
			    uint32_t dice)
{
	for (unsigned i = 0; i < s->asking_count; i++) {
		if (ip6_equal(&s->asking[i].address, &from->address)) {
			s->asking[i].mac = from->mac;
			return true;
		}
	}
	if (s->asking_count == RA_MAX_ASKING)
		return false;

	uint64_t answer_ms = s->unicast_due_ms;
	if (s->asking_count == 0)
		answer_ms = now_ms + dice % (MAX_ANSWER_DELAY_MS + 1);
	if (!take_token(s, answer_ms))
		return false;
	s->asking[s->asking_count++] = *from;
	s->unicast_due_ms = answer_ms;
	return true;
}

void ra_schedule_solicited(struct ra_schedule *s, const struct ra_asking *from, uint64_t now_ms,
			   uint32_t dice)
{
	if (s->phase != RA_INITIAL && s->phase != RA_STEADY)
		return;
	if (!from || !promise_unicast(s, from, now_ms, dice)) {
		/* 6.2.6; one that is due sooner anyway serves as the answer */
		uint64_t answer_ms = allowed_from(s, now_ms) + dice % (MAX_ANSWER_DELAY_MS + 1);
		s->multicast_due_ms = earlier(s->multicast_due_ms, answer_ms);
	}
	set_due(s);
}

void ra_schedule_changed(struct ra_schedule *s, uint64_t at_ms)
{
	if (s->phase != RA_INITIAL && s->phase != RA_STEADY)
		return;
	s->multicast_due_ms = earlier(s->multicast_due_ms, allowed_from(s, at_ms));
	set_due(s);
}

static void multicast_sent(struct ra_schedule *s, uint64_t now_ms, uint64_t wait_ms)
{
	s->sent_any = true;
	s->last_ms = now_ms;
	forget_asking(s); /* it has answered them as well */
	switch (s->phase) {
	case RA_INITIAL:
		s->multicast_due_ms = now_ms + earlier(wait_ms, INITIAL_INTERVAL_MS);
		if (--s->to_send == 0)
			enter(s, RA_STEADY, 0, s->multicast_due_ms);
		break;
	case RA_STEADY: s->multicast_due_ms = now_ms + wait_ms; break;
	case RA_CEASING:
		s->multicast_due_ms = now_ms + MIN_GAP_MS;
		if (--s->to_send == 0)
			enter(s, RA_OFF, 0, RA_NEVER_MS);
		break;
	case RA_OFF:
	case RA_PHASES: break;
	}
}

enum ra_due ra_schedule_take(struct ra_schedule *s, const struct ra_interval *interval,
			     uint64_t now_ms, uint32_t dice, struct ra_asking *to)
{
	enum ra_due due = RA_DUE_NOTHING;

	if (s->phase == RA_OFF) { /* of a schedule that never started the times are 0, not never */
		s->multicast_due_ms = RA_NEVER_MS;
		forget_asking(s);
	} else if (now_ms >= s->multicast_due_ms) {
		multicast_sent(s, now_ms, random_wait_ms(interval, dice));
		due = RA_DUE_MULTICAST;
	} else if (now_ms >= s->unicast_due_ms) {
		*to = s->asking[0];
		s->asking_count--;
		memmove(&s->asking[0], &s->asking[1], s->asking_count * sizeof(s->asking[0]));
		if (s->asking_count == 0)
			s->unicast_due_ms = RA_NEVER_MS;
		due = RA_DUE_UNICAST;
	}
	set_due(s);
	return due;
}
