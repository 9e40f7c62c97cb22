/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_proxy_talk.c
 *
 * What is said to a proxy, byte for byte, and what becomes of each answer; and that what follows the
 * answer is left for whom it is meant.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "client/proxy_talk.h"

#define HTTP "http://proxy.example:3128"
#define HTTP_LOGIN "http://alice:s%3Acret@proxy.example:3128"
#define SOCKS "socks5://proxy.example:1080"
#define SOCKS_LOGIN "socks5://alice:s%3Acret@proxy.example:1080"
#define SERVERS "\x16\x03\x03" /* what the server says first: not the proxy's */

#define CONNECT "CONNECT vpn.example:443 HTTP/1.1\r\nHost: vpn.example:443\r\n"
#define BASIC "Proxy-Authorization: Basic YWxpY2U6czpjcmV0\r\n"
#define ESTABLISHED "HTTP/1.1 200 Connection established\r\n\r\n"

#define HELLO "\5\1\0"
#define HELLO_LOGIN "\5\2\0\2"
#define LOGIN "\1\5alice\6s:cret"
#define ASK_NAME "\5\1\0\3\x0bvpn.example\1\xbb"
#define REPLY_4 "\5\0\0\1\xc0\0\2\1\1\xbb"

/* Literals with NULs in them. */
#define B(literal)                                              \
	{                                                       \
		(const uint8_t *)(literal), sizeof(literal) - 1 \
	}

struct spoken {
	uint8_t said[4096];
	size_t said_len, taken; /* taken: of what the proxy has to say */
	enum proxy_failure failure;
	bool over;
	struct err err;
};

/* The proxy has all it will say ready, and `at_once` bytes of it come at a time. */
static void speak(const char *url, const char *host, struct bytes answer, size_t at_once,
		  struct spoken *spoken)
{
	struct proxy proxy;
	struct proxy_talk *talk;
	struct err err = { 0 };

	*spoken = (struct spoken) { 0 };
	assert_int_equal(proxy_parse(&proxy, url, &err), 0);
	talk = proxy_talk_new(&proxy, host, 443);
	assert_non_null(talk);
	while (!proxy_talk_over(talk)) {
		struct bytes out = proxy_talk_output(talk);
		size_t cap, len = out.len < at_once ? out.len : at_once;
		void *room = proxy_talk_room(talk, &cap);

		assert_true((out.len > 0) != (cap > 0));
		if (len > 0) {
			assert_true(spoken->said_len + len <= sizeof(spoken->said));
			memcpy(spoken->said + spoken->said_len, out.data, len);
			spoken->said_len += len;
			proxy_talk_sent(talk, len);
			continue;
		}
		len = answer.len - spoken->taken;
		if (len > cap)
			len = cap;
		if (len > at_once)
			len = at_once;
		if (len == 0) {
			proxy_talk_lost(talk);
			continue;
		}
		memcpy(room, answer.data + spoken->taken, len);
		spoken->taken += len;
		proxy_talk_received(talk, len);
	}
	spoken->over = true;
	spoken->failure = proxy_talk_failure(talk, &spoken->err);
	proxy_talk_free(talk);
}

static const size_t pieces[] = { 1, 2, 7, SIZE_MAX };

