/* SPDX-License-Identifier: Apache-2.0 */
/* server/mailbox.h
 *
 * What the server's threads say to each other.  Every pair of threads has a single-producer
 * ring each way; a thread's mail is published, and the receiver woken, once per loop turn.
 * A message names a client by port id and generation, never by pointer; one exception is
 * a connection that is handed over for good (MAIL_ADD), another a capture, of which each has a
 * reference (MAIL_CAPTURE).
 *
 * A ring that is full refuses: a frame is then dropped and counted; other mail is small and
 * rare, and the rings are sized so that its refusal means a thread that hangs.
 */
#ifndef SERVER_MAILBOX_H
#define SERVER_MAILBOX_H

#include <uv.h>

#include "base/socket.h"
#include "bridge/guard.h"
#include "bridge/snoop.h"
#include "server/prover.h"
#include "tls/handshake.h"
#include "tls/message_login.h"
#include "tls/session.h"

/* Threads by number: the control thread, the greeter, then the workers. */
#define THREAD_CONTROL 0
#define THREAD_GREETER 1
#define THREAD_WORKER 2 /* the first one */
#define WORKERS_MAX 64
#define REMOTE_TEXT SOCKET_TEXT

enum mail_type {
	MAIL_LOGIN,	  /* greeter -> control: who wants in? */
	MAIL_VERDICT,	  /* control -> greeter */
	MAIL_ASK,	  /* control -> greeter: a login needs more */
	MAIL_ENROL,	  /* greeter -> control: an invitation, and a request to sign */
	MAIL_ENROLLED,	  /* control -> greeter: signed */
	MAIL_RENEW,	  /* worker -> control: a client's request to sign */
	MAIL_CREDENTIALS, /* control -> worker: signed, or other CAs; for a client */
	MAIL_ADD,	  /* greeter -> worker: a connection is yours */
	MAIL_ADDED,	  /* worker -> control: the port is in the switch */
	MAIL_DROP,	  /* control -> worker: close a session */
	MAIL_ENDED,	  /* worker -> control: a port is gone; greeter -> control: it never came */
	MAIL_FRAME,	  /* worker -> worker: deliver or flood */
	MAIL_INJECT,	  /* control -> worker: a frame for one port */
	MAIL_PUNT,	  /* worker -> control: a frame for the control thread */
	MAIL_SEEN,	  /* worker -> control: an address behind a port */
	MAIL_POLICY,	  /* control -> worker: the guard's policy */
	MAIL_SERVED,	  /* control -> greeter: what to show and believe from now on */
	MAIL_CAPTURE,	  /* control -> worker: a capture begins or ends */
	MAIL_LIMITS,	  /* control -> greeter, workers: the configuration was read again */
	MAIL_STOP,	  /* control -> all: say goodbye and end */
	MAIL_STOPPED,	  /* all -> control: from now on this thread sends nothing */
	MAIL_EXIT,	  /* control -> all, when all have stopped: leave the loop */
};

struct mail_login {
	uint32_t stranger;
	bool anonymous; /* no certificate: hello.user says who it is */
	struct pki_description peer;
	uint8_t authority[PKI_FINGERPRINT_LEN]; /* that the peer's certificate comes from */
	/* What was shown since: the hash that the password was right for, with a new one of it if
	 * that is due; and a one-time code.  Each may be empty. */
	char hash[PASSWORD_HASH_MAX], raised[PASSWORD_HASH_MAX];
	bool by_command; /* or auth-command says that it is right */
	char code[16];
	struct hello hello;
	char remote[REMOTE_TEXT];
	enum tls_suite suite;
	char aead[16];
};

struct mail_port {
	uint16_t port;
	uint32_t generation;
};

struct mail_verdict {
	uint32_t stranger;
	bool accepted;
	struct mail_port port; /* accepted: where it goes */
	uint8_t worker;
	struct welcome welcome;
	enum goodbye_reason reason; /* not accepted: why */
	char text[MESSAGE_TEXT_MAX];
};

