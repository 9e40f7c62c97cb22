/* SPDX-License-Identifier: Apache-2.0 */
/* tls/hmac_md5.h
 *
 * HMAC-MD5 (RFC 2104): the one digest that RFC 9915 20.4 has for DHCPv6's Reconfigure.  For nothing
 * else: TLS knows nothing of it.
 */
#ifndef TLS_HMAC_MD5_H
#define TLS_HMAC_MD5_H

#include "base/bytes.h"
#include "base/err.h"

#define HMAC_MD5_LEN 16 /* of the digest, and of the keys here */

/* -1 and a sentence if the crypto library fails or was built without MD5; digest is zeros then. */
int hmac_md5(const uint8_t key[static HMAC_MD5_LEN], struct bytes message,
	     uint8_t digest[static HMAC_MD5_LEN], struct err *err);

#endif
