/* SPDX-License-Identifier: Apache-2.0 */
/* tls/handshake.c
 *
 * Drives mbedTLS through one handshake over the caller's socket, takes the traffic secrets and
 * the peer's name out of it, and frees it.
 *
 * RFC 8446 2 (the handshake), 4.4.2.4 (refusing certificates); RFC 7301 3.2 (ALPN).
 */
#include "tls/handshake.h"

#include <errno.h>
#include <stdlib.h>

#include "tls/credentials.h"
#include "tls/failure.h"
#include "tls/verify.h"

#define FLIGHT_MAX 4096 /* a server's takes 1,000, or 2,500 with the CAs that it follows */

struct tls_handshake {
	const struct tls_credentials *credentials;
	struct tls_io io;
	mbedtls_ssl_context *ssl;   /* NULL after the end */
	enum tls_step step;	    /* the last one's result */
	uint8_t flight[FLIGHT_MAX]; /* what is to be sent next */
	size_t flight_len, flight_sent;
	uint64_t written; /* bytes; grows when mbedTLS sends an alert of its own */
	struct failure_facts facts;
	struct failure failure;
	struct peer_check check;
	struct tls_secrets secrets;
	bool anonymous_allowed, is_anonymous;
	bool http_allowed, is_http;
	struct pki_description peer;
	char peer_name[MBEDTLS_SSL_MAX_HOST_NAME_LEN + 1];
};

static void keep_ends(struct failure_facts *facts, const unsigned char *data, size_t len)
{
	size_t tail = len < FAILURE_LAST_LEN ? len : FAILURE_LAST_LEN;

	for (size_t i = 0; i < len && facts->first_len < FAILURE_FIRST_LEN; i++)
		facts->first[facts->first_len++] = data[i];
	memmove(facts->last, facts->last + tail, FAILURE_LAST_LEN - tail);
	memcpy(facts->last + FAILURE_LAST_LEN - tail, data + len - tail, tail);
}

static int bio_read(void *owner, unsigned char *to, size_t len)
{
	struct tls_handshake *handshake = owner;
	ssize_t got = handshake->io.read(handshake->io.owner, to, len);

	if (got > 0)
		keep_ends(&handshake->facts, to, (size_t)got);
	if (got >= 0)
		return (int)got; /* 0: mbedTLS makes it MBEDTLS_ERR_SSL_CONN_EOF */
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return MBEDTLS_ERR_SSL_WANT_READ;
	handshake->facts.io_errno = errno;
	return MBEDTLS_ERR_SSL_CONN_EOF;
}

/* Sends what has gathered.  0, MBEDTLS_ERR_SSL_WANT_WRITE if more is left, or the end. */
static int send_flight(struct tls_handshake *handshake)
{
	while (handshake->flight_sent < handshake->flight_len) {
		ssize_t put = handshake->io.write(handshake->io.owner,
						  handshake->flight + handshake->flight_sent,
						  handshake->flight_len - handshake->flight_sent);

		if (put > 0) {
			handshake->flight_sent += (size_t)put;
		} else if (put == 0 || errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
			return MBEDTLS_ERR_SSL_WANT_WRITE;
		} else {
			handshake->facts.io_errno = errno;
			return MBEDTLS_ERR_SSL_CONN_EOF;
		}
	}
	handshake->flight_len = handshake->flight_sent = 0;
	return 0;
}

/* mbedTLS writes a record for each message.  They leave together, before anything is waited for. */
static int bio_write(void *owner, const unsigned char *from, size_t len)
{
	struct tls_handshake *handshake = owner;
	int error = handshake->flight_len == FLIGHT_MAX ? send_flight(handshake) : 0;
	size_t room = FLIGHT_MAX - handshake->flight_len;
	size_t put = len < room ? len : room;

	if (error)
		return error;
	memcpy(handshake->flight + handshake->flight_len, from, put);
	handshake->flight_len += put;
	handshake->written += put;
	return (int)put;
}

