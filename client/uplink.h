/* SPDX-License-Identifier: Apache-2.0 */
/* client/uplink.h
 *
 * The client's connection to the server, kept up: dial, TLS handshake, login, frames; and
 * again after a pause when it is lost.  It owns the socket and the session, and nothing else:
 * the TAP stays as it is meanwhile.
 *
 *   RESOLVING -> CONNECTING -> HANDSHAKE -> LOGIN -> UP
 *       ^                 (any failure)               |
 *       '-------- WAITING <---------------------------'        ENDED: trying is pointless
 */
#ifndef CLIENT_UPLINK_H
#define CLIENT_UPLINK_H

#include <uv.h>

#include "bridge/outlet.h"
#include "client/dial.h"
#include "client/proxy.h"
#include "client/uplink_after.h"
#include "tls/message_login.h"
#include "tls/session.h"

enum uplink_state {
	UPLINK_RESOLVING,
	UPLINK_CONNECTING,
	UPLINK_HANDSHAKE,
	UPLINK_LOGIN,
	UPLINK_UP,
	UPLINK_WAITING,
	UPLINK_ENDED,
	UPLINK_STATES,
};
extern const char *const uplink_state_name[UPLINK_STATES];

struct uplink_config {
	const char *host; /* to dial */
	uint16_t port;
	const struct proxy *proxy; /* dialled in the server's place; of PROXY_NONE: none */
	const char *peer_name;	   /* in the server's certificate */
	const char *congestion_control;
	const struct tls_credentials *credentials;
	struct hello hello;	   /* what we say of ourselves */
	const struct enrol *enrol; /* with hello.enrol: an invitation in place of a login */
	uint32_t echo_ms, dead_ms; /* a server is dead when nothing was heard for dead_ms */
	bool once;		   /* the first failure before UP ends it */
	bool service;		   /* see uplink_is_final */
};

struct uplink_events {
	/* Each change; `why` is a sentence when it went wrong, else "". */
	void (*state)(void *owner, enum uplink_state state, const char *why);
	void (*welcome)(void *owner, const struct welcome *welcome); /* UP begins */
	void (*frame)(void *owner, const struct frame *frame);	     /* borrowed */
	/* UPLINK_ENDED: why, with the exit status as its kind. */
	void (*ended)(void *owner, const struct err *why);
	/* The login wants it; uplink_answer or uplink_give_up is to follow (client/uplink_login.h). */
	void (*ask)(void *owner, const struct ask *ask);
	void (*credentials)(void *owner, const struct message_credentials *credentials);
	/* See dial.h. */
	int (*prepare)(void *owner, int fd, const struct sockaddr *to, struct err *err);
};

struct uplink;

/* All of config's pointers outlive the uplink. */
struct uplink *uplink_new(uv_loop_t *loop, const struct uplink_config *config,
			  const struct uplink_events *events, void *owner, struct err *err);
void uplink_start(struct uplink *uplink);
/* Tries now instead of waiting: the network has changed.  An uplink that is up asks whether the
 * server still hears it, and gives it some seconds to say so. */
void uplink_hurry(struct uplink *uplink);
/* Says goodbye; `ended` is called when that has left, or after a second. */
void uplink_stop(struct uplink *uplink);
/* After `ended`; the loop must run once more. */
void uplink_free(struct uplink *uplink);

/* One frame: it leaves now, waits its turn or is counted among the losses.  While the uplink is not
 * up it is lost, as on a cable that is not plugged in.  False: the server takes no offload,
 * and this frame's makes no sense. */
bool uplink_send(struct uplink *uplink, const struct frame *frame);
/* At the end of each loop turn: what was sent leaves. */
void uplink_flush(struct uplink *uplink);

enum uplink_state uplink_state(const struct uplink *uplink);
/* What became of frames on their way to the server, since the beginning. */
const struct queue_losses *uplink_losses(const struct uplink *uplink);
/* NULL unless LOGIN or UP: for status. */
const struct session *uplink_session(const struct uplink *uplink);
/* "192.0.2.1:443": where it is connected to, be it a proxy; empty if it is not. */
const char *uplink_remote(const struct uplink *uplink);

#endif
