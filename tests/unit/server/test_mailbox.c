/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_mailbox.c
 *
 * What threads say to each other: order, fullness, frames, when it is shown and who is woken.
 * The first half has several loops in one thread, so that each turn is the test's; the second
 * half has real threads and is meant for -Db_sanitize=thread too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "server/mailbox.h"

#define WORKER THREAD_WORKER
#define PARTIES 4
#define MESSAGES 30000 /* each way, between threads */
#define ROUNDS 10000

struct party {
	uv_loop_t loop;
	struct mailbox *box;
	uv_thread_t thread;
	const struct mailbox_events *events;
	unsigned got, wrong, turns;
	unsigned last_from;
	enum mail_type last_type;
	bool close_now, send_at_turn_end;
	/* of the threads' tests */
	unsigned sent, added, stopping, acknowledged;
	uv_idle_t again;
	uv_timer_t limit;
};

static struct post_office *office;
static struct party parties[PARTIES];

static void open_party(unsigned thread, const struct mailbox_events *events)
{
	struct party *party = &parties[thread];
	struct err err = { 0 };

	*party = (struct party) { .events = events };
	assert_int_equal(uv_loop_init(&party->loop), 0);
	party->box = mailbox_open(office, thread, &party->loop, events, party, &err);
	assert_non_null(party->box);
}

static void close_party(unsigned thread)
{
	struct party *party = &parties[thread];

	mailbox_close(party->box);
	mailbox_close(party->box); /* twice is fine */
	uv_run(&party->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&party->loop), 0);
}

static void open_office(unsigned threads)
{
	struct err err = { 0 };

	office = post_office_new(threads, &err);
	assert_non_null(office);
}

static void turn(unsigned thread)
{
	uv_run(&parties[thread].loop, UV_RUN_NOWAIT);
}

/* ---- one thread, turn by turn ---- */

/* Bodies are a number, the same at both ends, and its low byte up to the end. */
static void note(void *owner, unsigned from, enum mail_type type, struct bytes body)
{
	struct party *party = owner;
	uint32_t number = 0;

	if (body.len >= sizeof(number)) {
		memcpy(&number, body.data, sizeof(number));
		party->wrong += number != party->got;
		for (size_t i = sizeof(number); i < body.len; i++)
			party->wrong += body.data[i] != (uint8_t)number;
	}
	party->got++;
	party->last_from = from;
	party->last_type = type;
	if (party->close_now)
		mailbox_close(party->box);
}

static void count_turn(void *owner)
{
	struct party *party = owner;

	party->turns++;
	if (party->send_at_turn_end)
		mail_send(party->box, THREAD_CONTROL, MAIL_STOPPED, NULL, 0);
	party->send_at_turn_end = false;
}

static const struct mailbox_events events = { .deliver = note, .turn_end = count_turn };
static const struct mailbox_events no_turn_end = { .deliver = note };

static bool send_number(struct party *from, unsigned to, uint32_t number, size_t len)
{
	uint8_t *room = mail_begin(from->box, to, MAIL_SEEN, len);

	if (!room)
		return false;
	memset(room, (uint8_t)number, len);
	memcpy(room, &number, sizeof(number));
	return true;
}

static void mail_is_shown_when_the_turn_ends(void **state)
{
	open_office(3);
	open_party(THREAD_CONTROL, &no_turn_end);
	open_party(THREAD_GREETER, &events);
	open_party(WORKER, &events);

	assert_true(send_number(&parties[WORKER], THREAD_CONTROL, 0, 4));
	assert_true(send_number(&parties[WORKER], THREAD_CONTROL, 1, 100));
	turn(THREAD_CONTROL);
	assert_int_equal(parties[THREAD_CONTROL].got, 0); /* the sender's turn goes on */
	turn(WORKER);
	assert_int_equal(parties[THREAD_CONTROL].got, 0);
	turn(THREAD_CONTROL);
	assert_int_equal(parties[THREAD_CONTROL].got, 2);
	assert_int_equal(parties[THREAD_CONTROL].wrong, 0);
	assert_int_equal(parties[THREAD_CONTROL].last_from, WORKER);
	assert_int_equal(parties[THREAD_CONTROL].last_type, MAIL_SEEN);
	assert_int_equal(parties[THREAD_GREETER].got, 0);
	turn(THREAD_CONTROL);
	assert_int_equal(parties[THREAD_CONTROL].got, 2); /* once */

	/* what the end of a turn sends belongs to that turn */
	parties[WORKER].send_at_turn_end = true;
	turn(WORKER);
	turn(THREAD_CONTROL);
	assert_int_equal(parties[THREAD_CONTROL].got, 3);
	assert_int_equal(parties[THREAD_CONTROL].last_type, MAIL_STOPPED);
	close_party(THREAD_CONTROL);
	close_party(THREAD_GREETER);
	close_party(WORKER);
	post_office_free(office);
}

