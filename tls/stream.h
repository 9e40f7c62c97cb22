/* SPDX-License-Identifier: Apache-2.0 */
/* tls/stream.h
 *
 * A TLS 1.3 connection after its handshake as bytes in and bytes out, for who speaks something else
 * than our messages over it.  It holds one record each way: while opened bytes are not taken it
 * takes no more, while sealed ones wait it seals no more; so who reads slowly is waited for.
 *
 * No I/O, no clock, no threads.  RFC 8446 4.6.3 (KeyUpdate), 5 (records), 6 (alerts).
 */
#ifndef TLS_STREAM_H
#define TLS_STREAM_H

#include "tls/handshake.h"

enum stream_state {
	STREAM_OPEN,
	STREAM_ENDED,  /* the other end says that nothing follows (close_notify) */
	STREAM_BROKEN, /* it broke the rules, or ended with an error; nothing is opened any more */
	STREAM_STATES,
};

struct tls_stream;

/* `role` is ours.  NULL without memory. */
struct tls_stream *tls_stream_new(enum tls_role role, const struct tls_secrets *secrets,
				  struct err *err);
void tls_stream_free(struct tls_stream *stream); /* NULL is fine */
enum stream_state tls_stream_state(const struct tls_stream *stream);

/* In.  When tls_stream_plain has none: where bytes from the socket go, and how many; 0 once the state
 * is no longer STREAM_OPEN. */
void *tls_stream_room(struct tls_stream *stream, size_t *cap);
void tls_stream_received(struct tls_stream *stream, size_t len);
/* What was opened and not taken yet; opens the next record if it has to. */
struct bytes tls_stream_plain(struct tls_stream *stream);
void tls_stream_take(struct tls_stream *stream, size_t len);

/* Out.  Where bytes to be sealed go, and how many; 0 while sealed ones wait, or after the end. */
void *tls_stream_compose(struct tls_stream *stream, size_t *cap);
void tls_stream_seal(struct tls_stream *stream, size_t len); /* so many are there, at least one */
void tls_stream_end(struct tls_stream *stream);		     /* nothing follows */
/* What waits for the socket, alerts and KeyUpdates too. */
struct bytes tls_stream_output(struct tls_stream *stream);
void tls_stream_sent(struct tls_stream *stream, size_t len);

#endif
