/* SPDX-License-Identifier: Apache-2.0 */
/* client/uplink_after.c - when to try again: the table of goodbyes, and the growing pause. */
#include "client/uplink_after.h"

#define FIRST_PAUSE_MS 200
#define QUICK_PAUSE_MS 1000 /* the longest pause in the first minute */
#define LONG_PAUSE_MS 30000
#define QUICK_FOR_MS 60000

#define AGAIN                  \
	{                      \
		.final = false \
	}
#define FINAL                 \
	{                     \
		.final = true \
	}

static const struct uplink_after afters[GOODBYE_REASONS] = {
	[GOODBYE_NONE] = AGAIN,
	[GOODBYE_SHUTDOWN] = AGAIN,
	[GOODBYE_LEAVING] = AGAIN,
	[GOODBYE_KICKED] = AGAIN,
	/* Two machines with the same identity: they must not take turns at full speed. */
	[GOODBYE_REPLACED] = { .least_ms = 5000, .most_ms = 30000 },
	[GOODBYE_UNKNOWN_USER] = FINAL,
	[GOODBYE_BLOCKED] = FINAL,
	[GOODBYE_FULL] = AGAIN,
	[GOODBYE_VERSION] = AGAIN, /* one of the two may be upgraded just now */
	[GOODBYE_PROTOCOL] = AGAIN,
	[GOODBYE_TIMEOUT] = AGAIN,
	[GOODBYE_WRONG] = FINAL,
	[GOODBYE_SLOWLY] = { .least_ms = 30000, .most_ms = 60000 }, /* each try would count */
	[GOODBYE_EXPIRED] = FINAL,
	/* A laptop is there in the morning, and no burden at night. */
	[GOODBYE_HOURS] = { .final_at_first = true, .least_ms = 30000, .most_ms = 60000 },
	[GOODBYE_REVOKED] = FINAL,
	[GOODBYE_USED] = FINAL,
	[GOODBYE_NOT_ALLOWED] = FINAL,
	[GOODBYE_ENROLLED] = AGAIN,
};

const struct uplink_after *uplink_after_goodbye(enum goodbye_reason reason)
{
	return &afters[reason < GOODBYE_REASONS ? reason : GOODBYE_NONE];
}

/* A refused login is the server's own word.  A wrong certificate is anybody's on the path, so it
 * must not end what worked before. */
bool uplink_is_final(const struct uplink_after *after, enum err_kind kind, bool was_up,
		     bool service)
{
	if (after)
		return after->final || (after->final_at_first && !was_up && !service);
	return kind == ERR_LOGIN || (kind == ERR_CERTIFICATE && !was_up);
}

uint32_t uplink_after_pause_ms(const struct uplink_after *after, uint32_t dice)
{
	return after->least_ms + dice % (after->most_ms - after->least_ms + 1);
}

uint32_t uplink_pause_ms(unsigned failures, uint64_t failing_since_ms, uint64_t now_ms,
			 uint32_t dice)
{
	uint32_t most = now_ms - failing_since_ms < QUICK_FOR_MS ? QUICK_PAUSE_MS : LONG_PAUSE_MS;
	uint32_t pause = FIRST_PAUSE_MS;

	for (unsigned i = 1; i < failures && pause < most; i++)
		pause *= 2;
	if (pause > most)
		pause = most;
	return pause / 2 + dice % (pause / 2 + 1);
}