static void what_is_said_to_whom(void **state)
{
	static const struct {
		const char *what, *url, *host;
		struct bytes answer, said;
	} cases[] = {
		{ "HTTP", HTTP, "vpn.example", B(ESTABLISHED), B(CONNECT "\r\n") },
		{ "HTTP with a login", HTTP_LOGIN, "vpn.example", B(ESTABLISHED),
		  B(CONNECT BASIC "\r\n") },
		{ "HTTP, IPv4", HTTP, "192.0.2.1", B(ESTABLISHED),
		  B("CONNECT 192.0.2.1:443 HTTP/1.1\r\nHost: 192.0.2.1:443\r\n\r\n") },
		{ "HTTP, IPv6", HTTP, "2001:db8::1", B(ESTABLISHED),
		  B("CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n\r\n") },
		{ "HTTP/1.0", HTTP, "vpn.example", B("HTTP/1.0 200 OK\r\n\r\n"),
		  B(CONNECT "\r\n") },
		{ "no reason", HTTP, "vpn.example", B("HTTP/1.1 200\r\n\r\n"), B(CONNECT "\r\n") },
		{ "lone newlines", HTTP, "vpn.example", B("HTTP/1.1 200 OK\nA: b\n\n"),
		  B(CONNECT "\r\n") },
		{ "headers that do not count", HTTP, "vpn.example",
		  B("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA:\r\n b\r\n\r\n"),
		  B(CONNECT "\r\n") },
		{ "any status from 200 to 299", HTTP, "vpn.example", B("HTTP/1.1 299 X\r\n\r\n"),
		  B(CONNECT "\r\n") },
		{ "interim replies", HTTP, "vpn.example",
		  B("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Wait\r\nA: b\r\n\r\n" ESTABLISHED),
		  B(CONNECT "\r\n") },
		{ "SOCKS", SOCKS, "vpn.example", B("\5\0" REPLY_4), B(HELLO ASK_NAME) },
		{ "SOCKS with a login", SOCKS_LOGIN, "vpn.example", B("\5\2\1\0" REPLY_4),
		  B(HELLO_LOGIN LOGIN ASK_NAME) },
		{ "SOCKS with a login that nobody wants", SOCKS_LOGIN, "vpn.example",
		  B("\5\0" REPLY_4), B(HELLO_LOGIN ASK_NAME) },
		{ "SOCKS, IPv4", SOCKS, "192.0.2.1", B("\5\0" REPLY_4),
		  B(HELLO "\5\1\0\1\xc0\0\2\1\1\xbb") },
		{ "SOCKS, IPv6", SOCKS, "2001:db8::1",
		  B("\5\0\5\0\0\4\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1\1\xbb"),
		  B(HELLO "\5\1\0\4\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1\1\xbb") },
		{ "bound to a name", SOCKS, "vpn.example", B("\5\0\5\0\0\3\3abc\1\xbb"),
		  B(HELLO ASK_NAME) },
		{ "bound to an empty name", SOCKS, "vpn.example", B("\5\0\5\0\0\3\0\1\xbb"),
		  B(HELLO ASK_NAME) },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases) * ARRAY_LEN(pieces); i++) {
		const size_t row = i / ARRAY_LEN(pieces), at_once = pieces[i % ARRAY_LEN(pieces)];
		struct bytes answer = cases[row].answer;
		uint8_t all[512];
		struct spoken spoken;

		memcpy(all, answer.data, answer.len);
		memcpy(all + answer.len, SERVERS, sizeof(SERVERS));
		speak(cases[row].url, cases[row].host,
		      (struct bytes) { all, answer.len + sizeof(SERVERS) }, at_once, &spoken);
		if (spoken.failure != PROXY_FINE || spoken.taken != answer.len)
			fail_msg("%s, %zu: %zu of %zu, %s", cases[row].what, at_once, spoken.taken,
				 answer.len, spoken.err.text);
		if (spoken.said_len != cases[row].said.len ||
		    memcmp(spoken.said, cases[row].said.data, spoken.said_len) != 0)
			fail_msg("%s: %.*s", cases[row].what, (int)spoken.said_len,
				 (char *)spoken.said);
	}
}

#define WANTS(offers) "HTTP/1.1 407 Login\r\n" offers "\r\n\r\n"
#define BY(ways) "wants a login by " ways ", and this client can log in by Basic only"

