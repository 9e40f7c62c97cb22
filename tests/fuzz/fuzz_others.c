/* SPDX-License-Identifier: Apache-2.0 */
/* Other routers' advertisements, as anybody on the LAN can send them: the bytes as a frame, and as
 * messages of several routers whose checksums are right.  The table keeps its bounds, and what it
 * has can be said. */
#include <stdlib.h>

#include "server/others.h"

static void check(const struct others *others)
{
	char text[OTHERS_TEXT];

	if (others->count > OTHERS_MAX)
		abort();
	for (unsigned i = 0; i < others->count; i++) {
		const struct other_router *router = &others->router[i];

		if (router->difference_count > OTHERS_DIFFERENCES || router->received == 0)
			abort();
		for (unsigned k = 0; k < router->difference_count; k++)
			if (others_text(&router->difference[k], text)[0] == '\0')
				abort();
	}
}

static void hear(struct others *others, uint8_t number, struct bytes message, const struct ra *ours,
		 uint64_t now_ms)
{
	struct packet_ends ends = {
		.mac_source = { { 2, 0, 0, 0, 0, number } },
		.mac_destination = mac_all_nodes,
		.source = { { 0xfe, 0x80, [15] = number } },
		.destination = ip6_all_nodes,
	};
	uint8_t bytes[4096];
	struct writer w = writer_over(bytes, sizeof(bytes));
	bool is_new;

	packet_icmp6(&w, &ends, message);
	if (w.full)
		return;
	struct frame frame = { .bytes = writer_bytes(&w) };
	others_note(others, &frame, ours, number % 2 ? 5 : 0, now_ms, &is_new);
	check(others);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct others others; /* too large for a stack */
	struct frame frame = { .bytes = { data, size } };
	struct reader r = reader_over(frame.bytes);
	struct ra ours = { .hop_limit = 64, .mtu = 1500 };
	bool is_new;

	others = (struct others) { 0 };
	others_note(&others, &frame, &ours, 0, 0, &is_new);
	check(&others);
	/* number, how long after, length, message; the first valid one is ours from then on */
	for (uint64_t now_ms = 1000; r.left >= 4 && !r.bad;) {
		uint8_t number = reader_u8(&r);

		now_ms += reader_u8(&r) * 20u;
		size_t len = reader_u16(&r) % 2048;
		struct reader body = reader_sub(&r, len < r.left ? len : r.left);
		struct bytes message = reader_rest(&body);
		hear(&others, number, message, &ours, now_ms);
		if (others.received == 2 && others.count > 0)
			ours = others.router[0].ra;
	}
	return 0;
}
