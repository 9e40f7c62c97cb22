/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_offload.c - hostile metadata, and checksums filled in.
 *
 * Segmentation: test_offload_segments.c.
 */
#include "bridge/offload.h"

#include "offload_words.h"
#include "plain_sums.h"

static const struct {
	const char *what;
	const char *packet;
	struct offload offload;
	bool ok;
	uint16_t header_len; /* afterwards */
} checks[] = {
	{ "nothing to do", V4 TCP, { 0 }, true, 0 },
	{ "nothing to do in a short frame", "0000", { 0 }, true, 0 },
	{ "a superframe in IPv4", V4 TCP BYTES3000, SUPER4(1460), true, 54 },
	{ "a superframe in IPv6", V6 TCP BYTES3000, SUPER6(1440), true, 74 },
	{ "one with TCP options", V4 TCP_LEN("80") "01*12 " BYTES3000, SUPER4(1448), true, 66 },
	{ "one with IPv4 options",
	  ETHER("0800") "4600 TTTT 1234 0000 40 06 0000 c0000202 ffffffff 94040000 " TCP BYTES3000,
	  { .gso = GSO_TCP4,
	    .needs_csum = true,
	    .gso_size = 1448,
	    .csum_start = 38,
	    .csum_offset = 16 },
	  true,
	  58 },
	{ "the sender's header_len is only a hint",
	  V4 TCP BYTES3000,
	  { .gso = GSO_TCP4,
	    .needs_csum = true,
	    .gso_size = 1460,
	    .header_len = 3000,
	    .csum_start = 34,
	    .csum_offset = 16 },
	  true,
	  54 },
	{ "the smallest segments", V4 TCP BYTES3000, SUPER4(OFFLOAD_MIN_SEGMENT), true, 54 },
	{ "smaller ones", V4 TCP BYTES3000, SUPER4(OFFLOAD_MIN_SEGMENT - 1), false, 0 },
	{ "segments of nothing", V4 TCP BYTES3000, SUPER4(0), false, 0 },
	{ "one byte more than a segment", V4 TCP BYTES3000, SUPER4(2999), true, 54 },
	{ "no more than a segment", V4 TCP BYTES3000, SUPER4(3000), false, 0 },
	{ "no payload", V4 TCP, SUPER4(64), false, 0 },
	{ "IPv6 that says IPv4", V6 TCP BYTES3000, SUPER4(1440), false, 0 },
	{ "IPv4 that says IPv6", V4 TCP BYTES3000, SUPER6(1440), false, 0 },
	{ "a superframe of UDP", IP4("11", "4000") UDP_1000 BYTES3000, SUPER4(1460), false, 0 },
	{ "a superframe that is no IP", ETHER("9000") TCP BYTES3000, SUPER4(1460), false, 0 },
	{ "a superframe with a tag", ETHER("8100") "0001 0800" BYTES3000, SUPER4(1460), false, 0 },
	{ "a superframe that is a first fragment", IP4("06", "2000") TCP BYTES3000, SUPER4(1460),
	  false, 0 },
	{ "a superframe that is a later fragment", IP4("06", "0100") TCP BYTES3000, SUPER4(1460),
	  false, 0 },
	{ "a superframe with an extension header",
	  IP6("3c") "06 00 0104 00000000 " TCP BYTES3000,
	  { .gso = GSO_TCP6,
	    .needs_csum = true,
	    .gso_size = 1440,
	    .csum_start = 62,
	    .csum_offset = 16 },
	  false,
	  0 },
	{ "a superframe in an atomic fragment",
	  IP6("2c") "06 00 0000 00000001 " TCP BYTES3000,
	  { .gso = GSO_TCP6,
	    .needs_csum = true,
	    .gso_size = 1440,
	    .csum_start = 62,
	    .csum_offset = 16 },
	  false,
	  0 },
	{ "a superframe with bytes behind it", V4 TCP "55*3000 | 00", SUPER4(1460), false, 0 },
	{ "a superframe shorter than it says",
	  ETHER("0800") "4500 0fff 1234 4000 40 06 0000 c0000202 ffffffff " TCP BYTES3000,
	  SUPER4(1460), false, 0 },
	{ "a TCP header of 16 bytes", V4 TCP_LEN("40") BYTES3000, SUPER4(1460), false, 0 },
	{ "a TCP header longer than the packet", V4 TCP_LEN("f0") "00*39", SUPER4(64), false, 0 },
	{ "a superframe with SYN", V4 TCP_FLAGS("12") BYTES3000, SUPER4(1460), false, 0 },
	{ "a superframe with RST", V4 TCP_FLAGS("14") BYTES3000, SUPER4(1460), false, 0 },
	{ "a superframe with FIN and PSH", V4 TCP_FLAGS("19") BYTES3000, SUPER4(1460), true, 54 },
	{ "a superframe that claims to be summed",
	  V4 TCP BYTES3000,
	  { .gso = GSO_TCP4, .gso_size = 1460, .csum_start = 34, .csum_offset = 16 },
	  false,
	  0 },
	{ "a superframe's sum one byte off",
	  V4 TCP BYTES3000,
	  { .gso = GSO_TCP4,
	    .needs_csum = true,
	    .gso_size = 1460,
	    .csum_start = 35,
	    .csum_offset = 16 },
	  false,
	  0 },
	{ "a superframe's sum at UDP's place",
	  V4 TCP BYTES3000,
	  { .gso = GSO_TCP4,
	    .needs_csum = true,
	    .gso_size = 1460,
	    .csum_start = 34,
	    .csum_offset = 6 },
	  false,
	  0 },
	{ "UDP fragmentation offload",
	  IP4("11", "4000") UDP_1000 BYTES3000,
	  { .gso = 3, .needs_csum = true, .gso_size = 1460, .csum_start = 34, .csum_offset = 6 },
	  false,
	  0 },
	{ "UDP segmentation offload",
	  IP4("11", "4000") UDP_1000 BYTES3000,
	  { .gso = 5, .needs_csum = true, .gso_size = 1460, .csum_start = 34, .csum_offset = 6 },
	  false,
	  0 },
	{ "the ECN bit in the type",
	  V4 TCP BYTES3000,
	  { .gso = 0x81,
	    .needs_csum = true,
	    .gso_size = 1460,
	    .csum_start = 34,
	    .csum_offset = 16 },
	  false,
	  0 },
	{ "TCP to be summed in IPv4", V4 TCP "00*9", SUM(34, 16), true, 0 },
	{ "TCP to be summed in IPv6", V6 TCP "00*9", SUM(54, 16), true, 0 },
	{ "UDP to be summed in IPv4", IP4("11", "0000") UDP_1000 "00*4", SUM(34, 6), true, 0 },
	{ "UDP to be summed in IPv6", IP6("11") UDP_1000 "00*4", SUM(54, 6), true, 0 },
	{ "UDP to be summed behind a header", IP6("3c") "11 00 0104 00*4 " UDP_1000 "00*4",
	  SUM(62, 6), true, 0 },
	{ "UDP of another length", IP6("11") UDP_1000 "00*5", SUM(54, 6), false, 0 },
	{ "UDP's sum at TCP's place", IP6("11") "1000 1000 0020 0000 00*24", SUM(54, 16), false,
	  0 },
	{ "TCP's sum at UDP's place", V6 TCP, SUM(54, 6), false, 0 },
	{ "a sum of the IPv4 header", V4 TCP, SUM(14, 10), false, 0 },
	{ "a sum that begins too late", V4 TCP, SUM(36, 16), false, 0 },
	{ "a sum outside the frame", V4 TCP, SUM(0xfffe, 16), false, 0 },
	{ "a sum's place outside the frame", V4 TCP, SUM(34, 0xfffe), false, 0 },
	{ "ICMPv6 to be summed", IP6("3a") "8000 0000 0000 0000", SUM(54, 2), false, 0 },
	{ "a fragment to be summed", IP4("11", "2000") UDP_1000 "00*4", SUM(34, 6), false, 0 },
	{ "an atomic fragment to be summed", IP6("2c") "11 00 0000 00000001 " UDP_1000 "00*4",
	  SUM(62, 6), false, 0 },
	{ "a sum over padding", IP6("11") UDP_1000 "00*4 | 00*4", SUM(54, 6), false, 0 },
	{ "a sum over padding, begun later", IP6("11") UDP_1000 "00*4 | 00*4", SUM(58, 6), false,
	  0 },
	{ "UDP-Lite to be summed", IP6("88") UDP_1000 "00*4", SUM(54, 6), false, 0 },
	{ "CWR with a sum",
	  V4 TCP,
	  { .gso_ecn = true, .needs_csum = true, .csum_start = 34, .csum_offset = 16 },
	  false,
	  0 },
	{ "TCP as UDP segmentation offload",
	  V6 TCP BYTES3000,
	  { .gso = 5, .needs_csum = true, .gso_size = 1440, .csum_start = 54, .csum_offset = 16 },
	  false,
	  0 },
	{ "a sum in half a UDP header", IP6("11") "1000 1000", SUM(54, 6), false, 0 },
	{ "a sum in an empty frame", "", SUM(0, 0), false, 0 },
	{ "a sum in ARP", ETHER("0806") "0001 0800 06 04 0001 " CLIENT_MAC "00*14", SUM(14, 6),
	  false, 0 },
	{ "a segment size without a superframe",
	  V4 TCP,
	  { .needs_csum = true, .gso_size = 1460, .csum_start = 34, .csum_offset = 16 },
	  false,
	  0 },
	{ "CWR without a superframe", V4 TCP, { .gso_ecn = true }, false, 0 },
	{ "a header length without a superframe", V4 TCP, { .header_len = 54 }, false, 0 },
	{ "a sum's start without a sum", V4 TCP, { .csum_start = 34 }, false, 0 },
	{ "a sum's place without a sum", V4 TCP, { .csum_offset = 16 }, false, 0 },
	{ "a segment size without anything", V4 TCP, { .gso_size = 1460 }, false, 0 },
};