static void what_becomes_of_each_refusal(void **state)
{
	static const char no_login[] = "wants a user and a password, and has got none";
	static const char refused[] = "refuses the user 'alice' or the password";
	static const char no_http[] = "does not answer as an HTTP proxy";
	static const char no_socks[] = "does not answer as a SOCKS 5 proxy";
	static const char no_way[] = "wants a way to log in that this client has not";
	static const struct {
		const char *url;
		struct bytes answer;
		enum proxy_failure failure;
		const char *sentence;
	} cases[] = {
		{ HTTP, B(""), PROXY_CLOSED,
		  "closed the connection instead of its answer to CONNECT" },
		{ HTTP, B("HTTP/1.1 200 OK\r\n"), PROXY_CLOSED,
		  "closed the connection in the middle of its answer to CONNECT" },
		{ HTTP, B("SSH-2.0-OpenSSH\r\n"), PROXY_NO_PROXY, no_http },
		{ HTTP, B("\5\0"), PROXY_NO_PROXY, no_http },
		{ HTTP, B("HTTP/2.0 200 OK\r\n\r\n"), PROXY_NO_PROXY, no_http },
		{ HTTP, B("HTTP/1.1  200 OK\r\n\r\n"), PROXY_NO_PROXY, no_http },
		{ HTTP, B("HTTP/1.1 2000\r\n\r\n"), PROXY_NO_PROXY, no_http },
		{ HTTP, B("HTTP/1.1 20\r\n\r\n"), PROXY_NO_PROXY, no_http },
		{ HTTP, B("HTTP/1.1 2x0 OK\r\n\r\n"), PROXY_NO_PROXY, no_http },
		{ HTTP, B("\r\n\r\n" ESTABLISHED), PROXY_NO_PROXY, no_http },
		{ HTTP, B("HTTP/1.1 100 Go on\r\n\r\nnonsense\r\n\r\n"), PROXY_NO_PROXY, no_http },
		{ HTTP, B("HTTP/1.1 403 No\r\n\r\n"), PROXY_FORBIDS,
		  "forbids connections to vpn.example port 443 (status 403)" },
		{ HTTP, B("HTTP/1.1 405 No\r\n\r\n"), PROXY_FORBIDS,
		  "forbids connections to vpn.example port 443 (status 405)" },
		{ HTTP, B("HTTP/1.1 502 No\r\n\r\n"), PROXY_CANNOT_REACH,
		  "cannot connect to vpn.example port 443 (status 502)" },
		{ HTTP, B("HTTP/1.1 503 No\r\n\r\n"), PROXY_CANNOT_REACH,
		  "cannot connect to vpn.example port 443 (status 503)" },
		{ HTTP, B("HTTP/1.1 504 No\r\n\r\n"), PROXY_CANNOT_REACH,
		  "cannot connect to vpn.example port 443 (status 504)" },
		{ HTTP, B("HTTP/1.1 302 \x1b[31m\r\nLocation: x\r\n\r\n"), PROXY_BROKEN,
		  "does not connect to vpn.example port 443 (status 302)" },
		{ HTTP, B("HTTP/1.1 199 X\r\n\r\nHTTP/1.1 300 X\r\n\r\n"), PROXY_BROKEN,
		  "does not connect to vpn.example port 443 (status 300)" },
		{ HTTP, B(WANTS("Proxy-Authenticate: Basic realm=\"x\"")), PROXY_WANTS_LOGIN,
		  no_login },
		{ HTTP, B("HTTP/1.1 401 No\r\n\r\n"), PROXY_WANTS_LOGIN, no_login },
		{ HTTP_LOGIN, B("HTTP/1.1 401 No\r\n\r\n"), PROXY_LOGIN_REFUSED, refused },
		{ HTTP, B(WANTS("proxy-authenticate:basic")), PROXY_WANTS_LOGIN, no_login },
		{ HTTP_LOGIN, B(WANTS("Proxy-Authenticate: Basic realm=\"x\"")),
		  PROXY_LOGIN_REFUSED, refused },
		{ HTTP_LOGIN, B(WANTS("Proxy-Authenticate: NTLM")), PROXY_WANTS_LOGIN, BY("NTLM") },
		{ HTTP, B(WANTS("Proxy-Authenticate: Negotiate YWI=\r\nProxy-Authenticate: NTLM")),
		  PROXY_WANTS_LOGIN, BY("Negotiate, NTLM") },
		{ HTTP,
		  B(WANTS("Proxy-Authenticate: Digest realm = \"a, Basic b\", nonce=\"\\\", "
			  "Basic x\", Bearer")),
		  PROXY_WANTS_LOGIN, BY("Digest, Bearer") },
		{ HTTP, B(WANTS("Proxy-Authenticate: Digest realm=a, Basic realm=b")),
		  PROXY_WANTS_LOGIN, no_login },
		{ HTTP, B(WANTS("WWW-Authenticate: Basic")), PROXY_WANTS_LOGIN,
		  BY("a way that it does not name") },
		{ HTTP, B(WANTS("Proxy-Authenticate: \x1b[31m")), PROXY_WANTS_LOGIN,
		  BY("a way that it does not name") },
		{ HTTP, B(WANTS("Proxy-Authenticate: Basics")), PROXY_WANTS_LOGIN, BY("Basics") },
		{ SOCKS, B(""), PROXY_CLOSED,
		  "closed the connection instead of its choice of a way to log in" },
		{ SOCKS, B("\5"), PROXY_CLOSED,
		  "closed the connection in the middle of its choice of a way to log in" },
		{ SOCKS, B("\5\0"), PROXY_CLOSED,
		  "closed the connection instead of its answer to the connection" },
		{ SOCKS, B("\5\0\5\0\0\1\x7f\0\0"), PROXY_CLOSED,
		  "closed the connection in the middle of its answer to the connection" },
		{ SOCKS, B("HTTP/1.1 400 Bad\r\n"), PROXY_NO_PROXY, no_socks },
		{ SOCKS, B("\4\0"), PROXY_NO_PROXY, no_socks },
		{ SOCKS, B("\5\xff"), PROXY_WANTS_LOGIN, no_login },
		{ SOCKS_LOGIN, B("\5\xff"), PROXY_WANTS_LOGIN, no_way },
		{ SOCKS, B("\5\1"), PROXY_WANTS_LOGIN, no_way },
		{ SOCKS, B("\5\2\1\0"), PROXY_WANTS_LOGIN, no_way }, /* it was not offered */
		{ SOCKS_LOGIN, B("\5\2"), PROXY_CLOSED,
		  "closed the connection instead of its answer to the login" },
		{ SOCKS_LOGIN, B("\5\2\1\1"), PROXY_LOGIN_REFUSED, refused },
		{ SOCKS_LOGIN, B("\5\2\1\xff"), PROXY_LOGIN_REFUSED, refused },
		{ SOCKS_LOGIN, B("\5\2\5\0"), PROXY_NO_PROXY, no_socks },
		{ SOCKS, B("\5\0\4\0\0\1"), PROXY_NO_PROXY, no_socks },
		{ SOCKS, B("\5\0\5\0\0\2"), PROXY_NO_PROXY, no_socks },
		{ SOCKS, B("\5\0\5\1\0\1"), PROXY_BROKEN,
		  "does not connect to vpn.example port 443: it failed itself (reply 1)" },
		{ SOCKS, B("\5\0\5\2\0\0"), PROXY_FORBIDS,
		  "does not connect to vpn.example port 443: its rules forbid it (reply 2)" },
		{ SOCKS, B("\5\0\5\3\0\1"), PROXY_CANNOT_REACH,
		  "does not connect to vpn.example port 443: it has no way to that network "
		  "(reply 3)" },
		{ SOCKS, B("\5\0\5\5\0\1"), PROXY_CANNOT_REACH,
		  "does not connect to vpn.example port 443: the connection is refused there "
		  "(reply 5)" },
		{ SOCKS, B("\5\0\5\x09\0\1"), PROXY_BROKEN,
		  "does not connect to vpn.example port 443: it does not say why (reply 9)" },
		{ SOCKS, B("\5\0\5\xff\0\1"), PROXY_BROKEN,
		  "does not connect to vpn.example port 443: it does not say why (reply 255)" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases) * ARRAY_LEN(pieces); i++) {
		const size_t row = i / ARRAY_LEN(pieces), at_once = pieces[i % ARRAY_LEN(pieces)];
		struct spoken spoken;

		speak(cases[row].url, "vpn.example", cases[row].answer, at_once, &spoken);
		const char *said = spoken.err.text;
		const char *rest = strstr(said, cases[row].sentence);

		if (spoken.failure != cases[row].failure || strncmp(said, "the proxy ", 10) != 0 ||
		    !rest || strcmp(rest, cases[row].sentence) != 0 ||
		    spoken.err.kind != ERR_CONNECT)
			fail_msg("row %zu, '%s': %d %s", row, cases[row].sentence,
				 (int)spoken.failure, said);
		if (strstr(said, "cret"))
			fail_msg("row %zu: the password is in '%s'", row, said);
	}
}

