/* SPDX-License-Identifier: Apache-2.0 */
/* client/dial.h
 *
 * From a host name to a connected TCP socket: both families, the next address a quarter of a
 * second after the last or at once when it failed; the first that connects wins.
 *
 * RFC 8305 (Happy Eyeballs): order of section 4, delay of section 5.
 */
#ifndef CLIENT_DIAL_H
#define CLIENT_DIAL_H

#include <sys/socket.h>
#include <uv.h>

#include "base/err.h"

#define DIAL_MAX_ADDRESSES 16
#define DIAL_DELAY_MS 250
#define DIAL_FALLBACK_MS 1000 /* a look-up that takes longer is not waited for */
#define DIAL_AGAIN_MS 3000    /* the fallback is dialled anew while there is no answer */

struct dial_events {
	/* Before each attempt: may bind the socket; -1 skips this address. */
	int (*prepare)(void *owner, int fd, const struct sockaddr *to, struct err *err);
	/* The look-up is over; the first connection is being tried. */
	void (*resolved)(void *owner);
	/* Done: a connected, non-blocking socket, the caller's from now on.  Or -1 and why
	 * (ERR_CONNECT).  The dial is over and may be freed from here. */
	void (*done)(void *owner, int fd, const struct sockaddr_storage *to, const struct err *err);
};

struct dial;

/*
 * Begins at once.  `fallback`: an address, with its port, to dial as long as the look-up does not
 * answer, and when it fails (copied; NULL: none).  NULL only without memory.
 *
 * A look-up that has begun cannot be cancelled: it keeps its loop busy, and memory, until the
 * resolver gives up.
 */
struct dial *dial_start(uv_loop_t *loop, const char *host, uint16_t port,
			const struct sockaddr_storage *fallback, const struct dial_events *events,
			void *owner, struct err *err);
/* Gives it up, if it is not over; `done` is not called any more. NULL is fine. */
void dial_cancel(struct dial *dial);

/* Orders the addresses for dialling: families take turns, the first one's first (RFC 8305 4).
 * `order` receives indices. */
void dial_order(const int *family, unsigned count, unsigned *order);

#endif
