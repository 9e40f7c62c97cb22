/* SPDX-License-Identifier: Apache-2.0 */
/* What hosts were promised, in the state file: every field comes back, scopes are apart, and what no
 * server wrote is left out. */
#include <sqlite3.h>

#include "folder.h"

static char folder[FOLDER_PATH];

static int begin_test(void **state)
{
	folder_make(folder);
	return 0;
}

static int end_test(void **state)
{
	folder_remove(folder);
	return 0;
}

static struct prefix6 prefix(const char *text)
{
	struct prefix6 result;
	struct err err;

	if (prefix6_parse(text, &result, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return result;
}

struct read {
	unsigned count;
	struct state_scope scope[8];
	struct ra_promise promise[8];
};

static void take(void *owner, const struct state_scope *scope, const struct ra_promise *promise)
{
	struct read *read = owner;

	assert_in_range(read->count, 0, 7);
	read->scope[read->count] = *scope;
	read->promise[read->count++] = *promise;
}

static void read_all(struct state *state, struct read *read)
{
	struct err err = { 0 };

	*read = (struct read) { 0 };
	if (state_promises_read(state, take, read, &err) < 0)
		fail_msg("%s", err.text);
}

static void write_one(struct state *state, const char *user, const char *group,
		      const struct ra_promise *promise)
{
	struct ra_promises promises = { .count = promise ? 1 : 0 };
	struct state_scope scope = { 0 };
	struct err err = { 0 };

	strcpy(scope.user, user);
	strcpy(scope.group, group);
	if (promise)
		promises.promise[0] = *promise;
	if (state_promises_begin(state, &err) < 0 ||
	    state_promises_end(state, state_promises_write(state, &scope, &promises, &err), &err) <
		    0)
		fail_msg("%s", err.text);
}

static bool same(const struct ra_promise *a, const struct ra_promise *b)
{
	return prefix6_equal(&a->prefix.prefix, &b->prefix.prefix) &&
	       a->prefix.on_link == b->prefix.on_link &&
	       a->prefix.autonomous == b->prefix.autonomous &&
	       a->prefix.pd_preferred == b->prefix.pd_preferred &&
	       a->prefix.has_router_address == b->prefix.has_router_address &&
	       ip6_equal(&a->prefix.router_address, &b->prefix.router_address) &&
	       a->prefix.valid_s == b->prefix.valid_s &&
	       a->prefix.preferred_s == b->prefix.preferred_s && a->configured == b->configured &&
	       a->counts_down == b->counts_down && a->since_s == b->since_s &&
	       a->until_s == b->until_s;
}

static void every_field_comes_back(void **unused)
{
	const struct prefix6 net = prefix("2001:db8:1::/64");
	const struct {
		const char *what;
		struct ra_promise promise;
	} cases[] = {
		{ "nothing set", { .prefix.prefix = net } },
		{ "on link", { .prefix = { .prefix = net, .on_link = true } } },
		{ "autonomous", { .prefix = { .prefix = net, .autonomous = true } } },
		{ "P", { .prefix = { .prefix = net, .pd_preferred = true } } },
		{ "configured", { .prefix.prefix = net, .configured = true } },
		{ "counts down", { .prefix.prefix = net, .counts_down = true } },
		{ "R",
		  { .prefix = { .prefix = net,
				.has_router_address = true,
				.router_address = prefix("2001:db8:1::7/128").address } } },
		{ "lifetimes", { .prefix = { .prefix = net, .valid_s = 5400, .preferred_s = 1 } } },
		{ "for ever",
		  { .prefix = { .prefix = net,
				.valid_s = RA_FOREVER,
				.preferred_s = RA_FOREVER } } },
		{ "times", { .prefix.prefix = net, .since_s = 1800000000, .until_s = 9800000001 } },
		{ "a short prefix", { .prefix.prefix = prefix("2001:db8::/33") } },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct state *state = must_open(folder);
		struct read read;

		write_one(state, "", "", &cases[i].promise);
		state_close(state);
		state = must_open(folder);
		read_all(state, &read);
		state_close(state);
		if (read.count != 1 || !same(&read.promise[0], &cases[i].promise))
			fail_msg("%s: %u promises came back", cases[i].what, read.count);
	}
}

static void scopes_are_apart(void **unused)
{
	static const struct {
		const char *user, *group;
	} scope[] = { { "", "" }, { "alice", "" }, { "", "alice" }, { "alice", "staff" } };
	struct state *state = must_open(folder);
	struct ra_promise promise = { .prefix.prefix = prefix("2001:db8:1::/64") };
	struct read read;

	for (size_t i = 0; i < ARRAY_LEN(scope); i++) {
		promise.until_s = i;
		write_one(state, scope[i].user, scope[i].group, &promise);
	}
	read_all(state, &read);
	assert_int_equal(read.count, ARRAY_LEN(scope));
	for (unsigned i = 0; i < read.count; i++) {
		assert_string_equal(read.scope[i].user, scope[read.promise[i].until_s].user);
		assert_string_equal(read.scope[i].group, scope[read.promise[i].until_s].group);
	}
	/* writing replaces what that scope had, and nothing else */
	promise.prefix.prefix = prefix("2001:db8:2::/64");
	promise.until_s = 1;
	write_one(state, "alice", "", &promise);
	write_one(state, "", "", NULL);
	read_all(state, &read);
	assert_int_equal(read.count, 3);
	for (unsigned i = 0; i < read.count; i++)
		assert_int_equal(read.promise[i].prefix.prefix.address.octet[5],
				 read.promise[i].until_s == 1 ? 2 : 1);
	state_close(state);
}

/* Several scopes are written together, or none of them. */
static void one_transaction(void **unused)
{
	static const struct state_scope alice = { .user = "alice" }, staff = { .group = "staff" };
	struct ra_promises promises = { .count = 1 };
	struct state *state = must_open(folder);
	struct err err = { 0 };
	struct read read;

	promises.promise[0].prefix.prefix = prefix("2001:db8:1::/64");
	for (int failed = -1; failed <= 0; failed++) {
		assert_int_equal(state_promises_begin(state, &err), 0);
		assert_int_equal(state_promises_write(state, &alice, &promises, &err), 0);
		assert_int_equal(state_promises_write(state, &staff, &promises, &err), 0);
		assert_int_equal(state_promises_end(state, failed, &err), failed);
		state_close(state);
		state = must_open(folder);
		read_all(state, &read);
		assert_int_equal(read.count, failed < 0 ? 0 : 2);
	}
	state_close(state);
}

/* No user needs to exist: who is removed may still have hosts that are to be told. */
static void what_nobody_can_have_written_is_left_out(void **unused)
{
	static const char *const rows[] = {
		"'', '', 'no prefix', 0, '', 1, 1, 1, 1",
		"'', '', '2001:db8::1/64', 0, '', 1, 1, 1, 1",
		"'', '', '2001:db8:1::/64', 0, '', -1, 1, 1, 1",
		"'', '', '2001:db8:2::/64', 0, '', 4294967296, 1, 1, 1",
		"'', '', '2001:db8:3::/64', 0, '', 1, 4294967296, 1, 1",
		"'', '', '2001:db8:4::/64', 0, '', 1, 1, -1, 1",
		"'', '', '2001:db8:5::/64', 0, '', 1, 1, 1, -1",
		"'', '', '2001:db8:6::/64', 0, 'no address', 1, 1, 1, 1",
	};
	struct state *state = must_open(folder);
	struct ra_promise good = { .prefix.prefix = prefix("2001:db8:9::/64") };
	char path[300], sql[256];
	struct read read;
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/state.db", folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(sql, sizeof(sql), "INSERT INTO promise VALUES (%s)", rows[i]);
		assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	}
	sqlite3_close(db);
	write_one(state, "gone", "", &good);
	read_all(state, &read);
	assert_int_equal(read.count, 1);
	assert_true(same(&read.promise[0], &good));
	state_close(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_field_comes_back, begin_test, end_test),
		cmocka_unit_test_setup_teardown(scopes_are_apart, begin_test, end_test),
		cmocka_unit_test_setup_teardown(one_transaction, begin_test, end_test),
		cmocka_unit_test_setup_teardown(what_nobody_can_have_written_is_left_out,
						begin_test, end_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
