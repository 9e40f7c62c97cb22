/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_invites.h
 *
 * Invitations: who has the token may enrol one device of one user, once.  The token is 192 random
 * bits and lies here as its SHA-256 only: who reads the file cannot use it.
 */
#ifndef SERVER_STATE_INVITES_H
#define SERVER_STATE_INVITES_H

#include "server/state.h"

#define STATE_TOKEN_LEN 24  /* bytes */
#define STATE_TOKEN_TEXT 33 /* base64url without padding, with its NUL */
#define STATE_INVITES_MAX 4096
#define STATE_INVITE_KEEP_S (30 * 86400) /* one that is over is remembered so long, to say why */

struct state_invite {
	int64_t id;
	char user[STATE_USER_MAX];
	int64_t created_s, expires_s;
	int64_t used_s, revoked_s; /* 0: it is not */
};

/* What an invitation is good for. */
enum state_invite_verdict {
	STATE_INVITE_GOOD,
	STATE_INVITE_UNKNOWN, /* never made, or forgotten: also when it is no token at all */
	STATE_INVITE_USED,
	STATE_INVITE_EXPIRED,
	STATE_INVITE_REVOKED,
	STATE_INVITE_BLOCKED, /* its user is blocked, or has expired */
	STATE_INVITE_VERDICTS,
};
extern const char *const state_invite_name[STATE_INVITE_VERDICTS]; /* "used" */

/*
 * Invites a user, who is added if there is no such user, in `group` (NULL, "", "none": in none).
 * One that is there stays in its group; ERR_FAILED if `group` is another one.  `token` is a secret:
 * wipe it when it has been shown.
 */
int state_invite_add(struct state *state, const char *user, const char *group, int64_t expires_s,
		     int64_t now_s, const char *who, char token[static STATE_TOKEN_TEXT],
		     struct state_invite *invite, struct err *err);
/* The newest last. */
int state_invite_list(struct state *state,
		      void (*each)(void *owner, const struct state_invite *invite), void *owner,
		      struct err *err);
/* ERR_NO_OBJECT if it is not there; ERR_FAILED if it was used.  Again is fine. */
int state_invite_revoke(struct state *state, int64_t id, int64_t now_s, const char *who,
			struct err *err);

/* How many could be used now; -1. */
int state_invites_open(struct state *state, int64_t now_s, struct err *err);
/* For whom a token is good now, if it is: `user` is filled unless it is UNKNOWN.  `token`: a
 * stranger's text, any bytes. */
int state_invite_look(struct state *state, const char *token, int64_t now_s,
		      enum state_invite_verdict *verdict, struct state_user *user, struct err *err);
/*
 * The same, and if it is good it is used up and `certificate` is registered as the user's, in one
 * transaction: of several at once, one gets GOOD.  `who`: the stranger's address, for the audit
 * log.
 */
int state_invite_use(struct state *state, const char *token,
		     const struct pki_description *certificate, int64_t now_s, const char *who,
		     enum state_invite_verdict *verdict, struct state_user *user, struct err *err);

#endif
