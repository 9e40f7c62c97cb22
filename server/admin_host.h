/* SPDX-License-Identifier: Apache-2.0 */
/* server/admin_host.h
 *
 * The control thread's part of the admin's HTTP (admin/admin.h): it carries out the actions that are
 * asked for, which are those of the control socket.  Control thread only.
 */
#ifndef SERVER_ADMIN_HOST_H
#define SERVER_ADMIN_HOST_H

#include "base/err.h"

struct server;

/* Listens.  What was not asked for (no `listen` in the configuration) may fail, and is said. */
int admin_host_open(struct server *server, struct err *err);
int admin_host_run(struct server *server, struct err *err);
/* The loop must run once more. */
void admin_host_close(struct server *server);
/* What a user, or ("") the administrator, may do or shows for it is another now. */
void admin_host_forget(struct server *server, const char *user);
/* Tokens were added or revoked. */
void admin_host_tokens(struct server *server);

#endif
