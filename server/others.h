/* SPDX-License-Identifier: Apache-2.0 */
/* server/others.h
 *
 * Other routers on the clients' link, as their advertisements come from the LAN by the TAP: who
 * they are, what they say, and where they contradict us (RFC 4861 6.2.7).  A bounded table of
 * values; the clock and our own advertisement are brought in.  They reach the clients in any
 * case: what is to be done about a stranger is for the admin to say, elsewhere.
 */
#ifndef SERVER_OTHERS_H
#define SERVER_OTHERS_H

#include "base/frame.h"
#include "base/log.h"
#include "radvd-lite/ra_check.h"
#include "radvd-lite/ra_consistency.h"
#include "server/events.h"

#define OTHERS_MAX 16	     /* routers; the one that was silent for longest gives way */
#define OTHERS_DIFFERENCES 8 /* kept of each */
#define OTHERS_TEXT 160
#define OTHERS_SILENT_S 1800 /* AdvDefaultLifetime with default intervals, RFC 4861 6.2.1 */

struct other_router {
	struct ip6 address;
	struct mac mac; /* the frame's source */
	uint64_t heard_ms, first_ms, received;
	bool gone;    /* it was silent for too long */
	bool resigns; /* with its latest it is a default router no longer */
	struct ra ra; /* all parts of its latest advertisement */
	/* what it contradicted us in with the latest, and how often it ever did */
	unsigned difference_count;
	struct ra_difference difference[OTHERS_DIFFERENCES];
	uint64_t conflicts[RA_CONFLICTS];
	/* of the place: who takes it has them as well */
	struct log_limit log[RA_CONFLICTS];
	struct event_again again[RA_CONFLICTS];
};

struct others { /* all zero: nobody was heard */
	unsigned count;
	struct other_router router[OTHERS_MAX];
	uint64_t received, bad[RA_VERDICTS], forgotten;
	uint64_t conflicts[RA_CONFLICTS];
};

/*
 * A frame with a Router Advertisement.  `ours`: what we advertise there, NULL if nothing.  Returns the
 * router, NULL if it is no valid advertisement.  *is_new: it was not known before, or was gone.
 */
struct other_router *others_note(struct others *others, const struct frame *frame,
				 const struct ra *ours, uint32_t skew_s, uint64_t now_ms,
				 bool *is_new);
/* One that has been silent for as long as it was to be a router (RFC 4861 6.3.4), or, where it is no
 * default router, for OTHERS_SILENT_S; each is told once.  NULL: there is none more. */
struct other_router *others_silent(struct others *others, uint64_t now_ms);
unsigned others_present(const struct others *others); /* that are not gone */
/* "hop limit 32, ours is 64", "valid lifetime of fd00::/64 600 s, ours is 5400 s" */
const char *others_text(const struct ra_difference *difference, char text[static OTHERS_TEXT]);

#endif
