/* SPDX-License-Identifier: Apache-2.0 */
/* server/tries.h
 *
 * Who failed to log in waits before the next try, the longer the more often it failed: per source,
 * and per user from that source.  Nobody else's failures make a user wait at another address for
 * more than TRIES_HOLD_MS: guessing from everywhere slows each guess down and locks nobody out.
 *
 * Pure: the caller tells the time.  The table has a fixed size; when a stranger's source has no
 * place, the one with the fewest failures, and of those the oldest, gives its own up.
 */
#ifndef SERVER_TRIES_H
#define SERVER_TRIES_H

#include "base/bytes.h"
#include "base/siphash.h"

#define TRIES_ENTRIES 16384
#define TRIES_FREE_PAIR 4    /* failures of one user from one source that cost nothing */
#define TRIES_FREE_SOURCE 20 /* of one source, whoever it says it is: an office has many users */
#define TRIES_FREE_USER 50   /* of one user, wherever from */
#define TRIES_FIRST_MS 1000  /* the first wait; it doubles */
#define TRIES_LAST_MS 900000
#define TRIES_HOLD_MS 2000	/* the most that a user's other failures cost */
#define TRIES_FORGET_MS 3600000 /* after the latest failure */

struct tries;

struct tries *tries_new(const struct siphash_key *key); /* NULL: no memory */
void tries_free(struct tries *tries);

/* How long until this source may try as this user ("": an invitation's token); 0: now. */
uint64_t tries_wait_ms(const struct tries *tries, struct bytes source, const char *user,
		       uint64_t now_ms);
/* How many tries as this user may be under way from there at a time: those that still cost nothing,
 * and one if there are none.  Who tries many at once gets no more of them than one by one. */
unsigned tries_at_once(const struct tries *tries, struct bytes source, const char *user,
		       uint64_t now_ms);
/* How long a try that is allowed is to be held back. */
uint64_t tries_hold_ms(const struct tries *tries, const char *user, uint64_t now_ms);
/* Of this source: who has failed less is served first. */
unsigned tries_failures(const struct tries *tries, struct bytes source, uint64_t now_ms);

void tries_failed(struct tries *tries, struct bytes source, const char *user, uint64_t now_ms);
/* The user's own failures there are forgiven; those of the source with other names are not. */
void tries_succeeded(struct tries *tries, struct bytes source, const char *user, uint64_t now_ms);

#endif
