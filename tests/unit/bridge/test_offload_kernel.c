/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_offload_kernel.c - metadata from a peer, against the real kernel.
 *
 * What offload_check lets through the kernel takes, finishes without a complaint, and makes the
 * same of it as offload_finish; what offload_check refuses does not get there.
 */
#include "bridge/offload.h"

#include "bridge/headers.h"
#include "offload_rows.h"
#include "offload_scene.h"

#define RANDOM_FRAMES 20000
#define RANDOM_SEED 0x4c616e79617264u
#define SEGMENTS_MAX 600 /* fewer than net.core.netdev_max_backlog */

/* What a whole upper layer sums to with its pseudo-header, not inverted; 0xffff is right. */
static uint16_t upper_sum(const struct headers *h, struct bytes upper)
{
	uint32_t len = (uint32_t)h->upper.len;
	uint32_t sum =
		h->version == 6
			? checksum_pseudo6(&h->ip_source, &h->ip_destination, h->protocol, len)
			: checksum_pseudo4((uint32_t)get(h->ip_source.octet + 12, 4),
					   (uint32_t)get(h->ip_destination.octet + 12, 4),
					   h->protocol, (uint16_t)len);

	return checksum_fold(checksum_add(sum, upper));
}

/* As a sender leaves it: where the sum will be, the pseudo-header's; and IPv4's own sum. */
static void leave_sums(uint8_t *bytes, const struct frame *frame)
{
	struct headers h;

	if (headers_walk(frame->bytes, &h) != HEADERS_UPPER)
		return;
	if (h.version == 4) {
		struct bytes ip = { bytes + 14, (bytes[14] & 15u) * 4 };

		put(bytes + 24, 0, 2);
		put(bytes + 24, checksum_finish(checksum_add(0, ip)), 2);
	}
	size_t at = h.upper_at + (h.protocol == IP_TCP ? 16 : 6);
	if (frame->offload.needs_csum && (h.protocol == IP_TCP || h.protocol == IP_UDP))
		put(bytes + at, upper_sum(&h, (struct bytes) { 0 }), 2);
}

/* What offload_finish makes of a frame. */
struct wanted {
	unsigned segments;
	size_t used, len[SEGMENTS_MAX];
	uint8_t bytes[4 * FRAME_MAX];
};

static void keep_segment(void *owner, const struct frame *frame)
{
	struct wanted *wanted = owner;

	assert_true(wanted->segments < SEGMENTS_MAX);
	assert_true(frame->bytes.len <= sizeof(wanted->bytes) - wanted->used);
	memcpy(wanted->bytes + wanted->used, frame->bytes.data, frame->bytes.len);
	wanted->len[wanted->segments++] = frame->bytes.len;
	wanted->used += frame->bytes.len;
}

static bool sums_are_right(struct bytes frame)
{
	struct headers h;

	if (headers_walk(frame, &h) != HEADERS_UPPER)
		return false;
	if (h.version == 4 &&
	    checksum_finish(checksum_add(0, (struct bytes) { frame.data + 14, h.upper_at - 14 })))
		return false;
	return upper_sum(&h, h.upper) == 0xffff;
}

/* The kernel writes a sum of 0 as 0xffff, in TCP too: the same number. */
static bool same_bytes(struct bytes got, const uint8_t *wanted, size_t len,
		       const struct offload *offload, bool sum_too)
{
	size_t at = (size_t)offload->csum_start + offload->csum_offset;

	if (got.len != len)
		return false;
	if (!offload->needs_csum)
		return memcmp(got.data, wanted, len) == 0;
	if (memcmp(got.data, wanted, at) != 0 ||
	    memcmp(got.data + at + 2, wanted + at + 2, len - at - 2) != 0)
		return false;
	return !sum_too || get(got.data + at, 2) % 0xffff == get(wanted + at, 2) % 0xffff;
}

static void print_frame(const char *which, const struct frame *frame)
{
	const struct offload *o = &frame->offload;

	print_message("%s: gso %u ecn %d size %u header %u sum %d at %u + %u, %zu bytes:", which,
		      o->gso, o->gso_ecn, o->gso_size, o->header_len, o->needs_csum, o->csum_start,
		      o->csum_offset, frame->bytes.len);
	for (size_t i = 0; i < frame->bytes.len && i < 100; i++)
		print_message("%s%02x", i % 4 ? "" : " ", frame->bytes.data[i]);
	print_message("\n");
}

/*
 * Sends a frame that offload_check has passed; what comes out is held against what
 * offload_finish makes.  A superframe's sum is finished by the kernel from what the sender left
 * in its place, by offload_finish anew: the same unless the sender lied (`honest` is false).
 */
