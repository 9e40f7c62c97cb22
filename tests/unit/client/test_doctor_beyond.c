/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_doctor_beyond.c - what the doctor says of DNS, pings, frames and leaks,
 * and which datagrams it takes for answers.
 */
#include <stdio.h>

#include "tests/unit/client/findings.h"

#include "client/doctor_judge_beyond.h"
#include "client/doctor_query.h"

static void resolvers_are_judged(void **state)
{
	static const struct {
		const char *what;
		struct dns_facts facts;
		enum doctor_state state;
		const char *words;
	} cases[] = {
		{ "applied",
		  { .servers = true, .applied = true, .applied_by = "resolvconf" },
		  DOCTOR_OK,
		  "resolvconf" },
		{ "none given", { 0 }, DOCTOR_OK, "gives no DNS server" },
		{ "domains alone, applied",
		  { .domains = true, .applied = true, .applied_by = "systemd-resolved" },
		  DOCTOR_OK,
		  "search domains are applied, by systemd-resolved" },
		{ "domains alone, not applied",
		  { .domains = true, .problem = "nobody there" },
		  DOCTOR_FAILED,
		  "search domains are not applied: nobody there|resolvconf" },
		{ "an office",
		  { .servers = true, .office = true },
		  DOCTOR_OK,
		  "behind the bridge" },
		{ "not wanted", { .servers = true, .ignored = true }, DOCTOR_OK, "dns = ignore" },
		{ "not applied",
		  { .servers = true, .problem = "nobody there" },
		  DOCTOR_FAILED,
		  "nobody there|resolvconf" },
		{ "not yet", { .servers = true }, DOCTOR_FAILED, "are not applied" },
		{ "applied, with a word",
		  { .servers = true, .applied = true, .problem = "it is gone" },
		  DOCTOR_FAILED,
		  "it is gone" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { .check = "dns" };
		struct dns_facts facts = cases[i].facts;

		facts.problem = facts.problem ? facts.problem : "";
		judge_dns(&findings, &facts);
		expect_finding(cases[i].what, &findings, cases[i].state, cases[i].words);
	}
}

static void dns_servers_are_judged(void **state)
{
	static const struct {
		const char *what;
		struct dns_answer_facts facts;
		enum doctor_state state;
		const char *words;
	} cases[] = {
		{ "answers", { .answered = true, .ms = 4 }, DOCTOR_OK, "2001:db8::53|4 ms" },
		{ "there is no such name", { .answered = true, .rcode = 3 }, DOCTOR_OK, "" },
		{ "refuses",
		  { .answered = true, .rcode = 5 },
		  DOCTOR_WARNING,
		  "corp.example SOA with REFUSED|search domain" },
		{ "cannot", { .answered = true, .rcode = 2 }, DOCTOR_WARNING, "SERVFAIL" },
		{ "says something new",
		  { .answered = true, .rcode = 11 },
		  DOCTOR_WARNING,
		  "another code" },
		{ "refuses the root",
		  { .answered = true, .rcode = 5, .is_root = true },
		  DOCTOR_OK,
		  "" },
		{ "silent", { .answered = false }, DOCTOR_FAILED, "does not answer" },
		{ "not there", { .no_way = true }, DOCTOR_FAILED, "no route through the tunnel" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { .check = "dns-answer" };
		struct dns_answer_facts facts = cases[i].facts;

		facts.server = "2001:db8::53";
		facts.question = "corp.example SOA";
		judge_dns_answer(&findings, &facts);
		expect_finding(cases[i].what, &findings, cases[i].state, cases[i].words);
	}
}

static void pings_are_judged(void **state)
{
	static const struct {
		const char *what;
		struct ping_facts facts;
		enum doctor_state state;
		const char *words;
	} cases[] = {
		{ "all",
		  { .link_local_answered = true,
		    .own = "2001:db8:1::1",
		    .target = "2001:db8::53",
		    .target_answered = true,
		    .ms = 5 },
		  DOCTOR_OK,
		  "2001:db8::53, behind|5 ms" },
		{ "the target alone",
		  { .target = "2001:db8::53", .target_answered = true },
		  DOCTOR_OK,
		  "2001:db8::53" },
		{ "the target answers questions",
		  { .link_local_answered = true, .target = "2001:db8::53", .target_spoke = true },
		  DOCTOR_OK,
		  "questions" },
		{ "not the target",
		  { .own = "2001:db8:1::1", .target = "2001:db8::53" },
		  DOCTOR_FAILED,
		  "at 2001:db8:1::1, but 2001:db8::53|forward" },
		{ "only the link",
		  { .link_local_answered = true, .target = "2001:db8::53" },
		  DOCTOR_FAILED,
		  "at fe80::7, but 2001:db8::53" },
		{ "nothing known behind it",
		  { .own = "2001:db8:1::1" },
		  DOCTOR_OK,
		  "2001:db8:1::1|nothing is known" },
		{ "a router without addresses",
		  { .link_local_answered = true },
		  DOCTOR_OK,
		  "fe80::7" },
		{ "nothing",
		  { .target = "2001:db8::53" },
		  DOCTOR_FAILED,
		  "no ping, not even at fe80::7" },
		{ "nothing, and no target", { .ms = 0 }, DOCTOR_FAILED, "no ping" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { .check = "ping" };
		struct ping_facts facts = cases[i].facts;

		facts.link_local = "fe80::7";
		judge_ping(&findings, &facts);
		expect_finding(cases[i].what, &findings, cases[i].state, cases[i].words);
	}
}

static void frames_are_judged(void **state)
{
	static const struct {
		unsigned mtu, passed;
		enum doctor_state state;
		const char *words;
	} cases[] = {
		{ 1500, 1500, DOCTOR_OK, "1500 bytes" },
		{ 1500, 1499, DOCTOR_FAILED, "1500 bytes|1499 bytes pass|mtu = 1499" },
		{ 1500, 0, DOCTOR_FAILED, "not even packets of 1280" },
		{ 1280, 1280, DOCTOR_OK, "1280 bytes" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { .check = "frame" };

		judge_frame(&findings, cases[i].mtu, cases[i].passed);
		expect_finding(cases[i].words, &findings, cases[i].state, cases[i].words);
	}
}

/* Whatever the hole, a few turns of 24 sizes find its edge, and no size is tried in vain. */
static void the_edge_is_found(void **state)
{
	for (unsigned edge = 1280; edge < 9000; edge += 7) {
		unsigned passed = 1280, lost = 9000, turns = 0;

		for (; lost - passed > 1; turns++) {
			unsigned size[24], was_passed = passed, was_lost = lost;
			unsigned count = frame_sizes(passed, lost, size, 24);

			assert_true(count > 0 && count <= 24);
			for (unsigned i = 0; i < count; i++) {
				assert_true(size[i] > was_passed && size[i] < was_lost);
				assert_true(i == 0 || size[i] > size[i - 1]);
				if (size[i] <= edge)
					passed = size[i];
				else if (size[i] < lost)
					lost = size[i];
			}
		}
		assert_int_equal(passed, edge);
		assert_true(turns <= 3);
	}
	unsigned none[1];
	assert_int_equal(frame_sizes(1280, 1281, none, 1), 0);
	assert_int_equal(frame_sizes(1280, 1280, none, 1), 0);
}

static void leaks_are_named(void **state)
{
	static const struct {
		const char *what;
		struct leak_facts facts;
		enum doctor_state state;
		const char *words;
	} cases[] = {
		{ "another route is better",
		  { .what = LEAK_ROUTE, .by = "eth0", .route = "2001:db8:100::/48" },
		  DOCTOR_FAILED,
		  "leak|2001:db8:100::/48|leaves by eth0 instead of lanyard0|metric" },
		{ "a part",
		  { .what = LEAK_INNER, .by = "eth0", .route = "2001:db8:100:7::/64" },
		  DOCTOR_FAILED,
		  "leak|2001:db8:100:7::/64 is more specific|route del" },
		{ "DNS",
		  { .what = LEAK_DNS, .by = "eth0", .route = "::/0" },
		  DOCTOR_FAILED,
		  "leak: DNS server 2001:db8:100::1|by eth0" },
		{ "a rule",
		  { .what = LEAK_RULE, .by = "eth0", .route = "::/0", .rule = 77 },
		  DOCTOR_WARNING,
		  "rule 77|by eth0|priority 77" },
		{ "refused",
		  { .what = LEAK_ROUTE, .by = "", .route = "::/0" },
		  DOCTOR_FAILED,
		  "refuses|route get 2001:db8:100::1" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { .check = "leak" };
		struct leak_facts facts = cases[i].facts;

		facts.prefix = "2001:db8:100::/48";
		facts.destination = "2001:db8:100::1";
		facts.tunnel = "lanyard0";
		judge_leak(&findings, &facts);
		expect_finding(cases[i].what, &findings, cases[i].state, cases[i].words);
	}
}

/* ---- the DNS's own format ---- */

#define ID 0x1234
/* corp.example SOA IN */
static const uint8_t question[] = { 4,	 'c', 'o', 'r', 'p', 7, 'e', 'x', 'a',
				    'm', 'p', 'l', 'e', 0,   0, 6,   0,	  1 };

static void questions_are_built(void **state)
{
	static const uint8_t head[] = { 0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
	static const struct {
		const char *name;
		bool full;
	} names[] = {
		{ "", false },
		{ "a.b", false },
		{ ".a", true },
		{ "a..b", true },
		{ "123456789012345678901234567890123456789012345678901234567890123", false },
		{ "1234567890123456789012345678901234567890123456789012345678901234", true },
	};
	uint8_t bytes[QUERY_MAX];
	struct writer w = writer_over(bytes, sizeof(bytes));

	query_build(&w, ID, "corp.example", QUERY_SOA);
	assert_false(w.full);
	assert_int_equal(w.len, sizeof(head) + sizeof(question));
	assert_memory_equal(bytes, head, sizeof(head));
	assert_memory_equal(bytes + sizeof(head), question, sizeof(question));
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		w = writer_over(bytes, sizeof(bytes));
		query_build(&w, ID, names[i].name, QUERY_NS);
		if (w.full != names[i].full)
			fail_msg("'%s': full=%d", names[i].name, w.full);
	}
}

static void answers_are_told_from_the_rest(void **state)
{
	static const struct {
		const char *what;
		uint8_t head[12];
		int change; /* of the question's byte: another value; -1: none */
		uint8_t value;
		size_t cut;
		bool answers;
		unsigned rcode;
	} cases[] = {
		{ "an answer", { 0x12, 0x34, 0x81, 0x80, 0, 1 }, -1, 0, 0, true, 0 },
		{ "no such name", { 0x12, 0x34, 0x81, 0x83, 0, 1 }, -1, 0, 0, true, 3 },
		{ "in capitals", { 0x12, 0x34, 0x81, 0x80, 0, 1 }, 1, 'C', 0, true, 0 },
		{ "to another name", { 0x12, 0x34, 0x81, 0x80, 0, 1 }, 1, 'd', 0, false, 0 },
		{ "to another type", { 0x12, 0x34, 0x81, 0x80, 0, 1 }, 15, 2, 0, false, 0 },
		{ "of another class", { 0x12, 0x34, 0x81, 0x80, 0, 1 }, 17, 3, 0, false, 0 },
		{ "another number", { 0x12, 0x35, 0x81, 0x80, 0, 1 }, -1, 0, 0, false, 0 },
		{ "a question", { 0x12, 0x34, 0x01, 0x00, 0, 1 }, -1, 0, 0, false, 0 },
		{ "another operation", { 0x12, 0x34, 0xa1, 0x80, 0, 1 }, -1, 0, 0, false, 0 },
		{ "two questions", { 0x12, 0x34, 0x81, 0x80, 0, 2 }, -1, 0, 0, false, 0 },
		{ "no question, no error",
		  { 0x12, 0x34, 0x81, 0x80, 0, 0 },
		  -1,
		  0,
		  sizeof(question),
		  false,
		  0 },
		{ "no question it could read",
		  { 0x12, 0x34, 0x81, 0x81, 0, 0 },
		  -1,
		  0,
		  sizeof(question),
		  true,
		  1 },
		{ "cut", { 0x12, 0x34, 0x81, 0x80, 0, 1 }, -1, 0, 1, false, 0 },
		{ "half a head",
		  { 0x12, 0x34, 0x81, 0x80, 0, 1 },
		  -1,
		  0,
		  sizeof(question) + 1,
		  false,
		  0 },
		{ "nothing", { 0 }, -1, 0, sizeof(question) + 12, false, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t bytes[sizeof(cases[0].head) + sizeof(question)];
		unsigned rcode = 0;

		memcpy(bytes, cases[i].head, sizeof(cases[i].head));
		memcpy(bytes + sizeof(cases[i].head), question, sizeof(question));
		if (cases[i].change >= 0)
			bytes[sizeof(cases[i].head) + (size_t)cases[i].change] = cases[i].value;
		bool answers = query_answers((struct bytes) { bytes, sizeof(bytes) - cases[i].cut },
					     ID, "corp.example", QUERY_SOA, &rcode);
		if (answers != cases[i].answers || (answers && rcode != cases[i].rcode))
			fail_msg("%s: answers=%d, %u", cases[i].what, answers, rcode);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resolvers_are_judged),
		cmocka_unit_test(dns_servers_are_judged),
		cmocka_unit_test(pings_are_judged),
		cmocka_unit_test(frames_are_judged),
		cmocka_unit_test(the_edge_is_found),
		cmocka_unit_test(leaks_are_named),
		cmocka_unit_test(questions_are_built),
		cmocka_unit_test(answers_are_told_from_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
