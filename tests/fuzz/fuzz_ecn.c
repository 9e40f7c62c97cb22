/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_ecn.c - any frame is given to its flow and marked.
 *
 * Properties: marking changes the ECN field and IPv4's checksum, or nothing; a header that summed
 * right sums right afterwards, a wrong one stays wrong; it stays the same flow and the same
 * headers; and what is marked once is marked for good.
 */
#include <stdlib.h>

#include "base/frame.h"
#include "bridge/ecn.h"
#include "bridge/flow.h"
#include "bridge/headers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct siphash_key key = { 1, 2 };

static bool may_change(const struct headers *h, size_t at)
{
	if (h->version == 4)
		return at == 15 || at == 24 || at == 25;
	return h->version == 6 && at == 15;
}

static bool sums_right(const uint8_t *frame)
{
	struct bytes header = { frame + 14, (frame[14] & 15u) * 4u };

	return checksum_fold(checksum_add(0, header)) == 0xffff;
}

static void check_marked(const uint8_t *before, const uint8_t *after, size_t size,
			 const struct headers *h)
{
	unsigned shift = h->version == 4 ? 0 : 4;

	if (h->version == 0 || (before[15] >> shift & 3) == 0 || (after[15] >> shift & 3) != 3)
		abort();
	if ((before[15] ^ after[15]) & ~(3 << shift))
		abort();
	if (h->version == 4 && sums_right(before) != sums_right(after))
		abort();
	for (size_t at = 0; at < size; at++)
		if (before[at] != after[at] && !may_change(h, at))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t frame[FRAME_MAX];
	struct headers before, after;

	if (size > sizeof(frame))
		return 0;
	if (size > 0)
		memcpy(frame, data, size);

	struct bytes original = { data, size }, copy = { frame, size };
	enum headers_result result = headers_walk(original, &before);
	uint64_t flow = flow_hash(&key, original);
	bool marked = ecn_mark(frame, size);

	if (marked)
		check_marked(data, frame, size, &before);
	else if (size > 0 && memcmp(frame, data, size) != 0)
		abort();
	if (headers_walk(copy, &after) != result || flow_hash(&key, copy) != flow)
		abort();
	if (ecn_mark(frame, size) != marked)
		abort();
	return 0;
}