static void keep_secret(struct tls_secret *kept, const unsigned char *secret, size_t len)
{
	if (len > sizeof(kept->octet)) /* no suite of ours: found missing at the end */
		return;
	memcpy(kept->octet, secret, len);
	kept->len = len;
}

static void export_secret(void *owner, mbedtls_ssl_key_export_type type,
			  const unsigned char *secret, size_t len,
			  const unsigned char client_random[32],
			  const unsigned char server_random[32], mbedtls_tls_prf_types prf)
{
	struct tls_secrets *secrets = &((struct tls_handshake *)owner)->secrets;

	(void)client_random, (void)server_random, (void)prf;
	if (type == MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_APPLICATION_TRAFFIC_SECRET)
		keep_secret(&secrets->client, secret, len);
	else if (type == MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_APPLICATION_TRAFFIC_SECRET)
		keep_secret(&secrets->server, secret, len);
	else if (type == MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_HANDSHAKE_TRAFFIC_SECRET)
		keep_secret(&secrets->server_handshake, secret, len);
}

static bool speaks_http(const mbedtls_ssl_context *ssl)
{
	const char *protocol = mbedtls_ssl_get_alpn_protocol(ssl);

	return protocol && strcmp(protocol, TLS_ALPN_HTTP) == 0;
}

/* What was agreed on is nothing, or nothing that is allowed. */
static bool is_no_protocol(const struct tls_handshake *handshake)
{
	return !mbedtls_ssl_get_alpn_protocol(handshake->ssl) ||
	       (speaks_http(handshake->ssl) && !handshake->http_allowed);
}

/* mbedTLS lets a client without ALPN pass, and knows http/1.1 whoever may speak it.  That is found
 * here, before a signature is made for it. */
int handshake_check_hello(mbedtls_ssl_context *ssl)
{
	const struct tls_handshake *handshake = mbedtls_ssl_get_user_data_p(ssl);

	if (is_no_protocol(handshake))
		return MBEDTLS_ERR_SSL_NO_APPLICATION_PROTOCOL;
	if (speaks_http(ssl))
		mbedtls_ssl_set_hs_authmode(ssl, MBEDTLS_SSL_VERIFY_NONE);
	return 0;
}

static int set_up(struct tls_handshake *handshake, struct err *err)
{
	handshake->ssl = calloc(1, sizeof(*handshake->ssl));
	if (!handshake->ssl)
		return err_set(err, "out of memory");
	mbedtls_ssl_init(handshake->ssl);
	if (mbedtls_ssl_setup(handshake->ssl, &handshake->credentials->config))
		return err_set(err, "out of memory");
	mbedtls_ssl_set_bio(handshake->ssl, handshake, bio_write, bio_read, NULL);
	mbedtls_ssl_set_user_data_p(handshake->ssl, handshake);
	mbedtls_ssl_set_export_keys_cb(handshake->ssl, export_secret, handshake);
	if (handshake->credentials->role == TLS_SERVER)
		return 0;
	mbedtls_ssl_set_verify(handshake->ssl, peer_check_certificate, &handshake->check);
	/* RFC 6066 3: an address is no server name; peer.c looks for it in the certificate */
	bool is_address = peer_is_address(handshake->peer_name);
	if (mbedtls_ssl_set_hostname(handshake->ssl, is_address ? NULL : handshake->peer_name))
		return err_set(err, "out of memory");
	return 0;
}

static int set_name(struct tls_handshake *handshake, const char *peer_name, struct err *err)
{
	if (handshake->credentials->role == TLS_SERVER)
		return 0;
	/* Without a name any certificate of the CA would do. */
	if (!peer_name || !*peer_name || strlen(peer_name) >= sizeof(handshake->peer_name))
		return err_set(err, "the server's name is missing or too long");
	strcpy(handshake->peer_name, peer_name);
	return 0;
}