static void a_full_ring_refuses_and_recovers(void **state)
{
	static const struct {
		const char *what;
		unsigned from, to;
		size_t len, least;
	} cases[] = {
		{ "small mail to the control thread", WORKER, THREAD_CONTROL, 4, 20000 },
		{ "small mail from it", THREAD_CONTROL, WORKER, 4, 20000 },
		{ "superframes between workers", WORKER, WORKER + 1, 65550, 24 },
		{ "superframes to the control thread", WORKER, THREAD_CONTROL, 65550, 10 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct party *to = &parties[cases[i].to];
		uint32_t sent = 0;

		open_office(4);
		open_party(cases[i].from, &events);
		open_party(cases[i].to, &events);
		while (send_number(&parties[cases[i].from], cases[i].to, sent, cases[i].len))
			sent++;
		if (sent < cases[i].least)
			fail_msg("%s: only %u", cases[i].what, sent);
		assert_false(mail_send(parties[cases[i].from].box, cases[i].to, MAIL_STOP, "x",
				       cases[i].len));
		turn(cases[i].from);
		for (unsigned n = 0; n < 100 && to->got < sent; n++)
			turn(cases[i].to);
		if (to->got != sent || to->wrong > 0)
			fail_msg("%s: %u of %u, %u wrong", cases[i].what, to->got, sent, to->wrong);
		assert_true(send_number(&parties[cases[i].from], cases[i].to, sent, cases[i].len));
		turn(cases[i].from);
		turn(cases[i].to);
		assert_int_equal(to->got, sent + 1);
		close_party(cases[i].from);
		close_party(cases[i].to);
		post_office_free(office);
	}
}

static void what_may_be_lost_leaves_room_for_what_must_not(void **state)
{
	static uint8_t data[FRAME_MAX];
	const struct frame frame = { .bytes = { data, sizeof(data) } };
	const struct mail_frame head = { .action = GUARD_PUNT_RS };
	unsigned punted = 0, frames = 0;

	open_office(4);
	open_party(WORKER, &events);
	struct mailbox *box = parties[WORKER].box;
	while (mail_send_frame(box, THREAD_CONTROL, MAIL_PUNT, &head, &frame))
		punted++;
	while (mail_send_lossy(box, THREAD_CONTROL, MAIL_SEEN, data, 64))
		;
	assert_in_range(punted, 4, 16);
	for (unsigned n = 0; n < 4000; n++)
		assert_true(mail_send(box, THREAD_CONTROL, MAIL_ENDED, data, 64));
	/* between workers there is nothing else to lose */
	while (mail_send_frame(box, WORKER + 1, MAIL_FRAME, &head, &frame))
		frames++;
	assert_true(frames >= 24);
	close_party(WORKER);
	post_office_free(office);
}

static void only_half_of_a_shared_ring_is_for_frames_and_sightings(void **state)
{
	static const struct {
		const char *what;
		unsigned to;
		enum { PLAIN, LOSSY, FRAMES } how;
		size_t least, most; /* bytes that went in */
	} rows[] = {
		{ "sightings to the control thread", THREAD_CONTROL, LOSSY, 500000, 530000 },
		{ "frames to the control thread", THREAD_CONTROL, FRAMES, 500000, 530000 },
		{ "what must not be lost", THREAD_CONTROL, PLAIN, 1000000, 1 << 20 },
		{ "frames to the greeter", THREAD_GREETER, FRAMES, 500000, 530000 },
		{ "frames to another worker", WORKER + 1, FRAMES, 2000000, 2 << 20 },
	};
	static uint8_t data[1000];
	const struct frame frame = { .bytes = { data, sizeof(data) } };
	const struct mail_frame head = { .action = GUARD_PUNT_RS };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t went = 0;
		bool room = true;

		open_office(4);
		open_party(WORKER, &events);
		struct mailbox *box = parties[WORKER].box;
		while (room) {
			switch (rows[i].how) {
			case PLAIN:
				room = mail_send(box, rows[i].to, MAIL_ENDED, data, sizeof(data));
				break;
			case LOSSY:
				room = mail_send_lossy(box, rows[i].to, MAIL_SEEN, data,
						       sizeof(data));
				break;
			case FRAMES:
				room = mail_send_frame(box, rows[i].to, MAIL_PUNT, &head, &frame);
				break;
			}
			went += room ? sizeof(data) : 0;
		}
		if (went < rows[i].least || went > rows[i].most)
			fail_msg("%s: %zu bytes", rows[i].what, went);
		close_party(WORKER);
		post_office_free(office);
	}
}

