/* SPDX-License-Identifier: Apache-2.0 */
/* tls/handshake.h
 *
 * The TLS 1.3 handshake of both ends, by mbedTLS.  It ends with the traffic secrets in the
 * caller's hands and the mbedTLS context freed: from there on the record layer is ours
 * (tls/record.h).  Nothing but TLS 1.3, ALPN "lanyard/1" (a server may allow "http/1.1" besides), mutual
 * authentication by certificates (or the server's alone), P-256 or X25519 key exchange, no tickets,
 * no early data.
 *
 * A server's stranger is anybody: the caller bounds bytes, time and number.
 *
 * RFC 8446; RFC 7301 (ALPN); RFC 9525 (the peer's name).
 */
#ifndef TLS_HANDSHAKE_H
#define TLS_HANDSHAKE_H

#include <sys/types.h>

#include "tls/pki.h"
#include "tls/secrets.h"

#define TLS_ALPN "lanyard/1"
#define TLS_ALPN_HTTP "http/1.1" /* RFC 7301 6; RFC 9112 */

enum tls_role { TLS_SERVER, TLS_CLIENT };

/*
 * Who we are and whom we trust, parsed once and shared by any number of handshakes on any thread; a
 * server's remember which clients' certificates these CAs have signed.  PEM texts; `authority` may hold several CA certificates,
 * `certificate` a chain.  A client may have no certificate: both NULL.
 */
struct tls_credentials;
struct tls_credentials *tls_credentials_new(enum tls_role role, const char *authority,
					    const char *certificate, const char *key,
					    struct err *err);
/* A client's, that trusts one certificate: the server's own, or that of a CA above it that the
 * server shows. */
struct tls_credentials *
tls_credentials_pinned(const uint8_t fingerprint[static PKI_FINGERPRINT_LEN],
		       const char *certificate, const char *key, struct err *err);
/* A client's, that trusts a system's store: PEM, of which what we cannot read is left out. */
struct tls_credentials *tls_credentials_public(const char *store, const char *certificate,
					       const char *key, struct err *err);
void tls_credentials_free(struct tls_credentials *credentials);

/* Socket in the caller's hands: like read(2) and write(2) of a non-blocking socket, -1 with
 * errno EAGAIN to wait.  The handshake asks for exactly the bytes it needs: none is left over. */
struct tls_io {
	ssize_t (*read)(void *owner, void *to, size_t len);
	ssize_t (*write)(void *owner, const void *from, size_t len);
	void *owner;
};

enum tls_step { TLS_WANT_READ, TLS_WANT_WRITE, TLS_DONE, TLS_FAILED };

/* Why a handshake failed: the reason that is counted; the sentence is for the log. */
enum tls_failure {
	TLS_FAILURE_NONE,
	TLS_FAILURE_CLOSED,	    /* the other end hung up */
	TLS_FAILURE_NOT_TLS,	    /* HTTP, SSH, noise */
	TLS_FAILURE_VERSION,	    /* TLS, but not 1.3 */
	TLS_FAILURE_ALPN,	    /* another protocol, or none */
	TLS_FAILURE_NO_CERTIFICATE, /* the client showed none */
	TLS_FAILURE_CERTIFICATE,    /* theirs is not to be trusted: CA, dates, usage, name */
	TLS_FAILURE_REFUSED,	    /* they sent an alert */
	TLS_FAILURE_PROTOCOL,	    /* anything else they did wrong */
	TLS_FAILURE_INTERNAL,	    /* memory, random numbers */
	TLS_FAILURES,
};
extern const char *const tls_failure_name[TLS_FAILURES];

struct tls_handshake;

/*
 * `peer_name`: for a client, the DNS name or IP address that the server's certificate must
 * carry; NULL for a server.  `credentials` must outlive the handshake.
 */
struct tls_handshake *tls_handshake_new(const struct tls_credentials *credentials,
					const char *peer_name, const struct tls_io *io,
					struct err *err);
/* A server's, before the first step: a client without a certificate is welcome, too.  One with a
 * bad certificate is not. */
void tls_handshake_allow_anonymous(struct tls_handshake *handshake);
/* A server's, before the first step: who offers http/1.1 and not our protocol is welcome, too, and is
 * not asked for a certificate: a browser would ask whoever sits before it. */
void tls_handshake_allow_http(struct tls_handshake *handshake);
/* As far as it goes now.  After TLS_DONE or TLS_FAILED it does nothing more; an alert for
 * the other end has been handed to io->write by then (as far as that took it). */
enum tls_step tls_handshake_step(struct tls_handshake *handshake);
void tls_handshake_free(struct tls_handshake *handshake);

/* After TLS_FAILED: the reason; the sentence in `err` (its kind is ERR_CERTIFICATE,
 * ERR_CONNECT or ERR_FAILED), one a user can act on: what is wrong with which certificate. */
enum tls_failure tls_handshake_failure(const struct tls_handshake *handshake, struct err *err);

/* The certificate that the other end showed, also one that was refused. */
struct tls_shown {
	char subject[256], issuer[256]; /* "O=Example, CN=Proxy CA", escaped, cut */
	int64_t not_before_s, not_after_s;
	bool signed_by_ours, in_time, name_fits; /* what was found of its chain */
};
/* After TLS_DONE or TLS_FAILED; NULL: it came to none. */
const struct tls_shown *tls_handshake_shown(const struct tls_handshake *handshake);

/*
 * What a fatal alert of the other end means, also one that comes after the handshake: a server
 * refuses a client's certificate when the client is done.  `role` is ours.  Returns -1.
 * RFC 8446 6.2.
 */
int tls_alert_sentence(enum tls_role role, uint8_t alert, struct err *err);

/* After TLS_DONE: is http/1.1 what is spoken from now on? */
bool tls_handshake_is_http(const struct tls_handshake *handshake);
/* After TLS_DONE, once: the secrets (the caller wipes them); and who the other end is, NULL if it
 * showed no certificate. */
void tls_handshake_secrets(struct tls_handshake *handshake, struct tls_secrets *secrets);
const struct pki_description *tls_handshake_peer(const struct tls_handshake *handshake);
/* The fingerprint of the CA among our trusted ones that the peer's certificate comes from. */
const uint8_t *tls_handshake_authority(const struct tls_handshake *handshake);

#endif
