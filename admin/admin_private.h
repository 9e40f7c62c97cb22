/* SPDX-License-Identifier: Apache-2.0 */
/* admin/admin_private.h
 *
 * The world of the admin's thread, shared by the files that make it up:
 *
 *   admin.c     opening, the thread, what comes from others, the end
 *   http.c      libmicrohttpd on our loop; connections and their time limits
 *   request.c   one request from its head to its answer
 *   ask.c       questions to the host that wait for their answers
 *   snapshot.c  answers that many share
 *   feed.c      what is live, once a second
 *   stream.c    one who looks on
 *   download.c  a capture that becomes a file
 *   reply.c     what every answer says besides its text
 *   tokens.c    who a script is
 *   logons.c    who a browser is: its cookie
 *   logon.c     how it gets one
 */
#ifndef ADMIN_ADMIN_PRIVATE_H
#define ADMIN_ADMIN_PRIVATE_H

#include <microhttpd.h>
#include <netinet/in.h>
#include <uv.h>

#include "admin/admin.h"
#include "admin/files.h"
#include "admin/route.h"
#include "admin/source.h"
#include "base/bucket.h"
#include "base/bytes.h"
#include "base/handover.h"

#define CONNECTIONS_MAX 96
#define ACCEPTS_BURST 200	/* connections from anywhere: two for each place */
#define ACCEPTS_PER_S 250	/* ... after these; who comes faster waits in the kernel's queue */
#define ACCEPTS_REST_MS 40	/* ten of them */
#define CONNECTION_MEMORY 32768 /* for one request's head */
#define IDLE_S 30		/* nothing goes in or out */
#define REQUEST_MS 10000 /* from a connection's start, or its latest answer, to a whole request */
#define ANSWER_MS 60000	 /* to read an answer */
#define ASK_MS 10000	 /* for the host to answer */
#define ASKED_MAX 256
#define SWEEP_MS 1000
#define SESSIONS_MAX 64
#define SESSIONS_USER 16 /* of them: who logs in all day pushes nobody else out */
#define SESSION_IDLE_MS (30 * 60 * 1000)
#define SESSION_MS (12 * 3600 * 1000)
#define SESSION_LEN 32 /* bytes of its cookie's value */
#define COOKIE_MAX 256 /* a Set-Cookie header */

/* Text that several answers send at the same time. */
struct shared {
	unsigned users;
	size_t len;
	char text[];
};
/* The object on one line between two texts, to be released; NULL: no object, or no memory. */
struct shared *shared_text(const char *head, const json_t *object, const char *tail);
struct shared *shared_dump(json_t *object); /* the same without them, and takes it */
void shared_release(struct shared *shared); /* NULL is fine */

struct admin;
struct download;
struct handed;
struct request;

/* ---- who looks on ---- */

#define FEED_DELTAS 64 /* seconds that somebody may be away and miss nothing */
#define STREAMS_MAX 32

/* What is live. */
struct feed {
	char epoch[17]; /* of this start of the server */
	uint64_t id;	/* of the state */
	json_t *state;	/* NULL: never asked */
	uint64_t state_ms;
	bool asked;
	struct shared *snapshot;	   /* of the state, as an event; made when it is needed */
	struct shared *delta[FEED_DELTAS]; /* events by their id; NULL: there is none */
	unsigned stream_count;
	struct stream *streams;
	struct request *waiting; /* for metrics, by next_waiting */
};

struct stream {
	struct admin *admin;
	struct request *request; /* NULL: it is over */
	bool suspended, over, begun, beat;
	uint64_t id; /* of what it has, if it has begun */
	uint64_t sent_ms;
	struct shared *text; /* being sent, from `at` on */
	size_t at;
	struct stream *next, **link;
};

typedef void (*asked_done)(void *owner, json_t *answer, const struct err *err);

struct asked {
	uint64_t ticket, until_ms; /* 0: free */
	asked_done done;
	void *owner;
};