static void many_workers_share_the_memory(void **state)
{
	static const struct {
		const char *what;
		unsigned workers;
		size_t least, most; /* superframes from one worker to another */
	} rows[] = {
		{ "two workers", 2, 24, 32 },	  { "fourteen workers", 14, 24, 32 },
		{ "twenty workers", 20, 24, 32 }, /* rounded up to a power of two */
		{ "thirty workers", 30, 12, 16 }, { "as many as there may be", WORKERS_MAX, 6, 8 },
	};
	static uint8_t data[FRAME_MAX];
	const struct frame frame = { .bytes = { data, sizeof(data) } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t frames = 0;

		open_office(THREAD_WORKER + rows[i].workers);
		open_party(WORKER, &events);
		while (mail_send_frame(parties[WORKER].box, WORKER + 1, MAIL_FRAME,
				       &(struct mail_frame) { 0 }, &frame))
			frames++;
		if (frames < rows[i].least || frames > rows[i].most)
			fail_msg("%s: %zu superframes", rows[i].what, frames);
		close_party(WORKER);
		post_office_free(office);
	}
}

/* Of 5,000 messages so many are taken in one turn. */
static void must_take(const struct mailbox_events *control, unsigned at_once)
{
	open_office(4);
	open_party(THREAD_CONTROL, control);
	open_party(WORKER, &events);
	open_party(WORKER + 1, &events);
	for (unsigned n = 0; n < 5000; n++)
		assert_true(mail_send(parties[WORKER].box, THREAD_CONTROL, MAIL_ADDED, NULL, 0));
	assert_true(mail_send(parties[WORKER + 1].box, THREAD_CONTROL, MAIL_ENDED, NULL, 0));
	turn(WORKER);
	turn(WORKER + 1);
	turn(THREAD_CONTROL);
	assert_int_equal(parties[THREAD_CONTROL].got, at_once + 1);
	assert_int_equal(parties[THREAD_CONTROL].last_type, MAIL_ENDED);
	turn(THREAD_CONTROL); /* without another word from the sender */
	assert_int_equal(parties[THREAD_CONTROL].got,
			 (2 * at_once < 5000 ? 2 * at_once : 5000) + 1);
	close_party(THREAD_CONTROL);
	close_party(WORKER);
	close_party(WORKER + 1);
	post_office_free(office);
}

static void nobody_is_starved(void **state)
{
	static const struct mailbox_events few = { .deliver = note,
						   .turn_end = count_turn,
						   .budget = 32 };

	must_take(&events, 4096);
	must_take(&few, 32);
}

static void a_closed_box_gets_nothing_more(void **state)
{
	open_office(3);
	open_party(THREAD_CONTROL, &events);
	open_party(WORKER, &events);
	for (unsigned n = 0; n < 3; n++)
		assert_true(mail_send(parties[THREAD_CONTROL].box, WORKER, MAIL_EXIT, NULL, 0));
	turn(THREAD_CONTROL);
	parties[WORKER].close_now = true;
	/* what it still had to say goes out when it closes */
	assert_true(mail_send(parties[WORKER].box, THREAD_CONTROL, MAIL_STOPPED, NULL, 0));
	uv_run(&parties[WORKER].loop, UV_RUN_DEFAULT);
	assert_int_equal(parties[WORKER].got, 1);
	assert_int_equal(uv_loop_close(&parties[WORKER].loop), 0);
	turn(THREAD_CONTROL);
	assert_int_equal(parties[THREAD_CONTROL].got, 1);
	close_party(THREAD_CONTROL);
	post_office_free(office);
}

