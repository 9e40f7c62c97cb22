/* SPDX-License-Identifier: Apache-2.0 */
/* server/enrol.c - certificates for keys that stay with their clients: for an invitation, and anew
 * for a client that is connected. */
#include <stdio.h>
#include <time.h>

#include "server/credentials.h"
#include "server/login.h"
#include "server/server_private.h"
#include "server/state_authorities.h"
#include "server/state_invites.h"
#include "tls/pki_request.h"

_Static_assert(STATE_DISTRUSTED_MAX *PKI_FINGERPRINT_LEN == MESSAGE_DISTRUSTED_MAX,
	       "a client is told of all that it shall not trust");

#define BEFORE_S 300	     /* a client's clock may be slow */
#define RENEW_EVERY_MS 60000 /* per client */

/* ---- signing ---- */

/* A certificate for this user's key, PEM, and what it says. */
static int sign(struct server *server, const char *user, struct bytes request,
		char certificate[static PKI_PEM_MAX], struct pki_description *is, struct err *err)
{
	int64_t now_s = time(NULL);
	struct pki_request as = {
		.use = PKI_CLIENT,
		.common_name = user,
		.not_before_s = now_s - BEFORE_S,
		.not_after_s = now_s + server->config.certificate_time_s,
	};
	struct pki_pair authority;
	int failed = state_authority(server->state, now_s, &authority, err);

	if (failed == 0)
		failed = pki_request_sign(&authority, request, &as, certificate, err);
	pki_pair_wipe(&authority);
	return failed == 0 ? pki_describe(certificate, is, err) : -1;
}

static int to_der(const char *pem, uint8_t *octet, size_t cap, uint16_t *len, struct err *err)
{
	struct writer w = writer_over(octet, cap);
	int failed = pki_to_der(pem, &w, err);

	*len = (uint16_t)w.len;
	return failed;
}

/* Also of those that are on their way out: the server shows what they have signed.  Of a file: the
 * admin's own CA, or none: the server's certificate is a public one then. */
static int fill_authorities(struct server *server, const char *user,
			    struct message_credentials *credentials, struct err *err)
{
	struct state_authorities all;
	char own[PKI_PEM_MAX];

	*credentials = (struct message_credentials) { 0 };
	snprintf(credentials->user, sizeof(credentials->user), "%s", user);
	if (users_own_authority(&server->config, own, err) < 0 ||
	    state_authorities_get(server->state, time(NULL), &all, err) < 0)
		return -1;
	credentials->system = server->config.certificate[0] && !own[0];
	credentials->distrusted.len = (uint16_t)(all.distrusted_count * PKI_FINGERPRINT_LEN);
	memcpy(credentials->distrusted.octet, all.distrusted, credentials->distrusted.len);
	return to_der(own[0] ? own : all.trusted, credentials->authorities.octet,
		      sizeof(credentials->authorities.octet), &credentials->authorities.len, err);
}

static int fill_credentials(struct server *server, const char *user, const char *certificate,
			    struct message_credentials *credentials, struct err *err)
{
	return fill_authorities(server, user, credentials, err) < 0
		       ? -1
		       : to_der(certificate, credentials->certificate.octet,
				sizeof(credentials->certificate.octet),
				&credentials->certificate.len, err);
}

/* ---- invitations ---- */

static void refuse(struct server *server, uint32_t stranger, enum goodbye_reason reason,
		   const char *text)
{
	struct mail_verdict verdict = { .stranger = stranger, .reason = reason };

	snprintf(verdict.text, sizeof(verdict.text), "%s", text);
	mail_send(server->box, THREAD_GREETER, MAIL_VERDICT, &verdict, sizeof(verdict));
}

static const struct {
	enum goodbye_reason reason;
	const char *text;
} verdicts[STATE_INVITE_VERDICTS] = {
	[STATE_INVITE_UNKNOWN] = { GOODBYE_WRONG, "there is no such invitation" },
	[STATE_INVITE_USED] = { GOODBYE_USED, "this invitation was used already" },
	[STATE_INVITE_EXPIRED] = { GOODBYE_EXPIRED, "this invitation has expired" },
	[STATE_INVITE_REVOKED] = { GOODBYE_REVOKED, "this invitation was revoked" },
	[STATE_INVITE_BLOCKED] = { GOODBYE_BLOCKED, "this user is blocked, or has expired" },
};

static bool is_bound(struct bytes request, struct bytes token)
{
	char wanted[PKI_TOKEN_NAME], name[PKI_NAME_MAX];

	return pki_token_name(token, wanted, NULL) == 0 &&
	       pki_request_read(request, name, NULL) == 0 && strcmp(name, wanted) == 0;
}

/* The token as the state file takes it; "" if it cannot be one. */
static void token_text(const struct message_token *token, char text[static STATE_TOKEN_TEXT])
{
	text[0] = '\0';
	if (token->len == STATE_TOKEN_TEXT - 1 && !memchr(token->octet, 0, token->len)) {
		memcpy(text, token->octet, token->len);
		text[token->len] = '\0';
	}
}