static void cross(struct scene *scene, const char *what, const struct frame *frame, bool honest,
		  struct wanted *wanted)
{
	static uint8_t scratch[FRAME_MAX];
	const struct offload *offload = &frame->offload;
	const uint8_t *segment = wanted->bytes;
	struct bytes got = { 0 };

	wanted->segments = 0;
	wanted->used = 0;
	if (!offload_finish(frame, scratch, keep_segment, wanted))
		fail_msg("%s: offload_finish refuses it", what);
	enum tap_result result = tap_write(scene->tap, 0, frame);
	if (result != TAP_DONE)
		fail_msg("%s: the kernel says %d to what the check let through", what, (int)result);
	for (unsigned i = 0; i < wanted->segments; i++) {
		const char *wrong = NULL;

		if (!scene_receive(scene, &got, 5000))
			wrong = "did not come out";
		else if (!same_bytes(got, segment, wanted->len[i], offload,
				     honest || offload->gso == GSO_NONE))
			wrong = "is another than offload_finish's";
		else if (honest && offload->needs_csum && !sums_are_right(got))
			wrong = "has a wrong checksum";
		if (wrong) {
			print_frame("sent", frame);
			print_frame("wanted",
				    &(struct frame) { .bytes = { segment, wanted->len[i] } });
			print_frame("got", &(struct frame) { .bytes = got });
			fail_msg("%s: segment %u of %u %s", what, i, wanted->segments, wrong);
		}
		segment += wanted->len[i];
	}
}

static struct wanted wanted;

static void what_passes_is_finished_by_the_kernel(void **state)
{
	static struct scene scene;
	static uint8_t bytes[FRAME_MAX];

	scene_open(&scene);
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct frame frame = { .bytes = packet(good[i].packet, bytes, sizeof(bytes)),
				       .offload = good[i].offload };

		leave_sums(bytes, &frame);
		scene_number(&scene, bytes);
		if (!offload_check(&frame))
			fail_msg("%s: refused", good[i].what);
		cross(&scene, good[i].what, &frame, true, &wanted);
		if (wanted.segments != good[i].segments || wanted.len[0] != good[i].first_len ||
		    wanted.len[wanted.segments - 1] != good[i].last_len)
			fail_msg("%s: %u segments of %zu, the last of %zu", good[i].what,
				 wanted.segments, wanted.len[0], wanted.len[wanted.segments - 1]);
	}
	scene_check_log(&scene, "the table");
	scene_close(&scene);
}

static void what_is_refused_does_not_reach_the_kernel(void **state)
{
	static struct scene scene;
	static uint8_t bytes[FRAME_MAX];

	scene_open(&scene);
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		struct frame frame = { .bytes = packet(hostile[i].packet, bytes, sizeof(bytes)),
				       .offload = hostile[i].offload };

		leave_sums(bytes, &frame);
		scene_number(&scene, bytes);
		if (offload_check(&frame))
			fail_msg("%s: let through; the kernel says %d", hostile[i].what,
				 (int)tap_write(scene.tap, 0, &frame));
	}
	scene_check_log(&scene, "the table");
	scene_close(&scene);
}

/* ---- the random run ---- */

struct dice {
	uint64_t state;
};

/* splitmix64: any seed will do, and each frame has one of its own. */
static uint32_t roll(struct dice *dice, uint32_t sides)
{
	uint64_t z = dice->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ z >> 31) >> 32) % sides;
}

static uint16_t roll_number(struct dice *dice, uint16_t from, size_t frame_len)
{
	static const uint16_t special[] = { 0,	1,  2,	6,  8,	14,  16,  20,	  34,	  38,	 40,
					    54, 58, 62, 63, 64, 128, 536, 0x7fff, 0x8000, 0xffff };

	switch (roll(dice, 4)) {
	case 0: return special[roll(dice, ARRAY_LEN(special))];
	case 1: return (uint16_t)(from + roll(dice, 9) - 4);
	case 2: return (uint16_t)roll(dice, (uint32_t)frame_len + 2);
	}
	return (uint16_t)roll(dice, 0x10000);
}

static void change_offload(struct dice *dice, struct frame *frame)
{
	static const uint8_t kinds[] = { GSO_NONE, GSO_TCP4, GSO_TCP6, 3, 5, 0x81, 0x84 };
	struct offload *o = &frame->offload;
	uint16_t *const words[] = { &o->gso_size, &o->gso_size, &o->header_len, &o->csum_start,
				    &o->csum_offset };
	uint32_t which = roll(dice, ARRAY_LEN(words) + 4);

	if (which < ARRAY_LEN(words))
		*words[which] = roll_number(dice, *words[which], frame->bytes.len);
	else if (which == ARRAY_LEN(words))
		o->gso = kinds[roll(dice, ARRAY_LEN(kinds))];
	else if (which == ARRAY_LEN(words) + 1)
		o->needs_csum = !o->needs_csum;
	else if (which == ARRAY_LEN(words) + 2)
		o->gso_ecn = !o->gso_ecn;
	else
		*o = (struct offload) { .gso = kinds[roll(dice, ARRAY_LEN(kinds))],
					.needs_csum = roll(dice, 2),
					.gso_size = roll_number(dice, 1400, frame->bytes.len),
					.csum_start = roll_number(dice, 34, frame->bytes.len),
					.csum_offset = roll_number(dice, 16, frame->bytes.len) };
}

