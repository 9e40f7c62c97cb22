/* SPDX-License-Identifier: Apache-2.0 */
/* client/uplink_after.h
 *
 * What follows when an attempt fails or a connection ends: another attempt after a pause, or the
 * end, where trying is pointless.
 */
#ifndef CLIENT_UPLINK_AFTER_H
#define CLIENT_UPLINK_AFTER_H

#include "base/err.h"
#include "tls/message.h"

struct uplink_after {
	bool final;
	bool final_at_first; /* before it was up once, where a person waits for it to be up */
	uint32_t least_ms, most_ms; /* the pause; both 0: uplink_pause_ms */
};

/* After a server's goodbye. */
const struct uplink_after *uplink_after_goodbye(enum goodbye_reason reason);
/* The end: `after` is a goodbye's row, or NULL for any other failure, of that kind.  `was_up`: at
 * any time; `service`: nobody waits for it, it is to be there when it can be. */
bool uplink_is_final(const struct uplink_after *after, enum err_kind kind, bool was_up,
		     bool service);
/* A pause of that row's, by the dice, milliseconds. */
uint32_t uplink_after_pause_ms(const struct uplink_after *after, uint32_t dice);
/* The pause before attempt number `failures` + 1, milliseconds: 0.2 s doubling to 1 s during the
 * first minute of failures, then to 30 s; times 0.5 to 1 by the dice. */
uint32_t uplink_pause_ms(unsigned failures, uint64_t failing_since_ms, uint64_t now_ms,
			 uint32_t dice);

#endif
