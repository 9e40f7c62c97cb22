/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_pcapng.c - any bytes as a capture's stream, and as the frames in one.
 *
 * Properties: reading ends and stays inside; what was read as a frame is built again and read as the same;
 * any bytes as a frame become a line of printable ASCII.
 */
#include <stdlib.h>

#include "base/pcapng.h"
#include "cli/capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const struct pcapng_packet *packet)
{
	char text[FRAME_TEXT_MAX];

	for (const char *c = frame_text(packet, text); *c; c++)
		if (*c < ' ' || *c > '~')
			abort();
}

static void check_again(const struct pcapng_packet *packet)
{
	static uint8_t built[PCAPNG_BLOCK_MAX];
	struct writer w = writer_over(built, sizeof(built));
	struct pcapng_block again;

	pcapng_write_packet(&w, packet);
	if (w.full) /* it was in a block with fewer options */
		return;
	struct reader r = reader_over(writer_bytes(&w));

	if (!pcapng_read(&r, &again) || r.left > 0 || again.kind != PCAPNG_PACKET)
		abort();
	if (again.packet.interface != packet->interface ||
	    again.packet.time_ns != packet->time_ns ||
	    again.packet.original_len != packet->original_len ||
	    again.packet.direction != packet->direction ||
	    again.packet.bytes.len != packet->bytes.len ||
	    (packet->bytes.len > 0 &&
	     memcmp(again.packet.bytes.data, packet->bytes.data, packet->bytes.len) != 0))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = reader_over((struct bytes) { data, size });
	struct pcapng_packet whole = { .bytes = { data, size }, .original_len = (uint32_t)size };
	struct pcapng_block block;

	check_text(&whole);
	for (size_t left = r.left; pcapng_read(&r, &block); left = r.left) {
		if (r.left >= left || block.whole.len != left - r.left)
			abort();
		if (block.kind == PCAPNG_INTERFACE &&
		    strnlen(block.name, PCAPNG_NAME_MAX) == PCAPNG_NAME_MAX)
			abort();
		if (block.kind != PCAPNG_PACKET)
			continue;
		check_text(&block.packet);
		check_again(&block.packet);
	}
	return 0;
}
