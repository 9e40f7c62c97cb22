/* SPDX-License-Identifier: Apache-2.0 */
/* server/captures.h
 *
 * The captures that run, as the control thread keeps them: at most CAPTURES_MAX, each of them in the
 * audit log when it begins and when it ends.  Control thread only.
 */
#ifndef SERVER_CAPTURES_H
#define SERVER_CAPTURES_H

#include <jansson.h>

#include "server/capture.h"

struct server;
struct client;
struct captures;

struct captures *captures_new(struct server *server, struct err *err);
/* Ends all of them; the loop must run once more.  NULL is fine. */
void captures_close(struct captures *captures);

/*
 * Begins a capture for whoever reads `fd`, a socket or a pipe, and takes it over: what is written to
 * it is in capture.h.  -1 and a sentence: `fd` is still the caller's.
 *
 *   of        a client's number, user or device; "lan": the TAP; absent: everything
 *   filter    pcap-filter(7)
 *   snaplen   bytes of each frame
 *   frames, bytes, seconds   it ends after so many
 *   who       for the audit log
 *
 * A user who is known need not be connected.  ERR_NO_OBJECT: nobody is called so.
 */
int captures_take(void *server, const json_t *request, int fd, struct err *err);
/* {"verb": "capture stop", "capture": 3} */
json_t *captures_stop(void *server, const json_t *request, struct err *err);

/* A client's port is known, but not its worker's yet. */
void captures_client_comes(struct captures *captures, const struct client *client);
void captures_client_leaves(struct captures *captures, const struct client *client);

json_t *captures_show(const struct captures *captures);
/* {"running": 1, "frames", "bytes", "lost"}: all since the server began. */
json_t *captures_in_short(const struct captures *captures);
/* The numbers of those that a client's frames go to. */
json_t *captures_of(const struct captures *captures, const struct client *client);

#endif
