/* SPDX-License-Identifier: Apache-2.0 */
/* client/trust.h
 *
 * Whom a profile trusts, and what it shows for itself, ready for the handshake.
 */
#ifndef CLIENT_TRUST_H
#define CLIENT_TRUST_H

#include "client/profile.h"
#include "tls/handshake.h"

/* NULL and a sentence with `name` in front, ERR_CONFIG: what can never work is the profile's fault. */
struct tls_credentials *trust_credentials(const struct profile *profile, const char *name,
					  struct err *err);

#endif