struct snapshot {
	struct shared *text; /* NULL: never made */
	uint64_t made_ms;
	bool asked;
	struct request *waiting; /* by next_waiting */
};

/* Somebody who has logged in. */
struct logon {
	uint8_t hash[ADMIN_TOKEN_HASH]; /* of the cookie's value */
	char user[ADMIN_NAME_MAX];	/* "": the administrator */
	char name[ADMIN_NAME_MAX];
	enum admin_role role; /* ADMIN_NOBODY: the place is free */
	int64_t expires_s;    /* when the user does, since 1970; 0: never */
	uint64_t began_ms, seen_ms;
};

/* One connection. */
struct visitor {
	struct admin *admin;
	struct MHD_Connection *connection;
	int fd;
	struct sockaddr_storage from;
	bool tls;	   /* it was handed over, and came over TLS */
	uint64_t since_ms; /* began, or finished an answer */
	bool streams;	   /* it looks on, without a time limit */
	bool answering;	   /* from the whole request on; then since_ms is that moment */
	struct visitor *next, **link;
};

enum stage {
	STAGE_BODY,
	STAGE_WAITING,
	STAGE_READY,
	STAGE_FILE,
	STAGE_STREAM,
	STAGE_DOWNLOAD,
	STAGE_SENT,
};

struct request {
	struct visitor *visitor;
	struct MHD_Connection *connection;
	enum stage stage;
	struct path path;
	struct route_match match;
	const struct admin_file *file; /* of STAGE_FILE */
	bool secure;		       /* over TLS: to us, or as the proxy in front of us says */
	bool is_head;
	enum admin_role role;
	char who[ADMIN_NAME_MAX + 8]; /* for the audit log */
	struct logon *session;	      /* NULL: it came by token, or as nobody; valid in this turn */
	struct stream *stream;	      /* NULL: none */
	struct download *download;    /* that it takes; NULL: none */
	char cookie[COOKIE_MAX];      /* to be set; "": none */
	char *body;		      /* allocated: body_len of it are there */
	size_t body_len, body_room;
	unsigned status;
	const char *type;    /* of the answer; NULL: JSON */
	struct shared *text; /* of the answer */
	struct request *next_waiting;
};

struct admin {
	struct admin_config config;
	struct admin_host host;
	uv_loop_t loop;
	bool loop_ready, running, ending;
	uv_thread_t thread;
	struct handover *in;
	struct handed *last; /* there from the start: its end needs no memory */
	uv_timer_t due, sweep, rest;
	struct bucket accepts;
	unsigned listening;
	int listen_fd[ADMIN_MAX_LISTEN];
	uv_poll_t listen_poll[ADMIN_MAX_LISTEN];
	/* http.c */
	struct MHD_Daemon *daemon;
	uv_poll_t turn_poll;
	struct sources *sources;
	struct visitor *visitors;
	struct logon session[SESSIONS_MAX];
	/* ask.c, snapshot.c */
	struct asked asked[ASKED_MAX];
	uint64_t next_ticket;
	struct snapshot *snapshot; /* [route_count] */
	struct feed feed;
	/* download.c */
	unsigned download_count;
	struct download *downloads;
	/* tokens.c */
	unsigned token_count;
	struct admin_token token[ADMIN_MAX_TOKENS];
};

/* http.c */
int http_open(struct admin *admin, struct err *err);
bool http_accept(struct admin *admin, int listen_fd); /* false: too many at once, for now */
void http_take(struct admin *admin, int fd, const struct sockaddr_storage *from);
void http_turn(struct admin *admin); /* lets libmicrohttpd do what is due */
void http_sweep(struct admin *admin);
void http_close(struct admin *admin);
/* libmicrohttpd does not look at a connection that waits: has its other end hung up? */
bool visitor_has_left(const struct visitor *visitor);

/* request.c */
enum MHD_Result request_handle(void *cls, struct MHD_Connection *connection, const char *url,
			       const char *method, const char *version, const char *data,
			       size_t *size, void **state);
