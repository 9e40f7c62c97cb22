/* SPDX-License-Identifier: Apache-2.0 */
/* tls/failure.c
 *
 * Names what went wrong.  RFC 8446 6.2 (alerts), 5.1 (what a TLS record begins with).
 */
#include "tls/failure.h"

#include <stdio.h>

#define LEGACY_NO_CERTIFICATE 41 /* SSL 3; mbedTLS 3.6 sends it for certificate_required */

const char *const tls_failure_name[TLS_FAILURES] = {
	[TLS_FAILURE_NONE] = "none",
	[TLS_FAILURE_CLOSED] = "closed",
	[TLS_FAILURE_NOT_TLS] = "not-tls",
	[TLS_FAILURE_VERSION] = "version",
	[TLS_FAILURE_ALPN] = "alpn",
	[TLS_FAILURE_NO_CERTIFICATE] = "no-certificate",
	[TLS_FAILURE_CERTIFICATE] = "certificate",
	[TLS_FAILURE_REFUSED] = "refused",
	[TLS_FAILURE_PROTOCOL] = "protocol",
	[TLS_FAILURE_INTERNAL] = "internal",
};

static const struct {
	uint8_t alert;
	bool certificate; /* it is about ours */
	const char *words;
} alerts[] = {
	{ MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE, false, "unexpected message" },
	{ MBEDTLS_SSL_ALERT_MSG_BAD_RECORD_MAC, false, "a record that is not genuine" },
	{ MBEDTLS_SSL_ALERT_MSG_RECORD_OVERFLOW, false, "a record that is too long" },
	{ MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE, false, "nothing in common to agree on" },
	{ LEGACY_NO_CERTIFICATE, true, "it got none" },
	{ MBEDTLS_SSL_ALERT_MSG_BAD_CERT, true, "bad certificate" },
	{ MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT, true, "made for another use, or a weak key" },
	{ MBEDTLS_SSL_ALERT_MSG_CERT_REVOKED, true, "certificate revoked" },
	{ MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED, true, "certificate expired" },
	{ MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN, true, "not acceptable, perhaps not valid yet" },
	{ MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER, false, "illegal parameter" },
	{ MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA, true, "not signed by a CA it knows" },
	{ MBEDTLS_SSL_ALERT_MSG_ACCESS_DENIED, true, "access denied" },
	{ MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR, false, "a message it could not read" },
	{ MBEDTLS_SSL_ALERT_MSG_DECRYPT_ERROR, false, "a signature or key that does not fit" },
	{ MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION, false, "no common TLS version" },
	{ MBEDTLS_SSL_ALERT_MSG_INSUFFICIENT_SECURITY, false, "not secure enough" },
	{ MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR, false, "its own internal error" },
	{ MBEDTLS_SSL_ALERT_MSG_USER_CANCELED, false, "cancelled" },
	{ MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_EXT, false, "an extension it does not know" },
	{ MBEDTLS_SSL_ALERT_MSG_UNRECOGNIZED_NAME, false, "a server name it does not know" },
	{ MBEDTLS_SSL_ALERT_MSG_CERT_REQUIRED, true, "it got none" },
	{ MBEDTLS_SSL_ALERT_MSG_NO_APPLICATION_PROTOCOL, false, "no common protocol" },
};

static const char *peer_of(enum tls_role role)
{
	return role == TLS_CLIENT ? "the server" : "the client";
}

int tls_alert_sentence(enum tls_role role, uint8_t alert, struct err *err)
{
	const char *peer = peer_of(role);

	for (size_t i = 0; i < ARRAY_LEN(alerts); i++) {
		if (alerts[i].alert != alert)
			continue;
		if (alerts[i].certificate)
			return err_kind(err, ERR_CERTIFICATE, "%s refused our certificate: %s",
					peer, alerts[i].words);
		return err_kind(err, ERR_CONNECT, "%s ended the connection: %s", peer,
				alerts[i].words);
	}
	return err_kind(err, ERR_CONNECT, "%s ended the connection with TLS alert %u", peer, alert);
}

static void set(struct failure *failure, enum tls_failure reason, uint8_t alert)
{
	failure->reason = reason;
	failure->alert = alert;
}

