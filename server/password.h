/* SPDX-License-Identifier: Apache-2.0 */
/* server/password.h
 *
 * Passwords: Argon2id by libsodium, as text that holds its own parameters.  Hashing takes tens to
 * hundreds of milliseconds and `memory_kib` of memory, so never on the control thread or a worker,
 * and only as many at once as there is memory for.
 *
 * RFC 9106; the least is OWASP's (19 MiB, 2 passes), the default RFC 9106 4's second choice.
 */
#ifndef SERVER_PASSWORD_H
#define SERVER_PASSWORD_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"

#define PASSWORD_HASH_MAX 128 /* its text with the NUL; crypto_pwhash_STRBYTES */
#define PASSWORD_MIN 8	      /* bytes; NIST SP 800-63B 5.1.1.2 */
#define PASSWORD_MAX 1024
#define PASSWORD_MEMORY_KIB 65536
#define PASSWORD_PASSES 3

struct password_cost {
	uint32_t memory_kib, passes;
};

/* What can be set as a password: PASSWORD_MIN to PASSWORD_MAX bytes of UTF-8 without control
 * characters.  -1 and a sentence, ERR_USAGE. */
int password_check(struct bytes password, struct err *err);
/* -1: no memory, or a cost that Argon2id cannot have. */
int password_hash(struct bytes password, const struct password_cost *cost,
		  char hash[static PASSWORD_HASH_MAX], struct err *err);
/* Any bytes; true if it is the one.  A hash that is none is nobody's. */
bool password_verify(const char *hash, struct bytes password);
/* Is it weaker than that in memory or in passes?  Then hash it anew while the password is known. */
bool password_needs_raise(const char *hash, const struct password_cost *cost);
/* A hash of no password, for users that are not there or have none: password_verify takes as long
 * as with a real one of this cost, and says no. */
void password_decoy(const struct password_cost *cost, char hash[static PASSWORD_HASH_MAX]);

#endif
