/* SPDX-License-Identifier: Apache-2.0 */
/* server/version.h
 *
 * What this program is and what its cryptography runs on, on this machine.
 */
#ifndef SERVER_VERSION_H
#define SERVER_VERSION_H

#include <jansson.h>

/* {"schema", "version", "cipher", "aead", "tls", "machine"}; NULL without memory. */
json_t *version_object(void);

#endif