struct tls_handshake *tls_handshake_new(const struct tls_credentials *credentials,
					const char *peer_name, const struct tls_io *io,
					struct err *err)
{
	struct tls_handshake *handshake = calloc(1, sizeof(*handshake));

	if (!handshake) {
		err_set(err, "out of memory");
		return NULL;
	}
	handshake->credentials = credentials;
	handshake->io = *io;
	handshake->step = TLS_WANT_READ;
	handshake->check.role = credentials->role;
	handshake->check.wanted_name = handshake->peer_name;
	handshake->check.problem = PEER_FINE;
	handshake->check.trusted_until_s = credentials->trusted_until_s;
	handshake->check.pinned = credentials->pinned ? credentials->fingerprint : NULL;
	handshake->facts.role = credentials->role;
	handshake->facts.check = &handshake->check;
	if (set_name(handshake, peer_name, err) || set_up(handshake, err)) {
		tls_handshake_free(handshake);
		return NULL;
	}
	return handshake;
}

void tls_handshake_allow_anonymous(struct tls_handshake *handshake)
{
	if (handshake->credentials->role != TLS_SERVER)
		return; /* a server always shows who it is */
	handshake->anonymous_allowed = true;
}

void tls_handshake_allow_http(struct tls_handshake *handshake)
{
	handshake->http_allowed = handshake->credentials->role == TLS_SERVER;
}

static void free_ssl(struct tls_handshake *handshake)
{
	if (handshake->ssl)
		mbedtls_ssl_free(handshake->ssl);
	free(handshake->ssl);
	handshake->ssl = NULL;
}

void tls_handshake_free(struct tls_handshake *handshake)
{
	if (!handshake)
		return;
	free_ssl(handshake);
	tls_secrets_wipe(&handshake->secrets);
	free(handshake);
}

/* The end without success.  `alerted`: mbedTLS has told the other end already. */
static enum tls_step fail(struct tls_handshake *handshake, bool alerted)
{
	failure_find(&handshake->facts, &handshake->failure);
	/* As far as it goes: nobody waits for the alert of a failed handshake. */
	if (handshake->failure.alert != 0 && !alerted)
		(void)mbedtls_ssl_send_alert_message(handshake->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
						     handshake->failure.alert);
	(void)send_flight(handshake);
	free_ssl(handshake);
	tls_secrets_wipe(&handshake->secrets);
	return handshake->step = TLS_FAILED;
}

static enum tls_step fail_with(struct tls_handshake *handshake, int error, bool alerted)
{
	handshake->facts.error = error;
	if (error == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE)
		handshake->facts.received_alert = mbed_received_alert(handshake->ssl);
	return fail(handshake, alerted);
}

static bool has_secrets(const struct tls_secrets *secrets)
{
	size_t len = 0;

	switch (secrets->suite) {
	case TLS_AES_256_GCM_SHA384: len = 48; break;
	case TLS_CHACHA20_POLY1305_SHA256: len = 32; break;
	}
	return len > 0 && secrets->client.len == len && secrets->server.len == len &&
	       secrets->server_handshake.len == len;
}

/* A client's mbedTLS has refused a bad one; a server's has not. */
static int certificate_error(struct tls_handshake *handshake, const mbedtls_x509_crt *certificate)
{
	uint32_t found = mbedtls_ssl_get_verify_result(handshake->ssl);
	int error = 0;

	if (!certificate)
		return handshake->anonymous_allowed || speaks_http(handshake->ssl)
			       ? 0
			       : MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE;
	switch (handshake->credentials->role) {
	case TLS_CLIENT: error = found == 0 ? 0 : MBEDTLS_ERR_SSL_BAD_CERTIFICATE; break;
	case TLS_SERVER:
		error = verify_client(handshake->credentials, &handshake->check, certificate,
				      found);
		break;
	}
	if (error == 0 && (!handshake->check.any_shown || handshake->check.problem != PEER_FINE))
		return MBEDTLS_ERR_SSL_BAD_CERTIFICATE;
	return error;
}

