/* SPDX-License-Identifier: Apache-2.0 */
/* admin/admin.h
 *
 * The admin's HTTP: the API of openapi.json, on a thread of its own.  It listens, and is handed
 * connections that came over TLS elsewhere.
 *
 * It knows no live object of the server.  What it shows and does are the actions of the control
 * socket, each a JSON object that it hands to its host and an answer that comes back; answers that
 * only show something are shared by all who ask within a second.  Whatever HTTP clients do costs
 * this thread's time and bounded memory, and nothing else's.
 */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"

#define ADMIN_MAX_LISTEN 8
#define ADMIN_MAX_TOKENS 64
#define ADMIN_NAME_MAX 65 /* of a token, or of whoever logs in, with its NUL */
#define ADMIN_TOKEN_HASH 32
#define ADMIN_TOKEN_PREFIX "lanyard_" /* of a token's text: whoever finds one knows what it is */
#define ADMIN_SNAPSHOT_MS 1000	      /* how old may an answer be that shows something */

/* What somebody may do: see, or see and change. */
enum admin_role { ADMIN_NOBODY, ADMIN_READ, ADMIN_ALL, ADMIN_ROLES };
extern const char *const admin_role_name[ADMIN_ROLES]; /* "none", "read-only", "admin" */
/* ADMIN_ROLES if it is none. */
enum admin_role admin_role_of(const char *name);

struct admin_listen {
	char host[64]; /* a numeric address without brackets */
	uint16_t port;
};

struct admin_config {
	unsigned listen_count;
	struct admin_listen listen[ADMIN_MAX_LISTEN];
	/* The name by which browsers come; empty: none.  Addresses and localhost are always right:
	 * with those, nobody's DNS can lead a browser here (rebinding). */
	char name[256];
};

/*
 * Who carries actions out.  Called on the admin's thread; takes the request; the answer comes later,
 * from any thread, through admin_answer.  False: too much waits there already (and the request is
 * taken all the same).
 *
 * `fd` is a socket for what answers with a stream, or -1; it is the host's from then on.  That it was
 * taken is answered through admin_answer, and what comes of it on the socket as on the control socket.
 */
struct admin_host {
	void *owner;
	bool (*ask)(void *owner, uint64_t ticket, json_t *request, int fd);
};

struct admin;

/* Listens, and answers nobody yet.  NULL and a sentence. */
struct admin *admin_open(const struct admin_config *config, const struct admin_host *host,
			 struct err *err);
int admin_run(struct admin *admin, struct err *err);
/* On how many of the addresses of its configuration it listens: all, or none. */
unsigned admin_listening(const struct admin *admin);
/* Ends all connections and its thread, then frees; the host is asked nothing any more.  NULL is
 * fine. */
void admin_close(struct admin *admin);

/* From any thread: one more connection, that came over TLS from `from`; `fd` is a Unix socket that
 * carries what it says in clear.  False: too much waits there already, and it is still the
 * caller's. */
bool admin_take_connection(struct admin *admin, int fd, const struct sockaddr_storage *from);

/* From any thread; takes the answer.  NULL: it failed, and `err` says how. */
void admin_answer(struct admin *admin, uint64_t ticket, json_t *answer, const struct err *err);

/* From any thread: nobody of that name (the login's `user`) is logged in any more. */
void admin_forget(struct admin *admin, const char *user);

/* A token as the host remembers it: its hash, never its text. */
struct admin_token {
	uint8_t hash[ADMIN_TOKEN_HASH]; /* admin_token_hash of the text */
	char name[ADMIN_NAME_MAX];
	enum admin_role role;
	int64_t expires_s; /* since 1970; 0: never */
};
/* From any thread: these are all that there are from now on; the array is copied. */
void admin_set_tokens(struct admin *admin, const struct admin_token *tokens, unsigned count);
void admin_token_hash(const char *text, uint8_t hash[static ADMIN_TOKEN_HASH]);

#endif