/* MAIL_LOGIN comes again with what was asked for. */
struct mail_ask {
	uint32_t stranger;
	enum ask_kind kind;
	bool wrong;		      /* the code that came was */
	char user[MESSAGE_USER_MAX];  /* whose failures count */
	char hash[PASSWORD_HASH_MAX]; /* ASK_PASSWORD: to hold the answer against ... */
	bool by_command;	      /* ... or the program that judges it */
};

struct mail_enrol {
	uint32_t stranger;
	char remote[REMOTE_TEXT];
	struct enrol enrol;
};

struct mail_enrolled {
	uint32_t stranger;
	struct message_credentials credentials;
};

struct mail_renew {
	struct mail_port port;
	struct message_request request;
};

struct mail_credentials {
	struct mail_port port;
	struct message_credentials credentials;
};

struct mail_add {
	struct mail_port port;
	int fd;
	struct session *session;
};

struct mail_drop {
	struct mail_port port;
	enum goodbye_reason reason;
	char text[MESSAGE_TEXT_MAX];
};

struct mail_ended {
	struct mail_port port;
	char sentence[MESSAGE_TEXT_MAX];
};

struct mail_frame {	       /* the frame's bytes follow */
	struct mail_port port; /* MAIL_FRAME: PORT_NONE floods */
	uint16_t from;
	struct offload offload;
	enum guard_action action; /* MAIL_PUNT */
};

struct mail_seen {
	struct mail_port port;
	struct snooped found;
};

struct capture;

struct mail_capture {
	struct capture *capture;
	uint8_t slot; /* below CAPTURES_MAX */
	bool begins;  /* with a reference for the worker */
};

struct mail_limits {
	uint32_t max_strangers, max_per_source, login_ms, echo_ms, dead_ms; /* the greeter's */
	bool anonymous, passwords; /* as in struct greeter_config */
	struct password_cost password;
	char auth_command[PROVER_COMMAND_MAX];
	uint32_t dhcp6_rate; /* the workers' */
};

struct mail_served {
	struct tls_credentials *credentials; /* the greeter's */
};

struct post_office;
struct mailbox;

/* Called for each message in order of arrival; `body` is valid during the call. */
typedef void (*mail_deliver)(void *owner, unsigned from, enum mail_type type, struct bytes body);

struct post_office *post_office_new(unsigned threads, struct err *err);
/* After all threads have ended. */
void post_office_free(struct post_office *office);

/* What a thread does with its mail, and at the end of each loop turn (may be NULL; it runs
 * before the turn's mail is published, so it may send). */
struct mailbox_events {
	mail_deliver deliver;
	void (*turn_end)(void *owner);
	unsigned budget; /* messages of one sender in a turn; 0: as many as spare the others */
};

/* A thread's box on that thread's loop; all boxes are opened before the first thread runs. */
struct mailbox *mailbox_open(struct post_office *office, unsigned thread, uv_loop_t *loop,
			     const struct mailbox_events *events, void *owner, struct err *err);
/* Closes the loop's handles; the loop must run once more.  What arrives later is lost. */
void mailbox_close(struct mailbox *box);

/* Room for a message's body, to be filled before the next call; NULL if the ring is full. */
void *mail_begin(struct mailbox *from, unsigned to, enum mail_type type, size_t len);
/* The same for mail that may be lost: it gets half of the ring, so that it never keeps out mail
 * that must not be. */
bool mail_send_lossy(struct mailbox *from, unsigned to, enum mail_type type, const void *body,
		     size_t len);
/* A whole message; false if the ring is full. */
bool mail_send(struct mailbox *from, unsigned to, enum mail_type type, const void *body,
	       size_t len);
/* A frame with its head (port, generation, from, action are set; offload is filled in): lossy. */
bool mail_send_frame(struct mailbox *from, unsigned to, enum mail_type type,
		     const struct mail_frame *head, const struct frame *frame);
/* The opposite; false if the body is too short. `frame` borrows it. */
bool mail_read_frame(struct bytes body, struct mail_frame *head, struct frame *frame);

#endif
