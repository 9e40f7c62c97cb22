/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_auth.h
 *
 * How users prove who they are besides by certificate: the hash of a password, and the secret
 * behind one-time codes.
 *
 * A password is stored as Argon2id makes it (server/password.h) and nowhere else.  The secret of
 * one-time codes lies here as it is: RFC 6238 makes the server compute the same codes as the user's
 * device, so it cannot be a hash.  What protects it is what protects the CA's key beside it: folder
 * 0700, file 0600, and deleted bytes are overwritten (secure_delete).  It is the second factor
 * only: who reads it still lacks the password.
 */
#ifndef SERVER_STATE_AUTH_H
#define SERVER_STATE_AUTH_H

#include "server/state.h"

#define STATE_PASSWORD_MAX 128 /* Argon2id's text with its NUL: crypto_pwhash_STRBYTES */
#define STATE_CODE_SECRET 20   /* bytes: RFC 4226 4 R6 */

/* NULL: the user has none any more.  ERR_NO_OBJECT if there is no such user. */
int state_password_set(struct state *state, const char *user, const char *hash, int64_t now_s,
		       const char *who, struct err *err);
/* 1, 0: there is none, or no such user; -1. */
int state_password_get(struct state *state, const char *user, char hash[static STATE_PASSWORD_MAX],
		       struct err *err);
/* The same password under another hash: 1, or 0 if `old` is not the user's any more (somebody
 * changed the password meanwhile, and that stays); -1. */
int state_password_raise(struct state *state, const char *user, const char *old, const char *hash,
			 struct err *err);

/* Of one-time codes; wipe it after use. */
struct state_code {
	uint8_t secret[STATE_CODE_SECRET];
	int64_t last_step; /* of the last code that was accepted; no code up to it is taken again */
};
/* A new secret; NULL: the user has none any more. */
int state_code_set(struct state *state, const char *user, const uint8_t *secret, int64_t now_s,
		   const char *who, struct err *err);
/* 1, 0: there is none, or no such user; -1. */
int state_code_get(struct state *state, const char *user, struct state_code *code, struct err *err);
/*
 * The code of `step` (totp.h) was right.  1: it is used up now, and only this call has it.  0: it,
 * or a later one, was taken before, or the secret is another now: refuse.  -1: refuse.  Of calls
 * at the same time, from any process, one gets 1.
 */
int state_code_take(struct state *state, const char *user, const struct state_code *code,
		    int64_t step, struct err *err);

#endif
