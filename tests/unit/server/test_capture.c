/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_capture.c - a capture from its workers' side and its reader's. */
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/capture.h"

#define WORKERS 2
#define ALICE ((struct mail_port) { 5, 17 })
#define BOB ((struct mail_port) { 6, 18 })
#define CAROL ((struct mail_port) { 7, 19 })
#define READ_MAX (64u << 20)

static struct capture *capture;
static int reader = -1;
static uint8_t *got; /* what it read */
static size_t got_len;

static void do_nothing(void *owner)
{
}

static void wait_for_phase(enum capture_phase phase)
{
	while (capture_phase(capture) < phase)
		sched_yield();
}

/* Up to where it runs, or, with a filter that is none, has ended. */
static void begin(struct capture_order order)
{
	struct err err = { 0 };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	reader = fds[1];
	order.id = 3;
	strcpy(order.of, "alice");
	order.workers = WORKERS;
	order.max_ports = 16;
	if (order.snaplen == 0)
		order.snaplen = PCAPNG_SNAPLEN;
	capture = capture_new(&order, fds[0], do_nothing, NULL, &err);
	if (!capture)
		fail_msg("%s", err.text);
	wait_for_phase(CAPTURE_READY);
	if (capture_phase(capture) == CAPTURE_DONE)
		return;
	capture_name(capture, &ALICE, "alice (7)");
	for (unsigned i = 0; i < WORKERS; i++)
		capture_join(capture);
	/* until it says that it runs */
	assert_int_equal(poll(&(struct pollfd) { .fd = reader, .events = POLLIN }, 1, -1), 1);
}

/* Reads to the end. */
static void read_all(void)
{
	got_len = 0;
	for (ssize_t n; (n = read(reader, got + got_len, READ_MAX - got_len)) > 0;)
		got_len += (size_t)n;
}

static void done(void)
{
	close(reader);
	wait_for_phase(CAPTURE_DONE);
	capture_leave(capture);
	capture_free(capture);
}

static void put(unsigned worker, struct mail_port port, enum pcapng_direction direction,
		const char *bytes, size_t len)
{
	const struct frame frame = { .bytes = { (const uint8_t *)bytes, len } };

	capture_put(capture, worker, &port, direction, &frame);
	capture_turn_end(capture, worker);
}

/* ---- what the reader got, as a text ---- */

static void describe(const struct pcapng_block *block, char *text, size_t cap)
{
	static const char *const direction[] = { "?", "in", "out" };
	size_t len = strlen(text);

	text += len;
	cap -= len;
	switch (block->kind) {
	case PCAPNG_SECTION: snprintf(text, cap, "section\n"); break;
	case PCAPNG_INTERFACE: snprintf(text, cap, "interface %s\n", block->name); break;
	case PCAPNG_PACKET:
		snprintf(text, cap, "frame %u %s %.*s/%u\n", block->packet.interface,
			 direction[block->packet.direction], (int)block->packet.bytes.len - 14,
			 (const char *)block->packet.bytes.data + 14, block->packet.original_len);
		break;
	case PCAPNG_STATISTICS:
		snprintf(text, cap, "received %llu, dropped %llu\n",
			 (unsigned long long)block->statistics.received,
			 (unsigned long long)block->statistics.dropped);
		break;
	case PCAPNG_OTHER: snprintf(text, cap, "other\n"); break;
	}
}

static void assert_got(const char *wanted)
{
	static char text[65536];
	const char *newline = memchr(got, '\n', got_len);
	struct pcapng_block block;

	assert_non_null(newline);
	size_t line = (size_t)(newline - (const char *)got) + 1;
	struct reader r = reader_over((struct bytes) { got + line, got_len - line });

	snprintf(text, sizeof(text), "%.*s", (int)line, (const char *)got);
	while (pcapng_read(&r, &block))
		describe(&block, text, sizeof(text));
	assert_false(r.bad);
	assert_int_equal(r.left, 0);
	assert_string_equal(text, wanted);
}

#define HEAD "{\"schema\":1,\"capture\":3}\nsection\ninterface alice\n"
#define ETHER    \
	"333333" \
	"000001" \
	"ab"

