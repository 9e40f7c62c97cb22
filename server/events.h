/* SPDX-License-Identifier: Apache-2.0 */
/* server/events.h
 *
 * What happened lately: the newest EVENTS_MAX events, each with a number that only grows, so that
 * whoever asks for those after the last one that he knows gets each once, and hears how many he has
 * missed.  Kept in memory: the log is for longer.  Control thread only.
 *
 * Texts are safe for a terminal: what a peer says of itself is escaped by whoever adds it.
 */
#ifndef SERVER_EVENTS_H
#define SERVER_EVENTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bucket.h"

#define EVENTS_MAX 1000
#define EVENT_TEXT 256

enum event_kind {
	EVENT_SERVER, /* it began */
	EVENT_CLIENT_UP,
	EVENT_CLIENT_DOWN,
	EVENT_LOGIN_FAILED,
	EVENT_LEASE,   /* given, declined, or over */
	EVENT_GUARD,   /* frames of a client were dropped */
	EVENT_ROUTER,  /* another one, and what it contradicts us in */
	EVENT_CONFIG,  /* read again, or not right */
	EVENT_CAPTURE, /* begins, ends */
	EVENT_KINDS,
};

extern const char *const event_kind_name[EVENT_KINDS];

struct events;

/* Whose: of a session, and what concerns its user and no session; without a number, of a user. */
struct events_of {
	uint32_t client;
	const char *user;
};

struct events *events_new(void); /* NULL without memory */
void events_free(struct events *events);
/* Called after each that is added. */
void events_watch(struct events *events, void (*added)(void *owner), void *owner);
uint64_t events_last(const struct events *events); /* its number; 0: there was none */

/* How many of this kind there are of a user since that moment (of time(2)), as far as they are kept;
 * *latest_s: of the newest, if there is one. */
unsigned events_of_user(const struct events *events, enum event_kind kind, const char *user,
			int64_t since_s, int64_t *latest_s);

/* client 0 and user "": of nobody in particular. */
void events_add(struct events *events, enum event_kind kind, uint32_t client, const char *user,
		const char *format, ...) __attribute__((format(printf, 5, 6)));

/*
 * What can happen again and again, by whoever can make it happen: EVENTS_BURST of a kind at once, then
 * one each ten seconds.  True: it may be one now, and *more were not since the last; zeroed, all may.
 */
#define EVENTS_BURST 50
struct event_limit {
	struct bucket bucket;
	unsigned more;
};
bool event_limit_pass(struct event_limit *limit, uint64_t now_ms, unsigned *more);

/*
 * The same of one thing that goes on happening: at once, then after a minute, two, four, at last each
 * hour, and at once again when it was quiet for an hour.
 */
#define EVENT_AGAIN_MS 60000
#define EVENT_QUIET_MS 3600000
struct event_again {
	uint64_t seen_ms, next_ms, wait_ms; /* all 0: it never happened */
};
bool event_again_pass(struct event_again *again, uint64_t now_ms);

/*
 * Those with numbers above `after`, oldest first, at most `most`: {"last": 17, "lost": 0, "events": [{
 * "seq", "at_s", "kind", "client", "user", "text"}]}.  last: to ask for next time; lost: how many there
 * were that are not kept any more.  An `after` of the future is that of another life of the server:
 * all are told.
 */
json_t *events_after(const struct events *events, const struct events_of *of, uint64_t after,
		     unsigned most);
/* The `after` that leaves the newest `count` of them. */
uint64_t events_before_newest(const struct events *events, const struct events_of *of,
			      unsigned count);

#endif
