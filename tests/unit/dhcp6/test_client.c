/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_client.c
 *
 * Which answers a client takes in which state, what it then asks, and when.  RFC 9915 15, 16, 18.2.
 */
#include "tests/unit/dhcp6/client_scene.h"

#define GIVEN "0019 0029 " PD_IA "00000064 000000a0 " PREFIX("000000c8", "00000190", "0100")
#define ASKS " pd(7 0/0)"
#define HELD " pd(7 0/0 2001:db8:1:100::/56 0/0)"
#define ELAPSED " elapsed-time:2 option-request:4 reconfigure-accept:0"
#define SOLICIT "Solicit client" ELAPSED " rapid-commit:0"
#define REQUEST "Request client server" ELAPSED
#define RENEW "Renew client server" ELAPSED
#define REBIND "Rebind client" ELAPSED

/* One answer in a state, and the state after it. */
static const struct {
	const char *what;
	enum dhcp6_client_state in;
	const char *message;
	enum dhcp6_heard heard;
	enum dhcp6_client_state then;
} answers[] = {
	/* 16.3, 16.10 */
	{ "an Advertise", DHCP6_CLIENT_SOLICITING, "02 XXXXXX" CLIENT SERVER GIVEN,
	  DHCP6_HEARD_TAKEN, DHCP6_CLIENT_SOLICITING },
	{ "another transaction's", DHCP6_CLIENT_SOLICITING, "02 fffffe" CLIENT SERVER GIVEN,
	  DHCP6_HEARD_STALE, DHCP6_CLIENT_SOLICITING },
	{ "without our id", DHCP6_CLIENT_SOLICITING, "02 XXXXXX" SERVER GIVEN,
	  DHCP6_HEARD_NOT_FOR_US, DHCP6_CLIENT_SOLICITING },
	{ "another client's", DHCP6_CLIENT_SOLICITING, "02 XXXXXX" CLIENT_B SERVER GIVEN,
	  DHCP6_HEARD_NOT_FOR_US, DHCP6_CLIENT_SOLICITING },
	{ "our id twice", DHCP6_CLIENT_SOLICITING, "02 XXXXXX" CLIENT CLIENT SERVER GIVEN,
	  DHCP6_HEARD_NOT_FOR_US, DHCP6_CLIENT_SOLICITING },
	{ "of nobody", DHCP6_CLIENT_SOLICITING, "02 XXXXXX" CLIENT GIVEN, DHCP6_HEARD_NO_SERVER_ID,
	  DHCP6_CLIENT_SOLICITING },
	{ "of two servers", DHCP6_CLIENT_SOLICITING, "02 XXXXXX" CLIENT SERVER OTHER_SERVER GIVEN,
	  DHCP6_HEARD_NO_SERVER_ID, DHCP6_CLIENT_SOLICITING },
	{ "a server id of two bytes", DHCP6_CLIENT_SOLICITING,
	  "02 XXXXXX" CLIENT "0002 0002 0003 " GIVEN, DHCP6_HEARD_NO_SERVER_ID,
	  DHCP6_CLIENT_SOLICITING },
	{ "a client's message", DHCP6_CLIENT_SOLICITING, "01 XXXXXX" CLIENT SERVER GIVEN,
	  DHCP6_HEARD_WRONG_TYPE, DHCP6_CLIENT_SOLICITING },
	{ "nothing", DHCP6_CLIENT_SOLICITING, "", DHCP6_HEARD_MALFORMED, DHCP6_CLIENT_SOLICITING },
	{ "half an option", DHCP6_CLIENT_SOLICITING, "02 XXXXXX" CLIENT SERVER GIVEN "0007 00",
	  DHCP6_HEARD_MALFORMED, DHCP6_CLIENT_SOLICITING },
	{ "a Reply that was not asked for so soon", DHCP6_CLIENT_SOLICITING,
	  "07 XXXXXX" CLIENT SERVER GIVEN, DHCP6_HEARD_WRONG_TYPE, DHCP6_CLIENT_SOLICITING },
	{ "a Reply at once", DHCP6_CLIENT_SOLICITING, "07 XXXXXX" CLIENT SERVER "000e 0000" GIVEN,
	  DHCP6_HEARD_TAKEN, DHCP6_CLIENT_BOUND },
	{ "NoBinding at once says nothing of what was never had", DHCP6_CLIENT_SOLICITING,
	  "07 XXXXXX" CLIENT SERVER "000e 0000 0019 0012 " PD_IA "00000000 00000000 000d 0002 0003",
	  DHCP6_HEARD_NOTHING_GIVEN, DHCP6_CLIENT_SOLICITING },
	{ "preference 255 is not waited out", DHCP6_CLIENT_SOLICITING,
	  "02 XXXXXX" CLIENT SERVER "0007 0001 ff" GIVEN, DHCP6_HEARD_TAKEN,
	  DHCP6_CLIENT_REQUESTING },
	{ "preference 254 is", DHCP6_CLIENT_SOLICITING,
	  "02 XXXXXX" CLIENT SERVER "0007 0001 fe" GIVEN, DHCP6_HEARD_TAKEN,
	  DHCP6_CLIENT_SOLICITING },
	/* 18.2.9: offers of nothing */
	{ "NoPrefixAvail", DHCP6_CLIENT_SOLICITING,
	  "02 XXXXXX" CLIENT SERVER "0019 0012 " PD_IA "00000000 00000000 000d 0002 0006",
	  DHCP6_HEARD_NOTHING_GIVEN, DHCP6_CLIENT_SOLICITING },
	{ "NoPrefixAvail with a prefix", DHCP6_CLIENT_SOLICITING,
	  "02 XXXXXX" CLIENT SERVER "0007 0001 ff 0019 002f " PD_IA "00000000 00000000 000d 0002 "
	  "0006 " PREFIX("000000c8", "00000190", "0100"),
	  DHCP6_HEARD_NOTHING_GIVEN, DHCP6_CLIENT_SOLICITING },
	{ "a status of the whole message", DHCP6_CLIENT_SOLICITING,
	  "02 XXXXXX" CLIENT SERVER "0007 0001 ff 000d 0002 0001" GIVEN, DHCP6_HEARD_NOTHING_GIVEN,
	  DHCP6_CLIENT_SOLICITING },
	{ "another IA's prefix", DHCP6_CLIENT_SOLICITING,
	  "02 XXXXXX" CLIENT SERVER "0007 0001 ff 0019 0029 00000008 00000064 000000a0 " PREFIX(
		  "000000c8", "00000190", "0100"),
	  DHCP6_HEARD_NOTHING_GIVEN, DHCP6_CLIENT_SOLICITING },
	{ "an address is no prefix", DHCP6_CLIENT_SOLICITING,
	  "02 XXXXXX" CLIENT SERVER "0007 0001 ff " NA1("0007", "0010"), DHCP6_HEARD_NOTHING_GIVEN,
	  DHCP6_CLIENT_SOLICITING },
	{ "21.21: T1 behind T2", DHCP6_CLIENT_SOLICITING,
	  "02 XXXXXX" CLIENT SERVER "0007 0001 ff 0019 0029 " PD_IA
	  "000000a1 000000a0 " PREFIX("000000c8", "00000190", "0100"),
	  DHCP6_HEARD_NOTHING_GIVEN, DHCP6_CLIENT_SOLICITING },
	{ "21.22: preferred for longer than valid", DHCP6_CLIENT_SOLICITING,
	  "02 XXXXXX" CLIENT SERVER "0007 0001 ff 0019 0029 " PD_IA
	  "00000064 000000a0 " PREFIX("00000191", "00000190", "0100"),
	  DHCP6_HEARD_NOTHING_GIVEN, DHCP6_CLIENT_SOLICITING },
	{ "a prefix that failed", DHCP6_CLIENT_SOLICITING,
	  "02 XXXXXX" CLIENT SERVER "0007 0001 ff 0019 002f " PD_IA "00000064 000000a0 001a 001f "
	  "000000c8 00000190 38 20010db8 00010100 00000000 00000000 000d 0002 0001",
	  DHCP6_HEARD_NOTHING_GIVEN, DHCP6_CLIENT_SOLICITING },
	{ "half a status of a prefix", DHCP6_CLIENT_SOLICITING,
	  "02 XXXXXX" CLIENT SERVER "0007 0001 ff 0019 002e " PD_IA "00000064 000000a0 001a 001e "
	  "000000c8 00000190 38 20010db8 00010100 00000000 00000000 000d 0001 00",
	  DHCP6_HEARD_MALFORMED, DHCP6_CLIENT_SOLICITING },
	/* replies to a Request */
	{ "a Reply", DHCP6_CLIENT_REQUESTING, "07 XXXXXX" CLIENT SERVER GIVEN, DHCP6_HEARD_TAKEN,
	  DHCP6_CLIENT_BOUND },
	{ "of a server that was not asked", DHCP6_CLIENT_REQUESTING,
	  "07 XXXXXX" CLIENT OTHER_SERVER GIVEN, DHCP6_HEARD_OTHER_SERVER,
	  DHCP6_CLIENT_REQUESTING },
	{ "a late Advertise", DHCP6_CLIENT_REQUESTING, "02 XXXXXX" CLIENT SERVER GIVEN,
	  DHCP6_HEARD_WRONG_TYPE, DHCP6_CLIENT_REQUESTING },
	{ "UnspecFail: it goes on", DHCP6_CLIENT_REQUESTING,
	  "07 XXXXXX" CLIENT SERVER "000d 0002 0001", DHCP6_HEARD_NOTHING_GIVEN,
	  DHCP6_CLIENT_REQUESTING },
	{ "NoPrefixAvail: it begins anew", DHCP6_CLIENT_REQUESTING,
	  "07 XXXXXX" CLIENT SERVER "0019 0012 " PD_IA "00000000 00000000 000d 0002 0006",
	  DHCP6_HEARD_NOTHING_GIVEN, DHCP6_CLIENT_SOLICITING },
	{ "only what is over", DHCP6_CLIENT_REQUESTING,
	  "07 XXXXXX" CLIENT SERVER "0019 0029 " PD_IA
	  "00000064 000000a0 " PREFIX("00000000", "00000000", "0100"),
	  DHCP6_HEARD_NOTHING_GIVEN, DHCP6_CLIENT_SOLICITING },
	/* to a Renew */
	{ "a Reply to a Renew", DHCP6_CLIENT_RENEWING, "07 XXXXXX" CLIENT SERVER GIVEN,
	  DHCP6_HEARD_TAKEN, DHCP6_CLIENT_BOUND },
	{ "another server's", DHCP6_CLIENT_RENEWING, "07 XXXXXX" CLIENT OTHER_SERVER GIVEN,
	  DHCP6_HEARD_OTHER_SERVER, DHCP6_CLIENT_RENEWING },
	{ "18.2.10.1: NoBinding", DHCP6_CLIENT_RENEWING,
	  "07 XXXXXX" CLIENT SERVER "0019 0012 " PD_IA "00000000 00000000 000d 0002 0003",
	  DHCP6_HEARD_TAKEN, DHCP6_CLIENT_REQUESTING },
	{ "NoPrefixAvail: it keeps what it has", DHCP6_CLIENT_RENEWING,
	  "07 XXXXXX" CLIENT SERVER "0019 0012 " PD_IA "00000000 00000000 000d 0002 0006",
	  DHCP6_HEARD_NOTHING_GIVEN, DHCP6_CLIENT_RENEWING },
	{ "not a word of our IA", DHCP6_CLIENT_RENEWING, "07 XXXXXX" CLIENT SERVER,
	  DHCP6_HEARD_NOTHING_GIVEN, DHCP6_CLIENT_RENEWING },
	/* to a Rebind, of either kind */
	{ "any server may answer a Rebind", DHCP6_CLIENT_REBINDING,
	  "07 XXXXXX" CLIENT OTHER_SERVER GIVEN, DHCP6_HEARD_TAKEN, DHCP6_CLIENT_BOUND },
	{ "that the link is the same", DHCP6_CLIENT_CONFIRMING,
	  "07 XXXXXX" CLIENT OTHER_SERVER GIVEN, DHCP6_HEARD_TAKEN, DHCP6_CLIENT_BOUND },
	{ "that it is another", DHCP6_CLIENT_CONFIRMING,
	  "07 XXXXXX" CLIENT SERVER "0019 0012 " PD_IA "00000000 00000000 000d 0002 0003",
	  DHCP6_HEARD_TAKEN, DHCP6_CLIENT_REQUESTING },
	{ "out of the blue", DHCP6_CLIENT_BOUND, "07 XXXXXX" CLIENT SERVER GIVEN,
	  DHCP6_HEARD_WRONG_TYPE, DHCP6_CLIENT_BOUND },
};

