/* SPDX-License-Identifier: Apache-2.0 */
/* client/renewal.h
 *
 * Certificates without care: when less than a third of the certificate's life is left, the running
 * client asks for the next one over the tunnel, and writes it into its profile.  CAs that the server
 * says it will use are trusted beside those that are, and when another one signs, it asks soon.
 */
#ifndef CLIENT_RENEWAL_H
#define CLIENT_RENEWAL_H

#include "client/profile.h"
#include "client/uplink_login.h"

#define RENEWAL_LOOK_S 3600 /* the longest it waits: clocks are set */

struct renewal;

/* Both are kept up to date: profile in memory, and what the next connection shows and trusts; they
 * outlive it, as the path does. */
struct renewal *renewal_new(uv_loop_t *loop, const char *path, struct profile *profile,
			    struct tls_credentials **credentials, struct err *err);
/* The loop must run once more.  NULL is fine. */
void renewal_free(struct renewal *renewal);

/* The uplink is up. */
void renewal_begin(struct renewal *renewal, struct uplink *uplink);
/* The uplink's event. */
void renewal_take(struct renewal *renewal, const struct message_credentials *credentials);

/* When the certificate ends, seconds since 1970; 0: there is none. */
int64_t renewal_end_s(const struct renewal *renewal);
/* Why the profile does not have it; "". */
const char *renewal_problem(const struct renewal *renewal);

/* Seconds until a certificate that is due and ends then is to be asked for, RENEWAL_LOOK_S at most;
 * it was asked for at asked_s (0: it was not). */
int64_t renewal_wait_s(int64_t due_s, int64_t not_after_s, int64_t asked_s, int64_t now_s);

#endif
