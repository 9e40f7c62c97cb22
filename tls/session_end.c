/* SPDX-License-Identifier: Apache-2.0 */
/* tls/session_end.c
 *
 * How a session ends, and why in words that a user can act on.  RFC 8446 section 6 (alerts).
 */
#include "base/log.h"
#include "tls/session_private.h"

const char *const session_end_name[SESSION_ENDS] = {
	[SESSION_END_NONE] = "none",	     [SESSION_END_LOCAL] = "local",
	[SESSION_END_GOODBYE] = "goodbye",   [SESSION_END_CLOSED] = "closed",
	[SESSION_END_ALERT] = "alert",	     [SESSION_END_RECORD] = "record",
	[SESSION_END_PROTOCOL] = "protocol", [SESSION_END_LOGIN_TIMEOUT] = "login-timeout",
	[SESSION_END_DEAD] = "dead",	     [SESSION_END_MEMORY] = "memory",
};

static void send_last_words(struct session *session, enum session_end end,
			    const struct goodbye *goodbye, enum alert alert)
{
	uint8_t buffer[MESSAGE_HEADER_LEN + MESSAGE_LOGIN_MAX];
	struct writer w = writer_over(buffer, sizeof(buffer));

	if (session_is_over(session))
		return;
	session->end = end;
	session_enter(session, SESSION_CLOSING);
	if (goodbye) {
		message_build_goodbye(&w, goodbye);
		output_message(session, &w, OUTPUT_KEEP_ALERT);
	}
	output_alert(session, alert);
	if (!session->output.buffer)
		session_enter(session, SESSION_CLOSED);
}

void session_end_with_goodbye(struct session *session, enum session_end end,
			      enum goodbye_reason reason, const char *text)
{
	struct goodbye goodbye = { .reason = reason };

	if (text)
		memcpy(goodbye.text, text, strnlen(text, sizeof(goodbye.text) - 1));
	send_last_words(session, end, &goodbye, ALERT_CLOSE_NOTIFY);
}

void session_end_with_alert(struct session *session, enum session_end end, enum alert alert)
{
	send_last_words(session, end, NULL, alert);
}

void session_end_silently(struct session *session, enum session_end end)
{
	if (session->end == SESSION_END_NONE)
		session->end = end;
	session_enter(session, SESSION_CLOSED);
}

void session_close(struct session *session, enum goodbye_reason reason, const char *text)
{
	session_end_with_goodbye(session, SESSION_END_LOCAL, reason, text);
}

enum session_end session_end(const struct session *session)
{
	return session->end;
}

const struct goodbye *session_goodbye(const struct session *session)
{
	return &session->goodbye;
}

uint8_t session_alert(const struct session *session)
{
	return session->alert;
}

/* What the peer's goodbye means to the user.  Of a login: no, or not any longer. */
static const struct {
	const char *words;
	enum err_kind kind;
	bool of_login;
} goodbyes[GOODBYE_REASONS] = {
	[GOODBYE_NONE] = { "closed the connection", ERR_CONNECT },
	[GOODBYE_SHUTDOWN] = { "is shutting down", ERR_CONNECT },
	[GOODBYE_LEAVING] = { "left", ERR_CONNECT },
	[GOODBYE_KICKED] = { "closed the connection: kicked by the administrator", ERR_CONNECT },
	[GOODBYE_REPLACED] = { "closed the connection: the same device logged in anew",
			       ERR_CONNECT },
	[GOODBYE_UNKNOWN_USER] = { "unknown user", ERR_LOGIN, true },
	[GOODBYE_BLOCKED] = { "the user is blocked", ERR_LOGIN, true },
	[GOODBYE_FULL] = { "it is full", ERR_CONNECT, true },
	[GOODBYE_VERSION] = { "no common version", ERR_FAILED, true },
	[GOODBYE_PROTOCOL] = { "closed the connection: it saw a protocol error", ERR_FAILED },
	[GOODBYE_TIMEOUT] = { "closed the connection: it heard nothing in time", ERR_TIMEOUT },
	[GOODBYE_WRONG] = { "user, password or code is wrong", ERR_LOGIN, true },
	[GOODBYE_SLOWLY] = { "too many tries, wait a while", ERR_LOGIN, true },
	[GOODBYE_EXPIRED] = { "it is over", ERR_LOGIN, true },
	[GOODBYE_HOURS] = { "not at this hour", ERR_LOGIN, true },
	[GOODBYE_REVOKED] = { "revoked", ERR_LOGIN, true },
	[GOODBYE_USED] = { "refused the invitation: it was used", ERR_LOGIN },
	[GOODBYE_NOT_ALLOWED] = { "this way to log in is not allowed", ERR_LOGIN, true },
	[GOODBYE_ENROLLED] = { "has signed the certificate", ERR_CONNECT },
};

static int goodbye_sentence(const struct session *session, const char *peer, struct err *err)
{
	const struct goodbye *goodbye = &session->goodbye;
	const char *words = goodbyes[goodbye->reason].words;
	const char *verb = !goodbyes[goodbye->reason].of_login ? ""
			   : session->was_up		       ? "ended the session: "
							       : "refused the login: ";
	char text[MESSAGE_TEXT_MAX + 4];

	if (goodbye->text[0] == '\0')
		return err_kind(err, goodbyes[goodbye->reason].kind, "%s %s%s", peer, verb, words);
	log_escape(goodbye->text, strlen(goodbye->text), text, sizeof(text));
	return err_kind(err, goodbyes[goodbye->reason].kind, "%s %s%s (%s)", peer, verb, words,
			text);
}

int session_end_sentence(const struct session *session, struct err *err)
{
	const char *peer = session->config.role == TLS_CLIENT ? "the server" : "the client";
	const char *fault = session->fault ? session->fault : "something odd";

	switch (session->end) {
	case SESSION_END_NONE: return 0;
	case SESSION_END_LOCAL: return err_kind(err, ERR_FAILED, "closed by this end");
	case SESSION_END_GOODBYE: return goodbye_sentence(session, peer, err);
	case SESSION_END_CLOSED:
		return err_kind(err, ERR_CONNECT, "%s closed the connection", peer);
	case SESSION_END_ALERT:
		return tls_alert_sentence(session->config.role, session->alert, err);
	case SESSION_END_RECORD:
	case SESSION_END_PROTOCOL: return err_kind(err, ERR_FAILED, "%s sent %s", peer, fault);
	case SESSION_END_LOGIN_TIMEOUT:
		return err_kind(err, ERR_TIMEOUT, "%s did not finish the login in %u s", peer,
				(session->config.login_ms + 999) / 1000);
	case SESSION_END_DEAD:
		return err_kind(err, ERR_TIMEOUT, "no sign of life from %s for %u s", peer,
				(unsigned)((session->now_ms - session->heard_ms + 500) / 1000));
	case SESSION_END_MEMORY: return err_kind(err, ERR_FAILED, "out of memory");
	case SESSION_ENDS: break;
	}
	return err_kind(err, ERR_FAILED, "%s ended the connection", peer);
}