static void an_answer_without_end_is_not_read_for_ever(void **state)
{
	static const char *const beginnings[] = {
		"HTTP/1.1 200 OK\r\n",
		"HTTP/1.1 200 ",
		"HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 200 OK\r\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(beginnings); i++) {
		const size_t len = 4 * PROXY_REPLY_MAX;
		uint8_t *answer = malloc(len);
		struct spoken spoken;

		assert_non_null(answer);
		for (size_t k = 0; k < len; k++)
			answer[k] = "X-More: more\r\n"[k % 14];
		memcpy(answer, beginnings[i], strlen(beginnings[i]));
		speak(HTTP, "vpn.example", (struct bytes) { answer, len }, SIZE_MAX, &spoken);
		free(answer);
		if (spoken.failure != PROXY_BROKEN || spoken.taken != PROXY_REPLY_MAX ||
		    !strstr(spoken.err.text, "does not come to an end of its answer in 16 KiB"))
			fail_msg("'%s': %zu bytes, %s", beginnings[i], spoken.taken,
				 spoken.err.text);
	}
}

static void the_longest_of_all_fits(void **state)
{
	static const char *const urls[] = { HTTP, SOCKS };
	char host[254], login[256];

	memset(host, 'a', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	memset(login, 'b', sizeof(login) - 1);
	login[sizeof(login) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		static const struct bytes answers[] = { B(ESTABLISHED), B("\5\2\1\0" REPLY_4) };
		char url[1024];
		struct spoken spoken;

		snprintf(url, sizeof(url), "%s://%s:%s@%s:65535", i == 0 ? "http" : "socks5", login,
			 login, "proxy.example");
		speak(url, host, answers[i], SIZE_MAX, &spoken);
		if (spoken.failure != PROXY_FINE)
			fail_msg("%s: %s", urls[i], spoken.err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said_to_whom),
		cmocka_unit_test(what_becomes_of_each_refusal),
		cmocka_unit_test(an_answer_without_end_is_not_read_for_ever),
		cmocka_unit_test(the_longest_of_all_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
