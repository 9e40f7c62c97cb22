/* SPDX-License-Identifier: Apache-2.0 */
/* base/rpc.h
 *
 * A daemon's control socket: a Unix stream socket, mode 0600, on which each line is a JSON
 * object, {"verb": "status", ...}, and each answer one too.  An answer that failed is
 * {"error": "a sentence", "status": 10}, with the exit status of INTERFACE.md.
 *
 * Both ends: the daemon's on its libuv loop, the command's blocking with a time limit.
 */
#ifndef BASE_RPC_H
#define BASE_RPC_H

#include <jansson.h>
#include <uv.h>

#include "base/err.h"

#define RPC_MAX_REQUEST (33u << 20) /* bytes of a line; a request may bring a whole file */
#define RPC_MAX_CONNECTIONS 32
#define RPC_TIMEOUT_MS 10000

/* One thing a daemon does when asked.  Returns the answer (a new object, without "error"), or
 * NULL and a sentence. */
struct rpc_action {
	const char *verb;
	json_t *(*run)(void *owner, const json_t *request, struct err *err);
	/* Instead of `run`, what answers with a stream: the connection is its own from now on, it
	 * writes the answer itself.  -1 and a sentence: it has not taken it. */
	int (*take)(void *owner, const json_t *request, int fd, struct err *err);
};

struct rpc_server;

/* Listens on `path`; takes the place of a socket that nobody answers on; makes the folder if it
 * is missing.  `actions` ends with a row without verb. */
struct rpc_server *rpc_server_open(uv_loop_t *loop, const char *path,
				   const struct rpc_action *actions, void *owner, struct err *err);
/* Removes the socket and closes all connections; the loop must run once more.  NULL is fine. */
void rpc_server_close(struct rpc_server *server);

/* What a failure is as an answer; text that was cut within a character is escaped. */
json_t *rpc_error(const struct err *err);

/* A string member of a request; NULL and ERR_USAGE if it is not there. */
const char *rpc_string(const json_t *request, const char *name, struct err *err);

/* Asks a daemon.  NULL and a sentence: ERR_NO_DAEMON if surely nobody listens, ERR_TIMEOUT,
 * ERR_FAILED if it hung up, or what the answer says.  `request` is not consumed. */
json_t *rpc_call(const char *path, const json_t *request, struct err *err);

/* The same for what answers with a stream: what follows the answer is read from *fd, which is the
 * caller's to close, without time limit. */
json_t *rpc_stream(const char *path, const json_t *request, int *fd, struct err *err);

#endif
