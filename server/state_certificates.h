/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_certificates.h
 *
 * The certificates that users have: which there are, and taking one back.  (Registering one and
 * asking whose it is: state.h.)  A revoked one is remembered as long as there is room and it has
 * not ended, so that who shows it is told why it is refused; one that is not there is refused, too.
 */
#ifndef SERVER_STATE_CERTIFICATES_H
#define SERVER_STATE_CERTIFICATES_H

#include "server/state.h"

#define STATE_CERTIFICATE_PREFIX_MIN 8 /* digits of a fingerprint that name a certificate */

struct state_certificate {
	uint8_t fingerprint[PKI_FINGERPRINT_LEN];
	char user[STATE_USER_MAX];
	int64_t created_s, not_after_s;
	int64_t revoked_s; /* 0: it is not */
};

/* Of one user, or (NULL) of all; by user, then the oldest first. */
int state_certificate_list(struct state *state, const char *user,
			   void (*each)(void *owner, const struct state_certificate *certificate),
			   void *owner, struct err *err);
/* Those that end between the two times and are not revoked, the first `most` to do so. */
int state_certificates_ending(struct state *state, int64_t from_s, int64_t until_s, unsigned most,
			      void (*each)(void *owner,
					   const struct state_certificate *certificate),
			      void *owner, struct err *err);
/*
 * `fingerprint`: in hexadecimal digits, colons allowed; the first few are enough if they are of one
 * certificate alone.  It is revoked and copied out.  ERR_NO_OBJECT if there is none, ERR_USAGE if
 * it is no fingerprint or there are several.  Revoking it again is fine.
 */
int state_certificate_revoke(struct state *state, const char *fingerprint, int64_t now_s,
			     const char *who, struct state_certificate *revoked, struct err *err);

#endif
