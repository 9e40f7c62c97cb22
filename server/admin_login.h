/* SPDX-License-Identifier: Apache-2.0 */
/* server/admin_login.h
 *
 * What of the admin's requests takes a password's hash: logging in, and setting a user's password.
 * Hashes are made in libuv's pool, few at once; who failed waits, as a client does (tries.h).
 * Control thread only.
 */
#ifndef SERVER_ADMIN_LOGIN_H
#define SERVER_ADMIN_LOGIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct server;
struct admin_login;

struct admin_login *admin_login_open(struct server *server, struct err *err);
/* Gives up what waits; the loop must run until what runs has ended.  NULL is fine. */
void admin_login_close(struct admin_login *login);

/*
 * True: the request is one of these, and admin_answer will be called for its ticket.
 *   "admin login"   user ("" or none: the administrator), password, code, source
 *                   -> name, role and what of it is the session's: user, expires_s; or `needs`
 *                      "code"
 *   "user passwd"   with a `password`, "admin passwd" likewise
 */
bool admin_login_takes(struct admin_login *login, uint64_t ticket, const json_t *request);

#endif
