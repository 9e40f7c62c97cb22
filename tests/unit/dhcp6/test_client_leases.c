/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_client_leases.c
 *
 * What a client holds: lifetimes, times to renew, prefixes that come and go; and our client with
 * our server.  RFC 9915 14.2, 18.2.10.1, 18.3, 21.21, 21.22.
 */
#include "tests/unit/dhcp6/client_scene.h"

#define QUICK "07 XXXXXX" CLIENT SERVER "000e 0000 "

static void take_answer(struct bench *bench, const char *ia)
{
	char answer[1024];

	bench_begin(bench);
	dhcp6_client_start(&bench->client, bench->now_ms, 0);
	assert_string_not_equal(sends(bench), "");
	snprintf(answer, sizeof(answer), QUICK "%s", ia);
	(void)hears(bench, answer);
}

#define ONE(t1, t2, preferred, valid) \
	"0019 0029 " PD_IA t1 " " t2 " " PREFIX(preferred, valid, "0100")
#define NEVER DHCP6_CLIENT_NEVER_MS

static void times_to_renew(void **state)
{
	static const struct {
		const char *what, *ia;
		uint64_t t1_s, t2_s; /* UINT64_MAX: never */
	} rows[] = {
		{ "as said", ONE("00000064", "000000a0", "000000c8", "00000190"), 100, 160 },
		{ "ours: half and four fifths of preferred",
		  ONE("00000000", "00000000", "000000c8", "00000190"), 100, 160 },
		{ "T1 said, T2 ours", ONE("00000032", "00000000", "000000c8", "00000190"), 50,
		  160 },
		{ "T2 said, T1 ours", ONE("00000000", "00000096", "000000c8", "00000190"), 100,
		  150 },
		{ "no longer preferred: of valid",
		  ONE("00000000", "00000000", "00000000", "00000190"), 200, 320 },
		{ "for ever", ONE("00000000", "00000000", "ffffffff", "ffffffff"), NEVER, NEVER },
		{ "never again, the server says",
		  ONE("ffffffff", "ffffffff", "000000c8", "00000190"), NEVER, NEVER },
		{ "not ten times a second", ONE("00000001", "00000001", "000000c8", "00000190"), 5,
		  5 },
		{ "the shortest of two prefixes counts",
		  "0019 0046 " PD_IA "00000000 00000000 " PREFIX("000000c8", "00000190", "0100")
			  PREFIX("00000064", "00000190", "0200"),
		  50, 80 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bench bench;

		take_answer(&bench, rows[i].ia);
		uint64_t t1_ms = bench.client.t1_ms, t2_ms = bench.client.t2_ms;
		if (rows[i].t1_s != NEVER)
			t1_ms -= bench.now_ms;
		if (rows[i].t2_s != NEVER)
			t2_ms -= bench.now_ms;
		if (t1_ms != (rows[i].t1_s == NEVER ? NEVER : rows[i].t1_s * 1000) ||
		    t2_ms != (rows[i].t2_s == NEVER ? NEVER : rows[i].t2_s * 1000))
			fail_msg("%s: T1 %llu ms, T2 %llu ms", rows[i].what,
				 (unsigned long long)t1_ms, (unsigned long long)t2_ms);
	}
}

/* Which prefixes may be given at all; text of the prefix that is then used, "" if none is. */
static void prefixes_that_nobody_has_are_passed_over(void **state)
{
	static const struct {
		const char *what, *len_and_address, *used;
	} rows[] = {
		{ "a /56", "38 20010db8 00010100 00000000 00000000", "2001:db8:1:100::/56" },
		{ "a /64", "40 20010db8 00010100 00000000 00000000", "2001:db8:1:100::/64" },
		{ "a /65", "41 20010db8 00010100 00000000 00000000", "" },
		{ "a /16", "10 20010000 00000000 00000000 00000000", "2001::/16" },
		{ "a /15", "0f 20000000 00000000 00000000 00000000", "" },
		{ "everything", "00 00000000 00000000 00000000 00000000", "" },
		{ "129 bits", "81 20010db8 00010100 00000000 00000000", "" },
		{ "unique local", "30 fd000001 00020000 00000000 00000000", "fd00:1:2::/48" },
		{ "link-local", "38 fe800000 00000000 00000000 00000000", "" },
		{ "multicast", "38 ff020000 00000000 00000000 00000000", "" },
		{ "mapped IPv4", "38 00000000 00000000 0000ffff 00000000", "" },
		{ "21.22: bits behind its length are not looked at",
		  "38 20010db8 000101ff ffffffff ffffffff", "2001:db8:1:100::/56" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char ia[256], text[PREFIX6_TEXT];
		struct bench bench;

		snprintf(ia, sizeof(ia),
			 "0019 0029 " PD_IA "00000064 000000a0 001a 0019 000000c8 00000190 %s",
			 rows[i].len_and_address);
		take_answer(&bench, ia);
		const struct dhcp6_held *held = dhcp6_client_prefix(&bench.client, bench.now_ms);
		const char *used = held ? prefix6_text(&held->prefix, text) : "";
		if (strcmp(used, rows[i].used) != 0)
			fail_msg("%s: '%s' is not '%s'", rows[i].what, used, rows[i].used);
	}
}

static const char *used(struct bench *bench)
{
	static char text[PREFIX6_TEXT];
	const struct dhcp6_held *held = dhcp6_client_prefix(&bench->client, bench->now_ms);

	return held ? prefix6_text(&held->prefix, text) : "";
}

/* An answer to a Renew that takes the old prefix back and gives another one: renumbering. */
static void a_prefix_is_replaced(void **state)
{
	struct bench bench;

	take_answer(&bench, ONE("00000064", "000000a0", "000000c8", "00000190"));
	assert_string_equal(used(&bench), "2001:db8:1:100::/56");
	bench.now_ms += 100000;
	assert_string_not_equal(sends(&bench), "");
	/* the old one no longer preferred, and a new one: used from now on, both are held */
	assert_int_equal(hears(&bench, "07 XXXXXX" CLIENT SERVER "0019 0046 " PD_IA
				       "00000064 000000a0 " PREFIX("00000000", "00000190", "0100")
					       PREFIX("000000c8", "00000190", "0200")),
			 DHCP6_HEARD_TAKEN);
	assert_string_equal(used(&bench), "2001:db8:1:200::/56");
	assert_int_equal(bench.client.held_count, 2);
	/* a Reply that is about one of them leaves the other as it was */
	bench.now_ms += 50000;
	dhcp6_client_start(&bench.client, bench.now_ms, 0);
	assert_string_not_equal(sends(&bench), "");
	assert_int_equal(hears(&bench, "07 XXXXXX" CLIENT SERVER "0019 0029 " PD_IA
				       "00000064 000000a0 " PREFIX("00000000", "00000190", "0100")),
			 DHCP6_HEARD_TAKEN);
	assert_string_equal(used(&bench), "2001:db8:1:200::/56");
	assert_int_equal(bench.client.held_count, 2);
	bench.now_ms += 100000;
	assert_string_equal(
		sends(&bench),
		"Renew client server elapsed-time:2 option-request:4 reconfigure-accept:0 pd(7 "
		"0/0 2001:db8:1:100::/56 0/0 2001:db8:1:200::/56 0/0)");
	/* the old one gone */
	assert_int_equal(hears(&bench, "07 XXXXXX" CLIENT SERVER "0019 0046 " PD_IA
				       "00000064 000000a0 " PREFIX("00000000", "00000000", "0100")
					       PREFIX("000000c8", "00000190", "0200")),
			 DHCP6_HEARD_TAKEN);
	assert_int_equal(bench.client.held_count, 1);
	assert_string_equal(used(&bench), "2001:db8:1:200::/56");
	bench.now_ms += 100000;
	assert_string_not_equal(sends(&bench), "");
	/* and the last one */
	(void)hears(&bench, "07 XXXXXX" CLIENT SERVER "0019 0029 " PD_IA
			    "00000064 000000a0 " PREFIX("00000000", "00000000", "0200"));
	assert_string_equal(used(&bench), "");
	assert_int_equal(bench.client.state, DHCP6_CLIENT_SOLICITING);
}

static void what_is_preferred_is_used_and_the_oldest_of_those(void **state)
{
	struct bench bench;

	take_answer(&bench,
		    "0019 0046 " PD_IA "00000000 00000000 " PREFIX("00000064", "00000190", "0100")
			    PREFIX("000000c8", "0000012c", "0200"));
	assert_string_equal(used(&bench), "2001:db8:1:100::/56");
	bench.now_ms += 100000;
	assert_string_equal(used(&bench), "2001:db8:1:200::/56");
	bench.now_ms += 100000;
	assert_string_equal(used(&bench), "2001:db8:1:100::/56");
	bench.now_ms += 100000; /* 0200 is over */
	(void)sends(&bench);
	assert_int_equal(bench.client.held_count, 1);
	bench.now_ms += 100000;
	(void)sends(&bench);
	assert_string_equal(used(&bench), "");
}

/* More prefixes than there is room for: the first stay, and no byte is written behind them. */
static void a_table_that_is_full(void **state)
{
	struct bench bench;

	take_answer(&bench,
		    "0019 009d " PD_IA "00000064 000000a0 " PREFIX("000000c8", "00000190", "0100")
			    PREFIX("000000c8", "00000190", "0200")
				    PREFIX("000000c8", "00000190", "0300")
					    PREFIX("000000c8", "00000190", "0400")
						    PREFIX("000000c8", "00000190", "0500"));
	assert_int_equal(bench.client.held_count, DHCP6_REPLY_PREFIXES);
	bench.now_ms += 100000;
	assert_string_not_equal(sends(&bench), "");
	assert_int_equal(hears(&bench, "07 XXXXXX" CLIENT SERVER "0019 0029 " PD_IA
				       "00000064 000000a0 " PREFIX("000000c8", "00000190", "0600")),
			 DHCP6_HEARD_TAKEN);
	assert_int_equal(bench.client.held_count, DHCP6_REPLY_PREFIXES);
	assert_string_equal(used(&bench), "2001:db8:1:100::/56");
}

static void of_two_ias_with_our_number_the_first_counts(void **state)
{
	struct bench bench;

	take_answer(&bench,
		    "0019 0029 " PD_IA "00000064 000000a0 " PREFIX(
			    "000000c8", "00000190",
			    "0100") "0019 0029 " PD_IA
				    "00000032 00000050 " PREFIX("000000c8", "00000190", "0200"));
	assert_string_equal(used(&bench), "2001:db8:1:100::/56");
	assert_int_equal(bench.client.held_count, 1);
	assert_int_equal(bench.client.t1_ms, bench.now_ms + 100000);
}

static void a_hint_from_another_life(void **state)
{
	struct prefix6 hint = prefix_of("2001:db8:1:100::/56");
	struct bench bench;

	bench_begin(&bench);
	bench.client = dhcp6_client_of(&bench.client.duid, IAID, &hint);
	assert_string_equal(used(&bench), "");
	dhcp6_client_start(&bench.client, bench.now_ms, 0);
	assert_string_equal(sends(&bench), "Solicit client elapsed-time:2 option-request:4 "
					   "reconfigure-accept:0 rapid-commit:0 pd(7 0/0 "
					   "2001:db8:1:100::/56 0/0)");
}

/* ---- with our own server ---- */

/* All that is due goes to the server, and back comes what it says. */
static void talk(struct bench *bench, struct scene *scene)
{
	uint8_t message[DHCP6_CLIENT_MAX_MESSAGE], answer[2048];
	struct writer w = writer_over(message, sizeof(message));
	static struct dhcp6_request request;

	scene->now_s = NOW_S + bench->now_ms / 1000;
	dhcp6_leases_expire(scene->leases, scene->now_s);
	while (dhcp6_client_take(&bench->client, bench->now_ms, bench->dice, &w)) {
		struct writer back = writer_over(answer, sizeof(answer));

		assert_int_equal(dhcp6_request_parse(writer_bytes(&w), &request), DHCP6_PARSED);
		assert_int_equal(dhcp6_answer(scene->leases, &scene->link, &scene->arrival,
					      &request, scene->now_s, &back),
				 DHCP6_ANSWERED);
		enum dhcp6_heard heard = dhcp6_client_answer(&bench->client, writer_bytes(&back),
							     bench->now_ms, bench->dice);
		assert_true(heard == DHCP6_HEARD_TAKEN || heard == DHCP6_HEARD_NOTHING_GIVEN);
		w = writer_over(message, sizeof(message));
	}
}

static struct dhcp6_lease *lease_in(struct scene *scene)
{
	struct prefix6 all = prefix_of("2001:db8:1::/48");

	return dhcp6_leases_overlap(scene->leases, &all, NULL);
}

/* In as many steps as it takes, and never behind what is due. */
static void talk_until(struct bench *bench, struct scene *scene, uint64_t end_ms)
{
	while (bench->now_ms < end_ms) {
		uint64_t due_ms = dhcp6_client_due_ms(&bench->client);

		bench->now_ms = due_ms < end_ms ? due_ms : end_ms;
		talk(bench, scene);
	}
}

static void get_and_keep(struct bench *bench, struct scene *scene, bool rapid)
{
	bench_begin(bench);
	scene_begin(scene);
	scene->link.rapid_commit = rapid;
	dhcp6_client_start(&bench->client, bench->now_ms, 0);
	talk(bench, scene);
	assert_int_equal(bench->client.held_count, rapid);
	talk_until(bench, scene, bench->now_ms + 1001);
	assert_string_equal(used(bench), "2001:db8:1:100::/56");
	assert_int_equal(lease_in(scene)->state, DHCP6_ACTIVE);
	for (unsigned renewed = 0; renewed < 20; renewed++) {
		bench->now_ms = dhcp6_client_due_ms(&bench->client);
		talk(bench, scene);
		assert_string_equal(used(bench), "2001:db8:1:100::/56");
		assert_int_equal(lease_in(scene)->renewed_s, scene->now_s);
	}
	/* the link was away: it is asked for again, and still there */
	dhcp6_client_start(&bench->client, bench->now_ms, 0);
	talk(bench, scene);
	assert_int_equal(bench->client.state, DHCP6_CLIENT_BOUND);
}

static void our_server_gives_keeps_and_takes(void **state)
{
	struct bench bench;
	struct scene scene;

	for (unsigned rapid = 0; rapid < 2; rapid++) {
		get_and_keep(&bench, &scene, rapid);
		/* released behind its back: NoBinding, then a Request gets the same again */
		dhcp6_lease_release(scene.leases, lease_in(&scene), scene.now_s);
		bench.now_ms = dhcp6_client_due_ms(&bench.client);
		talk(&bench, &scene);
		assert_int_equal(bench.client.state, DHCP6_CLIENT_BOUND);
		assert_int_equal(lease_in(&scene)->state, DHCP6_ACTIVE);
		/* another pool: it gets the new one, and the old one is not used any more */
		scene.link.pool[1] = parts_of("2001:db8:1:200::/56", 56);
		bench.now_ms = dhcp6_client_due_ms(&bench.client);
		talk(&bench, &scene);
		assert_string_equal(used(&bench), "2001:db8:1:200::/56");
		/* none at all: what it has is not extended, and ends */
		scene.link.pool_count = 1;
		talk_until(&bench, &scene, bench.now_ms + scene.link.valid_s * 1000ull);
		assert_string_equal(used(&bench), "");
		scene_end(&scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_to_renew),
		cmocka_unit_test(prefixes_that_nobody_has_are_passed_over),
		cmocka_unit_test(a_prefix_is_replaced),
		cmocka_unit_test(what_is_preferred_is_used_and_the_oldest_of_those),
		cmocka_unit_test(a_table_that_is_full),
		cmocka_unit_test(of_two_ias_with_our_number_the_first_counts),
		cmocka_unit_test(a_hint_from_another_life),
		cmocka_unit_test(our_server_gives_keeps_and_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
