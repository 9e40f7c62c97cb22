/* SPDX-License-Identifier: Apache-2.0 */
/* tls/session_login.h
 *
 * A session's login where it takes more than a certificate, and the certificates it hands out.
 *
 *   server, LOGIN   session_ask, `answer`, ... until session_accept or session_close
 *   hello.enrol     `enrol`, then session_enrolled or session_close
 *   UP              `renew`, session_send_credentials
 */
#ifndef TLS_SESSION_LOGIN_H
#define TLS_SESSION_LOGIN_H

#include "tls/message_login.h"
#include "tls/session.h"

/* As those of struct session_events. */
struct session_login_events {
	/* Client, LOGIN: session_answer or session_close is to follow.  NULL: it ends. */
	void (*ask)(void *owner, const struct ask *ask);
	/* Server, LOGIN: to what was asked; the secret is wiped after the call. */
	void (*answer)(void *owner, const struct answer *answer);
	void (*enrol)(void *owner, const struct enrol *enrol);
	/* Client, LOGIN (enrolled) or UP. */
	void (*credentials)(void *owner, const struct message_credentials *credentials);
	void (*renew)(void *owner, const struct message_request *request); /* server, UP */
};

/* Server, in LOGIN: asks once; not again before the answer. */
void session_ask(struct session *session, const struct ask *ask);
/* Server, in LOGIN after `enrol`: sends them and ends with GOODBYE_ENROLLED. */
void session_enrolled(struct session *session, const struct message_credentials *credentials);
/* Client, after `ask`: what was asked for.  False: too long, or nobody asked. */
bool session_answer(struct session *session, const char *secret);
/* Client, with `enrol` in its hello, right after session_new. */
void session_enrol(struct session *session, const struct enrol *enrol);
/* In UP.  False: no room now, nothing was sent. */
bool session_send_credentials(struct session *session,
			      const struct message_credentials *credentials);
bool session_send_renew(struct session *session, const struct message_request *request);

#endif
