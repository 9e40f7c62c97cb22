/* SPDX-License-Identifier: Apache-2.0 */
/* client/uplink_login.h
 *
 * What an uplink's login takes beyond a certificate, and the certificates that come through it: the
 * other half of client/uplink.h, see tls/session_login.h.
 */
#ifndef CLIENT_UPLINK_LOGIN_H
#define CLIENT_UPLINK_LOGIN_H

#include "client/uplink.h"
#include "tls/session_login.h"

/* The answer to what the server asked last (the event `ask`).  False: nobody asks now, or it is too
 * long. */
bool uplink_answer(struct uplink *uplink, const char *secret);
/* Ends it: `ended` gets this reason. */
void uplink_give_up(struct uplink *uplink, const struct err *why);
/* While somebody types, a connection that is lost is not made anew, and is no failure; then at
 * once. */
void uplink_hold(struct uplink *uplink, bool hold);
/* Asks for a new certificate; false: not now. */
bool uplink_renew(struct uplink *uplink, const struct message_request *request);
/* For the next connection; not while a handshake goes on.  They outlive the uplink. */
void uplink_trust(struct uplink *uplink, const struct tls_credentials *credentials);
/* Why the server ended the last connection; GOODBYE_NONE: it did not say. */
enum goodbye_reason uplink_goodbye(const struct uplink *uplink);

#endif
