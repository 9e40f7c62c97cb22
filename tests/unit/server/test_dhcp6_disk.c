/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_dhcp6_disk.c
 *
 * No answer leaves before what it promises is on disk, whatever the disk does meanwhile.  The server
 * is only what is needed for that: a loop, a state file, a box for mail, and one worker's, which
 * takes what is sent.
 */
#include <setjmp.h>
#include <stdarg.h>

#include "disk.h"
#include "server/dhcp6_private.h"

static struct server server;
static struct dhcp6_server *dhcp6;
static struct mailbox *worker;
static char sent[32]; /* the last byte of each answer that has left */

/* ---- around each test ---- */

static void take(void *owner, unsigned from, enum mail_type type, struct bytes body)
{
	if (type == MAIL_INJECT && strlen(sent) + 1 < sizeof(sent))
		sent[strlen(sent)] = (char)body.data[body.len - 1];
}

static void turn_end(void *owner)
{
	dhcp6_server_turn_end(dhcp6);
}

static const struct mailbox_events control = { .deliver = take, .turn_end = turn_end },
				   workers = { .deliver = take };

static void need(bool is, const struct err *err)
{
	if (!is)
		fail_msg("%s", err->text);
}

static int begin_test(void **unused)
{
	struct err err = { 0 };

	folder_make(folder);
	disk_begin();
	memset(sent, 0, sizeof(sent));
	server = (struct server) { .config.ra.dhcp6.per_user = 100 };
	uv_loop_init(&server.loop);
	server.state = must_open(folder);
	server.events = events_new();
	server.office = post_office_new(THREAD_WORKER + 1, &err);
	need(server.office, &err);
	dhcp6 = server.dhcp6 = calloc(1, sizeof(*dhcp6));
	assert_non_null(dhcp6);
	dhcp6->server = &server;
	uv_timer_init(&server.loop, &dhcp6->timer);
	uv_unref((uv_handle_t *)&dhcp6->timer);
	dhcp6->routes = dhcp6_routes_new(&server, &err);
	need(dhcp6->routes, &err);
	need(dhcp6_disk_open(dhcp6, &err) == 0, &err);
	dhcp6->leases = dhcp6_new_table(&server, &err);
	need(dhcp6->leases, &err);
	server.box =
		mailbox_open(server.office, THREAD_CONTROL, &server.loop, &control, NULL, &err);
	worker = mailbox_open(server.office, THREAD_WORKER, &server.loop, &workers, NULL, &err);
	need(server.box && worker, &err);
	disk.log_syncs = 0;
	return 0;
}

static int end_test(void **unused)
{
	mailbox_close(worker);
	mailbox_close(server.box);
	dhcp6_disk_close(dhcp6);
	dhcp6_routes_free(dhcp6->routes);
	dhcp6_leases_free(dhcp6->leases);
	uv_close((uv_handle_t *)&dhcp6->timer, NULL);
	uv_run(&server.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&server.loop), 0);
	post_office_free(server.office);
	events_free(server.events);
	state_close(server.state);
	free(dhcp6);
	disk_end();
	folder_remove(folder);
	return 0;
}

/* A lease with this last byte, and an answer of this name that promises it. */
static void give(char name)
{
	struct dhcp6_identity identity = { .user = "alice",
					   .duid = { 4, { 0, 3, 0, (uint8_t)name } } };
	struct prefix6 what = { .len = 128 };
	struct dhcp6_waiting letter = { .len = 1 };

	what.address.octet[0] = 0x20;
	what.address.octet[15] = (uint8_t)name;
	struct dhcp6_lease *lease =
		dhcp6_leases_add(dhcp6->leases, &what, DHCP6_ADDRESS, &identity, NOW_S);
	assert_non_null(lease);
	lease->valid_s = DHCP6_FOREVER;
	dhcp6_lease_activate(dhcp6->leases, lease, NOW_S);
	dhcp6_hold(dhcp6, &letter, (const uint8_t *)&name);
}

static void hold_nothing_new(char name)
{
	struct dhcp6_waiting letter = { .len = 1 };

	dhcp6_hold(dhcp6, &letter, (const uint8_t *)&name);
}

