/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_heard.c - any advertisements of any routers, one after the other.
 *
 * Input: per advertisement a byte for the router, one for the seconds since the last, two for the
 * length, then its message.  Properties: no list is longer than its table, nothing that is over is
 * kept, and what a router is heard to say twice is said once.
 */
#include <stdlib.h>

#include "client/heard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_times(const struct heard_time *time, unsigned count, uint64_t now_ms)
{
	for (unsigned i = 0; i < count; i++)
		check(heard_left_s(&time[i], now_ms) > 0);
}

static void check_router(const struct heard_router *router, uint64_t now_ms)
{
	const struct ra *ra = &router->ra;
	uint32_t next_s;

	check(ra->prefix_count <= RA_MAX_PREFIXES && ra->route_count <= RA_MAX_ROUTES &&
	      ra->dns_count <= RA_MAX_DNS && ra->search_count <= RA_MAX_SEARCH &&
	      ra->pref64_count <= RA_MAX_PREF64 && ra->dnr_count <= RA_MAX_DNR);
	check_times(router->prefix, ra->prefix_count, now_ms);
	check_times(router->route, ra->route_count, now_ms);
	check_times(router->dns, ra->dns_count, now_ms);
	check_times(router->search, ra->search_count, now_ms);
	check_times(router->pref64, ra->pref64_count, now_ms);
	check_times(router->dnr, ra->dnr_count, now_ms);
	for (unsigned i = 1; i < ra->route_count; i++)
		check(!prefix6_equal(&ra->route[i].prefix, &ra->route[i - 1].prefix));
	(void)heard_next_s(router, now_ms, &next_s);
}

/* As a frame from fe80::NUMBER, with the checksum that it must have. */
static void hear(struct heard *heard, uint8_t number, struct bytes message, uint64_t now_ms)
{
	static uint8_t bytes[FRAME_MAX], body[4096];
	struct writer w = writer_over(bytes, sizeof(bytes)),
		      inner = writer_over(body, sizeof(body));
	struct packet_ends ends = { .mac_destination = mac_all_nodes,
				    .destination = ip6_all_nodes,
				    .source = { { 0xfe, 0x80, [15] = number } } };

	/* packet_icmp6 fills the checksum in, where the message has room for one */
	writer_copy(&inner, message.data, message.len);
	if (message.len >= 4)
		memset(body + 2, 0, 2);
	packet_icmp6(&w, &ends, writer_bytes(&inner));
	struct frame frame = { .bytes = writer_bytes(&w) };
	(void)heard_frame(heard, &frame, now_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = reader_over((struct bytes) { data, size });
	static struct heard heard;
	uint64_t now_ms = 1000;

	heard = (struct heard) { 0 };
	while (r.left > 0) {
		uint8_t number = reader_u8(&r);
		now_ms += reader_u8(&r) * (uint64_t)1000;
		size_t len = reader_u16(&r) % 2048;
		struct bytes message = { r.at, len < r.left ? len : r.left };

		reader_take(&r, message.len);
		if (message.len < 8)
			continue;
		hear(&heard, number, message, now_ms);
		heard_expire(&heard, now_ms);
		check(heard.count <= HEARD_MAX_ROUTERS);
		for (unsigned i = 0; i < heard.count; i++)
			check_router(&heard.by[i], now_ms);
	}
	return 0;
}
