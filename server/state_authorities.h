/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_authorities.h
 *
 * The CA and those that follow it.  The newest signs; an older one is trusted until it ends, by the
 * server and by the profiles that have it.  Who knows only an older one takes what the newest signs:
 * that one's key is signed by its predecessor as well, which is shown with the server's certificate.
 * A predecessor's own key is forgotten when it has done that.  One whose key somebody else may have is
 * trusted no more from when an admin says so; clients are told until it would have ended.
 */
#ifndef SERVER_STATE_AUTHORITIES_H
#define SERVER_STATE_AUTHORITIES_H

#include "server/state.h"

#define STATE_AUTHORITIES_MAX 3	       /* at the same time, of those that an admin makes */
#define STATE_DISTRUSTED_MAX 8	       /* the latest ones */
#define STATE_AUTHORITIES_BY "lanyard" /* who it was, in the audit log, when it was time */

/*
 * Makes the next CA if a third of the newest one's life is left or less, or else if `early`
 * (ERR_FAILED if there are too many already); forgets those that have ended.  1: there is another
 * one to sign with now, 0, -1.
 */
int state_authorities_keep(struct state *state, bool early, int64_t now_s, const char *who,
			   struct err *err);

struct state_authorities {
	unsigned count;
	struct state_authority_dates {
		uint8_t fingerprint[PKI_FINGERPRINT_LEN];
		int64_t created_s, not_before_s, not_after_s;
	} is[STATE_AUTHORITIES_MAX + 1]; /* the newest first; those that have not ended, and it */
	char trusted[PKI_PEM_MAX];	 /* all of them, PEM */
	/* What is shown above a certificate that the newest has signed: up to the oldest, each by
	 * what its predecessor has signed.  Invitations pin the first one. */
	char above[PKI_PEM_MAX];
	unsigned distrusted_count;
	uint8_t distrusted[STATE_DISTRUSTED_MAX][PKI_FINGERPRINT_LEN];
};
int state_authorities_get(struct state *state, int64_t now_s, struct state_authorities *all,
			  struct err *err);

/*
 * The CA whose fingerprint begins with these digits is trusted no more: `found` is all of it.
 * ERR_NO_OBJECT: there is none; ERR_USAGE: more than one, or no digits; ERR_FAILED: it signs.
 */
int state_authority_distrust(struct state *state, const char *fingerprint, int64_t now_s,
			     const char *who, uint8_t found[static PKI_FINGERPRINT_LEN],
			     struct err *err);

#endif
