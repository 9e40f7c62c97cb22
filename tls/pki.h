/* SPDX-License-Identifier: Apache-2.0 */
/* tls/pki.h
 *
 * The built-in certification authority: makes a P-256 CA, server certificates for names and
 * addresses, and client certificates for users, and says what a certificate is.  Text is PEM.
 * Storing any of it is the caller's business.
 *
 * RFC 5280 (certificates), RFC 9525 (names), SEC 1 P-256 with SHA-256.
 */
#ifndef TLS_PKI_H
#define TLS_PKI_H

#include "base/err.h"
#include "base/packet.h"

#define PKI_PEM_MAX 8192       /* of one certificate or key, with the NUL */
#define PKI_NAME_MAX 64	       /* of a common name, with the NUL: RFC 5280 ub-common-name */
#define PKI_FINGERPRINT_LEN 32 /* SHA-256 of the DER */
#define PKI_MAX_NAMES 16
#define PKI_FINGERPRINT_TEXT (2 * PKI_FINGERPRINT_LEN + 1)

struct pki_pair {
	char certificate[PKI_PEM_MAX];
	char key[PKI_PEM_MAX]; /* secret: pki_pair_wipe when done */
};

enum pki_use { PKI_SERVER, PKI_CLIENT };

/* What a certificate is to say.  Times are seconds since 1970, UTC. */
struct pki_request {
	enum pki_use use; /* key usage digitalSignature, extended key usage server or client */
	const char *common_name;	    /* client: the user; server: the first name */
	unsigned name_count, address_count; /* subject alternative names; server only */
	const char *name[PKI_MAX_NAMES];
	struct { /* 4 or 16 bytes */
		uint8_t len, octet[16];
	} address[PKI_MAX_NAMES];
	int64_t not_before_s, not_after_s;
};

struct pki_description {
	uint8_t fingerprint[PKI_FINGERPRINT_LEN];
	char common_name[PKI_NAME_MAX]; /* escaped by nobody: it is the peer's text */
	bool is_authority;
	bool is_self_issued; /* by one of its own name: at the top of a chain, or one that follows */
	int64_t not_before_s, not_after_s;
};

/* Once per process, before threads: the crypto library.  -1 if it cannot run here. */
int pki_init(struct err *err);
/* "mbedTLS 3.6.6": the one that runs, not the one we were built with. */
const char *pki_library(void);

/* A self-signed CA: keyCertSign and cRLSign. */
int pki_make_authority(const char *common_name, int64_t not_before_s, int64_t not_after_s,
		       struct pki_pair *out, struct err *err);
/* A fresh P-256 key and its certificate, signed by `authority`. Random 16-byte serial.  It ends with
 * the authority at the latest. */
int pki_issue(const struct pki_pair *authority, const struct pki_request *request,
	      struct pki_pair *out, struct err *err);
/* The key of `certificate`, a CA's, signed by the CA before it: with it in between, who trusts only
 * that one takes what the new one signs.  It ends with the older one. */
int pki_cross_sign(const struct pki_pair *older, const char *certificate, int64_t not_before_s,
		   char cross[static PKI_PEM_MAX], struct err *err);
/* The place, from 0, of the CA among these, PEM, that has signed this certificate; -1: none of them.
 * Dates do not count. */
int pki_signer(const char *certificate, const char *authorities);
/* When a certificate is to be followed by another: a third of its life is left then. */
static inline int64_t pki_due_s(int64_t not_before_s, int64_t not_after_s)
{
	return not_after_s - (not_after_s - not_before_s) / 3;
}
/* The first certificate of a PEM text. */
int pki_describe(const char *certificate, struct pki_description *out, struct err *err);
/* True if a server certificate covers all these names and addresses (for: make a new one?). */
bool pki_covers(const char *certificate, const struct pki_request *request);
/* -1 and a sentence if the key is not this certificate's. */
int pki_pair_check(const char *certificate, const char *key, struct err *err);
void pki_pair_wipe(struct pki_pair *pair);
const char *pki_fingerprint_text(const uint8_t fingerprint[static PKI_FINGERPRINT_LEN],
				 char text[static PKI_FINGERPRINT_TEXT]); /* lower-case hex */

#endif
