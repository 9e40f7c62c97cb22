/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/flow.c - what tells one flow from another, written side by side and hashed. */
#include "bridge/flow.h"

#include "bridge/headers.h"

#define FLOW_KEY_LEN 40 /* two addresses, type, two ports, protocol, version */

/* Protocols that begin with a source and a destination port. */
static const bool has_ports[256] = {
	[IP_TCP] = true, [IP_UDP] = true, [IP_DCCP] = true, [IP_SCTP] = true, [IP_UDP_LITE] = true,
};

/* 0 where they are not seen.  Later fragments have none, so the first one's do not count. */
static uint32_t ports_of(const struct headers *h, enum headers_result result)
{
	struct reader r = reader_over(h->upper);

	if (result != HEADERS_UPPER || h->fragment || !has_ports[h->protocol])
		return 0;
	return reader_u32(&r);
}

static void write_ends(struct writer *w, const struct headers *h)
{
	if (h->version != 0) {
		writer_copy(w, &h->ip_source, sizeof(h->ip_source));
		writer_copy(w, &h->ip_destination, sizeof(h->ip_destination));
	} else {
		writer_copy(w, &h->source, sizeof(h->source));
		writer_copy(w, &h->destination, sizeof(h->destination));
	}
}

uint64_t flow_hash(const struct siphash_key *key, struct bytes frame)
{
	uint8_t what[FLOW_KEY_LEN];
	struct writer w = writer_over(what, sizeof(what));
	struct headers h;
	enum headers_result result = headers_walk(frame, &h);

	write_ends(&w, &h);
	writer_u16(&w, h.ether_type);
	writer_u32(&w, ports_of(&h, result));
	writer_u8(&w, h.fragment ? IP_FRAGMENT : h.protocol);
	writer_u8(&w, h.version);
	return siphash(key, what, w.len);
}
