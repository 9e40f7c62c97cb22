/* SPDX-License-Identifier: Apache-2.0 */
/* server/state.h
 *
 * What the server must not forget, in one SQLite file: the CA, the users and their
 * certificates, the generated prefix, an audit log.  Every call that changes something is
 * on disk when it returns (WAL, synchronous=FULL).  Several processes may have it open:
 * `lanyard user` works beside a running server.
 *
 * Private keys of users are never stored: a profile's key exists in the profile only.
 */
#ifndef SERVER_STATE_H
#define SERVER_STATE_H

#include <stdbool.h>

#include "base/err.h"
#include "radvd-lite/ra_promises.h"
#include "tls/pki.h"

#define STATE_FILE "state.db"
#define STATE_USER_MAX 33	  /* a user's name with its NUL */
#define STATE_WHY_MAX 97	  /* a reason in an admin's words with its NUL */
#define STATE_CERTIFICATES_MAX 64 /* per user; the one that ends first gives way */

struct state;

/* Opens (and makes) FOLDER/state.db, folder 0700, file 0600, and brings the tables up to date.
 * -1: not writable, damaged, or written by a newer version; the sentence says what to do. */
struct state *state_open(const char *folder, struct err *err);
void state_close(struct state *state);
/* The same file once more, whose commits are on disk after state_sync.h has said so and not before.
 * For one thread at a time. */
struct state *state_open_beside(const struct state *state, struct err *err);

/* Small values by name, e.g. "prefix", "tap-mac".  state_get: 1 found, 0 not there, -1. */
int state_get(struct state *state, const char *name, char *value, size_t cap, struct err *err);
int state_set(struct state *state, const char *name, const char *value, struct err *err);

/* The CA that signs, made on first use: the newest one (state_authorities.h). */
int state_authority(struct state *state, int64_t now_s, struct pki_pair *authority,
		    struct err *err);
/* The built-in server certificate: the stored one if it covers `request`, the newest CA has signed it,
 * and more than a third of its life is left; else a new one. */
int state_server_certificate(struct state *state, const struct pki_request *request, int64_t now_s,
			     struct pki_pair *pair, struct err *err);

/* The name of a user or a group (`kind`, for the sentence): 1 to 32 of a-z A-Z 0-9 . _ - @, not
 * beginning with - or dot. */
int state_check_name(const char *kind, const char *name, struct err *err);

/* A user is in one group or in none.  Groups are names and nothing else: what they mean is in the
 * configuration.  As an argument, NULL, "" and "none" are no group; as a result "" is. */
struct state_user {
	char name[STATE_USER_MAX], group[STATE_USER_MAX];
	int64_t created_s;
	unsigned certificates; /* that are valid now; of state_user_list and state_user_get */
	bool has_password, has_code;
	int64_t expires_s;	 /* the user is none from then on; 0: never */
	int64_t blocked_s;	 /* since when; 0: not blocked */
	char why[STATE_WHY_MAX]; /* blocked for; the admin's words */
	char role[16];		 /* as an admin: "none", "read-only", "admin" */
	int64_t revoked_s;	 /* the certificate that was asked for; of state_user_of */
};
/* ERR_NO_OBJECT if it is not there; ERR_FAILED if it is there already. */
int state_user_add(struct state *state, const char *name, const char *group, int64_t expires_s,
		   int64_t now_s, const char *who, struct err *err);
int state_user_set_group(struct state *state, const char *name, const char *group, int64_t now_s,
			 const char *who, struct err *err);
int state_user_remove(struct state *state, const char *name, int64_t now_s, const char *who,
		      struct err *err);
/* Nobody with this name may log in until it is unblocked: `blocked` and, if you like, why. */
int state_user_block(struct state *state, const char *name, bool blocked, const char *why,
		     int64_t now_s, const char *who, struct err *err);
/* 0: never. */
int state_user_expire(struct state *state, const char *name, int64_t expires_s, int64_t now_s,
		      const char *who, struct err *err);
/* 1 found, 0 not there, -1. */
int state_user_get(struct state *state, const char *name, int64_t now_s, struct state_user *user,
		   struct err *err);
/* Calls `each` in order of names. */
int state_user_list(struct state *state, int64_t now_s,
		    void (*each)(void *owner, const struct state_user *user), void *owner,
		    struct err *err);
/* Registers a certificate as this user's. */
int state_certificate_add(struct state *state, const char *user,
			  const struct pki_description *certificate, int64_t now_s, const char *who,
			  struct err *err);
/* Whose certificate it is: 1 and the user, 0 nobody's (removed, or never ours), or revoked: then
 * the user and its revoked_s are there; -1.  The user may be blocked or expired. */
int state_user_of(struct state *state, const uint8_t fingerprint[static PKI_FINGERPRINT_LEN],
		  struct state_user *user, struct err *err);

/* Who is told the same: a user's section, a group's, both, or ("" and "") everybody else. */
struct state_scope {
	char user[STATE_USER_MAX], group[STATE_USER_MAX];
};
/* A transaction: what is written between the two is on disk together, at the price of one write.
 * `failed`: or nothing of it. */
int state_promises_begin(struct state *state, struct err *err);
int state_promises_end(struct state *state, int failed, struct err *err);
/* Inside of it: writes all promises of a scope in the place of those that were there. */
int state_promises_write(struct state *state, const struct state_scope *scope,
			 const struct ra_promises *promises, struct err *err);
typedef void (*state_promise_visit)(void *owner, const struct state_scope *scope,
				    const struct ra_promise *promise);
/* All promises of all scopes; rows that no server can have written are left out. */
int state_promises_read(struct state *state, state_promise_visit each, void *owner,
			struct err *err);

#endif
