/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra_promises.c - which prefixes hosts have been promised, and for how long.
 *
 * Seconds left are numbers from 0 to RA_FOREVER; times are only added to `now`.  Not here:
 * the disk, and the frames.
 *
 * RFC 9096 3.5 (remember and deprecate), RFC 4862 5.5.3 (e) (what hosts make of a shorter
 * lifetime), RFC 4861 6.2.1 (lifetimes that count down).
 */
#include "radvd-lite/ra_promises.h"

#define TWO_HOURS_S 7200

static uint32_t longer(uint32_t a_s, uint32_t b_s)
{
	return a_s > b_s ? a_s : b_s;
}

static uint32_t shorter(uint32_t a_s, uint32_t b_s)
{
	return a_s < b_s ? a_s : b_s;
}

/* From `from_s` on; a clock that has jumped back has not passed any time. */
static uint64_t passed_s(uint64_t from_s, uint64_t now_s)
{
	return now_s > from_s ? now_s - from_s : 0;
}

static uint32_t until_left_s(uint64_t until_s, uint64_t now_s)
{
	uint64_t left_s = passed_s(now_s, until_s);

	return left_s < RA_FOREVER ? (uint32_t)left_s : RA_FOREVER - 1;
}

/* What is left now of a lifetime as it was at since_s. */
static uint32_t lifetime_left_s(const struct ra_promise *promise, uint32_t lifetime_s,
				uint64_t now_s)
{
	uint64_t gone_s = passed_s(promise->since_s, now_s);

	if (!promise->counts_down || lifetime_s == RA_FOREVER)
		return lifetime_s;
	return gone_s < lifetime_s ? lifetime_s - (uint32_t)gone_s : 0;
}

/* For how long hosts believe in it at most, having heard the latest RA a moment ago. */
static uint32_t held_s(const struct ra_promise *promise, uint64_t now_s)
{
	uint32_t said_s = lifetime_left_s(promise, promise->prefix.valid_s, now_s);

	/* of a vanished one: not more than at its end was left, whatever the clock did since */
	if (!promise->configured)
		return shorter(until_left_s(promise->until_s, now_s), promise->prefix.valid_s);
	return longer(said_s, until_left_s(promise->until_s, now_s));
}

/*
 * What a host makes of `held` when it hears less: RFC 4862 5.5.3 (e) 1 to 3, more than two hours are
 * cut to two hours, less stays as it is.
 */
static uint32_t kept_s(uint32_t held)
{
	return shorter(held, TWO_HOURS_S);
}

static const struct ra_promise *find(const struct ra_promises *promises,
				     const struct prefix6 *prefix)
{
	for (unsigned i = 0; i < promises->count; i++) {
		if (prefix6_equal(&promises->promise[i].prefix.prefix, prefix))
			return &promises->promise[i];
	}
	return NULL;
}

/* Its promise is no longer renewed.  One without an end is given two hours, as hosts do. */
static void vanish(struct ra_promise *promise, uint64_t now_s)
{
	uint32_t left_s = held_s(promise, now_s);

	if (left_s == RA_FOREVER)
		left_s = kept_s(left_s);
	promise->configured = promise->counts_down = false;
	promise->since_s = now_s;
	promise->until_s = now_s + left_s;
	promise->prefix.valid_s = left_s;
	promise->prefix.preferred_s = 0;
}

static bool has_other_flags(const struct ra_prefix *a, const struct ra_prefix *b)
{
	return a->on_link != b->on_link || a->autonomous != b->autonomous ||
	       a->pd_preferred != b->pd_preferred ||
	       a->has_router_address != b->has_router_address ||
	       !ip6_equal(&a->router_address, &b->router_address);
}

static uint64_t end_s(const struct ra_offer *offer, uint64_t now_s)
{
	return offer->prefix.valid_s == RA_FOREVER ? RA_NO_END_S : now_s + offer->prefix.valid_s;
}

/* Is what is on disk so far from this that it must be written? */
static bool is_news(const struct ra_promise *was, const struct ra_offer *offer, uint64_t now_s)
{
	const struct ra_prefix *now = &offer->prefix;
	uint64_t end = end_s(offer, now_s), kept = was->kept_end_s;

	if (!was->configured || was->counts_down != offer->counts_down ||
	    has_other_flags(&was->prefix, now))
		return true;
	if (offer->counts_down)
		return (end > kept ? end - kept : kept - end) > now->valid_s / 8;
	return was->prefix.valid_s != now->valid_s || was->prefix.preferred_s != now->preferred_s;
}

/* What was promised, if anything, gives way to the offer, as far as hosts let it. */
static struct ra_promise renewed(const struct ra_promise *was, const struct ra_offer *offer,
				 uint64_t now_s)
{
	uint32_t holds_s = was ? kept_s(held_s(was, now_s)) : 0;

	return (struct ra_promise) {
		.prefix = offer->prefix,
		.configured = true,
		.counts_down = offer->counts_down,
		.since_s = now_s,
		.until_s = holds_s > offer->prefix.valid_s ? now_s + holds_s : 0,
		.kept_end_s = was ? was->kept_end_s : 0,
	};
}

