/* SPDX-License-Identifier: Apache-2.0 */
/* Leases in the state file: every field comes back, a transaction is all or nothing, and what no server
 * wrote is left out. */
#include <sqlite3.h>

#include "folder.h"
#include "server/state_leases.h"

static char folder[FOLDER_PATH];
static struct state *on_disk;

static int begin_test(void **state)
{
	struct err err = { 0 };

	folder_make(folder);
	on_disk = state_open(folder, &err);
	return on_disk ? 0 : -1;
}

static int end_test(void **state)
{
	state_close(on_disk);
	folder_remove(folder);
	return 0;
}

static struct state_leases *open_leases(void)
{
	struct err err = { 0 };
	struct state_leases *leases = state_leases_open(on_disk, &err);

	if (!leases)
		fail_msg("%s", err.text);
	return leases;
}

static struct dhcp6_lease lease_of(uint64_t row, const char *what)
{
	struct dhcp6_lease lease = {
		.row = row,
		.kind = DHCP6_ADDRESS,
		.state = DHCP6_ACTIVE,
		.user = "alice",
		.duid = { 4, { 0, 3, 0, 1 } },
		.iaid = 0xfffffffe,
		.reconfigure = true,
		.has_mac = true,
		.mac = { { 2, 0, 0, 0, 0, 1 } },
		.host = "laptop",
		.since_s = NOW_S - 100,
		.renewed_s = NOW_S,
		.until_s = NOW_S + 3600,
		.preferred_s = 1800,
		.valid_s = DHCP6_FOREVER,
		.interface_id = { 3, { 'e', 0, 0xff } },
		.remote_id = { 4, { 0, 0, 0, 9 } },
	};
	struct err err = { 0 };

	must(ip6_parse("fe80::1", &lease.peer, &err), &err);
	must(prefix6_parse(what, &lease.what, &err), &err);
	return lease;
}

struct read {
	unsigned count;
	struct dhcp6_lease row[8];
};

static void take(void *owner, const struct dhcp6_lease *row)
{
	struct read *read = owner;

	assert_in_range(read->count, 0, 7);
	read->row[read->count++] = *row;
}

static unsigned read_all(struct read *read)
{
	struct err err = { 0 };
	unsigned bad;

	*read = (struct read) { 0 };
	must(state_leases_read(on_disk, take, read, &bad, &err), &err);
	return bad;
}

static void put_one(const struct dhcp6_lease *lease)
{
	struct state_leases *leases = open_leases();
	struct err err = { 0 };

	must(state_leases_begin(leases, &err), &err);
	must(state_leases_put(leases, lease, &err), &err);
	must(state_leases_commit(leases, &err), &err);
	state_leases_close(leases);
}

static void assert_same(const struct dhcp6_lease *a, const struct dhcp6_lease *b)
{
	assert_int_equal(a->row, b->row);
	assert_true(prefix6_equal(&a->what, &b->what));
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->state, b->state);
	assert_string_equal(a->user, b->user);
	assert_true(dhcp6_duid_equal(&a->duid, &b->duid));
	assert_int_equal(a->iaid, b->iaid);
	assert_int_equal(a->reconfigure, b->reconfigure);
	assert_int_equal(a->has_mac, b->has_mac);
	assert_true(mac_equal(&a->mac, &b->mac));
	assert_string_equal(a->host, b->host);
	assert_true(ip6_equal(&a->peer, &b->peer));
	assert_int_equal(a->since_s, b->since_s);
	assert_int_equal(a->renewed_s, b->renewed_s);
	assert_int_equal(a->until_s, b->until_s);
	assert_int_equal(a->preferred_s, b->preferred_s);
	assert_int_equal(a->valid_s, b->valid_s);
	assert_memory_equal(&a->interface_id, &b->interface_id, sizeof(a->interface_id));
	assert_memory_equal(&a->remote_id, &b->remote_id, sizeof(a->remote_id));
	assert_int_equal(a->takes_exclude, b->takes_exclude);
	assert_true(prefix6_equal(&a->excluded, &b->excluded));
}