static void become_bound(struct bench *bench)
{
	dhcp6_client_start(&bench->client, bench->now_ms, bench->dice);
	assert_string_equal(sends(bench), SOLICIT ASKS);
	assert_int_equal(hears(bench, "07 XXXXXX" CLIENT SERVER "000e 0000" GIVEN),
			 DHCP6_HEARD_TAKEN);
	assert_int_equal(bench->client.state, DHCP6_CLIENT_BOUND);
}

static void bring_into(struct bench *bench, enum dhcp6_client_state state)
{
	bench_begin(bench);
	if (state == DHCP6_CLIENT_SOLICITING || state == DHCP6_CLIENT_REQUESTING) {
		dhcp6_client_start(&bench->client, bench->now_ms, bench->dice);
		sends(bench);
	} else {
		become_bound(bench);
	}
	if (state == DHCP6_CLIENT_REQUESTING)
		hears(bench, "02 XXXXXX" CLIENT SERVER "0007 0001 ff" GIVEN);
	if (state == DHCP6_CLIENT_RENEWING)
		bench->now_ms += 100 * 1000;
	if (state == DHCP6_CLIENT_REBINDING)
		bench->now_ms += 160 * 1000;
	if (state == DHCP6_CLIENT_CONFIRMING)
		dhcp6_client_start(&bench->client, bench->now_ms, bench->dice);
	if (state != DHCP6_CLIENT_SOLICITING && state != DHCP6_CLIENT_BOUND)
		assert_string_not_equal(sends(bench), "");
	assert_int_equal(bench->client.state, state);
}

