/* SPDX-License-Identifier: Apache-2.0 */
/* client/fingerprint.h
 *
 * A certificate's SHA-256 as people write it: 64 hexadecimal digits, with ':' between them or not,
 * or base64url without padding (RFC 4648 5), as in invitations.
 */
#ifndef CLIENT_FINGERPRINT_H
#define CLIENT_FINGERPRINT_H

#include <stdbool.h>

#include "tls/pki.h"

bool fingerprint_read(const char *text, uint8_t fingerprint[static PKI_FINGERPRINT_LEN]);

#endif
