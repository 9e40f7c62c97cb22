/* SPDX-License-Identifier: Apache-2.0 */
/* tls/peer.h
 *
 * The verdict on the other end's certificate.  mbedTLS checks signatures, dates, the strength of
 * keys and the name; this adds what it does not ask for, and says in a sentence what is wrong.
 * It only ever adds reasons to refuse; but where one certificate is pinned, that takes the place of
 * the CA.  Inside tls/ only.
 */
#ifndef TLS_PEER_H
#define TLS_PEER_H

#include "tls/certificate.h"
#include "tls/handshake.h"

/* What is wrong with a certificate, the most telling first. */
enum peer_problem {
	PEER_UNTRUSTED, /* not signed, directly or not, by a CA we know */
	PEER_WEAK_HASH,
	PEER_WEAK_KEY,
	PEER_EXPIRED,
	PEER_NOT_YET_VALID,
	PEER_IS_AUTHORITY,  /* a CA's certificate where a server's or client's is wanted */
	PEER_WRONG_PURPOSE, /* extended key usage missing, or for something else */
	PEER_MAY_NOT_SIGN,  /* key usage */
	PEER_BAD_USER,	    /* a common name that cannot be a user's */
	PEER_WRONG_NAME,    /* a server's: not the name we dialled */
	PEER_OTHER,
	PEER_FINE,
};

struct peer_check {
	enum tls_role role;	    /* ours */
	const char *wanted_name;    /* a client's: what it dialled */
	const uint8_t *pinned;	    /* a client's: this certificate and no CA; or NULL */
	int64_t trusted_until_s;    /* the end of the last of the CAs that we know; 0: not known */
	bool top_seen, pinned_seen; /* the chain's top; the pinned one */
	enum peer_problem problem;  /* set to PEER_FINE before the handshake */
	struct err err;		    /* the sentence, unless it is PEER_FINE */
	uint32_t flags;		    /* of all certificates so far */
	bool any_shown;		    /* the peer's own has been seen */
	bool any_seen;		    /* a certificate of the chain has */
	uint8_t top
		[PKI_FINGERPRINT_LEN]; /* of the first one: of a good chain, the CA that we trust */
	struct tls_shown shown;
	const mbedtls_x509_crt *signer; /* of the peer's own, if it may be believed; or NULL */
};

/* An IPv4 or IPv6 address, which mbedTLS would send as a server name. */
bool peer_is_address(const char *name);
/* For mbedtls_ssl_set_verify; called for each certificate, the CA's first. */
int peer_check_certificate(void *check, mbedtls_x509_crt *certificate, int depth, uint32_t *flags);

#endif