/* mbedTLS is content.  What it does not check, and once more what must never be wrong. */
static enum tls_step finish(struct tls_handshake *handshake)
{
	mbedtls_ssl_context *ssl = handshake->ssl;
	const mbedtls_x509_crt *certificate = mbedtls_ssl_get_peer_cert(ssl);

	/* RFC 7301 3.1: a server that knows no ALPN just does not answer. */
	if (is_no_protocol(handshake)) {
		handshake->facts.no_protocol = true;
		return fail(handshake, false);
	}
	int error = certificate_error(handshake, certificate);
	if (error)
		return fail_with(handshake, error, false);
	handshake->is_anonymous = !certificate;
	handshake->is_http = speaks_http(ssl);
	/* RFC 8446 5.1: the last handshake message ends its record, for the keys change. */
	if (mbedtls_ssl_check_pending(ssl))
		return fail_with(handshake, MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE, false);
	handshake->secrets.suite = (enum tls_suite)mbedtls_ssl_get_ciphersuite_id_from_ssl(ssl);
	if (mbedtls_ssl_get_version_number(ssl) != MBEDTLS_SSL_VERSION_TLS1_3 ||
	    !has_secrets(&handshake->secrets) ||
	    (certificate && certificate_describe(certificate, &handshake->peer, NULL)))
		return fail_with(handshake, MBEDTLS_ERR_SSL_INTERNAL_ERROR, false);
	free_ssl(handshake);
	return handshake->step = TLS_DONE;
}

/* mbedTLS goes no further before the other end has all that was written. */
static enum tls_step go_on(struct tls_handshake *handshake)
{
	int error = send_flight(handshake);

	if (error == MBEDTLS_ERR_SSL_WANT_WRITE)
		return handshake->step = TLS_WANT_WRITE;
	if (error != 0)
		return fail_with(handshake, error, false);
	if (!mbedtls_ssl_is_handshake_over(handshake->ssl))
		return handshake->step = TLS_WANT_READ;
	return finish(handshake);
}

enum tls_step tls_handshake_step(struct tls_handshake *handshake)
{
	if (handshake->step == TLS_DONE || handshake->step == TLS_FAILED)
		return handshake->step;
	while (!mbedtls_ssl_is_handshake_over(handshake->ssl)) {
		uint64_t written = handshake->written;
		int error = mbedtls_ssl_handshake_step(handshake->ssl);

		if (error == MBEDTLS_ERR_SSL_WANT_READ)
			return go_on(handshake);
		if (error == MBEDTLS_ERR_SSL_WANT_WRITE)
			return handshake->step = TLS_WANT_WRITE;
		if (error != 0)
			return fail_with(handshake, error, handshake->written != written);
	}
	return go_on(handshake);
}

enum tls_failure tls_handshake_failure(const struct tls_handshake *handshake, struct err *err)
{
	if (handshake->step == TLS_FAILED && err)
		*err = handshake->failure.err;
	return handshake->failure.reason;
}

const struct tls_shown *tls_handshake_shown(const struct tls_handshake *handshake)
{
	return handshake->check.any_shown ? &handshake->check.shown : NULL;
}

void tls_handshake_secrets(struct tls_handshake *handshake, struct tls_secrets *secrets)
{
	*secrets = handshake->secrets;
	tls_secrets_wipe(&handshake->secrets);
}

const struct pki_description *tls_handshake_peer(const struct tls_handshake *handshake)
{
	return handshake->is_anonymous ? NULL : &handshake->peer;
}

const uint8_t *tls_handshake_authority(const struct tls_handshake *handshake)
{
	return handshake->is_anonymous ? NULL : handshake->check.top;
}

bool tls_handshake_is_http(const struct tls_handshake *handshake)
{
	return handshake->is_http;
}