static void turns(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		uv_run(&server.loop, UV_RUN_NOWAIT);
}

static void run_until_sent(const char *names)
{
	while (strlen(sent) < strlen(names))
		uv_run(&server.loop, UV_RUN_ONCE);
	turns(2);
	assert_string_equal(sent, names);
}

static void count_row(void *owner, const struct dhcp6_lease *row)
{
	++*(unsigned *)owner;
}

static unsigned rows(void)
{
	unsigned count = 0, bad = 0;
	struct err err = { 0 };

	need(state_leases_read(server.state, count_row, &count, &bad, &err) == 0, &err);
	assert_int_equal(bad, 0);
	return count;
}

/* ---- the tests ---- */

static void an_answer_waits_for_the_disk(void **unused)
{
	disk.holds = true;
	give('a');
	turns(1);
	disk_wait_held();
	assert_int_equal(rows(), 1); /* committed, and still only a promise */
	give('b');
	hold_nothing_new('n');
	turns(3);
	assert_string_equal(sent, "");
	assert_int_equal(rows(), 1); /* one at a time: `b` is for the next one */

	disk_let_go();
	run_until_sent("abn");
	assert_int_equal(rows(), 2);
	assert_int_equal(disk.log_syncs, 2);

	hold_nothing_new('o'); /* all is on disk already */
	run_until_sent("abno");
	assert_int_equal(disk.log_syncs, 2);
}

static void a_failed_sync_acknowledges_nothing(void **unused)
{
	disk.fails = true;
	give('a');
	while (!dhcp6->failing)
		uv_run(&server.loop, UV_RUN_ONCE);
	turns(2);
	assert_string_equal(sent, "");

	/* nothing new, but nobody knows what is on disk */
	hold_nothing_new('n');
	turns(3);
	assert_string_equal(sent, "");
	assert_true(dhcp6->failing);

	disk.fails = false;
	give('b');
	run_until_sent("b");
	assert_false(dhcp6->failing);
	assert_int_equal(rows(), 2);
}

static void a_failed_commit_acknowledges_nothing(void **unused)
{
	struct err err = { 0 };

	need(state_leases_begin(dhcp6->on_disk, &err) == 0, &err); /* the next one cannot begin */
	give('a');
	turns(2);
	assert_true(dhcp6->failing);
	assert_string_equal(sent, "");
	state_leases_rollback(dhcp6->on_disk);
	give('b');
	run_until_sent("b");
	assert_int_equal(rows(), 2); /* what could not be saved was still to be saved */
}

static void who_saves_waits_for_the_disk(void **unused)
{
	give('a');
	turns(1);
	give('b');
	assert_int_equal(dhcp6_save(dhcp6), 0);
	assert_int_equal(rows(), 2);
	assert_int_equal(disk.log_syncs, 2);
	run_until_sent("ab");
	disk.fails = true;
	give('c');
	assert_int_equal(dhcp6_save(dhcp6), -1);
	disk.fails = false;
	assert_int_equal(dhcp6_save(dhcp6), 0);
}

static void no_answer_is_without_room(void **unused)
{
	static uint8_t payload[DHCP6_MAX_MESSAGE];
	struct dhcp6_waiting letter = { .len = sizeof(payload) };

	payload[sizeof(payload) - 1] = '-';
	give('a');
	while (dhcp6_has_room(dhcp6))
		dhcp6_hold(dhcp6, &letter, payload);
	assert_in_range(dhcp6->held.len, DHCP6_LETTERS_BYTES - 2 * sizeof(payload),
			DHCP6_LETTERS_BYTES);
	dhcp6_finish(dhcp6);
	assert_true(dhcp6_has_room(dhcp6));
	turns(2);
	assert_int_equal(sent[0], 'a');
	assert_int_equal(sent[1], '-');
}

#define WITH_DISK(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DISK(an_answer_waits_for_the_disk),
		WITH_DISK(a_failed_sync_acknowledges_nothing),
		WITH_DISK(a_failed_commit_acknowledges_nothing),
		WITH_DISK(who_saves_waits_for_the_disk),
		WITH_DISK(no_answer_is_without_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
