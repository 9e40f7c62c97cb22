/* SPDX-License-Identifier: Apache-2.0 */
/* server/event_stream.h
 *
 * Who follows events: connections on which each comes as it happens, at most EVENT_STREAMS_MAX.
 *
 * The first line is the answer, {"schema": 1, "role": "server"}; each further one is an answer of
 * events_after.  At most one of these waits for a reader: whoever stands still costs a line of
 * memory, and hears from `lost` what he has missed.  Control thread only.
 */
#ifndef SERVER_EVENT_STREAM_H
#define SERVER_EVENT_STREAM_H

#include <uv.h>

#include "base/err.h"
#include "server/events.h"

#define EVENT_STREAMS_MAX 16
#define EVENT_STREAM_LINE 100 /* events */

struct event_streams;

/* NULL and a sentence. */
struct event_streams *event_streams_open(uv_loop_t *loop, struct events *events, struct err *err);
/* Ends all of them; the loop must run once more.  NULL is fine. */
void event_streams_close(struct event_streams *streams);

/* Those after that number go to `fd`, a stream socket, which it takes over.  -1 and a sentence: it is
 * still the caller's. */
int event_streams_take(struct event_streams *streams, uint64_t after, int fd, struct err *err);

#endif