static void answers_are_taken_or_not(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		struct bench bench;

		bring_into(&bench, answers[i].in);
		enum dhcp6_heard heard = hears(&bench, answers[i].message);
		if (heard != answers[i].heard || bench.client.state != answers[i].then)
			fail_msg("%s: %s, then %s", answers[i].what, dhcp6_heard_name[heard],
				 dhcp6_client_state_name[bench.client.state]);
	}
}

/* What is sent, so many milliseconds after the step before it; dice without luck. */
static const struct send {
	uint64_t after_ms;
	const char *message;
} to_nobody[] = {
	{ 0, SOLICIT ASKS },	{ 1000, "" }, { 1, SOLICIT ASKS }, { 2001, "" },
	{ 1, SOLICIT ASKS },	{ 4004, SOLICIT ASKS }, { 8008, SOLICIT ASKS },
}, renewals[] = {
	{ 99999, "" },		   { 1, RENEW HELD },  { 9999, "" }, { 1, RENEW HELD },
	{ 20000, RENEW HELD },	   { 30000, REBIND HELD }, /* T2 */
	{ 10000, REBIND HELD },	   { 20000, REBIND HELD }, { 40000, REBIND HELD },
	{ 80000, REBIND HELD },	   { 89999, "" }, /* valid for 400 s in all */
	{ 1, SOLICIT HELD },	   /* and a hint of it */
}, confirmation[] = {
	{ 0, REBIND HELD },	{ 1000, REBIND HELD }, { 2000, REBIND HELD },
	{ 4000, REBIND HELD },	{ 2999, "" }, /* CNF_MAX_RD: then it goes on as before */
	{ 1, "" },		{ 89999, "" }, { 1, RENEW HELD },
}, requests[] = {
	{ 0, REQUEST HELD },	 { 1000, REQUEST HELD },  { 2000, REQUEST HELD },
	{ 4000, REQUEST HELD },	 { 8000, REQUEST HELD },  { 16000, REQUEST HELD },
	{ 30000, REQUEST HELD }, { 30000, REQUEST HELD }, { 30000, REQUEST HELD },
	{ 30000, REQUEST HELD }, /* REQ_MAX_RC */
	{ 30000, "" },		 { 1999, "" }, /* and not at once again */
	{ 1, SOLICIT ASKS },
};

