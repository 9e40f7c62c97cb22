/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bench/carried.c - the frames of the test client: 64 bytes of UDP over IPv6, as many per
 * second as asked for, one of each member in turn.
 *
 * They go to the next member, or to a MAC behind the server (its TAP's); addresses are the
 * link-local ones of the MACs.  What arrives is counted and dropped.
 */
#include "tests/bench/swarm.h"

#define TICK_MS 5
#define PORT 5202 /* that of frames.c, which can count at the server */
#define PAYLOAD_BYTES 2
#define CARRIED_BYTES (ETHER_HEADER_LEN + IP6_HEADER_LEN + UDP_HEADER_LEN + PAYLOAD_BYTES)

static void send_to(struct member *member, const struct mac *to)
{
	static const struct prefix6 link_local = { .address = { { 0xfe, 0x80 } }, .len = 64 };
	static const uint8_t payload[PAYLOAD_BYTES];
	uint8_t bytes[CARRIED_BYTES];
	struct writer w = { .buf = bytes, .cap = sizeof(bytes) };
	struct packet_ends ends = { .mac_source = member_mac(member), .mac_destination = *to };

	ends.source = ip6_from_eui64(&link_local, &ends.mac_source);
	ends.destination = ip6_from_eui64(&link_local, &ends.mac_destination);
	packet_udp6(&w, &ends, PORT, PORT, (struct bytes) { payload, sizeof(payload) });

	struct frame frame = { .bytes = { bytes, w.len } };

	if (member_send(member, &frame))
		member->swarm->carried.sent++;
	else
		member->swarm->carried.blocked++;
}

/* To itself: it goes no further than the server. */
void carried_introduce(struct member *member)
{
	struct mac own = member_mac(member);

	if (member->swarm->carried.rate > 0)
		send_to(member, &own);
}

static void send_due(uv_timer_t *timer)
{
	struct swarm *swarm = timer->data;
	struct carried *carried = &swarm->carried;
	uint64_t elapsed_ms = uv_now(&swarm->loop) - carried->start_ms;
	uint64_t due = elapsed_ms * carried->rate * swarm->count / 1000;

	for (; carried->due < due; carried->due++) {
		struct member *member = &swarm->members[carried->next];

		carried->next = (carried->next + 1) % swarm->count;
		if (member->stage != MEMBER_UP)
			continue;

		struct mac next = member_mac(&swarm->members[carried->next]);

		send_to(member, carried->to_target ? &carried->target : &next);
		member_flush(member);
	}
}

void carried_start(struct swarm *swarm)
{
	struct carried *carried = &swarm->carried;

	if (carried->rate == 0)
		return;
	carried->sent = carried->blocked = carried->received = 0; /* without the introductions */
	carried->start_ms = uv_now(&swarm->loop);
	uv_timer_init(&swarm->loop, &carried->timer);
	carried->timer.data = swarm;
	uv_timer_start(&carried->timer, send_due, TICK_MS, TICK_MS);
}

void carried_stop(struct swarm *swarm)
{
	if (swarm->carried.start_ms > 0)
		uv_timer_stop(&swarm->carried.timer);
}

/* Ours, not an advertisement of the server's. */
void carried_frame(struct swarm *swarm, const struct frame *frame)
{
	struct reader r = reader_over(frame->bytes);

	reader_take(&r, ETHER_HEADER_LEN + 6);
	uint8_t next_header = reader_u8(&r);
	reader_take(&r, IP6_HEADER_LEN - 7);
	uint16_t source = reader_u16(&r);
	uint16_t destination = reader_u16(&r);

	if (!r.bad && next_header == IP_UDP && source == PORT && destination == PORT)
		swarm->carried.received++;
}