/* The MACs stay: by them the frame is known at the far end. */
static void change_header(struct dice *dice, uint8_t *bytes, size_t len)
{
	size_t end = len < 100 ? len : 100;

	if (end <= 12)
		return;
	uint8_t *at = bytes + 12 + roll(dice, (uint32_t)end - 12);
	if (roll(dice, 2))
		*at ^= (uint8_t)(1u << roll(dice, 8));
	else
		*at = (uint8_t)roll(dice, 256);
}

/* Longer, shorter; at most by what the good rows leave in the buffer. */
static void change_length(struct dice *dice, struct bytes *bytes)
{
	size_t len = roll(dice, 2) ? bytes->len + roll(dice, 64)
				   : FRAME_MIN + roll(dice, (uint32_t)bytes->len);

	bytes->len = len < FRAME_MIN ? FRAME_MIN : len > FRAME_MAX ? FRAME_MAX : len;
}

/* So that a frame of another length is not refused for that alone. */
static void fit_length(uint8_t *bytes, size_t len)
{
	if (len >= 34 && get(bytes + 12, 2) == ETHER_IP4)
		put(bytes + 16, len - 14, 2);
	else if (len >= 54 && get(bytes + 12, 2) == ETHER_IP6)
		put(bytes + 18, len - 54, 2);
}

/* One of the shorter good rows (SEGMENTS_MAX!), changed.  True if its checksums are an honest sender's. */
static bool roll_frame(struct dice *dice, struct frame *frame, uint8_t *bytes)
{
	const struct good *row;

	do {
		row = &good[roll(dice, ARRAY_LEN(good))];
	} while (row->segments * row->first_len > 8000);
	frame->bytes = packet(row->packet, bytes, FRAME_MAX);
	frame->offload = row->offload;
	leave_sums(bytes, frame);
	for (uint32_t changes = 1 + roll(dice, 4); changes > 0; changes--) {
		switch (roll(dice, 5)) {
		case 0:
		case 1: change_header(dice, bytes, frame->bytes.len); break;
		case 2: change_length(dice, &frame->bytes); break;
		default: change_offload(dice, frame); break;
		}
	}
	if (roll(dice, 2))
		fit_length(bytes, frame->bytes.len);
	bool honest = roll(dice, 2);
	if (honest)
		leave_sums(bytes, frame);
	return honest;
}

static void whatever_passes_the_kernel_takes(void **state)
{
	static struct scene scene;
	static uint8_t bytes[FRAME_MAX];
	unsigned refused = 0, supers = 0, sums = 0;

	scene_open(&scene);
	for (unsigned i = 0; i < RANDOM_FRAMES; i++) {
		struct dice dice = { RANDOM_SEED + i };
		struct frame frame;
		char what[64];

		snprintf(what, sizeof(what), "frame %u of seed %#llx", i,
			 (unsigned long long)RANDOM_SEED);
		bool honest = roll_frame(&dice, &frame, bytes);
		scene_number(&scene, bytes);
		if (!offload_check(&frame)) {
			refused++;
			continue;
		}
		supers += frame.offload.gso != GSO_NONE;
		sums += frame.offload.gso == GSO_NONE && frame.offload.needs_csum;
		/* without work to do it may be any nonsense: whether it goes on is the bridge's to say */
		if (frame.offload.needs_csum)
			cross(&scene, what, &frame, honest, &wanted);
		else if (tap_write(scene.tap, 0, &frame) != TAP_DONE)
			fail_msg("%s: nothing to do, and not taken", what);
	}
	scene_check_log(&scene, "the random run");
	print_message("%u refused; passed: %u superframes, %u to be summed, %u others\n", refused,
		      supers, sums, RANDOM_FRAMES - refused - supers - sums);
	/* or the run has tried nothing */
	assert_true(refused > RANDOM_FRAMES / 4 && supers > RANDOM_FRAMES / 20 &&
		    sums > RANDOM_FRAMES / 50);
	scene_close(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_passes_is_finished_by_the_kernel),
		cmocka_unit_test(what_is_refused_does_not_reach_the_kernel),
		cmocka_unit_test(whatever_passes_the_kernel_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