/* GOOD only if the certificate is the user's now, and the invitation used up. */
static int use(struct server *server, const struct mail_enrol *enrol, const char *token,
	       struct mail_enrolled *enrolled, enum state_invite_verdict *verdict, struct err *err)
{
	const struct enrol *is = &enrol->enrol;
	struct bytes request = { is->request.octet, is->request.len };
	char certificate[PKI_PEM_MAX];
	struct pki_description description;
	struct state_user user;
	int64_t now_s = time(NULL);

	if (state_invite_look(server->state, token, now_s, verdict, &user, err) < 0)
		return -1;
	if (*verdict != STATE_INVITE_GOOD)
		return 0;
	if (!is_bound(request, (struct bytes) { is->token.octet, is->token.len })) {
		*verdict = STATE_INVITE_UNKNOWN; /* whoever this is has the token by accident */
		return 0;
	}
	if (sign(server, user.name, request, certificate, &description, err) < 0 ||
	    fill_credentials(server, user.name, certificate, &enrolled->credentials, err) < 0)
		return -1;
	return state_invite_use(server->state, token, &description, now_s, enrol->remote, verdict,
				&user, err);
}

void enrol_begin(struct server *server, const struct mail_enrol *enrol)
{
	struct mail_enrolled enrolled = { .stranger = enrol->stranger };
	enum state_invite_verdict verdict = STATE_INVITE_UNKNOWN;
	char token[STATE_TOKEN_TEXT];
	struct err err = { 0 };

	if (server->phase != SERVER_RUNNING) {
		refuse(server, enrol->stranger, GOODBYE_SHUTDOWN, "the server is shutting down");
		return;
	}
	token_text(&enrol->enrol.token, token);
	int failed = use(server, enrol, token, &enrolled, &verdict, &err);
	explicit_bzero(token, sizeof(token));
	if (failed < 0) {
		log_error("invitation: %s", err.text);
		refuse(server, enrol->stranger, GOODBYE_FULL, "the server cannot sign now");
	} else if (verdict != STATE_INVITE_GOOD) {
		refuse(server, enrol->stranger, verdicts[verdict].reason, verdicts[verdict].text);
	} else {
		log_info("user %s: joined from %s", enrolled.credentials.user, enrol->remote);
		mail_send(server->box, THREAD_GREETER, MAIL_ENROLLED, &enrolled, sizeof(enrolled));
	}
}

/* ---- renewal ---- */

static int renew_for(struct client *client, struct bytes request,
		     struct message_credentials *credentials, struct err *err)
{
	struct server *server = client->server;
	char certificate[PKI_PEM_MAX], name[PKI_NAME_MAX];
	struct pki_description is;

	if (pki_request_read(request, name, err) < 0)
		return -1;
	if (strcmp(name, client->user) != 0)
		return err_set(err, "it asks for a certificate of somebody else");
	if (sign(server, client->user, request, certificate, &is, err) < 0 ||
	    fill_credentials(server, client->user, certificate, credentials, err) < 0)
		return -1;
	return state_certificate_add(server->state, client->user, &is, time(NULL), client->remote,
				     err);
}

void enrol_renew(struct server *server, const struct mail_renew *renew)
{
	struct client *client = client_of(server, &renew->port);
	struct mail_credentials answer = { .port = renew->port };
	uint64_t now_ms = uv_now(&server->loop);
	char subject[160];
	struct err err = { 0 };

	if (!client || client->leaving || !(client->proofs & PROOF_CERTIFICATE))
		return;
	if (client->renewed_ms > 0 && now_ms - client->renewed_ms < RENEW_EVERY_MS)
		return; /* it asks again */
	client->renewed_ms = now_ms;
	if (renew_for(client, (struct bytes) { renew->request.octet, renew->request.len },
		      &answer.credentials, &err) < 0) {
		log_warning("%s: no new certificate: %s", client_text(client, subject), err.text);
		return;
	}
	memcpy(client->authority, credentials_authority(server->credentials),
	       sizeof(client->authority));
	log_info("%s: has a new certificate", client_text(client, subject));
	mail_send(server->box, THREAD_WORKER + client->worker, MAIL_CREDENTIALS, &answer,
		  sizeof(answer));
}

/* ---- other CAs ---- */

bool enrol_tell_authorities(struct client *client)
{
	struct server *server = client->server;
	struct mail_credentials mail = { .port = client->is };
	struct err err = { 0 };

	if (!client->added || client->leaving)
		return true;
	if (fill_authorities(server, client->user, &mail.credentials, &err) < 0) {
		log_error("state: %s", err.text);
		return true; /* it hears of them when it comes again, or renews */
	}
	return mail_send(server->box, THREAD_WORKER + client->worker, MAIL_CREDENTIALS, &mail,
			 sizeof(mail));
}
