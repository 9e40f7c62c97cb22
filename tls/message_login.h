/* SPDX-License-Identifier: Apache-2.0 */
/* tls/message_login.h
 *
 * What is said to log in where a certificate alone does not do, and about certificates: see the
 * list in tls/message.h.
 */
#ifndef TLS_MESSAGE_LOGIN_H
#define TLS_MESSAGE_LOGIN_H

#include "tls/message.h"

#define MESSAGE_SECRET_MAX 256		/* a password's bytes with its NUL */
#define MESSAGE_TOKEN_MAX 32		/* bytes of an invitation's */
#define MESSAGE_REQUEST_MAX 384		/* of a PKCS#10 request, DER: P-256 takes some 240 */
#define MESSAGE_CERTIFICATE_MAX 1400	/* of one certificate, DER */
#define MESSAGE_AUTHORITIES_MAX 2400	/* of all CA certificates, DER, one behind the other */
#define MESSAGE_DISTRUSTED_MAX (8 * 32) /* of fingerprints, SHA-256, one behind the other */
#define MESSAGE_CREDENTIALS_MAX \
	(MESSAGE_CERTIFICATE_MAX + MESSAGE_AUTHORITIES_MAX + MESSAGE_DISTRUSTED_MAX + 84)

/* What a login still needs. */
enum ask_kind { ASK_PASSWORD = 1, ASK_CODE = 2 };
struct ask {
	uint16_t kind;		     /* enum ask_kind, or what a newer server knows */
	char text[MESSAGE_TEXT_MAX]; /* what it says about it, as in "wrong: once more"; or empty */
};

struct answer {
	uint16_t kind;
	char secret[MESSAGE_SECRET_MAX]; /* any bytes but NUL; whoever has it wipes it */
};

struct enrol {
	struct message_token {
		uint16_t len;
		uint8_t octet[MESSAGE_TOKEN_MAX];
	} token;
	struct message_request {
		uint16_t len;
		uint8_t octet[MESSAGE_REQUEST_MAX];
	} request; /* its common name must be pki_token_name of the token */
};

struct message_credentials {
	struct message_certificate {
		uint16_t len;
		uint8_t octet[MESSAGE_CERTIFICATE_MAX];
	} certificate; /* len 0: none */
	struct message_authorities {
		uint16_t len;
		uint8_t octet[MESSAGE_AUTHORITIES_MAX];
	} authorities;		     /* len 0: those known stay */
	bool system;		     /* the server's own certificate is a public one */
	char user[MESSAGE_USER_MAX]; /* whose; empty: as before */
	struct message_distrusted {
		uint16_t len;
		uint8_t octet[MESSAGE_DISTRUSTED_MAX];
	} distrusted; /* CAs that are to be trusted no more, whatever their certificates say */
};

/* As those of tls/message.h. */
void message_build_ask(struct writer *w, const struct ask *ask);
void message_build_answer(struct writer *w, const struct answer *answer);
void message_build_enrol(struct writer *w, const struct enrol *enrol);
void message_build_credentials(struct writer *w, const struct message_credentials *credentials);
void message_build_renew(struct writer *w, const struct message_request *request);
bool message_parse_ask(struct bytes body, struct ask *ask);
bool message_parse_answer(struct bytes body, struct answer *answer);
bool message_parse_enrol(struct bytes body, struct enrol *enrol);
bool message_parse_credentials(struct bytes body, struct message_credentials *credentials);
bool message_parse_renew(struct bytes body, struct message_request *request);

#endif
