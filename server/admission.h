/* SPDX-License-Identifier: Apache-2.0 */
/* server/admission.h
 *
 * The policy (policy.h) put to clients: when one logs in, and of those that are connected whenever
 * its user, its group, the configuration or the hour changes.  Who may not stay is told why and
 * goes; for the others the switch follows.  Control thread only.
 */
#ifndef SERVER_ADMISSION_H
#define SERVER_ADMISSION_H

#include "server/clients.h"

#define ADMISSION_TICK_MS 500 /* how late the end of an hour or of a user may be noticed */

int admission_open(struct server *server);
void admission_close(struct server *server);

/* May this user's client come in, with these proofs (bits of enum policy_proof)?  False: what to
 * tell it. */
bool admission_allow(struct server *server, const struct state_user *user,
		     const struct hello *hello, unsigned proofs, struct goodbye *answer);
/* It came in: its port's flags and limits are set, and it is watched from now on. */
void admission_enter(struct client *client, const struct state_user *user, unsigned proofs);
uint16_t admission_flags(const struct policy *policy, const struct hello *hello);

/* How many sessions a user has. */
unsigned admission_sessions(const struct server *server, const char *user);
/* What the state file says of a user is another now, or the user is gone. */
void admission_user_changed(struct server *server, const char *user);
/* The password is another now: who came in by the old one goes. */
void admission_password_changed(struct server *server, const char *user);
/* A certificate, by its fingerprint as pki_fingerprint_text writes it. */
void admission_revoked(struct server *server, const char *fingerprint);
/* A CA is trusted no more: whose latest certificate is from it, goes. */
#define ADMISSION_DISTRUSTED \
	"the CA that signed this certificate is trusted no more: ask for a new invitation"
void admission_authority_distrusted(struct server *server);
/* The configuration was read again. */
void admission_reload(struct server *server);

#endif
