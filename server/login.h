/* SPDX-License-Identifier: Apache-2.0 */
/* server/login.h
 *
 * The control thread's part of a login: whose is it, what is still missing, may it come in; and
 * certificates for invitations and for clients whose own ends soon.
 */
#ifndef SERVER_LOGIN_H
#define SERVER_LOGIN_H

#include "server/config.h"
#include "server/mailbox.h"

struct client;
struct server;

/* Answers with a verdict, or asks for what the user's policy wants and the login has not shown.
 * Whoever shows no certificate is asked for a password, whatever name it gives: users that are not
 * there, or have no password, take the same way and the same time as those that have. */
void login_begin(struct server *server, const struct mail_login *login);
/* Does anybody log in by password? */
bool login_takes_passwords(const struct server_config *config);
/* Does anybody come without a certificate: with a password, or with an invitation? */
bool login_takes_anonymous(struct server *server);
/* Invitations were made, or ended: tells the greeter if that makes a difference. */
void login_invites_changed(struct server *server);

/* ---- enrol.c ---- */

void enrol_begin(struct server *server, const struct mail_enrol *enrol);
void enrol_renew(struct server *server, const struct mail_renew *renew);
/* Tells a client which CAs there are, beside what it trusts.  False: not now. */
bool enrol_tell_authorities(struct client *client);

#endif
