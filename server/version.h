/* SPDX-License-Identifier: Apache-2.0 */
/* server/version.h
 *
 * What this program is and what its cryptography runs on, on this machine.
 */
#ifndef SERVER_VERSION_H
#define SERVER_VERSION_H

#include <jansson.h>

/* {"schema", "version", "cipher", "aead", "tls", "machine", "suites", "unusable"}: `cipher` and
 * `aead` are what new connections get first, `unusable` the back ends that this machine cannot
 * use, [{"aead", "reason"}].  NULL without memory. */
json_t *version_object(void);
/* Who does which suite, the preferred one first: [{"cipher", "aead", "detail"}].  NULL without
 * memory. */
json_t *version_suites(void);

#endif