static void a_box_that_was_never_opened_hurts_nobody(void **state)
{
	/* as when the set-up of a thread failed, after mail was sent to it */
	open_office(4);
	open_party(THREAD_CONTROL, &events);
	assert_true(mail_send(parties[THREAD_CONTROL].box, WORKER, MAIL_POLICY, "x", 1));
	assert_true(mail_send(parties[THREAD_CONTROL].box, WORKER + 1, MAIL_POLICY, "x", 1));
	close_party(THREAD_CONTROL);
	post_office_free(office);
	post_office_free(NULL);
	mailbox_close(NULL);
}

static uint8_t kept[sizeof(struct mail_frame) + FRAME_MAX];
static size_t kept_len;

static void keep(void *owner, unsigned from, enum mail_type type, struct bytes body)
{
	memcpy(kept, body.data, body.len);
	kept_len = body.len;
}

static void frames_arrive_as_they_left(void **state)
{
	static const struct mailbox_events keeping = { .deliver = keep };
	static const size_t lengths[] = { 0, 1, 60, 1514, FRAME_MAX };
	static uint8_t data[FRAME_MAX];
	const struct mail_frame head = { .port = { 7, 0x12345678 },
					 .from = 9,
					 .action = GUARD_PUNT_RS };

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	open_office(4);
	open_party(WORKER, &events);
	open_party(WORKER + 1, &keeping);
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		struct frame read, frame = { .bytes = { data, lengths[i] } };
		struct mail_frame read_head;

		frame.offload = (struct offload) {
			.gso = GSO_TCP6, .needs_csum = true, .gso_size = 1440, .csum_start = 54
		};
		assert_true(mail_send_frame(parties[WORKER].box, WORKER + 1, MAIL_FRAME, &head,
					    &frame));
		turn(WORKER);
		turn(WORKER + 1);
		assert_int_equal(kept_len, sizeof(head) + lengths[i]);
		assert_true(mail_read_frame((struct bytes) { kept, kept_len }, &read_head, &read));
		assert_int_equal(read.bytes.len, lengths[i]);
		assert_memory_equal(read.bytes.data, data, lengths[i]);
		assert_memory_equal(&read.offload, &frame.offload, sizeof(frame.offload));
		assert_int_equal(read_head.port.port, 7);
		assert_int_equal(read_head.port.generation, 0x12345678);
		assert_int_equal(read_head.from, 9);
		assert_int_equal(read_head.action, GUARD_PUNT_RS);
		assert_false(mail_read_frame((struct bytes) { kept, sizeof(head) - 1 }, &read_head,
					     &read));
	}
	close_party(WORKER);
	close_party(WORKER + 1);
	post_office_free(office);
}

/* ---- threads ---- */

static void run_loop(void *arg)
{
	struct party *party = arg;

	uv_run(&party->loop, UV_RUN_DEFAULT);
}

static void too_late(uv_timer_t *timer)
{
	print_error("a thread waits for ever\n");
	abort();
}

/* All handles on the loop are made before the thread that runs it. */
static void open_thread(unsigned thread, const struct mailbox_events *with)
{
	struct party *party = &parties[thread];

	open_party(thread, with);
	uv_timer_init(&party->loop, &party->limit);
	uv_timer_start(&party->limit, too_late, 60000, 0);
	uv_unref((uv_handle_t *)&party->limit);
	uv_idle_init(&party->loop, &party->again);
	party->again.data = party;
}

static void leave(struct party *party)
{
	mailbox_close(party->box);
	uv_close((uv_handle_t *)&party->again, NULL);
	uv_close((uv_handle_t *)&party->limit, NULL);
}

static void join_threads(const unsigned *thread, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(
			uv_thread_create(&parties[thread[i]].thread, run_loop, &parties[thread[i]]),
			0);
	for (unsigned i = 0; i < count; i++)
		uv_thread_join(&parties[thread[i]].thread);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(uv_loop_close(&parties[thread[i]].loop), 0);
	post_office_free(office);
}

static unsigned other_of(const struct party *party)
{
	return party == &parties[WORKER] ? WORKER + 1 : WORKER;
}

static void send_more(uv_idle_t *idle)
{
	struct party *party = idle->data;

	for (unsigned n = 0; n < 500 && party->sent < MESSAGES; n++) {
		if (!send_number(party, other_of(party), party->sent, 4 + party->sent % 1600))
			return; /* full: the other end has its turn first */
		party->sent++;
	}
	if (party->sent == MESSAGES) /* the last one says so */
		uv_idle_stop(idle);
}

