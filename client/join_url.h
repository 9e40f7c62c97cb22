/* SPDX-License-Identifier: Apache-2.0 */
/* client/join_url.h
 *
 * An invitation: lanyard://HOST[:PORT]/TOKEN#FINGERPRINT.  All of it is secret as long as nobody has
 * used the token.  RFC 3986 3 is its shape; nothing in it is ever percent-encoded.
 */
#ifndef CLIENT_JOIN_URL_H
#define CLIENT_JOIN_URL_H

#include "base/err.h"
#include "tls/message_login.h"
#include "tls/pki.h"

#define JOIN_URL_MAX 384 /* with its NUL: the longest host, and all the rest */

struct join_url {
	char server[256 + 8]; /* "vpn.example.net:8443", as a profile's `server` */
	char host[256];
	uint16_t port;
	uint8_t token[MESSAGE_TOKEN_MAX];
	uint8_t fingerprint[PKI_FINGERPRINT_LEN];
};

/* -1 and what is wrong with it, ERR_USAGE; the sentence never shows the token.  Wipe it when done. */
int join_url_read(const char *text, struct join_url *url, struct err *err);

#endif