static void metadata_must_fit_the_frame(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		uint8_t buf[4096];
		struct frame frame = { .bytes = packet(checks[i].packet, buf, sizeof(buf)),
				       .offload = checks[i].offload };

		if (offload_check(&frame) != checks[i].ok)
			fail_msg("%s: not %d", checks[i].what, checks[i].ok);
		if (checks[i].ok && frame.offload.header_len != checks[i].header_len)
			fail_msg("%s: header_len %u", checks[i].what, frame.offload.header_len);
	}
}

static void cwr_is_read_from_the_frame(void **state)
{
	uint8_t buf[4096];
	struct frame frame = { .bytes = packet(V4 TCP_FLAGS("90") BYTES3000, buf, sizeof(buf)),
			       .offload = SUPER4(1460) };

	assert_true(offload_check(&frame));
	assert_true(frame.offload.gso_ecn);
	frame.bytes = packet(V4 TCP_FLAGS("50") BYTES3000, buf, sizeof(buf));
	assert_true(offload_check(&frame));
	assert_false(frame.offload.gso_ecn);
}

struct kept {
	unsigned count;
	struct frame frame;
};

static void keep(void *owner, const struct frame *frame)
{
	struct kept *kept = owner;

	kept->count++;
	kept->frame = *frame;
}