static void play_sends(struct bench *bench, const struct send *send, size_t count, const char *what)
{
	for (size_t i = 0; i < count; i++) {
		bench->now_ms += send[i].after_ms;
		/* nothing is forgotten: whoever waits until it says so misses none */
		if (send[i].message[0])
			assert_true(dhcp6_client_due_ms(&bench->client) <= bench->now_ms);
		const char *sent = sends(bench);
		if (strcmp(sent, send[i].message) != 0)
			fail_msg("%s, step %zu: '%s' is not '%s'", what, i, sent, send[i].message);
		assert_string_equal(sends(bench), "");
		assert_true(dhcp6_client_due_ms(&bench->client) > bench->now_ms);
	}
}

static void messages_come_at_their_times(void **state)
{
	struct bench bench;

	bench_begin(&bench);
	dhcp6_client_start(&bench.client, bench.now_ms, 0);
	play_sends(&bench, to_nobody, ARRAY_LEN(to_nobody), "nobody is there");
	bench_begin(&bench);
	become_bound(&bench);
	play_sends(&bench, renewals, ARRAY_LEN(renewals), "renewals");
	assert_null(dhcp6_client_prefix(&bench.client, bench.now_ms));
	bench_begin(&bench);
	become_bound(&bench);
	dhcp6_client_start(&bench.client, bench.now_ms, 0);
	play_sends(&bench, confirmation, ARRAY_LEN(confirmation), "the link came back");
	bench_begin(&bench);
	dhcp6_client_start(&bench.client, bench.now_ms, 0);
	sends(&bench);
	hears(&bench, "02 XXXXXX" CLIENT SERVER "0007 0001 ff" GIVEN);
	play_sends(&bench, requests, ARRAY_LEN(requests), "the server is gone");
}

