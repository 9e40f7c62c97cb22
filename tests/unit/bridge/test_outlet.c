/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/test_outlet.c - an outlet on a line that drains at a rate, in simulated time:
 * what a ping waits beside a stream, that the line is kept busy, and what is cut or refused. */
#include "queue_scene.h"

#include "bridge/outlet.h"

#define STEP_US 100
#define OUTPUT_CAP (140 * 1024) /* of sealed bytes that the line did not take */
#define SEALED_EXTRA 30		/* of a message and its share of a record */
#define MBIT 125000ull		/* bytes per second */
#define SUPER_LEN 60000
#define SEGMENT 1428
#define BULK 1 /* flows */
#define PING 2

struct sealed_ping {
	uint64_t sent_us, end; /* end: of its bytes, counted from the beginning of the line */
};

struct line {
	struct queue_scene *scene;
	struct outlet outlet;
	uint8_t scratch[FRAME_MAX];
	uint64_t now_us, drained_us, bytes_per_s;
	uint64_t seal_us; /* what sealing a frame takes */
	size_t limit, sealed, unsent, most_unsent;
	uint64_t sealed_bytes, left_bytes; /* since the beginning */
	uint64_t bulk_sealed, sent_us;
	uint64_t pacing;
	unsigned seals, longest, limits, with_offload, pacings, asks;
	bool broken; /* it takes nothing */
	struct sealed_ping ping[16];
	unsigned pings, pings_left;
	uint64_t worst_us;
};

static uint64_t now_us(void *owner)
{
	return ((struct line *)owner)->now_us;
}

static bool seal(void *owner, const struct frame *frame)
{
	struct line *line = owner;
	size_t len = frame->bytes.len + SEALED_EXTRA;

	if (line->sealed + len > OUTPUT_CAP)
		return false;
	line->now_us += line->seal_us;
	line->sealed += len;
	line->sealed_bytes += len;
	line->seals++;
	line->with_offload += frame->offload.gso != GSO_NONE || frame->offload.needs_csum;
	line->longest = len > line->longest ? (unsigned)len : line->longest;
	if (scene_flow_of(frame) == PING) {
		assert_true(line->pings - line->pings_left < ARRAY_LEN(line->ping));
		line->ping[line->pings++ % ARRAY_LEN(line->ping)] =
			(struct sealed_ping) { line->sent_us, line->sealed_bytes };
	} else {
		line->bulk_sealed += frame->bytes.len;
	}
	return true;
}

static bool has_room(void *owner)
{
	struct line *line = owner;

	return line->sealed + FRAME_MAX + SEALED_EXTRA <= OUTPUT_CAP;
}

/* What left since the last look. */
static void drain(struct line *line)
{
	uint64_t left = line->bytes_per_s * line->now_us / 1000000 -
			line->bytes_per_s * line->drained_us / 1000000;

	left = left < line->unsent ? left : line->unsent;
	line->drained_us = line->now_us;
	line->unsent -= left;
	line->left_bytes += left;
}

static size_t write_sealed(void *owner)
{
	struct line *line = owner;

	drain(line);

	size_t room = line->unsent < line->limit && !line->broken ? line->limit - line->unsent : 0;
	size_t taken = line->sealed < room ? line->sealed : room;

	line->sealed -= taken;
	line->unsent += taken;
	return taken;
}

static size_t sealed(void *owner)
{
	return ((struct line *)owner)->sealed;
}

static size_t unsent(void *owner)
{
	struct line *line = owner;

	line->asks++;
	return line->unsent;
}

static uint64_t pacing(void *owner)
{
	struct line *line = owner;

	line->pacings++;
	return line->pacing;
}

static void limit(void *owner, size_t unsent_max)
{
	struct line *line = owner;

	line->limit = unsent_max;
	line->limits++;
}

static const struct outlet_line functions = {
	.now_us = now_us,
	.seal = seal,
	.has_room = has_room,
	.write = write_sealed,
	.sealed = sealed,
	.unsent = unsent,
	.pacing = pacing,
	.limit = limit,
};

static struct line *line_new(uint64_t bytes_per_s, bool takes_offload)
{
	struct line *line = calloc(1, sizeof(*line));

	line->scene = scene_new();
	line->bytes_per_s = bytes_per_s;
	line->now_us = line->drained_us = 1000000;
	assert_int_equal(outlet_init(&line->outlet, &functions, line, line->scene->pool,
				     &line->scene->key, line->scratch),
			 0);
	line->outlet.takes_offload = takes_offload;
	return line;
}

