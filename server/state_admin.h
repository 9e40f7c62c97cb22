/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_admin.h
 *
 * Who may administer by password: the administrator, who is no user of the VPN and is called "",
 * and users with a role.  How they prove it is state_auth.h's.
 */
#ifndef SERVER_STATE_ADMIN_H
#define SERVER_STATE_ADMIN_H

#include "admin/admin.h"
#include "server/state_auth.h"

struct state_admin {
	enum admin_role role;	       /* ADMIN_NOBODY: nobody who may, or blocked, or expired */
	char hash[STATE_PASSWORD_MAX]; /* "": there is no password */
	bool has_code;
	struct state_code code; /* wipe it */
	int64_t expires_s;	/* since 1970; 0: never */
};

/* Nobody of that name is nobody who may. */
int state_admin_get(struct state *state, const char *name, int64_t now_s, struct state_admin *admin,
		    struct err *err);
/* As state_code_take. */
int state_admin_take_code(struct state *state, const char *name, const struct state_code *code,
			  int64_t step, struct err *err);
/* Of the administrator; NULL: none any more. */
int state_admin_set_password(struct state *state, const char *hash, int64_t now_s, const char *who,
			     struct err *err);
int state_admin_set_code(struct state *state, const uint8_t *secret, int64_t now_s, const char *who,
			 struct err *err);
/* Of a user.  ERR_NO_OBJECT */
int state_user_set_role(struct state *state, const char *name, enum admin_role role, int64_t now_s,
			const char *who, struct err *err);

#endif
