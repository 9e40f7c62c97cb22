/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_doctor_outside.c - what the doctor says about the way to the server. */
#include <stdio.h>

#include "tests/unit/client/findings.h"

#include <errno.h>
#include <netdb.h>

#include "client/doctor_judge_outside.h"

#define DAY 86400
#define NOW 1795000000 /* 2026-11-18 */

static void names_are_judged(void **state)
{
	static const struct {
		const char *what;
		struct name_facts facts;
		enum doctor_state state;
		const char *words;
	} cases[] = {
		{ "found",
		  { .host = "a.example", .addresses = "192.0.2.1, 2001:db8::1" },
		  DOCTOR_OK,
		  "a.example|192.0.2.1|2001:db8::1" },
		{ "an address",
		  { .host = "192.0.2.1", .is_address = true },
		  DOCTOR_OK,
		  "no name to look up" },
		{ "no such host",
		  { .host = "a.example", .said_by = "[client] server", .error = EAI_NONAME },
		  DOCTOR_FAILED,
		  "no host a.example|[client] server" },
		{ "no such proxy",
		  { .host = "p.example", .said_by = "https_proxy", .error = EAI_NONAME },
		  DOCTOR_FAILED,
		  "no host p.example|correct https_proxy, or" },
		{ "nobody to ask",
		  { .host = "a.example", .error = EAI_AGAIN },
		  DOCTOR_FAILED,
		  "no nameserver answers|resolv.conf" },
		{ "no answer",
		  { .host = "a.example", .timed_out = true, .limit_s = 6 },
		  DOCTOR_FAILED,
		  "no answer|6 s|online" },
		{ "something else",
		  { .host = "a.example", .error = EAI_FAIL },
		  DOCTOR_FAILED,
		  "cannot be resolved" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { .check = "name" };

		judge_name(&findings, &cases[i].facts);
		expect_finding(cases[i].what, &findings, cases[i].state, cases[i].words);
	}
}

static void connections_are_judged(void **state)
{
	static const struct {
		const char *what;
		struct tcp_facts facts;
		enum doctor_state state;
		const char *words;
	} cases[] = {
		{ "connected", { .ms = 7 }, DOCTOR_OK, "TCP to [::1]:443|7 ms" },
		{ "refused", { .error = ECONNREFUSED }, DOCTOR_FAILED, "refused|lanyard server" },
		{ "a proxy refuses",
		  { .error = ECONNREFUSED, .is_proxy = true },
		  DOCTOR_FAILED,
		  "refused|whether the proxy runs" },
		{ "a proxy is silent",
		  { .timed_out = true, .ms = 3000, .is_proxy = true },
		  DOCTOR_FAILED,
		  "the proxy is down" },
		{ "refused, another works",
		  { .error = ECONNREFUSED, .other = true },
		  DOCTOR_WARNING,
		  "refused" },
		{ "dropped",
		  { .timed_out = true, .ms = 3000 },
		  DOCTOR_FAILED,
		  "no answer|3.0 s|firewall on the way" },
		{ "the kernel gave up",
		  { .error = ETIMEDOUT },
		  DOCTOR_FAILED,
		  "timed out|firewall on the way" },
		{ "dropped, another works",
		  { .timed_out = true, .ms = 3000, .other = true },
		  DOCTOR_WARNING,
		  "no answer" },
		{ "no network", { .error = ENETUNREACH }, DOCTOR_FAILED, "no route there" },
		{ "no network of this family",
		  { .error = ENETUNREACH, .other = true },
		  DOCTOR_OK,
		  "family" },
		{ "our own firewall",
		  { .error = EACCES },
		  DOCTOR_FAILED,
		  "firewall of this machine" },
		{ "something else", { .error = EHOSTUNREACH }, DOCTOR_FAILED, "No route to host" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { .check = "tcp" };
		struct tcp_facts facts = cases[i].facts;

		facts.address = "[::1]:443";
		judge_tcp(&findings, &facts);
		expect_finding(cases[i].what, &findings, cases[i].state, cases[i].words);
	}
}

#define OURS                                                               \
	{                                                                  \
		.signed_by_ours = true, .in_time = true, .name_fits = true \
	}
#define PORTAL                                                                        \
	{                                                                             \
		.status = 302, .location = "http://login.example/", .elsewhere = true \
	}

static void who_answers_is_judged(void **state)
{
	static const struct {
		const char *what;
		struct server_facts facts;
		enum doctor_state state;
		const char *words;
	} cases[] = {
		{ "our server",
		  { .any_shown = true, .shown = OURS },
		  DOCTOR_OK,
		  "vpn.example|signed by the CA" },
		{ "an interceptor",
		  { .failure = TLS_FAILURE_CERTIFICATE,
		    .any_shown = true,
		    .shown = { .subject = "CN=vpn.example", .issuer = "O=Evil, CN=Proxy" } },
		  DOCTOR_FAILED,
		  "somebody else answers|O=Evil, CN=Proxy|unopened" },
		{ "an interceptor that is a portal",
		  { .failure = TLS_FAILURE_CERTIFICATE,
		    .any_shown = true,
		    .shown = { .issuer = "CN=Hotel" },
		    .http = PORTAL },
		  DOCTOR_FAILED,
		  "captive portal|http://login.example/|web browser" },
		{ "ours, with a portal's answer besides: it got through",
		  { .failure = TLS_FAILURE_CERTIFICATE,
		    .any_shown = true,
		    .shown = { .signed_by_ours = true, .in_time = true },
		    .sentence = "the name is wrong",
		    .http = PORTAL },
		  DOCTOR_FAILED,
		  "the name is wrong" },
		{ "ours by another name",
		  { .failure = TLS_FAILURE_CERTIFICATE,
		    .any_shown = true,
		    .sentence = "it is for 'b', not 'a'",
		    .shown = { .signed_by_ours = true, .in_time = true } },
		  DOCTOR_FAILED,
		  "it is for 'b'|[client] name" },
		{ "ours at another time: that is the clock's",
		  { .failure = TLS_FAILURE_CERTIFICATE,
		    .any_shown = true,
		    .shown = { .signed_by_ours = true, .name_fits = true } },
		  DOCTOR_OK,
		  "our server answers" },
		{ "ours and not good otherwise",
		  { .failure = TLS_FAILURE_CERTIFICATE,
		    .any_shown = true,
		    .sentence = "it is made for a client",
		    .shown = OURS },
		  DOCTOR_FAILED,
		  "made for a client" },
		{ "a web server",
		  { .failure = TLS_FAILURE_NOT_TLS, .http = { .status = 200 }, .sentence = "?" },
		  DOCTOR_FAILED,
		  "web server|200|port is right" },
		{ "a portal's web server",
		  { .failure = TLS_FAILURE_NOT_TLS, .http = PORTAL, .sentence = "?" },
		  DOCTOR_FAILED,
		  "captive portal" },
		{ "something else that talks",
		  { .failure = TLS_FAILURE_NOT_TLS, .sentence = "the server speaks SSH" },
		  DOCTOR_FAILED,
		  "speaks SSH" },
		{ "nobody", { .timed_out = true }, DOCTOR_FAILED, "nobody answers the TLS" },
		{ "a portal that swallows TLS",
		  { .timed_out = true, .http = PORTAL },
		  DOCTOR_FAILED,
		  "captive portal" },
		{ "cut",
		  { .failure = TLS_FAILURE_CLOSED, .sentence = "it closed" },
		  DOCTOR_FAILED,
		  "it closed|cut TLS" },
		{ "old TLS",
		  { .failure = TLS_FAILURE_VERSION, .sentence = "no TLS 1.3" },
		  DOCTOR_FAILED,
		  "no TLS 1.3|proxy" },
		{ "not Lanyard",
		  { .failure = TLS_FAILURE_ALPN, .sentence = "no ALPN" },
		  DOCTOR_FAILED,
		  "no ALPN|proxy" },
		{ "an alert",
		  { .failure = TLS_FAILURE_REFUSED, .sentence = "it refused" },
		  DOCTOR_FAILED,
		  "it refused|log" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { .check = "server" };
		struct server_facts facts = cases[i].facts;

		facts.address = "192.0.2.1:443";
		facts.name = "vpn.example";
		judge_server(&findings, &facts);
		expect_finding(cases[i].what, &findings, cases[i].state, cases[i].words);
	}
}

static void the_clock_is_judged(void **state)
{
	static const struct {
		const char *what;
		int64_t own_from_s, own_until_s; /* against now */
		bool shown;
		int64_t server_from_s, server_until_s;
		enum doctor_state state;
		const char *words;
	} cases[] = {
		{ "in both", -DAY, 300 * DAY, true, -DAY, 90 * DAY, DOCTOR_OK,
		  "both certificates; the profile's ends on" },
		{ "in ours, and no other was seen", -DAY, 300 * DAY, false, 0, 0, DOCTOR_OK,
		  "the profile's certificate, which ends on" },
		{ "before ours", 3 * DAY, 300 * DAY, false, 0, 0, DOCTOR_FAILED,
		  "at least 3 days behind|the profile's|set the clock" },
		{ "before the server's", -DAY, 300 * DAY, true, 5 * DAY, 90 * DAY, DOCTOR_FAILED,
		  "at least 5 days behind|the server's" },
		{ "before both: the later one says more", 2 * DAY, 300 * DAY, true, 800 * DAY,
		  900 * DAY, DOCTOR_FAILED, "at least 2 years behind|the server's" },
		{ "before both, ours the later", 7200, 300 * DAY, true, 60, 900 * DAY,
		  DOCTOR_FAILED, "at least 2 hours behind|the profile's" },
		{ "a minute before", 61, 300 * DAY, false, 0, 0, DOCTOR_FAILED,
		  "at least 2 minutes behind" },
		{ "at the first second", 0, 300 * DAY, true, 0, 90 * DAY, DOCTOR_OK, "" },
		{ "after ours", -400 * DAY, -10 * DAY, false, 0, 0, DOCTOR_FAILED,
		  "is over|10 days ahead|lanyard user profile alice" },
		{ "after the server's", -400 * DAY, 300 * DAY, true, -90 * DAY, -2 * DAY,
		  DOCTOR_FAILED, "the server's|2 days ahead" },
		{ "soon after", -400 * DAY, 13 * DAY, false, 0, 0, DOCTOR_WARNING,
		  "ends on|lanyard user profile alice" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { .check = "clock" };
		struct clock_facts facts = {
			.now_s = NOW,
			.own_from_s = NOW + cases[i].own_from_s,
			.own_until_s = NOW + cases[i].own_until_s,
			.server_shown = cases[i].shown,
			.server_from_s = NOW + cases[i].server_from_s,
			.server_until_s = NOW + cases[i].server_until_s,
			.user = "alice",
		};

		judge_clock(&findings, &facts);
		expect_finding(cases[i].what, &findings, cases[i].state, cases[i].words);
	}
}

static void the_clock_of_a_profile_without_a_certificate(void **state)
{
	static const struct {
		const char *what;
		bool shown;
		int64_t from_s, until_s;
		enum doctor_state state;
		const char *words;
	} cases[] = {
		{ "nothing to go by", false, 0, 0, DOCTOR_OK, "the profile has none" },
		{ "the server's", true, -DAY, DAY, DOCTOR_OK, "fits the server's certificate" },
		{ "not yet", true, DAY, 2 * DAY, DOCTOR_FAILED, "the server's certificate" },
		{ "over", true, -2 * DAY, -DAY, DOCTOR_FAILED, "the server's certificate ended" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { 0 };
		struct clock_facts facts = {
			.now_s = NOW,
			.server_shown = cases[i].shown,
			.server_from_s = NOW + cases[i].from_s,
			.server_until_s = NOW + cases[i].until_s,
			.user = "alice",
		};

		judge_clock(&findings, &facts);
		expect_finding(cases[i].what, &findings, cases[i].state, cases[i].words);
	}
}

static void handshakes_are_judged(void **state)
{
	struct findings quick = { 0 }, slow = { 0 };

	judge_handshake(&quick, 3, 2000);
	expect_finding("quick enough", &quick, DOCTOR_OK, "2000 ms|3 ms");
	judge_handshake(&slow, 3, 2001);
	expect_finding("slow", &slow, DOCTOR_WARNING, "2001 ms");
}

static void logins_are_judged(void **state)
{
	static const struct {
		const char *what;
		struct login_facts facts;
		enum doctor_state state;
		const char *words;
	} cases[] = {
		{ "ours", { .sentence = "", .user = "alice", .ms = 9 }, DOCTOR_OK, "alice|9 ms" },
		{ "ours, of nobody by name",
		  { .sentence = "", .user = "" },
		  DOCTOR_OK,
		  "the profile's user" },
		{ "unknown",
		  { .sentence = "unknown user", .kind = ERR_LOGIN, .user = "" },
		  DOCTOR_FAILED,
		  "unknown user|add the user" },
		{ "not trusted",
		  { .sentence = "refused", .kind = ERR_CERTIFICATE, .user = "" },
		  DOCTOR_FAILED,
		  "refused|new profile" },
		{ "full",
		  { .sentence = "it is full", .kind = ERR_CONNECT, .user = "" },
		  DOCTOR_FAILED,
		  "it is full|another device" },
		{ "slow",
		  { .sentence = "slow", .kind = ERR_TIMEOUT, .user = "" },
		  DOCTOR_FAILED,
		  "overloaded" },
		{ "the client is",
		  { .daemon_state = "up", .sentence = "", .user = "alice" },
		  DOCTOR_OK,
		  "running client|alice" },
		{ "the client is not",
		  { .daemon_state = "waiting", .sentence = "no answer", .user = "alice" },
		  DOCTOR_FAILED,
		  "waiting|no answer|by itself" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct findings findings = { .check = "login" };

		judge_login(&findings, &cases[i].facts);
		expect_finding(cases[i].what, &findings, cases[i].state, cases[i].words);
	}
}

static void answers_of_web_servers_are_read(void **state)
{
	static const struct {
		const char *what, *answer;
		unsigned status;
		bool portal;
		const char *location;
	} cases[] = {
		{ "none", "", 0, false, "" },
		{ "a page", "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", 200, false, "" },
		{ "to another host",
		  "HTTP/1.1 302 Found\r\nServer: x\r\nLocation: http://login.example/x\r\n\r\n",
		  302, true, "http://login.example/x" },
		{ "to itself", "HTTP/1.0 301 x\r\nlocation:https://VPN.example/\r\n", 301, false,
		  "https://VPN.example/" },
		{ "to itself on another port", "HTTP/1.0 301 x\nlocation: https://vpn.example:8443",
		  301, false, "https://vpn.example:8443" },
		{ "to a host that begins like it",
		  "HTTP/1.0 307 x\r\nLocation: http://vpn.example.evil/", 307, true,
		  "http://vpn.example.evil/" },
		{ "to a host that it begins with", "HTTP/1.0 307 x\r\nLocation: http://vpn.exam/",
		  307, true, "http://vpn.exam/" },
		{ "to a path", "HTTP/1.0 302 x\r\nLocation: /login\r\n", 302, false, "/login" },
		{ "a page with an address is no portal",
		  "HTTP/1.0 200 x\r\nLocation: http://login.example/", 200, false,
		  "http://login.example/" },
		{ "log in to the network", "HTTP/1.1 511 x\r\n\r\n", 511, true, "" },
		{ "behind the head", "HTTP/1.1 302 x\r\n\r\nLocation: http://login.example/", 302,
		  false, "" },
		{ "not HTTP", "SSH-2.0-OpenSSH\r\nLocation: http://login.example/", 0, false, "" },
		{ "half a line", "HTTP/1.1 30", 0, false, "" },
		{ "letters", "HTTP/1.1 3x2 Found\r\n", 0, false, "" },
		{ "what a terminal must not see", "HTTP/1.1 302 x\r\nLocation: \033[2J\r\n", 302,
		  false, "\\x1b[2J" },
		{ "half a scheme", "HTTP/1.1 302 x\r\nLocation: http:/", 302, false, "http:/" },
		{ "no host", "HTTP/1.1 302 x\r\nLocation: http://", 302, false, "http://" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_facts facts;
		struct bytes answer = { (const uint8_t *)cases[i].answer, strlen(cases[i].answer) };

		http_read(answer, "vpn.example", &facts);
		if (facts.status != cases[i].status || http_is_portal(&facts) != cases[i].portal ||
		    strcmp(facts.location, cases[i].location) != 0)
			fail_msg("%s: %u, %d, '%s'", cases[i].what, facts.status,
				 http_is_portal(&facts), facts.location);
	}
}

static void a_full_list_keeps_what_came_first(void **state)
{
	struct findings findings = { .check = "x" };

	for (unsigned i = 0; i < DOCTOR_MAX_FINDINGS + 5; i++) {
		finding_add(&findings, DOCTOR_FAILED, "number %u", i);
		finding_advise(&findings, "advice %u", i);
	}
	assert_int_equal(findings.count, DOCTOR_MAX_FINDINGS);
	assert_string_equal(findings.row[0].detail, "number 0");
	assert_string_equal(findings.row[DOCTOR_MAX_FINDINGS - 1].detail, "number 63");
	assert_string_equal(findings.row[DOCTOR_MAX_FINDINGS - 1].advice, "advice 63");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_judged),
		cmocka_unit_test(connections_are_judged),
		cmocka_unit_test(who_answers_is_judged),
		cmocka_unit_test(the_clock_is_judged),
		cmocka_unit_test(the_clock_of_a_profile_without_a_certificate),
		cmocka_unit_test(handshakes_are_judged),
		cmocka_unit_test(logins_are_judged),
		cmocka_unit_test(answers_of_web_servers_are_read),
		cmocka_unit_test(a_full_list_keeps_what_came_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
