/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/hmac.h - the one digest that RFC 9915 20.4 knows; the caller brings the library. */
#ifndef DHCP6_HMAC_H
#define DHCP6_HMAC_H

#include "base/bytes.h"

#define DHCP6_KEY_LEN 16

/* False: it failed. */
typedef bool (*dhcp6_hmac_md5)(void *owner, const uint8_t key[static DHCP6_KEY_LEN],
			       struct bytes message, uint8_t digest[static DHCP6_KEY_LEN]);

#endif