static void frames_come_with_interface_and_direction(void **state)
{
	begin((struct capture_order) { 0 });
	put(0, ALICE, PCAPNG_IN, ETHER "one", 17);
	put(0, ALICE, PCAPNG_OUT, ETHER "two", 17);
	put(1, CAROL, PCAPNG_IN, ETHER "three", 19); /* nobody said who that is */
	capture_name(capture, &BOB, "bob (8)");
	put(1, BOB, PCAPNG_OUT, ETHER "four", 18);
	shutdown(reader, SHUT_WR);
	read_all();
	assert_got(HEAD "interface alice (7)\nframe 1 in one/17\nframe 1 out two/17\n"
			"frame 0 in three/19\ninterface bob (8)\nframe 2 out four/18\n"
			"received 4, dropped 0\n");
	wait_for_phase(CAPTURE_DONE);
	assert_int_equal(capture_counts(capture).frames, 4);
	assert_string_equal(capture_why(capture), "its reader wanted no more");
	done();
}

static void a_filter_and_a_length_are_kept(void **state)
{
	struct capture_order order = { .snaplen = 16 };

	strcpy(order.filter, "ether[14] = 0x79"); /* y */
	begin(order);
	put(0, ALICE, PCAPNG_IN, ETHER "yes", 17);
	put(0, ALICE, PCAPNG_IN, ETHER "no", 16);
	put(0, ALICE, PCAPNG_IN, ETHER "y", 15);
	capture_stop(capture, NULL);
	read_all();
	assert_got(HEAD "interface alice (7)\nframe 1 in ye/17\nframe 1 in y/15\n"
			"received 2, dropped 0\n");
	done();
}

static void a_checksum_left_to_others_is_filled_in(void **state)
{
	static const char bytes[] = ETHER "\0\0\0\0\0\2\0\3";
	const struct frame frame = {
		.bytes = { (const uint8_t *)bytes, 14 + 8 },
		.offload = { .needs_csum = true, .csum_start = 18, .csum_offset = 0 },
	};
	struct pcapng_block block;

	begin((struct capture_order) { 0 });
	capture_put(capture, 0, &ALICE, PCAPNG_IN, &frame);
	capture_turn_end(capture, 0);
	capture_stop(capture, NULL);
	read_all();
	struct reader r = reader_over((struct bytes) { got, got_len });
	reader_take(&r, strlen("{\"schema\":1,\"capture\":3}\n"));
	do
		assert_true(pcapng_read(&r, &block));
	while (block.kind != PCAPNG_PACKET);
	/* of 2 and 3 */
	assert_memory_equal(block.packet.bytes.data + 18, "\xff\xfa\0\3", 4);
	done();
}

static const struct {
	const char *what;
	struct capture_order order;
	const char *wanted, *why;
} limits[] = {
	{ "frames",
	  { .frames = 2 },
	  HEAD "interface alice (7)\nframe 1 in one/17\nframe 1 in two/17\n"
	       "received 3, dropped 0\n",
	  "it has as many frames as were asked for" },
	{ "bytes: not one frame fits",
	  { .bytes = 1000 },
	  HEAD "received 3, dropped 0\n",
	  "it is as large as was asked for" },
	{ "time",
	  { .seconds = 1 },
	  HEAD "interface alice (7)\nframe 1 in one/17\nframe 1 in two/17\nframe 1 in three/19\n"
	       "received 3, dropped 0\n",
	  "its time is over" },
};

static void it_ends_at_its_limits(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		begin(limits[i].order);
		/* one turn: all three are there when the first is looked at */
		for (const char *const *text = (const char *const[]) { ETHER "one", ETHER "two",
								       ETHER "three", NULL };
		     *text; text++) {
			const struct frame frame = { .bytes = { (const uint8_t *)*text,
								strlen(*text) } };
			capture_put(capture, 0, &ALICE, PCAPNG_IN, &frame);
		}
		capture_turn_end(capture, 0);
		read_all(); /* to the end, which comes by itself */
		assert_got(limits[i].wanted);
		wait_for_phase(CAPTURE_DONE);
		assert_string_equal(capture_why(capture), limits[i].why);
		done();
	}
}

