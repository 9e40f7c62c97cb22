/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra_schedule.h
 *
 * When the next Router Advertisement on one link is due, and to whom.  One schedule per client
 * port: on our links the "multicast" RA goes to that port only.  Arithmetic on milliseconds:
 * the caller brings the clock and the dice, waits until due_ms, asks what is due, sends it,
 * and reports back.
 *
 * RFC 4861 6.2.1 and RFC 8319 4 (intervals), RFC 4861 6.2.4 (unsolicited), 6.2.5 (ceasing), 6.2.6
 * (solicited), 10 (constants); RFC 7772 5.1 (unicast answers, few to all).
 *
 *        start              3 sent                 stop             3 sent
 *  OFF ---------> INITIAL ----------> STEADY ---------------> CEASING -----> OFF
 */
#ifndef RADVD_LITE_RA_SCHEDULE_H
#define RADVD_LITE_RA_SCHEDULE_H

#include "base/packet.h"

#define RA_NEVER_MS UINT64_MAX

struct ra_interval {
	uint32_t min_ms, max_ms; /* MinRtrAdvInterval, MaxRtrAdvInterval */
};

#define RA_MIN_INTERVAL_S 3	  /* the least MinRtrAdvInterval, RFC 4861 6.2.1 */
#define RA_MAX_INTERVAL_LEAST_S 4 /* the least MaxRtrAdvInterval */
#define RA_MAX_INTERVAL_S 65535	  /* the most, as is a router's lifetime: RFC 8319 4 */
/*
 * The interval of a configuration.  min_s 0: the default, 0.33 * max_s, from 9 s on.  What is out of
 * range is brought into it: max_s into that above, min_s to 0.75 * max_s at most, and 3 s at least.
 */
struct ra_interval ra_interval_of(uint32_t min_s, uint32_t max_s);

enum ra_phase { RA_OFF, RA_INITIAL, RA_STEADY, RA_CEASING, RA_PHASES };
extern const char *const ra_phase_name[RA_PHASES];

#define RA_MAX_ASKING 4 /* solicitors that wait for a unicast answer at one time; more: multicast */

/* Someone who solicited, and where the answer goes. */
struct ra_asking {
	struct ip6 address;
	struct mac mac;
};

struct ra_schedule {
	enum ra_phase phase;
	unsigned to_send; /* multicast RAs left in INITIAL or CEASING */
	bool sent_any;
	uint64_t last_ms;	   /* when the latest multicast RA left, if sent_any */
	uint64_t multicast_due_ms; /* RA_NEVER_MS: none */
	unsigned asking_count;
	struct ra_asking asking[RA_MAX_ASKING];
	uint64_t unicast_due_ms; /* RA_NEVER_MS: nobody asks */
	/* unicast answers are limited too: at most one per 100 ms, burst 10; kept as the time when
	 * all tokens are there again */
	uint64_t unicast_tokens_ms;
	uint64_t due_ms; /* the earlier of the two: when to call ra_schedule_take */
};

enum ra_due { RA_DUE_NOTHING, RA_DUE_MULTICAST, RA_DUE_UNICAST };

/*
 * The first RA is due at once.  `s` is all zero before its first start.  Starting again, because
 * the content has changed (6.2.4) or after ceasing, brings three initial RAs again, the
 * first as soon as MIN_DELAY_BETWEEN_RAS allows.  Who waits for a unicast answer still gets it.
 */
void ra_schedule_start(struct ra_schedule *s, uint64_t now_ms);
/*
 * Begins ceasing: `finals` final RAs (0 to RA_MAX_FINALS), MIN_DELAY_BETWEEN_RAS apart and after the
 * latest RA; none if no RA was sent before.  With 0 it is off at once: who comes back soon, as after
 * a restart, takes nothing back.  Who waits for an answer is forgotten.
 */
#define RA_MAX_FINALS 3 /* MAX_FINAL_RTR_ADVERTISEMENTS */
void ra_schedule_stop(struct ra_schedule *s, unsigned finals, uint64_t now_ms);
/*
 * A valid solicitation came.  `from` NULL: it came from ::, the answer is multicast.  Others get a
 * unicast answer within 500 ms, which never waits for MIN_DELAY_BETWEEN_RAS, or a multicast RA
 * that is due sooner; when too many ask (asking[] or the tokens used up), a multicast one.
 */
void ra_schedule_solicited(struct ra_schedule *s, const struct ra_asking *from, uint64_t now_ms,
			   uint32_t dice);
/*
 * The content has changed for those who know the old one (6.2.4): one multicast RA, at at_ms or as
 * soon after it as MIN_DELAY_BETWEEN_RAS allows.  One that is due sooner serves as well.
 */
void ra_schedule_changed(struct ra_schedule *s, uint64_t at_ms);
/*
 * What is due at now_ms.  A unicast answer: `to` says whom, it is then forgotten.  The caller
 * sends and calls again until RA_DUE_NOTHING; then it waits until s->due_ms.
 */
enum ra_due ra_schedule_take(struct ra_schedule *s, const struct ra_interval *interval,
			     uint64_t now_ms, uint32_t dice, struct ra_asking *to);

#endif