/* RFC 8446 5.1: type 20 to 23, version 3.x.  So begins no text, and noise seldom. */
static bool is_record(const struct failure_facts *facts)
{
	return (facts->first_len < 1 || (facts->first[0] >= 20 && facts->first[0] <= 23)) &&
	       (facts->first_len < 2 || facts->first[1] == 3) &&
	       (facts->first_len < 3 || facts->first[2] <= 4);
}

/* What else may have been dialled, or dials us. */
static const struct {
	const char *first;
	const char *protocol;
} protocols[] = {
	{ "HTTP", "HTTP" }, { "GET ", "HTTP" }, { "POST", "HTTP" },
	{ "HEAD", "HTTP" }, { "PUT ", "HTTP" }, { "OPTI", "HTTP" },
	{ "CONN", "HTTP" }, { "PRI ", "HTTP" }, { "SSH-", "SSH" },
};

static void find_not_tls(const struct failure_facts *facts, struct failure *failure)
{
	const char *protocol = "something else";

	for (size_t i = 0; i < ARRAY_LEN(protocols); i++) {
		if (facts->first_len >= 4 && memcmp(facts->first, protocols[i].first, 4) == 0)
			protocol = protocols[i].protocol;
	}
	set(failure, TLS_FAILURE_NOT_TLS, 0);
	err_kind(&failure->err, ERR_CONNECT, "%s speaks %s, not TLS: is this the right port?",
		 peer_of(facts->role), protocol);
}

static void find_closed(const struct failure_facts *facts, struct failure *failure)
{
	set(failure, TLS_FAILURE_CLOSED, 0);
	err_kind(&failure->err, ERR_CONNECT,
		 "%s closed the connection during the TLS handshake%s%s", peer_of(facts->role),
		 facts->io_errno ? ": " : "", facts->io_errno ? strerror(facts->io_errno) : "");
}

static void find_version(const struct failure_facts *facts, struct failure *failure)
{
	set(failure, TLS_FAILURE_VERSION, MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION);
	err_kind(&failure->err, ERR_CONNECT, "%s does not speak TLS 1.3", peer_of(facts->role));
}

static void find_protocol(const struct failure_facts *facts, struct failure *failure)
{
	set(failure, TLS_FAILURE_ALPN, MBEDTLS_SSL_ALERT_MSG_NO_APPLICATION_PROTOCOL);
	err_kind(&failure->err, ERR_CONNECT, "%s speaks TLS but not " TLS_ALPN ": is it Lanyard?",
		 peer_of(facts->role));
}

/*
 * An mbedTLS client that refuses the server's certificate says so in clear, though the server
 * expects it encrypted (RFC 8446 6).  The connection is over in any case; the alert, which
 * anybody could have written, only gives the sentence.  0: there is none.
 */
static uint8_t alert_in_clear(const struct failure_facts *facts)
{
	const uint8_t *last = facts->last;

	if (facts->error != MBEDTLS_ERR_SSL_INVALID_MAC || last[0] != MBEDTLS_SSL_MSG_ALERT ||
	    last[1] != 3 || last[3] != 0 || last[4] != 2 ||
	    last[5] != MBEDTLS_SSL_ALERT_LEVEL_FATAL)
		return 0;
	return last[6];
}

static void find_alert(const struct failure_facts *facts, uint8_t alert, struct failure *failure)
{
	switch (alert) {
	case MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION: find_version(facts, failure); break;
	case MBEDTLS_SSL_ALERT_MSG_NO_APPLICATION_PROTOCOL: find_protocol(facts, failure); break;
	default: /* not our enum */
		set(failure, TLS_FAILURE_REFUSED, 0);
		tls_alert_sentence(facts->role, alert, &failure->err);
	}
	failure->alert = 0; /* it knows */
}

static void find_no_certificate(const struct failure_facts *facts, struct failure *failure)
{
	set(failure, TLS_FAILURE_NO_CERTIFICATE, MBEDTLS_SSL_ALERT_MSG_CERT_REQUIRED);
	err_kind(&failure->err, ERR_CERTIFICATE, "%s showed no certificate", peer_of(facts->role));
}