void request_completed(void *cls, struct MHD_Connection *connection, void **state,
		       enum MHD_RequestTerminationCode how);
/* It waits: its connection takes nothing until request_ready, which takes the text. */
bool request_still_may(struct request *request); /* who sent it has not been logged out */
void request_wait(struct request *request);
void request_ready(struct request *request, unsigned status, struct shared *text);
void request_failed(struct request *request, const struct err *err);

/* ask.c: `fd` as in admin_host */
void ask_host(struct admin *admin, json_t *request, int fd, asked_done done, void *owner);
void ask_answered(struct admin *admin, uint64_t ticket, json_t *answer, const struct err *err);
void ask_sweep(struct admin *admin);
void ask_end(struct admin *admin); /* all that wait are told so */

/* feed.c */
int feed_open(struct feed *feed, struct err *err);
void feed_free(struct feed *feed);
void feed_sweep(struct admin *admin);
void feed_give_metrics(struct admin *admin, struct request *request);
/* Unless it is asked for already; on_room of whoever waits is called when it has come. */
void feed_ask(struct admin *admin);
bool feed_is_fresh(const struct admin *admin);
/* Somebody has the event of this Last-Event-ID, and all since are there: its number. */
bool feed_resume(const struct feed *feed, const char *last, uint64_t *id);
/* What comes next for whoever has `*id` (unless he has not begun), to be released; NULL: nothing. */
struct shared *feed_next(struct feed *feed, bool begun, uint64_t *id);
/* stream.c */
enum MHD_Result stream_begin(struct request *request);
void stream_wake(struct stream *stream);
void stream_sweep(struct stream *stream);
void stream_leave(struct stream *stream); /* its request is over */
void streams_end(struct admin *admin);

/* snapshot.c */
void snapshot_give(struct admin *admin, struct request *request);
void snapshot_forget_all(struct admin *admin); /* something was changed: who did sees it */

/* reply.c */
unsigned reply_status(const struct err *err); /* of HTTP */
/* {"error": a sentence, "status": an exit status}, as on the control socket. */
struct shared *reply_error(const struct err *err);
/* `text` may be NULL: out of memory.  `more` is a header's name and value, or NULL. */
enum MHD_Result reply_text(struct MHD_Connection *connection, unsigned status, struct shared *text,
			   const char *type, const char *more, const char *value);
/* JSON */
enum MHD_Result reply_send(struct MHD_Connection *connection, unsigned status, struct shared *text,
			   const char *more, const char *value);
/* `name`, for a file: its Content-Disposition; NULL: none. */
enum MHD_Result reply_stream(struct MHD_Connection *connection, const char *type, const char *name,
			     MHD_ContentReaderCallback reader, MHD_ContentReaderFreeCallback done,
			     void *owner);
enum MHD_Result reply_file(struct MHD_Connection *connection, const struct admin_file *file);
enum MHD_Result reply_refuse(struct MHD_Connection *connection, unsigned status, enum err_kind kind,
			     const char *sentence);

/* tokens.c */
void tokens_set(struct admin *admin, const struct admin_token *tokens, unsigned count);
/* By the Authorization header; ADMIN_NOBODY without one, ADMIN_ROLES with a wrong one. */
enum admin_role tokens_role(const struct admin *admin, const char *authorization,
			    const char **name);

/* logons.c */
/* Whose a Cookie header is; NULL: nobody's. */
struct logon *logon_find(struct admin *admin, const char *cookies, bool secure);
/* The header that makes a browser `who`: user, name, role and expires_s of it are taken. */
void logon_open(struct admin *admin, const struct logon *who, bool secure,
		char header[static COOKIE_MAX]);
void logon_close(struct logon *session, bool secure, char header[static COOKIE_MAX]);
void logons_forget(struct admin *admin, const char *user);

/* logon.c: what a route of the kind does; `body` may be NULL. */
void logon_begin(struct request *request, const json_t *body);
void logon_end(struct request *request);
void logon_who(struct request *request);

#endif