static void the_first_offer_after_a_second_is_taken_and_the_best_before(void **state)
{
	struct bench bench;

	bring_into(&bench, DHCP6_CLIENT_SOLICITING);
	assert_int_equal(hears(&bench, "02 XXXXXX" CLIENT SERVER "0007 0001 05" GIVEN), 0);
	assert_int_equal(hears(&bench, "02 XXXXXX" CLIENT OTHER_SERVER "0007 0001 06" GIVEN), 0);
	assert_int_equal(hears(&bench, "02 XXXXXX" CLIENT SERVER "0007 0001 06" GIVEN), 0);
	bench.now_ms += 1001;
	assert_string_equal(sends(&bench), REQUEST HELD);
	assert_true(
		dhcp6_duid_equal(&bench.client.server_id,
				 &(struct dhcp6_duid) { 10, { 0, 3, 0, 1, 2, 0, 0, 0, 0, 2 } }));
	bring_into(&bench, DHCP6_CLIENT_SOLICITING);
	bench.now_ms += 1001;
	assert_string_equal(sends(&bench), SOLICIT ASKS);
	assert_int_equal(hears(&bench, "02 XXXXXX" CLIENT SERVER GIVEN), 0);
	assert_string_equal(sends(&bench), REQUEST HELD);
}

static void refusals_make_it_slower_up_to_what_the_server_allows(void **state)
{
	static const char nothing[] = "0019 0012 " PD_IA "00000000 00000000 000d 0002 0006";
	char answer[512];
	struct bench bench;
	uint64_t last_ms = 0;

	bring_into(&bench, DHCP6_CLIENT_REQUESTING);
	for (unsigned i = 1; i < 16; i++) {
		snprintf(answer, sizeof(answer), "07 XXXXXX" CLIENT SERVER "0052 0004 00000e10 %s",
			 nothing);
		assert_int_equal(hears(&bench, answer), DHCP6_HEARD_NOTHING_GIVEN);
		uint64_t wait_ms = dhcp6_client_due_ms(&bench.client) - bench.now_ms;
		assert_int_equal(wait_ms, i < 12 ? 1000ull << i : 3600000);
		assert_true(wait_ms >= last_ms);
		last_ms = wait_ms;
		bench.now_ms += wait_ms;
		assert_string_equal(sends(&bench), SOLICIT ASKS);
		hears(&bench, "02 XXXXXX" CLIENT SERVER "0007 0001 ff" GIVEN);
		assert_string_equal(sends(&bench), REQUEST HELD);
	}
	/* who got something in between begins anew */
	assert_int_equal(hears(&bench, "07 XXXXXX" CLIENT SERVER GIVEN), DHCP6_HEARD_TAKEN);
	assert_int_equal(bench.client.refusals, 0);
}

