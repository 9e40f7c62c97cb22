/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_doctor_proxy.c - what the doctor says about the way through a proxy. */
#include <stdio.h>

#include "tests/unit/client/findings.h"

#include "client/doctor_judge_proxy.h"

#define HTTP "http://192.0.2.9:3128"
#define SOCKS "socks5://192.0.2.9:1080"
#define BY_PROFILE .by = "[client] proxy"
#define BY_VARIABLE .by = "https_proxy"

static void proxies_are_judged(void **state)
{
	static const struct {
		const char *what;
		struct proxy_facts facts;
		enum doctor_state state;
		const char *words;
	} cases[] = {
		{ "none", { .proxy = "", .by = "" }, DOCTOR_OK, "no proxy is used: none is named" },
		{ "none, as the profile says",
		  { .proxy = "", BY_PROFILE },
		  DOCTOR_OK,
		  "no proxy is used: [client] proxy says so" },
		{ "exempt", { .proxy = "", .by = "no_proxy" }, DOCTOR_OK, "no_proxy says so" },
		{ "none, and the client has one",
		  { .proxy = "", .by = "", .client = HTTP },
		  DOCTOR_WARNING,
		  "goes through no proxy|the running client through " HTTP },
		{ "none, as the client",
		  { .proxy = "", .by = "", .client = "" },
		  DOCTOR_OK,
		  "none is named" },
		{ "it connects",
		  { .proxy = HTTP, BY_VARIABLE, .ms = 12 },
		  DOCTOR_OK,
		  "the proxy " HTTP " (https_proxy) connects to vpn.example port 443|12 ms" },
		{ "as the client",
		  { .proxy = HTTP, BY_VARIABLE, .client = HTTP },
		  DOCTOR_OK,
		  HTTP },
		{ "another than the client",
		  { .proxy = HTTP, BY_VARIABLE, .client = SOCKS },
		  DOCTOR_WARNING,
		  HTTP "|the running client through " SOCKS "|profile" },
		{ "the client has none",
		  { .proxy = HTTP, BY_VARIABLE, .client = "" },
		  DOCTOR_WARNING,
		  "the running client through none" },
		{ "what does not work counts more than the client",
		  { .proxy = HTTP,
		    BY_PROFILE,
		    .client = SOCKS,
		    .failure = PROXY_CLOSED,
		    .sentence = "it hung up" },
		  DOCTOR_FAILED,
		  "it hung up|web browser" },
		{ "no answer",
		  { .proxy = HTTP, BY_PROFILE, .timed_out = true, .ms = 7000 },
		  DOCTOR_FAILED,
		  "no answer from the proxy " HTTP "|vpn.example port 443|7.0 s" },
		{ "no login",
		  { .proxy = HTTP, BY_PROFILE, .failure = PROXY_WANTS_LOGIN, .sentence = "login" },
		  DOCTOR_FAILED,
		  "login|[client] proxy|http://USER:PASSWORD@HOST:PORT" },
		{ "a wrong login",
		  { .proxy = HTTP, BY_VARIABLE, .failure = PROXY_LOGIN_REFUSED, .sentence = "no" },
		  DOCTOR_FAILED,
		  "no|(https_proxy)|%40" },
		{ "forbidden",
		  { .proxy = HTTP, BY_PROFILE, .failure = PROXY_FORBIDS, .sentence = "403" },
		  DOCTOR_FAILED,
		  "403|administrator allow CONNECT to vpn.example port 443" },
		{ "unreachable",
		  { .proxy = HTTP, BY_PROFILE, .failure = PROXY_CANNOT_REACH, .sentence = "502" },
		  DOCTOR_FAILED,
		  "502|vpn.example is a name that the proxy knows" },
		{ "no proxy there",
		  { .proxy = HTTP, BY_VARIABLE, .failure = PROXY_NO_PROXY, .sentence = "web" },
		  DOCTOR_FAILED,
		  "web|(https_proxy)|socks5://" },
		{ "something else",
		  { .proxy = HTTP, BY_PROFILE, .failure = PROXY_BROKEN, .sentence = "500" },
		  DOCTOR_FAILED,
		  "500|its log" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { .check = "proxy" };
		struct proxy_facts facts = cases[i].facts;

		facts.host = "vpn.example";
		facts.port = 443;
		judge_proxy(&findings, &facts);
		expect_finding(cases[i].what, &findings, cases[i].state, cases[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(proxies_are_judged) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
