/* SPDX-License-Identifier: Apache-2.0 */
/* tls/session.h
 *
 * One end of a logged-in or logging-in connection, after the TLS handshake: records in, messages
 * and frames out by callback; frames in, records out.  Without I/O and clock: the owner reads and
 * writes the socket, tells the time and the dice, and waits until session_due_ms.
 *
 *   HELLO ----> LOGIN ----> UP ----> CLOSING ----> CLOSED
 *     |           |          |          ^            ^
 *     '-----------'----------'----------'-- (errors) '
 *
 *   server  HELLO: waits for the client's hello.  LOGIN: `hello` was called, the owner will
 *           call session_accept or session_close, or what tls/session_login.h has.  UP: frames.
 *   client  HELLO: its hello is sent, waits for the server's.  LOGIN: waits for welcome.
 *   CLOSING goodbye and close_notify wait to be sent; nothing is read any more.
 *   CLOSED  there is nothing left to send; the owner closes the socket.
 *
 * A session belongs to one thread at a time.  It holds no large buffer while it is idle:
 * those come from its thread's struct session_memory and go back there.
 */
#ifndef TLS_SESSION_H
#define TLS_SESSION_H

#include "base/err.h"
#include "tls/handshake.h"
#include "tls/message.h"
#include "tls/record.h"

#define SESSION_NEVER_MS UINT64_MAX

enum session_state {
	SESSION_HELLO,
	SESSION_LOGIN,
	SESSION_UP,
	SESSION_CLOSING,
	SESSION_CLOSED,
	SESSION_STATES,
};
extern const char *const session_state_name[SESSION_STATES];

/* Why a session ended. */
enum session_end {
	SESSION_END_NONE,
	SESSION_END_LOCAL,    /* session_close */
	SESSION_END_GOODBYE,  /* the peer said so: see session_goodbye */
	SESSION_END_CLOSED,   /* the peer closed without a goodbye (close_notify or session_lost) */
	SESSION_END_ALERT,    /* the peer sent a TLS alert: see session_alert */
	SESSION_END_RECORD,   /* a record that is not genuine or not allowed */
	SESSION_END_PROTOCOL, /* a message that is malformed, too long or not allowed now */
	SESSION_END_LOGIN_TIMEOUT,
	SESSION_END_DEAD, /* no sign of life for dead_ms */
	SESSION_END_MEMORY,
	SESSION_ENDS,
};
extern const char *const session_end_name[SESSION_ENDS];

/* The buffers that the sessions of one thread share, and a free list of those they borrow. */
struct session_memory;
struct session_memory *session_memory_new(struct err *err);
void session_memory_free(struct session_memory *memory);

struct session_config {
	enum tls_role role;
	uint32_t login_ms;  /* from session_new to UP */
	uint32_t echo_ms;   /* an echo is sent when nothing was heard for so long */
	uint32_t dead_ms;   /* the peer is dead when nothing was heard for so long; > echo_ms */
	struct hello hello; /* what this end says of itself */
};

struct session_login_events;
/* Called from within session_received only; they must not free the session. */
struct session_events {
	void (*hello)(void *owner, const struct hello *hello);
	void (*welcome)(void *owner, const struct welcome *welcome); /* client: the session is UP */
	void (*frame)(void *owner, const struct frame *frame);	     /* UP only; borrowed */
	void (*notice)(void *owner, const char *text);
	uint64_t (*now_us)(void *owner); /* a finer clock, also for session_tick; NULL: now_ms */
	const struct session_login_events *login; /* tls/session_login.h; NULL: none */
};

struct session_counters {
	uint64_t rx_frames, tx_frames; /* superframes count as one */
	uint64_t rx_bytes, tx_bytes;   /* of frames, from the Ethernet header on */
	uint64_t rx_records, tx_records;
	uint64_t rekeys;     /* KeyUpdates sent and received */
	uint64_t tx_unfit;   /* frames that the peer does not take: their length, their offload */
	uint64_t tx_dropped; /* echoes, their replies and notices that found no room */
};

struct session;

/* Copies what it needs of `secrets`.  A client's hello is then waiting to be sent. */
struct session *session_new(const struct session_config *config, const struct tls_secrets *secrets,
			    const struct session_events *events, void *owner,
			    struct session_memory *memory, uint64_t now_ms, struct err *err);
void session_free(struct session *session); /* wipes keys; NULL is fine */
/* The session goes on in another thread: its events, owner and memory there. */
void session_move(struct session *session, const struct session_events *events, void *owner,
		  struct session_memory *memory);

/*
 * Input.  session_room: where to read(2) to and how much (at least one whole record).  Then
 * session_received; no other session of this thread is given room between the two calls.
 */
void *session_room(struct session *session, size_t *cap);
void session_received(struct session *session, size_t len, uint64_t now_ms);
void session_lost(struct session *session); /* the socket ended: end of file, or an error */

/* Server, in LOGIN: sends hello and welcome; the session is UP. */
void session_accept(struct session *session, const struct welcome *welcome, uint64_t now_ms);

/*
 * Output.  session_send_frame seals into the session's output; false if there is no room now or the
 * session is not UP (nothing was taken: keep it, drop it, or stop reading the source).  A frame that
 * the peer never takes is counted and gone.  Small frames share a record until session_flush.
 */
bool session_send_frame(struct session *session, const struct frame *frame);
void session_send_notice(struct session *session, const char *text);
/* True if a frame of FRAME_MAX would fit. */
bool session_has_room(const struct session *session);
/* Seals what is begun.  Call at the end of each loop turn and before session_output. */
void session_flush(struct session *session);
/* The sealed bytes that wait for the socket, valid until more are sent; then how many it took. */
struct bytes session_output(const struct session *session);
void session_sent(struct session *session, size_t len);

/* Goodbye, close_notify, CLOSING.  Does nothing when it is ending already. */
void session_close(struct session *session, enum goodbye_reason reason, const char *text);

/* Sends an echo; the peer is dead when nothing is heard in within_ms.  In UP, one at a time. */
void session_probe(struct session *session, uint64_t now_ms, uint32_t within_ms);
/* When session_tick is to be called next; SESSION_NEVER_MS when CLOSED. */
uint64_t session_due_ms(const struct session *session);
void session_tick(struct session *session, uint64_t now_ms, uint64_t dice);

enum session_state session_state(const struct session *session);
enum session_end session_end(const struct session *session);
const struct goodbye *session_goodbye(const struct session *session); /* the peer's */
uint8_t session_alert(const struct session *session); /* the peer's alert description */
/* A sentence on why it ended, for log and user, and its err_kind; the peer's words in it are
 * escaped.  -1; 0 if it has not ended. */
int session_end_sentence(const struct session *session, struct err *err);
const struct hello *session_peer(const struct session *session); /* zero before its hello */
uint32_t session_rtt_us(const struct session *session);		 /* smoothed; 0: not known yet */
const struct session_counters *session_counters(const struct session *session);
enum tls_suite session_suite(const struct session *session);
const char *session_aead_name(const struct session *session);
const char *session_aead_detail(const struct session *session); /* its version and CPU kind */

#endif