static void leave_when_all_is_done(void *owner)
{
	struct party *party = owner;

	if (party->sent == MESSAGES && party->got == MESSAGES && !party->stopping) {
		party->stopping = true;
		mail_send(party->box, other_of(party), MAIL_STOPPED, NULL, 0);
	}
}

static void note_until_stopped(void *owner, unsigned from, enum mail_type type, struct bytes body)
{
	struct party *party = owner;

	if (type != MAIL_STOPPED) {
		note(owner, from, type, body);
		return;
	}
	leave_when_all_is_done(party);
	leave(party);
}

static void two_threads_talk_both_ways(void **state)
{
	static const struct mailbox_events both = { .deliver = note_until_stopped,
						    .turn_end = leave_when_all_is_done };

	open_office(4);
	for (unsigned thread = WORKER; thread <= WORKER + 1; thread++) {
		open_thread(thread, &both);
		uv_idle_start(&parties[thread].again, send_more);
	}
	join_threads((const unsigned[]) { WORKER, WORKER + 1 }, 2);
	for (unsigned thread = WORKER; thread <= WORKER + 1; thread++) {
		assert_int_equal(parties[thread].got, MESSAGES);
		assert_int_equal(parties[thread].wrong, 0);
	}
}

/*
 * How a server ends: the greeter gives a worker its last connection and tells the control
 * thread that it stopped; that tells the worker to stop.  By then the connection is there.
 */
static void as_control(void *owner, unsigned from, enum mail_type type, struct bytes body)
{
	struct party *party = owner;

	if (from == THREAD_GREETER) {
		mail_send(party->box, WORKER, MAIL_STOP, NULL, 0);
	} else if (++party->acknowledged < ROUNDS) {
		mail_send(party->box, THREAD_GREETER, MAIL_STOP, NULL, 0);
	} else {
		mail_send(party->box, THREAD_GREETER, MAIL_EXIT, NULL, 0);
		mail_send(party->box, WORKER, MAIL_EXIT, NULL, 0);
		leave(party);
	}
}

static void as_greeter(void *owner, unsigned from, enum mail_type type, struct bytes body)
{
	struct party *party = owner;

	if (type == MAIL_EXIT) {
		leave(party);
		return;
	}
	mail_send(party->box, WORKER, MAIL_ADD, NULL, 0);
	mail_send(party->box, THREAD_CONTROL, MAIL_STOPPED, NULL, 0);
}

static void as_worker(void *owner, unsigned from, enum mail_type type, struct bytes body)
{
	struct party *party = owner;

	if (type == MAIL_EXIT)
		leave(party);
	else if (type == MAIL_ADD)
		party->added++;
	else
		party->stopping++;
}

static void worker_turn_end(void *owner)
{
	struct party *party = owner;

	if (party->stopping == party->acknowledged)
		return;
	party->wrong += party->added != party->stopping;
	party->acknowledged = party->stopping;
	mail_send(party->box, THREAD_CONTROL, MAIL_STOPPED, NULL, 0);
}

static void what_was_sent_before_a_stop_is_there(void **state)
{
	static const struct mailbox_events control = { .deliver = as_control },
					   greeter = { .deliver = as_greeter },
					   worker = { .deliver = as_worker,
						      .turn_end = worker_turn_end };

	open_office(3);
	open_thread(THREAD_CONTROL, &control);
	open_thread(THREAD_GREETER, &greeter);
	open_thread(WORKER, &worker);
	assert_true(mail_send(parties[THREAD_CONTROL].box, THREAD_GREETER, MAIL_STOP, NULL, 0));
	join_threads((const unsigned[]) { THREAD_CONTROL, THREAD_GREETER, WORKER }, 3);
	assert_int_equal(parties[WORKER].added, ROUNDS);
	assert_int_equal(parties[WORKER].wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mail_is_shown_when_the_turn_ends),
		cmocka_unit_test(a_full_ring_refuses_and_recovers),
		cmocka_unit_test(what_may_be_lost_leaves_room_for_what_must_not),
		cmocka_unit_test(only_half_of_a_shared_ring_is_for_frames_and_sightings),
		cmocka_unit_test(many_workers_share_the_memory),
		cmocka_unit_test(nobody_is_starved),
		cmocka_unit_test(a_closed_box_gets_nothing_more),
		cmocka_unit_test(a_box_that_was_never_opened_hurts_nobody),
		cmocka_unit_test(frames_arrive_as_they_left),
		cmocka_unit_test(two_threads_talk_both_ways),
		cmocka_unit_test(what_was_sent_before_a_stop_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