/* What ends while it is asked for: the question goes on. */
static void a_request_outlives_what_was_had(void **state)
{
	struct bench bench;

	bring_into(&bench, DHCP6_CLIENT_REBINDING);
	bench.now_ms += 239000; /* valid for a second more */
	assert_string_equal(sends(&bench), REBIND HELD);
	assert_int_equal(hears(&bench, "07 XXXXXX" CLIENT SERVER "0019 0012 " PD_IA
				       "00000000 00000000 000d 0002 0003"),
			 DHCP6_HEARD_TAKEN);
	assert_string_equal(sends(&bench), REQUEST HELD);
	bench.now_ms += 1000;
	assert_string_equal(sends(&bench), REQUEST HELD); /* as a hint */
	assert_int_equal(bench.client.state, DHCP6_CLIENT_REQUESTING);
	assert_int_equal(bench.client.held_count, 0);
}

/* 21.24: SOL_MAX_RT counts within its bounds, also of a server that has nothing to give. */
static void the_longest_wait_is_the_servers_to_say(void **state)
{
	static const struct {
		const char *what, *option;
		uint32_t seconds;
	} rows[] = {
		{ "none", "", 3600 },
		{ "59 s", "0052 0004 0000003b", 3600 },
		{ "60 s", "0052 0004 0000003c", 60 },
		{ "a day", "0052 0004 00015180", 86400 },
		{ "more than a day", "0052 0004 00015181", 3600 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char answer[256];
		struct bench bench;

		bring_into(&bench, DHCP6_CLIENT_SOLICITING);
		snprintf(answer, sizeof(answer), "02 XXXXXX" CLIENT SERVER "%s", rows[i].option);
		assert_int_equal(hears(&bench, answer), DHCP6_HEARD_NOTHING_GIVEN);
		if (bench.client.sol_max_rt_s != rows[i].seconds)
			fail_msg("%s: %u", rows[i].what, bench.client.sol_max_rt_s);
		for (unsigned n = 0; n < 20; n++) {
			bench.now_ms = dhcp6_client_due_ms(&bench.client);
			assert_string_equal(sends(&bench), SOLICIT ASKS);
		}
		assert_int_equal(dhcp6_client_due_ms(&bench.client) - bench.now_ms,
				 rows[i].seconds * 1000ull);
	}
}

/* 15: each wait is twice the last one, a tenth more or less; nobody's first Solicit is early. */
static void waits_are_jittered_within_bounds(void **state)
{
	uint64_t dice = 88172645463325252ull;
	bool more = false, less = false;

	for (unsigned n = 0; n < 1000; n++) {
		struct bench bench;
		uint64_t last_ms = 0;

		bench_begin(&bench);
		dice ^= dice << 13, dice ^= dice >> 7, dice ^= dice << 17;
		dhcp6_client_start(&bench.client, bench.now_ms, dice);
		assert_in_range(dhcp6_client_due_ms(&bench.client) - bench.now_ms, 0, 1000);
		for (unsigned i = 0; i < 8; i++) {
			bench.now_ms = dhcp6_client_due_ms(&bench.client);
			dice ^= dice << 13, dice ^= dice >> 7, dice ^= dice << 17;
			bench.dice = dice;
			assert_string_equal(sends(&bench), SOLICIT ASKS);
			uint64_t wait_ms = dhcp6_client_due_ms(&bench.client) - bench.now_ms;
			if (i == 0)
				assert_in_range(wait_ms, 1001, 1101);
			else
				assert_in_range(wait_ms, last_ms * 19 / 10, last_ms * 21 / 10);
			more |= i > 0 && wait_ms > last_ms * 205 / 100;
			less |= i > 0 && wait_ms < last_ms * 195 / 100;
			last_ms = wait_ms;
		}
	}
	assert_true(more && less);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_taken_or_not),
		cmocka_unit_test(messages_come_at_their_times),
		cmocka_unit_test(the_first_offer_after_a_second_is_taken_and_the_best_before),
		cmocka_unit_test(refusals_make_it_slower_up_to_what_the_server_allows),
		cmocka_unit_test(a_request_outlives_what_was_had),
		cmocka_unit_test(the_longest_wait_is_the_servers_to_say),
		cmocka_unit_test(waits_are_jittered_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