static void every_field_comes_back(void **state)
{
	struct dhcp6_lease full = lease_of(7, "2001:db8::1/128");
	struct dhcp6_lease bare = lease_of(INT64_MAX, "2001:db8:f000::/56");
	struct dhcp6_lease excluding = lease_of(8, "2001:db8:f000:100::/56");
	struct dhcp6_lease asking = lease_of(9, "2001:db8:f000:200::/56");
	struct err err = { 0 };
	struct read read;

	bare.kind = DHCP6_PREFIX;
	bare.state = DHCP6_REMEMBERED;
	bare.has_mac = bare.reconfigure = false;
	bare.mac = (struct mac) { 0 };
	bare.host[0] = '\0';
	bare.until_s = UINT64_MAX;
	bare.duid.len = DHCP6_DUID_MAX;
	bare.remote_id = bare.interface_id = (struct dhcp6_relay_id) { 0 };
	excluding.kind = asking.kind = DHCP6_PREFIX;
	excluding.takes_exclude = asking.takes_exclude = true;
	must(prefix6_parse("2001:db8:f000:1ff::/64", &excluding.excluded, &err), &err);
	memset(excluding.remote_id.octet, 'r', sizeof(excluding.remote_id.octet));
	excluding.remote_id.len = sizeof(excluding.remote_id.octet);
	put_one(&bare);
	put_one(&full); /* their numbers say the order */
	put_one(&excluding);
	put_one(&asking);
	assert_int_equal(read_all(&read), 0);
	assert_int_equal(read.count, 4);
	assert_same(&read.row[0], &full);
	assert_same(&read.row[1], &excluding);
	assert_same(&read.row[2], &asking);
	assert_same(&read.row[3], &bare);
}

static void a_row_is_one_lease(void **state)
{
	struct dhcp6_lease lease = lease_of(1, "2001:db8::1/128");
	struct state_leases *leases = open_leases();
	struct err err = { 0 };
	struct read read;

	put_one(&lease);
	strcpy(lease.user, "bob");
	put_one(&lease);
	lease.kind = DHCP6_REGISTERED; /* beside the leased one */
	lease.row = 2;
	put_one(&lease);
	assert_int_equal(read_all(&read), 0);
	assert_int_equal(read.count, 2);
	assert_string_equal(read.row[0].user, "bob");
	must(state_leases_begin(leases, &err), &err);
	must(state_leases_remove(leases, &lease, &err), &err);
	must(state_leases_remove(leases, &lease, &err), &err); /* is gone already */
	must(state_leases_commit(leases, &err), &err);
	read_all(&read);
	assert_int_equal(read.count, 1);
	assert_int_equal(read.row[0].kind, DHCP6_ADDRESS);
	state_leases_close(leases);
}

static void what_is_rolled_back_never_was(void **state)
{
	struct dhcp6_lease lease = lease_of(1, "2001:db8::1/128");
	struct state_leases *leases = open_leases();
	struct err err = { 0 };
	struct read read;

	must(state_leases_begin(leases, &err), &err);
	must(state_leases_put(leases, &lease, &err), &err);
	state_leases_rollback(leases);
	read_all(&read);
	assert_int_equal(read.count, 0);
	must(state_leases_begin(leases, &err), &err);
	must(state_leases_put(leases, &lease, &err), &err);
	must(state_leases_commit(leases, &err), &err);
	read_all(&read);
	assert_int_equal(read.count, 1);
	state_leases_close(leases);
}

static void sql(const char *text)
{
	char path[FOLDER_PATH + 16];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/%s", folder, STATE_FILE);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static const struct {
	const char *what, *sql;
} damages[] = {
	{ "a number that is none", "UPDATE lease SET id = -1" },
	{ "no address", "UPDATE lease SET what = 'x'" },
	{ "bits beyond the length", "UPDATE lease SET what = '2001:db8::1/64'" },
	{ "another kind", "UPDATE lease SET kind = 'x'" },
	{ "registered, but not its kind", "UPDATE lease SET registered = 1" },
	{ "another state", "UPDATE lease SET state = 'x'" },
	{ "a user's name that is too long", "UPDATE lease SET user = hex(zeroblob(32))" },
	{ "no DUID", "UPDATE lease SET duid = x''" },
	{ "a short DUID", "UPDATE lease SET duid = x'0001'" },
	{ "a long DUID", "UPDATE lease SET duid = zeroblob(131)" },
	{ "half a MAC", "UPDATE lease SET mac = x'020000'" },
	{ "half a peer", "UPDATE lease SET peer = x'fe80'" },
	{ "a host's name that is too long", "UPDATE lease SET host = hex(zeroblob(32))" },
	{ "a relay's id that is too long", "UPDATE lease SET remote_id = zeroblob(49)" },
	{ "another one", "UPDATE lease SET interface_id = zeroblob(49)" },
	{ "no prefix that is excluded", "UPDATE lease SET excluded = 'x'" },
	{ "an IAID below 0", "UPDATE lease SET iaid = -1" },
	{ "an IAID above 32 bits", "UPDATE lease SET iaid = 4294967296" },
	{ "a lifetime below 0", "UPDATE lease SET valid_s = -1" },
	{ "a lifetime above 32 bits", "UPDATE lease SET preferred_s = 4294967296" },
};

