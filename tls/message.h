/* SPDX-License-Identifier: Apache-2.0 */
/* tls/message.h
 *
 * What is said inside the TLS connection: a stream of messages, type(1) length(3) body.  Bodies
 * are TLVs (type(2) length(2) value) or a frame.  A type that we do not know is skipped, so is
 * an unknown TLV: a newer peer may say more.
 *
 *   hello      both ways, first: version, capabilities, largest frame, who and what
 *   ask, answer   server, then client: a password or a code that the login still needs
 *   enrol      client, in place of a login: an invitation's token, and a request to sign
 *   credentials   server: a signed certificate, and the CAs to trust from now on; nothing of it
 *              that is not there changes
 *   renew      client: a request to sign, for a certificate that ends soon
 *   welcome    server: the login is accepted; what the client needs to know
 *   frame      an Ethernet frame as it is
 *   superframe an Ethernet frame with offload metadata (8 bytes) in front
 *   echo, echo-reply   8 bytes that come back: keep-alive and round-trip time
 *   notice     text for the other end's log
 *   goodbye    the reason why this end closes, and a sentence
 *
 * The TLVs of each body are the tables in message.c: integers big-endian, texts without NUL, a
 * flag is an empty value.  None may come twice.  The metadata of a superframe: gso in 3 bits, then
 * the bits ecn and needs_csum (0x08, 0x10; the rest 0); csum_offset(1) gso_size(2) header_len(2)
 * csum_start(2).
 */
#ifndef TLS_MESSAGE_H
#define TLS_MESSAGE_H

#include "base/frame.h"
#include "base/packet.h"

#define MESSAGE_HEADER_LEN 4
#define MESSAGE_VERSION 1
#define MESSAGE_OFFLOAD_LEN 8
#define MESSAGE_LOGIN_MAX 512	 /* bytes of a message's body before the session is up */
#define MESSAGE_CONTROL_MAX 2048 /* of any message but frames, afterwards */
#define MESSAGE_TEXT_MAX 256	 /* a text's bytes with its NUL */
#define MESSAGE_USER_MAX 64

enum message_type {
	MESSAGE_HELLO = 1,
	MESSAGE_WELCOME = 2,
	MESSAGE_FRAME = 3,
	MESSAGE_SUPERFRAME = 4,
	MESSAGE_ECHO = 5,
	MESSAGE_ECHO_REPLY = 6,
	MESSAGE_NOTICE = 7,
	MESSAGE_GOODBYE = 8,
	MESSAGE_ASK = 9,
	MESSAGE_ANSWER = 10,
	MESSAGE_ENROL = 11,
	MESSAGE_CREDENTIALS = 12,
	MESSAGE_RENEW = 13,
};

enum capability {
	CAPABILITY_OFFLOAD = 1 << 0, /* takes superframes and frames whose checksum is missing */
};

struct hello {
	uint16_t version;      /* MESSAGE_VERSION */
	uint32_t capabilities; /* OR of enum capability */
	uint32_t max_frame;    /* bytes of the largest frame this end takes */
	struct mac mac;	       /* the client's TAP; zero from the server */
	bool office;	       /* the client's TAP is a bridge port: other hosts are behind it */
	bool enrol;	       /* the client has an invitation: its enrol follows, no login */
	char user[MESSAGE_USER_MAX];	 /* who the client says it is, where no certificate does */
	char software[MESSAGE_USER_MAX]; /* "lanyard 0.1.0" */
	char device[MESSAGE_USER_MAX];	 /* the client's host name; empty from the server */
};

struct welcome {
	uint32_t session_id;	   /* what the server calls it: `lanyard kick 17` */
	uint16_t mtu;		   /* of the TAP */
	uint32_t echo_ms, dead_ms; /* what the server asks the client to use; 0: its own */
	char user[MESSAGE_USER_MAX];
};

enum goodbye_reason {
	GOODBYE_NONE,
	GOODBYE_SHUTDOWN,     /* the server ends; come back */
	GOODBYE_LEAVING,      /* the client ends */
	GOODBYE_KICKED,	      /* by the admin; come back */
	GOODBYE_REPLACED,     /* the same device logged in anew */
	GOODBYE_UNKNOWN_USER, /* no such user, or its certificate was removed: do not come back */
	GOODBYE_BLOCKED,      /* do not come back */
	GOODBYE_FULL,	      /* too many clients; come back later */
	GOODBYE_VERSION,      /* we share no version */
	GOODBYE_PROTOCOL,     /* a message that is not allowed now, or malformed */
	GOODBYE_TIMEOUT,      /* too slow to log in, or no keep-alive */
	GOODBYE_WRONG,	      /* the password, the code or the user is not right */
	GOODBYE_SLOWLY,	      /* too many tries: come back after a while */
	GOODBYE_EXPIRED,      /* the user, or the invitation, is over: do not come back */
	GOODBYE_HOURS,	      /* not at this hour: come back later */
	GOODBYE_REVOKED,      /* this certificate or invitation was revoked: do not come back */
	GOODBYE_USED,	      /* this invitation was used: do not come back */
	GOODBYE_NOT_ALLOWED,  /* this is not how this user may log in: do not come back */
	GOODBYE_ENROLLED,     /* it is done: come back with the certificate */
	GOODBYE_REASONS,
};
extern const char *const goodbye_name[GOODBYE_REASONS];

struct goodbye {
	enum goodbye_reason reason;  /* one we do not know reads as GOODBYE_NONE */
	char text[MESSAGE_TEXT_MAX]; /* a sentence for people; printed escaped */
};

/* A whole message, header included.  w->full when it does not fit.  Too long a text is cut. */
void message_build_hello(struct writer *w, const struct hello *hello);
void message_build_welcome(struct writer *w, const struct welcome *welcome);
void message_build_echo(struct writer *w, enum message_type type, uint64_t token);
void message_build_notice(struct writer *w, const char *text);
void message_build_goodbye(struct writer *w, const struct goodbye *goodbye);
/*
 * The head of a frame message: the header, and for one with offload work to do the metadata.
 * The frame's bytes (at most FRAME_MAX) follow it; csum_offset must be below 256.  Returns
 * its length, MESSAGE_HEADER_LEN or + MESSAGE_OFFLOAD_LEN.
 */
#define MESSAGE_FRAME_HEAD_MAX (MESSAGE_HEADER_LEN + MESSAGE_OFFLOAD_LEN)
size_t message_build_frame_head(const struct frame *frame,
				uint8_t head[static MESSAGE_FRAME_HEAD_MAX]);

/* Steps over one message's header. */
struct message {
	uint8_t type; /* any: enum message_type or a newer one */
	uint32_t len; /* of the body */
};
void message_read_header(struct reader *r, struct message *message);

/* Bodies; false if malformed or if a TLV that must be there is missing (then the result is of no
 * use).  Texts are the peer's: any bytes but NUL. */
bool message_parse_hello(struct bytes body, struct hello *hello);
bool message_parse_welcome(struct bytes body, struct welcome *welcome);
bool message_parse_goodbye(struct bytes body, struct goodbye *goodbye);
bool message_parse_notice(struct bytes body, char text[static MESSAGE_TEXT_MAX]);
/*
 * A frame's body; the frame borrows its bytes.  The metadata is decoded, not believed: only its
 * form is checked here (known gso value, reserved bits 0, FRAME_MIN to FRAME_MAX bytes); bridge/offload
 * holds it against the frame.
 */
bool message_parse_frame(enum message_type type, struct bytes body, struct frame *frame);

#endif
