/* SPDX-License-Identifier: Apache-2.0 */
/* server/totp.h
 *
 * One-time codes by time: six digits, 30 seconds, HMAC-SHA-1, which is what every app does when it
 * is told nothing else.  Without clock and state: who accepts a code notes its step
 * (state_code_take), so that it is not taken again.
 *
 * RFC 6238, RFC 4226 5.3 (the digits), RFC 4648 6 (base 32).
 */
#ifndef SERVER_TOTP_H
#define SERVER_TOTP_H

#include "base/bytes.h"
#include "base/err.h"

#define TOTP_PERIOD_S 30
#define TOTP_DIGITS 6
#define TOTP_SLACK 1 /* steps that a device's clock may differ: RFC 6238 5.2 */
#define TOTP_SECRET_MAX 64
#define TOTP_URI_MAX 640

/* The code of one step (seconds since 1970 / TOTP_PERIOD_S).  `secret`: 1 to TOTP_SECRET_MAX bytes. */
int totp_code(struct bytes secret, int64_t step, char code[static TOTP_DIGITS + 1],
	      struct err *err);
/*
 * Is `code` (any text; blanks in it do not count) one of those of about now, and later than
 * last_step?  1 and its step, 0, -1.  The time it takes tells nothing of the right codes.
 */
int totp_match(struct bytes secret, const char *code, int64_t now_s, int64_t last_step,
	       int64_t *step, struct err *err);
/* "otpauth://totp/ISSUER:USER?secret=...": what an app reads from a QR code.  It is a secret. */
void totp_uri(struct bytes secret, const char *issuer, const char *user,
	      char uri[static TOTP_URI_MAX]);

#endif
