/* SPDX-License-Identifier: Apache-2.0 */
/* base/bucket.h
 *
 * A token bucket: so many at once, and so many per second after that.  A value; the caller
 * brings the clock.  Zeroed, it is full.
 */
#ifndef BASE_BUCKET_H
#define BASE_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct bucket_limit {
	uint32_t burst, per_second;
};

struct bucket {
	uint64_t spent_until_ms; /* the moment from which the bucket is full again */
};

/* Takes one token at now_ms (monotonic); false if there is none.  per_second: at most 1000. */
static inline bool bucket_take(struct bucket *bucket, struct bucket_limit limit, uint64_t now_ms)
{
	uint64_t each_ms = 1000 / limit.per_second;
	uint64_t from_ms = bucket->spent_until_ms > now_ms ? bucket->spent_until_ms : now_ms;

	if (from_ms + each_ms > now_ms + limit.burst * each_ms)
		return false;
	bucket->spent_until_ms = from_ms + each_ms;
	return true;
}

#endif
