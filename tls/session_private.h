/* SPDX-License-Identifier: Apache-2.0 */
/* tls/session_private.h
 *
 * What the files of the session share, and what its tests may turn.  Nobody else includes it.
 *
 *   session.c         life, timers, the simple questions
 *   session_input.c   records and messages in
 *   session_login.c   the messages of the login
 *   session_output.c  messages and records out
 *   session_end.c     why a session ended, in words
 *   session_memory.c  the thread's buffers
 */
#ifndef TLS_SESSION_PRIVATE_H
#define TLS_SESSION_PRIVATE_H

#include "tls/record_rules.h"
#include "tls/session_login.h"

#define SESSION_LOGIN_BYTES_MAX (4 * MESSAGE_LOGIN_MAX) /* of all messages before UP */
#define SESSION_CLOSING_MS 3000	    /* how long goodbye may wait for the socket */
#define SESSION_ECHO_MIN_MS 100	    /* the least a server's welcome may ask for */
#define SESSION_ROUND_TRIP_MS 60000 /* a busy session measures so often */
#define SESSION_ECHOES 8	    /* echoes under way whose reply still counts */

#define MESSAGE_MAX (MESSAGE_FRAME_HEAD_MAX + FRAME_MAX)
/* What sealing adds to a record at most: its own overhead, and a KeyUpdate after it. */
#define RECORD_COST (RECORD_OVERHEAD + KEY_UPDATE_LEN + RECORD_OVERHEAD)

/* The thread's buffers.  Records are opened one by one, so that what is opened stays in the cache. */
#define SEALED_CAP (256 * 1024 + RECORD_SEALED_MAX)
#define PLAIN_CAP (2 * MESSAGE_MAX + 2 * RECORD_SEALED_MAX)

/* A session's output: frames leave room for control messages, those for goodbye and close_notify. */
#define OUTPUT_CAP (140 * 1024)
#define OUTPUT_KEEP_CONTROL 4096
#define OUTPUT_KEEP_GOODBYE 1024
#define OUTPUT_KEEP_ALERT 128
/* What is no longer than this is copied into the open record; longer pieces are sealed as they lie. */
#define OUTPUT_COPY_MAX 2048

enum memory_kind {
	MEMORY_SEALED, /* RECORD_SEALED_MAX: an incomplete record */
	MEMORY_PLAIN,  /* MESSAGE_MAX: an incomplete message */
	MEMORY_OUTPUT, /* OUTPUT_CAP */
	MEMORY_KINDS,
};

#define MEMORY_FREE_MAX 16 /* buffers of a kind that wait for the next session */

struct session_memory {
	uint8_t *sealed, *plain;
	struct {
		void *buffer[MEMORY_FREE_MAX];
		unsigned count;
	} free[MEMORY_KINDS];
};

void *memory_take(struct session_memory *memory, enum memory_kind kind); /* NULL: no memory */
void memory_give(struct session_memory *memory, enum memory_kind kind, void *buffer);

/* Bytes that wait for the rest of their record or message; no buffer while there are none. */
struct stash {
	uint8_t *buffer;
	size_t len;
};

/* Sealed records at [head, tail), then one that is open: its header's place and its content. */
struct output {
	uint8_t *buffer;
	size_t head, tail;
	size_t open_len; /* content bytes of the open record; 0: none is open */
};

struct session {
	struct session_config config;
	const struct session_events *events;
	void *owner;
	struct session_memory *memory;
	enum session_state state;
	enum session_end end;

	struct record_half read, write;
	uint64_t rekey_after; /* records */
	bool key_update_owed; /* the peer asked for ours and there was no room yet */
	unsigned idle_records;
	struct tls_secret refusal_secret; /* client: server_handshake; len 0 once used */
	struct stash sealed, plain;
	struct output output;
	size_t login_bytes;

	uint64_t now_ms, started_ms;
	uint64_t heard_ms; /* the latest genuine record */
	uint64_t echo_sent_ms, echo_wait_ms;
	uint64_t probe_due_ms;		       /* session_probe's limit; 0: none */
	uint64_t echo_token;		       /* of the latest */
	uint64_t echo_sent_us[SESSION_ECHOES]; /* by token; 0: answered */
	uint64_t closing_ms; /* when CLOSING ends; 0: session_tick has not said yet */
	uint32_t rtt_us;

	bool was_up;
	bool hello_sent;
	bool enrolling; /* server: the client's enrol has come */
	uint16_t asked; /* enum ask_kind, without its answer; 0: nothing */
	struct hello peer;
	struct goodbye goodbye; /* the peer's */
	uint8_t alert;		/* the peer's */
	const char *fault;	/* END_RECORD and END_PROTOCOL: what was wrong */
	struct session_counters counters;
};

void session_enter(struct session *session, enum session_state state);
bool session_is_over(const struct session *session); /* CLOSING or CLOSED */
void session_go_up(struct session *session);
uint64_t session_now_us(const struct session *session);
void stash_release(struct session *session, enum memory_kind kind, struct stash *stash);

void session_send_hello(struct session *session);
void session_fault(struct session *session, const char *fault); /* ends it: END_PROTOCOL */

/* What session_input.c has found to be allowed now.  `body` may be wiped. */
void session_handle_ask(struct session *session, struct bytes body);
void session_handle_answer(struct session *session, struct bytes body);
void session_handle_enrol(struct session *session, struct bytes body);
void session_handle_credentials(struct session *session, struct bytes body);
void session_handle_renew(struct session *session, struct bytes body);

/* Each ends the session, unless it is ending.  close_notify follows a goodbye. */
void session_end_with_goodbye(struct session *session, enum session_end end,
			      enum goodbye_reason reason, const char *text);
void session_end_with_alert(struct session *session, enum session_end end, enum alert alert);
void session_end_silently(struct session *session, enum session_end end);

/* One message to the output, keeping `keep` bytes of room; false if there is none (or no memory,
 * which ends the session). */
bool output_message(struct session *session, const struct writer *message, size_t keep);
void output_control(struct session *session, const struct writer *message); /* or counts it */
void output_echo(struct session *session);
/* Our KeyUpdate, now if there is room, or as soon as there is. */
void output_key_update(struct session *session);
void output_alert(struct session *session, enum alert alert);
void output_drop(struct session *session); /* everything that waits */

#endif