/* Among the vanished ones, which follow the configured ones, the longest promise first. */
static void add_vanished(struct ra_promises *promises, const struct ra_promise *promise)
{
	unsigned at = promises->count;

	while (at > 0 && !promises->promise[at - 1].configured &&
	       promises->promise[at - 1].until_s < promise->until_s)
		at--;
	if (at == RA_MAX_PROMISES)
		return;
	if (promises->count == RA_MAX_PROMISES)
		promises->count--; /* the last one has the least to lose */
	memmove(&promises->promise[at + 1], &promises->promise[at],
		(promises->count - at) * sizeof(*promise));
	promises->promise[at] = *promise;
	promises->count++;
}

/* True if the disk does not know. */
static bool take_offers(const struct ra_promises *before, struct ra_promises *after, uint64_t now_s,
			const struct ra_offer *offer, unsigned count, unsigned *appeared)
{
	bool is_new = false;

	for (unsigned i = 0; i < count && after->count < RA_MAX_PROMISES; i++) {
		const struct ra_promise *was = find(before, &offer[i].prefix.prefix);

		if (offer[i].prefix.valid_s == 0 || find(after, &offer[i].prefix.prefix))
			continue;
		if (!was || !was->configured)
			++*appeared;
		is_new |= !was || is_news(was, &offer[i], now_s);
		after->promise[after->count++] = renewed(was, &offer[i], now_s);
	}
	return is_new;
}

static bool take_vanished(const struct ra_promises *before, struct ra_promises *after,
			  uint64_t now_s, unsigned *vanished)
{
	unsigned configured = after->count, left = 0;

	for (unsigned i = 0; i < before->count; i++) {
		struct ra_promise promise = before->promise[i];

		if (find(after, &promise.prefix.prefix))
			continue;
		left += !promise.configured;
		if (promise.configured) {
			vanish(&promise, now_s);
			++*vanished;
		}
		if (held_s(&promise, now_s) > 0)
			add_vanished(after, &promise);
	}
	return *vanished > 0 || after->count - configured != left;
}

bool ra_promises_update(struct ra_promises *promises, uint64_t now_s, const struct ra_offer *offer,
			unsigned count, struct ra_promises_news *news)
{
	struct ra_promises after = { 0 };
	struct ra_promises_news seen = { 0 };
	bool is_new = take_offers(promises, &after, now_s, offer, count, &seen.appeared);

	is_new |= take_vanished(promises, &after, now_s, &seen.vanished);
	for (unsigned i = 0; is_new && i < after.count; i++) {
		struct ra_promise *promise = &after.promise[i];

		promise->kept_end_s = promise->prefix.valid_s == RA_FOREVER
					      ? RA_NO_END_S
					      : now_s + promise->prefix.valid_s;
	}
	*promises = after;
	if (news)
		*news = seen;
	return is_new;
}

unsigned ra_promises_list(const struct ra_promises *promises, uint64_t now_s,
			  struct ra_prefix *prefix, unsigned max)
{
	unsigned count = 0;

	for (unsigned i = 0; i < promises->count && count < max; i++) {
		const struct ra_promise *promise = &promises->promise[i];
		struct ra_prefix *to = &prefix[count];

		*to = promise->prefix;
		to->preferred_s = lifetime_left_s(promise, to->preferred_s, now_s);
		to->valid_s = promise->configured ? lifetime_left_s(promise, to->valid_s, now_s)
						  : held_s(promise, now_s);
		count += to->valid_s > 0;
	}
	return count;
}

uint64_t ra_promises_end_s(const struct ra_promises *promises)
{
	uint64_t end = RA_NO_END_S;

	for (unsigned i = 0; i < promises->count; i++) {
		const struct ra_promise *promise = &promises->promise[i];

		if (!promise->configured && promise->until_s < end)
			end = promise->until_s;
	}
	return end;
}

/* What nobody can have written but a broken disk, or a hand. */
static bool is_malformed(const struct ra_promise *promise)
{
	const struct ra_prefix *prefix = &promise->prefix;
	struct prefix6 masked;

	if (prefix->prefix.len > 128 || prefix->preferred_s > prefix->valid_s)
		return true;
	masked = prefix6_masked(prefix->prefix);
	return !prefix6_equal(&masked, &prefix->prefix) ||
	       (prefix->has_router_address &&
		!prefix6_contains(&prefix->prefix, &prefix->router_address)) ||
	       (!promise->configured && (promise->counts_down || prefix->preferred_s > 0));
}

bool ra_promises_restore(struct ra_promises *promises, uint64_t now_s,
			 const struct ra_promise *promise)
{
	struct ra_promise *to = &promises->promise[promises->count];

	if (promises->count == RA_MAX_PROMISES || is_malformed(promise) ||
	    find(promises, &promise->prefix.prefix) || held_s(promise, now_s) == 0)
		return false;
	*to = *promise;
	to->kept_end_s =
		to->prefix.valid_s == RA_FOREVER ? RA_NO_END_S : to->since_s + to->prefix.valid_s;
	promises->count++;
	return true;
}