static void line_free(struct line *line)
{
	outlet_free(&line->outlet);
	outlet_free(&line->outlet);
	scene_free(line->scene);
	free(line);
}

/* What can neither be overtaken nor dropped any more. */
static size_t committed(const struct line *line)
{
	return line->sealed + line->unsent;
}

/* As much time as one step, and what left in it; then the owner is told that there is room. */
static void step(struct line *line)
{
	line->now_us += STEP_US;
	drain(line);
	while (line->pings_left < line->pings &&
	       line->ping[line->pings_left % ARRAY_LEN(line->ping)].end <= line->left_bytes) {
		const struct sealed_ping *ping =
			&line->ping[line->pings_left++ % ARRAY_LEN(line->ping)];
		uint64_t took_us = line->now_us - ping->sent_us;
		line->worst_us = took_us > line->worst_us ? took_us : line->worst_us;
	}
	if (line->unsent < line->limit / 2 || line->now_us >= outlet_due_us(&line->outlet))
		outlet_flush(&line->outlet);
	if (committed(line) > line->most_unsent)
		line->most_unsent = committed(line);
}

/* A TCP superframe of the bulk flow; its ports are where UDP's are. */
static struct frame super(struct line *line)
{
	struct frame frame = scene_udp(line->scene, BULK, SUPER_LEN, 0);
	uint8_t *tcp = line->scene->buffer + ETHER_HEADER_LEN + IP6_HEADER_LEN;

	line->scene->buffer[20] = IP_TCP;
	tcp[12] = 0x50;
	frame.offload = (struct offload) { .gso = GSO_TCP6,
					   .needs_csum = true,
					   .gso_size = SEGMENT,
					   .header_len = 74,
					   .csum_start = 54,
					   .csum_offset = 16 };
	return frame;
}

static void send_bulk(struct line *line, bool superframes)
{
	struct frame frame = superframes ? super(line) : scene_udp(line->scene, BULK, 1514, 0);

	assert_true(outlet_send(&line->outlet, &frame));
}

static void send_ping(struct line *line)
{
	struct frame frame = scene_udp(line->scene, PING, 98, 0);

	line->sent_us = line->now_us;
	assert_true(outlet_send(&line->outlet, &frame));
}

/* A stream whose sender keeps `window` bytes under way whatever is lost; a ping now and then. */
static void run(struct line *line, uint64_t for_us, size_t window, bool superframes)
{
	uint64_t end_us = line->now_us + for_us;

	for (unsigned n = 0; line->now_us < end_us; n++) {
		size_t waiting = frame_queue_bytes(line->outlet.queue) + committed(line);

		while (waiting < window) {
			send_bulk(line, superframes);
			waiting += superframes ? SUPER_LEN : 2048;
		}
		if (n % 500 == 250)
			send_ping(line);
		outlet_flush(&line->outlet);
		step(line);
	}
}