static void a_reader_that_is_slow_loses_frames_which_are_counted(void **state)
{
	static char bytes[60000];
	struct capture_counts counts;
	unsigned puts = 0;

	begin((struct capture_order) { 0 });
	do {
		put(0, ALICE, PCAPNG_IN, bytes, sizeof(bytes));
		counts = capture_counts(capture);
	} while (++puts < 100000 && counts.lost < 10);
	assert_true(counts.lost >= 10); /* and no put waited */
	assert_true(puts < 1000);	/* what is kept for the reader has an end */
	capture_stop(capture, NULL);
	read_all();
	wait_for_phase(CAPTURE_DONE);
	counts = capture_counts(capture);
	assert_int_equal(counts.frames + counts.lost, puts);
	done();
}

static void a_reader_that_went_ends_it(void **state)
{
	begin((struct capture_order) { 0 });
	close(reader);
	wait_for_phase(CAPTURE_DONE);
	/* whichever comes first: a write that fails, or the look at it */
	assert_int_equal(strncmp(capture_why(capture), "its reader w", 12), 0);
	put(0, ALICE, PCAPNG_IN, ETHER "one", 17); /* a worker may not know yet */
	reader = -1;
	done();
}

/* It does not read, nor will it: the end waits for it, but not for ever. */
static void a_reader_that_stands_still_does_not_keep_it(void **state)
{
	static char bytes[60000];

	begin((struct capture_order) { 0 });
	for (unsigned i = 0; i < 100; i++)
		put(0, ALICE, PCAPNG_IN, bytes, sizeof(bytes));
	capture_stop(capture, NULL);
	wait_for_phase(CAPTURE_DONE);
	assert_string_equal(capture_why(capture), "its reader went away");
	done();
}

/* Its time is over for a reader that stands still, too: there are few captures for all. */
static void its_time_ends_beside_a_reader_that_stands_still(void **state)
{
	static char bytes[60000];

	begin((struct capture_order) { .seconds = 1 });
	for (unsigned i = 0; i < 100; i++)
		put(0, ALICE, PCAPNG_IN, bytes, sizeof(bytes));
	wait_for_phase(CAPTURE_DONE);
	assert_string_equal(capture_why(capture), "its time is over");
	done();
}

static void what_is_no_filter_is_said(void **state)
{
	struct capture_order order = { 0 };

	strcpy(order.filter, "icmp6 and");
	begin(order);
	read_all();
	got[got_len] = '\0';
	assert_non_null(strstr((char *)got, "\"error\":\"filter 'icmp6 and': "));
	assert_non_null(strstr((char *)got, "\"status\":2}\n"));
	done();
}

static void what_cannot_begin_is_said(void **state)
{
	struct err err = { 0 };
	int fds[2];
	struct capture_order order = { .snaplen = 100, .workers = WORKERS, .max_ports = 16 };

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	reader = fds[1];
	capture = capture_new(&order, fds[0], do_nothing, NULL, &err);
	wait_for_phase(CAPTURE_READY);
	err_set(&err, "the disk is full");
	capture_stop(capture, &err);
	read_all();
	got[got_len] = '\0';
	assert_string_equal((char *)got, "{\"error\":\"the disk is full\",\"status\":1}\n");
	done();
}

static int begin_tests(void **state)
{
	signal(SIGPIPE, SIG_IGN);
	got = malloc(READ_MAX + 1);
	return got ? 0 : -1;
}

static int end_tests(void **state)
{
	free(got);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_with_interface_and_direction),
		cmocka_unit_test(a_filter_and_a_length_are_kept),
		cmocka_unit_test(a_checksum_left_to_others_is_filled_in),
		cmocka_unit_test(it_ends_at_its_limits),
		cmocka_unit_test(a_reader_that_is_slow_loses_frames_which_are_counted),
		cmocka_unit_test(a_reader_that_went_ends_it),
		cmocka_unit_test(a_reader_that_stands_still_does_not_keep_it),
		cmocka_unit_test(its_time_ends_beside_a_reader_that_stands_still),
		cmocka_unit_test(what_is_no_filter_is_said),
		cmocka_unit_test(what_cannot_begin_is_said),
	};

	return cmocka_run_group_tests(tests, begin_tests, end_tests);
}
