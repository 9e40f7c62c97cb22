/* SPDX-License-Identifier: Apache-2.0 */
/* tls/session_login.c
 *
 * The messages of the login beyond hello and welcome: what the server asks, invitations, and
 * certificates.  Secrets are wiped here once the owner has seen them.
 */
#include "tls/session_private.h"

#define LOGIN_MESSAGE_MAX (MESSAGE_HEADER_LEN + MESSAGE_LOGIN_MAX)

static const struct session_login_events *login_events(const struct session *session)
{
	static const struct session_login_events none = { 0 };

	return session->events->login ? session->events->login : &none;
}

/* The body lies in a buffer of the thread's that is ours (struct inbox). */
static void wipe(struct bytes body)
{
	explicit_bzero((uint8_t *)body.data, body.len);
}

void session_handle_ask(struct session *session, struct bytes body)
{
	struct ask ask;

	if (!message_parse_ask(body, &ask) || ask.kind == 0) {
		session_fault(session, "a malformed question");
		return;
	}
	session->asked = ask.kind;
	if (login_events(session)->ask)
		login_events(session)->ask(session->owner, &ask);
	else
		session_close(session, GOODBYE_NOT_ALLOWED, "this client answers no questions");
}

void session_handle_answer(struct session *session, struct bytes body)
{
	struct answer answer;

	if (!message_parse_answer(body, &answer)) {
		session_fault(session, "a malformed answer");
	} else if (session->asked == 0 || answer.kind != session->asked) {
		session_fault(session, "an answer that nobody asked for");
	} else {
		session->asked = 0;
		if (login_events(session)->answer)
			login_events(session)->answer(session->owner, &answer);
	}
	explicit_bzero(&answer, sizeof(answer));
	wipe(body);
}

void session_handle_enrol(struct session *session, struct bytes body)
{
	struct enrol enrol;

	if (!session->peer.enrol || session->enrolling) {
		session_fault(session, "an enrolment that nobody announced");
	} else if (!message_parse_enrol(body, &enrol)) {
		session_fault(session, "a malformed enrolment");
	} else {
		session->enrolling = true;
		if (login_events(session)->enrol)
			login_events(session)->enrol(session->owner, &enrol);
	}
	explicit_bzero(&enrol, sizeof(enrol));
	wipe(body);
}

void session_handle_credentials(struct session *session, struct bytes body)
{
	struct message_credentials credentials;

	if (session->state == SESSION_LOGIN && !session->config.hello.enrol)
		session_fault(session, "credentials that nobody asked for");
	else if (!message_parse_credentials(body, &credentials))
		session_fault(session, "malformed credentials");
	else if (login_events(session)->credentials)
		login_events(session)->credentials(session->owner, &credentials);
}

void session_handle_renew(struct session *session, struct bytes body)
{
	struct message_request request;

	if (!message_parse_renew(body, &request))
		session_fault(session, "a malformed request for a certificate");
	else if (login_events(session)->renew)
		login_events(session)->renew(session->owner, &request);
}

void session_ask(struct session *session, const struct ask *ask)
{
	uint8_t buffer[LOGIN_MESSAGE_MAX];
	struct writer w = writer_over(buffer, sizeof(buffer));

	if (session->config.role != TLS_SERVER || session->state != SESSION_LOGIN ||
	    session->asked != 0)
		return;
	session->asked = ask->kind;
	session_send_hello(session);
	message_build_ask(&w, ask);
	output_control(session, &w);
}

static bool send_credentials(struct session *session, const struct message_credentials *credentials)
{
	uint8_t buffer[MESSAGE_HEADER_LEN + MESSAGE_CREDENTIALS_MAX];
	struct writer w = writer_over(buffer, sizeof(buffer));

	message_build_credentials(&w, credentials);
	return output_message(session, &w, OUTPUT_KEEP_GOODBYE);
}

void session_enrolled(struct session *session, const struct message_credentials *credentials)
{
	if (session->config.role != TLS_SERVER || session->state != SESSION_LOGIN ||
	    !session->enrolling)
		return;
	session_send_hello(session);
	if (send_credentials(session, credentials))
		session_close(session, GOODBYE_ENROLLED, "");
	else
		session_close(session, GOODBYE_FULL, "the server has no memory for it");
}

bool session_answer(struct session *session, const char *secret)
{
	struct answer answer = { .kind = session->asked };
	uint8_t buffer[LOGIN_MESSAGE_MAX];
	struct writer w = writer_over(buffer, sizeof(buffer));
	size_t len = strlen(secret);

	if (session->state != SESSION_LOGIN || session->asked == 0 || len >= sizeof(answer.secret))
		return false;
	memcpy(answer.secret, secret, len);
	session->asked = 0;
	message_build_answer(&w, &answer);
	output_control(session, &w);
	session_flush(session); /* sealed at once: the secret stays nowhere in clear */
	explicit_bzero(&answer, sizeof(answer));
	explicit_bzero(buffer, sizeof(buffer));
	return true;
}

void session_enrol(struct session *session, const struct enrol *enrol)
{
	uint8_t buffer[LOGIN_MESSAGE_MAX];
	struct writer w = writer_over(buffer, sizeof(buffer));

	message_build_enrol(&w, enrol);
	output_control(session, &w);
	session_flush(session);
	explicit_bzero(buffer, sizeof(buffer));
}

bool session_send_credentials(struct session *session,
			      const struct message_credentials *credentials)
{
	return session->config.role == TLS_SERVER && session->state == SESSION_UP &&
	       send_credentials(session, credentials);
}

bool session_send_renew(struct session *session, const struct message_request *request)
{
	uint8_t buffer[LOGIN_MESSAGE_MAX];
	struct writer w = writer_over(buffer, sizeof(buffer));

	if (session->config.role != TLS_CLIENT || session->state != SESSION_UP)
		return false;
	message_build_renew(&w, request);
	return output_message(session, &w, OUTPUT_KEEP_GOODBYE);
}
