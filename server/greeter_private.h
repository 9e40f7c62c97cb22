/* SPDX-License-Identifier: Apache-2.0 */
/* server/greeter_private.h - what greeter.c and stranger*.c share, and nobody else. */
#ifndef SERVER_GREETER_PRIVATE_H
#define SERVER_GREETER_PRIVATE_H

#include <sys/socket.h>

#include "base/log.h"
#include "base/source.h"
#include "server/greeter.h"
#include "server/prover.h"
#include "server/served.h"
#include "server/tries.h"
#include "tls/session_login.h"

struct greeter {
	struct greeter_config config;
	uv_loop_t loop;
	uv_thread_t thread;
	bool loop_ready, running, stopping, stopped;
	uv_timer_t pause;   /* until listening goes on */
	unsigned listening; /* open listen_poll handles */
	uv_poll_t listen_poll[GREETER_MAX_LISTEN];
	struct mailbox *box;
	struct session_memory *memory;
	struct served *served;
	struct tries *tries;
	struct prover *prover;
	struct stranger *strangers;
	unsigned stranger_count;
	uint32_t next_id;
	struct greeter_counters counters;
	struct log_limit refused_log[REFUSALS];
	struct log_limit handshake_log[TLS_FAILURES];
};

/* A connection that is not logged in yet. */
struct stranger {
	struct greeter *greeter;
	uint32_t id; /* what a verdict names */
	int fd;	     /* -1: handed over or closed */
	struct source source;
	char remote[REMOTE_TEXT];
	uint64_t since_ms;
	size_t bytes; /* received */
	bool spoke, too_many_bytes;
	bool refused, draining, gone; /* draining: only the other end's end is awaited */
	unsigned open_handles;
	int watching; /* uv_poll events */
	uv_poll_t poll;
	uv_timer_t timer;
	struct tls_handshake *handshake; /* until it is done */
	struct served *served;		 /* what it shows; NULL without a handshake */
	struct session *session;	 /* afterwards */
	/* stranger_login.c */
	struct mail_login login;      /* what the control thread is told */
	bool listens;		      /* in LOGIN: the client has something to say now */
	uv_timer_t even;	      /* until the first question may leave */
	enum ask_kind first;	      /* which waits for that; 0: none */
	unsigned asked;		      /* questions */
	char user[MESSAGE_USER_MAX];  /* whose failures count; "": an invitation's */
	char hash[PASSWORD_HASH_MAX]; /* to hold a password against ... */
	bool by_command;	      /* ... or the program judges it */
	struct prover_job *job;	      /* which does so; or NULL */
	struct stranger *next, **link;
};

/* Takes a fresh connection in. */
void stranger_add(struct greeter *greeter, int fd, const struct sockaddr_storage *from);
void stranger_verdict(struct greeter *greeter, const struct mail_verdict *verdict);
struct stranger *stranger_find(struct greeter *greeter, uint32_t id); /* in LOGIN; or NULL */
/* Goes on after its session was told something. */
void stranger_step(struct stranger *stranger);
/* From now on it has so long. */
void stranger_wait(struct stranger *stranger, uint64_t wait_ms);
/* Says goodbye; `why` is counted. */
void stranger_refuse(struct stranger *stranger, enum refusal why, enum goodbye_reason reason,
		     const char *text);

/* ---- stranger_login.c ---- */

/* "login as 'alice': TEXT": whom it says to be, or its certificate, escaped; TEXT alone if it has not
 * said.  What it has sent to prove it is in no text. */
#define STRANGER_DETAIL (4 * MESSAGE_USER_MAX + MESSAGE_TEXT_MAX + 32)
const char *stranger_detail(const struct stranger *stranger, const char *text,
			    char detail[static STRANGER_DETAIL]);

extern const struct session_events stranger_events; /* owner: struct stranger */
void stranger_ask(struct greeter *greeter, const struct mail_ask *ask);
void stranger_enrolled(struct greeter *greeter, const struct mail_enrolled *enrolled);
/* The control thread has said yes, or no because of what was shown. */
void stranger_judged(struct stranger *stranger, bool accepted, enum goodbye_reason reason);
/* It is going. */
void stranger_forget(struct stranger *stranger);
/* Ends it without a word. */
void stranger_remove(struct stranger *stranger);
/* Likewise; `why` is counted. */
void stranger_drop(struct stranger *stranger, enum refusal why, const char *detail);
/* Logs a failed try that may be followed by another one, once a minute. */
void greeter_login_failed(struct greeter *greeter, const char *remote, const char *detail);
/* Counts and, once a minute, logs why. */
void greeter_refused(struct greeter *greeter, const char *remote, enum refusal why,
		     const char *detail);
/* The same for a handshake, by its own reasons. */
void greeter_handshake_failed(struct greeter *greeter, const char *remote, enum tls_failure failure,
			      const char *detail);
/* ---- stranger_room.c ---- */

/* So many come from there. */
unsigned stranger_count(const struct greeter *greeter, const struct source *source);
/* All places are taken: the oldest who has said nothing gives way, or the oldest that has had
 * ROOM_AFTER_MS; false if there is none.  So nobody keeps others out by silence. */
bool stranger_make_room(struct greeter *greeter);

#endif