static void a_ping_passes_a_stream(void **state)
{
	static const struct {
		const char *what;
		uint64_t rate;
		bool superframes;
		uint64_t worst_us; /* of pings, once the rate is known */
	} rows[] = {
		/* what may wait unsent, and two full frames, take: */
		{ "1 Mbit/s", 1 * MBIT, false, 25000 + 25000 },
		{ "10 Mbit/s", 10 * MBIT, false, 4000 + 2500 },
		{ "10 Mbit/s, superframes", 10 * MBIT, true, 4000 + 2500 },
		{ "100 Mbit/s", 100 * MBIT, false, 4500 },
		{ "100 Mbit/s, superframes", 100 * MBIT, true, 4500 },
		/* and a superframe */
		{ "300 Mbit/s, superframes", 300 * MBIT, true, 4000 + 2000 },
		{ "1 Gbit/s, superframes", 1000 * MBIT, true, 1000 + 600 },
		{ "8 Gbit/s, superframes", 8000 * MBIT, true, 600 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct line *line = line_new(rows[i].rate, true);
		uint64_t left;

		run(line, 1000000, 1 << 20, rows[i].superframes);
		line->worst_us = 0;
		left = line->left_bytes;
		run(line, 1000000, 1 << 20, rows[i].superframes);
		left = line->left_bytes - left;
		if (line->worst_us == 0 || line->worst_us > rows[i].worst_us)
			fail_msg("%s: a ping took %d us", rows[i].what, (int)line->worst_us);
		if (left < rows[i].rate * 97 / 100)
			fail_msg("%s: the line was busy for %d %% only", rows[i].what,
				 (int)(left * 100 / rows[i].rate));
		line_free(line);
	}
}

/* Where we are slower than the line: a turn is short, and in the next one a ping that was read
 * last goes first. */
static void a_turn_ends_in_time(void **state)
{
	struct line *line = line_new(100000 * MBIT, true);
	uint64_t start_us;
	unsigned turns = 0;

	run(line, 500000, 1 << 16, true); /* it is known to be fast */
	while (outlet_waits(&line->outlet))
		step(line);
	line->seal_us = 250;
	line->seals = 0;
	start_us = line->now_us;
	for (unsigned n = 0; n < 64; n++)
		send_bulk(line, true);
	send_ping(line);
	outlet_flush(&line->outlet);
	assert_in_range(line->now_us - start_us, OUTLET_TURN_US, OUTLET_TURN_US + 3 * 250);
	assert_int_equal(line->pings - line->pings_left, 0);
	step(line);
	step(line);
	assert_int_equal(line->pings - line->pings_left, 0);
	assert_true(line->pings > 0 && line->worst_us < 3000);
	for (; outlet_waits(&line->outlet); turns++) {
		start_us = line->now_us;
		step(line);
		assert_true(line->now_us - start_us < OUTLET_TURN_US + STEP_US + 3 * 250);
	}
	assert_in_range(turns, 8, 20);
	assert_int_equal(line->seals, 65);
	/* our own slowness is not taken for the line's: nothing is cut, no less is sealed ahead */
	assert_int_equal(line->limit, DRAIN_LIMIT_MAX);
	line_free(line);
}

/* While TCP would send far more than what leaves, more is given to it; and no more than that. */
static void tcp_that_searches_gets_more(void **state)
{
	struct line *line = line_new(10 * MBIT, true);

	line->pacing = 1400 * MBIT;
	run(line, 1000000, 1 << 20, true);
	assert_in_range(line->limit, 25000 * 7 / 10, 25000 * 14 / 10);
	assert_in_range(line->pacings, 15, 21); /* a system call: once in a window */
	line->pacing = 10 * MBIT;
	run(line, 500000, 1 << 20, true);
	assert_in_range(line->limit, 5000 * 7 / 10, 5000 * 14 / 10);
	line_free(line);
}

/* Before anything is known of the line: not much is given to it. */
static void the_beginning_is_careful(void **state)
{
	struct line *line = line_new(10 * MBIT, true);

	run(line, 20000, 1 << 20, true);
	assert_true(line->most_unsent < DRAIN_LIMIT_START + 2 * 1514);
	assert_true(line->longest < 1514 + SEALED_EXTRA);
	line_free(line);
}

static void nothing_waits_while_the_line_drains(void **state)
{
	struct line *line = line_new(1000 * MBIT, true);

	for (unsigned n = 0; n < 1000; n++) {
		send_bulk(line, false);
		assert_false(outlet_waits(&line->outlet));
		outlet_flush(&line->outlet);
		step(line);
	}
	assert_int_equal(line->seals, 1000);
	assert_int_equal(frame_pool_kept(line->scene->pool), 0); /* no copy was ever made */
	assert_true(outlet_due_us(&line->outlet) == QUEUE_NEVER_US);
	/* a system call each: at most when half of the least room was used up */
	assert_in_range(line->asks, 1, 1000 * 1544 / (DRAIN_LIMIT_START / 2));
	line_free(line);
}

/* Frames wait because sealing takes long, not because of the line: its rate is not ours. */
static void our_slowness_is_not_the_lines(void **state)
{
	struct line *line = line_new(8000 * MBIT, true);

	run(line, 500000, 1 << 16, true);
	assert_int_equal(line->limit, DRAIN_LIMIT_MAX);
	line->seal_us = 10000; /* 48 Mbit/s */
	run(line, 2000000, 1 << 20, true);
	assert_true(outlet_waits(&line->outlet));
	assert_false(drain_is_slow(&line->outlet.drain));
	assert_int_equal(line->limit, DRAIN_LIMIT_MAX);
	line_free(line);
}

static void a_superframe_is_cut_where_it_must(void **state)
{
	static const struct {
		const char *what;
		uint64_t rate;
		bool takes_offload;
		bool cut;
	} rows[] = {
		{ "a fast line", 1000 * MBIT, true, false },
		{ "a slow line", 50 * MBIT, true, true },
		{ "a peer that takes none", 1000 * MBIT, false, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct line *line = line_new(rows[i].rate, rows[i].takes_offload);

		run(line, 500000, 1 << 20, false); /* until the rate is known */
		line->longest = line->with_offload = 0;
		run(line, 500000, 1 << 20, true);
		if ((line->longest < 2000) != rows[i].cut ||
		    (line->with_offload == 0) != rows[i].cut)
			fail_msg("%s: %u bytes at once", rows[i].what, line->longest);
		line_free(line);
	}
}

/* What does not make sense here may make sense to the peer's kernel, if it takes offload. */
static void what_cannot_be_cut(void **state)
{
	for (unsigned takes_offload = 0; takes_offload < 2; takes_offload++) {
		struct line *line = line_new(MBIT, takes_offload);
		struct frame frame = super(line);

		frame.offload.gso = GSO_TCP4;
		assert_int_equal(outlet_send(&line->outlet, &frame), takes_offload);
		assert_int_equal(line->seals, takes_offload);
		line_free(line);
	}
}

/* A checksum is left to a peer that takes offload, on any line. */
static void a_checksum_is_made_where_it_must(void **state)
{
	for (unsigned takes_offload = 0; takes_offload < 2; takes_offload++) {
		struct line *line = line_new(MBIT, takes_offload);
		struct frame frame = scene_udp(line->scene, BULK, 500, 0);

		frame.offload =
			(struct offload) { .needs_csum = true, .csum_start = 54, .csum_offset = 6 };
		assert_true(outlet_send(&line->outlet, &frame));
		assert_int_equal(line->seals, 1);
		assert_int_equal(line->with_offload, takes_offload);
		line_free(line);
	}
}

/* The line takes nothing any more: bounded in bytes, then in time, and it comes back. */
static void a_line_that_stands(void **state)
{
	struct line *line = line_new(100 * MBIT, true);
	struct queue_losses losses;
	uint64_t sealed;

	run(line, 500000, 1 << 20, false);
	line->broken = true;
	line->bytes_per_s = 0;
	for (unsigned n = 0; n < 5000; n++)
		send_bulk(line, false);
	assert_true(frame_queue_bytes(line->outlet.queue) <= QUEUE_MAX_BYTES);
	assert_true(committed(line) <= 60000); /* what is sealed stays little */
	outlet_losses(&line->outlet);
	sealed = line->bulk_sealed;
	for (unsigned ms = 0; ms < 1600; ms++) {
		line->now_us += 1000;
		if (line->now_us >= outlet_due_us(&line->outlet))
			outlet_flush(&line->outlet);
	}
	losses = outlet_losses(&line->outlet);
	assert_true(losses.old > 1000);
	assert_int_equal(line->bulk_sealed, sealed);
	assert_int_equal(frame_pool_used(line->scene->pool), 0);
	losses = outlet_losses(&line->outlet);
	assert_int_equal(losses.old, 0);

	line->broken = false;
	line->bytes_per_s = 100 * MBIT;
	run(line, 500000, 1 << 20, false);
	assert_true(line->bulk_sealed - sealed > 100 * MBIT / 3);
	line_free(line);
}

static void a_reset_forgets(void **state)
{
	struct line *line = line_new(1000 * MBIT, true);

	run(line, 500000, 1 << 20, false);
	assert_true(outlet_waits(&line->outlet));
	outlet_reset(&line->outlet);
	assert_false(outlet_waits(&line->outlet));
	assert_int_equal(frame_pool_used(line->scene->pool), 0);
	line->limits = 0;
	line->unsent = line->sealed = 0;
	send_bulk(line, false);
	assert_int_equal(line->limits, 1); /* the new connection is told */
	assert_int_equal(line->limit, DRAIN_LIMIT_START);
	line_free(line);
}

/* System calls: the limit follows the rate, not its noise. */
static void a_steady_line_is_told_once(void **state)
{
	struct line *line = line_new(60 * MBIT, true);

	run(line, 1000000, 1 << 20, false);
	line->limits = 0;
	run(line, 2000000, 1 << 20, false);
	assert_int_equal(line->limits, 0);
	line_free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ping_passes_a_stream),
		cmocka_unit_test(a_turn_ends_in_time),
		cmocka_unit_test(tcp_that_searches_gets_more),
		cmocka_unit_test(the_beginning_is_careful),
		cmocka_unit_test(nothing_waits_while_the_line_drains),
		cmocka_unit_test(our_slowness_is_not_the_lines),
		cmocka_unit_test(a_superframe_is_cut_where_it_must),
		cmocka_unit_test(what_cannot_be_cut),
		cmocka_unit_test(a_checksum_is_made_where_it_must),
		cmocka_unit_test(a_line_that_stands),
		cmocka_unit_test(a_reset_forgets),
		cmocka_unit_test(a_steady_line_is_told_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
