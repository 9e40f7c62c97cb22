/* SPDX-License-Identifier: Apache-2.0 */
/* base/ring.h
 *
 * A ring of variable-sized records from one thread to one other: no locks, no allocation
 * after ring_new.  One thread writes, one reads; everything else is a data race.
 *
 * A record is written in place and becomes visible with ring_publish, so that a whole loop
 * turn costs one release store and one wake-up.  A record lies in one piece: the ring leaves
 * a gap at its end where a record would not fit.
 */
#ifndef BASE_RING_H
#define BASE_RING_H

#include "base/bytes.h"

struct ring;

/* capacity: bytes, rounded up to a power of two.  NULL without memory. */
struct ring *ring_new(size_t capacity);
void ring_free(struct ring *ring);

/* The largest record that this ring takes: a quarter of its capacity. */
size_t ring_max_record(const struct ring *ring);

/* Writer: room for a record of len bytes, 8-byte aligned; NULL if the reader is too far behind. */
void *ring_reserve(struct ring *ring, size_t len);
/* Writer: true if less than half of the ring is free, as far as the writer knows. */
bool ring_half_full(struct ring *ring);
/* Writer: gives back the tail of the record reserved last; it now has len bytes. */
void ring_trim(struct ring *ring, size_t len);
/* Writer: shows the reader everything reserved since. True if there was anything. */
bool ring_publish(struct ring *ring);

/* Reader: the oldest record; false if there is none.  It stays valid until ring_release. */
bool ring_peek(struct ring *ring, struct bytes *record);
/* Reader: gives the record's room back to the writer. */
void ring_release(struct ring *ring);

#endif