/* As mbedTLS says it where it refuses by itself. */
static const uint8_t problem_alerts[] = {
	[PEER_UNTRUSTED] = MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA,
	[PEER_WEAK_HASH] = MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN,
	[PEER_WEAK_KEY] = MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT,
	[PEER_EXPIRED] = MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED,
	[PEER_NOT_YET_VALID] = MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN,
	[PEER_IS_AUTHORITY] = MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT,
	[PEER_WRONG_PURPOSE] = MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT,
	[PEER_MAY_NOT_SIGN] = MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT,
	[PEER_BAD_USER] = MBEDTLS_SSL_ALERT_MSG_BAD_CERT,
	[PEER_WRONG_NAME] = MBEDTLS_SSL_ALERT_MSG_BAD_CERT,
	[PEER_OTHER] = MBEDTLS_SSL_ALERT_MSG_BAD_CERT,
	[PEER_FINE] = MBEDTLS_SSL_ALERT_MSG_BAD_CERT,
};

static void find_certificate(const struct failure_facts *facts, struct failure *failure)
{
	set(failure, TLS_FAILURE_CERTIFICATE, problem_alerts[facts->check->problem]);
	if (facts->check->problem != PEER_FINE)
		failure->err = facts->check->err;
	else
		err_kind(&failure->err, ERR_CERTIFICATE,
			 "%s's certificate is damaged, or its chain too long",
			 peer_of(facts->role));
}

static void find_internal(const struct failure_facts *facts, struct failure *failure)
{
	set(failure, TLS_FAILURE_INTERNAL, MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR);
	err_kind(&failure->err, ERR_FAILED,
		 "the TLS handshake failed here: no memory or no random numbers (-0x%04x)",
		 (unsigned)-facts->error);
}

/* mbedTLS says so when no suite, group or signature is shared, and when a proof is wrong. */
static void find_disagreement(const struct failure_facts *facts, struct failure *failure)
{
	set(failure, TLS_FAILURE_PROTOCOL, MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
	err_kind(&failure->err, ERR_CONNECT, "the TLS handshake with %s came to no agreement",
		 peer_of(facts->role));
}

/* What is left is said with the library's number, for whoever looks into it. */
static void find_other(const struct failure_facts *facts, struct failure *failure)
{
	bool unexpected = facts->error == MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE ||
			  facts->error == MBEDTLS_ERR_SSL_UNEXPECTED_RECORD;

	set(failure, TLS_FAILURE_PROTOCOL,
	    unexpected ? MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE
		       : MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR);
	err_kind(&failure->err, ERR_CONNECT, "%s broke the rules of the TLS handshake (-0x%04x)",
		 peer_of(facts->role), (unsigned)-facts->error);
}

/* The errors of the certificate parser are 0x2000 and up, its key parser's 0x3800 to 0x3fff. */
static bool is_certificate_error(int error)
{
	int high = -error & 0x7f80;

	return error == MBEDTLS_ERR_SSL_BAD_CERTIFICATE || (high >= 0x2080 && high <= 0x3000) ||
	       (high >= 0x3800 && high < 0x4000);
}

void failure_find(const struct failure_facts *facts, struct failure *failure)
{
	*failure = (struct failure) { 0 };
	if (facts->no_protocol || facts->error == MBEDTLS_ERR_SSL_NO_APPLICATION_PROTOCOL)
		find_protocol(facts, failure);
	else if (facts->error == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE)
		find_alert(facts, facts->received_alert, failure);
	else if (alert_in_clear(facts))
		find_alert(facts, alert_in_clear(facts), failure);
	else if (!is_record(facts))
		find_not_tls(facts, failure);
	else if (facts->io_errno != 0 || facts->error == MBEDTLS_ERR_SSL_CONN_EOF ||
		 facts->error == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
		find_closed(facts, failure);
	else if (facts->error == MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION)
		find_version(facts, failure);
	else if (facts->error == MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE)
		find_no_certificate(facts, failure);
	else if (facts->check->problem != PEER_FINE)
		find_certificate(facts, failure);
	else if (mbed_error_is_ours(facts->error))
		find_internal(facts, failure);
	else if (is_certificate_error(facts->error))
		find_certificate(facts, failure);
	else if (facts->error == MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE)
		find_disagreement(facts, failure);
	else
		find_other(facts, failure);
}
