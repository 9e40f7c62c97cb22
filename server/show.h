/* SPDX-License-Identifier: Apache-2.0 */
/* server/show.h
 *
 * `lanyard show WHAT` on a server: one thing that it knows, in full, as JSON.  status.c has the
 * whole in short.
 */
#ifndef SERVER_SHOW_H
#define SERVER_SHOW_H

#include <jansson.h>

#include "base/err.h"

struct server;

/* NULL: there is nothing of that name; the sentence says whether there will be. */
json_t *show(struct server *server, const char *what, struct err *err);
/* Other routers in short, for status: how many, and how often which difference was seen. */
json_t *show_conflicts(const struct server *server);

#endif