static void what_nobody_wrote_is_left_out(void **state)
{
	struct dhcp6_lease lease = lease_of(1, "2001:db8::1/128"),
			   good = lease_of(2, "2001:db8::2/128");
	struct read read;

	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		char text[256];

		put_one(&lease);
		snprintf(text, sizeof(text), "%s WHERE what = '2001:db8::1/128'", damages[i].sql);
		sql(text);
		put_one(&good);
		unsigned bad = read_all(&read);
		if (bad != 1 || read.count != 1)
			fail_msg("%s: %u bad, %u good", damages[i].what, bad, read.count);
		sql("DELETE FROM lease");
	}
}

static void a_clock_that_was_set_moves_all(void **state)
{
	struct dhcp6_lease lease = lease_of(1, "2001:db8::1/128"),
			   endless = lease_of(2, "2001:db8::2/128");
	struct err err = { 0 };
	struct read read;
	uint64_t newest_s;

	must(state_leases_newest(on_disk, &newest_s, &err), &err);
	assert_int_equal(newest_s, 0);
	endless.until_s = UINT64_MAX;
	endless.renewed_s = NOW_S + 5;
	put_one(&lease);
	put_one(&endless);
	must(state_leases_newest(on_disk, &newest_s, &err), &err);
	assert_int_equal(newest_s, NOW_S + 5);
	must(state_leases_shift(on_disk, 86400, &err), &err);
	read_all(&read);
	assert_int_equal(read.row[0].since_s, lease.since_s + 86400);
	assert_int_equal(read.row[0].renewed_s, lease.renewed_s + 86400);
	assert_int_equal(read.row[0].until_s, lease.until_s + 86400);
	assert_int_equal(read.row[1].until_s, UINT64_MAX);
	must(state_leases_shift(on_disk, -(NOW_S + 86400), &err), &err);
	read_all(&read);
	assert_int_equal(read.row[0].since_s, 0); /* not before time began */
	assert_int_equal(read.row[0].until_s, 3600);
}

static char lines[256];

static void take_line(void *owner, const char *line)
{
	strcat(strcat(lines, line), "; ");
}

static void reservations_are_kept(void **state)
{
	struct err err = { 0 };

	lines[0] = '\0';
	must(state_reservation_put(on_disk, "2001:db8::1", "alice 2001:db8::1", &err), &err);
	must(state_reservation_put(on_disk, "2001:db8::2", "bob 2001:db8::2", &err), &err);
	must(state_reservation_put(on_disk, "2001:db8::1", "carol 2001:db8::1", &err), &err);
	must(state_reservation_remove(on_disk, "2001:db8::2", &err), &err);
	must(state_reservations_read(on_disk, take_line, NULL, &err), &err);
	assert_string_equal(lines, "carol 2001:db8::1; ");
	assert_int_equal(state_reservation_remove(on_disk, "2001:db8::2", &err), -1);
	assert_int_equal(err.kind, ERR_NO_OBJECT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_field_comes_back, begin_test, end_test),
		cmocka_unit_test_setup_teardown(a_row_is_one_lease, begin_test, end_test),
		cmocka_unit_test_setup_teardown(what_is_rolled_back_never_was, begin_test,
						end_test),
		cmocka_unit_test_setup_teardown(what_nobody_wrote_is_left_out, begin_test,
						end_test),
		cmocka_unit_test_setup_teardown(a_clock_that_was_set_moves_all, begin_test,
						end_test),
		cmocka_unit_test_setup_teardown(reservations_are_kept, begin_test, end_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