static const struct {
	const char *what;
	const char *packet;
	struct offload offload;
	unsigned protocol;
	size_t ip_len;
	int wanted; /* the checksum, where it is a special one; or -1 */
} sums[] = {
	{ "TCP in IPv4", V4 TCP "01020304 05", SUM(34, 16), 6, 20, -1 },
	{ "TCP in IPv6", V6 TCP "01020304 05", SUM(54, 16), 6, 40, -1 },
	{ "UDP in IPv4", IP4("11", "0000") UDP_1000 "01020304", SUM(34, 6), 17, 20, -1 },
	{ "UDP in IPv6", IP6("11") UDP_1000 "01020304", SUM(54, 6), 17, 40, -1 },
	{ "ICMPv6 of the kernel's", IP6("3a") "8000 0000 0001 0002", SUM(54, 2), 58, 40, -1 },
	/* the payload makes the sum 0xffff, so that its complement is 0 */
	{ "UDP whose checksum is 0", IP4("11", "0000") UDP_1000 "0000 1dd4", SUM(34, 6), 17, 20,
	  0xffff },
	{ "TCP whose checksum is 0", V4 TCP_FLAGS("10") "0000 dd7b", SUM(34, 16), 6, 20, 0 },
};

static void checksums_are_filled_in(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(sums); i++) {
		uint8_t buf[256], scratch[256];
		struct bytes bytes = packet(sums[i].packet, buf, sizeof(buf));
		size_t start = sums[i].offload.csum_start, at = start + sums[i].offload.csum_offset;
		uint8_t empty[256] = { 0 };
		struct frame frame = { .bytes = bytes, .offload = sums[i].offload };
		struct kept kept = { 0 };

		memcpy(empty, bytes.data,
		       start); /* the sum over addresses, protocol, length only */
		unsigned pseudo =
			packet_sum(empty + 14, sums[i].ip_len, sums[i].protocol, bytes.len - start);
		put(buf + at, pseudo, 2);
		assert_true(offload_finish(&frame, scratch, keep, &kept));
		if (kept.count != 1 || kept.frame.bytes.len != bytes.len ||
		    kept.frame.offload.needs_csum)
			fail_msg("%s: another frame", sums[i].what);
		if (packet_sum(scratch + 14, sums[i].ip_len, sums[i].protocol, bytes.len - start) !=
		    0xffff)
			fail_msg("%s: sums to something else", sums[i].what);
		if (sums[i].wanted >= 0 && get(scratch + at, 2) != (size_t)sums[i].wanted)
			fail_msg("%s: stored %zx", sums[i].what, get(scratch + at, 2));
		memcpy(scratch + at, buf + at, 2);
		assert_memory_equal(scratch, buf, bytes.len);
	}
}

