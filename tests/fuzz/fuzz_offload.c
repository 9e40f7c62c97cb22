/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_offload.c - any metadata (10 bytes) with any frame: check, then finish.
 *
 * Properties: what the check lets through is finished; nothing comes out that is longer than
 * the metadata says, or with work left to do.
 */
#include <stdlib.h>

#include "bridge/offload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_out(void *owner, const struct frame *frame)
{
	const struct frame *in = owner;
	size_t most = in->bytes.len;

	if (in->offload.gso != GSO_NONE && in->offload.header_len > 0)
		most = (size_t)in->offload.header_len + in->offload.gso_size;
	if (frame->bytes.len > most || frame->offload.gso != GSO_NONE ||
	    frame->offload.needs_csum || frame->offload.gso_size > 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t scratch[FRAME_MAX];
	struct reader r = reader_over((struct bytes) { data, size });
	struct frame frame = { 0 };
	uint8_t flags;

	frame.offload.gso = reader_u8(&r);
	flags = reader_u8(&r);
	frame.offload.needs_csum = flags & 1;
	frame.offload.gso_ecn = flags & 2;
	frame.offload.gso_size = reader_u16(&r);
	frame.offload.header_len = reader_u16(&r);
	frame.offload.csum_start = reader_u16(&r);
	frame.offload.csum_offset = reader_u16(&r);
	frame.bytes = reader_rest(&r);
	if (r.bad)
		return 0;

	struct frame kernels = frame; /* not checked: must not crash either */

	kernels.offload.header_len = 0;
	offload_finish(&kernels, scratch, check_out, &kernels);
	if (offload_check(&frame) && !offload_finish(&frame, scratch, check_out, &frame))
		abort();
	return 0;
}
