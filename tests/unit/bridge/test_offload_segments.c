/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_offload_segments.c - superframes cut into packets.
 *
 * Every byte of every segment is looked at, by a checker that shares nothing with the code
 * under test.
 */
#include "bridge/offload.h"

#include "packets.h"
#include "plain_sums.h"

struct cut {
	const char *what;
	uint8_t version;
	unsigned ip_options, tcp_options; /* bytes */
	size_t payload;
	uint16_t size;
	uint8_t flags;
	size_t segments;
};

#define ACK 0x10
#define FIN 0x01
#define PSH 0x08
#define CWR 0x80
#define FIRST_SEQUENCE 0xffffff00u /* runs over 2^32 on the way */
#define FIRST_ID 0xfff0u

static const struct cut cuts[] = {
	{ "64 KiB in IPv4", 4, 0, 12, 65483, 1448, ACK, 46 },
	{ "64 KiB in IPv6", 6, 0, 12, 65463, 1428, ACK | PSH, 46 },
	{ "64 KiB in smallest segments", 4, 0, 0, 65495, 64, ACK, 1024 },
	{ "segments of odd length", 4, 0, 0, 10001, 1447, ACK | PSH | FIN, 7 },
	{ "segments of odd length in IPv6", 6, 0, 4, 10001, 1447, ACK | PSH | FIN, 7 },
	{ "a last segment of one byte", 4, 0, 0, 2897, 1448, ACK | PSH, 3 },
	{ "a last segment as long as all", 6, 0, 0, 2896, 1448, ACK | FIN, 2 },
	{ "congestion window reduced", 4, 0, 0, 5000, 1000, ACK | CWR | PSH, 5 },
	{ "congestion window reduced in IPv6", 6, 0, 0, 5000, 1000, ACK | CWR, 5 },
	{ "most options", 4, 40, 40, 60000, 1400, ACK, 43 },
	{ "a superframe of the kernel's with little in it", 4, 0, 0, 100, 1448, ACK | PSH, 1 },
	{ "a tiny maximum segment size of the kernel's", 6, 0, 0, 480, 48, ACK, 10 },
};

static uint8_t payload_byte(size_t at)
{
	return (uint8_t)(at * 167 + (at >> 8) * 13 + 5);
}

static size_t ip_len(const struct cut *cut)
{
	return cut->version == 6 ? 40 : 20 + cut->ip_options;
}

static size_t header_len(const struct cut *cut)
{
	return 14 + ip_len(cut) + 20 + cut->tcp_options;
}

static struct frame build_super(const struct cut *cut, uint8_t *buf)
{
	size_t tcp_at = 14 + ip_len(cut), len = header_len(cut) + cut->payload;
	uint8_t *ip = buf + 14, *tcp = buf + tcp_at;

	assert_true(len <= FRAME_MAX);
	memset(buf, 1, header_len(cut)); /* options: IPv4's and TCP's no-operation */
	put(buf + 12, cut->version == 6 ? 0x86dd : 0x0800, 2);
	if (cut->version == 6) {
		put(ip, 0x60012345, 4);
		put(ip + 4, len - 54, 2);
		put(ip + 6, 0x0640, 2);
	} else {
		put(ip, 0x40 | (20 + cut->ip_options) / 4, 1);
		put(ip + 2, len - 14, 2);
		put(ip + 4, FIRST_ID, 2);
		put(ip + 6, 0x40004006, 4);
	}
	put(tcp + 4, FIRST_SEQUENCE, 4);
	put(tcp + 12, (20 + cut->tcp_options) / 4 << 4, 1);
	put(tcp + 13, cut->flags, 1);
	for (size_t i = 0; i < cut->payload; i++)
		buf[header_len(cut) + i] = payload_byte(i);
	return (struct frame) {
		.bytes = { buf, len },
		.offload = { .gso = cut->version == 6 ? GSO_TCP6 : GSO_TCP4,
			     .needs_csum = true,
			     .gso_size = cut->size,
			     .csum_start = (uint16_t)tcp_at,
			     .csum_offset = 16 },
	};
}

struct checker {
	const struct cut *cut;
	const uint8_t *super;
	size_t segments, payload;
};

static void check_headers(const struct checker *checker, const struct frame *frame, bool last)
{
	const struct cut *cut = checker->cut;
	const uint8_t *ip = frame->bytes.data + 14, *tcp = ip + ip_len(cut);
	size_t tcp_len = frame->bytes.len - 14 - ip_len(cut);
	uint8_t flags = cut->flags;

	if (checker->segments > 0)
		flags &= (uint8_t)~CWR;
	if (!last)
		flags &= (uint8_t) ~(FIN | PSH);
	assert_memory_equal(frame->bytes.data, checker->super, 14);
	if (cut->version == 6) {
		assert_int_equal(get(ip + 4, 2), tcp_len);
		assert_memory_equal(ip, checker->super + 14, 4);
		assert_memory_equal(ip + 6, checker->super + 20, 34);
	} else {
		assert_int_equal(get(ip + 2, 2), frame->bytes.len - 14);
		assert_int_equal(get(ip + 4, 2), (FIRST_ID + checker->segments) & 0xffff);
		assert_int_equal(plain_sum(0, ip, ip_len(cut)), 0xffff);
		assert_memory_equal(ip + 6, checker->super + 20, 4);
		assert_memory_equal(ip + 12, checker->super + 26, ip_len(cut) - 12);
	}
	assert_int_equal(get(tcp + 4, 4), (FIRST_SEQUENCE + checker->payload) & 0xffffffff);
	assert_int_equal(tcp[13], flags);
	assert_memory_equal(tcp + 8, checker->super + 14 + ip_len(cut) + 8, 5);
	assert_memory_equal(tcp + 18, checker->super + 14 + ip_len(cut) + 18, 2 + cut->tcp_options);
	assert_int_equal(packet_sum(ip, ip_len(cut), 6, tcp_len), 0xffff);
}

static void check_segment(void *owner, const struct frame *frame)
{
	struct checker *checker = owner;
	size_t len = frame->bytes.len - header_len(checker->cut);
	size_t left = checker->cut->payload - checker->payload;

	assert_true(frame->bytes.len > header_len(checker->cut));
	assert_int_equal(len, left < checker->cut->size ? left : checker->cut->size);
	assert_int_equal(frame->offload.gso, GSO_NONE);
	assert_false(frame->offload.needs_csum);
	check_headers(checker, frame, len == left);
	for (size_t i = 0; i < len; i++)
		if (frame->bytes.data[header_len(checker->cut) + i] !=
		    payload_byte(checker->payload + i))
			fail_msg("%s: byte %zu", checker->cut->what, checker->payload + i);
	checker->payload += len;
	checker->segments++;
}

static void segments_are_packets(void **state)
{
	static uint8_t super[FRAME_MAX], scratch[FRAME_MAX];

	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		struct frame frame = build_super(&cuts[i], super);
		struct checker checker = { .cut = &cuts[i], .super = super };
		bool from_peer = cuts[i].size >= OFFLOAD_MIN_SEGMENT && cuts[i].segments > 1;

		if (offload_check(&frame) != from_peer)
			fail_msg("%s: from a peer", cuts[i].what);
		if (!offload_finish(&frame, scratch, check_segment, &checker))
			fail_msg("%s: refused", cuts[i].what);
		if (checker.segments != cuts[i].segments || checker.payload != cuts[i].payload)
			fail_msg("%s: %zu segments", cuts[i].what, checker.segments);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_are_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