static void a_plain_frame_passes_as_it_is(void **state)
{
	uint8_t buf[256], scratch[1];
	struct frame frame = { .bytes = packet(V4 TCP "0102", buf, sizeof(buf)) };
	struct kept kept = { 0 };

	assert_true(offload_finish(&frame, scratch, keep, &kept));
	assert_int_equal(kept.count, 1);
	assert_ptr_equal(kept.frame.bytes.data, buf);
	assert_int_equal(kept.frame.bytes.len, frame.bytes.len);
}

static const struct {
	const char *what;
	const char *packet;
	struct offload offload;
} senseless[] = {
	{ "a sum outside the frame", V4 TCP, SUM(100, 0) },
	{ "a sum's place half outside the frame", V4 TCP, SUM(34, 19) },
	{ "a sum's place far outside the frame", V4 TCP, SUM(0xffff, 0xffff) },
	{ "a sum over the Ethernet header", V4 TCP, SUM(13, 16) },
	{ "a sum in an empty frame", "", SUM(14, 0) },
	{ "a superframe of UDP", IP4("11", "4000") UDP_1000 BYTES3000, SUPER4(1460) },
	{ "a superframe of the other version", V6 TCP BYTES3000, SUPER4(1440) },
	{ "segments of nothing", V4 TCP BYTES3000, SUPER4(0) },
	{ "a superframe without payload", V4 TCP, SUPER4(1460) },
	{ "a superframe that is a fragment", IP4("06", "2000") TCP BYTES3000, SUPER4(1460) },
	{ "a superframe with an extension header", IP6("3c") "06 00 0104 00000000 " TCP BYTES3000,
	  SUPER6(1440) },
	{ "a superframe with bytes behind it", V4 TCP "55*3000 | 00", SUPER4(1460) },
	{ "an unknown kind of superframe",
	  V4 TCP BYTES3000,
	  { .gso = 3, .needs_csum = true, .gso_size = 1460, .csum_start = 34, .csum_offset = 16 } },
};

static void nothing_is_made_of_nonsense(void **state)
{
	static uint8_t scratch[FRAME_MAX];

	for (size_t i = 0; i < ARRAY_LEN(senseless); i++) {
		uint8_t buf[4096];
		struct frame frame = { .bytes = packet(senseless[i].packet, buf, sizeof(buf)),
				       .offload = senseless[i].offload };
		struct kept kept = { 0 };

		if (offload_finish(&frame, scratch, keep, &kept) || kept.count > 0)
			fail_msg("%s: taken", senseless[i].what);
	}
}

static void a_frame_larger_than_scratch_is_refused(void **state)
{
	static uint8_t buf[FRAME_MAX + 1], scratch[FRAME_MAX];
	struct frame frame = { .bytes = { buf, sizeof(buf) }, .offload = SUM(34, 16) };
	struct kept kept = { 0 };

	assert_false(offload_finish(&frame, scratch, keep, &kept));
	frame.bytes.len = FRAME_MAX;
	assert_true(offload_finish(&frame, scratch, keep, &kept));
	assert_int_equal(kept.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(metadata_must_fit_the_frame),
		cmocka_unit_test(cwr_is_read_from_the_frame),
		cmocka_unit_test(checksums_are_filled_in),
		cmocka_unit_test(a_plain_frame_passes_as_it_is),
		cmocka_unit_test(nothing_is_made_of_nonsense),
		cmocka_unit_test(a_frame_larger_than_scratch_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
