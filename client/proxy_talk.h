/* SPDX-License-Identifier: Apache-2.0 */
/* client/proxy_talk.h
 *
 * What is said to a proxy until it has connected us to the server: HTTP CONNECT (RFC 9110 9.3.6,
 * RFC 9112) with Basic authentication (RFC 7617), or SOCKS 5 (RFC 1928, RFC 1929).  Bytes in, bytes
 * out, no I/O and no clock; the caller bounds the time.
 *
 * It never asks for a byte beyond the proxy's last one: what follows is the server's.
 */
#ifndef CLIENT_PROXY_TALK_H
#define CLIENT_PROXY_TALK_H

#include "base/bytes.h"
#include "client/proxy.h"

#define PROXY_REPLY_MAX 16384 /* all that an HTTP proxy may say, its headers and interim replies */

enum proxy_failure {
	PROXY_FINE,
	PROXY_CLOSED,	   /* it hung up */
	PROXY_NO_PROXY,	   /* somebody else answers, or one of the other kind */
	PROXY_WANTS_LOGIN, /* a user and a password, or a way to log in that we have not */
	PROXY_LOGIN_REFUSED,
	PROXY_FORBIDS,	    /* a connection to there */
	PROXY_CANNOT_REACH, /* the server: its name, the way, its port */
	PROXY_BROKEN,	    /* anything else */
	PROXY_FAILURES,
};

struct proxy_talk;

/* To `host` (a name, which is sent as it is, or an address).  Both pointers outlive the talk.
 * NULL without memory. */
struct proxy_talk *proxy_talk_new(const struct proxy *proxy, const char *host, uint16_t port);
void proxy_talk_free(struct proxy_talk *talk); /* what it knew of a password is wiped */

/* What is to be sent now, before anything is read; and how much of it was. */
struct bytes proxy_talk_output(const struct proxy_talk *talk);
void proxy_talk_sent(struct proxy_talk *talk, size_t len);
/* Where to read to, and how much at most; then how much it was, at least one byte. */
void *proxy_talk_room(struct proxy_talk *talk, size_t *cap);
void proxy_talk_received(struct proxy_talk *talk, size_t len);
/* The connection is at its end, though the talk is not. */
void proxy_talk_lost(struct proxy_talk *talk);

/* It has ended, well (the server is at the other end) or not. */
bool proxy_talk_over(const struct proxy_talk *talk);
/* How: a sentence, which has nothing in it that the proxy could choose but the names of ways to log
 * in; its kind is ERR_CONNECT. */
enum proxy_failure proxy_talk_failure(const struct proxy_talk *talk, struct err *err);

enum proxy_step { PROXY_WANT_READ, PROXY_WANT_WRITE, PROXY_OVER };
/* As far as it goes now on a connected, non-blocking socket (proxy_io.c). */
enum proxy_step proxy_talk_step(struct proxy_talk *talk, int fd);

#endif
